package member

import (
	"context"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
)

func TestMain(m *testing.M) {
	FastHashingForTests()
	os.Exit(m.Run())
}

const pass = "كلمة مرور طويلة"

var hub = policy.SystemActor()

// world is a set-up network with two agencies and a movable clock.
type world struct {
	t    *testing.T
	ctx  context.Context
	db   *db.DB
	s    *Service
	now  atomic.Int64
	mun  Agency
	hlt  Agency
	hash string
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), db: d, s: New(d, nil)}
	w.now.Store(time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC).UnixMicro())
	clock := func() time.Time { return time.UnixMicro(w.now.Load()) }
	d.SetClock(clock)
	w.s.clock = clock
	var err error
	if _, err = w.s.CreateNetwork(w.ctx, hub, Text{Ar: "شبكة تطوير الخدمات", En: "Services network"}); err != nil {
		t.Fatal(err)
	}
	w.mun = w.agency("MUN", true)
	w.hlt = w.agency("HLT", true)
	if w.hash, err = HashPassword(pass); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) pass(d time.Duration) { w.now.Add(d.Microseconds()) }

func (w *world) agency(code string, vote bool) Agency {
	w.t.Helper()
	a, err := w.s.CreateAgency(w.ctx, hub, NewAgency{Code: code, Name: Text{Ar: "جهة " + code, En: "Agency " + code}, HasVote: vote})
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

func (w *world) person(email string, roles ...policy.Role) string {
	w.t.Helper()
	p, err := w.s.CreatePerson(w.ctx, hub, NewPerson{Name: Text{Ar: "ممثّل", En: "Somebody"}, Email: email, PasswordHash: w.hash})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range roles {
		if err := w.s.Grant(w.ctx, hub, p.ID, r); err != nil {
			w.t.Fatal(err)
		}
	}
	return p.ID
}

func (w *world) seat(agency, person string, kind SeatKind, vote bool) Seat {
	w.t.Helper()
	s, err := w.s.Seat(w.ctx, hub, NewSeat{Agency: agency, Person: person, Kind: kind, CanVote: vote})
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w *world) open(email string) Opened {
	w.t.Helper()
	o, err := w.s.Open(w.ctx, SignIn{Email: email, Password: pass, Source: "192.0.2.1"})
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

func (w *world) wants(err error, code string) {
	w.t.Helper()
	if code == "" && err != nil || code != "" && !fault.Is(err, code) {
		w.t.Errorf("got %v, want %q", err, code)
	}
}

func TestARoleComesFromTheSeatAndSecretariatExcludesVoting(t *testing.T) {
	seat := standing{person: "p", seat: "s", kind: PrincipalSeat, canVote: true, agency: "a", agencyKind: "other", hasVote: true, agencyStatus: Active}
	with := func(f func(*standing)) standing { v := seat; f(&v); return v }
	for _, c := range []struct {
		name      string
		st        standing
		roles     []policy.Role
		vote, pri bool
	}{
		{"a principal leads and votes", seat, []policy.Role{policy.AgencyLead}, true, true},
		{"an alternate represents and votes where the seat may", with(func(s *standing) { s.kind = AlternateSeat }), []policy.Role{policy.Representative}, true, false},
		{"an alternate without the vote", with(func(s *standing) { s.kind, s.canVote = AlternateSeat, false }), []policy.Role{policy.Representative}, false, false},
		{"a writer represents", with(func(s *standing) { s.kind, s.canVote = WriterSeat, false }), []policy.Role{policy.Representative}, false, false},
		{"a reader reads", with(func(s *standing) { s.kind, s.canVote = ReaderSeat, false }), []policy.Role{policy.Reader}, false, false},
		{"a moderator never votes, whatever the rows say", with(func(s *standing) { s.roles = []policy.Role{policy.Moderator} }), []policy.Role{policy.Moderator, policy.AgencyLead}, false, true},
		{"an agency without a vote has none", with(func(s *standing) { s.hasVote = false }), []policy.Role{policy.AgencyLead}, false, true},
		{"the secretariat's seats give no agency role", with(func(s *standing) {
			s.agencyKind, s.roles = KindSecretariat, []policy.Role{policy.SecretariatAdmin}
		}), []policy.Role{policy.SecretariatAdmin}, false, true},
		{"a suspended agency's people read", with(func(s *standing) { s.agencyStatus = Suspended }), []policy.Role{policy.Reader}, false, false},
		{"nobody without seat and role", standing{person: "p"}, nil, false, false},
	} {
		a := actorOf(c.st, "x")
		if len(a.Roles) != len(c.roles) || a.CanVote != c.vote || a.Principal != c.pri {
			t.Errorf("%s: got %+v", c.name, a)
			continue
		}
		for i := range c.roles {
			if a.Roles[i] != c.roles[i] {
				t.Errorf("%s: got roles %v, want %v", c.name, a.Roles, c.roles)
			}
		}
	}
}

func TestSeatsKeepTheirLimits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		p := make([]string, 6)
		for i := range p {
			p[i] = w.person(string(rune('a'+i)) + "@mun.example")
		}
		w.seat(w.mun.ID, p[0], PrincipalSeat, true)
		w.seat(w.mun.ID, p[1], AlternateSeat, true)
		w.seat(w.mun.ID, p[2], AlternateSeat, false)
		try := func(person string, kind SeatKind, vote bool, agency, code string) {
			t.Helper()
			_, err := w.s.Seat(w.ctx, hub, NewSeat{Agency: agency, Person: person, Kind: kind, CanVote: vote})
			w.wants(err, code)
		}
		try(p[3], PrincipalSeat, true, w.mun.ID, "seat.principal_taken")
		try(p[3], AlternateSeat, true, w.mun.ID, "seat.alternates_full")
		try(p[3], WriterSeat, true, w.mun.ID, "member.invalid_fields")
		try(p[3], "owner", false, w.mun.ID, "member.invalid_fields")
		try(p[0], PrincipalSeat, true, w.hlt.ID, "seat.person_has_seat")
		try(p[3], WriterSeat, false, "ag_none", "agency.not_found")
		try("pe_none", WriterSeat, false, w.mun.ID, "person.not_found")
		imported := w.agency("IMP", false)
		try(p[3], PrincipalSeat, true, imported.ID, "seat.agency_has_no_vote")
		mo := w.person("mo@sec.example", policy.Moderator)
		try(mo, PrincipalSeat, true, w.hlt.ID, "role.excludes_voting")
		try(mo, WriterSeat, false, w.hlt.ID, "")
		w.wants(w.s.Grant(w.ctx, hub, p[0], policy.SecretariatAdmin), "role.excludes_voting")
		w.wants(w.s.Grant(w.ctx, hub, p[0], policy.AgencyLead), "role.unknown")

		var list []Elector
		err := d.Read(w.ctx, func(tx *db.Tx) (err error) { list, err = Electorate(w.ctx, tx); return err })
		if err != nil {
			t.Fatal(err)
		}
		if len(list) != 2 || list[1].Agency != w.mun.ID || len(list[1].Holders) != 2 || list[1].Seat == "" || list[0].Seat != "" {
			t.Errorf("electorate: %+v", list)
		}
	})
}

