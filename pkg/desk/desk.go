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
	"github.com/multaqa/multaqa/pkg/moderation"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/practice"
	"github.com/multaqa/multaqa/pkg/section"
)

// Item is one line of a desk. Kind names the duty ("ballot.vote"); Act says it
// in words; URL is the path of the screen where it is finished.
type Item struct {
	ID     string
	Kind   string
	Act    locale.Text
	Title  locale.Text
	Meta   locale.Text
	DueAt  db.Time // 0: no date
	At     db.Time // when it came about
	Urgent bool
	URL    string
}

// Desk is what a person sees first: Mine can be finished by the person now,
// Agency waits for a colleague, Following is news. Open votes and the
// moderation queue are also counted, for the navigation.
type Desk struct {
	Mine      []Item
	Agency    []Item
	Following []Item
	Counts    map[string]int64
}

// Limits of one desk.
const (
	perKind   = 500 // threads of one sort; all that can stand on a desk at once is read
	following = 14 * 24 * time.Hour
	urgent    = 24 * time.Hour // before its deadline a duty becomes urgent
	newsItems = 12
)

// Queue is moderation: it counts what waits for the actor, and tells authors
// what was hidden or shown again of what they wrote.
type Queue interface {
	Waiting(ctx context.Context, actor policy.Actor) (int64, error)
	Told(ctx context.Context, actor policy.Actor, since db.Time) ([]moderation.Notice, error)
}

// Service builds desks. Moderation may be nil.
type Service struct {
	DB         *db.DB
	Ballots    *ballot.Service
	Practices  *practice.Service
	Guidelines *guideline.Service
	Sections   *section.Service // nil: none
	Moderation Queue

	pulses pulses
}

// builder collects the items of one desk.
type builder struct {
	s        *Service
	ctx      context.Context
	actor    policy.Actor
	now      db.Time
	agencies map[string]member.Agency
	seat     member.Handover // of the actor's seat, for members
	prepared map[string]bool // what a ballot is prepared on, by the subject's id
	desk     Desk
}

func (s *Service) builder(ctx context.Context, actor policy.Actor) (*builder, error) {
	b := &builder{s: s, ctx: ctx, actor: actor, prepared: map[string]bool{}, desk: Desk{Counts: map[string]int64{}}}
	return b, s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		b.now = tx.Now()
		if b.agencies, err = member.AgenciesIn(ctx, tx); err != nil || actor.Seat == "" || !b.represents() {
			return err
		}
		b.seat, err = member.HandoverIn(ctx, tx, actor, actor.Seat)
		return err
	})
}

// Of returns the actor's desk.
//
// Faults: policy.unauthenticated.
func (s *Service) Of(ctx context.Context, actor policy.Actor) (Desk, error) {
	if err := policy.Check(actor, policy.ReadDesk, policy.Global("desk")); err != nil {
		return Desk{}, err
	}
	b, err := s.builder(ctx, actor)
	if err != nil {
		return Desk{}, err
	}
	for _, part := range []func() error{b.handover, b.ballots, b.practices, b.guidelines, b.sections, b.threads, b.moderation} {
		if err := part(); err != nil {
			return Desk{}, err
		}
	}
	// By consequence, then by time: what is urgent, what has a date, what is oldest.
	order := func(x, y Item) int {
		if x.Urgent != y.Urgent {
			return boolFirst(x.Urgent)
		}
		if (x.DueAt == 0) != (y.DueAt == 0) {
			return boolFirst(x.DueAt != 0)
		}
		return cmp.Or(cmp.Compare(x.DueAt, y.DueAt), cmp.Compare(x.At, y.At), cmp.Compare(x.ID, y.ID))
	}
	slices.SortFunc(b.desk.Mine, order)
	slices.SortFunc(b.desk.Agency, order)
	slices.SortFunc(b.desk.Following, func(x, y Item) int { return cmp.Compare(y.At, x.At) })
	b.desk.Following = b.desk.Following[:min(len(b.desk.Following), newsItems)]
	b.desk.Counts["mine"] = int64(len(b.desk.Mine))
	b.desk.Counts["agency"] = int64(len(b.desk.Agency))
	b.desk.Counts["following"] = int64(len(b.desk.Following))
	return b.desk, nil
}

