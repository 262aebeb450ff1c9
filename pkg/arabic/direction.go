package arabic

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/bidi"
)

// silent is what says nothing about the language of a block: code, the
// targets of links, bare addresses, mentions, footnote marks. The editor skips
// the same (frontend/src/features/draft/editor/direction.ts), so a text keeps
// its side when it is read.
var silent = regexp.MustCompile("`[^`]*`|\\]\\([^)]*\\)|(?i:https?|ftp|mailto):\\S+|www\\.\\S+|[\\w.+-]+@[\\w-]+\\.[\\w.-]+|@[\\pL\\pN_.-]+|\\[\\^[^\\]]*\\]")

// Direction is the direction of a block of text by its first strong letter
// (Unicode TR9 P2, P3), after skipping code, links and mentions: "rtl", "ltr",
// or "" when there is no strong letter.
func Direction(s string) string { return DirectionIn(s, "") }

// DirectionIn is Direction in a document whose base direction is known: in an
// Arabic text ("rtl") a block that opens with a Latin name is still Arabic
// when a third of its letters are. A directional mark (U+200E, U+200F) before
// the first letter is the author's own choice and decides.
func DirectionIn(s, base string) string {
	// The expression begins with one of these; to ask is much cheaper than to try it at every bracket.
	if strings.ContainsAny(s, "`@:") || strings.Contains(s, "](") || strings.Contains(s, "[^") || strings.Contains(s, "www.") {
		s = silent.ReplaceAllString(s, " ")
	}
	first := ""
	rtl, ltr := 0, 0
	for _, r := range s {
		if first == "" && (r == '\u200e' || r == '\u200f') {
			return map[rune]string{'\u200e': "ltr", '\u200f': "rtl"}[r]
		}
		p, _ := bidi.LookupRune(r)
		switch p.Class() {
		case bidi.R, bidi.AL:
			if first == "" {
				first = "rtl"
			}
			rtl++
		case bidi.L:
			if first == "" {
				first = "ltr"
			}
			ltr++
		default:
			continue
		}
		if first == "rtl" || base != "rtl" || rtl+ltr >= 120 {
			break // a long line has made up its mind by here
		}
	}
	if first == "ltr" && base == "rtl" && rtl*3 >= rtl+ltr {
		return "rtl"
	}
	return first
}

// Digits writes the ASCII digits of s in Arabic-Indic form.
func Digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r - '0' + '٠'
		}
		return r
	}, s)
}

// ASCIIDigits writes Arabic-Indic and Persian digits as ASCII.
func ASCIIDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Nd, r) {
			switch {
			case r >= '٠' && r <= '٩':
				return r - '٠' + '0'
			case r >= '۰' && r <= '۹':
				return r - '۰' + '0'
			}
		}
		return r
	}, s)
}
