package site

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/publish"
	"github.com/multaqa/multaqa/pkg/search"
)

const (
	feedPath = "/published.atom"
	// feedLength is how many guides the feed lists, the newest first.
	feedLength = 50
	// mapLength bounds the site map; the format allows 50,000 addresses a file.
	mapLength = 50_000
)

// The feed (RFC 4287) lists what everybody may read, for whoever follows it
// without an account.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	Title   string      `xml:"title"`
	ID      string      `xml:"id"`
	Updated string      `xml:"updated"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	Title   atomText `xml:"title"`
	ID      string   `xml:"id"`
	Link    atomLink `xml:"link"`
	Updated string   `xml:"updated"`
	Author  string   `xml:"author>name"`
	Summary atomText `xml:"summary"`
}

type atomText struct {
	Lang string `xml:"xml:lang,attr,omitempty"`
	Text string `xml:",chardata"`
}

type siteMap struct {
	XMLName xml.Name  `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
	Pages   []mapPage `xml:"url"`
}

type mapPage struct {
	Address string `xml:"loc"`
	Changed string `xml:"lastmod,omitempty"`
}

// public lists the guides in force that everybody may read, newest first, at
// most the limit.
func (s *Site) public(ctx context.Context, limit int) ([]publish.Guide, error) {
	var out []publish.Guide
	for from := 0; from < limit; from += 200 {
		found, err := s.Search.Library(ctx, policy.Actor{}, search.Query{Limit: min(200, limit-from), Offset: from})
		if err != nil {
			return nil, err
		}
		for _, item := range found.Items {
			out = append(out, item.Guide)
		}
		if from+200 >= found.Total {
			break
		}
	}
	return out, nil
}

func (s *Site) feed(w http.ResponseWriter, r *http.Request) {
	lang := s.lang(w, r)
	s.listing(w, r, "application/atom+xml; charset=utf-8", lang, func() (any, error) {
		guides, err := s.public(r.Context(), feedLength)
		if err != nil {
			return nil, err
		}
		all, err := s.Agencies(r.Context())
		if err != nil {
			return nil, err
		}
		names := map[string]string{}
		for _, a := range all {
			names[a.ID] = either(a.Name, lang)
		}
		q := "?" + url.Values{"lang": {lang}}.Encode()
		f := atomFeed{Lang: lang, Title: either(s.Network(r.Context()), lang) + ": " + words["published"].In(lang), ID: s.Base + feedPath + q, Updated: time.Unix(0, 0).UTC().Format(time.RFC3339),
			Links: []atomLink{{"self", "application/atom+xml", s.Base + feedPath + q}, {"alternate", "text/html", s.Base + "/published"}}}
		for i, g := range guides {
			at := g.PublishedAt.Time().UTC().Format(time.RFC3339)
			if i == 0 {
				f.Updated = at
			}
			page := s.Base + guideURL(g.Guideline, g.Number())
			says := g.ChangeNote
			if says == "" {
				says = g.Summary
			}
			f.Entries = append(f.Entries, atomEntry{Title: atomText{tongue(g.Title, lang), either(g.Title, lang) + " (" + digits(g.Number(), lang) + ")"}, ID: page, Link: atomLink{"alternate", "text/html", page},
				Updated: at, Author: names[g.Agency], Summary: atomText{g.Language, says}})
		}
		return f, nil
	})
}

func (s *Site) sitemap(w http.ResponseWriter, r *http.Request) {
	s.listing(w, r, "application/xml; charset=utf-8", "", func() (any, error) {
		guides, err := s.public(r.Context(), mapLength-1)
		if err != nil {
			return nil, err
		}
		m := siteMap{Pages: []mapPage{{Address: s.Base + "/published"}}}
		for _, g := range guides {
			m.Pages = append(m.Pages, mapPage{s.Base + guideURL(g.Guideline, g.Number()), g.PublishedAt.Time().UTC().Format(time.DateOnly)})
		}
		return m, nil
	})
}

// listing answers with a list of the public guides, made once for every state
// of what is published.
func (s *Site) listing(w http.ResponseWriter, r *http.Request, mime, lang string, build func() (any, error)) {
	failed := func(err error) {
		s.Log.Error("list guides", "path", r.URL.Path, "error", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
	}
	version, err := s.Guides.Version(r.Context())
	if err != nil {
		failed(err)
		return
	}
	tag := digest(mime, lang, fmt.Sprint(version), fmt.Sprint(s.Network(r.Context())))
	if pg := s.pages.find(tag); pg != nil {
		pg.send(w, r)
		return
	}
	list, err := build()
	if err != nil {
		failed(err)
		return
	}
	body, err := xml.Marshal(list)
	if err != nil {
		failed(err)
		return
	}
	s.pages.keepAs(tag, lang, mime, true, append([]byte(xml.Header), body...)).send(w, r)
}

// robots names the site map, and the parts that have nothing for a search engine.
func (s *Site) robots(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=3600")
	if r.Method != http.MethodHead {
		_, _ = fmt.Fprintf(w, "User-agent: *\nDisallow: /api/\nDisallow: /signin\nSitemap: %s/sitemap.xml\n", s.Base)
	}
}
