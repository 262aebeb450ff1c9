package live

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
)

// message is a control message of a client: all fields that any has.
type message struct {
	T       string   `json:"t"`
	Topics  []string `json:"topics"`
	Draft   any      `json:"draft"` // id in "open", handle in the others
	Version *int64   `json:"version"`
	Epoch   string   `json:"epoch"`
	Resume  string   `json:"resume"`
	Anchor  int64    `json:"anchor"`
	Head    int64    `json:"head"`
	Thread  string   `json:"thread"`
}

// Message is a kind of message a client may send, and the action of the policy table that decides it.
type Message struct {
	Type   string
	Action policy.Action
	handle func(c *conn, m message) bool
	slow   bool // it may read the database, or tell many: not in the poller
}

// Messages lists every message, for the test that holds each to a policy. "push" is the binary one.
var Messages []Message

func init() {
	Messages = []Message{
		{"watch", policy.OpenSocket, (*conn).watch, true}, // and the topic's own action
		{"unwatch", policy.OpenSocket, (*conn).unwatchTopics, false},
		{"open", policy.ReadDraft, (*conn).open, true},
		{"close", policy.OpenSocket, (*conn).closeDraft, true},
		{"presence", policy.ReadDraft, (*conn).presence, false},
		{"typing", policy.CreateThread, (*conn).typing, true},
		{"ping", policy.OpenSocket, (*conn).ping, false},
		{"push", policy.WriteDraft, nil, false},
	}
}

// decode reads a text message; false means that the peer does not keep to the protocol.
func decode(raw []byte) (m message, k Message, ok bool) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	dec.UseNumber()
	if err := dec.Decode(&m); err != nil {
		return m, k, false
	}
	if _, err := dec.Token(); err != io.EOF {
		return m, k, false
	}
	for _, k := range Messages {
		if k.Type == m.T && k.handle != nil {
			return m, k, true
		}
	}
	return m, k, false
}

func (c *conn) ping(message) bool {
	c.send(map[string]any{"t": "pong"})
	return true
}

func (c *conn) watch(m message) bool {
	if len(m.Topics) == 0 || len(m.Topics) > c.hub.limits.Topics {
		return false
	}
	actor := c.who()
	for _, topic := range m.Topics {
		c.mu.Lock()
		full := len(c.topics) >= c.hub.limits.Topics && !c.topics[topic]
		c.mu.Unlock()
		if full || !c.hub.maySee(c.hub.work, actor, topic) {
			c.send(map[string]any{"t": "refused", "topic": topic})
			continue
		}
		c.hub.watch(c, topic)
	}
	return true
}

func (c *conn) unwatchTopics(m message) bool {
	c.hub.unwatch(c, m.Topics)
	return len(m.Topics) > 0
}

// watch begins to tell c of a topic. A page asks the API and the socket at once: what changed between the two answers is told now.
func (h *Hub) watch(c *conn, topic string) {
	if at, ok := h.register(c, topic); ok {
		c.changed(topic, at, notice(topic, at))
	}
}

// register says whether the topic changed a moment ago, and when.
func (h *Hub) register(c *conn, topic string) (at int64, lately bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone {
		return 0, false
	}
	if h.watchers[topic] == nil {
		h.watchers[topic] = map[*conn]struct{}{}
	}
	h.watchers[topic][c] = struct{}{}
	if c.topics == nil {
		c.topics = map[string]bool{}
	}
	c.topics[topic] = true
	return h.recent.at(topic, time.Now())
}

func (h *Hub) unwatch(c *conn, topics []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, topic := range topics {
		delete(c.topics, topic)
		delete(c.pending, topic)
		if delete(h.watchers[topic], c); len(h.watchers[topic]) == 0 {
			delete(h.watchers, topic)
		}
	}
}

