package web

import (
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"strconv"
	"strings"

	"github.com/multaqa/multaqa/pkg/comment"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/moderation"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/suggestion"
)

// DraftsAPI is the living texts, seen from outside, with their threads. The text itself travels by socket:
// docs/protocol.md.
type DraftsAPI struct {
	DB       *db.DB
	Drafts   *draft.Service
	Comments *comment.Service
	// Moderation says why it hid what one wrote.
	Moderation *moderation.Service
}

// Routes registers the resource.
func (a *DraftsAPI) Routes(r *Router) {
	Get(r, "/drafts/:id", policy.ReadDraft, "A living text: its version and what one may do with it", a.read)
	Get(r, "/drafts/:id/threads", policy.ReadThread, "The discussions beside a text, oldest first", a.threads,
		Param{Name: "since", Number: true, Doc: "the at of the answer before: only what changed after it"},
		Param{Name: "brief", Number: true, Doc: "where there are more discussions, one line each"}, Param{Name: "ids", Many: true, Doc: "these discussions"})
	Get(r, "/drafts/:id/people", policy.MentionPerson, "Who may be mentioned beside a text: at most eight who hold a seat and read it, by the beginning of a name", a.people,
		Param{Name: "q", Doc: "beginnings of words of the name, or of the agency's"})
	Post(r, "/drafts/:id/threads", policy.CreateThread, "Begin a discussion on a range of the text", a.begin)
	Post(r, "/threads/:id/comments", policy.CreateThread, "Answer in a discussion", a.answer)
	Post(r, "/threads/:id/resolve", policy.ResolveThread, "Resolve a discussion with an outcome", a.resolve)
	Post(r, "/threads/:id/widen", policy.WidenThread, "Show a discussion inside one's agency to whoever reads the text", a.widen)
	Post(r, "/threads/:id/anchor", policy.AnchorThread, "Put a discussion that lost its text on other text", a.place)
	Post(r, "/threads/:id/reopen", policy.ReopenThread, "Reopen a discussion one began, once", a.reopen)
}

type draftOut struct {
	ID        string          `json:"id"`
	EditionID string          `json:"edition_id"`
	Version   int64           `json:"version" doc:"updates accepted so far"`
	Abilities map[string]bool `json:"abilities"`
}

func (a *DraftsAPI) read(c *Call) (draftOut, error) {
	id := c.Param("id")
	_, abilities, err := a.Drafts.Check(c.Ctx, c.Actor, id)
	if err != nil {
		return draftOut{}, err
	}
	out := draftOut{ID: id, Abilities: abilities}
	err = a.DB.Read(c.Ctx, func(tx *db.Tx) (err error) {
		out.EditionID, out.Version, err = draft.Head(c.Ctx, tx, id)
		return err
	})
	return out, err
}

type threadAuthor struct {
	Person PersonRef  `json:"person"`
	Agency *AgencyRef `json:"agency" doc:"null for an expert or partner without one"`
}

func (a *DraftsAPI) people(c *Call) (List[threadAuthor], error) {
	found, err := a.Comments.Mentionable(c.Ctx, c.Actor, c.Param("id"), c.Query("q"))
	var items []threadAuthor
	for _, p := range found {
		ref := agencyRef(p.Agency)
		items = append(items, threadAuthor{Person: PersonRef{ID: p.Person, Name: Text(p.Name)}, Agency: &ref})
	}
	return Page(items, ""), err
}

type commentOut struct {
	ID        string            `json:"id"`
	Author    threadAuthor      `json:"author"`
	Body      string            `json:"body" doc:"empty when hidden"`
	CreatedAt Time              `json:"created_at"`
	Mentions  []PersonRef       `json:"mentions"`
	Hidden    bool              `json:"hidden"`
	Reason    moderation.Reason `json:"hidden_reason,omitempty" doc:"why it is hidden, for who wrote it"`
}

