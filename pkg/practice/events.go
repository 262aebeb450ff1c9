package practice

// PracticeNominated says that an agency put a practice forward.
type PracticeNominated struct {
	ID     string `json:"id"`
	Agency string `json:"agency"`
	Hash   string `json:"hash"`
}

// Kind names the event.
func (PracticeNominated) Kind() string { return "practice.nominated" }

// Object is the practice.
func (e PracticeNominated) Object() string { return e.ID }

// PracticeEdited says that the card has a new revision.
type PracticeEdited struct {
	ID       string `json:"id"`
	Revision int64  `json:"revision"`
	Hash     string `json:"hash"`
}

// Kind names the event.
func (PracticeEdited) Kind() string { return "practice.edited" }

// Object is the practice.
func (e PracticeEdited) Object() string { return e.ID }

// StageChanged says that a practice moved; the reason is kept with the practice.
type StageChanged struct {
	ID   string `json:"id"`
	From Stage  `json:"from"`
	To   Stage  `json:"to"`
}

// Kind names the event.
func (StageChanged) Kind() string { return "practice.stage_changed" }

// Object is the practice.
func (e StageChanged) Object() string { return e.ID }

// PracticeShared says with which partners a practice is shared from now on.
type PracticeShared struct {
	ID   string   `json:"id"`
	With []string `json:"with"`
}

// Kind names the event.
func (PracticeShared) Kind() string { return "practice.shared" }

// Object is the practice.
func (e PracticeShared) Object() string { return e.ID }

// PracticeHidden says that moderation hid a practice or showed it again.
type PracticeHidden struct {
	ID     string `json:"id"`
	Hidden bool   `json:"hidden"`
}

// Kind names the event.
func (e PracticeHidden) Kind() string {
	if e.Hidden {
		return "practice.hidden"
	}
	return "practice.restored"
}

// Object is the practice.
func (e PracticeHidden) Object() string { return e.ID }
