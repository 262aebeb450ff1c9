package hubtest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/bus/bustest"
	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/draft/drafttest"
	"github.com/multaqa/multaqa/pkg/hub"
	"github.com/multaqa/multaqa/pkg/live"
	"github.com/multaqa/multaqa/pkg/member"
)

const jointText = "# Title\n\n## One\n\ntext\n\n## Two\n\ntext\n"

// hasty makes a look at the rights of open sockets come after so long, for a test. How often it comes in truth is TestTheSweepKeepsThePromise's.
func hasty(t testing.TB, sweep time.Duration) {
	was := live.DefaultLimits.Sweep
	live.DefaultLimits.Sweep = sweep
	t.Cleanup(func() { live.DefaultLimits.Sweep = was })
}

// sight is a world of two nodes with a text that two agencies write and the network reads.
type sight struct {
	t    testing.TB
	w    *World
	hubs [2]*hub.Hub
	urls [2]string
}

func newSight(t testing.TB, w *World, b bus.Bus) *sight {
	s := &sight{t: t, w: w}
	second, err := hub.New(s.w.Hub.Config, s.w.Hub.DB, b, slog.New(slog.NewTextHandler(io.Discard, nil)), nil)
	s.w.ok(err)
	ctx, cancel := context.WithCancel(context.Background())
	wait := second.Drafts.Start(ctx)
	s.hubs = [2]*hub.Hub{s.w.Hub, second}
	for i, h := range s.hubs {
		handler, err := h.Web.Handler()
		s.w.ok(err)
		srv := httptest.NewServer(handler)
		t.Cleanup(srv.Close)
		s.urls[i] = "ws" + strings.TrimPrefix(srv.URL, "http") + "/api/v1/live"
	}
	t.Cleanup(func() {
		for _, h := range s.hubs {
			ctx, done := context.WithTimeout(context.Background(), time.Minute)
			w := h.Live.Drain(ctx)
			done()
			s.w.ok(w)
		}
		cancel()
		wait()
		second.Close()
		b.Close()
	})
	a := s.must("own-lead", "POST", "/guidelines", `{"title":{"ar":"دليل مشترك","en":"Joint"},"summary":"s","language":"ar","kind":"agency","workspace_id":"`+s.w.Objects["workspace/joint"]+`","template":"free","text":`+quote(jointText)+`}`)
	var made struct {
		ID        string
		DraftID   string `json:"draft_id"`
		Guideline struct{ ID string }
	}
	if err := json.Unmarshal([]byte(a.Body), &made); err != nil || made.DraftID == "" {
		t.Fatal(err, a.Body)
	}
	s.w.Objects["guideline/joint"], s.w.Objects["edition/joint"], s.w.Objects["draft/joint"] = made.Guideline.ID, made.ID, made.DraftID
	s.must("own-lead", "PUT", "/guidelines/"+made.Guideline.ID+"/visibility", `{"to":"network"}`)
	return s
}

// relay has the nodes tell what is recorded, as a server does, until the returned function is called.
func (s *sight) relay() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var relays sync.WaitGroup
	for _, h := range s.hubs {
		relays.Go(func() { h.Relay.Run(ctx) })
	}
	return func() { cancel(); relays.Wait() }
}

func quote(s string) string { b, _ := json.Marshal(s); return string(b) }

func (s *sight) must(who, method, path, body string) Answer {
	s.t.Helper()
	a := s.w.Call(who, method, "/api/v1"+path, body)
	if a.Status >= 300 {
		s.t.Fatalf("%s %s as %s: %d %s", method, path, who, a.Status, a.Body)
	}
	return a
}

// section gives the section "## One" to an agency.
func (s *sight) section(agency string) string {
	s.t.Helper()
	a := s.must("own-lead", "POST", "/drafts/"+s.w.Objects["draft/joint"]+"/sections", fmt.Sprintf(`{"version":0,"from":9,"agency":%q,"due_at":null,"note":""}`, s.w.Objects["agency/"+agency]))
	var out struct{ ID string }
	if json.Unmarshal([]byte(a.Body), &out) != nil || out.ID == "" {
		s.t.Fatal(a.Body)
	}
	return out.ID
}

