package markdown

import (
	"bytes"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"

	"github.com/multaqa/multaqa/pkg/fault"
)

// Limits of threats §3.
const (
	MaxSource  = 2 << 20 // bytes of UTF-8
	MaxNesting = 20      // lists and quotes inside each other
	MaxCells   = 20_000  // table cells of a document, columns × rows
	MaxMarks   = 500     // inline delimiter characters of a paragraph, heading or cell
	MaxOutput  = 8 << 20 // bytes of HTML
	// maxNotes bounds footnote references × definitions: the parser looks each
	// reference up by going through the definitions.
	maxNotes = 4_000_000
	// maxHeadings bounds what a page's contents and their ids cost: a heading
	// of one letter costs as much as a paragraph of fifty words.
	maxHeadings = 20_000
	// What costs much and is short: a heading, a definition, a list or quote
	// opened behind another on one line, two square brackets, two lines of raw HTML,
	// half a table.
	// A text may have some, however short it is, and then one for so many bytes.
	someDense     = 500
	bytesForDense = 16
)

func refusal(code string, limit, line int) *fault.Error {
	return fault.New(fault.TooLarge, "markdown."+code).With("limit", limit).With("line", line)
}

// Check refuses, by one pass over the lines and without parsing, a text that
// no rendering should be tried on: too large, not UTF-8, nested too deep, a
// heading with too many marks, too many footnotes. What needs the structure of
// the text (tables, paragraphs) is refused inside the parser before its cost
// arises. Line breaks must be \n.
func Check(src []byte) error {
	if len(src) > MaxSource {
		return refusal("too_large", MaxSource, 0)
	}
	if !utf8.Valid(src) {
		return fault.New(fault.Invalid, "markdown.not_utf8").With("line", badLine(src))
	}
	var s scanner
	line, blank := 0, 0
	budget := 1000 + len(src)/2
	refs, defs, headings := 0, 0, 0
	dense, most := 0, 4*(someDense+len(src)/bytesForDense) // in quarters
	knots, columns, cells := 0, 0, 0                       // of the lines since the paragraph or table began
	for rest := src; len(rest) > 0; {
		var l []byte
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			l, rest = rest[:i], rest[i+1:]
		} else {
			l, rest = rest, nil
		}
		line++
		if s.fence == nil && (headingLine(l) || s.text && underline(l)) {
			dense += 4
			if headings++; headings > maxHeadings {
				return refusal("headings", maxHeadings, line)
			}
		}
		depth := s.line(l)
		if depth > MaxNesting {
			return refusal("nesting", MaxNesting, line)
		}
		if len(l) < depth {
			// A line shorter than its depth: the parser asks every open list about it.
			if blank += depth; blank > budget {
				return refusal("blank_lines", budget/MaxNesting, line)
			}
		}
		// What the guard in the parser would refuse at the end of a paragraph is
		// refused here where it is plain to see, before its lines are parsed.
		switch {
		case s.fence != nil || !s.text:
			knots, columns = 0, 0
		case bytes.IndexByte(l, '|') >= 0:
			knots = 0
			columns += delimiterColumns(l)
		case s.opens > 0 || bytes.HasPrefix(bytes.TrimLeft(l, " "), []byte("<")):
			knots = 0
		default:
			if knots += marks(l); knots > MaxMarks {
				return refusal("delimiters", MaxMarks, line)
			}
		}
		if cells += columns; cells > MaxCells {
			return refusal("table", MaxCells, line)
		}
		if len(l) > MaxMarks && headingLine(l) && marks(l) > MaxMarks {
			return refusal("delimiters", MaxMarks, line)
		}
		if s.fence == nil {
			if definition(l) {
				dense += 4
			}
			if bytes.HasPrefix(bytes.TrimLeft(l, " "), []byte("<")) {
				dense += 2
			}
			if (bytes.IndexByte(l, '|') >= 0 || bytes.IndexByte(l, ':') >= 0) && delimiterColumns(l) > 0 {
				dense += 8
			}
			if dense += 4*max(0, s.opens-1) + 2*bytes.Count(l, []byte("[")); dense > most {
				return refusal("dense", most/4, line)
			}
		}
		if bytes.Contains(l, []byte("[^")) {
			refs += bytes.Count(l, []byte("[^"))
			if bytes.Contains(l, []byte("]:")) {
				defs++
			}
		}
	}
	if refs*defs > maxNotes {
		return refusal("footnotes", maxNotes, 0)
	}
	return nil
}

