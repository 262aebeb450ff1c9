// Package bus carries hints between nodes: "look at topic, it is at n now".
// It is lossy by contract: a message may be lost, doubled, late or out of
// order, on one node or on all. Whoever needs to know also looks at the
// database at least every two seconds. Memory and Redis keep the same
// promises; bustest.Exercise holds them to it.
package bus

import (
	"context"
	"strings"
	"sync"
)

// Bus publishes hints and hands them to subscribers of this node, its own
// publications included.
type Bus interface {
	// Publish hints that topic is at n. It never blocks on a subscriber and
	// returns nothing: a hint that fails is a hint lost.
	Publish(topic string, n int64)
	// Subscribe calls fn, from one goroutine, for topics with the prefix,
	// until cancel. fn must be quick.
	Subscribe(prefix string, fn func(topic string, n int64)) (cancel func())
	// Ping says whether hints can travel between nodes.
	Ping(ctx context.Context) error
	Close() error
}

type hint struct {
	topic string
	n     int64
}

// hub delivers hints on one node from one goroutine.
type hub struct {
	mu    sync.Mutex
	subs  map[int]subscription
	next  int
	queue chan hint
	done  chan struct{}
	once  sync.Once
}

type subscription struct {
	prefix string
	fn     func(string, int64)
}

func newHub() *hub {
	h := &hub{subs: map[int]subscription{}, queue: make(chan hint, 4096), done: make(chan struct{})}
	go h.run()
	return h
}

func (h *hub) run() {
	for {
		select {
		case <-h.done:
			return
		case m := <-h.queue:
			h.mu.Lock()
			fns := make([]func(string, int64), 0, 4)
			for _, s := range h.subs {
				if strings.HasPrefix(m.topic, s.prefix) {
					fns = append(fns, s.fn)
				}
			}
			h.mu.Unlock()
			for _, fn := range fns {
				fn(m.topic, m.n)
			}
		}
	}
}

func (h *hub) deliver(topic string, n int64) {
	select {
	case h.queue <- hint{topic, n}:
	default: // full: lossy by contract
	}
}

func (h *hub) Subscribe(prefix string, fn func(string, int64)) func() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.next++
	n := h.next
	h.subs[n] = subscription{prefix, fn}
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.subs, n)
	}
}

func (h *hub) stop() { h.once.Do(func() { close(h.done) }) }

// Memory is the bus of a hub with one node.
type Memory struct{ *hub }

// NewMemory returns a running memory bus.
func NewMemory() *Memory { return &Memory{newHub()} }

// Publish delivers on this node.
func (m *Memory) Publish(topic string, n int64) { m.deliver(topic, n) }

// Alone says whether at most one subscriber hears of a topic: who publishes what it alone would hear can save the trouble.
func (m *Memory) Alone(topic string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, s := range m.subs {
		if strings.HasPrefix(topic, s.prefix) {
			n++
		}
	}
	return n <= 1
}

// Ping always succeeds.
func (m *Memory) Ping(context.Context) error { return nil }

// Close stops delivery.
func (m *Memory) Close() error { m.stop(); return nil }
