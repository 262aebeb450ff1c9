package web

import (
	"context"

	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/workspace"
)

// WorkspacesAPI is the spaces in which agencies work.
type WorkspacesAPI struct {
	Workspaces *workspace.Service
	Members    *member.Service
}

// Routes registers the resource.
func (a *WorkspacesAPI) Routes(r *Router) {
	Get(r, "/workspaces", policy.ListWorkspaces, "The workspaces the person may enter", a.list)
	Post(r, "/workspaces", policy.CreateWorkspace, "Open a joint workspace", a.create)
	Get(r, "/workspaces/:id", policy.ReadWorkspace, "A workspace with its agencies", a.read)
	Post(r, "/workspaces/:id/agencies", policy.JoinAgency, "Bring an agency into a joint workspace", a.add)
}

type workspaceOut struct {
	ID         string            `json:"id"`
	Kind       string            `json:"kind" doc:"agency, joint or commons"`
	Name       Text              `json:"name"`
	Visibility policy.Visibility `json:"visibility"`
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
			CreatedAt: w.CreatedAt, Abilities: policy.Abilities(actor, w.Facts(), policy.JoinAgency)}
		if w.Kind != workspace.JointSpace {
			row.Abilities[string(policy.JoinAgency)] = false
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

func (a *WorkspacesAPI) list(c *Call) (List[workspaceOut], error) {
	list, err := a.Workspaces.Workspaces(c.Ctx, c.Actor)
	if err != nil {
		return List[workspaceOut]{}, err
	}
	rows, err := a.out(c.Ctx, c.Actor, list...)
	return Page(rows, ""), err
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
