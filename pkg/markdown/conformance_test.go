package markdown

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"golang.org/x/net/html"

	"github.com/multaqa/multaqa/pkg/corpus"
)

type example struct {
	Example    int
	Section    string
	Markdown   string
	HTML       string
	Extensions []string
}

// normal writes HTML as one form: attributes sorted, white space between
// blocks gone. keep says which attributes count.
func normal(s string, keep func(n *html.Node, a html.Attribute) bool) string {
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: 0x2804}
	nodes, err := html.ParseFragment(strings.NewReader(s), body)
	if err != nil {
		return s
	}
	var b strings.Builder
	var walk func(n *html.Node, pre bool)
	walk = func(n *html.Node, pre bool) {
		switch n.Type {
		case html.TextNode:
			t := n.Data
			if !pre {
				t = strings.Join(strings.Fields(t), " ")
				if t == "" {
					return
				}
			}
			b.WriteString(html.EscapeString(t))
		case html.ElementNode:
			var attrs []string
			for _, a := range n.Attr {
				if keep == nil || keep(n, a) {
					attrs = append(attrs, fmt.Sprintf("%s=%q", a.Key, a.Val))
				}
			}
			sort.Strings(attrs)
			b.WriteString("<" + strings.Join(append([]string{n.Data}, attrs...), " ") + ">")
			for c := n.FirstChild; c != nil; c = c.NextSibling {
				walk(c, pre || n.Data == "pre")
			}
			b.WriteString("</" + n.Data + ">")
		case html.CommentNode:
			b.WriteString("<!--" + n.Data + "-->")
		}
	}
	for _, n := range nodes {
		walk(n, false)
	}
	return b.String()
}

func examples(t *testing.T) map[string][]example {
	all := map[string][]example{}
	for _, file := range []string{"commonmark", "gfm"} {
		var list []example
		readJSON(t, filepath.Join(corpus.Dir(t, "conformance"), file+".json"), &list)
		if len(list) < 650 {
			t.Fatalf("%s: %d examples", file, len(list))
		}
		all[file] = list
	}
	return all
}

func rendered(t *testing.T, e *engine, src string) string {
	t.Helper()
	page, err := e.render([]byte(src), 0, Options{Language: "en"})
	if err != nil {
		t.Fatalf("%q: %v", src, err)
	}
	return string(page.HTML)
}

// CommonMark as it is written: our parser and renderer with nothing but the
// switch for raw HTML, and no exception.
func TestPlainCommonMarkHasNoException(t *testing.T) {
	e := newEngine(true, true)
	for _, ex := range examples(t)["commonmark"] {
		if got := rendered(t, e, ex.Markdown); normal(got, nil) != normal(ex.HTML, nil) {
			t.Errorf("%d (%s)\n  in: %q\n got: %q\nwant: %q", ex.Example, ex.Section, ex.Markdown, got, ex.HTML)
		}
	}
}

// Each example of GFM with the extensions that it names, as its own tests run
// it. What differs is listed with its reason; the reasons say of which examples
// they may be said.
func TestGitHubsExamplesWithTheExtensionsTheyName(t *testing.T) {
	named := map[string]goldmark.Extender{"table": tables, "strikethrough": extension.Strikethrough, "autolink": extension.Linkify, "disabled": extension.TaskList}
	reasons := map[string][]string{}
	for _, ex := range examples(t)["gfm"] {
		var with []goldmark.Extender
		for _, name := range ex.Extensions {
			if e := named[name]; e != nil {
				with = append(with, e)
			}
		}
		got := rendered(t, newEngine(true, true, with...), ex.Markdown)
		if normal(got, nil) == normal(ex.HTML, nil) {
			continue
		}
		switch {
		case slices.Contains(ex.Extensions, "tagfilter"):
			reasons["GitHub's filter of some tags is not needed where no tag passes"] = append(reasons["GitHub's filter of some tags is not needed where no tag passes"], fmt.Sprintf("gfm %d", ex.Example))
		case ex.Section == "Raw HTML" && strings.Contains(ex.Markdown, "<!--"):
			reasons["comments as in CommonMark 0.31, newer than GFM"] = append(reasons["comments as in CommonMark 0.31, newer than GFM"], fmt.Sprintf("gfm %d", ex.Example))
		default:
			t.Errorf("%d (%s) differs without a reason\n  in: %q\n got: %q\nwant: %q", ex.Example, ex.Section, ex.Markdown, got, ex.HTML)
		}
	}
	golden(t, "conformance-gfm.txt", reasons)
}

// why names the reason that our dialect, with all its extensions, renders an
// example otherwise than plain CommonMark does.
func why(plain, ours string) string {
	more := func(tag string) bool { return strings.Count(ours, tag) > strings.Count(plain, tag) }
	switch {
	case more("<del>"):
		return "tildes strike out (GFM extension)"
	case more("<table>"):
		return "a table (GFM extension)"
	case more(`type="checkbox"`):
		return "a check box (GFM extension)"
	case more("footnote"):
		return "a footnote (extension)"
	case more("<dl>"):
		return "a definition list (extension)"
	case more("<a "):
		return "a bare address is a link (GFM extension)"
	}
	return ""
}

