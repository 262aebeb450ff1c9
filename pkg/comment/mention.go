package comment

import (
	"context"
	"unicode/utf8"

	"github.com/multaqa/multaqa/pkg/arabic"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Of a search for somebody to mention: how many are offered, and how many of those whose name matches are asked whether they may read the text.
const (
	maxOffered = 8
	maxAsked   = 40
	maxSought  = 100 // characters
)

// Mentionable is who holds a seat, has words in the name or the agency's name that begin with those sought, and may read the draft: at most
// eight, in the order of the names.
//
// Faults: draft.not_found, policy.forbidden, comment.invalid.
func (s *Service) Mentionable(ctx context.Context, actor policy.Actor, draftID, words string) (out []member.Seated, err error) {
	if utf8.RuneCountInString(words) > maxSought {
		return nil, fault.New(fault.Invalid, "comment.invalid").WithField("q", "comment.too_long")
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		f, err := s.facts.Facts(ctx, tx, draftID)
		if err != nil {
			return err
		}
		if err := policy.Check(actor, policy.MentionPerson, f); err != nil {
			return err
		}
		seated, err := member.SeatedIn(ctx, tx)
		if err != nil {
			return err
		}
		asked := 0
		for _, p := range seated {
			if p.Person == actor.Person || !arabic.Begins(words, p.Name.Ar, p.Name.En, p.Agency.Short.Ar, p.Agency.Short.En) {
				continue
			}
			if asked++; asked > maxAsked || len(out) == maxOffered {
				return nil
			}
			who, err := member.ActorIn(ctx, tx, p.Person)
			if err != nil {
				return err
			}
			if policy.Can(who, policy.ReadDraft, f) {
				out = append(out, p)
			}
		}
		return nil
	})
	return out, err
}
