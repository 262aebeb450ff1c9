package desk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/multaqa/multaqa/pkg/db"
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

// waiting calls fn with every edition in the state that the actor sees and can take the step of, if one is named: the same answer as the edition's
// own screen gives.
func (b *builder) waiting(state guideline.State, step guideline.Step, fn func(g guideline.Guideline, e guideline.Edition, it Item)) error {
	return b.duties(guideline.Waiting{States: []guideline.State{state}, Step: step}, fn)
}

func (b *builder) duties(w guideline.Waiting, fn func(g guideline.Guideline, e guideline.Edition, it Item)) error {
	list, err := b.s.Guidelines.Duties(b.ctx, b.actor, w)
	for _, d := range list {
		fn(d.Guideline, d.Edition, Item{Title: d.Guideline.Title, Meta: locale.DeskEdition(d.Edition.Number.String(), b.short(d.Guideline.Agency)),
			At: d.Edition.UpdatedAt, URL: editionURL(d.Guideline.ID, d.Edition.ID)})
	}
	return err
}

func (b *builder) guidelines() error {
	if policy.Members(b.actor) {
		err := b.waiting(guideline.InReview, guideline.Approve, func(_ guideline.Guideline, e guideline.Edition, it Item) {
			it.At = e.SubmittedAt
			b.mine("edition.review", e.ID, it)
		})
		if err != nil {
			return err
		}
		// A representative is shown what their agency may publish; the
		// secretariat, the manuals of the network.
		ready := guideline.Waiting{States: []guideline.State{guideline.Ready}, Step: guideline.Publish, Mine: !b.actor.Has(policy.SecretariatAdmin)}
		err = b.duties(ready, func(g guideline.Guideline, e guideline.Edition, it Item) {
			if b.own(g) || g.Kind == guideline.OfNetwork {
				b.mine("edition.publish", e.ID, it)
			}
		})
		if err != nil {
			return err
		}
		// Published past review: another person looks at it, by a date.
		err = b.waiting(guideline.Published, guideline.SecondEye, func(_ guideline.Guideline, e guideline.Edition, it Item) {
			it.At, it.DueAt = e.PublishedAt, e.SecondEyeDue
			b.mine("edition.second_eye", e.ID, it)
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
		for kind, own := range map[string]guideline.Waiting{
			"edition.amend": {States: []guideline.State{guideline.AmendsNeeded}, Mine: true},
			"edition.draft": {States: []guideline.State{guideline.Draft}, Mine: true},
			// What others answered about a text is settled by who writes it; until then the secretariat cannot conclude.
			"edition.answers": {States: []guideline.State{guideline.FactCheck, guideline.FactCheckReceived, guideline.Consultation}, Mine: true, Answers: true},
		} {
			err := b.duties(own, func(_ guideline.Guideline, e guideline.Edition, it Item) {
				if b.behind(e.CreatedBy) || b.behind(e.SubmittedBy) {
					b.mine(kind, e.ID, it)
				} else {
					b.agency(kind, e.ID, it)
				}
			})
			if err != nil {
				return err
			}
		}
	}
	published, err := b.s.Guidelines.List(b.ctx, b.actor, guideline.Filter{Readable: true, Limit: newsItems})
	if err != nil {
		return err
	}
	for _, s := range published.Items {
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
	for _, state := range []guideline.State{guideline.FactCheck, guideline.Consultation} {
		err := b.waiting(state, guideline.Answer, func(_ guideline.Guideline, e guideline.Edition, it Item) {
			if !slices.Contains(e.Experts, b.actor.Person) && (b.actor.Agency == "" || !slices.Contains(e.Experts, b.actor.Agency)) {
				return
			}
			if state == guideline.Consultation {
				if e.OpensAt > b.now {
					return
				}
				it.DueAt = e.ClosesAt
			}
			b.mine("edition.answer", e.ID, it)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// inquiries are the steps that the secretariat alone takes between approval
// and publication: the ballot a manual still needs, and what was asked of
// others, to be received and concluded.
func (b *builder) inquiries() error {
	err := b.waiting(guideline.Ready, guideline.SendToBallot, func(g guideline.Guideline, e guideline.Edition, it Item) {
		// Only what cannot be published without one waits for a ballot.
		carried := e.BallotHash != "" && e.BallotHash == e.ApprovedHash
		if g.Kind == guideline.OfNetwork && !carried && !b.prepared[e.ID] {
			b.mine("edition.ballot", e.ID, it)
		}
	})
	if err != nil {
		return err
	}
	err = b.waiting(guideline.FactCheck, guideline.Receive, func(_ guideline.Guideline, e guideline.Edition, it Item) {
		b.mine("edition.fact_check", e.ID, it)
	})
	if err != nil {
		return err
	}
	err = b.waiting(guideline.FactCheckReceived, guideline.Conclude, func(_ guideline.Guideline, e guideline.Edition, it Item) {
		b.mine("edition.conclude", e.ID, it)
	})
	if err != nil {
		return err
	}
	// Until a consultation ends, its answers come in by themselves: the step is shut.
	return b.waiting(guideline.Consultation, guideline.Conclude, func(_ guideline.Guideline, e guideline.Edition, it Item) {
		it.At = e.ClosesAt
		b.mine("edition.conclude", e.ID, it)
	})
}

// threadRow is an open thread with the comment that made it somebody's duty.
type threadRow struct {
	thread, draft, words, agency, person string // words: those of the text it stands on, or of the comment
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
			if err := b.addThreads(tx, mentions, "mention", policy.CreateThread, seen, b.mine); err != nil {
				return err
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
		return b.addThreads(tx, blocking, "thread.blocking", policy.ResolveThread, seen, b.agency)
	})
}

// addressed are the open threads in which the person was mentioned until a
// moment (0: until now) and has not answered since, nor has who came after.
func (b *builder) addressed(tx *db.Tx, person string, until db.Time, after string) ([]threadRow, error) {
	if until == 0 {
		until = b.now
	}
	return b.selectThreads(tx, `
		select t.id, t.draft, c.body, c.agency, c.person, c.created_at, t.inside, t.agency
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
		if err := rows.Scan(&r.thread, &r.draft, &r.words, &r.agency, &r.person, &r.at, &inside, &r.within); err != nil {
			return nil, fmt.Errorf("threads of the desk: %w", err)
		}
		if !inside {
			r.within = ""
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// addThreads adds each thread once, if the actor may do act in its draft.
func (b *builder) addThreads(tx *db.Tx, rows []threadRow, kind string, act policy.Action, seen map[string]bool, add adder) error {
	drafts := make([]string, len(rows))
	for i, row := range rows {
		drafts[i] = row.draft
	}
	slices.Sort(drafts)
	of, err := b.s.Guidelines.OfDrafts(b.ctx, tx, slices.Compact(drafts)...)
	if err != nil {
		return err
	}
	for _, row := range rows {
		d, found := of[row.draft]
		if !found || seen[row.thread] {
			continue
		}
		d.Facts.Within = row.within
		if !policy.Can(b.actor, act, d.Facts) {
			continue
		}
		seen[row.thread] = true
		title := d.Guideline.Title
		if words := clip(strings.Join(strings.Fields(row.words), " "), 90); words != "" {
			title = locale.Text{Ar: words, En: words}
		}
		if kind == "mention" {
			names, err := member.PeopleIn(b.ctx, tx, row.person)
			if err != nil {
				return err
			}
			title = locale.DeskSaid(names[row.person], title)
		}
		add(kind, row.thread, Item{Title: title, Meta: locale.DeskThread(b.short(row.agency), d.Guideline.Title), At: row.at,
			URL: editionURL(d.Guideline.ID, d.Edition.ID) + "?thread=" + row.thread})
	}
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
