package guideline

import (
	"slices"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
)

// State is where an edition stands in the life cycle of rules D3.
type State string

// The states. None is "not there yet": what create starts from.
const (
	None              State = ""
	Draft             State = "draft"
	InReview          State = "in_review"
	AmendsNeeded      State = "amends_needed"
	Ready             State = "ready"
	FactCheck         State = "fact_check"
	FactCheckReceived State = "fact_check_received"
	Consultation      State = "consultation"
	InBallot          State = "ballot"
	Scheduled         State = "scheduled"
	Published         State = "published"
	Superseded        State = "superseded"
	Withdrawn         State = "withdrawn"
	Unpublished       State = "unpublished"
	Discarded         State = "discarded"
)

// States lists every state of an edition that exists, in the order of rules D3.
var States = []State{Draft, InReview, AmendsNeeded, Ready, FactCheck, FactCheckReceived, Consultation,
	InBallot, Scheduled, Published, Superseded, Withdrawn, Unpublished, Discarded}

// InWork says whether the state is one of draft to scheduled; a guideline has
// at most one such edition (GV1). The index edition_in_work lists the same.
func (s State) InWork() bool {
	return slices.Contains([]State{Draft, InReview, AmendsNeeded, Ready, FactCheck, FactCheckReceived, Consultation, InBallot, Scheduled}, s)
}

// Writable says whether the team may change the text. In every other state
// the text stands still, so that what was approved is what is published.
func (s State) Writable() bool { return s == Draft || s == AmendsNeeded }

// Asks says whether the text is with others for answers: to experts, or in
// consultation.
func (s State) Asks() bool { return s == FactCheck || s == FactCheckReceived || s == Consultation }

// Readable says whether readers may have the text: published, or replaced,
// or withdrawn, which stays readable under a notice.
func (s State) Readable() bool { return s == Published || s == Superseded || s == Withdrawn }

// Step is an event of the life cycle: what somebody does to an edition.
type Step string

// The steps of rules D3. Answer is what a fact check or consultation is for. Amend, Correct, TextChanged and SecondEye spell out
// its notes: a change after approval takes the approval back, one of spelling
// that the reviewer marked does not, and a forced publication is cleared by
// another person.
const (
	Create            Step = "create"
	NewEdition        Step = "new_edition"
	Submit            Step = "submit"
	RequestAmendments Step = "request_amendments"
	Approve           Step = "approve"
	SendFactCheck     Step = "send_fact_check"
	OpenConsultation  Step = "open_consultation"
	Receive           Step = "receive"
	Conclude          Step = "conclude"
	SendToBallot      Step = "send_to_ballot"
	Carried           Step = "carried"
	NotCarried        Step = "not_carried"
	NotQuorate        Step = "not_quorate"
	CancelBallot      Step = "cancelled"
	Schedule          Step = "schedule"
	Unschedule        Step = "unschedule"
	Publish           Step = "publish"
	ForcePublish      Step = "force_publish"
	SecondEye         Step = "second_eye"
	Withdraw          Step = "withdraw"
	Unpublish         Step = "unpublish"
	Restore           Step = "restore"
	Discard           Step = "discard"
	Answer            Step = "answer"  // who is asked says that they have answered
	Amend             Step = "amend"   // its writers take an approved text back to change it
	Correct           Step = "correct" // a reviewer takes in a correction of spelling
	TextChanged       Step = "text_changed"
	BringIn           Step = "import"
)

// Facts are all that the guards look at. Facts about the person are about the
// actor who asks; the zero value is a person who has no part in the edition.
type Facts struct {
	Network        bool          // a network manual, as against an agency's guideline
	First          bool          // no edition of the guideline was published before
	OtherInWork    bool          // another edition of the guideline is in work
	BallotRequired bool          // the kind of guideline needs a ballot before publishing
	BallotCarried  bool          // and a ballot carried this approved text
	Missing        []locale.Text // titles of required sections that the text does not have
	Blocking       int           // open threads that block
	AnswersOpen    int           // answers of experts or of a consultation not handled: threads begun since it was asked and still open
	Approved       bool          // approved, and the text is still the approved one
	ChangeNote     bool          // the edition has a change note already
	Forced         bool          // published by force and not yet seen by a second person
	StillOpen      bool          // in consultation, and its end lies ahead
	ReviewPast     bool          // the day on which it had to be reviewed has gone by

	ActorIsAuthor    bool // the actor is of the author team
	ActorIsLead      bool // the actor's agency leads the guideline
	ActorIsSubmitter bool // the actor submitted it last
	ActorIsForcer    bool // the actor published it by force
	ActorIsAsked     bool // the actor, or the actor's agency, is asked about the text and has not answered
	ActorIsSystem    bool // the hub itself asks: scheduler, ballot, import
}

