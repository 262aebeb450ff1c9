package live

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Subprotocol is the only one this edge speaks.
const Subprotocol = "multaqa.v1"

// Close codes of the protocol.
const (
	closeMalformed   = 4400
	closeSessionOver = 4401
	closeSilent      = 4408
	closeTooFast     = 4429
	closeTooSlow     = 4430
	closeTooMany     = 4431
)

// Limits of threats §3. Variables of the hub, so that tests can be quick.
type Limits struct {
	Message         int64         // bytes of one message
	Rate, Burst     int           // messages a second of one socket
	Sockets, Source int           // sockets of a person, of an address
	Drafts, Topics  int           // open drafts, watched topics of one socket
	Queue           int           // control messages that wait for the writer
	QueueBytes      int64         // and their size
	Ping, Dead      time.Duration // between pings; silence that ends a socket
	Write           time.Duration // time for one write
	Sweep           time.Duration // between looks at the rights of what is open
	Presence        time.Duration // least time between two deliveries of carets to a peer
}

// DefaultLimits are those of docs/protocol.md.
var DefaultLimits = Limits{Message: 512 << 10, Rate: 50, Burst: 200, Sockets: 20, Source: 200, Drafts: 32, Topics: 200,
	Queue: 256, QueueBytes: 1 << 20, Ping: 20 * time.Second, Dead: 45 * time.Second, Write: 10 * time.Second,
	Sweep: 800 * time.Millisecond, Presence: 50 * time.Millisecond}

// Topic is a kind of thing that can be watched. Pattern is "ballot/:id", "draft/:id/threads" or a plain word. Facts reads the
// facts of the object; nil means that every signed-in person whom Action allows may watch it.
type Topic struct {
	Pattern string
	Action  policy.Action
	Facts   func(ctx context.Context, tx *db.Tx, id string) (policy.Facts, error)
}

// Config is what a hub needs.
type Config struct {
	DB     *db.DB
	Drafts *draft.Service
	Log    *slog.Logger
	// Actor returns the actor as of now; the zero actor or an error when the session has ended.
	Actor func(ctx context.Context, was policy.Actor) (policy.Actor, error)
	// Epoch is a number that moves with whatever changes anybody's rights; nil when there is none, and then rights are looked at every time.
	Epoch func(ctx context.Context) (int64, error)
	// Wrote is told about every half minute that somebody writes over this session's socket; nil is allowed.
	Wrote func(ctx context.Context, session string) error
	// Card names a person and their agency for the others in a draft.
	Card func(ctx context.Context, actor policy.Actor) (Card, error)
	// Origin is the address of the hub's own pages, "https://hub.example.gov".
	Origin string
	// Server names this build in "hello".
	Server string
	Limits Limits // zero means DefaultLimits
}

// Words is a text in both languages.
type Words struct {
	Ar string `json:"ar"`
	En string `json:"en"`
}

// Card names somebody who has a draft open.
type Card struct {
	Person struct {
		ID   string `json:"id"`
		Name Words  `json:"name"`
	} `json:"person"`
	Agency struct {
		ID    string `json:"id"`
		Short Words  `json:"short"`
		Hue   int    `json:"hue"`
	} `json:"agency"`
}

// Hub holds the sockets of this node.
type Hub struct {
	cfg    Config
	limits Limits
	up     websocket.Upgrader
	topics []Topic
	desk   atomic.Bool // a notice of "desk" is on its way

	mu       sync.Mutex
	conns    map[*conn]struct{}
	persons  map[string]int
	sources  map[string]int
	watchers map[string]map[*conn]struct{}
	rooms    map[string]*room
	facts    map[string]cachedFacts
	notices  map[string]int64 // topics that changed and were not told yet
	draining bool
	base     context.Context
	cancel   context.CancelFunc
	wg       sync.WaitGroup
	sweepNow chan struct{}
	tellNow  chan struct{}
}

type cachedFacts struct {
	facts policy.Facts
	err   error
	at    time.Time
}

// New returns a hub that takes sockets until Drain.
func New(cfg Config) *Hub {
	h := &Hub{cfg: cfg, limits: cfg.Limits, conns: map[*conn]struct{}{}, persons: map[string]int{}, sources: map[string]int{},
		watchers: map[string]map[*conn]struct{}{}, rooms: map[string]*room{}, facts: map[string]cachedFacts{}, notices: map[string]int64{}, sweepNow: make(chan struct{}, 1), tellNow: make(chan struct{}, 1)}
	if h.limits == (Limits{}) {
		h.limits = DefaultLimits
	}
	h.base, h.cancel = context.WithCancel(context.Background())
	h.up = websocket.Upgrader{Subprotocols: []string{Subprotocol}, CheckOrigin: h.ownOrigin, HandshakeTimeout: 10 * time.Second,
		ReadBufferSize: 512, WriteBufferSize: 256, WriteBufferPool: &sync.Pool{}}
	h.Register(Topic{Pattern: "desk", Action: policy.ReadDesk})
	h.wg.Go(h.sweep)
	h.wg.Go(h.tell)
	h.wg.Go(h.pulse)
	return h
}

