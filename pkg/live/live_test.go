package live_test

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/live"
	"github.com/multaqa/multaqa/pkg/policy"
)

func TestTwoTypeAndOneReturns(t *testing.T) {
	w := newWorld(t, live.Limits{})
	a, b := w.dial("salma"), w.dial("huda")
	a.open()
	b.open()
	if len(b.opened.Peers) != 1 || len(a.opened.Peers) != 0 || !a.opened.Abilities["draft.write"] {
		t.Fatalf("peers %v and %v", a.opened.Peers, b.opened.Peers)
	}
	if p := a.want("peer"); p["client"] != float64(b.opened.Client) || p["agency"].(map[string]any)["hue"] != float64(3) {
		t.Fatalf("peer %v", p)
	}
	a.typeAt(0, "أ")
	b.until(func() bool { return b.editor.Version == 1 })
	if b.bytes > 20 {
		t.Errorf("an edit of one letter costs %d bytes", b.bytes)
	}
	a.until(a.saved)
	// b loses its socket in the middle of a push; a goes on; b types meanwhile and returns.
	b.typeAt(0, "قبل ")
	b.ws.NetConn().Close()
	b.typeAt2(t, "أثناء ")
	for range 30 {
		a.typeAt(a.editor.Doc.Len(), "م")
		a.until(a.saved)
	}
	b.redial("huda")
	b.reopen()
	if b.opened.Text != nil {
		t.Error("a return was sent the whole text")
	}
	b.flush()
	b.until(b.saved)
	version := func() bool { return a.editor.Version == 33 && b.editor.Version == 33 }
	for !version() {
		if a.editor.Version < 33 {
			a.until(func() bool { return a.editor.Version == 33 })
		}
		if b.editor.Version < 33 {
			b.until(func() bool { return b.editor.Version == 33 })
		}
	}
	v, text := w.text()
	if v != 33 || text != a.editor.Doc.String() || text != b.editor.Doc.String() || strings.Count(text, "قبل") != 1 || strings.Count(text, "أثناء") != 1 {
		t.Fatalf("version %d %q\na %q\nb %q", v, text, a.editor.Doc.String(), b.editor.Doc.String())
	}
	a.say(map[string]any{"t": "presence", "draft": a.opened.Draft, "version": 33, "anchor": 2, "head": 5})
	if p := b.want("presence"); p["client"] != float64(a.opened.Client) || p["head"] != float64(5) {
		t.Fatalf("presence %v", p)
	}
	a.ws.Close()
	b.want("left")
	// A restart: the sockets are asked to come back, and do.
	go w.stop()
	b.want("bye")
	b.wantClose(websocket.CloseServiceRestart)
	w.stop()
	w.start(live.Limits{})
	b.redial("huda")
	b.reopen()
	b.typeAt(0, "بعد ")
	b.until(b.saved)
	if _, text := w.text(); text != b.editor.Doc.String() {
		t.Fatal("texts differ after a restart")
	}
}

