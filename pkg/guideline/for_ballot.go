package guideline

import (
	"context"

	"github.com/multaqa/multaqa/pkg/db"
)

// ForBallot returns an edition and its guideline inside a ballot's
// transaction. It asks no policy: the ballot has.
//
// Faults: edition.not_found.
func (s *Service) ForBallot(ctx context.Context, tx *db.Tx, edition string) (Guideline, Edition, error) {
	return findEdition(ctx, tx, edition, false)
}
