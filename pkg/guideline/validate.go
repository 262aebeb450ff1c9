package guideline

import (
	"strings"
	"unicode/utf8"

	"github.com/multaqa/multaqa/pkg/arabic"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Limits of people's words, in grapheme clusters; the text in bytes.
const (
	maxTitle   = 200
	maxSummary = 1000
	maxTag     = 40
	maxTags    = 20
	maxText    = 2 << 20
)

// fields collects the field faults of one request.
type fields struct{ err *fault.Error }

func (f *fields) add(field, code string) {
	if f.err == nil {
		f.err = fault.New(fault.Invalid, "guideline.invalid")
	}
	f.err = f.err.WithField(field, code)
}

func (f *fields) fault() error {
	if f.err == nil {
		return nil
	}
	return f.err
}

// title checks a bilingual title; where one language is missing the other
// stands for both.
func (f *fields) title(t locale.Text) locale.Text {
	if t.Ar == "" {
		t.Ar = t.En
	}
	if t.En == "" {
		t.En = t.Ar
	}
	for _, s := range []string{t.Ar, t.En} {
		if code := member.Problem(s, maxTitle); code != "" {
			f.add("title", code)
			break
		}
	}
	return t
}

func (f *fields) words(field, s string, max int) {
	if code := member.ProblemOfText(s, max); code != "" {
		f.add(field, code)
	}
}

func (f *fields) tags(tags []string) []string {
	out := []string{}
	if len(tags) > maxTags {
		f.add("tags", "too_many")
	}
	seen := map[string]bool{}
	for _, t := range tags {
		if code := member.Problem(t, maxTag); code != "" {
			f.add("tags", code)
			break
		}
		if !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	return out
}

func (f *fields) language(lang string) {
	if lang != "ar" && lang != "en" {
		f.add("language", "invalid")
	}
}

func (f *fields) ladder(v policy.Visibility) {
	if v.Rank() < 1 {
		f.add("visibility", "invalid")
	}
}

// text checks a Markdown text and gives it lines that end in \n.
func (f *fields) text(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	switch {
	case !utf8.ValidString(s):
		f.add("text", "not_utf8")
	case strings.ContainsRune(s, 0):
		f.add("text", "control_character")
	case len(s) > maxText:
		f.add("text", "too_long")
	}
	return s
}

// titleNorm is what lists search in: titles and summary, folded.
func titleNorm(g Guideline) string { return fold(g.Title.Ar + " " + g.Title.En + " " + g.Summary) }

// fold is the search form of a text, words parted by one space; it holds no
// wildcard of SQL.
func fold(s string) string { return strings.Join(arabic.Words(s), " ") }
