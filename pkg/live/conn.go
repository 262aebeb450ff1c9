package live

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
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

// ending is why a socket ends.
type ending struct {
	code   int
	reason string
}

// conn is one socket. One goroutine reads it. Whoever has something for it writes that straight to the descriptor, under wmu; only when the
// socket is full a goroutine waits for it, and what comes meanwhile is remembered as "this draft is behind" and "this topic changed", not
// as bytes.
type conn struct {
	hub  *Hub
	ws   *websocket.Conn // for reading only
	line line
	ctx  context.Context
	stop context.CancelFunc

	heard  atomic.Int64 // when the peer last gave a sign of life, Unix milliseconds
	pinged atomic.Int64
	pushed atomic.Int64 // when it last wrote since its session was marked as used, Unix milliseconds; 0 for never
	marked int64        // when that was; the sweep's own
	edits  atomic.Bool  // it has a draft open that it may write: served before readers
	closes atomic.Bool  // a reason to end was given
	bucket bucket       // the reader's

	wmu     sync.Mutex
	queue   [][]byte // whole control frames
	queued  int      // their bytes
	writing bool     // a goroutine waits for the socket
	dead    bool     // nothing more is written
	end     *ending

	mu      sync.Mutex
	actor   policy.Actor
	drafts  map[int]*openDraft
	gone    map[int]bool // handles that were open on this socket
	topics  map[string]bool
	pending map[string]int64 // topics that changed while the socket was full
}

// openDraft is a draft open on a socket. cursor and seen belong to whoever writes: under conn.wmu, or the goroutine of conn.write.
type openDraft struct {
	id        string
	handle    int
	at        *draft.Attachment
	room      *room
	dirty     atomic.Bool
	cursor    int64
	seen      int64           // serial of the newest caret delivered
	abilities map[string]bool // guarded by conn.mu
}

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

func newConn(h *Hub, ws *websocket.Conn, actor policy.Actor) *conn {
	c := &conn{hub: h, ws: ws, line: newLine(ws.NetConn()), actor: actor}
	// The hub's end comes as a close message, with what is queued before it; only then does the context end.
	c.ctx, c.stop = context.WithCancel(context.WithoutCancel(h.base))
	c.heard.Store(time.Now().UnixMilli())
	c.pinged.Store(time.Now().UnixMilli())
	return c
}

// refuse ends a socket that was never served.
func (c *conn) refuse(code int, reason string) {
	_ = c.line.wait(closeFrame(code, reason), time.Second)
	_ = c.ws.Close()
}

// run serves the socket until it ends.
func (c *conn) run() {
	actor := c.who()
	c.send(map[string]any{"t": "hello", "server": c.hub.cfg.Server, "now": time.Now().UTC().Format(time.RFC3339), "session": actor.Session})
	c.read()
	c.stop()
	for _, od := range c.openDrafts() {
		c.detach(od)
	}
	c.mu.Lock()
	topics := slices.Collect(maps.Keys(c.topics))
	c.mu.Unlock()
	c.hub.unwatch(c, topics)
	// Hear the peer out for a moment: closing with unread bytes would reset the connection and take the close code with it.
	_ = c.ws.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	for {
		_, _, err := c.ws.NextReader()
		if errors.Is(err, errTooFast) || errors.Is(err, websocket.ErrReadLimit) {
			// After its own errors the WebSocket reads no more.
			_, _ = io.Copy(io.Discard, io.LimitReader(c.ws.NetConn(), 8<<20))
		}
		if err != nil {
			break
		}
	}
	c.wmu.Lock()
	c.dead = true
	c.wmu.Unlock()
	_ = c.ws.Close()
}

func (c *conn) who() policy.Actor { c.mu.Lock(); defer c.mu.Unlock(); return c.actor }

func (c *conn) become(a policy.Actor) { c.mu.Lock(); defer c.mu.Unlock(); c.actor = a }

func (c *conn) openDrafts() []*openDraft {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Values(c.drafts))
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

// touched says that a draft has something new for this socket.
func (c *conn) touched(id string) {
	c.mu.Lock()
	for _, od := range c.drafts {
		if od.id == id {
			od.dirty.Store(true)
		}
	}
	c.mu.Unlock()
	c.flush()
}

// maxGather bounds what is joined for one write.
const maxGather = 64 << 10

// flush writes what there is until there is nothing or the socket is full; then a goroutine goes on.
func (c *conn) flush() {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	if c.writing || c.dead {
		return
	}
	for {
		b, slow, last := c.gather()
		n, err := 0, error(nil)
		if len(b) > 0 {
			failpoint.Here("live.write")
			n, err = c.line.try(b)
		}
		switch {
		case err != nil:
			c.over()
			return
		case n < len(b) || slow:
			c.writing = true
			go c.write(b[n:], last)
			return
		case last:
			c.over()
			return
		case len(b) == 0:
			return
		}
	}
}

// write goes on where flush found the socket full, or where the log has to be read. While it runs, nobody else reads or moves the cursors of this
// socket, so what takes long (the log, rights, the socket) happens without the lock: whoever brings something never waits for it.
func (c *conn) write(b []byte, last bool) {
	for {
		if len(b) > 0 && c.line.wait(b, c.hub.limits.Write) != nil {
			last = true
		}
		c.wmu.Lock()
		if last || c.dead {
			c.over()
			c.wmu.Unlock()
			return
		}
		var slow bool
		b, slow, last = c.gather()
		if len(b) == 0 && !last && !slow {
			c.line.rest()
			c.writing = false
			c.wmu.Unlock()
			return
		}
		c.wmu.Unlock()
		if len(b) == 0 && !last {
			b = c.behind()
		}
	}
}

