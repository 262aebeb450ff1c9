package member

import (
	"context"
	"slices"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/id"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
)

func personFacts(person string) policy.Facts {
	return policy.Facts{Kind: "person", ID: person, Owner: person, Visibility: policy.ToNetwork}
}

// CreatePerson adds somebody who can sign in, without seat or role. The usual
// way in is an invitation; this is for seeding.
//
// Faults: policy.forbidden, member.invalid_fields, person.email_taken.
func (s *Service) CreatePerson(ctx context.Context, actor policy.Actor, in NewPerson) (Person, error) {
	if err := policy.Check(actor, policy.GrantRole, policy.Global("person")); err != nil {
		return Person{}, err
	}
	if in.PasswordHash == "" {
		var f fields
		checkPassword(&f, "password", in.Password)
		if err := f.fault(); err != nil {
			return Person{}, err
		}
		hash, err := s.gate.hash(ctx, in.Password)
		if err != nil {
			return Person{}, err
		}
		in.PasswordHash = hash
	}
	var p Person
	err := s.db.Transact(ctx, func(tx *db.Tx) (err error) {
		p, err = s.personIn(ctx, tx, actor, in)
		return err
	})
	return p, err
}

func (s *Service) personIn(ctx context.Context, tx *db.Tx, actor policy.Actor, in NewPerson) (Person, error) {
	p := personRow{hash: in.PasswordHash, Person: Person{ID: id.New("pe"), Email: in.Email, Prefs: in.Prefs.withDefaults(), Status: Active}}
	var f fields
	p.Name = f.text("name", in.Name, maxName)
	p.Prefs.check(&f)
	key, ok := emailKey(in.Email)
	if !ok {
		f.add("email", "format")
	}
	if err := f.fault(); err != nil {
		return Person{}, err
	}
	if err := insertPerson(ctx, tx, p, key); db.IsUnique(err) {
		return Person{}, fault.New(fault.Conflict, "person.email_taken").WithField("email", "taken")
	} else if err != nil {
		return Person{}, err
	}
	if actor.Person == "" && !actor.System {
		actor.Person = p.ID // who comes by an invitation adds themselves
	}
	return p.Person, s.append(ctx, tx, actor, PersonCreated{Person: p.ID})
}

// Me reads who the actor is.
//
// Faults: policy.unauthenticated.
func (s *Service) Me(ctx context.Context, actor policy.Actor) (Me, error) {
	me := Me{Roles: actor.Roles}
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		if actor.Person == "" {
			return fault.New(fault.Unauthenticated, "policy.unauthenticated")
		}
		p, err := findPerson(ctx, tx, actor.Person, false)
		if err != nil {
			return err
		}
		me.Person = p.Person
		if seat, ok, err := findSeatOf(ctx, tx, actor.Person); err != nil {
			return err
		} else if ok {
			a, err := findAgency(ctx, tx, seat.Agency, false)
			if err != nil {
				return err
			}
			seat.CanVote = actor.CanVote
			me.Seat, me.Agency = &seat, &a
		}
		return nil
	})
	return me, err
}

// UpdateMe changes the actor's own name and preferences; nil keeps them, and so
// does an empty preference.
//
// Faults: policy.unauthenticated, member.invalid_fields.
func (s *Service) UpdateMe(ctx context.Context, actor policy.Actor, name *locale.Text, prefs *Prefs) (Person, error) {
	var p Person
	err := s.db.Transact(ctx, func(tx *db.Tx) error {
		if err := policy.Check(actor, policy.UpdateSelf, personFacts(actor.Person)); err != nil {
			return err
		}
		row, err := findPerson(ctx, tx, actor.Person, true)
		if err != nil {
			return err
		}
		p = row.Person
		var f fields
		var changed []string
		if name != nil {
			t := f.text("name", *name, maxName)
			patch(&changed, "name", &p.Name, &t)
		}
		if prefs != nil {
			v := *prefs
			for _, c := range []struct{ to, from *string }{
				{&v.Locale, &p.Prefs.Locale}, {&v.Digits, &p.Prefs.Digits}, {&v.Calendar, &p.Prefs.Calendar}, {&v.Theme, &p.Prefs.Theme}} {
				if *c.to == "" {
					*c.to = *c.from
				}
			}
			v.check(&f)
			patch(&changed, "prefs", &p.Prefs, &v)
		}
		if err := f.fault(); err != nil {
			return err
		}
		if len(changed) == 0 {
			return nil
		}
		if err := updatePerson(ctx, tx, p); err != nil {
			return err
		}
		tx.AfterCommit(s.forget)
		return s.append(ctx, tx, actor, PersonChanged{Person: p.ID, Fields: changed})
	})
	return p, err
}

// SetPersonStatus suspends or restores a person; suspending ends the sessions.
//
// Faults: person.not_found, policy.forbidden.
func (s *Service) SetPersonStatus(ctx context.Context, actor policy.Actor, person string, status Status) error {
	return s.db.Transact(ctx, func(tx *db.Tx) error {
		p, err := findPerson(ctx, tx, person, true)
		if err != nil {
			return err
		}
		if err := policy.Check(actor, policy.SuspendPerson, personFacts(person)); err != nil {
			return err
		}
		if status != Active && status != Suspended {
			return fault.New(fault.Invalid, "member.invalid_fields").WithField("status", "unknown")
		}
		if p.Status == status {
			return nil
		}
		p.Status = status
		if err := updatePerson(ctx, tx, p.Person); err != nil {
			return err
		}
		if status == Suspended {
			if err := s.revokeAllIn(ctx, tx, actor, person, "suspended", ""); err != nil {
				return err
			}
		}
		s.announceRights(tx, person)
		return s.append(ctx, tx, actor, PersonChanged{Person: person, Fields: []string{"status"}})
	})
}

