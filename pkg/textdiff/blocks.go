package textdiff

import (
	"slices"
	"strings"
)

const (
	// alike is the share of words, of both sides together, above which two lines are one line that changed; a lone pair in one place needs less.
	alike, alikeAlone = 0.4, 0.2
	// moveWords and moveAlike say when a line stands elsewhere: it has so many words, and so many of them are the same.
	moveWords, moveAlike = 4, 0.75
	// moveSearch bounds the lines looked at for moves that also changed; exact moves are always found.
	moveSearch = 300
	// band bounds how far from the diagonal lines of a large changed stretch are paired.
	band = 50
)

// Diff compares two texts.
func Diff(oldText, newText string) []Block {
	d := differ{old: strings.Split(oldText, "\n"), new: strings.Split(newText, "\n"), words: book{}}
	// Blank lines only hold paragraphs apart; compared, they would pair by accident.
	ids := book{}
	a, ia := filled(d.old, ids)
	b, ib := filled(d.new, ids)
	x, y := 0, 0
	for _, r := range common(a, b) {
		for i := range r.n {
			d.stretch(x, ia[r.a+i], y, ib[r.b+i])
			x, y = ia[r.a+i]+1, ib[r.b+i]+1
			d.same(x-1, y-1)
		}
	}
	d.stretch(x, len(d.old), y, len(d.new))
	d.moves()
	return d.blocks
}

type differ struct {
	old, new []string
	words    book
	blocks   []Block
}

func blank(line string) bool { return strings.TrimSpace(line) == "" }

func filled(lines []string, ids book) (numbers []int32, at []int) {
	for i, l := range lines {
		if !blank(l) {
			numbers, at = append(numbers, ids.of(l)), append(at, i)
		}
	}
	return numbers, at
}

// same adds one line that stayed.
func (d *differ) same(x, y int) {
	d.blocks = append(d.blocks, Block{Kind: Same, OldFrom: x, OldTo: x + 1, NewFrom: y, NewTo: y + 1, Parts: []Part{{Equal, d.old[x]}}})
}

func (d *differ) deleted(x, y int) {
	d.blocks = append(d.blocks, Block{Kind: Deleted, OldFrom: x, OldTo: x + 1, NewFrom: y, NewTo: y, Parts: []Part{{Delete, d.old[x]}}})
}

func (d *differ) inserted(x, y int) {
	d.blocks = append(d.blocks, Block{Kind: Inserted, OldFrom: x, OldTo: x, NewFrom: y, NewTo: y + 1, Parts: []Part{{Insert, d.new[y]}}})
}

// blanks walks over the blank lines before the next filled ones at x1 and y1: those that both sides have stay.
func (d *differ) blanks(x, x1, y, y1 int) {
	for x < x1 && y < y1 {
		if d.old[x] == d.new[y] {
			d.same(x, y)
		} else {
			d.deleted(x, y)
			d.inserted(x+1, y)
		}
		x, y = x+1, y+1
	}
	for ; x < x1; x++ {
		d.deleted(x, y)
	}
	for ; y < y1; y++ {
		d.inserted(x, y)
	}
}

// pair is a group of lines of both sides that belong together, as indices into the filled lines of a stretch.
type pair struct{ a, an, b, bn int }

// stretch compares lines [x, x1) with [y, y1), which have no filled line in common at the same place.
func (d *differ) stretch(x, x1, y, y1 int) {
	// The blank line before what came or went stays where it is.
	for x < x1 && y < y1 && blank(d.old[x]) && d.old[x] == d.new[y] {
		d.same(x, y)
		x, y = x+1, y+1
	}
	var la, lb []int
	for i := x; i < x1; i++ {
		if !blank(d.old[i]) {
			la = append(la, i)
		}
	}
	for i := y; i < y1; i++ {
		if !blank(d.new[i]) {
			lb = append(lb, i)
		}
	}
	a, b := 0, 0
	flush := func(toA, toB int) {
		for ; a < toA; a++ {
			d.blanks(x, la[a], y, y)
			d.deleted(la[a], y)
			x = la[a] + 1
		}
		for ; b < toB; b++ {
			d.blanks(x, x, y, lb[b])
			d.inserted(x, lb[b])
			y = lb[b] + 1
		}
	}
	for _, p := range d.align(la, lb) {
		flush(p.a, p.b)
		d.blanks(x, la[p.a], y, lb[p.b])
		x, y = la[p.a+p.an-1]+1, lb[p.b+p.bn-1]+1
		bl := Block{Kind: Changed, OldFrom: la[p.a], OldTo: x, NewFrom: lb[p.b], NewTo: y}
		bl.Parts = Parts(strings.Join(d.old[bl.OldFrom:x], "\n"), strings.Join(d.new[bl.NewFrom:y], "\n"))
		d.blocks = append(d.blocks, bl)
		a, b = p.a+p.an, p.b+p.bn
	}
	flush(len(la), len(lb))
	d.blanks(x, x1, y, y1)
}

