package web

import (
	"strconv"

	"github.com/multaqa/multaqa/pkg/ballot"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/practice"
)

// PracticesAPI is the nominated practices and the way each has come.
type PracticesAPI struct {
	Practices *practice.Service
	Ballots   *ballot.Service
	Narrower
}

// Routes registers the resource.
func (a *PracticesAPI) Routes(r *Router) {
	Again(r, a.page)
	Get(r, "/practices", policy.ReadPractice, "Practices, narrowed by stage, agency and words of the title", a.list,
		askWords, askOwner, askNumber, askCursor, Param{Name: "stage", Doc: "of the practices"})
	Post(r, "/practices", policy.NominatePractice, "Nominate a practice in the name of one's agency", a.nominate)
	Get(r, "/practices/:id", policy.ReadPractice, "A practice: its card, its stage and its ballots", a.read)
	Patch(r, "/practices/:id", policy.EditPractice, "Save a new revision of the card", a.edit)
	Post(r, "/practices/:id/stage", policy.MovePractice, "Move a practice to another stage", a.move)
	Put(r, "/practices/:id/partners", policy.SharePractice, "Share the card with these partners and no others", a.share)
	Post(r, "/practices/:id/ballots", policy.PrepareBallot, "Prepare a ballot on a practice", a.prepare)
}

type evidence struct {
	Text   string `json:"text"`
	Date   string `json:"date" doc:"YYYY-MM-DD"`
	Source string `json:"source"`
}

type stageStep struct {
	To    practice.Stage `json:"to"`
	Needs []string       `json:"needs" doc:"what the step must bring: reason, into"`
}

type practiceHistory struct {
	At     Time       `json:"at"`
	Event  string     `json:"event"`
	From   string     `json:"from"`
	To     string     `json:"to"`
	Person *PersonRef `json:"person"`
	Agency *AgencyRef `json:"agency"`
	Reason string     `json:"reason"`
}

type practiceOut struct {
	ID           string            `json:"id"`
	Title        Text              `json:"title"`
	Problem      string            `json:"problem"`
	Context      string            `json:"context"`
	Evidence     []evidence        `json:"evidence"`
	Cost         string            `json:"cost"`
	Contacts     string            `json:"contacts"`
	Axis         string            `json:"axis"`
	Agency       AgencyRef         `json:"agency"`
	Stage        practice.Stage    `json:"stage"`
	StageAt      Time              `json:"stage_at"`
	MergedInto   string            `json:"merged_into"`
	Hidden       bool              `json:"hidden" doc:"by moderation"`
	RevisionHash string            `json:"revision_hash" doc:"names this card; what a vote is about"`
	Revision     int64             `json:"revision"`
	CreatedAt    Time              `json:"created_at"`
	UpdatedAt    Time              `json:"updated_at"`
	NominatedBy  *PersonRef        `json:"nominated_by"`
	Ballots      []ballotOut       `json:"ballots" doc:"newest round first, without electorate and history"`
	Allowed      []stageStep       `json:"allowed" doc:"stages the actor may move it to"`
	History      []practiceHistory `json:"history"`
	SharedWith   []PersonRef       `json:"shared_with" doc:"partners; empty for those who may not share it"`
	Abilities    map[string]bool   `json:"abilities"`
}

// reference keeps the votes beside a practice out of the idempotency store.
func (p practiceOut) reference() string { return p.ID }

// personRef is the person with the id, or nil where there is none.
func personRef(id string, names map[string]locale.Text) *PersonRef {
	if id == "" {
		return nil
	}
	return &PersonRef{ID: id, Name: Text(names[id])}
}

// agencyRefOf is the agency with the id, or nil where there is none.
func agencyRefOf(id string, agencies map[string]member.Agency) *AgencyRef {
	if id == "" {
		return nil
	}
	ref := AgencyRef{ID: id}
	if a, ok := agencies[id]; ok {
		ref = agencyRef(a)
	}
	return &ref
}

func practiceOf(p practice.Page, ballots []ballot.View) practiceOut {
	out := practiceOut{ID: p.ID, Title: Text(p.Card.Title), Problem: p.Card.Problem, Context: p.Card.Context, Evidence: []evidence{},
		Cost: p.Card.Cost, Contacts: p.Card.Contacts, Axis: p.Card.Axis, Agency: *agencyRefOf(p.Agency, p.Agencies), Stage: p.Stage,
		StageAt: p.StageAt, MergedInto: p.MergedInto, Hidden: p.Hidden, RevisionHash: p.Hash, Revision: p.Revision, CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt,
		Ballots: []ballotOut{}, Allowed: []stageStep{}, History: []practiceHistory{}, SharedWith: []PersonRef{}, Abilities: p.Abilities}
	for _, person := range p.SharedWith {
		out.SharedWith = append(out.SharedWith, *personRef(person, p.Persons))
	}
	if p.Persons != nil {
		out.NominatedBy = personRef(p.NominatedBy, p.Persons)
	}
	for _, e := range p.Card.Evidence {
		out.Evidence = append(out.Evidence, evidence(e))
	}
	for _, to := range p.Allowed {
		step := stageStep{To: to, Needs: []string{}}
		if to.NeedsReason() {
			step.Needs = append(step.Needs, "reason")
		}
		if to == practice.Merged {
			step.Needs = append(step.Needs, "into")
		}
		out.Allowed = append(out.Allowed, step)
	}
	for _, h := range p.History {
		event := "practice.stage_changed"
		if h.From == "" {
			event = "practice.nominated"
		}
		out.History = append(out.History, practiceHistory{At: h.At, Event: event, From: string(h.From), To: string(h.To),
			Person: personRef(h.Person, p.Persons), Agency: agencyRefOf(h.Agency, p.Agencies), Reason: h.Reason})
	}
	for _, b := range ballots {
		out.Ballots = append(out.Ballots, ballotSummary(b))
	}
	return out
}

