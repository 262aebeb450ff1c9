package web

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"github.com/multaqa/multaqa/pkg/fault"
)

// wellFormed refuses addresses whose parts are no text: bytes that are not
// UTF-8, and the zero character, which PostgreSQL cannot hold and would answer
// with an error of its own. It stands before all routes and pages.
func (e *Edge) wellFormed() gin.HandlerFunc {
	return func(g *gin.Context) {
		c := &Call{Ctx: g.Request.Context(), gin: g, edge: e, Locale: negotiate(g.Request)}
		if !plainText(g.Request.URL.Path) {
			e.fail(c, fault.New(fault.NotFound, "request.not_found"))
			return
		}
		if g.Request.URL.RawQuery == "" {
			return
		}
		for name, values := range g.Request.URL.Query() {
			if !plainText(name) {
				e.fail(c, fault.New(fault.Invalid, "request.unreadable"))
				return
			}
			for _, v := range values {
				if !plainText(v) {
					e.fail(c, fault.New(fault.Invalid, "request.invalid").WithField(name, "request.not_text"))
					return
				}
			}
		}
	}
}

func plainText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// keepable says whether a JSON text can be kept as it was sent. The decoder
// would put U+FFFD for bytes that are not UTF-8 and for halves of surrogate
// pairs, without saying so.
func keepable(body []byte) bool {
	if !utf8.Valid(body) {
		return false
	}
	s := string(body)
	for i := 0; i < len(s); {
		at := strings.IndexByte(s[i:], '\\')
		if at < 0 || i+at+1 >= len(s) {
			return true
		}
		i += at
		switch unit := escape(s[i:]); {
		case s[i+1] != 'u':
			i += 2
		case unit >= 0xD800 && unit < 0xDC00:
			if low := escape(s[i+6:]); low < 0xDC00 || low > 0xDFFF {
				return false
			}
			i += 12
		case unit >= 0xDC00 && unit <= 0xDFFF:
			return false
		default:
			i += 6
		}
	}
	return true
}

// escape reads the \uXXXX that s begins with, or returns -1.
func escape(s string) int {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	if err != nil {
		return -1
	}
	return int(n)
}
