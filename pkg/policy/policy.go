// Package policy decides who may do what. It is one table of rules: each names
// an action, who may do it, a sentence that a legal officer can check, and a
// pure function of the actor and of facts about the object. Domains fill the
// facts; policy imports no domain. Denied is the default, and the zero Actor
// has no rights. To act one must be able to read: Check asks both.
//
// docs/permissions.md is printed from the table and a test says when it is
// stale.
package policy

import (
	"slices"
	"sort"

	"github.com/multaqa/multaqa/pkg/fault"
)

// Role is what a person may be, held per seat and scope (rules D4).
type Role string

// The roles of rules D4.
const (
	SecretariatAdmin Role = "SA"
	Moderator        Role = "MO"
	AgencyLead       Role = "AL"
	Representative   Role = "RP"
	Expert           Role = "EX"
	Partner          Role = "PO"
	Reader           Role = "RD"
)

// Roles lists all roles, in the order of rules D4.
var Roles = []Role{SecretariatAdmin, Moderator, AgencyLead, Representative, Expert, Partner, Reader}

// Actor is who acts: a person on a seat of an agency, within a sign-in
// session. The zero value is anonymous and has no rights.
type Actor struct {
	Person    string
	Session   string
	Seat      string
	Agency    string
	Roles     []Role
	CanVote   bool // the seat may cast its agency's vote
	Principal bool // the seat is the principal's
	System    bool // the hub itself: schedulers, imports from the command line
	Locale    string
}

// Anonymous says whether nobody is signed in.
func (a Actor) Anonymous() bool { return a.Person == "" && !a.System }

// Has says whether the actor holds one of the roles.
func (a Actor) Has(roles ...Role) bool {
	for _, r := range roles {
		if slices.Contains(a.Roles, r) {
			return true
		}
	}
	return false
}

// SystemActor is the hub itself.
func SystemActor() Actor { return Actor{System: true} }

// Visibility is a rung of the ladder on which an object stands.
type Visibility string

// The ladder: my agency, named agencies, the network, everybody.
const (
	ToAgency   Visibility = "agency"
	ToAgencies Visibility = "agencies"
	ToNetwork  Visibility = "network"
	ToPublic   Visibility = "public"
)

// Rank orders the ladder from 1 to 4; 0 is no rung at all.
func (v Visibility) Rank() int {
	return slices.Index([]Visibility{"", ToAgency, ToAgencies, ToNetwork, ToPublic}, v)
}

// Facts is what a rule may know of an object. The zero value is an object
// that nobody but the hub itself sees.
type Facts struct {
	Kind       string     // "guideline", "ballot": names the not_found code
	ID         string     // for the log
	Agency     string     // the agency that owns it
	Agencies   []string   // agencies named by the ladder
	Visibility Visibility // rung of the ladder
	State      string     // state of its life cycle
	Authors    []string   // persons who wrote it
	Owner      string     // the person who answers for it
	Within     string     // the agency that alone sees it, wherever it stands; empty for whoever sees the rest
	Flags      map[string]bool
}

// Global is an object that every signed-in person sees: lists, own account.
func Global(kind string) Facts { return Facts{Kind: kind, Visibility: ToNetwork} }

// Open is what everybody may reach, signed in or not.
func Open(kind string) Facts { return Facts{Kind: kind, Visibility: ToPublic} }

// CanSee is the one reading rule. The secretariat admin sees what is not an
// agency's own matter: everything from "agencies" up, and an agency's drafts
// only where the agency shows them (rules D4, last line).
func CanSee(a Actor, f Facts) bool {
	if a.System || f.Visibility == ToPublic {
		return true
	}
	if a.Anonymous() {
		return false
	}
	if f.Agency != "" && f.Agency == a.Agency && !a.Has(Reader) {
		return true
	}
	switch f.Visibility {
	case ToNetwork:
		// An expert or partner sees what the network sees only where invited.
		return a.Has(SecretariatAdmin, Moderator, AgencyLead, Representative, Reader) || Invited(a, f)
	case ToAgencies:
		return a.Has(SecretariatAdmin) || Invited(a, f) ||
			a.Agency != "" && slices.Contains(f.Agencies, a.Agency) && (!a.Has(Reader) || f.Flags["published"])
	}
	return f.Owner != "" && f.Owner == a.Person
}