func boolFirst(first bool) int {
	if first {
		return -1
	}
	return 1
}

func (b *builder) add(list *[]Item, kind, object string, it Item) {
	it.ID, it.Kind = kind+":"+object, kind
	it.Act = locale.DeskAct(kind)
	it.Urgent = it.DueAt != 0 && it.DueAt < b.now.Add(urgent)
	*list = append(*list, it)
}

func (b *builder) mine(kind, object string, it Item)   { b.add(&b.desk.Mine, kind, object, it) }
func (b *builder) agency(kind, object string, it Item) { b.add(&b.desk.Agency, kind, object, it) }
func (b *builder) news(kind, object string, it Item) {
	it.DueAt = 0
	b.add(&b.desk.Following, kind, object, it)
}

// short is how an agency is called beside other things.
func (b *builder) short(id string) locale.Text { return b.agencies[id].Short }

func (b *builder) represents() bool {
	return b.actor.Has(policy.AgencyLead, policy.Representative) && b.actor.Agency != ""
}

// behind says whether what the person began is the actor's to finish: the
// actor's own, and what came with the seat (rules D4: duties stay with a seat).
func (b *builder) behind(person string) bool {
	return person == b.actor.Person || slices.Contains(b.seat.Former(), person)
}

func (b *builder) handover() error {
	if !b.seat.Waits() || !b.seat.Mine {
		return nil
	}
	former := b.seat.Holders[1]
	b.mine("seat.handover", b.seat.Seat.ID, Item{Title: b.seat.Agency.Name, Meta: locale.DeskFormer(former.Name), At: former.Until,
		URL: "/seats/" + b.seat.Seat.ID + "/handover"})
	return nil
}

func (b *builder) ballots() error {
	if !policy.Can(b.actor, policy.ReadBallot, policy.Global("ballot")) {
		return nil
	}
	views, err := b.allBallots(ballot.Draft, ballot.Scheduled, ballot.Open, ballot.Closed)
	if err != nil {
		return err
	}
	certified, err := b.s.Ballots.List(b.ctx, b.actor, ballot.Filter{States: []ballot.State{ballot.Certified}, Limit: 5 * newsItems})
	if err != nil {
		return err
	}
	views = append(views, certified.Items...)
	extended, err := b.s.Ballots.ExtendedSince(b.ctx, b.now.Add(-following))
	if err != nil {
		return err
	}
	for _, v := range views {
		it := Item{Title: v.Terms.Question, URL: "/ballots/" + v.ID,
			Meta: locale.Voted(v.Tally.C, v.Tally.Base(), max(v.Needed-v.Tally.C, 0))}
		switch v.State {
		case ballot.Scheduled:
			b.prepared[v.Subject.ID] = true
		case ballot.Draft:
			b.prepared[v.Subject.ID] = true
			it.At = v.CreatedAt
			it.Meta = locale.Majority(string(v.Terms.Threshold))
			if v.Abilities[string(policy.OpenBallot)] {
				b.mine("ballot.open", v.ID, it)
			}
		case ballot.Open:
			it.At, it.DueAt = v.Terms.OpensAt, v.Deadline()
			b.moved(v, extended[v.ID], it)
			if !v.MayVote || v.Mine != nil || !b.represents() || b.now >= it.DueAt {
				continue
			}
			b.desk.Counts["votes"]++
			if v.Abilities[string(policy.CastVote)] {
				b.mine("ballot.vote", v.ID, it)
			} else {
				b.agency("ballot.watch", v.ID, it)
			}
		case ballot.Closed:
			it.At, it.Meta = v.ClosedAt, v.Needs
			if v.Abilities[string(policy.CertifyBallot)] {
				b.mine("ballot.certify", v.ID, it)
			} else if it.At > b.now.Add(-following) {
				b.news("ballot.closed", v.ID, it)
			}
		case ballot.Certified:
			if it.At, it.Meta = v.CertifiedAt, v.Needs; it.At > b.now.Add(-following) {
				b.news("ballot.certified", v.ID, it)
			}
		}
	}
	return nil
}

