package live

import (
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// spokes is in how many turns of the wheel every socket is asked for a sign of life once.
const spokes = 20

// wheel spreads the sockets over the time between two pings, so that none has a timer and no moment has them all.
type wheel struct {
	mu     sync.Mutex
	spokes [spokes][]*conn
	at     int
	next   int
}

// spoke is a socket's place on the wheel.
type spoke struct{ of, slot int32 }

func (w *wheel) add(c *conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	// In turn, not in time: many may come at once. Not the one that comes next: who has just come needs no ping.
	w.next = (w.next + 1) % (spokes - 1)
	i := (w.at + 1 + w.next) % spokes
	c.spoke = spoke{int32(i), int32(len(w.spokes[i]))}
	w.spokes[i] = append(w.spokes[i], c)
}

func (w *wheel) remove(c *conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.spokes[c.spoke.of]
	end := len(s) - 1
	s[c.spoke.slot] = s[end]
	s[c.spoke.slot].spoke.slot = c.spoke.slot
	s[end] = nil
	w.spokes[c.spoke.of] = s[:end]
}

// turn goes to the next spoke and lists its sockets, late those of the spoke before; look lists some others whose silence is worth a look.
func (w *wheel) turn() (ask, late, look []*conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	late = slices.Clone(w.spokes[w.at])
	w.at = (w.at + 1) % spokes
	ask = slices.Clone(w.spokes[w.at])
	for i := 4; i < spokes; i += 4 {
		look = append(look, w.spokes[(w.at+i)%spokes]...)
	}
	return ask, late, look
}

var pingFrame = frameOf(websocket.PingMessage, nil)

// pulse looks after the sockets' signs of life, in one goroutine for all.
func (h *Hub) pulse() {
	every := max(time.Millisecond, min(h.limits.Ping/spokes, h.limits.Dead/4, h.limits.Write/4))
	tick := time.NewTicker(every)
	defer tick.Stop()
	var turned time.Time
	last := time.Now()
	for {
		select {
		case <-h.base.Done():
			return
		case <-tick.C:
		}
		now := time.Now()
		h.slept(now.Sub(last), every)
		last = now
		h.giveUp(now)
		if now.Sub(turned) < h.limits.Ping/spokes*9/10 {
			continue
		}
		turned = now
		h.ask(now)
	}
}

// ask turns the wheel. A ping has one turn to go along with a frame: in a room where something happens that is a system call less.
func (h *Hub) ask(now time.Time) {
	ask, late, look := h.wheel.turn()
	for _, c := range look {
		c.alive(now)
	}
	for _, c := range late {
		if c.due.Swap(false) && c.alive(now) {
			c.queueFrame(pingFrame)
		}
	}
	for _, c := range ask {
		c.due.Store(c.alive(now))
	}
}

// slept notes that the node itself did not run: stopped, or on a machine that had no time for it. What its peers said meanwhile lies unread, and is not
// silence.
func (h *Hub) slept(gap, every time.Duration) {
	if gap -= 2*every + time.Second; gap > 0 {
		h.lost.Add(gap.Milliseconds())
	}
}

// awake is a clock in milliseconds that stands still while the node does not run.
func (h *Hub) awake(now time.Time) int64 { return now.UnixMilli() - h.lost.Load() }

// alive ends a socket whose peer has been silent for too long.
func (c *conn) alive(now time.Time) bool {
	switch {
	case c.closes.Load():
		return false
	case c.hub.awake(now)-c.heard.Load() > c.hub.limits.Dead.Milliseconds():
		c.close(closeSilent, "silent")
		return false
	}
	return true
}

// full notes that a socket takes nothing at the moment, or that it does again.
func (h *Hub) full(c *conn, is bool) {
	h.fullMu.Lock()
	defer h.fullMu.Unlock()
	if is {
		h.fullNow[c] = struct{}{}
	} else {
		delete(h.fullNow, c)
	}
}

// giveUp ends the sockets that have taken nothing for too long.
func (h *Hub) giveUp(now time.Time) {
	h.fullMu.Lock()
	waiting := make([]*conn, 0, len(h.fullNow))
	for c := range h.fullNow {
		waiting = append(waiting, c)
	}
	h.fullMu.Unlock()
	for _, c := range waiting {
		c.wmu.Lock()
		if c.since != 0 && now.UnixMilli()-c.since > h.limits.Write.Milliseconds() {
			c.left = true
			c.over()
		}
		c.wmu.Unlock()
	}
}
