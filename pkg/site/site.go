package site

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/multaqa/multaqa/pkg/arabic"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/publish"
	"github.com/multaqa/multaqa/pkg/search"
)

//go:embed templates/*.html static/*
var files embed.FS

// Agency is what a page shows of an agency.
type Agency struct {
	ID    string
	Name  locale.Text
	Short locale.Text
}

// Narrow says which agencies a narrowing keeps, and how a list can be narrowed.
type Narrow interface {
	Kept(ctx context.Context, n member.Narrowing) (map[string]bool, error)
	Facets(ctx context.Context, n member.Narrowing, owners member.Owners) (member.Facets, error)
}

// Agencies lists the agencies of the network.
type Agencies func(ctx context.Context) ([]Agency, error)

// Site serves the pages. It is safe for concurrent use.
type Site struct {
	Guides   *publish.Service
	Search   *search.Service
	Agencies Agencies
	Narrow   Narrow // nil: the library does not narrow by how agencies differ
	// Credits lists the agencies that wrote an edition by their identifiers, most words first; nil leaves them out.
	Credits func(ctx context.Context, edition string) ([]string, error)
	// Terms explains the network's words beside a guide; nil leaves them out.
	Terms   Terms
	Network func(ctx context.Context) locale.Text
	Actor   func(r *http.Request) policy.Actor
	Log     *slog.Logger
	Zone    *time.Location
	// Base is the address people type, without a slash at its end: what leaves
	// the site (the site map, the feed, previews of links) names pages whole.
	Base string

	templates map[string]*template.Template
	css       []byte
	cssPath   string
	cssBr     []byte
	cssGz     []byte
	pages     pages
	answers   answers
}

// Open parses the templates; tokens is the design's tokens.css and font-face
// rules, which go before the site's own style sheet.
func (s *Site) Open(tokens []byte) error {
	own, err := files.ReadFile("static/site.css")
	if err != nil {
		return err
	}
	s.css = append(append([]byte{}, tokens...), own...)
	sum := sha256.Sum256(s.css)
	s.cssGz, s.cssBr = squeeze(s.css)
	s.cssPath = "/site/" + hex.EncodeToString(sum[:6]) + ".css"
	s.templates = map[string]*template.Template{}
	for _, lang := range []string{"ar", "en"} {
		funcs := template.FuncMap{
			"t":       func(key string) string { return words[key].In(lang) },
			"num":     func(v any) string { return digits(fmt.Sprint(v), lang) },
			"hijri":   func(t db.Time) string { return arabic.FormatHijri(t.Time().In(s.Zone), lang) },
			"date":    func(t db.Time) string { return arabic.FormatDate(t.Time().In(s.Zone), lang) },
			"iso":     func(t db.Time) string { return t.Time().In(s.Zone).Format(time.DateOnly) },
			"in":      func(x locale.Text) string { return either(x, lang) },
			"tongue":  func(x locale.Text) string { return tongue(x, lang) },
			"guides":  func(n int) string { return locale.GuidesCount(n).In(lang) },
			"added":   func(n int) string { return locale.WordsAdded(n).In(lang) },
			"removed": func(n int) string { return locale.WordsRemoved(n).In(lang) },
			"kept":    func(n int) string { return locale.LinesKept(n).In(lang) },
			"behind":  func(n int, edition string) string { return locale.TranslationBehind(n, digits(edition, lang)).In(lang) },
			"state":   func(st string) string { return words["state."+st].In(lang) },
		}
		t, err := template.New("").Funcs(funcs).ParseFS(files, "templates/*.html")
		if err != nil {
			return fmt.Errorf("site templates: %w", err)
		}
		s.templates[lang] = t
	}
	return nil
}

func digits(s, lang string) string {
	if lang == "en" {
		return s
	}
	return arabic.Digits(s)
}

// either is the text in the language, or in the other one where that is all
// there is: content is never translated by the hub.
func either(x locale.Text, lang string) string {
	if s := x.In(lang); s != "" {
		return s
	}
	return x.Ar + x.En
}

// tongue is the language in which either shows the text.
func tongue(x locale.Text, lang string) string {
	switch {
	case x.In(lang) != "":
		return lang
	case x.En != "":
		return "en"
	}
	return "ar"
}

// about is what the head of a page says of it to whoever lists or previews it.
type about struct {
	Title       string
	Description string
	Article     bool
	Listed      bool              // search engines may list the page
	Latest      string            // path of the edition in force, where this is another
	Elsewhere   map[string]string // languages of the text's counterparts, and their paths
}

// view is what every template gets.
type view struct {
	about
	Lang, Dir, Other string
	Size             string // of the text: s, l or ""
	Sizes            bool   // the page lets the reader choose it
	Path, OtherURL   string
	PathAr, PathEn   string // of the page for readers of each language
	Base             string
	CSS              string
	Network          string
	SignedIn         bool
	Data             any
}

// Serve answers GET and HEAD of the site's paths and says whether it did.
func (s *Site) Serve(w http.ResponseWriter, r *http.Request) bool {
	p := r.URL.Path
	switch {
	case p == s.cssPath:
		s.style(w, r)
	case p == "/published" || p == "/published/":
		s.library(w, r)
	case p == feedPath:
		s.feed(w, r)
	case p == "/sitemap.xml":
		s.sitemap(w, r)
	case p == "/robots.txt":
		s.robots(w, r)
	case strings.HasPrefix(p, "/published/"):
		s.Missing(w, r)
	case strings.HasPrefix(p, "/guides/"):
		parts := strings.Split(strings.Trim(strings.TrimPrefix(p, "/guides/"), "/"), "/")
		switch {
		case len(parts) == 1 && parts[0] != "":
			s.guide(w, r, parts[0], "")
		case len(parts) == 3 && parts[1] == "e":
			s.guide(w, r, parts[0], parts[2])
		case len(parts) == 5 && parts[1] == "e" && parts[3] == "changes":
			s.changes(w, r, parts[0], parts[4], parts[2])
		default:
			s.Missing(w, r)
		}
	default:
		return false
	}
	return true
}

