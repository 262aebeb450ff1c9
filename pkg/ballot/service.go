package ballot

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/id"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/practice"
)

// KindPractice is the subject kind of best practices.
const KindPractice = "practice"

// Service is the use cases of ballots. It is safe for concurrent use.
type Service struct {
	db       *db.DB
	log      *slog.Logger
	subjects map[string]Subject
}

// New returns the service on d, with practices as what can be voted on.
func New(d *db.DB, log *slog.Logger, p *practice.Service) *Service {
	return &Service{db: d, log: log, subjects: map[string]Subject{KindPractice: practices{p}}}
}

// WithEditions lets editions of guidelines be voted on too. Call it before the
// service is used.
func (s *Service) WithEditions(e Editions) *Service {
	s.subjects[KindEdition] = editions{e}
	return s
}

// Prepare drafts a ballot on a subject. Zero terms get their defaults: two
// thirds, quorum 50, reasons for votes against, 72 hours.
//
// Faults: policy.forbidden, practice.not_found, ballot.invalid with fields,
// ballot.too_short, ballot.subject_in_ballot.
func (s *Service) Prepare(ctx context.Context, actor policy.Actor, kind, subjectID string, t Terms) (Ballot, error) {
	var b Ballot
	t = t.withDefaults()
	err := s.db.Transact(ctx, func(tx *db.Tx) error {
		if err := policy.Check(actor, policy.PrepareBallot, policy.Global("ballot")); err != nil {
			return err
		}
		sub, err := s.subject(kind)
		if err != nil {
			return err
		}
		matter, err := sub.Inspect(ctx, tx, subjectID)
		if err != nil {
			return err
		}
		now := tx.Now()
		if err := t.check(max(now, t.OpensAt)); err != nil {
			return err
		}
		if err := checkIdle(ctx, tx, subjectID, ""); err != nil {
			return err
		}
		matter.Hash = "" // the wording is fixed when the ballot opens
		b = Ballot{ID: id.New("bl"), SubjectKind: kind, Subject: matter, Terms: t, State: Draft, Round: 1, Owner: actor.Person, CreatedAt: now}
		return s.insertDraft(ctx, tx, actor, &b)
	})
	return b, err
}

func (t Terms) withDefaults() Terms {
	if t.Threshold == "" {
		t.Threshold = TwoThirds
	}
	if t.Quorum == 0 {
		t.Quorum = 50
	}
	if t.ReasonRequired == "" {
		t.ReasonRequired = ReasonAgainst
	}
	if t.MinOpen == 0 {
		t.MinOpen = DefaultMinOpen
	}
	return t
}

// checkIdle refuses a second ballot on a subject beside one under way. Two
// drafts may race each other here; the subject lets only one of them open.
func checkIdle(ctx context.Context, tx *db.Tx, subject, except string) error {
	others, err := list(ctx, tx, Filter{Subjects: []string{subject}, States: []State{Draft, Scheduled, Open, Closed}, drafts: true}.where(), `id desc`, 2)
	if err != nil {
		return err
	}
	for _, o := range others {
		if o.ID != except {
			return fault.New(fault.Conflict, "ballot.subject_in_ballot").With("ballot", o.ID)
		}
	}
	return nil
}

func (s *Service) insertDraft(ctx context.Context, tx *db.Tx, actor policy.Actor, b *Ballot) error {
	b.UpdatedAt = b.CreatedAt
	if err := insert(ctx, tx, *b); err != nil {
		if db.IsUnique(err) {
			return fault.New(fault.Conflict, "ballot.round_exists")
		}
		return err
	}
	if err := insertStep(ctx, tx, b.ID, stepBy(actor, "prepare", "", Draft, "", b.CreatedAt)); err != nil {
		return err
	}
	return event.Append(ctx, tx, actor, BallotPrepared{ID: b.ID, Subject: b.Subject.ID, Round: b.Round, Previous: b.Previous})
}

func stepBy(actor policy.Actor, what string, from, to State, reason string, at db.Time) Step {
	person := actor.Person
	if actor.System {
		person = "system"
	}
	return Step{Event: what, From: from, To: to, Reason: reason, Person: person, Agency: actor.Agency, At: at}
}

