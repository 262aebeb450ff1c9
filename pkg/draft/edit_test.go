package draft_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
)

// prepend puts s before the text, credited to who.
func prepend(who policy.Actor, s string) func(context.Context, *db.Tx, draft.Now) ([]draft.Part, error) {
	return func(_ context.Context, _ *db.Tx, now draft.Now) ([]draft.Part, error) {
		c, err := changeset.Replace(now.Text.Len(), 0, 0, s)
		return []draft.Part{{Credit: draft.CreditOf(who), Change: c}}, err
	}
}

// credits counts the updates of each person in the log.
func (w *world) credits() map[string]int {
	w.t.Helper()
	out := map[string]int{}
	if err := w.db.Read(w.t.Context(), func(tx *db.Tx) error {
		people := map[int64]string{}
		rows, err := tx.Query(w.t.Context(), `select client, person from draft_client`)
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
		_, err = draft.Changes(w.t.Context(), tx, w.id, 0, func(u draft.Update) error {
			out[people[u.Client]]++
			return nil
		})
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// TestEditAmongWriters: server-made edits on either node race with tabs that type; everybody sees one text, nothing is lost, and each
// update has the credit it was given.
func TestEditAmongWriters(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const edits, typed = 40, 60
		w := newWorld(t, d, "نص 😀\n")
		b := bus.NewMemory()
		opts := draft.Options{Poll: 20 * time.Millisecond}
		first, _ := w.node(b, opts)
		second, _ := w.node(b, opts)
		tab1, tab2 := openTab(t, first, salma, w.id), openTab(t, second, huda, w.id)
		done := make(chan error, 2)
		for i, svc := range []*draft.Service{first, second} {
			go func() {
				for n := range edits {
					// The one who causes it and the one who is credited differ.
					if _, err := svc.Edit(context.Background(), salma, w.id, prepend(other, fmt.Sprintf("<%d:%d>", i, n))); err != nil {
						done <- err
						return
					}
				}
				done <- nil
			}()
		}
		for range typed {
			tab1.typeAt(0, "س")
			tab2.typeAt(0, "ه")
			tab1.push()
			tab2.push()
			tab1.settle(func() bool { return tab1.c.Unconfirmed() < 10 })
			tab2.settle(func() bool { return tab2.c.Unconfirmed() < 10 })
		}
		for range 2 {
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
		tab1.settle(tab1.saved)
		tab2.settle(tab2.saved)
		version, text := w.text()
		tab1.settle(func() bool { return tab1.c.Version == version })
		tab2.settle(func() bool { return tab2.c.Version == version })
		if tab1.c.Doc.String() != text || tab2.c.Doc.String() != text {
			t.Fatal("the tabs show other texts than the log")
		}
		for i := range 2 {
			for n := range edits {
				if mark := fmt.Sprintf("<%d:%d>", i, n); strings.Count(text, mark) != 1 {
					t.Fatalf("%s is in the text %d times", mark, strings.Count(text, mark))
				}
			}
		}
		if c := w.credits(); c["pe_other"] != 2*edits || c["pe_salma"] != typed || c["pe_huda"] != typed {
			t.Fatalf("credits %v", c)
		}
	})
}

// TestEditIsOneWithItsCallback: what the callback writes and what is appended are one; who may not write changes nothing.
func TestEditIsOneWithItsCallback(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "نص 😀")
		svc, _ := w.node(bus.NewMemory(), draft.Options{})
		ctx := t.Context()
		own := func(n int, parts func(now draft.Now) ([]draft.Part, error)) func(context.Context, *db.Tx, draft.Now) ([]draft.Part, error) {
			return func(ctx context.Context, tx *db.Tx, now draft.Now) ([]draft.Part, error) {
				if _, err := tx.Exec(ctx, `insert into event_cursor (subscriber, seq) values ($1, $2)`, fmt.Sprint("edit", n), n); err != nil {
					return nil, err
				}
				return parts(now)
			}
		}
		written := func(n int) bool {
			var found int
			if err := d.Read(ctx, func(tx *db.Tx) error {
				return tx.QueryRow(ctx, `select count(*) from event_cursor where subscriber = $1`, fmt.Sprint("edit", n)).Scan(&found)
			}); err != nil {
				t.Fatal(err)
			}
			return found == 1
		}
		at := func(from int, s string) func(draft.Now) ([]draft.Part, error) {
			return func(now draft.Now) ([]draft.Part, error) {
				c, err := changeset.Replace(now.Text.Len(), from, from, s)
				return []draft.Part{{Credit: draft.CreditOf(huda), Change: c}}, err
			}
		}
		mine := errors.New("mine")
		for n, c := range []struct {
			actor policy.Actor
			parts func(draft.Now) ([]draft.Part, error)
			want  string
		}{
			{salma, at(4, "x"), "draft.surrogate"},
			{salma, at(0, strings.Repeat("x", draft.MaxPushBytes+1)), "draft.update_too_large"},
			{salma, func(draft.Now) ([]draft.Part, error) { return nil, mine }, "mine"},
			{other, at(0, "x"), "draft.not_found"},
		} {
			_, err := svc.Edit(ctx, c.actor, w.id, own(n, c.parts))
			if f := fault.Of(err); (f == nil || f.Code != c.want) && !(c.want == "mine" && errors.Is(err, mine)) {
				t.Errorf("%d: %v, want %s", n, err, c.want)
			}
			if v, text := w.text(); v != 0 || text != "نص 😀" || written(n) {
				t.Errorf("%d left a trace: version %d, %q, written %v", n, v, text, written(n))
			}
		}
		w.rights.set(func() { w.rights.state = "in_review" })
		if _, err := svc.Edit(ctx, salma, w.id, prepend(salma, "x")); !fault.Is(err, "policy.forbidden") {
			t.Errorf("edited a text in review: %v", err)
		}
		w.rights.set(func() { w.rights.state = "draft"; w.rights.network = true })
		if _, err := svc.Edit(ctx, other, w.id, prepend(other, "x")); !fault.Is(err, "policy.forbidden") {
			t.Errorf("a reader edited: %v", err)
		}
		// Several parts of two people, one after the other; then none.
		v, err := svc.Edit(ctx, salma, w.id, own(10, func(now draft.Now) ([]draft.Part, error) {
			one, err := changeset.Replace(now.Text.Len(), 2, 2, " أول")
			if err != nil {
				return nil, err
			}
			two, err := changeset.Replace(one.NewLen(), 0, 2, "متن")
			return []draft.Part{{Credit: draft.CreditOf(huda), Change: one}, {Credit: draft.CreditOf(salma), Change: two},
				{Credit: draft.CreditOf(other), Change: changeset.Empty(two.NewLen())}}, err
		}))
		if err != nil || v != 2 || !written(10) {
			t.Fatalf("version %d: %v", v, err)
		}
		v, err = svc.Edit(ctx, salma, w.id, own(11, func(draft.Now) ([]draft.Part, error) { return nil, nil }))
		if _, text := w.text(); err != nil || v != 2 || text != "متن أول 😀" || !written(11) {
			t.Fatalf("version %d, %q: %v", v, text, err)
		}
		if c := w.credits(); c["pe_huda"] != 1 || c["pe_salma"] != 1 || len(c) != 2 {
			t.Fatalf("credits %v", c)
		}
		// Nobody can come back as a client that the server made.
		zero := int64(0)
		a := openTab(t, svc, huda, w.id)
		for _, resume := range []string{"1.", "1", "2."} {
			if _, err := svc.Open(ctx, huda, draft.Opening{Draft: w.id, Version: &zero, Epoch: a.at.Epoch, Resume: resume, Notify: func() {}}); !fault.Is(err, "draft.client_unknown") {
				t.Errorf("resumed %q: %v", resume, err)
			}
		}
	})
}