func badLine(src []byte) int {
	for i := 0; i < len(src); {
		r, n := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && n == 1 {
			return 1 + bytes.Count(src[:i], []byte("\n"))
		}
		i += n
	}
	return 0
}

// headingLine says whether a line may be an ATX heading inside any containers.
// It may say so of a line that is none, never the other way round.
func headingLine(l []byte) bool {
	if bytes.IndexByte(l, '#') < 0 {
		return false
	}
	rest := bytes.TrimLeft(l, " \t>*+-.)0123456789")
	return len(rest) > 0 && rest[0] == '#'
}

// underline says whether a line makes a heading of the text above it.
func underline(l []byte) bool {
	l = bytes.TrimSpace(l)
	return len(l) > 0 && (l[0] == '=' || l[0] == '-') && len(bytes.Trim(l, string(l[:1]))) == 0
}

// definition says whether a line may begin a definition of the term above it.
func definition(l []byte) bool {
	if bytes.IndexByte(l, ':') < 0 {
		return false
	}
	l = bytes.TrimLeft(l, " \t>*+-.)0123456789")
	return len(l) > 1 && l[0] == ':' && (l[1] == ' ' || l[1] == '\t')
}

// marks counts the characters that the inline parser has to match with others.
func marks(l []byte) int {
	n := 0
	for i := 0; i < len(l); i++ {
		switch l[i] {
		case '\\':
			i++ // an escaped character is no mark
		case '*', '_', '~', '[', ']', '`', '<':
			n++
		}
	}
	return n
}

// scanner follows the containers of a text line by line, as CommonMark's block
// structure does, but only as far as depth needs: where it is unsure (lazy
// continuation lines) it keeps containers open, so it never counts too few.
type scanner struct {
	stack []int // > 0: a list item whose content starts at this column; -1: a quote
	text  bool  // the last line was the text of a paragraph
	fence []byte

	opens int // how many containers the last line opened
}

// line takes the next line and returns how deep it stands.
func (s *scanner) line(l []byte) int {
	col, i := 0, 0
	indent := func() int {
		n := 0
		for ; i < len(l) && (l[i] == ' ' || l[i] == '\t'); i++ {
			if l[i] == '\t' {
				n += 4 - (col+n)%4
			} else {
				n++
			}
		}
		return n
	}
	if len(bytes.TrimSpace(l)) == 0 {
		s.text, s.opens = false, 0
		return len(s.stack)
	}
	before := s.text
	// How many of the open containers does the line continue?
	kept := 0
	lead := indent() // columns of white space before position i, from col on
	for ; kept < len(s.stack); kept++ {
		if c := s.stack[kept]; c > 0 {
			if col+lead < c {
				break
			}
			lead -= c - col
			col = c
			continue
		}
		if lead > 3 || i >= len(l) || l[i] != '>' {
			break
		}
		col += lead + 1
		i++
		if lead = indent(); lead > 0 {
			lead, col = lead-1, col+1
		}
	}
	if s.fence != nil {
		if kept == len(s.stack) {
			rest := bytes.TrimSpace(l[i:])
			if lead <= 3 && len(rest) >= len(s.fence) && bytes.HasPrefix(rest, s.fence) && len(bytes.Trim(rest, string(s.fence[:1]))) == 0 {
				s.fence = nil
			}
			s.opens = 0
			return len(s.stack)
		}
		s.fence = nil
	}
	lazy := s.text && kept < len(s.stack)
	s.opens = 0
	for i < len(l) {
		width := marker(l[i:])
		if lead > 3 || width == 0 {
			break
		}
		if s.opens++; s.opens == 1 {
			s.stack = s.stack[:kept]
		}
		col += lead + width
		quote := l[i] == '>'
		i += width
		lead = indent()
		switch {
		case quote:
			s.stack = append(s.stack, -1)
			if lead > 0 {
				lead, col = lead-1, col+1
			}
		case i >= len(l): // an empty item: its content starts one further
			s.stack = append(s.stack, col+1)
		case lead > 4: // an indented code block in the item
			s.stack = append(s.stack, col+1)
			lead, col = lead-1, col+1
		default:
			s.stack = append(s.stack, col+lead)
			col, lead = col+lead, 0
		}
		if len(s.stack) > MaxNesting {
			return len(s.stack)
		}
	}
	if s.opens == 0 && !lazy {
		s.stack = s.stack[:kept]
	}
	rest := bytes.TrimSpace(l[i:])
	s.text = len(rest) > 0 && rest[0] != '#' && (lead <= 3 || before && s.opens == 0) // else it is indented code
	if f := fence(rest); lead <= 3 && f != nil {
		s.fence, s.text = f, false
	}
	return len(s.stack)
}

