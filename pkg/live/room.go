package live

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/multaqa/multaqa/pkg/draft"
)

// room is who has a draft open on this node, and where their carets are. What is sent to all is made once here: the frame after a
// version, and the carets that moved since the last time. Carets are never stored and never queued: the latest counts.
//
// Who may write is a member, with a name and a caret. Who only reads has a seat: one pointer in a slice, which a pass goes through.
type room struct {
	hub    *Hub
	id     string
	group  draft.Group
	users  int       // drafts open or opening; guarded by hub.mu
	looked time.Time // at who may do what here, last; guarded by hub.mu

	mu      sync.Mutex
	log     *draft.Authority
	members map[*openDraft]*member
	readers []*openDraft
	able    []*abilities // what anybody may do here, each once
	serial  int64        // of the newest caret

	frame     []byte // the newest frame that was asked for, with its header
	from, to  int64  // its versions
	batch     []byte // the carets after serial seen up to serial cut, with their header
	seen, cut int64
	cutAt     time.Time
	only      int64 // the client whose caret is alone in the batch
	due       bool  // a round for carets is coming

	pass
	people
	far far // who has it open on other nodes
}

type member struct {
	client int64
	card   Card
	fresh  bool  // the others here have not been told of it
	serial int64 // of the caret, 0 when there is none
	caret  caret
}

// abilities is what somebody may do with a draft. It does not change; in a room equal ones are the same.
type abilities map[string]bool

// peer is a member as others see it.
type peer struct {
	Client int64 `json:"client"`
	Card
}

// enter returns the room of a draft, made if need be; exit must follow.
func (h *Hub) enter(id string) *room {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[id]
	if r == nil {
		r = &room{hub: h, id: id, looked: time.Now(), members: map[*openDraft]*member{}}
		r.group.Notify = r.tellReaders
		h.rooms[id] = r
	}
	r.users++
	return r
}

func (h *Hub) exit(r *room) {
	h.mu.Lock()
	r.users--
	over := r.users == 0
	if over {
		delete(h.rooms, r.id)
	}
	h.mu.Unlock()
	if over {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.far.life > 0 {
			r.announce()
		}
	}
}

// join returns who is there already and makes a member of who may write. Readers see and are not seen.
func (r *room) join(od *openDraft, card Card) []peer {
	r.mu.Lock()
	r.log = od.at.Authority
	peers := []peer{}
	for _, m := range r.members {
		peers = append(peers, peer{Client: m.client, Card: m.card})
	}
	for client, card := range r.elsewhere() {
		peers = append(peers, peer{Client: client, Card: card})
	}
	r.announce()
	if od.at.Client == 0 {
		r.mu.Unlock()
		return peers
	}
	r.members[od] = &member{client: od.at.Client, card: card, fresh: true}
	r.changed(od.at.Client)
	r.mu.Unlock()
	return peers
}

// seat puts a reader among those a pass goes through.
func (r *room) seat(od *openDraft) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if od.shut.Load() {
		return
	}
	od.slot = len(r.readers)
	r.readers = append(r.readers, od)
}

// leave takes out who has closed the draft.
func (r *room) leave(od *openDraft) {
	r.mu.Lock()
	if i := od.slot; i >= 0 {
		end := len(r.readers) - 1
		r.readers[i] = r.readers[end]
		r.readers[i].slot = i
		r.readers[end] = nil
		r.readers = r.readers[:end]
		if cap(r.readers) > 4*end+64 {
			r.readers = slices.Clip(slices.Clone(r.readers))
		}
		od.slot = -1
	}
	if r.members[od] == nil {
		r.mu.Unlock()
		return
	}
	delete(r.members, od)
	r.changed(od.at.Client)
	r.announce()
	r.mu.Unlock()
}

// listeners lists the sockets of those who are told of others; the caller holds the lock.
func (r *room) listeners() []*conn {
	out := make([]*conn, 0, len(r.members)+len(r.readers))
	for od := range r.members {
		if od.told {
			out = append(out, od.c)
		}
	}
	for _, od := range r.readers {
		out = append(out, od.c)
	}
	return out
}

// all lists what is open here.
func (r *room) all() []*openDraft {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.AppendSeq(slices.Clone(r.readers), maps.Keys(r.members))
}

// same returns the room's one copy of what somebody may do.
func (r *room) same(now map[string]bool) *abilities {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range r.able {
		if maps.Equal(*a, now) {
			return a
		}
	}
	if len(r.able) > 64 {
		r.able = nil
	}
	a := abilities(now)
	r.able = append(r.able, &a)
	return &a
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

const (
	typingPace = time.Second // least time between two notices of one peer
	crowd      = 100         // beyond so many a room leaves out what readers can do without
)

// typing tells the others who writes a comment; in a crowd only those who edit.
func (r *room) typing(by *openDraft, thread string, card Card) {
	r.mu.Lock()
	all := slices.Collect(maps.Keys(r.members))
	if len(r.members)+len(r.readers) <= crowd {
		all = append(all, r.readers...)
	}
	r.mu.Unlock()
	to := make([]*conn, 0, len(all))
	for _, od := range all {
		if od != by {
			to = append(to, od.c)
		}
	}
	tell(to, struct {
		T      string `json:"t"`
		Draft  int    `json:"draft"`
		Thread string `json:"thread"`
		Card
	}{T: "typing", Draft: by.handle(), Thread: thread, Card: card})
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
	switch n := len(r.members) + len(r.readers); {
	case n > 500:
		return 5 * p
	case n > 100:
		return 2 * p
	}
	return p
}

// moved records where a member's caret is. The others get it with the next frame, or in a round of its own when none comes; with an edit, one does.
func (r *room) moved(od *openDraft, to caret, edit bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.members[od]
	if m == nil {
		return
	}
	r.serial++
	m.serial, m.caret = r.serial, to
	m.caret.client = m.client
	if !edit { // a timer an edit would be a fifth of what the edit costs
		r.arm()
	}
	r.follow()
}

// still sees to it that carets are told that came with an edit which was refused.
func (r *room) still() {
	r.mu.Lock()
	defer r.mu.Unlock()
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
	to := slices.Collect(maps.Keys(r.members))
	if len(r.members)+len(r.readers) <= crowd { // many who only read get carets with the text alone
		to = append(to, r.readers...)
	}
	r.mu.Unlock()
	for _, od := range to {
		od.touch()
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
		if r.batch = nil; len(list) > 0 {
			r.batch = frameOf(websocket.BinaryMessage, appendCarets(nil, r.log.Handle, list))
		}
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
	od.seen = max(r.cut, od.seen)
	if len(list) == 0 {
		return nil
	}
	return frameOf(websocket.BinaryMessage, appendCarets(nil, r.log.Handle, list))
}

// since lists the carets that moved after serial, of those who are known to the others; the caller holds the lock.
func (r *room) since(serial int64) []caret {
	var list []caret
	for _, m := range r.members {
		if m.serial > serial && !m.fresh {
			list = append(list, m.caret)
		}
	}
	for _, n := range r.far.nodes {
		for _, m := range n.people {
			if m.serial > serial && !m.fresh {
				list = append(list, m.caret)
			}
		}
	}
	return list
}
