package section_test

import (
	"context"
	"errors"
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
	"github.com/multaqa/multaqa/pkg/section"
)

var (
	lead  = policy.Actor{Person: "pe_lead", Session: "s1", Agency: "ag_a", Roles: []policy.Role{policy.AgencyLead}}
	rep   = policy.Actor{Person: "pe_rep", Session: "s2", Agency: "ag_b", Roles: []policy.Role{policy.Representative}}
	other = policy.Actor{Person: "pe_other", Session: "s3", Agency: "ag_c", Roles: []policy.Role{policy.Representative}}
)

const text = "# دليل\n\nمقدّمة.\n\n## أ\n\nنص أ.\n\n## ب\n\nنص ب.\n\n## ج\n\nنص ج.\n"

func pos(s, of string) int { return changeset.Len16(s[:strings.Index(s, of)]) }

// rights is a network guideline of agency a that b writes with it, with the sections kept. As in the hub, nothing is read
// again while the record says that nobody's rights have changed.
type rights struct{ *section.Service }

type facts struct{}

func (facts) Facts(context.Context, *db.Tx, string) (policy.Facts, error) {
	return policy.Facts{Kind: "draft", Agency: "ag_a", Visibility: policy.ToNetwork, State: "draft", Flags: map[string]bool{"writer:ag_b": true, "writable": true}}, nil
}

func (rights) Facts(ctx context.Context, tx *db.Tx, id string) (policy.Facts, error) {
	return facts{}.Facts(ctx, tx, id)
}

func (rights) Actor(_ context.Context, was policy.Actor) (policy.Actor, error) { return was, nil }

func (rights) Standing(_ context.Context, _ *db.Tx, was policy.Actor) (policy.Actor, db.Time, error) {
	return was, 1 << 60, nil
}

func (rights) Epoch(ctx context.Context, tx *db.Tx) (int64, error) {
	seq, _, err := event.Head(ctx, tx)
	return seq, err
}

type world struct {
	t      *testing.T
	db     *db.DB
	s      *section.Service
	drafts *draft.Service
	id     string
}

