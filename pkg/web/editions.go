package web

import (
	"github.com/multaqa/multaqa/pkg/ballot"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
)

type stepOption struct {
	Event guideline.Step    `json:"event"`
	Needs []guideline.Need  `json:"needs" doc:"fields the request must carry"`
	To    []guideline.State `json:"to"`
}

type stepWaiting struct {
	stepOption
	Unmet []unmetOut `json:"unmet" doc:"why it is not yet open"`
}

type unmetOut struct {
	Code  string `json:"code"`
	Count int    `json:"count"`
	Text  Text   `json:"text"`
}

type gateOut struct {
	Code  string `json:"code"`
	Met   bool   `json:"met"`
	Count int    `json:"count" doc:"how many are missing, where that can be counted"`
	Text  Text   `json:"text"`
	// Missing are the titles of required sections.
	Missing []Text `json:"missing" doc:"titles of the required sections under which nothing is written"`
}

// expertOut is an agency or a person; the other one is null.
type expertOut struct {
	Agency *AgencyRef `json:"agency"`
	Person *PersonRef `json:"person"`
	// Answered says so since they were asked last.
	Answered bool `json:"answered" doc:"they said so, since they were asked last"`
}

type editionHistory struct {
	At     Time            `json:"at"`
	Event  guideline.Step  `json:"event"`
	From   guideline.State `json:"from"`
	To     guideline.State `json:"to"`
	Person *PersonRef      `json:"person"`
	Agency *AgencyRef      `json:"agency"`
	Reason string          `json:"reason" doc:"a person's words"`
	Cause  *Text           `json:"cause" doc:"the hub's own reason"`
	Hash   string          `json:"revision_hash" doc:"of the text it was about"`
}

type editionOut struct {
	ID           string           `json:"id"`
	Guideline    guidelineRef     `json:"guideline"`
	Number       string           `json:"number"`
	State        guideline.State  `json:"state"`
	DraftID      string           `json:"draft_id"`
	Allowed      []stepOption     `json:"allowed" doc:"steps the person may take now"`
	Waiting      []stepWaiting    `json:"waiting" doc:"steps the person may take once something is met"`
	Gates        []gateOut        `json:"gates" doc:"what the edition needs before its next stage"`
	Needs        Text             `json:"needs"`
	Authors      []PersonRef      `json:"authors"`
	SubmittedBy  *PersonRef       `json:"submitted_by"`
	SubmittedAt  Time             `json:"submitted_at"`
	ApprovedBy   *PersonRef       `json:"approved_by"`
	ApprovedAt   Time             `json:"approved_at"`
	BallotID     string           `json:"ballot_id"`
	Experts      []expertOut      `json:"experts" doc:"asked to check facts, last"`
	OpensAt      Time             `json:"opens_at" doc:"of the consultation"`
	ClosesAt     Time             `json:"closes_at" doc:"of the consultation"`
	ChangeNote   string           `json:"change_note"`
	Minor        bool             `json:"minor"`
	ReviewBy     Time             `json:"review_by"`
	PublishAt    Time             `json:"publish_at"`
	PublishedAt  Time             `json:"published_at"`
	PublishedBy  *PersonRef       `json:"published_by"`
	RevisionHash string           `json:"revision_hash" doc:"of the published text"`
	SecondEyeDue Time             `json:"second_eye_due" doc:"set while a forced publication awaits another person"`
	Notice       string           `json:"notice" doc:"why it was withdrawn or unpublished"`
	Redirect     string           `json:"redirect"`
	UpdatedAt    Time             `json:"updated_at"`
	History      []editionHistory `json:"history"`
	Abilities    map[string]bool  `json:"abilities"`
	Original     *languageRef     `json:"original,omitempty" doc:"of a translation: the Arabic guideline that it renders, where the person sees it"`
	MadeFrom     *editionRef      `json:"made_from,omitempty" doc:"and the edition of it that this one was made from, once that is set"`
}

