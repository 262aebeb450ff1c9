package guideline

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/markdown"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

// actionOf is the policy's row for each step that is asked for on an edition.
var actionOf = map[Step]policy.Action{
	Submit:            policy.SubmitEdition,
	RequestAmendments: policy.ReviewEdition,
	Approve:           policy.ReviewEdition,
	SendFactCheck:     policy.ConsultOnEdition,
	OpenConsultation:  policy.ConsultOnEdition,
	Receive:           policy.ConsultOnEdition,
	Answer:            policy.AnswerOnEdition,
	Conclude:          policy.ConsultOnEdition,
	SendToBallot:      policy.BallotEdition,
	Carried:           policy.RecordOutcome,
	NotCarried:        policy.RecordOutcome,
	NotQuorate:        policy.RecordOutcome,
	CancelBallot:      policy.RecordOutcome,
	Schedule:          policy.PublishEdition,
	Unschedule:        policy.PublishEdition,
	Publish:           policy.PublishEdition,
	ForcePublish:      policy.ForcePublish,
	SecondEye:         policy.ClearForced,
	Withdraw:          policy.PublishEdition,
	Unpublish:         policy.PublishEdition,
	Restore:           policy.PublishEdition,
	Discard:           policy.DiscardEdition,
	Amend:             policy.SubmitEdition,
	TextChanged:       policy.RecordOutcome,
}

// secondEyeWithin holds five working days in every calendar of the network.
const secondEyeWithin = 7 * 24 * time.Hour

// Do takes a step of an edition's life and returns the edition as it stands
// then; after Restore, the new edition.
//
// Faults: edition.not_found; policy.forbidden; guideline.illegal_step with
// "allowed", the steps legal in the state, and "unmet" when a guard keeps the
// step shut; guideline.step_incomplete with the missing fields;
// guideline.approval_lapsed when the text has moved since it was approved,
// which sends the edition back to review; at Submit and Approve, those of
// markdown.Render for a text that cannot be shown.
func (s *Service) Do(ctx context.Context, actor policy.Actor, edition string, step Step, req Request) (View, error) {
	var view View
	var lapsed bool
	err := s.DB.Transact(ctx, func(tx *db.Tx) error {
		lapsed = false
		e, ok, err := s.do(ctx, tx, actor, edition, step, req)
		if err != nil {
			return err
		}
		lapsed = !ok
		g, e, err := findEdition(ctx, tx, e.ID, false)
		if err != nil {
			return err
		}
		view, err = s.view(ctx, tx, actor, g, e)
		return err
	})
	if err == nil && lapsed {
		return View{}, fault.New(fault.Conflict, "guideline.approval_lapsed")
	}
	return view, err
}

// DoTx is Do inside the caller's transaction, for a ballot that tells its
// result: Carried, NotCarried, NotQuorate or CancelBallot as the hub itself.
func (s *Service) DoTx(ctx context.Context, tx *db.Tx, actor policy.Actor, edition string, step Step, req Request) error {
	_, ok, err := s.do(ctx, tx, actor, edition, step, req)
	if err == nil && !ok {
		return fault.New(fault.Conflict, "guideline.approval_lapsed")
	}
	return err
}