func newWorld(t *testing.T, d *db.DB) *world {
	w := &world{t: t, db: d, s: section.New(d, facts{}, slog.New(slog.DiscardHandler))}
	err := d.Transact(t.Context(), func(tx *db.Tx) (err error) {
		w.id, err = draft.Create(t.Context(), tx, "ed_1", text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.drafts = w.node(bus.NewMemory())
	return w
}

func (w *world) node(b draft.Bus) *draft.Service {
	ctx, cancel := context.WithCancel(context.Background())
	svc := draft.New(w.db, rights{w.s}, b, slog.New(slog.DiscardHandler), draft.Options{Poll: 20 * time.Millisecond})
	wait := svc.Start(ctx)
	w.t.Cleanup(sync.OnceFunc(func() { cancel(); wait() }))
	return svc
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

// pen is somebody's open tab.
type pen struct {
	w     *world
	svc   *draft.Service
	actor policy.Actor
	at    *draft.Attachment
	wake  chan struct{}
	seq   int64
}

func (w *world) pen(svc *draft.Service, actor policy.Actor) *pen {
	w.t.Helper()
	p := &pen{w: w, svc: svc, actor: actor, wake: make(chan struct{}, 100)}
	at, err := svc.Open(context.Background(), actor, draft.Opening{Draft: w.id, Notify: func() { p.wake <- struct{}{} }})
	if err != nil {
		w.t.Fatal(err)
	}
	p.at = at
	return p
}

// write replaces cut by insert at the head and returns "" or the code with which that was refused.
func (p *pen) write(cut, insert string) string {
	t := p.w.t
	t.Helper()
	version, s := p.w.text()
	from := pos(s, cut)
	ch, err := changeset.Replace(changeset.Len16(s), from, from+changeset.Len16(cut), insert)
	if err != nil {
		t.Fatal(err)
	}
	refused := make(chan string, 1)
	p.svc.Push(p.at, p.actor, draft.Push{Base: version, Length: changeset.Len16(s), Seq: p.seq + 1, Updates: []changeset.ChangeSet{ch}}, func(code string) { refused <- code })
	deadline := time.After(time.Minute)
	for {
		select {
		case code := <-refused:
			return code
		case <-p.wake:
			if now, _ := p.w.text(); now > version {
				p.seq++
				return ""
			}
		case <-deadline:
			t.Fatal("neither accepted nor refused")
		}
	}
}

func (w *world) assign(agency, heading string) section.Section {
	w.t.Helper()
	v, s := w.text()
	sec, err := w.s.Assign(context.Background(), lead, w.id, v, pos(s, heading), section.Terms{Agency: agency})
	if err != nil {
		w.t.Fatal(err)
	}
	return sec
}

func TestTheServerKeepsASectionForItsAgency(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, ctx := newWorld(t, d), context.Background()
		far := w.node(bus.NewMemory()) // another node, told of nothing
		mine, theirs, elsewhere := w.pen(w.drafts, lead), w.pen(w.drafts, rep), w.pen(far, lead)
		if code := mine.write("نص ب.", "نص ب، أوّل."); code != "" {
			t.Fatal("before it is given:", code)
		}
		sec := w.assign("ag_b", "## ب")
		if sec.Heading != "ب" || sec.Level != 2 {
			t.Errorf("%+v", sec)
		}
		// Open tabs, without a new opening, on both nodes.
		for name, p := range map[string]*pen{"same node": mine, "other node": elsewhere} {
			if code := p.write("نص ب", "غيره"); code != "draft.section" {
				t.Errorf("%s: %q", name, code)
			}
			if code := p.write("مقدّمة", "تمهيد "+name+" مقدّمة"); code != "" {
				t.Errorf("%s, beside it: %q", name, code)
			}
		}
		if code := theirs.write("نص ب", "نص الجهة ب"); code != "" {
			t.Error("its own agency:", code)
		}
		// What the server appends for somebody is that somebody's.
		edit := func(actor policy.Actor) error {
			_, err := w.drafts.Edit(ctx, actor, w.id, func(_ context.Context, _ *db.Tx, now draft.Now) ([]draft.Part, error) {
				s := now.Text.String()
				ch, err := changeset.Replace(now.Text.Len(), pos(s, "نص الجهة"), pos(s, "نص الجهة"), "و")
				return []draft.Part{{Credit: draft.CreditOf(actor), Change: ch}}, err
			})
			return err
		}
		if err := edit(lead); !fault.Is(err, "draft.section") {
			t.Error("an edit by the server:", err)
		}
		if err := edit(rep); err != nil {
			t.Error("an edit by the server for its agency:", err)
		}
		// Given back, it is everybody's at once.
		if _, err := w.s.Release(ctx, rep, sec.ID); err != nil {
			t.Fatal(err)
		}
		if code := elsewhere.write("نص الجهة", "نص الجميع"); code != "" {
			t.Error("given back:", code)
		}
	})
}

func TestWhoGivesSectionsAndWhat(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, ctx := newWorld(t, d), context.Background()
		give := func(actor policy.Actor, version int64, at int, agency string) error {
			_, err := w.s.Assign(ctx, actor, w.id, version, at, section.Terms{Agency: agency})
			return err
		}
		field := func(err error) string {
			var f *fault.Error
			if !errors.As(err, &f) || f.Code != "section.invalid" {
				return ""
			}
			return f.Fields["at"] + f.Fields["agency"]
		}
		b := pos(text, "## ب")
		if err := give(rep, 0, b, "ag_b"); !fault.Is(err, "policy.forbidden") {
			t.Error("an agency that writes along:", err)
		}
		for name, c := range map[string]struct {
			version int64
			at      int
			agency  string
			want    string
		}{
			"no heading":         {0, pos(text, "نص ب"), "ag_b", "section.no_heading"},
			"beyond the text":    {0, 10_000, "ag_b", "section.no_heading"},
			"beyond the log":     {7, b, "ag_b", "section.no_heading"},
			"before it":          {0, -1, "ag_b", "section.no_heading"},
			"who does not write": {0, b, "ag_c", "section.not_writer"},
			"nobody":             {0, b, "", "section.not_writer"},
		} {
			if got := field(give(lead, c.version, c.at, c.agency)); got != c.want {
				t.Errorf("%s: %q", name, got)
			}
		}
		first := w.assign("ag_b", "## ب")
		if got := field(give(lead, 0, b, "ag_a")); got != "section.overlaps" {
			t.Errorf("given twice: %q", got)
		}
		if got := field(give(lead, 0, pos(text, "# دليل"), "ag_a")); got != "section.overlaps" {
			t.Errorf("around it: %q", got)
		}
		// An old version will do; the place moves with the text, and what was given is listed where it is.
		if code := w.pen(w.drafts, lead).write("مقدّمة", "مقدّمة طويلة"); code != "" {
			t.Fatal(code)
		}
		if err := give(lead, 0, pos(text, "## ج"), "ag_a"); err != nil {
			t.Error(err)
		}
		list, version, able, err := w.s.List(ctx, other, w.id)
		_, now := w.text()
		if err != nil || len(list) != 2 || version != 1 || list[0].Place.Pos != pos(now, "## ب") || list[0].To != pos(now, "## ج") || able["section.assign"] {
			t.Errorf("%+v %d %v %v", list, version, able, err)
		}
		if _, err := w.s.Finish(ctx, other, first.ID, true); !fault.Is(err, "policy.forbidden") {
			t.Error("another agency finishes it:", err)
		}
		if sec, err := w.s.Finish(ctx, rep, first.ID, true); err != nil || sec.DoneAt == 0 || sec.DoneBy != rep.Person {
			t.Errorf("%+v %v", sec, err)
		}
		if sec, err := w.s.Change(ctx, lead, first.ID, section.Terms{Agency: "ag_a"}); err != nil || sec.DoneAt != 0 || sec.Agency != "ag_a" {
			t.Errorf("%+v %v", sec, err)
		}
		if _, err := w.s.Release(ctx, lead, first.ID); err != nil {
			t.Error(err)
		}
		if _, err := w.s.Release(ctx, lead, first.ID); !fault.Is(err, "section.not_found") {
			t.Error("given back twice:", err)
		}
	})
}

