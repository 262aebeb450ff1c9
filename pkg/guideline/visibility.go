package guideline

import (
	"context"
	"slices"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Sight is who gains and who loses sight when a guideline moves on the ladder.
// Agencies by id; Public says the same of everybody outside the network.
type Sight struct {
	Gains, Loses             []string
	PublicGains, PublicLoses bool
}

// seers are the agencies whose people see a guideline on the rung.
func seers(g Guideline, to policy.Visibility, named, network []string) []string {
	out := append([]string{g.Agency}, g.Writers...)
	switch to {
	case policy.ToAgencies:
		out = append(out, named...)
	case policy.ToNetwork, policy.ToPublic:
		out = append(out, network...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func sight(g Guideline, to policy.Visibility, named, network []string) Sight {
	before, after := seers(g, g.Visibility, g.Shares, network), seers(g, to, named, network)
	without := func(a, b []string) []string {
		out := []string{}
		for _, x := range a {
			if !slices.Contains(b, x) {
				out = append(out, x)
			}
		}
		return out
	}
	return Sight{Gains: without(after, before), Loses: without(before, after),
		PublicGains: to == policy.ToPublic && g.Visibility != policy.ToPublic,
		PublicLoses: to != policy.ToPublic && g.Visibility == policy.ToPublic}
}

// PreviewVisibility says who would gain and lose sight of the guideline.
//
// Faults: guideline.not_found, policy.forbidden, guideline.invalid.
func (s *Service) PreviewVisibility(ctx context.Context, actor policy.Actor, guideline string, to policy.Visibility, agencies []string) (Sight, error) {
	var out Sight
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		_, _, out, err = s.ladder(ctx, tx, actor, guideline, to, agencies, false)
		return err
	})
	return out, err
}

// SetVisibility moves the guideline on the ladder. agencies are those named,
// for "agencies" only.
//
// Faults: guideline.not_found, policy.forbidden, guideline.invalid.
func (s *Service) SetVisibility(ctx context.Context, actor policy.Actor, guideline string, to policy.Visibility, agencies []string) (Sight, error) {
	var out Sight
	err := s.DB.Transact(ctx, func(tx *db.Tx) error {
		g, all, change, err := s.ladder(ctx, tx, actor, guideline, to, agencies, true)
		if err != nil {
			return err
		}
		out = change
		from := g.Visibility
		g.Visibility, g.Shares, g.UpdatedAt = to, nil, tx.Now()
		if to == policy.ToAgencies {
			g.Shares = agencies
		}
		if err := updateGuideline(ctx, tx, g); err != nil {
			return err
		}
		if err := replaceAgencies(ctx, tx, "guideline_share", g.ID, g.Shares); err != nil {
			return err
		}
		if err := s.republish(ctx, tx, g, all); err != nil {
			return err
		}
		return event.Append(ctx, tx, actor, GuidelineChanged{Guideline: g.ID, What: "visibility_changed",
			From: string(from), To: string(to), Agencies: g.Shares})
	})
	return out, err
}

func (s *Service) ladder(ctx context.Context, tx *db.Tx, actor policy.Actor, guideline string, to policy.Visibility, agencies []string, lock bool) (Guideline, []Edition, Sight, error) {
	g, err := findGuideline(ctx, tx, guideline, lock)
	if err != nil {
		return g, nil, Sight{}, err
	}
	all, err := editionsOf(ctx, tx, g.ID)
	if err != nil {
		return g, nil, Sight{}, err
	}
	if err := policy.Check(actor, policy.SetVisibility, g.factsOf(all[g.ID])); err != nil {
		return g, nil, Sight{}, err
	}
	var network []string
	if s.Network != nil {
		if network, err = s.Network.AgencyIDs(ctx, tx); err != nil {
			return g, nil, Sight{}, err
		}
	}
	var bad fields
	bad.ladder(to)
	if to == policy.ToAgencies {
		if len(agencies) == 0 {
			bad.add("agencies", "required")
		}
		for _, a := range agencies {
			if s.Network != nil && !slices.Contains(network, a) {
				bad.add("agencies", "unknown")
			}
		}
	}
	if err := bad.fault(); err != nil {
		return g, nil, Sight{}, err
	}
	return g, all[g.ID], sight(g, to, agencies, network), nil
}

// SetHidden hides a guideline's text or shows it again, for moderation, which
// has asked whether the actor may. Those who write it keep sight of it.
func (s *Service) SetHidden(ctx context.Context, tx *db.Tx, actor policy.Actor, guideline string, hidden bool) error {
	g, err := findGuideline(ctx, tx, guideline, true)
	if err != nil || g.Hidden == hidden {
		return err
	}
	all, err := editionsOf(ctx, tx, g.ID)
	if err != nil {
		return err
	}
	g.Hidden, g.UpdatedAt = hidden, tx.Now()
	if err := updateGuideline(ctx, tx, g); err != nil {
		return err
	}
	if err := s.republish(ctx, tx, g, all[g.ID]); err != nil {
		return err
	}
	what := "restored"
	if hidden {
		what = "hidden"
	}
	return event.Append(ctx, tx, actor, GuidelineChanged{Guideline: g.ID, What: what})
}

// About reads a guideline with all its editions and what the policy may know
// of it, for packages that decide about it in a transaction of their own.
//
// Faults: guideline.not_found.
func (s *Service) About(ctx context.Context, tx *db.Tx, guideline string) (Summary, error) {
	g, err := findGuideline(ctx, tx, guideline, false)
	if err != nil {
		return Summary{}, err
	}
	all, err := editionsOf(ctx, tx, g.ID)
	return Summary{Guideline: g, Editions: all[g.ID], Facts: g.factsOf(all[g.ID])}, err
}