// do runs the step. ok is false when the approval was found to have lapsed:
// then the edition has gone back to review instead, and that must commit.
func (s *Service) do(ctx context.Context, tx *db.Tx, actor policy.Actor, edition string, step Step, req Request) (_ Edition, ok bool, err error) {
	g, e, err := findEdition(ctx, tx, edition, true)
	if err != nil {
		return e, false, err
	}
	pf := g.facts(e)
	if err := policy.Check(actor, policy.ReadEdition, pf); err != nil {
		return e, false, err
	}
	if err := policy.Check(actor, policy.MoveEdition, pf); err != nil {
		return e, false, err
	}
	// The text is held still while the step decides about it.
	rev, err := s.freeze(ctx, tx, e)
	if err != nil {
		return e, false, err
	}
	f, err := s.facts(ctx, tx, actor, g, e, rev)
	if err != nil {
		return e, false, err
	}
	opt, legal := Find(e.State, step, f)
	act, asked := actionOf[step]
	if !legal || !asked {
		return e, false, illegal(e.State, f)
	}
	if err := policy.Check(actor, act, pf); err != nil {
		return e, false, err
	}
	if !opt.Open() {
		if e.ApprovedHash != "" && !f.Approved && slices.ContainsFunc(opt.Unmet, func(u Unmet) bool { return u.Code == "approval" }) {
			return e, false, s.lapse(ctx, tx, g, e, rev)
		}
		return e, false, illegal(e.State, f).With("unmet", opt.Unmet)
	}
	req.Reason, req.ChangeNote = strings.TrimSpace(req.Reason), strings.TrimSpace(req.ChangeNote)
	bad := opt.Lacks(req, tx.Now())
	for field, words := range map[string]string{"reason": req.Reason, "change_note": req.ChangeNote} {
		if code := member.ProblemOfText(words, maxReason); code != "" {
			bad[field] = code
		}
	}
	if isOutcome(step) && req.Ballot != "" && req.Ballot != e.Ballot {
		bad["ballot"] = "other_ballot"
	}
	if step == Unpublish {
		// Rules D3: an error is gone or leads elsewhere, what was consolidated leads there.
		if !slices.Contains([]string{"", "error", "consolidated"}, req.Class) {
			bad["class"] = "invalid"
		}
		if req.Redirect == "" && req.Class == "consolidated" {
			bad["redirect"] = "required"
		} else if req.Redirect != "" && (!ownPath(req.Redirect) || strings.HasPrefix(req.Redirect, "/guides/"+g.ID)) {
			bad["redirect"] = "invalid"
		}
	}
	if g.Translates != "" && slices.Contains([]Step{Schedule, Publish, ForcePublish}, step) {
		if req.MadeFrom, err = madeFrom(ctx, tx, g, e, req.MadeFrom); err != nil {
			return e, false, err
		} else if req.MadeFrom == "?" {
			bad["made_from"] = "invalid"
		}
	}
	if (step == SendFactCheck || step == OpenConsultation && len(req.Experts) > 0) && bad["experts"] == "" {
		if bad["experts"], err = unknownExperts(ctx, tx, req.Experts); err != nil {
			return e, false, err
		} else if bad["experts"] == "" {
			delete(bad, "experts")
		}
	}
	if len(bad) > 0 {
		flt := fault.New(fault.Invalid, "guideline.step_incomplete")
		for field, code := range bad {
			flt = flt.WithField(field, code)
		}
		return e, false, flt
	}
	if step == Submit || step == Approve {
		// Nobody reviews or approves what cannot be shown to a reader: a text beyond the limits goes to its writers, not to the day of its publication.
		if _, err := markdown.Render(ctx, []byte(rev.Text), markdown.Options{Language: g.Language}); err != nil {
			return e, false, err
		}
	}
	e, err = s.apply(ctx, tx, actor, g, e, step, opt.target(req), req, rev)
	return e, true, err
}

// ownPath says whether an address leads to a page of this hub.
func ownPath(s string) bool {
	return len(s) < 500 && strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") && !strings.ContainsAny(s, "\\ ") && !strings.ContainsFunc(s, unicode.IsControl)
}

// unknownExperts refuses who is neither an agency nor a person of the hub.
func unknownExperts(ctx context.Context, tx *db.Tx, ids []string) (code string, err error) {
	if len(ids) > maxExperts {
		return "too_many", nil
	}
	agencies, err := member.AgenciesIn(ctx, tx)
	if err != nil {
		return "", err
	}
	persons, err := member.PeopleIn(ctx, tx, ids...)
	if err != nil {
		return "", err
	}
	for _, id := range ids {
		_, agency := agencies[id]
		if _, person := persons[id]; !agency && !person {
			return "unknown", nil
		}
	}
	return "", nil
}

func isOutcome(step Step) bool {
	return slices.Contains([]Step{Carried, NotCarried, NotQuorate, CancelBallot}, step)
}

// illegal is the fault for a step that the state does not know; it lists those
// it does.
func illegal(state State, f Facts) *fault.Error {
	allowed := []string{}
	for _, o := range Allowed(state, f) {
		// A change of the text is never asked for as a step.
		if o.Step != TextChanged && o.Step != Correct {
			allowed = append(allowed, string(o.Step))
		}
	}
	return fault.New(fault.Conflict, "guideline.illegal_step").With("allowed", allowed).With("state", string(state))
}

// freeze reads the text that a step is about: the draft's while in work, the
// published one after.
func (s *Service) freeze(ctx context.Context, tx *db.Tx, e Edition) (Revision, error) {
	if e.State.InWork() {
		return s.Drafts.Freeze(ctx, tx, e.Draft)
	}
	return s.text(ctx, tx, e)
}

// text is an edition's text: as published if it was, else the draft's.
func (s *Service) text(ctx context.Context, tx *db.Tx, e Edition) (Revision, error) {
	if e.RevisionHash != "" {
		return findRevision(ctx, tx, e.ID, e.RevisionHash)
	}
	return s.Drafts.Read(ctx, tx, e.Draft)
}

