package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/draft/drafttest"
	"github.com/multaqa/multaqa/pkg/live"
	"github.com/multaqa/multaqa/pkg/policy"
)

// world is a hub with one joint draft, a set of people, and rights that tests change.
type world struct {
	t     testing.TB
	db    *db.DB
	hub   *live.Hub
	url   string
	draft string
	stop  func()

	mu         sync.Mutex
	state      string
	visibility policy.Visibility
	ended      map[string]bool
	secret     bool // "ballot/bl_1" may not be read
	wrote      map[string]int
	buffer     int // bytes a socket of the server may hold; 0 for what the system does
	bus        bus.Bus
	far        live.Far // nil: there is no other node

	epoch              int64 // of the record of events; 0 when nobody keeps one
	ticks, asked, most int
}

var people = map[string]policy.Actor{
	"salma": {Person: "pe_salma", Session: "se_salma", Agency: "ag_a", Roles: []policy.Role{policy.Representative}},
	"huda":  {Person: "pe_huda", Session: "se_huda", Agency: "ag_b", Roles: []policy.Role{policy.Representative}},
	"omar":  {Person: "pe_omar", Session: "se_omar", Agency: "ag_c", Roles: []policy.Role{policy.Representative}},
}

func (w *world) Facts(context.Context, *db.Tx, string) (policy.Facts, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return policy.Facts{Agency: "ag_a", Agencies: []string{"ag_a", "ag_b"}, Visibility: w.visibility, State: w.state,
		Flags: map[string]bool{"writer:ag_b": w.visibility != policy.ToAgency, "writable": w.state == "draft"}}, nil
}

func (w *world) Actor(_ context.Context, was policy.Actor) (policy.Actor, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	if w.ended[was.Session] {
		return policy.Actor{}, nil
	}
	return was, nil
}

func (w *world) Actors(ctx context.Context, was []policy.Actor) (is []policy.Actor, err error) {
	for _, a := range was {
		a, err = w.Actor(ctx, a)
		is = append(is, a)
	}
	return is, err
}

func (w *world) set(fn func()) { w.mu.Lock(); defer w.mu.Unlock(); fn() }

func newWorld(t *testing.T, limits live.Limits) *world { return newNarrowWorld(t, limits, 0) }

func newNarrowWorld(t *testing.T, limits live.Limits, buffer int) *world {
	w := &world{buffer: buffer}
	w.open(t, limits)
	return w
}

func (w *world) open(t testing.TB, limits live.Limits) {
	w.t, w.db, w.state, w.visibility, w.ended = t, dbtest.Open(t), "draft", policy.ToAgencies, map[string]bool{}
	if err := w.db.Transact(t.Context(), func(tx *db.Tx) (err error) {
		w.draft, err = draft.Create(t.Context(), tx, "ed_1", "مسودة\n")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	w.start(limits)
}

func (w *world) start(limits live.Limits) {
	ctx, cancel := context.WithCancel(context.Background())
	if w.bus == nil {
		w.bus = bus.NewMemory()
	}
	drafts := draft.New(w.db, w, w.bus, slog.New(slog.DiscardHandler), draft.Options{})
	wait := drafts.Start(ctx)
	var epoch func(context.Context) (int64, error)
	if w.epoch > 0 {
		epoch = w.Epoch
	}
	w.hub = live.New(live.Config{DB: w.db, Epoch: epoch, Drafts: drafts, Log: slog.New(slog.DiscardHandler), Actors: w.Actors, Limits: limits,
		Wrote: func(_ context.Context, session string) error {
			w.set(func() {
				if w.wrote == nil {
					w.wrote = map[string]int{}
				}
				w.wrote[session]++
			})
			return nil
		},
		Far: w.far, FarTimes: live.FarTimes{Every: 200 * time.Millisecond, Silence: 4 * time.Second},
		Origin: "https://hub.example", Card: func(_ context.Context, a policy.Actor) (live.Card, error) {
			var c live.Card
			c.Person.ID, c.Person.Name.Ar, c.Agency.ID, c.Agency.Hue = a.Person, "سلمى", a.Agency, 3
			return c, nil
		}})
	w.hub.Register(live.Topic{Pattern: "ballot/:id", Action: policy.ReadDraft, Facts: func(_ context.Context, _ *db.Tx, id string) (policy.Facts, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if id != "bl_1" {
			return policy.Facts{}, policy.NotFound("ballot")
		}
		f := policy.Facts{Kind: "ballot", Visibility: policy.ToNetwork, State: "draft"}
		if w.secret {
			f.Visibility = policy.ToAgency
		}
		return f, nil
	}})
	hub := w.hub
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		hub.Serve(rw, r, people[r.URL.Query().Get("as")], "127.0.0.1")
	}))
	srv.Config.ConnState = func(nc net.Conn, s http.ConnState) {
		if s == http.StateNew && w.buffer > 0 {
			_ = nc.(*net.TCPConn).SetWriteBuffer(w.buffer)
		}
	}
	srv.Start()
	w.url = "ws" + strings.TrimPrefix(srv.URL, "http")
	w.stop = sync.OnceFunc(func() {
		ctx, done := context.WithTimeout(context.Background(), time.Minute)
		defer done()
		if err := hub.Drain(ctx); err != nil {
			w.t.Error(err)
		}
		srv.Close()
		cancel()
		wait()
	})
	w.t.Cleanup(w.stop)
}

