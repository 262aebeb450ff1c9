package draft_test

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/draft/drafttest"
	"github.com/multaqa/multaqa/pkg/policy"
)

// lossy drops and doubles a third of the hints.
type lossy struct {
	draft.Bus
	mu  sync.Mutex
	rnd *rand.Rand
}

func (l *lossy) Publish(topic string, n int64) {
	l.mu.Lock()
	dice := l.rnd.IntN(6)
	l.mu.Unlock()
	switch {
	case dice == 0:
		return
	case dice == 1:
		l.Bus.Publish(topic, n)
		l.Bus.Publish(topic, n-1)
	}
	l.Bus.Publish(topic, n)
}

// TestConvergence: many writers on two nodes with one database and a bad bus; sockets drop and come back to either node. In
// the end every tab and every node shows the replay of the log, and every update typed is in it once.
func TestConvergence(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const writers = 8
		each := 250
		if soak() {
			each = 10_000
		}
		w := newWorld(t, d, "مُلْتَقَى الخدمات 😀\n\nنص أول\n")
		hints := &lossy{Bus: bus.NewMemory(), rnd: rand.New(rand.NewPCG(5, 6))}
		opts := draft.Options{Poll: 20 * time.Millisecond}
		n1, _ := w.node(hints, opts)
		n2, _ := w.node(hints, opts)
		nodes := []*draft.Service{n1, n2}
		tabs := make([]*tab, writers)
		var wg sync.WaitGroup
		for i := range tabs {
			tabs[i] = openTab(t, nodes[i%2], []policy.Actor{salma, huda}[i%2], w.id)
			wg.Add(1)
			go func() {
				defer wg.Done()
				rnd := rand.New(rand.NewPCG(7, uint64(i)))
				b := tabs[i]
				for done := 0; done < each; {
					for range 1 + rnd.IntN(5) {
						if err := b.c.Edit(drafttest.RandomEdit(rnd, b.c.Doc)); err != nil {
							t.Error(err)
							return
						}
						done++
					}
					b.push()
					switch rnd.IntN(12) {
					case 0: // the socket drops, perhaps with a push in flight
						b.drop()
						b.back(nodes[rnd.IntN(2)])
					case 1, 2, 3:
						b.settle(b.saved)
					default:
						b.settle(func() bool { return b.c.Unconfirmed() < 20 })
					}
				}
				b.settle(b.saved)
			}()
		}
		wg.Wait()
		if t.Failed() {
			return
		}
		version, text := w.text()
		if version < int64(writers*each) {
			t.Fatalf("%d updates in the log, at least %d were typed", version, writers*each)
		}
		for _, b := range tabs {
			b.settle(func() bool { return b.c.Version == version })
			if b.c.Doc.String() != text {
				t.Fatalf("client %d shows another text", b.c.Number)
			}
		}
		for i, n := range nodes {
			at := openTab(t, n, salma, w.id)
			at.settle(func() bool { return at.c.Version == version })
			if at.c.Doc.String() != text {
				t.Fatalf("node %d shows another text", i)
			}
		}
		last := map[int64]int64{}
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			_, err := draft.Changes(t.Context(), tx, w.id, 0, func(u draft.Update) error {
				if u.Seq != last[u.Client]+1 {
					t.Errorf("version %d: sequence %d of client %d after %d", u.Version, u.Seq, u.Client, last[u.Client])
				}
				last[u.Client] = u.Seq
				return nil
			})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d updates", version)
	})
}
