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
