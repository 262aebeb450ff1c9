package arabic

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold gives the search normal form of rules D11: NFC; without tatweel and
// marks; one alef, one ya, ta marbuta as ha; Arabic-Indic and Persian digits
// as ASCII; lower case. ؤ and ئ stay distinct. Names, duplicates and mentions
// use the same form.
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFC.String(s) {
		switch {
		case r == 0x0640, r >= 0x064B && r <= 0x0652, r == 0x0670, r >= 0x0653 && r <= 0x065F, r >= 0x06D6 && r <= 0x06ED:
			continue // tatweel, vowel signs, dagger alef, Quranic marks
		case r == 'أ', r == 'إ', r == 'آ', r == 'ٱ':
			r = 'ا'
		case r == 'ى', r == 'ی':
			r = 'ي'
		case r == 'ک':
			r = 'ك'
		case r == 'ة', r == 'ہ', r == 'ۀ':
			r = 'ه'
		case r >= '٠' && r <= '٩':
			r = r - '٠' + '0'
		case r >= '۰' && r <= '۹':
			r = r - '۰' + '0'
		case r == 0x200C, r == 0x200D, r == 0x200E, r == 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
			continue // joiners and direction marks
		default:
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Words cuts a folded text into words of letters and digits.
func Words(s string) []string {
	return strings.FieldsFunc(Fold(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
}

// Stem cuts the article and the commonest endings of one folded word, leaving
// at least three letters. It is light: no roots, no broken plurals.
func Stem(w string) string {
	r := []rune(w)
	if len(r) == 0 || r[0] < 0x0600 || r[0] > 0x06FF {
		return w
	}
	for _, p := range []string{"وال", "بال", "كال", "فال", "لل", "ال"} {
		if strings.HasPrefix(w, p) && len(r)-len([]rune(p)) >= 3 {
			r = r[len([]rune(p)):]
			break
		}
	}
	s := string(r)
	for _, e := range []string{"اتها", "اتهم", "ات", "ان", "ون", "ين", "يه", "ها", "هم", "ه", "ي"} {
		if strings.HasSuffix(s, e) && len(r)-len([]rune(e)) >= 3 {
			return strings.TrimSuffix(s, e)
		}
	}
	return s
}

// Variants are the forms of a folded query word to look for: its stem, and
// the stem after the one-letter prefixes that cannot be cut safely from texts
// (و ب ل ك ف).
func Variants(w string) []string {
	s := Stem(w)
	out := []string{s}
	for _, p := range []string{"و", "ب", "ل", "ك", "ف"} {
		out = append(out, p+s)
	}
	return out
}

// SortKey orders names as an index does: folded, without the article.
func SortKey(s string) string {
	words := Words(s)
	for i, w := range words {
		if rest, ok := strings.CutPrefix(w, "ال"); ok && len([]rune(rest)) >= 2 {
			words[i] = rest
		}
	}
	return strings.Join(words, " ")
}
