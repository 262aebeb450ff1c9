package member

import (
	"context"
	"slices"
	"strings"

	"github.com/multaqa/multaqa/pkg/arabic"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/id"
	"github.com/multaqa/multaqa/pkg/policy"
)

func (a Agency) facts() policy.Facts {
	return policy.Facts{Kind: "agency", ID: a.ID, Agency: a.ID, Visibility: policy.ToNetwork, State: string(a.Status)}
}

// Abilities says what the actor may do to the agency.
func (a Agency) Abilities(actor policy.Actor) map[string]bool {
	return policy.Abilities(actor, a.facts(), policy.UpdateAgency, policy.InviteMember, policy.EndSeat, policy.ReadSeatHistory)
}

// CreateAgency adds an agency, with its workspace.
//
// Faults: policy.forbidden, member.invalid_fields, agency.code_taken.
func (s *Service) CreateAgency(ctx context.Context, actor policy.Actor, in NewAgency) (Agency, error) {
	var a Agency
	err := s.db.Transact(ctx, func(tx *db.Tx) (err error) {
		a, err = s.CreateAgencyIn(ctx, tx, actor, in)
		return err
	})
	return a, err
}

// CreateAgencyIn is CreateAgency within the caller's transaction.
func (s *Service) CreateAgencyIn(ctx context.Context, tx *db.Tx, actor policy.Actor, in NewAgency) (Agency, error) {
	if err := policy.Check(actor, policy.CreateAgency, policy.Global("agency")); err != nil {
		return Agency{}, err
	}
	count, err := countAgencies(ctx, tx)
	if err != nil {
		return Agency{}, err
	}
	a := Agency{ID: id.New("ag"), Code: in.Code, Kind: in.Kind, Tier: in.Tier, Sector: in.Sector, Area: in.Area, Name: in.Name,
		Short: in.Short, Hue: in.Hue, HasVote: in.HasVote, Status: Active, Joined: in.Joined}
	if a.Code == "" {
		a.Code = "A-" + strings.ToUpper(a.ID[len(a.ID)-8:])
	}
	if a.Kind == "" {
		a.Kind = "other"
	}
	if a.Tier == "" {
		a.Tier = "local"
	}
	if a.Sector == "" {
		a.Sector = "general"
	}
	if a.Area == "" {
		a.Area = "nationwide"
	}
	if a.Hue == 0 {
		a.Hue = count%8 + 1
	}
	if a.Joined == 0 {
		a.Joined = tx.Now()
	}
	var f fields
	a.check(&f)
	if err := f.fault(); err != nil {
		return Agency{}, err
	}
	if err := insertAgency(ctx, tx, a); db.IsUnique(err) {
		return Agency{}, fault.New(fault.Conflict, "agency.code_taken").WithField("code", "taken")
	} else if err != nil {
		return Agency{}, err
	}
	for _, fn := range s.onAgency {
		if err := fn(ctx, tx, actor, a); err != nil {
			return Agency{}, err
		}
	}
	return a, s.append(ctx, tx, actor, AgencyCreated{Agency: a.ID, HasVote: a.HasVote})
}

// check validates and completes the agency.
func (a *Agency) check(f *fields) {
	if !validCode(a.Code) {
		f.add("code", "format")
	}
	if !contains(Kinds, a.Kind) {
		f.add("kind", "unknown")
	}
	if !contains(Tiers, a.Tier) {
		f.add("tier", "unknown")
	}
	if !validSector(a.Sector) {
		f.add("sector", "format")
	}
	if !validSector(a.Area) {
		f.add("area", "format")
	}
	if a.Hue < 1 || a.Hue > 8 {
		f.add("hue", "out_of_range")
	}
	if a.Status != Active && a.Status != Suspended {
		f.add("status", "unknown")
	}
	if a.Kind == KindSecretariat && a.HasVote {
		f.add("has_vote", "not_for_secretariat")
	}
	a.Name = f.text("name", a.Name, maxName)
	if a.Short.Ar == "" && a.Short.En == "" {
		a.Short.Ar, a.Short.En = cut(a.Name.Ar, maxShort), cut(a.Name.En, maxShort)
	}
	a.Short = f.text("short", a.Short, maxShort)
}

// cut shortens a name to n clusters, at a space if there is one.
func cut(s string, n int) string {
	if Clusters(s) <= n {
		return s
	}
	runes := []rune(s)
	for len(runes) > 0 && Clusters(string(runes)) > n {
		runes = runes[:len(runes)-1]
	}
	if i := strings.LastIndexByte(string(runes), ' '); i > 0 {
		return strings.TrimSpace(string(runes)[:i])
	}
	return string(runes)
}

