package guideline

// past names the event of each step, in the past tense.
var past = map[Step]string{
	Create: "created", NewEdition: "created", BringIn: "imported", Submit: "submitted",
	RequestAmendments: "amendments_requested", Approve: "approved", SendFactCheck: "sent_to_fact_check",
	OpenConsultation: "consultation_opened", Receive: "fact_check_received", Conclude: "concluded",
	SendToBallot: "sent_to_ballot", Carried: "ballot_carried", NotCarried: "ballot_not_carried",
	NotQuorate: "ballot_not_quorate", CancelBallot: "ballot_cancelled", Schedule: "scheduled",
	Unschedule: "unscheduled", Publish: "published", ForcePublish: "force_published", SecondEye: "second_eye_given",
	Withdraw: "withdrawn", Unpublish: "unpublished", Restore: "restored", Discard: "discarded",
	TextChanged: "approval_lapsed", Answer: "answered", Amend: "taken_back", Correct: "corrected",
}

// EditionMoved is appended for every step: "edition.submitted" and the like.
// Reason is people's text in the audit record, as rules D3 ask for it.
type EditionMoved struct {
	Guideline  string `json:"guideline"`
	Edition    string `json:"edition"`
	Step       Step   `json:"step"`
	From       State  `json:"from"`
	To         State  `json:"to"`
	Number     string `json:"number,omitempty"`
	Hash       string `json:"hash,omitempty"`       // of the text it was about
	LogHash    string `json:"log_hash,omitempty"`   // of its draft's log up to the version
	Version    int64  `json:"version,omitempty"`    // of its draft
	Superseded string `json:"superseded,omitempty"` // the edition it replaced
	Minor      bool   `json:"minor,omitempty"`
	Forced     bool   `json:"forced,omitempty"`
	Ballot     string `json:"ballot,omitempty"`
	Reason     string `json:"reason,omitempty"`
	MadeFrom   string `json:"made_from,omitempty"` // edition of the original that a translation was made from
}

// Kind is the event's kind.
func (e EditionMoved) Kind() string { return "edition." + past[e.Step] }

// Object is the edition.
func (e EditionMoved) Object() string { return e.Edition }

// GuidelineChanged is appended when a guideline's names, sight or standing
// change: "guideline.created", "guideline.updated", "guideline.visibility_changed",
// "guideline.hidden", "guideline.restored", "guideline.writer_added",
// "guideline.writer_removed", "guideline.translation_linked",
// "guideline.translation_unlinked".
type GuidelineChanged struct {
	Guideline string   `json:"guideline"`
	What      string   `json:"what"`
	From      string   `json:"from,omitempty"`
	To        string   `json:"to,omitempty"`
	Agencies  []string `json:"agencies,omitempty"`
	Original  string   `json:"original,omitempty"` // that it translates
}

// Kind is the event's kind.
func (e GuidelineChanged) Kind() string { return "guideline." + e.What }

// Object is the guideline.
func (e GuidelineChanged) Object() string { return e.Guideline }