// locked runs fn on the ballot's locked row, after the actor may read it and
// do act, and in one transaction with it.
func (s *Service) locked(ctx context.Context, actor policy.Actor, bid string, act policy.Action, fn func(tx *db.Tx, b *Ballot, electorate []Elector) error) (Ballot, error) {
	var b Ballot
	err := s.db.Transact(ctx, func(tx *db.Tx) error {
		var err error
		if b, err = findForUpdate(ctx, tx, bid); err != nil {
			return err
		}
		electorates, err := listElectorates(ctx, tx, bid)
		if err != nil {
			return err
		}
		if err := policy.Check(actor, act, b.facts(electorates[bid])); err != nil {
			return err
		}
		return fn(tx, &b, electorates[bid])
	})
	return b, err
}

func illegal(b *Ballot) error {
	return fault.New(fault.Conflict, "ballot.illegal_step").With("state", b.State)
}

// reasonFor checks a reason that a step of the secretariat must give.
//
// Faults: ballot.reason_required.
func reasonFor(reason string) (string, error) {
	reason = strings.TrimSpace(reason)
	code := practice.ProblemOf(reason, true, MaxReason)
	if code == "" && member.Clusters(reason) < MinReason {
		code = "too_short"
	}
	if code != "" {
		return "", fault.New(fault.Invalid, "ballot.reason_required").WithField("reason", code).With("min", MinReason)
	}
	return reason, nil
}

// When changes the planned dates at opening; zero fields keep them.
type When struct{ OpensAt, ClosesAt db.Time }

// Open opens a draft now, or schedules it when its opening lies ahead; a
// scheduled ballot is opened at once. Opening freezes the wording and the
// electorate: one row for each active agency that has a vote and somebody
// seated to cast it. A closing time that was far enough when the ballot was
// prepared and is not any more moves to the earliest one allowed.
//
// Faults: ballot.not_found, policy.forbidden, ballot.illegal_step,
// ballot.too_short, ballot.no_electorate, practice.not_ready.
func (s *Service) Open(ctx context.Context, actor policy.Actor, bid string, when When) (Ballot, error) {
	return s.locked(ctx, actor, bid, policy.OpenBallot, func(tx *db.Tx, b *Ballot, _ []Elector) error {
		if b.State != Draft && b.State != Scheduled {
			return illegal(b)
		}
		if when.OpensAt != 0 {
			b.Terms.OpensAt = when.OpensAt
		}
		if when.ClosesAt != 0 {
			b.Terms.ClosesAt = when.ClosesAt
		}
		now := tx.Now()
		if b.State == Draft && b.Terms.OpensAt > now {
			if err := b.Terms.check(b.Terms.OpensAt); err != nil {
				return err
			}
			b.State, b.OpenedBy = Scheduled, actor.Person
			if err := update(ctx, tx, b); err != nil {
				return err
			}
			if err := insertStep(ctx, tx, b.ID, stepBy(actor, "schedule", Draft, Scheduled, "", now)); err != nil {
				return err
			}
			return event.Append(ctx, tx, actor, BallotScheduled{ID: b.ID, OpensAt: b.Terms.OpensAt})
		}
		b.OpenedBy = actor.Person
		return s.openLocked(ctx, tx, actor, b)
	})
}

const minute = db.Time(time.Minute / time.Microsecond)

// OnTheMinute is t or, when it lies between two minutes, the later one: what was just long enough to vote stays so. Times to
// close are asked for by the minute (rules D1.13). 0 stays 0.
func OnTheMinute(t db.Time) db.Time { return (t + minute - 1) / minute * minute }

