package member

import (
	"context"
	"slices"
	"strings"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/id"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Invite offers a seat, or network roles without a seat, to an e-mail address.
// The returned token is the secret of the one-time link; it is kept nowhere.
// An earlier open offer to the same address ends.
//
// Faults: agency.not_found, seat.not_found, policy.forbidden,
// member.invalid_fields, person.email_taken, seat.principal_taken,
// seat.alternates_full, seat.agency_has_no_vote, role.excludes_voting.
func (s *Service) Invite(ctx context.Context, actor policy.Actor, in NewInvitation) (token string, v Invitation, err error) {
	token = secret()
	err = s.db.Transact(ctx, func(tx *db.Tx) error {
		if err := policy.Check(actor, policy.InviteMember, seatFacts(in.Agency, "", in.Kind, in.Roles...)); err != nil {
			return err
		}
		key, err := s.checkInvitation(ctx, tx, &in)
		if err != nil {
			return err
		}
		if p, err := findPersonByEmail(ctx, tx, key); err != nil {
			return err
		} else if p.ID != "" {
			return fault.New(fault.Conflict, "person.email_taken").WithField("email", "taken")
		}
		by := actor.Person
		if actor.System {
			by = "system"
		}
		v = Invitation{ID: id.New("in"), Email: strings.TrimSpace(in.Email), Name: in.Name, Agency: in.Agency, Kind: in.Kind,
			CanVote: in.CanVote, Roles: in.Roles, Replaces: in.Replaces, InvitedBy: by,
			CreatedAt: tx.Now(), ExpiresAt: tx.Now().Add(invitationLife)}
		_, err = tx.Exec(ctx, `update invitation set revoked_at = $2 where email_key = $1 and used_at = 0 and revoked_at = 0`, key, int64(tx.Now()))
		if err != nil {
			return wrap("revoke invitation", err)
		}
		if err := insertInvitation(ctx, tx, v, digest(token), key); err != nil {
			return err
		}
		return s.append(ctx, tx, actor, Invited{Invitation: v.ID, Agency: v.Agency, As: v.Kind})
	})
	if err != nil {
		token = ""
	}
	return token, v, err
}

// checkInvitation says early what accepting would refuse.
func (s *Service) checkInvitation(ctx context.Context, tx *db.Tx, in *NewInvitation) (emailK string, err error) {
	var f fields
	key, ok := emailKey(strings.TrimSpace(in.Email))
	if !ok {
		f.add("email", "format")
	}
	if in.Name != (locale.Text{}) {
		in.Name = f.text("name", in.Name, maxName)
	}
	if in.Roles == nil {
		in.Roles = []policy.Role{}
	}
	for _, r := range in.Roles {
		if !slices.Contains(networkRoles, r) {
			f.add("roles", "unknown")
		} else if in.CanVote && excludesVoting(r) {
			return "", fault.New(fault.Conflict, "role.excludes_voting")
		}
	}
	if in.Agency == "" {
		if len(in.Roles) == 0 {
			f.add("roles", "required")
		}
		if in.Kind != "" || in.CanVote || in.Replaces != "" {
			f.add("agency", "required")
		}
		return key, f.fault()
	}
	if err := f.fault(); err != nil {
		return "", err
	}
	a, err := findAgency(ctx, tx, in.Agency, false)
	if err != nil {
		return "", err
	}
	seats, err := listSeats(ctx, tx, a.ID)
	if err != nil {
		return "", err
	}
	if in.Replaces != "" {
		i := slices.IndexFunc(seats, func(v Seat) bool { return v.ID == in.Replaces })
		if i < 0 {
			return "", policy.NotFound("seat")
		}
		if seats[i].Kind != in.Kind {
			return "", fault.New(fault.Invalid, "member.invalid_fields").WithField("kind", "differs_from_seat")
		}
		in.CanVote = seats[i].CanVote
		if in.CanVote && slices.ContainsFunc(in.Roles, excludesVoting) {
			return "", fault.New(fault.Conflict, "role.excludes_voting")
		}
		return key, nil
	}
	principals, alternates := 0, 0
	for _, v := range seats {
		switch v.Kind {
		case PrincipalSeat:
			principals++
		case AlternateSeat:
			alternates++
		}
	}
	return key, checkSeat(a, in.Kind, in.CanVote, principals, alternates)
}

// InvitationPage is what the holder of a link sees.
type InvitationPage struct {
	Invitation Invitation
	Agency     *Agency // nil for a person without agency
	Network    Network
}

// FindInvitation reads an open invitation by the secret of its link.
//
// Faults: invitation.not_found, for one that is unknown, used, expired or
// withdrawn: they are one answer.
func (s *Service) FindInvitation(ctx context.Context, token string) (InvitationPage, error) {
	var p InvitationPage
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		v, ok, err := findInvitation(ctx, tx, digest(token), false)
		if err != nil {
			return err
		}
		if !ok {
			return policy.NotFound("invitation")
		}
		p.Invitation = v
		if v.Agency != "" {
			a, err := findAgency(ctx, tx, v.Agency, false)
			if err != nil {
				return err
			}
			p.Agency = &a
		}
		p.Network, _, err = findNetwork(ctx, tx)
		return err
	})
	return p, err
}