func limitOf(c *Call) int {
	n, err := strconv.Atoi(c.Query("limit"))
	if err != nil {
		return 0
	}
	return n
}

type practicesOut struct {
	Narrowed[practiceOut]
	Stages map[practice.Stage]int `json:"stages" doc:"rows of the list at each stage, over all pages"`
}

func (a *PracticesAPI) list(c *Call) (practicesOut, error) {
	by, err := c.Narrowing()
	if err != nil {
		return practicesOut{}, err
	}
	list, err := a.Practices.List(c.Ctx, c.Actor, practice.Filter{Stage: practice.Stage(c.Query("stage")),
		Agency: c.Query("agency"), Narrow: by, Text: c.Query("q"), After: c.Query("cursor"), Limit: limitOf(c), Count: true})
	if err != nil {
		return practicesOut{}, err
	}
	ids := make([]string, len(list.Items))
	for i, p := range list.Items {
		ids[i] = p.ID
	}
	ballots, err := a.ballots(c, ids...)
	if err != nil {
		return practicesOut{}, err
	}
	of := map[string][]ballot.View{}
	for _, b := range ballots {
		of[b.Subject.ID] = append(of[b.Subject.ID], b)
	}
	rows, err := page(a.Narrower, c, by, list.PageOf, func(p practice.Page) practiceOut { return practiceOf(p, of[p.ID]) })
	return practicesOut{rows, list.Stages}, err
}

func (a *PracticesAPI) read(c *Call) (practiceOut, error) { return a.page(c, c.Param("id")) }

func (a *PracticesAPI) page(c *Call, id string) (practiceOut, error) {
	p, err := a.Practices.Find(c.Ctx, c.Actor, id)
	if err != nil {
		return practiceOut{}, err
	}
	ballots, err := a.ballots(c, id)
	return practiceOf(p, ballots), err
}

// ballots are those about some practices: the network, which a partner does not see.
func (a *PracticesAPI) ballots(c *Call, practices ...string) ([]ballot.View, error) {
	if len(practices) == 0 || !policy.SeesThePipeline(c.Actor) {
		return nil, nil
	}
	return member.Whole(func(after string) (member.PageOf[ballot.View], error) {
		return a.Ballots.List(c.Ctx, c.Actor, ballot.Filter{Subjects: practices, After: after, Limit: 200})
	})
}

type sharedIn struct {
	People []string `json:"people" doc:"ids of partners; empty to take it back from all"`
}

func (a *PracticesAPI) share(c *Call, in sharedIn) (practiceOut, error) {
	p, err := a.Practices.Share(c.Ctx, c.Actor, c.Param("id"), in.People)
	if err != nil {
		return practiceOut{}, err
	}
	return a.page(c, p.ID)
}

type practiceIn struct {
	Title    Text       `json:"title"`
	Problem  string     `json:"problem"`
	Context  string     `json:"context"`
	Evidence []evidence `json:"evidence"`
	Cost     string     `json:"cost"`
	Contacts string     `json:"contacts"`
	Axis     string     `json:"axis"`
}

func evidenceOf(list []evidence) []practice.Evidence {
	out := []practice.Evidence{}
	for _, e := range list {
		out = append(out, practice.Evidence(e))
	}
	return out
}

func (a *PracticesAPI) nominate(c *Call, in practiceIn) (practiceOut, error) {
	p, err := a.Practices.Nominate(c.Ctx, c.Actor, practice.Card{Title: locale.Text(in.Title), Problem: in.Problem, Context: in.Context,
		Evidence: evidenceOf(in.Evidence), Cost: in.Cost, Contacts: in.Contacts, Axis: in.Axis})
	if err != nil {
		return practiceOut{}, err
	}
	return a.page(c, p.ID)
}

type practicePatch struct {
	Title    *Text       `json:"title"`
	Problem  *string     `json:"problem"`
	Context  *string     `json:"context"`
	Evidence *[]evidence `json:"evidence"`
	Cost     *string     `json:"cost"`
	Contacts *string     `json:"contacts"`
	Axis     *string     `json:"axis"`
	Base     string      `json:"base" doc:"revision_hash the editor started from; another one answers 409 practice.changed"`
}

func (a *PracticesAPI) edit(c *Call, in practicePatch) (practiceOut, error) {
	p, err := a.Practices.Edit(c.Ctx, c.Actor, c.Param("id"), in.Base, func(card *practice.Card) {
		if in.Title != nil {
			card.Title = locale.Text(*in.Title)
		}
		if in.Evidence != nil {
			card.Evidence = evidenceOf(*in.Evidence)
		}
		for to, from := range map[*string]*string{&card.Problem: in.Problem, &card.Context: in.Context, &card.Cost: in.Cost,
			&card.Contacts: in.Contacts, &card.Axis: in.Axis} {
			if from != nil {
				*to = *from
			}
		}
	})
	if err != nil {
		return practiceOut{}, err
	}
	return a.page(c, p.ID)
}

type stageIn struct {
	To     practice.Stage `json:"to"`
	Reason string         `json:"reason"`
	Into   string         `json:"into" doc:"the practice it is merged into"`
}

func (a *PracticesAPI) move(c *Call, in stageIn) (practiceOut, error) {
	p, err := a.Practices.Move(c.Ctx, c.Actor, c.Param("id"), in.To, in.Reason, in.Into)
	if err != nil {
		return practiceOut{}, err
	}
	return a.page(c, p.ID)
}
