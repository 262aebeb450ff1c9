package web

import (
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

// AgenciesAPI is the registry of agencies, seats and network roles.
type AgenciesAPI struct {
	Members *member.Service
	BaseURL string // of links, without a slash at the end
}

// Routes registers the resource.
func (a *AgenciesAPI) Routes(r *Router) {
	Get(r, "/agencies", policy.ListAgencies, "Agencies, narrowed by tier, kind, sector, area, status and words (?q=)", a.list,
		askWords, Param{Name: "status", Doc: "active or suspended"})
	Get(r, "/agency-words", policy.ListAgencies, "What tiers, kinds, sectors and areas are called", a.words)
	Put(r, "/agency-words", policy.CreateAgency, "Say what a sector or an area of the network is called", a.nameWord)
	Post(r, "/agencies", policy.CreateAgency, "Add an agency, with its workspace", a.create)
	Get(r, "/agencies/:id", policy.ReadAgency, "An agency with its seats and their history", a.read)
	Patch(r, "/agencies/:id", policy.UpdateAgency, "Change, suspend or restore an agency", a.update)
	Post(r, "/agencies/:id/invitations", policy.InviteMember, "Offer a seat; the answer holds the one-time link", a.invite)
	Post(r, "/invitations", policy.InviteMember, "Offer network roles without a seat; the answer holds the one-time link", a.inviteAlone)
	Delete(r, "/seats/:id", policy.EndSeat, "End a seat", a.endSeat)
	Put(r, "/seats/:id/holder", policy.ReplaceHolder, "Put another person on a seat; what the seat owes stays with it", a.replace)
	Post(r, "/seats/:id/handover", policy.TakeOverSeat, "Say that the seat was taken over", a.takeOver)
	Get(r, "/invitations", policy.ListInvitations, "Open invitations that the person could have made", a.invitations)
	Delete(r, "/invitations/:id", policy.WithdrawInvitation, "Withdraw an open invitation", a.withdraw)
	Get(r, "/people", policy.ListPeople, "The register of persons, narrowed by words (?q=), role and status", a.people,
		askWords, askCursor, Param{Name: "role", Doc: "a role of the network"}, Param{Name: "status", Doc: "active or suspended"})
	Post(r, "/people/:id/roles", policy.GrantRole, "Grant a network role", a.grant)
	Delete(r, "/people/:id/roles/:role", policy.GrantRole, "Take a network role", a.take)
	Put(r, "/people/:id/status", policy.SuspendPerson, "Suspend or restore a person", a.personStatus)
}

// AgencyRef is how an agency stands beside other things.
type AgencyRef struct {
	ID    string `json:"id"`
	Code  string `json:"code"`
	Name  Text   `json:"name"`
	Short Text   `json:"short"`
	Hue   int    `json:"hue" doc:"1 to 8"`
}

func agencyRef(a member.Agency) AgencyRef {
	return AgencyRef{ID: a.ID, Code: a.Code, Name: Text(a.Name), Short: Text(a.Short), Hue: a.Hue}
}

type agencyOut struct {
	AgencyRef
	Kind       string          `json:"kind"`
	Tier       string          `json:"tier" doc:"federal or local"`
	Sector     string          `json:"sector"`
	Area       string          `json:"area" doc:"governorate or another area, or nationwide"`
	HasVote    bool            `json:"has_vote"`
	Status     string          `json:"status" doc:"active or suspended"`
	Joined     Time            `json:"joined"`
	SeatsCount int             `json:"seats_count"`
	Abilities  map[string]bool `json:"abilities"`
}

func agency(a member.Agency, actor policy.Actor) agencyOut {
	return agencyOut{AgencyRef: agencyRef(a), Kind: a.Kind, Tier: a.Tier, Sector: a.Sector, Area: a.Area, HasVote: a.HasVote,
		Status: string(a.Status), Joined: a.Joined, SeatsCount: a.Seats, Abilities: a.Abilities(actor)}
}

// PersonRef is how a person stands beside other things.
type PersonRef struct {
	ID   string `json:"id"`
	Name Text   `json:"name"`
}

type seatOut struct {
	ID        string          `json:"id"`
	Person    PersonRef       `json:"person"`
	Kind      string          `json:"kind" doc:"principal, alternate, writer or reader"`
	CanVote   bool            `json:"can_vote"`
	Roles     []policy.Role   `json:"roles"`
	Since     Time            `json:"since" doc:"when the holder took the seat"`
	Until     Time            `json:"until"`
	Abilities map[string]bool `json:"abilities"`
}

func seat(s member.Seat, roles []policy.Role, actor policy.Actor) seatOut {
	if roles == nil {
		roles = []policy.Role{}
	}
	return seatOut{ID: s.ID, Person: PersonRef{s.Holder.Person, Text(s.Holder.Name)}, Kind: string(s.Kind),
		CanVote: s.CanVote, Roles: roles, Since: s.Holder.Since, Until: s.Until, Abilities: s.Abilities(actor)}
}

type historyOut struct {
	At     Time      `json:"at"`
	Event  string    `json:"event" doc:"seat.ended or seat.replaced"`
	Person PersonRef `json:"person"`
	Kind   string    `json:"kind"`
	Since  Time      `json:"since"`
	Until  Time      `json:"until"`
	Reason string    `json:"reason"`
}

type agencyPageOut struct {
	agencyOut
	Seats   []seatOut    `json:"seats"`
	History []historyOut `json:"history" doc:"ended terms, newest first"`
}

func (a *AgenciesAPI) list(c *Call) (Narrowed[agencyOut], error) {
	by, err := c.Narrowing()
	if err != nil {
		return Narrowed[agencyOut]{}, err
	}
	list, err := a.Members.Agencies(c.Ctx, c.Actor, member.AgencyFilter{Status: member.Status(c.Query("status")), Query: cut(c.Query("q"), 256)})
	if err != nil {
		return Narrowed[agencyOut]{}, err
	}
	kept := member.PageOf[member.Agency]{Owners: member.Owners{}}
	for _, v := range list {
		kept.Owners[v.ID]++
		if by.Keeps(v) {
			kept.Items = append(kept.Items, v)
		}
	}
	return page(Narrower{a.Members}, c, by, kept, func(v member.Agency) agencyOut { return agency(v, c.Actor) })
}

type wordOut struct {
	Axis string `json:"axis" doc:"tier, kind, sector or area"`
	Code string `json:"code"`
	Name Text   `json:"name"`
}

func (a *AgenciesAPI) words(c *Call) (List[wordOut], error) {
	list, err := a.Members.Words(c.Ctx, c.Actor)
	rows := make([]wordOut, 0, len(list))
	for _, w := range list {
		rows = append(rows, wordOut{string(w.Axis), w.Code, Text(w.Name)})
	}
	return Page(rows, ""), err
}

type wordBody struct {
	Axis string `json:"axis" doc:"sector or area"`
	Code string `json:"code" doc:"a word of small Latin letters, digits, - and _"`
	Name Text   `json:"name" doc:"at most 24 characters in each language"`
}

func (a *AgenciesAPI) nameWord(c *Call, in wordBody) (None, error) {
	return None{}, a.Members.NameWord(c.Ctx, c.Actor, member.Word{Axis: member.Axis(in.Axis), Code: in.Code, Name: member.Text(in.Name)})
}

func (a *AgenciesAPI) read(c *Call) (agencyPageOut, error) { return a.page(c, c.Param("id")) }

func (a *AgenciesAPI) page(c *Call, agencyID string) (agencyPageOut, error) {
	p, err := a.Members.Agency(c.Ctx, c.Actor, agencyID)
	if err != nil {
		return agencyPageOut{}, err
	}
	out := agencyPageOut{agencyOut: agency(p.Agency, c.Actor), Seats: []seatOut{}, History: []historyOut{}}
	for _, s := range p.Seats {
		out.Seats = append(out.Seats, seat(s, p.Roles[s.Holder.Person], c.Actor))
	}
	for _, h := range p.History {
		event := "seat.ended"
		if h.Reason == "replaced" {
			event = "seat.replaced"
		}
		out.History = append(out.History, historyOut{At: h.Until, Event: event, Person: PersonRef{h.Person, Text(h.Name)},
			Kind: string(h.Kind), Since: h.Since, Until: h.Until, Reason: h.Reason})
	}
	return out, nil
}

type agencyBody struct {
	Code    string `json:"code" doc:"2 to 24 of A-Z, 0-9 and -"`
	Name    Text   `json:"name"`
	Short   Text   `json:"short" doc:"at most 24 characters; empty: cut from the name"`
	Kind    string `json:"kind,omitempty"`
	Tier    string `json:"tier,omitempty" doc:"federal or local"`
	Sector  string `json:"sector,omitempty"`
	Area    string `json:"area,omitempty"`
	Hue     int    `json:"hue,omitempty" doc:"1 to 8; 0: the next"`
	HasVote bool   `json:"has_vote,omitempty"`
}

func (a *AgenciesAPI) create(c *Call, in agencyBody) (agencyPageOut, error) {
	v, err := a.Members.CreateAgency(c.Ctx, c.Actor, member.NewAgency{Code: in.Code, Kind: in.Kind, Tier: in.Tier, Sector: in.Sector, Area: in.Area,
		Name: member.Text(in.Name), Short: member.Text(in.Short), Hue: in.Hue, HasVote: in.HasVote})
	if err != nil {
		return agencyPageOut{}, err
	}
	return a.page(c, v.ID)
}

type agencyPatchBody struct {
	Name    *Text   `json:"name,omitempty"`
	Short   *Text   `json:"short,omitempty"`
	Kind    *string `json:"kind,omitempty"`
	Tier    *string `json:"tier,omitempty"`
	Sector  *string `json:"sector,omitempty"`
	Area    *string `json:"area,omitempty"`
	Hue     *int    `json:"hue,omitempty"`
	HasVote *bool   `json:"has_vote,omitempty"`
	Status  *string `json:"status,omitempty" doc:"active or suspended"`
}

func (a *AgenciesAPI) update(c *Call, in agencyPatchBody) (agencyPageOut, error) {
	_, err := a.Members.UpdateAgency(c.Ctx, c.Actor, c.Param("id"), member.AgencyPatch{Name: localeText(in.Name), Short: localeText(in.Short),
		Kind: in.Kind, Tier: in.Tier, Sector: in.Sector, Area: in.Area, Hue: in.Hue, HasVote: in.HasVote, Status: (*member.Status)(in.Status)})
	if err != nil {
		return agencyPageOut{}, err
	}
	return a.page(c, c.Param("id"))
}

type inviteBody struct {
	Email    string        `json:"email"`
	Name     Text          `json:"name" doc:"a suggestion; the person sets their own"`
	Kind     string        `json:"kind" doc:"principal, alternate, writer or reader"`
	CanVote  bool          `json:"can_vote,omitempty"`
	Roles    []policy.Role `json:"roles,omitempty" doc:"network roles: SA, MO, EX, PO, RD"`
	Replaces string        `json:"replaces,omitempty" doc:"the seat whose holder the person replaces on accepting"`
}

type inviteOut struct {
	URL       string `json:"url" doc:"the one-time link; it is not shown again"`
	ExpiresAt Time   `json:"expires_at"`
}

func (a *AgenciesAPI) invite(c *Call, in inviteBody) (inviteOut, error) {
	return a.offer(c, member.NewInvitation{Agency: c.Param("id"), Email: in.Email, Name: member.Text(in.Name),
		Kind: member.SeatKind(in.Kind), CanVote: in.CanVote, Roles: in.Roles, Replaces: in.Replaces})
}

type inviteAloneBody struct {
	Email string        `json:"email"`
	Name  Text          `json:"name"`
	Roles []policy.Role `json:"roles" doc:"network roles: SA, MO, EX, PO, RD"`
}

func (a *AgenciesAPI) inviteAlone(c *Call, in inviteAloneBody) (inviteOut, error) {
	return a.offer(c, member.NewInvitation{Email: in.Email, Name: member.Text(in.Name), Roles: in.Roles})
}

func (a *AgenciesAPI) offer(c *Call, in member.NewInvitation) (inviteOut, error) {
	c.Private()
	token, v, err := a.Members.Invite(c.Ctx, c.Actor, in)
	if err != nil {
		return inviteOut{}, err
	}
	return inviteOut{URL: a.BaseURL + "/invite/" + token, ExpiresAt: v.ExpiresAt}, nil
}

func (a *AgenciesAPI) endSeat(c *Call) (None, error) {
	return None{}, a.Members.EndSeat(c.Ctx, c.Actor, c.Param("id"))
}

type holderBody struct {
	Person string `json:"person" doc:"id of a person without a seat"`
}

func (a *AgenciesAPI) replace(c *Call, in holderBody) (agencyPageOut, error) {
	s, err := a.Members.ReplaceHolder(c.Ctx, c.Actor, c.Param("id"), in.Person)
	if err != nil {
		return agencyPageOut{}, err
	}
	return a.page(c, s.Agency)
}

func (a *AgenciesAPI) takeOver(c *Call, _ None) (None, error) {
	return None{}, a.Members.TakeOver(c.Ctx, c.Actor, c.Param("id"))
}

type invitationRow struct {
	ID        string          `json:"id"`
	Email     string          `json:"email"`
	Name      Text            `json:"name"`
	Agency    *AgencyRef      `json:"agency" doc:"null for a person without agency"`
	Kind      string          `json:"kind" doc:"of the seat, or empty"`
	CanVote   bool            `json:"can_vote"`
	Roles     []policy.Role   `json:"roles"`
	Replaces  string          `json:"replaces" doc:"the seat whose holder is replaced, or empty"`
	CreatedAt Time            `json:"created_at"`
	ExpiresAt Time            `json:"expires_at"`
	Abilities map[string]bool `json:"abilities"`
}

// refs are the agencies by id.
func (a *AgenciesAPI) refs(c *Call) (map[string]AgencyRef, error) {
	list, err := a.Members.Agencies(c.Ctx, c.Actor, member.AgencyFilter{})
	m := make(map[string]AgencyRef, len(list))
	for _, v := range list {
		m[v.ID] = agencyRef(v)
	}
	return m, err
}

func refOf(m map[string]AgencyRef, id string) *AgencyRef {
	if r, ok := m[id]; ok {
		return &r
	}
	return nil
}

func (a *AgenciesAPI) invitations(c *Call) (Narrowed[invitationRow], error) {
	by, err := c.Narrowing()
	if err != nil {
		return Narrowed[invitationRow]{}, err
	}
	list, err := a.Members.Invitations(c.Ctx, c.Actor, by)
	if err != nil {
		return Narrowed[invitationRow]{}, err
	}
	agencies, err := a.refs(c)
	if err != nil {
		return Narrowed[invitationRow]{}, err
	}
	return page(Narrower{a.Members}, c, by, list, func(v member.Invitation) invitationRow {
		return invitationRow{ID: v.ID, Email: v.Email, Name: Text(v.Name), Agency: refOf(agencies, v.Agency), Kind: string(v.Kind),
			CanVote: v.CanVote, Roles: v.Roles, Replaces: v.Replaces, CreatedAt: v.CreatedAt, ExpiresAt: v.ExpiresAt,
			Abilities: map[string]bool{string(policy.WithdrawInvitation): true}}
	})
}

func (a *AgenciesAPI) withdraw(c *Call) (None, error) {
	return None{}, a.Members.Withdraw(c.Ctx, c.Actor, c.Param("id"))
}

type personRow struct {
	PersonRef
	Email     string          `json:"email"`
	Status    string          `json:"status" doc:"active or suspended"`
	Roles     []policy.Role   `json:"roles" doc:"network roles"`
	Agency    *AgencyRef      `json:"agency" doc:"null without a seat"`
	Seat      string          `json:"seat" doc:"id of the seat, or empty"`
	Kind      string          `json:"kind" doc:"of the seat, or empty"`
	CanVote   bool            `json:"can_vote"`
	SeenAt    Time            `json:"seen_at" doc:"null: not signed in lately"`
	Abilities map[string]bool `json:"abilities"`
}

func (a *AgenciesAPI) people(c *Call) (Narrowed[personRow], error) {
	by, err := c.Narrowing()
	if err != nil {
		return Narrowed[personRow]{}, err
	}
	list, err := a.Members.People(c.Ctx, c.Actor, member.PeopleFilter{Query: c.Query("q"), Role: policy.Role(c.Query("role")),
		Status: member.Status(c.Query("status")), Narrow: by, Cursor: c.Query("cursor")})
	if err != nil {
		return Narrowed[personRow]{}, err
	}
	agencies, err := a.refs(c)
	if err != nil {
		return Narrowed[personRow]{}, err
	}
	return page(Narrower{a.Members}, c, by, list, func(p member.Listed) personRow {
		return personRow{PersonRef: PersonRef{p.ID, Text(p.Name)}, Email: p.Email, Status: string(p.Status), Roles: p.Roles,
			Agency: refOf(agencies, p.Agency), Seat: p.Seat, Kind: string(p.SeatKind), CanVote: p.CanVote, SeenAt: p.SeenAt, Abilities: p.Abilities(c.Actor)}
	})
}

type roleBody struct {
	Role policy.Role `json:"role" doc:"SA, MO, EX, PO or RD"`
}

func (a *AgenciesAPI) grant(c *Call, in roleBody) (None, error) {
	return None{}, a.Members.Grant(c.Ctx, c.Actor, c.Param("id"), in.Role)
}

func (a *AgenciesAPI) take(c *Call) (None, error) {
	return None{}, a.Members.Take(c.Ctx, c.Actor, c.Param("id"), policy.Role(c.Param("role")))
}

type statusBody struct {
	Status member.Status `json:"status" doc:"active or suspended"`
}

func (a *AgenciesAPI) personStatus(c *Call, in statusBody) (None, error) {
	return None{}, a.Members.SetPersonStatus(c.Ctx, c.Actor, c.Param("id"), in.Status)
}
