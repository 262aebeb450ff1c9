package comment

import (
	"strings"
	"testing"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/suggestion"
)

var (
	hala   = policy.Actor{Person: "pe_hala", Agency: "ag_b", Roles: []policy.Role{policy.Representative}}
	hassan = policy.Actor{Person: "pe_hassan", Agency: "ag_s", Roles: []policy.Role{policy.SecretariatAdmin}}
)

func (w *world) begin(actor policy.Actor, in NewThread) Thread {
	w.t.Helper()
	in.Version = w.head()
	if in.Body == "" {
		in.Body = "لماذا؟"
	}
	th, err := w.threads.Open(w.t.Context(), actor, w.id, in)
	if err != nil {
		w.t.Fatal(err)
	}
	return th
}

func (w *world) seen(actor policy.Actor, since db.Time) Listed {
	w.t.Helper()
	l, err := w.threads.List(w.t.Context(), actor, w.id, since)
	if err != nil {
		w.t.Fatal(err)
	}
	return l
}

func (w *world) thread(actor policy.Actor, id string) Thread {
	w.t.Helper()
	for _, th := range w.seen(actor, 0).Threads {
		if th.ID == id {
			return th
		}
	}
	w.t.Fatalf("%s sees no %s", actor.Person, id)
	return Thread{}
}

