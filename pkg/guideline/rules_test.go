package guideline

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/locale"
)

// open are facts with which every guard is met.
var open = Facts{Approved: true, BallotCarried: true, Forced: true, ActorIsSystem: true, ActorIsAsked: true}

// matrix is rules D3 written a second time, as the product says it: for each
// state, each legal step and where it leads. Every other cell is illegal.
var matrix = map[State]map[Step][]State{
	None:              {Create: {Draft}, NewEdition: {Draft}, BringIn: {Published, Draft}},
	Draft:             {Submit: {InReview}, ForcePublish: {Published}, Discard: {Discarded}},
	InReview:          {RequestAmendments: {AmendsNeeded}, Approve: {Ready}, ForcePublish: {Published}, Discard: {Discarded}},
	AmendsNeeded:      {Submit: {InReview}, Discard: {Discarded}},
	Ready:             {Amend: {AmendsNeeded}, Correct: {Ready}, SendFactCheck: {FactCheck}, OpenConsultation: {Consultation}, SendToBallot: {InBallot}, Schedule: {Scheduled}, Publish: {Published}, ForcePublish: {Published}, Discard: {Discarded}, TextChanged: {InReview}},
	FactCheck:         {Answer: {FactCheck}, Receive: {FactCheckReceived}},
	FactCheckReceived: {Conclude: {Ready, AmendsNeeded}},
	Consultation:      {Answer: {Consultation}, Conclude: {Ready, AmendsNeeded}},
	InBallot:          {Carried: {Ready}, NotCarried: {AmendsNeeded}, NotQuorate: {Ready}, CancelBallot: {Ready}},
	Scheduled:         {Unschedule: {Ready}, Publish: {Published}, TextChanged: {InReview}},
	Published:         {SecondEye: {Published}, Withdraw: {Withdrawn}, Unpublish: {Unpublished}},
	Superseded:        {},
	Withdrawn:         {Unpublish: {Unpublished}, Restore: {Published}},
	Unpublished:       {},
	Discarded:         {},
}

var steps = []Step{Create, NewEdition, Submit, RequestAmendments, Approve, SendFactCheck, OpenConsultation, Receive, Conclude,
	SendToBallot, Carried, NotCarried, NotQuorate, CancelBallot, Schedule, Unschedule, Publish, ForcePublish, SecondEye,
	Withdraw, Unpublish, Restore, Discard, Answer, Amend, Correct, TextChanged, BringIn}

func TestEveryStateAndStep(t *testing.T) {
	t.Parallel()
	if len(matrix) != len(States)+1 {
		t.Fatalf("matrix has %d states, want %d", len(matrix), len(States)+1)
	}
	for _, s := range append([]State{None}, States...) {
		for _, step := range steps {
			want, legal := matrix[s][step]
			got, ok := Find(s, step, open)
			switch {
			case legal != ok:
				t.Errorf("%s from %q: legal %v, want %v", step, s, ok, legal)
			case ok && !slices.Equal(got.To, want):
				t.Errorf("%s from %q leads to %v, want %v", step, s, got.To, want)
			case ok && !got.Open():
				t.Errorf("%s from %q is shut by %v with every guard met", step, s, got.Unmet)
			}
		}
	}
	for _, row := range Table {
		if !slices.Contains(steps, row.Step) {
			t.Errorf("step %s is not tested", row.Step)
		}
	}
}

func TestAStateIsInOneRowOfAStepAtMost(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, row := range Table {
		for _, s := range row.From {
			key := string(s) + " " + string(row.Step)
			if seen[key] {
				t.Errorf("two rows for %s", key)
			}
			seen[key] = true
		}
	}
}

func TestNothingLeavesTheEndStates(t *testing.T) {
	t.Parallel()
	for _, s := range []State{Superseded, Unpublished, Discarded} {
		if got := Allowed(s, open); len(got) > 0 {
			t.Errorf("%s has steps %v", s, got)
		}
	}
}

