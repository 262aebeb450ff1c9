package live

import (
	"context"
	"encoding/json"
	"strings"
	"sync/atomic"
	"time"

	"github.com/multaqa/multaqa/pkg/id"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Far carries to the other nodes what is worth nothing a moment later; package bus has it.
type Far interface {
	Show(topic string, body []byte)
	Watch(prefix string, fn func(topic string, body []byte)) (cancel func())
}

// A node shows who has a draft open there (topicPeople + draft), and where their carets are (topicCarets + draft): always all of it, so that a
// later one makes up for a lost one. People are named by their identifiers; each node knows their cards itself.
const (
	topicPeople = "people/"
	topicCarets = "carets/"
)

const (
	farPeople = 200                    // of one draft, that a node shows and that are taken from one
	farNodes  = 64                     // that are known of one draft
	farPace   = 100 * time.Millisecond // least time between two showings of carets
	farSoon   = 20 * time.Millisecond  // in which those who come and go are shown together
)

// FarTimes are how often all is shown again, for what was lost, and after which silence a node's people are gone.
type FarTimes struct{ Every, Silence time.Duration }

var farDefault = FarTimes{15 * time.Second, 40 * time.Second}

// showing is a node's part of a draft. Another life of the room there asks the others to show theirs.
type showing struct {
	Node   string  `json:"n"`
	Life   int64   `json:"l"`
	People []shown `json:"p"`
	Over   bool    `json:"o,omitempty"` // nobody is there any more
}

type shown struct {
	Client int64  `json:"c"`
	Person string `json:"p"`
	Agency string `json:"a"`
}

// far is what a room knows of the other nodes; guarded by room.mu.
type far struct {
	life             int64
	nodes            map[string]*farNode
	peopleDue, moves bool // a showing is coming
	moved            time.Time
}

type farNode struct {
	life   int64
	heard  time.Time
	people map[int64]*member // by client
}

// farHub is the hub's side of it.
type farHub struct {
	node   string
	lives  atomic.Int64
	times  FarTimes
	cancel []func()
}

// beginFar listens to the other nodes and shows all rooms now and then.
func (h *Hub) beginFar() {
	h.far = farHub{node: id.New("nd"), times: h.cfg.FarTimes}
	if h.far.times == (FarTimes{}) {
		h.far.times = farDefault
	}
	if h.cfg.Far == nil {
		return
	}
	h.far.cancel = []func(){h.cfg.Far.Watch(topicPeople, h.farPeople), h.cfg.Far.Watch(topicCarets, h.farCarets)}
	h.wg.Go(func() {
		tick := time.NewTicker(h.far.times.Every)
		defer tick.Stop()
		for {
			select {
			case <-h.base.Done():
				for _, cancel := range h.far.cancel {
					cancel()
				}
				return
			case now := <-tick.C:
				for _, r := range h.roomList() {
					r.forget(now.Add(-h.far.times.Silence))
					r.showPeople()
					r.mu.Lock()
					r.follow()
					r.mu.Unlock()
				}
			}
		}
	})
}

func (h *Hub) roomList() []*room {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]*room, 0, len(h.rooms))
	for _, r := range h.rooms {
		out = append(out, r)
	}
	return out
}

func (h *Hub) roomOf(draft string) *room {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rooms[draft]
}

// announce has who is here shown to the other nodes soon; the caller holds the lock.
func (r *room) announce() {
	if r.hub.cfg.Far == nil || r.far.peopleDue {
		return
	}
	if r.far.life == 0 {
		r.far.life = r.hub.far.lives.Add(1)
	}
	r.far.peopleDue = true
	time.AfterFunc(farSoon, r.showPeople)
}

// parted shows at once that nobody is here any more: the node ends.
func (r *room) parted() {
	r.mu.Lock()
	shown := r.far.life > 0
	r.mu.Unlock()
	if shown {
		r.showPeople()
	}
}

func (r *room) showPeople() {
	gone := r.hub.roomOf(r.id) != r
	r.mu.Lock()
	r.far.peopleDue = false
	s := showing{Node: r.hub.far.node, Life: r.far.life, People: []shown{}, Over: gone}
	for _, m := range r.members {
		if m.client != 0 && len(s.People) < farPeople {
			s.People = append(s.People, shown{m.client, m.card.Person.ID, m.card.Agency.ID})
		}
	}
	r.mu.Unlock()
	if gone && r.hub.roomOf(r.id) != nil {
		return // another life shows itself
	}
	body, err := json.Marshal(s)
	if err == nil {
		r.hub.cfg.Far.Show(topicPeople+r.id, body)
	}
}