func (w *world) head() (version int64) {
	w.t.Helper()
	if err := w.db.Read(w.t.Context(), func(tx *db.Tx) (err error) {
		_, version, err = draft.Head(w.t.Context(), tx, w.id)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return version
}

// text is the committed text.
func (w *world) text() string {
	w.t.Helper()
	body := ""
	if err := w.db.Read(w.t.Context(), func(tx *db.Tx) (err error) {
		_, body, err = draft.Text(w.t.Context(), tx, w.id)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return body
}

// find finds a word of the text.
func (w *world) find(word string) (from, to int) {
	text := w.text()
	i := strings.Index(text, word)
	if i < 0 {
		w.t.Fatalf("no %q in the text", word)
	}
	from = changeset.Len16(text[:i])
	return from, from + changeset.Len16(word)
}

func (w *world) events(kinds ...string) []event.Record {
	w.t.Helper()
	var out []event.Record
	if err := w.db.Read(w.t.Context(), func(tx *db.Tx) (err error) {
		out, err = event.List(w.t.Context(), tx, 0, 100, kinds...)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return out
}

func TestProposedWording(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "تقدّم الخدمة خلال عشرين دقيقة.\n")
		ctx := t.Context()
		propose := func(old, wording string) Thread {
			t.Helper()
			from, to := w.find(old)
			return w.begin(huda, NewThread{From: from, To: to, Proposal: &wording})
		}
		th := propose("عشرين", "خمس عشرة")
		p := th.Proposal
		if p == nil || p.Thread != th.ID || p.Quote != "عشرين" || p.Insertion != "خمس عشرة" || p.State != suggestion.Open {
			t.Fatalf("%+v", p)
		}
		// The words before it change; it stays on its own.
		w.replace(0, 0, "أولًا: ")
		if got := w.thread(salma, th.ID).Proposal; got == nil || !got.Abilities["suggestion.accept"] || len(got.Parts()) != 1 {
			t.Fatalf("%+v", got)
		}
		if _, err := w.threads.Resolve(ctx, salma, th.ID, Accepted, ""); !fault.Is(err, "comment.proposal_open") {
			t.Error("resolved as accepted without the wording in the text:", err)
		}
		if _, _, err := w.changes.Accept(ctx, salma, w.id, suggestion.Pick{IDs: []string{p.ID}}); err != nil {
			t.Fatal(err)
		}
		if got := w.text(); got != "أولًا: تقدّم الخدمة خلال خمس عشرة دقيقة.\n" {
			t.Errorf("the text is %q", got)
		}
		got := w.thread(huda, th.ID)
		if got.State != Resolved || got.Outcome != Accepted || got.ResolvedBy != salma.Person || got.Proposal.State != suggestion.Accepted ||
			got.Proposal.LogVersion == 0 || got.Proposal.DecidedBy != salma.Person {
			t.Errorf("%+v, %+v", got, got.Proposal)
		}

		rejected := propose("دقيقة", "ساعة")
		if _, err := w.changes.Reject(ctx, salma, w.id, suggestion.Pick{IDs: []string{rejected.Proposal.ID}}, "المدّة محدّدة بقرار"); err != nil {
			t.Fatal(err)
		}
		if got := w.thread(huda, rejected.ID); got.State != Resolved || got.Outcome != Rejected || got.OutcomeNote != "المدّة محدّدة بقرار" {
			t.Errorf("%+v", got)
		}

		withdrawn := propose("دقيقة", "ساعة")
		if _, err := w.changes.Withdraw(ctx, huda, withdrawn.Proposal.ID); err != nil {
			t.Fatal(err)
		}
		if got := w.thread(huda, withdrawn.ID); got.State != Open || got.Proposal.State != suggestion.Withdrawn {
			t.Errorf("a wording taken back: %+v", got)
		}

		for _, tc := range []struct {
			by      policy.Actor
			outcome Outcome
			want    suggestion.State
		}{{salma, AcceptedInPart, suggestion.Rejected}, {salma, Noted, suggestion.Rejected}, {huda, Noted, suggestion.Withdrawn}} {
			th := propose("دقيقة", "ساعة")
			th, err := w.threads.Resolve(ctx, tc.by, th.ID, tc.outcome, "كُتب في موضع آخر")
			if err != nil || th.Proposal.State != tc.want {
				t.Errorf("%s as %s: %v, %+v", tc.outcome, tc.by.Person, err, th.Proposal)
			}
			if _, _, err := w.changes.Accept(ctx, salma, w.id, suggestion.Pick{IDs: []string{th.Proposal.ID}}); !fault.Is(err, "suggestion.closed") {
				t.Error("its wording can still be accepted:", err)
			}
		}

		before := len(w.seen(huda, 0).Threads)
		from, to := w.find("دقيقة")
		same := "دقيقة"
		if _, err := w.threads.Open(ctx, huda, w.id, NewThread{Version: w.head(), From: from, To: to, Body: "x", Proposal: &same}); !fault.Is(err, "comment.invalid") {
			t.Error("the text itself as a proposal:", err)
		}
		bad := "a\x00b"
		if _, err := w.threads.Open(ctx, huda, w.id, NewThread{Version: w.head(), From: from, To: to, Body: "x", Proposal: &bad}); !fault.Is(err, "suggestion.invalid") {
			t.Error("a damaged proposal:", err)
		}
		if n := len(w.seen(huda, 0).Threads); n != before {
			t.Errorf("a refused wording left %d threads", n-before)
		}
	})
}

func TestInsideAnAgency(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "تقدّم الخدمة خلال عشرين دقيقة.\n")
		ctx := t.Context()
		w.visibility = policy.ToNetwork
		th := w.begin(huda, NewThread{From: 0, To: 5, Body: "موقفنا الداخلي", Audience: Inside})
		if !th.Inside || !th.Abilities["thread.widen"] || !th.Abilities["thread.resolve"] {
			t.Fatalf("%+v", th)
		}
		if got := w.thread(hala, th.ID); got.Abilities["thread.widen"] || !got.Abilities["thread.resolve"] || !got.Abilities["comment.create"] {
			t.Errorf("a colleague: %+v", got.Abilities)
		}
		for _, a := range []policy.Actor{salma, hassan} {
			if n := len(w.seen(a, 0).Threads); n != 0 {
				t.Errorf("%s sees it", a.Person)
			}
			for name, call := range map[string]func() error{
				"answer":  func() error { _, err := w.threads.Answer(ctx, a, th.ID, "x", nil); return err },
				"resolve": func() error { _, err := w.threads.Resolve(ctx, a, th.ID, Noted, ""); return err },
				"reopen":  func() error { _, err := w.threads.Reopen(ctx, a, th.ID, "x"); return err },
				"widen":   func() error { _, err := w.threads.Widen(ctx, a, th.ID); return err },
				"place":   func() error { _, err := w.threads.Place(ctx, a, th.ID, 0, 0, 1); return err },
			} {
				if err := call(); !fault.Is(err, "thread.not_found") {
					t.Errorf("%s by %s: %v", name, a.Person, err)
				}
			}
		}
		if err := d.Read(ctx, func(tx *db.Tx) error {
			n, err := Counts{}.Open(ctx, tx, w.id)
			if n[w.id] != 0 || err != nil {
				t.Errorf("it is counted: %v %v", n, err)
			}
			if _, _, _, _, err := Where(ctx, tx, th.ID); !fault.Is(err, "comment.not_found") {
				t.Error("moderators find it:", err)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for _, e := range w.events("thread.") {
			if !strings.Contains(e.Body, `"within":{"draft":"`+w.id+`","agency":"ag_b"}`) || strings.Count(e.Body, w.id) != 1 {
				t.Errorf("its event is told to whoever watches the draft: %s", e.Body)
			}
		}
		words := "x"
		for name, in := range map[string]NewThread{
			"blocking":            {Audience: Inside, Blocking: true},
			"proposing":           {Audience: Inside, Proposal: &words},
			"an unknown audience": {Audience: "planet"},
		} {
			in.Version, in.To, in.Body = w.editor.Version, 5, "x"
			if _, err := w.threads.Open(ctx, huda, w.id, in); !fault.Is(err, "comment.invalid") {
				t.Errorf("%s: %v", name, err)
			}
		}
		nobody := policy.Actor{Person: "pe_x", Roles: []policy.Role{policy.SecretariatAdmin}}
		if _, err := w.threads.Open(ctx, nobody, w.id, NewThread{To: 5, Body: "x", Audience: Inside}); !fault.Is(err, "comment.invalid") {
			t.Error("inside of no agency:", err)
		}
		if _, err := w.threads.Widen(ctx, hala, th.ID); !fault.Is(err, "policy.forbidden") {
			t.Error("a colleague widened it:", err)
		}
		at := w.seen(salma, 0).At
		if got, err := w.threads.Widen(ctx, huda, th.ID); err != nil || got.Inside || got.Abilities["thread.widen"] {
			t.Fatalf("%+v %v", got, err)
		}
		if l := w.seen(salma, at); len(l.Threads) != 1 || l.Threads[0].Comments[0].Body != "موقفنا الداخلي" {
			t.Errorf("widened, and not among what changed: %+v", l)
		}
		if _, err := w.threads.Widen(ctx, huda, th.ID); !fault.Is(err, "comment.not_inside") {
			t.Error(err)
		}
		if e := w.events("thread.widened"); len(e) != 1 || !strings.Contains(e[0].Body, `"draft":"`+w.id) {
			t.Errorf("%+v", e)
		}
		// A colleague resolves one that is inside, though the agency only comments here.
		own := w.begin(huda, NewThread{From: 0, To: 5, Audience: Inside})
		if _, err := w.threads.Resolve(ctx, hala, own.ID, Noted, ""); err != nil {
			t.Error(err)
		}
	})
}

func TestPlacedAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "واحد اثنان ثلاثة")
		ctx := t.Context()
		th := w.open(5, 11, "هذه")
		if _, err := w.threads.Place(ctx, huda, th.ID, w.editor.Version, 0, 4); !fault.Is(err, "comment.not_orphaned") {
			t.Error(err)
		}
		w.replace(5, 11, "")
		if got := w.thread(huda, th.ID); !got.Anchor.Orphaned || !got.Abilities["thread.anchor"] {
			t.Fatalf("%+v", got)
		}
		if _, err := w.threads.Place(ctx, huda, th.ID, w.editor.Version, 0, 400); !fault.Is(err, "comment.invalid") {
			t.Error(err)
		}
		was := w.editor.Version
		w.replace(0, 0, "قبل ") // typed while it is placed
		got, err := w.threads.Place(ctx, salma, th.ID, was, 5, 10)
		if err != nil || got.Anchor.Orphaned || got.Anchor.Quote != "ثلاثة" || got.Anchor.From != 9 || got.Anchor.To != 14 {
			t.Fatalf("%+v %v", got.Anchor, err)
		}
		w.replace(0, 4, "")
		if a := w.thread(huda, th.ID).Anchor; a.From != 5 || a.To != 10 || a.Orphaned {
			t.Errorf("%+v", a)
		}
	})
}

func TestWhatChangedSince(t *testing.T) {
	w := newWorld(t, dbtest.Open(t), "واحد اثنان ثلاثة")
	ctx := t.Context()
	old, hidden := w.open(0, 4, "قديم"), w.open(5, 11, "مسيء")
	if err := w.db.Transact(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update thread set updated_at = updated_at - 600000`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	at := w.seen(salma, 0).At
	if l := w.seen(salma, at); len(l.Threads) != 0 {
		t.Errorf("%+v", l.Threads)
	}
	if _, err := w.threads.Answer(ctx, salma, old.ID, "جواب", nil); err != nil {
		t.Fatal(err)
	}
	if err := w.db.Transact(ctx, func(tx *db.Tx) error { return SetHidden(ctx, tx, hidden.ID, true) }); err != nil {
		t.Fatal(err)
	}
	l := w.seen(salma, at)
	if len(l.Threads) != 1 || l.Threads[0].ID != old.ID || len(l.Threads[0].Comments) != 2 || len(l.Gone) != 1 || l.Gone[0] != hidden.ID {
		t.Errorf("%+v", l)
	}
}
