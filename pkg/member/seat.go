package member

import (
	"context"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/id"
	"github.com/multaqa/multaqa/pkg/policy"
)

func seatFacts(agency, seat string, kind SeatKind, roles ...policy.Role) policy.Facts {
	return policy.Facts{Kind: "seat", ID: seat, Agency: agency, Visibility: policy.ToNetwork,
		Flags: map[string]bool{"principal": kind == PrincipalSeat, "network_role": len(roles) > 0}}
}

// Abilities says what the actor may do to the seat.
func (s Seat) Abilities(actor policy.Actor) map[string]bool {
	return policy.Abilities(actor, seatFacts(s.Agency, s.ID, s.Kind), policy.EndSeat, policy.ReplaceHolder, policy.ReadHandover)
}

// Seat makes a new seat of an agency and puts a person on it.
//
// Faults: agency.not_found, person.not_found, policy.forbidden,
// member.invalid_fields, seat.principal_taken, seat.alternates_full,
// seat.agency_has_no_vote, seat.person_has_seat, role.excludes_voting.
func (s *Service) Seat(ctx context.Context, actor policy.Actor, in NewSeat) (Seat, error) {
	var seat Seat
	err := s.db.Transact(ctx, func(tx *db.Tx) (err error) {
		if err := policy.Check(actor, policy.InviteMember, seatFacts(in.Agency, "", in.Kind)); err != nil {
			return err
		}
		seat, err = s.seatIn(ctx, tx, actor, in)
		return err
	})
	return seat, err
}

