package section

import (
	"regexp"
	"strings"

	"github.com/multaqa/multaqa/pkg/changeset"
)

// level is the level of the ATX heading that a line is, or 0.
func level(line string) int {
	s := strings.TrimLeft(line, " ")
	if len(line)-len(s) > 3 {
		return 0
	}
	n := 0
	for n < len(s) && s[n] == '#' {
		n++
	}
	if n < 1 || n > 6 || n < len(s) && s[n] != ' ' && s[n] != '\t' {
		return 0
	}
	return n
}

// fence is the run of marks that a line opens or closes a code block with, or "".
func fence(line string) string {
	s := strings.TrimLeft(line, " ")
	if len(line)-len(s) > 3 || len(s) < 3 || s[0] != '`' && s[0] != '~' {
		return ""
	}
	n := 0
	for n < len(s) && s[n] == s[0] {
		n++
	}
	if n < 3 {
		return ""
	}
	return s[:n]
}

// lines hands out the lines of a text from a position on, without reading it whole.
type lines struct {
	text changeset.Text
	buf  string // read and not yet handed out
	next int    // position after buf
}

// line returns the next line without its break, and its length with it, in UTF-16 units.
func (l *lines) line() (line string, units int, more bool) {
	window := 2048
	for {
		if i := strings.IndexByte(l.buf, '\n'); i >= 0 {
			line, l.buf = l.buf[:i], l.buf[i+1:]
			return line, changeset.Len16(line) + 1, true
		}
		if l.next >= l.text.Len() {
			line, l.buf = l.buf, ""
			return line, changeset.Len16(line), line != ""
		}
		end := min(l.next+window, l.text.Len())
		s, err := l.text.Slice(l.next, end)
		if err != nil { // inside a surrogate pair
			end++
			if s, err = l.text.Slice(l.next, end); err != nil {
				return "", 0, false
			}
		}
		l.buf, l.next, window = l.buf+s, end, window*2
	}
}

// underline is the level of the heading that a line makes of the paragraph above it (CommonMark 0.31 §4.3), or 0.
func underline(line string) int {
	s := strings.TrimLeft(line, " ")
	if len(line)-len(s) > 3 {
		return 0
	}
	s = strings.TrimRight(s, " \t")
	switch {
	case s == "":
	case strings.Trim(s, "=") == "":
		return 1
	case strings.Trim(s, "-") == "":
		return 2
	}
	return 0
}

// What begins another block than a paragraph, where a paragraph could begin and where one is open.
var (
	notParagraph = regexp.MustCompile(`^(?: {4}|\t| {0,3}(?:>|[-*+](?:[ \t]|$)|[0-9]{1,9}[.)](?:[ \t]|$)|[|<]|\[[^\]]*\]:|(?:[-*_][ \t]*){3,}$))`)
	interrupts   = regexp.MustCompile(`^ {0,3}(?:[><]|[-*+][ \t]+[^ \t]|1[.)][ \t]+[^ \t]|(?:[*_][ \t]*){3,}$)`)
)

func blank(line string) bool { return strings.TrimSpace(line) == "" }

// walker tells the headings of lines that are read one after the other, with as much of CommonMark's block structure as decides whether a line is
// one: blocks of code, and paragraphs that a line below underlines.
type walker struct {
	open    string // the marks of the block of code that is open
	inBlock bool   // a block that is no paragraph is open, which goes on until a blank line
	from    int    // where the open paragraph began
	words   []string
}

// line takes the next line, which begins at a position. depth is 0 unless a heading ends with it; from is where that one began.
func (w *walker) line(line string, at int) (from, depth int, title string) {
	mark := fence(line)
	switch {
	case w.open != "":
		if mark != "" && mark[0] == w.open[0] && len(mark) >= len(w.open) && strings.TrimSpace(line) == mark {
			w.open, w.inBlock = "", false
		}
	case mark != "":
		w.open, w.words = mark, nil
	case blank(line):
		w.inBlock, w.words = false, nil
	case level(line) > 0:
		w.inBlock, w.words = false, nil
		return at, level(line), titleOf(line)
	case w.words != nil && underline(line) > 0:
		title = strings.Join(w.words, " ")
		w.inBlock, w.words = false, nil
		return w.from, underline(line), title
	case w.words != nil:
		if w.words = append(w.words, strings.TrimSpace(line)); interrupts.MatchString(line) {
			w.words = nil
		}
	case !w.inBlock:
		if !notParagraph.MatchString(line) {
			w.from, w.words = at, []string{strings.TrimSpace(line)}
		}
		w.inBlock = true
	}
	return 0, 0, ""
}

// extent reads the section whose heading begins at a position: its heading, where it ends, and where the line ends that ended it. ok is
// false when no heading begins there. A heading that is underlined counts below an empty line or at the beginning of the text only: otherwise what is
// written above it could become part of it unseen.
func extent(text changeset.Text, at int) (heading string, depth, end, guard int, ok bool) {
	if at < 0 || at > text.Len() {
		return "", 0, 0, 0, false
	}
	if at > 0 {
		if before, err := text.Slice(at-1, at); err != nil || before != "\n" {
			return "", 0, 0, 0, false
		}
	}
	var w walker
	l := &lines{text: text, next: at}
	for end = at; ; {
		line, units, more := l.line()
		if !more {
			return heading, depth, end, end, ok
		}
		from, level, title := w.line(line, end)
		switch {
		case ok && level > 0 && level <= depth:
			return heading, depth, from, end + units, true
		case ok:
		case level > 0:
			if from != at || end > at && !alone(text, at) {
				return "", 0, 0, 0, false
			}
			heading, depth, ok = title, level, true
		case w.words == nil:
			return "", 0, 0, 0, false
		}
		end += units
	}
}

// alone says whether a line below an empty one begins at a position, or the text.
func alone(text changeset.Text, at int) bool {
	if at < 2 {
		return true
	}
	before, err := text.Slice(at-2, at)
	return err == nil && before == "\n\n"
}

// Heading is a heading of a text: the place of its line, or of the first of the lines that are underlined, in UTF-16 units, its level from 1 to 6,
// and its words with their marks.
type Heading struct {
	From, Level int
	Title       string
}

// Headings lists the headings of a text in order, each of them the end of the section before it.
func Headings(text changeset.Text) []Heading {
	var out []Heading
	var w walker
	l := &lines{text: text}
	for at := 0; ; {
		line, units, more := l.line()
		if !more {
			return out
		}
		if from, level, title := w.line(line, at); level > 0 {
			out = append(out, Heading{from, level, title})
		}
		at += units
	}
}

func titleOf(line string) string {
	return strings.TrimSpace(strings.TrimRight(strings.TrimLeft(strings.TrimSpace(line), "#"), "# \t"))
}

// follow moves the beginning of a heading's line over a change. What is inserted there as whole lines goes before it; anything
// else at that place is of the heading's line.
func follow(ch changeset.ChangeSet, at int) int {
	assoc := -1
	ch.Each(func(fromA, toA, _, _ int, insert string) {
		if fromA == at && toA == at && strings.HasSuffix(insert, "\n") {
			assoc = 1
		}
	})
	pos, _ := ch.MapPos(at, assoc, changeset.Simple)
	return pos
}
