package publish

import (
	"html"
	"strings"

	"github.com/multaqa/multaqa/pkg/arabic"
)

// Excerpt is a part of the text around the first word found, as HTML with
// whole words marked, since a mark inside an Arabic word would break its
// joins. Without a query it is the beginning.
func Excerpt(text string, words []string) string {
	stems := map[string]bool{}
	for _, w := range words {
		for _, v := range arabic.Variants(w) {
			stems[v] = true
		}
		stems[w] = true
	}
	all := strings.Fields(text)
	hit := func(w string) bool {
		for _, f := range arabic.Words(w) {
			if stems[f] || stems[arabic.Stem(f)] {
				return true
			}
			for s := range stems {
				if len([]rune(s)) > 3 && strings.Contains(f, s) {
					return true
				}
			}
		}
		return false
	}
	first := 0
	if len(words) > 0 {
		for i, w := range all {
			if hit(w) {
				first = i
				break
			}
		}
	}
	from, to := max(0, first-10), min(len(all), first+26)
	var b strings.Builder
	if from > 0 {
		b.WriteString("… ")
	}
	for i := from; i < to; i++ {
		if i > from {
			b.WriteByte(' ')
		}
		if len(words) > 0 && hit(all[i]) {
			b.WriteString("<mark>" + html.EscapeString(all[i]) + "</mark>")
		} else {
			b.WriteString(html.EscapeString(all[i]))
		}
	}
	if to < len(all) {
		b.WriteString(" …")
	}
	return b.String()
}
