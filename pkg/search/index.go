package search

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/multaqa/multaqa/pkg/arabic"
)

// BM25: how soon repetition stops counting, how much length does, and what a
// word of the title is worth beside one of the text.
const (
	saturation  = 1.2
	lengthShare = 0.6
	titleWorth  = 5
)

// Fields are the words of a page.
type Fields struct {
	Title    string // both languages, tags
	Headings string // they stand in the text too, and count once more
	Text     string
}

// Index is the words of pages, each under a key with a value of the caller's.
// It is safe for concurrent use. The zero value is empty.
type Index[V any] struct {
	mu     sync.RWMutex
	docs   []doc[V]
	at     map[string]int32
	terms  map[string][]posting
	dead   int
	length float64 // of all live texts, in words
}

type doc[V any] struct {
	key    string // "" when replaced
	value  V
	length int32
	titles int32
}

type posting struct {
	doc   int32
	text  uint16
	title uint16
}

// Len is how many pages there are.
func (x *Index[V]) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.at)
}

// Put adds the page or replaces it.
func (x *Index[V]) Put(key string, value V, f Fields) {
	counts := map[string]posting{}
	count := func(text string, field func(p *posting) *uint16) int32 {
		words := arabic.Words(text)
		for _, w := range words {
			s := stem(w)
			for _, term := range []string{s, exact(w)} {
				p := counts[term]
				if n := field(&p); *n < math.MaxUint16 {
					*n++
				}
				counts[term] = p
			}
		}
		return int32(len(words))
	}
	d := doc[V]{key: key, value: value}
	count(f.Headings, func(p *posting) *uint16 { return &p.text })
	d.titles = count(f.Title, func(p *posting) *uint16 { return &p.title })
	d.length = count(f.Text, func(p *posting) *uint16 { return &p.text })

	x.mu.Lock()
	defer x.mu.Unlock()
	if x.at == nil {
		x.at, x.terms = map[string]int32{}, map[string][]posting{}
	}
	x.remove(key)
	n := int32(len(x.docs))
	x.docs = append(x.docs, d)
	x.at[key] = n
	x.length += float64(d.length)
	for term, p := range counts {
		p.doc = n
		x.terms[strings.Clone(term)] = append(x.terms[term], p)
	}
	if x.dead > 64 && x.dead > len(x.at)/2 {
		x.compact()
	}
}

// Remove forgets the page.
func (x *Index[V]) Remove(key string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.remove(key)
}

func (x *Index[V]) remove(key string) {
	n, ok := x.at[key]
	if !ok {
		return
	}
	delete(x.at, key)
	x.length -= float64(x.docs[n].length)
	x.docs[n] = doc[V]{}
	x.dead++
}

// compact drops replaced pages from the postings.
func (x *Index[V]) compact() {
	moved := make([]int32, len(x.docs))
	live := make([]doc[V], 0, len(x.at))
	for i, d := range x.docs {
		moved[i] = -1
		if d.key != "" {
			moved[i] = int32(len(live))
			x.at[d.key] = moved[i]
			live = append(live, d)
		}
	}
	for term, list := range x.terms {
		kept := list[:0]
		for _, p := range list {
			if p.doc = moved[p.doc]; p.doc >= 0 {
				kept = append(kept, p)
			}
		}
		if len(kept) == 0 {
			delete(x.terms, term)
			continue
		}
		x.terms[term] = slices.Clip(kept)
	}
	x.docs, x.dead = live, 0
}

// Hit is a page found.
type Hit[V any] struct {
	Key   string
	Value V
	Score float32
}

// Answer is what a query found, best first.
type Answer[V any] struct {
	Hits []Hit[V]
	// Terms are the index terms that were looked for, for Excerpt.
	Terms map[string]bool
	// Partly says that no page has every word, so that these have the most.
	Partly bool
}

