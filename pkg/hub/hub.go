// Package hub joins the parts into a hub: one function, read top to bottom.
// cmd/server serves what it returns, tests drive the same thing.
package hub

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/multaqa/multaqa/frontend"
	"github.com/multaqa/multaqa/pkg/ballot"
	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/comment"
	"github.com/multaqa/multaqa/pkg/config"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/desk"
	"github.com/multaqa/multaqa/pkg/discussion"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/glossary"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/history"
	"github.com/multaqa/multaqa/pkg/live"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/media"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/moderation"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/practice"
	"github.com/multaqa/multaqa/pkg/publish"
	"github.com/multaqa/multaqa/pkg/search"
	"github.com/multaqa/multaqa/pkg/section"
	"github.com/multaqa/multaqa/pkg/site"
	"github.com/multaqa/multaqa/pkg/suggestion"
	"github.com/multaqa/multaqa/pkg/web"
	"github.com/multaqa/multaqa/pkg/workspace"
)

// Hub is a node of the hub, joined and not yet running.
type Hub struct {
	Config      *config.Config
	DB          *db.DB
	Bus         bus.Bus
	Log         *slog.Logger
	Members     *member.Service
	Workspaces  *workspace.Service
	Publish     *publish.Service
	Search      *search.Service
	Drafts      *draft.Service
	Guidelines  *guideline.Service
	Media       *media.Service
	Comments    *comment.Service
	Suggests    *suggestion.Service
	History     *history.Service
	Practices   *practice.Service
	Discussions *discussion.Service
	Ballots     *ballot.Service
	Moderation  *moderation.Service
	Glossary    *glossary.Service
	Sections    *section.Service
	Desk        *desk.Service
	Live        *live.Hub
	Web         *web.Server
	Relay       *event.Relay

	epoch  epoch
	unhint func()
}

// New joins the parts on an open, migrated database. signIn is shown on the
// sign-in page of the demo network; nil elsewhere.
func New(cfg *config.Config, d *db.DB, b bus.Bus, log *slog.Logger, signIn *web.DemoSignIn) (*Hub, error) {
	h := &Hub{Config: cfg, DB: d, Bus: b, Log: log}
	zone, err := time.LoadLocation(cfg.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("MULTAQA_TIMEZONE: %w", err)
	}
	h.Members = member.New(d, b)
	h.Workspaces = workspace.New(d, h.Members)
	h.Publish = publish.New(d)
	h.Search = search.New(h.Publish)
	h.Drafts = draft.New(d, rights{h}, b, log, draft.Options{})
	h.Guidelines = guideline.NewService(d, texts{}, comment.Counts{}, h.Publish)
	h.Media = media.New(d, h.Guidelines, cfg.Data)
	h.Workspaces.OnJoined(h.Guidelines.AddWriter)
	h.Workspaces.OnLeft(h.Guidelines.RemoveWriter)
	h.Sections = section.New(d, h.Guidelines, log)
	h.Guidelines.Carry = h.Sections.Carry
	h.Comments = comment.New(d, h.Guidelines, log)
	h.Suggests = suggestion.New(d, h.Drafts, h.Guidelines, log)
	h.Suggests.Editions = h.Guidelines
	h.Comments.Propose(h.Suggests)
	h.History = history.New(d, h.Guidelines, h.Drafts, log)
	h.Practices = practice.New(d)
	h.Discussions = discussion.New(d)
	h.Ballots = ballot.New(d, log, h.Practices).WithEditions(h.Guidelines)
	h.Glossary = glossary.New(d)
	h.Moderation = moderation.New(d)
	h.Moderation.Register("gl", moderation.Guidelines{Service: h.Guidelines})
	h.Moderation.Register("th", moderation.Comments{Guidelines: h.Guidelines})
	h.Moderation.Register("co", moderation.Comments{Guidelines: h.Guidelines})
	h.Moderation.Register("sg", moderation.Suggestions{Guidelines: h.Guidelines})
	h.Moderation.Register("pr", moderation.Practices{Service: h.Practices})
	h.Moderation.Register("po", moderation.Posts{})
	h.Desk = &desk.Service{DB: d, Ballots: h.Ballots, Practices: h.Practices, Guidelines: h.Guidelines, Sections: h.Sections, Moderation: h.Moderation}
	h.Live = live.New(live.Config{DB: d, Drafts: h.Drafts, Log: log, Actors: rights{h}.Actors, Card: h.card, Origin: cfg.BaseURL,
		Epoch: h.RightsEpoch, Wrote: h.Members.TouchUsed, Far: far(b)})
	h.Members.OnRevoked(h.Live.Revoked)
	// The relay below says the same of every event; this hint does not wait for its turn to read the chain.
	h.Members.OnRightsChanged(func(string) { h.Live.RightsChanged() })
	h.Relay = event.NewRelay(d, log)
	h.topics()
	h.Relay.Listen(h.Live.Tell)
	h.Relay.Listen(func(r event.Record) {
		if !harmless[r.Kind] {
			h.Live.RightsChanged()
		}
	})
	h.Relay.Listen(h.tellLists)
	h.unhint = h.hints()

	edge := &web.Edge{Config: cfg, DB: d, Log: log, Authenticate: func(ctx context.Context, token string) (policy.Actor, error) {
		a, _, err := h.Members.Authenticate(ctx, token)
		return a, err
	}}
	assets, err := fs.Sub(frontend.Dist, "dist")
	if err != nil {
		return nil, err
	}
	pages := &site.Site{Guides: h.Publish, Search: h.Search, Agencies: h.agencies, Narrow: h.Members, Credits: h.credits, Terms: h.terms, Network: h.network, Actor: edge.ActorOf, Log: log, Zone: zone, Base: cfg.BaseURL}
	if err := pages.Open(frontend.Tokens); err != nil {
		return nil, err
	}
	h.Web, err = web.NewServer(edge, assets, web.Mounted{Pages: pages, Files: web.Images(edge, h.Media)}, h.resources(signIn)...)
	if err != nil {
		return nil, err
	}
	h.Web.Ready = h.ready
	return h, nil
}

