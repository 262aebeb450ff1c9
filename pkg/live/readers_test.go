package live_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/live"
	"github.com/multaqa/multaqa/pkg/policy"
)

// TestWithoutPollers: a socket that has a goroutine of its own, as it has where the system knows no epoll, keeps the same protocol.
func TestWithoutPollers(t *testing.T) {
	defer live.WithoutPollers()()
	for name, test := range map[string]func(*testing.T){"two type": TestTwoTypeAndOneReturns, "hostile": TestHostileMessages, "upgrade": TestUpgrade,
		"topics": TestTopics, "rights": TestRightsEnd, "half frames": TestHalfFramesHoldNobody, "behind": TestReaderBehindMemory} {
		t.Run(name, test)
	}
}

// raw is a reader's socket without anything around it.
type raw struct {
	net.Conn
	r *bufio.Reader
}

func (w *world) rawDial(who string) raw {
	w.t.Helper()
	nc, err := net.Dial("tcp", strings.TrimPrefix(w.url, "ws://"))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { nc.Close() })
	fmt.Fprintf(nc, "GET /?as=%s HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: %s\r\n\r\n", who, live.Subprotocol)
	c := raw{nc, bufio.NewReaderSize(nc, 64)}
	_ = nc.SetReadDeadline(time.Now().Add(60 * time.Second))
	for line := "x"; line != "\r\n"; {
		if line, err = c.r.ReadString('\n'); err != nil {
			w.t.Fatal(err)
		}
	}
	return c
}

// until reads until the words have come.
func (c raw) until(t *testing.T, words string) {
	t.Helper()
	for seen := make([]byte, 0, 2*len(words)); !bytes.HasSuffix(seen, []byte(words)); {
		b, err := c.r.ReadByte()
		if err != nil {
			t.Fatalf("waiting for %q: %v", words, err)
		}
		if seen = append(seen, b); len(seen) > len(words) {
			seen = append(seen[:0], seen[1:]...)
		}
	}
}

// TestHalfFramesHoldNobody: sockets that stop in the middle of a frame are in nobody's way, and go on where they stopped.
func TestHalfFramesHoldNobody(t *testing.T) {
	limits := live.DefaultLimits
	limits.Sockets = 200
	w := newWorld(t, limits)
	a := w.dial("salma")
	a.open()
	var halves []raw
	ping := append([]byte{0x81, 0x80 | 12, 0, 0, 0, 0}, `{"t":"ping"}`...)
	for i := range 60 {
		c := w.rawDial("huda")
		_, _ = c.Write(ping[:1+i%(len(ping)-1)])
		halves = append(halves, c)
	}
	for range 5 {
		a.typeAt(0, "م")
		a.until(a.saved)
	}
	for i, c := range halves {
		_, _ = c.Write(ping[1+i%(len(ping)-1):])
		c.until(t, `{"t":"pong"}`)
	}
}

// TestReaderBehindMemory: a reader that takes nothing while more goes by than memory holds gets all of it from the log afterwards, in order.
func TestReaderBehindMemory(t *testing.T) {
	limits := live.DefaultLimits
	limits.Write = time.Minute
	limits.Rate, limits.Burst = 100_000, 100_000
	w := newNarrowWorld(t, limits, 8<<10)
	w.set(func() { w.visibility = policy.ToNetwork })
	a, r := w.dial("salma"), w.dial("omar")
	if err := r.ws.NetConn().(*net.TCPConn).SetReadBuffer(128 << 10); err != nil {
		t.Fatal(err)
	}
	a.open()
	r.open()
	long := strings.Repeat("سطر طويل من النص ", 4000)
	for range 40 { // 2 MB and more
		a.typeAt(0, long)
		a.until(a.saved)
		n := a.editor.Doc.Len()
		del, err := changeset.Replace(n, 0, changeset.Len16(long), "")
		if err == nil {
			err = a.editor.Edit(del)
		}
		if err != nil {
			t.Fatal(err)
		}
		a.flush()
		a.until(a.saved)
	}
	r.until(func() bool { return r.editor.Version == a.editor.Version })
	if r.editor.Doc.String() != a.editor.Doc.String() {
		t.Fatal("texts differ")
	}
	if r.frames < 5 {
		t.Errorf("all came in %d frames: the reader was never behind", r.frames)
	}
}