func TestReplacingAHolderKeepsTheSeatAndItsHistory(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		old, next := w.person("old@mun.example"), w.person("new@mun.example")
		seat := w.seat(w.mun.ID, old, PrincipalSeat, true)
		o := w.open("old@mun.example")
		w.pass(24 * time.Hour / 4)
		after, err := w.s.ReplaceHolder(w.ctx, hub, seat.ID, next)
		if err != nil {
			t.Fatal(err)
		}
		if after.ID != seat.ID || after.Holder.Person != next || !after.CanVote {
			t.Errorf("after: %+v", after)
		}
		if _, _, err := w.s.Authenticate(w.ctx, o.Token); !fault.Is(err, "session.ended") {
			t.Errorf("the former holder's session goes on: %v", err)
		}
		if a := w.open("old@mun.example").Actor; a.Agency != "" || len(a.Roles) != 0 {
			t.Errorf("the former holder kept rights: %+v", a)
		}
		a := w.open("new@mun.example").Actor
		if a.Seat != seat.ID || !a.CanVote || !a.Principal || !a.Has(policy.AgencyLead) {
			t.Errorf("the new holder: %+v", a)
		}
		page, err := w.s.Agency(w.ctx, a, w.mun.ID)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Seats) != 1 || len(page.History) != 1 || page.History[0].Person != old || page.History[0].Reason != "replaced" || page.History[0].Until == 0 {
			t.Errorf("page: %+v", page)
		}
		if err := w.s.EndSeat(w.ctx, hub, seat.ID); err != nil {
			t.Fatal(err)
		}
		w.wants(w.s.EndSeat(w.ctx, hub, seat.ID), "seat.already_ended")
		_, err = w.s.ReplaceHolder(w.ctx, hub, seat.ID, old)
		w.wants(err, "seat.already_ended")
		w.wants(w.s.EndSeat(w.ctx, hub, "st_none"), "seat.not_found")
	})
}