func (a *GuidelinesAPI) editionOf(c *Call, v guideline.View, err error) (editionOut, error) {
	if err != nil {
		return editionOut{}, err
	}
	e, g := v.Edition, v.Guideline
	persons := append([]string{e.SubmittedBy, e.ApprovedBy, e.PublishedBy}, v.Authors...)
	persons = append(persons, e.Experts...)
	for _, h := range v.History {
		persons = append(persons, h.Person)
	}
	names, err := a.Guidelines.Names(c.Ctx, persons...)
	if err != nil {
		return editionOut{}, err
	}
	out := editionOut{ID: e.ID, Number: e.Number.String(), State: e.State, Allowed: []stepOption{}, Waiting: []stepWaiting{}, Gates: []gateOut{},
		Guideline: guidelineRef{ID: g.ID, Title: Text(g.Title), Language: g.Language, Kind: g.Kind, Template: g.Template,
			Agency: *agencyRefOf(g.Agency, names.Agencies), Visibility: g.Visibility, Hidden: g.Hidden},
		Needs: Text(v.Needs), Authors: []PersonRef{}, Experts: []expertOut{}, ChangeNote: e.ChangeNote, Minor: e.Minor, ReviewBy: e.ReviewBy,
		PublishedAt: e.PublishedAt, RevisionHash: e.RevisionHash, Notice: e.Notice, Redirect: e.Redirect, UpdatedAt: e.UpdatedAt,
		History: []editionHistory{},
		Abilities: policy.Abilities(c.Actor, v.Facts, policy.UpdateGuideline, policy.SubmitEdition, policy.ReviewEdition, policy.BallotEdition,
			policy.PublishEdition, policy.DiscardEdition, policy.ReadDraft, policy.WriteDraft, policy.CreateThread)}
	if o := v.Original; o != nil {
		out.Original = languageRefOf(c.Actor, *o, true)
		for _, ref := range out.Original.Editions {
			if ref.ID == e.MadeFrom {
				out.MadeFrom = &ref
			}
		}
	}
	for _, o := range v.Options {
		step := stepOption{Event: o.Step, Needs: o.Needs, To: o.To}
		if step.Needs == nil {
			step.Needs = []guideline.Need{}
		}
		if o.Open() {
			out.Allowed = append(out.Allowed, step)
			continue
		}
		w := stepWaiting{stepOption: step}
		for _, u := range o.Unmet {
			w.Unmet = append(w.Unmet, unmetOut{u.Code, u.Count, Text(locale.EditionGate(u.Code, u.Count))})
		}
		out.Waiting = append(out.Waiting, w)
	}
	if out.Abilities[string(policy.ReadDraft)] {
		out.DraftID = e.Draft
		out.OpensAt, out.ClosesAt = e.OpensAt, e.ClosesAt // who was asked and holds no seat too
	}
	if !policy.Members(c.Actor) {
		return out, nil // readers see the edition, not how it came about
	}
	out.SubmittedBy, out.SubmittedAt = personRef(e.SubmittedBy, names.Persons), e.SubmittedAt
	out.ApprovedBy, out.ApprovedAt = personRef(e.ApprovedBy, names.Persons), e.ApprovedAt
	out.PublishedBy, out.PublishAt = personRef(e.PublishedBy, names.Persons), e.PublishAt
	out.BallotID, out.SecondEyeDue = e.Ballot, e.SecondEyeDue
	out.OpensAt, out.ClosesAt = e.OpensAt, e.ClosesAt
	answered := map[string]bool{}
	for _, h := range v.History {
		switch h.Step {
		case guideline.SendFactCheck, guideline.OpenConsultation:
			answered = map[string]bool{}
		case guideline.Answer:
			answered[h.Person], answered[h.Agency] = true, true
		}
	}
	for _, id := range e.Experts {
		if _, ok := names.Agencies[id]; ok {
			out.Experts = append(out.Experts, expertOut{Agency: agencyRefOf(id, names.Agencies), Answered: answered[id]})
		} else if _, ok := names.Persons[id]; ok {
			out.Experts = append(out.Experts, expertOut{Person: personRef(id, names.Persons), Answered: answered[id]})
		}
	}
	for _, gate := range v.Gates {
		missing := []Text{}
		for _, title := range gate.Missing {
			missing = append(missing, Text(title))
		}
		out.Gates = append(out.Gates, gateOut{gate.Code, gate.Met, gate.Count, Text(gate.Text), missing})
	}
	for _, p := range v.Authors {
		out.Authors = append(out.Authors, *personRef(p, names.Persons))
	}
	for _, h := range v.History {
		line := editionHistory{At: h.At, Event: h.Step, From: h.From, To: h.To,
			Person: personRef(h.Person, names.Persons), Agency: agencyRefOf(h.Agency, names.Agencies), Reason: h.Reason, Hash: h.Hash}
		if said, ok := locale.Cause(h.Reason); ok && h.Person == "system" {
			line.Reason, line.Cause = "", (*Text)(&said)
		}
		out.History = append(out.History, line)
	}
	return out, nil
}

