package live

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// parser unpacks and judges what clients send: gorilla's connection over bytes in memory. It is handed whole messages only, so between two it holds
// nothing of anybody, and a few serve all sockets.
type parser struct {
	ws  *websocket.Conn
	src source
	c   *conn // whose message it is at
	buf []byte
}

// source is the connection a parser reads from.
type source struct {
	net.Conn // none: what is not below is not called
	left     []byte
	then     []byte
	code     int // of the close frame that the parser would have sent
}

var errDry = errors.New("live: a message ends early")

func (s *source) Read(b []byte) (int, error) {
	if len(s.left) == 0 {
		s.left, s.then = s.then, nil
	}
	if len(s.left) == 0 {
		return 0, errDry
	}
	n := copy(b, s.left)
	s.left = s.left[n:]
	return n, nil
}

// Write takes what a parser answers, which is nothing but close frames: only the line writes.
func (s *source) Write(b []byte) (int, error) {
	if len(b) >= 4 && b[0]&15 == websocket.CloseMessage {
		s.code = int(binary.BigEndian.Uint16(b[2:]))
	}
	return len(b), nil
}

func (s *source) SetDeadline(time.Time) error      { return nil }
func (s *source) SetReadDeadline(time.Time) error  { return nil }
func (s *source) SetWriteDeadline(time.Time) error { return nil }
func (s *source) Close() error                     { return nil }

// handshake is the least that gorilla makes a server's connection from.
type handshake struct {
	http.ResponseWriter
	src *source
}

func (h handshake) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.src, bufio.NewReadWriter(bufio.NewReaderSize(h.src, 16), bufio.NewWriterSize(h.src, 16)), nil
}

