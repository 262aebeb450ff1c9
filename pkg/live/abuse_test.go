package live_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/draft/drafttest"
	"github.com/multaqa/multaqa/pkg/live"
)

// abuser is one way to misuse a socket. It ends with the close codes of docs/protocol.md that are right for it, or is answered by "rejected" with one
// of its codes.
type abuser struct {
	name  string
	who   string
	codes []int // right ways to be closed; none: is not closed
	do    func(a *attack)
}

// attack is one socket of an abuser.
type attack struct {
	w      *world
	ws     *websocket.Conn
	rnd    *rand.Rand
	opened opened
}

func (a *attack) text(s string)   { _ = a.ws.WriteMessage(websocket.TextMessage, []byte(s)) }
func (a *attack) binary(b []byte) { _ = a.ws.WriteMessage(websocket.BinaryMessage, b) }

// open opens the draft and reads until the answer.
func (a *attack) open() bool {
	a.text(fmt.Sprintf(`{"t":"open","draft":%q}`, a.w.draft))
	_ = a.ws.SetReadDeadline(time.Now().Add(time.Minute))
	for {
		kind, msg, err := a.ws.ReadMessage()
		if err != nil {
			return false
		}
		if kind == websocket.TextMessage && strings.Contains(string(msg), `"t":"opened"`) {
			return json.Unmarshal(msg, &a.opened) == nil
		}
		if kind == websocket.TextMessage && strings.Contains(string(msg), `"t":"denied"`) {
			return false
		}
	}
}

// push sends a push whose body is what the caller says.
func (a *attack) push(base, length, seq int, body ...byte) {
	b := []byte{1}
	for _, v := range []int{a.opened.Draft, base, length, seq, 1} {
		b = changeset.AppendUvarint(b, uint64(v))
	}
	a.binary(append(b, body...))
}

const (
	malformed = 4400
	tooFast   = 4429
	silent    = 4408
	tooLarge  = websocket.CloseMessageTooBig
)

var abusers = []abuser{
	{"no JSON", "omar", []int{malformed}, func(a *attack) { a.text(`{"t":"open"`) }},
	{"unknown fields and types", "huda", []int{malformed}, func(a *attack) {
		a.text([]string{`{"t":"admin"}`, `{"t":"ping","x":1}`, `[]`, `{"t":"presence","draft":1,"version":-1}`, `{"t":"open","draft":{"a":1}}`, strings.Repeat("[", 100_000)}[a.rnd.IntN(6)])
	}},
	{"oversized", "salma", []int{tooLarge}, func(a *attack) { a.binary(make([]byte, 600<<10)) }},
	{"cut frames", "huda", []int{malformed}, func(a *attack) {
		if a.open() {
			a.binary([]byte{1, byte(a.opened.Draft)}[:1+a.rnd.IntN(2)])
		}
	}},
	{"foreign handles", "omar", []int{malformed}, func(a *attack) { a.opened.Draft = 1; a.push(0, 6, 1, 1, 6, 'x') }},
	{"no right to write", "omar", nil, func(a *attack) { a.open() }},
	{"stale and wrong bases", "huda", nil, func(a *attack) {
		if a.open() {
			for range 20 {
				switch n := len([]rune(*a.opened.Text)); a.rnd.IntN(3) {
				case 0:
					a.push(1<<30, n, 1, 1, 6, 'x') // beyond the head
				case 1:
					a.push(int(a.opened.Version), n+100_000, 1, 1, 6, 'x') // another length
				default:
					a.push(int(a.opened.Version), n, 7, 1, 6, 'x') // a gap
				}
			}
		}
	}},
	{"hostile changes", "salma", []int{malformed}, func(a *attack) {
		if !a.open() {
			return
		}
		bodies := [][]byte{
			{1, 4 + 2, '\r'},               // a carriage return
			{1, 4 + 2, 0},                  // NUL
			{1, 2*4 + 2, 0xc3, 0x28},       // no UTF-8
			{3, 3*4 + 2, 0xed, 0xa0, 0x80}, // a lone surrogate, and sections that do not come
			{2, 4, 4},                      // two keeps
			{1, 0xff, 0xff, 0xff, 0xff, 7}, // deletes two thousand million
			{1, 4 + 2, 'x', 9, 9, 9},       // bytes left over; two would be a caret
			{0xff, 0xff, 0xff, 0xff, 0x7f}, // sections without end
		}
		a.push(int(a.opened.Version), len([]rune(*a.opened.Text)), 1, bodies[a.rnd.IntN(len(bodies))]...)
	}},
	{"noise", "huda", []int{malformed, tooLarge}, func(a *attack) {
		b := make([]byte, 1+a.rnd.IntN(2000))
		for i := range b {
			b[i] = byte(a.rnd.Uint32())
		}
		a.binary(b)
	}},
	{"flood", "omar", []int{tooFast}, func(a *attack) {
		for range 400 {
			a.text(`{"t":"ping"}`)
		}
	}},
	{"flood of protocol pings", "huda", []int{tooFast}, func(a *attack) {
		for range 400 {
			_ = a.ws.WriteControl(websocket.PingMessage, []byte("x"), time.Now().Add(time.Second))
		}
	}},
}

