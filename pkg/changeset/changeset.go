package changeset

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxSections bounds the sections of one decoded change.
const MaxSections = 10_000

// maxLength bounds every length and sum, in UTF-16 code units, so that arithmetic cannot overflow.
const maxLength = 1<<31 - 1

// ErrLength is returned when a change is combined with a text or change of another length.
var ErrLength = errors.New("changeset: lengths do not match")

// ErrSurrogate is returned when a change would cut a surrogate pair in two.
var ErrSurrogate = errors.New("changeset: a boundary lies inside a surrogate pair")

// keep marks a section that leaves its text alone.
const keep = -1

// section covers len units of the old text. With ins == keep they stay; otherwise text, of ins units, replaces them.
type section struct {
	len, ins int
	text     string
}

// ChangeSet is an immutable change of a text of Len units into one of NewLen units.
// The zero value is the empty change of the empty text.
type ChangeSet struct{ secs []section }

// Empty returns the change that keeps a text of length units.
func Empty(length int) ChangeSet {
	if length <= 0 {
		return ChangeSet{}
	}
	return ChangeSet{secs: []section{{len: length, ins: keep}}}
}

// Replace returns the change of a text of length units that puts insert in the place of [from, to).
func Replace(length, from, to int, insert string) (ChangeSet, error) {
	if from < 0 || to < from || to > length || length > maxLength {
		return ChangeSet{}, fmt.Errorf("changeset: range %d to %d in a text of %d: %w", from, to, length, ErrLength)
	}
	if err := checkText(insert); err != nil {
		return ChangeSet{}, err
	}
	var b builder
	b.add(from, keep, false)
	b.add(to-from, Len16(insert), false)
	b.insert(insert)
	b.add(length-to, keep, false)
	return b.done(), nil
}

// Len is the length of the text before the change.
func (c ChangeSet) Len() int {
	n := 0
	for i := range c.secs {
		n += c.secs[i].len
	}
	return n
}

// NewLen is the length of the text after the change.
func (c ChangeSet) NewLen() int {
	n := 0
	for i := range c.secs {
		if c.secs[i].ins == keep {
			n += c.secs[i].len
		} else {
			n += c.secs[i].ins
		}
	}
	return n
}

// IsEmpty reports that the change changes nothing.
func (c ChangeSet) IsEmpty() bool {
	return len(c.secs) == 0 || len(c.secs) == 1 && c.secs[0].ins == keep
}

// Sections is the number of sections.
func (c ChangeSet) Sections() int { return len(c.secs) }

// InsertedBytes is the size of all inserted text in bytes of UTF-8.
func (c ChangeSet) InsertedBytes() int {
	n := 0
	for i := range c.secs {
		n += len(c.secs[i].text)
	}
	return n
}

// Equal reports that both changes have the same sections and inserted text.
func (c ChangeSet) Equal(d ChangeSet) bool {
	if len(c.secs) != len(d.secs) {
		return false
	}
	for i := range c.secs {
		if c.secs[i] != d.secs[i] {
			return false
		}
	}
	return true
}

// Each calls f for every changed range, in order: [fromA, toA) of the old text becomes [fromB, toB) of the new one,
// holding insert. Adjacent sections are reported one by one.
func (c ChangeSet) Each(f func(fromA, toA, fromB, toB int, insert string)) {
	a, b := 0, 0
	for i := range c.secs {
		s := &c.secs[i]
		if s.ins == keep {
			a, b = a+s.len, b+s.len
			continue
		}
		f(a, a+s.len, b, b+s.ins, s.text)
		a, b = a+s.len, b+s.ins
	}
}

// Compose returns the change that does c and then d. d must start where c ends (ErrLength otherwise).
// See codemirror/state composeSets.
func (c ChangeSet) Compose(d ChangeSet) (ChangeSet, error) {
	if c.NewLen() != d.Len() {
		return ChangeSet{}, ErrLength
	}
	if c.IsEmpty() {
		return d, nil
	}
	if d.IsEmpty() {
		return c, nil
	}
	var out builder
	a, b := iterate(c), iterate(d)
	for open := false; ; {
		switch {
		case a.done() && b.done():
			return out.done(), nil
		case a.ins == 0: // deletion in c
			out.add(a.len, 0, open)
			a.next()
		case b.len == 0 && !b.done(): // insertion in d
			out.add(0, b.ins, open)
			out.insert(b.text())
			b.next()
		case a.done() || b.done():
			return ChangeSet{}, ErrLength
		default:
			n, before := min(a.len2(), b.len), len(out.secs)
			switch {
			case a.ins == keep:
				ins := b.ins
				if ins != keep && b.off > 0 {
					ins = 0
				}
				out.add(n, ins, open)
				if ins > 0 {
					out.insert(b.text())
				}
			case b.ins == keep:
				out.add(a.startLen(), n, open)
				bit, err := a.textBit(n)
				if err != nil {
					return ChangeSet{}, err
				}
				out.insert(bit)
			default:
				ins := b.ins
				if b.off > 0 {
					ins = 0
				}
				out.add(a.startLen(), ins, open)
				if b.off == 0 {
					out.insert(b.text())
				}
			}
			open = (a.ins > n || b.ins >= 0 && b.len > n) && (open || len(out.secs) > before)
			if err := a.forward2(n); err != nil {
				return ChangeSet{}, err
			}
			b.forward(n)
		}
	}
}