// UpdateAgency changes an agency. Suspending it ends the rights of its people
// at once; what it owes and its row in running ballots stay.
//
// Faults: agency.not_found, policy.forbidden, member.invalid_fields.
func (s *Service) UpdateAgency(ctx context.Context, actor policy.Actor, agency string, p AgencyPatch) (Agency, error) {
	var a Agency
	err := s.db.Transact(ctx, func(tx *db.Tx) (err error) {
		if a, err = findAgency(ctx, tx, agency, true); err != nil {
			return err
		}
		if err := policy.Check(actor, policy.UpdateAgency, a.facts()); err != nil {
			return err
		}
		before := a
		var changed []string
		patch(&changed, "kind", &a.Kind, p.Kind)
		patch(&changed, "tier", &a.Tier, p.Tier)
		patch(&changed, "sector", &a.Sector, p.Sector)
		patch(&changed, "area", &a.Area, p.Area)
		patch(&changed, "name", &a.Name, p.Name)
		patch(&changed, "short", &a.Short, p.Short)
		patch(&changed, "hue", &a.Hue, p.Hue)
		patch(&changed, "has_vote", &a.HasVote, p.HasVote)
		patch(&changed, "status", &a.Status, p.Status)
		if len(changed) == 0 {
			return nil
		}
		var f fields
		a.check(&f)
		if before.Kind == KindSecretariat != (a.Kind == KindSecretariat) {
			f.add("kind", "secretariat_is_fixed")
		}
		if before.Kind == KindSecretariat && a.Status != Active {
			f.add("status", "secretariat_is_fixed")
		}
		if err := f.fault(); err != nil {
			return err
		}
		if err := updateAgency(ctx, tx, a); err != nil {
			return err
		}
		if before.Status != a.Status || before.HasVote != a.HasVote {
			holders, err := listHolders(ctx, tx, a.ID)
			if err != nil {
				return err
			}
			s.announceRights(tx, holders...)
		}
		return s.append(ctx, tx, actor, AgencyChanged{Agency: a.ID, Fields: changed, Status: a.Status})
	})
	return a, err
}

// Agencies lists the agencies by code, with the number of seats in use.
//
// Faults: policy.unauthenticated.
func (s *Service) Agencies(ctx context.Context, actor policy.Actor, f AgencyFilter) ([]Agency, error) {
	if err := policy.Check(actor, policy.ListAgencies, policy.Global("agency")); err != nil {
		return nil, err
	}
	var list []Agency
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if list, err = listAgencies(ctx, tx, f); err != nil || f.Query == "" {
			return err
		}
		own, err := listWords(ctx, tx)
		asked := arabic.Words(f.Query)
		list = slices.DeleteFunc(list, func(a Agency) bool {
			sector := own.name(BySector, a.Sector)
			return !arabic.Mentions(asked, a.Name.Ar, a.Name.En, a.Short.Ar, a.Short.En, a.Code, sector.Ar, sector.En)
		})
		return err
	})
	return list, err
}

// AgencyPage is an agency with its seats. History holds ended holdings,
// newest first; it is empty for who may not see it.
type AgencyPage struct {
	Agency  Agency
	Seats   []Seat
	History []Holding
	Roles   map[string][]policy.Role // network roles of the holders, by person
}

// Agency reads one agency with the seats in use and their history.
//
// Faults: agency.not_found.
func (s *Service) Agency(ctx context.Context, actor policy.Actor, agency string) (AgencyPage, error) {
	var p AgencyPage
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if p.Agency, err = findAgency(ctx, tx, agency, false); err != nil {
			return err
		}
		if err := policy.Check(actor, policy.ReadAgency, p.Agency.facts()); err != nil {
			return err
		}
		if p.Seats, err = listSeats(ctx, tx, agency); err != nil {
			return err
		}
		p.Agency.Seats = len(p.Seats)
		holders := make([]string, len(p.Seats))
		for i, v := range p.Seats {
			holders[i] = v.Holder.Person
		}
		if p.Roles, err = rolesOf(ctx, tx, holders); err != nil {
			return err
		}
		if policy.Can(actor, policy.ReadSeatHistory, p.Agency.facts()) {
			p.History, err = listHistory(ctx, tx, agency)
		}
		return err
	})
	return p, err
}

// FindAgency finds an agency by code, or by a full or short name in either
// language, folded: letter case, marks and tatweel do not count. ok is false
// if there is none, or if more than one has the name. It asks no policy: it is
// for imports and seeding.
func FindAgency(ctx context.Context, tx *db.Tx, codeOrName string) (a Agency, ok bool, err error) {
	list, err := listAgencies(ctx, tx, AgencyFilter{})
	if err != nil {
		return Agency{}, false, err
	}
	key := nameKey(codeOrName)
	found := 0
	for _, c := range list {
		if strings.EqualFold(c.Code, codeOrName) {
			return c, true, nil
		}
		if key != "" && (key == nameKey(c.Name.Ar) || key == nameKey(c.Name.En) || key == nameKey(c.Short.Ar) || key == nameKey(c.Short.En)) {
			a = c
			found++
		}
	}
	return a, found == 1, nil
}

// AgenciesIn returns all agencies by id, for packages that show them beside
// their own things. It asks no policy: names of agencies are no secret
// to whoever sees the thing.
func AgenciesIn(ctx context.Context, tx *db.Tx) (map[string]Agency, error) {
	list, err := listAgencies(ctx, tx, AgencyFilter{})
	m := make(map[string]Agency, len(list))
	for _, a := range list {
		m[a.ID] = a
	}
	return m, err
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

// patch sets *to when a value is given and differs.
func patch[T comparable](changed *[]string, field string, to *T, value *T) {
	if value != nil && *value != *to {
		*to = *value
		*changed = append(*changed, field)
	}
}
