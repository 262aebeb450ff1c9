package glossary

import "github.com/multaqa/multaqa/pkg/member"

// passage says why a text of several lines cannot be kept, or "".
func passage(s string, max int, required bool) string {
	if s == "" && required {
		return "required"
	}
	return member.ProblemOfText(s, max)
}
