package publish

import (
	"bytes"
	"net/url"
	"regexp"
	"slices"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
)

// allowed is everything that package markdown writes, and nothing else: the
// second lock on a page that the public reads. A fault in the renderer that
// lets a tag or an attribute through ends here.
var allowed = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("em", "strong", "del", "tr", "thead", "tbody", "hr", "br")
	p.AllowAttrs("dir").Matching(regexp.MustCompile(`^(rtl|ltr|auto)$`)).OnElements("h1", "h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li", "blockquote", "div", "table", "th", "td", "dl", "dt", "dd", "pre", "code", "bdi")
	p.AllowNoAttrs().OnElements("h1", "h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li", "blockquote", "div", "table", "th", "td", "dl", "dt", "dd", "pre", "code", "bdi", "a", "sup", "section")
	p.AllowAttrs("id").Matching(regexp.MustCompile(`^[^\s"'<>&]{1,200}$`)).OnElements("h1", "h2", "h3", "h4", "h5", "h6", "p", "li", "sup")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^(num|alert alert-[a-z]+|alert-title|table|align-(left|right|center)|from-html|lost|footnotes|footnote-ref|footnote-backref)$`)).OnElements("a", "div", "p", "th", "td", "section")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^language-`)).OnElements("code")
	p.AllowAttrs("role").Matching(regexp.MustCompile(`^(note|region|doc-(endnotes|noteref|backlink))$`)).OnElements("div", "section", "a")
	p.AllowAttrs("tabindex").Matching(regexp.MustCompile(`^0$`)).OnElements("div")
	p.AllowAttrs("aria-label").OnElements("div")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("type").Matching(regexp.MustCompile(`^checkbox$`)).OnElements("input")
	p.AllowAttrs("disabled", "checked").OnElements("input")
	p.AllowAttrs("title").OnElements("a", "img")
	p.AllowAttrs("rel").Matching(regexp.MustCompile(`^noopener noreferrer$`)).OnElements("a")
	p.AllowAttrs("href").OnElements("a")
	// An image is this site's own: no address of another host, however written.
	p.AllowAttrs("src").Matching(regexp.MustCompile(`^(/[^/\\]|[^/\\:]+(/|$|\.))`)).OnElements("img")
	p.AllowAttrs("alt").OnElements("img")
	p.AllowAttrs("loading").Matching(regexp.MustCompile(`^lazy$`)).OnElements("img")
	p.AllowRelativeURLs(true)
	p.AllowURLSchemes("http", "https", "mailto")
	return p
}()

// lock passes a page through the allow-list. A page that has nothing else
// comes back as it is, byte for byte; touched says that something was taken
// out.
func lock(page []byte) (out []byte, touched bool) {
	clean := allowed.SanitizeBytes(page)
	if bytes.Equal(clean, spelled(page)) {
		return page, false
	}
	return clean, true
}

// spelled is the page as the allow-list would write it if it took nothing out:
// the same tokens, with its own spelling of entities and of harmless addresses
// (an empty fragment goes, and with it a link that leads nowhere).
func spelled(page []byte) []byte {
	var b bytes.Buffer
	z := html.NewTokenizer(bytes.NewReader(page))
	for z.Next() != html.ErrorToken {
		token := z.Token()
		if token.Data == "a" {
			token.Attr = slices.DeleteFunc(token.Attr, func(a html.Attribute) bool { return a.Key == "href" && address(a.Val) == "" })
			for i, a := range token.Attr {
				if a.Key == "href" {
					token.Attr[i].Val = address(a.Val)
				}
			}
		}
		b.WriteString(token.String())
	}
	return b.Bytes()
}

func address(s string) string {
	u, err := url.Parse(s)
	if err != nil || !slices.Contains([]string{"", "http", "https", "mailto"}, u.Scheme) {
		return s
	}
	return u.String()
}
