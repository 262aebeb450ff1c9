package textdiff

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
)

// Words splits a text into words, spaces and single signs; joined they are the text. A line break is a token of its own.
func Words(s string) []string {
	var out []string
	end := 0 // of the last token
	for it := words.FromString(s); it.Next(); {
		w := it.Value()
		end += len(w)
		// ٨٠٪ and 85% are read as one word, and so shown as one.
		if n := len(out) - 1; n >= 0 && (w == "%" || w == "٪" || w == "‰") && endsInDigit(out[n]) {
			out[n] = s[end-len(w)-len(out[n]) : end]
			continue
		}
		out = append(out, w)
	}
	return out
}

// IsWord reports that a token of Words has a letter or a digit.
func IsWord(token string) bool {
	for _, r := range token {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return true
		}
	}
	return false
}

// Count is the number of words of a text.
func Count(s string) int {
	n := 0
	for _, w := range Words(s) {
		if IsWord(w) {
			n++
		}
	}
	return n
}

func endsInDigit(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsDigit(r)
}

func isSpace(s string) bool { return strings.TrimSpace(s) == "" }

// book numbers strings, so that they compare as numbers.
type book map[string]int32

func (b book) of(s string) int32 {
	n, ok := b[s]
	if !ok {
		n = int32(len(b))
		b[s] = n
	}
	return n
}

// bag is the words of a line, sorted, for the likeness of lines.
func (b book) bag(line string) []int32 {
	var out []int32
	for _, w := range Words(line) {
		if IsWord(w) {
			out = append(out, b.of(w))
		}
	}
	slices.Sort(out)
	return out
}

func union(a, b []int32) []int32 {
	out := append(append(make([]int32, 0, len(a)+len(b)), a...), b...)
	slices.Sort(out)
	return out
}

// shared is the number of words that two bags have in common.
func shared(a, b []int32) int {
	n := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			n, i, j = n+1, i+1, j+1
		}
	}
	return n
}
