package changeset

import (
	"errors"
	"unicode/utf8"
)

// ErrBinary is returned for bytes that are no change in the binary form of docs/protocol.md.
var ErrBinary = errors.New("changeset: malformed binary change")

const (
	opKeep = iota
	opDelete
	opInsert
	opReplace
)

// AppendUvarint appends v as a LEB128 varint, the number form of the binary protocol.
func AppendUvarint(dst []byte, v uint64) []byte {
	for v >= 0x80 {
		dst = append(dst, byte(v)|0x80)
		v >>= 7
	}
	return append(dst, byte(v))
}

// ReadUvarint reads a varint below 2³¹ in its shortest form and returns it with the bytes behind it.
func ReadUvarint(src []byte) (int, []byte, error) {
	v, rest, err := readUvarint(src)
	if err != nil || v > maxLength {
		return 0, nil, ErrBinary
	}
	return int(v), rest, nil
}

// readUvarint reads up to 35 bits.
func readUvarint(src []byte) (uint64, []byte, error) {
	var v uint64
	for i := 0; i < len(src) && i < 5; i++ {
		b := src[i]
		v |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			if b == 0 && i > 0 {
				return 0, nil, ErrBinary
			}
			return v, src[i+1:], nil
		}
	}
	return 0, nil, ErrBinary
}

// AppendBinary appends the binary form: the number of sections and the sections, without a last keep.
func (c ChangeSet) AppendBinary(dst []byte) []byte {
	secs := c.secs
	if n := len(secs); n > 0 && secs[n-1].ins == keep {
		secs = secs[:n-1]
	}
	dst = AppendUvarint(dst, uint64(len(secs)))
	for i := range secs {
		s := &secs[i]
		switch {
		case s.ins == keep:
			dst = AppendUvarint(dst, uint64(s.len)<<2|opKeep)
		case s.ins == 0:
			dst = AppendUvarint(dst, uint64(s.len)<<2|opDelete)
		case s.len == 0:
			dst = AppendUvarint(dst, uint64(len(s.text))<<2|opInsert)
			dst = append(dst, s.text...)
		default:
			dst = AppendUvarint(dst, uint64(s.len)<<2|opReplace)
			dst = AppendUvarint(dst, uint64(len(s.text)))
			dst = append(dst, s.text...)
		}
	}
	return dst
}

// ReadBinary reads one change of a text of length units and returns it with the bytes behind it.
// Its memory is bounded by the bytes that are there, never by a declared number. Inserted text is copied.
func ReadBinary(src []byte, length int) (ChangeSet, []byte, error) {
	count, src, err := ReadUvarint(src)
	if err != nil || count > MaxSections || count > len(src) || length < 0 || length > maxLength {
		return ChangeSet{}, nil, ErrBinary
	}
	secs := make([]section, 0, count+1)
	left, grown, last := length, 0, -1
	for range count {
		var head uint64
		if head, src, err = readUvarint(src); err != nil || head > maxLength {
			return ChangeSet{}, nil, ErrBinary
		}
		n, op := int(head>>2), int(head&3)
		if n == 0 || (op == opKeep || op == opDelete) && op == last {
			return ChangeSet{}, nil, ErrBinary
		}
		s, size := section{}, 0
		switch op {
		case opKeep:
			s = section{len: n, ins: keep}
		case opDelete:
			s.len = n
		case opInsert:
			size = n
		case opReplace:
			s.len = n
			if size, src, err = ReadUvarint(src); err != nil || size == 0 {
				return ChangeSet{}, nil, ErrBinary
			}
		}
		if size > 0 {
			if size > len(src) || !utf8.Valid(src[:size]) {
				return ChangeSet{}, nil, ErrBinary
			}
			s.text, src = string(src[:size]), src[size:]
			if checkText(s.text) != nil {
				return ChangeSet{}, nil, ErrBinary
			}
			s.ins = Len16(s.text)
			grown += s.ins
		}
		if left -= s.len; left < 0 || length+grown > maxLength {
			return ChangeSet{}, nil, ErrBinary
		}
		secs, last = append(secs, s), op
	}
	if last == opKeep {
		return ChangeSet{}, nil, ErrBinary
	}
	if left > 0 {
		secs = append(secs, section{len: left, ins: keep})
	}
	return ChangeSet{secs: secs}, src, nil
}