func TestGuards(t *testing.T) {
	t.Parallel()
	ready := Facts{Approved: true}
	for _, c := range []struct {
		name  string
		state State
		step  Step
		facts Facts
		shut  string // the guard that keeps it shut, or "" for open
		count int
	}{
		{"an edition begins when no other is in work", None, NewEdition, Facts{}, "", 0},
		{"no second edition in work", None, NewEdition, Facts{OtherInWork: true}, "no_other_in_work", 0},
		{"a draft with its required sections is submitted", Draft, Submit, Facts{}, "", 0},
		{"missing sections keep a draft from review", Draft, Submit, Facts{Missing: make([]locale.Text, 2)}, "sections", 2},
		{"missing sections keep an amended draft from review", AmendsNeeded, Submit, Facts{Missing: make([]locale.Text, 1)}, "sections", 1},
		{"a reviewer outside the author team approves", InReview, Approve, Facts{}, "", 0},
		{"no author reviews the own text", InReview, Approve, Facts{ActorIsAuthor: true}, "reviewer_not_author", 0},
		{"the lead agency does not review a network manual", InReview, Approve, Facts{Network: true, ActorIsLead: true}, "reviewer_other_agency", 0},
		{"another agency reviews a network manual", InReview, Approve, Facts{Network: true}, "", 0},
		{"an agency reviews its own guideline with a second person", InReview, Approve, Facts{ActorIsLead: true}, "", 0},
		{"blocking threads keep a text from approval", InReview, Approve, Facts{Blocking: 3}, "blocking_threads", 3},
		{"amendments are asked for without a guard", InReview, RequestAmendments, Facts{ActorIsAuthor: true, Blocking: 9}, "", 0},
		{"a lapsed approval does not go to ballot", Ready, SendToBallot, Facts{}, "approval", 0},
		{"a lapsed approval is not published", Ready, Publish, Facts{}, "approval", 0},
		{"a lapsed approval is not scheduled", Ready, Schedule, Facts{}, "approval", 0},
		{"a lapsed approval gets no fact check", Ready, SendFactCheck, Facts{}, "approval", 0},
		{"a lapsed approval gets no consultation", Ready, OpenConsultation, Facts{}, "approval", 0},
		{"an approved text is published", Ready, Publish, ready, "", 0},
		{"a network manual without a carried ballot is not published", Ready, Publish, Facts{Approved: true, BallotRequired: true}, "ballot", 0},
		{"a network manual with a carried ballot is published", Ready, Publish, Facts{Approved: true, BallotRequired: true, BallotCarried: true}, "", 0},
		{"who submitted does not publish", Ready, Publish, Facts{Approved: true, ActorIsSubmitter: true}, "publisher_not_submitter", 0},
		{"who submitted does not schedule", Ready, Schedule, Facts{Approved: true, ActorIsSubmitter: true}, "publisher_not_submitter", 0},
		{"the scheduler publishes what another person scheduled", Scheduled, Publish, Facts{Approved: true, ActorIsSystem: true, ActorIsSubmitter: true}, "", 0},
		{"answers that wait keep a fact check open", FactCheckReceived, Conclude, Facts{AnswersOpen: 4}, "answers_handled", 4},
		{"answers that wait keep a consultation open", Consultation, Conclude, Facts{AnswersOpen: 1}, "answers_handled", 1},
		{"a consultation is not concluded before its end", Consultation, Conclude, Facts{StillOpen: true}, "consultation_over", 0},
		{"a consultation is concluded after its end", Consultation, Conclude, Facts{}, "", 0},
		{"writers take an approved text back", Ready, Amend, Facts{Approved: true, ActorIsAuthor: true}, "", 0},
		{"a reviewer takes in a correction", Ready, Correct, ready, "", 0},
		{"an author takes in no correction", Ready, Correct, Facts{Approved: true, ActorIsAuthor: true}, "reviewer_not_author", 0},
		{"the lead agency takes in no correction of a network manual", Ready, Correct, Facts{Approved: true, Network: true, ActorIsLead: true}, "reviewer_other_agency", 0},
		{"nothing is corrected where the approval lapsed", Ready, Correct, Facts{}, "approval", 0},
		{"a person does not say how a ballot ended", InBallot, Carried, Facts{}, "by_ballot", 0},
		{"the ballot says how it ended", InBallot, Carried, Facts{ActorIsSystem: true}, "", 0},
		{"a person does not take an approval back by hand", Ready, TextChanged, ready, "by_ballot", 0},
		{"a forced publication is cleared by another person", Published, SecondEye, Facts{Forced: true}, "", 0},
		{"who forced does not clear", Published, SecondEye, Facts{Forced: true, ActorIsForcer: true}, "second_person", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o, ok := Find(c.state, c.step, c.facts)
			if !ok {
				t.Fatal("illegal")
			}
			if c.shut == "" {
				if !o.Open() {
					t.Fatalf("shut by %v", o.Unmet)
				}
				return
			}
			if len(o.Unmet) != 1 || o.Unmet[0] != (Unmet{c.shut, c.count}) {
				t.Fatalf("shut by %v, want %s (%d)", o.Unmet, c.shut, c.count)
			}
		})
	}
	if _, ok := Find(FactCheck, Answer, Facts{}); ok {
		t.Error("who was not asked answers")
	}
	if _, ok := Find(Published, SecondEye, Facts{}); ok {
		t.Error("an ordinary publication asks for a second eye")
	}
}

