package live

import (
	"runtime"
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

	list  []*openDraft // gone through by the pass's workers
	taken atomic.Int64 // of list, by a worker
	told  int64        // all carets up to this serial have been told to every reader that keeps up

	making sync.Mutex      // guards what follows
	pieces map[int64]piece // by the version they begin at
	head   int64           // as of which they were made
	least  int64           // what told will be after this pass
}

// piece is what readers at a version get: a frame, and the carets up to serial cut.
type piece struct {
	bytes   []byte // nil: the log has to be read, or there is nothing
	to, cut int64
}

const (
	breath = 64  // after so many readers a pass lets others go first
	alone  = 512 // up to so many one goroutine goes through
	hands  = 4   // and at most so many at a time
)

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

func (r *room) toReaders() {
	r.mu.Lock()
	r.list = append(r.list[:0], r.readers...)
	log := r.log
	r.mu.Unlock()
	r.taken.Store(0)
	r.head, r.pieces, r.least = 0, map[int64]piece{}, -1
	var wg sync.WaitGroup
	for range min(len(r.list)/alone, runtime.GOMAXPROCS(0), hands) - 1 {
		wg.Go(func() { r.goThrough(log) })
	}
	r.goThrough(log)
	wg.Wait()
	clear(r.list)
	if r.least >= 0 {
		r.told = r.least
	}
}

// hand is one goroutine of a pass.
type hand struct {
	room *room
	log  *draft.Authority
	head int64 // of the log, when it took the last few readers
	from int64 // the version that piece begins at; -1 for none
	piece
}

// goThrough writes to readers, some at a time, until nobody is left.
func (r *room) goThrough(log *draft.Authority) {
	h := hand{room: r, log: log, from: -1}
	for first := true; ; first = false {
		end := int(r.taken.Add(breath))
		if end-breath >= len(r.list) {
			return
		}
		if !first {
			runtime.Gosched() // editors, and who reads from them
		}
		if head := log.Head(); head != h.head {
			h.head, h.from = head, -1
		}
		for _, od := range r.list[end-breath : min(end, len(r.list))] {
			h.advance(od)
		}
	}
}

// advance writes to a reader from the room's pieces. One that is busy, or too far behind for memory, goes the way of everybody.
func (h *hand) advance(od *openDraft) {
	c := od.c
	c.wmu.Lock()
	switch {
	case c.dead || od.shut.Load() || !c.writing && od.cursor >= h.head:
		c.wmu.Unlock()
		return
	case c.writing || c.end != nil || len(c.queue) > 0 || od.seen < h.room.told || od.dirty.Load() || c.bare():
		c.wmu.Unlock()
		od.touch()
		return
	}
	if od.cursor != h.from {
		h.from, h.piece = od.cursor, h.room.pieceOf(h.log, od.cursor, h.head)
	}
	if h.bytes == nil {
		c.wmu.Unlock()
		od.touch()
		return
	}
	failpoint.Here("live.write")
	n, err := c.line.try(h.bytes)
	od.cursor, od.seen = h.to, h.cut
	switch {
	case err != nil:
		c.left = true
		c.over()
	case n < len(h.bytes):
		c.park(h.bytes[n:], false)
	}
	c.wmu.Unlock()
}

// pieceOf returns what readers at a version get, as of a head of the log or a later one.
func (r *room) pieceOf(log *draft.Authority, from, head int64) piece {
	r.making.Lock()
	defer r.making.Unlock()
	if head > r.head {
		r.head = head
		clear(r.pieces)
	}
	p, ok := r.pieces[from]
	if !ok {
		p = r.piece(log, from, r.told)
		r.pieces[from] = p
	}
	return p
}

// piece makes it; making is held.
func (r *room) piece(log *draft.Authority, from, told int64) piece {
	msg, to, ok := log.Recent(from)
	if !ok || msg == nil {
		return piece{}
	}
	p := piece{bytes: frameOf(websocket.BinaryMessage, msg), to: to}
	r.mu.Lock()
	defer r.mu.Unlock()
	p.cut = r.serial
	if list := r.since(told); len(list) > 0 {
		p.bytes = append(p.bytes, frameOf(websocket.BinaryMessage, appendCarets(nil, log.Handle, list))...)
	}
	if r.least < 0 || p.cut < r.least {
		r.least = p.cut
	}
	return p
}
