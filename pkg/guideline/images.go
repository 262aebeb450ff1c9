package guideline

import (
	"context"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Shows says whether the actor reads something of the guideline that may show
// words, such as the address of an image: a published edition with them in its
// text, or any living text. public says that a published edition with them is
// open to everybody. words must be free of % and _.
func (s *Service) Shows(ctx context.Context, tx *db.Tx, actor policy.Actor, guideline, words string) (seen, public bool, err error) {
	g, err := findGuideline(ctx, tx, guideline, false)
	if fault.Is(err, "guideline.not_found") {
		return false, false, nil
	}
	if err != nil {
		return false, false, err
	}
	all, err := editionsOf(ctx, tx, g.ID)
	if err != nil {
		return false, false, err
	}
	for _, e := range all[g.ID] {
		facts := g.facts(e)
		if e.State.InWork() && e.Draft != "" && policy.Can(actor, policy.ReadDraft, facts) {
			seen = true
		}
		if !e.State.Readable() || e.RevisionHash == "" || !policy.SeesEdition(actor, facts) {
			continue
		}
		var n int
		err := tx.QueryRow(ctx, `select count(*) from edition_revision where edition = $1 and hash = $2 and body like $3`,
			e.ID, e.RevisionHash, "%"+words+"%").Scan(&n)
		if err != nil {
			return false, false, err
		}
		if n > 0 {
			seen = true
			public = public || policy.SeesEdition(policy.Actor{}, facts)
		}
	}
	return seen, public, nil
}
