package draft_test

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/draft/drafttest"
)

// TestStopAnywhere stops the service while pushes are in flight, opens the file again as a new process would, and lets the tabs come
// back. What a tab saw acknowledged is in the log, once; what it did not see arrives after all.
func TestStopAnywhere(t *testing.T) {
	dir := t.TempDir()
	open := func() *db.DB {
		d, err := db.Open(t.Context(), dir, "")
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	d := open()
	if _, err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, d, "نص أول 😀\n")
	rnd := rand.New(rand.NewPCG(11, 12))
	var tabs []*tab
	lives := 10
	if soak() {
		lives = 500
	}
	for round := range lives {
		svc := draft.New(d, newSteady(w.rights), bus.NewMemory(), slog.New(slog.DiscardHandler), draft.Options{})
		ctx, cancel := context.WithCancel(context.Background())
		wait := svc.Start(ctx)
		for len(tabs) < 4 {
			tabs = append(tabs, openTab(t, svc, salma, w.id))
		}
		if round > 0 {
			for _, b := range tabs {
				b.back(svc)
			}
		}
		var wg sync.WaitGroup
		for i, b := range tabs {
			seed := rnd.Uint64()
			wg.Go(func() {
				r := rand.New(rand.NewPCG(seed, uint64(i)))
				for ctx.Err() == nil {
					b.read()
					for b.c.Unconfirmed() < 30 && r.IntN(3) > 0 {
						if err := b.c.Edit(drafttest.RandomEdit(r, b.c.Doc)); err != nil {
							t.Error(err)
							return
						}
					}
					b.push()
					select {
					case <-b.wake:
					case <-b.reject:
						b.c.Retry()
					case <-ctx.Done():
					case <-time.After(time.Duration(r.IntN(3)) * time.Millisecond):
					}
				}
			})
		}
		for target := tabs[0].at.Authority.Head() + 50 + int64(rnd.IntN(100)); tabs[0].at.Authority.Head() < target && !t.Failed(); {
			time.Sleep(time.Duration(rnd.IntN(2000)) * time.Microsecond)
		}
		cancel() // in the middle of whatever is going on
		wg.Wait()
		wait()
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		d = open()
		w.db = d
		if t.Failed() {
			return
		}
		version, _ := w.text()
		for _, b := range tabs {
			if b.c.Version > version {
				t.Fatalf("round %d: client %d saw version %d, the log ends at %d", round, b.c.Number, b.c.Version, version)
			}
		}
	}
	svc, _ := w.node(bus.NewMemory(), draft.Options{})
	for _, b := range tabs {
		b.back(svc)
		b.settle(b.saved)
	}
	version, text := w.text()
	for _, b := range tabs {
		b.settle(func() bool { return b.c.Version == version })
		if b.c.Doc.String() != text {
			t.Fatalf("client %d shows another text", b.c.Number)
		}
	}
	t.Logf("%d updates in %d lives", version, lives)
	d.Close()
}
