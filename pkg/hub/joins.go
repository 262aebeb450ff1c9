package hub

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/policy"
)

// rights joins draft, which asks, with guideline and member, which know.
type rights struct{ h *Hub }

func (r rights) Facts(ctx context.Context, tx *db.Tx, draft string) (policy.Facts, error) {
	return r.h.Guidelines.Facts(ctx, tx, draft)
}

func (r rights) Actor(ctx context.Context, was policy.Actor) (policy.Actor, error) {
	if was.System {
		return was, nil
	}
	now, _, err := r.h.Members.ActorOf(ctx, was.Session)
	return now, err
}

// Actors is live.Config.Actors.
func (r rights) Actors(ctx context.Context, was []policy.Actor) ([]policy.Actor, error) {
	var sessions []string
	for _, a := range was {
		if !a.System {
			sessions = append(sessions, a.Session)
		}
	}
	now, err := r.h.Members.ActorsOf(ctx, sessions)
	if err != nil {
		return nil, err
	}
	is := make([]policy.Actor, len(was))
	for i, a := range was {
		if is[i] = now[a.Session]; a.System {
			is[i] = a
		}
	}
	return is, nil
}

// texts is the living text as guideline needs it (decision 6 of the
// architecture).
type texts struct{}

func (texts) Create(ctx context.Context, tx *db.Tx, edition, text string) (string, error) {
	return draft.Create(ctx, tx, edition, text)
}

func (texts) Read(ctx context.Context, tx *db.Tx, id string) (guideline.Revision, error) {
	version, text, err := draft.Text(ctx, tx, id)
	if err != nil {
		return guideline.Revision{}, err
	}
	return guideline.Revision{Hash: sum(text), Version: version, Text: text}, nil
}

func (texts) Freeze(ctx context.Context, tx *db.Tx, id string) (guideline.Revision, error) {
	r, err := draft.Freeze(ctx, tx, id)
	if err != nil {
		return guideline.Revision{}, err
	}
	return guideline.Revision{Hash: r.TextHash, Version: r.Version, Text: r.Text}, nil
}

func (texts) Authors(ctx context.Context, tx *db.Tx, id string) ([]string, error) {
	return draft.Authors(ctx, tx, id)
}

func (texts) WrittenBy(ctx context.Context, tx *db.Tx, person string, drafts ...string) (map[string]bool, error) {
	return draft.WrittenBy(ctx, tx, person, drafts...)
}

// sum is the hash that draft.Freeze gives a text.
func sum(text string) string {
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:])
}
