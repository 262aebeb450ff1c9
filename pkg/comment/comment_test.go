package comment

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/draft/drafttest"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/suggestion"
)

var (
	salma = policy.Actor{Person: "pe_salma", Agency: "ag_a", Roles: []policy.Role{policy.Representative}}
	huda  = policy.Actor{Person: "pe_huda", Agency: "ag_b", Roles: []policy.Role{policy.Representative}}
	omar  = policy.Actor{Person: "pe_omar", Agency: "ag_c", Roles: []policy.Role{policy.Representative}}
)

type world struct {
	t       *testing.T
	db      *db.DB
	threads *Service
	drafts  *draft.Service
	changes *suggestion.Service
	id      string
	at      *draft.Attachment
	editor  *drafttest.Client
	wake    chan struct{}

	mu         sync.Mutex
	state      string
	visibility policy.Visibility
}

func (w *world) Facts(context.Context, *db.Tx, string) (policy.Facts, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return policy.Facts{Kind: "draft", Agency: "ag_a", Agencies: []string{"ag_a", "ag_b"}, Visibility: w.visibility, State: w.state,
		Flags: map[string]bool{"writable": w.state == "draft"}}, nil
}

func (w *world) Actor(_ context.Context, was policy.Actor) (policy.Actor, error) { return was, nil }

