package draft_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/draft/drafttest"
)

// TestLogFromAnywhere: rows of several drafts lie in one sequence, and a draft's are read from any version to any other, whole and in order, marks or
// no marks on the way.
func TestLogFromAnywhere(t *testing.T) {
	w := newWorld(t, dbtest.Open(t), "نص")
	rnd := rand.New(rand.NewPCG(9, 9))
	const rows = 1500 // more than a walk from the eighth mark
	var heads [3]int64
	ids := [3]string{w.id}
	err := w.db.Transact(t.Context(), func(tx *db.Tx) (err error) {
		for i := 1; i < 3; i++ {
			if ids[i], err = draft.Create(t.Context(), tx, fmt.Sprint("ed_other", i), ""); err != nil {
				return err
			}
		}
		for range rows {
			i := rnd.IntN(3)
			var us []draft.Update
			first := heads[i] + 1
			for range 1 + rnd.IntN(3) {
				heads[i]++
				c, err := changeset.Replace(2, 0, 1, "م")
				if err != nil {
					return err
				}
				us = append(us, draft.Update{Version: heads[i], Client: 1, Seq: heads[i], Length: 2, Change: c})
			}
			if err := drafttest.AppendRow(t.Context(), tx, ids[i], first, heads[i], 2, tx.Now(), draft.AppendRuns(nil, us)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for round := range 60 {
		i := rnd.IntN(3)
		after := rnd.Int64N(heads[i])
		until := after + 1 + rnd.Int64N(heads[i]-after)
		if round == 0 {
			after, until = 0, heads[i]
		}
		at := after
		err := w.db.Read(t.Context(), func(tx *db.Tx) error {
			return draft.Replay(t.Context(), tx, ids[i], after, until, func(u draft.Update, _ db.Time) error {
				if at++; u.Version != at || u.Seq != at {
					return fmt.Errorf("version %d with sequence %d, want %d", u.Version, u.Seq, at)
				}
				return nil
			})
		})
		if err != nil || at != until {
			t.Fatalf("draft %d after %d until %d: at %d, %v", i, after, until, at, err)
		}
	}
}

// TestLogFromBefore: a log of the time when it was keyed by draft and version is whole after the migration, and goes on.
func TestLogFromBefore(t *testing.T) {
	d, err := db.Open(t.Context(), t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	if err := d.MigrateTo(t.Context(), 26); err != nil {
		t.Fatal(err)
	}
	const rows = 200
	exec := func(tx *db.Tx, q string, args ...any) {
		t.Helper()
		if _, err := tx.Exec(t.Context(), q, args...); err != nil {
			t.Fatal(err)
		}
	}
	err = d.Transact(t.Context(), func(tx *db.Tx) error {
		for key, id := range []string{"dr_empty", "dr_old", "dr_other"} {
			exec(tx, `insert into draft (id, key, edition, epoch, created_at, returns) values ($1, $2, $3, 'one', 1, $2)`, id, key+1, fmt.Sprint("ed_", id))
			exec(tx, `insert into draft_snapshot (draft, version, at, body) values ($1, 0, 1, $2)`, key+1, []byte("نص"))
			exec(tx, `insert into draft_client (draft, client, person, agency, seat, resume, attached, last_seq, created_at) values ($1, 1, 'pe_huda', 'ag_rta', 'st_2', '', 1, 0, 1)`, key+1)
		}
		for n := range int64(2 * rows) {
			key, v := 2+n%2, n/2+1
			c, err := changeset.Replace(int(v)+1, 0, 0, "م")
			if err != nil {
				return err
			}
			// The clock of one of them went backwards: the order is by version all the same.
			exec(tx, `insert into draft_log (draft, first, last, length, at, body) values ($1, $2, $2, $3, $4, $5)`, key, v, v+1, 1000+(key-2)*n-(3-key)*n,
				draft.AppendRuns(nil, []draft.Update{{Version: v, Client: 1, Seq: v, Length: int(v) + 1, Change: c}}))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for id, head := range map[string]int64{"dr_empty": 0, "dr_old": rows, "dr_other": rows} {
		next := int64(0)
		var newest, flushes, returns, marks int64
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			log, err := draft.LogOf(t.Context(), tx, id)
			if err != nil || log.Head != head {
				return fmt.Errorf("%s ends at %d, %w", id, log.Head, err)
			}
			err = tx.QueryRow(t.Context(), `
				select t.flushes, t.returns, t.newest, (select count(*) from draft_mark m where m.draft = t.draft)
				  from draft_tip t join draft d on d.key = t.draft where d.id = $1`, id).Scan(&flushes, &returns, &newest, &marks)
			if err != nil {
				return err
			}
			return draft.Replay(t.Context(), tx, id, 0, head, func(u draft.Update, _ db.Time) error { next++; return nil })
		})
		if err != nil || next != head || flushes != head || returns == 0 || marks != head/64 {
			t.Fatalf("%s: %d updates in %d rows with %d marks, %d returns: %v", id, next, flushes, marks, returns, err)
		}
	}

	w := &world{t: t, db: d, id: "dr_old", rights: &rights{gone: map[string]bool{}}}
	svc, _ := w.node(bus.NewMemory(), draft.Options{})
	tab := openTab(t, svc, huda, w.id)
	tab.typeAt(0, "بعد")
	tab.settle(tab.saved)
	if v, text := w.text(); v != rows+1 || text != tab.c.Doc.String() {
		t.Fatalf("version %d, %q", v, text)
	}
}
