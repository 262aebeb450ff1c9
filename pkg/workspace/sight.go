package workspace

import (
	"slices"

	"github.com/multaqa/multaqa/pkg/policy"
)

// Sight is where an object stands on the visibility ladder: Owners are the
// agencies it belongs to and always see it, Agencies those named on the rung
// "agencies" (ignored on the others).
type Sight struct {
	Owners     []string
	Visibility policy.Visibility
	Agencies   []string
}

// Sees says whether members of the agency see the object. An unknown rung
// shows it to nobody.
func (s Sight) Sees(agency string) bool {
	switch s.Visibility {
	case policy.ToNetwork, policy.ToPublic:
		return true
	case policy.ToAgencies:
		return slices.Contains(s.Owners, agency) || slices.Contains(s.Agencies, agency)
	case policy.ToAgency:
		return slices.Contains(s.Owners, agency)
	}
	return false
}

// SightChange says which of all agencies gain and which lose sight of an
// object that moves on the ladder, in the order of all. Readers without an agency are
// not in it: they see the object when the rung is "public", on either side.
func SightChange(from, to Sight, all []string) (gains, loses []string) {
	gains, loses = []string{}, []string{}
	for _, a := range all {
		before, after := from.Sees(a), to.Sees(a)
		if after && !before {
			gains = append(gains, a)
		}
		if before && !after {
			loses = append(loses, a)
		}
	}
	return gains, loses
}