// facts gathers what the guards look at.
func (s *Service) facts(ctx context.Context, tx *db.Tx, actor policy.Actor, g Guideline, e Edition, rev Revision) (Facts, error) {
	last, err := lastNumber(ctx, tx, g.ID)
	if err != nil {
		return Facts{}, err
	}
	authors, err := s.authors(ctx, tx, e)
	if err != nil {
		return Facts{}, err
	}
	f := known(actor, g, e, tx.Now())
	f.First = last.Major == 0
	f.Approved = f.Approved && e.ApprovedHash == rev.Hash
	f.ActorIsAuthor = actor.Person != "" && slices.Contains(authors, actor.Person)
	if t, ok := FindTemplate(g.Template); ok && e.State.Writable() {
		for _, s := range t.Missing(rev.Text) {
			f.Missing = append(f.Missing, s.Title)
		}
	}
	if s.Threads != nil && e.State.InWork() {
		blocking, err := s.Threads.OpenBlocking(ctx, tx, e.Draft)
		if err != nil {
			return f, err
		}
		f.Blocking = blocking[e.Draft]
	}
	return f, s.asked(ctx, tx, actor, g, e, &f, "")
}

// known are the facts that the edition itself says. Whether its text is the one that was approved is for who reads it; it is not the first.
func known(actor policy.Actor, g Guideline, e Edition, now db.Time) Facts {
	return Facts{
		Network:          g.Kind == OfNetwork,
		BallotRequired:   g.Kind == OfNetwork, // a setting of the kind (settled question 9)
		BallotCarried:    e.BallotHash != "" && e.BallotHash == e.ApprovedHash,
		Approved:         e.ApprovedHash != "",
		ChangeNote:       e.ChangeNote != "" || e.Minor,
		Forced:           e.SecondEyeDue != 0,
		StillOpen:        e.State == Consultation && e.ClosesAt > now,
		ReviewPast:       e.ReviewBy <= now,
		ActorIsLead:      actor.Agency != "" && actor.Agency == g.Agency,
		ActorIsSubmitter: actor.Person != "" && actor.Person == e.SubmittedBy,
		ActorIsForcer:    actor.Person != "" && actor.Person == e.ForcedBy,
		ActorIsSystem:    actor.System,
	}
}

// asked adds what is known of the questions that are out about a text: whether the actor has one to answer, and how many answers nobody has
// handled. A step that looks at one of the two spares the other.
func (s *Service) asked(ctx context.Context, tx *db.Tx, actor policy.Actor, g Guideline, e Edition, f *Facts, step Step) error {
	if !e.State.Asks() {
		return nil
	}
	if pf := g.facts(e); (step == "" || step == Answer) && !actor.System && policy.Can(actor, policy.AnswerOnEdition, pf) {
		answered, err := s.Answered(ctx, tx, e)
		if err != nil {
			return err
		}
		f.ActorIsAsked = !answered[actor.Person] && (pf.Flags["invited:"+actor.Person] || !answered[actor.Agency])
	}
	if s.Threads != nil && e.State.InWork() && (step == "" || step == Conclude) {
		at, err := askedAt(ctx, tx, e.ID)
		if err != nil {
			return err
		}
		if f.AnswersOpen, err = s.Threads.OpenSince(ctx, tx, e.Draft, at); err != nil {
			return err
		}
	}
	return nil
}

// authors is the author team: recorded at submissions, and who has written in
// the draft since.
func (s *Service) authors(ctx context.Context, tx *db.Tx, e Edition) ([]string, error) {
	team, err := authorsOf(ctx, tx, e.ID)
	if err != nil || !e.State.InWork() {
		return team, err
	}
	now, err := s.Drafts.Authors(ctx, tx, e.Draft)
	if err != nil {
		return nil, err
	}
	for _, p := range now {
		if !slices.Contains(team, p) {
			team = append(team, p)
		}
	}
	return team, nil
}

