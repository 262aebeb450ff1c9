package policy

import (
	"testing"

	"github.com/multaqa/multaqa/pkg/fault"
)

func TestTheZeroActorHasNoRights(t *testing.T) {
	for _, r := range Table() {
		f := Facts{Kind: "thing", Agency: "ag_1", Visibility: ToNetwork}
		if err := Check(Actor{}, r.Action, f); err == nil && !r.Public {
			t.Errorf("%s: anonymous may", r.Action)
		}
		if !r.Public && Can(Actor{Person: "pe_1"}, r.Action, Facts{Kind: "thing"}) && r.See == nil {
			t.Errorf("%s: a person without role may act on an object without facts", r.Action)
		}
	}
}

func TestAnActionWithoutARowIsForbidden(t *testing.T) {
	if err := Check(Actor{Person: "pe_1", Roles: Roles}, "no.such", Open("x")); !fault.Is(err, "policy.forbidden") {
		t.Fatal(err)
	}
}

func TestTheLadder(t *testing.T) {
	own := Actor{Person: "p", Agency: "a", Roles: []Role{Representative}}
	other := Actor{Person: "q", Agency: "b", Roles: []Role{Representative}}
	third := Actor{Person: "r", Agency: "c", Roles: []Role{Representative}}
	reader := Actor{Person: "s", Agency: "a", Roles: []Role{Reader}}
	expert := Actor{Person: "t", Roles: []Role{Expert}}
	admin := Actor{Person: "u", Agency: "sec", Roles: []Role{SecretariatAdmin}}
	for _, c := range []struct {
		name string
		v    Visibility
		who  Actor
		sees bool
	}{
		{"an agency sees its own", ToAgency, own, true},
		{"another agency does not", ToAgency, other, false},
		{"not even the secretariat sees what an agency keeps to itself", ToAgency, admin, false},
		{"a named agency sees", ToAgencies, other, true},
		{"an agency not named does not", ToAgencies, third, false},
		{"the network sees", ToNetwork, third, true},
		{"an expert not invited does not see the network's", ToNetwork, expert, false},
		{"a reader does not see a draft of his own agency", ToAgency, reader, false},
		{"everybody sees what is public", ToPublic, Actor{}, true},
		{"nobody signed in sees nothing of the network's", ToNetwork, Actor{}, false},
	} {
		f := Facts{Kind: "thing", Agency: "a", Agencies: []string{"b"}, Visibility: c.v}
		if got := CanSee(c.who, f); got != c.sees {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
