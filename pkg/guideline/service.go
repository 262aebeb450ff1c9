package guideline

import (
	"context"
	"fmt"
	"slices"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/id"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Service holds the use cases. It is safe for concurrent use. Drafts is
// needed; the other ports may be nil: no threads, no workspaces, no pages.
type Service struct {
	DB         *db.DB
	Drafts     Drafts
	Threads    Threads
	Workspaces Workspaces
	Network    Network
	Publisher  Publisher
	// Actor finds the rights of a person now, for what was scheduled. nil
	// trusts the schedule.
	Actor func(ctx context.Context, tx *db.Tx, person string) (policy.Actor, error)
	// Carry, when set, brings what belongs to one draft to the draft of the edition that begins with its text.
	Carry func(ctx context.Context, tx *db.Tx, actor policy.Actor, from, to string) error
}

// New is what Create needs. Agency defaults to the actor's; only the
// secretariat names another. Template defaults to "manual". Text defaults to
// the template's headings. Visibility defaults to the agency for its own
// workspace, to the named agencies for a joint one, else to the network.
type New struct {
	Title      locale.Text
	Summary    string
	Language   string
	Kind       Kind
	Agency     string
	Workspace  string
	Template   string
	Visibility policy.Visibility
	Tags       []string
	Text       string
	Translates string // the guideline that this one renders; what is left open follows it
}

// Create begins a guideline with its first edition in draft. A translation
// begins with the text of its original, to be rendered clause by clause.
//
// Faults: guideline.invalid, guideline.not_found, policy.forbidden,
// workspace.not_found.
func (s *Service) Create(ctx context.Context, actor policy.Actor, n New) (View, error) {
	var view View
	err := s.DB.Transact(ctx, func(tx *db.Tx) error {
		n, wrote := n, n.Text != "" // of what follows, only this is the actor's own
		var original *Guideline
		if n.Translates != "" {
			var err error
			if original, err = s.beginTranslation(ctx, tx, actor, &n); err != nil {
				return err
			}
		}
		if n.Agency == "" {
			n.Agency = actor.Agency
		}
		if err := policy.Check(actor, policy.CreateGuideline, policy.Facts{Kind: "guideline", Agency: n.Agency, Visibility: policy.ToNetwork}); err != nil {
			return err
		}
		g, text, err := s.prepare(ctx, tx, actor, n)
		if err != nil {
			return err
		}
		if original != nil {
			g.Translates = original.ID
			if n.Visibility == "" {
				g.Visibility, g.Shares = original.Visibility, original.Shares
			}
			var bad fields
			bad.translation(g, *original, false)
			if err := bad.fault(); err != nil {
				return err
			}
		}
		g.ID = id.New("gl")
		g.CreatedBy, g.CreatedAt, g.UpdatedAt = person(actor), tx.Now(), tx.Now()
		if err := insertGuideline(ctx, tx, g); err != nil {
			return translated(err)
		}
		e, err := s.begin(ctx, tx, actor, g, Create, text, wrote)
		if err != nil {
			return err
		}
		if err := event.Append(ctx, tx, actor, GuidelineChanged{Guideline: g.ID, What: "created", Original: g.Translates}); err != nil {
			return err
		}
		view, err = s.view(ctx, tx, actor, g, e)
		return err
	})
	return view, err
}

// prepare checks a new guideline and fills in what it leaves open.
func (s *Service) prepare(ctx context.Context, tx *db.Tx, actor policy.Actor, n New) (Guideline, string, error) {
	var bad fields
	if n.Template == "" {
		n.Template = "manual"
	}
	if n.Kind == "" {
		n.Kind = OfAgency
	}
	t, ok := FindTemplate(n.Template)
	if !ok {
		bad.add("template", "invalid")
	}
	if n.Kind != OfAgency && n.Kind != OfNetwork {
		bad.add("kind", "invalid")
	}
	if n.Agency == "" {
		bad.add("agency", "required")
	}
	bad.language(n.Language)
	g := Guideline{Agency: n.Agency, Workspace: n.Workspace, Kind: n.Kind, Template: n.Template, Language: n.Language,
		Title: bad.title(n.Title), Summary: n.Summary, Tags: bad.tags(n.Tags), Visibility: n.Visibility}
	bad.words("summary", n.Summary, maxSummary)
	text := bad.text(n.Text)
	if text == "" {
		text = t.Skeleton(n.Language)
	}
	var agencies []string
	if n.Workspace != "" && s.Workspaces != nil {
		var err error
		if agencies, err = s.Workspaces.Agencies(ctx, tx, actor, n.Workspace); err != nil {
			return g, "", err
		}
		for _, a := range agencies {
			if a != g.Agency {
				g.Writers = append(g.Writers, a)
			}
		}
		if len(agencies) > 0 && !slices.Contains(agencies, g.Agency) {
			bad.add("workspace_id", "other_agency")
		}
	}
	if g.Visibility == "" {
		switch {
		case len(g.Writers) > 0:
			g.Visibility = policy.ToAgencies
		case g.Kind == OfNetwork || n.Workspace != "" && len(agencies) == 0:
			g.Visibility = policy.ToNetwork
		default:
			g.Visibility = policy.ToAgency
		}
	}
	bad.ladder(g.Visibility)
	if g.Visibility == policy.ToAgencies {
		g.Shares = g.Writers
	}
	return g, text, bad.fault()
}

// NewEdition begins the next edition of a guideline from the text readers
// have, or from the last one there was. Readers keep the current edition.
//
// Faults: guideline.not_found, policy.forbidden, guideline.edition_in_work.
func (s *Service) NewEdition(ctx context.Context, actor policy.Actor, guideline string) (View, error) {
	var view View
	err := s.DB.Transact(ctx, func(tx *db.Tx) error {
		g, err := findGuideline(ctx, tx, guideline, true)
		if err != nil {
			return err
		}
		all, err := editionsOf(ctx, tx, g.ID)
		if err != nil {
			return err
		}
		if err := policy.Check(actor, policy.CreateEdition, g.factsOf(all[g.ID])); err != nil {
			return err
		}
		for _, e := range all[g.ID] {
			if e.State.InWork() {
				return fault.New(fault.Conflict, "guideline.edition_in_work").With("edition", e.ID)
			}
		}
		text, before, err := s.lastText(ctx, tx, g, all[g.ID])
		if err != nil {
			return err
		}
		e, err := s.begin(ctx, tx, actor, g, NewEdition, text, false)
		if err != nil {
			return err
		}
		if s.Carry != nil && before != "" {
			if err := s.Carry(ctx, tx, actor, before, e.Draft); err != nil {
				return err
			}
		}
		view, err = s.view(ctx, tx, actor, g, e)
		return err
	})
	return view, err
}

// lastText is what the next edition begins with, and the draft it comes from, if any.
func (s *Service) lastText(ctx context.Context, tx *db.Tx, g Guideline, editions []Edition) (text, draft string, err error) {
	for _, want := range [][]State{{Published}, {Withdrawn}, {Superseded, Unpublished}, {Discarded}} {
		for _, e := range editions {
			if !slices.Contains(want, e.State) {
				continue
			}
			r, err := s.text(ctx, tx, e)
			return r.Text, e.Draft, err
		}
	}
	t, _ := FindTemplate(g.Template)
	return t.Skeleton(g.Language), "", nil
}

// begin inserts an edition in draft with its draft text. The index
// edition_in_work decides when two begin at once.
func (s *Service) begin(ctx context.Context, tx *db.Tx, actor policy.Actor, g Guideline, step Step, text string, wrote bool) (Edition, error) {
	last, err := lastNumber(ctx, tx, g.ID)
	if err != nil {
		return Edition{}, err
	}
	e := Edition{ID: id.New("ed"), Guideline: g.ID, Number: Next(last, false), State: Draft,
		CreatedBy: person(actor), CreatedAt: tx.Now(), UpdatedAt: tx.Now()}
	if err := insertEdition(ctx, tx, e); err != nil {
		if db.IsUnique(err) {
			return e, fault.New(fault.Conflict, "guideline.edition_in_work")
		}
		return e, err
	}
	if e.Draft, err = s.Drafts.Create(ctx, tx, e.ID, text); err != nil {
		return e, fmt.Errorf("draft of edition: %w", err)
	}
	if err := updateEdition(ctx, tx, e); err != nil {
		return e, err
	}
	if wrote {
		// Who brings the text is of its author team, though no keystroke says so.
		if err := addAuthors(ctx, tx, e.ID, actor.Person); err != nil {
			return e, err
		}
	}
	return e, s.record(ctx, tx, actor, g, e, step, None, "", Revision{}, "")
}

func lastNumber(ctx context.Context, tx *db.Tx, guideline string) (Number, error) {
	var n Number
	rows, err := tx.Query(ctx, `
		select major, minor from edition where guideline = $1 and published_at > 0 order by major desc, minor desc limit 1`, guideline)
	if err != nil {
		return n, fmt.Errorf("last number of %s: %w", guideline, err)
	}
	defer rows.Close()
	if rows.Next() {
		if err := rows.Scan(&n.Major, &n.Minor); err != nil {
			return n, fmt.Errorf("last number of %s: %w", guideline, err)
		}
	}
	return n, rows.Err()
}

// Patch changes what is not nil.
type Patch struct {
	Title    *locale.Text
	Summary  *string
	Language *string
	Tags     *[]string
	// Translates is the original that the guideline renders, "" for none; MadeFrom then the edition of it that the text in force was made from,
	// by default the original's current one.
	Translates *string
	MadeFrom   string
}

// Update changes a guideline's names, or what it is the translation of.
//
// Faults: guideline.not_found, guideline.invalid, policy.forbidden.
func (s *Service) Update(ctx context.Context, actor policy.Actor, guideline string, p Patch) (Summary, error) {
	var out Summary
	err := s.DB.Transact(ctx, func(tx *db.Tx) error {
		g, err := findGuideline(ctx, tx, guideline, true)
		if err != nil {
			return err
		}
		all, err := editionsOf(ctx, tx, g.ID)
		if err != nil {
			return err
		}
		if err := policy.Check(actor, policy.UpdateGuideline, g.factsOf(all[g.ID])); err != nil {
			return err
		}
		var bad fields
		was := g.Language
		if p.Title != nil {
			g.Title = bad.title(*p.Title)
		}
		if p.Summary != nil {
			bad.words("summary", *p.Summary, maxSummary)
			g.Summary = *p.Summary
		}
		if p.Language != nil {
			bad.language(*p.Language)
			g.Language = *p.Language
		}
		if p.Tags != nil {
			g.Tags = bad.tags(*p.Tags)
		}
		what, editions := "updated", all[g.ID]
		if p.Translates != nil && *p.Translates != g.Translates {
			if what, editions, err = s.link(ctx, tx, actor, &g, editions, *p.Translates, p.MadeFrom, &bad); err != nil {
				return err
			}
		}
		if p.Language != nil && g.Language != was {
			if err := keepsPair(ctx, tx, g, &bad); err != nil {
				return err
			}
		}
		if err := bad.fault(); err != nil {
			return err
		}
		g.UpdatedAt = tx.Now()
		if err := updateGuideline(ctx, tx, g); err != nil {
			return translated(err)
		}
		all[g.ID] = editions
		if err := s.republish(ctx, tx, g, all[g.ID]); err != nil {
			return err
		}
		if out, err = s.summary(ctx, tx, actor, g, all[g.ID]); err != nil {
			return err
		}
		return event.Append(ctx, tx, actor, GuidelineChanged{Guideline: g.ID, What: what, Original: g.Translates})
	})
	return out, err
}

// Get returns a guideline with the editions that the actor sees.
//
// Faults: guideline.not_found.
func (s *Service) Get(ctx context.Context, actor policy.Actor, guideline string) (Summary, error) {
	var out Summary
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		g, err := findGuideline(ctx, tx, guideline, false)
		if err != nil {
			return err
		}
		all, err := editionsOf(ctx, tx, g.ID)
		if err != nil {
			return err
		}
		if err := policy.Check(actor, policy.ReadGuideline, g.factsOf(all[g.ID])); err != nil {
			return err
		}
		out, err = s.summary(ctx, tx, actor, g, all[g.ID])
		return err
	})
	return out, err
}