// Map returns c as it applies after other, which starts at the same text (ErrLength otherwise). With before, c is ordered
// as if it came first where both insert at one place; without, other came first.
// a.Compose(b.Map(a, false)) and b.Compose(a.Map(b, true)) give the same text. See codemirror/state mapSet.
func (c ChangeSet) Map(other ChangeSet, before bool) (ChangeSet, error) {
	if c.Len() != other.Len() {
		return ChangeSet{}, ErrLength
	}
	if other.IsEmpty() {
		return c, nil
	}
	out := builder{secs: make([]section, 0, len(c.secs)+1)}
	a, b := iterate(c), iterate(other)
	// inserted is the index of the section of c whose text has been put out already, when it is processed in pieces.
	for inserted := -1; ; {
		switch {
		case a.done() && b.len > 0 || b.done() && a.len > 0:
			return ChangeSet{}, ErrLength
		case a.ins == keep && b.ins == keep:
			n := min(a.len, b.len)
			out.add(n, keep, false)
			a.forward(n)
			b.forward(n)
		case b.ins >= 0 && (a.ins < 0 || inserted == a.i || a.off == 0 && (b.len < a.len || b.len == a.len && !before)):
			// A change in other before the next one in c: skip it, with the changes of c that it covers.
			n := b.len
			out.add(b.ins, keep, false)
			for n > 0 {
				piece := min(a.len, n)
				if a.ins >= 0 && inserted < a.i && a.len <= piece {
					out.add(0, a.ins, false)
					out.insert(a.text())
					inserted = a.i
				}
				a.forward(piece)
				n -= piece
			}
			b.next()
		case a.ins >= 0:
			// The part of a change in c up to the next change in other that is more than a deletion.
			n, left := 0, a.len
		overlap:
			for left > 0 {
				switch {
				case b.ins == keep:
					piece := min(left, b.len)
					n += piece
					left -= piece
					b.forward(piece)
				case b.ins == 0 && b.len < left:
					left -= b.len
					b.next()
				default:
					break overlap
				}
			}
			if inserted < a.i {
				out.add(n, a.ins, false)
				out.insert(a.text())
			} else {
				out.add(n, 0, false)
			}
			inserted = a.i
			a.forward(a.len - left)
		case a.done() && b.done():
			return out.done(), nil
		default:
			return ChangeSet{}, ErrLength
		}
	}
}

// Invert returns the change that undoes c, given the text before c.
func (c ChangeSet) Invert(before Text) (ChangeSet, error) {
	if before.Len() != c.Len() {
		return ChangeSet{}, ErrLength
	}
	secs := make([]section, len(c.secs))
	pos := 0
	for i, s := range c.secs {
		secs[i] = s
		if s.ins != keep {
			text, err := before.Slice(pos, pos+s.len)
			if err != nil {
				return ChangeSet{}, err
			}
			secs[i] = section{len: s.ins, ins: s.len, text: text}
		}
		pos += s.len
	}
	return ChangeSet{secs: secs}, nil
}

// Mode says when MapPos reports a position as deleted.
type Mode int

// The modes of codemirror/state MapMode.
const (
	Simple      Mode = iota // never
	TrackDel                // when deletion happens across the position
	TrackBefore             // when the unit before it is deleted
	TrackAfter              // when the unit after it is deleted
)

// MapPos returns where the position pos of the old text stands in the new one. assoc < 0 keeps it before text inserted
// there, assoc >= 0 moves it behind. ok is false when mode says that the position was deleted, and when pos is
// outside the old text.
func (c ChangeSet) MapPos(pos, assoc int, mode Mode) (mapped int, ok bool) {
	a, b := 0, 0
	if pos < 0 {
		return 0, false
	}
	for i := range c.secs {
		s := &c.secs[i]
		end := a + s.len
		if s.ins == keep {
			if end > pos {
				return b + pos - a, true
			}
			b += s.len
		} else {
			if mode != Simple && end >= pos &&
				(mode == TrackDel && a < pos && end > pos || mode == TrackBefore && a < pos || mode == TrackAfter && end > pos) {
				return 0, false
			}
			if end > pos || end == pos && assoc < 0 && s.len == 0 {
				if pos == a || assoc < 0 {
					return b, true
				}
				return b + s.ins, true
			}
			b += s.ins
		}
		a = end
	}
	return b, pos <= a
}

