package history

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/klauspost/compress/zstd"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
)

const (
	// frameUpdates is how many updates lie between two frames.
	frameUpdates = 2048
	// slotUpdates is how many updates a slot counts, at most.
	slotUpdates = 64
	// slotGap begins a new slot: whoever comes back after a pause begins another piece of work.
	slotGap = 10 * 60 * 1_000_000 // µs
)

var errFrame = errors.New("history: a frame is damaged")

// frame is a row of history_frame: the counts and the delta are of the updates since the frame before.
type frame struct {
	version             int64
	at                  db.Time
	counts, body, delta []byte
}

// state is a text with whose it is, at a version.
type state struct {
	version int64
	at      db.Time
	text    changeset.Text
	track   *track
}

func (s *state) apply(u draft.Update, by int64, at db.Time) error {
	text, err := u.Change.Apply(s.text)
	if err != nil {
		return fmt.Errorf("replay of update %d: %w", u.Version, err)
	}
	s.text, s.version, s.at = text, u.Version, at
	s.track.apply(u.Change, by, at)
	return nil
}

// Count is what one writer did within a slot or a bucket. Inserted and Deleted are UTF-16 units.
type Count struct {
	By                         int64
	Updates, Inserted, Deleted int
}

// slot counts the updates after version from up to version to.
type slot struct {
	from, to int64
	at, last db.Time // of the first and the last update
	counts   []Count
}

func (s *slot) add(c Count) {
	for i := range s.counts {
		if s.counts[i].By == c.By {
			s.counts[i].Updates += c.Updates
			s.counts[i].Inserted += c.Inserted
			s.counts[i].Deleted += c.Deleted
			return
		}
	}
	s.counts = append(s.counts, c)
}

// slots collects updates, at most size in one; 0 is slotUpdates.
type slots struct {
	list []slot
	size int64
}

func (s *slots) add(u draft.Update, by int64, at db.Time) {
	n := len(s.list) - 1
	if n < 0 || s.list[n].to-s.list[n].from >= cmp.Or(s.size, slotUpdates) || at-s.list[n].last > slotGap {
		s.list = append(s.list, slot{from: u.Version - 1, to: u.Version - 1, at: at})
		n++
	}
	c := Count{By: by, Updates: 1}
	u.Change.Each(func(fromA, toA, fromB, toB int, _ string) {
		c.Deleted, c.Inserted = c.Deleted+toA-fromA, c.Inserted+toB-fromB
	})
	s.list[n].to, s.list[n].last = u.Version, at
	s.list[n].add(c)
}

var (
	zipper, _   = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithEncoderConcurrency(1))
	unzipper, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(64<<20))
)

// Numbers of writers and times are signed; zig-zag keeps small ones short.
func appendInt(dst []byte, v int64) []byte {
	return changeset.AppendUvarint(dst, uint64(v)<<1^uint64(v>>63))
}

// reader reads what appendInt and changeset.AppendUvarint wrote.
type reader struct {
	src []byte
	err error
}

func (r *reader) uint() uint64 {
	var v uint64
	for shift := 0; ; shift += 7 {
		if len(r.src) == 0 || shift > 63 {
			r.err = errFrame
			return 0
		}
		b := r.src[0]
		r.src = r.src[1:]
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return v
		}
	}
}

func (r *reader) int() int64 {
	v := r.uint()
	return int64(v>>1) ^ -int64(v&1)
}

// length reads a count that cannot be more than what is left.
func (r *reader) length() int {
	n := r.uint()
	if n > uint64(len(r.src)) {
		r.err = errFrame
		return 0
	}
	return int(n)
}

// encode writes a state as a frame's body: the spans, then the text.
func (s *state) encode() []byte {
	spans := s.track.spans()
	out := changeset.AppendUvarint(nil, uint64(len(spans)))
	var by int64
	var at db.Time
	for _, p := range spans {
		out = changeset.AppendUvarint(out, uint64(p.N))
		out = appendInt(out, p.By-by)
		out = appendInt(out, int64(p.At-at))
		by, at = p.By, p.At
	}
	return zipper.EncodeAll(append(out, s.text.String()...), nil)
}

func decodeState(version int64, at db.Time, body []byte) (*state, error) {
	raw, err := unzipper.DecodeAll(body, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errFrame, err)
	}
	r := reader{src: raw}
	spans := make([]Span, 0, 64)
	total := 0
	var by int64
	var t db.Time
	for range r.length() {
		n := int(r.uint())
		by += r.int()
		t += db.Time(r.int())
		spans = append(spans, Span{N: n, By: by, At: t})
		total += n
	}
	if r.err != nil {
		return nil, r.err
	}
	text := changeset.NewText(string(r.src))
	if text.Len() != total {
		return nil, errFrame
	}
	return &state{version: version, at: at, text: text, track: trackSpans(spans)}, nil
}

func encodeSlots(list []slot) []byte {
	out := changeset.AppendUvarint(nil, uint64(len(list)))
	var at db.Time
	for _, s := range list {
		out = changeset.AppendUvarint(out, uint64(s.to-s.from))
		out = appendInt(out, int64(s.at-at))
		out = appendInt(out, int64(s.last-s.at))
		at = s.last
		out = changeset.AppendUvarint(out, uint64(len(s.counts)))
		for _, c := range s.counts {
			out = appendInt(out, c.By)
			for _, n := range []int{c.Updates, c.Inserted, c.Deleted} {
				out = changeset.AppendUvarint(out, uint64(n))
			}
		}
	}
	return out
}

func decodeSlots(from int64, src []byte) ([]slot, error) {
	r := reader{src: src}
	out := make([]slot, 0, 32)
	var at db.Time
	for range r.length() {
		s := slot{from: from, to: from + int64(r.uint())}
		s.at = at + db.Time(r.int())
		s.last = s.at + db.Time(r.int())
		at, from = s.last, s.to
		for range r.length() {
			s.counts = append(s.counts, Count{By: r.int(), Updates: int(r.uint()), Inserted: int(r.uint()), Deleted: int(r.uint())})
		}
		out = append(out, s)
	}
	return out, r.err
}

// merge makes at most about n slots of equal width in versions.
func merge(list []slot, n int) []slot {
	if len(list) <= n {
		return list
	}
	total := list[len(list)-1].to - list[0].from
	width := max(1, (total+int64(n)-1)/int64(n))
	var out []slot
	for _, s := range list {
		k := len(out) - 1
		if k < 0 || s.to-out[k].from > width {
			s.counts = slices.Clone(s.counts)
			out = append(out, s)
			continue
		}
		for _, c := range s.counts {
			out[k].add(c)
		}
		out[k].to, out[k].last = s.to, s.last
	}
	return out
}
