package workspace

import (
	"context"
	"os"
	"reflect"
	"testing"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

func TestMain(m *testing.M) {
	member.FastHashingForTests()
	os.Exit(m.Run())
}

func TestSightChangeNamesWhoGainsAndWhoLoses(t *testing.T) {
	all := []string{"a", "b", "c", "d"}
	own := func(v policy.Visibility, named ...string) Sight {
		return Sight{Owners: []string{"a"}, Visibility: v, Agencies: named}
	}
	none := []string{}
	for _, c := range []struct {
		name         string
		from, to     Sight
		gains, loses []string
	}{
		{"nothing moves", own(policy.ToAgency), own(policy.ToAgency), none, none},
		{"to named agencies", own(policy.ToAgency), own(policy.ToAgencies, "b", "c"), []string{"b", "c"}, none},
		{"other named agencies", own(policy.ToAgencies, "b", "c"), own(policy.ToAgencies, "c", "d"), []string{"d"}, []string{"b"}},
		{"named, and the owner named too", own(policy.ToAgency), own(policy.ToAgencies, "a"), none, none},
		{"to the network", own(policy.ToAgencies, "b"), own(policy.ToNetwork), []string{"c", "d"}, none},
		{"named agencies do not count on another rung", own(policy.ToAgency, "b"), own(policy.ToNetwork, "b"), []string{"b", "c", "d"}, none},
		{"from the network to everybody", own(policy.ToNetwork), own(policy.ToPublic), none, none},
		{"back to the agency", own(policy.ToPublic), own(policy.ToAgency), none, []string{"b", "c", "d"}},
		{"an unknown rung shows nothing", own(policy.ToAgency), own("friends"), none, []string{"a"}},
		{"several owners", Sight{Owners: []string{"a", "b"}, Visibility: policy.ToAgency}, own(policy.ToAgencies, "c"), []string{"c"}, []string{"b"}},
	} {
		gains, loses := SightChange(c.from, c.to, all)
		if !reflect.DeepEqual(gains, c.gains) || !reflect.DeepEqual(loses, c.loses) {
			t.Errorf("%s: gains %v loses %v, want %v %v", c.name, gains, loses, c.gains, c.loses)
		}
	}
}

// TestSightSaysWhatPolicySays holds the preview to the reading rule.
func TestSightSaysWhatPolicySays(t *testing.T) {
	for _, v := range []policy.Visibility{policy.ToAgency, policy.ToAgencies, policy.ToNetwork, policy.ToPublic, "", "friends"} {
		s := Sight{Owners: []string{"a"}, Visibility: v, Agencies: []string{"b"}}
		f := policy.Facts{Kind: "x", Agency: "a", Agencies: []string{"b"}, Visibility: v}
		for _, agency := range []string{"a", "b", "c"} {
			actor := policy.Actor{Person: "p", Agency: agency, Roles: []policy.Role{policy.Representative}}
			if v.Rank() > 0 && s.Sees(agency) != policy.CanSee(actor, f) {
				t.Errorf("%q for agency %s: sight %v, policy %v", v, agency, s.Sees(agency), policy.CanSee(actor, f))
			}
		}
	}
}

type world struct {
	*testing.T
	ctx     context.Context
	db      *db.DB
	members *member.Service
	spaces  *Service
	id      map[string]string
	actor   map[string]policy.Actor
}

func newWorld(t *testing.T, d *db.DB) *world {
	w := &world{T: t, ctx: t.Context(), db: d, members: member.New(d, nil), id: map[string]string{}, actor: map[string]policy.Actor{}}
	w.spaces = New(d, w.members)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	hub := policy.SystemActor()
	_, err := w.members.CreateNetwork(w.ctx, hub, locale.Text{Ar: "شبكة"})
	must(err)
	hash, err := member.HashPassword("a long password")
	must(err)
	for _, code := range []string{"MUN", "HLT", "EDU"} {
		a, err := w.members.CreateAgency(w.ctx, hub, member.NewAgency{Code: code, Name: locale.Text{Ar: "جهة " + code}, HasVote: true})
		must(err)
		w.id[code] = a.ID
		for _, k := range []member.SeatKind{member.PrincipalSeat, member.WriterSeat, member.ReaderSeat} {
			email := string(k) + "@" + code + ".example"
			p, err := w.members.CreatePerson(w.ctx, hub, member.NewPerson{Name: locale.Text{Ar: "عضو"}, Email: email, PasswordHash: hash})
			must(err)
			_, err = w.members.Seat(w.ctx, hub, member.NewSeat{Agency: a.ID, Person: p.ID, Kind: k})
			must(err)
			o, err := w.members.Open(w.ctx, member.SignIn{Email: email, Password: "a long password"})
			must(err)
			w.actor[code+" "+string(k)] = o.Actor
		}
	}
	w.actor["SA"] = policy.Actor{Person: "pe_sa", Roles: []policy.Role{policy.SecretariatAdmin}}
	w.actor["PO"] = policy.Actor{Person: "pe_po", Roles: []policy.Role{policy.Partner}}
	return w
}

func TestWhoEntersWhichWorkspace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		joint, err := w.spaces.Create(w.ctx, w.actor["MUN principal"], locale.Text{Ar: "مساحة مشتركة"}, []string{w.id["HLT"], w.id["MUN"], w.id["MUN"]})
		if err != nil {
			t.Fatal(err)
		}
		if joint.Agency != w.id["MUN"] || len(joint.Agencies) != 2 || joint.Visibility != policy.ToAgencies {
			t.Errorf("%+v", joint)
		}
		for who, want := range map[string][]Kind{
			"MUN principal": {AgencySpace, JointSpace, Commons},
			"HLT writer":    {AgencySpace, JointSpace, Commons},
			"EDU principal": {AgencySpace, Commons},
			"EDU reader":    {Commons},
			"HLT reader":    {Commons},
			"SA":            {JointSpace, Commons},
			"PO":            {},
		} {
			list, err := w.spaces.Workspaces(w.ctx, w.actor[who], nil)
			if err != nil {
				t.Fatal(err)
			}
			kinds := []Kind{}
			for _, v := range list.Items {
				kinds = append(kinds, v.Kind)
				if v.Kind == AgencySpace && (v.Agency != w.actor[who].Agency || v.Name.Ar == "") {
					t.Errorf("%s enters %+v", who, v)
				}
				// What is listed can be opened, and the other way round.
				if _, err := w.spaces.Workspace(w.ctx, w.actor[who], v.ID); err != nil {
					t.Errorf("%s: %s is listed and not found", who, v.Kind)
				}
			}
			if !reflect.DeepEqual(kinds, want) {
				t.Errorf("%s enters %v, want %v", who, kinds, want)
			}
		}
		for _, who := range []string{"EDU principal", "PO"} {
			if _, err := w.spaces.Workspace(w.ctx, w.actor[who], joint.ID); !fault.Is(err, "workspace.not_found") {
				t.Errorf("%s: %v", who, err)
			}
		}
		if _, err := w.spaces.Workspaces(w.ctx, policy.Actor{}, nil); !fault.Is(err, "policy.unauthenticated") {
			t.Error(err)
		}
		if _, err := w.spaces.AddAgency(w.ctx, w.actor["HLT principal"], joint.ID, w.id["EDU"]); !fault.Is(err, "policy.forbidden") {
			t.Errorf("a lead of another member adds: %v", err)
		}
		if _, err := w.spaces.AddAgency(w.ctx, w.actor["MUN principal"], joint.ID, w.id["EDU"]); err != nil {
			t.Error(err)
		}
		if v, err := w.spaces.Workspace(w.ctx, w.actor["EDU writer"], joint.ID); err != nil || len(v.Agencies) != 3 {
			t.Errorf("after joining: %+v %v", v, err)
		}
	})
}

