package history

import (
	"context"
	"slices"
	"sort"
	"strings"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/textdiff"
)

// Part is a run of words of one fate by one writer.
type Part struct {
	Op   textdiff.Op
	Text string
	By   int64 // of insertions and deletions
}

// Doer is a writer's part in a block.
type Doer struct {
	By int64
	At db.Time // of the newest of it
}

// Block is a block of the comparison with whoever made it, most first.
type Block struct {
	textdiff.Block
	Parts []Part // instead of the block's own, which are not divided by writers
	By    []Doer
}

// Change is how many words a writer brought and took.
type Change struct {
	By             int64
	Added, Removed int
}

// Comparison is what changed between two versions.
type Comparison struct {
	From, To     int64
	FromAt, ToAt db.Time
	Blocks       []Block
	Changes      []Change // most first
	Writers      map[int64]draft.Author
}

// Compare returns what changed from one version to another, and who did it: a word that came is whoever wrote it, a word that went is
// whoever deleted it.
//
// Faults: draft.not_found, policy.unauthenticated, history.version, history.order.
func (s *Service) Compare(ctx context.Context, actor policy.Actor, id string, from, to int64) (Comparison, error) {
	var c Comparison
	var a, b string
	var spans []Span
	var became delta
	err := s.read(ctx, actor, id, func(tx *db.Tx, l look) error {
		if to == Head {
			to = l.log.Head
		}
		if from > to {
			return fault.New(fault.Invalid, "history.order")
		}
		old, err := s.at(ctx, tx, id, l, from)
		if err != nil {
			return err
		}
		now, err := s.at(ctx, tx, id, l, to)
		if err != nil {
			return err
		}
		a, b, spans = old.text.String(), now.text.String(), now.track.spans()
		c = Comparison{From: from, To: to, FromAt: old.at, ToAt: now.at, Writers: l.writers.names}
		if a == b {
			return nil
		}
		became, err = s.between(ctx, tx, id, old.text.Len(), from, to, l.writers)
		return err
	})
	if err != nil {
		return c, err
	}
	blocks := textdiff.Diff(a, b)
	gone, fresh := became.fates()
	m := marker{went: index(gone), came: index(fresh), spans: indexSpans(spans), changes: map[int64]*Change{},
		old: starts(strings.Split(a, "\n")), now: starts(strings.Split(b, "\n"))}
	for _, bl := range blocks {
		c.Blocks = append(c.Blocks, m.block(bl, blocks))
	}
	for _, ch := range m.changes {
		c.Changes = append(c.Changes, *ch)
	}
	sort.Slice(c.Changes, func(i, j int) bool {
		x, y := c.Changes[i], c.Changes[j]
		return x.Added+x.Removed > y.Added+y.Removed || x.Added+x.Removed == y.Added+y.Removed && x.By < y.By
	})
	return c, nil
}

// ranges are fates with where each begins.
type ranges struct {
	at   []int
	list []fate
}

func index(list []fate) ranges {
	r := ranges{list: list}
	at := 0
	for _, f := range list {
		r.at = append(r.at, at)
		at += f.n
	}
	return r
}

func indexSpans(spans []Span) ranges {
	list := make([]fate, len(spans))
	for i, s := range spans {
		list[i] = fate{n: s.N, by: s.By, at: s.At, touched: true}
	}
	return index(list)
}

// most returns whoever touched most of [from, from+n).
func (r ranges) most(from, n int) (fate, bool) {
	i := sort.SearchInts(r.at, from+1) - 1
	var best fate
	for ; i >= 0 && i < len(r.list) && r.at[i] < from+n; i++ {
		f := r.list[i]
		over := min(r.at[i]+f.n, from+n) - max(r.at[i], from)
		if f.touched && over > best.n {
			best = fate{n: over, by: f.by, at: f.at, touched: true}
		}
	}
	return best, best.touched
}

// marker says who made each part.
type marker struct {
	went, came, spans ranges
	old, now          []int // where lines begin
	changes           map[int64]*Change
}

func (m *marker) block(b textdiff.Block, all []textdiff.Block) Block {
	out := Block{Block: b}
	if b.Kind == textdiff.Same {
		out.Parts = []Part{{Op: textdiff.Equal, Text: b.Parts[0].Text}}
		return out
	}
	x, y := m.old[b.OldFrom], m.now[b.NewFrom]
	if b.Kind == textdiff.Moved {
		x = m.old[all[b.Other].OldFrom]
	}
	weight := map[int64]int{}
	newest := map[int64]db.Time{}
	note := func(f fate, n int) {
		weight[f.by] += n
		newest[f.by] = max(newest[f.by], f.at)
	}
	var last *fate
	for _, p := range b.Parts {
		if p.Op == textdiff.Equal {
			n := changeset.Len16(p.Text)
			if b.Kind == textdiff.Moved {
				if f, ok := m.came.most(y, n); ok {
					note(f, 1)
				}
			}
			x, y = x+n, y+n
			out.add(textdiff.Equal, p.Text, 0)
			continue
		}
		for _, token := range textdiff.Words(p.Text) {
			n := changeset.Len16(token)
			word := textdiff.IsWord(token)
			var f fate
			var ok bool
			if p.Op == textdiff.Insert {
				if f, ok = m.came.most(y, n); !ok {
					// It was there before and stands elsewhere now: it is still whoever wrote it.
					f, ok = m.spans.most(y, n)
				}
				y += n
			} else {
				f, ok = m.went.most(x, n)
				x += n
			}
			if !ok || !word && last != nil {
				if last != nil {
					f, ok = *last, true
				}
			}
			if ok {
				last = &f
				note(f, n)
			}
			out.add(p.Op, token, f.by)
			if word && b.Kind != textdiff.MovedAway {
				ch := m.changes[f.by]
				if ch == nil {
					ch = &Change{By: f.by}
					m.changes[f.by] = ch
				}
				if p.Op == textdiff.Insert {
					ch.Added++
				} else {
					ch.Removed++
				}
			}
		}
	}
	for by := range weight {
		out.By = append(out.By, Doer{By: by, At: newest[by]})
	}
	slices.SortFunc(out.By, func(a, b Doer) int {
		if d := weight[b.By] - weight[a.By]; d != 0 {
			return d
		}
		return int(a.By - b.By)
	})
	return out
}

// add joins text to the last part when it is of the same fate and writer.
func (b *Block) add(op textdiff.Op, text string, by int64) {
	if n := len(b.Parts) - 1; n >= 0 && b.Parts[n].Op == op && b.Parts[n].By == by {
		b.Parts[n].Text += text
		return
	}
	b.Parts = append(b.Parts, Part{Op: op, Text: text, By: by})
}
