package practice

import (
	"context"
	"slices"
	"strings"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/id"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Service is the use cases of practices. It is safe for concurrent use.
type Service struct{ db *db.DB }

// New returns the service on d.
func New(d *db.DB) *Service { return &Service{db: d} }

// Nominate puts a practice forward in the name of the actor's agency.
//
// Faults: practice.invalid_card with fields, policy.forbidden.
func (s *Service) Nominate(ctx context.Context, actor policy.Actor, card Card) (Practice, error) {
	var p Practice
	err := s.db.Transact(ctx, func(tx *db.Tx) error {
		if err := policy.Check(actor, policy.NominatePractice, policy.Global("practice")); err != nil {
			return err
		}
		if err := card.check(); err != nil {
			return err
		}
		now := tx.Now()
		if card.Evidence == nil {
			card.Evidence = []Evidence{}
		}
		p = Practice{ID: id.New("pr"), Agency: actor.Agency, Stage: Nominated, Card: card, Hash: card.Hash(), Revision: 1,
			NominatedBy: actor.Person, CreatedAt: now, UpdatedAt: now, StageAt: now}
		if err := insert(ctx, tx, p); err != nil {
			return err
		}
		if err := insertStep(ctx, tx, p.ID, Step{To: Nominated, Person: actor.Person, Agency: actor.Agency, At: now}); err != nil {
			return err
		}
		return event.Append(ctx, tx, actor, PracticeNominated{ID: p.ID, Agency: p.Agency, Hash: p.Hash})
	})
	return p, err
}

// Edit saves a new revision of the card. base, when given, is the hash the
// editor started from: another one means somebody saved in between.
//
// Faults: practice.not_found, policy.forbidden, practice.locked while a ballot
// is held or after it decided, practice.changed, practice.invalid_card.
func (s *Service) Edit(ctx context.Context, actor policy.Actor, pid, base string, change func(*Card)) (Practice, error) {
	var p Practice
	err := s.db.Transact(ctx, func(tx *db.Tx) error {
		var err error
		if p, err = findForUpdate(ctx, tx, pid); err != nil {
			return err
		}
		if err := policy.Check(actor, policy.EditPractice, p.Facts()); err != nil {
			return err
		}
		if !p.Stage.editable() {
			return fault.New(fault.Conflict, "practice.locked").With("stage", p.Stage)
		}
		if base != "" && base != p.Hash {
			return fault.New(fault.Conflict, "practice.changed").With("hash", p.Hash)
		}
		change(&p.Card)
		if p.Card.Evidence == nil {
			p.Card.Evidence = []Evidence{}
		}
		if err := p.Card.check(); err != nil {
			return err
		}
		if p.Card.Hash() == p.Hash {
			return nil // nothing changed, nothing happened
		}
		p.Hash, p.Revision, p.UpdatedAt = p.Card.Hash(), p.Revision+1, tx.Now()
		if err := updateCard(ctx, tx, p); err != nil {
			return err
		}
		if err := insertRevision(ctx, tx, p, actor.Person, p.UpdatedAt); err != nil {
			return err
		}
		return event.Append(ctx, tx, actor, PracticeEdited{ID: p.ID, Revision: p.Revision, Hash: p.Hash})
	})
	return p, err
}

// editable: what was voted on, or is being voted on, stays as it is.
func (s Stage) editable() bool {
	return slices.Contains([]Stage{Nominated, NeedsMore, Screened, UnderStudy, Studied, Piloting, Piloted}, s)
}

// Move takes a practice to another stage by hand. into names the practice
// another one is merged into.
//
// Faults: practice.not_found, policy.forbidden, practice.illegal_step with
// "allowed", practice.reason_required, practice.merge_target_required.
func (s *Service) Move(ctx context.Context, actor policy.Actor, pid string, to Stage, reason, into string) (Practice, error) {
	var p Practice
	reason = strings.TrimSpace(reason)
	err := s.db.Transact(ctx, func(tx *db.Tx) error {
		var err error
		if p, err = findForUpdate(ctx, tx, pid); err != nil {
			return err
		}
		act := policy.MovePractice
		if p.Stage == NeedsMore && to == Nominated {
			act = policy.ResubmitPractice
		}
		if err := policy.Check(actor, act, p.Facts()); err != nil {
			return err
		}
		if !slices.Contains(steps[p.Stage], to) {
			return fault.New(fault.Conflict, "practice.illegal_step").With("allowed", p.Stage.Next()).With("stage", p.Stage)
		}
		if code := ProblemOf(reason, to.NeedsReason(), MaxLine); code != "" {
			return fault.New(fault.Invalid, "practice.reason_required").WithField("reason", code)
		}
		if to.NeedsReason() && member.Clusters(reason) < MinReason {
			return fault.New(fault.Invalid, "practice.reason_required").WithField("reason", "too_short")
		}
		if to == Merged {
			if other, err := find(ctx, tx, into); err != nil || other.ID == p.ID {
				return fault.New(fault.Invalid, "practice.merge_target_required").WithField("into", "required")
			}
			p.MergedInto = into
		}
		return moveTo(ctx, tx, actor, &p, to, reason)
	})
	return p, err
}

// moveTo writes the step and its event; the caller holds the row and has checked.
func moveTo(ctx context.Context, tx *db.Tx, actor policy.Actor, p *Practice, to Stage, reason string) error {
	now := tx.Now()
	from := p.Stage
	p.Stage, p.StageAt, p.UpdatedAt = to, now, now
	if err := updateStage(ctx, tx, *p); err != nil {
		return err
	}
	step := Step{From: from, To: to, Reason: reason, Person: actor.Person, Agency: actor.Agency, At: now}
	if actor.System {
		step.Person = "system"
	}
	if err := insertStep(ctx, tx, p.ID, step); err != nil {
		return err
	}
	return event.Append(ctx, tx, actor, StageChanged{ID: p.ID, From: from, To: to})
}

// Page is a practice as one actor may see it, with the names it mentions.
type Page struct {
	Practice
	History   []Step // oldest first
	Allowed   []Stage
	Agencies  map[string]member.Agency
	Persons   map[string]locale.Text
	Abilities map[string]bool
	// SharedWith is empty for those who may not share it.
	SharedWith []string
}

// Find returns a practice and the steps it took.
//
// Faults: practice.not_found.
func (s *Service) Find(ctx context.Context, actor policy.Actor, pid string) (Page, error) {
	var page Page
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		p, err := find(ctx, tx, pid)
		if err != nil {
			return err
		}
		if err := policy.Check(actor, policy.ReadPractice, p.Facts()); err != nil {
			return err
		}
		agencies, err := member.AgenciesIn(ctx, tx)
		if err != nil {
			return err
		}
		page = pageOf(actor, p, agencies)
		if !policy.SeesThePipeline(actor) {
			return nil
		}
		if page.History, err = listSteps(ctx, tx, pid); err != nil {
			return err
		}
		persons := []string{p.NominatedBy}
		for _, step := range page.History {
			persons = append(persons, step.Person)
		}
		if policy.Can(actor, policy.SharePractice, p.Facts()) {
			page.SharedWith = p.Partners
			persons = append(persons, p.Partners...)
		}
		page.Persons, err = member.PeopleIn(ctx, tx, persons...)
		return err
	})
	return page, err
}

