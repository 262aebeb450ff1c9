package draft_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/policy"
)

const sqlEpoch = `select seq from event_head where id = 1`

// steady are rights with an epoch in the database, so that flushes are decided from memory: move is a transaction that changes them.
type steady struct {
	*rights
	seen  int64 // guarded by rights.mu
	reads int   // of the epoch in a transaction, which a flush from memory does without
}

func newSteady(r *rights) *steady { return &steady{rights: r, seen: -1} }

func (s *steady) move(t testing.TB, d *db.DB, fn func()) {
	err := d.Transact(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update event_head set seq = seq + 1`)
		s.set(fn)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (s *steady) Epoch(ctx context.Context, tx *db.Tx) (n int64, err error) {
	err = tx.QueryRow(ctx, sqlEpoch).Scan(&n)
	s.set(func() { s.seen = n; s.reads++ })
	return n, err
}

func (s *steady) Standing(ctx context.Context, tx *db.Tx, was policy.Actor) (policy.Actor, db.Time, error) {
	a, err := s.Actor(ctx, was)
	return a, tx.Now().Add(time.Hour), err
}

func (s *steady) Still() (query string, head, epoch int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken { // so that the transaction is one that fails
		return sqlEpoch, -1, -1
	}
	return sqlEpoch, s.seen, s.seen
}

// TestFromMemory: a flush that is decided from memory is decided on what the database holds at that moment. Rights that moved, a client that came
// back elsewhere and what another node wrote all send it to the database.
func TestFromMemory(t *testing.T) {
	w := newWorld(t, dbtest.Open(t), "نص")
	s := newSteady(w.rights)
	start := func() *draft.Service {
		ctx, cancel := context.WithCancel(context.Background())
		svc := draft.New(w.db, s, bus.NewMemory(), slog.New(slog.DiscardHandler), draft.Options{Poll: time.Hour})
		wait := svc.Start(ctx)
		t.Cleanup(func() { cancel(); wait() })
		return svc
	}
	one, two := start(), start() // two nodes whose hints all get lost
	a := openTab(t, one, salma, w.id)
	edit := func(b *tab) {
		t.Helper()
		b.typeAt(0, "م")
		b.settle(b.saved)
	}
	edit(a)
	s.set(func() { s.reads = 0 })
	for range 20 {
		edit(a)
	}
	if s.reads > 0 {
		t.Fatalf("20 edits read the epoch %d times", s.reads)
	}

	// Another node appends: this one does not know, and is not in its way.
	b := openTab(t, two, huda, w.id)
	for range 5 {
		edit(b)
		edit(a)
	}
	if v, text := w.text(); v != 31 || text != a.c.Doc.String() {
		t.Fatalf("version %d, %q; the tab has %q", v, text, a.c.Doc.String())
	}

	refused := func(code string) {
		t.Helper()
		a.typeAt(0, "x")
		a.push()
		a.wantReject(code)
		a.c.Retry()
	}
	edit(a)
	s.move(t, w.db, func() { w.rights.state = "in_review" })
	refused("draft.not_writable")
	s.move(t, w.db, func() { w.rights.state = "" })
	a.settle(a.saved)
	s.move(t, w.db, func() { w.rights.gone["pe_salma"] = true })
	refused("policy.forbidden")
	s.move(t, w.db, func() { clear(w.rights.gone) })
	a.settle(a.saved)

	// The tab comes back by the other node: the old socket may not write.
	edit(a)
	v := a.c.Version
	if _, err := two.Open(t.Context(), salma, draft.Opening{Draft: w.id, Version: &v, Epoch: a.at.Epoch, Resume: a.at.Resume, Notify: func() {}, Taken: func() {}}); err != nil {
		t.Fatal(err)
	}
	a.typeAt(0, "x")
	a.push()
	a.wantReject("draft.client_taken")
}
