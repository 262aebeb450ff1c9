package history

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/draft/drafttest"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/textdiff"
)

var (
	salma  = policy.Actor{Person: "pe_salma", Session: "s1", Agency: "ag_mun", Roles: []policy.Role{policy.Representative}}
	omar   = policy.Actor{Person: "pe_omar", Session: "s2", Agency: "ag_rta", Roles: []policy.Role{policy.Representative}}
	yasmin = policy.Actor{Person: "pe_yasmin", Session: "s3", Agency: "ag_mun", Roles: []policy.Role{policy.Reader}}
)

// joint is a guideline of two agencies; writable says whether its state lets the text change.
type joint struct{ frozen bool }

func (j *joint) Facts(context.Context, *db.Tx, string) (policy.Facts, error) {
	state := "draft"
	if j.frozen {
		state = "in_review"
	}
	return policy.Facts{Agency: "ag_mun", Agencies: []string{"ag_mun", "ag_rta"}, Visibility: policy.ToAgencies, State: state,
		Flags: map[string]bool{"writer:ag_rta": true, "writable": !j.frozen}}, nil
}

func (j *joint) Actor(_ context.Context, was policy.Actor) (policy.Actor, error) { return was, nil }

type world struct {
	t       testing.TB
	db      *db.DB
	id      string
	rights  *joint
	drafts  *draft.Service
	history *Service
	// what the log holds
	text    changeset.Text
	version int64
	at      db.Time
}

func newWorld(t testing.TB, d *db.DB, text string) *world {
	w := &world{t: t, db: d, rights: &joint{}, text: changeset.NewText(text), at: db.At(time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC))}
	w.drafts = draft.New(d, w.rights, bus.NewMemory(), slog.New(slog.DiscardHandler), draft.Options{})
	w.history = New(d, w.rights, w.drafts, slog.New(slog.DiscardHandler))
	w.do(func(tx *db.Tx) (err error) {
		if w.id, err = draft.Create(t.Context(), tx, "ed_1", text); err != nil {
			return err
		}
		// Two tabs of one person are one writer.
		for n, who := range map[int]policy.Actor{1: salma, 2: omar, 3: salma} {
			if _, err := tx.Exec(t.Context(), `
				insert into draft_client (draft, client, person, agency, seat, resume, attached, last_seq, created_at)
				select key, $2, $3, $4, '', 'x', 1, 1, 0 from draft where id = $1`, w.id, n, who.Person, who.Agency); err != nil {
				return err
			}
		}
		return nil
	})
	return w
}