func TestALeadManagesTheOwnLowerSeatsOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		lead, alt := w.person("lead@mun.example"), w.person("alt@mun.example")
		principal := w.seat(w.mun.ID, lead, PrincipalSeat, true)
		lower := w.seat(w.mun.ID, alt, AlternateSeat, true)
		other := w.seat(w.hlt.ID, w.person("alt@hlt.example"), AlternateSeat, true)
		al, rp := w.open("lead@mun.example").Actor, w.open("alt@mun.example").Actor
		invite := func(a policy.Actor, in NewInvitation, code string) {
			t.Helper()
			in.Email = "x@mun.example"
			_, _, err := w.s.Invite(w.ctx, a, in)
			w.wants(err, code)
		}
		invite(al, NewInvitation{Agency: w.mun.ID, Kind: AlternateSeat, CanVote: true}, "")
		invite(al, NewInvitation{Agency: w.mun.ID, Kind: PrincipalSeat}, "policy.forbidden")
		invite(al, NewInvitation{Agency: w.mun.ID, Kind: WriterSeat, Roles: []policy.Role{policy.SecretariatAdmin}}, "policy.forbidden")
		invite(al, NewInvitation{Agency: w.hlt.ID, Kind: WriterSeat}, "policy.forbidden")
		invite(al, NewInvitation{Roles: []policy.Role{policy.Expert}}, "policy.forbidden")
		invite(al, NewInvitation{Agency: w.mun.ID, Kind: AlternateSeat, Replaces: principal.ID}, "member.invalid_fields")
		invite(rp, NewInvitation{Agency: w.mun.ID, Kind: WriterSeat}, "policy.forbidden")
		invite(policy.Actor{}, NewInvitation{Agency: w.mun.ID, Kind: WriterSeat}, "policy.unauthenticated")
		w.wants(w.s.EndSeat(w.ctx, al, principal.ID), "policy.forbidden")
		w.wants(w.s.EndSeat(w.ctx, al, other.ID), "policy.forbidden")
		w.wants(w.s.EndSeat(w.ctx, rp, lower.ID), "policy.forbidden")
		w.wants(w.s.Grant(w.ctx, al, alt, policy.Moderator), "policy.forbidden")
		_, err := w.s.CreateAgency(w.ctx, al, NewAgency{Code: "NEW", Name: Text{Ar: "جهة"}})
		w.wants(err, "policy.forbidden")
		_, err = w.s.UpdateAgency(w.ctx, al, w.mun.ID, AgencyPatch{})
		w.wants(err, "policy.forbidden")
		w.wants(w.s.EndSeat(w.ctx, al, lower.ID), "")
	})
}