// String shows the sections for tests and logs, without any text: "12 0:3 4:0".
func (c ChangeSet) String() string {
	var sb strings.Builder
	for i, s := range c.secs {
		if i > 0 {
			sb.WriteByte(' ')
		}
		if s.ins == keep {
			fmt.Fprintf(&sb, "%d", s.len)
		} else {
			fmt.Fprintf(&sb, "%d:%d", s.len, s.ins)
		}
	}
	return sb.String()
}

// builder collects sections as codemirror/state addSection and addInsert do. The text of the last section is kept in
// buf until the next one begins, so that many small pieces cost linear time.
type builder struct {
	secs []section
	buf  []byte
	one  string // the text when it came in a single piece
}

func (b *builder) add(length, ins int, join bool) {
	if length == 0 && ins <= 0 {
		return
	}
	if n := len(b.secs); n > 0 {
		last := &b.secs[n-1]
		switch {
		case ins <= 0 && ins == last.ins:
			last.len += length
			return
		case length == 0 && last.len == 0:
			last.ins += ins
			return
		case join:
			last.len += length
			last.ins += ins
			return
		}
	}
	b.flush()
	b.secs = append(b.secs, section{len: length, ins: ins})
}

func (b *builder) insert(text string) {
	switch {
	case text == "":
	case b.one == "" && len(b.buf) == 0:
		b.one = text
	default:
		if b.one != "" {
			b.buf, b.one = append(b.buf, b.one...), ""
		}
		b.buf = append(b.buf, text...)
	}
}

func (b *builder) flush() {
	if len(b.secs) > 0 {
		if b.one != "" {
			b.secs[len(b.secs)-1].text = b.one
		} else if len(b.buf) > 0 {
			b.secs[len(b.secs)-1].text = string(b.buf)
		}
	}
	b.one, b.buf = "", b.buf[:0]
}

func (b *builder) done() ChangeSet {
	b.flush()
	return ChangeSet{secs: b.secs}
}

// iterator is codemirror/state SectionIter. i counts the sections begun; ins is -2 at the end.
type iterator struct {
	secs     []section
	i        int
	len, ins int
	off      int
	byteOff  int // where off stands in the text, when off counts inserted units
}

func iterate(c ChangeSet) *iterator {
	it := &iterator{secs: c.secs}
	it.next()
	return it
}

func (it *iterator) next() {
	if it.i < len(it.secs) {
		it.len, it.ins = it.secs[it.i].len, it.secs[it.i].ins
		it.i++
	} else {
		it.len, it.ins = 0, -2
	}
	it.off, it.byteOff = 0, 0
}

func (it *iterator) done() bool { return it.ins == -2 }

func (it *iterator) len2() int {
	if it.ins < 0 {
		return it.len
	}
	return it.ins
}

// startLen is the old length, counted once, with the first piece of a section.
func (it *iterator) startLen() int {
	if it.off > 0 {
		return 0
	}
	return it.len
}

func (it *iterator) text() string { return it.secs[it.i-1].text }

func (it *iterator) textBit(n int) (string, error) {
	rest := it.text()[it.byteOff:]
	end, ok := byteOffset(rest, n)
	if !ok {
		return "", ErrSurrogate
	}
	return rest[:end], nil
}

func (it *iterator) forward(n int) {
	if n == it.len {
		it.next()
		return
	}
	it.len -= n
	it.off += n
}

func (it *iterator) forward2(n int) error {
	switch {
	case it.ins == keep:
		it.forward(n)
	case n == it.ins:
		it.next()
	default:
		end, ok := byteOffset(it.text()[it.byteOff:], n)
		if !ok {
			return ErrSurrogate
		}
		it.byteOff += end
		it.ins -= n
		it.off += n
	}
	return nil
}

// checkText reports why text may not be inserted: ill-formed UTF-8 (so also a lone surrogate), CR, NUL.
func checkText(text string) error {
	if !utf8.ValidString(text) {
		return errors.New("changeset: inserted text is not well-formed UTF-8")
	}
	if strings.IndexByte(text, '\r') >= 0 || strings.IndexByte(text, 0) >= 0 {
		return errors.New("changeset: inserted text holds CR or NUL")
	}
	return nil
}