func (w *world) do(fn func(tx *db.Tx) error) {
	w.t.Helper()
	if err := w.db.Transact(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

// write appends updates to the log as the authority does, in rows of perRow, each a minute after the one before.
func (w *world) write(clients []int64, changes []changeset.ChangeSet, perRow int) {
	w.t.Helper()
	seq := w.version + 1
	w.do(func(tx *db.Tx) error {
		for from := 0; from < len(changes); from += perRow {
			first, length := w.version+1, w.text.Len()
			var row []draft.Update
			for i := from; i < min(from+perRow, len(changes)); i++ {
				w.version++
				row = append(row, draft.Update{Version: w.version, Client: clients[i], Seq: seq, Length: w.text.Len(), Change: changes[i]})
				seq++
				var err error
				if w.text, err = changes[i].Apply(w.text); err != nil {
					return err
				}
			}
			w.at = w.at.Add(time.Minute)
			if err := drafttest.AppendRow(w.t.Context(), tx, w.id, first, w.version, length, w.at, draft.AppendRuns(nil, row)); err != nil {
				return err
			}
		}
		return nil
	})
}

// model is authorship one unit at a time.
type model struct{ by []int64 }

func (m *model) apply(c changeset.ChangeSet, by int64) {
	c.Each(func(fromA, toA, fromB, toB int, _ string) {
		mine := make([]int64, toB-fromB)
		for i := range mine {
			mine[i] = by
		}
		m.by = slices.Replace(m.by, fromB, fromB+toA-fromA, mine...)
	})
}

func units(spans []Span) []int64 {
	var out []int64
	for _, s := range spans {
		for range s.N {
			out = append(out, s.By)
		}
	}
	return out
}

func TestAuthorshipIsThatOfEveryUnitOfTheLog(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := rand.New(rand.NewPCG(14, 17))
		w := newWorld(t, d, "# دليل\n\nنصٌّ أوّل 😀\n")
		text := w.text
		m := model{by: make([]int64, text.Len())}
		const updates = 5000
		var clients []int64
		var changes []changeset.ChangeSet
		texts := map[int64]string{0: text.String()}
		owners := map[int64][]int64{0: slices.Clone(m.by)}
		for v := int64(1); v <= updates; v++ {
			c := drafttest.RandomEdit(r, text)
			client := int64(1 + r.IntN(3))
			clients, changes = append(clients, client), append(changes, c)
			var err error
			if text, err = c.Apply(text); err != nil {
				t.Fatal(err)
			}
			m.apply(c, map[int64]int64{1: 1, 2: 2, 3: 1}[client])
			if v%617 == 0 || v == updates || v == frameUpdates || v == frameUpdates+1 {
				texts[v], owners[v] = text.String(), slices.Clone(m.by)
			}
		}
		w.write(clients, changes, 3)
		for v, want := range texts {
			got, err := w.history.Version(t.Context(), salma, w.id, v)
			if err != nil {
				t.Fatal(err)
			}
			if got.Text != want {
				t.Fatalf("the text of version %d differs", v)
			}
			if !reflect.DeepEqual(units(got.Spans), owners[v]) && len(want) > 0 {
				t.Fatalf("the authorship of version %d differs", v)
			}
			words := 0
			for _, s := range got.Sections {
				for _, sh := range s.Shares {
					words += sh.Words
				}
			}
			if want := textdiff.Count(want); words != want {
				t.Errorf("version %d has %d words in its sections, want %d", v, words, want)
			}
		}
		for _, pair := range [][2]int64{{0, updates}, {617, 1234}, {frameUpdates, frameUpdates + 1}, {updates, updates}, {0, 0}} {
			c, err := w.history.Compare(t.Context(), omar, w.id, pair[0], pair[1])
			if err != nil {
				t.Fatal(err)
			}
			var blocks []textdiff.Block
			for _, b := range c.Blocks {
				plain := b.Block
				plain.Parts = nil
				for _, p := range b.Parts {
					plain.Parts = append(plain.Parts, textdiff.Part{Op: p.Op, Text: p.Text})
				}
				blocks = append(blocks, plain)
			}
			if textdiff.Old(blocks) != texts[pair[0]] || textdiff.New(blocks) != texts[pair[1]] {
				t.Fatalf("the comparison of %v is of other texts", pair)
			}
		}
		// The timeline counts every update once.
		tl, err := w.history.Timeline(t.Context(), salma, w.id)
		if err != nil {
			t.Fatal(err)
		}
		n, at := 0, int64(0)
		for _, b := range tl.Buckets {
			if b.From != at {
				t.Fatalf("a bucket begins at %d, want %d", b.From, at)
			}
			at = b.To
			for _, c := range b.Counts {
				n += c.Updates
			}
		}
		if n != updates || at != updates || tl.Head != updates {
			t.Fatalf("the timeline has %d updates up to %d, head %d", n, at, tl.Head)
		}
		if len(tl.Writers) != 2 || tl.Writers[1].Person != salma.Person || tl.Writers[2].Agency != omar.Agency {
			t.Fatalf("writers: %v", tl.Writers)
		}
		// A window plays to what the server says.
		win, err := w.history.Window(t.Context(), salma, w.id, 3000)
		if err != nil {
			t.Fatal(err)
		}
		if win.From != frameUpdates || win.To != 2*frameUpdates || len(win.Times) != frameUpdates {
			t.Fatalf("window %d to %d with %d times", win.From, win.To, len(win.Times))
		}
		_, _, us, err := draft.DecodeFrame(slices.Concat([]byte{2, 0, 0}, win.Updates), len(utf16.Encode([]rune(win.Text))))
		if err != nil {
			t.Fatal(err)
		}
		play := changeset.NewText(win.Text)
		for _, u := range us[:3085-frameUpdates] {
			if play, err = u.Change.Apply(play); err != nil {
				t.Fatal(err)
			}
		}
		if play.String() != texts[3085] {
			t.Fatal("a played window differs from the version")
		}
	})
}

