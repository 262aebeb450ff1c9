package draft

import (
	"github.com/multaqa/multaqa/pkg/changeset"
)

// Kinds of binary messages, docs/protocol.md.
const (
	kindPush  = 1
	kindFrame = 2
)

// Limits of one push (threats §3).
const (
	MaxPushUpdates = 100
	MaxPushBytes   = 256 << 10
	MaxTextBytes   = 2 << 20
)

// Update is an accepted change: it takes the text of Version-1 to that of Version.
type Update struct {
	Version int64
	Client  int64
	Seq     int64
	Length  int // of the text before it, in UTF-16 units
	Change  changeset.ChangeSet
}

// Push is a client's waiting updates on a base version, as sent.
type Push struct {
	Handle  int
	Base    int64
	Length  int
	Seq     int64 // of the first update
	Updates []changeset.ChangeSet
	Caret   *Caret // nil when it is not told
}

// Caret is a caret and the other end of its selection, in UTF-16 units of the text a push is based on.
type Caret struct{ Anchor, Head int }

// DecodePush reads a push strictly. Any error means that the sender does not keep to the protocol.
func DecodePush(src []byte) (Push, error) {
	var p Push
	if len(src) < 2 || src[0] != kindPush {
		return p, changeset.ErrBinary
	}
	var head [5]int
	rest := src[1:]
	for i := range head {
		var err error
		if head[i], rest, err = changeset.ReadUvarint(rest); err != nil {
			return p, err
		}
	}
	p.Handle, p.Base, p.Length, p.Seq = head[0], int64(head[1]), head[2], int64(head[3])
	count := head[4]
	if p.Seq < 1 || count < 1 || count > MaxPushUpdates {
		return p, changeset.ErrBinary
	}
	length := p.Length
	p.Updates = make([]changeset.ChangeSet, 0, min(count, len(rest)))
	for range count {
		var c changeset.ChangeSet
		var err error
		if c, rest, err = changeset.ReadBinary(rest, length); err != nil {
			return p, err
		}
		length = c.NewLen()
		p.Updates = append(p.Updates, c)
	}
	if len(rest) == 0 {
		return p, nil
	}
	p.Caret = new(Caret)
	for _, at := range []*int{&p.Caret.Anchor, &p.Caret.Head} {
		var err error
		if *at, rest, err = changeset.ReadUvarint(rest); err != nil || *at > p.Length {
			return p, changeset.ErrBinary
		}
	}
	if len(rest) > 0 {
		return p, changeset.ErrBinary
	}
	return p, nil
}

// Append writes the binary form of the push. It is what a client does; tests and load generators use it.
func (p Push) Append(dst []byte) []byte {
	dst = append(dst, kindPush)
	for _, n := range []int64{int64(p.Handle), p.Base, int64(p.Length), p.Seq, int64(len(p.Updates))} {
		dst = changeset.AppendUvarint(dst, uint64(n))
	}
	for _, c := range p.Updates {
		dst = c.AppendBinary(dst)
	}
	if p.Caret != nil {
		dst = changeset.AppendUvarint(changeset.AppendUvarint(dst, uint64(p.Caret.Anchor)), uint64(p.Caret.Head))
	}
	return dst
}

// appendRuns writes updates in the run form that the log and frames share.
func appendRuns(dst []byte, updates []Update) []byte {
	for len(updates) > 0 {
		n := 1
		for n < len(updates) && updates[n].Client == updates[0].Client && updates[n].Seq == updates[0].Seq+int64(n) {
			n++
		}
		head := uint64(updates[0].Client) * 2
		if n > 1 {
			head++
		}
		dst = changeset.AppendUvarint(dst, head)
		dst = changeset.AppendUvarint(dst, uint64(updates[0].Seq))
		if n > 1 {
			dst = changeset.AppendUvarint(dst, uint64(n))
		}
		for _, u := range updates[:n] {
			dst = u.Change.AppendBinary(dst)
		}
		updates = updates[n:]
	}
	return dst
}

// readRuns reads the updates after version from, on a text of length units.
func readRuns(src []byte, from int64, length int) ([]Update, error) {
	var out []Update
	for len(src) > 0 {
		head, rest, err := changeset.ReadUvarint(src)
		if err != nil {
			return nil, err
		}
		seq, rest, err := changeset.ReadUvarint(rest)
		if err != nil {
			return nil, err
		}
		n := 1
		if head&1 == 1 {
			if n, rest, err = changeset.ReadUvarint(rest); err != nil || n < 2 {
				return nil, changeset.ErrBinary
			}
		}
		for i := range n {
			var c changeset.ChangeSet
			if c, rest, err = changeset.ReadBinary(rest, length); err != nil {
				return nil, err
			}
			from++
			out = append(out, Update{Version: from, Client: int64(head / 2), Seq: int64(seq + i), Length: length, Change: c})
			length = c.NewLen()
		}
		src = rest
	}
	return out, nil
}

// frameHeader begins a frame whose first update applies to version from.
func frameHeader(dst []byte, handle int, from int64) []byte {
	dst = append(dst, kindFrame)
	dst = changeset.AppendUvarint(dst, uint64(handle))
	return changeset.AppendUvarint(dst, uint64(from))
}

// DecodeFrame reads a frame for a text of length units, as a client does.
func DecodeFrame(src []byte, length int) (handle int, from int64, updates []Update, err error) {
	if len(src) < 3 || src[0] != kindFrame {
		return 0, 0, nil, changeset.ErrBinary
	}
	handle, rest, err := changeset.ReadUvarint(src[1:])
	if err != nil {
		return 0, 0, nil, err
	}
	v, rest, err := changeset.ReadUvarint(rest)
	if err != nil {
		return 0, 0, nil, err
	}
	updates, err = readRuns(rest, int64(v), length)
	return handle, int64(v), updates, err
}

// FrameStart reads only the handle and the version a frame begins at.
func FrameStart(src []byte) (handle int, from int64, err error) {
	if len(src) < 3 || src[0] != kindFrame {
		return 0, 0, changeset.ErrBinary
	}
	handle, rest, err := changeset.ReadUvarint(src[1:])
	if err != nil {
		return 0, 0, err
	}
	v, _, err := changeset.ReadUvarint(rest)
	return handle, int64(v), err
}
