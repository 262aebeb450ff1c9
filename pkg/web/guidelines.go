package web

import (
	"strconv"

	"github.com/multaqa/multaqa/pkg/ballot"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/markdown"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/publish"
	"github.com/multaqa/multaqa/pkg/search"
)

// GuidelinesAPI is guidelines, their editions and the library of what is in force.
type GuidelinesAPI struct {
	Guidelines *guideline.Service
	Published  *publish.Service
	Search     *search.Service
	Ballots    *ballot.Service // opens the ballot that an edition is sent to
	Narrower

	rendered markdown.Cache
}

// Routes registers the resource.
func (a *GuidelinesAPI) Routes(r *Router) {
	Get(r, "/guidelines", policy.ListGuidelines, "Guidelines the person may see, narrowed by state (several with commas, or in_work), q, mine, agency, workspace and lang", a.list)
	Post(r, "/guidelines", policy.CreateGuideline, "Begin a guideline with its first edition in draft", a.create)
	Get(r, "/guidelines/:id", policy.ReadGuideline, "A guideline with the editions the person may see", a.read)
	Patch(r, "/guidelines/:id", policy.UpdateGuideline, "Change title, summary, language and tags", a.update)
	Post(r, "/guidelines/:id/editions", policy.CreateEdition, "Begin the next edition; readers keep the current one", a.newEdition)
	Get(r, "/guidelines/:id/visibility", policy.SetVisibility, "Who would gain and lose sight on the rung ?to=", a.previewVisibility)
	Put(r, "/guidelines/:id/visibility", policy.SetVisibility, "Move the guideline on the ladder of visibility", a.setVisibility)
	Get(r, "/editions/:id", policy.ReadEdition, "An edition: its state, legal steps, what is needed next, and history", a.edition)
	Post(r, "/editions/:id/events", policy.MoveEdition, "Take a step of the edition's life", a.step)
	Get(r, "/editions/:id/reading", policy.ReadEdition, "The edition's text as a page; digits=arab or latn writes the clause numbers", a.reading)
	Get(r, "/library", policy.ReadLibrary, "Published guides, best first, narrowed by q, agency and lang; exact=1 takes the words as typed", a.library)
	Get(r, "/templates", policy.ListGuidelines, "Types of documents with their sections", a.templates)
}

type usefulOut struct {
	Yes int64 `json:"yes"`
	No  int64 `json:"no"`
}

type editionRef struct {
	ID          string          `json:"id"`
	Number      string          `json:"number" doc:"major.minor; provisional until published"`
	State       guideline.State `json:"state"`
	DraftID     string          `json:"draft_id" doc:"empty where the living text is not to be seen"`
	PublishedAt Time            `json:"published_at"`
	UpdatedAt   Time            `json:"updated_at"`
	Useful      *usefulOut      `json:"useful,omitempty" doc:"answers to 'was this useful?' on the published page; for those who write the guideline"`
}

type guidelineOut struct {
	ID          string            `json:"id"`
	Title       Text              `json:"title"`
	Summary     string            `json:"summary"`
	Language    string            `json:"language" doc:"ar or en"`
	Kind        guideline.Kind    `json:"kind" doc:"agency or network"`
	Template    string            `json:"template"`
	Tags        []string          `json:"tags"`
	Agency      AgencyRef         `json:"agency" doc:"the lead agency"`
	Writers     []AgencyRef       `json:"writers" doc:"agencies that write besides the lead"`
	WorkspaceID string            `json:"workspace_id"`
	Visibility  policy.Visibility `json:"visibility" doc:"agency, agencies, network or public"`
	Agencies    []AgencyRef       `json:"agencies" doc:"named by the rung agencies"`
	Hidden      bool              `json:"hidden" doc:"by moderation"`
	Editions    []editionRef      `json:"editions" doc:"those the person may see, newest first"`
	Current     *editionRef       `json:"current" doc:"what readers have"`
	InWork      *editionRef       `json:"in_work"`
	ThreadsOpen int               `json:"threads_open"`
	UpdatedAt   Time              `json:"updated_at"`
	Abilities   map[string]bool   `json:"abilities"`
	// Only of one guideline, not in lists.
	Translates   *languageRef  `json:"translates,omitempty" doc:"the Arabic original that it renders, where the person sees it"`
	Translations []languageRef `json:"translations,omitempty" doc:"those that render it"`
}

