package guideline

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Duty is an edition that waits for somebody.
type Duty struct {
	Guideline Guideline
	Edition   Edition
}

// Waiting says which editions are asked for. Empty fields do not narrow.
type Waiting struct {
	States []State // one at least
	Step   Step    // that the actor can take now
	Mine   bool    // led or written by the actor's agency
	Agency string  // led by this one
	// Answers of a fact check or a consultation that nobody has handled keep it.
	Answers bool
}

// MostDuties bounds one answer of Duties.
const MostDuties = 1000

// Duties lists the editions in these states that the actor sees and, with a step, can take it of: the answer that the edition's own screen gives, but
// in a few statements for all of them and without reading their texts. No step that the desk knows looks at the text: that sections are
// missing is told to who submits, and an approved text stands still.
func (s *Service) Duties(ctx context.Context, actor policy.Actor, w Waiting) ([]Duty, error) {
	if err := policy.Check(actor, policy.ListGuidelines, policy.Open("guideline")); err != nil {
		return nil, err
	}
	var out []Duty
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := waiting(ctx, tx, actor, w)
		if err != nil {
			return err
		}
		for _, d := range list {
			f := d.Guideline.facts(d.Edition)
			if policy.Can(actor, policy.ReadEdition, f) && (w.Step == "" || policy.Can(actor, actionOf[w.Step], f)) {
				out = append(out, d)
			}
		}
		if w.Step != "" {
			if out, err = s.open(ctx, tx, actor, out, w.Step); err != nil {
				return err
			}
		}
		if w.Answers {
			out, err = s.unhandled(ctx, tx, actor, out)
		}
		return err
	})
	return out, err
}

// waiting reads the editions that the filter names, of guidelines that the actor sees.
func waiting(ctx context.Context, tx *db.Tx, actor policy.Actor, w Waiting) ([]Duty, error) {
	where, args := visible(actor, 1)
	in, states := db.In(len(args)+1, w.States)
	args = append(args, states...)
	of := `e.state in (` + in + `)`
	if w.Step == SecondEye {
		of += ` and e.second_eye_due > 0`
	}
	where += ` and exists (select 1 from edition e where e.guideline = g.id and ` + of + `)`
	arg := func(v string) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	if w.Mine {
		mine := arg(actor.Agency)
		where += ` and (g.agency = ` + mine + ` or exists (select 1 from guideline_writer w where w.guideline = g.id and w.agency = ` + mine + `))`
	}
	if w.Agency != "" {
		where += ` and g.agency = ` + arg(w.Agency)
	}
	gs, err := selectGuidelines(ctx, tx, `where `+where+` order by g.updated_at desc, g.id desc limit `+strconv.Itoa(MostDuties), args...)
	if err != nil || len(gs) == 0 {
		return nil, err
	}
	at := make(map[string]int, len(gs))
	ids := make([]string, len(gs))
	for i, g := range gs {
		at[g.ID], ids[i] = i, g.ID
	}
	in, args = db.In(1, ids)
	inStates, states := db.In(len(args)+1, w.States)
	rows, err := tx.Query(ctx, `
		select `+editionColumns+` from edition e
		 where e.guideline in (`+in+`) and e.state in (`+inStates+`)
		 order by e.created_at desc, e.id desc`, append(args, states...)...)
	if err != nil {
		return nil, fmt.Errorf("editions that wait: %w", err)
	}
	defer rows.Close()
	var out []Duty
	for rows.Next() {
		e, err := scanEdition(rows)
		if err != nil {
			return nil, fmt.Errorf("editions that wait: %w", err)
		}
		out = append(out, Duty{gs[at[e.Guideline]], e})
	}
	return out, rows.Err()
}

