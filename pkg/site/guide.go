package site

import (
	"fmt"
	"html"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/multaqa/multaqa/pkg/glossary"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/publish"
)

type guideData struct {
	publish.Guide
	Body     template.HTML
	Sided    bool // footnotes stand in the margin where it is wide
	Agency   Agency
	Writers  []Agency // whose words the text is, most first
	Editions []editionLine
	Current  *publish.Guide // another edition that is in force
	Contents []contentsLine
	Changes  string // address of what changed from the edition before, or ""
	Before   string // its number
	Answered bool
	Kin      kin    // the text in another language
	Terms    []term // of the glossary, that the text uses
}

type editionLine struct {
	publish.Guide
	Before  string // number of the edition before it, or ""
	Here    bool
	Changes string
}

type contentsLine struct {
	Number, Text, ID string
	Sub              bool
}

func guideURL(id, number string) string { return "/guides/" + id + "/e/" + number }

func (s *Site) guide(w http.ResponseWriter, r *http.Request, id, number string) {
	lang := s.lang(w, r)
	if number == "" {
		g, err := s.Guides.Find(r.Context(), s.Actor(r), id, "")
		if err != nil {
			s.fail(w, r, lang, err)
			return
		}
		w.Header().Set("Cache-Control", "no-cache")
		target := url.URL{Path: guideURL(id, g.Number())}
		if l := r.URL.Query().Get("lang"); l != "" {
			target.RawQuery = url.Values{"lang": {lang}}.Encode()
		}
		http.Redirect(w, r, target.String(), http.StatusFound)
		return
	}
	s.cached(w, r, lang, func(actor policy.Actor, size string) (*page, error) {
		return s.guidePage(w, r, actor, id, number, lang, size)
	})
}

// cached answers with the page that build makes or finds. build answers itself
// where there is no page to keep, and returns nil.
func (s *Site) cached(w http.ResponseWriter, r *http.Request, lang string, build func(actor policy.Actor, size string) (*page, error)) {
	size, done := s.size(w, r)
	if done {
		return
	}
	actor := s.Actor(r)
	version, err := s.Guides.Version(r.Context())
	if err != nil {
		s.fail(w, r, lang, err)
		return
	}
	address := strings.Join([]string{r.URL.Path, lang, size, answered(r)}, "\n")
	if actor.Anonymous() {
		if pg := s.pages.findQuick(address, version, time.Now()); pg != nil {
			pg.send(w, r)
			return
		}
	}
	pg, err := build(actor, size)
	if err != nil {
		s.fail(w, r, lang, err)
		return
	}
	if pg == nil {
		return
	}
	if pg.public {
		s.pages.keepQuick(address, version, time.Now(), pg)
	}
	pg.send(w, r)
}

func (s *Site) guidePage(w http.ResponseWriter, r *http.Request, actor policy.Actor, id, number, lang, size string) (*page, error) {
	g, err := s.Guides.Find(r.Context(), actor, id, number)
	if err != nil {
		return nil, err
	}
	if g.State == "unpublished" {
		if strings.HasPrefix(g.Redirect, "/") && !strings.HasPrefix(g.Redirect, "//") {
			http.Redirect(w, r, g.Redirect, http.StatusMovedPermanently)
			return nil, nil
		}
		s.render(w, r, http.StatusGone, "gone.html", lang, about{Title: words["gone"].In(lang)}, g)
		return nil, nil
	}
	all, err := s.Guides.Editions(r.Context(), actor, id)
	if err != nil {
		return nil, err
	}
	d := guideData{Guide: g, Answered: answered(r) != ""}
	if d.Agency, err = s.agency(r.Context(), g.Agency); err != nil {
		return nil, err
	}
	// What the page shows decides its name in the cache.
	shows := []string{g.ID, r.URL.Path, lang, size, answered(r), fmt.Sprint(actor.Anonymous(), s.Network(r.Context()), d.Agency)}
	for i, e := range all {
		shows = append(shows, fmt.Sprint(e.ID, e.State, e.UpdatedAt))
		line := editionLine{Guide: e, Here: e.ID == g.ID}
		if i+1 < len(all) && readable(e) && readable(all[i+1]) {
			line.Before = all[i+1].Number()
			line.Changes = guideURL(id, e.Number()) + "/changes/" + line.Before
		}
		if line.Here {
			d.Changes, d.Before = line.Changes, line.Before
		}
		d.Editions = append(d.Editions, line)
		if e.State == "published" && e.ID != g.ID {
			d.Current = &all[i]
		}
	}
	if d.Kin, err = s.kin(r.Context(), actor, g); err != nil {
		return nil, err
	}
	var terms []glossary.Term
	if s.Terms != nil && policy.Can(actor, policy.ExplainTerms, policy.Open("term")) {
		var edition int64
		if terms, edition, err = s.Terms(r.Context(), actor); err != nil {
			return nil, err
		}
		shows = append(shows, fmt.Sprint("terms", edition))
	}
	tag := digest(append(shows, d.Kin.shows()...)...)
	if pg := s.pages.find(tag); pg != nil {
		return pg, nil
	}
	remarked, err := s.behind(r.Context(), actor, lang, g, &d.Kin)
	if err != nil {
		return nil, err
	}
	if s.Credits != nil {
		ids, err := s.Credits(r.Context(), g.ID)
		if err != nil {
			s.Log.Warn("credits of edition", "edition", g.ID, "error", err) // the guide itself is worth more
		}
		for _, id := range ids {
			a, err := s.agency(r.Context(), id)
			if err != nil {
				return nil, err
			}
			d.Writers = append(d.Writers, a)
		}
	}
	worded, used := explained(withoutTitle(remarked, g.Title), terms, g.Language)
	body, sided := sideNotes(worded)
	d.Terms = used
	d.Body, d.Sided = template.HTML(body), sided //nolint:gosec // rendered by markdown.Render and passed by publish's allow-list
	for _, line := range g.TOC {
		if line.Level == 2 || line.Level == 3 {
			d.Contents = append(d.Contents, contentsLine{Number: digits(line.Number, g.Language), Text: line.Text, ID: line.ID, Sub: line.Level == 3})
		}
	}
	a := about{Title: either(g.Title, lang), Description: g.Summary, Article: true, Listed: g.State == "published" && g.Visibility == policy.ToPublic && !g.Hidden}
	a.Elsewhere = d.Kin.elsewhere()
	if d.Current != nil {
		a.Latest = guideURL(id, d.Current.Number())
	}
	out, err := s.page(r, "guide.html", lang, size, a, d)
	if err != nil {
		return nil, err
	}
	return s.pages.keep(tag, lang, g.Visibility == policy.ToPublic && actor.Anonymous(), out), nil
}

var (
	firstHeading = regexp.MustCompile(`^\s*<h1[^>]*>(.*?)</h1>\n?`)
	inMarkup     = regexp.MustCompile(`<a class="num"[^>]*>[^<]*</a>|<[^>]*>`)
)

// withoutTitle is the body without a first heading that only says the title
// again: the frame above has it.
func withoutTitle(body []byte, title locale.Text) []byte {
	m := firstHeading.FindSubmatch(body)
	if m == nil {
		return body
	}
	says := strings.Join(strings.Fields(html.UnescapeString(inMarkup.ReplaceAllString(string(m[1]), ""))), " ")
	if says != strings.Join(strings.Fields(title.Ar), " ") && says != strings.Join(strings.Fields(title.En), " ") {
		return body
	}
	return body[len(m[0]):]
}

func readable(g publish.Guide) bool { return g.State != "unpublished" && !g.Hidden }
