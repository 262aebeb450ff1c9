package web

import (
	"github.com/multaqa/multaqa/pkg/desk"
	"github.com/multaqa/multaqa/pkg/policy"
)

// DeskAPI is "what needs me".
type DeskAPI struct{ Desk *desk.Service }

// Routes registers the resource.
func (a *DeskAPI) Routes(r *Router) {
	Get(r, "/desk", policy.ReadDesk, "What needs me, my agency, and what is new", a.read)
	Get(r, "/pulse", policy.ReadDesk, "How much the agencies took part, week by week", a.pulse)
	Get(r, "/seats/:id/handover", policy.ReadHandover, "What is open on a seat, for whoever takes it over", a.handover)
}

type deskItem struct {
	ID     string `json:"id"`
	Kind   string `json:"kind" doc:"ballot.vote, edition.review, mention, practice.screen …"`
	Act    Text   `json:"act"`
	Title  Text   `json:"title"`
	Meta   Text   `json:"meta"`
	At     Time   `json:"at"`
	DueAt  Time   `json:"due_at"`
	Urgent bool   `json:"urgent" doc:"due within 24 hours"`
	URL    string `json:"url" doc:"path in the application"`
}

type deskOut struct {
	Mine      []deskItem       `json:"mine"`
	Agency    []deskItem       `json:"agency"`
	Following []deskItem       `json:"following"`
	Counts    map[string]int64 `json:"counts" doc:"mine, agency, following, votes, moderation"`
}

func deskItems(list []desk.Item) []deskItem {
	out := []deskItem{}
	for _, it := range list {
		out = append(out, deskItem{ID: it.ID, Kind: it.Kind, Act: Text(it.Act), Title: Text(it.Title), Meta: Text(it.Meta),
			At: it.At, DueAt: it.DueAt, Urgent: it.Urgent, URL: it.URL})
	}
	return out
}

func (a *DeskAPI) read(c *Call) (deskOut, error) {
	d, err := a.Desk.Of(c.Ctx, c.Actor)
	return deskOut{Mine: deskItems(d.Mine), Agency: deskItems(d.Agency), Following: deskItems(d.Following), Counts: d.Counts}, err
}

type pulseOut struct {
	Weeks  []int64 `json:"weeks" doc:"votes, nominations, texts handed in, comments and suggestions open to the network; 12 times seven days, the last ends now"`
	Active int64   `json:"active" doc:"agencies that took part within four weeks"`
}

func (a *DeskAPI) pulse(c *Call) (pulseOut, error) {
	p, err := a.Desk.Pulse(c.Ctx, c.Actor)
	return pulseOut{Weeks: p.Weeks[:], Active: p.Active}, err
}
