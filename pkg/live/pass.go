package live

import (
	"runtime"
	"sync"

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

	list   []*openDraft
	pieces map[int64]piece // by the version they begin at; the pass's own
	head   int64           // as of which they were made
	told   int64           // all carets up to this serial have been told to every reader that keeps up
	least  int64           // what told will be after this pass
}

// piece is what readers at a version get: a frame, and the carets up to serial cut.
type piece struct {
	bytes   []byte // nil: the log has to be read, or there is nothing
	to, cut int64
}

// breath is after how many readers a pass lets others go first.
const breath = 64

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
	told := r.told
	r.least = -1
	for i, od := range r.list {
		if i%breath == 0 {
			if i > 0 {
				runtime.Gosched() // editors, and who reads from them
			}
			if head := log.Head(); head != r.head || r.pieces == nil || i == 0 {
				r.head, r.pieces = head, map[int64]piece{}
			}
		}
		od.advance(log, told)
		r.list[i] = nil
	}
	if r.least >= 0 {
		r.told = r.least
	}
}

// advance writes to a reader from the room's pieces. One that is busy, or too far behind for memory, goes the way of everybody.
func (od *openDraft) advance(log *draft.Authority, told int64) {
	c, r := od.c, od.room
	c.wmu.Lock()
	switch {
	case c.dead || od.shut.Load() || !c.writing && od.cursor >= r.head:
		c.wmu.Unlock()
		return
	case c.writing || c.end != nil || len(c.queue) > 0 || od.seen < told || od.dirty.Load() || c.bare():
		c.wmu.Unlock()
		od.touch()
		return
	}
	p, ok := r.pieces[od.cursor]
	if !ok {
		p = r.piece(log, od.cursor, told)
		r.pieces[od.cursor] = p
	}
	if p.bytes == nil {
		c.wmu.Unlock()
		od.touch()
		return
	}
	failpoint.Here("live.write")
	n, err := c.line.try(p.bytes)
	od.cursor, od.seen = p.to, p.cut
	switch {
	case err != nil:
		c.left = true
		c.over()
	case n < len(p.bytes):
		c.park(p.bytes[n:], false)
	}
	c.wmu.Unlock()
}

// piece makes what readers at a version get.
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
