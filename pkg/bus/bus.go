// Package bus carries hints between nodes: "look at topic, it is at n now", and
// shows them what is worth nothing a moment later.
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
	// Show hands body, at most MaxShown bytes, to whoever watches the topic on any node: something that is worth nothing a moment
	// later, such as where carets are. Of one node and topic the newest replaces what has not left or arrived yet. It is never
	// kept or logged, may be lost, never blocks, and never delays a hint. body is not changed afterwards.
	Show(topic string, body []byte)
	// Watch calls fn, from one goroutine that is not that of hints, for what is shown on topics with the prefix, until cancel. While fn works
	// the newest of each node and topic is kept.
	Watch(prefix string, fn func(topic string, body []byte)) (cancel func())
	// Ping says whether hints can travel between nodes.
	Ping(ctx context.Context) error
	Close() error
}

// MaxShown bounds the body of Show; a larger one is not shown.
const MaxShown = 64 << 10

// maxTopics bounds how many nodes and topics wait to be shown; more are lost.
const maxTopics = 4096

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

	watchers map[int]watcher
	arrived  latest
}

type subscription struct {
	prefix string
	fn     func(string, int64)
}

type watcher struct {
	prefix string
	fn     func(string, []byte)
}

func newHub() *hub {
	h := &hub{subs: map[int]subscription{}, queue: make(chan hint, 4096), done: make(chan struct{}), watchers: map[int]watcher{}, arrived: newLatest()}
	go h.run()
	go h.arrive()
	return h
}

// latest keeps the newest body of each node and topic until it is taken.
type latest struct {
	mu   *sync.Mutex
	all  map[shownBy][]byte
	more chan struct{}
}

type shownBy struct{ node, topic string }

func newLatest() latest {
	return latest{new(sync.Mutex), map[shownBy][]byte{}, make(chan struct{}, 1)}
}

func (l latest) put(by shownBy, body []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.all[by]; len(body) > MaxShown || !ok && len(l.all) >= maxTopics {
		return
	}
	l.all[by] = body
	select {
	case l.more <- struct{}{}:
	default:
	}
}

// take removes one; ok is false when there is none.
func (l latest) take() (by shownBy, body []byte, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for by, body = range l.all {
		delete(l.all, by)
		return by, body, true
	}
	return by, nil, false
}

// arrive hands what was shown to the watchers.
func (h *hub) arrive() {
	for {
		select {
		case <-h.done:
			return
		case <-h.arrived.more:
		}
		for by, body, ok := h.arrived.take(); ok; by, body, ok = h.arrived.take() {
			h.mu.Lock()
			fns := make([]func(string, []byte), 0, 2)
			for _, w := range h.watchers {
				if strings.HasPrefix(by.topic, w.prefix) {
					fns = append(fns, w.fn)
				}
			}
			h.mu.Unlock()
			for _, fn := range fns {
				fn(by.topic, body)
			}
		}
	}
}

func (h *hub) Watch(prefix string, fn func(topic string, body []byte)) func() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.next++
	n := h.next
	h.watchers[n] = watcher{prefix, fn}
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.watchers, n)
	}
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

// Show hands body to the watchers of this node.
func (m *Memory) Show(topic string, body []byte) { m.arrived.put(shownBy{topic: topic}, body) }

// Ping always succeeds.
func (m *Memory) Ping(context.Context) error { return nil }

// Close stops delivery.
func (m *Memory) Close() error { m.stop(); return nil }
