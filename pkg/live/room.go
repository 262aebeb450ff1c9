package live

import (
	"encoding/json"
	"sync"
	"time"
)

// room is who has a draft open on this node, and where their carets are. Carets are never stored and never queued: the
// latest counts, and each peer's writer takes what it has not seen yet.
type room struct {
	mu      sync.Mutex
	members map[*conn]*member
	serial  int64
}

type member struct {
	client                int64
	card                  Card
	serial                int64 // of the caret, 0 when there is none
	version, anchor, head int64
}

// peer is a member as others see it.
type peer struct {
	T      string `json:"t,omitempty"`
	Draft  int    `json:"draft,omitempty"`
	Client int64  `json:"client"`
	Card
}

// join adds a socket to a draft's room and returns who is there already. Readers without a client number see and are not seen.
func (h *Hub) join(c *conn, od *openDraft, card Card) []peer {
	h.mu.Lock()
	r := h.rooms[od.id]
	if r == nil {
		r = &room{members: map[*conn]*member{}}
		h.rooms[od.id] = r
	}
	od.room = r
	r.mu.Lock()
	h.mu.Unlock()
	defer r.mu.Unlock()
	peers := []peer{}
	for _, m := range r.members {
		if m.client != 0 {
			peers = append(peers, peer{Client: m.client, Card: m.card})
		}
	}
	r.members[c] = &member{client: od.at.Client, card: card}
	if od.at.Client != 0 {
		r.tell(c, peer{T: "peer", Draft: od.handle, Client: od.at.Client, Card: card})
	}
	return peers
}

func (h *Hub) leave(c *conn, od *openDraft) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := od.room
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.members, c)
	if len(r.members) == 0 && h.rooms[od.id] == r {
		delete(h.rooms, od.id)
	}
	if od.at.Client != 0 {
		r.tell(c, map[string]any{"t": "left", "draft": od.handle, "client": od.at.Client})
	}
}

// tell sends to all members but one; the caller holds the lock.
func (r *room) tell(but *conn, v any) {
	for c := range r.members {
		if c != but {
			c.send(v)
			c.nudge()
		}
	}
}

// caret records where a member's caret is and wakes the others.
func (r *room) caret(c *conn, version, anchor, head int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.members[c]
	if m == nil {
		return
	}
	r.serial++
	m.serial, m.version, m.anchor, m.head = r.serial, version, anchor, head
	for other := range r.members {
		if other != c {
			other.nudge()
		}
	}
}

// carets returns the messages a writer has not seen, or how long to wait before asking again.
func (r *room) carets(c *conn, od *openDraft, pace time.Duration) (msgs [][]byte, wait time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.serial == od.seen {
		return nil, 0
	}
	if wait = pace - time.Since(od.shown); wait > 0 {
		return nil, wait
	}
	for other, m := range r.members {
		if other != c && m.serial > od.seen {
			b, err := json.Marshal(map[string]any{"t": "presence", "draft": od.handle, "client": m.client, "version": m.version, "anchor": m.anchor, "head": m.head})
			if err == nil {
				msgs = append(msgs, b)
				c.outBytes.Add(int64(len(b))) // put takes it off again
			}
		}
	}
	od.seen, od.shown = r.serial, time.Now()
	return msgs, 0
}
