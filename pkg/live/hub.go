package live

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
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
	Sweep           time.Duration // between looks at the rights of what is open, if anything about rights changed
	Look            time.Duration // within which they are looked at in any case: sessions end by time, too
	Presence        time.Duration // least time between two deliveries of carets to a peer
}

// DefaultLimits are those of docs/protocol.md.
var DefaultLimits = Limits{Message: 512 << 10, Rate: 50, Burst: 200, Sockets: 20, Source: 200, Drafts: 32, Topics: 200,
	Queue: 256, QueueBytes: 1 << 20, Ping: 20 * time.Second, Dead: 45 * time.Second, Write: 10 * time.Second,
	Sweep: 800 * time.Millisecond, Look: 15 * time.Second, Presence: 50 * time.Millisecond}

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
	// Actors returns the actors as of now, in this order; the zero actor where the session has ended.
	Actors func(ctx context.Context, was []policy.Actor) ([]policy.Actor, error)
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
	// Far carries people and carets between nodes; nil when there is one node.
	Far      Far
	FarTimes FarTimes // zero means the usual ones
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

// polling says whether hubs use pollers, where the system has them.
var polling = true

// deaf hubs have pollers that wait for nothing: only who calls listen hears. It is for tests.
var deaf = false

// Hub holds the sockets of this node.
type Hub struct {
	cfg    Config
	limits Limits
	up     websocket.Upgrader
	topics []Topic
	desk   atomic.Bool // a notice of "desk" is on its way
	far    farHub
	lost   atomic.Int64 // milliseconds in which the node did not run

	work     context.Context // of what is done for sockets; it ends after the last of them
	stopWork context.CancelFunc
	pollers  []*poller
	sockets  sync.WaitGroup
	turn     atomic.Int64 // of the pollers
	looks    atomic.Int64 // how often the rights of what is open were looked at
	sweeps   atomic.Int64 // how often it was asked whether they had to be
	wheel    wheel

	fullMu  sync.Mutex
	fullNow map[*conn]struct{} // sockets that wait for their peers to read
	typedMu sync.Mutex
	writers []*conn // sockets that wrote since their sessions were marked as used

	mu       sync.Mutex
	conns    []*conn
	stands   map[string]*standing
	persons  map[string]*tally
	sources  map[string]*tally
	watchers map[string]map[*conn]struct{}
	rooms    map[string]*room
	facts    map[string]cachedFacts
	notices  map[string]int64 // topics that changed and were not told yet
	recent   recent           // topics that changed a moment ago, for whoever begins to watch them now
	draining bool
	base     context.Context
	cancel   context.CancelFunc
	wg       sync.WaitGroup
	sweepNow chan struct{}
	tellNow  chan struct{}
}

// standing is who the sockets of one session act for. Rights are looked at once for all of them.
type standing struct {
	key     string
	actor   atomic.Pointer[policy.Actor]
	sockets int
	looked  time.Time // at its rights, last; guarded by Hub.mu
}

// tally counts the sockets of a person or of an address.
type tally struct {
	of string
	n  int
}

type cachedFacts struct {
	facts policy.Facts
	err   error
	at    time.Time
}

// New returns a hub that takes sockets until Drain.
func New(cfg Config) *Hub {
	h := &Hub{cfg: cfg, limits: cfg.Limits, stands: map[string]*standing{}, persons: map[string]*tally{}, sources: map[string]*tally{},
		watchers: map[string]map[*conn]struct{}{}, rooms: map[string]*room{}, facts: map[string]cachedFacts{}, notices: map[string]int64{},
		fullNow: map[*conn]struct{}{}, sweepNow: make(chan struct{}, 1), tellNow: make(chan struct{}, 1)}
	if h.limits == (Limits{}) {
		h.limits = DefaultLimits
	}
	h.base, h.cancel = context.WithCancel(context.Background())
	h.work, h.stopWork = context.WithCancel(context.Background())
	if polling {
		h.pollers = newPollers()
	}
	h.up = websocket.Upgrader{Subprotocols: []string{Subprotocol}, CheckOrigin: h.ownOrigin, HandshakeTimeout: 10 * time.Second,
		ReadBufferSize: 128, WriteBufferSize: 256, WriteBufferPool: &sync.Pool{}}
	h.Register(Topic{Pattern: "desk", Action: policy.ReadDesk})
	h.beginFar()
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
	h.recent.keep(topic, at, time.Now())
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
	looks := h.looks.Load()
	ws, err := h.up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	nc := ws.NetConn()
	if ws.Subprotocol() != Subprotocol {
		refuse(nc, closeMalformed, "subprotocol")
		return
	}
	h.mu.Lock()
	person, from := count(h.persons, actor.Person), count(h.sources, source)
	switch {
	case h.draining:
		h.mu.Unlock()
		refuse(nc, websocket.CloseServiceRestart, "restart")
		return
	case person.n >= h.limits.Sockets || from.n >= h.limits.Source:
		h.mu.Unlock()
		refuse(nc, closeTooMany, "too many sockets")
		return
	}
	// Sockets of a session share who it is; a session is one person's, but tests and tokens may have none.
	key := actor.Session + "\x00" + actor.Person
	stand := h.stands[key]
	if stand == nil {
		stand = &standing{key: key, looked: time.Now()}
		h.stands[key] = stand
	}
	stand.actor.Store(&actor)
	stand.sockets++
	person.n++
	from.n++
	c := &conn{hub: h, stand: stand, person: h.keep(h.persons, person), source: h.keep(h.sources, from)}
	h.sockets.Add(1)
	h.mu.Unlock()
	c.begin(nc)
	if h.looks.Load() != looks {
		h.RightsChanged() // somebody looked at rights while this one was not there to be seen
	}
}

