package textdiff

import "strings"

// Op says what became of a part.
type Op int

// The three: it stayed, it came, it went.
const (
	Equal Op = iota
	Insert
	Delete
)

// Part is a run of text within a block. Parts of a block are in order, a deletion before the insertion in its place; no two neighbours have
// the same Op, and none is empty but the single part of an empty line.
type Part struct {
	Op   Op
	Text string
}

// Kind says what became of a block.
type Kind int

// The kinds. A moved block has two places: MovedAway where it stood, with all its words deleted, and Moved where it stands.
const (
	Same Kind = iota
	Changed
	Inserted
	Deleted
	MovedAway
	Moved
)

// Block is a stretch of whole lines. [OldFrom, OldTo) are lines of the old text and [NewFrom, NewTo) of the new one, counted from 0; the range is empty
// on the side where the block does not stand: Inserted and Moved have no old lines, Deleted and MovedAway no new ones. Line breaks inside a
// block are in its parts, those between blocks are not.
type Block struct {
	Kind           Kind
	OldFrom, OldTo int
	NewFrom, NewTo int
	Parts          []Part // of Moved: compared with the text of its other place
	Other          int    // of Moved and MovedAway: the index of the other place
}

// Old is the block's text on the old side; "" where it has no lines there.
func (b Block) Old() string { return b.side(b.OldTo > b.OldFrom, Insert) }

// New is the block's text on the new side.
func (b Block) New() string { return b.side(b.NewTo > b.NewFrom, Delete) }

func (b Block) side(has bool, not Op) string {
	if !has {
		return ""
	}
	var s strings.Builder
	for _, p := range b.Parts {
		if p.Op != not {
			s.WriteString(p.Text)
		}
	}
	return s.String()
}

// Old gives the old text back.
func Old(blocks []Block) string {
	return join(blocks, func(b Block) (bool, string) { return b.OldTo > b.OldFrom, b.Old() })
}

// New gives the new text back: what applying the difference to the old one makes.
func New(blocks []Block) string {
	return join(blocks, func(b Block) (bool, string) { return b.NewTo > b.NewFrom, b.New() })
}

func join(blocks []Block, side func(Block) (bool, string)) string {
	var s strings.Builder
	first := true
	for _, b := range blocks {
		has, text := side(b)
		if !has {
			continue
		}
		if !first {
			s.WriteByte('\n')
		}
		first = false
		s.WriteString(text)
	}
	return s.String()
}

// Parts compares two texts as one block, by words.
func Parts(a, b string) []Part {
	if a == b {
		return []Part{{Equal, a}}
	}
	ta, tb := Words(a), Words(b)
	// Spaces are not compared: they go where the words beside them go, and so never hold an otherwise changed stretch apart.
	ids := book{}
	wa, ia := solid(ta, ids)
	wb, ib := solid(tb, ids)
	var out parts
	pa, pb := 0, 0
	for _, r := range append(common(wa, wb), run{len(wa), len(wb), 0}) {
		for i := range r.n {
			x, y := ia[r.a+i], ib[r.b+i]
			out.between(ta[pa:x], tb[pb:y])
			out.add(Equal, ta[x])
			pa, pb = x+1, y+1
		}
	}
	out.between(ta[pa:], tb[pb:])
	return out
}

// solid numbers the tokens that are not spaces; line breaks count.
func solid(tokens []string, ids book) (numbers []int32, at []int) {
	for i, t := range tokens {
		if !isSpace(t) || strings.Contains(t, "\n") {
			numbers, at = append(numbers, ids.of(t)), append(at, i)
		}
	}
	return numbers, at
}

type parts []Part

// add joins text to the last part when it is of the same kind.
func (p *parts) add(op Op, text string) {
	if text == "" {
		return
	}
	if n := len(*p) - 1; n >= 0 && (*p)[n].Op == op {
		(*p)[n].Text += text
		return
	}
	*p = append(*p, Part{op, text})
}

// between adds a stretch that has no word in common: the spaces at its ends that both sides have stay.
func (p *parts) between(a, b []string) {
	lead := 0
	for lead < len(a) && lead < len(b) && a[lead] == b[lead] && isSpace(a[lead]) {
		lead++
	}
	for _, t := range a[:lead] {
		p.add(Equal, t)
	}
	a, b = a[lead:], b[lead:]
	tail := 0
	for tail < len(a) && tail < len(b) && a[len(a)-1-tail] == b[len(b)-1-tail] && isSpace(a[len(a)-1-tail]) {
		tail++
	}
	p.add(Delete, strings.Join(a[:len(a)-tail], ""))
	p.add(Insert, strings.Join(b[:len(b)-tail], ""))
	for _, t := range a[len(a)-tail:] {
		p.add(Equal, t)
	}
}