// allBallots lists the ballots in these states: what stands on a desk is all that waits.
func (b *builder) allBallots(states ...ballot.State) ([]ballot.View, error) {
	return member.Whole(func(after string) (member.PageOf[ballot.View], error) {
		return b.s.Ballots.List(b.ctx, b.actor, ballot.Filter{States: states, After: after, Limit: 200})
	})
}

// moved tells everybody that an open ballot ends at another time than was said: extended, or closed early with notice (rules D1.14). Unlike
// other news it has a date.
func (b *builder) moved(v ballot.View, extended db.Time, it Item) {
	switch {
	case v.NoticeClosesAt != 0:
		it.At = v.NoticeClosesAt.Add(-ballot.EarlyNotice)
		b.add(&b.desk.Following, "ballot.closing_early", v.ID, it)
	case extended != 0:
		it.At = extended
		b.add(&b.desk.Following, "ballot.extended", v.ID, it)
	}
}

func (b *builder) practices() error {
	if !policy.Can(b.actor, policy.ReadPractice, policy.Global("practice")) {
		return nil
	}
	item := func(p practice.Page) Item {
		return Item{Title: p.Card.Title, Meta: b.short(p.Agency), At: p.StageAt, URL: "/practices/" + p.ID}
	}
	if b.actor.Has(policy.SecretariatAdmin) {
		nominated, err := b.allPractices(practice.Filter{Stage: practice.Nominated})
		if err != nil {
			return err
		}
		for _, p := range nominated {
			b.mine("practice.screen", p.ID, item(p))
		}
	}
	if b.represents() {
		asked, err := b.allPractices(practice.Filter{Stage: practice.NeedsMore, Agency: b.actor.Agency})
		if err != nil {
			return err
		}
		for _, p := range asked {
			if b.behind(p.NominatedBy) {
				b.mine("practice.complete", p.ID, item(p))
			} else {
				b.agency("practice.complete", p.ID, item(p))
			}
		}
	}
	return nil
}

func (b *builder) allPractices(f practice.Filter) ([]practice.Page, error) {
	f.Limit = 200
	return member.Whole(func(after string) (member.PageOf[practice.Page], error) {
		f.After = after
		list, err := b.s.Practices.List(b.ctx, b.actor, f)
		return list.PageOf, err
	})
}

func (b *builder) moderation() error {
	if b.s.Moderation == nil {
		return nil
	}
	if err := b.told(); err != nil || !b.actor.Has(policy.Moderator) {
		return err
	}
	n, err := b.s.Moderation.Waiting(b.ctx, b.actor)
	if err != nil || n == 0 {
		return err
	}
	b.desk.Counts["moderation"] = n
	b.mine("moderation", "queue", Item{Meta: locale.DeskFlags(n), At: b.now, URL: "/secretariat"})
	return nil
}

// told is what an author learns of moderation: what was hidden, what a
// moderator decided, and why (rules D5).
func (b *builder) told() error {
	notices, err := b.s.Moderation.Told(b.ctx, b.actor, b.now.Add(-following))
	for _, n := range notices {
		kind := "moderation.restored"
		switch {
		case n.Hidden && n.State == moderation.Pending:
			kind = "moderation.pending"
		case n.Hidden:
			kind = "moderation.hidden"
		}
		text := clip(n.Text, 90)
		b.news(kind, n.Item, Item{Title: locale.Text{Ar: text, En: text}, Meta: locale.DeskModerated(string(n.Reason), n.Note), At: n.At, URL: n.URL})
	}
	return err
}
