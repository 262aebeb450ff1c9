package draft

import (
	"context"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/guideline"
)

// Store is what package guideline needs of the living text (guideline.Drafts).
type Store struct{}

var _ guideline.Drafts = Store{}

// Create is Create.
func (Store) Create(ctx context.Context, tx *db.Tx, edition, text string) (string, error) {
	return Create(ctx, tx, edition, text)
}

// Read returns the committed text without holding the head.
func (Store) Read(ctx context.Context, tx *db.Tx, draft string) (guideline.Revision, error) {
	v, text, err := Text(ctx, tx, draft)
	return guideline.Revision{Hash: hash(text), Version: v, Text: text}, err
}

// Freeze returns the committed text and holds the head until the transaction ends.
func (Store) Freeze(ctx context.Context, tx *db.Tx, draft string) (guideline.Revision, error) {
	r, err := Freeze(ctx, tx, draft)
	return guideline.Revision{Hash: r.TextHash, Version: r.Version, Text: r.Text}, err
}

// Authors is Authors.
func (Store) Authors(ctx context.Context, tx *db.Tx, draft string) ([]string, error) {
	return Authors(ctx, tx, draft)
}
