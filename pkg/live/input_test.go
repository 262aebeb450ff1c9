package live

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"testing"

	"github.com/gorilla/websocket"
)

// frameAs makes a client's frame; head is its first byte.
func frameAs(head byte, masked bool, payload []byte) []byte {
	b := []byte{head, 0}
	switch n := len(payload); {
	case n < 126:
		b[1] = byte(n)
	case n < 1<<16:
		b[1] = 126
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	default:
		b[1] = 127
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	if !masked {
		return append(b, payload...)
	}
	b[1] |= 0x80
	key := []byte{1, 2, 3, 4}
	b = append(b, key...)
	for i, c := range payload {
		b = append(b, c^key[i%4])
	}
	return b
}

// stream is random frames: mostly good ones, in fragments with control frames between, and now and then one that breaks a rule.
func stream(rnd *rand.Rand) []byte {
	var out []byte
	payload := func(n int) []byte {
		b := make([]byte, rnd.IntN(n))
		for i := range b {
			b[i] = byte(rnd.Uint32())
		}
		return b
	}
	control := func() { out = append(out, frameAs(0x80|byte(9+rnd.IntN(2)), true, payload(125))...) }
	for range 1 + rnd.IntN(12) {
		switch k := rnd.IntN(40); {
		case k < 20:
			out = append(out, frameAs(0x80|byte(1+rnd.IntN(2)), true, payload([]int{10, 300, 70_000}[rnd.IntN(3)]))...)
		case k < 28:
			control()
		case k < 36:
			out = append(out, frameAs(byte(1+rnd.IntN(2)), true, payload(200))...)
			for range rnd.IntN(4) {
				if rnd.IntN(2) == 0 {
					control()
				}
				out = append(out, frameAs(0, true, payload(200))...)
			}
			out = append(out, frameAs(0x80, true, payload(200))...)
		case k == 36:
			out = append(out, frameAs(byte(rnd.Uint32()), rnd.IntN(2) == 0, payload(300))...)
		case k == 37:
			out = append(out, frameAs(0x88, true, payload(60))...)
		case k == 38:
			out = append(out, 0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0)
		default:
			out = append(out, payload(30)...)
		}
	}
	return out
}

// verdict is what reading a stream came to.
type verdict struct {
	messages [][]byte
	controls int
	end      string
}

const testLimit = 100 << 10

func (v *verdict) ends(err error, code int) {
	var over *websocket.CloseError
	switch {
	case errors.As(err, &over):
		v.end = "close"
	case errors.Is(err, websocket.ErrReadLimit):
		v.end = "limit"
	case code == websocket.CloseProtocolError, errors.Is(err, errProtocol):
		v.end = "protocol"
	}
}

// whole reads the stream as gorilla does when it has the connection to itself.
func whole(b []byte) (v verdict) {
	src := &source{left: b}
	ws, err := parserUpgrader.Upgrade(handshake{src: src}, parserRequest, nil)
	if err != nil {
		panic(err)
	}
	ws.SetReadLimit(testLimit)
	count := func(string) error { v.controls++; return nil }
	ws.SetPingHandler(count)
	ws.SetPongHandler(count)
	ws.SetCloseHandler(func(int, string) error { return nil })
	for {
		kind, r, err := ws.NextReader()
		var msg []byte
		if err == nil {
			msg, err = io.ReadAll(r)
		}
		if err != nil {
			v.ends(err, src.code)
			return v
		}
		v.messages = append(v.messages, append([]byte{byte(kind)}, msg...))
	}
}

// TestPiecesAreReadAsTheWhole: whatever pieces a stream comes in, a shared parser gives the messages and the end that a connection of its own gives.
func TestPiecesAreReadAsTheWhole(t *testing.T) {
	h := &Hub{limits: DefaultLimits}
	h.limits.Message, h.limits.Rate, h.limits.Burst = testLimit, 1<<30, 1<<30
	ends := map[string]int{}
	for seed := range uint64(600) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		b := stream(rnd)
		want := whole(b)
		c := &conn{hub: h}
		got := c.inPieces(b, rnd)
		if !slices.EqualFunc(got.messages, want.messages, bytes.Equal) || got.end != want.end || want.end == "" && got.controls != want.controls {
			t.Fatalf("seed %d: %d messages, %d control frames, end %q; gorilla by itself: %d, %d, %q", seed, len(got.messages), got.controls, got.end,
				len(want.messages), want.controls, want.end)
		}
		ends[want.end]++
	}
	for _, end := range []string{"", "close", "limit", "protocol"} {
		if ends[end] < 2 {
			t.Errorf("only %d streams ended with %q: the test has lost its point", ends[end], end)
		}
	}
}

// inPieces is digest without what messages do.
func (c *conn) inPieces(b []byte, rnd *rand.Rand) (v verdict) {
	c.dead = true // pongs go nowhere
	var in []byte
	for len(b) > 0 {
		n := 1 + rnd.IntN(len(b))
		if rnd.IntN(2) == 0 {
			n = min(n, 1+rnd.IntN(10))
		}
		in, b = append(in, b[:n]...), b[n:]
		for len(in) > 0 {
			n, control, ok := cut(in, testLimit)
			if !ok {
				break
			}
			kind, msg, done, err := c.parse(bytes.Clone(in[:n]), control)
			if err != nil {
				v.ends(err, 0)
				return v
			}
			if control {
				v.controls++
			} else {
				v.messages = append(v.messages, append([]byte{byte(kind)}, msg...))
				// Control frames inside it are counted as gorilla counts them.
				v.controls += inside(in[:n])
			}
			done()
			in = in[n:]
		}
	}
	return v
}

// inside counts the control frames of a message in frames.
func inside(b []byte) (n int) {
	for len(b) > 0 {
		size, head := int(b[1]&0x7f), 6
		switch size {
		case 126:
			size, head = int(binary.BigEndian.Uint16(b[2:])), 8
		case 127:
			size, head = int(binary.BigEndian.Uint64(b[2:])), 14
		}
		if b[0]&8 != 0 {
			n++
		}
		b = b[head+size:]
	}
	return n
}

// TestFramesWithoutEnd: what never becomes a message is not kept without bound.
func TestFramesWithoutEnd(t *testing.T) {
	h := &Hub{limits: DefaultLimits, fullNow: map[*conn]struct{}{}}
	a, b := net.Pipe()
	defer a.Close()
	go func() { _, _ = io.Copy(io.Discard, a) }()
	c := &conn{hub: h, line: line{nc: b}}
	c.deadForTest()
	part := append(frameAs(0x02, true, nil), bytes.Repeat(frameAs(0, true, nil), 5000)...)
	for range 1000 {
		c.digest(part)
		part = bytes.Repeat(frameAs(0, true, nil), 5000)
		if c.deaf {
			break
		}
		if len(c.in) > int(h.limits.Message)+128<<10 {
			t.Fatalf("%d bytes kept", len(c.in))
		}
	}
	if !c.deaf || c.in != nil || c.end == nil || c.end.code != websocket.CloseMessageTooBig {
		t.Fatalf("deaf %v, %d bytes kept, end %v", c.deaf, len(c.in), c.end)
	}
}

func (c *conn) deadForTest() { c.dead = true }
