package draft_test

import (
	"slices"
	"testing"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
)

// TestSmallTail: however much was written, an opening reads one snapshot and a bounded rest of the log, also when the node ended without leaving a
// snapshot; and who wrote long before the newest snapshot, or after it, comes back with its own last sequence.
func TestSmallTail(t *testing.T) {
	w := newWorld(t, dbtest.Open(t), "نص\n")
	svc, stop := w.node(bus.NewMemory(), draft.Options{})
	early, busy := openTab(t, svc, huda, w.id), openTab(t, svc, salma, w.id)
	for range 3 {
		early.typeAt(0, "أ")
	}
	early.settle(func() bool { return early.c.Unconfirmed() == 0 })
	const edits = 6300
	for range edits / draft.MaxPushUpdates {
		for range draft.MaxPushUpdates {
			busy.typeAt(0, "ب")
		}
		busy.settle(func() bool { return busy.c.Unconfirmed() == 0 })
	}
	stop() // as a crash does: nothing is settled
	var snapshot, head int64
	var authors []string
	err := w.db.Read(t.Context(), func(tx *db.Tx) (err error) {
		if err = tx.QueryRow(t.Context(), `select max(version) from draft_snapshot`).Scan(&snapshot); err != nil {
			return err
		}
		if _, head, err = draft.Head(t.Context(), tx, w.id); err != nil {
			return err
		}
		authors, err = draft.Authors(t.Context(), tx, w.id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if head != edits+3 || head == snapshot || head-snapshot > 2000+draft.MaxPushUpdates {
		t.Fatalf("head %d, snapshot %d", head, snapshot)
	}
	if !slices.Equal(authors, []string{"pe_huda", "pe_salma"}) {
		t.Fatalf("%v", authors)
	}
	next, _ := w.node(bus.NewMemory(), draft.Options{})
	for _, b := range []struct {
		tab *tab
		seq int64
	}{{early, 3}, {busy, edits}} {
		b.tab.back(next)
		if b.tab.at.Seq != b.seq {
			t.Fatalf("client %d comes back with sequence %d, want %d", b.tab.at.Client, b.tab.at.Seq, b.seq)
		}
		b.tab.typeAt(0, "ت")
		b.tab.settle(func() bool { return b.tab.c.Unconfirmed() == 0 })
		// Once more while the draft is in memory.
		b.tab.drop()
		b.tab.back(next)
		if b.tab.at.Seq != b.seq+1 {
			t.Fatalf("client %d comes back with sequence %d, want %d", b.tab.at.Client, b.tab.at.Seq, b.seq+1)
		}
	}
	if v, _ := w.text(); v != edits+5 {
		t.Fatalf("version %d", v)
	}
}
