package policy

// Actions on agencies, people, seats and sign-in sessions.
const (
	ReadNetwork        Action = "network.read"
	SetUpNetwork       Action = "network.set_up"
	OpenSession        Action = "session.open"
	ReadOwnSession     Action = "session.read"
	ListSessions       Action = "session.list"
	RevokeSession      Action = "session.revoke"
	UpdateSelf         Action = "person.update"
	UseInvitation      Action = "invitation.use"
	ListAgencies       Action = "agency.list"
	ReadAgency         Action = "agency.read"
	CreateAgency       Action = "agency.create"
	UpdateAgency       Action = "agency.update"
	ReadSeatHistory    Action = "seat.history"
	InviteMember       Action = "agency.invite"
	EndSeat            Action = "seat.end"
	ReplaceHolder      Action = "seat.replace"
	GrantRole          Action = "role.grant"
	SuspendPerson      Action = "person.suspend"
	ListPeople         Action = "person.list"
	ListInvitations    Action = "invitation.list"
	WithdrawInvitation Action = "invitation.withdraw"
	ReadHandover       Action = "seat.handover"
	TakeOverSeat       Action = "seat.take_over"
)

// ownLowerSeat is a seat of the actor's own agency other than the principal's,
// with no network role attached.
func ownLowerSeat(a Actor, f Facts) bool {
	return a.Has(AgencyLead) && f.Agency != "" && f.Agency == a.Agency &&
		!f.Flags["principal"] && !f.Flags["network_role"]
}

func secretariat(a Actor, _ Facts) bool { return a.Has(SecretariatAdmin) }

func signedIn(a Actor, _ Facts) bool { return !a.Anonymous() }

func self(a Actor, f Facts) bool { return f.Owner != "" && f.Owner == a.Person }

func init() {
	register(Rule{Action: ReadNetwork, Who: "everybody", Public: true, Allow: Anyone,
		Says: "Anybody may see the network's name and whether it is set up."})
	register(Rule{Action: SetUpNetwork, Who: "the holder of the setup token", Public: true, Allow: Anyone,
		Says: "A hub without a network is set up once, by whoever shows the one-time token printed on its console within the hour."})
	register(Rule{Action: OpenSession, Who: "everybody", Public: true, Allow: Anyone,
		Says: "Anybody may try to sign in; attempts are slowed by account and by source."})
	register(Rule{Action: ReadOwnSession, Who: "everybody, own session", Public: true, Allow: Anyone,
		Says: "Anybody may ask who they are signed in as, and may sign out."})
	register(Rule{Action: ListSessions, Who: "any signed-in person, own sessions", Allow: Anyone, See: signedIn,
		Says: "A person sees where they are signed in."})
	register(Rule{Action: RevokeSession, Who: "the person whose session it is", Allow: self, See: self,
		Says: "A person ends their own sessions; nobody else's are to be seen."})
	register(Rule{Action: UpdateSelf, Who: "any signed-in person, own account", Allow: self, See: self,
		Says: "A person changes their own name, reading preferences and password."})
	register(Rule{Action: UseInvitation, Who: "the holder of the link", Public: true, Allow: Anyone,
		Says: "An invitation is used once, within seven days, by whoever holds its link."})
	register(Rule{Action: ListAgencies, Who: "SA, MO, AL, RP, EX, PO, RD", Allow: Anyone, See: signedIn,
		Says: "Every signed-in person sees the list of agencies."})
	register(Rule{Action: ReadAgency, Who: "SA, MO, AL, RP, RD", Allow: Anyone,
		Says: "Every member sees an agency and who holds its seats."})
	register(Rule{Action: ReadSeatHistory, Who: "SA, MO, AL, RP", Allow: func(a Actor, _ Facts) bool { return Members(a) },
		Says: "Members see who held an agency's seats and when."})
	register(Rule{Action: CreateAgency, Who: "SA", Allow: secretariat,
		Says: "The secretariat adds agencies to the network, and says what their sectors and areas are called."})
	register(Rule{Action: UpdateAgency, Who: "SA", Allow: secretariat,
		Says: "The secretariat changes, suspends and restores agencies."})
	register(Rule{Action: InviteMember, Who: "SA; AL for alternates, writers and readers of the own agency",
		Allow: func(a Actor, f Facts) bool { return a.Has(SecretariatAdmin) || ownLowerSeat(a, f) },
		Says:  "The secretariat offers any seat and any network role; an agency's lead offers its other seats, and no network role."})
	register(Rule{Action: EndSeat, Who: "SA; AL for alternates, writers and readers of the own agency",
		Allow: func(a Actor, f Facts) bool { return a.Has(SecretariatAdmin) || ownLowerSeat(a, f) },
		Says:  "The secretariat ends any seat; an agency's lead ends its other seats."})
	register(Rule{Action: ReplaceHolder, Who: "SA; AL for alternates, writers and readers of the own agency",
		Allow: func(a Actor, f Facts) bool { return a.Has(SecretariatAdmin) || ownLowerSeat(a, f) },
		Says:  "A seat's holder is replaced by whoever may end the seat; what the seat owes goes to the new holder."})
	register(Rule{Action: ListInvitations, Who: "SA; AL for the own agency", Allow: func(a Actor, _ Facts) bool { return a.Has(SecretariatAdmin, AgencyLead) },
		Says: "Open invitations are listed to those who could have made them."})
	register(Rule{Action: WithdrawInvitation, Who: "SA; AL for alternates, writers and readers of the own agency",
		See: func(a Actor, f Facts) bool {
			return a.Has(SecretariatAdmin) || a.Has(AgencyLead) && f.Agency != "" && f.Agency == a.Agency
		},
		Allow: func(a Actor, f Facts) bool { return a.Has(SecretariatAdmin) || ownLowerSeat(a, f) },
		Says:  "An invitation is withdrawn by those who could have made it."})
	register(Rule{Action: ReadHandover, Who: "SA; AL, RP of the own agency",
		Allow: func(a Actor, f Facts) bool {
			return a.Has(SecretariatAdmin) || a.Has(AgencyLead, Representative) && a.Agency != "" && a.Agency == f.Agency
		},
		Says: "What is open on a seat is seen by its agency's lead and representatives and by the secretariat; each sees there what they may see elsewhere."})
	register(Rule{Action: TakeOverSeat, Who: "the holder of the seat", Allow: self,
		Says: "That a seat was taken over is said by its holder alone."})
	register(Rule{Action: ListPeople, Who: "SA", Allow: secretariat,
		Says: "The register of persons, with their e-mail, is the secretariat's."})
	register(Rule{Action: GrantRole, Who: "SA, not for oneself", Allow: func(a Actor, f Facts) bool {
		return a.Has(SecretariatAdmin) && f.Owner != a.Person
	}, Says: "The secretariat grants and takes network roles, and nobody their own."})
	register(Rule{Action: SuspendPerson, Who: "SA, not oneself", Allow: func(a Actor, f Facts) bool {
		return a.Has(SecretariatAdmin) && f.Owner != a.Person
	}, Says: "The secretariat suspends and restores people, and nobody themselves."})
}