type threadOut struct {
	ID          string            `json:"id"`
	DraftID     string            `json:"draft_id"`
	State       comment.State     `json:"state" doc:"open or resolved"`
	Kind        comment.Kind      `json:"kind" doc:"general, technical or editorial"`
	Blocking    bool              `json:"blocking"`
	From        int               `json:"from" doc:"UTF-16 units, in the text of version"`
	To          int               `json:"to"`
	Version     int64             `json:"version"`
	Quote       string            `json:"quote" doc:"the text as it was when the discussion began"`
	Orphaned    bool              `json:"orphaned" doc:"nothing of the quoted text is left"`
	Author      threadAuthor      `json:"author"`
	CreatedAt   Time              `json:"created_at"`
	UpdatedAt   Time              `json:"updated_at"`
	Comments    []commentOut      `json:"comments" doc:"the first is what began it"`
	Outcome     comment.Outcome   `json:"outcome" doc:"accepted, accepted_in_part, rejected, noted, or empty while open"`
	OutcomeNote string            `json:"outcome_note"`
	ResolvedBy  *PersonRef        `json:"resolved_by"`
	ResolvedAt  Time              `json:"resolved_at"`
	Reopened    bool              `json:"reopened"`
	Audience    comment.Audience  `json:"audience" doc:"network: whoever reads the text; agency: the author's agency alone"`
	Proposal    *suggestionOut    `json:"proposal" doc:"the wording it proposes"`
	Hidden      bool              `json:"hidden,omitempty" doc:"by moderation; who began it alone is sent it"`
	Reason      moderation.Reason `json:"hidden_reason,omitempty" doc:"why it is hidden"`
	Abilities   map[string]bool   `json:"abilities"`
}

type threadList struct {
	Items   []threadOut `json:"items"`
	Next    string      `json:"next"`
	Version int64       `json:"version" doc:"the version of the text that all anchors are for"`
	Gone    []string    `json:"gone" doc:"of a list of changes: those to be seen no longer"`
	At      int64       `json:"at" doc:"ask for changes since this, next time"`
	// Too many to be sent whole.
	Briefs  []threadBrief  `json:"briefs" doc:"instead of items, where there are more than was asked for: to be asked for by ids when they are read"`
	Authors []threadAuthor `json:"authors" doc:"of the briefs and of their comments"`
}

type threadBrief struct {
	ID         string        `json:"id"`
	By         int           `json:"by" doc:"index of authors"`
	Kind       comment.Kind  `json:"kind"`
	State      comment.State `json:"state"`
	From       int           `json:"from"`
	To         int           `json:"to"`
	CreatedAt  Time          `json:"created_at"`
	Replies    int           `json:"replies"`
	Said       []int         `json:"said,omitempty" doc:"others who wrote in it, indexes of authors"`
	Blocking   bool          `json:"blocking,omitempty"`
	Orphaned   bool          `json:"orphaned,omitempty"`
	Inside     bool          `json:"inside,omitempty"`
	Hidden     bool          `json:"hidden,omitempty" doc:"by moderation; who began it alone is sent it"`
	Proposing  bool          `json:"proposing,omitempty" doc:"the wording it proposes is open"`
	ResolvedBy string        `json:"resolved_by,omitempty" doc:"id of a person"`
	Mine       bool          `json:"mine,omitempty" doc:"one wrote in it"`
	Answered   bool          `json:"answered,omitempty" doc:"one wrote in it after its first comment"`
	Ours       bool          `json:"ours,omitempty" doc:"one's agency wrote in it"`
	Named      bool          `json:"named,omitempty" doc:"it names one"`
}

func (a *DraftsAPI) threads(c *Call) (threadList, error) {
	since, _ := strconv.ParseInt(c.Query("since"), 10, 64) // anything else is the whole list
	most, _ := strconv.Atoi(c.Query("brief"))              // anything else never is brief
	list, err := comment.Listed{}, error(nil)
	switch ids := c.Query("ids"); {
	case ids != "":
		list, err = a.Comments.Some(c.Ctx, c.Actor, c.Param("id"), strings.Split(ids, ","))
	case since <= 0 && most > 0:
		list, err = a.Comments.Briefly(c.Ctx, c.Actor, c.Param("id"), most)
	default:
		list, err = a.Comments.List(c.Ctx, c.Actor, c.Param("id"), db.Time(max(0, since)))
	}
	if err != nil {
		return threadList{}, err
	}
	out := threadList{Version: list.Version, Gone: append([]string{}, list.Gone...), At: int64(list.At)}
	if out.Briefs, out.Authors, err = a.briefs(c, list.Briefs); err != nil {
		return threadList{}, err
	}
	out.Items, err = a.present(c, list.Threads...)
	return out, err
}

