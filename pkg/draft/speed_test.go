package draft_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/policy"
)

// numbered are rights with an epoch that the test moves, and a count of what was read.
type numbered struct {
	*rights
	epoch           int64
	facts, standing int
	until           db.Time
}

func (n *numbered) Facts(ctx context.Context, tx *db.Tx, id string) (policy.Facts, error) {
	n.set(func() { n.facts++ })
	return n.rights.Facts(ctx, tx, id)
}

func (n *numbered) Epoch(context.Context, *db.Tx) (e int64, err error) {
	n.set(func() { e = n.epoch })
	return e, nil
}

func (n *numbered) Standing(ctx context.Context, _ *db.Tx, was policy.Actor) (policy.Actor, db.Time, error) {
	n.set(func() { n.standing++ })
	a, err := n.Actor(ctx, was)
	return a, n.until, err
}

// TestRightsAreReadOnceAnEpoch: what a flush read of rights is kept while the epoch stands, decides anew as soon as it moves, and ends with its
// time.
func TestRightsAreReadOnceAnEpoch(t *testing.T) {
	w := newWorld(t, dbtest.Open(t), "نص")
	n := &numbered{rights: w.rights, epoch: 1, until: db.At(time.Now().Add(time.Hour))}
	ctx, cancel := context.WithCancel(context.Background())
	svc := draft.New(w.db, n, bus.NewMemory(), slog.New(slog.DiscardHandler), draft.Options{})
	wait := svc.Start(ctx)
	t.Cleanup(func() { cancel(); wait() })
	a := openTab(t, svc, salma, w.id)
	n.set(func() { n.facts = 0 })
	for range 20 {
		a.typeAt(0, "م")
		a.settle(a.saved)
	}
	if n.facts != 1 || n.standing != 1 {
		t.Fatalf("20 edits read the facts %d times and the person %d times", n.facts, n.standing)
	}
	refused := func(code string) {
		t.Helper()
		a.typeAt(0, "x")
		a.push()
		a.wantReject(code)
		a.c.Retry()
	}
	n.set(func() { n.state = "in_review"; n.epoch++ })
	refused("draft.not_writable")
	n.set(func() { n.state = ""; n.gone["pe_salma"] = true; n.epoch++ })
	refused("policy.forbidden")
	n.set(func() { clear(n.gone); n.epoch++; n.until = 1 }) // a session whose time is over, with no event
	a.settle(a.saved)
	n.set(func() { n.gone["pe_salma"] = true })
	refused("policy.forbidden")
}

// TestOpeningReadsTheTextAndHardlyAnyLog: what an opening reads from the store does not grow with what the text has been through.
func TestOpeningReadsTheTextAndHardlyAnyLog(t *testing.T) {
	// Opens after that many updates of a text that began with that many lines, 23 bytes each.
	cost := func(lines, updates int) (rows, bytes int) {
		w := newWorld(t, dbtest.Open(t), strings.Repeat("نص عربي طويل\n", lines))
		svc, _ := w.node(bus.NewMemory(), draft.Options{Idle: time.Millisecond})
		a := openTab(t, svc, salma, w.id)
		for done := 0; done < updates; {
			for range min(draft.MaxPushUpdates, updates-done) {
				// In place of another letter: the text stays as long as it is.
				c, err := changeset.Replace(a.c.Doc.Len(), done%1000, done%1000+1, "م")
				if err == nil {
					err = a.c.Edit(c)
				}
				if err != nil {
					t.Fatal(err)
				}
				done++
			}
			a.settle(a.saved)
		}
		a.drop()
		for deadline := time.Now().Add(time.Minute); ; {
			err := w.db.Read(t.Context(), func(tx *db.Tx) error {
				var at int64
				err := tx.QueryRow(t.Context(), `select version, length(body) from draft_snapshot order by version desc limit 1`).Scan(&at, &bytes)
				if err != nil {
					return err
				}
				var log int
				err = tx.QueryRow(t.Context(), `select count(*), coalesce(sum(length(body)), 0) from draft_log where last > $1`, at).Scan(&rows, &log)
				bytes += log
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if rows == 0 || updates < 20 {
				return rows, bytes
			}
			if time.Now().After(deadline) {
				t.Fatalf("%d rows of the log are left after %d updates", rows, updates)
			}
			time.Sleep(time.Millisecond) // polls for the snapshot; the deadline is no measure
		}
	}
	updates := 100_000
	if testing.Short() {
		updates = 5_000
	}
	fewRows, few := cost(8_700, 10) // 200 KB
	manyRows, many := cost(8_700, updates)
	if manyRows > fewRows || float64(many) > 1.3*float64(few) {
		t.Errorf("after 10 updates %d rows and %d bytes, after %d %d and %d", fewRows, few, updates, manyRows, many)
	}
	t.Logf("after 10 updates %d rows and %d bytes, after %d %d and %d", fewRows, few, updates, manyRows, many)
}
