package markdown

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
	nethtml "golang.org/x/net/html"

	"github.com/multaqa/multaqa/pkg/locale"
)

// safe renders what could carry a script or load something: raw HTML, links,
// images.
type safe struct{}

func (safe) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(ast.KindHTMLBlock, htmlBlock)
	reg.Register(ast.KindRawHTML, rawHTML)
	reg.Register(ast.KindLink, link)
	reg.Register(ast.KindAutoLink, autoLink)
	reg.Register(ast.KindImage, image)
}

func escape(w util.BufWriter, s string) { _, _ = w.Write(util.EscapeHTML([]byte(s))) }

// htmlBlock leaves the words of a block of raw HTML and drops its tags. Words
// inside script, style and comments are no text of the page.
func htmlBlock(w util.BufWriter, src []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	n := node.(*ast.HTMLBlock)
	raw := n.Lines().Value(src)
	if n.HasClosure() {
		raw = append(bytes.Clone(raw), n.ClosureLine.Value(src)...)
	}
	words := stripTags(raw)
	if words == "" {
		return ast.WalkContinue, nil
	}
	_, _ = w.WriteString(`<div class="from-html" dir="auto">`)
	escape(w, words)
	_, _ = w.WriteString("</div>\n")
	return ast.WalkContinue, nil
}

func stripTags(raw []byte) string {
	var b strings.Builder
	skip := ""
	z := nethtml.NewTokenizer(bytes.NewReader(raw))
	for {
		switch z.Next() {
		case nethtml.ErrorToken:
			return strings.TrimSpace(b.String())
		case nethtml.TextToken:
			if skip == "" {
				b.Write(z.Text())
			}
		case nethtml.StartTagToken:
			if name, _ := z.TagName(); skip == "" && (string(name) == "script" || string(name) == "style") {
				skip = string(name)
			}
		case nethtml.EndTagToken:
			if name, _ := z.TagName(); string(name) == skip {
				skip = ""
			}
		}
	}
}

// rawHTML drops an inline tag; a line break stays one.
func rawHTML(w util.BufWriter, src []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		switch strings.ToLower(strings.ReplaceAll(string(node.(*ast.RawHTML).Segments.Value(src)), " ", "")) {
		case "<br>", "<br/>":
			_, _ = w.WriteString("<br>")
		}
	}
	return ast.WalkSkipChildren, nil
}

// destination is the address that a link's source means: backslashes and
// entities resolved once, as CommonMark says.
func destination(raw []byte) string {
	return unescape(raw)
}

func openLink(w util.BufWriter, dest string, title []byte) {
	address, external, ok := Link(dest)
	_, _ = w.WriteString("<a")
	if ok {
		_, _ = w.WriteString(` href="`)
		_, _ = w.Write(util.EscapeHTML(util.URLEscape([]byte(address), false)))
		_ = w.WriteByte('"')
	}
	if external {
		_, _ = w.WriteString(` rel="noopener noreferrer"`)
	}
	if title != nil {
		_, _ = w.WriteString(` title="`)
		escape(w, unescape(title))
		_ = w.WriteByte('"')
	}
	_ = w.WriteByte('>')
}

func link(w util.BufWriter, src []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		n := node.(*ast.Link)
		if attr(n, "lost") != "" {
			_, _ = w.WriteString(`<a class="lost">`)
		} else {
			openLink(w, destination(n.Destination), n.Title)
		}
	} else {
		if said := attr(node, "lost"); said != "" {
			_, _ = w.WriteString(" (" + said + ")")
		}
		_, _ = w.WriteString("</a>")
	}
	return ast.WalkContinue, nil
}

func autoLink(w util.BufWriter, src []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	n := node.(*ast.AutoLink)
	dest := string(n.URL(src))
	if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(dest), "mailto:") {
		dest = "mailto:" + dest
	}
	openLink(w, dest, nil)
	_, _ = w.WriteString(`<bdi dir="ltr">`)
	escape(w, string(n.Label(src)))
	_, _ = w.WriteString("</bdi></a>")
	return ast.WalkContinue, nil
}

// image shows images of this site; one of another host is a link to it.
func image(w util.BufWriter, src []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	n := node.(*ast.Image)
	d := document{src: src}
	alt, _ := d.wordsOf(n)
	alt = strings.TrimSpace(alt)
	address, external, ok := Link(destination(n.Destination))
	switch {
	case !ok || strings.HasPrefix(strings.ToLower(address), "mailto:"):
		escape(w, alt)
	case attr(n, "lost") != "":
		escape(w, strings.TrimSpace(alt+" ("+attr(n, "lost")+")"))
	case external:
		openLink(w, address, n.Title)
		if alt == "" {
			alt = address
		}
		escape(w, alt)
		_, _ = w.WriteString("</a>")
	default:
		_, _ = w.WriteString(`<img src="`)
		_, _ = w.Write(util.EscapeHTML(util.URLEscape([]byte(address), false)))
		_, _ = w.WriteString(`" alt="`)
		escape(w, alt)
		if n.Title != nil {
			_, _ = w.WriteString(`" title="`)
			escape(w, unescape(n.Title))
		}
		_, _ = w.WriteString(`" loading="lazy">`)
	}
	return ast.WalkSkipChildren, nil
}

// ours renders what carries our own marks: directions, ids, numbers, alerts,
// alignment by class.
type ours struct{}

