package live

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/gorilla/websocket"

	"github.com/multaqa/multaqa/pkg/changeset"
)

// kindCarets is the binary message of carets, docs/protocol.md. Draft updates have their own kinds, in package draft.
const kindCarets = 3

// frameOf is one whole WebSocket message as a server sends it: header and payload in one slice, made once for all who get it.
func frameOf(opcode byte, payload []byte) []byte {
	b := make([]byte, 0, len(payload)+10)
	return append(appendHeader(b, opcode, len(payload)), payload...)
}

func appendHeader(b []byte, opcode byte, n int) []byte {
	b = append(b, 0x80|opcode)
	switch {
	case n <= 125:
		return append(b, byte(n))
	case n <= 0xffff:
		return binary.BigEndian.AppendUint16(append(b, 126), uint16(n))
	}
	return binary.BigEndian.AppendUint64(append(b, 127), uint64(n))
}

func closeFrame(code int, reason string) []byte {
	return frameOf(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason))
}

// line is the writing side of a socket. It writes to the descriptor without waiting where the connection is plain TCP (TLS, when
// a hub has any, is ended before it); for anything else every write takes the slow way, in a goroutine.
type line struct {
	nc  net.Conn
	raw syscall.RawConn
}

func newLine(nc net.Conn) line {
	l := line{nc: nc}
	if t, ok := nc.(*net.TCPConn); ok {
		l.raw, _ = t.SyscallConn()
	}
	return l
}

// try writes what the socket takes at once and returns how much that was.
func (l line) try(b []byte) (n int, err error) {
	if l.raw == nil {
		return 0, nil
	}
	werr := l.raw.Write(func(fd uintptr) bool {
		for {
			n, err = syscall.Write(int(fd), b)
			if !errors.Is(err, syscall.EINTR) {
				return true // never wait here
			}
		}
	})
	n = max(n, 0)
	switch {
	case werr != nil:
		return n, werr
	case errors.Is(err, syscall.EAGAIN):
		return n, nil
	}
	return n, err
}

// wait writes all of b, and waits up to limit for the socket to take it.
func (l line) wait(b []byte, limit time.Duration) error {
	_ = l.nc.SetWriteDeadline(time.Now().Add(limit))
	_, err := l.nc.Write(b)
	return err
}

// rest ends a time of waiting. A deadline that stayed would fail the first try after it has passed.
func (l line) rest() { _ = l.nc.SetWriteDeadline(time.Time{}) }

// readMessage reads a message into buf, which grows as needed and is returned for the next time. Big ones are not kept.
func readMessage(ws *websocket.Conn, buf []byte) (kind int, msg, next []byte, err error) {
	kind, r, err := ws.NextReader()
	if err != nil {
		return kind, nil, buf, err
	}
	msg = buf[:0]
	for {
		if len(msg) == cap(msg) {
			msg = append(msg, 0)[:len(msg)]
		}
		n, err := r.Read(msg[len(msg):cap(msg)])
		msg = msg[:len(msg)+n]
		if err == io.EOF {
			break
		}
		if err != nil {
			return kind, nil, buf, err
		}
	}
	if cap(msg) <= 1024 {
		buf = msg
	}
	return kind, msg, buf, nil
}

// caret is where a client has its caret, in the text of a version.
type caret struct{ client, version, anchor, head int64 }

// appendCarets writes the message of carets.
func appendCarets(dst []byte, handle int, carets []caret) []byte {
	dst = changeset.AppendUvarint(append(dst, kindCarets), uint64(handle))
	for _, c := range carets {
		for _, n := range []int64{c.client, c.version, c.anchor, c.head} {
			dst = changeset.AppendUvarint(dst, uint64(n))
		}
	}
	return dst
}

// Caret is where a client has its caret and the other end of its selection, in the text of Version.
type Caret struct{ Client, Version, Anchor, Head int64 }

// DecodeCarets reads a message of carets, as a client does.
func DecodeCarets(src []byte) (handle int, carets []Caret, err error) {
	if len(src) < 2 || src[0] != kindCarets {
		return 0, nil, changeset.ErrBinary
	}
	handle, src, err = changeset.ReadUvarint(src[1:])
	for err == nil && len(src) > 0 {
		var n [4]int
		for i := range n {
			if n[i], src, err = changeset.ReadUvarint(src); err != nil {
				return 0, nil, err
			}
		}
		carets = append(carets, Caret{int64(n[0]), int64(n[1]), int64(n[2]), int64(n[3])})
	}
	return handle, carets, err
}
