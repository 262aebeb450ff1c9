package live

import "time"

// people is who came to a room and who left it since all who are there were told. When many come at a time each would be told of each by a message and a write
// of its own, a million of them for a thousand; so what happens within a moment is one message, made once for all.
type people struct {
	news    map[int64]struct{} // clients that came, left, or both
	telling bool               // a round is coming
	toldAt  time.Time
}

// news is the message about them.
type news struct {
	T     string  `json:"t"`
	Draft int     `json:"draft"`
	Came  []peer  `json:"came,omitempty"`
	Left  []int64 `json:"left,omitempty"`
}

// newsAtATime bounds the clients of one message.
const newsAtATime = 250

// changed notes that a client came or left. What became of it is looked at when the others are told. The caller holds the lock.
func (r *room) changed(client int64) {
	if r.news == nil {
		r.news = map[int64]struct{}{}
	}
	r.news[client] = struct{}{}
	if r.telling {
		return
	}
	r.telling = true
	// Alone one is told of soon, in a crowd with the others who come.
	time.AfterFunc(max(r.caretPace()-time.Since(r.toldAt), r.hub.limits.Presence/10), r.tellPeople)
}

// admit is called when "opened" has been said with these peers: from now on this one is told of others. Who came and who left between is returned.
func (r *room) admit(od *openDraft, peers []peer) (late news) {
	r.mu.Lock()
	defer r.mu.Unlock()
	od.told = true
	late = news{T: "people", Draft: od.handle()}
	here := r.elsewhere()
	for other, m := range r.members {
		if other != od {
			here[m.client] = m.card
		}
	}
	for _, p := range peers {
		if _, ok := here[p.Client]; !ok {
			late.Left = append(late.Left, p.Client)
		}
		delete(here, p.Client)
	}
	for client, card := range here {
		late.Came = append(late.Came, peer{client, card})
	}
	return late
}

// tellPeople tells everybody here who came and who left.
func (r *room) tellPeople() {
	r.mu.Lock()
	all := r.listeners()
	here := r.elsewhere()
	for _, m := range r.members {
		here[m.client] = m.card
		if m.fresh {
			m.fresh = false
			r.shown(m)
		}
	}
	for _, n := range r.far.nodes {
		for _, m := range n.people {
			if m.fresh {
				m.fresh = false
				r.shown(m)
			}
		}
	}
	var list []news
	next := news{T: "people"}
	if r.log != nil {
		next.Draft = r.log.Handle
	}
	for client := range r.news {
		if card, ok := here[client]; ok {
			next.Came = append(next.Came, peer{client, card})
		} else {
			next.Left = append(next.Left, client)
		}
		if len(next.Came)+len(next.Left) == newsAtATime {
			list = append(list, next)
			next.Came, next.Left = nil, nil
		}
	}
	if len(next.Came)+len(next.Left) > 0 {
		list = append(list, next)
	}
	r.news, r.telling, r.toldAt = nil, false, time.Now()
	r.mu.Unlock()
	for _, m := range list {
		tell(all, m)
	}
}

// shown has the caret of a member told that was held back until the others knew whose it is. The caller holds the lock.
func (r *room) shown(m *member) {
	if m.serial > 0 {
		r.serial++
		m.serial = r.serial
		r.arm()
	}
}