// follow has the carets of this node shown to the others soon, if there are any; the caller holds the lock.
func (r *room) follow() {
	if len(r.far.nodes) == 0 || r.far.moves {
		return
	}
	r.far.moves = true
	time.AfterFunc(max(farPace-time.Since(r.far.moved), farPace/4), r.showCarets)
}

func (r *room) showCarets() {
	r.mu.Lock()
	r.far.moves, r.far.moved = false, time.Now()
	var list []caret
	for _, m := range r.members {
		if m.serial > 0 && len(list) < farPeople {
			list = append(list, m.caret)
		}
	}
	r.mu.Unlock()
	node := r.hub.far.node
	body := append([]byte{byte(len(node))}, node...)
	r.hub.cfg.Far.Show(topicCarets+r.id, appendCarets(body, 0, list))
}

// farPeople takes what another node shows. Cards are looked up here, so what comes over the bus names nobody who does not exist.
func (h *Hub) farPeople(topic string, body []byte) {
	var s showing
	r := h.roomOf(strings.TrimPrefix(topic, topicPeople))
	if r == nil || json.Unmarshal(body, &s) != nil || s.Node == "" || s.Node == h.far.node {
		return
	}
	r.mu.Lock()
	n := r.far.nodes[s.Node]
	known := map[int64]Card{}
	if n != nil {
		for client, m := range n.people {
			known[client] = m.card
		}
	}
	r.mu.Unlock()
	people := map[int64]*member{}
	for _, p := range s.People[:min(len(s.People), farPeople)] {
		card, ok := known[p.Client]
		if !ok || card.Person.ID != p.Person || card.Agency.ID != p.Agency {
			ctx, cancel := context.WithTimeout(h.base, 5*time.Second)
			var err error
			card, err = h.cfg.Card(ctx, policy.Actor{Person: p.Person, Agency: p.Agency})
			cancel()
			if err != nil {
				continue // the next showing asks again
			}
		}
		if p.Client > 0 {
			people[p.Client] = &member{client: p.Client, card: card}
		}
	}
	r.settle(s, people)
}

// settle makes what a node shows known here, and tells those here who came and who left.
func (r *room) settle(s showing, people map[int64]*member) {
	r.mu.Lock()
	before := r.elsewhere()
	n := r.far.nodes[s.Node]
	switch {
	case s.Over:
		delete(r.far.nodes, s.Node)
	case n == nil && len(r.far.nodes) >= farNodes:
	default:
		if n == nil || n.life != s.Life { // it does not know of us, or no longer
			n = &farNode{life: s.Life}
			if r.far.nodes == nil {
				r.far.nodes = map[string]*farNode{}
			}
			r.far.nodes[s.Node] = n
			r.announce()
			r.follow()
		}
		n.heard = time.Now()
		for client, m := range people {
			was := n.people[client]
			if m.fresh = was == nil || was.fresh; was != nil {
				m.serial, m.caret = was.serial, was.caret
			}
		}
		n.people = people
	}
	r.tellFar(before)
}

// forget drops nodes that were not heard since.
func (r *room) forget(since time.Time) {
	r.mu.Lock()
	before := r.elsewhere()
	for name, n := range r.far.nodes {
		if n.heard.Before(since) {
			delete(r.far.nodes, name)
		}
	}
	r.tellFar(before)
}

// elsewhere lists who has the draft open on other nodes and not here; the caller holds the lock.
func (r *room) elsewhere() map[int64]Card {
	out := map[int64]Card{}
	for _, n := range r.far.nodes {
		for client, m := range n.people {
			out[client] = m.card
		}
	}
	for _, m := range r.members {
		delete(out, m.client)
	}
	return out
}

// tellFar has the difference told to everybody here. The caller holds the lock, which tellFar gives back.
func (r *room) tellFar(before map[int64]Card) {
	defer r.mu.Unlock()
	now := r.elsewhere()
	for client, card := range now {
		if was, ok := before[client]; !ok || was != card {
			r.changed(client)
		}
	}
	for client := range before {
		if _, ok := now[client]; !ok {
			r.changed(client)
		}
	}
}

// farCarets takes the carets that another node shows.
func (h *Hub) farCarets(topic string, body []byte) {
	r := h.roomOf(strings.TrimPrefix(topic, topicCarets))
	if r == nil || len(body) == 0 || len(body) < 1+int(body[0]) {
		return
	}
	node, rest := string(body[1:1+int(body[0])]), body[1+int(body[0]):]
	_, carets, err := DecodeCarets(rest)
	if err != nil || node == h.far.node {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.far.nodes[node]
	if n == nil {
		return
	}
	for _, c := range carets {
		to := caret{c.Client, c.Version, c.Anchor, c.Head}
		if m := n.people[c.Client]; m != nil && (m.serial == 0 || m.caret != to) {
			r.serial++
			m.serial, m.caret = r.serial, to
			r.arm()
		}
	}
}