// typed makes the log of people who write: mostly a letter after the last one, now and then elsewhere or a deletion.
func typed(r *rand.Rand, text changeset.Text, n int) (clients []int64, changes []changeset.ChangeSet) {
	letters := []rune("ابتثجحخدذرزسشصضطظعغفقكلمنهوي ")
	at := map[int64]int{}
	for range n {
		c := int64(1 + r.IntN(3))
		pos, ok := at[c]
		if !ok || r.IntN(60) == 0 || pos > text.Len() {
			pos = r.IntN(text.Len() + 1)
		}
		insert, del := string(letters[r.IntN(len(letters))]), 0
		if r.IntN(12) == 0 && pos > 0 {
			insert, del = "", 1
		} else if r.IntN(200) == 0 {
			insert = "\n\n"
		}
		ch, err := changeset.Replace(text.Len(), pos-del, pos, insert)
		if err != nil {
			panic(err)
		}
		if text, err = ch.Apply(text); err != nil {
			panic(err)
		}
		at[c] = pos - del + changeset.Len16(insert)
		clients, changes = append(clients, c), append(changes, ch)
	}
	return clients, changes
}

// With frames made, the log before the last frame is not read: it can be gone, and the answers are the same.
func TestALongHistoryIsReadFromItsFrames(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const updates = 100_000
		w := newWorld(t, d, "# دليل\n\n")
		clients, changes := typed(rand.New(rand.NewPCG(1, 2)), w.text, updates)
		w.write(clients, changes, 20) // as a flush of many writers is, in one row
		read := func() (Timeline, Version, Version) {
			t.Helper()
			began := time.Now()
			tl, err := w.history.Timeline(t.Context(), salma, w.id)
			if err != nil {
				t.Fatal(err)
			}
			one := time.Now()
			head, err := w.history.Version(t.Context(), salma, w.id, updates)
			if err != nil {
				t.Fatal(err)
			}
			two := time.Now()
			// The frame before it is the only other thing that is read.
			mid, err := w.history.Version(t.Context(), salma, w.id, 24*frameUpdates)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("timeline %v, version %d %v, version %d %v", one.Sub(began), updates, two.Sub(one), mid.Version, time.Since(two))
			return tl, head, mid
		}
		t1, h1, m1 := read()
		began := time.Now()
		if _, err := w.history.Compare(t.Context(), salma, w.id, 0, updates); err != nil {
			t.Fatal(err)
		}
		t.Logf("comparison of everything: %v", time.Since(began))
		w.deltasAreReplays(10, updates, 1000, updates-1000, 2*frameUpdates, 9*frameUpdates, 5*frameUpdates+1, 5*frameUpdates+2)
		if n := len(t1.Buckets); n > 2*timelineBuckets {
			t.Errorf("%d buckets", n)
		}
		if h1.Text != w.text.String() {
			t.Fatal("the text differs")
		}
		var last int64
		w.do(func(tx *db.Tx) (err error) {
			if last, err = lastFrame(t.Context(), tx, w.id); err != nil {
				return err
			}
			if updates-last >= frameUpdates {
				return fmt.Errorf("the last frame is of %d", last)
			}
			if _, err = tx.Exec(t.Context(), `update draft_log set before = 0 where before in (select id from draft_log where last <= $1)`, last); err == nil {
				_, err = tx.Exec(t.Context(), `delete from draft_log where last <= $1`, last)
			}
			return err
		})
		t2, h2, m2 := read()
		if !reflect.DeepEqual(t1, t2) || !reflect.DeepEqual(h1, h2) || !reflect.DeepEqual(m1, m2) {
			t.Fatal("the answers need the log before the last frame")
		}
	})
}

