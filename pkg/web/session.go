package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

// SessionAPI is signing in and out, the own account, invitations, the first run.
type SessionAPI struct {
	Members *member.Service
	// Demo is shown on the sign-in page of the demo network; nil elsewhere.
	Demo *DemoSignIn
}

// DemoSignIn is how to sign in to the demo network.
type DemoSignIn struct {
	Password string        `json:"password"`
	Accounts []DemoAccount `json:"accounts"`
}

// DemoAccount is one of the demo network's people.
type DemoAccount struct {
	Email  string `json:"email"`
	Name   Text   `json:"name"`
	Agency Text   `json:"agency"`
	Role   string `json:"role"`
	Label  Text   `json:"label"`
}

// Routes registers the resource.
func (a *SessionAPI) Routes(r *Router) {
	Get(r, "/session", policy.ReadOwnSession, "Who is signed in here, and whether the network is set up", a.read)
	Post(r, "/session", policy.OpenSession, "Sign in", a.open)
	Delete(r, "/session", policy.ReadOwnSession, "Sign out", a.close)
	Get(r, "/sessions", policy.ListSessions, "Where the person is signed in", a.list)
	Delete(r, "/sessions/:id", policy.RevokeSession, "End one of the own sessions", a.revoke)
	Patch(r, "/me", policy.UpdateSelf, "Change own name and preferences", a.update)
	Post(r, "/me/password", policy.UpdateSelf, "Change own password; ends the other sessions", a.password)
	Post(r, "/setup", policy.SetUpNetwork, "Set the network up with the token from the console", a.setUp)
	Get(r, "/invitations/:id", policy.UseInvitation, "Read an invitation by its link", a.invitation)
	Post(r, "/invitations/:id", policy.UseInvitation, "Accept an invitation and sign in", a.accept)
}

type prefs struct {
	Locale   string `json:"locale,omitempty" doc:"ar or en"`
	Digits   string `json:"digits,omitempty" doc:"arab or latn"`
	Calendar string `json:"calendar,omitempty" doc:"hijri or gregory"`
	Theme    string `json:"theme,omitempty" doc:"auto, light or dark"`
}

type sessionPerson struct {
	ID    string `json:"id"`
	Name  Text   `json:"name"`
	Email string `json:"email"`
	Prefs prefs  `json:"prefs"`
}

type sessionSeat struct {
	ID      string `json:"id"`
	Kind    string `json:"kind" doc:"principal, alternate, writer or reader"`
	CanVote bool   `json:"can_vote"`
}

type sessionNetwork struct {
	Name     Text   `json:"name"`
	TimeZone string `json:"time_zone" doc:"IANA name; the hub shows and takes dates in it"`
}

type sessionOut struct {
	Person        *sessionPerson `json:"person"`
	Agency        *AgencyRef     `json:"agency"`
	AgencyStatus  string         `json:"agency_status" doc:"of the own agency: active or suspended; empty without one"`
	Seat          *sessionSeat   `json:"seat"`
	Roles         []policy.Role  `json:"roles"`
	Network       sessionNetwork `json:"network"`
	SetupRequired bool           `json:"setup_required"`
	Demo          *DemoSignIn    `json:"demo"`
	Now           Time           `json:"now"`
}

func (a *SessionAPI) read(c *Call) (sessionOut, error) { return a.of(c, c.Actor) }

func (a *SessionAPI) of(c *Call, actor policy.Actor) (sessionOut, error) {
	out := sessionOut{Roles: []policy.Role{}, Demo: a.Demo, Now: timeNow()}
	n, done, err := a.Members.Network(c.Ctx)
	if err != nil {
		return out, err
	}
	out.Network, out.SetupRequired = sessionNetwork{Text(n.Name), c.edge.Config.TimeZone}, !done
	if actor.Anonymous() {
		return out, nil
	}
	me, err := a.Members.Me(c.Ctx, actor)
	if err != nil {
		return out, err
	}
	out.Person = &sessionPerson{ID: me.Person.ID, Name: Text(me.Person.Name), Email: me.Person.Email, Prefs: prefs(me.Person.Prefs)}
	if me.Roles != nil {
		out.Roles = me.Roles
	}
	if me.Agency != nil {
		ref := agencyRef(*me.Agency)
		out.Agency, out.AgencyStatus = &ref, string(me.Agency.Status)
		out.Seat = &sessionSeat{ID: me.Seat.ID, Kind: string(me.Seat.Kind), CanVote: me.Seat.CanVote}
	}
	return out, nil
}

type signInBody struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

func (a *SessionAPI) open(c *Call, in signInBody) (sessionOut, error) {
	s := c.signIn()
	s.Email, s.Password = in.Email, in.Password
	o, err := a.Members.Open(c.Ctx, s)
	return a.opened(c, o, err)
}

// opened gives the browser its cookies and answers as GET /session would.
func (a *SessionAPI) opened(c *Call, o member.Opened, err error) (sessionOut, error) {
	if err != nil {
		return sessionOut{}, c.retryLater(err)
	}
	c.SetSession(o.Token)
	c.setDevice(o.Device)
	return a.of(c, o.Actor)
}

func (a *SessionAPI) close(c *Call) (None, error) {
	c.ClearSession()
	if c.Actor.Anonymous() {
		return None{}, nil
	}
	return None{}, a.Members.Revoke(c.Ctx, c.Actor, c.Actor.Session)
}

type sessionRow struct {
	ID         string `json:"id"`
	CreatedAt  Time   `json:"created_at"`
	LastSeenAt Time   `json:"last_seen_at"`
	ExpiresAt  Time   `json:"expires_at"`
	UserAgent  string `json:"user_agent"`
	Current    bool   `json:"current"`
}