// languageRef is a text in another language.
type languageRef struct {
	ID       string       `json:"id"`
	Title    Text         `json:"title"`
	Language string       `json:"language"`
	Current  *editionRef  `json:"current" doc:"what readers have"`
	InWork   *editionRef  `json:"in_work"`
	MadeFrom string       `json:"made_from,omitempty" doc:"of a translation: number of the original's edition that its current one was made from"`
	Editions []editionRef `json:"editions,omitempty" doc:"of an original: those that readers have or had, newest first"`
}

type guidelineRef struct {
	ID         string            `json:"id"`
	Title      Text              `json:"title"`
	Language   string            `json:"language"`
	Kind       guideline.Kind    `json:"kind"`
	Template   string            `json:"template"`
	Agency     AgencyRef         `json:"agency"`
	Visibility policy.Visibility `json:"visibility"`
	Hidden     bool              `json:"hidden"`
}

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

func editionRefOf(e guideline.Edition, draft bool) editionRef {
	ref := editionRef{ID: e.ID, Number: e.Number.String(), State: e.State, PublishedAt: e.PublishedAt, UpdatedAt: e.UpdatedAt}
	if draft {
		ref.DraftID = e.Draft
	}
	return ref
}

func agencyList(ids []string, n guideline.Names) []AgencyRef {
	out := []AgencyRef{}
	for _, id := range ids {
		out = append(out, *agencyRefOf(id, n.Agencies))
	}
	return out
}

func guidelineOf(actor policy.Actor, s guideline.Summary, n guideline.Names) guidelineOut {
	g := s.Guideline
	out := guidelineOut{ID: g.ID, Title: Text(g.Title), Summary: g.Summary, Language: g.Language, Kind: g.Kind, Template: g.Template,
		Tags: g.Tags, Agency: AgencyRef{ID: g.Agency}, Writers: agencyList(g.Writers, n), WorkspaceID: g.Workspace, Visibility: g.Visibility,
		Agencies: []AgencyRef{}, Hidden: g.Hidden, Editions: []editionRef{}, ThreadsOpen: s.ThreadsOpen, UpdatedAt: g.UpdatedAt,
		Abilities: policy.Abilities(actor, s.Facts, policy.UpdateGuideline, policy.SetVisibility, policy.CreateEdition)}
	if ref := agencyRefOf(g.Agency, n.Agencies); ref != nil {
		out.Agency = *ref
	}
	if out.Tags == nil {
		out.Tags = []string{}
	}
	members := policy.Members(actor)
	if members {
		out.Agencies = agencyList(g.Shares, n)
	}
	for _, e := range s.Editions {
		out.Editions = append(out.Editions, editionRefOf(e, members))
	}
	if e := s.Current(); e != nil {
		ref := editionRefOf(*e, members)
		out.Current = &ref
	}
	if e := s.Work(); e != nil {
		ref := editionRefOf(*e, members)
		out.InWork = &ref
		out.Abilities[string(policy.CreateEdition)] = false
	}
	return out
}

func (a *GuidelinesAPI) list(c *Call) (Narrowed[guidelineOut], error) {
	by, err := c.Narrowing()
	if err != nil {
		return Narrowed[guidelineOut]{}, err
	}
	mine := c.Query("mine")
	items, next, owners, err := a.Guidelines.Narrowed(c.Ctx, c.Actor, guideline.Filter{States: statesOf(c.QueryList("state")), Query: cut(c.Query("q"), 256),
		Mine: mine != "" && mine != "0" && mine != "false", Agency: c.Query("agency"), Narrow: by, Workspace: c.Query("workspace"),
		Language: c.Query("lang"), Cursor: c.Query("after"), Limit: atoi(c.Query("limit"))})
	if err != nil {
		return Narrowed[guidelineOut]{}, err
	}
	names, err := a.Guidelines.Names(c.Ctx)
	if err != nil {
		return Narrowed[guidelineOut]{}, err
	}
	rows := make([]guidelineOut, 0, len(items))
	for _, s := range items {
		rows = append(rows, guidelineOf(c.Actor, s, names))
	}
	return page(a.Narrower, c, by, owners, rows, next)
}

