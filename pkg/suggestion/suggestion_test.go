package suggestion

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
)

var (
	salma  = policy.Actor{Person: "pe_salma", Agency: "ag_a", Roles: []policy.Role{policy.Representative}}
	khalid = policy.Actor{Person: "pe_khalid", Agency: "ag_b", Seat: "se_k", Roles: []policy.Role{policy.Representative}}
	omar   = policy.Actor{Person: "pe_omar", Agency: "ag_c", Roles: []policy.Role{policy.Representative}}
	wael   = policy.Actor{Person: "pe_wael", Roles: []policy.Role{policy.Expert}}
	yasmin = policy.Actor{Person: "pe_yasmin", Agency: "ag_a", Roles: []policy.Role{policy.Reader}}
)

// world is a guideline of agency a, shown to b.
type world struct {
	t      testing.TB
	db     *db.DB
	svc    *Service
	drafts *draft.Service
	id     string

	mu      sync.Mutex
	state   string
	invited bool
}

func (w *world) Facts(context.Context, *db.Tx, string) (policy.Facts, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return policy.Facts{Kind: "draft", Agency: "ag_a", Agencies: []string{"ag_b"}, Visibility: policy.ToAgencies, State: w.state,
		Flags: map[string]bool{"writable": w.state == "draft", "invited": w.invited}}, nil
}

func (w *world) Actor(_ context.Context, was policy.Actor) (policy.Actor, error) { return was, nil }

func (w *world) set(fn func()) { w.mu.Lock(); defer w.mu.Unlock(); fn() }

