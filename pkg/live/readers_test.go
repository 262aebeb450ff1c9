package live_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

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

// text sends a text message; the mask is zero.
func (c raw) text(s string) {
	b := []byte{0x81, 0x80 | byte(len(s)), 0, 0, 0, 0}
	if len(s) > 125 {
		panic("too long")
	}
	_, _ = c.Write(append(b, s...))
}

// arrived says whether bytes are there to be read, without waiting for them.
func arrived(t *testing.T, nc net.Conn) bool {
	t.Helper()
	rc, err := nc.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	if err := rc.Read(func(fd uintptr) bool {
		n, _, err = syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return true
	}); err != nil {
		t.Fatal(err)
	}
	return n > 0 && err == nil
}

// TestManyReaders counts what readers cost: no goroutine, and little memory. All are told of an edit, and when the first has it the editor does too.
func TestManyReaders(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there are pollers on Linux only")
	}
	defer live.ManyReaders(live.Breath)() // by all processors
	const readers = 600
	limits := live.DefaultLimits
	limits.Sockets, limits.Source, limits.Ping = readers+10, readers+10, time.Hour
	w := newWorld(t, limits)
	w.set(func() { w.visibility = policy.ToNetwork })
	a, b := w.dial("salma"), w.dial("huda")
	a.open()
	b.open()
	a.want("peer")
	measure := func() (heap, goroutines int) {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int(m.HeapAlloc), runtime.NumGoroutine()
	}
	w.rawDial("omar") // whatever a first one makes
	heap, goroutines := measure()
	crowd := make([]raw, readers)
	for i := range crowd {
		crowd[i] = w.rawDial("omar")
		crowd[i].text(fmt.Sprintf(`{"t":"open","draft":%q}`, w.draft))
		crowd[i].until(t, `"t":"opened","text":"مسودة\n","version":0}`)
	}
	heap2, goroutines2 := measure()
	if more := goroutines2 - goroutines; more > readers/20 {
		t.Errorf("%d goroutines more for %d readers", more, readers)
	}
	// Both ends are in this process: a client's connection with its small buffer is about 1.2 KB of it.
	if each := (heap2 - heap) / readers; each > 4<<10 {
		t.Errorf("%d bytes of heap for a reader and its client", each)
	}
	a.typeAt(0, "أهلاً")
	frame := string([]byte{2, byte(a.opened.Draft), 0})
	for i, c := range crowd {
		c.until(t, frame)
		if i == 0 && !arrived(t, b.ws.NetConn()) {
			t.Error("a reader was told before an editor")
		}
	}
	b.until(func() bool { return b.editor.Version == 1 })
	a.until(a.saved)
	for _, c := range crowd {
		c.Close()
	}
	for deadline := time.Now().Add(time.Minute); w.hub.Stats().Sockets > 3; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d sockets are left", w.hub.Stats().Sockets)
		}
	}
}

// TestAPassListens: a pass may have all processors, so it looks itself at what editors type.
func TestAPassListens(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there are pollers on Linux only")
	}
	defer live.DeafPollers()()
	const readers = 2 * live.Breath
	limits := live.DefaultLimits
	limits.Sockets, limits.Source, limits.Ping = readers+10, readers+10, time.Hour
	w := newWorld(t, limits)
	w.set(func() { w.visibility = policy.ToNetwork })
	var others sync.WaitGroup
	enough := make(chan struct{})
	others.Go(func() {
		for {
			select {
			case <-enough:
				return
			default:
				w.hub.Listen()
				runtime.Gosched()
			}
		}
	})
	a := w.dial("salma")
	a.open()
	for range readers {
		c := w.rawDial("omar")
		c.text(fmt.Sprintf(`{"t":"open","draft":%q}`, w.draft))
		c.until(t, `"t":"opened","text":"مسودة\n","version":0}`)
		c.text(`{"t":"ping"}`)
		c.until(t, `"t":"pong"`) // it is in the room
	}
	close(enough)
	others.Wait()
	a.typeAt(0, "أهلاً")
	w.hub.TellReaders(w.draft)
	a.until(a.saved)
}

// frame reads one unmasked frame.
func (c raw) frame(t *testing.T) (op byte, payload []byte) {
	t.Helper()
	var head [4]byte
	_, err := io.ReadFull(c.r, head[:2])
	n := int(head[1])
	if err == nil && n == 126 {
		_, err = io.ReadFull(c.r, head[2:])
		n = int(binary.BigEndian.Uint16(head[2:]))
	}
	if err == nil {
		payload = make([]byte, n)
		_, err = io.ReadFull(c.r, payload)
	}
	if err != nil {
		t.Fatal(err)
	}
	return head[0] & 15, payload
}

// TestPingsGoAlong: a reader is asked for a sign of life in the same write as a change, and where nothing changes by itself one turn of the wheel later.
func TestPingsGoAlong(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there are pollers on Linux only")
	}
	limits := live.DefaultLimits
	limits.Ping, limits.Dead, limits.Write = time.Hour, time.Hour, time.Hour // the hub's own turns never come
	w := newWorld(t, limits)
	w.set(func() { w.visibility = policy.ToNetwork })
	a, c := w.dial("salma"), w.rawDial("omar")
	a.open()
	c.text(fmt.Sprintf(`{"t":"open","draft":%q}`, w.draft))
	c.until(t, `"t":"opened","text":"مسودة\n","version":0}`)
	along := 0
	for range live.Spokes {
		w.hub.Ask()
		a.typeAt(0, "أ")
		a.until(a.saved)
		for op, b := c.frame(t); op != websocket.BinaryMessage || b[0] != 2; op, b = c.frame(t) {
			if op == websocket.PingMessage {
				t.Error("a ping went by itself, though a change followed")
			}
		}
		for c.r.Buffered() > 0 || arrived(t, c.Conn) {
			if op, _ := c.frame(t); op == websocket.PingMessage {
				along++
			}
		}
	}
	if along != 1 {
		t.Errorf("%d pings went along with %d changes in a whole turn, want 1", along, live.Spokes)
	}
	for range live.Spokes + 1 {
		w.hub.Ask()
	}
	for op, _ := c.frame(t); op != websocket.PingMessage; op, _ = c.frame(t) {
		t.Logf("a frame of kind %d before the ping", op)
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

// TestReaderBehindMemory: a reader that takes nothing while more goes by than memory holds costs no queue, ours or the system's, and gets all of it from
// the log afterwards, in order.
func TestReaderBehindMemory(t *testing.T) {
	limits := live.DefaultLimits
	limits.Write, limits.Ping, limits.Dead = time.Minute, time.Hour, time.Hour // pings would be counted as queued
	limits.Rate, limits.Burst = 100_000, 100_000
	buffer := 8 << 10
	if live.Polling() {
		buffer = 0 // what the system holds is bounded by the hub
	}
	w := newNarrowWorld(t, limits, buffer)
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
	if s := w.hub.Stats(); live.Polling() && (s.Full != 1 || s.Queued != 0) {
		t.Errorf("%d sockets are full and %d bytes queued for them, want 1 and 0", s.Full, s.Queued)
	}
	r.until(func() bool { return r.editor.Version == a.editor.Version })
	if r.editor.Doc.String() != a.editor.Doc.String() {
		t.Fatal("texts differ")
	}
	if r.frames < 5 || r.frames > 60 {
		t.Errorf("what 80 edits changed came in %d frames: the reader was never behind, or had them one by one", r.frames)
	}
}
