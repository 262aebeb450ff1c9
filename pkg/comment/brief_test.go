package comment

import (
	"fmt"
	"testing"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
)

func TestBriefly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "نص الدليل كله هنا")
		ctx := t.Context()
		var all []Thread
		for i := range 4 {
			th, err := w.threads.Open(ctx, salma, w.id, NewThread{From: i, To: i + 2, Body: fmt.Sprintf("تعليق %d", i), Kind: General, Blocking: i == 1})
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, th)
		}
		inside, err := w.threads.Open(ctx, huda, w.id, NewThread{From: 5, To: 7, Body: "بيننا", Kind: Technical, Audience: Inside})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range []policy.Actor{huda, salma, huda} {
			if _, err := w.threads.Answer(ctx, a, all[2].ID, "رد", nil); err != nil {
				t.Fatal(err)
			}
		}
		few, err := w.threads.Briefly(ctx, salma, w.id, 4)
		if err != nil || len(few.Threads) != 4 || few.Briefs != nil {
			t.Fatalf("four threads within four: %d whole, %d brief, %v", len(few.Threads), len(few.Briefs), err)
		}
		for _, c := range []struct {
			actor  policy.Actor
			n      int
			answer Brief // of the third
		}{
			{salma, 4, Brief{Replies: 3, ByActor: true, Answered: true, ByAgency: true}},
			{huda, 5, Brief{Replies: 3, ByActor: true, Answered: true, ByAgency: true}},
			{omar, 0, Brief{}},
		} {
			list, err := w.threads.Briefly(ctx, c.actor, w.id, 1)
			if c.n == 0 {
				if err == nil {
					t.Errorf("%s: %d threads, %v", c.actor.Person, len(list.Briefs), err)
				}
				continue
			}
			if err != nil || len(list.Briefs) != c.n || list.Threads != nil {
				t.Fatalf("%s: %d whole, %d brief, %v", c.actor.Person, len(list.Threads), len(list.Briefs), err)
			}
			b := list.Briefs[2]
			if b.ID != all[2].ID || b.Replies != c.answer.Replies || b.ByActor != c.answer.ByActor || b.Answered != c.answer.Answered || b.ByAgency != c.answer.ByAgency || len(b.Authors) != 2 {
				t.Errorf("%s: %+v", c.actor.Person, b)
			}
			if b.Anchor.From != 2 || b.Anchor.To != 4 || b.Anchor.Quote != "" || !list.Briefs[1].Blocking {
				t.Errorf("%s: place %+v, blocking %v", c.actor.Person, b.Anchor, list.Briefs[1].Blocking)
			}
		}
		some, err := w.threads.Some(ctx, salma, w.id, []string{all[2].ID, inside.ID, "th_nobody"})
		if err != nil || len(some.Threads) != 1 || len(some.Threads[0].Comments) != 4 || some.Threads[0].Comments[0].Body != "تعليق 2" {
			t.Errorf("some: %+v, %v", some.Threads, err)
		}
		if none, err := w.threads.Some(ctx, salma, w.id, nil); err != nil || len(none.Threads) != 0 {
			t.Errorf("none asked for: %d, %v", len(none.Threads), err)
		}
		if _, err := w.threads.Some(ctx, salma, w.id, make([]string, MaxSome+1)); !fault.Is(err, "comment.too_many_ids") {
			t.Errorf("too many: %v", err)
		}
	})
}