func TestWhatARequestMustCarry(t *testing.T) {
	t.Parallel()
	now := db.At(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC))
	months := func(n int) db.Time { return db.At(now.Time().AddDate(0, n, 0)) }
	later := Facts{Approved: true}
	first := Facts{Approved: true, First: true}
	for _, c := range []struct {
		name  string
		state State
		step  Step
		facts Facts
		req   Request
		field string
		code  string
	}{
		{"amendments need a reason", InReview, RequestAmendments, later, Request{}, "reason", "required"},
		{"discarding needs a reason", Draft, Discard, later, Request{}, "reason", "required"},
		{"withdrawing needs an explanation", Published, Withdraw, later, Request{}, "reason", "required"},
		{"restoring needs a reason", Withdrawn, Restore, later, Request{}, "reason", "required"},
		{"force needs a reason", Draft, ForcePublish, later, Request{ReviewBy: months(3)}, "reason", "required"},
		{"the second edition needs a change note", Ready, Publish, later, Request{ReviewBy: months(12)}, "change_note", "required"},
		{"a minor edition needs no change note", Ready, Publish, later, Request{ReviewBy: months(12), Minor: true}, "", ""},
		{"the first edition needs no change note", Ready, Publish, first, Request{ReviewBy: months(12)}, "", ""},
		{"a change note written earlier serves", Ready, Publish, Facts{Approved: true, ChangeNote: true}, Request{ReviewBy: months(12)}, "", ""},
		{"publishing needs a review date", Ready, Publish, first, Request{}, "review_by", "required"},
		{"a review date in 24 months is the latest", Ready, Publish, first, Request{ReviewBy: months(24)}, "", ""},
		{"a review date past 24 months is too far", Ready, Publish, first, Request{ReviewBy: months(24) + 1}, "review_by", "too_far"},
		{"a review date in the past is refused", Ready, Publish, first, Request{ReviewBy: now}, "review_by", "past"},
		{"a schedule lies ahead", Ready, Schedule, first, Request{ReviewBy: months(12), PublishAt: now}, "publish_at", "past"},
		{"a review date counts from the scheduled day", Ready, Schedule, first, Request{ReviewBy: months(25), PublishAt: months(1)}, "", ""},
		{"a fact check names its experts", Ready, SendFactCheck, later, Request{}, "experts", "required"},
		{"a consultation has dates", Ready, OpenConsultation, later, Request{}, "closes_at", "required"},
		{"a consultation closes after it opens", Ready, OpenConsultation, later, Request{OpensAt: months(2), ClosesAt: months(1)}, "closes_at", "past"},
		{"a consultation begins within six months", Ready, OpenConsultation, later, Request{OpensAt: months(7), ClosesAt: months(8)}, "opens_at", "too_far"},
		{"a consultation lasts six months at most", Ready, OpenConsultation, later, Request{OpensAt: months(1), ClosesAt: months(8)}, "closes_at", "too_far"},
		{"one that began long ago ends within six months from now", Ready, OpenConsultation, later, Request{OpensAt: months(-9), ClosesAt: months(2)}, "", ""},
		{"taking an approved text back needs a reason", Ready, Amend, later, Request{}, "reason", "required"},
		{"a restored text whose review is past needs a new date", Withdrawn, Restore, Facts{ReviewPast: true}, Request{Reason: "زال التعارض"}, "review_by", "required"},
		{"a restored text keeps a date that lies ahead", Withdrawn, Restore, later, Request{Reason: "زال التعارض"}, "", ""},
		{"a conclusion says where to", Consultation, Conclude, later, Request{}, "outcome", "invalid"},
		{"a conclusion leads to ready or amends_needed only", Consultation, Conclude, later, Request{Outcome: Published}, "outcome", "invalid"},
		{"a ballot is named", Ready, SendToBallot, later, Request{}, "ballot", "required"},
		{"a reason has a bound", Draft, Discard, later, Request{Reason: strings.Repeat("ن", 4001)}, "reason", "too_long"},
		{"a reason is a text", Draft, Discard, later, Request{Reason: "a\x00b"}, "reason", "control_character"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o, ok := Find(c.state, c.step, c.facts)
			if !ok {
				t.Fatal("illegal")
			}
			bad := o.Lacks(c.req, now)
			if c.field == "" && len(bad) > 0 || c.field != "" && (bad[c.field] != c.code || len(bad) != 1) {
				t.Fatalf("lacks %v, want %s %s", bad, c.field, c.code)
			}
		})
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		last  Number
		minor bool
		want  Number
	}{
		{"the first edition is 1.0", Number{}, false, Number{1, 0}},
		{"the first edition is 1.0 even when called minor", Number{}, true, Number{1, 0}},
		{"a new edition takes the next major number", Number{1, 3}, false, Number{2, 0}},
		{"a minor edition takes the next minor number", Number{1, 3}, true, Number{1, 4}},
	} {
		if got := Next(c.last, c.minor); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestTextIsWritableOnlyBeforeReview(t *testing.T) {
	t.Parallel()
	for _, s := range States {
		if want := s == Draft || s == AmendsNeeded; s.Writable() != want {
			t.Errorf("%s writable %v", s, !want)
		}
	}
}
