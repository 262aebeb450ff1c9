package live

import (
	"context"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// room is who has a draft open on this node, and where their carets are. What is sent to all is made once here: the frame after a
// version, and the carets that moved since the last time. Carets are never stored and never queued: the latest counts.
type room struct {
	hub *Hub
	id  string

	mu      sync.Mutex
	handle  int
	members map[*conn]*member
	serial  int64 // of the newest caret

	frame     []byte // the newest frame that was asked for, with its header
	from, to  int64  // its versions
	batch     []byte // the carets after serial seen up to serial cut, with their header
	seen, cut int64
	cutAt     time.Time
	only      int64 // the client whose caret is alone in the batch
	due       bool  // a round for carets is coming
}

type member struct {
	client int64
	card   Card
	serial int64 // of the caret, 0 when there is none
	caret  caret
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
		r = &room{hub: h, id: od.id, handle: od.handle, members: map[*conn]*member{}}
		h.rooms[od.id] = r
	}
	od.room = r
	r.mu.Lock()
	h.mu.Unlock()
	peers := []peer{}
	for _, m := range r.members {
		if m.client != 0 {
			peers = append(peers, peer{Client: m.client, Card: m.card})
		}
	}
	r.members[c] = &member{client: od.at.Client, card: card}
	others := r.others(c)
	r.mu.Unlock()
	if od.at.Client != 0 {
		tell(others, peer{T: "peer", Draft: od.handle, Client: od.at.Client, Card: card})
	}
	return peers
}

func (h *Hub) leave(c *conn, od *openDraft) {
	h.mu.Lock()
	r := od.room
	r.mu.Lock()
	delete(r.members, c)
	if len(r.members) == 0 && h.rooms[od.id] == r {
		delete(h.rooms, od.id)
	}
	h.mu.Unlock()
	others := r.others(c)
	for _, m := range r.members {
		if m.client == od.at.Client {
			others = nil // the tab is back already, by another socket
		}
	}
	r.mu.Unlock()
	if od.at.Client != 0 {
		tell(others, map[string]any{"t": "left", "draft": od.handle, "client": od.at.Client})
	}
}

// others lists all members but one; the caller holds the lock.
func (r *room) others(but *conn) []*conn {
	out := make([]*conn, 0, len(r.members))
	for c := range r.members {
		if c != but {
			out = append(out, c)
		}
	}
	return out
}

// tell sends one message to all.
func tell(to []*conn, v any) {
	if len(to) == 0 {
		return
	}
	msg := encode(v)
	for _, c := range to {
		c.queueFrame(msg)
	}
}

// next is the frame after version from; ok is false when it has to be read from the log, which takes a while.
func (r *room) next(od *openDraft) (frame []byte, to int64, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.frame != nil && r.from == od.cursor && r.to >= od.at.Authority.Head() {
		return r.frame, r.to, true
	}
	msg, to, ok := od.at.Authority.Recent(od.cursor)
	if !ok || msg == nil {
		return nil, to, ok
	}
	r.frame, r.from, r.to = frameOf(websocket.BinaryMessage, msg), od.cursor, to
	return r.frame, to, true
}

// older is next from the log.
func (r *room) older(ctx context.Context, od *openDraft) (frame []byte, to int64, err error) {
	msg, to, err := od.at.Authority.Next(ctx, od.cursor)
	if err != nil || msg == nil {
		return nil, to, err
	}
	return frameOf(websocket.BinaryMessage, msg), to, nil
}

// caretPace is the least time between two rounds of carets, by how many get them.
func (r *room) caretPace() time.Duration {
	p := r.hub.limits.Presence
	switch n := len(r.members); {
	case n > 500:
		return 5 * p
	case n > 100:
		return 2 * p
	}
	return p
}

// moved records where a member's caret is. The others get it with the next frame, or in a round of its own when none comes.
func (r *room) moved(c *conn, to caret) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.members[c]
	if m == nil {
		return
	}
	r.serial++
	m.serial, m.caret = r.serial, to
	m.caret.client = m.client
	r.arm()
}

// arm sees to it that a round comes; the caller holds the lock.
func (r *room) arm() {
	if r.due {
		return
	}
	r.due = true
	// Not at once: a caret mostly comes with an edit, whose frame takes it along.
	time.AfterFunc(max(r.caretPace()-time.Since(r.cutAt), r.hub.limits.Presence/4), r.round)
}

// round hands the carets out that no frame took along.
func (r *room) round() {
	r.mu.Lock()
	r.due = false
	if r.serial == r.cut {
		r.mu.Unlock()
		return
	}
	if time.Since(r.cutAt) < r.caretPace() { // a frame took some along lately, and the next will take these
		r.arm()
		r.mu.Unlock()
		return
	}
	crowd := len(r.members) > 100
	all := make([]*conn, 0, len(r.members))
	for c, m := range r.members {
		if m.client != 0 || !crowd { // many who only read get carets with the text alone
			all = append(all, c)
		}
	}
	r.mu.Unlock()
	for _, c := range all {
		c.touched(r.id)
	}
}

// carets returns what od has not seen of the others' carets, nil when it has seen all. One batch serves all who stand where the batch
// before it ended; a caret that moves during a round waits for the next.
func (r *room) carets(od *openDraft) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.serial == od.seen {
		return nil
	}
	if od.seen == r.cut && r.serial > r.cut {
		list := r.since(r.cut)
		r.batch = frameOf(websocket.BinaryMessage, appendCarets(nil, r.handle, list))
		r.seen, r.cut, r.cutAt, r.only = r.cut, r.serial, time.Now(), 0
		if len(list) == 1 {
			r.only = list[0].client
		}
	}
	if od.seen == r.seen && r.cut > r.seen {
		od.seen = r.cut
		if r.only == od.at.Client && r.only != 0 {
			return nil // nobody's but its own
		}
		return r.batch
	}
	list := r.since(od.seen) // new here, or it was not handed a batch
	od.seen = r.cut
	if len(list) == 0 {
		return nil
	}
	return frameOf(websocket.BinaryMessage, appendCarets(nil, r.handle, list))
}

// since lists the carets that moved after serial; the caller holds the lock.
func (r *room) since(serial int64) []caret {
	var list []caret
	for _, m := range r.members {
		if m.serial > serial {
			list = append(list, m.caret)
		}
	}
	return list
}