// Listed is a page of the list of practices, without history and partners.
type Listed struct {
	member.PageOf[Page]
	Stages map[Stage]int // how many the narrowed list has at each, over all pages
}

// List returns practices, newest first. A partner's list holds what is shared
// with them.
//
// Faults: practice.not_found for those who may see none.
func (s *Service) List(ctx context.Context, actor policy.Actor, f Filter) (Listed, error) {
	all := policy.Global("practice")
	if actor.Has(policy.Partner) && !policy.SeesThePipeline(actor) {
		f.partner = actor.Person // and what the list holds is what they were invited to
		all.Flags = map[string]bool{"invited": true}
	}
	if err := policy.Check(actor, policy.ReadPractice, all); err != nil {
		return Listed{}, err
	}
	f.hidden = actor.System || actor.Has(policy.SecretariatAdmin, policy.Moderator)
	if actor.Has(policy.AgencyLead, policy.Representative) {
		f.hiddenOf = actor.Agency
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 100
	}
	var out Listed
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		out = Listed{}
		w := f.where()
		if f.Count {
			if out.Owners, err = member.CountOwners(ctx, tx, "practice", "agency", w); err != nil {
				return err
			}
		}
		w.Add(f.Narrow.SQL("agency", w.Next()))
		if f.Count {
			if out.Stages, err = countStages(ctx, tx, w); err != nil {
				return err
			}
		}
		if f.After != "" {
			w.And(`id < ?`, f.After)
		}
		items, err := list(ctx, tx, w, f.Limit+1)
		if err != nil {
			return err
		}
		items, out.Next = db.Cut(items, f.Limit, func(p Practice) string { return p.ID })
		agencies, err := member.AgenciesIn(ctx, tx)
		for _, p := range items {
			out.Items = append(out.Items, pageOf(actor, p, agencies))
		}
		return err
	})
	return out, err
}

