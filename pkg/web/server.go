package web

import (
	"bytes"
	"context"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync/atomic"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzhttp"

	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Resource registers the routes of one resource.
type Resource interface{ Routes(r *Router) }

// Server is the whole HTTP surface of a node.
type Server struct {
	Edge   *Edge
	Router *Router
	engine *gin.Engine
	// Ready says whether the node can serve: database, migrations, not draining.
	Ready    func(ctx context.Context) error
	draining atomic.Bool
}

// Pages are the server-rendered parts: they answer a path and say so.
type Pages interface {
	// Serve answers GET and HEAD of a page path, or returns false.
	Serve(w http.ResponseWriter, r *http.Request) bool
	// Post answers a form of a page path sent from the address caller, or
	// returns false.
	Post(w http.ResponseWriter, r *http.Request, caller string) bool
	// Missing answers 404 with a page that leads back.
	Missing(w http.ResponseWriter, r *http.Request)
}

// Mounted are the pages, and stored files under /files/.
type Mounted struct {
	Pages
	Files http.Handler
}

// Serve answers files itself and leaves the rest to the pages.
func (m Mounted) Serve(w http.ResponseWriter, r *http.Request) bool {
	if m.Files != nil && strings.HasPrefix(r.URL.Path, "/files/") {
		m.Files.ServeHTTP(w, r)
		return true
	}
	return m.Pages.Serve(w, r)
}

// NewServer registers resources under /api/v1 and serves pages and the front
// end for all other paths. assets is the built front end (index.html inside).
func NewServer(e *Edge, assets fs.FS, pages Pages, resources ...Resource) (*Server, error) {
	gin.SetMode(gin.ReleaseMode)
	g := gin.New()
	g.HandleMethodNotAllowed = true
	g.RedirectTrailingSlash = false
	if err := g.SetTrustedProxies(proxies(e.Config.Proxies)); err != nil {
		return nil, err
	}
	s := &Server{Edge: e, engine: g}
	g.Use(requestID(), e.recovery(), e.access(), e.wellFormed())
	s.Router = &Router{edge: e, group: g.Group("/api/v1")}
	for _, r := range resources {
		r.Routes(s.Router)
	}
	if err := s.Router.check(); err != nil {
		return nil, err
	}
	s.ownRoutes()
	fail := func(kind fault.Kind, code string) gin.HandlerFunc {
		return func(c *gin.Context) {
			e.fail(&Call{Ctx: c.Request.Context(), gin: c, edge: e, Locale: negotiate(c.Request)}, fault.New(kind, code))
		}
	}
	g.NoMethod(fail(fault.NotAllowed, "request.not_allowed"))
	spa, err := newFrontEnd(assets)
	if err != nil {
		return nil, err
	}
	notFound := fail(fault.NotFound, "request.not_found")
	g.NoRoute(func(c *gin.Context) {
		defer c.Writer.WriteHeaderNow() // a 404 without a body, as HEAD asks, is not to get gin's
		p := c.Request.URL.Path
		if c.Request.Method == http.MethodPost && strings.HasPrefix(p, "/guides/") && pages != nil {
			c.Status(http.StatusOK)
			if pages.Post(c.Writer, c.Request, c.ClientIP()) {
				return
			}
		}
		if strings.HasPrefix(p, "/api/") || (c.Request.Method != http.MethodGet && c.Request.Method != http.MethodHead) {
			notFound(c)
			return
		}
		c.Status(http.StatusOK) // the router has said 404; a page that writes no status means 200
		if spa.asset(c.Writer, c.Request) || (pages != nil && pages.Serve(c.Writer, c.Request)) {
			return
		}
		if path.Ext(p) != "" {
			notFound(c)
			return
		}
		if pages != nil && !ofApp(p) {
			pages.Missing(c.Writer, c.Request)
			return
		}
		spa.page(c.Writer, c.Request)
	})
	return s, nil
}

// appRoots are the first parts of the application's addresses, as its router
// has them (frontend/src/app/routes.tsx; a test compares).
var appRoots = map[string]bool{
	"": true, "account": true, "agencies": true, "ballots": true, "glossary": true, "guidelines": true, "invite": true, "library": true, "people": true,
	"practices": true, "search": true, "seats": true, "secretariat": true, "setup": true, "signin": true, "welcome": true,
}

// ofApp says whether an address may be one of the application's.
func ofApp(p string) bool {
	root, _, _ := strings.Cut(strings.TrimPrefix(path.Clean("/"+p), "/"), "/")
	return appRoots[root]
}

func (s *Server) ownRoutes() {
	g := s.engine
	g.GET("/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok\n") })
	g.GET("/readyz", func(c *gin.Context) {
		if s.draining.Load() {
			c.String(http.StatusServiceUnavailable, "draining\n")
			return
		}
		if s.Ready != nil {
			if err := s.Ready(c.Request.Context()); err != nil {
				s.Edge.Log.Warn("not ready", "error", err)
				c.String(http.StatusServiceUnavailable, "not ready\n")
				return
			}
		}
		c.String(http.StatusOK, "ready\n")
	})
	Raw(s.Router, "/openapi.json", policy.ReadAPI, "This description, OpenAPI 3.1", http.StatusOK, func(_ *Call, w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, err := w.Write(OpenAPI(s.Router.Routes()))
		return err
	})
}