// align pairs lines so that most words stay: one with one, or one with two, where a paragraph was split or joined. Both sides keep their order.
func (d *differ) align(la, lb []int) []pair {
	n, m := len(la), len(lb)
	if n == 0 || m == 0 {
		return nil
	}
	bags := func(lines []string, at []int) (one, two [][]int32) {
		for _, i := range at {
			one = append(one, d.words.bag(lines[i]))
		}
		for i := 0; i+1 < len(one); i++ {
			two = append(two, union(one[i], one[i+1]))
		}
		return one, two
	}
	a1, a2 := bags(d.old, la)
	b1, b2 := bags(d.new, lb)
	least := alike
	if n == 1 && m == 1 {
		least = alikeAlone
	}
	score := func(p, q []int32, least float64) int {
		if len(p)+len(q) == 0 {
			return 1 // rules, table marks: nothing but signs
		}
		s := shared(p, q)
		if s == 0 || float64(2*s) < least*float64(len(p)+len(q)) {
			return -1
		}
		return 4 * s
	}
	// best[i][j-lo(i)] is the best score of the first i and j lines, within the band.
	wide := band
	if n*m <= 40_000 {
		wide = m
	}
	lo := func(i int) int { return max(0, i*m/n-wide) }
	hi := func(i int) int { return min(m, i*m/n+wide+m/n+1) }
	best, from := make([][]int32, n+1), make([][]pair, n+1)
	get := func(i, j int) (int32, bool) {
		if i < 0 || j < lo(i) || j > hi(i) {
			return 0, false
		}
		return best[i][j-lo(i)], true
	}
	for i := 0; i <= n; i++ {
		best[i], from[i] = make([]int32, hi(i)-lo(i)+1), make([]pair, hi(i)-lo(i)+1)
		for j := lo(i); j <= hi(i); j++ {
			top, how := int32(-1), pair{}
			try := func(an, bn, s int) {
				if i < an || j < bn || s < 0 {
					return
				}
				if v, ok := get(i-an, j-bn); ok && v+int32(s) > top {
					top, how = v+int32(s), pair{i - an, an, j - bn, bn}
				}
			}
			if i == 0 && j == 0 {
				top = 0
			}
			try(1, 0, 0)
			try(0, 1, 0)
			if i > 0 && j > 0 {
				try(1, 1, score(a1[i-1], b1[j-1], least))
				// Two for one only when both bring words; a point less, so that one for one wins when it is as good.
				if j > 1 {
					if s := score(a1[i-1], b2[j-2], 0.7); s > 0 {
						try(1, 2, s-1)
					}
				}
				if i > 1 {
					if s := score(a2[i-2], b1[j-1], 0.7); s > 0 {
						try(2, 1, s-1)
					}
				}
			}
			best[i][j-lo(i)], from[i][j-lo(i)] = max(top, 0), how
		}
	}
	var out []pair
	for i, j := n, m; i > 0 || j > 0; {
		p := from[i][j-lo(i)]
		if p.an == 0 && p.bn == 0 {
			break // beyond the band
		}
		if p.an > 0 && p.bn > 0 {
			out = append(out, p)
		}
		i, j = p.a, p.b
	}
	slices.Reverse(out)
	return out
}

// moves finds lines that went in one place and came in another.
func (d *differ) moves() {
	type line struct {
		block int
		bag   []int32
	}
	var came []line
	exact := map[string][]int{}
	for i, b := range d.blocks {
		if b.Kind != Inserted {
			continue
		}
		if bag := d.words.bag(b.Parts[0].Text); len(bag) >= moveWords {
			exact[b.Parts[0].Text] = append(exact[b.Parts[0].Text], i)
			came = append(came, line{i, bag})
		}
	}
	if len(came) == 0 {
		return
	}
	tie := func(went, at int) {
		a, b := &d.blocks[went], &d.blocks[at]
		b.Parts = Parts(a.Parts[0].Text, b.Parts[0].Text)
		a.Kind, a.Other, b.Kind, b.Other = MovedAway, at, Moved, went
	}
	var left []line
	for i := range d.blocks {
		if d.blocks[i].Kind != Deleted {
			continue
		}
		text := d.blocks[i].Parts[0].Text
		if at := exact[text]; len(at) > 0 {
			exact[text] = at[1:]
			tie(i, at[0])
			continue
		}
		if bag := d.words.bag(text); len(bag) >= moveWords && len(left) < moveSearch {
			left = append(left, line{i, bag})
		}
	}
	came = came[:min(len(came), moveSearch)]
	for _, w := range left {
		best, at := 0.0, -1
		for _, c := range came {
			if d.blocks[c.block].Kind != Inserted {
				continue
			}
			if s := 2 * float64(shared(w.bag, c.bag)) / float64(len(w.bag)+len(c.bag)); s >= moveAlike && s > best {
				best, at = s, c.block
			}
		}
		if at >= 0 {
			tie(w.block, at)
		}
	}
}
