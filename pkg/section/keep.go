package section

import (
	"context"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
)

// kept is a section that is given to an agency, on a text: from at to end, and guard ends the line after it.
type kept struct {
	agency         string
	at, end, guard int
	found          bool // a heading begins at at
}

func (k *kept) locate(text changeset.Text) { _, _, k.end, k.guard, k.found = extent(text, k.at) }

// keeping is the sections of a text; it is never changed once made.
type keeping []kept

// Keep implements draft.Guard.
func (s *Service) Keep(ctx context.Context, tx *db.Tx, id string, text changeset.Text) (draft.Keeping, error) {
	rows, err := list(ctx, tx, `draft = $1 and ended_at = 0`, id)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	movers := make([]*place, len(rows))
	for i := range rows {
		movers[i] = &rows[i].Place
	}
	if _, _, err := draft.Follow(ctx, tx, id, movers); err != nil {
		return nil, err
	}
	all := make(keeping, len(rows))
	for i, r := range rows {
		all[i] = kept{agency: r.Agency, at: r.Place.Pos}
		all[i].locate(text)
	}
	return all, nil
}

// Step implements draft.Keeping.
func (all keeping) Step(ch changeset.ChangeSet, before, after changeset.Text, agency string) (draft.Keeping, bool) {
	next := make(keeping, len(all))
	allowed := true
	for i, k := range all {
		near, shift := !k.found, 0
		ch.Each(func(fromA, toA, _, _ int, insert string) {
			if toA >= k.at-1 && fromA <= k.guard {
				near = true
			}
			if toA < k.at {
				shift += changeset.Len16(insert) - (toA - fromA)
			}
		})
		n := k
		if near {
			n.at = follow(ch, k.at)
			n.locate(after)
			if k.found && k.agency != agency && !same(before, k, after, n) {
				allowed = false
			}
		} else {
			n.at, n.end, n.guard = k.at+shift, k.end+shift, k.guard+shift
		}
		next[i] = n
	}
	return next, allowed
}

// same says whether a section is letter for letter as it was.
func same(before changeset.Text, k kept, after changeset.Text, n kept) bool {
	if !n.found || k.end-k.at != n.end-n.at {
		return false
	}
	was, err1 := before.Slice(k.at, k.end)
	is, err2 := after.Slice(n.at, n.end)
	return err1 == nil && err2 == nil && was == is
}
