package hubtest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/multaqa/multaqa/pkg/comment"
	"github.com/multaqa/multaqa/pkg/live"
)

// TestInsideAnAgency: what an agency says inside moves no number, gate or desk of anybody else, and nobody else can be named in it.
func TestInsideAnAgency(t *testing.T) {
	w := NewWorld(t)
	draft, guideline := "/api/v1/drafts/"+w.Objects["draft/own-network"], "/api/v1/guidelines/"+w.Objects["guideline/own-network"]
	everywhere := []string{"/api/v1/guidelines", guideline, "/api/v1/editions/" + w.Objects["edition/own-network"], draft + "/threads", "/api/v1/desk"}
	look := func() map[string]string {
		out := map[string]string{}
		for _, p := range append([]string{"own-rep"}, outsiders...) {
			for _, path := range everywhere {
				a := w.Call(p, "GET", path, "")
				out[p+" "+path] = fmt.Sprint(a.Status, strings.Count(a.Body, "th_"), threadCounts(a.Body))
				if p != "own-rep" && strings.Contains(a.Body, w.Canary) {
					t.Errorf("%s reads it in %s", p, path)
				}
			}
		}
		return out
	}
	before := look()
	version := "0"
	say := func(who, mention string) Answer {
		return w.Call(who, "POST", draft+"/threads", `{"version":`+version+`,"from":2,"to":7,"kind":"general","body":"`+w.Canary+`","audience":"agency","mentions":["`+mention+`"]}`)
	}
	if a := say("own-lead", w.Objects["person/own-rep"]); a.Status != 200 && a.Status != 201 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if a := say("own-lead", w.Objects["person/other-rep"]); a.Status != 422 && a.Status != 400 || !strings.Contains(a.Body, "comment.mention_outside") {
		t.Errorf("another agency was named: %d %s", a.Status, a.Body)
	}
	after := look()
	for k, v := range before {
		if !strings.HasPrefix(k, "own-rep ") && after[k] != v {
			t.Errorf("%s moved from %s to %s", k, v, after[k])
		}
	}
	if k := "own-rep " + draft + "/threads"; before[k] == after[k] {
		t.Error("a colleague does not see it; the test looks at nothing")
	}
}

// threadCounts are the numbers that an answer gives about threads.
func threadCounts(body string) []string {
	var out []string
	for _, key := range []string{`"threads_open":`, `"blocking_threads"`} {
		for rest := body; ; {
			_, after, ok := strings.Cut(rest, key)
			if !ok {
				break
			}
			out = append(out, key+after[:min(len(after), 12)])
			rest = after
		}
	}
	return out
}

// listener is a socket of a principal that keeps what it was told.
type listener struct {
	t   *testing.T
	who string
	ws  *websocket.Conn
	got []map[string]any
}

func (l *listener) say(v any) {
	l.t.Helper()
	if err := l.ws.WriteJSON(v); err != nil {
		l.t.Fatal(l.who, err)
	}
}

// until reads on until a message of the type comes that names the topic, if one is given.
func (l *listener) until(kind, topic string) {
	l.t.Helper()
	_ = l.ws.SetReadDeadline(time.Now().Add(time.Minute))
	for {
		_, raw, err := l.ws.ReadMessage()
		if err != nil {
			l.t.Fatalf("%s waits for %s %s: %v", l.who, kind, topic, err)
		}
		var m map[string]any
		if err := json.Unmarshal(raw, &m); err != nil {
			l.t.Fatal(err)
		}
		l.got = append(l.got, m)
		if m["t"] == kind && (topic == "" || m["topic"] == topic) {
			return
		}
	}
}

// TestInsideAnAgencyOnTheSocket: nobody else may watch what an agency says inside, and no topic that they may watch moves when it does.
func TestInsideAnAgencyOnTheSocket(t *testing.T) {
	w := NewWorld(t)
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { w.Hub.Relay.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
	srv := httptest.NewServer(w.Handler)
	t.Cleanup(srv.Close)
	draft, own := w.Objects["draft/own-network"], w.Objects["agency/OWN"]
	shared, inside := "draft/"+draft+"/threads", "inside/"+draft+"."+own
	listen := func(who string) *listener {
		h := http.Header{"Cookie": {"multaqa=" + w.Principals[who]}}
		ws, _, err := (&websocket.Dialer{Subprotocols: []string{live.Subprotocol}}).Dial("ws"+strings.TrimPrefix(srv.URL, "http")+"/api/v1/live", h)
		if err != nil {
			t.Fatal(who, err)
		}
		t.Cleanup(func() { ws.Close() })
		l := &listener{t: t, who: who, ws: ws}
		l.say(map[string]any{"t": "watch", "topics": []string{shared, inside}})
		return l
	}
	colleague := listen("own-rep")
	var others []*listener
	for _, who := range []string{"other-rep", "other-lead", "third-lead", "moderator", "secretariat"} {
		l := listen(who)
		l.until("refused", inside)
		others = append(others, l)
	}
	say := func(audience comment.Audience) {
		t.Helper()
		if _, err := w.Hub.Comments.Open(ctx, w.Actors["own-lead"], draft, comment.NewThread{From: 2, To: 7, Body: w.Canary, Audience: audience}); err != nil {
			t.Fatal(err)
		}
	}
	colleague.say(map[string]any{"t": "ping"})
	colleague.until("pong", "")
	say(comment.Inside)
	colleague.until("changed", inside)
	for _, l := range others {
		l.say(map[string]any{"t": "ping"})
		l.until("pong", "")
		for _, m := range l.got {
			if m["t"] == "changed" && m["topic"] != "desk" {
				t.Errorf("%s was told %v", l.who, m)
			}
		}
	}
	// What is said to all reaches all: the others were listening.
	say(comment.Network)
	for _, l := range others {
		l.until("changed", shared)
	}
}
