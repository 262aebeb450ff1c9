package live

import (
	"time"
)

// readerPace is the least time between two deliveries of notices to those who only read. Whatever changed meanwhile comes as one.
const readerPace = 100 * time.Millisecond

// due is what readers of a topic are still to be told, and who they were when the editors were told.
type due struct {
	at      int64
	readers []*conn
}

// tell hands notices out: each topic once for what changed while the last was on its way, editors first, made once for all, and
// written by this goroutine.
func (h *Hub) tell() {
	var last time.Time
	waiting := map[string]due{}
	for {
		var now <-chan time.Time
		if len(waiting) > 0 {
			now = time.After(max(0, readerPace-time.Since(last)))
		}
		select {
		case <-h.base.Done():
			return
		case <-h.tellNow:
			h.tellEditors(waiting)
		case <-now:
			last = time.Now()
			told := waiting
			waiting = map[string]due{}
			for topic, d := range told {
				for len(d.readers) > 0 {
					n := min(len(d.readers), 256)
					h.notify(topic, d.at, d.readers[:n])
					d.readers = d.readers[n:]
					select {
					case <-h.tellNow: // editors first, also now
						h.tellEditors(waiting)
					default:
					}
				}
			}
		}
	}
}

// tellEditors takes what changed, tells the editors and leaves it for the readers.
func (h *Hub) tellEditors(waiting map[string]due) {
	h.mu.Lock()
	now := h.notices
	h.notices = map[string]int64{}
	h.mu.Unlock()
	for topic, at := range now {
		var editors []*conn
		d := due{at: at}
		h.mu.Lock()
		for c := range h.watchers[topic] {
			if c.edits.Load() {
				editors = append(editors, c)
			} else {
				d.readers = append(d.readers, c)
			}
		}
		h.mu.Unlock()
		h.notify(topic, at, editors)
		waiting[topic] = d
	}
}

// notify tells these sockets that the topic changed, if they still watch it and may.
func (h *Hub) notify(topic string, at int64, to []*conn) {
	var frame []byte
	for _, c := range to {
		c.mu.Lock()
		watches := c.topics[topic]
		c.mu.Unlock()
		actor := c.who()
		switch {
		case !watches:
		case h.maySee(h.base, actor, topic):
			if frame == nil {
				frame = notice(topic, at)
			}
			c.changed(topic, at, frame)
		default:
			h.unwatch(c, []string{topic})
			c.send(map[string]any{"t": "refused", "topic": topic})
		}
	}
}

// moment is how long at least a change is remembered for those who begin to watch its topic; it is twice that at most.
const moment = 5 * time.Second

// recent are the topics that changed in the last moment or two, and where the log stood then.
type recent struct {
	now, before map[string]int64
	since       time.Time
}

func (r *recent) turn(now time.Time) {
	if age := now.Sub(r.since); age >= 2*moment {
		r.now, r.before, r.since = map[string]int64{}, nil, now
	} else if age >= moment {
		r.now, r.before, r.since = map[string]int64{}, r.now, now
	}
}

func (r *recent) keep(topic string, at int64, now time.Time) {
	r.turn(now)
	r.now[topic] = max(at, r.now[topic])
}

func (r *recent) at(topic string, now time.Time) (int64, bool) {
	r.turn(now)
	if at, ok := r.now[topic]; ok {
		return at, true
	}
	at, ok := r.before[topic]
	return at, ok
}
