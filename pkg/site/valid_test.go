package site

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/policy"
)

var void = []string{"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

// faults lists what a validator would say of a page: tags that do not nest, what
// the parser had to move or invent, ids twice or nowhere, controls inside
// controls, pictures and fields without a name.
func faults(body string) []string {
	var out []string
	say := func(parts ...string) { out = append(out, strings.Join(parts, " ")) }
	if !strings.HasPrefix(body, "<!doctype html>\n<html lang=") {
		say("the page does not begin with its type and language")
	}
	// As written: each element with its parent.
	var written, open []string
	ids, wanted := map[string]int{}, map[string]string{}
	labels := map[string]bool{}
	count := map[string]int{}
	z := html.NewTokenizer(strings.NewReader(body))
	for z.Next() != html.ErrorToken {
		t := z.Token()
		switch t.Type {
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != t.Data {
				say("</"+t.Data+"> closes", strings.Join(open, ">"))
				return out
			}
			open = open[:len(open)-1]
		case html.StartTagToken, html.SelfClosingTagToken:
			parent := ""
			if len(open) > 0 {
				parent = open[len(open)-1]
			}
			written = append(written, parent+">"+t.Data)
			count[t.Data]++
			a := map[string]string{}
			for _, at := range t.Attr {
				a[at.Key] = at.Val
			}
			if id, ok := a["id"]; ok {
				ids[id]++
			}
			for _, ref := range []string{"aria-describedby", "aria-labelledby", "for"} {
				for id := range strings.FieldsSeq(a[ref]) {
					wanted[id] = t.Data + " " + ref
				}
			}
			if t.Data == "label" {
				labels[a["for"]] = true
			}
			if to, ok := strings.CutPrefix(a["href"], "#"); ok {
				id, err := url.PathUnescape(to)
				if err != nil {
					say("link to", to)
				}
				wanted[id] = "link"
			}
			if _, named := a["alt"]; t.Data == "img" && !named {
				say("picture without alt")
			}
			if (t.Data == "input" && a["type"] != "hidden" && a["type"] != "checkbox" || t.Data == "select") && a["aria-label"] == "" && !labels[a["id"]] {
				say(t.Data, "without a name")
			}
			if t.Data == "a" || t.Data == "button" {
				if slices.Contains(open, "a") || slices.Contains(open, "button") {
					say(t.Data, "inside a control")
				}
			}
			if t.Type == html.StartTagToken && !slices.Contains(void, t.Data) {
				open = append(open, t.Data)
			}
		}
	}
	if len(open) > 0 {
		say("open at the end:", strings.Join(open, ">"))
	}
	for id, n := range ids {
		if n > 1 || id == "" || strings.ContainsAny(id, " \t\n") {
			say("id", id)
		}
	}
	for id, who := range wanted {
		if ids[id] == 0 {
			say(who, "to", id, "which is not there")
		}
	}
	if count["main"] != 1 || count["title"] != 1 || count["h1"] == 0 {
		say("main, title or first heading")
	}
	// As a browser reads it: the same elements in the same places.
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		return append(out, err.Error())
	}
	var read []string
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			parent := ""
			if n.Parent != nil && n.Parent.Type == html.ElementNode {
				parent = n.Parent.Data
			}
			read = append(read, parent+">"+n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	for i := range max(len(written), len(read)) {
		if i >= len(written) || i >= len(read) || written[i] != read[i] {
			say("written and read differ at", strings.Join(written[i:min(i+3, len(written))], " "), "and", strings.Join(read[i:min(i+3, len(read))], " "))
			break
		}
	}
	return out
}

func TestTheValidatorFindsFaults(t *testing.T) {
	page := func(s string) string {
		return "<!doctype html>\n<html lang=\"ar\"><head><title>x</title></head><body><main><h1>x</h1>" + s + "</main></body></html>"
	}
	if f := faults(page(`<p id="a"><a href="#a">x</a><br></p><table><tbody><tr><td>x</td></tr></tbody></table>`)); len(f) > 0 {
		t.Error(f)
	}
	for _, bad := range []string{`<p><div>x</div></p>`, `<table><tr><td>x</td></tr></table>`, `<b><i>x</b></i>`, `<i id="a"></i><i id="a"></i>`, `<a href="#b">x</a>`, `<a href="/"><button>x</button></a>`,
		`<img src="/x.png">`, `<input name="q">`, `<table><p>x</p></table>`, `<ul><li>x</ul>`, `<main></main>`} {
		if len(faults(page(bad))) == 0 {
			t.Errorf("%s passes", bad)
		}
	}
}

const everything = "# دليل\n\n## القوائم\n\nنص فيه `server --help` وLatin داخله، و[رابط](https://example.gov/a?b=1&c=2)، و![صورة](/files/x.png).\n\n" +
	"1. أول\n   - فرعي\n     1. ثالث\n2. ثانٍ\n\n- [ ] مهمة\n- [x] تمت\n\n> [!WARNING]\n> تنبيه\n\n> اقتباس\n\n```sh\nmake run && echo \"<b>\"\n```\n\n" +
	"| عمود | column | عمود طويل جدًّا فيه كلمات كثيرة | د | هـ | و | ز |\n|:--|--:|:-:|---|---|---|---|\n| أ | b | `c` | ١ | ٢ | ٣ | ٤[^2] |\n\nمصطلح\n: تعريفه\n\n" +
	"## An English section\n\nEnglish words[^1] in an Arabic guide.\n\n### فرع\n\nنص.\n\n---\n\n[^1]: An English note with `code`.\n[^2]: حاشية.\n"

func TestEveryPageIsValid(t *testing.T) {
	w := open(t)
	w.publish("1", "دليل", everything, nil)
	w.publish("2", "ملغى", "نص", func(p *guideline.Publication) { p.State, p.Notice = guideline.Withdrawn, "انتهى العمل به" })
	w.publish("3", "أزيل", "نص", func(p *guideline.Publication) { p.State, p.Notice = guideline.Unpublished, "نُشر خطأً" })
	w.publish("4", "An English guide", "# An English guide\n\n## One\n\nWords[^1].\n\n[^1]: Note.\n", func(p *guideline.Publication) { p.Language = "en" })
	first := func(p *guideline.Publication) { p.Edition, p.Number.Major, p.State = "ed_1b", 2, guideline.Published }
	w.publish("1", "دليل", strings.ReplaceAll(everything, "أول", "بدء"), first)
	paths := []string{"/published", "/published?q=%D8%A7%D9%84%D9%82%D9%88%D8%A7%D8%A6%D9%85", "/published?q=zz", "/published?agency=ag_1", "/published?agency=ag_9", "/published?language=en",
		"/published?language=xx&page=7", "/published/nothing", "/guides/gl_1/e/1.0", "/guides/gl_1/e/2.0", "/guides/gl_1/e/2.0/changes/1.0", "/guides/gl_2/e/1.0", "/guides/gl_3/e/1.0",
		"/guides/gl_4/e/1.0", "/guides/gl_9/e/1.0"}
	for _, signedIn := range []bool{false, true} {
		if signedIn {
			w.actor = policy.Actor{Person: "pe_1", Agency: "ag_2", Roles: []policy.Role{policy.Reader}}
		}
		for _, lang := range []string{"ar", "en"} {
			for _, p := range paths {
				if f := faults(w.get(p, "Cookie", "lang="+lang).Body.String()); len(f) > 0 {
					t.Errorf("%s in %s: %s", p, lang, strings.Join(f, "; "))
				}
			}
		}
	}
}

func TestAPageSaysWhatItIs(t *testing.T) {
	w := open(t)
	w.Base = "https://hub.example.gov"
	w.publish("1", "دليل", "# دليل\n\nنص", nil)
	w.publish("1", "دليل", "# دليل آخر\n\nنص", func(p *guideline.Publication) { p.Edition, p.Number.Major = "ed_2", 2 })
	w.publish("5", "للشبكة", "سرّ", func(p *guideline.Publication) { p.Visibility = policy.ToNetwork })
	page := w.get("/guides/gl_1/e/2.0").Body.String()
	for _, want := range []string{`<link rel="canonical" href="https://hub.example.gov/guides/gl_1/e/2.0?lang=ar">`, `hreflang="x-default"`, `<meta property="og:title" content="دليل">`, `<h1 lang="ar" dir="auto">دليل</h1>`} {
		if !strings.Contains(page, want) {
			t.Errorf("%s is missing", want)
		}
	}
	// A first heading that repeats the title is shown once, another one stays.
	if again := w.get("/guides/gl_1/e/1.0").Body.String(); strings.Count(again, "<h1") != 1 || strings.Count(page, "<h1") != 2 {
		t.Error("the headings of the pages")
	}
	for _, path := range []string{"/sitemap.xml", "/published.atom"} {
		got := w.get(path).Body.String()
		if !strings.Contains(got, "https://hub.example.gov/guides/gl_1/e/2.0") || strings.Contains(got, "gl_5") {
			t.Errorf("%s: %s", path, got)
		}
	}
	if got := w.get("/published?q=x").Body.String(); !strings.Contains(got, `content="noindex"`) || strings.Contains(got, "canonical") {
		t.Error("answers of the search are nothing to list")
	}
}