// statesOf reads the states of a query; "in_work" stands for draft to scheduled.
func statesOf(names []string) []guideline.State {
	var out []guideline.State
	for _, n := range names[:min(len(names), 30)] {
		if n != "in_work" {
			out = append(out, guideline.State(n))
			continue
		}
		for _, s := range guideline.States {
			if s.InWork() {
				out = append(out, s)
			}
		}
	}
	return out
}

// cut bounds a query to n characters; what follows is not searched for.
func cut(s string, n int) string {
	r := []rune(s)
	return string(r[:min(len(r), n)])
}

func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

type guidelineIn struct {
	Title       Text              `json:"title"`
	Summary     string            `json:"summary"`
	Language    string            `json:"language" doc:"ar (default) or en"`
	Kind        guideline.Kind    `json:"kind" doc:"agency (default) or network"`
	Agency      string            `json:"agency" doc:"the lead agency; only the secretariat names another than its own"`
	WorkspaceID string            `json:"workspace_id"`
	Template    string            `json:"template" doc:"see /templates; manual by default"`
	Visibility  policy.Visibility `json:"visibility"`
	Tags        []string          `json:"tags"`
	Text        string            `json:"text" doc:"Markdown; the template's headings by default"`
	Translates  string            `json:"translates" doc:"id of the Arabic guideline that this one renders; agency, workspace, kind, template, visibility and tags follow it, and the text begins with its own"`
}

func (a *GuidelinesAPI) create(c *Call, in guidelineIn) (editionOut, error) {
	if in.Language == "" {
		in.Language = "ar"
	}
	v, err := a.Guidelines.Create(c.Ctx, c.Actor, guideline.New{Title: locale.Text(in.Title), Summary: in.Summary, Language: in.Language,
		Kind: in.Kind, Agency: in.Agency, Workspace: in.WorkspaceID, Template: in.Template, Visibility: in.Visibility, Tags: in.Tags, Text: in.Text,
		Translates: in.Translates})
	return a.editionOf(c, v, err)
}

func (a *GuidelinesAPI) one(c *Call, s guideline.Summary, err error) (guidelineOut, error) {
	if err != nil {
		return guidelineOut{}, err
	}
	names, err := a.Guidelines.Names(c.Ctx)
	if err != nil {
		return guidelineOut{}, err
	}
	out := guidelineOf(c.Actor, s, names)
	original, translations, err := a.Guidelines.Languages(c.Ctx, c.Actor, s.Guideline)
	if err != nil {
		return guidelineOut{}, err
	}
	members := policy.Members(c.Actor)
	if original != nil {
		out.Translates = languageRefOf(*original, members, true)
		if e := s.Current(); e != nil {
			out.Translates.MadeFrom = numberOf(original.Editions, e.MadeFrom)
		}
	}
	for _, t := range translations {
		ref := languageRefOf(t, members, false)
		if e := t.Current(); e != nil {
			ref.MadeFrom = numberOf(s.Editions, e.MadeFrom)
		}
		out.Translations = append(out.Translations, *ref)
	}
	out.Abilities["guideline.translate"] = s.Guideline.Language == "ar" && len(translations) == 0 && out.Abilities[string(policy.UpdateGuideline)] &&
		policy.Can(c.Actor, policy.CreateGuideline, policy.Facts{Kind: "guideline", Agency: s.Guideline.Agency, Visibility: policy.ToNetwork})
	return out, nil
}