// open keeps the duties of which the actor can take the step now.
func (s *Service) open(ctx context.Context, tx *db.Tx, actor policy.Actor, list []Duty, step Step) ([]Duty, error) {
	var authors map[string]bool
	var blocking map[string]int
	if step == Approve && len(list) > 0 {
		var err error
		if authors, err = s.authorOf(ctx, tx, actor.Person, list); err != nil {
			return nil, err
		}
		if s.Threads != nil {
			if blocking, err = s.Threads.OpenBlocking(ctx, tx, draftsOf(list)...); err != nil {
				return nil, err
			}
		}
	}
	var out []Duty
	for _, d := range list {
		f := known(actor, d.Guideline, d.Edition, tx.Now())
		f.ActorIsAuthor, f.Blocking = authors[d.Edition.ID], blocking[d.Edition.Draft]
		if err := s.asked(ctx, tx, actor, d.Guideline, d.Edition, &f, step); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(Allowed(d.Edition.State, f), func(o Option) bool { return o.Step == step && o.Open() }) {
			out = append(out, d)
		}
	}
	return out, nil
}

// unhandled keeps the editions that answers keep from being concluded.
func (s *Service) unhandled(ctx context.Context, tx *db.Tx, actor policy.Actor, list []Duty) ([]Duty, error) {
	var out []Duty
	for _, d := range list {
		var f Facts
		if err := s.asked(ctx, tx, actor, d.Guideline, d.Edition, &f, Conclude); err != nil {
			return nil, err
		}
		if f.AnswersOpen > 0 {
			out = append(out, d)
		}
	}
	return out, nil
}

func draftsOf(list []Duty) []string {
	out := make([]string, len(list))
	for i, d := range list {
		out[i] = d.Edition.Draft
	}
	return out
}

// authorOf says of which of the editions the person is an author: see authors.
func (s *Service) authorOf(ctx context.Context, tx *db.Tx, person string, list []Duty) (map[string]bool, error) {
	wrote, err := s.Drafts.WrittenBy(ctx, tx, person, draftsOf(list)...)
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	ids := make([]string, len(list))
	for i, d := range list {
		if ids[i] = d.Edition.ID; d.Edition.State.InWork() && wrote[d.Edition.Draft] {
			out[d.Edition.ID] = true
		}
	}
	in, args := db.In(2, ids)
	rows, err := tx.Query(ctx, `select edition from edition_author where person = $1 and edition in (`+in+`)`, append([]any{person}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("author teams: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var e string
		if err := rows.Scan(&e); err != nil {
			return nil, fmt.Errorf("author teams: %w", err)
		}
		out[e] = true
	}
	return out, rows.Err()
}

// Behind is what stands behind a draft: see OfDraft and Facts.
type Behind struct {
	Duty
	Facts policy.Facts
}

// OfDrafts is OfDraft and Facts for many; a draft that is not there is not in the answer.
func (s *Service) OfDrafts(ctx context.Context, tx *db.Tx, drafts ...string) (map[string]Behind, error) {
	out := map[string]Behind{}
	if len(drafts) == 0 {
		return out, nil
	}
	in, args := db.In(1, drafts)
	rows, err := tx.Query(ctx, `select `+editionColumns+` from edition e where e.draft in (`+in+`)`, args...)
	if err != nil {
		return nil, fmt.Errorf("editions of drafts: %w", err)
	}
	defer rows.Close()
	editions := map[string]Edition{}
	var ids []string
	for rows.Next() {
		e, err := scanEdition(rows)
		if err != nil {
			return nil, fmt.Errorf("editions of drafts: %w", err)
		}
		if e.Draft != "" {
			editions[e.Draft] = e
			ids = append(ids, e.Guideline)
		}
	}
	if err := rows.Err(); err != nil || len(ids) == 0 {
		return out, err
	}
	in, args = db.In(1, ids)
	gs, err := selectGuidelines(ctx, tx, `where g.id in (`+in+`)`, args...)
	if err != nil {
		return nil, err
	}
	of := map[string]Guideline{}
	for _, g := range gs {
		of[g.ID] = g
	}
	for draft, e := range editions {
		b := Behind{Duty: Duty{of[e.Guideline], e}}
		if b.Facts, err = s.draftFacts(ctx, tx, b.Guideline, e); err != nil {
			return nil, err
		}
		out[draft] = b
	}
	return out, nil
}
