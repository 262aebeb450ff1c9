package live

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
)

func isFault(err error) bool { return fault.Of(err) != nil }

// ending is why a socket ends.
type ending struct {
	code   int
	reason string
}

// conn is one socket.
type conn struct {
	hub   *Hub
	ws    *websocket.Conn
	ctx   context.Context
	stop  context.CancelFunc
	limit *rate.Limiter

	out      chan []byte // control messages
	outBytes atomic.Int64
	wake     chan struct{}
	end      chan ending

	mu      sync.Mutex
	actor   policy.Actor
	drafts  map[int]*openDraft
	gone    map[int]bool // handles that were open on this socket
	topics  map[string]bool
	pending map[string]int64 // topics that changed
}

// openDraft is a draft open on a socket. The writer owns cursor, seen and shown.
type openDraft struct {
	id        string
	handle    int
	at        *draft.Attachment
	room      *room
	dirty     atomic.Bool
	cursor    int64
	seen      int64 // serial of the newest caret delivered
	shown     time.Time
	abilities map[string]bool // guarded by conn.mu
}

func newConn(h *Hub, ws *websocket.Conn, actor policy.Actor) *conn {
	return &conn{hub: h, ws: ws, actor: actor, limit: rate.NewLimiter(rate.Limit(h.limits.Rate), h.limits.Burst),
		out: make(chan []byte, h.limits.Queue), wake: make(chan struct{}, 1), end: make(chan ending, 1),
		drafts: map[int]*openDraft{}, gone: map[int]bool{}, topics: map[string]bool{}, pending: map[string]int64{}}
}

// refuse ends a socket that was never served.
func (c *conn) refuse(code int, reason string) {
	deadline := time.Now().Add(time.Second)
	_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), deadline)
	_ = c.ws.Close()
}

// run serves the socket until it ends.
func (c *conn) run(base context.Context) {
	// The hub's end comes as a close message, with what is queued before it; only then does the context end.
	c.ctx, c.stop = context.WithCancel(context.WithoutCancel(base))
	actor := c.who()
	c.send(map[string]any{"t": "hello", "server": c.hub.cfg.Server, "now": time.Now().UTC().Format(time.RFC3339), "session": actor.Session})
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.write()
	}()
	c.read()
	c.stop()
	<-done
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
		if _, _, err := c.ws.NextReader(); err != nil {
			break
		}
	}
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
	select {
	case c.end <- ending{code, reason}:
	default:
	}
	c.nudge()
}

func (c *conn) nudge() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// send queues a control message. A peer that lets the queue fill is closed: it comes back and fetches everything anew.
func (c *conn) send(v any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		c.hub.cfg.Log.Error("encode message", "error", err)
		return
	}
	msg := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	size := int64(len(msg))
	// One message may be larger than the bound by itself: the text of a draft.
	if queued := c.outBytes.Add(size); queued > c.hub.limits.QueueBytes && queued != size {
		c.outBytes.Add(-size)
		c.close(closeTooSlow, "too slow")
		return
	}
	select {
	case c.out <- msg:
	default:
		c.outBytes.Add(-size)
		c.close(closeTooSlow, "too slow")
	}
}

// changed marks a topic; the writer tells it.
func (c *conn) changed(topic string, at int64) {
	c.mu.Lock()
	if at > c.pending[topic] {
		c.pending[topic] = at
	}
	c.mu.Unlock()
	c.nudge()
}

