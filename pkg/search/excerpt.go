package search

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/multaqa/multaqa/pkg/arabic"
	"github.com/multaqa/multaqa/pkg/publish"
)

// Excerpt is a part of a guide around the words found.
type Excerpt struct {
	HTML   string // escaped, whole words in <mark>; "" when only the title has the words
	ID     string // the clause's fragment, or that of the nearest above it; ""
	Number string // its number, or ""
}

// before and after are the words of an excerpt around the first mark.
const before, after = 10, 30

// excerpt takes the clause that has the most different terms, the earliest of
// equals.
func excerpt(clauses []publish.Clause, plain string, terms map[string]bool) Excerpt {
	if len(clauses) == 0 {
		clauses = []publish.Clause{{Text: plain}}
	}
	best, most, at := -1, 0, 0
	anchor, number := "", ""
	var out Excerpt
	for i, c := range clauses {
		if c.ID != "" {
			anchor, number = c.ID, c.Number
		}
		n, first := hits(c.Text, terms)
		if n > most || (n == most && n > 0 && best >= 0 && heading(clauses[best]) && !heading(c)) {
			best, most, at = i, n, first
			out.ID, out.Number = anchor, number
		}
	}
	if best < 0 {
		return Excerpt{}
	}
	out.HTML = marked(clauses[best].Text, terms, at)
	return out
}

// heading tells a heading, which says less than a clause of the same words.
func heading(c publish.Clause) bool { return strings.HasPrefix(c.ID, "h-") }

func found(w string, terms map[string]bool) string {
	for _, f := range arabic.Words(w) {
		for _, term := range []string{stem(f), exact(f)} {
			if terms[term] {
				return term
			}
		}
	}
	return ""
}

// hits counts the different terms in a text; first is the place of the word
// with which they begin.
func hits(text string, terms map[string]bool) (n, first int) {
	var seen [maxWords]string
	i := 0
	for w := range strings.FieldsSeq(text) {
		if t := found(w, terms); t != "" {
			known := false
			for _, s := range seen[:n] {
				known = known || s == t
			}
			if !known && n < len(seen) {
				if n == 0 {
					first = i
				}
				seen[n] = t
				n++
			}
		}
		i++
	}
	return n, first
}

// marked is the text around a word, as HTML.
func marked(text string, terms map[string]bool, at int) string {
	words := strings.Fields(text)
	from, to := max(0, at-before), min(len(words), at+after)
	var b strings.Builder
	if from > 0 {
		b.WriteString("… ")
	}
	for i, w := range words[from:to] {
		if i > 0 {
			b.WriteByte(' ')
		}
		if found(w, terms) != "" {
			// The comma after a word is no part of what was sought.
			word := strings.TrimFunc(w, unicode.IsPunct)
			before, after, _ := strings.Cut(w, word)
			b.WriteString(html.EscapeString(before) + "<mark>" + html.EscapeString(word) + "</mark>" + html.EscapeString(after))
		} else {
			b.WriteString(html.EscapeString(short(w)))
		}
	}
	if to < len(words) {
		b.WriteString(" …")
	}
	return b.String()
}

// short cuts what is no word: an address or a hash may be as long as the page.
func short(w string) string {
	if utf8.RuneCountInString(w) <= 60 {
		return w
	}
	return string([]rune(w)[:60]) + "…"
}