// Invited says whether the object's text is put before the actor, by name or
// by agency: flags "invited:<person>" and "invited:<agency>". An agency's
// readers are not meant by it.
func Invited(a Actor, f Facts) bool {
	return f.Flags["invited"] || a.Person != "" && f.Flags["invited:"+a.Person] ||
		a.Agency != "" && !a.Has(Reader) && f.Flags["invited:"+a.Agency]
}

// Action names what is done: "ballot.cast".
type Action string

// Rule is one row of the table.
type Rule struct {
	Action Action
	Who    string                      // for the printed table
	Says   string                      // a sentence a legal officer can check
	Allow  func(a Actor, f Facts) bool // asked only after CanSee
	See    func(a Actor, f Facts) bool // instead of CanSee, where reading has another rule
	Public bool                        // also without signing in
}

var table = map[Action]Rule{}

// register adds a row. Two rows for one action are a mistake of the program.
func register(r Rule) {
	if _, twice := table[r.Action]; twice {
		panic("policy: two rules for " + string(r.Action))
	}
	if r.Allow == nil || r.Says == "" || r.Who == "" {
		panic("policy: rule without who, sentence or function: " + string(r.Action))
	}
	table[r.Action] = r
}

// Known says whether the action has a row.
func Known(act Action) bool { _, ok := table[act]; return ok }

// Table lists the rows by action.
func Table() []Rule {
	rules := make([]Rule, 0, len(table))
	for _, r := range table {
		rules = append(rules, r)
	}
	sort.Slice(rules, func(i, j int) bool { return rules[i].Action < rules[j].Action })
	return rules
}

// Check says whether the actor may do it: nil, or a fault.
//
// Faults: policy.unauthenticated, <kind>.not_found when the actor may not see
// the object, policy.forbidden when the actor sees it and may not act.
func Check(a Actor, act Action, f Facts) error {
	r, ok := table[act]
	if !ok {
		return fault.New(fault.Forbidden, "policy.forbidden") // deny by default
	}
	if a.System {
		return nil
	}
	if a.Anonymous() && !r.Public {
		return fault.New(fault.Unauthenticated, "policy.unauthenticated")
	}
	if !sees(r, a, f) {
		return NotFound(f.Kind)
	}
	if !r.Allow(a, f) {
		return fault.New(fault.Forbidden, "policy.forbidden")
	}
	return nil
}

// NotFound is the fault for an object of the kind that is absent or not to be
// seen; the two are one answer.
func NotFound(kind string) error {
	if kind == "" {
		kind = "request"
	}
	return fault.New(fault.NotFound, kind+".not_found")
}

// Can is Check as a claim.
func Can(a Actor, act Action, f Facts) bool { return Check(a, act, f) == nil }

// Abilities answers Can for several actions at once, for a resource's
// "abilities" member.
func Abilities(a Actor, f Facts, acts ...Action) map[string]bool {
	m := make(map[string]bool, len(acts))
	for _, act := range acts {
		m[string(act)] = Can(a, act, f)
	}
	return m
}

func sees(r Rule, a Actor, f Facts) bool {
	if r.See != nil {
		return r.See(a, f)
	}
	return CanSee(a, f)
}

// Members are the roles that work in the hub, as opposed to reading it.
func Members(a Actor) bool {
	return a.Has(SecretariatAdmin, Moderator, AgencyLead, Representative)
}

// Anyone allows whoever sees the object.
func Anyone(Actor, Facts) bool { return true }