func (s *Service) seatIn(ctx context.Context, tx *db.Tx, actor policy.Actor, in NewSeat) (Seat, error) {
	a, err := findAgency(ctx, tx, in.Agency, true)
	if err != nil {
		return Seat{}, err
	}
	if _, err := findPerson(ctx, tx, in.Person, true); err != nil {
		return Seat{}, err
	}
	seats, err := listSeats(ctx, tx, a.ID)
	if err != nil {
		return Seat{}, err
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
	if err := checkSeat(a, in.Kind, in.CanVote, principals, alternates); err != nil {
		return Seat{}, err
	}
	if err := mayHold(ctx, tx, in.Person, in.CanVote); err != nil {
		return Seat{}, err
	}
	if in.Since == 0 {
		in.Since = tx.Now()
	}
	seat := Seat{ID: id.New("st"), Agency: a.ID, Kind: in.Kind, CanVote: in.CanVote, Since: in.Since}
	if err := insertSeat(ctx, tx, seat); db.IsUnique(err) {
		return Seat{}, fault.New(fault.Conflict, "seat.principal_taken")
	} else if err != nil {
		return Seat{}, err
	}
	seat.Holder = Holding{ID: id.New("hd"), Seat: seat.ID, Kind: seat.Kind, Person: in.Person, Since: in.Since}
	if err := insertHolding(ctx, tx, seat.Holder); db.IsUnique(err) {
		return Seat{}, fault.New(fault.Conflict, "seat.person_has_seat")
	} else if err != nil {
		return Seat{}, err
	}
	s.announceRights(tx, in.Person)
	return seat, s.append(ctx, tx, actor, SeatTaken{Seat: seat.ID, Agency: a.ID, Person: in.Person, As: in.Kind, CanVote: in.CanVote})
}

// mayHold refuses a seat that votes to a person whose role excludes voting.
func mayHold(ctx context.Context, tx *db.Tx, person string, canVote bool) error {
	if _, taken, err := findSeatOf(ctx, tx, person); err != nil {
		return err
	} else if taken {
		return fault.New(fault.Conflict, "seat.person_has_seat")
	}
	if !canVote {
		return nil
	}
	roles, err := listRoles(ctx, tx, person)
	if err != nil {
		return err
	}
	for _, r := range roles {
		if excludesVoting(r) {
			return fault.New(fault.Conflict, "role.excludes_voting")
		}
	}
	return nil
}

// ReplaceHolder puts another person on a seat. The seat stays, and with it
// everything owed by it; the former holder's sessions end.
//
// Faults: seat.not_found, person.not_found, policy.forbidden,
// seat.already_ended, seat.person_has_seat, role.excludes_voting.
func (s *Service) ReplaceHolder(ctx context.Context, actor policy.Actor, seat, person string) (Seat, error) {
	var v Seat
	err := s.db.Transact(ctx, func(tx *db.Tx) (err error) {
		v, err = s.replaceIn(ctx, tx, actor, seat, person)
		return err
	})
	return v, err
}

func (s *Service) replaceIn(ctx context.Context, tx *db.Tx, actor policy.Actor, seat, person string) (Seat, error) {
	v, err := lockSeat(ctx, tx, seat)
	if err != nil {
		return Seat{}, err
	}
	if err := policy.Check(actor, policy.ReplaceHolder, seatFacts(v.Agency, v.ID, v.Kind)); err != nil {
		return Seat{}, err
	}
	if v.Until != 0 {
		return Seat{}, fault.New(fault.Conflict, "seat.already_ended")
	}
	p, err := findPerson(ctx, tx, person, true)
	if err != nil {
		return Seat{}, err
	}
	if err := mayHold(ctx, tx, person, v.CanVote); err != nil {
		return Seat{}, err
	}
	former := v.Holder
	if former.ID != "" {
		if err := endHolding(ctx, tx, former.ID, "replaced"); err != nil {
			return Seat{}, err
		}
	}
	v.Holder = Holding{ID: id.New("hd"), Seat: v.ID, Kind: v.Kind, Person: person, Name: p.Name, Since: tx.Now()}
	if err := insertHolding(ctx, tx, v.Holder); db.IsUnique(err) {
		return Seat{}, fault.New(fault.Conflict, "seat.person_has_seat")
	} else if err != nil {
		return Seat{}, err
	}
	if former.Person != "" {
		if err := s.revokeAllIn(ctx, tx, actor, former.Person, "replaced", ""); err != nil {
			return Seat{}, err
		}
		s.announceRights(tx, former.Person)
	}
	s.announceRights(tx, person)
	return v, s.append(ctx, tx, actor, HolderReplaced{Seat: v.ID, Agency: v.Agency, From: former.Person, To: person})
}

// EndSeat closes a seat; its holder keeps the account without it.
//
// Faults: seat.not_found, policy.forbidden, seat.already_ended.
func (s *Service) EndSeat(ctx context.Context, actor policy.Actor, seat string) error {
	return s.db.Transact(ctx, func(tx *db.Tx) error {
		v, err := lockSeat(ctx, tx, seat)
		if err != nil {
			return err
		}
		if err := policy.Check(actor, policy.EndSeat, seatFacts(v.Agency, v.ID, v.Kind)); err != nil {
			return err
		}
		if v.Until != 0 {
			return fault.New(fault.Conflict, "seat.already_ended")
		}
		if err := endSeat(ctx, tx, v.ID); err != nil {
			return err
		}
		if v.Holder.ID != "" {
			if err := endHolding(ctx, tx, v.Holder.ID, "ended"); err != nil {
				return err
			}
			if err := s.revokeAllIn(ctx, tx, actor, v.Holder.Person, "rights_changed", ""); err != nil {
				return err
			}
			s.announceRights(tx, v.Holder.Person)
		}
		return s.append(ctx, tx, actor, SeatEnded{Seat: v.ID, Agency: v.Agency, Person: v.Holder.Person})
	})
}

// lockSeat reads a seat under its agency's lock, in the order all use.
func lockSeat(ctx context.Context, tx *db.Tx, seat string) (Seat, error) {
	v, err := findSeat(ctx, tx, seat)
	if err != nil {
		return v, err
	}
	if _, err := findAgency(ctx, tx, v.Agency, true); err != nil {
		return v, err
	}
	return findSeat(ctx, tx, seat)
}

// Elector is an agency that may vote now, with its principal's seat ("" while
// it has none) and the persons whose seats may cast its vote.
type Elector struct {
	Agency  string
	Seat    string
	Holders []string
}

// Electorate lists, by agency code, the active agencies that have a vote. It asks no
// policy: it is for freezing a ballot's electorate in the ballot's transaction.
func Electorate(ctx context.Context, tx *db.Tx) ([]Elector, error) {
	agencies, err := listAgencies(ctx, tx, AgencyFilter{Status: Active})
	if err != nil {
		return nil, err
	}
	var list []Elector
	for _, a := range agencies {
		if !a.HasVote || a.Kind == KindSecretariat {
			continue
		}
		seats, err := listSeats(ctx, tx, a.ID)
		if err != nil {
			return nil, err
		}
		e := Elector{Agency: a.ID, Holders: []string{}}
		for _, v := range seats {
			if v.Kind == PrincipalSeat {
				e.Seat = v.ID
			}
			if v.CanVote && v.Holder.Person != "" {
				e.Holders = append(e.Holders, v.Holder.Person)
			}
		}
		list = append(list, e)
	}
	return list, nil
}