func (w *world) text() (int64, string) {
	w.t.Helper()
	var v int64
	var s string
	if err := w.db.Read(context.Background(), func(tx *db.Tx) (err error) {
		v, s, err = draft.Text(context.Background(), tx, w.draft)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return v, s
}

// client is a browser tab on a real socket.
type client struct {
	w      *world
	t      testing.TB
	ws     *websocket.Conn
	editor *drafttest.Client
	opened opened
	other  []map[string]any // control messages not asked for yet
	bytes  int              // of the last frame, with its header
	frames int
	news   int // messages about who came and left
}

type opened struct {
	Draft     int
	ID        string
	Epoch     string
	Client    int64
	Resume    string
	Seq       int64
	Version   int64
	Head      int64
	Text      *string
	Peers     []map[string]any
	Abilities map[string]bool
}

func (w *world) dial(who string) *client {
	w.t.Helper()
	c := &client{w: w, t: w.t}
	c.redial(who)
	return c
}

func (c *client) redial(who string) {
	c.t.Helper()
	d := websocket.Dialer{Subprotocols: []string{live.Subprotocol}}
	ws, _, err := d.Dial(c.w.url+"?as="+who, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { ws.Close() })
	c.ws, c.other = ws, nil
	c.want("hello")
}

func (c *client) say(v any) {
	c.t.Helper()
	if err := c.ws.WriteJSON(v); err != nil {
		c.t.Fatal(err)
	}
}

// next reads one message: control ones are kept, frames go to the editor.
func (c *client) next() error {
	_ = c.ws.SetReadDeadline(time.Now().Add(time.Minute))
	kind, msg, err := c.ws.ReadMessage()
	if err != nil {
		return err
	}
	if kind == websocket.BinaryMessage && msg[0] == 3 {
		_, carets, err := live.DecodeCarets(msg)
		for _, k := range carets {
			c.other = append(c.other, map[string]any{"t": "presence", "client": float64(k.Client), "version": float64(k.Version), "anchor": float64(k.Anchor), "head": float64(k.Head)})
		}
		return err
	}
	if kind == websocket.BinaryMessage {
		c.frames++
		c.bytes = len(msg) + 2
		if len(msg) > 125 {
			c.bytes += 2
		}
		return c.editor.Receive(msg)
	}
	var m map[string]any
	if err := json.Unmarshal(msg, &m); err != nil {
		return err
	}
	if m["t"] == "people" { // "peer" and "left" for each but oneself
		c.news++
		came, _ := m["came"].([]any)
		for _, p := range came {
			p := p.(map[string]any)
			p["t"], p["draft"] = "peer", m["draft"]
			if p["client"] != float64(c.opened.Client) {
				c.other = append(c.other, p)
			}
		}
		left, _ := m["left"].([]any)
		for _, id := range left {
			c.other = append(c.other, map[string]any{"t": "left", "draft": m["draft"], "client": id})
		}
		return nil
	}
	if m["t"] == "opened" {
		c.opened = opened{}
		if err := json.Unmarshal(msg, &c.opened); err != nil {
			return err
		}
		if c.opened.Text != nil {
			c.editor = drafttest.New(c.opened.Client, c.opened.Draft, c.opened.Version, *c.opened.Text)
		} else if err := c.editor.Reconnect(c.opened.Draft, c.opened.Seq); err != nil {
			return err
		}
	}
	c.other = append(c.other, m)
	return nil
}

// want reads until a control message of the type comes, and returns it.
func (c *client) want(t string) map[string]any {
	c.t.Helper()
	for {
		for i, m := range c.other {
			if m["t"] == t {
				c.other = append(c.other[:i:i], c.other[i+1:]...)
				return m
			}
		}
		if err := c.next(); err != nil {
			c.t.Fatalf("waiting for %q: %v", t, err)
		}
	}
}

func (c *client) open() {
	c.t.Helper()
	c.say(map[string]any{"t": "open", "draft": c.w.draft})
	c.want("opened")
}

func (c *client) reopen() {
	c.t.Helper()
	c.say(map[string]any{"t": "open", "draft": c.w.draft, "version": c.editor.Version, "epoch": c.opened.Epoch, "resume": c.opened.Resume})
	c.want("opened")
}

func (c *client) typeAt(pos int, s string) {
	c.t.Helper()
	change, err := changeset.Replace(c.editor.Doc.Len(), pos, pos, s)
	if err == nil {
		err = c.editor.Edit(change)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	c.flush()
}

func (c *client) flush() {
	c.t.Helper()
	if msg, ok := c.editor.Push(draft.MaxPushUpdates); ok {
		if err := c.ws.WriteMessage(websocket.BinaryMessage, msg); err != nil {
			c.t.Fatal(err)
		}
	}
}

// until reads, and sends what is left, until the claim holds.
func (c *client) until(claim func() bool) {
	c.t.Helper()
	for !claim() {
		if err := c.next(); err != nil {
			c.t.Fatalf("at version %d with %d unconfirmed: %v", c.editor.Version, c.editor.Unconfirmed(), err)
		}
		c.flush()
	}
}

func (c *client) saved() bool { return c.editor.Unconfirmed() == 0 }

// wantClose reads until the socket ends and checks why.
func (c *client) wantClose(code int) {
	c.t.Helper()
	for {
		err := c.next()
		var ce *websocket.CloseError
		if errors.As(err, &ce) {
			if ce.Code != code {
				c.t.Fatalf("closed with %d %s, want %d", ce.Code, ce.Text, code)
			}
			return
		}
		if err != nil {
			c.t.Fatalf("ended with %v, want close %d", err, code)
		}
	}
}
