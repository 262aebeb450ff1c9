package member

import (
	"slices"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
)

// How long things live.
const (
	sessionIdle    = 8 * time.Hour
	sessionMax     = 7 * 24 * time.Hour
	invitationLife = 7 * 24 * time.Hour
	setupLife      = time.Hour
	touchEvery     = time.Minute // how exact last_seen_at is
	// AuthCacheTTL bounds how long a node may act on rights it read before.
	AuthCacheTTL = time.Second
)

// networkRoles are the roles that are granted to persons; the others come
// from seats.
var networkRoles = []policy.Role{policy.SecretariatAdmin, policy.Moderator, policy.Expert, policy.Partner, policy.Reader}

// excludesVoting says that a person with the role votes for no agency (rules D1.2).
func excludesVoting(r policy.Role) bool {
	return r == policy.SecretariatAdmin || r == policy.Moderator
}

// standing is what an actor is derived from, as read in one moment.
type standing struct {
	person       string
	locale       string
	seat         string
	kind         SeatKind
	canVote      bool
	agency       string
	agencyKind   string
	hasVote      bool
	agencyStatus Status
	roles        []policy.Role
}

// actorOf derives who acts. It is pure, and the only place that turns rows
// into rights.
func actorOf(st standing, session string) policy.Actor {
	a := policy.Actor{Person: st.person, Session: session, Seat: st.seat, Agency: st.agency,
		Locale: st.locale, Roles: slices.Clone(st.roles)}
	if st.seat == "" {
		return a
	}
	a.Principal = st.kind == PrincipalSeat
	switch {
	case st.agencyStatus != Active:
		// A suspended agency's people keep reading and act no more.
		a.Roles, a.Principal = []policy.Role{policy.Reader}, false
		return a
	case st.agencyKind == KindSecretariat:
	case st.kind == PrincipalSeat:
		a.Roles = append(a.Roles, policy.AgencyLead)
	case st.kind == AlternateSeat, st.kind == WriterSeat:
		a.Roles = append(a.Roles, policy.Representative)
	case st.kind == ReaderSeat && !a.Has(policy.Reader):
		a.Roles = append(a.Roles, policy.Reader)
	}
	a.CanVote = st.canVote && st.hasVote && st.agencyKind != KindSecretariat &&
		!slices.ContainsFunc(a.Roles, excludesVoting)
	return a
}

// checkSeat says whether an agency may have one more seat of the kind.
func checkSeat(a Agency, kind SeatKind, canVote bool, principals, alternates int) error {
	switch kind {
	case PrincipalSeat:
		if principals >= 1 {
			return fault.New(fault.Conflict, "seat.principal_taken")
		}
	case AlternateSeat:
		if alternates >= maxAlternates {
			return fault.New(fault.Conflict, "seat.alternates_full").With("limit", maxAlternates)
		}
	case WriterSeat, ReaderSeat:
		if canVote {
			return fault.New(fault.Invalid, "member.invalid_fields").WithField("can_vote", "not_for_this_seat")
		}
	default:
		return fault.New(fault.Invalid, "member.invalid_fields").WithField("kind", "unknown")
	}
	if canVote && (!a.HasVote || a.Kind == KindSecretariat) {
		return fault.New(fault.Conflict, "seat.agency_has_no_vote")
	}
	return nil
}

// live says whether a session still stands at now.
func (s Session) live(now db.Time) bool {
	return now < s.ExpiresAt && now < s.LastSeenAt.Add(sessionIdle)
}

func (p Prefs) withDefaults() Prefs {
	set := func(s *string, v string) {
		if *s == "" {
			*s = v
		}
	}
	set(&p.Locale, "ar")
	set(&p.Digits, "arab")
	set(&p.Calendar, "gregory")
	set(&p.Theme, "auto")
	return p
}

func (p Prefs) check(f *fields) {
	for _, c := range []struct {
		field, value string
		allowed      []string
	}{
		{"prefs.locale", p.Locale, []string{"ar", "en"}},
		{"prefs.digits", p.Digits, []string{"arab", "latn"}},
		{"prefs.calendar", p.Calendar, []string{"hijri", "gregory"}},
		{"prefs.theme", p.Theme, []string{"auto", "light", "dark"}},
	} {
		if !slices.Contains(c.allowed, c.value) {
			f.add(c.field, "unknown")
		}
	}
}

func validCode(s string) bool {
	if len(s) < 2 || len(s) > 24 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for _, r := range s {
		if !(r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-') {
			return false
		}
	}
	return true
}

func validSector(s string) bool {
	if s == "" || len(s) > 40 {
		return false
	}
	for _, r := range s {
		if !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_') {
			return false
		}
	}
	return true
}
