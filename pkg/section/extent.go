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

// underlined reads a heading that is underlined, from its first line on. It stands below an empty line or begins the text: otherwise what is
// written above it could become part of it unseen.
func underlined(text changeset.Text, at int, first string, l *lines) (heading string, depth, units int) {
	if at > 1 {
		if before, err := text.Slice(at-2, at); err != nil || before != "\n\n" {
			return "", 0, 0
		}
	}
	if blank(first) || fence(first) != "" || notParagraph.MatchString(first) {
		return "", 0, 0
	}
	heading = strings.TrimSpace(first)
	for {
		line, n, more := l.line()
		units += n
		if depth = underline(line); depth > 0 {
			return heading, depth, units
		}
		if !more || blank(line) || level(line) > 0 || fence(line) != "" || interrupts.MatchString(line) {
			return "", 0, 0
		}
		heading += " " + strings.TrimSpace(line)
	}
}

// extent reads the section whose heading begins at a position: its heading, where it ends, and where the line ends that ended it. ok is
// false when no heading begins there.
func extent(text changeset.Text, at int) (heading string, depth, end, guard int, ok bool) {
	if at < 0 || at > text.Len() {
		return "", 0, 0, 0, false
	}
	if at > 0 {
		if before, err := text.Slice(at-1, at); err != nil || before != "\n" {
			return "", 0, 0, 0, false
		}
	}
	l := &lines{text: text, next: at}
	first, units, more := l.line()
	if !more {
		return "", 0, 0, 0, false
	}
	end = at + units
	if depth = level(first); depth > 0 {
		heading = titleOf(first)
	} else if heading, depth, units = underlined(text, at, first, l); depth > 0 {
		end += units
	} else {
		return "", 0, 0, 0, false
	}
	open := ""
	inBlock, paragraph := false, -1 // where the open paragraph began
	for {
		line, units, more := l.line()
		if !more {
			return heading, depth, end, end, true
		}
		mark := fence(line)
		switch {
		case open != "":
			if mark != "" && mark[0] == open[0] && len(mark) >= len(open) && strings.TrimSpace(line) == mark {
				open, inBlock = "", false
			}
		case mark != "":
			open, paragraph = mark, -1
		case blank(line):
			inBlock, paragraph = false, -1
		case level(line) > 0:
			if level(line) <= depth {
				return heading, depth, end, end + units, true
			}
			inBlock, paragraph = false, -1
		case paragraph >= 0 && underline(line) > 0:
			if underline(line) <= depth {
				return heading, depth, paragraph, end + units, true
			}
			inBlock, paragraph = false, -1
		case paragraph >= 0:
			if interrupts.MatchString(line) {
				paragraph = -1
			}
		case !inBlock:
			if !notParagraph.MatchString(line) {
				paragraph = end
			}
			inBlock = true
		}
		end += units
	}
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
	l := &lines{text: text}
	at, open, inBlock := 0, "", false
	paragraph, words := -1, "" // where the open paragraph began, and what it says
	for {
		line, units, more := l.line()
		if !more {
			return out
		}
		mark := fence(line)
		switch {
		case open != "":
			if mark != "" && mark[0] == open[0] && len(mark) >= len(open) && strings.TrimSpace(line) == mark {
				open, inBlock = "", false
			}
		case mark != "":
			open, paragraph = mark, -1
		case blank(line):
			inBlock, paragraph = false, -1
		case level(line) > 0:
			out = append(out, Heading{at, level(line), titleOf(line)})
			inBlock, paragraph = false, -1
		case paragraph >= 0 && underline(line) > 0:
			out = append(out, Heading{paragraph, underline(line), words})
			inBlock, paragraph = false, -1
		case paragraph >= 0:
			if words += " " + strings.TrimSpace(line); interrupts.MatchString(line) {
				paragraph = -1
			}
		case !inBlock:
			if !notParagraph.MatchString(line) {
				paragraph, words = at, strings.TrimSpace(line)
			}
			inBlock = true
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
