package glossary

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/multaqa/multaqa/pkg/arabic"
)

// Hit is a place of a text, in bytes, that says a term's preferred word.
type Hit struct {
	From, To int
	Term     int // its place in the list of terms
}

// Matcher finds the preferred words of terms, with what is written onto an Arabic word: وبالمتعامل is و + ب + ال + متعامل. It is the counterpart
// of what marks words under a text that is being written (frontend, glossary/match.ts), for pages.
type Matcher map[string][]form

type form struct {
	words []string
	term  int
}

var wordOf = regexp.MustCompile(`[\p{L}\p{N}\p{M}\x{0640}\x{200c}\x{200d}]+`)

// NewMatcher takes the terms' words in a language, ar or en.
func NewMatcher(terms []Term, language string) Matcher {
	m := Matcher{}
	for i, t := range terms {
		var f form
		for _, w := range wordOf.FindAllString(t.Words.In(language), -1) {
			f.words = append(f.words, bare(arabic.Fold(w)))
		}
		if f.term = i; len(f.words) > 0 {
			m[f.words[0]] = append(m[f.words[0]], f)
		}
	}
	// The longest form at a place is the one that is meant.
	for _, list := range m {
		slices.SortStableFunc(list, func(a, b form) int { return cmp.Compare(len(b.words), len(a.words)) })
	}
	return m
}

// bare is a folded word without its article.
func bare(w string) string {
	if rest, ok := strings.CutPrefix(w, "ال"); ok && utf8.RuneCountInString(rest) > 1 {
		return rest
	}
	return w
}

// readings are what a folded word may be without the letters written onto it; the word as it is comes first.
func readings(w string) []string {
	out := []string{w, bare(w)}
	for _, conj := range []string{"", "و", "ف"} {
		s, ok := strings.CutPrefix(w, conj)
		if !ok || utf8.RuneCountInString(s) < 3 {
			continue
		}
		out = append(out, s, bare(s))
		for _, prep := range []string{"ب", "ل", "ك"} {
			if rest, ok := strings.CutPrefix(s, prep); ok && utf8.RuneCountInString(rest) >= 3 {
				out = append(out, rest, bare(rest))
			}
		}
		if rest, ok := strings.CutPrefix(s, "لل"); ok && utf8.RuneCountInString(rest) >= 3 {
			out = append(out, rest) // ل + ال is written لل
		}
	}
	return out
}

// Find lists the places in order; they do not overlap.
func (m Matcher) Find(text string) []Hit {
	at := wordOf.FindAllStringIndex(text, -1)
	words := make([]string, len(at))
	for i, p := range at {
		words[i] = arabic.Fold(text[p[0]:p[1]])
	}
	var out []Hit
next:
	for i := 0; i < len(at); i++ {
		for _, first := range readings(words[i]) {
			for _, f := range m[first] {
				if n := len(f.words); i+n <= len(at) && follows(words[i+1:i+n], f.words[1:]) && !parted(text[at[i][0]:at[i+n-1][1]]) {
					out = append(out, Hit{at[i][0], at[i+n-1][1], f.term})
					i += n - 1
					continue next
				}
			}
		}
	}
	return out
}

func follows(words, form []string) bool {
	return slices.EqualFunc(words, form, func(w, f string) bool { return w == f || bare(w) == f })
}

// parted says whether anything but spaces stands between words: a term does not reach over a comma.
func parted(s string) bool { return strings.ContainsAny(s, ".,;:!?،؛؟()[]«»\"\n") }
