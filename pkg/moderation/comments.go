package moderation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/multaqa/multaqa/pkg/comment"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/suggestion"
)

// Comments lets threads and comments be flagged and hidden. Register it under
// "th" and "co".
type Comments struct{ Guidelines *guideline.Service }

// About reads a thread, which stands for its first comment, or a comment.
func (c Comments) About(ctx context.Context, tx *db.Tx, object string) (Object, error) {
	draft, person, agency, text, err := comment.Where(ctx, tx, object)
	if err != nil {
		return Object{}, err
	}
	f, err := c.Guidelines.Facts(ctx, tx, draft)
	if err != nil {
		return Object{}, err
	}
	g, e, err := c.Guidelines.OfDraft(ctx, tx, draft)
	if err != nil {
		return Object{}, err
	}
	sum := sha256.Sum256([]byte(text))
	return Object{Facts: f, Read: policy.ReadThread, Author: person, AuthorAgency: agency, Agency: g.Agency, Text: text,
		Revision: hex.EncodeToString(sum[:]), URL: "/guidelines/" + g.ID + "/editions/" + e.ID}, nil
}

// CommentHidden says that a thread or comment was hidden or shown again, so
// that whoever watches the draft's threads looks again.
type CommentHidden struct {
	Target string `json:"comment"`
	Draft  string `json:"draft"`
	Hidden bool   `json:"hidden"`
}

// Kind is the event's kind.
func (e CommentHidden) Kind() string {
	if e.Hidden {
		return "comment.hidden"
	}
	return "comment.restored"
}

// Object is the thread or comment.
func (e CommentHidden) Object() string { return e.Target }

// SetHidden hides it or shows it again; what a thread proposes goes with the
// thread, or its words would stand in the text still.
func (c Comments) SetHidden(ctx context.Context, tx *db.Tx, actor policy.Actor, object string, hidden bool) error {
	draft, _, _, _, err := comment.Where(ctx, tx, object)
	if err != nil {
		return err
	}
	// None where the object is a comment. Before the thread, as accepting locks them.
	proposed, err := suggestion.LockAllOfThread(ctx, tx, object)
	if err != nil {
		return err
	}
	for _, id := range proposed {
		if err := (Suggestions{c.Guidelines}).SetHidden(ctx, tx, actor, id, hidden); err != nil {
			return err
		}
	}
	if err := comment.SetHidden(ctx, tx, object, hidden); err != nil {
		return err
	}
	return event.Append(ctx, tx, actor, CommentHidden{Target: object, Draft: draft, Hidden: hidden})
}
