package site

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
)

// sideNotes puts each footnote beside its reference as well, for the margin of
// wide screens; the list at the end stays for the phone, print and whoever
// listens to the page. The style sheet shows one of the two, and the reference
// leads to the one that shows. body is what package markdown wrote; its bytes
// are kept but for the references.
//
// ok is false, and the body unchanged, when there is no footnote or one of
// them holds more than lines of words: those read better at the end.
func sideNotes(body []byte) (out []byte, ok bool) {
	at := bytes.LastIndex(body, []byte(`<section class="footnotes"`))
	if at < 0 {
		return body, false
	}
	notes, ok := noteTexts(body[at:])
	if !ok || len(notes) == 0 {
		return body, false
	}
	var b bytes.Buffer
	z := html.NewTokenizer(bytes.NewReader(body[:at]))
	var waiting []string // notes of a table, which wait for its end: a table scrolls by itself
	table, depth, placed := 0, 0, map[string]bool{}
	number := ""
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		raw := bytes.Clone(z.Raw())
		name, attrs := tag(z, kind)
		switch {
		case kind == html.StartTagToken && name == "div":
			depth++
			if attrs["class"] == "table" && table == 0 {
				table = depth
			}
		case kind == html.StartTagToken && name == "a" && attrs["class"] == "footnote-ref":
			number = strings.TrimPrefix(attrs["href"], "#fn:")
			if notes[number] == "" {
				return body, false
			}
		}
		if kind == html.StartTagToken && name == "a" && number != "" {
			// The reference twice, each to its own note.
			word := ""
			if z.Next() == html.TextToken {
				word = string(z.Raw())
			}
			z.Next() // </a>
			b.WriteString(`<a href="#fn:` + number + `" class="footnote-ref narrow" role="doc-noteref">` + word + `</a><a href="#sn:` + number + `" class="footnote-ref wide" role="doc-noteref">` + word + `</a>`)
			waiting = append(waiting, side(number, word, notes[number], placed))
			number = ""
			continue
		}
		b.Write(raw)
		if kind != html.EndTagToken {
			continue
		}
		if name == "div" {
			if depth == table {
				table = 0
			}
			depth--
		}
		// After the reference itself; a table's after the table.
		if table == 0 && (name == "sup" || name == "div") {
			for _, n := range waiting {
				b.WriteString(n)
			}
			waiting = nil
		}
	}
	b.Write(body[at:])
	return b.Bytes(), len(waiting) == 0
}

func side(number, word, text string, placed map[string]bool) string {
	if placed[number] { // a second reference leads to the note of the first
		return ""
	}
	placed[number] = true
	return `<span class="side" id="sn:` + number + `" role="note"><span dir="auto"><b class="n">` + word + `</b> ` + text + `</span></span>`
}

func tag(z *html.Tokenizer, kind html.TokenType) (string, map[string]string) {
	if kind != html.StartTagToken && kind != html.EndTagToken && kind != html.SelfClosingTagToken {
		return "", nil
	}
	name, more := z.TagName()
	attrs := map[string]string{}
	for more {
		var k, v []byte
		k, v, more = z.TagAttr()
		attrs[string(k)] = string(v)
	}
	return string(name), attrs
}

// noteTexts is the inline text of each note by its number; ok is false when a
// note holds anything but paragraphs.
func noteTexts(section []byte) (map[string]string, bool) {
	z := html.NewTokenizer(bytes.NewReader(section))
	notes, number := map[string]string{}, ""
	var b strings.Builder
	skip := ""
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return notes, true
		}
		raw := string(z.Raw())
		name, attrs := tag(z, kind)
		switch {
		case skip != "":
			if kind == html.EndTagToken && name == skip {
				skip = ""
			}
		case name == "section" || name == "ol" && number == "":
		case name == "li" && kind == html.StartTagToken && strings.HasPrefix(attrs["id"], "fn:"):
			number = strings.TrimPrefix(attrs["id"], "fn:")
			b.Reset()
		case name == "li" && kind == html.EndTagToken:
			// The spaces before the links back go with them.
			text := strings.ReplaceAll(b.String(), "&#160;", "")
			notes[number], number = strings.TrimSuffix(strings.TrimSpace(text), "<br>"), ""
		case number == "":
		case name == "p":
			if kind == html.EndTagToken {
				b.WriteString("<br>")
			}
		case name == "a" && (attrs["class"] == "footnote-backref" || attrs["class"] == "num"):
			skip = "a"
		case name == "sup": // a note in a note
			return nil, false
		case name != "" && !inline[name]:
			return nil, false
		default:
			b.WriteString(raw)
		}
	}
}

var inline = map[string]bool{"a": true, "strong": true, "em": true, "del": true, "code": true, "bdi": true, "br": true}
