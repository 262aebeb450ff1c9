package ballot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/discussion"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Close closes an open ballot before its time, where rules D1.14 let it:
// everyone voted or recused themselves; or the outcome can no longer change and
// the terms allow it; or, with a reason, 24 hours from now. In the last case
// the ballot stays open and carries the announced time.
//
// Faults: ballot.not_found, policy.forbidden, ballot.not_open, ballot.closed,
// ballot.early_close_not_allowed, ballot.reason_required, ballot.illegal_step
// when an early close is announced already or the ballot ends sooner anyway.
func (s *Service) Close(ctx context.Context, actor policy.Actor, bid, reason string) (Ballot, error) {
	return s.locked(ctx, actor, bid, policy.CloseBallot, func(tx *db.Tx, b *Ballot, electorate []Elector) error {
		now := tx.Now()
		if b.State != Open {
			return fault.New(fault.Conflict, "ballot.not_open").With("state", b.State)
		}
		if now >= b.Deadline() {
			return s.closeLocked(ctx, tx, policy.SystemActor(), b, electorate, b.Deadline(), deadlineCause(*b))
		}
		votes, err := listVotes(ctx, tx, b.ID)
		if err != nil {
			return err
		}
		count := tally(electorate, votes[b.ID])
		switch {
		case count.Waiting() == 0:
			return s.closeLocked(ctx, tx, actor, b, electorate, now, CauseAllVoted)
		case b.Terms.EarlyClose && Settled(count, b.Terms.Threshold, b.Terms.Quorum):
			return s.closeLocked(ctx, tx, actor, b, electorate, now, CauseSettled)
		case reason == "":
			return fault.New(fault.Conflict, "ballot.early_close_not_allowed").With("waiting", count.Waiting())
		}
		if reason, err = reasonFor(reason); err != nil {
			return err
		}
		at := now.Add(EarlyNotice)
		if b.NoticeClosesAt != 0 || at >= b.Terms.ClosesAt {
			return illegal(b)
		}
		b.NoticeClosesAt, b.NoticeReason = at, reason
		if err := update(ctx, tx, b); err != nil {
			return err
		}
		if err := insertStep(ctx, tx, b.ID, stepBy(actor, "announce_close", Open, Open, reason, now)); err != nil {
			return err
		}
		return event.Append(ctx, tx, actor, EarlyCloseAnnounced{ID: b.ID, At: at})
	})
}

func deadlineCause(b Ballot) Cause {
	if b.NoticeClosesAt != 0 && b.Deadline() == b.NoticeClosesAt {
		return CauseNotice
	}
	return CauseTime
}

// closeLocked counts and closes as of at; the ballot's row is locked, so the
// count misses no acknowledged vote. A tie opens a discussion about the subject
// in the same transaction (rules D1.10).
func (s *Service) closeLocked(ctx context.Context, tx *db.Tx, actor policy.Actor, b *Ballot, electorate []Elector, at db.Time, cause Cause) error {
	votes, err := listVotes(ctx, tx, b.ID)
	if err != nil {
		return err
	}
	count := tally(electorate, votes[b.ID])
	b.State, b.ClosedAt, b.Cause = Closed, at, cause
	b.Result = Outcome(count, b.Terms.Threshold, b.Terms.Quorum)
	if _, err := tx.Exec(ctx, `
		update ballot_elector set suspended = $2
		 where ballot = $1 and agency in (select id from agency where status = 'suspended')`, b.ID, true); err != nil {
		return fmt.Errorf("flag suspended agencies: %w", err)
	}
	if b.Result == Tie {
		if b.Discussion, err = discussion.Open(ctx, tx, b.SubjectKind, b.Subject.ID, discussion.Tie, b.ID); err != nil {
			return err
		}
	}
	if err := update(ctx, tx, b); err != nil {
		return err
	}
	if err := insertStep(ctx, tx, b.ID, stepBy(actor, "close", Open, Closed, "", at)); err != nil {
		return err
	}
	if b.Discussion != "" {
		if err := insertStep(ctx, tx, b.ID, stepBy(policy.SystemActor(), "discuss", Closed, Closed, "", at)); err != nil {
			return err
		}
	}
	return event.Append(ctx, tx, actor, BallotClosed{ID: b.ID, Result: b.Result, Cause: cause, ClosedAt: at, Tally: count, Discussion: b.Discussion})
}

// CloseDue closes every ballot whose time has come, as of its closing time, and
// returns how many it closed. It is safe to run on several nodes at once.
func (s *Service) CloseDue(ctx context.Context) (int, error) {
	_, due, err := s.due(ctx)
	if err != nil {
		return 0, err
	}
	closed := 0
	var failed error
	for _, bid := range due {
		done := false
		_, err := s.locked(ctx, policy.SystemActor(), bid, policy.CloseBallot, func(tx *db.Tx, b *Ballot, electorate []Elector) error {
			done = false
			// Another node may have closed it, or an extension moved its time.
			if b.State != Open || tx.Now() < b.Deadline() {
				return nil
			}
			done = true
			return s.closeLocked(ctx, tx, policy.SystemActor(), b, electorate, b.Deadline(), deadlineCause(*b))
		})
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("close ballot %s: %w", bid, err)) // the others still close
		} else if done {
			closed++
		}
	}
	return closed, failed
}

// OpenDue opens every scheduled ballot whose time has come and returns how many
// it opened. One that can no longer open is cancelled; the record keeps the
// fault's code, and [Step.Cause] has its words.
func (s *Service) OpenDue(ctx context.Context) (int, error) {
	due, _, err := s.due(ctx)
	if err != nil {
		return 0, err
	}
	opened := 0
	var failed error
	for _, bid := range due {
		open := func(fn func(tx *db.Tx, b *Ballot) error) error {
			_, err := s.locked(ctx, policy.SystemActor(), bid, policy.OpenBallot, func(tx *db.Tx, b *Ballot, _ []Elector) error {
				if b.State != Scheduled || tx.Now() < b.Terms.OpensAt {
					return nil
				}
				return fn(tx, b)
			})
			return err
		}
		err := open(func(tx *db.Tx, b *Ballot) error { return s.openLocked(ctx, tx, policy.SystemActor(), b) })
		if f := fault.Of(err); f != nil && f.Kind != fault.Internal && f.Kind != fault.Unavailable {
			err = open(func(tx *db.Tx, b *Ballot) error { return s.cancelLocked(ctx, tx, policy.SystemActor(), b, f.Code) })
		} else if err == nil {
			opened++
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("open ballot %s: %w", bid, err))
		}
	}
	return opened, failed
}

func (s *Service) due(ctx context.Context) (toOpen, toClose []string, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		toOpen, toClose, err = listDue(ctx, tx)
		return err
	})
	return toOpen, toClose, err
}

// tick is how often the scheduler looks: under the five seconds of rules D1.13.
const tick = 2 * time.Second

// Run opens and closes ballots on time until ctx ends. The caller owns the
// goroutine it runs in; it touches the database only, through OpenDue and CloseDue.
func (s *Service) Run(ctx context.Context) {
	timer := time.NewTimer(0) // at once: what came due while nothing ran
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if _, err := s.OpenDue(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("open ballots", "error", err)
		}
		if _, err := s.CloseDue(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("close ballots", "error", err)
		}
		timer.Reset(tick)
	}
}