// Register adds a kind of topic, before sockets come. An action without a row in the policy table is a mistake of the program.
func (h *Hub) Register(t Topic) {
	if !policy.Known(t.Action) {
		panic("live: topic " + t.Pattern + " has no row in the policy table: " + string(t.Action))
	}
	h.topics = append(h.topics, t)
}

// Topics lists what can be watched, for the tests that hold every topic to a policy.
func (h *Hub) Topics() []Topic { return h.topics }

// topic finds the kind of a topic and the id in it.
func (h *Hub) topic(name string) (Topic, string, bool) {
	if len(name) > 120 {
		return Topic{}, "", false
	}
	parts := strings.Split(name, "/")
next:
	for _, t := range h.topics {
		want := strings.Split(t.Pattern, "/")
		if len(want) != len(parts) {
			continue
		}
		id := ""
		for i, w := range want {
			switch {
			case w == ":id" && parts[i] != "":
				id = parts[i]
			case w != parts[i]:
				continue next
			}
		}
		return t, id, true
	}
	return Topic{}, "", false
}

// maySee says whether the actor may watch the topic now. Facts are at most a second old.
func (h *Hub) maySee(ctx context.Context, actor policy.Actor, name string) bool {
	t, id, ok := h.topic(name)
	if !ok || actor.Anonymous() {
		return false
	}
	if t.Facts == nil {
		return policy.Can(actor, t.Action, policy.Global("request"))
	}
	h.mu.Lock()
	c, ok := h.facts[name]
	h.mu.Unlock()
	if !ok || time.Since(c.at) > h.limits.Sweep {
		c = cachedFacts{at: time.Now()}
		c.err = h.cfg.DB.Read(ctx, func(tx *db.Tx) (err error) {
			c.facts, err = t.Facts(ctx, tx, id)
			return err
		})
		h.mu.Lock()
		if len(h.facts) > 10_000 {
			clear(h.facts)
		}
		h.facts[name] = c
		h.mu.Unlock()
	}
	return c.err == nil && policy.Can(actor, t.Action, c.facts)
}

// Changed tells the watchers of a topic on this node that it changed; at grows. It does not block.
func (h *Hub) Changed(topic string, at int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.facts, topic) // decide the next notice on what is true now
	if len(h.watchers[topic]) == 0 {
		return
	}
	h.notices[topic] = max(at, h.notices[topic])
	select {
	case h.tellNow <- struct{}{}:
	default:
	}
}

// objects maps the prefix of an identifier to its topic.
var objects = map[string]string{"bl_": "ballot/", "pr_": "practice/", "ed_": "edition/", "gl_": "guideline/", "dr_": "draft/", "ag_": "agency/", "th_": "thread/", "ws_": "workspace/", "di_": "discussion/"}

// Tell is a live listener of the event relay: it turns a record into notices. A record about comments or suggestions names its
// draft in the body, or in "within" when an agency keeps them inside; every record may concern somebody's desk, which is told at most once a second.
func (h *Hub) Tell(r event.Record) {
	tell := func(id string) {
		if len(id) > 3 {
			if topic, ok := objects[id[:3]]; ok {
				h.Changed(topic+id, r.Seq)
			}
		}
	}
	tell(r.Object)
	var body map[string]any
	if json.Unmarshal([]byte(r.Body), &body) == nil {
		for _, v := range body {
			if id, ok := v.(string); ok && id != r.Object {
				tell(id)
			}
		}
		if d, ok := body["draft"].(string); ok {
			of := "/threads"
			switch kind, _, _ := strings.Cut(r.Kind, "."); kind {
			case "suggestion", "section":
				of = "/" + kind + "s"
			}
			h.Changed("draft/"+d+of, r.Seq)
		}
		// What an agency keeps inside is told to those who watch it as that agency, and on no other topic.
		if in, ok := body["within"].(map[string]any); ok {
			h.Changed(insideTopic(in), r.Seq)
		}
	}
	if h.desk.CompareAndSwap(false, true) {
		time.AfterFunc(time.Second, func() {
			h.desk.Store(false)
			h.Changed("desk", r.Seq)
		})
	}
}

func insideTopic(in map[string]any) string {
	draft, _ := in["draft"].(string)
	agency, _ := in["agency"].(string)
	return "inside/" + draft + "." + agency
}

// ownOrigin admits our own pages and callers that are no browser. Another site's page carries its own origin, and "null" is nobody's.
func (h *Hub) ownOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || h.cfg.Origin != "" && strings.EqualFold(origin, h.cfg.Origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}

