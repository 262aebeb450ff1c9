package markdown

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/multaqa/multaqa/pkg/corpus"
	"github.com/multaqa/multaqa/pkg/fault"
)

var elements = map[string]bool{}

func init() {
	for _, e := range strings.Fields(`html head body h1 h2 h3 h4 h5 h6 p a em strong code pre ul ol li blockquote hr br img table thead tbody tr th td
		del input sup section div dl dt dd bdi`) {
		elements[e] = true
	}
}

// unsafeHTML parses rendered HTML as a browser would and says what in it could
// run, load or send something; "" when nothing could.
func unsafeHTML(out []byte) string {
	root, err := html.Parse(bytes.NewReader(out))
	if err != nil {
		return err.Error()
	}
	var vice string
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		switch n.Type {
		case html.CommentNode:
			vice = "a comment"
		case html.ElementNode:
			if !elements[n.Data] {
				vice = "<" + n.Data + ">"
			}
			for _, a := range n.Attr {
				switch a.Key {
				case "id", "dir", "class", "role", "title", "alt", "rel", "start", "align", "disabled", "checked", "tabindex", "loading":
				case "aria-label":
					if n.Data != "div" {
						vice = n.Data + " aria-label=" + a.Val
					}
				case "type":
					if n.Data != "input" || a.Val != "checkbox" {
						vice = "type=" + a.Val
					}
				case "href", "src":
					if s := scheme(a.Val); s != "" && (a.Key == "src" || s != "http" && s != "https" && s != "mailto") {
						vice = a.Key + "=" + a.Val
					}
					if a.Key == "src" && (strings.HasPrefix(a.Val, "//") || strings.HasPrefix(a.Val, `\`)) {
						vice = "src of another host: " + a.Val
					}
				default:
					vice = n.Data + " " + a.Key + "=" + a.Val
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	return vice
}

// scheme is the scheme a browser would find (WHATWG URL: tabs and line breaks
// go, leading controls and spaces go).
func scheme(v string) string {
	v = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(v)
	v = strings.TrimLeftFunc(v, func(r rune) bool { return r <= ' ' })
	for i, c := range v {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', i > 0 && (c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.'):
		case c == ':' && i > 0:
			return strings.ToLower(v[:i])
		default:
			return ""
		}
	}
	return ""
}

func TestScriptInjectionIsInert(t *testing.T) {
	var set struct {
		Vectors []struct{ Input string } `json:"vectors"`
	}
	readJSON(t, corpus.Dir(t, "xss.json"), &set)
	all := set.Vectors
	if len(all) != 514 {
		t.Fatalf("%d inputs were read, not 514", len(all))
	}
	for i, in := range all {
		for _, src := range []string{in.Input, "[x](" + in.Input + ")", "![x](<" + in.Input + ">)", "[x][r]\n\n[r]: " + in.Input, "<" + in.Input + ">",
			"# " + in.Input, "| a |\n|--|\n| " + in.Input + " |", "[x](/a \"" + in.Input + "\")", "```" + in.Input + "\nx\n```", "> [!NOTE]\n> " + in.Input,
			"x[^" + in.Input + "]\n\n[^" + in.Input + "]: " + in.Input, "---\ntitle: " + in.Input + "\n---\n" + in.Input} {
			page, err := Render(context.Background(), []byte(src), Options{})
			if err != nil {
				if fault.Of(err) == nil {
					t.Errorf("input %d: %v", i, err)
				}
				continue
			}
			if vice := unsafeHTML(page.HTML); vice != "" {
				t.Errorf("input %d: %s\n in: %q\nout: %s", i, vice, src, page.HTML)
			}
		}
	}
}

func TestLinkSchemesAreJudgedAfterDecoding(t *testing.T) {
	for _, bad := range []string{"javascript:alert(1)", "JavaScript:alert(1)", "java\tscript:alert(1)", "&#106;avascript:alert(1)", "javascript&colon;alert(1)",
		"javascript&#58;alert(1)", "\x01javascript:alert(1)", "java\u00adscript:alert(1)", "vbscript:x", "data:text/html,x", "data:image/png;base64,x", "file:///etc/passwd",
		"javascript%3Aalert(1)", "&amp;#106;avascript:alert(1)", "tel:1", "ftp://x", "blob:x", "\u200bjavascript:x", " javascript:x", "//x:y"} {
		if a, external, ok := Link(bad); ok && !(bad == "//x:y" && external) {
			t.Errorf("Link(%q) = %q", bad, a)
		}
	}
	for _, good := range []string{"https://example.gov/a?b=c&d=e", "HTTP://x", "mailto:a@b.example", "a/b", "/a", "#x", "?q=a:b", "", "دليل/صفحة", "a b"} {
		if a, _, ok := Link(good); !ok || a != good {
			t.Errorf("Link(%q) = %q, %v", good, a, ok)
		}
	}
}
