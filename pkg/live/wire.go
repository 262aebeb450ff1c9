package live

import (
	"encoding/binary"

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