// apply writes what the step changes. The guards are met.
func (s *Service) apply(ctx context.Context, tx *db.Tx, actor policy.Actor, g Guideline, e Edition, step Step, to State, req Request, rev Revision) (Edition, error) {
	now, from := tx.Now(), e.State
	e.State, e.UpdatedAt = to, now
	var superseded string
	if req.ChangeNote != "" {
		e.ChangeNote = req.ChangeNote
	}
	switch step {
	case Submit:
		writers, err := s.Drafts.Authors(ctx, tx, e.Draft)
		if err != nil {
			return e, err
		}
		// Whoever submits answers for the text like those who wrote it.
		if err := addAuthors(ctx, tx, e.ID, append(writers, actor.Person)...); err != nil {
			return e, err
		}
		e.SubmittedBy, e.SubmittedAt, e.Minor = person(actor), now, req.Minor
		e.clearApproval()
	case RequestAmendments:
		e.clearApproval()
	case Approve:
		e.ApprovedBy, e.ApprovedAgency, e.ApprovedAt, e.ApprovedHash = person(actor), actor.Agency, now, rev.Hash
	case Correct:
		if e.BallotHash == e.ApprovedHash {
			e.BallotHash = rev.Hash
		}
		e.ApprovedHash = rev.Hash
	case SendFactCheck:
		e.Experts = req.Experts
	case OpenConsultation:
		e.OpensAt, e.ClosesAt, e.Experts = req.OpensAt, req.ClosesAt, req.Experts
	case Conclude:
		if to == AmendsNeeded {
			e.clearApproval()
		}
	case SendToBallot:
		e.Ballot, e.BallotHash = req.Ballot, ""
	case Carried:
		e.BallotHash = e.ApprovedHash
	case NotCarried, Amend:
		e.clearApproval()
	case Schedule:
		e.PublishAt, e.ReviewBy, e.PublishedBy, e.MadeFrom = req.PublishAt, req.ReviewBy, person(actor), req.MadeFrom
		e.Minor = e.Minor || req.Minor
	case Unschedule:
		e.PublishAt, e.PublishedBy, e.MadeFrom = 0, "", ""
	case Publish, ForcePublish:
		e.MadeFrom = req.MadeFrom
		e.Minor = e.Minor || req.Minor
		if req.ReviewBy != 0 {
			e.ReviewBy = req.ReviewBy
		}
		if !actor.System {
			e.PublishedBy = person(actor)
		}
		if step == ForcePublish {
			writers, err := s.Drafts.Authors(ctx, tx, e.Draft)
			if err != nil {
				return e, err
			}
			if err := addAuthors(ctx, tx, e.ID, writers...); err != nil {
				return e, err
			}
			e.ForcedBy, e.SecondEyeDue = person(actor), now.Add(secondEyeWithin)
		}
		var err error
		if superseded, err = s.putInForce(ctx, tx, actor, g, &e, rev); err != nil {
			return e, err
		}
	case SecondEye:
		e.SecondEyeDue = 0
	case Withdraw:
		e.Notice = req.Reason
	case Unpublish:
		e.Notice, e.Redirect = req.Reason, req.Redirect
	case Restore:
		return s.restore(ctx, tx, actor, g, e, req, rev)
	case TextChanged:
		e.clearApproval()
		e.PublishAt, e.PublishedBy, e.MadeFrom = 0, "", ""
	}
	if to.InWork() && !to.Writable() {
		if err := saveRevision(ctx, tx, e.ID, rev); err != nil {
			return e, err
		}
	}
	if err := updateEdition(ctx, tx, e); err != nil {
		return e, err
	}
	if err := touch(ctx, tx, g.ID); err != nil {
		return e, err
	}
	if step == Withdraw || step == Unpublish {
		if err := s.announce(ctx, tx, g, e); err != nil {
			return e, err
		}
	}
	return e, s.record(ctx, tx, actor, g, e, step, from, req.Reason, rev, superseded)
}

func (e *Edition) clearApproval() {
	e.ApprovedBy, e.ApprovedAgency, e.ApprovedAt, e.ApprovedHash, e.BallotHash = "", "", 0, "", ""
}

// lapse sends an approved edition whose text has moved back to review.
func (s *Service) lapse(ctx context.Context, tx *db.Tx, g Guideline, e Edition, rev Revision) error {
	_, err := s.apply(ctx, tx, policy.SystemActor(), g, e, TextChanged, InReview, Request{}, rev)
	return err
}

// record writes the history and, last in the transaction, the event.
func (s *Service) record(ctx context.Context, tx *db.Tx, actor policy.Actor, g Guideline, e Edition, step Step, from State, reason string, rev Revision, superseded string) error {
	en := Entry{At: tx.Now(), Step: step, From: from, To: e.State, Person: person(actor), Agency: actor.Agency, Reason: reason, Hash: rev.Hash}
	if err := insertEntry(ctx, tx, e.ID, en); err != nil {
		return err
	}
	return event.Append(ctx, tx, actor, EditionMoved{Guideline: g.ID, Edition: e.ID, Step: step, From: from, To: e.State,
		Number: e.Number.String(), Hash: rev.Hash, LogHash: rev.LogHash, Version: rev.Version, Superseded: superseded, Minor: e.Minor,
		Forced: e.SecondEyeDue != 0, Ballot: e.Ballot, Reason: reason, MadeFrom: e.MadeFrom})
}