func TestOpeningAJointWorkspace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		mun, hlt, edu := w.id["MUN"], w.id["HLT"], w.id["EDU"]
		for _, c := range []struct {
			name, who, code string
			title           string
			agencies        []string
		}{
			{"the secretariat for any", "SA", "", "مساحة", []string{hlt, edu}},
			{"a lead with the own agency", "MUN principal", "", "مساحة", []string{mun, edu}},
			{"a lead without the own agency", "MUN principal", "policy.forbidden", "مساحة", []string{hlt, edu}},
			{"a writer proposes, and does not open", "MUN writer", "policy.forbidden", "مساحة", []string{mun, edu}},
			{"one agency is none", "SA", "workspace.invalid_fields", "مساحة", []string{mun, mun}},
			{"a name", "SA", "workspace.invalid_fields", "a\u202e", []string{mun, hlt}},
			{"an agency that is not", "SA", "agency.not_found", "مساحة", []string{mun, "ag_none"}},
		} {
			_, err := w.spaces.Create(w.ctx, w.actor[c.who], locale.Text{Ar: c.title}, c.agencies)
			if c.code == "" && err != nil || c.code != "" && !fault.Is(err, c.code) {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		err := d.Read(w.ctx, func(tx *db.Tx) error {
			v, err := OfAgency(w.ctx, tx, mun)
			if err != nil {
				return err
			}
			f, err := w.spaces.Facts(w.ctx, tx, v.ID)
			if f.Agency != mun || f.Visibility != policy.ToAgency {
				t.Errorf("%+v", f)
			}
			if _, err := CommonsIn(w.ctx, tx); err != nil {
				t.Error(err)
			}
			_, missing := w.spaces.Facts(w.ctx, tx, "ws_none")
			if !fault.Is(missing, "workspace.not_found") {
				t.Error(missing)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