// Serve upgrades the request and serves the socket from then on; it returns at once. actor has passed policy.OpenSocket; source is the
// caller's address. After a failed upgrade the answer is written already.
func (h *Hub) Serve(w http.ResponseWriter, r *http.Request, actor policy.Actor, source string) {
	ws, err := h.up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	c := newConn(h, ws, actor)
	if ws.Subprotocol() != Subprotocol {
		c.refuse(closeMalformed, "subprotocol")
		return
	}
	h.mu.Lock()
	switch {
	case h.draining:
		h.mu.Unlock()
		c.refuse(websocket.CloseServiceRestart, "restart")
		return
	case h.persons[actor.Person] >= h.limits.Sockets || h.sources[source] >= h.limits.Source:
		h.mu.Unlock()
		c.refuse(closeTooMany, "too many sockets")
		return
	}
	h.conns[c] = struct{}{}
	h.persons[actor.Person]++
	h.sources[source]++
	h.wg.Add(1)
	h.mu.Unlock()
	// Not here: the request's own goroutine ends, and gives its buffers and its grown stack back.
	go func() {
		defer h.wg.Done()
		c.run()
		h.mu.Lock()
		delete(h.conns, c)
		if h.persons[actor.Person]--; h.persons[actor.Person] == 0 {
			delete(h.persons, actor.Person)
		}
		if h.sources[source]--; h.sources[source] == 0 {
			delete(h.sources, source)
		}
		h.mu.Unlock()
	}()
}

// Stats are numbers for metrics.
type Stats struct{ Sockets, Drafts, Topics int }

// Stats counts the sockets, the drafts that somebody has open here, and the topics that are watched.
func (h *Hub) Stats() Stats {
	h.mu.Lock()
	defer h.mu.Unlock()
	return Stats{len(h.conns), len(h.rooms), len(h.watchers)}
}

// Revoked closes the sockets of a sign-in session at once.
func (h *Hub) Revoked(session string) {
	for _, c := range h.list() {
		if c.who().Session == session {
			c.close(closeSessionOver, "session ended")
		}
	}
}

// RightsChanged looks at the rights of all open sockets now rather than within a second.
func (h *Hub) RightsChanged() {
	select {
	case h.sweepNow <- struct{}{}:
	default:
	}
}

func (h *Hub) list() []*conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]*conn, 0, len(h.conns))
	for c := range h.conns {
		out = append(out, c)
	}
	return out
}

// lookAnyway is how often rights are looked at although nothing says that they changed: sessions end by time, too. (What is written is
// decided in its own transaction, on that moment.)
const lookAnyway = 15 * time.Second

// sweep asks again, about every second, what each socket's person may do with what is open there, if anything changed.
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
		type answer struct {
			facts policy.Facts
			err   error
		}
		known := map[string]answer{}
		sessions := map[string]policy.Actor{}
		for _, c := range h.list() {
			was := c.who()
			actor, seen := sessions[was.Session]
			if !seen {
				var err error
				if actor, err = h.cfg.Actor(h.base, was); err != nil && h.base.Err() == nil && !isFault(err) {
					h.cfg.Log.Warn("look at session", "error", err)
					actor = was // the database is away: nothing can be written either; ask again in a second
				} else if err != nil {
					actor = policy.Actor{}
				}
				sessions[was.Session] = actor
			}
			if actor.Anonymous() {
				c.close(closeSessionOver, "session ended")
				continue
			}
			c.become(actor)
			for _, od := range c.openDrafts() {
				a, ok := known[od.id]
				if !ok {
					a.facts, _, a.err = h.cfg.Drafts.Check(h.base, policy.SystemActor(), od.id)
					known[od.id] = a
				}
				switch {
				case a.err != nil && !isFault(a.err):
				case a.err != nil || !policy.Can(actor, policy.ReadDraft, a.facts):
					c.deny(od, "draft.not_found")
				default:
					c.abilities(od, draft.Abilities(actor, a.facts))
				}
			}
		}
	}
}

// wrote marks the sessions over whose sockets somebody writes as used: who only types meets no idle end.
func (h *Hub) wrote() {
	if h.cfg.Wrote == nil {
		return
	}
	now := time.Now().UnixMilli()
	told := map[string]bool{}
	for _, c := range h.list() {
		at := c.pushed.Load()
		if at == 0 || now-c.marked < 30_000 {
			continue
		}
		c.pushed.Store(0)
		c.marked = now
		session := c.who().Session
		if told[session] {
			continue
		}
		told[session] = true
		if err := h.cfg.Wrote(h.base, session); err != nil && h.base.Err() == nil {
			h.cfg.Log.Warn("mark session as used", "error", err)
			c.pushed.CompareAndSwap(0, at) // again the next time
			c.marked = 0
		}
	}
}

// Drain asks every socket to come back later, closes them with 1012 and waits until they have ended or ctx has.
func (h *Hub) Drain(ctx context.Context) error {
	h.mu.Lock()
	h.draining = true
	h.mu.Unlock()
	for _, c := range h.list() {
		// Spread the return: with many sockets a restart must not be a stampede.
		c.send(map[string]any{"t": "bye", "retry_ms": 300 + rand.IntN(1500)})
		c.close(websocket.CloseServiceRestart, "restart")
	}
	done := make(chan struct{})
	go func() {
		h.cancel()
		h.wg.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return errors.Join(errors.New("sockets did not end in time"), ctx.Err())
	}
}