// watcher is a tab of the victim on a node.
type watcher struct {
	t        testing.TB
	name     string
	ws       *websocket.Conn
	c        *drafttest.Client
	writes   bool
	rejected string
	ended    string // "closed" or "denied"
	ponged   bool
}

func (s *sight) watch(node int, who string) *watcher {
	s.t.Helper()
	d := websocket.Dialer{Subprotocols: []string{live.Subprotocol}}
	ws, _, err := d.Dial(s.urls[node], http.Header{"Cookie": {"multaqa=" + s.w.Principals[who]}})
	s.w.ok(err)
	s.t.Cleanup(func() { ws.Close() })
	w := &watcher{t: s.t, name: fmt.Sprintf("%s on node %d", who, node+1), ws: ws}
	s.w.ok(ws.WriteJSON(map[string]any{"t": "open", "draft": s.w.Objects["draft/joint"]}))
	w.until("opened", func() bool { return w.c != nil })
	return w
}

// until reads until the claim holds or the draft has ended here.
func (w *watcher) until(what string, claim func() bool) {
	w.t.Helper()
	for !claim() && w.ended == "" {
		if err := w.read(); err != nil {
			w.t.Fatalf("%s waits for %q: %v", w.name, what, err)
		}
	}
}

// read takes one message. The limit is no measure of anything.
func (w *watcher) read() error {
	_ = w.ws.SetReadDeadline(time.Now().Add(time.Minute))
	kind, msg, err := w.ws.ReadMessage()
	if websocket.IsCloseError(err, 4401) {
		w.ended = "closed"
		return nil
	}
	if err != nil {
		return err
	}
	if kind == websocket.BinaryMessage {
		if msg[0] == 2 {
			return w.c.Receive(msg)
		}
		return nil
	}
	var m struct {
		T, Code, Text   string
		Draft           any
		Client, Version int64
		Abilities       map[string]bool
	}
	if err := json.Unmarshal(msg, &m); err != nil {
		return err
	}
	switch m.T {
	case "opened":
		w.c, w.writes = drafttest.New(m.Client, int(m.Draft.(float64)), m.Version, m.Text), m.Abilities["draft.write"]
	case "abilities":
		w.writes = m.Abilities["draft.write"]
	case "rejected":
		w.rejected = m.Code
	case "denied":
		w.ended = "denied"
	case "pong":
		w.ponged = true
	}
	return nil
}

// ping asks for a sign of life and reads until it comes or the draft has ended here: what the hub had written before is known then.
func (w *watcher) ping() {
	w.t.Helper()
	w.ponged = false
	_ = w.ws.WriteJSON(map[string]any{"t": "ping"}) // the socket may have been closed already
	w.until("pong", func() bool { return w.ponged })
}

