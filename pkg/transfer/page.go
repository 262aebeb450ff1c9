package transfer

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
	"github.com/clipperhouse/uax29/v2/graphemes"
	"gopkg.in/yaml.v3"

	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/markdown"
)

// Limits of a page.
const (
	maxPage        = 2 << 20  // bytes; the limit of a document (threats §3)
	maxFrontMatter = 64 << 10 // bytes
	maxKey         = 512      // bytes of a page's path
	maxTitle       = 160      // characters; a longer one is cut
	maxTags        = 20
	maxTag         = 40 // characters
)

var bom = []byte("\ufeff")

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// page is a file as the hub understands it. Text is what people edit; BOM,
// Newline and Head are what export puts back around it.
type page struct {
	BOM     bool
	Newline string // "\n", "\r\n" or "\r": what most line ends are
	Head    string // front matter with its fences, as it was
	Text    string // line feeds only

	Title    string
	Language string // ar | en
	Tags     []string
	Summary  string
	Notes    []string // what was odd and was put right, by code
}

// parse takes a file apart. key is its path, for a title of last resort.
//
// Faults: transfer.too_large, transfer.empty, transfer.not_utf8 with "line"
// and "byte", transfer.control_character with "line".
func parse(key string, original []byte) (page, error) {
	var p page
	if len(original) > maxPage {
		return p, fault.New(fault.TooLarge, "transfer.too_large").With("bytes", len(original)).With("limit", maxPage)
	}
	if at := invalidUTF8(original); at >= 0 {
		return p, fault.New(fault.Invalid, "transfer.not_utf8").With("byte", at).With("line", 1+bytes.Count(original[:at], []byte{'\n'}))
	}
	if at := bytes.IndexByte(original, 0); at >= 0 {
		return p, fault.New(fault.Invalid, "transfer.control_character").With("line", 1+bytes.Count(original[:at], []byte{'\n'}))
	}
	rest := original
	rest, p.BOM = bytes.CutPrefix(rest, bom)
	p.Newline = newline(rest)
	head, format := frontMatter(rest)
	p.Head = string(rest[:head])
	p.Text = lineFeeds(string(rest[head:]))
	if strings.TrimSpace(p.Text) == "" {
		if p.Head == "" {
			return p, fault.New(fault.Invalid, "transfer.empty")
		}
		p.Notes = append(p.Notes, "only_front_matter") // a page whose site builder made its content
	}
	// What could not be shown is refused before it is here.
	if err := markdown.Check([]byte(p.Text)); err != nil {
		return p, err
	}
	p.read(key, format)
	return p, nil
}

// file puts a text back into the form its page came in.
func (p page) file(text string) []byte {
	var b bytes.Buffer
	if p.BOM {
		b.Write(bom)
	}
	b.WriteString(p.Head)
	b.WriteString(strings.ReplaceAll(text, "\n", p.Newline))
	return b.Bytes()
}

func invalidUTF8(b []byte) int {
	if utf8.Valid(b) {
		return -1
	}
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// newline is the line end that the file uses most.
func newline(b []byte) string {
	crlf := bytes.Count(b, []byte("\r\n"))
	lf := bytes.Count(b, []byte("\n")) - crlf
	cr := bytes.Count(b, []byte("\r")) - crlf
	switch {
	case crlf > lf && crlf >= cr:
		return "\r\n"
	case cr > lf && cr > crlf:
		return "\r"
	}
	return "\n"
}

func lineFeeds(s string) string {
	if !strings.Contains(s, "\r") {
		return s
	}
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
}

// frontMatter is the length of the front matter with its fences and their line
// ends, and its format: "yaml" between lines of ---, "toml" between lines of
// +++. A thematic break at the top of a page is no front matter: there must be
// a closing fence, and something between the two.
func frontMatter(b []byte) (length int, format string) {
	first, rest, ok := bytes.Cut(b, []byte("\n"))
	if !ok {
		return 0, ""
	}
	fence := string(bytes.TrimRight(first, " \t\r"))
	switch fence {
	case "---":
		format = "yaml"
	case "+++":
		format = "toml"
	default:
		return 0, ""
	}
	at := len(b) - len(rest)
	for at <= maxFrontMatter && at < len(b) {
		end := bytes.IndexByte(b[at:], '\n')
		next := len(b)
		if end >= 0 {
			next = at + end + 1
		}
		line := string(bytes.TrimRight(b[at:next], " \t\r\n"))
		if line == fence || (format == "yaml" && line == "...") {
			return next, format
		}
		at = next
	}
	return 0, ""
}

// read takes title, language, tags and summary from the front matter, and
// finds in the text what the front matter does not say.
func (p *page) read(key, format string) {
	meta := p.meta(format)
	p.Title = clean(text(meta, "title", "name"))
	p.Summary = clean(text(meta, "description", "summary", "excerpt", "lead"))
	p.Language = language(text(meta, "language", "lang", "locale"))
	p.Tags = tags(meta)
	if p.Title == "" {
		p.Title = clean(heading(p.Text))
	}
	if p.Title == "" {
		p.Title = fromName(key)
	}
	p.Title = cut(p.Title, maxTitle)
	p.Summary = cut(p.Summary, 600)
	if p.Language == "" {
		p.Language = guess(p.Title + "\n" + p.Text)
	}
}

// meta is the front matter's values. One that cannot be read stays with the
// page's bytes and is noted, since templating languages put their own marks in.
func (p *page) meta(format string) map[string]any {
	m := map[string]any{}
	if format == "" {
		return m
	}
	lines := strings.Split(strings.TrimSpace(lineFeeds(p.Head)), "\n")
	if len(lines) < 3 {
		return m
	}
	inner := strings.Join(lines[1:len(lines)-1], "\n")
	var err error
	if format == "toml" {
		_, err = toml.Decode(inner, &m)
	} else {
		err = yaml.Unmarshal([]byte(inner), &m)
	}
	if err != nil {
		p.Notes = append(p.Notes, "front_matter_unread")
		return map[string]any{}
	}
	return m
}

func text(meta map[string]any, keys ...string) string {
	for _, k := range keys {
		switch v := meta[k].(type) {
		case string:
			if strings.TrimSpace(v) != "" {
				return v
			}
		case int, int64, float64:
			return fmt.Sprint(v)
		}
	}
	return ""
}

func tags(meta map[string]any) []string {
	var out []string
	add := func(s string) {
		if s = cut(clean(s), maxTag); s != "" && len(out) < maxTags {
			out = append(out, s)
		}
	}
	for _, k := range []string{"tags", "categories", "keywords"} {
		switch v := meta[k].(type) {
		case string:
			for s := range strings.SplitSeq(v, ",") {
				add(s)
			}
		case []any:
			for _, s := range v {
				if s, ok := s.(string); ok {
					add(s)
				}
			}
		}
	}
	return out
}

// clean makes one visible line of a value: marks of Markdown emphasis and
// controls that could turn the text around it go.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Cc, r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069,
			r == 0xFEFF, r >= 0xFFF9 && r <= 0xFFFB, r&0xFFFE == 0xFFFE, r >= 0xFDD0 && r <= 0xFDEF, r >= 0xE0000 && r <= 0xE001F:
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// cut shortens s to max characters with its "…": at the end of a word, and
// inside one that fills more than half of them, but never inside a grapheme
// cluster (UAX #29).
func cut(s string, max int) string {
	r := []rune(s)
	if len(r) <= max {
		return s
	}
	n := max - 1
	for i := n; i > max/2; i-- {
		if unicode.IsSpace(r[i]) {
			return strings.TrimRightFunc(string(r[:i]), betweenWords) + "…"
		}
	}
	kept, runes := 0, 0
	for g := graphemes.FromString(s); g.Next(); {
		if runes += utf8.RuneCountInString(g.Value()); runes > n && kept > 0 {
			break
		}
		kept += len(g.Value())
	}
	return s[:kept] + "…"
}

func betweenWords(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",،;؛:–—", r) }

