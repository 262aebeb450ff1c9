package live

import (
	"time"

	"github.com/multaqa/multaqa/pkg/draft"
)

// WithoutPollers makes hubs take every socket the way of systems without epoll, until the returned function is called.
func WithoutPollers() (again func()) {
	polling = false
	return func() { polling = true }
}

// DeafPollers makes hubs whose sockets are read by nobody but Listen and a pass to readers, until the returned function is called.
func DeafPollers() (again func()) {
	deaf = true
	return func() { deaf = false }
}

// Listen looks at all sockets once.
func (h *Hub) Listen() { h.listen() }

// Ask turns the wheel by a twentieth.
func (h *Hub) Ask() { h.ask(time.Now()) }

// TellReaders goes once through the readers of a draft.
func (h *Hub) TellReaders(draft string) { h.roomOf(draft).tellReaders() }

// Breath is after how many readers a pass lets others go first.
const Breath = breath

// Spokes is in how many turns of the wheel every socket is asked for a sign of life once.
const Spokes = spokes

// ManyReaders sets how many readers are worth a goroutine more, until the returned function is called.
func ManyReaders(n int) (again func()) {
	was := many
	many = n
	return func() { many = was }
}

// Polling says whether pollers are used.
func Polling() bool { return polling }

// Late returns whom an editor is told of after "opened" when another came, and one of its peers left, since the list in it was made.
func (h *Hub) Late(id string) (came, left []int64) {
	r := h.roomOf(id)
	r.mu.Lock()
	log := r.log
	r.mu.Unlock()
	join := func(client int64) (*openDraft, []peer) {
		od := &openDraft{room: r, slot: -1, at: &draft.Attachment{Client: client, Authority: log}}
		return od, r.join(od, Card{})
	}
	before, _ := join(901)
	od, peers := join(902)
	after, _ := join(903)
	r.leave(before)
	r.tellPeople() // to the others; nothing may be said to this one yet
	late := r.admit(od, peers)
	r.leave(od)
	r.leave(after)
	for _, p := range late.Came {
		came = append(came, p.Client)
	}
	return came, late.Left
}

// TellPeople tells everybody who has a draft open who came and left, without waiting for others who come.
func (h *Hub) TellPeople(draft string) { h.roomOf(draft).tellPeople() }
