package web

import (
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/moderation"
	"github.com/multaqa/multaqa/pkg/policy"
)

// ModerationAPI is flags, the moderators' queue, and the log.
type ModerationAPI struct {
	Moderation *moderation.Service
	Narrower
}

// Routes registers the resource.
func (a *ModerationAPI) Routes(r *Router) {
	Post(r, "/flags", policy.FlagContent, "Flag content for the moderators", a.flag)
	Get(r, "/moderation/queue", policy.ReadQueue, "Cases that wait, gravest first; ?state= for decided ones, newest first", a.queue,
		askNumber, askCursor, Param{Name: "state", Doc: "of the cases; those that wait without it"},
		Param{Name: "claim", Doc: "mine: what the moderator works on; free: what nobody does"}, Param{Name: "hidden", Doc: "true: what is hidden now"})
	Post(r, "/moderation/:id/claim", policy.DecideFlag, "Work on a case, for 30 minutes", a.claim)
	Post(r, "/moderation/:id/decide", policy.DecideFlag, "Keep, hide, restore or ignore", a.decide)
	Get(r, "/moderation/log", policy.ReadModerationLog, "What moderation did; names are the moderators' only, and so is narrowing it", a.log,
		askAfter)
}

type flagIn struct {
	Object string            `json:"object" doc:"id of the content"`
	Reason moderation.Reason `json:"reason" doc:"off_topic, offensive, personal_data, confidential, misleading, spam or other"`
	Text   string            `json:"text" doc:"required for other; kept without the white space at its ends"`
}

type flagOut struct {
	ID     string `json:"id"`
	Object string `json:"object"`
	Hidden bool   `json:"hidden" doc:"hidden until a moderator decides"`
}

func (a *ModerationAPI) flag(c *Call, in flagIn) (flagOut, error) {
	f, err := a.Moderation.Flag(c.Ctx, c.Actor, in.Object, in.Reason, in.Text)
	return flagOut(f), err
}

type flagLine struct {
	Person *PersonRef        `json:"person"`
	Agency *AgencyRef        `json:"agency"`
	Reason moderation.Reason `json:"reason"`
	Text   string            `json:"text"`
	At     Time              `json:"at"`
}

type caseOut struct {
	ID           string            `json:"id"`
	Object       string            `json:"object"`
	Kind         string            `json:"kind" doc:"prefix of the object's id"`
	Author       *PersonRef        `json:"author"`
	AuthorAgency *AgencyRef        `json:"author_agency"`
	Agency       *AgencyRef        `json:"agency" doc:"of what it belongs to"`
	Text         string            `json:"text" doc:"as flagged"`
	Withheld     bool              `json:"withheld" doc:"the moderator may not read it"`
	URL          string            `json:"url"`
	State        moderation.State  `json:"state" doc:"pending, upheld, rejected or ignored"`
	Hidden       bool              `json:"hidden"`
	AutoHidden   bool              `json:"auto_hidden"`
	ClaimedBy    *PersonRef        `json:"claimed_by"`
	ClaimedAt    Time              `json:"claimed_at"`
	Priority     int64             `json:"priority"`
	Reason       moderation.Reason `json:"reason"`
	Note         string            `json:"note"`
	DecidedBy    *PersonRef        `json:"decided_by"`
	DecidedAt    Time              `json:"decided_at"`
	Version      int64             `json:"version" doc:"to be sent back with a claim or decision"`
	CreatedAt    Time              `json:"created_at"`
	Flags        []flagLine        `json:"flags"`
	Abilities    map[string]bool   `json:"abilities"`
}

func caseOf(actor policy.Actor, it moderation.Item, agencies map[string]member.Agency, people map[string]locale.Text) caseOut {
	out := caseOut{ID: it.ID, Object: it.Object, Kind: it.Kind, Author: personRef(it.Author, people), AuthorAgency: agencyRefOf(it.AuthorAgency, agencies),
		Agency: agencyRefOf(it.Agency, agencies), Text: it.Text, Withheld: it.Withheld, URL: it.URL, State: it.State, Hidden: it.Hidden,
		AutoHidden: it.AutoHidden, ClaimedBy: personRef(it.ClaimedBy, people), ClaimedAt: it.ClaimedAt, Priority: it.Priority, Reason: it.Reason,
		Note: it.Note, DecidedBy: personRef(it.DecidedBy, people), DecidedAt: it.DecidedAt, Version: it.Version, CreatedAt: it.CreatedAt,
		Flags: []flagLine{}, Abilities: policy.Abilities(actor, it.Facts(), policy.DecideFlag)}
	for _, f := range it.Flags {
		out.Flags = append(out.Flags, flagLine{personRef(f.Person, people), agencyRefOf(f.Agency, agencies), f.Reason, f.Text, f.At})
	}
	return out
}

