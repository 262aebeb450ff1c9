package guideline

import (
	"fmt"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Kind says whose guideline it is: an agency's own, or a network manual,
// which is reviewed by another agency and adopted by ballot.
type Kind string

// The kinds.
const (
	OfAgency  Kind = "agency"
	OfNetwork Kind = "network"
)

// Guideline is the thing that has editions.
type Guideline struct {
	ID         string
	Agency     string // the lead agency
	Workspace  string // "" for imported ones
	Kind       Kind
	Template   string
	Title      locale.Text
	Summary    string
	Language   string // ar | en
	Visibility policy.Visibility
	Tags       []string
	Hidden     bool
	ImportKey  string // path of the page it was imported from, or ""
	Translates string // the guideline that it renders in its language, or ""
	CreatedBy  string
	CreatedAt  db.Time
	UpdatedAt  db.Time
	Shares     []string // agencies named by the ladder
	Writers    []string // agencies that write besides the lead
}

// Edition is one edition of a guideline. Number is provisional until it is
// published. Times are 0 and strings empty for what has not happened.
type Edition struct {
	ID             string
	Guideline      string
	Number         Number
	State          State
	Draft          string
	CreatedBy      string
	CreatedAt      db.Time
	UpdatedAt      db.Time
	SubmittedBy    string
	SubmittedAt    db.Time
	ApprovedBy     string
	ApprovedAgency string
	ApprovedAt     db.Time
	ApprovedHash   string
	Ballot         string
	BallotHash     string
	Experts        []string
	OpensAt        db.Time
	ClosesAt       db.Time
	ChangeNote     string
	Minor          bool
	ReviewBy       db.Time
	PublishAt      db.Time
	PublishedAt    db.Time
	PublishedBy    string
	RevisionHash   string
	Version        int64 // of the draft, as published
	ForcedBy       string
	SecondEyeDue   db.Time
	Notice         string
	Redirect       string
	MadeFrom       string // the edition of the original that a translation was made from, or ""
}

// String is the number as people write it: "2.1".
func (n Number) String() string { return fmt.Sprintf("%d.%d", n.Major, n.Minor) }

// Entry is one line of an edition's history.
type Entry struct {
	At     db.Time
	Step   Step
	From   State
	To     State
	Person string
	Agency string
	Reason string
	Hash   string
}

// Gate is one thing needed before the edition's next stage.
type Gate struct {
	Code  string
	Met   bool
	Count int // how many are missing, where that can be counted
	Text  locale.Text
	// Missing are the titles of what is missing, where it has some.
	Missing []locale.Text
}

// View is an edition as one actor sees it.
type View struct {
	Edition   Edition
	Guideline Guideline
	Options   []Option // legal steps that the actor's role may take, open or not
	Gates     []Gate
	Needs     locale.Text
	Authors   []string
	History   []Entry
	Facts     policy.Facts
	Original  *Summary // of a translation, where the actor sees it
}

// Summary is a guideline in a list, with the editions that the actor sees,
// newest first.
type Summary struct {
	Guideline   Guideline
	Editions    []Edition
	ThreadsOpen int
	Facts       policy.Facts
}

// Current is the edition readers have: published, or withdrawn under a notice.
func (s Summary) Current() *Edition {
	for i, e := range s.Editions {
		if e.State == Published || e.State == Withdrawn {
			return &s.Editions[i]
		}
	}
	return nil
}

// ReadsDraft says whether the actor may read the living text of one of the editions.
func (s Summary) ReadsDraft(actor policy.Actor, e Edition) bool {
	return policy.Can(actor, policy.ReadDraft, s.Guideline.facts(e))
}

// Work is the edition in work, or nil.
func (s Summary) Work() *Edition {
	for i, e := range s.Editions {
		if e.State.InWork() {
			return &s.Editions[i]
		}
	}
	return nil
}

// facts says what the policy may know of an edition; a zero edition stands for
// the guideline itself.
func (g Guideline) facts(e Edition) policy.Facts {
	f := policy.Facts{Kind: "edition", ID: e.ID, Agency: g.Agency, Agencies: g.Shares, Visibility: g.Visibility,
		State: string(e.State), Owner: "", Flags: map[string]bool{
			"published": e.State.Readable(),
			"hidden":    g.Hidden,
			"network":   g.Kind == OfNetwork,
			"writable":  e.State.Writable(),
		}}
	for _, w := range g.Writers {
		f.Flags["writer:"+w] = true
	}
	e.invite(f)
	return f
}

// invite notes who is asked about the text while it is out for answers.
func (e Edition) invite(f policy.Facts) {
	if e.State.Asks() {
		for _, id := range e.Experts {
			f.Flags["invited:"+id] = true
		}
	}
}

// factsOf says what the policy may know of a guideline with these editions: it
// is seen by whoever sees one of them.
func (g Guideline) factsOf(editions []Edition) policy.Facts {
	f := g.facts(Edition{State: Discarded})
	for _, e := range editions {
		if e.State.InWork() {
			f.State = string(e.State)
			e.invite(f)
		}
	}
	for _, e := range editions {
		if e.State.Readable() {
			f.Flags["published"] = true
		}
	}
	f.Kind, f.ID = "guideline", g.ID
	return f
}