// Find looks for the words. literal takes them as typed, folded only. Pages
// that admit refuses are as if they were not there.
func (x *Index[V]) Find(words []string, literal bool, admit func(V) bool) Answer[V] {
	x.mu.RLock()
	defer x.mu.RUnlock()
	groups, terms := x.expand(words, literal)
	out := Answer[V]{Terms: terms}
	if len(groups) == 0 {
		return out
	}
	scores, has := make([]float32, len(x.docs)), make([]uint32, len(x.docs))
	var touched []int32
	n := float64(len(x.at))
	mean := max(1, float32(x.length/max(1, n)))
	for g, group := range groups {
		most := 0
		for _, f := range group.forms {
			most = max(most, len(x.terms[f.term]))
		}
		rarity := float32(math.Log(1 + (n-float64(most)+0.5)/(float64(most)+0.5)))
		if most > int(n) {
			rarity = 0.01
		}
		if group.quiet {
			rarity *= 0.2
		}
		for _, f := range group.forms {
			for _, p := range x.terms[f.term] {
				d := &x.docs[p.doc]
				if d.key == "" {
					continue
				}
				if has[p.doc] == 0 {
					touched = append(touched, p.doc)
				}
				if !group.quiet || len(groups) == 1 {
					has[p.doc] |= 1 << g
				} else {
					has[p.doc] |= 1 << 31
				}
				tf := float32(p.text)/(1-lengthShare+lengthShare*float32(d.length)/mean) + titleWorth*float32(p.title)/(0.6+0.1*float32(d.titles))
				scores[p.doc] += f.weight * rarity * tf / (saturation + tf)
			}
		}
	}
	var every uint32
	for g, group := range groups {
		if !group.quiet || len(groups) == 1 {
			every |= 1 << g
		}
	}
	all, most := ones(every), 0
	for _, d := range touched {
		// More than half of the words: one of three may be missing, none of two.
		have := ones(has[d] & every)
		if have*2 <= all || !admit(x.docs[d].value) {
			continue
		}
		most = max(most, have)
		share := float32(have) / float32(all)
		out.Hits = append(out.Hits, Hit[V]{x.docs[d].key, x.docs[d].value, scores[d] * share * share})
	}
	out.Partly = len(out.Hits) > 0 && most < all
	slices.SortFunc(out.Hits, func(a, b Hit[V]) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Key, b.Key))
	})
	return out
}

// All lists the pages that admit takes, in no order.
func (x *Index[V]) All(admit func(V) bool) []Hit[V] {
	x.mu.RLock()
	defer x.mu.RUnlock()
	out := make([]Hit[V], 0, len(x.at))
	for key, n := range x.at {
		if admit(x.docs[n].value) {
			out = append(out, Hit[V]{Key: key, Value: x.docs[n].value})
		}
	}
	return out
}

func ones(v uint32) int {
	n := 0
	for ; v != 0; v &= v - 1 {
		n++
	}
	return n
}

type group struct {
	forms []form
	quiet bool // a word like "in", which no page need hold
}

// expand is the forms of each word. A word that stands nowhere gives those
// that begin with it, else those that are one letter away.
func (x *Index[V]) expand(words []string, literal bool) ([]group, map[string]bool) {
	var out []group
	terms := map[string]bool{}
	loud := false
	for _, w := range words {
		loud = loud || !quietWords[w]
	}
	for _, w := range words {
		g := group{quiet: loud && quietWords[w]}
		for _, f := range forms(w, literal) {
			if len(x.terms[f.term]) > 0 && !slices.ContainsFunc(g.forms, func(o form) bool { return o.term == f.term }) {
				g.forms = append(g.forms, f)
			}
		}
		if len(g.forms) == 0 && !literal {
			g.forms = x.similar(stem(w))
		}
		for _, f := range g.forms {
			terms[f.term] = terms[f.term] || !g.quiet
		}
		out = append(out, g)
	}
	return out, terms
}

// similar are at most 24 terms that begin with the unknown stem, or else those
// that one wrong letter makes of it.
func (x *Index[V]) similar(s string) []form {
	r := []rune(s)
	if len(r) < 3 {
		return nil
	}
	var out []form
	for term := range x.terms {
		if strings.HasPrefix(term, s) {
			out = append(out, form{term, 0.5})
		}
	}
	if len(out) == 0 {
		for term := range x.terms {
			if term[0] != '=' && len(term) <= len(s)+4 && near(r, []rune(term)) {
				out = append(out, form{term, 0.5})
			}
		}
	}
	slices.SortFunc(out, func(a, b form) int {
		return cmp.Or(cmp.Compare(len(x.terms[b.term]), len(x.terms[a.term])), cmp.Compare(a.term, b.term))
	})
	return out[:min(len(out), 24)]
}