// Accept uses an invitation: it makes the account, seats the person and signs
// them in. The right of who invited is asked again.
//
// Faults: invitation.not_found, member.invalid_fields, person.email_taken, session.busy,
// session.slow_down, and those of Seat and ReplaceHolder.
func (s *Service) Accept(ctx context.Context, token string, name locale.Text, password string, in SignIn) (Opened, error) {
	if err := s.slow.take(ctx, spent{"link " + in.Source: perSource}); err != nil {
		return Opened{}, err
	}
	if _, err := s.FindInvitation(ctx, token); err != nil { // before the costly hash
		return Opened{}, err
	}
	var f fields
	checkPassword(&f, "password", password)
	f.text("name", name, maxName)
	if err := f.fault(); err != nil {
		return Opened{}, err
	}
	hash, err := s.gate.hash(ctx, password)
	if err != nil {
		return Opened{}, err
	}
	var o Opened
	err = s.db.Transact(ctx, func(tx *db.Tx) error {
		v, ok, err := findInvitation(ctx, tx, digest(token), true)
		if err != nil {
			return err
		}
		if !ok {
			return policy.NotFound("invitation")
		}
		inviter, err := inviterOf(ctx, tx, v)
		if err != nil {
			return err
		}
		if err := policy.Check(inviter, policy.InviteMember, seatFacts(v.Agency, v.Replaces, v.Kind, v.Roles...)); err != nil {
			return policy.NotFound("invitation") // who invited may no more
		}
		if _, err := tx.Exec(ctx, `update invitation set used_at = $2 where id = $1`, v.ID, int64(tx.Now())); err != nil {
			return wrap("use invitation", err)
		}
		p, err := s.personIn(ctx, tx, policy.Actor{}, NewPerson{Name: name, Email: v.Email, PasswordHash: hash, Prefs: Prefs{Locale: in.Locale}})
		if err != nil {
			return err
		}
		switch {
		case v.Replaces != "":
			_, err = s.replaceIn(ctx, tx, inviter, v.Replaces, p.ID)
		case v.Agency != "":
			_, err = s.seatIn(ctx, tx, inviter, NewSeat{Agency: v.Agency, Person: p.ID, Kind: v.Kind, CanVote: v.CanVote})
		}
		if err != nil {
			return err
		}
		for _, r := range v.Roles {
			if err := s.grantIn(ctx, tx, inviter, p.ID, r); err != nil {
				return err
			}
		}
		if o, err = s.signInNew(ctx, tx, p.ID, in); err != nil {
			return err
		}
		return s.append(ctx, tx, o.Actor, InvitationAccepted{Invitation: v.ID, Person: p.ID}, SessionOpened{Session: o.Session.ID, Person: p.ID})
	})
	return o, err
}

// signInNew opens the first session of a fresh account.
func (s *Service) signInNew(ctx context.Context, tx *db.Tx, person string, in SignIn) (Opened, error) {
	if in.Previous != "" {
		if err := s.revokeTokenIn(ctx, tx, in.Previous); err != nil {
			return Opened{}, err
		}
	}
	o, err := s.openIn(ctx, tx, person, in.UserAgent)
	if err != nil {
		return o, err
	}
	o.Device = secret()
	return o, rememberDevice(ctx, tx, person, o.Device)
}

// inviterOf derives who invited, as they stand now. A suspended inviter has
// no rights.
func inviterOf(ctx context.Context, tx *db.Tx, v Invitation) (policy.Actor, error) {
	if v.InvitedBy == "system" {
		return policy.SystemActor(), nil
	}
	p, err := findPerson(ctx, tx, v.InvitedBy, false)
	if err != nil || p.Status != Active {
		return policy.Actor{}, err
	}
	st := standing{person: p.ID, locale: p.Prefs.Locale}
	if st.roles, err = listRoles(ctx, tx, p.ID); err != nil {
		return policy.Actor{}, err
	}
	seat, ok, err := findSeatOf(ctx, tx, p.ID)
	if err != nil {
		return policy.Actor{}, err
	}
	if ok {
		a, err := findAgency(ctx, tx, seat.Agency, false)
		if err != nil {
			return policy.Actor{}, err
		}
		st.seat, st.kind, st.canVote = seat.ID, seat.Kind, seat.CanVote
		st.agency, st.agencyKind, st.hasVote, st.agencyStatus = a.ID, a.Kind, a.HasVote, a.Status
	}
	return actorOf(st, ""), nil
}

// RolesOf reads a person's network roles, for the pages of the secretariat.
//
// Faults: policy.forbidden, person.not_found.
func (s *Service) RolesOf(ctx context.Context, actor policy.Actor, person string) ([]policy.Role, error) {
	var roles []policy.Role
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		if _, err := findPerson(ctx, tx, person, false); err != nil {
			return err
		}
		if err := policy.Check(actor, policy.GrantRole, policy.Global("person")); err != nil {
			return err
		}
		var err error
		roles, err = listRoles(ctx, tx, person)
		return err
	})
	return roles, err
}
