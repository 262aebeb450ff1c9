package site

import (
	"cmp"
	"context"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/search"
)

// pageSize is how many guides a page of the library lists.
const pageSize = 20

type libraryData struct {
	Query      string
	AgencyID   string
	Agency     Agency // the one chosen, or none
	Language   string
	Exact      bool
	Total      int
	Partly     bool
	From, To   int
	Items      []libraryItem
	Agencies   []choice // the first is "all"
	More       []choice // the agencies with fewest guides
	Languages  []choice
	Chosen     []choice // what narrows the list; the address takes it away
	Prev, Next string   // addresses, or ""
	OtherForms string   // the address of the same question, literal or not
	Axes       []axis   // by which the list narrows to agencies that differ
	Narrowed   bool
	Whole      string // the address without the narrowing
}

// axis is a way in which agencies differ, with its values among what was found.
type axis struct {
	Key, Name string
	Values    []choice
}

// choice is a way to narrow the list.
type choice struct {
	Value, Text string
	Count       int
	Here        bool
	Address     string
}

// few is how many agencies are listed before "more".
const few = 10

type libraryItem struct {
	search.Item
	Agency  Agency
	Snippet template.HTML
	Link    string
	Owner   string // address of the agency's guides
	Tongue  string // key of the words for the text's language, where it is not the page's
}

func (s *Site) library(w http.ResponseWriter, r *http.Request) {
	lang := s.lang(w, r)
	in := r.URL.Query()
	page, _ := strconv.Atoi(in.Get("page"))
	page = min(max(page, 1), 1000)
	q := search.Query{Text: in.Get("q"), Agency: in.Get("agency"), Language: in.Get("language"), Literal: in.Get("exact") == "1", Limit: pageSize, Offset: (page - 1) * pageSize}
	if q.Language != "ar" && q.Language != "en" {
		q.Language = ""
	}
	by, err := member.ParseNarrowing(func(axis string) []string { return strings.Split(strings.Join(in[axis], ","), ",") })
	if err == nil && s.Narrow != nil {
		q.Kept, err = s.Narrow.Kept(r.Context(), by)
	}
	if err != nil {
		s.fail(w, r, lang, err)
		return
	}
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
	d := libraryData{Query: q.Text, AgencyID: q.Agency, Language: q.Language, Exact: q.Literal, Total: found.Total, Partly: found.Partly, From: q.Offset + 1, To: q.Offset + len(found.Items)}
	address := func(q search.Query, by member.Narrowing, page int) string {
		v := url.Values{}
		for x, values := range by {
			if len(values) > 0 {
				v.Set(string(x), strings.Join(values, ","))
			}
		}
		for key, value := range map[string]string{"q": q.Text, "agency": q.Agency, "language": q.Language} {
			if value != "" {
				v.Set(key, value)
			}
		}
		if q.Literal {
			v.Set("exact", "1")
		}
		if page > 1 {
			v.Set("page", strconv.Itoa(page))
		}
		if len(v) == 0 {
			return "/published"
		}
		return "/published?" + v.Encode()
	}
	at := func(q search.Query, page int) string { return address(q, by, page) }
	byID := map[string]Agency{}
	whole := 0
	for _, a := range all {
		byID[a.ID] = a
		n := found.Agencies[a.ID]
		whole += n
		if n > 0 || a.ID == q.Agency {
			to := q
			to.Agency = a.ID
			d.Agencies = append(d.Agencies, choice{a.ID, either(a.Name, lang), n, a.ID == q.Agency, at(to, 1)})
		}
	}
	d.narrow(q, byID[q.Agency], found, whole, lang, at)
	if err := d.axes(r.Context(), s.Narrow, by, found, lang, func(by member.Narrowing) string { return address(q, by, 1) }); err != nil {
		s.fail(w, r, lang, err)
		return
	}
	for _, g := range found.Items {
		item := libraryItem{Item: g, Agency: byID[g.Guide.Agency], Link: guideURL(g.Guideline, g.Number()), Owner: "/published?" + url.Values{"agency": {g.Guide.Agency}}.Encode(),
			Snippet: template.HTML(g.Excerpt.HTML)} //nolint:gosec // search escapes every word
		if g.Language != lang {
			item.Tongue = "text_in." + g.Language
		}
		if g.Excerpt.ID != "" {
			item.Link += "#" + g.Excerpt.ID
		}
		d.Items = append(d.Items, item)
	}
	if page > 1 {
		d.Prev = at(q, page-1)
	}
	if d.To < found.Total {
		d.Next = at(q, page+1)
	}
	if q.Text != "" {
		other := q
		other.Literal = !q.Literal
		d.OtherForms = at(other, 1)
	}
	a := about{Title: words["library"].In(lang), Description: either(s.Network(r.Context()), lang) + ": " + words["published"].In(lang), Listed: r.URL.RawQuery == "" || len(in) == 1 && in.Has("lang")}
	if d.Agency.ID != "" {
		a.Title = words["guides_of"].In(lang) + " " + either(d.Agency.Name, lang)
	}
	if q.Text != "" {
		a.Title = words["search"].In(lang) + ": " + q.Text
	}
	s.render(w, r, http.StatusOK, "library.html", lang, a, d)
}

