package publish

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Block is a block of a rendered page, as a translator goes through a text: a heading, a paragraph, an item of a list, a table, code.
type Block struct {
	Kind string // h1 to h6, p, quote, li, dt, dd, table, code, note (a footnote)
	ID   string // its address on the page, or ""
	Text string // its words, with one space between them, without the hub's numbers
	End  int    // byte of the page where a remark about the block stands: after it, or inside for what has to stay in its list
	Out  int    // byte after the outermost element that holds the block
	In   bool   // End lies inside the block's element
}

// Blocks lists the blocks of a page that package markdown wrote, in order.
func Blocks(page []byte) []Block {
	r := reader{at: 0, now: -1}
	z := html.NewTokenizer(bytes.NewReader(page))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return r.done(len(page))
		}
		from := r.at
		r.at += len(z.Raw())
		switch kind {
		case html.TextToken:
			r.say(string(z.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			if kind == html.SelfClosingTagToken || t.Data == "br" || t.Data == "img" || t.Data == "input" || t.Data == "hr" {
				r.single(t)
			} else {
				r.open(t, from)
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			r.close(string(name), from)
		}
	}
}

// reader walks over the tags of a page.
type reader struct {
	blocks []Block
	stack  []string // open elements
	words  []strings.Builder
	at     int
	now    int   // the block that takes words, or -1
	outer  []int // blocks of the outermost element that is open
	mute   int   // depth of the stack at which numbers and references began, or 0
}

// inlines are the elements inside a block that part no words.
var inlines = []string{"a", "em", "strong", "del", "code", "bdi", "sup", "span", "input"}

func (r *reader) say(text string) {
	if r.now >= 0 && r.mute == 0 {
		r.words[r.now].WriteString(text)
	}
}

func (r *reader) single(t html.Token) {
	if t.Data == "img" {
		for _, a := range t.Attr {
			if a.Key == "src" || a.Key == "alt" {
				r.say(" " + a.Val + " ")
			}
		}
	}
	if t.Data == "br" {
		r.say(" ")
	}
}

func (r *reader) inside(names ...string) bool {
	return slices.ContainsFunc(r.stack, func(s string) bool { return slices.Contains(names, s) })
}

func attribute(t html.Token, key string) string {
	for _, a := range t.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func (r *reader) open(t html.Token, from int) {
	class := attribute(t, "class")
	kind := ""
	switch name := t.Data; {
	case r.inside("table", "pre") || name == "p" && class == "alert-title":
	case strings.HasPrefix(name, "h") && len(name) == 2 && name[1] >= '1' && name[1] <= '6':
		kind = name
	case name == "li" && r.inside("section"):
		kind = "note"
	case name == "li" || name == "dt" || name == "dd":
		kind = name
	case name == "pre":
		kind = "code"
	case name == "div" && class == "table":
		kind = "table"
	case (name == "p" || name == "div" && class == "from-html") && !r.inside("li", "dd"):
		if kind = "p"; r.inside("blockquote", "div") {
			kind = "quote"
		}
	}
	if !slices.Contains(inlines, t.Data) {
		r.say(" ")
	}
	// The own words of an item end where a list inside it begins.
	if n := r.now; n >= 0 && r.blocks[n].In && r.blocks[n].End == 0 && (kind != "" || t.Data == "ul" || t.Data == "ol" || t.Data == "blockquote") {
		r.blocks[n].End = from
		r.now = -1
	}
	r.stack = append(r.stack, t.Data)
	if r.mute == 0 && (class == "num" || class == "footnote-backref" || t.Data == "sup") {
		r.mute = len(r.stack)
	}
	if kind == "" {
		return
	}
	id := attribute(t, "id")
	if kind == "note" {
		id = "" // its number, which the next note before it changes
	}
	r.blocks = append(r.blocks, Block{Kind: kind, ID: id, In: slices.Contains([]string{"li", "dt", "dd", "note"}, kind)})
	r.words = append(r.words, strings.Builder{})
	r.now = len(r.blocks) - 1
	r.outer = append(r.outer, r.now)
}

// close ends an element; from is where its end tag begins.
func (r *reader) close(name string, from int) {
	if !slices.Contains(inlines, name) {
		r.say(" ")
	}
	depth := len(r.stack)
	for depth > 0 && r.stack[depth-1] != name {
		depth--
	}
	if depth == 0 {
		return
	}
	r.stack = r.stack[:depth-1]
	if r.mute >= depth {
		r.mute = 0
	}
	if n := r.now; n >= 0 && r.blocks[n].End == 0 {
		switch b := &r.blocks[n]; {
		case b.In && (name == "li" || name == "dt" || name == "dd"):
			b.End, r.now = from, -1
		case !b.In && !slices.Contains(inlines, name) && !r.inside("table", "pre") && (name != "table"):
			b.End, r.now = r.at, -1
		}
	}
	if len(r.stack) == 0 {
		for _, n := range r.outer {
			r.blocks[n].Out = r.at
		}
		r.outer = r.outer[:0]
	}
}

// done is the list of blocks that say something; end is where the page ends.
func (r *reader) done(end int) []Block {
	out := r.blocks[:0]
	for i, b := range r.blocks {
		if b.End == 0 {
			b.End = end
		}
		if b.Out == 0 {
			b.Out = end
		}
		if b.Text = strings.Join(strings.Fields(r.words[i].String()), " "); b.Text != "" {
			out = append(out, b)
		}
	}
	return out
}
