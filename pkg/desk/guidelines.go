package desk

import (
	"fmt"
	"slices"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

func editionURL(guidelineID, edition string) string {
	return "/guidelines/" + guidelineID + "/editions/" + edition
}

// own says whether the actor's agency leads or writes the guideline.
func (b *builder) own(g guideline.Guideline) bool {
	if b.actor.Agency == "" {
		return false
	}
	for _, w := range append([]string{g.Agency}, g.Writers...) {
		if w == b.actor.Agency {
			return true
		}
	}
	return false
}

// inState calls fn with every edition in the state that the actor sees.
func (b *builder) inState(state guideline.State, mine bool, fn func(s guideline.Summary, e guideline.Edition, it Item) error) error {
	return b.editions(guideline.Filter{State: state, Mine: mine}, fn)
}

// editions calls fn with every edition that the filter's states name.
func (b *builder) editions(f guideline.Filter, fn func(s guideline.Summary, e guideline.Edition, it Item) error) error {
	f.Limit = perKind
	list, _, err := b.s.Guidelines.List(b.ctx, b.actor, f)
	if err != nil {
		return err
	}
	for _, s := range list {
		for _, e := range s.Editions {
			if e.State != f.State && !slices.Contains(f.States, e.State) {
				continue
			}
			it := Item{Title: s.Guideline.Title, Meta: locale.DeskEdition(e.Number.String(), b.short(s.Guideline.Agency)),
				At: e.UpdatedAt, URL: editionURL(s.Guideline.ID, e.ID)}
			if err := fn(s, e, it); err != nil {
				return err
			}
		}
	}
	return nil
}

// can reports whether the step is open to the actor now: the same answer as
// the edition's own screen gives.
func (b *builder) can(edition string, step guideline.Step) (bool, error) {
	v, err := b.s.Guidelines.Edition(b.ctx, b.actor, edition)
	if f := fault.Of(err); f != nil && f.Kind == fault.NotFound {
		return false, nil
	}
	for _, o := range v.Options {
		if o.Step == step {
			return o.Open(), err
		}
	}
	return false, err
}

func (b *builder) guidelines() error {
	if policy.Members(b.actor) {
		err := b.inState(guideline.InReview, false, func(_ guideline.Summary, e guideline.Edition, it Item) error {
			it.At = e.SubmittedAt
			ok, err := b.can(e.ID, guideline.Approve)
			if ok {
				b.mine("edition.review", e.ID, it)
			}
			return err
		})
		if err != nil {
			return err
		}
		// A representative is shown what their agency may publish; the
		// secretariat, the manuals of the network.
		err = b.inState(guideline.Ready, !b.actor.Has(policy.SecretariatAdmin), func(s guideline.Summary, e guideline.Edition, it Item) error {
			if !b.own(s.Guideline) && s.Guideline.Kind != guideline.OfNetwork {
				return nil
			}
			ok, err := b.can(e.ID, guideline.Publish)
			if ok {
				b.mine("edition.publish", e.ID, it)
			}
			return err
		})
		if err != nil {
			return err
		}
		// Published past review: another person looks at it, by a date.
		err = b.editions(guideline.Filter{State: guideline.Published, Forced: true}, func(_ guideline.Summary, e guideline.Edition, it Item) error {
			if e.SecondEyeDue == 0 {
				return nil
			}
			it.At, it.DueAt = e.PublishedAt, e.SecondEyeDue
			ok, err := b.can(e.ID, guideline.SecondEye)
			if ok {
				b.mine("edition.second_eye", e.ID, it)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	if err := b.asked(); err != nil {
		return err
	}
	if b.actor.Has(policy.SecretariatAdmin) {
		if err := b.inquiries(); err != nil {
			return err
		}
	}
	if b.represents() {
		for state, kind := range map[guideline.State]string{guideline.AmendsNeeded: "edition.amend", guideline.Draft: "edition.draft"} {
			err := b.inState(state, true, func(_ guideline.Summary, e guideline.Edition, it Item) error {
				if b.behind(e.CreatedBy) || b.behind(e.SubmittedBy) {
					b.mine(kind, e.ID, it)
				} else {
					b.agency(kind, e.ID, it)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	published, _, err := b.s.Guidelines.List(b.ctx, b.actor, guideline.Filter{Readable: true, Limit: newsItems})
	if err != nil {
		return err
	}
	for _, s := range published {
		if e := s.Current(); e != nil && e.State == guideline.Published && e.PublishedAt > b.now.Add(-following) {
			b.news("edition.published", e.ID, Item{Title: s.Guideline.Title, At: e.PublishedAt, URL: "/guidelines/" + s.Guideline.ID,
				Meta: locale.DeskEdition(e.Number.String(), b.short(s.Guideline.Agency))})
		}
	}
	return nil
}

// asked are the texts that the actor, or the actor's agency, is asked about: to check facts, or in a consultation that has begun. Who has said
// that they answered is asked no more.
func (b *builder) asked() error {
	states := []guideline.State{guideline.FactCheck, guideline.Consultation}
	return b.editions(guideline.Filter{States: states}, func(_ guideline.Summary, e guideline.Edition, it Item) error {
		if !slices.Contains(e.Experts, b.actor.Person) && (b.actor.Agency == "" || !slices.Contains(e.Experts, b.actor.Agency)) {
			return nil
		}
		if e.State == guideline.Consultation {
			if e.OpensAt > b.now {
				return nil
			}
			it.DueAt = e.ClosesAt
		}
		ok, err := b.can(e.ID, guideline.Answer)
		if ok {
			b.mine("edition.answer", e.ID, it)
		}
		return err
	})
}

// inquiries are the steps that the secretariat alone takes between approval
// and publication: the ballot a manual still needs, and what was asked of
// others, to be received and concluded.
func (b *builder) inquiries() error {
	states := []guideline.State{guideline.Ready, guideline.FactCheck, guideline.FactCheckReceived, guideline.Consultation}
	return b.editions(guideline.Filter{States: states}, func(s guideline.Summary, e guideline.Edition, it Item) error {
		kind, step := "edition.conclude", guideline.Conclude
		switch e.State {
		case guideline.Ready:
			// Only what cannot be published without one waits for a ballot.
			carried := e.BallotHash != "" && e.BallotHash == e.ApprovedHash
			if s.Guideline.Kind != guideline.OfNetwork || carried || b.prepared[e.ID] {
				return nil
			}
			kind, step = "edition.ballot", guideline.SendToBallot
		case guideline.FactCheck:
			kind, step = "edition.fact_check", guideline.Receive
		case guideline.Consultation:
			// Until it ends, its answers come in by themselves.
			if e.ClosesAt > b.now {
				return nil
			}
			it.At = e.ClosesAt
		}
		ok, err := b.can(e.ID, step)
		if ok {
			b.mine(kind, e.ID, it)
		}
		return err
	})
}

// threadRow is an open thread with the comment that made it somebody's duty.
type threadRow struct {
	thread, draft, quote, agency, person string
	at                                   db.Time
	within                               string // the agency that alone sees it
}

// threads reads the tables of package comment: open threads in which the actor
// is mentioned and has not answered since, and blocking ones on what the
// actor's agency writes. Each is checked with the facts of its draft.
func (b *builder) threads() error {
	if b.actor.Anonymous() {
		return nil
	}
	return b.s.DB.Read(b.ctx, func(tx *db.Tx) error {
		seen := map[string]bool{}
		// Who was addressed while holding the seat left the answer to the seat.
		for _, v := range append([]member.Holding{{Person: b.actor.Person}}, b.seat.Holders...) {
			if v.Until == 0 && v.Person != b.actor.Person {
				continue
			}
			mentions, err := b.addressed(tx, v.Person, v.Until, b.actor.Person)
			if err != nil {
				return err
			}
			for _, row := range mentions {
				if err := b.thread(tx, row, "mention", policy.CreateThread, seen, b.mine); err != nil {
					return err
				}
			}
		}
		if !b.represents() {
			return nil
		}
		blocking, err := b.selectThreads(tx, `
			select t.id, t.draft, t.quote, t.agency, t.person, t.created_at, t.inside, t.agency
			  from thread t
			  join draft d on d.id = t.draft
			  join edition e on e.id = d.edition
			  join guideline g on g.id = e.guideline
			 where t.state = 'open' and t.blocking = $3 and t.hidden = $2 and t.inside = $2 and e.state in ('draft', 'amends_needed', 'in_review')
			   and (g.agency = $1 or exists (select 1 from guideline_writer w where w.guideline = g.id and w.agency = $1))
			 order by t.created_at, t.id limit $4`, b.actor.Agency, false, true, perKind)
		if err != nil {
			return err
		}
		for _, row := range blocking {
			if err := b.thread(tx, row, "thread.blocking", policy.ResolveThread, seen, b.agency); err != nil {
				return err
			}
		}
		return nil
	})
}

// addressed are the open threads in which the person was mentioned until a
// moment (0: until now) and has not answered since, nor has who came after.
func (b *builder) addressed(tx *db.Tx, person string, until db.Time, after string) ([]threadRow, error) {
	if until == 0 {
		until = b.now
	}
	return b.selectThreads(tx, `
		select t.id, t.draft, t.quote, c.agency, c.person, c.created_at, t.inside, t.agency
		  from comment_mention m
		  join comment c on c.id = m.comment
		  join thread t on t.id = c.thread
		 where m.person = $1 and c.person <> $1 and c.person <> $5 and t.state = 'open' and t.hidden = $2 and c.hidden = $2 and c.created_at <= $4
		   and not exists (select 1 from comment a where a.thread = t.id and (a.person = $1 or a.person = $5) and a.created_at > c.created_at)
		 order by c.created_at desc, c.id desc limit $3`, person, false, perKind, int64(until), after)
}

func (b *builder) selectThreads(tx *db.Tx, query string, args ...any) ([]threadRow, error) {
	rows, err := tx.Query(b.ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("threads of the desk: %w", err)
	}
	defer rows.Close()
	var out []threadRow
	for rows.Next() {
		var r threadRow
		var inside bool
		if err := rows.Scan(&r.thread, &r.draft, &r.quote, &r.agency, &r.person, &r.at, &inside, &r.within); err != nil {
			return nil, fmt.Errorf("threads of the desk: %w", err)
		}
		if !inside {
			r.within = ""
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// thread adds the row once, if the actor may do act in its draft.
func (b *builder) thread(tx *db.Tx, row threadRow, kind string, act policy.Action, seen map[string]bool, add func(kind, object string, it Item)) error {
	if seen[row.thread] {
		return nil
	}
	f, err := b.s.Guidelines.Facts(b.ctx, tx, row.draft)
	if err != nil {
		return err
	}
	f.Within = row.within
	if !policy.Can(b.actor, act, f) {
		return nil
	}
	g, e, err := b.s.Guidelines.OfDraft(b.ctx, tx, row.draft)
	if err != nil {
		return err
	}
	seen[row.thread] = true
	title := g.Title
	if quote := clip(row.quote, 90); quote != "" {
		title = locale.Text{Ar: quote, En: quote}
	}
	add(kind, row.thread, Item{Title: title, Meta: locale.DeskThread(b.short(row.agency), g.Title), At: row.at,
		URL: editionURL(g.ID, e.ID) + "?thread=" + row.thread})
	return nil
}

// clip cuts s at n runes, at a space where there is one, and marks the cut.
func clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	cut := n
	for cut > n*2/3 && r[cut] != ' ' {
		cut--
	}
	return string(r[:cut]) + "…"
}
