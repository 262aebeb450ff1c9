package web

import (
	"github.com/multaqa/multaqa/pkg/discussion"
	"github.com/multaqa/multaqa/pkg/policy"
)

// DiscussionsAPI is what is said about matters of the network outside a text.
type DiscussionsAPI struct{ Discussions *discussion.Service }

// Routes registers the resource.
func (a *DiscussionsAPI) Routes(r *Router) {
	Get(r, "/discussions", policy.ReadDiscussion, "Discussions about ?subject=, newest first, without posts", a.list,
		Param{Name: "subject", Doc: "id of what is discussed"})
	Get(r, "/discussions/:id", policy.ReadDiscussion, "A discussion with its posts, oldest first", a.read)
	Post(r, "/discussions/:id/posts", policy.PostInDiscussion, "Contribute to a discussion", a.post)
	Post(r, "/discussions/:id/close", policy.CloseDiscussion, "Close a discussion and say what came of it", a.close)
}

type postOut struct {
	ID        string     `json:"id"`
	Person    *PersonRef `json:"person"`
	Agency    *AgencyRef `json:"agency"`
	Body      string     `json:"body" doc:"empty when hidden"`
	CreatedAt Time       `json:"created_at"`
	Hidden    bool       `json:"hidden" doc:"by moderation"`
}

type discussionOut struct {
	ID          string          `json:"id"`
	SubjectKind string          `json:"subject_kind" doc:"practice or edition"`
	SubjectID   string          `json:"subject_id"`
	Cause       string          `json:"cause" doc:"tie"`
	BallotID    string          `json:"ballot_id" doc:"the ballot that was tied"`
	OpenedAt    Time            `json:"opened_at"`
	ClosedAt    Time            `json:"closed_at" doc:"null while it is open"`
	ClosedBy    *PersonRef      `json:"closed_by" doc:"null also where the hub closed it: the round after the tie was certified"`
	Conclusion  string          `json:"conclusion" doc:"what came of it; empty where the hub closed it"`
	Count       int64           `json:"count" doc:"posts"`
	Posts       []postOut       `json:"posts"`
	Abilities   map[string]bool `json:"abilities"`
}

func discussionOf(t discussion.Topic) discussionOut {
	out := discussionOut{ID: t.ID, SubjectKind: t.SubjectKind, SubjectID: t.SubjectID, Cause: t.Cause, BallotID: t.CauseID, OpenedAt: t.OpenedAt,
		ClosedAt: t.ClosedAt, Conclusion: t.Conclusion, Count: t.Count, Posts: []postOut{}, Abilities: t.Abilities}
	if t.ClosedBy != "system" {
		out.ClosedBy = personRef(t.ClosedBy, t.Persons)
	}
	for _, p := range t.Posts {
		out.Posts = append(out.Posts, postOut{p.ID, personRef(p.Person, t.Persons), agencyRefOf(p.Agency, t.Agencies), p.Body, p.At, p.Hidden})
	}
	return out
}

func (a *DiscussionsAPI) list(c *Call) (List[discussionOut], error) {
	topics, err := a.Discussions.List(c.Ctx, c.Actor, c.Query("subject"))
	rows := make([]discussionOut, 0, len(topics))
	for _, t := range topics {
		rows = append(rows, discussionOf(t))
	}
	return Page(rows, ""), err
}

func (a *DiscussionsAPI) read(c *Call) (discussionOut, error) {
	t, err := a.Discussions.Find(c.Ctx, c.Actor, c.Param("id"))
	return discussionOf(t), err
}

type closeIn struct {
	Conclusion string `json:"conclusion" doc:"at most 6000 characters; kept without the white space at its ends"`
}

func (a *DiscussionsAPI) close(c *Call, in closeIn) (discussionOut, error) {
	t, err := a.Discussions.Close(c.Ctx, c.Actor, c.Param("id"), in.Conclusion)
	return discussionOf(t), err
}

type postIn struct {
	Body string `json:"body" doc:"at most 6000 characters; kept without the white space at its ends"`
}

func (a *DiscussionsAPI) post(c *Call, in postIn) (discussionOut, error) {
	t, err := a.Discussions.Post(c.Ctx, c.Actor, c.Param("id"), in.Body)
	return discussionOf(t), err
}
