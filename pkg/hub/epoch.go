package hub

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/policy"
)

// harmless are kinds of events that change nobody's rights and the facts of no edition. A kind that is not here does.
var harmless = map[string]bool{
	"ballot.vote_cast": true, "comment.added": true, "session.opened": true,
	"thread.anchored": true, "thread.opened": true, "thread.reopened": true, "thread.resolved": true, "thread.widened": true,
}

// Harmless lists the kinds of events that change nobody's rights on a living text.
func Harmless() []string { return slices.Sorted(maps.Keys(harmless)) }

// epoch numbers what the rights on living texts rest on. Whatever changes rights or an edition appends an event, as the last
// statement of its own transaction (threats I9), so the head of the chain moves with it, and no table or trigger of its own is needed: one
// read of one row says in a transaction whether what was read before still holds.
type epoch struct {
	mu   sync.Mutex
	seen int64 // head up to which the kinds were looked at
	at   int64 // the newest event up to there that is not harmless
}

// read returns the epoch as the transaction sees it.
func (e *epoch) read(ctx context.Context, tx *db.Tx) (int64, error) {
	var head int64
	if err := tx.QueryRow(ctx, event.SQLHead).Scan(&head); err != nil {
		return 0, err
	}
	e.mu.Lock()
	seen, at := e.seen, e.at
	e.mu.Unlock()
	if head == seen {
		return at, nil
	}
	const look = 50
	if seen == 0 || head < seen || head > seen+look {
		at = head // too far to look: as if something had changed
	} else {
		records, err := event.List(ctx, tx, seen, look)
		if err != nil {
			return 0, err
		}
		for _, r := range records {
			if !harmless[r.Kind] {
				at = r.Seq
			}
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if head > e.seen {
		e.seen, e.at = head, at
	}
	return at, nil
}

// Epoch is draft.Standings.
func (r rights) Epoch(ctx context.Context, tx *db.Tx) (int64, error) { return r.h.epoch.read(ctx, tx) }

// Still is draft.Still: while nothing is appended to the chain, the epoch stands.
func (r rights) Still() (query string, head, epoch int64) {
	r.h.epoch.mu.Lock()
	defer r.h.epoch.mu.Unlock()
	return event.SQLHead, r.h.epoch.seen, r.h.epoch.at
}

// Keep is draft.Guard.
func (r rights) Keep(ctx context.Context, tx *db.Tx, id string, text changeset.Text) (draft.Keeping, error) {
	return r.h.Sections.Keep(ctx, tx, id, text)
}

// Standing is draft.Standings.
func (r rights) Standing(ctx context.Context, tx *db.Tx, was policy.Actor) (policy.Actor, db.Time, error) {
	return r.h.Members.StandingIn(ctx, tx, was.Session)
}

// RightsEpoch is a number that moves with whatever changes anybody's rights on a living text.
func (h *Hub) RightsEpoch(ctx context.Context) (n int64, err error) {
	err = h.DB.Read(ctx, func(tx *db.Tx) error {
		n, err = h.epoch.read(ctx, tx)
		return err
	})
	return n, err
}

// topicChain + nothing carries the head of the chain of events between nodes.
const topicChain = "chain"

// hints join the relays of all nodes: what one node's reads, the others' look for at once rather than within two seconds.
func (h *Hub) hints() (cancel func()) {
	var seen atomic.Int64
	h.Relay.Listen(func(r event.Record) {
		if r.Seq > seen.Load() {
			seen.Store(r.Seq)
			h.Bus.Publish(topicChain, r.Seq)
		}
	})
	return h.Bus.Subscribe(topicChain, func(_ string, n int64) {
		if n > seen.Load() {
			event.Wake()
		}
	})
}