// Served lists every route that the engine itself answers, however it came
// there; tests hold it against what was registered.
func (s *Server) Served() []Route {
	var out []Route
	for _, r := range s.engine.Routes() {
		out = append(out, Route{Method: r.Method, Path: r.Path})
	}
	return out
}

// Drain makes /readyz fail, so that a balancer looks elsewhere.
func (s *Server) Drain() { s.draining.Store(true) }

// Handler is the server with its outer layers: cross-site protection,
// security headers and compression.
func (s *Server) Handler() (http.Handler, error) {
	csrf := http.NewCrossOriginProtection()
	if u, err := url.Parse(s.Edge.Config.BaseURL); err == nil {
		if err := csrf.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			return nil, err
		}
	}
	compress, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.ContentTypes([]string{
		"application/json", "application/problem+json", "text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml"}))
	if err != nil {
		return nil, err
	}
	csrf.SetDenyHandler(http.HandlerFunc(s.Edge.otherSite))
	return s.headers(csrf.Handler(compress(s.engine))), nil
}

// headers sets what every answer carries (threats §7).
func (s *Server) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", ContentPolicy(""))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		if s.Edge.Config.Secure() {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// ContentPolicy is the content security policy; nonce allows the style
// elements that the editor makes, and may be "". No string becomes markup or
// script except through the policies of frontend/src/ui/html.ts.
func ContentPolicy(nonce string) string {
	style := "'self'"
	if nonce != "" {
		style += " 'nonce-" + nonce + "'"
	}
	return "default-src 'none'; script-src 'self'; style-src " + style + "; img-src 'self' data: blob:; font-src 'self'; " +
		"connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; " +
		"require-trusted-types-for 'script'; trusted-types hub default"
}

func proxies(list string) []string {
	var out []string
	for _, p := range strings.Split(list, ",") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// frontEnd serves the built application: hashed files for ever, the page
// never cached and with a nonce of its own each time.
type frontEnd struct {
	files  fs.FS
	server http.Handler
	index  []byte
}

func newFrontEnd(files fs.FS) (*frontEnd, error) {
	index, err := fs.ReadFile(files, "index.html")
	if err != nil {
		index = []byte(`<!doctype html><html lang="ar" dir="rtl"><meta charset="utf-8"><title>ملتقى</title><p>make build</p></html>`)
	}
	return &frontEnd{files: files, server: http.FileServerFS(files), index: index}, nil
}

func (f *frontEnd) asset(w http.ResponseWriter, r *http.Request) bool {
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	if name == "" || name == "index.html" || strings.HasPrefix(name, ".") {
		return false
	}
	if st, err := fs.Stat(f.files, name); err != nil || st.IsDir() {
		return false
	}
	switch {
	case strings.HasPrefix(name, "assets/"):
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	default:
		w.Header().Set("Cache-Control", "public, max-age=86400")
	}
	f.server.ServeHTTP(w, r)
	return true
}

// pageLanguage is the language of the page before somebody signs in or chooses:
// the one chosen on the published pages, else the browser's, else Arabic.
func pageLanguage(r *http.Request) string {
	if c, err := r.Cookie("lang"); err == nil && (c.Value == "ar" || c.Value == "en") {
		return c.Value
	}
	return negotiate(r)
}

func (f *frontEnd) page(w http.ResponseWriter, r *http.Request) {
	n := nonce()
	h := w.Header()
	h.Set("Content-Security-Policy", ContentPolicy(n))
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		page := bytes.ReplaceAll(f.index, []byte("__CSP_NONCE__"), []byte(n))
		if pageLanguage(r) == "en" {
			page = bytes.Replace(page, []byte(`<html lang="ar" dir="rtl">`), []byte(`<html lang="en" dir="ltr">`), 1)
		}
		_, _ = w.Write(page)
	}
}
