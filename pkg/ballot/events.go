package ballot

import "github.com/multaqa/multaqa/pkg/db"

// The bodies hold who and when, never which way an agency voted: the choices
// stay in this package's tables (threats I16).

// BallotPrepared says that a ballot or its next round was drafted.
type BallotPrepared struct {
	ID       string `json:"id"`
	Subject  string `json:"subject"`
	Round    int64  `json:"round"`
	Previous string `json:"previous,omitempty"`
}

// Kind names the event.
func (BallotPrepared) Kind() string { return "ballot.prepared" }

// Object is the ballot.
func (e BallotPrepared) Object() string { return e.ID }

// BallotScheduled says when a ballot will open by itself.
type BallotScheduled struct {
	ID      string  `json:"id"`
	OpensAt db.Time `json:"opens_at"`
}

// Kind names the event.
func (BallotScheduled) Kind() string { return "ballot.scheduled" }

// Object is the ballot.
func (e BallotScheduled) Object() string { return e.ID }

// BallotOpened says that agencies may vote, which and on what text.
type BallotOpened struct {
	ID         string   `json:"id"`
	Subject    string   `json:"subject"`
	Hash       string   `json:"hash"`
	Electorate []string `json:"electorate"`
	ClosesAt   db.Time  `json:"closes_at"`
}

// Kind names the event.
func (BallotOpened) Kind() string { return "ballot.opened" }

// Object is the ballot.
func (e BallotOpened) Object() string { return e.ID }

// VoteCast says that an agency voted or changed its vote.
type VoteCast struct {
	ID     string `json:"id"`
	Voter  string `json:"voter"` // agency
	Change int64  `json:"change"`
}

// Kind names the event.
func (VoteCast) Kind() string { return "ballot.vote_cast" }

// Object is the ballot.
func (e VoteCast) Object() string { return e.ID }

// BallotExtended says that a ballot closes later than announced.
type BallotExtended struct {
	ID   string  `json:"id"`
	From db.Time `json:"from"`
	To   db.Time `json:"to"`
}

// Kind names the event.
func (BallotExtended) Kind() string { return "ballot.extended" }

// Object is the ballot.
func (e BallotExtended) Object() string { return e.ID }

// EarlyCloseAnnounced gives 24 hours' notice of closing before the planned time.
type EarlyCloseAnnounced struct {
	ID string  `json:"id"`
	At db.Time `json:"at"`
}

// Kind names the event.
func (EarlyCloseAnnounced) Kind() string { return "ballot.early_close_announced" }

// Object is the ballot.
func (e EarlyCloseAnnounced) Object() string { return e.ID }

// BallotClosed gives the count and what it decided.
type BallotClosed struct {
	ID       string  `json:"id"`
	Result   Result  `json:"result"`
	Cause    Cause   `json:"cause"`
	ClosedAt db.Time `json:"closed_at"`
	Tally    Tally   `json:"tally"`
	// Discussion is the one that a tie opened.
	Discussion string `json:"discussion,omitempty"`
}

// Kind names the event.
func (BallotClosed) Kind() string { return "ballot.closed" }

// Object is the ballot.
func (e BallotClosed) Object() string { return e.ID }

// BallotCancelled says that a ballot ended without a result.
type BallotCancelled struct {
	ID string `json:"id"`
}

// Kind names the event.
func (BallotCancelled) Kind() string { return "ballot.cancelled" }

// Object is the ballot.
func (e BallotCancelled) Object() string { return e.ID }

// BallotCertified says that the result stands; Hash is the certificate's.
type BallotCertified struct {
	ID      string `json:"id"`
	Subject string `json:"subject"`
	Result  Result `json:"result"`
	Hash    string `json:"hash"`
}

// Kind names the event.
func (BallotCertified) Kind() string { return "ballot.certified" }

// Object is the ballot.
func (e BallotCertified) Object() string { return e.ID }
