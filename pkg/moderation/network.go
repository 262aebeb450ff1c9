package moderation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/discussion"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/practice"
)

// Practices lets practices be flagged and hidden. Register it under "pr".
type Practices struct{ *practice.Service }

// About reads a practice; its revision is that of its card.
func (p Practices) About(ctx context.Context, tx *db.Tx, object string) (Object, error) {
	found, err := p.Inspect(ctx, tx, object)
	if err != nil {
		return Object{}, err
	}
	c := found.Card
	parts := []string{c.Title.Ar, c.Title.En, c.Problem, c.Context}
	for _, e := range c.Evidence {
		parts = append(parts, strings.TrimSpace(e.Text+" "+e.Source))
	}
	parts = append(parts, c.Cost, c.Contacts)
	text := []string{}
	for _, s := range parts {
		if s = strings.TrimSpace(s); s != "" {
			text = append(text, s)
		}
	}
	return Object{Facts: found.Facts(), Read: policy.ReadPractice, Author: found.NominatedBy, AuthorAgency: found.Agency, Agency: found.Agency,
		Text: strings.Join(text, "\n"), Revision: found.Hash, URL: "/practices/" + found.ID}, nil
}

// Posts lets contributions to a discussion be flagged and hidden. Register it
// under "po".
type Posts struct{}

// About reads a post. It belongs to its author's agency: a discussion is
// nobody's else.
func (Posts) About(ctx context.Context, tx *db.Tx, object string) (Object, error) {
	topic, post, f, err := discussion.Where(ctx, tx, object)
	if err != nil {
		return Object{}, err
	}
	sum := sha256.Sum256([]byte(post.Body))
	return Object{Facts: f, Read: policy.ReadDiscussion, Author: post.Person, AuthorAgency: post.Agency, Agency: post.Agency,
		Text: post.Body, Revision: hex.EncodeToString(sum[:]), URL: "/ballots/" + topic.CauseID}, nil
}

// SetHidden hides it or shows it again.
func (Posts) SetHidden(ctx context.Context, tx *db.Tx, actor policy.Actor, object string, hidden bool) error {
	return discussion.SetHidden(ctx, tx, actor, object, hidden)
}