// briefs names each author once.
func (a *DraftsAPI) briefs(c *Call, list []comment.Brief) ([]threadBrief, []threadAuthor, error) {
	at := map[comment.Author]int{}
	var authors []comment.Author
	var people []string
	index := func(by comment.Author) int {
		i, ok := at[by]
		if !ok {
			i = len(authors)
			at[by] = i
			authors, people = append(authors, by), append(people, by.Person)
		}
		return i
	}
	out := make([]threadBrief, 0, len(list))
	for _, b := range list {
		o := threadBrief{ID: b.ID, By: index(comment.Author{Person: b.Person, Agency: b.Agency}), Kind: b.Kind, State: b.State, From: b.Anchor.From, To: b.Anchor.To, CreatedAt: b.CreatedAt,
			Replies: max(0, b.Replies), Blocking: b.Blocking, Orphaned: b.Anchor.Orphaned, Inside: b.Inside, Hidden: b.Hidden, Proposing: b.Proposing, ResolvedBy: b.ResolvedBy,
			Mine: b.ByActor, Answered: b.Answered, Ours: b.ByAgency, Named: b.ToActor}
		for _, by := range b.Authors {
			if i := index(by); i != o.By {
				o.Said = append(o.Said, i)
			}
		}
		out = append(out, o)
	}
	names, agencies, err := namesOf(c, a.DB, people)
	if err != nil {
		return nil, nil, err
	}
	called := make([]threadAuthor, 0, len(authors))
	for _, by := range authors {
		called = append(called, threadAuthor{PersonRef{ID: by.Person, Name: Text(names[by.Person])}, agencyRefOf(by.Agency, agencies)})
	}
	return out, called, nil
}

// present adds the names of people and agencies.
func (a *DraftsAPI) present(c *Call, list ...comment.Thread) ([]threadOut, error) {
	var people []string
	for _, t := range list {
		people = append(people, t.Person, t.ResolvedBy)
		for _, m := range t.Comments {
			people = append(append(people, m.Person), m.Mentions...)
		}
	}
	names, agencies, err := namesOf(c, a.DB, people)
	if err != nil {
		return nil, err
	}
	why, err := a.why(c, list)
	if err != nil {
		return nil, err
	}
	var proposals []suggestion.Suggestion
	for _, t := range list {
		if t.Proposal != nil {
			proposals = append(proposals, *t.Proposal)
		}
	}
	proposed, err := (&SuggestionsAPI{DB: a.DB}).present(c, proposals...)
	if err != nil {
		return nil, err
	}
	person := func(id string) PersonRef { return PersonRef{ID: id, Name: Text(names[id])} }
	author := func(p, ag string) threadAuthor { return threadAuthor{person(p), agencyRefOf(ag, agencies)} }
	out := make([]threadOut, 0, len(list))
	for _, t := range list {
		o := threadOut{ID: t.ID, DraftID: t.Draft, State: t.State, Kind: t.Kind, Blocking: t.Blocking, From: t.Anchor.From, To: t.Anchor.To, Version: t.Anchor.Version,
			Quote: t.Anchor.Quote, Orphaned: t.Anchor.Orphaned, Author: author(t.Person, t.Agency), CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt,
			Comments: []commentOut{}, Outcome: t.Outcome, OutcomeNote: t.OutcomeNote, ResolvedAt: t.ResolvedAt, Reopened: t.Reopened, Hidden: t.Hidden, Reason: why[t.ID], Abilities: t.Abilities}
		if o.Audience = comment.Network; t.Inside {
			o.Audience = comment.Inside
		}
		if t.Proposal != nil {
			o.Proposal, proposed = &proposed[0], proposed[1:]
		}
		if t.ResolvedBy != "" {
			p := person(t.ResolvedBy)
			o.ResolvedBy = &p
		}
		for _, m := range t.Comments {
			co := commentOut{ID: m.ID, Author: author(m.Person, m.Agency), Body: m.Body, CreatedAt: m.CreatedAt, Mentions: []PersonRef{}, Hidden: m.Hidden, Reason: why[m.ID]}
			for _, p := range m.Mentions {
				co.Mentions = append(co.Mentions, person(p))
			}
			o.Comments = append(o.Comments, co)
		}
		out = append(out, o)
	}
	return out, nil
}

