package live

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
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
}

// Message is a kind of message a client may send, and the action of the policy table that decides it.
type Message struct {
	Type   string
	Action policy.Action
	handle func(c *conn, m message) bool
}

// Messages lists every message, for the test that holds each to a policy. "push" is the binary one.
var Messages []Message

func init() {
	Messages = []Message{
		{"watch", policy.OpenSocket, (*conn).watch}, // and the topic's own action
		{"unwatch", policy.OpenSocket, (*conn).unwatchTopics},
		{"open", policy.ReadDraft, (*conn).open},
		{"close", policy.OpenSocket, (*conn).closeDraft},
		{"presence", policy.ReadDraft, (*conn).presence},
		{"ping", policy.OpenSocket, (*conn).ping},
		{"push", policy.WriteDraft, nil},
	}
}

// control handles a text message; false means that the peer does not keep to the protocol.
func (c *conn) control(raw []byte) bool {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	dec.UseNumber()
	var m message
	if err := dec.Decode(&m); err != nil {
		return false
	}
	if _, err := dec.Token(); err != io.EOF {
		return false
	}
	for _, k := range Messages {
		if k.Type == m.T && k.handle != nil {
			return k.handle(c, m)
		}
	}
	return false
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
		if full || !c.hub.maySee(c.ctx, actor, topic) {
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

func (h *Hub) watch(c *conn, topic string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.watchers[topic] == nil {
		h.watchers[topic] = map[*conn]struct{}{}
	}
	h.watchers[topic][c] = struct{}{}
	c.mu.Lock()
	if c.topics == nil {
		c.topics = map[string]bool{}
	}
	c.topics[topic] = true
	c.mu.Unlock()
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
	od = c.drafts[int(i)]
	return od, od != nil || c.gone[int(i)]
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
	for _, old := range c.openDrafts() {
		if old.id == id {
			c.detach(old) // opened again: begin anew
		}
	}
	if len(c.openDrafts()) >= c.hub.limits.Drafts {
		return denied("draft.too_many")
	}
	od := &openDraft{id: id}
	ctx, cancel := context.WithTimeout(c.ctx, 15*time.Second)
	defer cancel()
	actor := c.who()
	at, err := c.hub.cfg.Drafts.Open(ctx, actor, draft.Opening{Draft: id, Version: m.Version, Epoch: m.Epoch, Resume: m.Resume,
		Notify: func() { od.dirty.Store(true); c.flush() },
		// Called with locks held: the rest happens elsewhere.
		Taken: func() { go c.deny(od, "draft.client_taken") },
	})
	if err != nil {
		f := fault.Of(err)
		if f == nil {
			if c.ctx.Err() == nil {
				c.hub.cfg.Log.Error("open draft", "draft", id, "error", err)
			}
			return denied("draft.unavailable")
		}
		return denied(f.Code)
	}
	od.at, od.handle, od.cursor, od.abilities = at, at.Authority.Handle, at.Version, at.Abilities
	card, err := c.hub.cfg.Card(ctx, actor)
	if err != nil {
		c.hub.cfg.Log.Warn("card of person", "error", err)
		card.Person.ID, card.Agency.ID = actor.Person, actor.Agency
	}
	peers := c.hub.join(c, od, card)
	opened := map[string]any{"t": "opened", "draft": od.handle, "id": id, "epoch": at.Epoch, "client": at.Client, "seq": at.Seq,
		"version": at.Version, "head": at.Head, "peers": peers, "abilities": at.Abilities}
	if at.Resume != "" {
		opened["resume"] = at.Resume
	}
	if m.Version == nil {
		opened["text"] = at.Text
		at.Text = ""
	}
	// Queued before the draft is among the socket's, so that "opened" is on the wire before its first frame.
	c.send(opened)
	c.mu.Lock()
	if c.drafts == nil {
		c.drafts = map[int]*openDraft{}
	}
	c.drafts[od.handle] = od
	delete(c.gone, od.handle)
	c.mu.Unlock()
	if at.Client != 0 {
		c.edits.Store(true)
	}
	od.dirty.Store(true)
	c.flush()
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
	open := c.drafts[od.handle] == od
	if open {
		delete(c.drafts, od.handle)
		if c.gone == nil {
			c.gone = map[int]bool{}
		}
		if len(c.gone) < 1000 {
			c.gone[od.handle] = true
		}
	}
	c.mu.Unlock()
	if open {
		c.hub.leave(c, od)
		c.hub.cfg.Drafts.Close(od.at)
	}
}

// deny ends a draft on this socket and says why.
func (c *conn) deny(od *openDraft, code string) {
	c.mu.Lock()
	open := c.drafts[od.handle] == od
	c.mu.Unlock()
	if open {
		c.detach(od)
		c.send(map[string]any{"t": "denied", "draft": od.id, "code": code})
	}
}

// abilities tells when they changed.
func (c *conn) abilities(od *openDraft, now map[string]bool) {
	c.mu.Lock()
	same := maps.Equal(od.abilities, now)
	od.abilities = now
	c.mu.Unlock()
	if !same {
		c.send(map[string]any{"t": "abilities", "draft": od.handle, "abilities": now})
	}
}

func (c *conn) presence(m message) bool {
	const most = 1<<31 - 1
	od, known := c.handleOf(m.Draft)
	if m.Version == nil || *m.Version < 0 || *m.Version > most || m.Anchor < 0 || m.Anchor > most || m.Head < 0 || m.Head > most {
		return false
	}
	if od != nil && od.at.Client != 0 {
		od.room.moved(c, caret{version: *m.Version, anchor: m.Anchor, head: m.Head})
	}
	return known
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
	od := c.drafts[p.Handle]
	known := od != nil || c.gone[p.Handle]
	actor := c.actor
	c.mu.Unlock()
	if od == nil {
		return known // on its way when the draft was closed or denied
	}
	c.pushed.Store(c.heard.Load())
	if p.Caret != nil && od.at.Client != 0 {
		od.room.moved(c, caret{version: p.Base, anchor: int64(p.Caret.Anchor), head: int64(p.Caret.Head)})
	}
	c.hub.cfg.Drafts.Push(od.at, actor, p, func(code string) {
		if code == "draft.client_taken" {
			c.deny(od, code)
			return
		}
		c.send(map[string]any{"t": "rejected", "draft": od.handle, "seq": p.Seq, "code": code})
	})
	return true
}
