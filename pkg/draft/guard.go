package draft

import (
	"context"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
)

// Guard keeps parts of a text for some agencies, beyond what policy says of the whole (package section).
type Guard interface {
	// Keep returns what is kept in a draft as the transaction sees it, on the text of the head; nil when nothing is.
	Keep(ctx context.Context, tx *db.Tx, draft string, text changeset.Text) (Keeping, error)
}

// Keeping is what is kept on a text. It does not change.
type Keeping interface {
	// Step is the keeping after a change. allowed says whether somebody who acts for agency may make it.
	Step(ch changeset.ChangeSet, before, after changeset.Text, agency string) (next Keeping, allowed bool)
}
