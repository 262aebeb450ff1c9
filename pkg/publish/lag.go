package publish

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Lag says where a translation is behind its original.
type Lag struct {
	What   What
	Block  int    // of the translation; for Added the one it would follow, -1 before all
	Kind   string // of the block in the original
	Clause string // address in the newest edition of the original, or ""
	Number string // of the edition of the original that brought it
}

// What became of the block of the original.
type What string

// The kinds of lag.
const (
	ChangedThere What = "changed" // its words are others now
	RemovedThere What = "removed" // it is there no more
	AddedThere   What = "added"   // it is new there, and the translation does not have it
)

// Text is an edition's number and its blocks.
type Text struct {
	Number string
	Blocks []Block
}

// Lagging compares a translation with its original: originals begins with the edition that the translation was made from, and ends with the
// newest. It pairs the blocks of the translation with those of the first by their kinds and order (no words are compared across languages
// but figures), and the blocks of the editions of the original with each other by their addresses, which stay (rules D3), and their words.
// The lags come in the order of the translation.
func Lagging(originals []Text, translation []Block) []Lag {
	if len(originals) < 2 {
		return nil
	}
	base, newest := originals[0].Blocks, originals[len(originals)-1]
	rendered := pairUp(base, translation)
	fate := follow(base, newest.Blocks)
	came := make([]int, len(newest.Blocks)) // block of the base that it was, or -1
	for i := range came {
		came[i] = -1
	}
	for i, j := range fate {
		if j >= 0 {
			came[j] = i
		}
	}
	// Which edition brought a change: the first in which it shows.
	since := func(shows func(t Text) bool) string {
		for _, t := range originals[1 : len(originals)-1] {
			if shows(t) {
				return t.Number
			}
		}
		return newest.Number
	}
	fates := map[string][]int{}
	for _, t := range originals[1 : len(originals)-1] {
		fates[t.Number] = follow(base, t.Blocks)
	}
	var out []Lag
	for i, b := range base {
		at, j := rendered[i], fate[i]
		switch {
		case at < 0:
		case j < 0:
			out = append(out, Lag{What: RemovedThere, Block: at, Kind: b.Kind, Number: since(func(t Text) bool { return fates[t.Number][i] < 0 })})
		case newest.Blocks[j].Text != b.Text:
			out = append(out, Lag{What: ChangedThere, Block: at, Kind: b.Kind, Clause: clauseOf(newest.Blocks, j), Number: since(func(t Text) bool {
				k := fates[t.Number][i]
				return k < 0 || t.Blocks[k].Text != b.Text
			})})
		}
	}
	out = append(out, added(newest.Blocks, came, rendered, since)...)
	slices.SortStableFunc(out, func(a, b Lag) int { return cmp.Compare(a.Block, b.Block) })
	return out
}

// added are the blocks of the newest edition that the base does not have. Those without an address that follow each other count as one, with
// the clause before them.
func added(newest []Block, came, rendered []int, since func(func(Text) bool) string) []Lag {
	var out []Lag
	after, fresh := -1, false
	for j, b := range newest {
		if came[j] >= 0 {
			if at := rendered[came[j]]; at >= 0 {
				after = at
			}
			fresh = false
			continue
		}
		if fresh && b.ID == "" {
			continue
		}
		fresh = true
		out = append(out, Lag{What: AddedThere, Block: after, Kind: b.Kind, Clause: clauseOf(newest, j), Number: since(func(t Text) bool {
			return slices.ContainsFunc(t.Blocks, func(o Block) bool { return o.ID == b.ID && (b.ID != "" || o.Kind == b.Kind && o.Text == b.Text) })
		})})
	}
	return out
}

// clauseOf is the address of a block, or of the clause that it belongs to; a footnote belongs to none.
func clauseOf(blocks []Block, i int) string {
	for ; i >= 0 && blocks[i].Kind != "note"; i-- {
		if blocks[i].ID != "" {
			return blocks[i].ID
		}
	}
	return ""
}

// anywhere and anyText stand for what no clause and no text is, in a search for one by its kind and something else.
const anywhere, anyText = "\x00anywhere", "\x00any"

// follow says for each block of an edition which one it is in a later edition of the same text, or -1. Clauses keep their addresses; what has
// none (items, tables, code) is found by its words, or by its place under its clause.
func follow(was, is []Block) []int {
	out, taken := make([]int, len(was)), make([]bool, len(is))
	owners, places := owned(was), owned(is)
	// Blocks without an address wait in queues, by all that they are found by: each is passed over once, however many there are.
	type sought struct{ kind, text, place string }
	byID, queues := map[string]int{}, map[sought][]int{}
	for j, b := range is {
		if b.ID != "" {
			byID[b.ID] = j
			continue
		}
		for _, s := range []sought{{b.Kind, b.Text, places[j]}, {b.Kind, b.Text, anywhere}, {b.Kind, anyText, places[j]}} {
			queues[s] = append(queues[s], j)
		}
	}
	first := func(s sought) int {
		q := queues[s]
		for len(q) > 0 && taken[q[0]] {
			q = q[1:]
		}
		queues[s] = q
		if len(q) == 0 {
			return -1
		}
		return q[0]
	}
	for i, b := range was {
		out[i] = -1
		if j, ok := byID[b.ID]; ok && b.ID != "" && !taken[j] {
			out[i], taken[j] = j, true
		}
	}
	// The same words under the same clause, then anywhere, then what is left of a clause, in order: changed.
	for _, by := range []func(b Block, place string) sought{
		func(b Block, place string) sought { return sought{b.Kind, b.Text, place} },
		func(b Block, _ string) sought { return sought{b.Kind, b.Text, anywhere} },
		func(b Block, place string) sought { return sought{b.Kind, anyText, place} },
	} {
		for i, b := range was {
			if b.ID != "" || out[i] >= 0 {
				continue
			}
			if j := first(by(b, owners[i])); j >= 0 {
				out[i], taken[j] = j, true
			}
		}
	}
	next := 0                 // a clause written anew has a new address, and stands where the old one stood
	none := map[string]bool{} // kinds of which none stands between next and what is taken
	for i, b := range was {
		if out[i] >= 0 {
			next = out[i] + 1
			clear(none)
			continue
		}
		if b.ID == "" || none[b.Kind] {
			continue
		}
		none[b.Kind] = true
		for j := next; j < len(is) && !taken[j]; j++ {
			if is[j].ID != "" && is[j].Kind == b.Kind {
				out[i], taken[j], next = j, true, j+1
				clear(none)
				break
			}
		}
	}
	return out
}

