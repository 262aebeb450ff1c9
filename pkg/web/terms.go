package web

import (
	"slices"

	"github.com/multaqa/multaqa/pkg/arabic"
	"github.com/multaqa/multaqa/pkg/glossary"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

// TermsAPI is the network's glossary.
type TermsAPI struct {
	Glossary *glossary.Service
	Members  *member.Service
}

// Routes registers the resource.
func (a *TermsAPI) Routes(r *Router) {
	Get(r, "/terms", policy.ReadTerms, "The glossary, narrowed by state (approved, proposed, rejected or retired; several with commas), words (?q=) and the agency that proposed", a.list,
		askWords, Param{Name: "state", Many: true, Doc: "of the terms"})
	Post(r, "/terms", policy.ProposeTerm, "Propose a term; the secretariat's is approved at once", a.propose)
	Patch(r, "/terms/:id", policy.ProposeTerm, "Change the words of a term", a.change)
	Post(r, "/terms/:id/state", policy.DecideTerm, "Approve, reject or retire a term", a.move)
}

type discouragedBody struct {
	Lang string `json:"lang" doc:"ar or en"`
	Text string `json:"text"`
}

type termBody struct {
	Words       Text              `json:"words" doc:"the preferred words, ≤ 80 characters each"`
	Definition  Text              `json:"definition" doc:"in one of the languages at least, ≤ 600 characters"`
	Discouraged []discouragedBody `json:"discouraged" doc:"≤ 20"`
}

func (b termBody) input() glossary.Input {
	in := glossary.Input{Words: locale.Text(b.Words), Definition: locale.Text(b.Definition)}
	for _, d := range b.Discouraged {
		in.Discouraged = append(in.Discouraged, glossary.Discouraged(d))
	}
	return in
}

type termOut struct {
	ID          string            `json:"id"`
	State       glossary.State    `json:"state" doc:"proposed, approved, rejected or retired"`
	Words       Text              `json:"words"`
	Definition  Text              `json:"definition"`
	Discouraged []discouragedBody `json:"discouraged"`
	Agency      *AgencyRef        `json:"agency" doc:"that proposed it"`
	Own         bool              `json:"own" doc:"proposed by the reader"`
	Note        string            `json:"note" doc:"why it was rejected or retired"`
	Edition     int64             `json:"edition" doc:"of the glossary in which it last changed"`
	Version     int64             `json:"version" doc:"to be sent back with a change"`
	UpdatedAt   Time              `json:"updated_at"`
	Next        []glossary.State  `json:"next" doc:"states it may be moved to by the reader"`
}

type termsOut struct {
	Items     []termOut       `json:"items"`
	Edition   int64           `json:"edition" doc:"of the glossary as a whole"`
	Abilities map[string]bool `json:"abilities"`
	byAgency
}

func (a *TermsAPI) out(c *Call, terms ...glossary.Term) ([]termOut, error) {
	all, err := a.Members.Agencies(c.Ctx, c.Actor, member.AgencyFilter{})
	if err != nil {
		return nil, err
	}
	agencies := make(map[string]member.Agency, len(all))
	for _, v := range all {
		agencies[v.ID] = v
	}
	decides := glossary.Abilities(c.Actor)[string(policy.DecideTerm)]
	rows := make([]termOut, 0, len(terms))
	for _, t := range terms {
		row := termOut{ID: t.ID, State: t.State, Words: Text(t.Words), Definition: Text(t.Definition), Discouraged: []discouragedBody{},
			Agency: agencyRefOf(t.Agency, agencies), Own: t.Person == c.Actor.Person, Note: t.Note, Edition: t.Edition, Version: t.Version,
			UpdatedAt: t.UpdatedAt, Next: []glossary.State{}}
		for _, d := range t.Discouraged {
			row.Discouraged = append(row.Discouraged, discouragedBody(d))
		}
		if decides {
			row.Next = glossary.Next(t.State)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (a *TermsAPI) list(c *Call) (termsOut, error) {
	by, err := c.Narrowing()
	if err != nil {
		return termsOut{}, err
	}
	kept, err := a.Members.Kept(c.Ctx, by)
	if err != nil {
		return termsOut{}, err
	}
	states := c.QueryList("state")
	var state glossary.State
	if len(states) == 1 {
		state = glossary.State(states[0])
	}
	terms, edition, err := a.Glossary.List(c.Ctx, c.Actor, state)
	if err != nil {
		return termsOut{}, err
	}
	asked := arabic.Words(cut(c.Query("q"), 256))
	owners := member.Owners{}
	terms = slices.DeleteFunc(terms, func(t glossary.Term) bool {
		texts := []string{t.Words.Ar, t.Words.En, t.Definition.Ar, t.Definition.En}
		for _, d := range t.Discouraged {
			texts = append(texts, d.Text)
		}
		if len(states) > 1 && !slices.Contains(states, string(t.State)) || !arabic.Mentions(asked, texts...) {
			return true
		}
		owners[t.Agency]++
		return kept != nil && !kept[t.Agency]
	})
	rows, err := a.out(c, terms...)
	if err != nil {
		return termsOut{}, err
	}
	facets, err := Narrower{a.Members}.facets(c, by, owners)
	return termsOut{Items: rows, Edition: edition, Abilities: glossary.Abilities(c.Actor), byAgency: facets}, err
}

func (a *TermsAPI) one(c *Call, t glossary.Term, err error) (termOut, error) {
	if err != nil {
		return termOut{}, err
	}
	rows, err := a.out(c, t)
	if err != nil {
		return termOut{}, err
	}
	return rows[0], nil
}

func (a *TermsAPI) propose(c *Call, in termBody) (termOut, error) {
	t, err := a.Glossary.Propose(c.Ctx, c.Actor, in.input())
	return a.one(c, t, err)
}

type termPatch struct {
	termBody
	Version int64 `json:"version" doc:"the one that was read"`
}

func (a *TermsAPI) change(c *Call, in termPatch) (termOut, error) {
	t, err := a.Glossary.Change(c.Ctx, c.Actor, c.Param("id"), in.Version, in.input())
	return a.one(c, t, err)
}

type termMove struct {
	Version int64          `json:"version" doc:"the one that was read"`
	To      glossary.State `json:"to"`
	Note    string         `json:"note" doc:"required when rejecting or retiring"`
}

func (a *TermsAPI) move(c *Call, in termMove) (termOut, error) {
	t, err := a.Glossary.Move(c.Ctx, c.Actor, c.Param("id"), in.Version, in.To, in.Note)
	return a.one(c, t, err)
}
