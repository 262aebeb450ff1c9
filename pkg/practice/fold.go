package practice

import "strings"

// fold is the search form of a title.
func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
