package guideline

import (
	"context"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Revision is a text as it stood at a version of its draft.
type Revision struct {
	Hash    string // SHA-256 of the text, hexadecimal
	Version int64  // the draft's version
	Text    string // Markdown, lines end in \n
	LogHash string // of the attributed log up to the version; only Freeze fills it
}

// Drafts is what this package needs of the living text. Freeze reads the
// committed text and holds the draft's head until the transaction ends, so
// that no change slips in between; Read does not.
type Drafts interface {
	Create(ctx context.Context, tx *db.Tx, edition, text string) (draft string, err error)
	Read(ctx context.Context, tx *db.Tx, draft string) (Revision, error)
	Freeze(ctx context.Context, tx *db.Tx, draft string) (Revision, error)
	Authors(ctx context.Context, tx *db.Tx, draft string) (persons []string, err error)
	// WrittenBy is Authors asked of one person: which of the drafts have an update of theirs.
	WrittenBy(ctx context.Context, tx *db.Tx, person string, drafts ...string) (map[string]bool, error)
}

// Threads counts the open threads of drafts: all of them, those that block, and
// those begun at a time or later. What is not in a count is 0.
type Threads interface {
	Open(ctx context.Context, tx *db.Tx, drafts ...string) (map[string]int, error)
	OpenBlocking(ctx context.Context, tx *db.Tx, drafts ...string) (map[string]int, error)
	OpenSince(ctx context.Context, tx *db.Tx, draft string, since db.Time) (int, error)
}

// Workspaces names the agencies of a workspace: one for an agency's own,
// several for a joint one, none for the commons. The actor must be allowed to
// enter it, else it is not found.
type Workspaces interface {
	Agencies(ctx context.Context, tx *db.Tx, actor policy.Actor, workspace string) ([]string, error)
}

// Network names the agencies of the network, for who gains and loses sight.
type Network interface {
	AgencyIDs(ctx context.Context, tx *db.Tx) ([]string, error)
}

// Publication is what the public side learns of an edition, whenever its
// standing changes: published, superseded, withdrawn, unpublished, restored,
// hidden, or shown to others than before.
type Publication struct {
	Guideline   string
	Edition     string
	Agency      string
	Title       locale.Text
	Summary     string
	Language    string // ar | en
	Tags        []string
	Visibility  policy.Visibility
	Agencies    []string // named by the ladder
	Number      Number
	State       State // published, superseded, withdrawn or unpublished
	Revision    Revision
	ChangeNote  string
	Minor       bool
	PublishedAt db.Time
	ReviewBy    db.Time
	Notice      string // why it was withdrawn or unpublished
	Redirect    string
	Hidden      bool
	Translates  string // the guideline that it renders, or ""
	MadeFrom    string // and the edition of it that the text was made from
}

// Publisher turns an edition into a page. Publish is called in the
// transaction that publishes (threats I8): its failure undoes the step.
// Update tells it that a published edition stands otherwise now.
type Publisher interface {
	Publish(ctx context.Context, tx *db.Tx, p Publication) error
	Update(ctx context.Context, tx *db.Tx, p Publication) error
}
