package search

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/publish"
)

// overlap is how far back every look at the database goes: a change is written
// with its time and seen when it commits, which may be later.
const overlap = 2 * time.Minute

// Service answers the library. It is safe for concurrent use.
type Service struct {
	guides *publish.Service
	index  Index[card]
	mu     sync.Mutex // one catches up at a time
	known  map[string]db.Time
	newest db.Time
}

// card is what the index knows of a guide beside its words.
type card struct {
	facts     policy.Facts
	language  string
	published db.Time
}

// New returns a service over the published guides.
func New(guides *publish.Service) *Service {
	return &Service{guides: guides, known: map[string]db.Time{}}
}

// Query is a question to the library. Without words it lists everything,
// newest first.
type Query struct {
	Text     string // the first 256 characters and 16 words count
	Literal  bool   // the words as typed: no other forms
	Agency   string
	Language string
	Kept     map[string]bool // agencies that a narrowing keeps; nil: all
	Limit    int             // 1 to 200; 0: 50
	Offset   int
}

// Item is a guide of an answer. Excerpt is empty without words.
type Item struct {
	publish.Guide
	Excerpt Excerpt
}

// Found is a page of an answer.
type Found struct {
	Items []Item
	Total int
	// Partly says that no guide has all of the words.
	Partly bool
	// Each of these counts the guides of the words that all of the query keeps
	// but for the one thing that it counts: Agencies but for the agency,
	// Languages but for the language, Owners, by agency, but for Kept.
	Agencies, Languages, Owners map[string]int
}

// Library lists the guides in force that the actor may read and that the words
// find.
//
// Faults: policy.forbidden.
func (s *Service) Library(ctx context.Context, actor policy.Actor, q Query) (Found, error) {
	if err := policy.Check(actor, policy.ReadLibrary, policy.Open("guide")); err != nil {
		return Found{}, err
	}
	if err := s.Refresh(ctx); err != nil {
		return Found{}, err
	}
	out := Found{Agencies: map[string]int{}, Languages: map[string]int{}, Owners: map[string]int{}}
	words := Words(q.Text)
	var answer Answer[card]
	visible := func(c card) bool { return policy.Can(actor, policy.ReadGuide, c.facts) }
	if len(words) == 0 && strings.TrimSpace(q.Text) == "" {
		answer.Hits = s.index.All(visible)
		slices.SortFunc(answer.Hits, func(a, b Hit[card]) int {
			return cmp.Or(cmp.Compare(b.Value.published, a.Value.published), cmp.Compare(a.Key, b.Key))
		})
	} else {
		answer = s.index.Find(words, q.Literal, visible)
	}
	kept := answer.Hits[:0]
	for _, h := range answer.Hits {
		agency, lang := h.Value.facts.Agency, h.Value.language
		of, in, narrow := q.Agency == "" || agency == q.Agency, q.Language == "" || lang == q.Language, q.Kept == nil || q.Kept[agency]
		if in && narrow {
			out.Agencies[agency]++
		}
		if of && narrow {
			out.Languages[lang]++
		}
		if of && in {
			out.Owners[agency]++
		}
		if of && in && narrow {
			kept = append(kept, h)
		}
	}
	out.Total, out.Partly = len(kept), answer.Partly
	limit := q.Limit
	if limit <= 0 || limit > 200 {
		limit = 50
	}
	from := min(max(q.Offset, 0), len(kept))
	kept = kept[from:min(from+limit, len(kept))]
	ids := make([]string, len(kept))
	for i, h := range kept {
		ids[i] = h.Key
	}
	rows, err := s.guides.Load(ctx, ids)
	if err != nil {
		return Found{}, err
	}
	byID := map[string]publish.Guide{}
	for _, g := range rows {
		// The row decides: what it says may be newer than the index.
		if g.State == "published" && !g.Hidden && policy.Can(actor, policy.ReadGuide, g.Facts()) {
			byID[g.ID] = g
		}
	}
	for _, id := range ids {
		if g, ok := byID[id]; ok {
			item := Item{Guide: g}
			if len(words) > 0 {
				item.Excerpt = excerpt(g.Clauses, g.Plain, answer.Terms)
			}
			out.Items = append(out.Items, item)
		}
	}
	return out, nil
}

// Refresh brings the index up to the database; the first call builds it.
func (s *Service) Refresh(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	since := s.newest - db.Time(overlap.Microseconds())
	if s.newest == 0 {
		since = 0
	}
	changes, err := s.guides.Changed(ctx, since)
	if err != nil {
		return err
	}
	var wanted []string
	for _, c := range changes {
		if s.known[c.ID] == c.UpdatedAt {
			continue
		}
		if c.InForce {
			wanted = append(wanted, c.ID)
		} else {
			s.index.Remove(c.ID)
			s.known[c.ID] = c.UpdatedAt
		}
	}
	for batch := range slices.Chunk(wanted, 50) {
		rows, err := s.guides.Load(ctx, batch)
		if err != nil {
			return err
		}
		for _, g := range rows {
			var headings []string
			for _, e := range g.TOC {
				headings = append(headings, e.Text)
			}
			s.index.Put(g.ID, card{facts: g.Facts(), language: g.Language, published: g.PublishedAt},
				Fields{Title: strings.Join(append([]string{g.Title.Ar, g.Title.En}, g.Tags...), "\n"), Headings: strings.Join(headings, "\n"), Text: g.Summary + "\n" + g.Plain})
			s.known[g.ID] = g.UpdatedAt
		}
	}
	for _, c := range changes {
		s.newest = max(s.newest, c.UpdatedAt)
	}
	return nil
}