// TestAbuse keeps a hundred abusive sockets busy while four people type: each abuse ends as docs/protocol.md says, the people's text is saved
// and converges, and holds nothing of what the abusers sent.
func TestAbuse(t *testing.T) {
	edits, sockets := 120, 100
	switch {
	case os.Getenv("MULTAQA_SOAK") == "1":
		edits = 20_000
	case testing.Short(): // the race detector's run
		edits, sockets = 25, 40
	}
	limits := live.DefaultLimits
	limits.Sockets, limits.Source = 1000, 1000 // all come from one address here
	limits.Ping, limits.Dead, limits.Rate, limits.Burst = 300*time.Millisecond, 10*time.Second, 100, 200
	if testing.Short() {
		limits.Dead = time.Minute // so slow that an honest one may be silent for long; the other run ends the half-open ones
	}
	w := newWorld(t, limits)
	over := make(chan struct{})
	attacks := make([]atomic.Int64, sockets)
	// An abuser strikes again when the people have got on a little.
	var progress struct {
		sync.Mutex
		*sync.Cond
		edits int
		over  bool
	}
	progress.Cond = sync.NewCond(&progress.Mutex)
	var abuse, honest sync.WaitGroup
	for n := range sockets {
		abuse.Go(func() {
			switch kind := n % (len(abusers) + 2); {
			case kind < len(abusers):
				for round := uint64(0); ; round++ {
					w.attack(abusers[kind], rand.New(rand.NewPCG(uint64(n), round)))
					attacks[n].Add(1)
					progress.Lock()
					for next := progress.edits + 20; progress.edits < next && !progress.over; {
						progress.Wait()
					}
					over := progress.over
					progress.Unlock()
					if over {
						return
					}
				}
			case kind == len(abusers) && !testing.Short():
				w.halfOpen()
				attacks[n].Add(1)
			default:
				w.stalled(over)
				attacks[n].Add(1)
			}
		})
	}
	clients := make([]*client, 4)
	for i := range clients {
		clients[i] = w.dial([]string{"salma", "huda"}[i%2])
		clients[i].open()
		honest.Go(func() {
			c, rnd := clients[i], rand.New(rand.NewPCG(5, uint64(i)))
			for range edits {
				if err := c.editor.Edit(drafttest.RandomEdit(rnd, c.editor.Doc)); err != nil {
					t.Error(err)
					return
				}
				c.flush()
				c.until(func() bool { return c.editor.Unconfirmed() < 5 })
				progress.Lock()
				progress.edits++
				progress.Broadcast()
				progress.Unlock()
			}
			c.until(c.saved)
		})
	}
	honest.Wait()
	// Looked at before the abusers are waited for: nobody answers the server's pings for the four meanwhile.
	version, text := w.text()
	if version != int64(4*edits) {
		t.Errorf("%d updates in the log, the four typed %d", version, 4*edits)
	}
	for _, c := range clients {
		c.until(func() bool { return c.editor.Version == version })
		if c.editor.Doc.String() != text {
			t.Errorf("client %d shows another text", c.opened.Client)
		}
	}
	close(over)
	progress.Lock()
	progress.over = true
	progress.Broadcast()
	progress.Unlock()
	abuse.Wait()
	if t.Failed() {
		return
	}
	total := int64(0)
	for n := range attacks {
		if attacks[n].Load() == 0 {
			t.Errorf("abuser %d did nothing", n)
		}
		total += attacks[n].Load()
	}
	t.Logf("%d updates saved beside %d attacks", version, total)
}

