package history

import (
	"context"
	"fmt"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
)

// What became of a stretch between two versions.
const (
	stayed = iota // in both texts
	went          // of the old text; By deleted it
	came          // of the new text; By wrote it
)

// stretch is a run of units of one fate by one writer.
type stretch struct {
	n    int
	what int
	by   int64
	at   db.Time
}

// delta is how a text became a later one, and by whom. Two that follow each other are one (after), so a comparison over a long time
// needs no replay of the updates in between: it puts the deltas of the frames together.
type delta []stretch

// delta of a track that began with trackOld.
func (t *track) delta() delta {
	var out delta
	for _, c := range t.chunks {
		for _, p := range c.pieces {
			switch {
			case !p.old:
				out.add(stretch{n: p.n, what: came, by: p.by, at: p.at})
			case p.gone:
				out.add(stretch{n: p.n, what: went, by: p.by, at: p.at})
			default:
				out.add(stretch{n: p.n, what: stayed})
			}
		}
	}
	return out
}

func (d *delta) add(s stretch) {
	if s.n == 0 {
		return
	}
	if n := len(*d) - 1; n >= 0 && (*d)[n].what == s.what && (*d)[n].by == s.by && (*d)[n].at == s.at {
		(*d)[n].n += s.n
		return
	}
	*d = append(*d, s)
}

// length is how long the new text is.
func (d delta) length() int {
	n := 0
	for _, s := range d {
		if s.what != went {
			n += s.n
		}
	}
	return n
}

// after puts b behind d: what b deletes of d's insertions was never there.
func (d delta) after(b delta) delta {
	out := make(delta, 0, max(len(d), len(b)))
	i, left := 0, 0
	if len(d) > 0 {
		left = d[0].n
	}
	take := func(n int) (stretch, int) {
		s := d[i]
		k := min(n, left)
		s.n = k
		if left -= k; left == 0 {
			if i++; i < len(d) {
				left = d[i].n
			}
		}
		return s, k
	}
	// What was gone before b stands where it stood.
	gone := func() {
		for i < len(d) && d[i].what == went {
			s, _ := take(left)
			out.add(s)
		}
	}
	for _, s := range b {
		if s.what == came {
			out.add(s)
			continue
		}
		for n := s.n; n > 0; {
			gone()
			if i >= len(d) {
				break
			}
			was, k := take(n)
			n -= k
			switch {
			case s.what == stayed:
				out.add(was)
			case was.what == stayed:
				out.add(stretch{n: k, what: went, by: s.by, at: s.at})
			}
		}
	}
	gone()
	return out
}

// together puts deltas that follow each other together, neighbours first, so that none is walked more often than their number has doublings.
func together(list []delta) delta {
	for len(list) > 1 {
		var next []delta
		for i := 0; i < len(list); i += 2 {
			if i+1 < len(list) {
				next = append(next, list[i].after(list[i+1]))
			} else {
				next = append(next, list[i])
			}
		}
		list = next
	}
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// fates lists the old text by who deleted it, and the new one by who inserted it.
func (d delta) fates() (old, now []fate) {
	add := func(list []fate, f fate) []fate {
		if n := len(list) - 1; n >= 0 && list[n].by == f.by && list[n].touched == f.touched {
			list[n].n, list[n].at = list[n].n+f.n, max(list[n].at, f.at)
			return list
		}
		return append(list, f)
	}
	for _, s := range d {
		f := fate{n: s.n, by: s.by, at: s.at, touched: s.what != stayed}
		if s.what != came {
			old = add(old, f)
		}
		if s.what != went {
			now = add(now, f)
		}
	}
	return old, now
}

func (d delta) encode() []byte {
	out := changeset.AppendUvarint(nil, uint64(len(d)))
	var by int64
	var at db.Time
	for _, s := range d {
		out = changeset.AppendUvarint(out, uint64(s.n)*3+uint64(s.what))
		if s.what == stayed {
			continue
		}
		out = appendInt(out, s.by-by)
		out = appendInt(out, int64(s.at-at))
		by, at = s.by, s.at
	}
	return zipper.EncodeAll(out, nil)
}

// More units than any two texts hold.
const maxUnits = 1 << 32

func decodeDelta(body []byte) (delta, error) {
	raw, err := unzipper.DecodeAll(body, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errFrame, err)
	}
	r := reader{src: raw}
	out := make(delta, 0, 64)
	var by int64
	var at db.Time
	total := uint64(0)
	for range r.length() {
		v := r.uint()
		if total += min(v/3, maxUnits+1); total > maxUnits {
			return nil, errFrame
		}
		s := stretch{n: int(v / 3), what: int(v % 3)}
		if s.what != stayed {
			by += r.int()
			at += db.Time(r.int())
			s.by, s.at = by, at
		}
		out = append(out, s)
	}
	if r.err != nil || len(r.src) > 0 {
		return nil, errFrame
	}
	return out, nil
}

// between is how the text of a version, length units long, became that of a later one: the deltas of the frames in between, and a replay of
// what is before the first and behind the last.
func (s *Service) between(ctx context.Context, tx *db.Tx, id string, length int, from, to int64, w writers) (delta, error) {
	replayed := func(length int, from, to int64) (delta, error) {
		t := trackOld(length)
		err := draft.Replay(ctx, tx, id, from, to, func(u draft.Update, at db.Time) error {
			t.apply(u.Change, w.of[u.Client], at)
			return nil
		})
		return t.delta(), err
	}
	first := (from + frameUpdates - 1) / frameUpdates * frameUpdates
	frames, err := listDeltas(ctx, tx, id, first, to)
	if err != nil {
		return nil, err
	}
	if len(frames) == 0 {
		return replayed(length, from, to)
	}
	head, err := replayed(length, from, first)
	if err != nil {
		return nil, err
	}
	all := together(append([]delta{head}, frames...))
	tail, err := replayed(all.length(), first+int64(len(frames))*frameUpdates, to)
	if err != nil {
		return nil, err
	}
	return all.after(tail), nil
}