// openLocked opens the ballot now; its row is locked.
func (s *Service) openLocked(ctx context.Context, tx *db.Tx, actor policy.Actor, b *Ballot) error {
	now := tx.Now()
	if earliest := now.Add(b.Terms.MinOpen); b.Terms.ClosesAt < earliest && b.Terms.ClosesAt >= b.CreatedAt.Add(b.Terms.MinOpen) {
		// Long enough when it was prepared, and opened later, or slept through by
		// the hub: nobody loses time to vote by that. A full minute reads better.
		b.Terms.ClosesAt = OnTheMinute(earliest)
	}
	if err := b.Terms.check(now); err != nil {
		return err
	}
	sub, err := s.subject(b.SubjectKind)
	if err != nil {
		return err
	}
	if b.Subject, err = sub.Enter(ctx, tx, actor, *b); err != nil {
		return err
	}
	electorate, err := member.Electorate(ctx, tx)
	if err != nil {
		return err
	}
	var agencies []string
	for _, e := range electorate {
		if len(e.Holders) == 0 {
			continue // nobody sits there who could vote
		}
		agencies = append(agencies, e.Agency)
		if err := insertElector(ctx, tx, b.ID, Elector{Agency: e.Agency, Seat: e.Seat, Weight: WeightOne, Holders: e.Holders}); err != nil {
			return err
		}
	}
	if len(agencies) == 0 {
		return fault.New(fault.Conflict, "ballot.no_electorate")
	}
	from := b.State
	b.State, b.Terms.OpensAt = Open, now
	if err := update(ctx, tx, b); err != nil {
		return err
	}
	if err := insertStep(ctx, tx, b.ID, stepBy(actor, "open", from, Open, "", now)); err != nil {
		return err
	}
	return event.Append(ctx, tx, actor, BallotOpened{ID: b.ID, Subject: b.Subject.ID, Hash: b.Subject.Hash, Electorate: agencies, ClosesAt: b.Terms.ClosesAt})
}

// Cancel ends a ballot without a result. The votes stay readable.
//
// Faults: ballot.not_found, policy.forbidden, ballot.illegal_step,
// ballot.closed, ballot.reason_required.
func (s *Service) Cancel(ctx context.Context, actor policy.Actor, bid, reason string) (Ballot, error) {
	return s.locked(ctx, actor, bid, policy.CancelBallot, func(tx *db.Tx, b *Ballot, _ []Elector) error {
		reason, err := reasonFor(reason)
		if err != nil {
			return err
		}
		switch b.State {
		case Draft, Scheduled:
		case Open:
			if tx.Now() >= b.Deadline() {
				return fault.New(fault.Conflict, "ballot.closed").With("closed_at", b.Deadline())
			}
		default:
			return illegal(b)
		}
		return s.cancelLocked(ctx, tx, actor, b, reason)
	})
}

func (s *Service) cancelLocked(ctx context.Context, tx *db.Tx, actor policy.Actor, b *Ballot, reason string) error {
	from := b.State
	b.State, b.ClosedAt = Cancelled, tx.Now()
	if err := update(ctx, tx, b); err != nil {
		return err
	}
	if err := insertStep(ctx, tx, b.ID, stepBy(actor, "cancel", from, Cancelled, reason, b.ClosedAt)); err != nil {
		return err
	}
	if from == Open {
		sub, err := s.subject(b.SubjectKind)
		if err != nil {
			return err
		}
		if err := sub.Leave(ctx, tx, actor, *b, "", false); err != nil {
			return err
		}
	}
	return event.Append(ctx, tx, actor, BallotCancelled{ID: b.ID})
}

// Extend moves the closing time once, while the quorum is missing, by at most
// half the original length (rules D1.14). An announced early close is dropped.
//
// Faults: ballot.not_found, policy.forbidden, ballot.not_open, ballot.closed,
// ballot.extension_used, ballot.extension_not_needed, ballot.extension_too_long,
// ballot.invalid.
func (s *Service) Extend(ctx context.Context, actor policy.Actor, bid string, closesAt db.Time) (Ballot, error) {
	return s.locked(ctx, actor, bid, policy.ExtendBallot, func(tx *db.Tx, b *Ballot, electorate []Elector) error {
		now := tx.Now()
		switch {
		case b.State != Open:
			return fault.New(fault.Conflict, "ballot.not_open").With("state", b.State)
		case now >= b.Deadline():
			return fault.New(fault.Conflict, "ballot.closed").With("closed_at", b.Deadline())
		case b.ExtendedFrom != 0:
			return fault.New(fault.Conflict, "ballot.extension_used")
		case closesAt <= b.Terms.ClosesAt:
			return fault.New(fault.Invalid, "ballot.invalid").WithField("closes_at", "too_early")
		}
		votes, err := listVotes(ctx, tx, b.ID)
		if err != nil {
			return err
		}
		if QuorumMet(tally(electorate, votes[b.ID]), b.Terms.Quorum) {
			return fault.New(fault.Conflict, "ballot.extension_not_needed")
		}
		length := b.Terms.ClosesAt - b.Terms.OpensAt
		if latest := b.Terms.ClosesAt + length/2; closesAt > latest {
			return fault.New(fault.Invalid, "ballot.extension_too_long").WithField("closes_at", "too_late").With("latest", latest)
		}
		b.ExtendedFrom, b.Terms.ClosesAt = b.Terms.ClosesAt, closesAt
		b.NoticeClosesAt, b.NoticeReason = 0, ""
		if err := update(ctx, tx, b); err != nil {
			return err
		}
		if err := insertStep(ctx, tx, b.ID, stepBy(actor, "extend", Open, Open, "", now)); err != nil {
			return err
		}
		return event.Append(ctx, tx, actor, BallotExtended{ID: b.ID, From: b.ExtendedFrom, To: closesAt})
	})
}

