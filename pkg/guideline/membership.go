package guideline

import (
	"context"
	"fmt"
	"slices"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Membership is what an agency's joining or leaving a joint workspace does to
// one of its guidelines.
type Membership struct {
	Guideline string
	Title     locale.Text
	Leads     bool // the agency leads it: nothing changes, and it cannot leave
	Sight     bool // the agency's members gain, or lose, sight of what is in work
	Writing   bool // the agency gains, or loses, writing it
}

// PreviewMembership says what an agency gains by joining a joint workspace, or
// loses by leaving it (join false). Guidelines that the actor may not see are
// counted only. It asks no policy about the workspace: the caller has.
func (s *Service) PreviewMembership(ctx context.Context, actor policy.Actor, workspace, agency string, join bool) (list []Membership, unseen int, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		list, unseen = []Membership{}, 0
		gs, err := selectGuidelines(ctx, tx, `where g.workspace = $1 order by g.updated_at desc, g.id`, workspace)
		if err != nil {
			return err
		}
		for _, g := range gs {
			all, err := editionsOf(ctx, tx, g.ID)
			if err != nil {
				return err
			}
			if !policy.Can(actor, policy.ReadGuideline, g.factsOf(all[g.ID])) {
				unseen++
				continue
			}
			list = append(list, membership(g, agency, join))
		}
		return nil
	})
	return list, unseen, err
}

func membership(g Guideline, agency string, join bool) Membership {
	m := Membership{Guideline: g.ID, Title: g.Title, Leads: g.Agency == agency}
	if m.Leads {
		return m
	}
	before, after := g, withWriter(g, agency)
	if !join {
		before, after = g, withoutWriter(g, agency)
	}
	m.Writing = slices.Contains(before.Writers, agency) != slices.Contains(after.Writers, agency)
	m.Sight = sees(before, agency) != sees(after, agency)
	return m
}

// sees says whether the agency's members see what is in work.
func sees(g Guideline, agency string) bool {
	return slices.Contains(seers(g, g.Visibility, g.Shares, []string{agency}), agency)
}

// withWriter is the guideline once the agency writes it too. Where the ladder
// names agencies it is named as well, so that its readers read what is
// published.
func withWriter(g Guideline, agency string) Guideline {
	g.Writers = added(g.Writers, agency)
	if g.Visibility == policy.ToAgencies {
		g.Shares = added(g.Shares, agency)
	}
	return g
}

func withoutWriter(g Guideline, agency string) Guideline {
	g.Writers, g.Shares = removed(g.Writers, agency), removed(g.Shares, agency)
	return g
}

func added(list []string, agency string) []string {
	if slices.Contains(list, agency) {
		return list
	}
	return append(slices.Clone(list), agency)
}

func removed(list []string, agency string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(a string) bool { return a == agency })
}

// AddWriter lets one more agency write the guidelines of a joint workspace, in
// the transaction in which it joins.
func (s *Service) AddWriter(ctx context.Context, tx *db.Tx, actor policy.Actor, workspace, agency string) error {
	return s.eachOf(ctx, tx, workspace, func(g Guideline) error {
		if g.Agency == agency {
			return nil
		}
		return s.writers(ctx, tx, actor, g, withWriter(g, agency), "writer_added", agency)
	})
}

// RemoveWriter ends an agency's writing in a joint workspace, in the
// transaction in which it leaves. What it wrote stays, under its name.
//
// Faults: workspace.leads_guidelines (with count), while it leads some.
func (s *Service) RemoveWriter(ctx context.Context, tx *db.Tx, actor policy.Actor, workspace, agency string) error {
	led := 0
	err := s.eachOf(ctx, tx, workspace, func(g Guideline) error {
		if g.Agency == agency {
			led++
			return nil
		}
		return s.writers(ctx, tx, actor, g, withoutWriter(g, agency), "writer_removed", agency)
	})
	if err == nil && led > 0 {
		err = fault.New(fault.Conflict, "workspace.leads_guidelines").With("count", led)
	}
	return err
}

func (s *Service) eachOf(ctx context.Context, tx *db.Tx, workspace string, fn func(g Guideline) error) error {
	gs, err := selectGuidelines(ctx, tx, `where g.workspace = $1 order by g.id`+tx.ForUpdate(), workspace)
	for _, g := range gs {
		if err != nil {
			return err
		}
		err = fn(g)
	}
	return err
}

func (s *Service) writers(ctx context.Context, tx *db.Tx, actor policy.Actor, before, after Guideline, what, agency string) error {
	if slices.Equal(before.Writers, after.Writers) && slices.Equal(before.Shares, after.Shares) {
		return nil
	}
	if err := replaceAgencies(ctx, tx, "guideline_writer", after.ID, after.Writers); err != nil {
		return err
	}
	if err := replaceAgencies(ctx, tx, "guideline_share", after.ID, after.Shares); err != nil {
		return err
	}
	all, err := editionsOf(ctx, tx, after.ID)
	if err != nil {
		return fmt.Errorf("change who writes: %w", err)
	}
	if err := s.republish(ctx, tx, after, all[after.ID]); err != nil {
		return err
	}
	return event.Append(ctx, tx, actor, GuidelineChanged{Guideline: after.ID, What: what, Agencies: []string{agency}})
}