// count returns a tally that is kept once it counts anything; the caller holds the lock.
func count(m map[string]*tally, of string) *tally {
	if t := m[of]; t != nil {
		return t
	}
	return &tally{of: of}
}

func (h *Hub) keep(m map[string]*tally, t *tally) *tally {
	if t.n == 1 {
		m[t.of] = t
	}
	return t
}

func (t *tally) drop(m map[string]*tally) {
	if t.n--; t.n == 0 {
		delete(m, t.of)
	}
}

// begin says hello and listens. The request's goroutine returns after it, and with it goes what the request had.
func (c *conn) begin(nc net.Conn) {
	h := c.hub
	c.heard.Store(h.awake(time.Now()))
	if n := len(h.pollers); n == 0 || !h.pollers[int(h.turn.Add(1))%n].adopt(c, nc) {
		c.line.nc = nc
	}
	c.queue = append(c.queue, encode(map[string]any{"t": "hello", "server": h.cfg.Server, "now": time.Now().UTC().Format(time.RFC3339), "session": c.who().Session}))
	c.queued = len(c.queue[0])
	h.wheel.add(c)
	h.mu.Lock()
	c.slot = int32(len(h.conns))
	h.conns = append(h.conns, c)
	draining := h.draining
	h.mu.Unlock()
	c.flush()
	if draining {
		c.sendAway()
	}
	if c.bare() {
		go c.readAll()
		return
	}
	c.line.hear(true)
}

// sendAway asks the peer to come back later, perhaps to another node.
func (c *conn) sendAway() {
	// Spread the return: with many sockets a restart must not be a stampede.
	c.send(map[string]any{"t": "bye", "retry_ms": 300 + rand.IntN(1500)})
	c.close(websocket.CloseServiceRestart, "restart")
}

// remove forgets a socket that has ended.
func (h *Hub) remove(c *conn) {
	h.wheel.remove(c)
	h.mu.Lock()
	end := len(h.conns) - 1
	h.conns[c.slot] = h.conns[end]
	h.conns[c.slot].slot = c.slot
	h.conns[end] = nil
	h.conns = h.conns[:end]
	if c.stand.sockets--; c.stand.sockets == 0 {
		delete(h.stands, c.stand.key)
	}
	c.person.drop(h.persons)
	c.source.drop(h.sources)
	h.mu.Unlock()
	h.sockets.Done()
}

// Stats are numbers for metrics.
type Stats struct {
	Sockets, Drafts, Topics int // open, open here, watched
	Full                    int // sockets that take nothing at the moment
	Queued                  int // bytes of control messages that wait for those
}

// Stats counts.
func (h *Hub) Stats() Stats {
	h.mu.Lock()
	s := Stats{Sockets: len(h.conns), Drafts: len(h.rooms), Topics: len(h.watchers)}
	h.mu.Unlock()
	for _, c := range h.list() {
		c.wmu.Lock()
		s.Queued += c.queued
		if c.since != 0 {
			s.Full++
		}
		c.wmu.Unlock()
	}
	return s
}

// Revoked closes the sockets of a sign-in session at once.
func (h *Hub) Revoked(session string) {
	h.looks.Add(1)
	for _, c := range h.list() {
		if c.who().Session == session {
			c.close(closeSessionOver, "session ended")
		}
	}
}

// RightsChanged looks at the rights of all open sockets soon rather than within a second.
func (h *Hub) RightsChanged() {
	select {
	case h.sweepNow <- struct{}{}:
	default:
	}
}

func (h *Hub) list() []*conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.conns)
}

// Drain asks every socket to come back later, closes them with 1012 and waits until they have ended or ctx has.
func (h *Hub) Drain(ctx context.Context) error {
	h.mu.Lock()
	h.draining = true
	h.mu.Unlock()
	rooms := h.roomList()
	for _, c := range h.list() {
		c.sendAway()
	}
	done := make(chan struct{})
	go func() {
		h.sockets.Wait()
		for _, r := range rooms {
			r.parted()
		}
		h.cancel()
		h.stopWork()
		h.wg.Wait()
		for _, p := range h.pollers {
			p.close()
		}
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		h.cancel()
		h.stopWork()
		return errors.Join(errors.New("sockets did not end in time"), ctx.Err())
	}
}