// over ends the writing side; the caller holds wmu.
func (c *conn) over() {
	c.dead, c.queue, c.writing = true, nil, false
	c.stop()
	// Unblock the reader; a peer that answers the close in time has been heard by then.
	_ = c.ws.SetReadDeadline(time.Now().Add(time.Second))
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

// gather takes what is to be written next from memory, whole frames. slow says that there is more which has to be read or decided
// first, by behind; last that nothing may follow. The caller holds wmu.
func (c *conn) gather() (b []byte, slow, last bool) {
	var j joiner
	for len(c.queue) > 0 && len(j.b) < maxGather {
		j.add(c.queue[0])
		c.queued -= len(c.queue[0])
		c.queue = c.queue[1:]
	}
	if len(c.queue) > 0 {
		return j.b, false, false
	}
	c.queue = nil
	if c.end != nil {
		j.add(closeFrame(c.end.code, c.end.reason))
		return j.b, false, true
	}
	first, more, pending := c.dirty()
	slow = pending
	for od, i := first, 0; od != nil; i++ {
		slow = od.pump(&j) || slow
		if od = nil; i < len(more) {
			od = more[i]
		}
	}
	return j.b, slow, false
}

// dirty lists the drafts that have something new, without a slice for the usual one.
func (c *conn) dirty() (first *openDraft, more []*openDraft, pending bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, od := range c.drafts {
		switch {
		case !od.dirty.Load():
		case first == nil:
			first = od
		default:
			more = append(more, od)
		}
	}
	return first, more, len(c.pending) > 0
}

// pump adds the next frames of a draft, and the carets. slow says that the log has to be read first.
func (od *openDraft) pump(j *joiner) (slow bool) {
	od.dirty.Store(false)
	for size := 0; size < maxGather; {
		frame, to, ok := od.room.next(od)
		if !ok {
			od.dirty.Store(true)
			return true
		}
		if frame == nil {
			if carets := od.room.carets(od); carets != nil {
				j.add(carets)
			}
			return false
		}
		j.add(frame)
		od.cursor = to
		size += len(frame)
	}
	od.dirty.Store(true)
	return false
}

// behind reads on where memory does not reach, a piece of each draft's log, and decides on what changed while the socket was
// full. Only write calls it.
func (c *conn) behind() []byte {
	var j joiner
	first, more, pending := c.dirty()
	for od, i := first, 0; od != nil; i++ {
		frame, to, err := od.room.older(c.ctx, od)
		switch {
		case err != nil:
			if c.ctx.Err() == nil {
				c.hub.cfg.Log.Warn("read log", "draft", od.id, "error", err)
			}
			od.dirty.Store(false)
			go c.resync(od)
		case frame != nil:
			j.add(frame)
			od.cursor = to
		}
		if od = nil; i < len(more) {
			od = more[i]
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
	c.send(map[string]any{"t": "resync", "draft": od.handle})
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
	actor := c.actor
	c.mu.Unlock()
	for topic, at := range pending {
		if c.hub.maySee(c.ctx, actor, topic) {
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

// alive looks at the socket now and then: a silent one is ended, a quiet one is asked for a sign of life.
func (c *conn) alive(now time.Time) {
	ms := now.UnixMilli()
	switch {
	case c.closes.Load():
	case ms-c.heard.Load() > c.hub.limits.Dead.Milliseconds():
		c.close(closeSilent, "silent")
	case ms-c.pinged.Load() >= c.hub.limits.Ping.Milliseconds():
		c.pinged.Store(ms)
		c.queueFrame(pingFrame)
	}
}

var pingFrame = frameOf(websocket.PingMessage, nil)

// read handles messages until the socket ends.
func (c *conn) read() {
	c.ws.SetReadLimit(c.hub.limits.Message)
	alive := func() { c.heard.Store(time.Now().UnixMilli()) }
	c.ws.SetPongHandler(func(string) error { alive(); return nil })
	// Nothing but the line writes, so pings and the peer's close are answered by it.
	c.ws.SetPingHandler(func(data string) error {
		alive()
		if !c.bucket.take(time.Now(), c.hub.limits.Rate, c.hub.limits.Burst) {
			return errTooFast
		}
		c.queueFrame(frameOf(websocket.PongMessage, []byte(data)))
		return nil
	})
	c.ws.SetCloseHandler(func(code int, _ string) error {
		if code == websocket.CloseNoStatusReceived {
			code = websocket.CloseNormalClosure
		}
		c.close(code, "")
		return nil
	})
	var buf []byte
	for c.ctx.Err() == nil {
		kind, msg, next, err := readMessage(c.ws, buf)
		buf = next
		if err != nil {
			switch {
			case errors.Is(err, errTooFast):
				c.close(closeTooFast, "too fast")
			case errors.Is(err, websocket.ErrReadLimit):
				c.close(websocket.CloseMessageTooBig, "too large")
			}
			return
		}
		now := time.Now()
		c.heard.Store(now.UnixMilli())
		if !c.bucket.take(now, c.hub.limits.Rate, c.hub.limits.Burst) {
			c.close(closeTooFast, "too fast")
			return
		}
		ok := false
		switch kind {
		case websocket.BinaryMessage:
			ok = c.push(msg)
		case websocket.TextMessage:
			ok = c.control(msg)
		}
		if !ok {
			c.close(closeMalformed, "malformed")
			return
		}
	}
}

var errTooFast = errors.New("too fast")
