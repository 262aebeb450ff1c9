package workspace

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/id"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Kind is what a workspace is.
type Kind string

// The kinds of workspaces.
const (
	AgencySpace Kind = "agency"
	JointSpace  Kind = "joint"
	Commons     Kind = "commons"
)

// Limits of a joint workspace.
const (
	maxName     = 120 // grapheme clusters
	maxAgencies = 200
)

// commonsName is what the commons is called; the interface may say more.
var commonsName = locale.Text{Ar: "مشاع الشبكة", En: "Network commons"}

// Workspace is a space of one or more agencies. Agency is who owns it: the
// agency itself, whoever opened a joint one ("" for the secretariat's), "" for
// the commons. Agencies lists its members by code and is empty for the
// commons, which belong to all.
type Workspace struct {
	ID         string
	Kind       Kind
	Agency     string
	Visibility policy.Visibility
	Name       locale.Text
	Agencies   []string
	CreatedAt  db.Time
}

// Facts is what policy knows of the workspace.
func (w Workspace) Facts() policy.Facts {
	return policy.Facts{Kind: "workspace", ID: w.ID, Agency: w.Agency, Agencies: w.Agencies, Visibility: w.Visibility}
}

// Created says that a workspace was opened.
type Created struct {
	Workspace string   `json:"workspace"`
	As        Kind     `json:"kind"`
	Agencies  []string `json:"agencies"`
}

// Kind names the event.
func (e Created) Kind() string { return "workspace.created" }

// Object is the workspace.
func (e Created) Object() string { return e.Workspace }

// AgencyAdded says that an agency came into a joint workspace.
type AgencyAdded struct {
	Workspace string `json:"workspace"`
	Agency    string `json:"agency"`
}

// Kind names the event.
func (e AgencyAdded) Kind() string { return "workspace.agency_added" }

// Object is the workspace.
func (e AgencyAdded) Object() string { return e.Workspace }

// AgencyRemoved says that an agency left a joint workspace.
type AgencyRemoved struct {
	Workspace string `json:"workspace"`
	Agency    string `json:"agency"`
}

// Kind names the event.
func (e AgencyRemoved) Kind() string { return "workspace.agency_removed" }

// Object is the workspace.
func (e AgencyRemoved) Object() string { return e.Workspace }

// Moved runs in the transaction in which an agency joins or leaves a joint
// workspace; a fault of it undoes the move.
type Moved func(ctx context.Context, tx *db.Tx, actor policy.Actor, workspace, agency string) error

// Service is the use cases of workspaces. It is safe for concurrent use.
type Service struct {
	db     *db.DB
	joined []Moved
	left   []Moved
}

// OnJoined registers fn for agencies that join a joint workspace. Register
// before the service is used.
func (s *Service) OnJoined(fn Moved) { s.joined = append(s.joined, fn) }

// OnLeft is OnJoined for agencies that leave one.
func (s *Service) OnLeft(fn Moved) { s.left = append(s.left, fn) }

// New returns the service and makes every agency created through members from
// now on come with its workspace, and the network with its commons.
func New(d *db.DB, members *member.Service) *Service {
	s := &Service{db: d}
	members.OnNetworkCreated(func(ctx context.Context, tx *db.Tx, actor policy.Actor, n member.Network) error {
		return create(ctx, tx, actor, Workspace{Kind: Commons, Visibility: policy.ToNetwork, Name: commonsName}, nil)
	})
	members.OnAgencyCreated(func(ctx context.Context, tx *db.Tx, actor policy.Actor, a member.Agency) error {
		return create(ctx, tx, actor, Workspace{Kind: AgencySpace, Agency: a.ID, Visibility: policy.ToAgency, Agencies: []string{a.ID}}, nil)
	})
	return s
}

