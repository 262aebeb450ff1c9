package member

import (
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Text is a text in both languages.
type Text = locale.Text

// Status of an agency or a person. A suspended agency's people still sign in
// and read what is published to the network; a suspended person does not sign in.
type Status string

// The statuses.
const (
	Active    Status = "active"
	Suspended Status = "suspended"
)

// KindSecretariat is the kind of the agency that runs the network. Its seats
// give no agency role; its people work through network roles.
const KindSecretariat = "secretariat"

// Kinds and Tiers are what an agency may be.
var (
	Kinds = []string{"ministry", "authority", "department", "council", "municipality", "police", "court", "centre", KindSecretariat, "other"}
	Tiers = []string{"federal", "local"}
)

// Agency is a member body of the network.
type Agency struct {
	ID      string
	Code    string // "MUN": unique, 2 to 24 of A–Z, 0–9 and "-"
	Kind    string // one of Kinds
	Tier    string // one of Tiers
	Sector  string // lower-case word, "health"
	Area    string // lower-case word, "north": the governorate, or "nationwide"
	Name    Text
	Short   Text
	Hue     int  // 1..8, its colour as seal and caret
	HasVote bool // an agency that only came with an import has none
	Status  Status
	Joined  db.Time
	Seats   int // seats in use; filled by reads
}

// NewAgency is what CreateAgency needs. Code, Kind, Tier, Sector, Area, Short,
// Hue and Joined have defaults: a code of its own, other, local, general,
// nationwide, the name, the next hue, now.
type NewAgency struct {
	Code, Kind, Tier, Sector, Area string
	Name, Short                    Text
	Hue                            int
	HasVote                        bool
	Joined                         db.Time
}

// AgencyPatch changes what is not nil.
type AgencyPatch struct {
	Kind, Tier, Sector, Area *string
	Name, Short              *Text
	Hue                      *int
	HasVote                  *bool
	Status                   *Status
}

// AgencyFilter narrows a list; empty fields do not.
type AgencyFilter struct {
	Narrow Narrowing
	Status Status
	Query  string // words of the names, the code and the name of the sector, folded
}

// Prefs is how a person reads. The zero value of a field is its default:
// Arabic, Arabic-Indic digits, Gregorian first, the device's theme.
type Prefs struct {
	Locale   string // ar | en
	Digits   string // arab | latn
	Calendar string // hijri | gregory
	Theme    string // auto | light | dark
}

// Person is somebody who can sign in.
type Person struct {
	ID     string
	Name   Text
	Email  string
	Prefs  Prefs
	Status Status
}

// NewPerson is what CreatePerson needs: Password, or PasswordHash as made by
// [HashPassword].
type NewPerson struct {
	Name         Text
	Email        string
	Password     string
	PasswordHash string
	Prefs        Prefs
}

// SeatKind is what a seat is for.
type SeatKind string

// The kinds of seats. A reader seat belongs to the agency's staff: it reads
// what is published to the network, and drafts of nobody.
const (
	PrincipalSeat SeatKind = "principal"
	AlternateSeat SeatKind = "alternate"
	WriterSeat    SeatKind = "writer"
	ReaderSeat    SeatKind = "reader"
)

// maxAlternates is how many alternates an agency seats at once.
const maxAlternates = 2

// Seat is a position of an agency with its holder of the moment. Until is 0
// while the seat is in use.
type Seat struct {
	ID      string
	Agency  string
	Kind    SeatKind
	CanVote bool
	Since   db.Time
	Until   db.Time
	Holder  Holding
}

// NewSeat is what Seat needs; Since defaults to now.
type NewSeat struct {
	Agency  string
	Person  string
	Kind    SeatKind
	CanVote bool
	Since   db.Time
}

// Holding says that a person held a seat, from Since until Until (0: still).
type Holding struct {
	ID     string
	Seat   string
	Kind   SeatKind
	Person string
	Name   Text // the person's name now
	Since  db.Time
	Until  db.Time
	Reason string // why it ended: "replaced", "ended"
}

// Invitation is an offer of a seat, or of network roles without one, made to
// an e-mail address by a one-time link.
type Invitation struct {
	ID        string
	Email     string
	Name      Text
	Agency    string // "" for a person without agency
	Kind      SeatKind
	CanVote   bool
	Roles     []policy.Role
	Replaces  string // the seat whose holder is replaced, or ""
	InvitedBy string
	CreatedAt db.Time
	ExpiresAt db.Time
}

// NewInvitation is what Invite needs.
type NewInvitation struct {
	Email    string
	Name     Text
	Agency   string
	Kind     SeatKind
	CanVote  bool
	Roles    []policy.Role
	Replaces string
}

// Session is one sign-in of a person on one device.
type Session struct {
	ID             string
	Person         string
	UserAgent      string
	CreatedAt      db.Time
	LastSeenAt     db.Time
	ExpiresAt      db.Time // the absolute end
	PasswordAt     db.Time // when each factor was last shown; 0: never
	SecondFactorAt db.Time
	StepUpAt       db.Time
}

// SessionInfo is what an edge needs besides the actor.
type SessionInfo struct {
	Session
	Prefs Prefs
}

// Opened is a fresh session with its secrets, which exist nowhere else.
type Opened struct {
	Token   string // for the session cookie
	Device  string // for the device cookie, valid a year
	Session Session
	Actor   policy.Actor
}

// Me is what a signed-in person is: Agency and Seat are nil without a seat.
type Me struct {
	Person Person
	Agency *Agency
	Seat   *Seat
	Roles  []policy.Role
}
