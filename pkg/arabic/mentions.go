package arabic

import (
	"slices"
	"strings"
)

// Mentions says whether every one of the words, as [Words] gives them, stands
// in the texts, whole or as a part of a word. No words are always mentioned.
func Mentions(words []string, texts ...string) bool {
	all := strings.Join(Words(strings.Join(texts, " ")), " ")
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(all, w) })
}

// Begins says whether each of the words sought, folded as [Words] folds them, begins a word of the texts, with its article or
// without. No words begin any text.
func Begins(sought string, texts ...string) bool {
	all := Words(strings.Join(texts, " "))
	return !slices.ContainsFunc(Words(sought), func(w string) bool {
		return !slices.ContainsFunc(all, func(of string) bool {
			return strings.HasPrefix(of, w) || strings.HasPrefix(strings.TrimPrefix(of, "ال"), w)
		})
	})
}