// write types behind the line that holds in, and returns what became of it: "" when it is in the log.
func (w *watcher) write(in string) string {
	w.t.Helper()
	doc := w.c.Doc.String()
	at := 0
	if in != "" {
		at = changeset.Len16(doc[:strings.Index(doc, in)+len(in)]) + 2
	}
	ch, err := changeset.Replace(w.c.Doc.Len(), at, at, "x")
	if err == nil {
		err = w.c.Edit(ch)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.rejected = ""
	msg, _ := w.c.Push(draft.MaxPushUpdates)
	_ = w.ws.WriteMessage(websocket.BinaryMessage, msg) // the socket may have been closed already
	w.until("an answer to a push", func() bool { return w.rejected != "" || w.c.Unconfirmed() == 0 })
	if w.rejected != "" {
		return w.rejected
	}
	return w.ended
}

// servicesSight is a sight of two nodes on one PostgreSQL with Redis between them.
func servicesSight(t testing.TB) *sight {
	t.Helper()
	b := bustest.Redis(t)
	w, stop := join(t, t.TempDir(), dbtest.PostgresURL(t), b[0])
	t.Cleanup(stop)
	w.people(t.Context())
	w.things(t.Context())
	return newSight(t, w, b[1])
}

// taking takes a right from somebody and gives it back.
type taking struct {
	name, victim string
	writes       bool // the victim does, before
	take, give   func(s *sight)
	before       func(s *sight) // nil: nothing
}

func (s *sight) signIn(who string) {
	o, err := s.w.Hub.Members.Open(s.t.Context(), member.SignIn{Email: who + "@example.gov", Password: password, Source: "127.0.0.1"})
	s.w.ok(err)
	s.w.Principals[who], s.w.Actors[who] = o.Token, o.Actor
}

var takings = []taking{
	{"seat ended", "other-rep", true,
		func(s *sight) { s.must("secretariat", "DELETE", "/seats/"+s.w.Objects["seat/other-rep"], "") },
		func(s *sight) {
			seat, err := s.w.Hub.Members.Seat(s.t.Context(), s.w.Actors["secretariat"], member.NewSeat{Agency: s.w.Objects["agency/OTHER"], Person: s.w.Objects["person/other-rep"], Kind: member.WriterSeat})
			s.w.ok(err)
			s.w.Objects["seat/other-rep"] = seat.ID
			s.signIn("other-rep")
		}, nil},
	{"session revoked", "other-rep", true,
		func(s *sight) { s.must("other-rep", "DELETE", "/sessions/"+s.w.Actors["other-rep"].Session, "") },
		func(s *sight) { s.signIn("other-rep") }, nil},
	{"agency suspended", "other-rep", true,
		func(s *sight) {
			s.must("secretariat", "PATCH", "/agencies/"+s.w.Objects["agency/OTHER"], `{"status":"suspended"}`)
		},
		func(s *sight) {
			s.must("secretariat", "PATCH", "/agencies/"+s.w.Objects["agency/OTHER"], `{"status":"active"}`)
		}, nil},
	{"draft made internal", "third-rep", false,
		func(s *sight) {
			s.must("own-lead", "PUT", "/guidelines/"+s.w.Objects["guideline/joint"]+"/visibility", `{"to":"agency"}`)
		},
		func(s *sight) {
			s.must("own-lead", "PUT", "/guidelines/"+s.w.Objects["guideline/joint"]+"/visibility", `{"to":"network"}`)
		}, nil},
	{"agency out of the workspace", "third-rep", true,
		func(s *sight) {
			s.must("own-lead", "DELETE", "/workspaces/"+s.w.Objects["workspace/joint"]+"/agencies/"+s.w.Objects["agency/THIRD"], "")
		},
		(*sight).thirdWrites, (*sight).thirdWrites},
}

// thirdWrites takes the agency THIRD into the workspace.
func (s *sight) thirdWrites() {
	s.must("own-lead", "POST", "/workspaces/"+s.w.Objects["workspace/joint"]+"/agencies", `{"agency":"`+s.w.Objects["agency/THIRD"]+`"}`)
}

// settle waits until each node has looked at rights once more since its count of sweeps was from: one may have been under way, the next has seen all. What the
// tabs were told by then they have read when it returns, for a node that is pinged answers after that.
func (s *sight) settle(from [2]int64, tabs ...*watcher) {
	s.t.Helper()
	for i, tab := range tabs {
		for end := time.Now().Add(30 * time.Second); s.hubs[i].Live.Sweeps() < from[i]+2; time.Sleep(time.Millisecond) { // polls
			if time.Now().After(end) {
				s.t.Fatalf("node %d does not sweep", i+1)
			}
		}
		tab.ping()
	}
}

func (s *sight) sweeps() (n [2]int64) {
	for i, h := range s.hubs {
		n[i] = h.Live.Sweeps()
	}
	return n
}