// deltasAreReplays holds what is put together from frames to what a replay of every update gives, from and to in pairs.
func (w *world) deltasAreReplays(versions ...int64) {
	w.t.Helper()
	ctx := context.Background()
	w.do(func(tx *db.Tx) error {
		names, err := findWriters(ctx, tx, w.id)
		if err != nil {
			return err
		}
		for i := 0; i < len(versions); i += 2 {
			from, to := versions[i], versions[i+1]
			text, err := draft.TextAt(ctx, tx, w.id, from)
			if err != nil {
				return err
			}
			began := time.Now()
			got, err := w.history.between(ctx, tx, w.id, changeset.Len16(text), from, to, names)
			if err != nil {
				return err
			}
			took := time.Since(began)
			began = time.Now()
			tr := trackOld(changeset.Len16(text))
			if err := draft.Replay(ctx, tx, w.id, from, to, func(u draft.Update, at db.Time) error {
				tr.apply(u.Change, names.of[u.Client], at)
				return nil
			}); err != nil {
				return err
			}
			w.t.Logf("%d to %d: from frames %v, by replay %v", from, to, took, time.Since(began))
			gotOld, gotNow := got.fates()
			wantOld, wantNow := tr.delta().fates()
			for _, side := range []struct {
				name      string
				got, want []fate
			}{{"the old text", gotOld, wantOld}, {"the new text", gotNow, wantNow}} {
				if len(side.got) != len(side.want) {
					w.t.Fatalf("%d to %d, %s: %d stretches, want %d", from, to, side.name, len(side.got), len(side.want))
				}
				for k, f := range side.got {
					// A stretch's time may be that of a part which has gone since, so only whose it is must agree.
					if g := side.want[k]; f.n != g.n || f.by != g.by || f.touched != g.touched || f.touched != (f.at > 0) {
						w.t.Fatalf("%d to %d, %s: stretch %d is %+v, want %+v", from, to, side.name, k, f, g)
					}
				}
			}
		}
		return nil
	})
}

func TestADeltaThatIsDamagedIsRefused(t *testing.T) {
	d := delta{{n: 3}, {n: 2, what: went, by: 4, at: 9}, {n: 700, what: came, by: -1, at: 12}}
	if back, err := decodeDelta(d.encode()); err != nil || !reflect.DeepEqual(back, d) {
		t.Errorf("%+v %v", back, err)
	}
	for _, raw := range [][]byte{nil, []byte("x"), zipper.EncodeAll([]byte{9, 1}, nil), zipper.EncodeAll([]byte{0, 0}, nil)} {
		if _, err := decodeDelta(raw); err == nil {
			t.Errorf("%q was taken", raw)
		}
	}
}