// far is the bus for what other nodes are shown; nil where there are none.
func far(b bus.Bus) live.Far {
	if _, alone := b.(*bus.Memory); alone {
		return nil
	}
	return b
}

// ready says whether the node can serve.
func (h *Hub) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	if err := h.DB.Ping(ctx); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	if n, err := h.DB.Pending(ctx); err != nil || n > 0 {
		return errors.Join(err, fmt.Errorf("%d migrations wait", n))
	}
	return nil
}

// Run does the node's own work until ctx ends: drafts, deadlines, the relay,
// and sweeping.
func (h *Hub) Run(ctx context.Context) { h.Start(ctx)() }

// Start is Run in two steps: when it returns drafts can be opened, so that nobody
// who comes first is turned away; wait returns when all has ended.
func (h *Hub) Start(ctx context.Context) (wait func()) {
	var wg sync.WaitGroup
	wg.Go(h.Drafts.Start(ctx))
	wg.Go(func() { h.Relay.Run(ctx) })
	wg.Go(func() { h.Ballots.Run(ctx) })
	// The first question should not wait for the index, nor a start for it.
	wg.Go(func() {
		if _, err := h.Publish.FillClauses(ctx); err != nil && ctx.Err() == nil {
			h.Log.Error("fill clauses of older guides", "error", err)
		}
		if err := h.Search.Refresh(ctx); err != nil && ctx.Err() == nil {
			h.Log.Error("build the search index", "error", err)
		}
	})
	wg.Go(func() { every(ctx, 3*time.Second, h.Log, "publish what is due", h.publishDue) })
	wg.Go(func() { every(ctx, time.Hour, h.Log, "forget idempotency keys", h.Web.Edge.SweepIdempotency) })
	wg.Go(func() { every(ctx, 12*time.Hour, h.Log, "forget ended sessions", h.Members.Sweep) })
	return wg.Wait
}

func (h *Hub) publishDue(ctx context.Context) error {
	_, err := h.Guidelines.PublishDue(ctx)
	return err
}

// every calls fn now and then, one call at a time, until ctx ends.
func every(ctx context.Context, d time.Duration, log *slog.Logger, what string, fn func(context.Context) error) {
	t := time.NewTicker(d)
	defer t.Stop()
	for {
		if err := fn(ctx); err != nil && ctx.Err() == nil {
			log.Error(what, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// Close gives back what New took; the database and the bus are the caller's.
func (h *Hub) Close() { h.unhint(); h.Members.Close() }

// agencies names the agencies for published pages.
func (h *Hub) agencies(ctx context.Context) ([]site.Agency, error) {
	all, err := h.Members.Agencies(ctx, policy.SystemActor(), member.AgencyFilter{})
	if err != nil {
		return nil, err
	}
	out := make([]site.Agency, len(all))
	for i, a := range all {
		out[i] = site.Agency{ID: a.ID, Name: locale.Text(a.Name), Short: locale.Text(a.Short)}
	}
	return out, nil
}

func (h *Hub) credits(ctx context.Context, edition string) ([]string, error) {
	list, err := h.History.Credits(ctx, edition)
	ids := make([]string, len(list))
	for i, a := range list {
		ids[i] = a.Agency
	}
	return ids, err
}

func (h *Hub) terms(ctx context.Context, actor policy.Actor) ([]glossary.Term, int64, error) {
	return h.Glossary.Approved(ctx, actor)
}

func (h *Hub) network(ctx context.Context) locale.Text {
	n, ok, err := h.Members.Network(ctx)
	if err != nil || !ok {
		return locale.Text{Ar: "ملتقى", En: "Multaqa"}
	}
	return locale.Text(n.Name)
}

// card names somebody for the others in a draft.
func (h *Hub) card(ctx context.Context, a policy.Actor) (live.Card, error) {
	names, err := h.Guidelines.Names(ctx, a.Person)
	if err != nil {
		return live.Card{}, err
	}
	var c live.Card
	c.Person.ID, c.Person.Name = a.Person, live.Words(names.Persons[a.Person])
	ag := names.Agencies[a.Agency]
	c.Agency.ID, c.Agency.Short, c.Agency.Hue = a.Agency, live.Words(ag.Short), ag.Hue
	return c, nil
}

// socket upgrades /api/v1/live.
func (h *Hub) socket(c *web.Call, w http.ResponseWriter, r *http.Request) error {
	if err := policy.Check(c.Actor, policy.OpenSocket, policy.Global("request")); err != nil {
		return err
	}
	h.Live.Serve(w, r, c.Actor, c.ClientIP())
	return nil
}