func newWorld(t testing.TB, d *db.DB, text string) *world {
	w := &world{t: t, db: d, state: "draft"}
	log := slog.New(slog.DiscardHandler)
	w.drafts = draft.New(d, w, bus.NewMemory(), log, draft.Options{})
	w.svc = New(d, w.drafts, w, log)
	ctx, cancel := context.WithCancel(context.Background())
	wait := w.drafts.Start(ctx)
	t.Cleanup(func() { cancel(); wait() })
	if err := d.Transact(ctx, func(tx *db.Tx) (err error) {
		w.id, err = draft.Create(ctx, tx, "ed_1", text)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) text() (int64, string) {
	w.t.Helper()
	var v int64
	var s string
	if err := w.db.Read(context.Background(), func(tx *db.Tx) (err error) {
		v, s, err = draft.Text(context.Background(), tx, w.id)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return v, s
}

// write is somebody's edit of the text itself.
func (w *world) write(from, to int, s string) {
	w.t.Helper()
	_, err := w.drafts.Edit(context.Background(), salma, w.id, func(_ context.Context, _ *db.Tx, now draft.Now) ([]draft.Part, error) {
		c, err := changeset.Replace(now.Text.Len(), from, to, s)
		return []draft.Part{{Credit: draft.CreditOf(salma), Change: c}}, err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// at finds a word in the text, in UTF-16 units.
func (w *world) at(word string) (from, to int) {
	w.t.Helper()
	_, text := w.text()
	before, _, ok := strings.Cut(text, word)
	if !ok {
		w.t.Fatalf("%q is not in %q", word, text)
	}
	return changeset.Len16(before), changeset.Len16(before) + changeset.Len16(word)
}

// suggest puts something in the place of a word; word "" needs a position.
func (w *world) suggest(actor policy.Actor, word, instead string) Suggestion {
	w.t.Helper()
	from, to := w.at(word)
	return w.save(actor, Save{Parts: []Part{{from, to, instead}}})
}

func (w *world) save(actor policy.Actor, in Save) Suggestion {
	w.t.Helper()
	in.Version, _ = w.text()
	s, err := w.svc.Save(context.Background(), actor, w.id, in)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w *world) accept(pick ...string) (done, left []Suggestion) {
	w.t.Helper()
	done, left, err := w.svc.Accept(context.Background(), salma, w.id, Pick{IDs: pick})
	if err != nil {
		w.t.Fatal(err)
	}
	return done, left
}

func (w *world) get(id string) *Suggestion {
	w.t.Helper()
	list, _, err := w.svc.List(context.Background(), salma, w.id)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, s := range list {
		if s.ID == id {
			return &s
		}
	}
	w.t.Fatalf("%s is not listed", id)
	return nil
}

func (w *world) want(text string) {
	w.t.Helper()
	if _, got := w.text(); got != text {
		w.t.Fatalf("the text is %q, want %q", got, text)
	}
}

// credits are the persons of the log's updates, in order.
func (w *world) credits() (out []string) {
	w.t.Helper()
	ctx := context.Background()
	if err := w.db.Read(ctx, func(tx *db.Tx) error {
		people := map[int64]string{}
		rows, err := tx.Query(ctx, `select client, person || '@' || agency from draft_client`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var n int64
			var p string
			if err := rows.Scan(&n, &p); err != nil {
				return err
			}
			people[n] = p
		}
		_, err = draft.Changes(ctx, tx, w.id, 0, func(u draft.Update) error {
			out = append(out, people[u.Client])
			return nil
		})
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return out
}

func TestLifeOfASuggestion(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "لا تتجاوز المدّة عشرين دقيقة 😀.\n")
		ctx := t.Context()
		note := "المركز يحقّق ١٣ دقيقة\r\n"
		s := w.suggest(khalid, "عشرين", "خمس عشرة")
		from, to := w.at("عشرين")
		s = w.save(khalid, Save{Key: s.Key, Parts: []Part{{from, to, "خمس عشرة\r\nأو"}}, Note: &note})
		w.want("لا تتجاوز المدّة عشرين دقيقة 😀.\n")
		if s.Kind() != Replace || s.Quote != "عشرين" || s.Insertion != "خمس عشرة\nأو" || s.Note != "المركز يحقّق ١٣ دقيقة" || s.Agency != "ag_b" || len(w.listed()) != 1 {
			t.Fatalf("%+v", s)
		}
		if !s.Abilities["suggestion.withdraw"] || !s.Abilities["suggestion.revise"] || s.Abilities["suggestion.accept"] {
			t.Errorf("abilities of its author: %v", s.Abilities)
		}
		if a := w.get(s.ID).Abilities; a["suggestion.withdraw"] || a["suggestion.revise"] || !a["suggestion.accept"] || !a["suggestion.reject"] {
			t.Errorf("abilities of a writer: %v", a)
		}
		// Sent again it changes nothing.
		w.save(khalid, Save{Key: s.Key, Parts: []Part{{from, to, "خمس عشرة\nأو"}}})
		w.write(0, 2, "يجب ألّا")
		if _, err := w.drafts.Open(ctx, khalid, draft.Opening{Draft: w.id, Notify: func() {}}); err != nil {
			t.Fatal(err)
		}
		done, left := w.accept(s.ID)
		w.want("يجب ألّا تتجاوز المدّة خمس عشرة\nأو دقيقة 😀.\n")
		if len(done) != 1 || len(left) != 0 || done[0].State != Accepted || done[0].LogVersion != 2 || done[0].DecidedBy != "pe_salma" {
			t.Fatalf("%+v, left %+v", done, left)
		}
		if c := w.credits(); len(c) != 2 || c[0] != "pe_salma@ag_a" || c[1] != "pe_khalid@ag_b" {
			t.Fatalf("credits %v", c)
		}
		closed := func(name string, err error, code string) {
			t.Helper()
			if !fault.Is(err, code) {
				t.Errorf("%s: %v, want %s", name, err, code)
			}
		}
		_, _, err := w.svc.Accept(ctx, salma, w.id, Pick{IDs: []string{s.ID}})
		closed("accept again", err, "suggestion.closed")
		_, err = w.svc.Reject(ctx, salma, w.id, Pick{IDs: []string{s.ID}}, "متأخر")
		closed("reject after accepting", err, "suggestion.closed")
		_, err = w.svc.Withdraw(ctx, khalid, s.ID)
		closed("withdraw after accepting", err, "suggestion.closed")
		_, err = w.svc.Save(ctx, khalid, w.id, Save{Key: s.Key, Version: 2, Parts: []Part{{0, 1, ""}}})
		closed("revise after accepting", err, "suggestion.closed")

		gone := w.suggest(khalid, "دقيقة", "")
		if gone.Kind() != Delete {
			t.Errorf("kind %s", gone.Kind())
		}
		_, err = w.svc.Reject(ctx, salma, w.id, Pick{IDs: []string{gone.ID}}, " \n")
		closed("reject without a reason", err, "suggestion.invalid")
		if rejected, err := w.svc.Reject(ctx, salma, w.id, Pick{IDs: []string{gone.ID}}, "الوحدة لازمة\n"); err != nil || rejected[0].Reason != "الوحدة لازمة" {
			t.Fatal(rejected, err)
		}
		back := w.save(khalid, Save{Parts: []Part{{0, 0, "مقدّمة. "}}})
		_, err = w.svc.Withdraw(ctx, salma, back.ID)
		closed("withdraw another's", err, "policy.forbidden")
		if s, err := w.svc.Withdraw(ctx, khalid, back.ID); err != nil || s.State != Withdrawn || s.Kind() != Insert {
			t.Fatal(s, err)
		}
		w.want("يجب ألّا تتجاوز المدّة خمس عشرة\nأو دقيقة 😀.\n")
		var kinds []string
		if err := d.Read(ctx, func(tx *db.Tx) error {
			records, err := event.List(ctx, tx, 0, 100, "suggestion.")
			for _, r := range records {
				kinds = append(kinds, r.Kind)
				if !strings.Contains(r.Body, w.id) {
					t.Errorf("%s does not name the draft: %s", r.Kind, r.Body)
				}
				if strings.Contains(r.Body, "خمس") || strings.Contains(r.Body, "لازمة") {
					t.Errorf("%s holds people's text", r.Kind)
				}
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(kinds, " "); got != "suggestion.made suggestion.revised suggestion.accepted suggestion.made suggestion.rejected suggestion.made suggestion.withdrawn" {
			t.Errorf("events %s", got)
		}
	})
}

func (w *world) listed() (open []Suggestion) {
	w.t.Helper()
	list, _, err := w.svc.List(context.Background(), khalid, w.id)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, s := range list {
		if s.State == Open {
			open = append(open, s)
		}
	}
	return open
}

// TestWhoMay: suggesting is for whoever reads a draft in work, deciding for those who write it, now; and who may only suggest
// has no other way into the text.
func TestWhoMay(t *testing.T) {
	w := newWorld(t, dbtest.Open(t), "نص الدليل")
	ctx := t.Context()
	save := func(a policy.Actor) error {
		_, err := w.svc.Save(ctx, a, w.id, Save{Parts: []Part{{0, 2, "متن"}}})
		return err
	}
	accept := func(a policy.Actor, id string) error {
		_, _, err := w.svc.Accept(ctx, a, w.id, Pick{IDs: []string{id}})
		return err
	}
	reject := func(a policy.Actor, id string) error {
		_, err := w.svc.Reject(ctx, a, w.id, Pick{IDs: []string{id}}, "سبب")
		return err
	}
	check := func(name string, err error, code string) {
		t.Helper()
		if f := fault.Of(err); code == "" && err != nil || code != "" && (f == nil || f.Code != code) {
			t.Errorf("%s: %v, want %q", name, err, code)
		}
	}
	s := w.suggest(khalid, "الدليل", "المرجع")
	check("another agency that sees it", save(khalid), "")
	check("a writer", save(salma), "")
	check("an agency that does not see it", save(omar), "draft.not_found")
	check("an expert who is not invited", save(wael), "draft.not_found")
	check("a reader of the own agency", save(yasmin), "draft.not_found")
	check("its author accepts", accept(khalid, s.ID), "policy.forbidden")
	check("its author rejects", reject(khalid, s.ID), "policy.forbidden")
	check("who may not see it accepts", accept(omar, s.ID), "draft.not_found")
	_, err := w.svc.Withdraw(ctx, omar, s.ID)
	check("who may not see it withdraws", err, "suggestion.not_found")
	_, err = w.svc.DraftOf(ctx, omar, s.ID)
	check("who may not see it looks", err, "suggestion.not_found")
	_, _, err = w.svc.List(ctx, omar, w.id)
	check("who may not see it lists", err, "draft.not_found")
	w.set(func() { w.invited = true })
	check("an invited expert", save(wael), "")
	check("an invited expert accepts", accept(wael, s.ID), "policy.forbidden")
	w.set(func() { w.state = "in_review" })
	check("in review", save(khalid), "")
	check("accepted in review", accept(salma, s.ID), "policy.forbidden")
	if w.get(s.ID).Abilities["suggestion.accept"] {
		t.Error("a text in review offers to accept")
	}
	w.set(func() { w.state = "published" })
	check("published", save(khalid), "policy.forbidden")
	w.set(func() { w.state = "draft" })

	// The stream: no client number, so no push; and none by way of another's.
	at, err := w.drafts.Open(ctx, khalid, draft.Opening{Draft: w.id, Notify: func() {}})
	if err != nil || at.Client != 0 || at.Resume != "" || at.Abilities["draft.write"] || !at.Abilities["suggestion.create"] || at.Abilities["suggestion.decide"] {
		t.Fatalf("%+v: %v", at, err)
	}
	own, err := w.drafts.Open(ctx, salma, draft.Opening{Draft: w.id, Notify: func() {}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := changeset.Replace(9, 0, 0, "تسلّل ")
	if err != nil {
		t.Fatal(err)
	}
	push := draft.Push{Handle: at.Authority.Handle, Length: 9, Seq: 1, Updates: []changeset.ChangeSet{c}}
	for name, through := range map[string]*draft.Attachment{"no client": at, "a writer's client": own} {
		codes := make(chan string, 1)
		w.drafts.Push(through, khalid, push, func(code string) { codes <- code })
		select {
		case code := <-codes:
			check(name, fault.New(fault.Forbidden, code), "policy.forbidden")
		case <-time.After(time.Minute):
			t.Errorf("%s: no answer", name)
		}
	}
	w.want("نص الدليل")
}

func TestRefused(t *testing.T) {
	w := newWorld(t, dbtest.Open(t), "نص 😀 طويل")
	long := strings.Repeat("م", MaxNote+1)
	for name, in := range map[string]Save{
		"no parts":             {},
		"nothing done":         {Parts: []Part{{2, 2, ""}}},
		"beyond the text":      {Parts: []Part{{5, 50, ""}}},
		"before it":            {Parts: []Part{{-1, 2, ""}}},
		"backwards":            {Parts: []Part{{3, 2, "x"}}},
		"out of order":         {Parts: []Part{{6, 7, ""}, {0, 1, ""}}},
		"touching":             {Parts: []Part{{0, 1, ""}, {1, 2, ""}}},
		"inside a pair":        {Parts: []Part{{4, 4, "x"}}},
		"a cut pair":           {Parts: []Part{{3, 4, ""}}},
		"NUL":                  {Parts: []Part{{0, 1, "\x00"}}},
		"ill-formed":           {Parts: []Part{{0, 1, "\xff"}}},
		"too long":             {Parts: []Part{{0, 0, strings.Repeat("x", MaxText+1)}}},
		"too many":             {Parts: make([]Part, MaxParts+1)},
		"beyond the head":      {Version: 7, Parts: []Part{{0, 1, ""}}},
		"a version before all": {Version: -1, Parts: []Part{{0, 1, ""}}},
		"a long note":          {Parts: []Part{{0, 1, ""}}, Note: &long},
		"a long key":           {Key: long, Parts: []Part{{0, 1, ""}}},
	} {
		if _, err := w.svc.Save(t.Context(), khalid, w.id, in); !fault.Is(err, "suggestion.invalid") || len(fault.Of(err).Fields) != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, p := range map[string]Pick{"nobody's": {}, "both": {IDs: []string{"sg_1"}, Agency: "ag_b"}} {
		if _, _, err := w.svc.Accept(t.Context(), salma, w.id, p); !fault.Is(err, "suggestion.invalid") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := w.svc.Accept(t.Context(), salma, w.id, Pick{IDs: []string{"sg_x"}}); !fault.Is(err, "suggestion.not_found") {
		t.Error(err)
	}
	if len(w.listed()) != 0 {
		t.Error("something was kept")
	}
}

// TestOnOneLine: two suggestions of two people on one line, edits beside and inside them, and one that was saved on an old version.
func TestOnOneLine(t *testing.T) {
	w := newWorld(t, dbtest.Open(t), "تُعلن الجهة المدّة في البطاقة، وتُراجعها كل سنة.\n")
	word := w.suggest(khalid, "سنة", "ستة أشهر")
	ins := func() Suggestion {
		from, _ := w.at(" في البطاقة")
		return w.save(khalid, Save{Parts: []Part{{from, from, " المستهدفة"}}})
	}()
	old, _ := w.text()
	from, to := w.at("البطاقة")
	w.write(0, 0, "أولًا: ")
	at, _ := w.at("سنة")
	w.write(at+1, at+1, "XX") // inside the word somebody would replace
	late, err := w.svc.Save(t.Context(), salma, w.id, Save{Version: old, Parts: []Part{{from, to, "بطاقة الخدمة"}}})
	if err != nil || late.Version != old+2 || late.Quote != "البطاقة" {
		t.Fatalf("%+v %v", late, err)
	}
	if p := w.get(word.ID).Parts(); len(p) != 2 || p[0].To-p[0].From != 1 || p[1].To-p[1].From != 2 {
		t.Fatalf("what was typed inside became part of it: %+v", p)
	}
	w.accept(ins.ID)
	w.want("أولًا: تُعلن الجهة المدّة المستهدفة في البطاقة، وتُراجعها كل سXXنة.\n")
	w.accept(word.ID, late.ID)
	_, text := w.text()
	if !strings.Contains(text, "في بطاقة الخدمة، وتُراجعها كل ") || !strings.Contains(text, "ستة أشهر") || !strings.Contains(text, "XX") || strings.Contains(text, "سXXنة") {
		t.Fatalf("%q", text)
	}
}

// TestOverlapping: accepting one moves the others; one whose text is gone can be read, withdrawn and rejected, not accepted.
func TestOverlapping(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "لا تتجاوز عشرين دقيقة في المركز.")
		ctx := t.Context()
		short := w.suggest(khalid, "عشرين", "خمس عشرة")
		other := w.suggest(salma, "عشرين", "عشر")
		wide := w.suggest(khalid, "عشرين دقيقة في", "ثلث ساعة داخل")
		inside := func() Suggestion {
			from, _ := w.at("قيقة")
			return w.save(salma, Save{Parts: []Part{{from, from, "+"}}})
		}()
		w.accept(short.ID)
		w.want("لا تتجاوز خمس عشرة دقيقة في المركز.")
		if got := w.get(other.ID); !got.Orphaned || got.Quote != "عشرين" || got.Insertion != "عشر" || got.Parts() != nil || got.Abilities["suggestion.accept"] {
			t.Fatalf("%+v", got)
		}
		if got := w.get(wide.ID); got.Orphaned {
			t.Fatalf("%+v", got)
		}
		if _, _, err := w.svc.Accept(ctx, salma, w.id, Pick{IDs: []string{other.ID}}); !fault.Is(err, "suggestion.orphaned") {
			t.Fatal(err)
		}
		// All of an agency's, though one of them takes the place of another away.
		gone := w.suggest(khalid, "المركز", "القاعة")
		w.suggest(khalid, "في المركز", "")
		done, left, err := w.svc.Accept(ctx, salma, w.id, Pick{Agency: "ag_b"})
		if err != nil || len(done) != 3 || len(left) != 0 {
			t.Fatalf("%d done, %d left: %v", len(done), len(left), err)
		}
		if w.get(gone.ID).State != Accepted {
			t.Error("the older of two on one place goes first")
		}
		if got := w.get(inside.ID); !got.Orphaned {
			t.Fatalf("it stands inside what was taken away: %+v", got)
		}
		if c := w.credits(); len(c) != 4 || c[0] != "pe_khalid@ag_b" || c[3] != "pe_khalid@ag_b" {
			t.Errorf("credits %v", c)
		}
		if done, err := w.svc.Reject(ctx, salma, w.id, Pick{Agency: "ag_a"}, "لم يعد له موضع"); err != nil || len(done) != 2 {
			t.Fatal(done, err)
		}
		if len(w.listed()) != 0 {
			t.Error("something is open")
		}
		// One of several is left when an older one takes its place.
		a := w.suggest(khalid, "تتجاوز", "")
		b := w.suggest(khalid, "تتجاوز", "تزيد على")
		done, left = w.accept(b.ID, a.ID)
		if len(done) != 1 || done[0].ID != a.ID || len(left) != 1 || left[0].ID != b.ID || w.get(b.ID).State != Open {
			t.Fatalf("done %+v, left %+v", done, left)
		}
	})
}

// TestOfAThread: the thread hears of the decision in its transaction, and can stop it.
func TestOfAThread(t *testing.T) {
	w := newWorld(t, dbtest.Open(t), "نص الدليل")
	ctx := t.Context()
	var s Suggestion
	if err := w.db.Transact(ctx, func(tx *db.Tx) (err error) {
		if _, err := tx.Exec(ctx, `insert into thread (id, draft, state, kind, blocking, version, from_pos, to_pos, quote, orphaned, person, agency, created_at, updated_at, outcome, outcome_note, resolved_by, resolved_at, reopened, hidden)
			values ('th_1', $1, 'open', 'general', $2, 0, 0, 2, '', $2, 'pe_khalid', 'ag_b', 0, 0, '', '', '', 0, $2, $2)`, w.id, false); err != nil {
			return err
		}
		s, err = w.svc.Make(ctx, tx, khalid, w.id, Save{Parts: []Part{{0, 2, "متن"}}, Thread: "th_1"})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	stop := true
	w.svc.Decided = func(ctx context.Context, tx *db.Tx, actor policy.Actor, s Suggestion) error {
		if stop {
			return fault.New(fault.Conflict, "comment.resolved")
		}
		_, err := tx.Exec(ctx, `update thread set outcome = $1, resolved_by = $2 where id = $3`, string(s.State), actor.Person, s.Thread)
		return err
	}
	if _, _, err := w.svc.Accept(ctx, salma, w.id, Pick{IDs: []string{s.ID}}); !fault.Is(err, "comment.resolved") {
		t.Fatal(err)
	}
	w.want("نص الدليل")
	stop = false
	w.accept(s.ID)
	w.want("متن الدليل")
	var outcome string
	if err := w.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `select outcome from thread where id = 'th_1'`).Scan(&outcome)
	}); err != nil || outcome != "accepted" {
		t.Errorf("the thread says %q: %v", outcome, err)
	}
}

// TestStaleOnesAreWrittenForward: reading writes what lags far behind forward, and it stays where it is.
func TestStaleOnesAreWrittenForward(t *testing.T) {
	w := newWorld(t, dbtest.Open(t), "قبل كلمة بعد")
	s := w.suggest(khalid, "كلمة", "لفظة")
	_, err := w.drafts.Edit(t.Context(), salma, w.id, func(_ context.Context, _ *db.Tx, now draft.Now) (parts []draft.Part, err error) {
		n := now.Text.Len()
		for range draft.Behind + 1 {
			c, err := changeset.Replace(n, 0, 0, "x")
			if err != nil {
				return nil, err
			}
			parts = append(parts, draft.Part{Credit: draft.CreditOf(salma), Change: c})
			n++
		}
		return parts, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	p := w.get(s.ID).Parts()
	var kept int64
	if err := w.db.Read(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(t.Context(), `select version from suggestion`).Scan(&kept)
	}); err != nil || kept != draft.Behind+1 {
		t.Fatalf("version %d: %v", kept, err)
	}
	if q := w.get(s.ID).Parts(); len(p) != 1 || len(q) != 1 || p[0] != q[0] || p[0].From != 4+draft.Behind+1 {
		t.Errorf("%+v, then %+v", p, q)
	}
}

func TestItsAuthorSaysWhy(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "لا تتجاوز المدّة عشرين دقيقة.\n")
		ctx := t.Context()
		s := w.suggest(khalid, "عشرين", "خمس عشرة")
		from, to := w.at("المدّة")
		w.write(from, to, "مدّة الانتظار")
		got, err := w.svc.Explain(ctx, khalid, s.ID, " تجربة المراكز\r\n ")
		if err != nil || got.Note != "تجربة المراكز" || got.Orphaned || got.Insertion != "خمس عشرة" {
			t.Fatalf("%+v %v", got, err)
		}
		if !got.Abilities["suggestion.explain"] || w.get(s.ID).Abilities["suggestion.explain"] {
			t.Error("whoever made it explains it, and nobody else")
		}
		if n := w.get(s.ID).Note; n != "تجربة المراكز" {
			t.Errorf("listed with %q", n)
		}
		if _, err := w.svc.Explain(ctx, salma, s.ID, "x"); !fault.Is(err, "policy.forbidden") {
			t.Error("another:", err)
		}
		if _, err := w.svc.Explain(ctx, khalid, s.ID, strings.Repeat("م", MaxNote+1)); !fault.Is(err, "suggestion.invalid") {
			t.Error("too long:", err)
		}
		if got, err := w.svc.Explain(ctx, khalid, s.ID, "  "); err != nil || got.Note != "" {
			t.Errorf("taken back: %q %v", got.Note, err)
		}
		w.accept(s.ID)
		w.want("لا تتجاوز مدّة الانتظار خمس عشرة دقيقة.\n")
		if _, err := w.svc.Explain(ctx, khalid, s.ID, "بعد القبول"); !fault.Is(err, "suggestion.closed") {
			t.Error("once decided:", err)
		}
	})
}
