// Package id makes sortable, prefixed identifiers: a prefix that names the
// kind of thing, an underscore, and a UUIDv7 (RFC 9562 §5.7) in 26 characters
// of lower-case base32hex, whose order is the order of creation. They show
// when they were made, so they are names, never secrets.
package id

import (
	"encoding/base32"
	"strings"

	"github.com/google/uuid"
)

var enc = base32.HexEncoding.WithPadding(base32.NoPadding)

// New returns a fresh identifier such as "bl_06a2…". It panics only when the
// system has no randomness.
func New(prefix string) string {
	u := uuid.Must(uuid.NewV7())
	return prefix + "_" + strings.ToLower(enc.EncodeToString(u[:]))
}

// Valid says whether s is an identifier with the prefix.
func Valid(prefix, s string) bool {
	rest, ok := strings.CutPrefix(s, prefix+"_")
	if !ok || len(rest) != 26 {
		return false
	}
	for _, r := range rest {
		if (r < '0' || r > '9') && (r < 'a' || r > 'v') {
			return false
		}
	}
	return true
}