func newWorld(t *testing.T, d *db.DB, text string) *world {
	w := &world{t: t, db: d, state: "draft", visibility: policy.ToAgencies, wake: make(chan struct{}, 1)}
	log := slog.New(slog.DiscardHandler)
	w.threads = New(d, w, log)
	w.drafts = draft.New(d, w, bus.NewMemory(), log, draft.Options{})
	w.changes = suggestion.New(d, w.drafts, w, log)
	w.threads.Propose(w.changes)
	ctx, cancel := context.WithCancel(context.Background())
	wait := w.drafts.Start(ctx)
	t.Cleanup(func() { cancel(); wait() })
	err := d.Transact(ctx, func(tx *db.Tx) (err error) {
		w.id, err = draft.Create(ctx, tx, "ed_1", text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.at, err = w.drafts.Open(ctx, salma, draft.Opening{Draft: w.id, Notify: func() {
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	w.editor = drafttest.New(w.at.Client, w.at.Authority.Handle, 0, w.at.Text)
	return w
}

// save brings what was typed into the log.
func (w *world) save() {
	w.t.Helper()
	for w.editor.Unconfirmed() > 0 {
		if msg, ok := w.editor.Push(draft.MaxPushUpdates); ok {
			p, err := draft.DecodePush(msg)
			if err != nil {
				w.t.Fatal(err)
			}
			w.drafts.Push(w.at, salma, p, func(code string) { w.t.Error(code) })
		}
		select {
		case <-w.wake:
		case <-time.After(time.Minute):
			w.t.Fatal("not saved")
		}
		for {
			frame, _, err := w.at.Authority.Next(context.Background(), w.editor.Version)
			if err != nil {
				w.t.Fatal(err)
			}
			if frame == nil {
				break
			}
			if err := w.editor.Receive(frame); err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

func (w *world) replace(from, to int, s string) {
	w.t.Helper()
	c, err := changeset.Replace(w.editor.Doc.Len(), from, to, s)
	if err == nil {
		err = w.editor.Edit(c)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.save()
}

func (w *world) open(from, to int, body string) Thread {
	w.t.Helper()
	th, err := w.threads.Open(context.Background(), huda, w.id, NewThread{Version: w.editor.Version, From: from, To: to, Body: body})
	if err != nil {
		w.t.Fatal(err)
	}
	return th
}

func (w *world) list() []Thread {
	w.t.Helper()
	l, err := w.threads.List(context.Background(), salma, w.id, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	return l.Threads
}

func TestLifeOfAThread(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "تقدّم الخدمة خلال يومين 😀.\n")
		ctx := t.Context()
		th := w.open(6, 12, "أي خدمة؟\r\n")
		if th.Anchor.Quote != "الخدمة" && th.Anchor.Quote != " الخدم" {
			t.Errorf("quote %q", th.Anchor.Quote)
		}
		if th.Comments[0].Body != "أي خدمة؟\n" || !th.Abilities["thread.resolve"] || th.Abilities["thread.reopen"] {
			t.Errorf("%+v", th)
		}
		if th, err := w.threads.Answer(ctx, salma, th.ID, "خدمة الترخيص", nil); err != nil || len(th.Comments) != 2 {
			t.Fatal(th, err)
		}
		for name, tc := range map[string]struct {
			err  func() error
			code string
		}{
			"an outcome is needed":         {func() error { _, err := w.threads.Resolve(ctx, salma, th.ID, "", ""); return err }, "comment.invalid"},
			"rejecting needs a note":       {func() error { _, err := w.threads.Resolve(ctx, salma, th.ID, Rejected, " "); return err }, "comment.invalid"},
			"an empty answer":              {func() error { _, err := w.threads.Answer(ctx, salma, th.ID, "\n ", nil); return err }, "comment.invalid"},
			"an unknown person":            {func() error { _, err := w.threads.Answer(ctx, salma, th.ID, "x", []string{"pe_x"}); return err }, "comment.invalid"},
			"who may not see it":           {func() error { _, err := w.threads.Answer(ctx, omar, th.ID, "x", nil); return err }, "thread.not_found"},
			"an absent one":                {func() error { _, err := w.threads.Answer(ctx, omar, "th_x", "x", nil); return err }, "thread.not_found"},
			"an open one":                  {func() error { _, err := w.threads.Reopen(ctx, huda, th.ID, "x"); return err }, "comment.not_resolved"},
			"a draft that may not be seen": {func() error { _, err := w.threads.List(ctx, omar, w.id, 0); return err }, "draft.not_found"},
			"beyond the text": {func() error {
				_, err := w.threads.Open(ctx, huda, w.id, NewThread{From: 5, To: 500, Body: "x"})
				return err
			}, "comment.invalid"},
			"beyond the head": {func() error {
				_, err := w.threads.Open(ctx, huda, w.id, NewThread{Version: 9, From: 5, To: 6, Body: "x"})
				return err
			}, "comment.invalid"},
			"an empty range": {func() error {
				_, err := w.threads.Open(ctx, huda, w.id, NewThread{From: 5, To: 5, Body: "x"})
				return err
			}, "comment.invalid"},
			"too long": {func() error {
				_, err := w.threads.Answer(ctx, salma, th.ID, strings.Repeat("م", MaxBody+1), nil)
				return err
			}, "comment.invalid"},
		} {
			if err := tc.err(); !fault.Is(err, tc.code) {
				t.Errorf("%s: %v, want %s", name, err, tc.code)
			}
		}
		th, err := w.threads.Resolve(ctx, salma, th.ID, Accepted, "")
		if err != nil || th.State != Resolved || th.Outcome != Accepted || th.ResolvedBy != "pe_salma" {
			t.Fatalf("%+v %v", th, err)
		}
		if _, err := w.threads.Answer(ctx, salma, th.ID, "x", nil); !fault.Is(err, "comment.resolved") {
			t.Error(err)
		}
		if _, err := w.threads.Reopen(ctx, salma, th.ID, "x"); !fault.Is(err, "policy.forbidden") {
			t.Error("another than the author reopened it:", err)
		}
		if th, err = w.threads.Reopen(ctx, huda, th.ID, "لم يُعالج"); err != nil || th.State != Open || th.Outcome != "" {
			t.Fatalf("%+v %v", th, err)
		}
		if _, err = w.threads.Resolve(ctx, salma, th.ID, Noted, ""); err != nil {
			t.Fatal(err)
		}
		if _, err = w.threads.Reopen(ctx, huda, th.ID, "مرة أخرى"); !fault.Is(err, "comment.reopened_before") {
			t.Error(err)
		}
		err = d.Read(ctx, func(tx *db.Tx) error {
			list, err := event.List(ctx, tx, 0, 100, "thread.", "comment.")
			if len(list) != 5 {
				t.Errorf("%d events", len(list))
			}
			if !strings.Contains(list[0].Body, w.id) {
				t.Error("an event does not name the draft")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestAnchorFollowsItsText(t *testing.T) {
	w := newWorld(t, dbtest.Open(t), "واحد اثنان ثلاثة أربعة")
	w.open(5, 11, "هذه الكلمة")
	check := func(name, want string, orphaned bool) {
		t.Helper()
		a := w.list()[0].Anchor
		got, err := w.editor.Doc.Slice(a.From, a.To)
		if err != nil || got != want || a.Orphaned != orphaned || a.Quote != "اثنان " || a.Version != w.editor.Version {
			t.Fatalf("%s: stands on %q, orphaned %v, at %d of %d, quote %q: %v", name, got, a.Orphaned, a.Version, w.editor.Version, a.Quote, err)
		}
	}
	check("as made", "اثنان ", false)
	w.replace(0, 0, "قبل ")
	check("before", "اثنان ", false)
	w.replace(w.editor.Doc.Len(), w.editor.Doc.Len(), " بعد")
	check("after", "اثنان ", false)
	w.replace(9, 9, "ملاصق ")
	check("at its start", "اثنان ", false)
	w.replace(17, 17, "XX")
	check("inside", "اثXXنان ", false)
	w.replace(13, 16, "")
	check("across its start", "ثXXنان ", false)
	w.replace(18, 24, "+")
	if a := w.list()[0].Anchor; a.Orphaned {
		t.Fatal("orphaned too early")
	}
	w.replace(4, w.editor.Doc.Len(), "")
	check("over it", "", true)
	w.replace(2, 2, "اثنان ")
	check("typed again elsewhere", "", true)
	if _, err := w.threads.Open(t.Context(), huda, w.id, NewThread{Version: 0, From: 5, To: 11, Body: "متأخر"}); !fault.Is(err, "comment.anchor_gone") {
		t.Error(err)
	}
}

// TestAnchorsUnderRandomEdits: every anchor stands on units of its own text, in order, or is orphaned when none is left. Each
// unit of the text carries a name, so that "its own" can be checked.
func TestAnchorsUnderRandomEdits(t *testing.T) {
	w := newWorld(t, dbtest.Open(t), strings.Repeat("كلمة ونص 😀 طويل\n", 30))
	rnd := rand.New(rand.NewPCG(9, 10))
	names := make([]int, w.editor.Doc.Len())
	next := 0
	name := func() int { next++; return next }
	for i := range names {
		names[i] = name()
	}
	own, born := map[string]map[int]bool{}, map[string]int{}
	for i := range 10_000 {
		if i%50 == 0 {
			w.save()
			n := w.editor.Doc.Len()
			from := rnd.IntN(max(1, n-8))
			to := min(n, from+1+rnd.IntN(12))
			th, err := w.threads.Open(t.Context(), huda, w.id, NewThread{Version: w.editor.Version, From: from, To: to, Body: fmt.Sprint(i)})
			if fault.Is(err, "comment.invalid") {
				continue // an end inside a pair
			}
			if err != nil {
				t.Fatal(err)
			}
			own[th.ID], born[th.ID] = map[int]bool{}, next
			for _, u := range names[from:to] {
				own[th.ID][u] = true
			}
		}
		c := drafttest.RandomEdit(rnd, w.editor.Doc)
		var after []int
		at := 0
		c.Each(func(fromA, toA, fromB, toB int, _ string) {
			after = append(after, names[at:fromA]...)
			for range toB - fromB {
				after = append(after, name())
			}
			at = toA
		})
		names = append(after, names[at:]...)
		if err := w.editor.Edit(c); err != nil {
			t.Fatal(err)
		}
		if i%200 != 199 {
			continue
		}
		w.save()
		for _, th := range w.list() {
			first, last := -1, -1
			for p, u := range names {
				if own[th.ID][u] {
					if first < 0 {
						first = p
					}
					last = p + 1
				}
			}
			a := th.Anchor
			switch {
			case first >= 0 && a.Orphaned:
				t.Fatalf("edit %d: %s is orphaned and its text is still there", i, th.ID)
			case first >= 0 && (a.From > first || a.To < last):
				t.Fatalf("edit %d: %s stands on %d to %d, its text on %d to %d", i, th.ID, a.From, a.To, first, last)
			case !a.Orphaned:
				// What it stands on beyond its own text was typed inside it: never text that was there before.
				for _, u := range names[a.From:a.To] {
					if u <= born[th.ID] && !own[th.ID][u] {
						t.Fatalf("edit %d: %s stands on other text", i, th.ID)
					}
				}
			}
		}
	}
}

func TestHidden(t *testing.T) {
	w := newWorld(t, dbtest.Open(t), "نص للنقاش")
	th := w.open(0, 2, "مسيء")
	ctx := t.Context()
	hide := func(id string) {
		t.Helper()
		if err := w.db.Transact(ctx, func(tx *db.Tx) error { return SetHidden(ctx, tx, id, true) }); err != nil {
			t.Fatal(err)
		}
	}
	hide(th.Comments[0].ID)
	if c := w.list()[0].Comments[0]; c.Body != "" || !c.Hidden {
		t.Errorf("%+v", c)
	}
	if c := w.seen(huda, 0).Threads[0].Comments[0]; c.Body != "مسيء" || !c.Hidden {
		t.Errorf("the author reads %+v", c)
	}
	if c := w.seen(hala, 0).Threads[0].Comments[0]; c.Body != "" {
		t.Errorf("a colleague of the author reads %+v", c)
	}
	hide(th.ID)
	if len(w.list()) != 0 {
		t.Error("a hidden thread is listed")
	}
	if seen := w.seen(hala, 0).Threads; len(seen) != 0 {
		t.Errorf("a colleague of its author is shown a hidden thread: %+v", seen)
	}
	own := w.seen(huda, 0).Threads
	if len(own) != 1 || !own[0].Hidden || own[0].Comments[0].Body != "مسيء" {
		t.Fatalf("its author is shown %+v", own)
	}
	for act, may := range own[0].Abilities {
		if may {
			t.Errorf("%s of a hidden thread", act)
		}
	}
	if _, err := w.threads.Answer(ctx, salma, th.ID, "x", nil); !fault.Is(err, "thread.not_found") {
		t.Error(err)
	}
}
