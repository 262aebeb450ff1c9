package markdown

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/multaqa/multaqa/pkg/fault"
)

// Options say how to render. The zero value renders an Arabic text with
// Arabic-Indic clause numbers.
type Options struct {
	Language string   // "ar" (also when empty) or "en": base direction, digits of clause numbers, words of alerts
	Digits   string   // "arab" or "latn" for clause numbers; by the language when empty
	Rooted   bool     // the text is a page of the hub, where a relative address leads nowhere: words say so in its place
	Anchors  []Anchor // permanent ids of clauses, in order of position
}

// Anchor gives the block that holds the byte at Offset its id.
type Anchor struct {
	Offset int
	ID     string
}

// Page is a rendered text.
type Page struct {
	HTML    []byte
	TOC     []Entry
	Clauses []Clause
	Text    string // words only, a line for each block: for search
}

// Entry is a heading for the contents. Number is "2" or "" and uses ASCII digits.
type Entry struct {
	ID     string `json:"id"`
	Number string `json:"number"`
	Text   string `json:"text"`
	Level  int    `json:"level"`
}

// Clause is a numbered heading or paragraph, or an unnumbered block of words.
type Clause struct {
	ID     string
	Number string // "2", "2.1", or ""
	Text   string
	Offset int // of its first byte in the source
}

// Version changes whenever the same text would render otherwise. It is part of
// every cache key.
const Version = "2"

// Render renders src. Front matter is left out; \r\n and \r count as \n. It
// waits for a core when many render at once.
//
// Faults: see the package.
func Render(ctx context.Context, src []byte, o Options) (Page, error) {
	if len(src) > MaxSource {
		return Page{}, refusal("too_large", MaxSource, 0)
	}
	front, body := Split(src)
	lines := bytes.Count(front, []byte("\n"))
	if bytes.IndexByte(body, '\r') >= 0 {
		body = bytes.ReplaceAll(bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	}
	if err := Check(body); err != nil {
		return Page{}, moved(err, lines)
	}
	leave, err := enter(ctx)
	if err != nil {
		return Page{}, err
	}
	defer leave()
	page, err := standard.render(body, len(front), o)
	return page, moved(err, lines)
}

// moved corrects the line of a refusal for the front matter above the text.
func moved(err error, lines int) error {
	if f := fault.Of(err); f != nil && lines > 0 {
		if line, ok := f.Facts["line"].(int); ok && line > 0 {
			return f.With("line", line+lines)
		}
	}
	return err
}

// engine is goldmark, set up.
type engine struct {
	md     goldmark.Markdown
	unsafe bool // raw HTML is passed on: only for the conformance tests
	bare   bool // nothing of ours is added: no ids, directions, numbers
}

var standard = newEngine(false, false, dialect...)

var tables = extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute))

// dialect is what the hub's texts have beyond CommonMark.
var dialect = []goldmark.Extender{
	tables, extension.Strikethrough, extension.TaskList,
	extension.NewLinkify(extension.WithLinkifyAllowedProtocols([]string{"http:", "https:"})),
	extension.Footnote, extension.DefinitionList,
}

func newEngine(unsafe, bare bool, extensions ...goldmark.Extender) *engine {
	e := &engine{unsafe: unsafe, bare: bare}
	e.md = goldmark.New(
		goldmark.WithExtensions(extensions...),
		goldmark.WithParserOptions(
			parser.WithParagraphTransformers(util.Prioritized(guard{}, 0)),
		),
	)
	var opts []renderer.Option
	if unsafe {
		opts = append(opts, html.WithUnsafe())
	} else {
		opts = append(opts, renderer.WithNodeRenderers(util.Prioritized(safe{}, 100)))
	}
	if !bare {
		e.md.Parser().AddOptions(parser.WithASTTransformers(util.Prioritized(decorator{}, 2000)))
		opts = append(opts, renderer.WithNodeRenderers(util.Prioritized(ours{}, 90)))
	}
	e.md.Renderer().AddOptions(opts...)
	return e
}

func (e *engine) render(src []byte, offset int, o Options) (page Page, err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case *fault.Error:
			page, err = Page{}, p
		default:
			// A fault of the parser must not take the hub down with it.
			page, err = Page{}, fmt.Errorf("render markdown: %v", p)
		}
	}()
	if o.Language != "en" {
		o.Language = "ar"
	}
	if o.Digits == "" {
		o.Digits = map[string]string{"ar": "arab", "en": "latn"}[o.Language]
	}
	d := &document{Options: o, src: src, offset: offset, ids: ids{used: map[string]bool{}, next: map[string]int{}}, headings: map[string]string{}, repeats: map[string]int{}, given: map[string]bool{}}
	for _, a := range o.Anchors {
		d.ids.used[a.ID] = true // no other words take it
	}
	out := &limited{most: min(MaxOutput, 128<<10+24*len(src))}
	d.most = out.most
	pc := parser.NewContext()
	pc.Set(documentKey, d)
	root := e.md.Parser().Parse(text.NewReader(src), parser.WithContext(pc))
	if err := e.md.Renderer().Render(out, src, root); err != nil {
		if errors.Is(err, errFull) || out.full {
			return Page{}, refusal("output_too_large", out.most, 0)
		}
		return Page{}, fmt.Errorf("render markdown: %w", err)
	}
	return Page{HTML: out.Bytes(), TOC: d.toc, Clauses: d.clauses, Text: strings.Join(d.words, "\n")}, nil
}

var errFull = errors.New("output is full")

// limited is a buffer that takes up to most bytes: MaxOutput, and less for a
// small text, since one that grows without measure is not written by people.
type limited struct {
	bytes.Buffer
	most int
	full bool
}

func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > l.most {
		l.full = true
		return 0, errFull
	}
	return l.Buffer.Write(p)
}