// read handles messages until the socket ends.
func (c *conn) read() {
	c.ws.SetReadLimit(c.hub.limits.Message)
	alive := func() { _ = c.ws.SetReadDeadline(time.Now().Add(c.hub.limits.Dead)) }
	alive()
	c.ws.SetPongHandler(func(string) error { alive(); return nil })
	// The writer alone writes, so a protocol ping is answered by it.
	c.ws.SetPingHandler(func(data string) error {
		alive()
		if !c.limit.Allow() {
			return errTooFast
		}
		err := c.ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(time.Second))
		var timeout net.Error
		if errors.As(err, &timeout) {
			return nil
		}
		return err
	})
	for c.ctx.Err() == nil {
		kind, msg, err := c.ws.ReadMessage()
		if err != nil {
			var timeout net.Error
			switch {
			case errors.Is(err, errTooFast):
				c.close(closeTooFast, "too fast")
			case errors.Is(err, websocket.ErrReadLimit):
				c.close(websocket.CloseMessageTooBig, "too large")
			case errors.As(err, &timeout) && timeout.Timeout():
				c.close(closeSilent, "silent")
			}
			return
		}
		alive()
		if !c.limit.Allow() {
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

// write owns the writing side until the socket ends.
func (c *conn) write() {
	defer func() {
		c.stop()
		// Unblock the reader; a peer that answers the close in time has been heard by then.
		_ = c.ws.SetReadDeadline(time.Now().Add(time.Second))
	}()
	ping := time.NewTicker(c.hub.limits.Ping)
	defer ping.Stop()
	for {
		select {
		case msg := <-c.out:
			if !c.put(websocket.TextMessage, msg) {
				return
			}
		case <-c.wake:
		case <-ping.C:
			if c.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(c.hub.limits.Write)) != nil {
				return
			}
		case <-c.ctx.Done():
			// The reader ended; if it gave a reason, say it.
			select {
			case e := <-c.end:
				c.bye(e)
			default:
			}
			return
		}
		for more := true; more; {
			more = false
			if !c.control1() {
				return
			}
			select {
			case e := <-c.end:
				c.control1()
				c.bye(e)
				return
			default:
			}
			for _, od := range c.openDrafts() {
				again, ok := c.pump(od)
				if !ok {
					return
				}
				more = more || again
			}
		}
		if !c.notices() {
			return
		}
	}
}

func (c *conn) bye(e ending) {
	_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(e.code, e.reason), time.Now().Add(time.Second))
}

// control1 writes all control messages that wait.
func (c *conn) control1() bool {
	for {
		select {
		case msg := <-c.out:
			if !c.put(websocket.TextMessage, msg) {
				return false
			}
		default:
			return true
		}
	}
}

func (c *conn) put(kind int, msg []byte) bool {
	if kind == websocket.TextMessage {
		c.outBytes.Add(-int64(len(msg)))
	}
	_ = c.ws.SetWriteDeadline(time.Now().Add(c.hub.limits.Write))
	return c.ws.WriteMessage(kind, msg) == nil
}

// pump writes the next frame of a draft, and the carets. again says that there may be more.
func (c *conn) pump(od *openDraft) (again, ok bool) {
	if od.dirty.Swap(false) {
		frame, to, err := od.at.Authority.Next(c.ctx, od.cursor)
		switch {
		case err != nil:
			if c.ctx.Err() == nil {
				c.hub.cfg.Log.Warn("read log", "draft", od.id, "error", err)
			}
			c.detach(od)
			c.send(map[string]any{"t": "resync", "draft": od.handle})
			return true, true
		case frame != nil:
			if !c.put(websocket.BinaryMessage, frame) {
				return false, false
			}
			od.cursor = to
			od.dirty.Store(true)
			return true, true
		}
	}
	msgs, wait := od.room.carets(c, od, c.hub.limits.Presence)
	if wait > 0 {
		time.AfterFunc(wait, c.nudge)
	}
	for _, m := range msgs {
		if !c.put(websocket.TextMessage, m) {
			return false, false
		}
	}
	return false, true
}

// notices tells the topics that changed, each once, if it may still be seen.
func (c *conn) notices() bool {
	c.mu.Lock()
	var pending map[string]int64
	if len(c.pending) > 0 {
		pending, c.pending = c.pending, map[string]int64{}
	}
	actor := c.actor
	c.mu.Unlock()
	for topic, at := range pending {
		c.mu.Lock()
		watched := c.topics[topic]
		c.mu.Unlock()
		if !watched {
			continue
		}
		if !c.hub.maySee(c.ctx, actor, topic) {
			c.hub.unwatch(c, []string{topic})
			c.send(map[string]any{"t": "refused", "topic": topic})
			continue
		}
		b, _ := json.Marshal(map[string]any{"t": "changed", "topic": topic, "at": at})
		c.outBytes.Add(int64(len(b)))
		if !c.put(websocket.TextMessage, b) {
			return false
		}
	}
	return c.control1()
}
