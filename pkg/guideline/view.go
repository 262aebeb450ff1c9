package guideline

import (
	"context"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/id"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
)

func newEditionID() string { return id.New("ed") }

// Edition returns an edition as the actor sees it, with what it needs next.
//
// Faults: edition.not_found.
func (s *Service) Edition(ctx context.Context, actor policy.Actor, edition string) (View, error) {
	var view View
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		g, e, err := findEdition(ctx, tx, edition, false)
		if err != nil {
			return err
		}
		if err := policy.Check(actor, policy.ReadEdition, g.facts(e)); err != nil {
			return err
		}
		view, err = s.view(ctx, tx, actor, g, e)
		return err
	})
	return view, err
}

func (s *Service) view(ctx context.Context, tx *db.Tx, actor policy.Actor, g Guideline, e Edition) (View, error) {
	v := View{Edition: e, Guideline: g, Facts: g.facts(e)}
	var rev Revision
	var err error
	if e.State.InWork() {
		if rev, err = s.Drafts.Read(ctx, tx, e.Draft); err != nil {
			return v, err
		}
	}
	f, err := s.facts(ctx, tx, actor, g, e, rev)
	if err != nil {
		return v, err
	}
	for _, o := range Allowed(e.State, f) {
		act, ok := actionOf[o.Step]
		if ok && !actor.System && policy.Can(actor, act, v.Facts) {
			v.Options = append(v.Options, o)
		}
	}
	if v.Original, err = s.original(ctx, tx, actor, g); err != nil {
		return v, err
	}
	v.Gates = gates(e, f)
	v.Needs = needs(e, f)
	// Members see who wrote and moved it; readers see the edition alone.
	if policy.Members(actor) || actor.System {
		if v.Authors, err = s.authors(ctx, tx, e); err != nil {
			return v, err
		}
		if v.History, err = historyOf(ctx, tx, e.ID); err != nil {
			return v, err
		}
	}
	return v, nil
}

// gates lists what the edition needs before its next stage, met or not. It
// does not depend on who asks.
func gates(e Edition, f Facts) []Gate {
	var out []Gate
	add := func(code string, missing int, met bool) {
		n := 0
		if !met {
			n = missing
		}
		out = append(out, Gate{Code: code, Met: met, Count: n, Text: locale.EditionGate(code, n)})
	}
	approval := "approval"
	if f.Network {
		approval = "approval_other_agency"
	}
	switch e.State {
	case Draft, AmendsNeeded:
		add("sections", len(f.Missing), len(f.Missing) == 0)
		out[0].Missing = f.Missing
		add("blocking_threads", f.Blocking, f.Blocking == 0)
		if !f.First {
			add("change_note", 0, f.ChangeNote)
		}
	case InReview:
		add("sections", 0, true)
		add("blocking_threads", f.Blocking, f.Blocking == 0)
		add(approval, 0, false)
		if !f.First {
			add("change_note", 0, f.ChangeNote)
		}
	case Ready, Scheduled:
		add("sections", 0, true)
		add(approval, 0, f.Approved)
		if f.BallotRequired {
			add("ballot", 0, f.BallotCarried)
		}
		if !f.First {
			add("change_note", 0, f.ChangeNote)
		}
	case FactCheckReceived, Consultation:
		if e.State == Consultation {
			add("consultation_over", 0, !f.StillOpen)
		}
		add("answers_handled", f.AnswersOpen, f.AnswersOpen == 0)
	case InBallot:
		add("ballot", 0, false)
	case Published:
		if f.Forced {
			add("second_eye", 0, false)
		}
	}
	return out
}

func needs(e Edition, f Facts) locale.Text {
	return locale.EditionNeeds(locale.EditionNeed{State: string(e.State), Sections: len(f.Missing), Blocking: f.Blocking,
		Answers: f.AnswersOpen, Network: f.Network, Approved: f.Approved, NeedsVote: f.BallotRequired && !f.BallotCarried,
		Note: !f.First && !f.ChangeNote, Forced: f.Forced, Closed: !f.StillOpen})
}

// Reading returns an edition's text for reading: as published, or as it is
// committed in the draft.
//
// Faults: edition.not_found.
func (s *Service) Reading(ctx context.Context, actor policy.Actor, edition string) (Guideline, Edition, Revision, error) {
	var g Guideline
	var e Edition
	var rev Revision
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if g, e, err = findEdition(ctx, tx, edition, false); err != nil {
			return err
		}
		if err = policy.Check(actor, policy.ReadEdition, g.facts(e)); err != nil {
			return err
		}
		rev, err = s.text(ctx, tx, e)
		return err
	})
	return g, e, rev, err
}

// Facts says what the policy may know of the edition behind a draft, for those
// who decide about its text and threads in a transaction of their own. Ask it
// with the draft's head locked: the steps freeze the text under that lock, so
// a right that was there is there at commit. See policy.WritesText and
// policy.SeesEdition. The kind is "draft".
//
// Faults: draft.not_found.
func (s *Service) Facts(ctx context.Context, tx *db.Tx, draft string) (policy.Facts, error) {
	b, err := s.behind(ctx, tx, draft)
	return b.Facts, err
}

// behind is what stands behind one draft.
func (s *Service) behind(ctx context.Context, tx *db.Tx, draft string) (Behind, error) {
	of, err := s.OfDrafts(ctx, tx, draft)
	if err != nil {
		return Behind{}, err
	}
	b, ok := of[draft]
	if !ok {
		return Behind{}, policy.NotFound("draft")
	}
	return b, nil
}

func (s *Service) draftFacts(ctx context.Context, tx *db.Tx, g Guideline, e Edition) (policy.Facts, error) {
	f := g.facts(e)
	f.Kind, f.ID = "draft", e.Draft
	if e.State != Ready {
		return f, nil
	}
	// The text stands still; who corrects its spelling is none of them.
	var err error
	f.Authors, err = s.authors(ctx, tx, e)
	return f, err
}

// OfDraft returns the guideline and edition behind a draft, without asking
// who wants to know.
//
// Faults: draft.not_found.
func (s *Service) OfDraft(ctx context.Context, tx *db.Tx, draft string) (Guideline, Edition, error) {
	b, err := s.behind(ctx, tx, draft)
	return b.Guideline, b.Edition, err
}