func TestASectionWhoseHeadingIsGoneLapses(t *testing.T) {
	w := newWorld(t, dbtest.Open(t))
	w.assign("ag_b", "## ب")
	theirs, mine := w.pen(w.drafts, rep), w.pen(w.drafts, lead)
	if code := theirs.write("## ب\n", "نص بلا عنوان\n"); code != "" {
		t.Fatal(code)
	}
	if list, _, _, err := w.s.List(context.Background(), lead, w.id); err != nil || len(list) != 1 || !list[0].Lost || list[0].Heading != "ب" {
		t.Errorf("%+v %v", list, err)
	}
	if code := mine.write("نص ب.", "غيره."); code != "" {
		t.Error("it lapsed:", code)
	}
	if code := theirs.write("نص بلا عنوان", "## ب من جديد"); code != "" {
		t.Fatal(code)
	}
	if code := mine.write("غيره.", "ثالث."); code != "draft.section" {
		t.Errorf("it stands there again: %q", code)
	}
}

func TestTheNextEditionBeginsWithTheSections(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, ctx := newWorld(t, d), context.Background()
		w.assign("ag_b", "## ب")
		w.assign("ag_a", "## ج")
		carry := func(body string) (out []section.Section) {
			t.Helper()
			next := ""
			if err := d.Transact(ctx, func(tx *db.Tx) (err error) {
				if next, err = draft.Create(ctx, tx, "ed_"+body[:1], body); err != nil {
					return err
				}
				return w.s.Carry(ctx, tx, lead, w.id, next)
			}); err != nil {
				t.Fatal(err)
			}
			out, _, _, err := w.s.List(ctx, lead, next)
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		if got := carry(text); len(got) != 2 || got[0].Agency != "ag_b" || got[0].Place.Pos != pos(text, "## ب") || got[0].DueAt != 0 || got[0].Lost {
			t.Errorf("the same text: %+v", got)
		}
		// Moved, and one of the headings twice.
		if got := carry("## ج\n\nأ\n\n## ب\n\nنص\n\n## ج\n"); len(got) != 1 || got[0].Agency != "ag_b" || got[0].Heading != "ب" {
			t.Errorf("another text: %+v", got)
		}
	})
}