func (a *SessionAPI) list(c *Call) (List[sessionRow], error) {
	list, err := a.Members.Sessions(c.Ctx, c.Actor)
	rows := make([]sessionRow, 0, len(list))
	for _, s := range list {
		rows = append(rows, sessionRow{ID: s.ID, CreatedAt: s.CreatedAt, LastSeenAt: s.LastSeenAt, ExpiresAt: s.ExpiresAt,
			UserAgent: s.UserAgent, Current: s.ID == c.Actor.Session})
	}
	return Page(rows, ""), err
}

func (a *SessionAPI) revoke(c *Call) (None, error) {
	err := a.Members.Revoke(c.Ctx, c.Actor, c.Param("id"))
	if err == nil && c.Param("id") == c.Actor.Session {
		c.ClearSession()
	}
	return None{}, err
}

type meBody struct {
	Name  *Text  `json:"name,omitempty"`
	Prefs *prefs `json:"prefs,omitempty"`
}

func (a *SessionAPI) update(c *Call, in meBody) (sessionOut, error) {
	if _, err := a.Members.UpdateMe(c.Ctx, c.Actor, localeText(in.Name), (*member.Prefs)(in.Prefs)); err != nil {
		return sessionOut{}, err
	}
	return a.of(c, c.Actor)
}

type passwordBody struct {
	Current string `json:"current"`
	New     string `json:"new" doc:"12 to 256 bytes"`
}

func (a *SessionAPI) password(c *Call, in passwordBody) (None, error) {
	token, err := a.Members.ChangePassword(c.Ctx, c.Actor, in.Current, in.New)
	if err != nil {
		return None{}, c.retryLater(err)
	}
	c.SetSession(token)
	return None{}, nil
}

type setUpBody struct {
	Token       string `json:"token"`
	NetworkName Text   `json:"network_name"`
	AgencyName  Text   `json:"agency_name"`
	Name        Text   `json:"name"`
	Email       string `json:"email"`
	Password    string `json:"password" doc:"12 to 256 bytes"`
}

func (a *SessionAPI) setUp(c *Call, in setUpBody) (sessionOut, error) {
	o, err := a.Members.SetUp(c.Ctx, member.SetUp{Token: strings.TrimSpace(in.Token), NetworkName: member.Text(in.NetworkName),
		AgencyName: member.Text(in.AgencyName), Name: member.Text(in.Name), Email: in.Email, Password: in.Password}, c.signIn())
	return a.opened(c, o, err)
}

type invitationOut struct {
	Email     string         `json:"email"`
	Name      Text           `json:"name"`
	Agency    *AgencyRef     `json:"agency"`
	Kind      string         `json:"kind" doc:"principal, alternate, writer, reader, or empty without a seat"`
	CanVote   bool           `json:"can_vote"`
	Roles     []policy.Role  `json:"roles"`
	Replaces  bool           `json:"replaces" doc:"the person follows on a seat that somebody held"`
	Network   sessionNetwork `json:"network"`
	ExpiresAt Time           `json:"expires_at"`
}

func (a *SessionAPI) invitation(c *Call) (invitationOut, error) {
	p, err := a.Members.FindInvitation(c.Ctx, c.Param("id"))
	if err != nil {
		return invitationOut{}, err
	}
	v := p.Invitation
	out := invitationOut{Email: v.Email, Name: Text(v.Name), Kind: string(v.Kind), CanVote: v.CanVote, Roles: v.Roles, Replaces: v.Replaces != "",
		Network: sessionNetwork{Text(p.Network.Name), c.edge.Config.TimeZone}, ExpiresAt: v.ExpiresAt}
	if p.Agency != nil {
		ref := agencyRef(*p.Agency)
		out.Agency = &ref
	}
	return out, nil
}

type acceptBody struct {
	Name     Text   `json:"name"`
	Password string `json:"password" doc:"12 to 256 bytes"`
}

func (a *SessionAPI) accept(c *Call, in acceptBody) (sessionOut, error) {
	o, err := a.Members.Accept(c.Ctx, c.Param("id"), member.Text(in.Name), in.Password, c.signIn())
	return a.opened(c, o, err)
}

// signIn is what the request says of an attempt, without what its body says.
func (c *Call) signIn() member.SignIn {
	return member.SignIn{UserAgent: c.UserAgent(), Source: c.ClientIP(), Device: c.device(), Previous: c.SessionToken(), Locale: c.Locale}
}

func (c *Call) deviceCookie() string { return c.edge.cookieName() + "-device" }

// device is the token by which a browser shows that it signed in before; it
// opens nothing, it only spares the wait that others' failures cause.
func (c *Call) device() string {
	k, err := c.gin.Request.Cookie(c.deviceCookie())
	if err != nil || len(k.Value) > 100 {
		return ""
	}
	return k.Value
}

func (c *Call) setDevice(token string) {
	http.SetCookie(c.gin.Writer, &http.Cookie{Name: c.deviceCookie(), Value: token, Path: "/", MaxAge: 365 * 24 * 3600,
		Secure: c.edge.Config.Secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// retryLater says in the header too when an attempt may be made again.
func (c *Call) retryLater(err error) error {
	f := fault.Of(err)
	if f == nil {
		return err
	}
	if s, ok := f.Facts["retry_after"].(int); ok {
		c.gin.Header("Retry-After", strconv.Itoa(s))
	} else if f.Kind == fault.Unavailable {
		c.gin.Header("Retry-After", "2")
	}
	return err
}

func localeText(t *Text) *member.Text {
	if t == nil {
		return nil
	}
	v := member.Text(*t)
	return &v
}

// timeNow is shown to the browser so that it can correct its own clock in
// countdowns; it decides nothing.
func timeNow() Time { return Time(time.Now().UnixMicro()) }
