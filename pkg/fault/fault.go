// Package fault names expected failures: a kind, which decides how an edge
// answers, and a stable code "<package>.<what>", which decides what is said.
// It holds no sentence for people; those live in pkg/locale under the code.
// A fault may carry codes for single fields and extra facts for the answer.
package fault

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
)

// Kind is a class of failure. The zero value is Internal.
type Kind int

// The kinds, and the HTTP status each becomes (RFC 9110 §15).
const (
	Internal        Kind = iota // 500: not expected; its detail goes to the log only
	Invalid                     // 400: the request cannot be right in any state
	Unauthenticated             // 401: nobody is signed in
	Forbidden                   // 403: the actor sees the thing and may not do this
	NotFound                    // 404: absent, or not to be seen by the actor
	NotAllowed                  // 405: the address takes other methods
	Conflict                    // 409: right in another state
	Gone                        // 410: was there, and is not any more
	TooLarge                    // 413: over a limit
	RateLimited                 // 429: too often
	Unavailable                 // 503: try again later
)

var statuses = map[Kind]int{
	Internal: http.StatusInternalServerError, Invalid: http.StatusBadRequest,
	Unauthenticated: http.StatusUnauthorized, Forbidden: http.StatusForbidden,
	NotFound: http.StatusNotFound, NotAllowed: http.StatusMethodNotAllowed, Conflict: http.StatusConflict, Gone: http.StatusGone,
	TooLarge: http.StatusRequestEntityTooLarge, RateLimited: http.StatusTooManyRequests,
	Unavailable: http.StatusServiceUnavailable,
}

// Status is the HTTP status of the kind.
func (k Kind) Status() int { return statuses[k] }

// Error is an expected failure. The zero value is an internal one.
type Error struct {
	Kind   Kind
	Code   string
	Fields map[string]string // field name → code, for forms
	Facts  map[string]any    // extra members of the problem document (RFC 9457 §3.2)
}

// New returns a fault of the kind with the stable code.
func New(kind Kind, code string) *Error { return &Error{Kind: kind, Code: code} }

// Error gives the code and, where there are some, the codes of the fields.
func (e *Error) Error() string {
	if len(e.Fields) > 0 {
		return fmt.Sprintf("%s %v", e.Code, e.Fields)
	}
	return e.Code
}

// WithField returns a copy that says what is wrong with one field.
func (e *Error) WithField(field, code string) *Error {
	c := *e
	c.Fields = maps.Clone(e.Fields)
	if c.Fields == nil {
		c.Fields = map[string]string{}
	}
	c.Fields[field] = code
	return &c
}

// With returns a copy that carries one more fact for the answer.
func (e *Error) With(key string, value any) *Error {
	c := *e
	c.Facts = maps.Clone(e.Facts)
	if c.Facts == nil {
		c.Facts = map[string]any{}
	}
	c.Facts[key] = value
	return &c
}

// Of returns the fault inside err, or nil when err is something unexpected.
func Of(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// Is says whether err carries the code.
func Is(err error, code string) bool {
	e := Of(err)
	return e != nil && e.Code == code
}
