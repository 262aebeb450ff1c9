package web

import (
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/section"
)

// SectionsAPI is the sections of living texts that are given to agencies.
type SectionsAPI struct {
	DB       *db.DB
	Sections *section.Service
}

// Routes registers the resource.
func (a *SectionsAPI) Routes(r *Router) {
	Get(r, "/drafts/:id/sections", policy.ReadSections, "Sections that are given to agencies, in the order of the text", a.list)
	Post(r, "/drafts/:id/sections", policy.AssignSection, "Give a section to an agency", a.assign)
	Patch(r, "/sections/:id", policy.AssignSection, "Give a section on other terms", a.change)
	Post(r, "/sections/:id/done", policy.FinishSection, "Mark a section as finished, or as not", a.finish)
	Delete(r, "/sections/:id", policy.ReleaseSection, "Give a section back", a.release)
}

type keptOut struct {
	ID        string          `json:"id"`
	DraftID   string          `json:"draft_id"`
	Heading   string          `json:"heading"`
	Level     int             `json:"level" doc:"1 to 6; 0 when lost"`
	From      int             `json:"from" doc:"beginning of the heading's line, UTF-16 units in the text of version"`
	To        int             `json:"to"`
	Version   int64           `json:"version"`
	Lost      bool            `json:"lost" doc:"its heading is not in the text; the section is not kept"`
	Agency    AgencyRef       `json:"agency"`
	DueAt     Time            `json:"due_at"`
	Note      string          `json:"note"`
	By        PersonRef       `json:"by"`
	CreatedAt Time            `json:"created_at"`
	DoneAt    Time            `json:"done_at"`
	DoneBy    *PersonRef      `json:"done_by"`
	Abilities map[string]bool `json:"abilities"`
}

type keptList struct {
	Items     []keptOut       `json:"items"`
	Version   int64           `json:"version"`
	Abilities map[string]bool `json:"abilities"`
}

func (a *SectionsAPI) present(c *Call, list ...section.Section) ([]keptOut, error) {
	people := []string{}
	for _, s := range list {
		people = append(people, s.Person, s.DoneBy)
	}
	names, agencies, err := namesOf(c, a.DB, people)
	out := make([]keptOut, 0, len(list))
	for _, s := range list {
		o := keptOut{ID: s.ID, DraftID: s.Draft, Heading: s.Heading, Level: s.Level, From: s.Place.Pos, To: s.To, Version: s.Place.Version, Lost: s.Lost,
			Agency: agencyRef(agencies[s.Agency]), DueAt: s.DueAt, Note: s.Note, By: PersonRef{ID: s.Person, Name: Text(names[s.Person])}, CreatedAt: s.CreatedAt,
			DoneAt: s.DoneAt, Abilities: s.Abilities}
		if s.DoneBy != "" {
			o.DoneBy = &PersonRef{ID: s.DoneBy, Name: Text(names[s.DoneBy])}
		}
		out = append(out, o)
	}
	return out, err
}

func (a *SectionsAPI) one(c *Call, s section.Section, err error) (keptOut, error) {
	if err != nil {
		return keptOut{}, err
	}
	rows, err := a.present(c, s)
	if err != nil {
		return keptOut{}, err
	}
	return rows[0], nil
}

func (a *SectionsAPI) list(c *Call) (keptList, error) {
	list, version, able, err := a.Sections.List(c.Ctx, c.Actor, c.Param("id"))
	if err != nil {
		return keptList{}, err
	}
	out := keptList{Version: version, Abilities: able}
	out.Items, err = a.present(c, list...)
	return out, err
}

type keptTerms struct {
	Agency string `json:"agency" doc:"id of an agency that writes the guideline"`
	DueAt  Time   `json:"due_at" doc:"null for no date"`
	Note   string `json:"note" doc:"≤ 500 characters"`
}

func (t keptTerms) terms() section.Terms {
	return section.Terms{Agency: t.Agency, DueAt: t.DueAt, Note: t.Note}
}

type keptBody struct {
	keptTerms
	Version int64 `json:"version"`
	From    int   `json:"from" doc:"beginning of the heading's line, UTF-16 units in the text of version"`
}

func (a *SectionsAPI) assign(c *Call, in keptBody) (keptOut, error) {
	s, err := a.Sections.Assign(c.Ctx, c.Actor, c.Param("id"), in.Version, in.From, in.terms())
	return a.one(c, s, err)
}

func (a *SectionsAPI) change(c *Call, in keptTerms) (keptOut, error) {
	s, err := a.Sections.Change(c.Ctx, c.Actor, c.Param("id"), in.terms())
	return a.one(c, s, err)
}

type keptDone struct {
	Done bool `json:"done"`
}

func (a *SectionsAPI) finish(c *Call, in keptDone) (keptOut, error) {
	s, err := a.Sections.Finish(c.Ctx, c.Actor, c.Param("id"), in.Done)
	return a.one(c, s, err)
}

func (a *SectionsAPI) release(c *Call) (keptOut, error) {
	s, err := a.Sections.Release(c.Ctx, c.Actor, c.Param("id"))
	return a.one(c, s, err)
}
