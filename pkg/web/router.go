// Package web is the JSON edge: it decodes, calls one method of a domain and
// encodes. routes.go is its table of contents; one file a resource. Every
// route is registered with the action of the policy table that decides it;
// one without fails at start and in the tests.
package web

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Call is one request as handlers see it.
type Call struct {
	Ctx    context.Context
	Actor  policy.Actor
	Locale string // "ar" or "en": of the person, else of the request
	gin    *gin.Context
	edge   *Edge
	secret bool
	route  *Route
	ended  error // why the cookie of the request signs nobody in
}

// Private keeps the answer out of the idempotency store, because it holds a
// secret (threats I16): a repeat is told that the request was applied.
func (c *Call) Private() { c.secret = true }

// Param is a part of the path, such as ":id".
func (c *Call) Param(name string) string { return c.gin.Param(name) }

// Query is a parameter of the query string, or "". A route is given only the
// parameters it registered, so that none works that the description leaves out.
func (c *Call) Query(name string) string {
	if !c.route.asks(name) {
		return ""
	}
	return c.gin.Query(name)
}

// QueryList is a repeated or comma-separated parameter.
func (c *Call) QueryList(name string) []string {
	var out []string
	if !c.route.asks(name) {
		return nil
	}
	for _, v := range c.gin.QueryArray(name) {
		for _, s := range strings.Split(v, ",") {
			if s = strings.TrimSpace(s); s != "" {
				out = append(out, s)
			}
		}
	}
	return out
}

// Header is a request header.
func (c *Call) Header(name string) string { return c.gin.GetHeader(name) }

// ClientIP is the address of the caller; proxies are believed only where
// configured.
func (c *Call) ClientIP() string { return c.gin.ClientIP() }

// UserAgent is what the browser calls itself, at most 300 bytes.
func (c *Call) UserAgent() string {
	ua := strings.ToValidUTF8(c.gin.Request.UserAgent(), "")
	return ua[:min(len(ua), 300)]
}

// SessionToken is the sign-in token of the request, or "".
func (c *Call) SessionToken() string { return c.edge.token(c.gin.Request) }

// SetSession gives the browser a sign-in token.
func (c *Call) SetSession(token string) { c.edge.setCookie(c.gin, token, 7*24*3600) }

// ClearSession takes the sign-in token from the browser.
func (c *Call) ClearSession() { c.edge.setCookie(c.gin, "", -1) }

// Route is a registered route, for OpenAPI, the permission matrix and tests.
type Route struct {
	Method  string
	Path    string // gin's form, without the /api/v1 prefix: "/ballots/:id"
	Action  policy.Action
	Summary string
	In, Out reflect.Type // nil where there is no body
	File    bool         // the body is a file
	Query   []Param      // what it reads of the query string
	Status  int          // of a good answer that has no type; 0 is 204
}

// Param is a parameter of the query string.
type Param struct {
	Name, Doc string
	Many      bool // several values, with commas or repeated
	Number    bool
}

// Parameters that several routes have.
var (
	askWords    = Param{Name: "q", Doc: "words to look for"}
	askOwner    = Param{Name: "agency", Doc: "id of the agency that owns it"}
	askLanguage = Param{Name: "lang", Doc: "ar or en"}
	askNumber   = Param{Name: "limit", Number: true, Doc: "rows of a page; the hub gives no more than it likes"}
	askCursor   = Param{Name: "cursor", Doc: "the next of the page before"}
	askAfter    = Param{Name: "after", Doc: "the next of the page before"}
)

func (r *Route) asks(name string) bool {
	return r != nil && slices.ContainsFunc(r.Query, func(p Param) bool { return p.Name == name })
}

// Referred is an answer that must not lie in the idempotency store, because it
// shows which way an agency voted (threats I16): the store keeps its reference,
// and a repeat reads the thing again, as it stands and as the caller may see
// it. A type of this kind registers how with Again.
type Referred interface{ reference() string }

// ByReference says whether the idempotency store keeps a reference of the
// route's answers only.
func (r Route) ByReference() bool { return r.Out != nil && r.Out.Implements(referred) }

var referred = reflect.TypeFor[Referred]()

// Again says how an answer of the type Out is read once more by its reference.
func Again[Out Referred](r *Router, read func(c *Call, reference string) (Out, error)) {
	if r.again == nil {
		r.again = map[reflect.Type]func(*Call, string) (any, error){}
	}
	r.again[reflect.TypeFor[Out]()] = func(c *Call, reference string) (any, error) { return read(c, reference) }
}

