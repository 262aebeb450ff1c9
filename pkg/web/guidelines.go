package web

import (
	"strconv"

	"github.com/multaqa/multaqa/pkg/ballot"
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
	Get(r, "/guidelines", policy.ListGuidelines, "Guidelines the person may see, narrowed by state (several with commas, or in_work), q, mine, agency, workspace and lang", a.list,
		askWords, askOwner, askLanguage, askNumber, askAfter, Param{Name: "state", Many: true, Doc: "of an edition, or in_work"},
		Param{Name: "mine", Doc: "1: those that one's agency leads or writes"}, Param{Name: "workspace", Doc: "id of a workspace"})
	Post(r, "/guidelines", policy.CreateGuideline, "Begin a guideline with its first edition in draft", a.create)
	Get(r, "/guidelines/:id", policy.ReadGuideline, "A guideline with the editions the person may see", a.read)
	Patch(r, "/guidelines/:id", policy.UpdateGuideline, "Change title, summary, language and tags", a.update)
	Post(r, "/guidelines/:id/editions", policy.CreateEdition, "Begin the next edition; readers keep the current one", a.newEdition)
	Get(r, "/guidelines/:id/visibility", policy.SetVisibility, "Who would gain and lose sight on the rung ?to=", a.previewVisibility,
		Param{Name: "to", Doc: "the rung"}, Param{Name: "agencies", Many: true, Doc: "ids of those it is shared with"})
	Put(r, "/guidelines/:id/visibility", policy.SetVisibility, "Move the guideline on the ladder of visibility", a.setVisibility)
	Get(r, "/editions/:id", policy.ReadEdition, "An edition: its state, legal steps, what is needed next, and history", a.edition)
	Post(r, "/editions/:id/events", policy.MoveEdition, "Take a step of the edition's life", a.step)
	Get(r, "/editions/:id/reading", policy.ReadEdition, "The edition's text as a page; digits=arab or latn writes the clause numbers", a.reading,
		Param{Name: "digits", Doc: "arab or latn; otherwise by the language of the text"})
	Get(r, "/library", policy.ReadLibrary, "Published guides, best first, narrowed by q, agency and lang; exact=1 takes the words as typed", a.library,
		askWords, askOwner, askLanguage, askAfter, Param{Name: "exact", Doc: "1: the words as typed"})
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
		out.Editions = append(out.Editions, editionRefOf(e, s.ReadsDraft(actor, e)))
	}
	if e := s.Current(); e != nil {
		ref := editionRefOf(*e, s.ReadsDraft(actor, *e))
		out.Current = &ref
	}
	if e := s.Work(); e != nil {
		ref := editionRefOf(*e, s.ReadsDraft(actor, *e))
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
	list, err := a.Guidelines.List(c.Ctx, c.Actor, guideline.Filter{States: statesOf(c.QueryList("state")), Query: cut(c.Query("q"), 256),
		Mine: mine != "" && mine != "0" && mine != "false", Agency: c.Query("agency"), Narrow: by, Workspace: c.Query("workspace"),
		Language: c.Query("lang"), Cursor: c.Query("after"), Limit: atoi(c.Query("limit")), Count: true})
	if err != nil {
		return Narrowed[guidelineOut]{}, err
	}
	names, err := a.Guidelines.Names(c.Ctx)
	if err != nil {
		return Narrowed[guidelineOut]{}, err
	}
	return page(a.Narrower, c, by, list, func(s guideline.Summary) guidelineOut { return guidelineOf(c.Actor, s, names) })
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
	if original != nil {
		out.Translates = languageRefOf(c.Actor, *original, true)
		if e := s.Current(); e != nil {
			out.Translates.MadeFrom = numberOf(original.Editions, e.MadeFrom)
		}
	}
	for _, t := range translations {
		ref := languageRefOf(c.Actor, t, false)
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
func languageRefOf(actor policy.Actor, s guideline.Summary, editions bool) *languageRef {
	ref := &languageRef{ID: s.Guideline.ID, Title: Text(s.Guideline.Title), Language: s.Guideline.Language}
	if e := s.Current(); e != nil {
		now := editionRefOf(*e, s.ReadsDraft(actor, *e))
		ref.Current = &now
	}
	if e := s.Work(); e != nil {
		now := editionRefOf(*e, s.ReadsDraft(actor, *e))
		ref.InWork = &now
	}
	for _, e := range s.Editions {
		if editions && e.State.Readable() {
			ref.Editions = append(ref.Editions, editionRefOf(e, s.ReadsDraft(actor, e)))
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