// pageOf computes what the actor may do: what policy grants and the stage allows.
func pageOf(actor policy.Actor, p Practice, agencies map[string]member.Agency) Page {
	page := Page{Practice: p, Agencies: agencies, Abilities: policy.Abilities(actor, p.Facts(),
		policy.EditPractice, policy.MovePractice, policy.ResubmitPractice, policy.PrepareBallot, policy.SharePractice)}
	may := func(act policy.Action, now bool) bool {
		page.Abilities[string(act)] = page.Abilities[string(act)] && now
		return page.Abilities[string(act)]
	}
	may(policy.EditPractice, p.Stage.editable())
	may(policy.PrepareBallot, p.Stage.ReadyForBallot())
	resubmit := may(policy.ResubmitPractice, p.Stage == NeedsMore)
	move := may(policy.MovePractice, len(steps[p.Stage]) > 0)
	for _, to := range steps[p.Stage] {
		if again := p.Stage == NeedsMore && to == Nominated; again && resubmit || !again && move {
			page.Allowed = append(page.Allowed, to)
		}
	}
	return page
}

// Inspect reads a practice inside the caller's transaction, a ballot's or
// moderation's; the caller decides who may.
//
// Faults: practice.not_found.
func (s *Service) Inspect(ctx context.Context, tx *db.Tx, pid string) (Practice, error) {
	return find(ctx, tx, pid)
}

// EnterBallot locks the practice for a ballot of the given round and returns
// what is voted on. It is called by package ballot, in its transaction, after
// its own policy check and with its row locked.
//
// Faults: practice.not_found, practice.hidden while moderation hides it,
// practice.not_ready with "allowed".
func (s *Service) EnterBallot(ctx context.Context, tx *db.Tx, actor policy.Actor, pid string, round int64) (Practice, error) {
	p, err := findForUpdate(ctx, tx, pid)
	if err != nil {
		return Practice{}, err
	}
	if p.Hidden {
		return Practice{}, fault.New(fault.Conflict, "practice.hidden")
	}
	again := round > 1 && (p.Stage == NotCarried || p.Stage == Approved)
	if !p.Stage.ReadyForBallot() && !again {
		return Practice{}, fault.New(fault.Conflict, "practice.not_ready").With("allowed", toBallot).With("stage", p.Stage)
	}
	p.StageBefore = p.Stage
	return p, moveTo(ctx, tx, actor, &p, InBallot, "")
}

// LeaveBallot ends the ballot for the practice: to Approved, to NotCarried, or
// with "" back to where it came from, the status quo.
//
// Faults: practice.not_found, practice.not_in_ballot.
func (s *Service) LeaveBallot(ctx context.Context, tx *db.Tx, actor policy.Actor, pid string, to Stage, reason string) error {
	p, err := findForUpdate(ctx, tx, pid)
	if err != nil {
		return err
	}
	if p.Stage != InBallot {
		return fault.New(fault.Conflict, "practice.not_in_ballot").With("stage", p.Stage)
	}
	if to == "" {
		to = p.StageBefore
	}
	p.StageBefore = ""
	return moveTo(ctx, tx, actor, &p, to, reason)
}

const maxPartners = 50

// Share puts the card before these partners and no others; with none it is
// nobody's but the network's again.
//
// Faults: practice.not_found, policy.forbidden, practice.not_a_partner with
// people: too_many for more than 50, unknown where somebody is no active partner.
func (s *Service) Share(ctx context.Context, actor policy.Actor, pid string, people []string) (Practice, error) {
	people = slices.Compact(slices.Sorted(slices.Values(people)))
	var p Practice
	err := s.db.Transact(ctx, func(tx *db.Tx) error {
		var err error
		if p, err = findForUpdate(ctx, tx, pid); err != nil {
			return err
		}
		if err := policy.Check(actor, policy.SharePractice, p.Facts()); err != nil {
			return err
		}
		if slices.Equal(people, p.Partners) {
			return nil // nothing changed, nothing happened
		}
		bad := fault.New(fault.Invalid, "practice.not_a_partner")
		if len(people) > maxPartners {
			return bad.WithField("people", "too_many")
		}
		// Who has it already keeps it, whatever became of the account.
		fresh := slices.DeleteFunc(slices.Clone(people), func(id string) bool { return slices.Contains(p.Partners, id) })
		partners, err := member.ActiveWith(ctx, tx, policy.Partner, fresh)
		if err != nil {
			return err
		}
		if len(partners) < len(fresh) {
			return bad.WithField("people", "unknown")
		}
		if err := setPartners(ctx, tx, p.ID, people); err != nil {
			return err
		}
		p.Partners = people
		return event.Append(ctx, tx, actor, PracticeShared{ID: p.ID, With: people})
	})
	return p, err
}

// SetHidden hides a practice from all but its agency, the secretariat and the
// moderators, or shows it again. It is moderation's, in its transaction.
//
// Faults: practice.not_found.
func (s *Service) SetHidden(ctx context.Context, tx *db.Tx, actor policy.Actor, pid string, hidden bool) error {
	p, err := findForUpdate(ctx, tx, pid)
	if err != nil {
		return err
	}
	if err := setHidden(ctx, tx, p.ID, hidden); err != nil {
		return err
	}
	return event.Append(ctx, tx, actor, PracticeHidden{ID: p.ID, Hidden: hidden})
}
