package comment

import (
	"context"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/suggestion"
)

// Propose lets threads propose wordings. Call it once, before the service is used: it takes suggests.Decided.
func (s *Service) Propose(suggests *suggestion.Service) {
	s.suggests = suggests
	suggests.Decided = s.decided
}

// within is the agency that alone sees the thread, or empty.
func (t *Thread) within() string {
	if t.Inside {
		return t.Agency
	}
	return ""
}

func (t *Thread) resolve(actor policy.Actor, outcome Outcome, note string, at db.Time) {
	t.State, t.Outcome, t.OutcomeNote, t.ResolvedBy, t.ResolvedAt = Resolved, outcome, note, actor.Person, at
}

func checkAudience(bad *fault.Error, actor policy.Actor, in NewThread) *fault.Error {
	switch in.Audience {
	case "", Network:
		return bad
	case Inside:
	default:
		return field(bad, "audience", "comment.unknown_audience")
	}
	if actor.Agency == "" {
		bad = field(bad, "audience", "comment.no_agency")
	}
	if in.Blocking {
		bad = field(bad, "blocking", "comment.inside_blocks")
	}
	if in.Proposal != nil {
		bad = field(bad, "proposal", "comment.inside_proposes")
	}
	return bad
}

// propose makes the suggestion of a new thread, on the text its anchor was given for.
func (s *Service) propose(ctx context.Context, tx *db.Tx, actor policy.Actor, t *Thread, in NewThread) error {
	if in.Proposal == nil || s.suggests == nil {
		return nil
	}
	sg, err := s.suggests.Make(ctx, tx, actor, t.Draft, suggestion.Save{Version: in.Version,
		Parts: []suggestion.Part{{From: in.From, To: in.To, Insert: *in.Proposal}}, Thread: t.ID})
	if err != nil {
		return err
	}
	if sg.Quote == sg.Insertion {
		return field(nil, "proposal", "comment.proposal_same")
	}
	t.Proposal = &sg
	return nil
}

// closeProposal closes the open wording of a thread that is being resolved.
func (s *Service) closeProposal(ctx context.Context, tx *db.Tx, actor policy.Actor, t *Thread, outcome Outcome, note string) error {
	if t.Proposal == nil || s.suggests == nil {
		return nil
	}
	if outcome == Accepted && !t.Proposal.Orphaned {
		return fault.New(fault.Conflict, "comment.proposal_open")
	}
	return s.suggests.Close(ctx, tx, actor, t.Proposal, note)
}

// decided resolves the thread whose wording was accepted or rejected, in the transaction of that. A wording that its author takes back
// leaves the thread as a question.
func (s *Service) decided(ctx context.Context, tx *db.Tx, actor policy.Actor, sg suggestion.Suggestion) error {
	t, err := findForUpdate(ctx, tx, sg.Thread)
	if err != nil || t.State != Open {
		return err
	}
	if sg.State == suggestion.Withdrawn {
		t.UpdatedAt = tx.Now()
		return updateThread(ctx, tx, t)
	}
	outcome := Rejected
	if sg.State == suggestion.Accepted {
		outcome = Accepted
	}
	t.resolve(actor, outcome, sg.Reason, tx.Now())
	t.UpdatedAt = tx.Now()
	if err := updateThread(ctx, tx, t); err != nil {
		return err
	}
	return event.Append(ctx, tx, actor, ThreadResolved{Thread: t.ID, Place: placeOf(&t), Outcome: outcome})
}

// Widen shows a thread inside an agency to whoever reads the draft. There is no way back.
//
// Faults: thread.not_found, policy.forbidden, comment.not_inside.
func (s *Service) Widen(ctx context.Context, actor policy.Actor, thread string) (Thread, error) {
	return s.change(ctx, actor, policy.WidenThread, thread, func(_ *db.Tx, t *Thread) (event.Event, error) {
		if !t.Inside {
			return nil, fault.New(fault.Conflict, "comment.not_inside")
		}
		t.Inside = false
		return ThreadWidened{Thread: t.ID, Place: placeOf(t)}, nil
	})
}

// Place puts an open thread that lost its text on other text, with a new quote. From and to are positions in the text of version.
//
// Faults: thread.not_found, policy.forbidden, comment.invalid with fields, comment.resolved, comment.not_orphaned, comment.anchor_gone.
func (s *Service) Place(ctx context.Context, actor policy.Actor, thread string, version int64, from, to int) (Thread, error) {
	return s.change(ctx, actor, policy.AnchorThread, thread, func(tx *db.Tx, t *Thread) (event.Event, error) {
		if from < 0 || to <= from || version < 0 {
			return nil, field(nil, "from", "comment.bad_range")
		}
		if t.State != Open {
			return nil, fault.New(fault.Conflict, "comment.resolved")
		}
		if _, _, err := draft.Follow(ctx, tx, t.Draft, []*Anchor{&t.Anchor}); err != nil {
			return nil, err
		}
		if !t.Anchor.Orphaned {
			return nil, fault.New(fault.Conflict, "comment.not_orphaned")
		}
		a, err := s.anchor(ctx, tx, t.Draft, version, from, to)
		if err != nil {
			return nil, err
		}
		t.Anchor = a
		if err := putAnchor(ctx, tx, *t); err != nil {
			return nil, err
		}
		return ThreadAnchored{Thread: t.ID, Version: a.Version, Place: placeOf(t)}, nil
	})
}
