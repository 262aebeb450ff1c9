package ballot

import (
	"context"
	"slices"
	"strings"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Cast records the vote of the actor's agency on an open ballot, or replaces
// it until closing. revision is the hash of the text that was voted on. An
// alternate does not replace the principal's vote. Casting the same again
// changes nothing.
//
// Faults: ballot.not_found, policy.forbidden, ballot.not_in_electorate,
// ballot.mandate_missing, ballot.not_open, ballot.closed, ballot.invalid_option,
// ballot.revision_changed, ballot.reason_required,
// ballot.seat_already_used_by_principal.
func (s *Service) Cast(ctx context.Context, actor policy.Actor, bid string, choice Choice, reason, revision string) (Vote, error) {
	var vote Vote
	_, err := s.locked(ctx, actor, bid, policy.ReadBallot, func(tx *db.Tx, b *Ballot, electorate []Elector) error {
		facts := b.facts(electorate)
		if err := mayVote(ctx, tx, actor, *b, facts); err != nil {
			return err
		}
		now := tx.Now() // after the ballot's lock: no vote is timed before a count that missed it
		if err := b.accepts(choice, reason, revision, now); err != nil {
			return err
		}
		votes, err := listVotes(ctx, tx, bid)
		if err != nil {
			return err
		}
		vote = Vote{Agency: actor.Agency, Choice: choice, Reason: strings.TrimSpace(reason), CastBy: actor.Person, CastSeat: actor.Seat,
			ByPrincipal: actor.Principal, SubjectHash: revision, CastAt: now, N: 1}
		if i := slices.IndexFunc(votes[bid], func(v Vote) bool { return v.Agency == actor.Agency }); i >= 0 {
			old := votes[bid][i]
			if old.ByPrincipal && !actor.Principal {
				return fault.New(fault.Conflict, "ballot.seat_already_used_by_principal")
			}
			if old.Choice == vote.Choice && old.Reason == vote.Reason && old.CastBy == vote.CastBy {
				vote = old
				return nil
			}
			vote.N = old.N + 1
		}
		if err := upsertVote(ctx, tx, bid, vote); err != nil {
			return err
		}
		return event.Append(ctx, tx, actor, VoteCast{ID: bid, Voter: actor.Agency, Change: vote.N})
	})
	return vote, err
}

// mayVote asks policy, and says more exactly than policy why a representative
// may not vote. Rights count as they are now, in this transaction: a session
// that has not heard of a lost seat yet casts no vote.
func mayVote(ctx context.Context, tx *db.Tx, actor policy.Actor, b Ballot, facts policy.Facts) error {
	represents := actor.Has(policy.AgencyLead, policy.Representative) && !actor.Has(policy.SecretariatAdmin, policy.Moderator)
	// Before opening there is no electorate to be missing from.
	if represents && len(facts.Agencies) > 0 {
		if !slices.Contains(facts.Agencies, actor.Agency) {
			return fault.New(fault.Forbidden, "ballot.not_in_electorate")
		}
		principal, ok, err := votingSeat(ctx, tx, actor.Person, actor.Agency)
		if err != nil {
			return err
		}
		if !actor.CanVote || !ok || principal != actor.Principal {
			return fault.New(fault.Forbidden, "ballot.mandate_missing")
		}
	}
	if represents && len(facts.Agencies) == 0 {
		return b.accepts("", "", "", tx.Now()) // says that it is not open
	}
	return policy.Check(actor, policy.CastVote, facts)
}
