package live

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gorilla/websocket"

	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/failpoint"
)

// pass goes through a room's readers and writes to each what it lacks, one write for all of it. What they get is made once for all
// who stand at the same version; while a pass goes on, whoever is still to come gets what was committed meanwhile along.
type pass struct {
	passing sync.Mutex // guards again and running
	running bool
	again   bool // there is more than the pass under way may have seen

	list  []*openDraft
	reach atomic.Int64 // into the list
	of    *draft.Authority
	told  int64 // all carets up to this serial have been told to every reader that keeps up
	least int64 // what told will be after this pass; guarded by passing
}

// walk is a goroutine's part in a pass.
type walk struct {
	room   *room
	pieces map[int64]piece // by the version they begin at
	head   int64           // as of which they were made
	least  int64           // serial up to which all were told of carets, -1 before any
}

// piece is what readers at a version get: a frame, and the carets up to serial cut.
type piece struct {
	bytes   []byte // nil: the log has to be read, or there is nothing
	to, cut int64
}

// breath is after how many readers a pass lets others go first.
const breath = 64

// near is how many readers are brought into the processor's caches together.
const near = 16

// many is how many readers are worth a goroutine more.
var many = 16 * breath

// tellReaders is called when there is more for readers; it returns when they have it. A call during a pass makes it begin again.
func (r *room) tellReaders() {
	r.passing.Lock()
	r.again = true
	begin := !r.running
	r.running = true
	r.passing.Unlock()
	for begin {
		r.passing.Lock()
		begin, r.running, r.again = r.again, r.again, false
		r.passing.Unlock()
		if begin {
			r.toReaders()
		}
	}
}

// toReaders is one pass, by as many goroutines as there are processors when the room is large.
func (r *room) toReaders() {
	r.mu.Lock()
	r.list = append(r.list[:0], r.readers...)
	r.of = r.log
	r.mu.Unlock()
	r.reach.Store(0)
	r.least = -1
	var others sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), 1+len(r.list)/many) - 1 {
		others.Go(r.walk)
	}
	r.walk()
	others.Wait()
	if r.least >= 0 {
		r.told = r.least
	}
}

// walk takes some readers after the other until all are told.
func (r *room) walk() {
	w := walk{room: r, least: -1}
	for {
		i := int(r.reach.Add(breath)) - breath
		if i >= len(r.list) {
			break
		}
		if i > 0 {
			runtime.Gosched() // editors, and who reads from them
			r.hub.listen()
		}
		if head := r.of.Head(); head != w.head || w.pieces == nil {
			w.head, w.pieces = head, map[int64]piece{}
		}
		some := r.list[i:min(i+breath, len(r.list))]
		for k, od := range some {
			if k%near == 0 {
				fetch(some[k:min(k+near, len(some))])
			}
			od.advance(&w)
			some[k] = nil
		}
	}
	if w.least >= 0 {
		r.passing.Lock()
		defer r.passing.Unlock()
		if r.least < 0 || w.least < r.least {
			r.least = w.least
		}
	}
}

// fetch touches some readers. In a large room nothing of a reader is in the processor's caches when its turn comes, and a system call waits for what was asked of memory
// before it; asked for together, all of these come in about the time of one.
func fetch(some []*openDraft) {
	for _, od := range some {
		od.c.closes.Load()
	}
}

// listen has the pollers look at their sockets. While a pass has all processors, nobody would ask the system what editors type until the runtime does, ten
// milliseconds later.
func (h *Hub) listen() {
	for _, p := range h.pollers {
		p.help()
	}
}

// advance writes to a reader from the room's pieces. One that is busy, or too far behind for memory, goes the way of everybody.
func (od *openDraft) advance(w *walk) {
	c, told := od.c, od.room.told
	c.wmu.Lock()
	switch {
	case c.dead || od.shut.Load() || !c.writing && od.cursor >= w.head:
		c.wmu.Unlock()
		return
	case c.writing || c.end != nil || len(c.queue) > 0 || od.seen < told || od.dirty.Load() || c.bare():
		c.wmu.Unlock()
		od.touch()
		return
	}
	p, ok := w.pieces[od.cursor]
	if !ok {
		p = w.piece(od.cursor, told)
		w.pieces[od.cursor] = p
	}
	if p.bytes == nil {
		c.wmu.Unlock()
		od.touch()
		return
	}
	b := p.bytes
	if c.due.Load() && c.due.Swap(false) {
		b = slices.Concat(b, pingFrame)
	}
	failpoint.Here("live.write")
	n, err := c.line.try(b)
	od.cursor, od.seen = p.to, p.cut
	switch {
	case err != nil:
		c.left = true
		c.over()
	case n < len(b):
		c.park(b[n:], false)
	}
	c.wmu.Unlock()
}

// piece makes what readers at a version get.
func (w *walk) piece(from, told int64) piece {
	r := w.room
	msg, to, ok := r.of.Recent(from)
	if !ok || msg == nil {
		return piece{}
	}
	p := piece{bytes: frameOf(websocket.BinaryMessage, msg), to: to}
	r.mu.Lock()
	defer r.mu.Unlock()
	p.cut = r.serial
	if list := r.since(told); len(list) > 0 {
		p.bytes = append(p.bytes, frameOf(websocket.BinaryMessage, appendCarets(nil, r.of.Handle, list))...)
	}
	if w.least < 0 || p.cut < w.least {
		w.least = p.cut
	}
	return p
}