// Revise are the terms of a further round that differ from the last one's;
// zero fields are copied.
type Revise struct {
	Question locale.Text
	ClosesAt db.Time // 0: as long as the last round, from now
}

// NextRound drafts a further round of a ballot that ended: the question is
// copied, the electorate and the wording are frozen afresh at its opening. A
// tie allows one (rules D1.10).
//
// Faults: ballot.not_found, policy.forbidden, ballot.illegal_step,
// ballot.round_exists, ballot.no_more_rounds, ballot.subject_in_ballot,
// ballot.invalid, ballot.too_short.
func (s *Service) NextRound(ctx context.Context, actor policy.Actor, bid string, r Revise) (Ballot, error) {
	var next Ballot
	_, err := s.locked(ctx, actor, bid, policy.NextRound, func(tx *db.Tx, b *Ballot, _ []Elector) error {
		if b.State != Certified && b.State != Cancelled {
			return illegal(b)
		}
		if again, err := tiedBefore(ctx, tx, *b); err != nil {
			return err
		} else if again && b.Result == Tie {
			return fault.New(fault.Conflict, "ballot.no_more_rounds")
		}
		// Asked before the subject's other ballots, as the next round may be one.
		var exists bool
		if err := tx.QueryRow(ctx, `select count(*) > 0 from ballot where previous = $1`, bid).Scan(&exists); err != nil {
			return err
		}
		if exists {
			return fault.New(fault.Conflict, "ballot.round_exists")
		}
		if err := checkIdle(ctx, tx, b.Subject.ID, bid); err != nil {
			return err
		}
		sub, err := s.subject(b.SubjectKind)
		if err != nil {
			return err
		}
		matter, err := sub.Inspect(ctx, tx, b.Subject.ID)
		if err != nil {
			return err
		}
		matter.Hash = ""
		now := tx.Now()
		t := b.Terms
		t.OpensAt, t.ClosesAt = 0, r.ClosesAt
		if t.ClosesAt == 0 {
			length := b.Terms.MinOpen
			if b.Terms.OpensAt != 0 && b.Terms.ClosesAt > b.Terms.OpensAt {
				length = max(length, b.Terms.ClosesAt.Time().Sub(b.Terms.OpensAt.Time()))
			}
			// The draft is opened later than it is made; an hour keeps it valid meanwhile.
			t.ClosesAt = OnTheMinute(now.Add(length + time.Hour))
		}
		if r.Question.Ar != "" || r.Question.En != "" {
			t.Question = r.Question
		}
		if err := t.check(now); err != nil {
			return err
		}
		next = Ballot{ID: id.New("bl"), SubjectKind: b.SubjectKind, Subject: matter, Terms: t, State: Draft,
			Round: b.Round + 1, Previous: b.ID, Owner: actor.Person, CreatedAt: now}
		return s.insertDraft(ctx, tx, actor, &next)
	})
	return next, err
}

// tiedBefore reports whether the round before b was tied.
func tiedBefore(ctx context.Context, tx *db.Tx, b Ballot) (bool, error) {
	if b.Previous == "" {
		return false, nil
	}
	before, err := find(ctx, tx, b.Previous)
	return before.Result == Tie, err
}

// ExtendedSince says when the ballots were extended that were since a time. It knows no reader.
func (s *Service) ExtendedSince(ctx context.Context, since db.Time) (map[string]db.Time, error) {
	out := map[string]db.Time{}
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, `select ballot, at from ballot_step where event = 'extend' and at >= $1`, int64(since))
		if err != nil {
			return fmt.Errorf("extended ballots: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var bid string
			var at db.Time
			if err := rows.Scan(&bid, &at); err != nil {
				return fmt.Errorf("extended ballots: %w", err)
			}
			out[bid] = at
		}
		return rows.Err()
	})
	return out, err
}
