package live

import (
	"time"

	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/policy"
)

// lookAnyway is how often rights are looked at although nothing says that they changed: sessions end by time, too. (What is written is
// decided in its own transaction, on that moment.)
const lookAnyway = 15 * time.Second

// sweep asks again, about every second, who everybody is and what they may do with what is open, if anything changed.
func (h *Hub) sweep() {
	tick := time.NewTicker(h.limits.Sweep)
	defer tick.Stop()
	var looked time.Time
	var epoch int64
	for {
		select {
		case <-h.base.Done():
			return
		case <-tick.C:
		case <-h.sweepNow:
			looked = time.Time{}
		}
		h.wrote()
		if h.cfg.Epoch != nil {
			now, err := h.cfg.Epoch(h.base)
			if err == nil && now == epoch && time.Since(looked) < lookAnyway {
				continue
			}
			if err == nil {
				// Before the look: a change during it is looked at the next time.
				epoch, looked = now, time.Now()
			}
		}
		h.look()
	}
}

// look decides once for each session, and once for each draft and session, however many sockets they have.
func (h *Hub) look() {
	h.looks.Add(1)
	h.mu.Lock()
	stands := make([]*standing, 0, len(h.stands))
	for _, s := range h.stands {
		stands = append(stands, s)
	}
	rooms := make([]*room, 0, len(h.rooms))
	for _, r := range h.rooms {
		rooms = append(rooms, r)
	}
	h.mu.Unlock()
	over := map[*standing]bool{}
	for _, s := range stands {
		was := s.actor.Load()
		actor, err := h.cfg.Actor(h.base, *was)
		switch {
		case err != nil && h.base.Err() != nil:
			return
		case err != nil && !isFault(err):
			// The database is away: nothing can be written either; ask again in a second.
			h.cfg.Log.Warn("look at session", "error", err)
		case err != nil || actor.Anonymous():
			over[s] = true
		default:
			// A socket that came meanwhile knows better.
			s.actor.CompareAndSwap(was, &actor)
		}
	}
	if len(over) > 0 {
		for _, c := range h.list() {
			if over[c.stand] {
				c.close(closeSessionOver, "session ended")
			}
		}
	}
	for _, r := range rooms {
		h.lookAt(r)
	}
}

func (h *Hub) lookAt(r *room) {
	facts, _, err := h.cfg.Drafts.Check(h.base, policy.SystemActor(), r.id)
	if err != nil && (h.base.Err() != nil || !isFault(err)) {
		return
	}
	known := map[*standing]*abilities{} // nil: may not read
	for _, od := range r.all() {
		s := od.c.stand
		can, ok := known[s]
		if !ok {
			if actor := *s.actor.Load(); err == nil && policy.Can(actor, policy.ReadDraft, facts) {
				can = r.same(draft.Abilities(actor, facts))
			}
			known[s] = can
		}
		if can == nil {
			od.c.deny(od, "draft.not_found")
		} else {
			od.c.able(od, can)
		}
	}
}

// typed remembers a socket that somebody writes over.
func (h *Hub) typed(c *conn) {
	h.typedMu.Lock()
	defer h.typedMu.Unlock()
	h.writers = append(h.writers, c)
}

// wrote marks the sessions over whose sockets somebody writes as used: who only types meets no idle end.
func (h *Hub) wrote() {
	h.typedMu.Lock()
	writers := h.writers
	h.writers = nil
	h.typedMu.Unlock()
	if h.cfg.Wrote == nil {
		return
	}
	now := time.Now().UnixMilli()
	told := map[string]bool{}
	var again []*conn
	for _, c := range writers {
		if now-c.marked < 30_000 {
			again = append(again, c)
			continue
		}
		at := c.pushed.Swap(0)
		c.marked = now
		session := c.who().Session
		if told[session] {
			continue
		}
		told[session] = true
		if err := h.cfg.Wrote(h.base, session); err != nil && h.base.Err() == nil {
			h.cfg.Log.Warn("mark session as used", "error", err)
			c.marked = 0
			if c.pushed.CompareAndSwap(0, at) { // again the next time
				again = append(again, c)
			}
		}
	}
	if len(again) > 0 {
		h.typedMu.Lock()
		h.writers = append(h.writers, again...)
		h.typedMu.Unlock()
	}
}
