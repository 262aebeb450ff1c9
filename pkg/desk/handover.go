package desk

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/multaqa/multaqa/pkg/ballot"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/practice"
)

// Section is a part of a hand-over page: ballots, reviews, drafts, threads,
// practices or dates.
type Section struct {
	Key   string
	Items []Item
}

// Handover is what is open on a seat, as the actor may see it, with the seats
// of its agency. It is for whoever takes the seat over, and stays true after.
type Handover struct {
	member.Handover
	Sections []Section
	Seats    []member.Seat
	Now      db.Time
}

// ahead is how far a hand-over page looks for dates.
const ahead = 180 * 24 * time.Hour

// Handover reads the hand-over page of a seat. Everything on it is read with
// the actor's own rights, so it shows nobody more than the screens it leads to.
//
// Faults: seat.not_found, policy.forbidden.
func (s *Service) Handover(ctx context.Context, actor policy.Actor, seat string) (Handover, error) {
	b, err := s.builder(ctx, actor)
	if err != nil {
		return Handover{}, err
	}
	page := Handover{Now: b.now}
	if err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if page.Handover, err = member.HandoverIn(ctx, tx, actor, seat); err != nil {
			return err
		}
		page.Seats, err = member.SeatsIn(ctx, tx, page.Agency.ID)
		return err
	}); err != nil {
		return page, err
	}
	h := handing{b, &page}
	for _, part := range []struct {
		key  string
		fill func(add func(kind, object string, it Item)) error
	}{{"ballots", h.ballots}, {"reviews", h.reviews}, {"drafts", h.drafts}, {"threads", h.threads}, {"practices", h.practices}, {"dates", h.dates}} {
		list := []Item{}
		if err := part.fill(func(kind, object string, it Item) { b.add(&list, kind, object, it) }); err != nil {
			return page, err
		}
		slices.SortStableFunc(list, func(x, y Item) int {
			if (x.DueAt == 0) != (y.DueAt == 0) {
				return boolFirst(x.DueAt != 0)
			}
			return cmp.Or(cmp.Compare(x.DueAt, y.DueAt), cmp.Compare(x.At, y.At), cmp.Compare(x.ID, y.ID))
		})
		page.Sections = append(page.Sections, Section{Key: part.key, Items: list})
	}
	return page, nil
}

// handing fills the sections of one page.
type handing struct {
	*builder
	page *Handover
}

// held says whether the person held or holds the seat.
func (h handing) held(person string) bool {
	return slices.ContainsFunc(h.page.Holders, func(v member.Holding) bool { return v.Person == person })
}

type adder = func(kind, object string, it Item)

// open lists the open ballots in which the seat's agency has a vote.
func (h handing) open() ([]ballot.View, error) {
	views, err := h.allBallots(ballot.Open)
	return slices.DeleteFunc(views, func(v ballot.View) bool {
		return !slices.ContainsFunc(v.Electorate, func(e ballot.Elector) bool { return e.Agency == h.page.Agency.ID })
	}), err
}

func (h handing) ballots(add adder) error {
	if !h.page.Seat.CanVote {
		return nil
	}
	views, err := h.open()
	for _, v := range views {
		kind := "handover.ballot"
		if _, voted := v.Votes[h.page.Agency.ID]; voted {
			kind = "handover.ballot.voted"
		}
		add(kind, v.ID, Item{Title: v.Terms.Question, At: v.Terms.OpensAt, DueAt: v.Deadline(), URL: "/ballots/" + v.ID,
			Meta: locale.Voted(v.Tally.C, v.Tally.Base(), max(v.Needed-v.Tally.C, 0))})
	}
	return err
}

// reviews are those that the agency may give, as far as the actor may too.
func (h handing) reviews(add adder) error {
	if h.actor.Agency != h.page.Agency.ID || h.page.Seat.Kind == member.ReaderSeat {
		return nil
	}
	return h.waiting(guideline.InReview, guideline.Approve, func(_ guideline.Guideline, e guideline.Edition, it Item) {
		it.At = e.SubmittedAt
		add("edition.review", e.ID, it)
	})
}