// Only what our extensions add tells our dialect from the plain engine that
// passes above.
func TestTheDialectDiffersFromCommonMarkForListedReasonsOnly(t *testing.T) {
	plain, ours := newEngine(true, true), newEngine(true, true, dialect...)
	reasons := map[string][]string{}
	for file, list := range examples(t) {
		for _, ex := range list {
			a, b := rendered(t, plain, ex.Markdown), rendered(t, ours, ex.Markdown)
			if normal(a, nil) == normal(b, nil) {
				continue
			}
			reason := why(a, b)
			if reason == "" {
				t.Errorf("%s %d (%s) differs without a reason\n   in: %q\nplain: %q\n ours: %q", file, ex.Example, ex.Section, ex.Markdown, a, b)
				continue
			}
			reasons[reason] = append(reasons[reason], fmt.Sprintf("%s %d", file, ex.Example))
		}
	}
	golden(t, "conformance-dialect.txt", reasons)
}

// Without raw HTML: the difference between the two engines, both undecorated,
// is what safety takes away.
func TestConformanceWithoutRawHTMLDiffersForListedReasonsOnly(t *testing.T) {
	raw, safe := newEngine(true, true, dialect...), newEngine(false, true, dialect...)
	reasons := map[string][]string{}
	drop := func(s string) string {
		for _, gone := range []*regexp.Regexp{regexp.MustCompile(` rel="noopener noreferrer"`), regexp.MustCompile(`</?bdi[^>]*>`), regexp.MustCompile(` loading="lazy"`)} {
			s = gone.ReplaceAllString(s, "")
		}
		return s
	}
	for file, list := range examples(t) {
		for _, ex := range list {
			a, b := rendered(t, raw, ex.Markdown), rendered(t, safe, ex.Markdown)
			if vice := unsafeHTML([]byte(b)); vice != "" {
				t.Errorf("%s %d: %s in %s", file, ex.Example, vice, b)
			}
			if normal(a, nil) == normal(b, nil) {
				continue
			}
			found := false
			add := func(is bool, reason string) {
				if is {
					reasons[reason] = append(reasons[reason], fmt.Sprintf("%s %d", file, ex.Example))
					found = true
				}
			}
			if normal(a, nil) == normal(drop(b), nil) {
				add(strings.Contains(b, "noopener"), "a link to another host does not hand over who sent the reader")
				add(strings.Contains(b, "<bdi"), "a bare address is isolated, left to right")
				add(strings.Contains(b, "lazy"), "images load when they come into sight")
			} else {
				add(hasRaw(ex.Markdown, a, b), "the tags of raw HTML are dropped, the words between them stay")
				add(refusedLink(a), "a link with another scheme than http, https, mailto leads nowhere")
				add(strings.Contains(a, "<img") && strings.Count(a, "<img") > strings.Count(b, "<img"), "an image of another host is a link to it")
			}
			if !found {
				t.Errorf("%s %d (%s) differs without a reason\n  in: %q\n raw: %q\nsafe: %q", file, ex.Example, ex.Section, ex.Markdown, a, b)
			}
		}
	}
	golden(t, "conformance-safe.txt", reasons)
}

var href = regexp.MustCompile(`href="([^"]*)"`)

func refusedLink(s string) bool {
	for _, m := range href.FindAllStringSubmatch(s, -1) {
		if _, _, ok := Link(html.UnescapeString(m[1])); !ok {
			return true
		}
	}
	return false
}

// hasRaw says whether the raw rendering has an element, comment or attribute
// that the safe one has not and that stands in the source as it is.
func hasRaw(src, raw, safe string) bool {
	for _, m := range regexp.MustCompile(`<[!?/a-zA-Z][^>]*>?`).FindAllString(src, -1) {
		if strings.Contains(raw, m[:min(len(m), 12)]) {
			return true
		}
	}
	return false
}

// What we add ourselves (directions, ids, numbers, classes) changes nothing
// else: taken off again, the page is the undecorated one.
func TestDecorationOnlyAdds(t *testing.T) {
	safe := newEngine(false, true, dialect...)
	gone := regexp.MustCompile(`<a class="num"[^>]*>[^<]*</a>|<div class="table"[^>]*>|</table></div>|</?section[^>]*>|</?div[^>]*>|<hr>|<p class="alert-title">[^<]*</p>|</?blockquote[^>]*>`)
	ours := func(n *html.Node, a html.Attribute) bool {
		return a.Key != "dir" && (a.Key != "id" || n.Data == "li" || n.Data == "sup") && a.Key != "class" && a.Key != "align"
	}
	for file, list := range examples(t) {
		for _, ex := range list {
			a, b := rendered(t, safe, ex.Markdown), rendered(t, standard, ex.Markdown)
			strip := func(s string) string {
				return normal(gone.ReplaceAllString(strings.ReplaceAll(s, "</table></div>", "</table>"), ""), ours)
			}
			if strip(a) != strip(b) && !strings.Contains(b, "#h-") {
				t.Errorf("%s %d:\n  in: %q\nbare: %q\nours: %q", file, ex.Example, ex.Markdown, a, b)
			}
		}
	}
}

// golden compares reasons → examples with the file in testdata; with
// MULTAQA_UPDATE=1 it writes it.
func golden(t *testing.T, name string, reasons map[string][]string) {
	t.Helper()
	var keys []string
	for k := range reasons {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	var b strings.Builder
	for _, k := range keys {
		sort.Slice(reasons[k], func(i, j int) bool {
			a, b := reasons[k][i], reasons[k][j]
			return len(a) < len(b) || len(a) == len(b) && a < b
		})
		fmt.Fprintf(&b, "%s (%d)\n  %s\n", k, len(reasons[k]), strings.Join(reasons[k], ", "))
		t.Logf("%4d  %s", len(reasons[k]), k)
	}
	path := filepath.Join("testdata", name)
	if os.Getenv("MULTAQA_UPDATE") != "" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != b.String() {
		t.Errorf("%s is not what the renderer does now; look, then MULTAQA_UPDATE=1:\n%s", path, b.String())
	}
}