func TestAnInvitationIsUsedOnceWithinSevenDays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		sa := w.person("sa@sec.example", policy.SecretariatAdmin)
		admin := w.open("sa@sec.example").Actor
		make := func(email string) string {
			t.Helper()
			token, _, err := w.s.Invite(w.ctx, admin, NewInvitation{Agency: w.mun.ID, Kind: AlternateSeat, CanVote: true, Email: email})
			if err != nil {
				t.Fatal(err)
			}
			return token
		}
		name := Text{Ar: "نورة"}
		token := make("noura@mun.example")
		page, err := w.s.FindInvitation(w.ctx, token)
		if err != nil || page.Agency.ID != w.mun.ID || page.Invitation.Email != "noura@mun.example" {
			t.Fatalf("%+v %v", page, err)
		}
		_, err = w.s.Accept(w.ctx, token, name, "short", SignIn{})
		if f := fault.Of(err); f == nil || f.Fields["password"] != "too_short" {
			t.Errorf("a short password: %v", err)
		}
		o, err := w.s.Accept(w.ctx, token, name, pass, SignIn{UserAgent: "T"})
		if err != nil {
			t.Fatal(err)
		}
		if o.Actor.Agency != w.mun.ID || !o.Actor.CanVote || !o.Actor.Has(policy.Representative) {
			t.Errorf("accepted: %+v", o.Actor)
		}
		_, err = w.s.Accept(w.ctx, token, name, pass, SignIn{})
		w.wants(err, "invitation.not_found")
		_, err = w.s.FindInvitation(w.ctx, token)
		w.wants(err, "invitation.not_found")
		_, _, err = w.s.Invite(w.ctx, admin, NewInvitation{Agency: w.mun.ID, Kind: WriterSeat, Email: "NOURA@MUN.example"})
		w.wants(err, "person.email_taken")

		earlier := make("hind@mun.example")
		later := make("Hind@mun.example")
		_, err = w.s.FindInvitation(w.ctx, earlier)
		w.wants(err, "invitation.not_found") // the later link replaced it
		w.pass(7 * 24 * time.Hour)
		_, err = w.s.Accept(w.ctx, later, name, pass, SignIn{})
		w.wants(err, "invitation.not_found")

		again := make("hind@mun.example")
		if err := w.s.SetPersonStatus(w.ctx, hub, sa, Suspended); err != nil {
			t.Fatal(err)
		}
		_, err = w.s.Accept(w.ctx, again, name, pass, SignIn{})
		w.wants(err, "invitation.not_found") // who invited may no more
	})
}

func TestALinkUsedManyTimesAtOnceSeatsOnePerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		token, _, err := w.s.Invite(w.ctx, hub, NewInvitation{Agency: w.mun.ID, Kind: WriterSeat, Email: "noura@mun.example"})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			wg.Go(func() { _, errs[i] = w.s.Accept(w.ctx, token, Text{Ar: "نورة"}, pass, SignIn{}) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !fault.Is(err, "invitation.not_found") {
				t.Error(err)
			}
		}
		if won != 1 {
			t.Errorf("%d accepted", won)
		}
	})
}

