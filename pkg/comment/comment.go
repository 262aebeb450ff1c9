package comment

import (
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/suggestion"
)

// Limits.
const (
	MaxBody     = 10_000 // runes of one comment
	MaxNote     = 2_000
	MaxMentions = 20
	MaxQuote    = 500   // runes that are kept of the text an anchor stands on
	MaxThreads  = 5_000 // of one draft
	MaxComments = 1_000 // of one thread
)

// State of a thread.
type State string

// The states.
const (
	Open     State = "open"
	Resolved State = "resolved"
)

// Kind of a thread, as in the comment tables of standards bodies.
type Kind string

// The kinds.
const (
	General   Kind = "general"
	Technical Kind = "technical"
	Editorial Kind = "editorial"
)

// Outcome of a resolved thread: the four codes of rules D2.
type Outcome string

// The outcomes.
const (
	Accepted       Outcome = "accepted"
	AcceptedInPart Outcome = "accepted_in_part"
	Rejected       Outcome = "rejected"
	Noted          Outcome = "noted"
)

// Audience is who sees a thread.
type Audience string

// The audiences.
const (
	Network Audience = "network" // whoever reads the draft
	Inside  Audience = "agency"  // the agency of who began it, and nobody else
)

// Anchor is the range a thread stands on; see draft.Anchor.
type Anchor = draft.Anchor

// Thread is a discussion with its comments, oldest first.
type Thread struct {
	ID          string
	Draft       string
	State       State
	Kind        Kind
	Blocking    bool // its edition cannot be approved while it is open
	Anchor      Anchor
	Person      string // who began it
	Agency      string
	CreatedAt   db.Time
	UpdatedAt   db.Time
	Outcome     Outcome
	OutcomeNote string
	ResolvedBy  string
	ResolvedAt  db.Time
	Reopened    bool // the author has used the one reopening
	Hidden      bool // by moderation
	Inside      bool // its agency alone sees it
	Comments    []Comment
	Proposal    *suggestion.Suggestion // the wording it proposes; nil when it proposes none
	Abilities   map[string]bool        // of whoever asked
}

// Comment is one message. Hidden ones keep their place and lose their body for readers.
type Comment struct {
	ID        string
	Thread    string
	Person    string
	Agency    string
	Body      string
	CreatedAt db.Time
	Mentions  []string
	Hidden    bool
}