// narrow fills the ways to narrow the list, and what narrows it.
func (d *libraryData) narrow(q search.Query, chosen Agency, found search.Found, whole int, lang string, at func(search.Query, int) string) {
	d.Agency = chosen
	every, any := q, q
	every.Agency, any.Language = "", ""
	if len(d.Agencies) > few+2 {
		slices.SortStableFunc(d.Agencies, func(a, b choice) int { return cmp.Compare(b.Count, a.Count) })
		i := slices.IndexFunc(d.Agencies, func(c choice) bool { return c.Here })
		if i >= few {
			c := d.Agencies[i]
			d.Agencies = slices.Insert(slices.Delete(d.Agencies, i, i+1), 0, c)
		}
		d.Agencies, d.More = slices.Clone(d.Agencies[:few]), d.Agencies[few:]
	}
	d.Agencies = slices.Insert(d.Agencies, 0, choice{"", words["all_agencies"].In(lang), whole, q.Agency == "", at(every, 1)})
	if len(found.Languages) > 1 || q.Language != "" {
		d.Languages = []choice{{"", words["all_languages"].In(lang), whole, q.Language == "", at(any, 1)}}
		for _, l := range []string{"ar", "en"} {
			to := q
			to.Language = l
			d.Languages = append(d.Languages, choice{l, words["language."+l].In(lang), found.Languages[l], q.Language == l, at(to, 1)})
		}
	}
	if q.Agency != "" {
		d.Chosen = append(d.Chosen, choice{Text: either(chosen.Name, lang), Address: at(every, 1)})
	}
	if q.Language != "" {
		d.Chosen = append(d.Chosen, choice{Text: words["language."+q.Language].In(lang), Address: at(any, 1)})
	}
}

// axes fills how the list narrows to agencies that differ, and adds what is
// chosen to what the address takes away.
func (d *libraryData) axes(ctx context.Context, narrow Narrow, by member.Narrowing, found search.Found, lang string, at func(member.Narrowing) string) error {
	if narrow == nil {
		return nil
	}
	facets, err := narrow.Facets(ctx, by, found.Owners)
	if err != nil {
		return err
	}
	d.Narrowed, d.Whole = len(by) > 0, at(nil)
	for _, x := range member.Axes {
		ax := axis{Key: string(x), Name: words["axis."+string(x)].In(lang)}
		for _, f := range facets.Axes[x] {
			ax.Values = append(ax.Values, choice{Value: f.Value, Text: either(f.Name, lang), Count: f.Count, Here: f.Chosen})
			if f.Chosen {
				less := maps.Clone(by)
				less[x] = slices.DeleteFunc(slices.Clone(by[x]), func(v string) bool { return v == f.Value })
				d.Chosen = append(d.Chosen, choice{Text: either(f.Name, lang), Address: at(less)})
			}
		}
		// One value alone leaves nothing out.
		if len(ax.Values) > 1 || len(by[x]) > 0 {
			d.Axes = append(d.Axes, ax)
		}
	}
	return nil
}
