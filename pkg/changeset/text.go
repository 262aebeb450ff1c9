package changeset

import (
	"io"
	"math/bits"
	"strings"
	"unicode/utf8"
)

const (
	// chunkSize is the target size of a piece of text in bytes; twice that is the most.
	chunkSize = 512
	// blockSize is the target number of chunks in a block; twice that is the most.
	blockSize = 32
)

// chunk is a piece of text and its length in UTF-16 code units.
type chunk struct {
	s string
	n int
}

// block is an immutable run of chunks.
type block struct {
	chunks   []chunk
	n, bytes int
}

// Text is an immutable document. Two versions share all blocks but those an edit touches: a keystroke copies one
// chunk, one block's list and the list of blocks, about 2 KiB in a text of a megabyte.
// The zero value is the empty text. Safe for concurrent use.
type Text struct {
	blocks   []*block
	n, bytes int
}

// NewText makes a Text of well-formed UTF-8; ill-formed bytes become U+FFFD.
func NewText(s string) Text {
	s = strings.ToValidUTF8(s, "\uFFFD")
	return textOf(blocksOf(split(make([]chunk, 0, len(s)/chunkSize+1), s)))
}

// Lines returns s with every line break, \r\n and \r too, as \n: what an editor makes of it. NewText expects that.
func Lines(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// Len is the length in UTF-16 code units.
func (t Text) Len() int { return t.n }

// Bytes is the length in bytes of UTF-8.
func (t Text) Bytes() int { return t.bytes }

// String returns the whole text.
func (t Text) String() string {
	var sb strings.Builder
	sb.Grow(t.bytes)
	for _, b := range t.blocks {
		for _, c := range b.chunks {
			sb.WriteString(c.s)
		}
	}
	return sb.String()
}

// WriteTo writes the text as UTF-8.
func (t Text) WriteTo(w io.Writer) (int64, error) {
	var total int64
	for _, b := range t.blocks {
		for _, c := range b.chunks {
			n, err := io.WriteString(w, c.s)
			total += int64(n)
			if err != nil {
				return total, err
			}
		}
	}
	return total, nil
}

// Slice returns [from, to) as a string. ErrLength when it is outside the text, ErrSurrogate when an end lies inside a pair.
func (t Text) Slice(from, to int) (string, error) {
	if from < 0 || to < from || to > t.n {
		return "", ErrLength
	}
	if from == to {
		return "", nil
	}
	var sb strings.Builder
	pos := 0
	for _, b := range t.blocks {
		if pos+b.n <= from {
			pos += b.n
			continue
		}
		for _, c := range b.chunks {
			if pos >= to {
				return sb.String(), nil
			}
			if end := pos + c.n; end > from {
				lo, ok1 := byteOffset(c.s, max(from-pos, 0))
				hi, ok2 := byteOffset(c.s, min(to-pos, c.n))
				if !ok1 || !ok2 {
					return "", ErrSurrogate
				}
				sb.WriteString(c.s[lo:hi])
			}
			pos += c.n
		}
	}
	return sb.String(), nil
}

// Apply returns the text after the change. ErrLength when the change is for another length, ErrSurrogate when one of
// its sections begins or ends inside a surrogate pair; the text itself never changes.
func (c ChangeSet) Apply(t Text) (Text, error) {
	if c.Len() != t.n {
		return Text{}, ErrLength
	}
	pos := 0
	for i := range c.secs {
		s := &c.secs[i]
		if s.ins == keep {
			pos += s.len
			continue
		}
		var err error
		if t, err = t.replace(pos, pos+s.len, s.text); err != nil {
			return Text{}, err
		}
		pos += s.ins
	}
	return t, nil
}

// place is the chunk a position falls in, and the position's offset in it. A position between two chunks belongs to the left one.
type place struct{ block, chunk, off int }

func (t Text) find(pos int) place {
	for bi, b := range t.blocks {
		if pos > b.n {
			pos -= b.n
			continue
		}
		for ci, c := range b.chunks {
			if pos <= c.n {
				return place{bi, ci, pos}
			}
			pos -= c.n
		}
	}
	return place{}
}

func (t Text) replace(from, to int, insert string) (Text, error) {
	if len(t.blocks) == 0 {
		return NewText(insert), nil
	}
	a := t.find(from)
	b := a
	if to != from {
		b = t.find(to)
	}
	first, last := t.blocks[a.block], t.blocks[b.block]
	head, ok1 := byteOffset(first.chunks[a.chunk].s, a.off)
	tail, ok2 := head, ok1
	if to != from {
		tail, ok2 = byteOffset(last.chunks[b.chunk].s, b.off)
	}
	if !ok1 || !ok2 {
		return Text{}, ErrSurrogate
	}
	left, right := first.chunks[a.chunk].s[:head], last.chunks[b.chunk].s[tail:]
	units := a.off + Len16(insert) + last.chunks[b.chunk].n - b.off
	lo, hi := a.chunk, b.chunk+1
	// A small remainder takes its neighbour in, so that deleting does not leave crumbs.
	var before, after string
	if len(left)+len(insert)+len(right) < chunkSize/2 {
		if lo > 0 && len(first.chunks[lo-1].s) < chunkSize {
			lo--
			before = first.chunks[lo].s
			units += first.chunks[lo].n
		} else if hi < len(last.chunks) && len(last.chunks[hi].s) < chunkSize {
			after = last.chunks[hi].s
			units += last.chunks[hi].n
			hi++
		}
	}
	var chunks []chunk
	if size := len(before) + len(left) + len(insert) + len(right) + len(after); size > 2*chunkSize {
		chunks = make([]chunk, 0, lo+len(last.chunks)-hi+3+len(insert)/chunkSize)
		chunks = append(chunks, first.chunks[:lo]...)
		chunks = split(chunks, before+left+insert+right+after)
	} else {
		chunks = make([]chunk, 0, lo+len(last.chunks)-hi+1)
		chunks = append(chunks, first.chunks[:lo]...)
		if size > 0 {
			// Not by +, which makes no copy where only one of them is not empty.
			var sb strings.Builder
			sb.Grow(size)
			for _, part := range [...]string{before, left, insert, right, after} {
				sb.WriteString(part)
			}
			chunks = append(chunks, chunk{s: sb.String(), n: units})
		}
	}
	chunks = append(chunks, last.chunks[hi:]...)

	low, high := a.block, b.block+1
	if len(chunks) < blockSize/4 {
		if low > 0 && len(t.blocks[low-1].chunks) < blockSize {
			low--
			chunks = append(append(make([]chunk, 0, len(t.blocks[low].chunks)+len(chunks)), t.blocks[low].chunks...), chunks...)
		} else if high < len(t.blocks) && len(t.blocks[high].chunks) < blockSize {
			chunks = append(chunks, t.blocks[high].chunks...)
			high++
		}
	}
	middle := blocksOf(chunks)
	next := Text{blocks: make([]*block, 0, len(t.blocks)-(high-low)+len(middle)), n: t.n, bytes: t.bytes}
	next.blocks = append(append(append(next.blocks, t.blocks[:low]...), middle...), t.blocks[high:]...)
	for _, b := range t.blocks[low:high] {
		next.n -= b.n
		next.bytes -= b.bytes
	}
	for _, b := range middle {
		next.n += b.n
		next.bytes += b.bytes
	}
	return next, nil
}

// split appends s to chunks in pieces of about chunkSize bytes, cut between characters.
func split(chunks []chunk, s string) []chunk {
	for len(s) > 2*chunkSize {
		cut := chunkSize
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		chunks = append(chunks, newChunk(s[:cut]))
		s = s[cut:]
	}
	if s != "" {
		chunks = append(chunks, newChunk(s))
	}
	return chunks
}

// newChunk copies s, so that a chunk never keeps a larger string alive.
func newChunk(s string) chunk { return chunk{s: strings.Clone(s), n: Len16(s)} }

func blocksOf(chunks []chunk) []*block {
	var blocks []*block
	for len(chunks) > 0 {
		n := len(chunks)
		if n > 2*blockSize {
			n = blockSize
		}
		b := &block{chunks: chunks[:n:n]}
		for _, c := range b.chunks {
			b.n += c.n
			b.bytes += len(c.s)
		}
		blocks = append(blocks, b)
		chunks = chunks[n:]
	}
	return blocks
}

func textOf(blocks []*block) Text {
	t := Text{blocks: blocks}
	for _, b := range blocks {
		t.n += b.n
		t.bytes += b.bytes
	}
	return t
}

// Every character but its continuation bytes counts one; those of four bytes are a pair. unitsIn counts the characters that begin in eight bytes.
func unitsIn(w uint64) int {
	const each = 0x0101010101010101
	continuing := w >> 7 & ^(w >> 6) & each
	pairs := w >> 7 & (w >> 6) & (w >> 5) & (w >> 4) & each
	return 8 - bits.OnesCount64(continuing) + bits.OnesCount64(pairs)
}

// word reads eight bytes of s; the compiler makes one load of it.
func word(s string, i int) uint64 {
	_ = s[i+7]
	return uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
		uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
}

// Len16 is the length of s in UTF-16 code units.
func Len16(s string) int {
	n, i := 0, 0
	for ; i+8 <= len(s); i += 8 {
		n += unitsIn(word(s, i))
	}
	for ; i < len(s); i++ {
		if c := s[i]; c < 0x80 || c >= 0xC0 {
			n++
			if c >= 0xF0 {
				n++
			}
		}
	}
	return n
}

// byteOffset returns where the UTF-16 offset n of s begins in its bytes; false when n lies inside a pair or beyond s.
func byteOffset(s string, n int) (int, bool) {
	i := 0
	for i+8 <= len(s) {
		u := unitsIn(word(s, i))
		if u > n {
			break
		}
		n -= u
		i += 8
	}
	for i > 0 && i < len(s) && s[i]&0xC0 == 0x80 { // the rest of a character that was counted
		i++
	}
	for n > 0 {
		if i >= len(s) {
			return 0, false
		}
		switch c := s[i]; {
		case c < 0x80:
			i++
		case c < 0xE0:
			i += 2
		case c < 0xF0:
			i += 3
		default:
			i += 4
			n--
		}
		n--
	}
	return i, n == 0 && i <= len(s)
}