func (a *ModerationAPI) cases(c *Call, items ...moderation.Item) ([]caseOut, error) {
	var persons []string
	for _, it := range items {
		persons = append(persons, it.Author, it.ClaimedBy, it.DecidedBy)
		for _, f := range it.Flags {
			persons = append(persons, f.Person)
		}
	}
	agencies, people, err := a.Moderation.Names(c.Ctx, persons...)
	rows := make([]caseOut, 0, len(items))
	for _, it := range items {
		rows = append(rows, caseOf(c.Actor, it, agencies, people))
	}
	return rows, err
}

type queueOut struct {
	Narrowed[caseOut]
	Oldest Time `json:"oldest" doc:"when the first of the list's cases came, over all pages; null where there is none"`
}

func (a *ModerationAPI) queue(c *Call) (queueOut, error) {
	by, err := c.Narrowing()
	if err != nil {
		return queueOut{}, err
	}
	claim := c.Query("claim")
	list, err := a.Moderation.Queue(c.Ctx, c.Actor, moderation.Filter{State: moderation.State(c.Query("state")), Hidden: c.Query("hidden") == "true",
		Mine: claim == "mine", Free: claim == "free", Narrow: by, After: c.Query("cursor"), Limit: limitOf(c)})
	if err != nil {
		return queueOut{}, err
	}
	rows, err := a.cases(c, list.Items...)
	if err != nil {
		return queueOut{}, err
	}
	facets, err := a.facets(c, by, list.Owners)
	return queueOut{Narrowed[caseOut]{Page(rows, list.Next), facets}, list.Oldest}, err
}

func (a *ModerationAPI) one(c *Call, it moderation.Item, err error) (caseOut, error) {
	if err != nil {
		return caseOut{}, err
	}
	rows, err := a.cases(c, it)
	if err != nil {
		return caseOut{}, err
	}
	return rows[0], nil
}

type claimIn struct {
	Version int64 `json:"version"`
}

func (a *ModerationAPI) claim(c *Call, in claimIn) (caseOut, error) {
	it, err := a.Moderation.Claim(c.Ctx, c.Actor, c.Param("id"), in.Version)
	return a.one(c, it, err)
}

type decideIn struct {
	Action  moderation.Action `json:"action" doc:"keep, hide, restore or ignore"`
	Reason  string            `json:"reason" doc:"the author gets it; ignore needs none"`
	Version int64             `json:"version"`
}

func (a *ModerationAPI) decide(c *Call, in decideIn) (caseOut, error) {
	it, err := a.Moderation.Decide(c.Ctx, c.Actor, c.Param("id"), in.Version, in.Action, in.Reason)
	return a.one(c, it, err)
}

type logLine struct {
	At      Time              `json:"at"`
	Kind    string            `json:"kind"`
	Action  moderation.Action `json:"action" doc:"auto_hide, keep, hide, restore or ignore"`
	Reason  moderation.Reason `json:"reason"`
	Outcome moderation.State  `json:"outcome"`
	Item    string            `json:"item,omitempty"`
	Object  string            `json:"object,omitempty"`
	Note    string            `json:"note,omitempty"`
	Person  *PersonRef        `json:"person,omitempty"`
	Agency  *AgencyRef        `json:"agency,omitempty" doc:"of who acted"`
	Owner   *AgencyRef        `json:"owner,omitempty" doc:"the agency that the case belongs to"`
}

func (a *ModerationAPI) log(c *Call) (Narrowed[logLine], error) {
	by, err := c.Narrowing()
	if err != nil {
		return Narrowed[logLine]{}, err
	}
	list, err := a.Moderation.Log(c.Ctx, c.Actor, by, c.Query("after"))
	if err != nil {
		return Narrowed[logLine]{}, err
	}
	persons := make([]string, 0, len(list.Items))
	for _, e := range list.Items {
		persons = append(persons, e.Person)
	}
	agencies, people, err := a.Moderation.Names(c.Ctx, persons...)
	if err != nil {
		return Narrowed[logLine]{}, err
	}
	out, err := page(a.Narrower, c, by, list, func(e moderation.Entry) logLine {
		return logLine{At: e.At, Kind: e.Kind, Action: e.Action, Reason: e.Reason, Outcome: e.Outcome, Item: e.Item, Object: e.Object,
			Note: e.Note, Person: personRef(e.Person, people), Agency: agencyRefOf(e.Agency, agencies), Owner: agencyRefOf(e.Owner, agencies)}
	})
	if list.Owners == nil { // not counted for who does not see whose content it was
		out.byAgency = byAgency{}
	}
	return out, err
}
