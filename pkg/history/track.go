package history

import (
	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
)

// Span is a stretch of a text by one writer.
type Span struct {
	N  int     // UTF-16 units
	By int64   // writer's number
	At db.Time // when the newest of it was written; 0 for what the draft began with
}

// piece is a stretch within a track. A piece of the old text that was deleted stays, gone, and takes no room.
type piece struct {
	n    int
	by   int64
	at   db.Time
	old  bool
	gone bool
}

// chunk is a run of pieces; live is the room they take.
type chunk struct {
	pieces []piece
	live   int
}

const chunkPieces = 256

// track follows a text through updates and knows of every stretch whose it is. It finds a place by chunks, so an update costs about the
// square root of the number of pieces. Not safe for concurrent use.
type track struct{ chunks []chunk }

// trackSpans begins with a text of these spans; deletions leave no trace.
func trackSpans(spans []Span) *track {
	t := &track{}
	for len(spans) > 0 {
		n := min(len(spans), chunkPieces/2)
		var c chunk
		for _, s := range spans[:n] {
			if s.N > 0 {
				c.pieces, c.live = append(c.pieces, piece{n: s.N, by: s.By, at: s.At}), c.live+s.N
			}
		}
		t.chunks, spans = append(t.chunks, c), spans[n:]
	}
	return t
}

// trackOld begins with a text of n units whose deletions are remembered with whoever made them.
func trackOld(n int) *track {
	t := &track{}
	if n > 0 {
		t.chunks = []chunk{{pieces: []piece{{n: n, old: true}}, live: n}}
	}
	return t
}

// apply follows one update.
func (t *track) apply(c changeset.ChangeSet, by int64, at db.Time) {
	c.Each(func(fromA, toA, fromB, toB int, _ string) { t.edit(fromB, toA-fromA, toB-fromB, by, at) })
}

// edit deletes del units from pos on and inserts ins there.
func (t *track) edit(pos, del, ins int, by int64, at db.Time) {
	if len(t.chunks) == 0 {
		t.chunks = []chunk{{}}
	}
	i := 0
	for i+1 < len(t.chunks) && pos > t.chunks[i].live {
		pos -= t.chunks[i].live
		i++
	}
	p := t.chunks[i].cut(pos)
	if ins > 0 {
		t.chunks[i].insert(p, ins, by, at)
	}
	// What is deleted stands behind what was inserted.
	pos += ins
	for del > 0 && i < len(t.chunks) {
		del -= t.chunks[i].remove(pos, del, by, at)
		t.split(i)
		if del > 0 {
			i, pos = i+1, 0
		}
	}
	if i < len(t.chunks) {
		t.split(i)
	}
}

// cut makes pos a boundary and returns the index of the piece that begins there, before any that are gone.
func (c *chunk) cut(pos int) int {
	for i := range c.pieces {
		if pos == 0 {
			return i
		}
		p := &c.pieces[i]
		if p.gone {
			continue
		}
		if pos < p.n {
			rest := *p
			rest.n -= pos
			p.n = pos
			c.put(i+1, rest)
			return i + 1
		}
		pos -= p.n
	}
	return len(c.pieces)
}

func (c *chunk) put(i int, p piece) {
	c.pieces = append(c.pieces, piece{})
	copy(c.pieces[i+1:], c.pieces[i:])
	c.pieces[i] = p
}

func (c *chunk) insert(i, n int, by int64, at db.Time) {
	c.live += n
	if i > 0 {
		if p := &c.pieces[i-1]; !p.old && p.by == by {
			p.n, p.at = p.n+n, max(p.at, at)
			return
		}
	}
	c.put(i, piece{n: n, by: by, at: at})
}

// remove deletes up to n units from pos on and returns how many it did.
func (c *chunk) remove(pos, n int, by int64, at db.Time) int {
	n = min(n, c.live-pos)
	if n <= 0 {
		return 0
	}
	c.live -= n
	i := c.cut(pos)
	left, to := n, i
	for k := i; k < len(c.pieces); k++ {
		p := c.pieces[k]
		if left == 0 {
			c.pieces[to] = p
			to++
			continue
		}
		switch {
		case p.gone:
			c.pieces[to] = p
			to++
		case p.n > left:
			// Only part of it goes: what stays keeps its place behind.
			if p.old {
				c.pieces[k].n -= left
				c.pieces = append(c.pieces[:to], append([]piece{{n: left, by: by, at: at, old: true, gone: true}}, c.pieces[k:]...)...)
				return n
			}
			c.pieces[k].n -= left
			c.pieces = append(c.pieces[:to], c.pieces[k:]...)
			return n
		default:
			left -= p.n
			if p.old {
				c.pieces[to] = piece{n: p.n, by: by, at: at, old: true, gone: true}
				to++
			}
		}
	}
	c.pieces = c.pieces[:to]
	return n
}

// split halves a chunk that has grown.
func (t *track) split(i int) {
	c := &t.chunks[i]
	if len(c.pieces) <= chunkPieces {
		return
	}
	half := len(c.pieces) / 2
	right := chunk{pieces: append([]piece(nil), c.pieces[half:]...)}
	for _, p := range right.pieces {
		if !p.gone {
			right.live += p.n
		}
	}
	c.pieces, c.live = c.pieces[:half:half], c.live-right.live
	t.chunks = append(t.chunks, chunk{})
	copy(t.chunks[i+2:], t.chunks[i+1:])
	t.chunks[i+1] = right
}

// spans lists the text as it is now; neighbours of one writer are one span.
func (t *track) spans() []Span {
	var out []Span
	for _, c := range t.chunks {
		for _, p := range c.pieces {
			if p.gone || p.n == 0 {
				continue
			}
			if n := len(out) - 1; n >= 0 && out[n].By == p.by {
				out[n].N, out[n].At = out[n].N+p.n, max(out[n].At, p.at)
				continue
			}
			out = append(out, Span{N: p.n, By: p.by, At: p.at})
		}
	}
	return out
}

// fate is what became of a stretch of one side of a comparison: By is 0 and At is 0 where nothing did.
type fate struct {
	n       int
	by      int64
	at      db.Time
	touched bool
}
