package moderation

import "slices"

// Reason is why something was flagged (rules D5).
type Reason string

// The reasons.
const (
	OffTopic     Reason = "off_topic"
	Offensive    Reason = "offensive"
	PersonalData Reason = "personal_data"
	Confidential Reason = "confidential"
	Misleading   Reason = "misleading"
	Spam         Reason = "spam"
	Other        Reason = "other" // needs a text
)

// weights orders the queue; a reason that hides on sight weighs most.
var weights = map[Reason]int64{Confidential: 500, PersonalData: 500, Offensive: 300, Misleading: 200, Spam: 200, OffTopic: 100, Other: 100}

// Known says whether the reason is one of the list.
func (r Reason) Known() bool { return weights[r] > 0 }

// Grave says whether one flag with the reason hides the content at once.
func (r Reason) Grave() bool { return r == Confidential || r == PersonalData }

// autoHideAgencies is how many agencies hide content together.
const autoHideAgencies = 3

// State is where an item stands.
type State string

// The states.
const (
	Pending  State = "pending"
	Upheld   State = "upheld"
	Rejected State = "rejected"
	Ignored  State = "ignored"
)

// Action is what is done about an item.
type Action string

// The actions. AutoHide is the hub's own.
const (
	Keep     Action = "keep"
	Hide     Action = "hide"
	Restore  Action = "restore"
	Ignore   Action = "ignore"
	AutoHide Action = "auto_hide"
)

// hidesOnSight says whether these flags hide what the author wrote until a
// moderator decides: one grave flag, or flags of three agencies. Authors may
// take back at once what should not have been said, with a grave reason; they
// are nobody's third agency.
func hidesOnSight(author string, flags []Flag) bool {
	var agencies []string
	for _, f := range flags {
		if f.Reason.Grave() {
			return true
		}
		if author != "" && f.Person == author {
			continue
		}
		if f.Agency != "" && !slices.Contains(agencies, f.Agency) {
			agencies = append(agencies, f.Agency)
		}
	}
	return len(agencies) >= autoHideAgencies
}

// decide is what an action makes of an item: the state after, and whether the
// content is hidden then. ok is false where the action makes no sense.
func decide(state State, hidden bool, a Action) (to State, hide, ok bool) {
	switch {
	case a == Restore && hidden && (state == Pending || state == Upheld):
		return Rejected, false, true
	case state != Pending:
		return state, hidden, false
	case a == Keep:
		return Rejected, false, true
	case a == Hide:
		return Upheld, true, true
	case a == Ignore:
		return Ignored, false, true
	}
	return state, hidden, false
}

// priority is the weight of the gravest reason and how often the flagger was
// right, from 0 to 100; nobody's first flag counts 50.
func priority(r Reason, upheld, rejected int64) int64 {
	accuracy := int64(50)
	if n := upheld + rejected; n > 0 {
		accuracy = 100 * upheld / n
	}
	return weights[r] + accuracy
}
