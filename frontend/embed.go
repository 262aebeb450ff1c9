// Package frontend carries the built browser application inside the binary.
package frontend

import (
	"embed"
	"slices"
)

// Dist holds the output of "npm run build" under "dist/". Before the first
// build it holds only a placeholder, so that the Go packages always compile;
// callers test for dist/index.html.
//
//go:embed all:dist
var Dist embed.FS

//go:embed src/styles/tokens.css
var tokens []byte

//go:embed src/styles/fonts.css
var fonts []byte

// Tokens is the style sheet of colours, type and faces that the application
// and the published pages share.
var Tokens = slices.Concat(fonts, tokens)
