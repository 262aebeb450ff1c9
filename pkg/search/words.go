package search

import (
	_ "embed"
	"strings"

	"github.com/multaqa/multaqa/pkg/arabic"
)

// numbers lists Arabic words with their broken plurals, which no light stem
// joins: a line for each word, singular first.
//
//go:embed numbers.txt
var numbers string

//go:embed quiet.txt
var quiet string

// maxWords and maxQuery bound a query: words that count, characters read.
const (
	maxWords = 16
	maxQuery = 256
)

var otherNumber, quietWords = func() (map[string][]string, map[string]bool) {
	other, still := map[string][]string{}, map[string]bool{}
	for line := range strings.Lines(numbers) {
		forms := arabic.Words(line)
		for _, a := range forms {
			for _, b := range forms {
				if a, b := stem(a), stem(b); a != b {
					other[a] = append(other[a], b)
				}
			}
		}
	}
	for _, w := range arabic.Words(quiet) {
		still[w] = true
	}
	return other, still
}()

// stem is the light stem of a folded word: arabic.Stem, or the English word
// without a plural ending.
func stem(w string) string {
	if len(w) < 4 || w[0] < 'a' || w[0] > 'z' {
		return arabic.Stem(w)
	}
	switch {
	case strings.HasSuffix(w, "ies") && len(w) > 4:
		return w[:len(w)-3] + "y"
	case strings.HasSuffix(w, "sses"), strings.HasSuffix(w, "ches"), strings.HasSuffix(w, "shes"), strings.HasSuffix(w, "xes"):
		return w[:len(w)-2]
	case strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "us") && !strings.HasSuffix(w, "is"):
		return w[:len(w)-1]
	}
	return w
}

// Words cuts a query into at most 16 folded words.
func Words(query string) []string {
	r := []rune(query)
	words := arabic.Words(string(r[:min(len(r), maxQuery)]))
	return words[:min(len(words), maxWords)]
}

// form is a way in which a query word may stand in a text.
type form struct {
	term   string
	weight float32
}

// exact is the index term of a word as typed.
func exact(w string) string { return "=" + w }

// forms are the ways to look for one folded word.
func forms(w string, literal bool) []form {
	if literal {
		return []form{{exact(w), 1}}
	}
	s := stem(w)
	out := []form{{s, 1}, {exact(w), 0.3}}
	attached := func(s string, weight float32) {
		if s == "" || s[0] < 0xd8 { // not an Arabic letter
			return
		}
		for _, p := range []string{"و", "ب", "ل", "ك", "ف"} {
			out = append(out, form{p + s, weight})
		}
	}
	attached(s, 0.8)
	for _, o := range otherNumber[s] {
		out = append(out, form{o, 0.8})
		attached(o, 0.6)
	}
	// A letter attached to the query's own word, which may as well be a radical.
	r := []rune(w)
	for _, p := range []string{"ولل", "و", "ب", "ل", "ك", "ف"} {
		if rest, ok := strings.CutPrefix(w, p); ok && len(r)-len([]rune(p)) >= 3 {
			t := stem(rest)
			out = append(out, form{t, 0.6})
			for _, o := range otherNumber[t] {
				out = append(out, form{o, 0.5})
			}
		}
	}
	return out
}

// near says whether one letter put in, left out, changed or swapped makes a
// of b.
func near(a, b []rune) bool {
	if len(a) < len(b) {
		a, b = b, a
	}
	if len(a)-len(b) > 1 {
		return false
	}
	i := 0
	for i < len(b) && a[i] == b[i] {
		i++
	}
	if len(a) == len(b) {
		if i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && string(a[i+2:]) == string(b[i+2:]) {
			return true
		}
		return i == len(a) || string(a[i+1:]) == string(b[i+1:])
	}
	return string(a[i+1:]) == string(b[i:])
}