// Guard is one condition of a step. Met is pure; Count says how many things
// are missing where that can be counted, for the sentence.
type Guard struct {
	Code  string
	Met   func(Facts) bool
	Count func(Facts) int
}

// The guards. Their codes are stable; the words are in the locale files.
var (
	noOtherInWork = Guard{Code: "no_other_in_work", Met: func(f Facts) bool { return !f.OtherInWork }}
	sections      = Guard{Code: "sections", Met: func(f Facts) bool { return len(f.Missing) == 0 }, Count: func(f Facts) int { return len(f.Missing) }}
	blocking      = Guard{Code: "blocking_threads", Met: func(f Facts) bool { return f.Blocking == 0 }, Count: func(f Facts) int { return f.Blocking }}
	otherEyes     = Guard{Code: "reviewer_not_author", Met: func(f Facts) bool { return !f.ActorIsAuthor }}
	otherAgency   = Guard{Code: "reviewer_other_agency", Met: func(f Facts) bool { return !f.Network || !f.ActorIsLead }}
	answers       = Guard{Code: "answers_handled", Met: func(f Facts) bool { return f.AnswersOpen == 0 }, Count: func(f Facts) int { return f.AnswersOpen }}
	datesOver     = Guard{Code: "consultation_over", Met: func(f Facts) bool { return !f.StillOpen }}
	approval      = Guard{Code: "approval", Met: func(f Facts) bool { return f.Approved }}
	ballotDone    = Guard{Code: "ballot", Met: func(f Facts) bool { return !f.BallotRequired || f.BallotCarried }}
	publisher     = Guard{Code: "publisher_not_submitter", Met: func(f Facts) bool { return f.ActorIsSystem || !f.ActorIsSubmitter }}
	secondPerson  = Guard{Code: "second_person", Met: func(f Facts) bool { return f.Forced && !f.ActorIsForcer }}
	byTheHub      = Guard{Code: "by_ballot", Met: func(f Facts) bool { return f.ActorIsSystem }}
)

// Need is a field that the request of a step must carry.
type Need string

// The needs. A change note is needed unless the edition is the first, is
// marked minor, or has one already; Allowed drops it when it is not needed.
const (
	NeedReason     Need = "reason"
	NeedChangeNote Need = "change_note"
	NeedReviewBy   Need = "review_by"
	NeedPublishAt  Need = "publish_at"
	NeedExperts    Need = "experts"
	NeedDates      Need = "dates"
	NeedOutcome    Need = "outcome" // conclude: ready or amends_needed
	NeedBallot     Need = "ballot"  // the ballot, or its certificate
)

// Transition is one row of the table.
type Transition struct {
	From   []State
	Step   Step
	To     []State // more than one: the request's outcome decides
	Guards []Guard
	Needs  []Need
}

// MaxReview is how far ahead review_by may lie, in months (rules D3).
const MaxReview = 24

// MaxConsultation is how many months a consultation may begin ahead, and how
// many it may last: it is not concluded before its end, so a slip of the year
// must not shut a text away.
const MaxConsultation = 6

