package guideline

import (
	"context"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/policy"
)

// BeginCorrection locks the edition of a draft for a correction of its spelling, ahead of the draft as every step does, and says whether the
// actor may take one in: the text stands approved, and the actor is one who could have approved it.
//
// Faults: draft.not_found, edition.not_found, policy.forbidden, guideline.illegal_step with "unmet".
func (s *Service) BeginCorrection(ctx context.Context, tx *db.Tx, actor policy.Actor, draft string) error {
	_, e, err := s.OfDraft(ctx, tx, draft)
	if err != nil {
		return err
	}
	g, e, err := findEdition(ctx, tx, e.ID, true)
	if err != nil {
		return err
	}
	if err := policy.Check(actor, policy.ReviewEdition, g.facts(e)); err != nil {
		return err
	}
	rev, err := s.Drafts.Freeze(ctx, tx, draft)
	if err != nil {
		return err
	}
	f, err := s.facts(ctx, tx, actor, g, e, rev)
	if err != nil {
		return err
	}
	opt, legal := Find(e.State, Correct, f)
	if !legal {
		return illegal(e.State, f)
	}
	if !opt.Open() {
		return illegal(e.State, f).With("unmet", opt.Unmet)
	}
	return nil
}

// Corrected lets the approval, and a ballot's, stand for the text as it is after the correction, in the transaction that BeginCorrection
// began. The record holds both texts: that of the approval and this one.
func (s *Service) Corrected(ctx context.Context, tx *db.Tx, actor policy.Actor, draft string) error {
	g, e, err := s.OfDraft(ctx, tx, draft)
	if err != nil {
		return err
	}
	rev, err := s.Drafts.Freeze(ctx, tx, draft)
	if err != nil {
		return err
	}
	_, err = s.apply(ctx, tx, actor, g, e, Correct, Ready, Request{}, rev)
	return err
}
