package policy

import "slices"

// Actions on workspaces.
const (
	ListWorkspaces  Action = "workspace.list"
	ReadWorkspace   Action = "workspace.read"
	CreateWorkspace Action = "workspace.create"
	JoinAgency      Action = "workspace.add_agency"
	LeaveWorkspace  Action = "workspace.remove_agency"
)

func init() {
	register(Rule{Action: ListWorkspaces, Who: "any signed-in person", Allow: Anyone, See: signedIn,
		Says: "A signed-in person sees the list of the workspaces they may enter."})
	register(Rule{Action: ReadWorkspace, Who: "members of its agencies; SA for joint ones; all members for the commons", Allow: Anyone,
		Says: "A workspace is entered by the agencies it belongs to; the commons by every member."})
	register(Rule{Action: CreateWorkspace, Who: "SA; AL with the own agency among the members",
		Allow: func(a Actor, f Facts) bool {
			return a.Has(SecretariatAdmin) || a.Has(AgencyLead) && a.Agency != "" && slices.Contains(f.Agencies, a.Agency)
		},
		Says: "The secretariat opens joint workspaces for any agencies; an agency's lead for the own agency and others."})
	register(Rule{Action: JoinAgency, Who: "SA; AL of the agency that opened it",
		Allow: func(a Actor, f Facts) bool {
			return a.Has(SecretariatAdmin) || a.Has(AgencyLead) && a.Agency != "" && f.Agency == a.Agency
		},
		Says: "Agencies are added to a joint workspace by the secretariat or by the lead of the agency that opened it."})
	register(Rule{Action: LeaveWorkspace, Who: "SA; AL of the agency that opened it; AL for the own agency",
		Allow: func(a Actor, f Facts) bool {
			return a.Has(SecretariatAdmin) || a.Has(AgencyLead) && a.Agency != "" && (f.Agency == a.Agency || f.Flags["own"])
		},
		Says: "An agency is taken out of a joint workspace by the secretariat, by the lead of the agency that opened it, or by its own lead."})
}
