package draft_test

import (
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/bus/bustest"
	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/draft/drafttest"
	"github.com/multaqa/multaqa/pkg/policy"
)

// soak says whether the long versions run: MULTAQA_SOAK=1, as `make soak` sets.
func soak() bool { return os.Getenv("MULTAQA_SOAK") == "1" }

// hostile is a node's end of a bus whose network loses a tenth of what arrives, doubles a tenth and delivers a tenth late and out of order.
type hostile struct {
	draft.Bus
	mu                   sync.Mutex
	rnd                  *rand.Rand
	lost, doubled, later atomic.Int64
	waiting              sync.WaitGroup
}

func (h *hostile) Subscribe(prefix string, fn func(string, int64)) (cancel func()) {
	var mu sync.Mutex // fn is called by one at a time, as the bus promises
	over := false
	call := func(topic string, n int64) {
		mu.Lock()
		defer mu.Unlock()
		if !over {
			fn(topic, n)
		}
	}
	stop := h.Bus.Subscribe(prefix, func(topic string, n int64) {
		h.mu.Lock()
		dice, delay := h.rnd.IntN(10), time.Duration(h.rnd.IntN(30))*time.Millisecond
		h.mu.Unlock()
		switch dice {
		case 0:
			h.lost.Add(1)
		case 1:
			h.doubled.Add(1)
			call(topic, n)
			call(topic, n)
		case 2:
			h.later.Add(1)
			h.waiting.Add(1)
			time.AfterFunc(delay, func() { defer h.waiting.Done(); call(topic, n) })
		default:
			call(topic, n)
		}
	})
	return func() {
		stop()
		mu.Lock()
		over = true
		mu.Unlock()
		h.waiting.Wait()
	}
}

// boundedEdit is like drafttest.RandomEdit, but keeps the text at about this many units: beyond it, more is taken out than put in.
func boundedEdit(rnd *rand.Rand, doc changeset.Text, units int) changeset.ChangeSet {
	if n := doc.Len(); n > units && rnd.IntN(2) == 0 {
		for range 10 {
			from := rnd.IntN(n)
			c, err := changeset.Replace(n, from, min(n, from+1+rnd.IntN(40)), "")
			if err != nil {
				continue
			}
			if _, err := c.Apply(doc); err == nil { // not inside a pair
				return c
			}
		}
	}
	return drafttest.RandomEdit(rnd, doc)
}

// TestTwoNodesBadBus: forty writers on two nodes with PostgreSQL and Redis, whose hints are lost, doubled and reordered. Every tab, both
// nodes and the replay of the log end with the same text, and each update is in the log once and in its author's order.
func TestTwoNodesBadBus(t *testing.T) {
	const writers = 40
	updates := 50_000
	switch {
	case soak():
		updates = 1_000_000
	case testing.Short():
		updates = 2_000 // the race detector has its own run of this
	}
	buses := bustest.Redis(t)
	url := dbtest.PostgresURL(t)
	open := func() *db.DB {
		d, err := db.Open(t.Context(), "", url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { d.Close() })
		return d
	}
	const text = "مُلْتَقَى الخدمات 😀\n\nنص أول\n"
	w := newWorld(t, open(), text)
	var nodes [2]*draft.Service
	var ends [2]*hostile
	for i := range nodes {
		ends[i] = &hostile{Bus: buses[i], rnd: rand.New(rand.NewPCG(31, uint64(i)))}
		node := &world{t: t, db: open(), rights: w.rights, id: w.id}
		nodes[i], _ = node.node(ends[i], draft.Options{Poll: 250 * time.Millisecond})
	}
	start := time.Now()
	tabs := make([]*tab, writers)
	for i := range tabs {
		tabs[i] = openTab(t, nodes[i%2], []policy.Actor{salma, huda}[i%2], w.id)
		tabs[i].patience = 2 * time.Minute
	}
	var wg sync.WaitGroup
	for i, b := range tabs {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(37, uint64(i)))
			for done := 0; done < updates/writers && !t.Failed(); {
				for range 1 + rnd.IntN(3) {
					if done++; done > updates/writers {
						break
					}
					if err := b.c.Edit(boundedEdit(rnd, b.c.Doc, 4_000)); err != nil {
						t.Error(err)
						return
					}
				}
				if rnd.IntN(100) == 0 { // the socket drops, perhaps with a push in flight, and comes back to either node
					b.push()
					b.drop()
					b.back(nodes[rnd.IntN(2)])
				}
				b.settle(func() bool { return b.c.Unconfirmed() < 4 })
			}
			b.settle(b.saved)
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	typed := time.Since(start)
	version, replay := replayLog(t, w, text)
	if version < int64(updates) {
		t.Fatalf("%d updates in the log, %d were typed", version, updates)
	}
	if v, head := w.text(); v != version || head != replay {
		t.Fatalf("the head (version %d) is not the replay of the log (version %d)", v, version)
	}
	for i, n := range nodes {
		tabs = append(tabs, openTab(t, n, salma, w.id))
		if at := tabs[writers+i]; at.c.Version > version {
			t.Fatalf("node %d is at version %d, the log at %d", i, at.c.Version, version)
		}
	}
	for _, b := range tabs {
		b.settle(func() bool { return b.c.Version == version })
		if b.c.Doc.String() != replay {
			t.Fatalf("client %d shows another text", b.c.Number)
		}
	}
	t.Logf("%d updates by %d writers in %.1f s, checked in %.1f s; hints lost %d and %d, doubled %d and %d, late %d and %d", version, writers, typed.Seconds(), (time.Since(start) - typed).Seconds(),
		ends[0].lost.Load(), ends[1].lost.Load(), ends[0].doubled.Load(), ends[1].doubled.Load(), ends[0].later.Load(), ends[1].later.Load())
}

// replayLog applies the whole log to the text the draft began with, and holds every client's sequences to 1, 2, 3 ….
func replayLog(t *testing.T, w *world, text string) (version int64, end string) {
	t.Helper()
	doc, last := changeset.NewText(text), map[int64]int64{}
	err := w.db.Read(t.Context(), func(tx *db.Tx) error {
		doc, version = changeset.NewText(text), 0
		clear(last)
		_, err := draft.Changes(t.Context(), tx, w.id, 0, func(u draft.Update) (err error) {
			if u.Version != version+1 || u.Seq != last[u.Client]+1 {
				t.Errorf("version %d after %d: sequence %d of client %d after %d", u.Version, version, u.Seq, u.Client, last[u.Client])
			}
			version, last[u.Client] = u.Version, u.Seq
			doc, err = u.Change.Apply(doc)
			return err
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return version, doc.String()
}
