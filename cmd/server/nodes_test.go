package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/multaqa/multaqa/bench/rig"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/live"
)

// TestTwoNodes runs the real program twice on one PostgreSQL, with Redis between them and with a Redis that does not answer: what one node's people do
// is noticed on the other; who is there and where their carets are crosses with Redis alone.
func TestTwoNodes(t *testing.T) {
	redis := os.Getenv("MULTAQA_TEST_REDIS")
	if redis == "" {
		t.Skip("MULTAQA_TEST_REDIS names no server; `make test` starts one")
	}
	bin := program(t)
	t.Run("with Redis", func(t *testing.T) { twoNodes(t, bin, redis, true) })
	t.Run("Redis is away", func(t *testing.T) { twoNodes(t, bin, "redis://127.0.0.1:1/0", false) })
}

func twoNodes(t *testing.T, bin, redis string, bus bool) {
	dir, url := t.TempDir(), dbtest.PostgresURL(t)
	seeded, err := rig.Sow(t.Context(), dir, url, rig.Seed{Docs: 1, Editors: 2, Text: killText})
	if err != nil {
		t.Fatal(err)
	}
	id := seeded.Drafts[0]
	nodes := []*victim{{t: t, bin: bin, dir: dir, url: url, draft: id, redis: redis}, {t: t, bin: bin, dir: dir, url: url, draft: id, redis: redis}}
	defer func() {
		if log, _ := os.ReadFile(filepath.Join(dir, "server.log")); t.Failed() {
			t.Logf("the programs' last words:\n%s", log[max(0, len(log)-4000):])
		}
	}()
	for _, n := range nodes {
		n.start("")
	}
	one, two := dialNode(t, nodes[0], seeded.Sessions[0]), dialNode(t, nodes[1], seeded.Sessions[1])
	for _, s := range []*nodeSocket{one, two} {
		s.say(map[string]any{"t": "open", "draft": id})
		s.client = s.want("opened", func(m map[string]any) bool { return true })["client"].(float64)
	}
	two.say(map[string]any{"t": "watch", "topics": []string{"draft/" + id + "/threads", "guidelines"}})
	two.say(map[string]any{"t": "ping"})
	two.want("pong", func(map[string]any) bool { return true })

	changed := func(topic, path, body string) {
		t.Helper()
		begun := time.Now()
		one.post(path, body)
		two.want("changed", func(m map[string]any) bool { return m["topic"] == topic })
		t.Logf("%s was noticed after %v", topic, time.Since(begun).Round(time.Millisecond))
	}
	for range 3 {
		changed("draft/"+id+"/threads", "/drafts/"+id+"/threads", `{"version":0,"from":0,"to":3,"body":"ملاحظة"}`)
	}
	changed("guidelines", "/guidelines", `{"title":{"ar":"دليل آخر","en":"Another"},"summary":"s","language":"ar","kind":"agency","template":"free","text":"نص"}`)
	if !bus {
		return
	}
	begun := time.Now()
	one.say(map[string]any{"t": "presence", "draft": one.handle, "version": 0, "anchor": 2, "head": 4})
	two.want("presence", func(m map[string]any) bool {
		return m["client"] == one.client && m["anchor"] == 2.0 && m["head"] == 4.0
	})
	t.Logf("a caret was seen after %v", time.Since(begun).Round(time.Millisecond))
	nodes[0].proc.Stop()
	two.want("left", func(m map[string]any) bool { return m["client"] == one.client })
}

// nodeSocket is a socket of a person on a node.
type nodeSocket struct {
	t              *testing.T
	addr, session  string
	ws             *websocket.Conn
	handle, client float64
	kept           []map[string]any
}

func dialNode(t *testing.T, n *victim, session string) *nodeSocket {
	t.Helper()
	d := websocket.Dialer{Subprotocols: []string{live.Subprotocol}}
	ws, _, err := d.Dial("ws://"+n.addr+"/api/v1/live", http.Header{"Cookie": {"multaqa=" + session}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.Close() })
	return &nodeSocket{t: t, addr: n.addr, session: session, ws: ws}
}

func (s *nodeSocket) say(v any) {
	s.t.Helper()
	if err := s.ws.WriteJSON(v); err != nil {
		s.t.Fatal(err)
	}
}

func (s *nodeSocket) post(path, body string) {
	s.t.Helper()
	r, _ := http.NewRequestWithContext(s.t.Context(), "POST", "http://"+s.addr+"/api/v1"+path, bytes.NewReader([]byte(body)))
	r.Header.Set("Content-Type", "application/json")
	r.AddCookie(&http.Cookie{Name: "multaqa", Value: s.session})
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	if out, _ := io.ReadAll(res.Body); res.StatusCode >= 300 {
		s.t.Fatalf("%s: %d %s", path, res.StatusCode, out)
	}
}

// want reads until a message of the kind comes that the claim is true of.
func (s *nodeSocket) want(kind string, claim func(m map[string]any) bool) map[string]any {
	s.t.Helper()
	for {
		for i, m := range s.kept {
			if m["t"] == kind && claim(m) {
				s.kept = append(s.kept[:i:i], s.kept[i+1:]...)
				return m
			}
		}
		_ = s.ws.SetReadDeadline(time.Now().Add(time.Minute))
		k, msg, err := s.ws.ReadMessage()
		if err != nil {
			s.t.Fatalf("waiting for %q: %v", kind, err)
		}
		if k == websocket.BinaryMessage {
			_, carets, err := live.DecodeCarets(msg)
			for _, c := range carets {
				s.kept = append(s.kept, map[string]any{"t": "presence", "client": float64(c.Client), "anchor": float64(c.Anchor), "head": float64(c.Head)})
			}
			if err != nil && msg[0] == 3 {
				s.t.Fatal(err)
			}
			continue
		}
		var m map[string]any
		if err := json.Unmarshal(msg, &m); err != nil {
			s.t.Fatal(fmt.Errorf("%s: %w", msg, err))
		}
		if m["t"] == "opened" {
			s.handle = m["draft"].(float64)
		}
		if left, _ := m["left"].([]any); m["t"] == "people" {
			for _, client := range left {
				s.kept = append(s.kept, map[string]any{"t": "left", "client": client})
			}
		}
		s.kept = append(s.kept, m)
	}
}
