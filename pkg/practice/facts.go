package practice

import (
	"context"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Facts is what policy may know of a practice, for those who decide about it
// in a transaction of their own, such as the live connection.
//
// Faults: practice.not_found.
func (s *Service) Facts(ctx context.Context, tx *db.Tx, id string) (policy.Facts, error) {
	p, err := find(ctx, tx, id)
	if err != nil {
		return policy.Facts{}, err
	}
	return p.Facts(), nil
}