// typeAt2 types without a socket.
func (c *client) typeAt2(t *testing.T, s string) {
	t.Helper()
	change, err := changeset.Replace(c.editor.Doc.Len(), 0, 0, s)
	if err == nil {
		err = c.editor.Edit(change)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestHostileMessages: each closes that socket only, with its code, and changes nothing.
func TestHostileMessages(t *testing.T) {
	w := newWorld(t, live.Limits{})
	good := w.dial("huda")
	good.open()
	push := func(handle int, base int64, length int, seq int64, body ...byte) []byte {
		out := []byte{1}
		for _, n := range []int64{int64(handle), base, int64(length), seq, 1} {
			out = changeset.AppendUvarint(out, uint64(n))
		}
		return append(out, body...)
	}
	h := good.opened.Draft
	for name, tc := range map[string]struct {
		kind int
		msg  []byte
		code int
	}{
		"no JSON":           {1, []byte("hello"), 4400},
		"no object":         {1, []byte("[]"), 4400},
		"unknown type":      {1, []byte(`{"t":"steal"}`), 4400},
		"unknown field":     {1, []byte(`{"t":"ping","role":"admin"}`), 4400},
		"two values":        {1, []byte(`{"t":"ping"}{"t":"ping"}`), 4400},
		"deep nesting":      {1, []byte(`{"t":"open","draft":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`), 4400},
		"draft as object":   {1, []byte(`{"t":"open","draft":{}}`), 4400},
		"version fraction":  {1, []byte(`{"t":"open","draft":"` + w.draft + `","version":1.5,"epoch":"x"}`), 4400},
		"resume alone":      {1, []byte(`{"t":"open","draft":"` + w.draft + `","resume":"1.x"}`), 4400},
		"foreign handle":    {1, []byte(`{"t":"close","draft":999}`), 4400},
		"negative caret":    {1, []byte(fmt.Sprintf(`{"t":"presence","draft":%d,"version":0,"anchor":-1,"head":0}`, h)), 4400},
		"watch nothing":     {1, []byte(`{"t":"watch","topics":[]}`), 4400},
		"watch too much":    {1, []byte(`{"t":"watch","topics":[` + strings.Repeat(`"desk",`, 300) + `"desk"]}`), 4400},
		"invalid UTF-8":     {1, []byte("{\"t\":\"\xff\"}"), 4400},
		"empty binary":      {2, nil, 4400},
		"a frame":           {2, []byte{2, 1, 0, 2, 1, 0}, 4400},
		"unknown kind":      {2, []byte{9, 1, 2, 3}, 4400},
		"foreign draft":     {2, push(h+5, 0, 6, 1, 1, 1<<2|2, 'a'), 4400},
		"sequence zero":     {2, push(h, 0, 6, 0, 1, 1<<2|2, 'a'), 4400},
		"trailing bytes":    {2, push(h, 0, 6, 1, 1, 1<<2|2, 'a', 0), 4400},
		"beyond the text":   {2, push(h, 0, 6, 1, 1, 100<<1|1), 4400},
		"lone surrogate":    {2, push(h, 0, 6, 1, 1, 3<<2|2, 0xed, 0xa0, 0xbd), 4400},
		"carriage return":   {2, push(h, 0, 6, 1, 1, 1<<2|2, '\r'), 4400},
		"huge declared":     {2, push(h, 0, 6, 1, 1, 0xfe, 0xff, 0xff, 0xff, 0x7f), 4400},
		"message too large": {2, make([]byte, 600<<10), 1009},
		"push too large":    {2, make([]byte, 400<<10), 4400},
	} {
		t.Run(name, func(t *testing.T) {
			bad := w.dial("salma")
			bad.t = t
			bad.open()
			_ = bad.ws.WriteMessage(tc.kind, tc.msg)
			bad.wantClose(tc.code)
		})
	}
	good.typeAt(0, "x")
	good.until(good.saved)
	if v, text := w.text(); v != 1 || text != "xمسودة\n" {
		t.Fatalf("version %d, %q", v, text)
	}
	flood := w.dial("salma")
	for range 400 {
		if flood.ws.WriteMessage(websocket.TextMessage, []byte(`{"t":"ping"}`)) != nil {
			break
		}
	}
	flood.wantClose(4429)
}

func TestUpgrade(t *testing.T) {
	w := newWorld(t, live.Limits{})
	for name, tc := range map[string]struct {
		origin string
		ok     bool
	}{
		"no browser": {"", true}, "own pages": {"https://hub.example", true}, "same host": {"http" + strings.TrimPrefix(w.url, "ws"), true},
		"another site": {"https://evil.example", false}, "prefix": {"https://hub.example.evil.example", false},
		"null": {"null", false}, "other scheme": {"file://" + strings.TrimPrefix(w.url, "ws://"), false},
	} {
		header := http.Header{}
		if tc.origin != "" {
			header.Set("Origin", tc.origin)
		}
		d := websocket.Dialer{Subprotocols: []string{live.Subprotocol}}
		ws, resp, err := d.Dial(w.url+"?as=salma", header)
		if (err == nil) != tc.ok || err != nil && resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			ws.Close()
		}
	}
	ws, _, err := websocket.DefaultDialer.Dial(w.url+"?as=salma", nil)
	if err != nil {
		t.Fatal(err)
	}
	(&client{w: w, t: t, ws: ws}).wantClose(4400)
	for range 20 {
		w.dial("omar")
	}
	d := websocket.Dialer{Subprotocols: []string{live.Subprotocol}}
	if ws, _, err = d.Dial(w.url+"?as=omar", nil); err != nil {
		t.Fatal(err)
	}
	(&client{w: w, t: t, ws: ws}).wantClose(4431)
}

func TestRightsEnd(t *testing.T) {
	limits := live.DefaultLimits
	limits.Look = time.Hour // each loss is heard of by what happened, not by looking at all in turns
	w := newWorld(t, limits)
	a, b, outsider := w.dial("salma"), w.dial("huda"), w.dial("omar")
	a.open()
	b.open()
	for _, id := range []string{w.draft, "dr_absent"} {
		outsider.say(map[string]any{"t": "open", "draft": id})
		if m := outsider.want("denied"); m["code"] != "draft.not_found" {
			t.Fatalf("%v", m)
		}
	}
	// Submitted for review: nobody writes, the editors are told, and what is sent nevertheless is refused.
	start := time.Now()
	w.set(func() { w.state = "in_review" })
	a.typeAt(0, "x")
	if m := a.want("rejected"); m["code"] != "draft.not_writable" || m["seq"] != float64(1) {
		t.Fatalf("%v", m)
	}
	if m := a.want("abilities"); m["abilities"].(map[string]any)["draft.write"] != false {
		t.Fatalf("%v", m)
	}
	b.want("abilities")
	// The guideline becomes the agency's own: the other agency loses the text on the open socket.
	w.set(func() { w.visibility = policy.ToAgency })
	if m := b.want("denied"); m["code"] != "draft.not_found" {
		t.Fatalf("%v", m)
	}
	// The session ends.
	w.set(func() { w.ended["se_salma"] = true })
	a.wantClose(4401)
	if took := time.Since(start); took > 30*time.Second { // a second and a half, where the processor is free
		t.Errorf("three losses of rights took %v to arrive", took)
	}
	w.hub.Revoked("se_huda")
	b.wantClose(4401)
	if v, _ := w.text(); v != 0 {
		t.Errorf("version %d", v)
	}
}

// TestWhoOnlyTypesKeepsTheSession: writing over the socket marks the session as used, reading does not, and not every edit does.
func TestWhoOnlyTypesKeepsTheSession(t *testing.T) {
	limits := live.DefaultLimits
	limits.Sweep = 5 * time.Millisecond
	w := newWorld(t, limits)
	a, b := w.dial("salma"), w.dial("huda")
	a.open()
	b.open()
	count := func(session string) (n int) {
		w.set(func() { n = w.wrote[session] })
		return n
	}
	for deadline := time.Now().Add(time.Minute); count("se_salma") == 0; {
		a.typeAt(0, "م")
		a.until(a.saved)
		if time.Now().After(deadline) {
			t.Fatal("the session of a person who types was not marked as used")
		}
	}
	for range 20 {
		a.typeAt(0, "م")
		a.until(a.saved)
	}
	if n := count("se_salma"); n != 1 {
		t.Errorf("marked %d times within a moment", n)
	}
	if n := count("se_huda"); n != 0 {
		t.Errorf("the session of a reader was marked %d times", n)
	}
}

func TestTopics(t *testing.T) {
	w := newWorld(t, live.Limits{})
	a := w.dial("salma")
	a.say(map[string]any{"t": "watch", "topics": []string{"ballot/bl_1", "ballot/bl_2", "nothing/x", "desk", "ballot/"}})
	for _, want := range []string{"ballot/bl_2", "nothing/x", "ballot/"} {
		if m := a.want("refused"); m["topic"] != want {
			t.Fatalf("refused %v, want %s", m["topic"], want)
		}
	}
	a.say(map[string]any{"t": "ping"})
	a.want("pong") // the watches before it are in place
	w.hub.Tell(event.Record{Seq: 7, Kind: "ballot.vote_cast", Object: "bl_1", Body: `{"agency":"ag_a"}`})
	if m := a.want("changed"); m["topic"] != "ballot/bl_1" || m["at"] != float64(7) {
		t.Fatalf("%v", m)
	}
	if m := a.want("changed"); m["topic"] != "desk" {
		t.Fatalf("%v", m)
	}
	// Who begins to watch a moment later asked the API before, and may have an older answer.
	b := w.dial("huda")
	b.say(map[string]any{"t": "watch", "topics": []string{"ballot/bl_1"}})
	if m := b.want("changed"); m["topic"] != "ballot/bl_1" || m["at"] != float64(7) {
		t.Fatalf("%v", m)
	}
	b.say(map[string]any{"t": "unwatch", "topics": []string{"ballot/bl_1"}})
	b.say(map[string]any{"t": "ping"})
	b.want("pong")
	w.set(func() { w.secret = true })
	w.hub.Changed("ballot/bl_1", 8)
	if m := a.want("refused"); m["topic"] != "ballot/bl_1" {
		t.Fatalf("a topic that may no longer be read: %v", m)
	}
	a.say(map[string]any{"t": "unwatch", "topics": []string{"desk"}})
	a.say(map[string]any{"t": "ping"})
	a.want("pong")
	if s := w.hub.Stats(); s.Topics != 0 || s.Sockets != 2 {
		t.Errorf("%+v", s)
	}
}

// TestEveryMessageHasAPolicy fails when a message or topic has no row in the policy table.
func TestEveryMessageHasAPolicy(t *testing.T) {
	for _, m := range live.Messages {
		if !policy.Known(m.Action) {
			t.Errorf("message %q has no policy", m.Type)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a topic without a policy was registered")
		}
	}()
	newWorld(t, live.Limits{}).hub.Register(live.Topic{Pattern: "x/:id", Action: "x.read"})
}

// TestCaretWithAPush: what a push says of the caret reaches the others as presence does.
func TestCaretWithAPush(t *testing.T) {
	w := newWorld(t, live.Limits{})
	a, b := w.dial("salma"), w.dial("huda")
	a.open()
	b.open()
	change, err := changeset.Replace(a.editor.Doc.Len(), 2, 2, "ب")
	if err == nil {
		err = a.editor.Edit(change)
	}
	if err != nil {
		t.Fatal(err)
	}
	push, _ := a.editor.PushAt(draft.MaxPushUpdates, &draft.Caret{Anchor: 2, Head: 4})
	if err := a.ws.WriteMessage(websocket.BinaryMessage, push); err != nil {
		t.Fatal(err)
	}
	m := b.want("presence")
	if m["client"] != float64(a.opened.Client) || m["version"] != float64(0) || m["anchor"] != float64(2) || m["head"] != float64(4) {
		t.Fatalf("%v", m)
	}
}

// TestWhoWritesAComment: the others of the draft are told who writes, in which thread; what is malformed closes the socket, and nothing is told of a
// draft that is not open.
func TestWhoWritesAComment(t *testing.T) {
	w := newWorld(t, live.Limits{})
	a, b, out := w.dial("salma"), w.dial("huda"), w.dial("huda")
	a.open()
	b.open()
	a.say(map[string]any{"t": "typing", "draft": a.opened.Draft, "thread": "th_1"})
	m := b.want("typing")
	if m["thread"] != "th_1" || m["draft"] != float64(b.opened.Draft) || m["person"].(map[string]any)["id"] != "pe_salma" {
		t.Fatalf("%v", m)
	}
	// At once again is not told again: the next that comes is the answer to a ping.
	a.say(map[string]any{"t": "typing", "draft": a.opened.Draft, "thread": ""})
	a.say(map[string]any{"t": "ping"})
	a.want("pong")
	b.say(map[string]any{"t": "ping"})
	b.want("pong")
	for _, m := range b.other {
		if m["t"] == "typing" {
			t.Fatalf("%v", m)
		}
	}
	a.say(map[string]any{"t": "typing", "draft": a.opened.Draft, "thread": "pe_salma"})
	a.wantClose(4400)
	out.say(map[string]any{"t": "typing", "draft": 99, "thread": ""})
	out.wantClose(4400)
}

// TestStalledPeer: one that reads nothing costs the others nothing and is closed in time; it returns with what it missed.
func TestStalledPeer(t *testing.T) {
	limits := live.DefaultLimits
	limits.Write = 300 * time.Millisecond
	limits.Rate, limits.Burst = 100_000, 100_000
	w := newWorld(t, limits)
	a, stalled := w.dial("salma"), w.dial("huda")
	a.open()
	stalled.open()
	if err := stalled.ws.NetConn().(*net.TCPConn).SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	line := strings.Repeat("سطر طويل من النص العربي ", 1500)
	for i := range 400 {
		a.typeAt(0, line)
		a.until(a.saved)
		// Keep the text small: what stalls the peer is the frames.
		n := a.editor.Doc.Len()
		del, err := changeset.Replace(n, 0, changeset.Len16(line), "")
		if err != nil {
			t.Fatal(err)
		}
		if err := a.editor.Edit(del); err != nil {
			t.Fatal(err)
		}
		a.flush()
		a.until(a.saved)
		if i > 50 && w.hub.Stats().Sockets == 1 {
			break
		}
	}
	if n := w.hub.Stats().Sockets; n != 1 {
		t.Fatalf("%d sockets: the stalled one is still open", n)
	}
	stalled.redial("huda")
	stalled.reopen()
	stalled.until(func() bool { return stalled.editor.Version == a.editor.Version })
	if stalled.editor.Doc.String() != a.editor.Doc.String() {
		t.Fatal("texts differ")
	}
}
