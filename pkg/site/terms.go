package site

import (
	"bytes"
	"context"
	"html/template"
	"strconv"
	"strings"

	"golang.org/x/net/html"

	"github.com/multaqa/multaqa/pkg/glossary"
	"github.com/multaqa/multaqa/pkg/policy"
)

// term is a term of the network's glossary that a guide uses.
type term struct {
	ID, Use                    string // fragments: of the explanation, of the place in the text
	Word, Definition, Language string
}

// Terms reads the approved terms that the actor may read, and the edition of the glossary.
type Terms func(ctx context.Context, actor policy.Actor) ([]glossary.Term, int64, error)

// mostTerms keeps the margin readable: a guide that uses more is explained by its first ones.
const mostTerms = 12

// explained marks the first place of each term in the running text of a body, with its definition beside it in the margin, and lists them for
// where there is none. Headings, links, code and footnotes stay as they are.
func explained(body []byte, terms []glossary.Term, language string) ([]byte, []term) {
	if len(terms) == 0 {
		return body, nil
	}
	m := glossary.NewMatcher(terms, language)
	var out bytes.Buffer
	var used []term
	seen := map[int]bool{}
	var open []string // elements in which nothing is marked
	text := 0         // depth of paragraphs and items
	z := html.NewTokenizer(bytes.NewReader(body))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return out.Bytes(), used
		}
		raw := bytes.Clone(z.Raw())
		if kind == html.TextToken && len(open) == 0 && text > 0 && len(used) < mostTerms {
			s := string(z.Text())
			from := 0
			for _, h := range m.Find(s) {
				t := terms[h.Term]
				if seen[h.Term] || len(used) == mostTerms {
					continue
				}
				seen[h.Term] = true
				u := term{ID: "term-" + strconv.Itoa(len(used)+1), Use: "use-" + strconv.Itoa(len(used)+1), Word: t.Words.In(language), Definition: t.Definition.In(language), Language: language}
				if u.Definition == "" {
					u.Definition, u.Language = either(t.Definition, language), tongue(t.Definition, language)
				}
				used = append(used, u)
				word := template.HTMLEscapeString(u.Word)
				out.WriteString(template.HTMLEscapeString(s[from:h.From]) + `<a class="term" id="use-` + strconv.Itoa(len(used)) + `" href="#` + u.ID + `">` + template.HTMLEscapeString(s[h.From:h.To]) + `</a>` +
					`<span class="side gloss" role="note"><span dir="auto" lang="` + u.Language + `"><b>` + word + `</b> ` + template.HTMLEscapeString(u.Definition) + `</span></span>`)
				from = h.To
			}
			if from > 0 {
				out.WriteString(template.HTMLEscapeString(s[from:]))
				continue
			}
		}
		out.Write(raw)
		if kind != html.StartTagToken && kind != html.EndTagToken {
			continue
		}
		name, attrs := tag(z, kind)
		running := name == "p" || name == "li"
		quiet := name == "a" || name == "code" || name == "pre" || name == "sup" || name == "table" || name == "section" || name == "div" || len(name) == 2 && strings.HasPrefix(name, "h") && name != "hr"
		switch {
		case kind == html.StartTagToken && (quiet || name == "p" && attrs["class"] != "" || name == "span"):
			open = append(open, name)
		case kind == html.EndTagToken && len(open) > 0 && open[len(open)-1] == name:
			open = open[:len(open)-1]
		case kind == html.StartTagToken && running:
			text++
		case kind == html.EndTagToken && running:
			text--
		}
	}
}