func TestOnePrincipalUnderRaces(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		people := make([]string, 6)
		for i := range people {
			people[i] = w.person(string(rune('a'+i)) + "@mun.example")
		}
		var wg sync.WaitGroup
		errs := make([]error, 12)
		for i := range errs {
			kind := PrincipalSeat
			if i >= 6 {
				kind = AlternateSeat
			}
			wg.Go(func() {
				_, errs[i] = w.s.Seat(w.ctx, hub, NewSeat{Agency: w.mun.ID, Person: people[i%6], Kind: kind, CanVote: true})
			})
		}
		wg.Wait()
		for _, err := range errs {
			if err != nil && fault.Of(err) == nil {
				t.Error(err)
			}
		}
		err := d.Read(w.ctx, func(tx *db.Tx) error {
			seats, err := listSeats(w.ctx, tx, w.mun.ID)
			held := map[string]int{}
			kinds := map[SeatKind]int{}
			for _, s := range seats {
				held[s.Holder.Person]++
				kinds[s.Kind]++
			}
			if kinds[PrincipalSeat] != 1 || kinds[AlternateSeat] > maxAlternates || len(held) != len(seats) {
				t.Errorf("%v %v", kinds, held)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestAnInvitationMayReplaceAPrincipal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		seat := w.seat(w.mun.ID, w.person("old@mun.example"), PrincipalSeat, true)
		token, _, err := w.s.Invite(w.ctx, hub, NewInvitation{Agency: w.mun.ID, Kind: PrincipalSeat, Replaces: seat.ID, Email: "new@mun.example"})
		if err != nil {
			t.Fatal(err)
		}
		o, err := w.s.Accept(w.ctx, token, Text{En: "New"}, pass, SignIn{})
		if err != nil {
			t.Fatal(err)
		}
		if o.Actor.Seat != seat.ID || !o.Actor.CanVote || !o.Actor.Principal {
			t.Errorf("%+v", o.Actor)
		}
	})
}

func TestAgencyListCountsAndFilters(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.seat(w.mun.ID, w.person("a@mun.example"), PrincipalSeat, true)
		w.seat(w.mun.ID, w.person("b@mun.example"), WriterSeat, false)
		actor := w.open("a@mun.example").Actor
		health := "health"
		if _, err := w.s.UpdateAgency(w.ctx, hub, w.hlt.ID, AgencyPatch{Sector: &health}); err != nil {
			t.Fatal(err)
		}
		list, err := w.s.Agencies(w.ctx, actor, AgencyFilter{})
		if err != nil || len(list) != 2 || list[1].Code != "MUN" || list[1].Seats != 2 || list[0].Seats != 0 {
			t.Errorf("%+v %v", list, err)
		}
		list, err = w.s.Agencies(w.ctx, actor, AgencyFilter{Narrow: Narrowing{BySector: {"health"}}})
		if err != nil || len(list) != 1 || list[0].ID != w.hlt.ID {
			t.Errorf("%+v %v", list, err)
		}
		_, err = w.s.Agencies(w.ctx, policy.Actor{}, AgencyFilter{})
		w.wants(err, "policy.unauthenticated")
		_, err = w.s.CreateAgency(w.ctx, hub, NewAgency{Code: "MUN", Name: Text{Ar: "أخرى"}})
		w.wants(err, "agency.code_taken")
		for _, c := range []struct{ in, want string }{
			{"mun", w.mun.ID}, {"جِهة  MUN", w.mun.ID}, {"agency hlt", w.hlt.ID}, {"nobody", ""}, {"", ""},
		} {
			err := d.Read(w.ctx, func(tx *db.Tx) error {
				a, ok, err := FindAgency(w.ctx, tx, c.in)
				if a.ID != c.want || ok != (c.want != "") {
					t.Errorf("FindAgency(%q) = %q %v", c.in, a.ID, ok)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestSuspendingAnAgencyTakesItsRightsAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.seat(w.mun.ID, w.person("a@mun.example"), PrincipalSeat, true)
		o := w.open("a@mun.example")
		if a, _, err := w.s.Authenticate(w.ctx, o.Token); err != nil || !a.CanVote {
			t.Fatalf("%+v %v", a, err)
		}
		var changed []string
		w.s.OnRightsChanged(func(p string) { changed = append(changed, p) })
		off := Suspended
		if _, err := w.s.UpdateAgency(w.ctx, hub, w.mun.ID, AgencyPatch{Status: &off}); err != nil {
			t.Fatal(err)
		}
		if len(changed) != 1 || changed[0] != o.Actor.Person {
			t.Errorf("announced to %v", changed)
		}
		if a, _, err := w.s.Authenticate(w.ctx, o.Token); err != nil || a.CanVote || a.Has(policy.AgencyLead) {
			t.Errorf("still acting: %+v %v", a, err)
		}
	})
}

func TestTheRecordIsWholeAfterAllThis(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.seat(w.mun.ID, w.person("a@mun.example", policy.Expert), PrincipalSeat, true)
		w.open("a@mun.example")
		err := d.Read(w.ctx, func(tx *db.Tx) error {
			n, err := event.Verify(w.ctx, tx)
			if n < 7 {
				t.Errorf("only %d events", n)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}
