package moderation

import (
	"context"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Notice tells authors what became of something they wrote.
type Notice struct {
	Item   string
	Text   string // as flagged
	URL    string // path where it stands
	State  State  // Pending: hidden by the hub, no moderator has looked yet
	Hidden bool
	Reason Reason
	Note   string // the moderator's words; "" until there is a decision
	At     db.Time
}

// Told returns what the actor, as an author, is told: what is hidden until a
// moderator looks, for as long as that lasts, and what was hidden or shown
// again since a moment; the newest first, at most 50. What the actor may not
// open any more is left out. It is for the desk.
func (s *Service) Told(ctx context.Context, actor policy.Actor, since db.Time) ([]Notice, error) {
	if actor.Anonymous() {
		return nil, nil
	}
	var out []Notice
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		out = nil
		// A case that hid nothing itself, and found what an older decision hid, has nothing new to say until it is decided.
		items, err := selectItems(ctx, tx, `where author = $1 and (state = 'pending' and hidden = $2 or state <> 'pending' and decided_at >= $3)
			and exists (select 1 from moderation_log l where l.item = moderation_item.id and l.action in ('auto_hide', 'hide', 'restore'))
			order by updated_at desc, id desc limit 50`, actor.Person, true, int64(since))
		if err != nil {
			return err
		}
		at, err := hiddenAt(ctx, tx, actor.Person)
		if err != nil {
			return err
		}
		for _, it := range items {
			_, h, err := s.hider(it.Object)
			if err != nil {
				continue
			}
			if _, err := about(ctx, tx, actor, h, it.Object); fault.Of(err) != nil {
				continue
			} else if err != nil {
				return err
			}
			n := Notice{Item: it.ID, Text: it.Text, URL: it.URL, State: it.State, Hidden: it.Hidden, Reason: it.Reason, Note: it.Note, At: it.DecidedAt}
			if it.State == Pending {
				n.At = at[it.ID]
			}
			out = append(out, n)
		}
		return nil
	})
	return out, err
}

// Why returns why moderation hid what the actor wrote: the reason by object, of those that are hidden now.
func (s *Service) Why(ctx context.Context, actor policy.Actor) (map[string]Reason, error) {
	if actor.Anonymous() {
		return nil, nil
	}
	out := map[string]Reason{}
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		items, err := selectItems(ctx, tx, `where author = $1 and hidden = $2 order by created_at, id`, actor.Person, true)
		for _, it := range items {
			out[it.Object] = it.Reason
		}
		return err
	})
	return out, err
}