// check says which route answers with a reference that nobody can read again.
func (r *Router) check() error {
	for _, route := range r.routes {
		if route.Method != http.MethodGet && route.ByReference() && r.again[route.Out] == nil {
			return fmt.Errorf("web: %s %s: no Again for %s", route.Method, route.Path, route.Out)
		}
	}
	return nil
}

// Router collects routes. All registration goes through Get, Post, Put, Patch,
// Delete and Raw.
type Router struct {
	edge   *Edge
	group  *gin.RouterGroup
	routes []Route
	again  map[reflect.Type]func(*Call, string) (any, error)
}

// Routes lists what was registered.
func (r *Router) Routes() []Route { return r.routes }

// None is the type of an absent body.
type None struct{}

// Get registers a reading route, with the parameters of the query string that
// it reads; those that narrow a list by its agencies come by themselves.
func Get[Out any](r *Router, path string, action policy.Action, summary string, h func(c *Call) (Out, error), query ...Param) {
	if reflect.TypeFor[Out]().Implements(reflect.TypeFor[narrowed]()) {
		for _, x := range member.Axes {
			query = append(query, Param{Name: string(x), Many: true, Doc: "narrows the list by the " + string(x) + " of the agencies that its rows belong to"})
		}
	}
	handle(r, http.MethodGet, path, action, summary, func(c *Call, _ None) (Out, error) { return h(c) }, query...)
}

// Post registers a route that changes something.
func Post[In, Out any](r *Router, path string, action policy.Action, summary string, h func(c *Call, in In) (Out, error)) {
	handle(r, http.MethodPost, path, action, summary, h)
}

// Put registers a route that replaces something.
func Put[In, Out any](r *Router, path string, action policy.Action, summary string, h func(c *Call, in In) (Out, error)) {
	handle(r, http.MethodPut, path, action, summary, h)
}

// Patch registers a route that changes parts of something.
func Patch[In, Out any](r *Router, path string, action policy.Action, summary string, h func(c *Call, in In) (Out, error)) {
	handle(r, http.MethodPatch, path, action, summary, h)
}

// Delete registers a route that ends something.
func Delete[Out any](r *Router, path string, action policy.Action, summary string, h func(c *Call) (Out, error)) {
	handle(r, http.MethodDelete, path, action, summary, func(c *Call, _ None) (Out, error) { return h(c) })
}

// Raw registers a reading route that writes its own answer: the socket, which
// gives the status 101, and JSON that is no type of this package, which gives
// 200. The handler must not touch the context after an upgrade.
func Raw(r *Router, path string, action policy.Action, summary string, status int, h func(c *Call, w http.ResponseWriter, req *http.Request) error) {
	r.add(Route{Method: http.MethodGet, Path: path, Action: action, Summary: summary, Status: status}, func(g *gin.Context) {
		c, ok := r.edge.begin(g, action)
		if !ok {
			return
		}
		if err := h(c, g.Writer, g.Request); err != nil {
			r.edge.fail(c, err)
		}
	})
}

func handle[In, Out any](r *Router, method, path string, action policy.Action, summary string, h func(c *Call, in In) (Out, error), query ...Param) {
	route := Route{Method: method, Path: path, Action: action, Summary: summary, Query: query}
	none := reflect.TypeFor[None]()
	if t := reflect.TypeFor[In](); t != none {
		route.In = t
	}
	if t := reflect.TypeFor[Out](); t != none {
		route.Out = t
	}
	r.add(route, func(g *gin.Context) {
		c, ok := r.edge.begin(g, action)
		if !ok {
			return
		}
		c.route = &route
		var in In
		body, err := decode(g, route.In != nil, &in)
		if err != nil {
			r.edge.fail(c, err)
			return
		}
		if method == http.MethodGet {
			out, err := h(c, in)
			r.edge.answer(c, route, out, err)
			return
		}
		r.edge.once(c, route, body, r.again[route.Out], func(ctx context.Context) (any, error) {
			c.Ctx = ctx
			return h(c, in)
		})
	})
}

func (r *Router) add(route Route, h gin.HandlerFunc) {
	if !policy.Known(route.Action) {
		panic("web: " + route.Method + " " + route.Path + " has no row in the policy table: " + string(route.Action))
	}
	r.routes = append(r.routes, route)
	r.group.Handle(route.Method, route.Path, h)
}

// Time is how times travel.
type Time = db.Time

// Text is a text in both languages.
type Text struct {
	Ar string `json:"ar"`
	En string `json:"en"`
}

// List is a page of items; Next is the cursor of the next page or "".
type List[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"`
}

// Page wraps items into a list, never null.
func Page[T any](items []T, next string) List[T] {
	if items == nil {
		items = []T{}
	}
	return List[T]{Items: items, Next: next}
}