func TestWhoDeletedAWordIsNotWhoWroteIt(t *testing.T) {
	w := newWorld(t, dbtest.Open(t), "لا تتجاوز المدة ثلاثين دقيقة.\n")
	from := w.text.Len() - len([]rune("ثلاثين دقيقة.\n"))
	c, err := changeset.Replace(w.text.Len(), from, from+6, "عشرين")
	if err != nil {
		t.Fatal(err)
	}
	w.write([]int64{2}, []changeset.ChangeSet{c}, 1)
	got, err := w.history.Compare(t.Context(), salma, w.id, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := []Part{{textdiff.Equal, "لا تتجاوز المدة ", 0}, {textdiff.Delete, "ثلاثين", 2}, {textdiff.Insert, "عشرين", 2}, {textdiff.Equal, " دقيقة.", 0}}
	if !reflect.DeepEqual(got.Blocks[0].Parts, want) {
		t.Errorf("parts %v", got.Blocks[0].Parts)
	}
	if !reflect.DeepEqual(got.Changes, []Change{{By: 2, Added: 1, Removed: 1}}) {
		t.Errorf("changes %v", got.Changes)
	}
}

func TestRestoringAppendsAChangeAndCanBeUndone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "# دليل\n\nبند أول\n")
		start := w.text.String()
		clients, changes := typed(rand.New(rand.NewPCG(5, 6)), w.text, 300)
		w.write(clients, changes, 4)
		written := w.text.String()
		r, err := w.history.Restore(t.Context(), omar, w.id, 0)
		if err != nil {
			t.Fatal(err)
		}
		head := func() (int64, string) {
			t.Helper()
			var v int64
			var s string
			w.do(func(tx *db.Tx) (err error) {
				v, s, err = draft.Text(t.Context(), tx, w.id)
				return err
			})
			return v, s
		}
		if v, s := head(); s != start || v <= 300 || v != r.Version {
			t.Fatalf("version %d of revision %d: %q", v, r.Version, s)
		}
		// What was there is in the log still, under a name.
		tl, err := w.history.Timeline(t.Context(), omar, w.id)
		if err != nil {
			t.Fatal(err)
		}
		var kinds []Kind
		var before Revision
		for _, r := range tl.Revisions {
			kinds = append(kinds, r.Kind)
			if r.Kind == BeforeRestore {
				before = r
			}
		}
		if !slices.Equal(kinds, []Kind{Began, BeforeRestore, Restored}) || before.Version != 300 {
			t.Fatalf("revisions %v, before %d", kinds, before.Version)
		}
		if _, err := w.history.Restore(t.Context(), omar, w.id, before.Version); err != nil {
			t.Fatal(err)
		}
		if _, s := head(); s != written {
			t.Fatal("restoring what was before does not undo")
		}
		if _, err := w.history.Restore(t.Context(), omar, w.id, before.Version); fault.Of(err) == nil || fault.Of(err).Code != "history.same_text" {
			t.Errorf("the same text again: %v", err)
		}
		w.rights.frozen = true
		for name, err := range map[string]error{
			"restore": second(w.history.Restore(t.Context(), salma, w.id, 0)),
			"name":    second(w.history.Name(t.Context(), salma, w.id, 0, "قبل المراجعة")),
		} {
			if fault.Of(err) == nil || fault.Of(err).Code != "history.not_writable" {
				t.Errorf("%s in review: %v", name, err)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestNamesAreListedAmongTheRevisions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "نص")
		clients, changes := typed(rand.New(rand.NewPCG(7, 8)), w.text, 10)
		w.write(clients, changes, 1)
		if _, err := w.history.Name(t.Context(), salma, w.id, 7, "  بعد ورشة الصياغة "); err != nil {
			t.Fatal(err)
		}
		tl, err := w.history.Timeline(t.Context(), omar, w.id)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(tl.Revisions); n != 2 || tl.Revisions[1].Name != "بعد ورشة الصياغة" || tl.Revisions[1].Version != 7 {
			t.Fatalf("revisions %+v", tl.Revisions)
		}
		for name, c := range map[string]struct {
			version int64
			name    string
			code    string
		}{
			"no name":       {1, "  ", "history.invalid"},
			"two lines":     {1, "a\nb", "history.invalid"},
			"too long":      {1, strings.Repeat("س", MaxName+1), "history.invalid"},
			"turned around": {1, "قبل \u202eالورشة", "history.invalid"},
			"from tomorrow": {11, "غدا", "history.version"},
			"before all":    {-1, "قبل", "history.version"},
		} {
			if _, err := w.history.Name(t.Context(), salma, w.id, c.version, c.name); fault.Of(err) == nil || fault.Of(err).Code != c.code {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := w.history.Timeline(t.Context(), yasmin, w.id); fault.Of(err) == nil || fault.Of(err).Code != "draft.not_found" {
			t.Errorf("a reader: %v", err)
		}

		// Renamed and taken away by who gave it or leads the guideline, by nobody else.
		id := tl.Revisions[1].ID
		for who, actor := range map[string]policy.Actor{"another agency": omar, "a reader": yasmin} {
			if _, err := w.history.Rename(t.Context(), actor, id, "غيره"); fault.Of(err) == nil {
				t.Errorf("%s renames", who)
			}
			if err := w.history.Unname(t.Context(), actor, id); fault.Of(err) == nil {
				t.Errorf("%s takes the name away", who)
			}
		}
		if _, err := w.history.Rename(t.Context(), salma, id, "a\u2067b"); !fault.Is(err, "history.invalid") {
			t.Error(err)
		}
		if r, err := w.history.Rename(t.Context(), salma, id, " قبل النشر "); err != nil || r.Name != "قبل النشر" || r.Version != 7 {
			t.Errorf("%+v %v", r, err)
		}
		if err := w.history.Unname(t.Context(), salma, id); err != nil {
			t.Fatal(err)
		}
		if tl, err = w.history.Timeline(t.Context(), salma, w.id); err != nil || len(tl.Revisions) != 1 || tl.Head != 10 {
			t.Errorf("%+v %v", tl.Revisions, err)
		}
		if err := w.history.Unname(t.Context(), salma, id); !fault.Is(err, "revision.not_found") {
			t.Error(err)
		}
	})
}

