package markdown

import (
	"net/url"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/multaqa/multaqa/pkg/arabic"
	"github.com/multaqa/multaqa/pkg/locale"
)

var documentKey = parser.NewContextKey()

// document is what one rendering gathers.
type document struct {
	Options
	src      []byte
	offset   int // of src in the page the caller gave
	ids      ids
	given    map[string]bool   // anchors' ids that a block has
	headings map[string]string // readable part → id, for links inside the text
	repeats  map[string]int    // headings of the same words so far
	section  int
	clause   int
	toc      []Entry
	clauses  []Clause
	words    []string
	least    int // bytes of HTML that the blocks so far come to at least
	most     int // bytes of HTML at which the page is refused
}

// grow counts what a block comes to at least, and gives up on a text whose
// page would be refused for its size in the end, before the rest is done.
func (d *document) grow(bytes int) {
	if d.least += bytes; d.least > d.most {
		panic(refusal("output_too_large", d.most, 0))
	}
}

func (d *document) base() string {
	if d.Language == "en" {
		return "ltr"
	}
	return "rtl"
}

// direction of a block by its own words; the document's where it has none.
func (d *document) direction(words string) string {
	if dir := arabic.DirectionIn(words, d.base()); dir != "" {
		return dir
	}
	return d.base()
}

// decorator gives blocks their directions, ids and numbers, and turns quotes
// that open with [!NOTE] into alerts.
type decorator struct{}

func (decorator) Transform(root *ast.Document, reader text.Reader, pc parser.Context) {
	d := pc.Get(documentKey).(*document)
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			if n.Kind() == ast.KindBlockquote || n.Kind() == ast.KindList || n.Kind() == east.KindTable || n.Kind() == east.KindDefinitionList {
				n.SetAttributeString("dir", d.firstDirection(n))
			}
			return ast.WalkContinue, nil
		}
		switch n.Kind() {
		case ast.KindListItem, ast.KindList, east.KindDefinitionDescription:
			d.grow(len(`<ul></ul>`))
		}
		switch n := n.(type) {
		case *ast.Heading:
			d.heading(n)
		case *ast.Paragraph:
			d.paragraph(n)
		case *ast.TextBlock:
			if p := n.Parent(); p != nil {
				words, telling := d.wordsOf(n)
				d.add("", "", words, n)
				setDirection(p, d.direction(telling))
			}
		case *east.FootnoteLink:
			n.SetAttributeString("number", d.number(strconv.Itoa(n.Index)))
		case *ast.Link:
			d.grow(len(n.Destination)) // a reference may be long, and used often
			d.lost(n, n.Destination, locale.LostPage)
		case *ast.Image:
			d.grow(len(n.Destination))
			d.lost(n, n.Destination, locale.LostImage)
		case *ast.Blockquote:
			alert(n, d.src)
		case *east.TableCell, *east.DefinitionTerm:
			words, telling := d.wordsOf(n)
			d.add("", "", words, n)
			setDirection(n, d.direction(telling))
			if head := n.Parent(); head.Kind() == east.KindTableHeader {
				d.nameTable(head.Parent(), words)
			}
			return ast.WalkContinue, nil
		case *ast.FencedCodeBlock, *ast.CodeBlock:
			d.words = append(d.words, string(n.Lines().Value(d.src)))
		}
		return ast.WalkContinue, nil
	})
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if l, ok := n.(*ast.Link); ok && entering {
			d.fragment(l)
		}
		return ast.WalkContinue, nil
	})
}

// longestName is of a table, in bytes.
const longestName = 120

// nameTable adds the words of a head to the name of its table, by which
// whoever listens to the page knows which table it scrolls.
func (d *document) nameTable(t ast.Node, words string) {
	name := attr(t, "heads")
	words = strings.Join(strings.Fields(words), " ")
	if words == "" || len(name)+len(words) > longestName {
		return
	}
	if name != "" {
		name += " · "
	}
	d.grow(len(words))
	t.SetAttributeString("heads", name+words)
}

func setDirection(n ast.Node, dir string) {
	if _, done := n.AttributeString("dir"); !done {
		n.SetAttributeString("dir", dir)
	}
}