// handleOf finds the open draft a message is about. known is false for a handle this socket never had.
func (c *conn) handleOf(v any) (od *openDraft, known bool) {
	n, ok := v.(json.Number)
	if !ok {
		return nil, false
	}
	i, err := n.Int64()
	if err != nil {
		return nil, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	od = c.draft(int(i))
	return od, od != nil || c.past[int(i)]
}

func (c *conn) open(m message) bool {
	id, ok := m.Draft.(string)
	if !ok || len(id) > 60 || (m.Version == nil) != (m.Epoch == "") || m.Resume != "" && m.Version == nil || len(m.Resume) > 80 {
		return false
	}
	denied := func(code string) bool {
		c.send(map[string]any{"t": "denied", "draft": id, "code": code})
		return true
	}
	open := c.openDrafts()
	for _, old := range open {
		if old.id() == id {
			c.detach(old) // opened again: begin anew
		}
	}
	if len(open) >= c.hub.limits.Drafts && !slices.ContainsFunc(open, func(od *openDraft) bool { return od.id() == id }) {
		return denied("draft.too_many")
	}
	od := &openDraft{c: c, room: c.hub.enter(id), slot: -1}
	fail := func(code string) bool {
		c.hub.exit(od.room)
		return denied(code)
	}
	ctx, cancel := context.WithTimeout(c.hub.work, readTime)
	defer cancel()
	actor, looks := c.who(), c.hub.looks.Load()
	at, err := c.hub.cfg.Drafts.Open(ctx, actor, draft.Opening{Draft: id, Version: m.Version, Epoch: m.Epoch, Resume: m.Resume,
		Notify: od.touch,
		Group:  &od.room.group,
		// Called with locks held: the rest happens elsewhere.
		Taken: func() { go c.deny(od, "draft.client_taken") },
	})
	if err != nil {
		f := fault.Of(err)
		if f == nil {
			if c.hub.work.Err() == nil {
				c.hub.cfg.Log.Error("open draft", "draft", id, "error", err)
			}
			return fail("draft.unavailable")
		}
		return fail(f.Code)
	}
	od.at, od.cursor = at, at.Version
	var card Card
	if at.Client != 0 {
		if card, err = c.hub.cfg.Card(ctx, actor); err != nil {
			c.hub.cfg.Log.Warn("card of person", "error", err)
			card.Person.ID, card.Agency.ID = actor.Person, actor.Agency
		}
	}
	od.abilities = od.room.same(at.Abilities)
	peers := od.room.join(od, card)
	opened := map[string]any{"t": "opened", "draft": od.handle(), "id": od.id(), "epoch": at.Epoch, "client": at.Client, "seq": at.Seq,
		"version": at.Version, "head": at.Head, "peers": peers, "abilities": at.Abilities}
	if at.Resume != "" {
		opened["resume"] = at.Resume
	}
	if m.Version == nil {
		opened["text"] = at.Text
	}
	// What was said once is not kept for as long as the draft is open.
	at.Text, at.Resume, at.Epoch, at.Abilities = "", "", "", nil
	// Queued before the draft is among the socket's, so that "opened" is on the wire before its first frame.
	c.send(opened)
	c.mu.Lock()
	gone := c.gone
	c.drafts = append(c.drafts, od)
	delete(c.past, od.handle())
	c.mu.Unlock()
	if gone { // the socket ended meanwhile
		c.detach(od)
		return true
	}
	if at.Client != 0 {
		c.edits.Store(true)
	} else {
		od.room.seat(od)
	}
	if late := od.room.admit(od, peers); len(late.Came)+len(late.Left) > 0 {
		c.send(late)
	}
	if c.hub.looks.Load() != looks {
		c.hub.RightsChanged() // somebody looked at rights while this one was not there to be seen
	}
	od.touch()
	return true
}

func (c *conn) closeDraft(m message) bool {
	od, known := c.handleOf(m.Draft)
	if od != nil {
		c.detach(od)
	}
	return known
}

// detach closes a draft on this socket; it may be called twice.
func (c *conn) detach(od *openDraft) {
	c.mu.Lock()
	i := slices.Index(c.drafts, od)
	if i >= 0 {
		c.drafts = slices.Delete(c.drafts, i, i+1)
		if c.past == nil && !c.gone {
			c.past = map[int]bool{}
		}
		if !c.gone && len(c.past) < 1000 {
			c.past[od.handle()] = true
		}
	}
	c.mu.Unlock()
	if i < 0 {
		return
	}
	od.shut.Store(true)
	od.room.leave(od)
	c.hub.cfg.Drafts.Close(od.at)
	c.hub.exit(od.room)
}

// deny ends a draft on this socket and says why.
func (c *conn) deny(od *openDraft, code string) {
	c.mu.Lock()
	open := slices.Contains(c.drafts, od)
	c.mu.Unlock()
	if open {
		c.detach(od)
		c.send(map[string]any{"t": "denied", "draft": od.id(), "code": code})
	}
}

// able tells when what the person may do with a draft has changed. Nothing is told of one that "opened" has not been said of: rights are looked at again
// after it.
func (c *conn) able(od *openDraft, now *abilities) {
	c.mu.Lock()
	tell := slices.Contains(c.drafts, od) && od.abilities != now
	if tell {
		od.abilities = now
	}
	c.mu.Unlock()
	if tell {
		c.send(map[string]any{"t": "abilities", "draft": od.handle(), "abilities": *now})
	}
}

func (c *conn) presence(m message) bool {
	const most = 1<<31 - 1
	od, known := c.handleOf(m.Draft)
	if m.Version == nil || *m.Version < 0 || *m.Version > most || m.Anchor < 0 || m.Anchor > most || m.Head < 0 || m.Head > most {
		return false
	}
	if od != nil && od.at.Client != 0 {
		od.room.moved(od, caret{version: *m.Version, anchor: m.Anchor, head: m.Head}, false)
	}
	return known
}

// typing tells the others that somebody writes a comment: in a thread, or a new one. It is a hint that is never stored and lapses by itself. What is
// written inside an agency is not announced: editors do not say it, and a thread is named here only by who has its identifier.
func (c *conn) typing(m message) bool {
	if len(m.Thread) > 64 || m.Thread != "" && !strings.HasPrefix(m.Thread, "th_") {
		return false
	}
	od, known := c.handleOf(m.Draft)
	if od == nil {
		return known
	}
	now := time.Now().UnixMilli()
	c.mu.Lock()
	may := od.abilities != nil && (*od.abilities)[string(policy.CreateThread)] && now-od.typed >= typingPace.Milliseconds()
	if may {
		od.typed = now
	}
	c.mu.Unlock()
	if !may {
		return true
	}
	ctx, cancel := context.WithTimeout(c.hub.work, readTime)
	defer cancel()
	card, err := c.hub.cfg.Card(ctx, c.who())
	if err != nil {
		c.hub.cfg.Log.Warn("card of person", "error", err)
		return true
	}
	od.room.typing(od, m.Thread, card)
	return true
}

// push hands a binary push to the draft's authority.
func (c *conn) push(raw []byte) bool {
	if len(raw) > draft.MaxPushBytes+64<<10 {
		return false
	}
	p, err := draft.DecodePush(raw)
	if err != nil {
		return false
	}
	c.mu.Lock()
	od := c.draft(p.Handle)
	known := od != nil || c.past[p.Handle]
	c.mu.Unlock()
	actor := c.who()
	if od == nil {
		return known // on its way when the draft was closed or denied
	}
	if c.pushed.Swap(c.heard.Load()) == 0 {
		c.hub.typed(c)
	}
	if p.Caret != nil && od.at.Client != 0 {
		od.room.moved(od, caret{version: p.Base, anchor: int64(p.Caret.Anchor), head: int64(p.Caret.Head)}, true)
	}
	c.hub.cfg.Drafts.Push(od.at, actor, p, func(code string) {
		if code == "draft.client_taken" {
			c.deny(od, code)
			return
		}
		if p.Caret != nil {
			od.room.still()
		}
		c.send(map[string]any{"t": "rejected", "draft": od.handle(), "seq": p.Seq, "code": code})
	})
	return true
}
