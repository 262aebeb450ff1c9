package changeset

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// ErrJSON is returned for text that is not the strict JSON form of a change.
var ErrJSON = errors.New("changeset: malformed JSON change")

// AppendJSON appends the form of CodeMirror's ChangeSet.toJSON: n keeps, [n] deletes, [n, …lines] replaces.
func (c ChangeSet) AppendJSON(dst []byte) []byte {
	dst = append(dst, '[')
	for i := range c.secs {
		s := &c.secs[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		if s.ins == keep {
			dst = strconv.AppendInt(dst, int64(s.len), 10)
			continue
		}
		dst = append(dst, '[')
		dst = strconv.AppendInt(dst, int64(s.len), 10)
		if s.ins > 0 {
			for line := range strings.SplitSeq(s.text, "\n") {
				dst = append(dst, ',')
				dst = appendString(dst, line)
			}
		}
		dst = append(dst, ']')
	}
	return append(dst, ']')
}

// MarshalJSON implements json.Marshaler.
func (c ChangeSet) MarshalJSON() ([]byte, error) { return c.AppendJSON(nil), nil }

// ParseJSON reads a change of a text of length units. It is stricter than CodeMirror's fromJSON: numbers are plain
// integers without sign, fraction or exponent; the sections add up to length; lines hold no line break, NUL or lone surrogate,
// escaped or not; no section is empty and no two keeps or deletes follow each other.
func ParseJSON(src []byte, length int) (ChangeSet, error) {
	p := &jsonParser{src: src}
	secs, ok := p.change(length)
	p.space()
	if !ok || p.pos != len(src) {
		return ChangeSet{}, ErrJSON
	}
	return ChangeSet{secs: secs}, nil
}

type jsonParser struct {
	src []byte
	pos int
}

func (p *jsonParser) space() {
	for p.pos < len(p.src) {
		switch p.src[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

// take skips white space and then c, and reports whether c was there.
func (p *jsonParser) take(c byte) bool {
	p.space()
	if p.pos < len(p.src) && p.src[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *jsonParser) change(length int) ([]section, bool) {
	if length < 0 || length > maxLength || !p.take('[') {
		return nil, false
	}
	var secs []section
	left, grown := length, 0
	for !p.take(']') {
		if len(secs) > 0 && !p.take(',') || len(secs) == MaxSections {
			return nil, false
		}
		s, ok := p.section()
		if !ok || s.len == 0 && s.ins <= 0 {
			return nil, false
		}
		if n := len(secs); n > 0 && s.ins <= 0 && s.ins == secs[n-1].ins {
			return nil, false
		}
		left -= s.len
		grown += max(s.ins, 0)
		if left < 0 || length+grown > maxLength {
			return nil, false
		}
		secs = append(secs, s)
	}
	return secs, left == 0
}

func (p *jsonParser) section() (section, bool) {
	if !p.take('[') {
		n, ok := p.integer()
		return section{len: n, ins: keep}, ok
	}
	n, ok := p.integer()
	if !ok {
		return section{}, false
	}
	var lines []string
	for !p.take(']') {
		if !p.take(',') {
			return section{}, false
		}
		line, ok := p.line()
		if !ok {
			return section{}, false
		}
		lines = append(lines, line)
	}
	text := strings.Join(lines, "\n")
	if len(lines) > 0 && text == "" {
		return section{}, false
	}
	return section{len: n, ins: Len16(text), text: text}, true
}

func (p *jsonParser) integer() (int, bool) {
	p.space()
	start, n := p.pos, 0
	for p.pos < len(p.src) && p.src[p.pos] >= '0' && p.src[p.pos] <= '9' {
		if n = n*10 + int(p.src[p.pos]-'0'); n > maxLength {
			return 0, false
		}
		p.pos++
	}
	digits := p.pos - start
	return n, digits > 0 && (digits == 1 || p.src[start] != '0')
}

// line reads a string by hand: encoding/json would turn a lone surrogate into U+FFFD without a word.
func (p *jsonParser) line() (string, bool) {
	if !p.take('"') {
		return "", false
	}
	var out []byte
	for p.pos < len(p.src) {
		c := p.src[p.pos]
		switch {
		case c == '"':
			p.pos++
			return string(out), utf8.Valid(out)
		case c < 0x20:
			return "", false
		case c != '\\':
			out = append(out, c)
			p.pos++
		default:
			r, ok := p.escape()
			if !ok || r == 0 || r == '\n' || r == '\r' {
				return "", false
			}
			out = utf8.AppendRune(out, r)
		}
	}
	return "", false
}

func (p *jsonParser) escape() (rune, bool) {
	if p.pos+1 >= len(p.src) {
		return 0, false
	}
	c := p.src[p.pos+1]
	p.pos += 2
	switch c {
	case '"', '\\', '/':
		return rune(c), true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'u':
		r, ok := p.hex4()
		if !ok || !utf16.IsSurrogate(r) {
			return r, ok
		}
		if p.pos+1 >= len(p.src) || p.src[p.pos] != '\\' || p.src[p.pos+1] != 'u' {
			return 0, false
		}
		p.pos += 2
		low, ok := p.hex4()
		pair := utf16.DecodeRune(r, low)
		return pair, ok && pair != utf8.RuneError
	}
	return 0, false
}

func (p *jsonParser) hex4() (rune, bool) {
	if p.pos+4 > len(p.src) {
		return 0, false
	}
	var r rune
	for _, c := range p.src[p.pos : p.pos+4] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	p.pos += 4
	return r, true
}

// appendString quotes s as JSON.stringify does.
func appendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c == '\b':
			dst = append(dst, '\\', 'b')
		case c == '\f':
			dst = append(dst, '\\', 'f')
		case c < 0x20:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
