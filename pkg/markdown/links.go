package markdown

import (
	"html"
	"net/url"
	"strings"
)

const maxAddress = 2048

// Link decides where a link may lead: the address, whether it leads off this
// site, and whether it may be there at all. It looks at what a browser would
// make of the address: entities and percent signs of the scheme decoded, white
// space and control characters dropped (goldmark CVE-2026-5160).
//
// An address of more than 2,048 bytes leads nowhere: no browser needs it, and a
// reference used often would repeat it often.
func Link(dest string) (address string, external, ok bool) {
	if len(dest) > maxAddress {
		return "", false, false
	}
	// A browser drops these anywhere before the scheme's colon, and some
	// everywhere; in an address they are never meant.
	clean := strings.Map(func(r rune) rune {
		if r <= 0x20 && r != ' ' || r == 0x7f || r == 0xFFFD || r == 0xFEFF || r >= 0x200B && r <= 0x200F || r >= 0x202A && r <= 0x202E || r >= 0x2060 && r <= 0x2069 {
			return -1
		}
		return r
	}, dest)
	clean = strings.TrimSpace(clean)
	scheme := clean
	for range 4 {
		next := html.UnescapeString(scheme)
		if u, err := url.PathUnescape(next); err == nil {
			next = u
		}
		if next == scheme {
			break
		}
		scheme = next
	}
	scheme = strings.Map(func(r rune) rune {
		if r <= 0x20 || r == 0x7f || r == 0xA0 || r == 0xAD || r >= 0x2000 && r <= 0x206F || r == 0xFEFF {
			return -1
		}
		return r
	}, scheme)
	end := strings.IndexAny(scheme, ":/?#\\")
	if end < 0 || scheme[end] != ':' {
		// Two slashes, either way round, name another host.
		off := len(scheme) > 1 && strings.ContainsRune(`/\`, rune(scheme[0])) && strings.ContainsRune(`/\`, rune(scheme[1]))
		return clean, off, true
	}
	switch strings.ToLower(scheme[:end]) {
	case "http", "https":
		return clean, true, true
	case "mailto":
		return clean, false, true
	}
	return "", false, false
}