// languageRefOf is a text in another language as the actor sees it.
func languageRefOf(s guideline.Summary, members, editions bool) *languageRef {
	ref := &languageRef{ID: s.Guideline.ID, Title: Text(s.Guideline.Title), Language: s.Guideline.Language}
	if e := s.Current(); e != nil {
		now := editionRefOf(*e, members)
		ref.Current = &now
	}
	if e := s.Work(); e != nil {
		now := editionRefOf(*e, members)
		ref.InWork = &now
	}
	for _, e := range s.Editions {
		if editions && e.State.Readable() {
			ref.Editions = append(ref.Editions, editionRefOf(e, members))
		}
	}
	return ref
}

// numberOf is that of the edition, or "".
func numberOf(editions []guideline.Edition, id string) string {
	for _, e := range editions {
		if e.ID == id {
			return e.Number.String()
		}
	}
	return ""
}

func (a *GuidelinesAPI) read(c *Call) (guidelineOut, error) {
	s, err := a.Guidelines.Get(c.Ctx, c.Actor, c.Param("id"))
	out, err := a.one(c, s, err)
	if err != nil || !out.Abilities[string(policy.UpdateGuideline)] {
		return out, err
	}
	counts, err := a.Published.Usefulness(c.Ctx, out.ID)
	if err != nil {
		return guidelineOut{}, err
	}
	for i, e := range out.Editions {
		if n, ok := counts[e.ID]; ok {
			out.Editions[i].Useful = &usefulOut{Yes: n.Yes, No: n.No}
		}
	}
	return out, nil
}

type guidelinePatch struct {
	Title    *Text     `json:"title"`
	Summary  *string   `json:"summary"`
	Language *string   `json:"language"`
	Tags     *[]string `json:"tags"`
	// Whoever may edit both links a translation that was begun without.
	Translates *string `json:"translates" doc:"id of the Arabic guideline that this one renders, empty for none"`
	MadeFrom   string  `json:"made_from" doc:"with translates: id of the original's edition that the text in force was made from; its current one by default"`
}

func (a *GuidelinesAPI) update(c *Call, in guidelinePatch) (guidelineOut, error) {
	s, err := a.Guidelines.Update(c.Ctx, c.Actor, c.Param("id"),
		guideline.Patch{Title: (*locale.Text)(in.Title), Summary: in.Summary, Language: in.Language, Tags: in.Tags, Translates: in.Translates, MadeFrom: in.MadeFrom})
	return a.one(c, s, err)
}

func (a *GuidelinesAPI) newEdition(c *Call, _ None) (editionOut, error) {
	v, err := a.Guidelines.NewEdition(c.Ctx, c.Actor, c.Param("id"))
	return a.editionOf(c, v, err)
}

type sightOut struct {
	Gains       []AgencyRef `json:"gains"`
	Loses       []AgencyRef `json:"loses"`
	PublicGains bool        `json:"public_gains" doc:"everybody outside the network gains sight"`
	PublicLoses bool        `json:"public_loses"`
}

func (a *GuidelinesAPI) sight(c *Call, s guideline.Sight, err error) (sightOut, error) {
	if err != nil {
		return sightOut{}, err
	}
	names, err := a.Guidelines.Names(c.Ctx)
	return sightOut{Gains: agencyList(s.Gains, names), Loses: agencyList(s.Loses, names), PublicGains: s.PublicGains, PublicLoses: s.PublicLoses}, err
}

func (a *GuidelinesAPI) previewVisibility(c *Call) (sightOut, error) {
	s, err := a.Guidelines.PreviewVisibility(c.Ctx, c.Actor, c.Param("id"), policy.Visibility(c.Query("to")), c.QueryList("agencies"))
	return a.sight(c, s, err)
}

type visibilityIn struct {
	To       policy.Visibility `json:"to" doc:"agency, agencies, network or public"`
	Agencies []string          `json:"agencies" doc:"ids, for agencies"`
}

func (a *GuidelinesAPI) setVisibility(c *Call, in visibilityIn) (sightOut, error) {
	s, err := a.Guidelines.SetVisibility(c.Ctx, c.Actor, c.Param("id"), in.To, in.Agencies)
	return a.sight(c, s, err)
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
		out.Original = languageRefOf(*o, policy.Members(c.Actor), true)
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
		out.Gates = append(out.Gates, gateOut{gate.Code, gate.Met, gate.Count, Text(gate.Text)})
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