var (
	parserUpgrader = websocket.Upgrader{ReadBufferSize: 4096, WriteBufferSize: 256, WriteBufferPool: &sync.Pool{}, CheckOrigin: func(*http.Request) bool { return true }}
	parserRequest  = &http.Request{Method: http.MethodGet, Header: http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"},
		"Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"AAAAAAAAAAAAAAAAAAAAAA=="}}}
	parsers sync.Pool
)

// newParser makes a parser; one that has failed is not used again.
func newParser() *parser {
	p := &parser{}
	ws, err := parserUpgrader.Upgrade(handshake{src: &p.src}, parserRequest, nil)
	if err != nil {
		panic("live: no parser: " + err.Error())
	}
	p.ws = ws
	ws.SetPongHandler(func(string) error { return p.c.sign() })
	ws.SetPingHandler(func(data string) error {
		if err := p.c.sign(); err != nil {
			return err
		}
		p.c.queueFrame(frameOf(websocket.PongMessage, []byte(data)))
		return nil
	})
	ws.SetCloseHandler(func(code int, _ string) error {
		if code == websocket.CloseNoStatusReceived {
			code = websocket.CloseNormalClosure
		}
		p.c.close(code, "")
		return nil
	})
	return p
}

// empty is an empty message as a client sends it. It follows a control frame, for which alone the parser would read on.
var empty = []byte{0x82, 0x80, 0, 0, 0, 0}

// parse unpacks b, which cut found. msg is good until done is called. A control frame is dealt with, and gives an empty message.
func (c *conn) parse(b []byte, control bool) (kind int, msg []byte, done func(), err error) {
	p, _ := parsers.Get().(*parser)
	if p == nil {
		p = newParser()
	}
	p.c, p.src.left, p.src.then = c, b, nil
	if control {
		p.src.then = empty
	}
	p.ws.SetReadLimit(c.hub.limits.Message)
	kind, r, err := p.ws.NextReader()
	msg = p.buf[:0]
	for err == nil {
		if len(msg) == cap(msg) {
			msg = append(msg, 0)[:len(msg)]
		}
		var n int
		n, err = r.Read(msg[len(msg):cap(msg)])
		msg = msg[:len(msg)+n]
	}
	p.c, p.src.left, p.src.then = nil, nil, nil
	if err != io.EOF {
		if p.src.code == websocket.CloseProtocolError {
			err = errProtocol
		}
		return kind, nil, nil, err // and the parser goes
	}
	if cap(msg) <= 64<<10 {
		p.buf = msg
	}
	return kind, msg, func() { parsers.Put(p) }, nil
}

var (
	errTooFast  = errors.New("too fast")
	errProtocol = errors.New("not the WebSocket protocol")
)

// cut finds the end of the first message in b: a control frame by itself, or the frames of a data message with the control frames between them. ok is
// false when more has to come. What the parser will refuse ends where it can know.
func cut(b []byte, limit int64) (n int, control, ok bool) {
	var data int64
	begun := false
	for {
		f := b[n:]
		if len(f) < 2 {
			return 0, false, false
		}
		final, code := f[0]&0x80 != 0, f[0]&15
		size, head := int64(f[1]&0x7f), 6
		control = code >= 8
		wrong := f[0]&0x70 != 0 || f[1]&0x80 == 0 || code > 10 || !control && code > 2
		if control {
			wrong = wrong || !final || size > 125
		} else {
			wrong = wrong || begun != (code == 0)
		}
		if wrong {
			return n + 2, false, true
		}
		switch size {
		case 126:
			head = 8
		case 127:
			head = 14
		}
		if len(f) < head {
			return 0, false, false
		}
		switch size {
		case 126:
			size = int64(binary.BigEndian.Uint16(f[2:]))
		case 127:
			size = int64(binary.BigEndian.Uint64(f[2:]))
		}
		if !control {
			if data += size; size < 0 || data < 0 || data > limit {
				return n + head, false, true
			}
		}
		if int64(len(f)-head) < size {
			return 0, false, false
		}
		n += head + int(size)
		if control && !begun {
			return n, true, true
		}
		if !control {
			if begun = true; final {
				return n, false, true
			}
		}
	}
}

// inlineBytes bounds what a poller decodes itself; what is larger has a goroutine.
const inlineBytes = 4 << 10

// sign counts a message, and a sign of life.
func (c *conn) sign() error {
	now := time.Now()
	c.heard.Store(c.hub.awake(now))
	if !c.bucket.take(now, c.hub.limits.Rate, c.hub.limits.Burst) {
		return errTooFast
	}
	return nil
}

// digest handles what the peer sent, b after what was kept of before. A message that may take long is not handled but left in c.later, and digest returns
// false: its caller sees to it and calls digest again. Only the reading side calls it.
func (c *conn) digest(b []byte) bool {
	if c.deaf {
		return true
	}
	kept := len(c.in) > 0
	if kept {
		c.in = append(c.in, b...)
		b = c.in
	}
	for len(b) > 0 && c.later == nil {
		n, control, ok := cut(b, c.hub.limits.Message)
		if !ok {
			if int64(len(b)) > c.hub.limits.Message+64<<10 { // frames without end between those of a message
				c.hearNoMore(websocket.ErrReadLimit)
				return true
			}
			break
		}
		kind, msg, done, err := c.parse(b[:n], control)
		if err != nil {
			c.hearNoMore(err)
			return true
		}
		if !control && !c.closes.Load() {
			c.message(kind, msg)
		}
		done()
		b = b[n:]
	}
	switch {
	case len(b) == 0:
		c.in = nil
	case kept:
		c.in = append(c.in[:0], b...)
	default:
		c.in = bytes.Clone(b)
	}
	return c.later == nil
}

// hearNoMore ends the socket for what cannot be read on. Bytes that still come are thrown away.
func (c *conn) hearNoMore(err error) {
	c.deaf, c.in = true, nil
	var over *websocket.CloseError
	switch {
	case errors.As(err, &over):
		c.parted()
	case errors.Is(err, errTooFast):
		c.close(closeTooFast, "too fast")
	case errors.Is(err, websocket.ErrReadLimit):
		c.close(websocket.CloseMessageTooBig, "too large")
	case errors.Is(err, errProtocol):
		c.close(websocket.CloseProtocolError, "protocol")
	default:
		c.close(closeMalformed, "malformed")
	}
}

// message handles one message, or leaves it in c.later. raw is not kept.
func (c *conn) message(kind int, raw []byte) {
	if c.sign() != nil {
		c.close(closeTooFast, "too fast")
		return
	}
	ok := true
	switch {
	case len(raw) > inlineBytes:
		raw = bytes.Clone(raw)
		c.later = func() bool {
			if kind == websocket.BinaryMessage {
				return c.push(raw)
			}
			m, k, ok := decode(raw)
			return ok && k.handle(c, m)
		}
	case kind == websocket.BinaryMessage:
		ok = c.push(raw)
	default:
		var m message
		var k Message
		if m, k, ok = decode(raw); ok && k.slow {
			c.later = func() bool { return k.handle(c, m) }
		} else if ok {
			ok = k.handle(c, m)
		}
	}
	if !ok {
		c.close(closeMalformed, "malformed")
	}
}

// goOn handles what may take long, and what came behind it.
func (c *conn) goOn() {
	for c.later != nil {
		later := c.later
		c.later = nil
		if !c.closes.Load() && !later() {
			c.close(closeMalformed, "malformed")
		}
		c.digest(nil)
	}
}

// readable is called by the poller.
func (c *conn) readable(buf []byte) {
	n, err := c.line.read(buf)
	switch {
	case err != nil:
		c.lost()
	case n > 0 && !c.digest(buf[:n]):
		c.line.hear(false)
		go func() {
			c.goOn()
			c.line.hear(true)
		}()
	}
}

// readAll is the goroutine of a socket without a poller.
func (c *conn) readAll() {
	buf := make([]byte, 4096)
	for {
		n, err := c.line.nc.Read(buf)
		if !c.digest(buf[:n]) {
			c.goOn()
		}
		if err != nil {
			c.lost()
			return
		}
	}
}