// Table is rules D3 as data. A step appears in one row for each target; a
// state is in one row of a step at most, which a test holds.
var Table = []Transition{
	{[]State{None}, Create, []State{Draft}, []Guard{noOtherInWork}, nil},
	{[]State{None}, NewEdition, []State{Draft}, []Guard{noOtherInWork}, nil},
	{[]State{None}, BringIn, []State{Published, Draft}, []Guard{noOtherInWork}, nil},
	{[]State{Draft, AmendsNeeded}, Submit, []State{InReview}, []Guard{sections}, nil},
	{[]State{InReview}, RequestAmendments, []State{AmendsNeeded}, nil, []Need{NeedReason}},
	{[]State{InReview}, Approve, []State{Ready}, []Guard{otherEyes, otherAgency, blocking}, nil},
	{[]State{Ready}, SendFactCheck, []State{FactCheck}, []Guard{approval}, []Need{NeedExperts}},
	{[]State{Ready}, OpenConsultation, []State{Consultation}, []Guard{approval}, []Need{NeedDates}},
	{[]State{FactCheck}, Receive, []State{FactCheckReceived}, nil, nil},
	{[]State{FactCheckReceived, Consultation}, Conclude, []State{Ready, AmendsNeeded}, []Guard{datesOver, answers}, []Need{NeedOutcome}},
	{[]State{FactCheck}, Answer, []State{FactCheck}, nil, nil},
	{[]State{Consultation}, Answer, []State{Consultation}, nil, nil},
	{[]State{Ready}, Amend, []State{AmendsNeeded}, nil, []Need{NeedReason}},
	{[]State{Ready}, Correct, []State{Ready}, []Guard{otherEyes, otherAgency, approval}, nil},
	{[]State{Ready}, SendToBallot, []State{InBallot}, []Guard{approval}, []Need{NeedBallot}},
	{[]State{InBallot}, Carried, []State{Ready}, []Guard{byTheHub}, []Need{NeedBallot}},
	{[]State{InBallot}, NotCarried, []State{AmendsNeeded}, []Guard{byTheHub}, []Need{NeedBallot}},
	{[]State{InBallot}, NotQuorate, []State{Ready}, []Guard{byTheHub}, []Need{NeedBallot}},
	{[]State{InBallot}, CancelBallot, []State{Ready}, []Guard{byTheHub}, []Need{NeedReason}},
	{[]State{Ready}, Schedule, []State{Scheduled}, []Guard{approval, ballotDone, publisher}, []Need{NeedPublishAt, NeedChangeNote, NeedReviewBy}},
	{[]State{Scheduled}, Unschedule, []State{Ready}, nil, nil},
	{[]State{Ready, Scheduled}, Publish, []State{Published}, []Guard{approval, ballotDone, publisher}, []Need{NeedChangeNote, NeedReviewBy}},
	{[]State{Draft, InReview, Ready}, ForcePublish, []State{Published}, nil, []Need{NeedReason, NeedReviewBy}},
	{[]State{Published}, SecondEye, []State{Published}, []Guard{secondPerson}, nil},
	{[]State{Published}, Withdraw, []State{Withdrawn}, nil, []Need{NeedReason}},
	{[]State{Published, Withdrawn}, Unpublish, []State{Unpublished}, nil, []Need{NeedReason}},
	{[]State{Withdrawn}, Restore, []State{Published}, nil, []Need{NeedReason, NeedReviewBy}},
	{[]State{Draft, InReview, AmendsNeeded, Ready}, Discard, []State{Discarded}, nil, []Need{NeedReason}},
	{[]State{Ready, Scheduled}, TextChanged, []State{InReview}, []Guard{byTheHub}, nil},
}

// Unmet is a guard that keeps a step shut. Count is 0 where counting makes no
// sense.
type Unmet struct {
	Code  string `json:"code"`
	Count int    `json:"count"`
}

// Option is a legal step from a state: where it leads, what the request must
// carry, and why it is not yet open. It is open when Unmet is empty.
type Option struct {
	Step  Step
	To    []State
	Needs []Need
	Unmet []Unmet
}

// Open says whether nothing but the request's own fields is missing.
func (o Option) Open() bool { return len(o.Unmet) == 0 }

// Allowed lists the legal steps from the state in the table's order, open or
// not; a step that is absent is illegal there, whatever the facts.
func Allowed(s State, f Facts) []Option {
	var out []Option
	for _, t := range Table {
		if !slices.Contains(t.From, s) {
			continue
		}
		// What only a forced publication knows has no place on an ordinary one.
		if t.Step == SecondEye && !f.Forced {
			continue
		}
		// Who was not asked, or has answered, has nothing to answer.
		if t.Step == Answer && !f.ActorIsAsked {
			continue
		}
		o := Option{Step: t.Step, To: t.To}
		for _, n := range t.Needs {
			if n == NeedChangeNote && (f.First || f.ChangeNote) {
				continue
			}
			if n == NeedReviewBy && s == Scheduled {
				continue // set when it was scheduled
			}
			if n == NeedReviewBy && t.Step == Restore && !f.ReviewPast {
				continue // the day set when it was published stands
			}
			o.Needs = append(o.Needs, n)
		}
		for _, g := range t.Guards {
			if g.Met(f) {
				continue
			}
			u := Unmet{Code: g.Code}
			if g.Count != nil {
				u.Count = g.Count(f)
			}
			o.Unmet = append(o.Unmet, u)
		}
		out = append(out, o)
	}
	return out
}

