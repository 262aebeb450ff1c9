package suggestion

import (
	"context"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
)

// OfThreads returns the suggestions of a draft that belong to threads, by thread: the newest of each, moved to the head of the text, with what
// the actor may do. f are the facts of the draft. It asks no policy.
func OfThreads(ctx context.Context, tx *db.Tx, actor policy.Actor, f policy.Facts, draftID string) (map[string]Suggestion, error) {
	return ofThreads(ctx, tx, actor, f, draftID, `draft = $1 and thread is not null`, draftID)
}

// OfThread is OfThreads for one thread; nil when it has none.
func OfThread(ctx context.Context, tx *db.Tx, actor policy.Actor, f policy.Facts, draftID, thread string) (*Suggestion, error) {
	all, err := ofThreads(ctx, tx, actor, f, draftID, `draft = $1 and thread = $2`, draftID, thread)
	if s, ok := all[thread]; ok && err == nil {
		return &s, nil
	}
	return nil, err
}

func ofThreads(ctx context.Context, tx *db.Tx, actor policy.Actor, f policy.Facts, draftID, where string, args ...any) (map[string]Suggestion, error) {
	all, err := list(ctx, tx, `order by created_at, id`, where, args...)
	if err != nil {
		return nil, err
	}
	var open []*Suggestion
	for _, s := range all {
		if s.State == Open {
			open = append(open, s)
		}
	}
	if _, _, err := draft.Follow(ctx, tx, draftID, open); err != nil {
		return nil, err
	}
	f.Kind = "draft"
	out := make(map[string]Suggestion, len(all))
	for _, s := range all {
		if s.Hidden && s.Person != actor.Person {
			continue
		}
		s.Abilities = abilities(actor, f, s)
		out[s.Thread] = *s
	}
	return out, nil
}

// LockOfThread locks the open suggestion of a thread and returns it, moved to the head; nil when there is none. Whoever will lock the
// thread too does this first, as accepting does.
func LockOfThread(ctx context.Context, tx *db.Tx, thread string) (*Suggestion, error) {
	s, err := find(ctx, tx, tx.ForUpdate(), `thread = $1 and state = 'open'`, thread)
	if fault.Is(err, "suggestion.not_found") {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	_, _, err = draft.Follow(ctx, tx, s.Draft, []*Suggestion{s})
	return s, err
}

// Close closes a suggestion that LockOfThread returned, because its thread is resolved otherwise: its author withdraws it so, anybody else rejects
// it with the reason. It asks no policy and does not call Decided.
func (s *Service) Close(ctx context.Context, tx *db.Tx, actor policy.Actor, sg *Suggestion, reason string) error {
	f, err := s.about(ctx, tx, sg.Draft)
	if err != nil {
		return err
	}
	state := Rejected
	if actor.Person == sg.Person {
		state, reason = Withdrawn, ""
	}
	return s.settle(ctx, tx, actor, f, sg, state, reason, false)
}