// firstDirection is the direction of the first block inside a container.
func (d *document) firstDirection(n ast.Node) string {
	dir := ""
	_ = ast.Walk(n, func(c ast.Node, entering bool) (ast.WalkStatus, error) {
		if v, ok := c.AttributeString("dir"); ok && c != n {
			dir, _ = v.(string)
			return ast.WalkStop, nil
		}
		if c.Type() == ast.TypeInline {
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	})
	if dir == "" {
		return d.base()
	}
	return dir
}

func (d *document) heading(n *ast.Heading) {
	words, telling := d.wordsOf(n)
	number := ""
	if n.Level == 2 && n.Parent().Kind() == ast.KindDocument {
		d.section++
		d.clause = 0
		number = strconv.Itoa(d.section)
	}
	readable := headingID(words)
	id := d.anchored(n)
	if id == "" {
		id = d.ids.take("h-" + readable)
	}
	key := readable
	if n := d.repeats[readable]; n > 0 {
		key = readable + "-" + strconv.Itoa(n)
	}
	d.repeats[readable]++
	d.headings[key] = id
	n.SetAttributeString("id", id)
	n.SetAttributeString("dir", d.direction(telling))
	n.SetAttributeString("number", d.number(number))
	d.toc = append(d.toc, Entry{ID: id, Number: number, Text: words, Level: n.Level})
	d.add(id, number, words, n)
}

func (d *document) paragraph(n *ast.Paragraph) {
	words, telling := d.wordsOf(n)
	n.SetAttributeString("dir", d.direction(telling))
	id, number := "", ""
	if n.Parent().Kind() == ast.KindDocument && strings.TrimSpace(words) != "" {
		if id = d.anchored(n); id == "" {
			id = d.ids.take(clauseID(words))
		}
		n.SetAttributeString("id", id)
		if d.section > 0 {
			d.clause++
			number = strconv.Itoa(d.section) + "." + strconv.Itoa(d.clause)
			n.SetAttributeString("number", d.number(number))
		}
	}
	d.add(id, number, words, n)
}

func (d *document) number(s string) string {
	if d.Digits == "arab" {
		return arabic.Digits(s)
	}
	return s
}

func (d *document) add(id, number, words string, n ast.Node) {
	words = strings.TrimSpace(words)
	if words == "" && id == "" {
		return
	}
	d.grow(len(`<p></p>`) + len(words))
	if id != "" {
		d.grow(len(` id="" dir="rtl"`) + len(id))
	}
	d.words = append(d.words, words)
	at := 0
	if l := n.Lines(); l != nil && l.Len() > 0 {
		at = l.At(0).Start + d.offset
	}
	d.clauses = append(d.clauses, Clause{ID: id, Number: number, Text: words, Offset: at})
}

// anchored is the id that the caller gave the block, or "".
func (d *document) anchored(n ast.Node) string {
	l := n.Lines()
	if len(d.Anchors) == 0 || l == nil || l.Len() == 0 {
		return ""
	}
	from, to := l.At(0).Start+d.offset, l.At(l.Len()-1).Stop+d.offset
	i := sort.Search(len(d.Anchors), func(i int) bool { return d.Anchors[i].Offset >= from })
	// Each is one block's: what stands twice is given as if there were none.
	if i < len(d.Anchors) && d.Anchors[i].Offset <= to && !d.given[d.Anchors[i].ID] {
		d.given[d.Anchors[i].ID] = true
		return d.Anchors[i].ID
	}
	return ""
}

// wordsOf is the text of a node's inlines, and the part of it that tells its
// direction: without code and bare addresses.
func (d *document) wordsOf(n ast.Node) (words, telling string) {
	var all, quiet strings.Builder
	split := false // quiet is all until something is left out
	leave := func(v []byte) {
		if !split {
			split = true
			quiet.WriteString(all.String())
		}
		all.Write(v)
	}
	write := func(s string) {
		all.WriteString(s)
		if split {
			quiet.WriteString(s)
		}
	}
	_ = ast.Walk(n, func(c ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch c := c.(type) {
		case *ast.CodeSpan:
			for t := c.FirstChild(); t != nil; t = t.NextSibling() {
				if t, ok := t.(*ast.Text); ok {
					leave(t.Segment.Value(d.src))
				}
			}
			return ast.WalkSkipChildren, nil
		case *ast.AutoLink:
			leave(c.Label(d.src))
		case *ast.RawHTML, *east.FootnoteLink, *east.FootnoteBacklink:
			return ast.WalkSkipChildren, nil
		case *ast.Text:
			v := c.Segment.Value(d.src)
			if c.IsRaw() {
				write(string(v))
			} else {
				write(unescape(v))
			}
			if c.SoftLineBreak() || c.HardLineBreak() {
				write(" ")
			}
		case *ast.String:
			write(string(c.Value))
		default:
			if c != n && c.Type() == ast.TypeBlock && c.Kind() != ast.KindTextBlock {
				return ast.WalkSkipChildren, nil
			}
		}
		return ast.WalkContinue, nil
	})
	if !split {
		return all.String(), all.String()
	}
	return all.String(), quiet.String()
}

// unescape gives the words of a text segment: backslashes before punctuation
// and character references resolved, each place once, from left to right. What
// a backslash protects is no reference: `\&#106;` is those seven characters.
func unescape(v []byte) string {
	var b strings.Builder
	for i := 0; i < len(v); i++ {
		switch {
		case v[i] == '\\' && i+1 < len(v) && util.IsPunct(v[i+1]):
			i++
			b.WriteByte(v[i])
		case v[i] == '&':
			one := reference.Find(v[i:min(len(v), i+maxReference)])
			if one == nil {
				b.WriteByte('&')
				continue
			}
			b.Write(util.ResolveEntityNames(util.ResolveNumericReferences(one)))
			i += len(one) - 1
		default:
			b.WriteByte(v[i])
		}
	}
	return b.String()
}

// maxReference is longer than any character reference with its semicolon.
const maxReference = 40

var reference = regexp.MustCompile(`^&#?[0-9A-Za-z]+;`)

// lost marks what leads nowhere with the word that says so. Every page and file of the hub has an address that begins with a
// slash: an address relative to the page named a neighbour in the folder the text came from, and that did not come along.
func (d *document) lost(n ast.Node, raw []byte, word locale.Text) {
	if !d.Rooted {
		return
	}
	address, external, ok := Link(destination(raw))
	if !ok || external || address == "" || strings.ContainsRune("/#?", rune(address[0])) || strings.HasPrefix(strings.ToLower(address), "mailto:") {
		return
	}
	said := word.Ar
	if d.base() == "ltr" {
		said = word.En
	}
	n.SetAttributeString("lost", said)
	d.grow(len(said))
}

// fragment leads a link inside the text to the heading it means.
func (d *document) fragment(l *ast.Link) {
	if len(l.Destination) < 2 || l.Destination[0] != '#' {
		return
	}
	name, err := url.PathUnescape(string(l.Destination[1:]))
	if err != nil {
		return
	}
	if id, ok := d.headings[name]; ok {
		l.Destination = []byte("#" + id)
	} else if id, ok := d.headings[headingID(name)]; ok {
		l.Destination = []byte("#" + id)
	}
}

var alertKinds = []string{"note", "tip", "important", "warning", "caution"}

// alert marks a quote whose first line is [!NOTE] or the like, and takes that
// line out.
func alert(q *ast.Blockquote, src []byte) {
	p, ok := q.FirstChild().(*ast.Paragraph)
	if !ok || p.Lines().Len() == 0 {
		return
	}
	first := p.Lines().At(0)
	line := strings.TrimSpace(string(first.Value(src)))
	for _, kind := range alertKinds {
		if !strings.EqualFold(line, "[!"+kind+"]") {
			continue
		}
		for c := p.FirstChild(); c != nil; {
			next := c.NextSibling()
			t, ok := c.(*ast.Text)
			if !ok || t.Segment.Start >= first.Stop {
				break
			}
			p.RemoveChild(p, c)
			c = next
		}
		if p.FirstChild() == nil {
			q.RemoveChild(q, p)
		}
		q.SetAttributeString("alert", kind)
		return
	}
}
