package ballot

import (
	"slices"
	"strings"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/practice"
)

// WeightOne is the weight of one agency in an equal ballot, in millionths.
const WeightOne = 1_000_000

// Limits and defaults.
const (
	MinReason      = 20 // characters of a vote's reason, where one is required
	MaxReason      = 4000
	MaxQuestion    = 1000
	DefaultMinOpen = 72 * time.Hour
	UrgentMinOpen  = 24 * time.Hour // the least any ballot may be open
	MaxOpen        = 365 * 24 * time.Hour
	EarlyNotice    = 24 * time.Hour // before an early close by the secretariat
)

// State is where a ballot stands. Nothing leaves Certified.
type State string

// The states: draft → scheduled → open → closed → certified, and cancelled
// from any of the first three.
const (
	Draft     State = "draft"
	Scheduled State = "scheduled"
	Open      State = "open"
	Closed    State = "closed"
	Certified State = "certified"
	Cancelled State = "cancelled"
)

// ReasonRule says which votes must give a reason.
type ReasonRule string

// The rules. In a ballot by consent "against" always needs one.
const (
	ReasonNone    ReasonRule = "none"
	ReasonAgainst ReasonRule = "against"
	ReasonAll     ReasonRule = "all"
)

// Cause says why a ballot closed when it did.
type Cause string

// The causes of closing (rules D1.13 and D1.14).
const (
	CauseTime     Cause = "time"
	CauseAllVoted Cause = "all_voted"
	CauseSettled  Cause = "settled"
	CauseNotice   Cause = "notice"
)

// Terms are what the secretariat decides about a ballot before it opens.
type Terms struct {
	Question       locale.Text
	Threshold      Threshold
	Quorum         int // per cent of E−R, 1 to 100
	ReasonRequired ReasonRule
	EarlyClose     bool // may close once the outcome can no longer change
	MinOpen        time.Duration
	OpensAt        db.Time // 0: when told to
	ClosesAt       db.Time
}

// Matter is what is voted on, as its own package describes it.
type Matter struct {
	ID     string
	Title  locale.Text
	Hash   string // names the exact text
	Agency string
}

// Ballot is a question put to agencies.
type Ballot struct {
	ID          string
	SubjectKind string // "practice"
	Subject     Matter // Hash is empty until opening
	Terms       Terms
	State       State
	Result      Result
	Cause       Cause
	Round       int64
	Previous    string
	Owner       string
	OpenedBy    string
	CreatedAt   db.Time
	// ExtendedFrom is the closing time before the extension, 0 if none was made.
	ExtendedFrom    db.Time
	NoticeClosesAt  db.Time // announced early close, 0 if none
	NoticeReason    string
	ClosedAt        db.Time
	CertifiedAt     db.Time
	CertifiedBy     string
	CertificateHash string
	Discussion      string // opened by a tie (rules D1.10), or ""
	UpdatedAt       db.Time
}

// Deadline is when the ballot closes: the planned time, or an announced earlier one.
func (b Ballot) Deadline() db.Time {
	if b.NoticeClosesAt != 0 && b.NoticeClosesAt < b.Terms.ClosesAt {
		return b.NoticeClosesAt
	}
	return b.Terms.ClosesAt
}

// Elector is a row of the electorate, frozen at opening.
type Elector struct {
	Agency    string
	Seat      string
	Weight    int64 // millionths
	Holders   []string
	Suspended bool
}

// Vote is the vote of an agency that counts.
type Vote struct {
	Agency      string
	Choice      Choice
	Reason      string
	CastBy      string
	CastSeat    string
	ByPrincipal bool
	SubjectHash string
	CastAt      db.Time
	N           int64 // 1, and one more for each change
}

// Step is one line of a ballot's history.
type Step struct {
	Event  string
	From   State
	To     State
	Reason string
	Person string
	Agency string
	At     db.Time
}

// Cause is the hub's own reason for a step it took by itself, in words; ok is
// false for a step of a person, whose reason is theirs.
func (s Step) Cause() (text locale.Text, ok bool) {
	if s.Person != "system" || s.Reason == "" {
		return locale.Text{}, false
	}
	return locale.Cause(s.Reason)
}

