package glossary

import (
	"slices"
	"testing"

	"github.com/multaqa/multaqa/pkg/locale"
)

func TestWordsOfTheGlossaryInAText(t *testing.T) {
	terms := []Term{{Words: locale.Text{Ar: "متعامل", En: "customer"}}, {Words: locale.Text{Ar: "رحلة المتعامل", En: "customer journey"}}, {Words: locale.Text{Ar: "مدّة الانتظار", En: "waiting time"}}}
	for _, c := range []struct {
		lang, text string
		want       []string
	}{
		{"ar", "يُبلَّغ المتعاملُ بالنتيجة.", []string{"المتعاملُ"}},
		{"ar", "وبالمتعامل وللمتعامل ومتعاملٍ", []string{"وبالمتعامل", "وللمتعامل", "ومتعاملٍ"}},
		{"ar", "تبدأ رحلةُ المتعامل هنا", []string{"رحلةُ المتعامل"}},
		{"ar", "رحلة، المتعامل", []string{"المتعامل"}},
		{"ar", "لا تتجاوز مدة الانتظار حدّها", []string{"مدة الانتظار"}},
		{"ar", "المتعاملون والتعامل وتعاملات", nil},
		{"en", "A Customer's journey, the customer journey and the waiting time.", []string{"Customer", "customer journey", "waiting time"}},
		{"en", "customers", nil},
	} {
		var got []string
		for _, h := range NewMatcher(terms, c.lang).Find(c.text) {
			got = append(got, c.text[h.From:h.To])
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.text, got, c.want)
		}
	}
}
