package live

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/failpoint"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
)

func isFault(err error) bool { return fault.Of(err) != nil }

// linger is how long an ended socket hears its peer out: to close with unread bytes would reset the connection and take the close code with it.
const linger = time.Second

// readTime bounds one reading for a socket.
const readTime = 15 * time.Second

// ending is why a socket ends.
type ending struct {
	code   int
	reason string
}

// conn is one socket. Nobody waits for it: what it says is read by a poller, or by a goroutine of its own where there is none. Whoever has something for it
// writes that straight to the descriptor, under wmu; when the socket is full the poller says when to go on, and what comes meanwhile is
// remembered as "this draft is behind" and "this topic changed", not as bytes. A socket that is only read costs this struct, its openDraft and a descriptor.
type conn struct {
	// What a pass through a room looks at stands together: see fetch.
	line    line
	wmu     sync.Mutex
	closes  atomic.Bool // a reason to end was given
	due     atomic.Bool // a ping goes along with the next frame
	writing bool        // somebody waits for the socket, or reads the log for it; with wmu, as what follows
	dead    bool        // nothing more is written
	left    bool        // the peer has closed, or cannot be reached
	closed  bool        // the descriptor is
	final   bool        // nothing follows rest
	end     *ending
	queue   [][]byte // whole control frames
	queued  int      // their bytes
	rest    []byte   // what the socket did not take
	since   int64    // when it was full, Unix milliseconds; 0 when it is not

	hub    *Hub
	stand  *standing
	person *tally
	source *tally
	slot   int32 // in hub.conns
	spoke  spoke

	heard  atomic.Int64 // when the peer last gave a sign of life, by hub.awake
	pushed atomic.Int64 // when it last wrote since its session was marked as used, Unix milliseconds; 0 for never
	marked int64        // when that was; the sweep's own
	edits  atomic.Bool  // it has a draft open that it may write: served before readers

	// The reading side's.
	deaf   bool // nothing more is handled
	bucket bucket
	in     []byte      // the beginning of a message
	later  func() bool // a message that may take long

	mu      sync.Mutex
	gone    bool // no draft is opened and no topic watched any more
	drafts  []*openDraft
	past    map[int]bool // handles that were open on this socket
	topics  map[string]bool
	pending map[string]int64 // topics that changed while the socket was full
}

// openDraft is a draft open on a socket. cursor and seen belong to whoever writes: under conn.wmu, or the goroutine of conn.write.
type openDraft struct {
	c         *conn
	at        *draft.Attachment
	room      *room
	slot      int // in room.readers
	cursor    int64
	seen      int64 // serial of the newest caret delivered
	dirty     atomic.Bool
	shut      atomic.Bool // closed: nothing more of it is written
	told      bool        // "opened" has been said, so it can be told of others; guarded by room.mu
	abilities *abilities  // guarded by conn.mu
	typed     int64       // when it was last told that a comment is being written, Unix milliseconds; guarded by conn.mu
}

func (od *openDraft) id() string  { return od.room.id }
func (od *openDraft) handle() int { return od.at.Authority.Handle }

// bucket limits the rate of messages.
type bucket struct {
	level float64
	at    time.Time
}

func (b *bucket) take(now time.Time, rate, burst int) bool {
	b.level = max(0, b.level-now.Sub(b.at).Seconds()*float64(rate)) + 1
	b.at = now
	return b.level <= float64(burst)
}

// refuse ends a connection that is not served.
func refuse(nc net.Conn, code int, reason string) {
	_ = nc.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = nc.Write(closeFrame(code, reason))
	_ = nc.Close()
}

// bare says that no poller has the socket.
func (c *conn) bare() bool { return c.line.p == nil }

// lost ends a socket whose peer is gone.
func (c *conn) lost() {
	c.wmu.Lock()
	c.left, c.dead = true, true
	c.line.hear(false) // the end would be reported until the descriptor is closed
	c.wmu.Unlock()
	go c.hangUp()
}

// parted says that the peer has closed by the protocol: once our own close frame is out there is nothing to wait for.
func (c *conn) parted() {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	c.left = true
	if c.dead {
		go c.hangUp()
	}
}

// hangUp closes the descriptor and takes the socket out of everything, once.
func (c *conn) hangUp() {
	c.wmu.Lock()
	if c.closed {
		c.wmu.Unlock()
		return
	}
	c.closed, c.dead = true, true
	c.queue, c.rest = nil, nil
	c.flowing()
	c.line.close()
	c.wmu.Unlock()
	c.leave()
	c.hub.remove(c)
}

// leave closes drafts and topics.
func (c *conn) leave() {
	c.mu.Lock()
	c.gone = true
	topics := slices.Collect(maps.Keys(c.topics))
	c.mu.Unlock()
	for _, od := range c.openDrafts() {
		c.detach(od)
	}
	c.hub.unwatch(c, topics)
}