// marker is the width of a quote or list marker at the start of l, 0 for none.
func marker(l []byte) int {
	n := 1
	switch c := l[0]; {
	case c == '>':
		return 1
	case c == '-' || c == '+' || c == '*' || c == ':':
	case c >= '0' && c <= '9':
		for n < len(l) && n < 10 && l[n] >= '0' && l[n] <= '9' {
			n++
		}
		if n >= len(l) || l[n] != '.' && l[n] != ')' {
			return 0
		}
		n++
	default:
		return 0
	}
	if n < len(l) && l[n] != ' ' && l[n] != '\t' {
		return 0
	}
	return n
}

func fence(rest []byte) []byte {
	for _, c := range []byte("`~") {
		n := 0
		for n < len(rest) && rest[n] == c {
			n++
		}
		if n >= 3 && (c == '~' || bytes.IndexByte(rest[n:], '`') < 0) {
			return rest[:n]
		}
	}
	return nil
}

var (
	cellsKey = parser.NewContextKey()
)

// guard is the first paragraph transformer: it sees each paragraph's lines
// before tables and inline marks are looked for in them, and stops the parser
// when they would cost too much. The parser cannot be cancelled otherwise, so
// it panics with the refusal, which Render turns into an error.
type guard struct{}

func (guard) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	src := reader.Source()
	depth := 0
	for p := node.Parent(); p != nil; p = p.Parent() {
		switch p.Kind() {
		case ast.KindBlockquote, ast.KindList:
			depth++
		}
	}
	lines := node.Lines()
	stop := func(code string, limit, at int) {
		panic(refusal(code, limit, 1+bytes.Count(src[:min(lines.At(at).Start, len(src))], []byte("\n"))))
	}
	if depth > MaxNesting {
		stop("nesting", MaxNesting, 0)
	}
	total, cell, table := 0, 0, false
	for i := range lines.Len() {
		seg := lines.At(i)
		l := seg.Value(src)
		if i > 0 {
			if cols := delimiterColumns(l); cols > 0 {
				// Each such line may head a table of all lines below it.
				cells, _ := pc.Get(cellsKey).(int)
				cells += cols * (lines.Len() - i)
				pc.Set(cellsKey, cells)
				if cells > MaxCells {
					stop("table", MaxCells, i)
				}
				if !table {
					// The header row counted as text so far; its cells count alone.
					head := lines.At(i - 1)
					total -= marks(head.Value(src))
					cell = max(cell, cellMarks(head.Value(src)))
				}
				table = true
			}
		}
		if table {
			cell = max(cell, cellMarks(l))
		} else {
			total += marks(l)
		}
		if total > MaxMarks && !headsTable(lines, i, src) || cell > MaxMarks {
			stop("delimiters", MaxMarks, i)
		}
	}
}

// headsTable says whether the line after i is a table's delimiter row.
func headsTable(lines *text.Segments, i int, src []byte) bool {
	if i+1 >= lines.Len() {
		return false
	}
	next := lines.At(i + 1)
	return delimiterColumns(next.Value(src)) > 0
}

// cellMarks is the largest number of marks in one cell of a table row.
func cellMarks(l []byte) int {
	most := 0
	for len(l) > 0 {
		i := 0
		for i < len(l) && l[i] != '|' {
			if l[i] == '\\' {
				i++
			}
			i++
		}
		i = min(i, len(l))
		most = max(most, marks(l[:i]))
		l = l[min(i+1, len(l)):]
	}
	return most
}

// delimiterColumns is the number of columns of a table's delimiter row, 0 for
// any other line.
func delimiterColumns(l []byte) int {
	l = bytes.TrimSpace(l)
	if len(l) == 0 {
		return 0
	}
	dash := false
	for _, c := range l {
		switch c {
		case '-':
			dash = true
		case '|', ':', ' ', '\t':
		default:
			return 0
		}
	}
	if !dash {
		return 0
	}
	return bytes.Count(bytes.Trim(l, "|"), []byte("|")) + 1
}
