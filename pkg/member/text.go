package member

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/locale"
)

// Limits of names, in grapheme clusters.
const (
	maxName  = 120
	maxShort = 24 // the design asks for 12 letters; official short names run to 22
	maxEmail = 254
	// A grapheme cluster may carry any number of marks; this bounds the bytes.
	maxBytesPerCluster = 32
)

// Problem says why a line of text cannot be kept as a name, or returns "" if
// it can. A name is one line of at most max grapheme clusters that shows
// something and cannot disturb the text around it. An accepted text is kept
// byte for byte.
//
// Codes: required, not_utf8, control_character, bidi_control, line_break,
// noncharacter, invisible, edge_space, too_long.
func Problem(s string, max int) string {
	if s == "" {
		return "required"
	}
	if !utf8.ValidString(s) {
		return "not_utf8"
	}
	if len(s) > max*maxBytesPerCluster {
		return "too_long"
	}
	visible := false
	for _, r := range s {
		switch {
		case r == '\n' || r == '\r' || r == 0x2028 || r == 0x2029 || r == 0x85:
			return "line_break"
		case unicode.Is(unicode.Cc, r):
			return "control_character"
		case r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069:
			return "bidi_control" // an unclosed one reorders the text that follows
		case r&0xFFFE == 0xFFFE || r >= 0xFDD0 && r <= 0xFDEF:
			return "noncharacter"
		case r == 0xFEFF || r >= 0xFFF9 && r <= 0xFFFB || r >= 0xE0000 && r <= 0xE001F:
			return "invisible"
		}
		if !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.M, r) && r != 0x3164 && r != 0x115F && r != 0x1160 {
			visible = true
		}
	}
	if !visible {
		return "invisible"
	}
	first, _ := utf8.DecodeRuneInString(s)
	last, _ := utf8.DecodeLastRuneInString(s)
	if unicode.IsSpace(first) || unicode.IsSpace(last) {
		return "edge_space"
	}
	if Clusters(s) > max {
		return "too_long"
	}
	return ""
}

// ProblemOfText says why a text of several lines cannot be kept, or returns
// "" if it can; an empty one can. Lines and tabs are welcome, other control
// characters are not. max is in grapheme clusters. An accepted text is kept
// byte for byte.
//
// Codes: not_utf8, control_character, too_long.
func ProblemOfText(s string, max int) string {
	if !utf8.ValidString(s) {
		return "not_utf8"
	}
	if len(s) > max*maxBytesPerCluster {
		return "too_long"
	}
	for _, r := range s {
		if unicode.Is(unicode.Cc, r) && r != '\n' && r != '\t' && r != '\r' {
			return "control_character"
		}
	}
	if Clusters(s) > max {
		return "too_long"
	}
	return ""
}

// Clusters counts what a reader calls characters: extended grapheme clusters
// (UAX #29).
func Clusters(s string) int {
	n := 0
	for g := graphemes.FromString(s); g.Next(); n++ {
	}
	return n
}

// nameKey folds a name for comparison: compatibility form, lower case, format
// characters and marks dropped, spaces collapsed. Two agencies whose names
// share a key are taken for one.
func nameKey(s string) string {
	s = norm.NFKD.String(s)
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.M, r) || unicode.Is(unicode.Cf, r) || r == 'ـ' {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
	return norm.NFC.String(strings.Join(strings.Fields(s), " "))
}

// emailKey checks an e-mail address and returns the form that is unique: lower
// case, the domain in its ASCII form. ok is false if it is none.
func emailKey(s string) (key string, ok bool) {
	if len(s) > maxEmail || !utf8.ValidString(s) {
		return "", false
	}
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > 64 || at == len(s)-1 {
		return "", false
	}
	local, domain := s[:at], s[at+1:]
	for _, r := range local {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(".!#$%&'*+/=?^_`{|}~-", r)) {
			return "", false
		}
	}
	if local[0] == '.' || local[len(local)-1] == '.' || strings.Contains(local, "..") {
		return "", false
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil || ascii == "" || ascii[0] == '.' || ascii[len(ascii)-1] == '.' || strings.Contains(ascii, "..") {
		return "", false
	}
	for _, r := range ascii {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.') {
			return "", false
		}
	}
	return strings.ToLower(local) + "@" + strings.ToLower(ascii), true
}

// fields collects the field faults of one request.
type fields struct{ err *fault.Error }

func (f *fields) add(field, code string) {
	if f.err == nil {
		f.err = fault.New(fault.Invalid, "member.invalid_fields")
	}
	f.err = f.err.WithField(field, code)
}

func (f *fields) fault() error {
	if f.err == nil {
		return nil
	}
	return f.err
}

// text checks a bilingual name. One language may be missing: the other then
// stands for both.
func (f *fields) text(field string, t locale.Text, max int) locale.Text {
	if t.Ar == "" {
		t.Ar = t.En
	}
	if t.En == "" {
		t.En = t.Ar
	}
	for _, s := range []string{t.Ar, t.En} {
		if code := Problem(s, max); code != "" {
			f.add(field, code)
			break
		}
	}
	return t
}