func (ours) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(ast.KindHeading, heading)
	reg.Register(ast.KindParagraph, paragraph)
	reg.Register(ast.KindBlockquote, quote)
	reg.Register(ast.KindCodeBlock, code)
	reg.Register(ast.KindFencedCodeBlock, code)
	reg.Register(ast.KindCodeSpan, codeSpan)
	reg.Register(east.KindTable, table)
	reg.Register(east.KindTableCell, cell)
	reg.Register(east.KindFootnoteList, notes)
	reg.Register(east.KindFootnoteLink, noteLink)
}

func attr(n ast.Node, name string) string {
	v, _ := n.AttributeString(name)
	s, _ := v.(string)
	return s
}

func open(w util.BufWriter, tag string, n ast.Node, names ...string) {
	_ = w.WriteByte('<')
	_, _ = w.WriteString(tag)
	for _, name := range names {
		if v := attr(n, name); v != "" {
			_, _ = w.WriteString(" " + name + `="`)
			escape(w, v)
			_ = w.WriteByte('"')
		}
	}
	_ = w.WriteByte('>')
}

// clauseNumber is a clause's number as a link to itself.
func clauseNumber(w util.BufWriter, n ast.Node) {
	if number := attr(n, "number"); number != "" {
		_, _ = w.WriteString(`<a class="num" href="#`)
		_, _ = w.Write(util.EscapeHTML(util.URLEscape([]byte(attr(n, "id")), false)))
		_, _ = w.WriteString(`">` + number + `</a>`)
	}
}

func heading(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	tag := "h" + strconv.Itoa(n.(*ast.Heading).Level)
	if entering {
		open(w, tag, n, "id", "dir")
		clauseNumber(w, n)
	} else {
		_, _ = w.WriteString("</" + tag + ">\n")
	}
	return ast.WalkContinue, nil
}

func paragraph(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		open(w, "p", n, "id", "dir")
		clauseNumber(w, n)
	} else {
		_, _ = w.WriteString("</p>\n")
	}
	return ast.WalkContinue, nil
}

func quote(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	kind := attr(n, "alert")
	switch {
	case kind == "" && entering:
		open(w, "blockquote", n, "dir")
		_ = w.WriteByte('\n')
	case kind == "":
		_, _ = w.WriteString("</blockquote>\n")
	case entering:
		dir := attr(n, "dir")
		title := locale.Alert(kind).Ar
		if dir == "ltr" {
			title = locale.Alert(kind).En
		}
		_, _ = w.WriteString(`<div class="alert alert-` + kind + `" role="note" dir="` + dir + "\">\n<p class=\"alert-title\">" + title + "</p>\n")
	default:
		_, _ = w.WriteString("</div>\n")
	}
	return ast.WalkContinue, nil
}

func code(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	_, _ = w.WriteString(`<pre dir="ltr"><code`)
	if f, ok := n.(*ast.FencedCodeBlock); ok {
		if lang := f.Language(src); lang != nil {
			_, _ = w.WriteString(` class="language-`)
			escape(w, unescape(lang))
			_ = w.WriteByte('"')
		}
	}
	_ = w.WriteByte('>')
	lines := n.Lines()
	for i := range lines.Len() {
		l := lines.At(i)
		_, _ = w.Write(util.EscapeHTML(l.Value(src)))
	}
	_, _ = w.WriteString("</code></pre>\n")
	return ast.WalkSkipChildren, nil
}

func codeSpan(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	_, _ = w.WriteString(`<code dir="ltr">`)
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			_, _ = w.Write(util.EscapeHTML(bytes.ReplaceAll(t.Segment.Value(src), []byte("\n"), []byte(" "))))
		}
	}
	_, _ = w.WriteString("</code>")
	return ast.WalkSkipChildren, nil
}

// table wraps tables, so that a wide one scrolls by itself.
func table(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString(`<div class="table" tabindex="0"`)
		// A region without a name is none.
		if name := attr(n, "heads"); name != "" {
			_, _ = w.WriteString(` role="region" aria-label="`)
			escape(w, name)
			_ = w.WriteByte('"')
		}
		_ = w.WriteByte('>')
		open(w, "table", n, "dir")
		_ = w.WriteByte('\n')
	} else {
		_, _ = w.WriteString("</table></div>\n")
	}
	return ast.WalkContinue, nil
}

func cell(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	c := n.(*east.TableCell)
	tag := "td"
	if c.Parent().Kind() == east.KindTableHeader {
		tag = "th"
	}
	if entering {
		_, _ = w.WriteString("<" + tag)
		if dir := attr(n, "dir"); dir != "" {
			_, _ = w.WriteString(` dir="` + dir + `"`)
		}
		if c.Alignment != east.AlignNone {
			_, _ = w.WriteString(` class="align-` + c.Alignment.String() + `"`)
		}
		_ = w.WriteByte('>')
	} else {
		_, _ = w.WriteString("</" + tag + ">\n")
	}
	return ast.WalkContinue, nil
}

func notes(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString("<section class=\"footnotes\" role=\"doc-endnotes\">\n<ol>\n")
	} else {
		_, _ = w.WriteString("</ol>\n</section>\n")
	}
	return ast.WalkContinue, nil
}

// noteLink is a reference to a footnote, in the digits of the text.
func noteLink(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		f := n.(*east.FootnoteLink)
		index, ref := strconv.Itoa(f.Index), "fnref"
		if f.RefIndex > 0 {
			ref += strconv.Itoa(f.RefIndex)
		}
		_, _ = w.WriteString(`<sup id="` + ref + ":" + index + `"><a href="#fn:` + index + `" class="footnote-ref" role="doc-noteref">` + attr(n, "number") + `</a></sup>`)
	}
	return ast.WalkContinue, nil
}
