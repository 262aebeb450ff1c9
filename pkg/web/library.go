package web

import (
	"maps"
	"slices"
	"strconv"

	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/markdown"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/search"
)

type readingOut struct {
	HTML     string           `json:"html" doc:"sanitised"`
	TOC      []markdown.Entry `json:"toc"`
	Version  int64            `json:"version" doc:"of the draft"`
	Hash     string           `json:"revision_hash"`
	Number   string           `json:"number"`
	State    guideline.State  `json:"state"`
	Title    Text             `json:"title"`
	Language string           `json:"language"`
	Notice   string           `json:"notice"`
}

func (a *GuidelinesAPI) reading(c *Call) (readingOut, error) {
	g, e, rev, err := a.Guidelines.Reading(c.Ctx, c.Actor, c.Param("id"))
	if err != nil {
		return readingOut{}, err
	}
	digits := c.Query("digits")
	if digits != "arab" && digits != "latn" {
		digits = "" // by the language of the text
	}
	// A published text has the addresses of its page.
	anchors, err := a.Published.Anchors(c.Ctx, e.ID)
	if err != nil {
		return readingOut{}, err
	}
	front, _ := markdown.Split([]byte(rev.Text))
	for i := range anchors {
		anchors[i].Offset += len(front)
	}
	doc, err := a.rendered.Render(c.Ctx, []byte(rev.Text), markdown.Options{Language: g.Language, Digits: digits, Anchors: anchors})
	if err != nil {
		return readingOut{}, err
	}
	toc := doc.TOC
	if toc == nil {
		toc = []markdown.Entry{}
	}
	return readingOut{HTML: string(doc.HTML), TOC: toc, Version: rev.Version, Hash: rev.Hash, Number: e.Number.String(), State: e.State,
		Title: Text(g.Title), Language: g.Language, Notice: e.Notice}, nil
}

type libraryItem struct {
	ID          string    `json:"id" doc:"of the guideline"`
	EditionID   string    `json:"edition_id"`
	Title       Text      `json:"title"`
	Summary     string    `json:"summary"`
	Agency      AgencyRef `json:"agency"`
	Number      string    `json:"number"`
	PublishedAt Time      `json:"published_at"`
	ReviewBy    Time      `json:"review_by"`
	Language    string    `json:"language"`
	Tags        []string  `json:"tags"`
	SnippetHTML string    `json:"snippet_html,omitempty" doc:"sanitised, whole words marked"`
	Clause      string    `json:"clause,omitempty" doc:"number of the clause of the snippet"`
	ClauseID    string    `json:"clause_id,omitempty" doc:"its fragment on the published page"`
}

type libraryOut struct {
	Items     []libraryItem  `json:"items"`
	Next      string         `json:"next"`
	Total     int            `json:"total"`
	Partly    bool           `json:"partly" doc:"no guide has all of the words; these have most"`
	Agencies  map[string]int `json:"agencies" doc:"guides by agency, as everything but agency narrows them"`
	Languages map[string]int `json:"languages" doc:"guides by language, as everything but lang narrows them"`
	Names     []AgencyRef    `json:"names" doc:"of those agencies"`
	byAgency
}

func (a *GuidelinesAPI) library(c *Call) (libraryOut, error) {
	const page = 50
	offset := max(atoi(c.Query("after")), 0)
	by, err := c.Narrowing()
	if err != nil {
		return libraryOut{}, err
	}
	kept, err := a.Members.Kept(c.Ctx, by)
	if err != nil {
		return libraryOut{}, err
	}
	found, err := a.Search.Library(c.Ctx, c.Actor, search.Query{Text: cut(c.Query("q"), 256), Literal: c.Query("exact") == "1",
		Agency: c.Query("agency"), Language: c.Query("lang"), Kept: kept, Limit: page, Offset: offset})
	if err != nil {
		return libraryOut{}, err
	}
	names, err := a.Guidelines.Names(c.Ctx)
	if err != nil {
		return libraryOut{}, err
	}
	out := libraryOut{Items: []libraryItem{}, Total: found.Total, Partly: found.Partly, Agencies: found.Agencies, Languages: found.Languages, Names: []AgencyRef{}}
	for _, g := range found.Items {
		row := libraryItem{ID: g.Guideline, EditionID: g.ID, Title: Text(g.Title), Summary: g.Summary, Agency: *agencyRefOf(g.Agency, names.Agencies),
			Number: g.Number(), PublishedAt: g.PublishedAt, ReviewBy: g.ReviewBy, Language: g.Language, Tags: g.Tags,
			SnippetHTML: g.Excerpt.HTML, Clause: g.Excerpt.Number, ClauseID: g.Excerpt.ID}
		if row.Tags == nil {
			row.Tags = []string{}
		}
		out.Items = append(out.Items, row)
	}
	for _, id := range slices.Sorted(maps.Keys(found.Agencies)) {
		out.Names = append(out.Names, *agencyRefOf(id, names.Agencies))
	}
	if offset+page < found.Total {
		out.Next = strconv.Itoa(offset + page)
	}
	out.byAgency, err = a.facets(c, by, found.Owners)
	return out, err
}

type templateSection struct {
	Title    Text `json:"title"`
	Required bool `json:"required"`
}

type templateOut struct {
	ID       string            `json:"id"`
	Name     Text              `json:"name"`
	Sections []templateSection `json:"sections"`
}

func (a *GuidelinesAPI) templates(c *Call) (List[templateOut], error) {
	if err := policy.Check(c.Actor, policy.ListGuidelines, policy.Open("guideline")); err != nil {
		return List[templateOut]{}, err
	}
	rows := []templateOut{}
	for _, t := range guideline.Templates {
		row := templateOut{ID: t.ID, Name: Text(t.Name), Sections: []templateSection{}}
		for _, s := range t.Sections {
			row.Sections = append(row.Sections, templateSection{Text(s.Title), s.Required})
		}
		rows = append(rows, row)
	}
	return Page(rows, ""), nil
}
