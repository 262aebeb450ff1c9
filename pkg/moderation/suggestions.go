package moderation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/suggestion"
)

// Suggestions lets suggested changes of a text be flagged and hidden. Register
// it under "sg".
type Suggestions struct{ Guidelines *guideline.Service }

// About reads a suggestion: what it would put into the text, and why.
func (s Suggestions) About(ctx context.Context, tx *db.Tx, object string) (Object, error) {
	draft, person, agency, text, err := suggestion.Where(ctx, tx, object)
	if err != nil {
		return Object{}, err
	}
	f, err := s.Guidelines.Facts(ctx, tx, draft)
	if err != nil {
		return Object{}, err
	}
	g, e, err := s.Guidelines.OfDraft(ctx, tx, draft)
	if err != nil {
		return Object{}, err
	}
	sum := sha256.Sum256([]byte(text))
	return Object{Facts: f, Read: policy.ReadSuggestion, Author: person, AuthorAgency: agency, Agency: g.Agency, Text: text,
		Revision: hex.EncodeToString(sum[:]), URL: "/guidelines/" + g.ID + "/editions/" + e.ID}, nil
}

// SuggestionHidden says that a suggestion was hidden or shown again, so that
// whoever watches the draft's suggestions looks again.
type SuggestionHidden struct {
	Target string `json:"suggestion"`
	Draft  string `json:"draft"`
	Hidden bool   `json:"hidden"`
}

// Kind is the event's kind.
func (e SuggestionHidden) Kind() string {
	if e.Hidden {
		return "suggestion.hidden"
	}
	return "suggestion.restored"
}

// Object is the suggestion.
func (e SuggestionHidden) Object() string { return e.Target }

// SetHidden hides it or shows it again.
func (s Suggestions) SetHidden(ctx context.Context, tx *db.Tx, actor policy.Actor, object string, hidden bool) error {
	draft, _, _, _, err := suggestion.Where(ctx, tx, object)
	if err != nil {
		return err
	}
	if err := suggestion.SetHidden(ctx, tx, object, hidden); err != nil {
		return err
	}
	return event.Append(ctx, tx, actor, SuggestionHidden{Target: object, Draft: draft, Hidden: hidden})
}