// facts is what policy may know; agencies is the electorate.
func (b Ballot) facts(electorate []Elector) policy.Facts {
	f := policy.Facts{Kind: "ballot", ID: b.ID, Agency: b.Subject.Agency, Visibility: policy.ToNetwork,
		State: string(b.State), Owner: b.Owner, Authors: []string{b.Owner}}
	if b.OpenedBy != "" {
		f.Authors = append(f.Authors, b.OpenedBy)
	}
	for _, e := range electorate {
		f.Agencies = append(f.Agencies, e.Agency)
	}
	return f
}

// accepts decides whether a vote may be cast at now. It asks about the ballot
// and the vote, not about who casts it.
//
// Faults: ballot.not_open, ballot.closed, ballot.invalid_option,
// ballot.revision_changed, ballot.reason_required.
func (b Ballot) accepts(choice Choice, reason, revision string, now db.Time) error {
	switch {
	case b.State == Closed, b.State == Certified:
		return fault.New(fault.Conflict, "ballot.closed").With("closed_at", b.ClosedAt)
	case b.State != Open:
		return fault.New(fault.Conflict, "ballot.not_open").With("state", b.State)
	case now >= b.Deadline():
		return fault.New(fault.Conflict, "ballot.closed").With("closed_at", b.Deadline())
	case !choice.Valid():
		return fault.New(fault.Invalid, "ballot.invalid_option").WithField("choice", "unknown")
	case revision != b.Subject.Hash:
		return fault.New(fault.Conflict, "ballot.revision_changed").With("revision_hash", b.Subject.Hash)
	}
	if code := practice.ProblemOf(reason, false, MaxReason); code != "" {
		return fault.New(fault.Invalid, "ballot.reason_required").WithField("reason", code)
	}
	if b.needsReason(choice) && member.Clusters(strings.TrimSpace(reason)) < MinReason {
		return fault.New(fault.Invalid, "ballot.reason_required").WithField("reason", "too_short").With("min", MinReason)
	}
	return nil
}

func (b Ballot) needsReason(c Choice) bool {
	return b.Terms.ReasonRequired == ReasonAll ||
		c == Against && (b.Terms.ReasonRequired == ReasonAgainst || b.Terms.Threshold == Consent)
}

// check refuses terms by name of the field. from is when voting would begin.
//
// Faults: ballot.invalid with fields, ballot.too_short.
func (t Terms) check(from db.Time) error {
	bad := fault.New(fault.Invalid, "ballot.invalid")
	if t.Question.Ar == "" && t.Question.En == "" {
		bad = bad.WithField("question", "required")
	}
	for _, q := range []string{t.Question.Ar, t.Question.En} {
		if code := practice.ProblemOf(q, false, MaxQuestion); code != "" {
			bad = bad.WithField("question", code)
		}
	}
	if !t.Threshold.Valid() {
		bad = bad.WithField("threshold", "unknown")
	}
	if t.Quorum < 1 || t.Quorum > 100 {
		bad = bad.WithField("quorum", "out_of_range")
	}
	if !slices.Contains([]ReasonRule{ReasonNone, ReasonAgainst, ReasonAll}, t.ReasonRequired) {
		bad = bad.WithField("reason_required", "unknown")
	}
	if t.MinOpen < UrgentMinOpen || t.MinOpen > MaxOpen {
		bad = bad.WithField("min_open_hours", "out_of_range")
	}
	if t.ClosesAt == 0 {
		bad = bad.WithField("closes_at", "required")
	} else if t.ClosesAt > from.Add(MaxOpen) {
		bad = bad.WithField("closes_at", "too_late")
	}
	if len(bad.Fields) > 0 {
		return bad
	}
	if t.ClosesAt < from.Add(t.MinOpen) {
		return fault.New(fault.Invalid, "ballot.too_short").WithField("closes_at", "too_early").With("earliest", from.Add(t.MinOpen))
	}
	return nil
}

// tally counts the votes in agencies; every weight of an equal ballot is one.
func tally(electorate []Elector, votes []Vote) Tally {
	weight := make(map[string]int64, len(electorate))
	var e int64
	for _, row := range electorate {
		weight[row.Agency] = row.Weight
		e += row.Weight
	}
	sum := map[Choice]int64{}
	for _, v := range votes {
		sum[v.Choice] += weight[v.Agency]
	}
	return NewTally(e/WeightOne, sum[For]/WeightOne, sum[Against]/WeightOne, sum[Abstain]/WeightOne, sum[Recuse]/WeightOne)
}