// apply runs changes over a text.
func apply(t *testing.T, text string, changes []changeset.ChangeSet) string {
	t.Helper()
	out := changeset.NewText(text)
	for _, c := range changes {
		var err error
		if out, err = c.Apply(out); err != nil {
			t.Fatal(err)
		}
		if c.InsertedBytes() > draft.MaxPushBytes {
			t.Fatalf("a change inserts %d bytes", c.InsertedBytes())
		}
	}
	return out.String()
}

func TestChangesTakeOneTextToTheOther(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	words := []string{"الخدمةُ", "جهة", "من", "\n", "\n\n", " ", "## ", "😀", "ـ", "API", "تُقاس المدة كل شهر\n"}
	random := func() string {
		var s strings.Builder
		for range r.IntN(80) {
			s.WriteString(words[r.IntN(len(words))] + " "[:r.IntN(2)])
		}
		return s.String()
	}
	for range 3000 {
		a, b := random(), random()
		if r.IntN(3) == 0 {
			b = a[:len(a)/2] + b
			b = strings.ToValidUTF8(b, "")
		}
		changes, err := Changes(a, b)
		if err != nil {
			t.Fatal(err)
		}
		if got := apply(t, a, changes); got != b {
			t.Fatalf("from %q\ngot  %q\nwant %q", a, got, b)
		}
		if (len(changes) == 0) != (a == b) {
			t.Fatalf("%d changes from %q to %q", len(changes), a, b)
		}
	}
	large := strings.Repeat("نص 😀 طويل جدا ", 40_000)
	changes, err := Changes("", large)
	if err != nil {
		t.Fatal(err)
	}
	if apply(t, "", changes) != large {
		t.Fatal("a large text is not restored")
	}
}

func TestWordsAreCountedBySection(t *testing.T) {
	text := "مقدمة قصيرة\n# الأول\nكلمة **كلمتان** ٨٠٪\n```\n# ليس عنوانا\n```\n## الثاني ##\nplain text\n\nعنوان تحته\nخط\n---\nبعد الخط\n"
	n := changeset.Len16("مقدمة قصيرة\n# الأول\nكلمة ")
	got := Sections(text, []Span{{N: n, By: 1}, {N: changeset.Len16(text) - n, By: 2}})
	want := []Section{
		{Shares: []Share{{1, 2}}},
		{Title: "الأول", Level: 1, From: changeset.Len16("مقدمة قصيرة\n"), Shares: []Share{{2, 4}, {1, 2}}},
		{Title: "الثاني", Level: 2, From: changeset.Len16(text[:strings.Index(text, "## ")]), Shares: []Share{{2, 3}}},
		{Title: "عنوان تحته خط", Level: 2, From: changeset.Len16(text[:strings.Index(text, "عنوان تحته")]), Shares: []Share{{2, 5}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}
