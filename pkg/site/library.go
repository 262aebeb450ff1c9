package site

import (
	"html/template"
	"net/http"
	"net/url"
	"strconv"

	"github.com/multaqa/multaqa/pkg/search"
)

// pageSize is how many guides a page of the library lists.
const pageSize = 20

type libraryData struct {
	Query      string
	AgencyID   string
	Exact      bool
	Total      int
	Partly     bool
	From, To   int
	Items      []libraryItem
	Agencies   []agencyCount
	Prev, Next string // addresses, or ""
	OtherForms string // the address of the same question, literal or not
}

type agencyCount struct {
	Agency
	Count int
}

type libraryItem struct {
	search.Item
	Agency  Agency
	Snippet template.HTML
	Link    string
}

func (s *Site) library(w http.ResponseWriter, r *http.Request) {
	lang := s.lang(w, r)
	in := r.URL.Query()
	page, _ := strconv.Atoi(in.Get("page"))
	page = min(max(page, 1), 1000)
	q := search.Query{Text: in.Get("q"), Agency: in.Get("agency"), Literal: in.Get("exact") == "1", Limit: pageSize, Offset: (page - 1) * pageSize}
	found, err := s.Search.Library(r.Context(), s.Actor(r), q)
	if err != nil {
		s.fail(w, r, lang, err)
		return
	}
	all, err := s.Agencies(r.Context())
	if err != nil {
		s.fail(w, r, lang, err)
		return
	}
	d := libraryData{Query: q.Text, AgencyID: q.Agency, Exact: q.Literal, Total: found.Total, Partly: found.Partly, From: q.Offset + 1, To: q.Offset + len(found.Items)}
	byID := map[string]Agency{}
	for _, a := range all {
		byID[a.ID] = a
		if n := found.Agencies[a.ID]; n > 0 || a.ID == q.Agency {
			d.Agencies = append(d.Agencies, agencyCount{a, n})
		}
	}
	for _, g := range found.Items {
		item := libraryItem{Item: g, Agency: byID[g.Guide.Agency], Link: "/guides/" + g.Guideline + "/e/" + g.Number(),
			Snippet: template.HTML(g.Excerpt.HTML)} //nolint:gosec // search escapes every word
		if g.Excerpt.ID != "" {
			item.Link += "#" + g.Excerpt.ID
		}
		d.Items = append(d.Items, item)
	}
	at := func(page int, exact bool) string {
		v := url.Values{}
		for key, value := range map[string]string{"q": q.Text, "agency": q.Agency} {
			if value != "" {
				v.Set(key, value)
			}
		}
		if exact {
			v.Set("exact", "1")
		}
		if page > 1 {
			v.Set("page", strconv.Itoa(page))
		}
		return "/published?" + v.Encode()
	}
	if page > 1 {
		d.Prev = at(page-1, q.Literal)
	}
	if d.To < found.Total {
		d.Next = at(page+1, q.Literal)
	}
	if q.Text != "" {
		d.OtherForms = at(1, !q.Literal)
	}
	s.render(w, r, http.StatusOK, "library.html", lang, words["library"].In(lang), d)
}