// owned names for each block the clause it stands under: its own address, or that of the one before it.
func owned(blocks []Block) []string {
	out, last := make([]string, len(blocks)), ""
	for i, b := range blocks {
		if b.ID != "" {
			last = b.ID
		}
		if out[i] = last; b.Kind == "note" {
			out[i] = ""
		}
	}
	return out
}

// pairUp says for each block of the original which block of the translation renders it, or -1: first the headings, then what stands between
// two of them. Only blocks of one kind pair.
func pairUp(original, translation []Block) []int {
	out := make([]int, len(original))
	for i := range out {
		out[i] = -1
	}
	a, b := measured(original), measured(translation)
	heads := func(list []measure) (at []int) {
		for i, m := range list {
			if m.head {
				at = append(at, i)
			}
		}
		return at
	}
	ha, hb := heads(a), heads(b)
	i, j := 0, 0
	between := func(i2, j2 int) {
		var pa, pb []int
		for ; i < i2; i++ {
			pa = append(pa, i)
		}
		for ; j < j2; j++ {
			pb = append(pb, j)
		}
		for _, p := range align(a, b, pa, pb) {
			out[p[0]] = p[1]
		}
	}
	for _, p := range align(a, b, ha, hb) {
		between(p[0], p[1])
		out[p[0]] = p[1]
		i, j = p[0]+1, p[1]+1
	}
	between(len(a), len(b))
	return out
}

// measure is what two languages have in common in a block.
type measure struct {
	kind    string
	head    bool
	length  int    // in letters; of a heading with all that stands under it
	figures string // its numbers in ASCII digits; code as it is
}

func measured(blocks []Block) []measure {
	out := make([]measure, len(blocks))
	last := -1
	for i, b := range blocks {
		m := measure{kind: b.Kind, head: strings.HasPrefix(b.Kind, "h"), length: utf8.RuneCountInString(b.Text), figures: figures(b.Text)}
		if b.Kind == "code" {
			m.figures = b.Text
		}
		if out[i] = m; m.head {
			last = i
		} else if last >= 0 {
			out[last].length += m.length
		}
	}
	return out
}

// figures are the numbers of a text.
func figures(s string) string {
	var b strings.Builder
	in := false
	for _, r := range s {
		digit := unicode.IsDigit(r)
		switch {
		case digit && r >= '٠' && r <= '٩':
			b.WriteRune('0' + r - '٠')
		case digit:
			b.WriteRune(r)
		case in:
			b.WriteByte(' ')
		}
		in = digit
	}
	return strings.TrimSpace(b.String())
}

// maxCells bounds the work of an alignment; beyond it blocks pair by their order alone.
const maxCells = 1 << 20

// align pairs some blocks of both sides in order, so that most of them pair, and among the ways to do that those of like length and equal figures.
func align(a, b []measure, pa, pb []int) (out [][2]int) {
	n, m := len(pa), len(pb)
	if n*m > maxCells {
		j := 0
		for _, i := range pa {
			k := slices.IndexFunc(pb[j:], func(x int) bool { return b[x].kind == a[i].kind })
			if k >= 0 {
				out = append(out, [2]int{i, pb[j+k]})
				j += k + 1
			}
		}
		return out
	}
	// best[i][j] is the best score of what follows from i and j on.
	best := make([]int, (n+1)*(m+1))
	at := func(i, j int) *int { return &best[i*(m+1)+j] }
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			*at(i, j) = max(*at(i+1, j), *at(i, j+1))
			if s := likeness(a[pa[i]], b[pb[j]]); s > 0 {
				*at(i, j) = max(*at(i, j), s+*at(i+1, j+1))
			}
		}
	}
	for i, j := 0, 0; i < n && j < m; {
		s := likeness(a[pa[i]], b[pb[j]])
		switch {
		case s > 0 && *at(i, j) == s+*at(i+1, j+1):
			out = append(out, [2]int{pa[i], pb[j]})
			i, j = i+1, j+1
		case *at(i, j) == *at(i+1, j):
			i++
		default:
			j++
		}
	}
	return out
}

// likeness of two blocks in two languages: 0 where they cannot be one, else more the more they have in common.
func likeness(a, b measure) int {
	if a.kind != b.kind {
		return 0
	}
	s := 60 + 20*min(a.length, b.length)/max(a.length, b.length, 1)
	if a.figures != "" && a.figures == b.figures {
		s += 30
	}
	return s
}
