package glossary

import (
	"unicode"
	"unicode/utf8"

	"github.com/multaqa/multaqa/pkg/member"
)

// passage says why a text of several lines cannot be kept, or "".
func passage(s string, max int, required bool) string {
	if s == "" {
		if required {
			return "required"
		}
		return ""
	}
	if !utf8.ValidString(s) {
		return "not_utf8"
	}
	if len(s) > max*32 || member.Clusters(s) > max {
		return "too_long"
	}
	for _, r := range s {
		if unicode.Is(unicode.Cc, r) && r != '\n' && r != '\t' {
			return "control_character"
		}
	}
	return ""
}
