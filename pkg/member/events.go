package member

// Bodies of the events this package appends: identifiers and facts, no names.

// AgencyCreated says that an agency joined.
type AgencyCreated struct {
	Agency  string `json:"agency"`
	HasVote bool   `json:"has_vote"`
}

func (e AgencyCreated) Kind() string   { return "agency.created" }
func (e AgencyCreated) Object() string { return e.Agency }

// AgencyChanged says which fields of an agency changed.
type AgencyChanged struct {
	Agency string   `json:"agency"`
	Fields []string `json:"fields"`
	Status Status   `json:"status"`
}

func (e AgencyChanged) Kind() string   { return "agency.changed" }
func (e AgencyChanged) Object() string { return e.Agency }

// WordNamed says that a sector or an area got a name.
type WordNamed struct {
	Axis string `json:"axis"`
	Code string `json:"code"`
}

func (e WordNamed) Kind() string   { return "agency.word_named" }
func (e WordNamed) Object() string { return e.Axis + "/" + e.Code }

// PersonCreated says that somebody can sign in.
type PersonCreated struct {
	Person string `json:"person"`
}

func (e PersonCreated) Kind() string   { return "person.created" }
func (e PersonCreated) Object() string { return e.Person }

// PersonChanged says which fields of a person changed.
type PersonChanged struct {
	Person string   `json:"person"`
	Fields []string `json:"fields"`
}

func (e PersonChanged) Kind() string   { return "person.changed" }
func (e PersonChanged) Object() string { return e.Person }

// SeatTaken says that a new seat of an agency has a holder.
type SeatTaken struct {
	Seat    string   `json:"seat"`
	Agency  string   `json:"agency"`
	Person  string   `json:"person"`
	As      SeatKind `json:"kind"`
	CanVote bool     `json:"can_vote"`
}

func (e SeatTaken) Kind() string   { return "seat.taken" }
func (e SeatTaken) Object() string { return e.Seat }

// HolderReplaced says that a seat, and what is owed by it, went from one
// person to another.
type HolderReplaced struct {
	Seat   string `json:"seat"`
	Agency string `json:"agency"`
	From   string `json:"from"`
	To     string `json:"to"`
}

func (e HolderReplaced) Kind() string   { return "seat.holder_replaced" }
func (e HolderReplaced) Object() string { return e.Seat }

// SeatEnded says that a seat is in use no more.
type SeatEnded struct {
	Seat   string `json:"seat"`
	Agency string `json:"agency"`
	Person string `json:"person"`
}

func (e SeatEnded) Kind() string   { return "seat.ended" }
func (e SeatEnded) Object() string { return e.Seat }

// RoleGranted and RoleTaken say what a person may be in the network.
type RoleGranted struct {
	Person string `json:"person"`
	Role   string `json:"role"`
}

func (e RoleGranted) Kind() string   { return "role.granted" }
func (e RoleGranted) Object() string { return e.Person }

// RoleTaken is the end of a RoleGranted.
type RoleTaken struct {
	Person string `json:"person"`
	Role   string `json:"role"`
}

func (e RoleTaken) Kind() string   { return "role.taken" }
func (e RoleTaken) Object() string { return e.Person }

// Invited says that a one-time link was made.
type Invited struct {
	Invitation string   `json:"invitation"`
	Agency     string   `json:"agency"`
	As         SeatKind `json:"kind"`
}

func (e Invited) Kind() string   { return "invitation.made" }
func (e Invited) Object() string { return e.Invitation }

// InvitationAccepted says that a link was used.
type InvitationAccepted struct {
	Invitation string `json:"invitation"`
	Person     string `json:"person"`
}

func (e InvitationAccepted) Kind() string   { return "invitation.accepted" }
func (e InvitationAccepted) Object() string { return e.Invitation }

// SessionOpened says that a person signed in.
type SessionOpened struct {
	Session string `json:"session"`
	Person  string `json:"person"`
}

func (e SessionOpened) Kind() string   { return "session.opened" }
func (e SessionOpened) Object() string { return e.Session }

// SessionsRevoked says that sessions of a person ended, and why: signed_out,
// revoked, password_changed, rights_changed, replaced, suspended.
type SessionsRevoked struct {
	Person   string   `json:"person"`
	Sessions []string `json:"sessions"`
	Reason   string   `json:"reason"`
}

func (e SessionsRevoked) Kind() string   { return "session.revoked" }
func (e SessionsRevoked) Object() string { return e.Person }

// PasswordChanged says that a person set a new password.
type PasswordChanged struct {
	Person string `json:"person"`
}

func (e PasswordChanged) Kind() string   { return "person.password_changed" }
func (e PasswordChanged) Object() string { return e.Person }

// NetworkSetUp says that the hub began.
type NetworkSetUp struct {
	Agency string `json:"agency"`
	Person string `json:"person"`
}

func (e NetworkSetUp) Kind() string   { return "network.set_up" }
func (e NetworkSetUp) Object() string { return "network" }

// InvitationWithdrawn says that a link was made void before its use.
type InvitationWithdrawn struct {
	Invitation string `json:"invitation"`
}

func (e InvitationWithdrawn) Kind() string   { return "invitation.withdrawn" }
func (e InvitationWithdrawn) Object() string { return e.Invitation }

// SeatTakenOver says that the new holder of a seat has seen what came with it.
type SeatTakenOver struct {
	Seat   string `json:"seat"`
	Agency string `json:"agency"`
	Person string `json:"person"`
}

func (e SeatTakenOver) Kind() string   { return "seat.taken_over" }
func (e SeatTakenOver) Object() string { return e.Seat }
