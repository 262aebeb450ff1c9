package member

import (
	"context"
	"encoding/json"

	"github.com/multaqa/multaqa/pkg/arabic"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Listed is a person in the secretariat's register. Seat and Agency are empty
// without a seat.
type Listed struct {
	Person
	Roles    []policy.Role
	Agency   string
	Seat     string
	SeatKind SeatKind
	CanVote  bool
	SeenAt   db.Time // when one of the sessions was last used; 0: never, or long ago
}

// Abilities says what the actor may do to the person.
func (l Listed) Abilities(actor policy.Actor) map[string]bool {
	return policy.Abilities(actor, personFacts(l.ID), policy.GrantRole, policy.SuspendPerson)
}

// PeopleFilter narrows the register; empty fields do not. Query matches words
// of the names and the e-mail, folded.
type PeopleFilter struct {
	Query  string
	Role   policy.Role
	Status Status
	Narrow Narrowing // of the agency of their seat
	Cursor string
	Limit  int // 1 to 200; 0 is 100
}

// People is the register of persons, in the order in which they came.
//
// Faults: policy.forbidden.
func (s *Service) People(ctx context.Context, actor policy.Actor, f PeopleFilter) (out PageOf[Listed], err error) {
	if err := policy.Check(actor, policy.ListPeople, policy.Global("person")); err != nil {
		return out, err
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 100
	}
	words := arabic.Words(f.Query)
	kept, err := s.Kept(ctx, f.Narrow)
	if err != nil {
		return out, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		// Words are matched here, so every person is read: the pages before the cursor are counted too.
		rows, err := tx.Query(ctx, `
			select p.id, p.name_ar, p.name_en, p.email, p.status,
			       coalesce(s.id, ''), coalesce(s.kind, ''), coalesce(s.can_vote, false), coalesce(s.agency, ''),
			       coalesce((select max(x.last_seen_at) from session x where x.person = p.id), 0)
			  from person p
			  left join holding h on h.person = p.id and h.until = 0
			  left join seat s on s.id = h.seat
			 where ($1 = '' or p.status = $1)
			   and ($2 = '' or exists (select 1 from person_role r where r.person = p.id and r.role = $2))
			 order by p.id`, f.Status, f.Role)
		if err != nil {
			return wrap("list people", err)
		}
		out = PageOf[Listed]{Owners: Owners{}}
		for rows.Next() {
			var l Listed
			if err := rows.Scan(&l.ID, &l.Name.Ar, &l.Name.En, &l.Email, &l.Status, &l.Seat, &l.SeatKind, &l.CanVote, &l.Agency, &l.SeenAt); err != nil {
				rows.Close()
				return wrap("list people", err)
			}
			if !arabic.Mentions(words, l.Name.Ar, l.Name.En, l.Email) {
				continue
			}
			out.Owners[l.Agency]++
			if l.ID <= f.Cursor || kept != nil && !kept[l.Agency] {
				continue
			}
			if len(out.Items) == f.Limit {
				out.Next = out.Items[f.Limit-1].ID
				continue
			}
			out.Items = append(out.Items, l)
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return wrap("list people", err)
		}
		ids := make([]string, len(out.Items))
		for i, l := range out.Items {
			ids[i] = l.ID
		}
		roles, err := rolesOf(ctx, tx, ids)
		for i := range out.Items {
			out.Items[i].Roles = roles[ids[i]]
		}
		return err
	})
	return out, err
}

// Invitations lists the open invitations that the actor could have made: all
// for the secretariat, the own agency's for its lead. Newest first, on one page.
//
// Faults: policy.forbidden.
func (s *Service) Invitations(ctx context.Context, actor policy.Actor, by Narrowing) (out PageOf[Invitation], err error) {
	if err := policy.Check(actor, policy.ListInvitations, policy.Global("invitation")); err != nil {
		return out, err
	}
	kept, err := s.Kept(ctx, by)
	if err != nil {
		return out, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, `
			select `+invitationColumns+` from invitation
			 where used_at = 0 and revoked_at = 0 and expires_at > $1 order by created_at desc, id`, int64(tx.Now()))
		all, err := collect(rows, err, scanInvitation)
		out = PageOf[Invitation]{Owners: Owners{}}
		for _, v := range all {
			if !policy.Can(actor, policy.InviteMember, v.facts()) {
				continue
			}
			out.Owners[v.Agency]++
			if kept == nil || kept[v.Agency] {
				out.Items = append(out.Items, v)
			}
		}
		return wrap("list invitations", err)
	})
	return out, err
}

func (v Invitation) facts() policy.Facts {
	f := seatFacts(v.Agency, v.Replaces, v.Kind, v.Roles...)
	f.Kind = "invitation"
	return f
}

func scanInvitation(row scanner) (v Invitation, err error) {
	var roles string
	if err = row.Scan(&v.ID, &v.Email, &v.Name.Ar, &v.Name.En, &v.Agency, &v.Kind, &v.CanVote, &roles, &v.Replaces,
		&v.InvitedBy, &v.CreatedAt, &v.ExpiresAt); err == nil {
		err = json.Unmarshal([]byte(roles), &v.Roles)
	}
	return v, err
}

// Withdraw ends an open invitation: its link opens nothing any more.
//
// Faults: invitation.not_found, policy.forbidden.
func (s *Service) Withdraw(ctx context.Context, actor policy.Actor, invitation string) error {
	return s.db.Transact(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, `
			select `+invitationColumns+` from invitation where id = $1 and used_at = 0 and revoked_at = 0`+tx.ForUpdate(), invitation)
		list, err := collect(rows, err, scanInvitation)
		if err != nil {
			return wrap("find invitation", err)
		}
		if len(list) == 0 {
			return policy.NotFound("invitation")
		}
		if err := policy.Check(actor, policy.WithdrawInvitation, list[0].facts()); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update invitation set revoked_at = $2 where id = $1`, invitation, int64(tx.Now())); err != nil {
			return wrap("withdraw invitation", err)
		}
		return s.append(ctx, tx, actor, InvitationWithdrawn{Invitation: invitation})
	})
}