// written calls fn with the editions in these states that the seat's agency leads or writes, as far as the actor may see them.
func (h handing) written(fn func(e guideline.Edition, it Item), states ...guideline.State) error {
	w := guideline.Waiting{States: states, Mine: h.actor.Agency == h.page.Agency.ID}
	if !w.Mine {
		w.Agency = h.page.Agency.ID
	}
	return h.duties(w, func(_ guideline.Guideline, e guideline.Edition, it Item) { fn(e, it) })
}

// drafts are the editions in work that a holder of the seat began or
// submitted; for the principal's seat, all of the agency.
func (h handing) drafts(add adder) error {
	return h.written(func(e guideline.Edition, it Item) {
		if h.page.Seat.Kind == member.PrincipalSeat || h.held(e.CreatedBy) || h.held(e.SubmittedBy) {
			add("handover.edition."+string(e.State), e.ID, it)
		}
	}, guideline.Draft, guideline.AmendsNeeded, guideline.InReview, guideline.Ready, guideline.FactCheck,
		guideline.FactCheckReceived, guideline.Consultation, guideline.InBallot, guideline.Scheduled)
}

// threads are the open ones that a holder of the seat began, or in which one
// was addressed and nobody of the seat has answered since.
func (h handing) threads(add adder) error {
	return h.s.DB.Read(h.ctx, func(tx *db.Tx) error {
		seen := map[string]bool{}
		for _, v := range h.page.Holders {
			rows, err := h.addressed(tx, v.Person, v.Until, h.page.Seat.Holder.Person)
			if err != nil {
				return err
			}
			if err := h.addThreads(tx, rows, "mention", policy.ReadThread, seen, add); err != nil {
				return err
			}
		}
		for _, v := range h.page.Holders {
			rows, err := h.selectThreads(tx, `
				select t.id, t.draft, t.quote, t.agency, t.person, t.created_at, t.inside, t.agency
				  from thread t
				 where t.person = $1 and t.agency = $4 and t.state = 'open' and t.hidden = $2
				 order by t.created_at desc, t.id limit $3`, v.Person, false, perKind, h.page.Agency.ID)
			if err != nil {
				return err
			}
			if err := h.addThreads(tx, rows, "handover.thread", policy.ReadThread, seen, add); err != nil {
				return err
			}
		}
		return nil
	})
}

// ended are the stages in which a practice asks nothing more of who nominated it.
var ended = []practice.Stage{practice.Standard, practice.Retired, practice.Declined, practice.Merged, practice.NotCarried}

func (h handing) practices(add adder) error {
	if !policy.Can(h.actor, policy.ReadPractice, policy.Global("practice")) {
		return nil
	}
	list, err := h.allPractices(practice.Filter{Agency: h.page.Agency.ID})
	for _, p := range list {
		if !h.held(p.NominatedBy) || slices.Contains(ended, p.Stage) {
			continue
		}
		kind := "handover.practice"
		if p.Stage == practice.NeedsMore {
			kind = "practice.complete"
		}
		add(kind, p.ID, Item{Title: p.Card.Title, Meta: h.short(p.Agency), At: p.StageAt, URL: "/practices/" + p.ID})
	}
	return err
}

// dates are what falls due for the agency: ballots that close, guides that
// are published on a day, and guides whose review is due.
func (h handing) dates(add adder) error {
	views, err := h.open()
	if err != nil {
		return err
	}
	for _, v := range views {
		add("handover.date.ballot", v.ID, Item{Title: v.Terms.Question, DueAt: v.Deadline(), URL: "/ballots/" + v.ID, Meta: v.Needs})
	}
	return h.written(func(e guideline.Edition, it Item) {
		it.At = 0
		switch {
		case e.State == guideline.Scheduled:
			it.DueAt = e.PublishAt
			add("handover.date.publish", e.ID, it)
		case e.State == guideline.Published && e.ReviewBy != 0 && e.ReviewBy < h.now.Add(ahead):
			it.DueAt = e.ReviewBy
			add("handover.date.review", e.ID, it)
		}
	}, guideline.Scheduled, guideline.Published)
}
