package member

import (
	"testing"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/policy"
)

func TestTheRegisterOfPersons(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		admin := w.person("admin@sec.example", policy.SecretariatAdmin)
		lead := w.person("lead@mun.example")
		w.seat(w.mun.ID, lead, PrincipalSeat, true)
		expert := w.person("wael@expert.example", policy.Expert)
		sa, al := w.open("admin@sec.example").Actor, w.open("lead@mun.example").Actor
		_, err := w.s.People(w.ctx, al, PeopleFilter{})
		w.wants(err, "policy.forbidden")
		page, err := w.s.People(w.ctx, sa, PeopleFilter{})
		all, next := page.Items, page.Next
		if err != nil || len(all) != 3 || next != "" {
			t.Fatal(all, next, err)
		}
		for _, l := range all {
			can := l.Abilities(sa)
			if may := l.ID != admin; can["role.grant"] != may || can["person.suspend"] != may {
				t.Errorf("%s: %v", l.Email, can)
			}
			if (l.Agency == w.mun.ID) != (l.ID == lead) || (l.SeenAt == 0) != (l.ID == expert) {
				t.Errorf("%+v", l)
			}
		}
		for name, c := range map[string]struct {
			f    PeopleFilter
			want string
		}{
			"by words": {PeopleFilter{Query: "WAEL expert"}, expert}, "by role": {PeopleFilter{Role: policy.Expert}, expert},
			"one a page": {PeopleFilter{Limit: 1}, all[0].ID}, "the second page": {PeopleFilter{Limit: 1, Cursor: all[0].ID}, all[1].ID},
		} {
			got, err := w.s.People(w.ctx, sa, c.f)
			if err != nil || len(got.Items) != 1 || got.Items[0].ID != c.want {
				t.Errorf("%s: %+v %v", name, got, err)
			}
		}
		if got, _ := w.s.People(w.ctx, sa, PeopleFilter{Limit: 2}); len(got.Items) != 2 || got.Next != got.Items[1].ID {
			t.Errorf("cursor %q", next)
		}
		w.wants(w.s.SetPersonStatus(w.ctx, sa, expert, Suspended), "")
		if got, _ := w.s.People(w.ctx, sa, PeopleFilter{Status: Suspended}); len(got.Items) != 1 || got.Items[0].ID != expert {
			t.Errorf("suspended: %+v", got)
		}
	})
}

func TestAnInvitationIsListedAndWithdrawnByWhoCouldMakeIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.person("admin@sec.example", policy.SecretariatAdmin)
		for agency, email := range map[string]string{w.mun.ID: "lead@mun.example", w.hlt.ID: "lead@hlt.example"} {
			w.seat(agency, w.person(email), PrincipalSeat, true)
		}
		sa, mun, hlt := w.open("admin@sec.example").Actor, w.open("lead@mun.example").Actor, w.open("lead@hlt.example").Actor
		seat, v, err := w.s.Invite(w.ctx, mun, NewInvitation{Email: "new@mun.example", Agency: w.mun.ID, Kind: WriterSeat})
		w.wants(err, "")
		role, _, err := w.s.Invite(w.ctx, sa, NewInvitation{Email: "expert@x.example", Roles: []policy.Role{policy.Expert}})
		w.wants(err, "")
		for who, c := range map[string]struct {
			actor policy.Actor
			n     int
		}{"the secretariat": {sa, 2}, "the inviting lead": {mun, 1}, "another lead": {hlt, 0}} {
			list, err := w.s.Invitations(w.ctx, c.actor, nil)
			if err != nil || len(list.Items) != c.n {
				t.Errorf("%s: %v %v", who, list, err)
			}
		}
		_, err = w.s.Invitations(w.ctx, policy.Actor{Person: "pe_x", Roles: []policy.Role{policy.Representative}}, nil)
		w.wants(err, "policy.forbidden")
		w.wants(w.s.Withdraw(w.ctx, hlt, v.ID), "invitation.not_found")
		w.wants(w.s.Withdraw(w.ctx, mun, v.ID), "")
		w.wants(w.s.Withdraw(w.ctx, mun, v.ID), "invitation.not_found")
		_, err = w.s.FindInvitation(w.ctx, seat)
		w.wants(err, "invitation.not_found")
		_, err = w.s.FindInvitation(w.ctx, role)
		w.wants(err, "")
	})
}
