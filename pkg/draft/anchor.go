package draft

import (
	"context"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
)

// Behind is how many updates what stands on a text may lag before a reader writes it forward.
const Behind = 500

// Mover stands on the text of a version and is moved along the log, one update at a time. Because the log decides, it does not matter
// when, where or how often that is done.
type Mover interface {
	At() int64
	// Follow moves it over u, which applies to the text it stands on, or is older: then nothing happens.
	Follow(u Update)
}

// Follow moves all items to the head of a draft and returns its version, and the indexes of the items that lagged more than Behind.
//
// Faults: draft.not_found.
func Follow[M Mover](ctx context.Context, tx *db.Tx, draft string, items []M) (head int64, stale []int, err error) {
	if len(items) == 0 {
		_, head, err = Head(ctx, tx, draft)
		return head, nil, err
	}
	was := make([]int64, len(items))
	oldest := items[0].At()
	for i, it := range items {
		was[i] = it.At()
		oldest = min(oldest, was[i])
	}
	head, err = Changes(ctx, tx, draft, oldest, func(u Update) error {
		for _, it := range items {
			it.Follow(u)
		}
		return nil
	})
	for i, it := range items {
		if it.At()-was[i] > Behind {
			stale = append(stale, i)
		}
	}
	return head, stale, err
}

// Anchor is a range of a draft's text at a version, in UTF-16 code units. It moves inward: its start after what is inserted there,
// its end before. It is orphaned for good at the update that leaves nothing of it.
type Anchor struct {
	Version  int64
	From, To int
	Quote    string // the text it stood on when it was made
	Orphaned bool
}

// At implements Mover.
func (a *Anchor) At() int64 { return a.Version }

// Follow implements Mover.
func (a *Anchor) Follow(u Update) {
	if u.Version <= a.Version {
		return
	}
	a.Version = u.Version
	if a.Orphaned {
		return
	}
	from, ok1 := u.Change.MapPos(a.From, 1, changeset.Simple)
	to, ok2 := u.Change.MapPos(a.To, -1, changeset.Simple)
	if !ok1 || !ok2 || from >= to {
		a.Orphaned = true
		a.To = a.From
		if ok2 {
			a.From, a.To = to, to
		}
		return
	}
	a.From, a.To = from, to
}