// heading is the text of the first level-one heading, or of the first heading.
func heading(md string) string {
	first := ""
	fence := ""
	lines := strings.Split(md, "\n")
	for i, line := range lines {
		trimmed := strings.TrimSpace(line)
		if mark := fenceOf(trimmed); mark != "" && (fence == "" || strings.HasPrefix(mark, fence)) {
			if fence == "" {
				fence = mark
			} else {
				fence = ""
			}
			continue
		}
		if fence != "" {
			continue
		}
		if i+1 < len(lines) && trimmed != "" && strings.Trim(lines[i+1], "= \t") == "" && strings.Contains(lines[i+1], "==") {
			return plain(trimmed)
		}
		level := len(trimmed) - len(strings.TrimLeft(trimmed, "#"))
		if level == 0 || level > 6 || !strings.HasPrefix(trimmed[level:], " ") {
			continue
		}
		if level == 1 {
			return plain(trimmed[1:])
		}
		if first == "" {
			first = plain(trimmed[level:])
		}
	}
	return first
}

// fenceOf is the run of backquotes or tildes that opens or closes a code block.
func fenceOf(line string) string {
	for _, c := range []string{"`", "~"} {
		if n := len(line) - len(strings.TrimLeft(line, c)); n >= 3 {
			return line[:n]
		}
	}
	return ""
}

// plain drops the marks of Markdown that headings carry most: emphasis, code,
// links, closing hashes and heading ids.
func plain(s string) string {
	s = strings.TrimSpace(s)
	s = strings.TrimSpace(strings.TrimRight(s, "#"))
	if i := strings.LastIndex(s, "{#"); i > 0 && strings.HasSuffix(s, "}") {
		s = strings.TrimSpace(s[:i])
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '*' || c == '`' || c == '[' || (c == '!' && i+1 < len(s) && s[i+1] == '['):
		case c == '<':
			end := strings.IndexByte(s[i:], '>')
			if end < 0 {
				b.WriteByte(c)
			} else {
				i += end
			}
		case c == ']' && i+1 < len(s) && s[i+1] == '(':
			end := strings.IndexByte(s[i:], ')')
			if end < 0 {
				return strings.TrimSpace(b.String())
			}
			i += end
		case c == ']':
		default:
			b.WriteByte(c)
		}
	}
	return strings.TrimSpace(b.String())
}

// fromName makes a title of a file's name; index pages take their folder's.
func fromName(key string) string {
	name := strings.TrimSuffix(path.Base(key), path.Ext(key))
	if n := strings.ToLower(name); (n == "index" || n == "readme") && path.Dir(key) != "." {
		name = path.Base(path.Dir(key))
	}
	name = clean(strings.NewReplacer("-", " ", "_", " ").Replace(name))
	if name == "" {
		return key
	}
	return name
}

func language(s string) string {
	s, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(s)), "-")
	switch s {
	case "ar", "arabic", "العربية":
		return "ar"
	case "en", "english":
		return "en"
	}
	return ""
}

// guess takes a text for Arabic when it has more Arabic letters than a third
// of its Latin ones: pages about software are full of Latin names.
func guess(s string) string {
	var arabic, latin int
	for _, r := range s {
		switch {
		case r >= 0x600 && r <= 0x6FF && unicode.IsLetter(r):
			arabic++
		case r < 0x250 && unicode.IsLetter(r):
			latin++
		}
	}
	if arabic > 0 && arabic*3 >= latin {
		return "ar"
	}
	return "en"
}