// attack plays one abuse to its end.
func (w *world) attack(k abuser, rnd *rand.Rand) {
	d := websocket.Dialer{Subprotocols: []string{live.Subprotocol}, HandshakeTimeout: time.Minute}
	ws, _, err := d.Dial(w.url+"?as="+k.who, nil)
	if err != nil {
		w.t.Errorf("%s: %v", k.name, err)
		return
	}
	defer ws.Close()
	a := &attack{w: w, ws: ws, rnd: rnd}
	k.do(a)
	if len(k.codes) == 0 {
		// It is not closed for this; it asks for a sign of life and has it.
		a.text(`{"t":"ping"}`)
	}
	_ = ws.SetReadDeadline(time.Now().Add(time.Minute))
	for {
		kind, msg, err := ws.ReadMessage()
		var ce *websocket.CloseError
		switch {
		case errors.As(err, &ce):
			// On a machine so slow that ten seconds pass between two of its steps an abuser is ended as silent, rightly.
			if !slices.Contains(k.codes, ce.Code) && ce.Code != silent {
				w.t.Errorf("%s: closed with %d %s, want %v", k.name, ce.Code, ce.Text, k.codes)
			}
			return
		case err != nil && len(k.codes) > 0 && !errors.Is(err, os.ErrDeadlineExceeded):
			return // cut off while it was still sending: the reset took the code with it
		case err != nil:
			w.t.Errorf("%s: %v", k.name, err)
			return
		case kind == websocket.TextMessage && strings.Contains(string(msg), `"t":"pong"`) && len(k.codes) == 0:
			return
		case kind == websocket.TextMessage && strings.Contains(string(msg), `"t":"rejected"`):
			if !strings.Contains(string(msg), `"code":"draft.`) {
				w.t.Errorf("%s: answered with %s", k.name, msg)
			}
		}
	}
}

// halfOpen upgrades by hand, sends half of a frame and says nothing more; it is ended as silent.
func (w *world) halfOpen() {
	nc, err := net.Dial("tcp", strings.TrimPrefix(w.url, "ws://"))
	if err != nil {
		w.t.Error(err)
		return
	}
	defer nc.Close()
	fmt.Fprintf(nc, "GET /?as=omar HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: %s\r\n\r\n", live.Subprotocol)
	_ = nc.SetReadDeadline(time.Now().Add(time.Minute))
	r := bufio.NewReader(nc)
	for line := "x"; line != "\r\n"; {
		if line, err = r.ReadString('\n'); err != nil {
			w.t.Errorf("half-open: %v", err)
			return
		}
	}
	_, _ = nc.Write([]byte{0x82, 0xfe, 0x40, 0x00, 1, 2, 3, 4, 9, 9}) // sixteen thousand bytes announced, two sent
	var in []byte
	for {
		b, err := r.ReadByte()
		if err != nil {
			if want := []byte{silent >> 8, silent & 255}; !strings.Contains(string(in), string(want)) {
				w.t.Errorf("a half-open socket ended with %q: %v", in[max(0, len(in)-20):], err)
			}
			return
		}
		in = append(in, b)
	}
}

// stalled opens the draft and reads no more; whatever happens to it, it holds nobody up.
func (w *world) stalled(over <-chan struct{}) {
	d := websocket.Dialer{Subprotocols: []string{live.Subprotocol}, ReadBufferSize: 256, NetDial: func(network, addr string) (net.Conn, error) {
		c, err := net.Dial(network, addr)
		if err == nil {
			_ = c.(*net.TCPConn).SetReadBuffer(2048)
		}
		return c, err
	}}
	ws, _, err := d.Dial(w.url+"?as=huda", nil)
	if err != nil {
		w.t.Error(err)
		return
	}
	defer ws.Close()
	_ = ws.WriteMessage(websocket.TextMessage, []byte(fmt.Sprintf(`{"t":"open","draft":%q}`, w.draft)))
	<-over
}
