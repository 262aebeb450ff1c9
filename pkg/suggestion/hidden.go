package suggestion

import (
	"context"
	"fmt"
	"strings"

	"github.com/multaqa/multaqa/pkg/db"
)

// Where is what moderation needs of a suggestion: its draft, who made it, and its words. It asks no policy.
//
// Faults: suggestion.not_found.
func Where(ctx context.Context, tx *db.Tx, suggestion string) (draft, person, agency, text string, err error) {
	sg, err := find(ctx, tx, "", `id = $1`, suggestion)
	if err != nil {
		return "", "", "", "", err
	}
	parts := []string{}
	for _, s := range []string{sg.Insertion, sg.Note} {
		if strings.TrimSpace(s) != "" {
			parts = append(parts, s)
		}
	}
	if len(parts) == 0 {
		parts = append(parts, sg.Quote) // it only takes away
	}
	return sg.Draft, sg.Person, sg.Agency, strings.Join(parts, "\n"), nil
}

// SetHidden hides a suggestion or shows it again, for moderation, in its transaction. Its author keeps sight of it; for everybody else it is
// not there, and so cannot be accepted. What was accepted before stands in the text.
//
// Faults: suggestion.not_found.
func SetHidden(ctx context.Context, tx *db.Tx, suggestion string, hidden bool) error {
	if _, err := find(ctx, tx, tx.ForUpdate(), `id = $1`, suggestion); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update suggestion set hidden = $2 where id = $1`, suggestion, hidden); err != nil {
		return fmt.Errorf("hide suggestion: %w", err)
	}
	return nil
}

// LockAllOfThread locks the suggestions of a thread, open and decided, and returns their ids in order. It asks no policy.
func LockAllOfThread(ctx context.Context, tx *db.Tx, thread string) ([]string, error) {
	all, err := list(ctx, tx, `order by id`+tx.ForUpdate(), `thread = $1`, thread)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(all))
	for i, sg := range all {
		ids[i] = sg.ID
	}
	return ids, nil
}