// why is the reason for which moderation hid what the reader wrote in threads; it is asked for only where something is hidden.
func (a *DraftsAPI) why(c *Call, list []comment.Thread) (map[string]moderation.Reason, error) {
	for _, t := range list {
		hidden := t.Hidden
		for _, m := range t.Comments {
			hidden = hidden || m.Hidden && m.Person == c.Actor.Person
		}
		if hidden && a.Moderation != nil {
			return a.Moderation.Why(c.Ctx, c.Actor)
		}
	}
	return nil, nil
}

func (a *DraftsAPI) one(c *Call, t comment.Thread, err error) (threadOut, error) {
	if err != nil {
		return threadOut{}, err
	}
	list, err := a.present(c, t)
	if err != nil {
		return threadOut{}, err
	}
	return list[0], nil
}

type newThread struct {
	Version  int64            `json:"version" doc:"of the text that from and to are for"`
	From     int              `json:"from" doc:"UTF-16 units"`
	To       int              `json:"to"`
	Body     string           `json:"body" doc:"its line ends become line feeds"`
	Kind     comment.Kind     `json:"kind" doc:"general, technical or editorial"`
	Blocking bool             `json:"blocking"`
	Mentions []string         `json:"mentions" doc:"ids of persons"`
	Audience comment.Audience `json:"audience" doc:"network (or empty): whoever reads the text; agency: one's own agency alone"`
	Proposal *string          `json:"proposal" doc:"what should stand there instead: becomes a live suggestion"`
}

func (a *DraftsAPI) begin(c *Call, in newThread) (threadOut, error) {
	t, err := a.Comments.Open(c.Ctx, c.Actor, c.Param("id"), comment.NewThread{Version: in.Version, From: in.From, To: in.To,
		Body: in.Body, Kind: in.Kind, Blocking: in.Blocking, Mentions: in.Mentions, Audience: in.Audience, Proposal: in.Proposal})
	return a.one(c, t, err)
}

type newComment struct {
	Body     string   `json:"body"`
	Mentions []string `json:"mentions" doc:"ids of persons"`
}

func (a *DraftsAPI) answer(c *Call, in newComment) (threadOut, error) {
	t, err := a.Comments.Answer(c.Ctx, c.Actor, c.Param("id"), in.Body, in.Mentions)
	return a.one(c, t, err)
}

type resolution struct {
	Outcome comment.Outcome `json:"outcome" doc:"accepted, accepted_in_part, rejected or noted"`
	Note    string          `json:"note" doc:"required when rejected or accepted in part"`
}

func (a *DraftsAPI) resolve(c *Call, in resolution) (threadOut, error) {
	t, err := a.Comments.Resolve(c.Ctx, c.Actor, c.Param("id"), in.Outcome, in.Note)
	return a.one(c, t, err)
}

type reopening struct {
	Reason string `json:"reason"`
}

func (a *DraftsAPI) reopen(c *Call, in reopening) (threadOut, error) {
	t, err := a.Comments.Reopen(c.Ctx, c.Actor, c.Param("id"), in.Reason)
	return a.one(c, t, err)
}

func (a *DraftsAPI) widen(c *Call, _ None) (threadOut, error) {
	t, err := a.Comments.Widen(c.Ctx, c.Actor, c.Param("id"))
	return a.one(c, t, err)
}

type newPlace struct {
	Version int64 `json:"version" doc:"of the text that from and to are for"`
	From    int   `json:"from" doc:"UTF-16 units"`
	To      int   `json:"to"`
}

func (a *DraftsAPI) place(c *Call, in newPlace) (threadOut, error) {
	t, err := a.Comments.Place(c.Ctx, c.Actor, c.Param("id"), in.Version, in.From, in.To)
	return a.one(c, t, err)
}

// namesOf reads the names that an answer shows: those of people, and the agencies.
func namesOf(c *Call, d *db.DB, people []string) (names map[string]locale.Text, agencies map[string]member.Agency, err error) {
	err = d.Read(c.Ctx, func(tx *db.Tx) (err error) {
		if names, err = member.PeopleIn(c.Ctx, tx, people...); err != nil {
			return err
		}
		agencies, err = member.AgenciesIn(c.Ctx, tx)
		return err
	})
	return names, agencies, err
}