func (a *GuidelinesAPI) edition(c *Call) (editionOut, error) {
	v, err := a.Guidelines.Edition(c.Ctx, c.Actor, c.Param("id"))
	return a.editionOf(c, v, err)
}

type stepIn struct {
	Event      guideline.Step  `json:"event"`
	Reason     string          `json:"reason" doc:"kept without the white space at its ends"`
	ChangeNote string          `json:"change_note" doc:"kept without the white space at its ends"`
	Minor      bool            `json:"minor"`
	ReviewBy   Time            `json:"review_by" doc:"at most 24 months ahead"`
	PublishAt  Time            `json:"publish_at"`
	Outcome    guideline.State `json:"outcome" doc:"of conclude: ready or amends_needed"`
	Experts    []string        `json:"experts" doc:"ids of persons and agencies that are asked: of send_fact_check, and besides the network of open_consultation"`
	OpensAt    Time            `json:"opens_at"`
	ClosesAt   Time            `json:"closes_at"`
	Ballot     string          `json:"ballot"`
	Class      string          `json:"class" doc:"of unpublish: error (default) or consolidated, which needs redirect"`
	Redirect   string          `json:"redirect" doc:"of unpublish: a path in the hub"`
	MadeFrom   string          `json:"made_from" doc:"of schedule, publish and force_publish of a translation: id of the original's edition that it was made from; its current one by default"`
}

func (a *GuidelinesAPI) step(c *Call, in stepIn) (editionOut, error) {
	if in.Event == "" {
		return editionOut{}, fault.New(fault.Invalid, "guideline.invalid").WithField("event", "required")
	}
	if in.Event == guideline.SendToBallot {
		return a.sendToBallot(c, in)
	}
	v, err := a.Guidelines.Do(c.Ctx, c.Actor, c.Param("id"), in.Event, guideline.Request{Reason: in.Reason, ChangeNote: in.ChangeNote,
		Minor: in.Minor, ReviewBy: in.ReviewBy, PublishAt: in.PublishAt, Outcome: in.Outcome, Experts: in.Experts,
		OpensAt: in.OpensAt, ClosesAt: in.ClosesAt, Ballot: in.Ballot, Class: in.Class, Redirect: in.Redirect, MadeFrom: in.MadeFrom})
	return a.editionOf(c, v, err)
}

// sendToBallot opens the ballot that was prepared on the edition: the ballot
// takes the step itself, so that an edition never waits for a ballot that is
// not held.
func (a *GuidelinesAPI) sendToBallot(c *Call, in stepIn) (editionOut, error) {
	edition := c.Param("id")
	// Without a ballot the step fails always, and says whether more than that is wrong.
	_, err := a.Guidelines.Do(c.Ctx, c.Actor, edition, guideline.SendToBallot, guideline.Request{})
	if in.Ballot == "" || !fault.Is(err, "guideline.step_incomplete") {
		return editionOut{}, err
	}
	b, err := a.Ballots.Find(c.Ctx, c.Actor, in.Ballot)
	if fault.Is(err, "ballot.not_found") || err == nil && b.Subject.ID != edition {
		return editionOut{}, fault.New(fault.Invalid, "guideline.step_incomplete").WithField("ballot", "unknown")
	}
	if err != nil {
		return editionOut{}, err
	}
	if _, err := a.Ballots.Open(c.Ctx, c.Actor, in.Ballot, ballot.When{OpensAt: in.OpensAt, ClosesAt: in.ClosesAt}); err != nil {
		return editionOut{}, err
	}
	return a.edition(c)
}