func (s *Site) style(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/css; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Add("Vary", "Accept-Encoding")
	body := s.css
	if br, gz := encodings(r.Header.Get("Accept-Encoding")); br {
		body = s.cssBr
		h.Set("Content-Encoding", "br")
	} else if gz {
		body = s.cssGz
		h.Set("Content-Encoding", "gzip")
	}
	_, _ = w.Write(body)
}

// lang is that of the address, else of the cookie, else of the browser.
func (s *Site) lang(w http.ResponseWriter, r *http.Request) string {
	w.Header().Add("Vary", "Cookie, Accept-Language")
	switch l := r.URL.Query().Get("lang"); l {
	case "ar", "en":
		http.SetCookie(w, &http.Cookie{Name: "lang", Value: l, Path: "/", MaxAge: 365 * 24 * 3600, SameSite: http.SameSiteLaxMode, HttpOnly: true})
		return l
	}
	if c, err := r.Cookie("lang"); err == nil && (c.Value == "ar" || c.Value == "en") {
		return c.Value
	}
	first, _, _ := strings.Cut(r.Header.Get("Accept-Language"), ",")
	if strings.HasPrefix(strings.ToLower(strings.TrimSpace(first)), "en") {
		return "en"
	}
	return "ar"
}

// size is the size of the text that the reader chose: "s", "l", or "" for the
// usual one. A choice in the address is kept in a cookie, and done is true: the
// answer leads back to the page.
func (s *Site) size(w http.ResponseWriter, r *http.Request) (size string, done bool) {
	q := r.URL.Query()
	if q.Has("size") {
		size = q.Get("size")
		if size != "s" && size != "l" {
			size = "m"
		}
		http.SetCookie(w, &http.Cookie{Name: "size", Value: size, Path: "/", MaxAge: 365 * 24 * 3600, SameSite: http.SameSiteLaxMode, HttpOnly: true})
		q.Del("size")
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, (&url.URL{Path: r.URL.Path, RawQuery: q.Encode()}).String(), http.StatusSeeOther)
		return size, true
	}
	if c, err := r.Cookie("size"); err == nil && (c.Value == "s" || c.Value == "l") {
		return c.Value, false
	}
	return "", false
}

// page renders a template without writing it.
func (s *Site) page(r *http.Request, name, lang, size string, a about, data any) ([]byte, error) {
	other, dir := "en", "rtl"
	if lang == "en" {
		other, dir = "ar", "ltr"
	}
	// Only what the site knows goes on into links and cached pages.
	q := url.Values{"lang": {other}}
	for _, known := range []string{"q", "agency", "language", "exact", "page"} {
		if v := r.URL.Query().Get(known); v != "" && name == "library.html" {
			q.Set(known, v)
		}
	}
	path := func(lang string) string {
		if to := a.Elsewhere[lang]; to != "" {
			return to
		}
		return r.URL.Path
	}
	v := view{about: a, PathAr: path("ar"), PathEn: path("en"), Lang: lang, Dir: dir, Other: other, Size: size, Sizes: name == "guide.html" || name == "changes.html", Path: r.URL.Path, OtherURL: path(other) + "?" + q.Encode(),
		Base: s.Base, CSS: s.cssPath, Network: either(s.Network(r.Context()), lang), SignedIn: !s.Actor(r).Anonymous(), Data: data}
	var b bytes.Buffer
	if err := s.templates[lang].ExecuteTemplate(&b, name, v); err != nil {
		return nil, fmt.Errorf("render page %s: %w", name, err)
	}
	return b.Bytes(), nil
}

func (s *Site) render(w http.ResponseWriter, r *http.Request, status int, name, lang string, a about, data any) {
	body, err := s.page(r, name, lang, "", a, data)
	if err != nil {
		s.Log.Error("page failed", "path", r.URL.Path, "error", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", lang)
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

func (s *Site) agency(ctx context.Context, id string) (Agency, error) {
	all, err := s.Agencies(ctx)
	if err != nil {
		return Agency{}, err
	}
	for _, a := range all {
		if a.ID == id {
			return a, nil
		}
	}
	return Agency{ID: id}, nil
}

// Missing answers 404 with a page that has the site's header and leads back.
func (s *Site) Missing(w http.ResponseWriter, r *http.Request) {
	lang := s.lang(w, r)
	s.render(w, r, http.StatusNotFound, "missing.html", lang, about{Title: words["missing"].In(lang)}, nil)
}

// fail answers what may not be seen and what is not there alike.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, lang string, err error) {
	f := fault.Of(err)
	if f != nil && f.Kind == fault.Invalid {
		if said, ok := locale.Fault(f.Code); ok {
			s.render(w, r, http.StatusBadRequest, "note.html", lang, about{Title: said.In(lang)}, "/published")
			return
		}
	}
	if f != nil && f.Kind != fault.Internal {
		s.render(w, r, http.StatusNotFound, "missing.html", lang, about{Title: words["missing"].In(lang)}, nil)
		return
	}
	s.Log.Error("page failed", "path", r.URL.Path, "error", err)
	s.render(w, r, http.StatusInternalServerError, "note.html", lang, about{Title: words["broken"].In(lang)}, "/published")
}