func (c *conn) who() policy.Actor { return *c.stand.actor.Load() }

func (c *conn) openDrafts() []*openDraft {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.drafts)
}

// draft finds an open draft by its handle; c.mu is held.
func (c *conn) draft(handle int) *openDraft {
	for _, od := range c.drafts {
		if od.handle() == handle {
			return od
		}
	}
	return nil
}

// close ends the socket with a code, once; what is queued goes out first.
func (c *conn) close(code int, reason string) {
	c.closes.Store(true)
	c.wmu.Lock()
	if c.end == nil {
		c.end = &ending{code, reason}
	}
	c.wmu.Unlock()
	c.flush()
}

// encode makes a whole frame of a control message.
func encode(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("live: a message of ours cannot be encoded: " + err.Error())
	}
	return frameOf(websocket.TextMessage, bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

// send queues a control message and writes what can be written.
func (c *conn) send(v any) { c.queueFrame(encode(v)) }

// queueFrame queues a whole frame, which is not changed. A peer that lets the queue fill is closed: it comes back and fetches everything anew.
func (c *conn) queueFrame(frame []byte) {
	c.wmu.Lock()
	// One message may be larger than the bound by itself: the text of a draft.
	full := len(c.queue) >= c.hub.limits.Queue || c.queued > 0 && c.queued+len(frame) > int(c.hub.limits.QueueBytes)
	if !full && !c.dead {
		c.queue, c.queued = append(c.queue, frame), c.queued+len(frame)
	}
	c.wmu.Unlock()
	if full {
		c.close(closeTooSlow, "too slow")
		return
	}
	c.flush()
}

// maxGather bounds what is joined for one write.
const maxGather = 64 << 10

// progress is how much gather took.
type progress int

const (
	all  progress = iota // there is nothing else
	more                 // there is more in memory
	slow                 // there is more, which has to be read or decided first, by behind
	last                 // nothing may follow
)

// flush writes what there is until there is nothing or the socket is full.
func (c *conn) flush() {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	if c.writing || c.dead {
		return
	}
	for {
		b, p := c.gather()
		if len(b) > 0 {
			failpoint.Here("live.write")
			n, err := c.line.try(b)
			if err != nil {
				c.left = true
				c.over()
				return
			}
			if n < len(b) {
				c.park(b[n:], p == last)
				return
			}
		}
		switch p {
		case slow:
			c.writing = true
			go c.write(nil, false)
			return
		case last:
			c.over()
			return
		case all:
			return
		}
	}
}

// park leaves b to be written when the socket takes it; wmu is held.
func (c *conn) park(b []byte, final bool) {
	c.writing = true
	if c.bare() {
		go c.write(b, final)
		return
	}
	c.rest, c.final = b, final
	if c.since == 0 {
		c.since = time.Now().UnixMilli()
		c.hub.full(c, true)
	}
	c.line.drain(true)
}

// writable goes on where park stopped. The poller calls it.
func (c *conn) writable() {
	c.wmu.Lock()
	b, final := c.rest, c.final
	c.rest = nil
	c.line.drain(false)
	dead := c.dead
	c.wmu.Unlock()
	if len(b) > 0 && !dead {
		go c.write(b, final)
	}
}

// write goes on where flush found the socket full, or where the log has to be read. While it runs, nobody else reads or moves the cursors of this
// socket, so what takes long (the log, rights) happens without the lock: whoever brings something never waits for it.
func (c *conn) write(b []byte, final bool) {
	for {
		lost := len(b) > 0 && c.bare() && c.line.wait(b, c.hub.limits.Write) != nil
		c.wmu.Lock()
		if len(b) > 0 && !c.bare() && !c.dead {
			n, err := c.line.try(b)
			if err == nil && n < len(b) {
				c.park(b[n:], final)
				c.wmu.Unlock()
				return
			}
			lost = err != nil
		}
		c.flowing()
		if lost || final || c.dead {
			c.left = c.left || lost
			c.over()
			c.wmu.Unlock()
			return
		}
		var p progress
		b, p = c.gather()
		if len(b) == 0 && p == all {
			c.writing = false
			c.wmu.Unlock()
			return
		}
		final = p == last
		c.wmu.Unlock()
		if len(b) == 0 && p == slow {
			b = c.behind()
		}
	}
}

// flowing says that the socket has taken what it was full with; wmu is held.
func (c *conn) flowing() {
	if c.since != 0 {
		c.since = 0
		c.hub.full(c, false)
	}
}

// over ends the writing side; wmu is held.
func (c *conn) over() {
	c.dead, c.queue, c.rest, c.writing = true, nil, nil, false
	c.flowing()
	if c.left {
		go c.hangUp()
		return
	}
	go c.leave()
	time.AfterFunc(linger, c.hangUp)
}

// joiner joins whole frames into one slice. A single one stays what it was, shared with others, so the result is not changed.
type joiner struct {
	b   []byte
	own bool // b is ours
}

func (j *joiner) add(frame []byte) {
	switch {
	case j.b == nil:
		j.b = frame
	case !j.own:
		j.b, j.own = append(append(make([]byte, 0, len(j.b)+len(frame)), j.b...), frame...), true
	default:
		j.b = append(j.b, frame...)
	}
}

// gather takes what is to be written next from memory, whole frames; wmu is held.
func (c *conn) gather() (b []byte, p progress) {
	var j joiner
	for len(c.queue) > 0 && len(j.b) < maxGather {
		j.add(c.queue[0])
		c.queued -= len(c.queue[0])
		c.queue = c.queue[1:]
	}
	if len(c.queue) > 0 {
		return j.b, more
	}
	c.queue = nil
	if c.end != nil {
		j.add(closeFrame(c.end.code, c.end.reason))
		return j.b, last
	}
	od, others, pending := c.dirty()
	if pending {
		p = slow
	}
	for i := 0; od != nil; i++ {
		p = max(p, od.pump(&j))
		if od = nil; i < len(others) {
			od = others[i]
		}
	}
	return j.b, p
}

// dirty lists the drafts that have something new, without a slice for the usual one.
func (c *conn) dirty() (first *openDraft, others []*openDraft, pending bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, od := range c.drafts {
		switch {
		case !od.dirty.Load():
		case first == nil:
			first = od
		default:
			others = append(others, od)
		}
	}
	return first, others, len(c.pending) > 0
}

// pump adds the next frames of a draft, and the carets. The log may have to be read first.
func (od *openDraft) pump(j *joiner) progress {
	od.dirty.Store(false)
	for size := 0; size < maxGather; {
		frame, to, ok := od.room.next(od)
		if !ok {
			od.dirty.Store(true)
			return slow
		}
		if frame == nil {
			if carets := od.room.carets(od); carets != nil {
				j.add(carets)
			}
			return all
		}
		j.add(frame)
		od.cursor = to
		size += len(frame)
	}
	od.dirty.Store(true)
	return more
}

// touch says that a draft has something new for this socket.
func (od *openDraft) touch() {
	od.dirty.Store(true)
	od.c.flush()
}

// behind reads on where memory does not reach, a piece of each draft's log, and decides on what changed while the socket was
// full. Only write calls it.
func (c *conn) behind() []byte {
	var j joiner
	od, others, pending := c.dirty()
	for i := 0; od != nil; i++ {
		ctx, cancel := context.WithTimeout(c.hub.work, readTime)
		frame, to, err := od.room.older(ctx, od)
		cancel()
		switch {
		case err != nil:
			if c.hub.work.Err() == nil {
				c.hub.cfg.Log.Warn("read log", "draft", od.id(), "error", err)
			}
			od.dirty.Store(false)
			go c.resync(od)
		case frame != nil:
			j.add(frame)
			od.cursor = to
		}
		if od = nil; i < len(others) {
			od = others[i]
		}
	}
	if pending {
		c.notices(j.add)
	}
	return j.b
}

// resync ends the streaming of a draft whose log could not be read.
func (c *conn) resync(od *openDraft) {
	c.detach(od)
	c.send(map[string]any{"t": "resync", "draft": od.handle()})
}

// changed tells a topic whose notice is made and allowed, or remembers it when the socket is full.
func (c *conn) changed(topic string, at int64, frame []byte) {
	c.wmu.Lock()
	if c.dead {
		c.wmu.Unlock()
		return
	}
	if c.writing {
		c.mu.Lock()
		if c.topics[topic] {
			if c.pending == nil {
				c.pending = map[string]int64{}
			}
			c.pending[topic] = max(at, c.pending[topic])
		}
		c.mu.Unlock()
		c.wmu.Unlock()
		return
	}
	c.queue, c.queued = append(c.queue, frame), c.queued+len(frame)
	c.wmu.Unlock()
	c.flush()
}

// notices adds the topics that changed while the socket was full, each once, if it may still be seen.
func (c *conn) notices(add func([]byte)) {
	c.mu.Lock()
	pending := c.pending
	c.pending = nil
	c.mu.Unlock()
	actor := c.who()
	for topic, at := range pending {
		if c.hub.maySee(c.hub.work, actor, topic) {
			add(notice(topic, at))
			continue
		}
		c.hub.unwatch(c, []string{topic})
		add(encode(map[string]any{"t": "refused", "topic": topic}))
	}
}

func notice(topic string, at int64) []byte {
	return encode(map[string]any{"t": "changed", "topic": topic, "at": at})
}
