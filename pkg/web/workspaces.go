package web

import (
	"context"

	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/workspace"
)

// WorkspacesAPI is the spaces in which agencies work.
type WorkspacesAPI struct {
	Workspaces *workspace.Service
	Members    *member.Service
	Guidelines *guideline.Service
}

// Routes registers the resource.
func (a *WorkspacesAPI) Routes(r *Router) {
	Get(r, "/workspaces", policy.ListWorkspaces, "The workspaces the person may enter", a.list)
	Post(r, "/workspaces", policy.CreateWorkspace, "Open a joint workspace", a.create)
	Get(r, "/workspaces/:id", policy.ReadWorkspace, "A workspace with its agencies", a.read)
	Post(r, "/workspaces/:id/agencies", policy.JoinAgency, "Bring an agency into a joint workspace", a.add)
	Delete(r, "/workspaces/:id/agencies/:agency", policy.LeaveWorkspace, "Take an agency out of a joint workspace", a.remove)
	Get(r, "/workspaces/:id/sight", policy.ReadWorkspace, "What an agency (?agency=) gains by joining, or loses by leaving (?leave=true)", a.sight,
		Param{Name: "agency", Doc: "id of the agency"}, Param{Name: "leave", Doc: "true: what it loses by leaving"})
}

type workspaceOut struct {
	ID         string            `json:"id"`
	Kind       string            `json:"kind" doc:"agency, joint or commons"`
	Name       Text              `json:"name"`
	Visibility policy.Visibility `json:"visibility"`
	Opener     string            `json:"opener" doc:"the agency that opened a joint workspace, which stays in it; empty: the secretariat did"`
	Agencies   []AgencyRef       `json:"agencies" doc:"empty for the commons, which belong to all"`
	CreatedAt  Time              `json:"created_at"`
	Abilities  map[string]bool   `json:"abilities"`
}

func (a *WorkspacesAPI) out(ctx context.Context, actor policy.Actor, list ...workspace.Workspace) ([]workspaceOut, error) {
	all, err := a.Members.Agencies(ctx, actor, member.AgencyFilter{})
	if err != nil {
		return nil, err
	}
	byID := make(map[string]member.Agency, len(all))
	for _, v := range all {
		byID[v.ID] = v
	}
	rows := make([]workspaceOut, 0, len(list))
	for _, w := range list {
		row := workspaceOut{ID: w.ID, Kind: string(w.Kind), Name: Text(w.Name), Visibility: w.Visibility, Agencies: []AgencyRef{},
			CreatedAt: w.CreatedAt, Abilities: policy.Abilities(actor, w.Facts(), policy.JoinAgency, policy.LeaveWorkspace)}
		if w.Kind != workspace.JointSpace {
			row.Abilities = map[string]bool{}
		} else {
			row.Opener = w.Agency
		}
		for _, id := range w.Agencies {
			if v, ok := byID[id]; ok {
				row.Agencies = append(row.Agencies, agencyRef(v))
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (a *WorkspacesAPI) list(c *Call) (Narrowed[workspaceOut], error) {
	by, err := c.Narrowing()
	if err != nil {
		return Narrowed[workspaceOut]{}, err
	}
	list, err := a.Workspaces.Workspaces(c.Ctx, c.Actor, by)
	if err != nil {
		return Narrowed[workspaceOut]{}, err
	}
	rows, err := a.out(c.Ctx, c.Actor, list.Items...)
	if err != nil {
		return Narrowed[workspaceOut]{}, err
	}
	facets, err := Narrower{a.Members}.facets(c, by, list.Owners)
	return Narrowed[workspaceOut]{Page(rows, ""), facets}, err
}

func (a *WorkspacesAPI) one(c *Call, w workspace.Workspace, err error) (workspaceOut, error) {
	if err != nil {
		return workspaceOut{}, err
	}
	rows, err := a.out(c.Ctx, c.Actor, w)
	if err != nil {
		return workspaceOut{}, err
	}
	return rows[0], nil
}

func (a *WorkspacesAPI) read(c *Call) (workspaceOut, error) {
	w, err := a.Workspaces.Workspace(c.Ctx, c.Actor, c.Param("id"))
	return a.one(c, w, err)
}

type workspaceBody struct {
	Name     Text     `json:"name"`
	Agencies []string `json:"agencies" doc:"ids of two agencies or more"`
}

func (a *WorkspacesAPI) create(c *Call, in workspaceBody) (workspaceOut, error) {
	w, err := a.Workspaces.Create(c.Ctx, c.Actor, member.Text(in.Name), in.Agencies)
	return a.one(c, w, err)
}

type workspaceAgencyBody struct {
	Agency string `json:"agency"`
}

func (a *WorkspacesAPI) add(c *Call, in workspaceAgencyBody) (workspaceOut, error) {
	w, err := a.Workspaces.AddAgency(c.Ctx, c.Actor, c.Param("id"), in.Agency)
	return a.one(c, w, err)
}

func (a *WorkspacesAPI) remove(c *Call) (workspaceOut, error) {
	w, err := a.Workspaces.RemoveAgency(c.Ctx, c.Actor, c.Param("id"), c.Param("agency"))
	return a.one(c, w, err)
}

type membershipOut struct {
	ID      string `json:"id"`
	Title   Text   `json:"title"`
	Leads   bool   `json:"leads" doc:"the agency leads it, and cannot leave while it does"`
	Sight   bool   `json:"sight" doc:"its members gain, or lose, sight of what is in work"`
	Writing bool   `json:"writing" doc:"it gains, or loses, writing it"`
}

type membershipsOut struct {
	Agency     AgencyRef       `json:"agency"`
	Guidelines []membershipOut `json:"guidelines"`
	Unseen     int             `json:"unseen" doc:"guidelines of the workspace that are not shown to who asks"`
}

func (a *WorkspacesAPI) sight(c *Call) (membershipsOut, error) {
	agency, join := c.Query("agency"), c.Query("leave") != "true"
	w, err := a.Workspaces.MayMove(c.Ctx, c.Actor, c.Param("id"), agency, join)
	if err != nil {
		return membershipsOut{}, err
	}
	list, unseen, err := a.Guidelines.PreviewMembership(c.Ctx, c.Actor, w.ID, agency, join)
	if err != nil {
		return membershipsOut{}, err
	}
	out := membershipsOut{Guidelines: []membershipOut{}, Unseen: unseen}
	names, err := a.Guidelines.Names(c.Ctx)
	if err != nil {
		return out, err
	}
	out.Agency = agencyRef(names.Agencies[agency])
	for _, m := range list {
		out.Guidelines = append(out.Guidelines, membershipOut{ID: m.Guideline, Title: Text(m.Title), Leads: m.Leads, Sight: m.Sight, Writing: m.Writing})
	}
	return out, nil
}