// Grant gives a person a network role; having it already is no fault. The
// person's sessions end, because rights never change under a running one.
//
// Faults: person.not_found, policy.forbidden, role.unknown, role.excludes_voting.
func (s *Service) Grant(ctx context.Context, actor policy.Actor, person string, role policy.Role) error {
	return s.db.Transact(ctx, func(tx *db.Tx) error {
		if _, err := findPerson(ctx, tx, person, true); err != nil {
			return err
		}
		if err := policy.Check(actor, policy.GrantRole, personFacts(person)); err != nil {
			return err
		}
		return s.grantIn(ctx, tx, actor, person, role)
	})
}

func (s *Service) grantIn(ctx context.Context, tx *db.Tx, actor policy.Actor, person string, role policy.Role) error {
	if !slices.Contains(networkRoles, role) {
		return fault.New(fault.Invalid, "role.unknown").WithField("roles", "unknown")
	}
	if excludesVoting(role) {
		seat, ok, err := findSeatOf(ctx, tx, person)
		if err != nil {
			return err
		}
		if ok && seat.CanVote {
			return fault.New(fault.Conflict, "role.excludes_voting")
		}
	}
	by := actor.Person
	if by == "" {
		by = "system"
	}
	res, err := tx.Exec(ctx, `
		insert into person_role (person, role, granted_at, granted_by) values ($1, $2, $3, $4)
		on conflict (person, role) do nothing`, person, role, int64(tx.Now()), by)
	if err != nil {
		return wrap("grant role", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	if err := s.revokeAllIn(ctx, tx, actor, person, "rights_changed", ""); err != nil {
		return err
	}
	s.announceRights(tx, person)
	return s.append(ctx, tx, actor, RoleGranted{Person: person, Role: string(role)})
}

// Take ends a network role of a person; not having it is no fault. The last
// secretariat administrator keeps the role.
//
// Faults: person.not_found, policy.forbidden, role.last_administrator.
func (s *Service) Take(ctx context.Context, actor policy.Actor, person string, role policy.Role) error {
	return s.db.Transact(ctx, func(tx *db.Tx) error {
		if _, err := findPerson(ctx, tx, person, true); err != nil {
			return err
		}
		if err := policy.Check(actor, policy.GrantRole, personFacts(person)); err != nil {
			return err
		}
		if role == policy.SecretariatAdmin {
			var others int
			err := tx.QueryRow(ctx, `
				select count(*) from person_role r join person p on p.id = r.person
				 where r.role = 'SA' and p.status = 'active' and p.id <> $1`, person).Scan(&others)
			if err != nil {
				return wrap("count administrators", err)
			}
			if others == 0 {
				return fault.New(fault.Conflict, "role.last_administrator")
			}
		}
		res, err := tx.Exec(ctx, `delete from person_role where person = $1 and role = $2`, person, role)
		if err != nil {
			return wrap("take role", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		if err := s.revokeAllIn(ctx, tx, actor, person, "rights_changed", ""); err != nil {
			return err
		}
		s.announceRights(tx, person)
		return s.append(ctx, tx, actor, RoleTaken{Person: person, Role: string(role)})
	})
}

// PeopleIn returns the names of persons by id, for packages that show them
// beside their own things. It asks no policy. Ids that are nobody's are absent.
func PeopleIn(ctx context.Context, tx *db.Tx, ids ...string) (map[string]locale.Text, error) {
	m := make(map[string]locale.Text, len(ids))
	for _, person := range ids {
		if _, known := m[person]; known || person == "" || person == "system" {
			continue
		}
		p, err := findPerson(ctx, tx, person, false)
		if fault.Is(err, "person.not_found") {
			continue
		}
		if err != nil {
			return nil, err
		}
		m[person] = p.Name
	}
	return m, nil
}

// Seated is somebody who holds a seat now.
type Seated struct {
	Person string
	Name   locale.Text
	Agency Agency
}

// SeatedIn lists the active people who hold a seat of an active agency, in the order of their Arabic names. It asks no policy.
func SeatedIn(ctx context.Context, tx *db.Tx) ([]Seated, error) {
	agencies, err := AgenciesIn(ctx, tx)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `
		select p.id, p.name_ar, p.name_en, s.agency
		  from holding h join seat s on s.id = h.seat join person p on p.id = h.person
		 where h.until = 0 and p.status = $1
		 order by p.name_ar, p.id`, Active)
	list, err := collect(rows, err, func(row scanner) (v Seated, err error) {
		err = row.Scan(&v.Person, &v.Name.Ar, &v.Name.En, &v.Agency.ID)
		return v, err
	})
	out := list[:0]
	for _, v := range list {
		if v.Agency = agencies[v.Agency.ID]; v.Agency.Status == Active {
			out = append(out, v)
		}
	}
	return out, wrap("people with a seat", err)
}
