package live

import (
	"reflect"
	"time"

	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/policy"
)

// sweep asks again, when an event may have changed it and else about every second, who everybody is and what they may do with what is open. Looks that events
// ask for take a tenth of the time at most, however many events there are.
func (h *Hub) sweep() {
	tick := time.NewTicker(h.limits.Sweep)
	defer tick.Stop()
	epoch, free := int64(-1), time.Time{}
	for {
		asked := false
		select {
		case <-h.base.Done():
			return
		case <-tick.C:
		case <-h.sweepNow:
			asked = true
			select {
			case <-h.base.Done():
				return
			case <-time.After(time.Until(free)):
			}
		}
		h.wrote()
		before, began := time.Time{}, time.Now()
		if h.cfg.Epoch != nil {
			now, err := h.cfg.Epoch(h.base)
			if err == nil && now == epoch && !asked {
				before = time.Now().Add(-h.limits.Look)
			}
			if err == nil {
				epoch = now // before the look: a change during it is looked at the next time
			}
		}
		h.look(before)
		h.sweeps.Add(1)
		free = time.Now().Add(min(9*time.Since(began), h.limits.Sweep/2))
	}
}

// Sweeps is how often it was asked whether rights changed, what had to be done about it included. A right that was taken before one began has ended at every
// socket of this node when it is counted, unless the database was away.
func (h *Hub) Sweeps() int64 { return h.sweeps.Load() }

// look decides once for each session, and once for each draft and session, however many sockets they have: for all, or for some of those that were last
// looked at before a time.
func (h *Hub) look(before time.Time) {
	all, now := before.IsZero(), time.Now()
	if all {
		h.looks.Add(1)
	}
	h.mu.Lock()
	stands := make([]*standing, 0, 64)
	share := len(h.stands)
	if !all {
		share = h.share(share)
	}
	for _, s := range h.stands {
		if len(stands) < share && (all || s.looked.Before(before)) {
			s.looked = now
			stands = append(stands, s)
		}
	}
	rooms := make([]*room, 0, 64)
	share = len(h.rooms)
	if !all {
		share = h.share(share)
	}
	for _, r := range h.rooms {
		if len(rooms) < share && (all || r.looked.Before(before)) {
			r.looked = now
			rooms = append(rooms, r)
		}
	}
	h.mu.Unlock()
	over, moved := map[*standing]bool{}, false
	was, held := make([]policy.Actor, len(stands)), make([]*policy.Actor, len(stands))
	for i, s := range stands {
		held[i] = s.actor.Load()
		was[i] = *held[i]
	}
	is, err := h.cfg.Actors(h.base, was)
	if err != nil {
		if h.base.Err() != nil {
			return
		}
		// The database is away: nothing can be written either; ask again in a second.
		h.cfg.Log.Warn("look at sessions", "error", err)
		is, stands = nil, nil
	}
	for i, s := range stands {
		if is[i].Anonymous() {
			over[s] = true
			continue
		}
		moved = moved || !reflect.DeepEqual(was[i], is[i])
		// A socket that came meanwhile knows better.
		s.actor.CompareAndSwap(held[i], &is[i])
	}
	if len(over) > 0 {
		for _, c := range h.list() {
			if over[c.stand] {
				c.close(closeSessionOver, "session ended")
			}
		}
	}
	if moved && !all {
		h.look(time.Time{}) // a seat's time ran out, say: what it has open is not only here
		return
	}
	for _, r := range rooms {
		h.lookAt(r)
	}
}

// share is how many of n are looked at in one tick, so that all have been within Look. Not all at a time: a thousand sessions are a second's work, and
// everybody would wait for it.
func (h *Hub) share(n int) int { return int(time.Duration(n)*h.limits.Sweep*5/4/h.limits.Look) + 1 }

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