// create writes a workspace with its agencies and its event.
func create(ctx context.Context, tx *db.Tx, actor policy.Actor, w Workspace, out *Workspace) error {
	w.ID, w.CreatedAt = id.New("ws"), tx.Now()
	_, err := tx.Exec(ctx, `
		insert into workspace (id, kind, agency, visibility, name_ar, name_en, created_by, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		w.ID, w.Kind, w.Agency, w.Visibility, w.Name.Ar, w.Name.En, actor.Person, int64(w.CreatedAt))
	if err != nil {
		return fmt.Errorf("insert workspace: %w", err)
	}
	for _, a := range w.Agencies {
		if err := addAgency(ctx, tx, w.ID, a); err != nil {
			return err
		}
	}
	if out != nil {
		*out = w
	}
	return event.Append(ctx, tx, actor, Created{Workspace: w.ID, As: w.Kind, Agencies: w.Agencies})
}

func addAgency(ctx context.Context, tx *db.Tx, workspace, agency string) error {
	_, err := tx.Exec(ctx, `
		insert into workspace_agency (workspace, agency, since) values ($1, $2, $3)
		on conflict (workspace, agency) do nothing`, workspace, agency, int64(tx.Now()))
	if err != nil {
		return fmt.Errorf("add agency to workspace: %w", err)
	}
	return nil
}

// Create opens a joint workspace of at least two agencies. Who is not of the
// secretariat opens it for the own agency and others.
//
// Faults: policy.forbidden, workspace.invalid_fields, agency.not_found.
func (s *Service) Create(ctx context.Context, actor policy.Actor, name locale.Text, agencies []string) (Workspace, error) {
	var w Workspace
	err := s.db.Transact(ctx, func(tx *db.Tx) error {
		agencies = slices.Compact(slices.Sorted(slices.Values(agencies)))
		f := policy.Facts{Kind: "workspace", Agencies: agencies, Visibility: policy.ToNetwork}
		if err := policy.Check(actor, policy.CreateWorkspace, f); err != nil {
			return err
		}
		name, bad := checkName(name)
		if len(agencies) < 2 {
			bad["agencies"] = "too_few"
		} else if len(agencies) > maxAgencies {
			bad["agencies"] = "too_many"
		}
		if len(bad) > 0 {
			f := fault.New(fault.Invalid, "workspace.invalid_fields")
			for field, code := range bad {
				f = f.WithField(field, code)
			}
			return f
		}
		known, err := member.AgenciesIn(ctx, tx)
		if err != nil {
			return err
		}
		for _, a := range agencies {
			if _, ok := known[a]; !ok {
				return policy.NotFound("agency")
			}
		}
		owner := ""
		if slices.Contains(agencies, actor.Agency) {
			owner = actor.Agency
		}
		return create(ctx, tx, actor, Workspace{Kind: JointSpace, Agency: owner, Visibility: policy.ToAgencies,
			Name: name, Agencies: agencies}, &w)
	})
	return w, err
}

func checkName(t locale.Text) (locale.Text, map[string]string) {
	bad := map[string]string{}
	if t.Ar == "" {
		t.Ar = t.En
	}
	if t.En == "" {
		t.En = t.Ar
	}
	for _, n := range []string{t.Ar, t.En} {
		if code := member.Problem(n, maxName); code != "" {
			bad["name"] = code
		}
	}
	return t, bad
}

// AddAgency brings an agency into a joint workspace; being there already is
// no fault.
//
// Faults: workspace.not_found, policy.forbidden, workspace.not_joint, agency.not_found.
func (s *Service) AddAgency(ctx context.Context, actor policy.Actor, workspace, agency string) (Workspace, error) {
	var w Workspace
	err := s.db.Transact(ctx, func(tx *db.Tx) (err error) {
		if w, err = s.joining(ctx, tx, actor, workspace, agency); err != nil {
			return err
		}
		if slices.Contains(w.Agencies, agency) {
			return nil
		}
		if err := addAgency(ctx, tx, w.ID, agency); err != nil {
			return err
		}
		for _, fn := range s.joined {
			if err := fn(ctx, tx, actor, w.ID, agency); err != nil {
				return err
			}
		}
		if err := event.Append(ctx, tx, actor, AgencyAdded{Workspace: w.ID, Agency: agency}); err != nil {
			return err
		}
		w, err = Find(ctx, tx, w.ID)
		return err
	})
	return w, err
}

// RemoveAgency takes an agency out of a joint workspace. The agency that
// opened it stays, and so do two agencies.
//
// Faults: workspace.not_found, policy.forbidden, workspace.not_joint,
// workspace.not_member, workspace.opener_stays, workspace.too_few,
// workspace.leads_guidelines.
func (s *Service) RemoveAgency(ctx context.Context, actor policy.Actor, workspace, agency string) (Workspace, error) {
	var w Workspace
	err := s.db.Transact(ctx, func(tx *db.Tx) (err error) {
		if w, err = s.leaving(ctx, tx, actor, workspace, agency); err != nil {
			return err
		}
		switch {
		case agency == w.Agency:
			return fault.New(fault.Conflict, "workspace.opener_stays")
		case len(w.Agencies) <= 2:
			return fault.New(fault.Conflict, "workspace.too_few")
		}
		if _, err := tx.Exec(ctx, `delete from workspace_agency where workspace = $1 and agency = $2`, w.ID, agency); err != nil {
			return fmt.Errorf("remove agency from workspace: %w", err)
		}
		for _, fn := range s.left {
			if err := fn(ctx, tx, actor, w.ID, agency); err != nil {
				return err
			}
		}
		w.Agencies = slices.DeleteFunc(w.Agencies, func(a string) bool { return a == agency })
		return event.Append(ctx, tx, actor, AgencyRemoved{Workspace: w.ID, Agency: agency})
	})
	return w, err
}

// MayMove reads a joint workspace for a preview of an agency's joining or
// leaving it, if the actor may bring that about.
//
// Faults: workspace.not_found, policy.forbidden, workspace.not_joint,
// workspace.not_member, agency.not_found.
func (s *Service) MayMove(ctx context.Context, actor policy.Actor, workspace, agency string, join bool) (Workspace, error) {
	var w Workspace
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if !join {
			w, err = s.leaving(ctx, tx, actor, workspace, agency)
			return err
		}
		w, err = s.joining(ctx, tx, actor, workspace, agency)
		return err
	})
	return w, err
}

func (s *Service) joining(ctx context.Context, tx *db.Tx, actor policy.Actor, workspace, agency string) (Workspace, error) {
	w, err := lock(ctx, tx, workspace)
	if err != nil {
		return w, err
	}
	if err := policy.Check(actor, policy.JoinAgency, w.Facts()); err != nil {
		return w, err
	}
	if w.Kind != JointSpace {
		return w, fault.New(fault.Conflict, "workspace.not_joint")
	}
	known, err := member.AgenciesIn(ctx, tx)
	if err != nil {
		return w, err
	}
	if _, ok := known[agency]; !ok {
		return w, policy.NotFound("agency")
	}
	return w, nil
}

func (s *Service) leaving(ctx context.Context, tx *db.Tx, actor policy.Actor, workspace, agency string) (Workspace, error) {
	w, err := lock(ctx, tx, workspace)
	if err != nil {
		return w, err
	}
	f := w.Facts()
	f.Flags = map[string]bool{"own": actor.Agency != "" && actor.Agency == agency}
	if err := policy.Check(actor, policy.LeaveWorkspace, f); err != nil {
		return w, err
	}
	if w.Kind != JointSpace {
		return w, fault.New(fault.Conflict, "workspace.not_joint")
	}
	if !slices.Contains(w.Agencies, agency) {
		return w, fault.New(fault.Conflict, "workspace.not_member")
	}
	return w, nil
}

// lock reads a workspace and, where the engine has row locks, holds it until
// the transaction ends, so that two moves see each other.
func lock(ctx context.Context, tx *db.Tx, workspace string) (Workspace, error) {
	if !tx.ReadOnly() {
		var ws string
		err := tx.QueryRow(ctx, `select id from workspace where id = $1`+tx.ForUpdate(), workspace).Scan(&ws)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return Workspace{}, fmt.Errorf("lock workspace: %w", err)
		}
	}
	return Find(ctx, tx, workspace)
}

// Workspace reads one workspace.
//
// Faults: workspace.not_found.
func (s *Service) Workspace(ctx context.Context, actor policy.Actor, workspace string) (Workspace, error) {
	var w Workspace
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if w, err = Find(ctx, tx, workspace); err != nil {
			return err
		}
		return policy.Check(actor, policy.ReadWorkspace, w.Facts())
	})
	return w, err
}

// Workspaces lists what the actor may enter, on one page: the commons, the own
// agency's, joint ones. A joint one belongs to all its agencies, the commons to
// none.
//
// Faults: policy.unauthenticated.
func (s *Service) Workspaces(ctx context.Context, actor policy.Actor, by member.Narrowing) (member.PageOf[Workspace], error) {
	var out member.PageOf[Workspace]
	if err := policy.Check(actor, policy.ListWorkspaces, policy.Global("workspace")); err != nil {
		return out, err
	}
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		scope, args := policy.Scope(actor, "workspace", "workspace_agency", "workspace", 1)
		all, err := read(ctx, tx, scope, args...)
		if err != nil {
			return err
		}
		agencies, err := member.AgenciesIn(ctx, tx)
		out = member.PageOf[Workspace]{Owners: member.Owners{}}
		for _, w := range all {
			// The scope narrows in SQL; the rule itself decides.
			if !policy.Can(actor, policy.ReadWorkspace, w.Facts()) {
				continue
			}
			out.Owners[member.Together(w.Agencies)]++
			if len(by) == 0 || slices.ContainsFunc(w.Agencies, func(id string) bool { return by.Keeps(agencies[id]) }) {
				out.Items = append(out.Items, w)
			}
		}
		return err
	})
	return out, err
}

// Facts is what policy knows of a workspace, for packages whose things stand
// in one. It asks no policy.
//
// Faults: workspace.not_found.
func (s *Service) Facts(ctx context.Context, tx *db.Tx, workspace string) (policy.Facts, error) {
	w, err := Find(ctx, tx, workspace)
	return w.Facts(), err
}

// Find reads a workspace within a transaction. It asks no policy.
//
// Faults: workspace.not_found.
func Find(ctx context.Context, tx *db.Tx, workspace string) (Workspace, error) {
	all, err := read(ctx, tx, `workspace.id = $1`, workspace)
	if err == nil && len(all) == 0 {
		err = policy.NotFound("workspace")
	}
	if err != nil {
		return Workspace{}, err
	}
	return all[0], nil
}

// OfAgency reads the workspace of an agency. It asks no policy.
//
// Faults: workspace.not_found.
func OfAgency(ctx context.Context, tx *db.Tx, agency string) (Workspace, error) {
	var ws string
	err := tx.QueryRow(ctx, `select id from workspace where kind = 'agency' and agency = $1`, agency).Scan(&ws)
	if errors.Is(err, sql.ErrNoRows) {
		return Workspace{}, policy.NotFound("workspace")
	}
	if err != nil {
		return Workspace{}, fmt.Errorf("find agency workspace: %w", err)
	}
	return Find(ctx, tx, ws)
}

// CommonsIn reads the network commons. It asks no policy.
//
// Faults: workspace.not_found, before the network is set up.
func CommonsIn(ctx context.Context, tx *db.Tx) (Workspace, error) {
	all, err := read(ctx, tx, `workspace.kind = 'commons'`)
	if err == nil && len(all) == 0 {
		err = policy.NotFound("workspace")
	}
	if err != nil {
		return Workspace{}, err
	}
	return all[0], nil
}

// read reads workspaces with their agencies. An agency's workspace bears the
// agency's name of the moment, so it reads member's table of agencies.
func read(ctx context.Context, tx *db.Tx, where string, args ...any) ([]Workspace, error) {
	rows, err := tx.Query(ctx, `
		select workspace.id, workspace.kind, workspace.agency, workspace.visibility, workspace.created_at,
		       case workspace.kind when 'agency' then coalesce(a.name_ar, '') else workspace.name_ar end,
		       case workspace.kind when 'agency' then coalesce(a.name_en, '') else workspace.name_en end
		  from workspace left join agency a on a.id = workspace.agency
		 where `+where+`
		 order by case workspace.kind when 'agency' then 0 when 'joint' then 1 else 2 end, workspace.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("list workspaces: %w", err)
	}
	defer rows.Close()
	var all []Workspace
	at := map[string]int{}
	for rows.Next() {
		w := Workspace{Agencies: []string{}}
		if err := rows.Scan(&w.ID, &w.Kind, &w.Agency, &w.Visibility, &w.CreatedAt, &w.Name.Ar, &w.Name.En); err != nil {
			return nil, fmt.Errorf("list workspaces: %w", err)
		}
		at[w.ID] = len(all)
		all = append(all, w)
	}
	if err := rows.Err(); err != nil || len(all) == 0 {
		return nil, err
	}
	links, err := tx.Query(ctx, `
		select m.workspace, m.agency from workspace_agency m join agency a on a.id = m.agency
		 where ($1 = '' or m.workspace = $1) order by a.code`, single(all))
	if err != nil {
		return nil, fmt.Errorf("list workspace agencies: %w", err)
	}
	defer links.Close()
	for links.Next() {
		var ws, agency string
		if err := links.Scan(&ws, &agency); err != nil {
			return nil, fmt.Errorf("list workspace agencies: %w", err)
		}
		if i, ok := at[ws]; ok {
			all[i].Agencies = append(all[i].Agencies, agency)
		}
	}
	return all, links.Err()
}

// single is the id of the only workspace, or "" for all.
func single(all []Workspace) string {
	if len(all) == 1 {
		return all[0].ID
	}
	return ""
}
