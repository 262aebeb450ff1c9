package moderation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Guidelines lets guidelines be flagged and hidden. Register it under "gl".
type Guidelines struct{ *guideline.Service }

// About reads a guideline. Its revision changes with its names and with each
// published text.
func (g Guidelines) About(ctx context.Context, tx *db.Tx, object string) (Object, error) {
	sum, err := g.Service.About(ctx, tx, object)
	if err != nil {
		return Object{}, err
	}
	gl := sum.Guideline
	text := strings.TrimSpace(gl.Title.Ar + "\n" + gl.Title.En + "\n\n" + gl.Summary)
	h := sha256.New()
	fmt.Fprintf(h, "%d:%s", len(text), text)
	for _, e := range sum.Editions {
		fmt.Fprintf(h, "%s:%s", e.ID, e.RevisionHash)
	}
	return Object{Facts: sum.Facts, Read: policy.ReadGuideline, Author: gl.CreatedBy, AuthorAgency: gl.Agency, Agency: gl.Agency,
		Text: text, Revision: hex.EncodeToString(h.Sum(nil)), URL: "/guidelines/" + gl.ID}, nil
}
