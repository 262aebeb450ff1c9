package markdown

import (
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"strings"
	"unicode"

	"github.com/multaqa/multaqa/pkg/arabic"
)

// headingID makes the readable part of a heading's id: its letters and digits
// in any script, joined by hyphens, without vowel signs.
func headingID(title string) string {
	var b strings.Builder
	gap := false
	for _, r := range title {
		switch {
		case r >= 0x064B && r <= 0x0652, r == 0x0640, r == 0x0670:
			continue // vowel signs and tatweel
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r), r == '_':
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(unicode.ToLower(r))
		default:
			gap = true
		}
		if b.Len() > 120 {
			break
		}
	}
	if b.Len() == 0 {
		return "section"
	}
	return b.String()
}

// ids hands out ids that are unique in a document. They carry a prefix, so
// that no heading can take a name that a page uses.
type ids struct {
	used map[string]bool
	next map[string]int
}

func (s *ids) take(base string) string {
	id := base
	for s.used[id] {
		s.next[base]++
		id = base + "-" + strconv.Itoa(s.next[base])
	}
	s.used[id] = true
	return id
}

var base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// clauseID is the id of a paragraph that has no anchor yet: from its words, so
// that it survives what happens around it.
func clauseID(words string) string {
	sum := sha256.Sum256([]byte(strings.Join(arabic.Words(words), " ")))
	return "p-" + base32Lower.EncodeToString(sum[:])[:6]
}