// Find returns the option for the step, or false where it is illegal.
func Find(s State, step Step, f Facts) (Option, bool) {
	for _, o := range Allowed(s, f) {
		if o.Step == step {
			return o, true
		}
	}
	return Option{}, false
}

// Request is what a caller brings to a step.
type Request struct {
	Reason     string
	ChangeNote string
	Minor      bool
	ReviewBy   db.Time
	PublishAt  db.Time
	Outcome    State
	Experts    []string // persons or agencies asked to check facts, or invited to a consultation besides the network
	OpensAt    db.Time
	ClosesAt   db.Time
	Ballot     string // the ballot, for steps of a ballot
	Redirect   string // unpublish: path in the hub where its address leads now, or empty for "gone"
	MadeFrom   string // schedule, publish: the edition of the original that a translation was made from; "" is the original's current one
	Class      string // unpublish: "error" (also ""), or "consolidated", which needs Redirect
}

// limits of people's words on a step, in characters
const (
	maxReason  = 4000
	maxNote    = 4000
	maxExperts = 40
)

// Lacks names the fields that the request must carry for the option and does
// not, each with a code: required, past, too_far, invalid, and for words those
// of member.ProblemOfText.
func (o Option) Lacks(r Request, now db.Time) map[string]string {
	bad := map[string]string{}
	for _, n := range o.Needs {
		switch n {
		case NeedReason:
			if r.Reason == "" {
				bad["reason"] = "required"
			}
		case NeedChangeNote:
			if r.ChangeNote == "" && !r.Minor {
				bad["change_note"] = "required"
			}
		case NeedReviewBy:
			if r.ReviewBy == 0 {
				bad["review_by"] = "required"
			}
		case NeedPublishAt:
			if r.PublishAt == 0 {
				bad["publish_at"] = "required"
			} else if r.PublishAt <= now {
				bad["publish_at"] = "past"
			}
		case NeedExperts:
			if len(r.Experts) == 0 {
				bad["experts"] = "required"
			}
		case NeedDates:
			if r.OpensAt == 0 || r.ClosesAt == 0 {
				bad["closes_at"] = "required"
			} else if r.ClosesAt <= r.OpensAt || r.ClosesAt <= now {
				bad["closes_at"] = "past"
			} else if r.OpensAt > db.At(now.Time().AddDate(0, MaxConsultation, 0)) {
				bad["opens_at"] = "too_far"
			} else if r.ClosesAt > db.At(max(r.OpensAt, now).Time().AddDate(0, MaxConsultation, 0)) {
				bad["closes_at"] = "too_far"
			}
		case NeedOutcome:
			if !slices.Contains(o.To, r.Outcome) {
				bad["outcome"] = "invalid"
			}
		case NeedBallot:
			if r.Ballot == "" {
				bad["ballot"] = "required"
			}
		}
	}
	if r.ReviewBy != 0 && slices.Contains(o.Needs, NeedReviewBy) {
		from := now
		if r.PublishAt > now {
			from = r.PublishAt
		}
		if r.ReviewBy <= from {
			bad["review_by"] = "past"
		} else if r.ReviewBy > db.At(from.Time().AddDate(0, MaxReview, 0)) {
			bad["review_by"] = "too_far"
		}
	}
	if code := member.ProblemOfText(r.Reason, maxReason); code != "" {
		bad["reason"] = code
	}
	if code := member.ProblemOfText(r.ChangeNote, maxNote); code != "" {
		bad["change_note"] = code
	}
	return bad
}

// target is the state that the option leads to for the request.
func (o Option) target(r Request) State {
	if len(o.To) == 1 {
		return o.To[0]
	}
	return r.Outcome
}

// Number is the number of an edition, major.minor.
type Number struct{ Major, Minor int }

// Next is the number a published edition takes after last: the next major
// one, or the next minor one when only spelling and the like changed. The
// first edition is 1.0 even when it is called minor.
func Next(last Number, minor bool) Number {
	if minor && last.Major > 0 {
		return Number{last.Major, last.Minor + 1}
	}
	return Number{last.Major + 1, 0}
}
