package practice

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Stage is how far a practice has come (rules D7).
type Stage string

// The stages, and the exits, which need a reason.
const (
	Nominated  Stage = "nominated"
	Screened   Stage = "screened"
	UnderStudy Stage = "under_study"
	Studied    Stage = "studied"
	Piloting   Stage = "piloting"
	Piloted    Stage = "piloted"
	InBallot   Stage = "in_ballot"
	Approved   Stage = "approved"
	RollingOut Stage = "rolling_out"
	Standard   Stage = "standard"
	Retired    Stage = "retired"

	Declined   Stage = "declined"
	Merged     Stage = "merged"
	NeedsMore  Stage = "needs_more"
	NotCarried Stage = "not_carried"
)

// Stages lists every stage in the order of the path, exits last.
var Stages = []Stage{Nominated, Screened, UnderStudy, Studied, Piloting, Piloted, InBallot, Approved,
	RollingOut, Standard, Retired, NeedsMore, Declined, Merged, NotCarried}

// steps is what the secretariat may do from a stage by hand. A ballot does the rest.
var steps = map[Stage][]Stage{
	Nominated:  {Screened, NeedsMore, Declined, Merged},
	NeedsMore:  {Nominated, Declined, Merged},
	Screened:   {UnderStudy, NeedsMore, Declined, Merged},
	UnderStudy: {Studied, NeedsMore, Declined, Merged},
	Studied:    {Piloting, NeedsMore, Declined, Merged},
	Piloting:   {Piloted, NeedsMore, Declined},
	Piloted:    {NeedsMore, Declined},
	Approved:   {RollingOut, Retired},
	RollingOut: {Standard, Retired},
	Standard:   {Retired},
	NotCarried: {NeedsMore, Declined},
}

// toBallot is from where a first round may be opened. A further round also
// starts from where the last one left the practice.
var toBallot = []Stage{Screened, Studied, Piloted}

// Next lists the stages a person may move to from s.
func (s Stage) Next() []Stage { return slices.Clone(steps[s]) }

// NeedsReason reports whether a step to s must say why.
func (s Stage) NeedsReason() bool {
	return slices.Contains([]Stage{Declined, Merged, NeedsMore, NotCarried, Retired}, s)
}

// ReadyForBallot reports whether a first ballot may be held on a practice at s.
func (s Stage) ReadyForBallot() bool { return slices.Contains(toBallot, s) }

// Evidence is one dated fact in support of a practice.
type Evidence struct {
	Text   string `json:"text"`
	Date   string `json:"date" doc:"the day it was measured or published, YYYY-MM-DD"`
	Source string `json:"source"`
}

// Card is the case for a practice, as one text that can be voted on.
type Card struct {
	Title    locale.Text `json:"title"`
	Problem  string      `json:"problem"`
	Context  string      `json:"context"`
	Evidence []Evidence  `json:"evidence"`
	Cost     string      `json:"cost"`
	Contacts string      `json:"contacts"`
	Axis     string      `json:"axis" doc:"code of the service axis, e.g. delivery"`
}

// Hash names this text: SHA-256 of its JSON, in hex. encoding/json writes a
// struct in one way only, so equal cards have equal hashes.
func (c Card) Hash() string {
	if c.Evidence == nil {
		c.Evidence = []Evidence{}
	}
	b, err := json.Marshal(c)
	if err != nil {
		panic(err) // strings only
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Limits of a card, in grapheme clusters, and of its evidence in entries.
const (
	MaxTitle    = 160
	MaxText     = 6000
	MaxLine     = 1000
	MaxEvidence = 24
	MinReason   = 10
)

var axisCode = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

// check refuses a card by name of the field.
//
// Faults: practice.invalid_card with fields.
func (c Card) check() error {
	bad := fault.New(fault.Invalid, "practice.invalid_card")
	add := func(field, code string) {
		if code != "" {
			bad = bad.WithField(field, code)
		}
	}
	if c.Title.Ar == "" && c.Title.En == "" {
		add("title", "required")
	}
	for _, t := range []string{c.Title.Ar, c.Title.En} {
		if t != "" {
			add("title", member.Problem(t, MaxTitle))
		}
	}
	add("problem", ProblemOf(c.Problem, true, MaxText))
	add("context", ProblemOf(c.Context, false, MaxText))
	add("cost", ProblemOf(c.Cost, false, MaxLine))
	add("contacts", ProblemOf(c.Contacts, false, MaxLine))
	if len(c.Evidence) > MaxEvidence {
		add("evidence", "too_many")
	}
	for _, e := range c.Evidence {
		add("evidence", ProblemOf(e.Text, true, MaxLine))
		add("evidence", ProblemOf(e.Source, false, MaxLine))
		if _, err := time.Parse(time.DateOnly, e.Date); err != nil {
			add("evidence", "date_required")
		}
	}
	if c.Axis != "" && !axisCode.MatchString(c.Axis) {
		add("axis", "unknown")
	}
	if len(bad.Fields) > 0 {
		return bad
	}
	return nil
}

// ProblemOf says why a text of several lines cannot be kept, or returns "".
// Lines and tabs are welcome; other control characters are not.
//
// Codes: required, too_long, not_utf8, control_character.
func ProblemOf(s string, required bool, max int) string {
	if required && strings.TrimSpace(s) == "" {
		return "required"
	}
	return member.ProblemOfText(s, max)
}

// Practice is a nominated practice as it stands.
type Practice struct {
	ID          string
	Agency      string
	Stage       Stage
	StageBefore Stage // where a ballot that decides nothing returns it
	Card        Card
	Hash        string
	Revision    int64
	MergedInto  string
	NominatedBy string
	CreatedAt   db.Time
	UpdatedAt   db.Time
	StageAt     db.Time
	Hidden      bool     // by moderation
	Partners    []string // the persons it is shared with, in order of their ids
}

// Facts is what policy may know of a practice.
func (p Practice) Facts() policy.Facts {
	flags := map[string]bool{"hidden": p.Hidden}
	for _, person := range p.Partners {
		flags["invited:"+person] = true
	}
	return policy.Facts{Kind: "practice", ID: p.ID, Agency: p.Agency, Visibility: policy.ToNetwork,
		State: string(p.Stage), Owner: p.NominatedBy,
		Flags: flags}
}

// Step is one change of stage.
type Step struct {
	From   Stage
	To     Stage
	Reason string
	Person string
	Agency string
	At     db.Time
}
