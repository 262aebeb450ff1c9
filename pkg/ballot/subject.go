package ballot

import (
	"context"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/practice"
)

// Subject is what a kind of thing must offer to be voted on. All methods run in
// the ballot's transaction, with the ballot's row locked, and ask no policy.
type Subject interface {
	// Inspect describes the matter as it stands.
	Inspect(ctx context.Context, tx *db.Tx, id string) (Matter, error)
	// Enter freezes the matter for the ballot, or refuses.
	Enter(ctx context.Context, tx *db.Tx, actor policy.Actor, b Ballot) (Matter, error)
	// Leave ends the ballot for the matter. Result "" is a cancelled ballot;
	// final says that no further round can follow a tie.
	Leave(ctx context.Context, tx *db.Tx, actor policy.Actor, b Ballot, result Result, final bool) error
}

// practices makes practices a subject: carried is approved, not carried is an
// exit, and everything undecided leaves the practice where it was.
type practices struct{ service *practice.Service }

func matterOf(p practice.Practice) Matter {
	return Matter{ID: p.ID, Title: p.Card.Title, Hash: p.Hash, Agency: p.Agency}
}

func (s practices) Inspect(ctx context.Context, tx *db.Tx, id string) (Matter, error) {
	p, err := s.service.Inspect(ctx, tx, id)
	return matterOf(p), err
}

func (s practices) Enter(ctx context.Context, tx *db.Tx, actor policy.Actor, b Ballot) (Matter, error) {
	p, err := s.service.EnterBallot(ctx, tx, actor, b.Subject.ID, b.Round)
	return matterOf(p), err
}

func (s practices) Leave(ctx context.Context, tx *db.Tx, actor policy.Actor, b Ballot, result Result, final bool) error {
	var to practice.Stage
	switch {
	case result == Carried:
		to = practice.Approved
	case result == NotCarried, result == Tie && final:
		to = practice.NotCarried
	}
	// No words of ours in people's history: the ballot beside it says how it ended.
	return s.service.LeaveBallot(ctx, tx, actor, b.Subject.ID, to, "")
}

// KindEdition is the subject kind of editions of guidelines.
const KindEdition = "edition"

// Editions is what a ballot needs of package guideline: the steps of rules D3
// inside the ballot's transaction.
type Editions interface {
	ForBallot(ctx context.Context, tx *db.Tx, edition string) (guideline.Guideline, guideline.Edition, error)
	DoTx(ctx context.Context, tx *db.Tx, actor policy.Actor, edition string, step guideline.Step, req guideline.Request) error
}

// editions makes editions a subject (rules D3): carried is ready to publish,
// not carried needs amendments, everything undecided is ready as before.
type editions struct{ service Editions }

func (s editions) Inspect(ctx context.Context, tx *db.Tx, id string) (Matter, error) {
	g, e, err := s.service.ForBallot(ctx, tx, id)
	// A ballot shows its title to the network, so it is held on what the network sees.
	if err == nil && g.Visibility.Rank() < policy.ToNetwork.Rank() {
		err = policy.NotFound("edition")
	}
	return Matter{ID: id, Title: g.Title, Hash: e.ApprovedHash, Agency: g.Agency}, err
}

func (s editions) Enter(ctx context.Context, tx *db.Tx, actor policy.Actor, b Ballot) (Matter, error) {
	if err := s.service.DoTx(ctx, tx, actor, b.Subject.ID, guideline.SendToBallot, guideline.Request{Ballot: b.ID}); err != nil {
		return Matter{}, err
	}
	return s.Inspect(ctx, tx, b.Subject.ID)
}

func (s editions) Leave(ctx context.Context, tx *db.Tx, _ policy.Actor, b Ballot, result Result, final bool) error {
	// A result says why by itself; a reason is for a ballot that ended without deciding.
	step, req := guideline.CancelBallot, guideline.Request{Ballot: b.ID}
	switch {
	case result == Carried:
		step = guideline.Carried
	case result == NotCarried, result == Tie && final:
		step = guideline.NotCarried
	case result == NotQuorate:
		step = guideline.NotQuorate
	case result == Tie:
		req.Reason = "ballot.tied"
	default:
		req.Reason = "ballot.cancelled"
	}
	// Recording an outcome is the hub's own act; who certified is the ballot's record.
	return s.service.DoTx(ctx, tx, policy.SystemActor(), b.Subject.ID, step, req)
}

func (s *Service) subject(kind string) (Subject, error) {
	sub, ok := s.subjects[kind]
	if !ok {
		return nil, fault.New(fault.Invalid, "ballot.invalid").WithField("subject", "unknown")
	}
	return sub, nil
}