// summary keeps the editions that the actor may read.
func (s *Service) summary(ctx context.Context, tx *db.Tx, actor policy.Actor, g Guideline, all []Edition) (Summary, error) {
	out := []Summary{summaryOf(actor, g, all)}
	err := s.countThreads(ctx, tx, out)
	return out[0], err
}

func summaryOf(actor policy.Actor, g Guideline, all []Edition) Summary {
	out := Summary{Guideline: g, Facts: g.factsOf(all)}
	for _, e := range all {
		if policy.Can(actor, policy.ReadEdition, g.facts(e)) {
			out.Editions = append(out.Editions, e)
		}
	}
	return out
}

// countThreads fills how many threads are open on what is in work.
func (s *Service) countThreads(ctx context.Context, tx *db.Tx, list []Summary) error {
	of := map[string]int{}
	var drafts []string
	for i, sum := range list {
		for _, e := range sum.Editions {
			if e.State.InWork() {
				of[e.Draft] = i
				drafts = append(drafts, e.Draft)
			}
		}
	}
	if s.Threads == nil || len(drafts) == 0 {
		return nil
	}
	open, err := s.Threads.Open(ctx, tx, drafts...)
	for draft, n := range open {
		list[of[draft]].ThreadsOpen += n
	}
	return err
}

// person names who did it in the record.
func person(a policy.Actor) string {
	if a.System {
		return "system"
	}
	return a.Person
}
