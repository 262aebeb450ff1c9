package comment

import (
	"context"
	"fmt"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
)

// MaxSome is how many threads may be asked for by their ids.
const MaxSome = 200

// Brief is what the margin of a text needs of a thread before anybody reads it: its place, and what filters and counts rest on. Of the Thread in
// it, quote, comments, proposal and abilities are left out.
type Brief struct {
	Thread
	Proposing bool     // a wording of it is open
	Replies   int      // comments after the first
	Authors   []Author // of all its comments, each once
	ByActor   bool     // the actor wrote one of them
	Answered  bool     // and one after the first
	ByAgency  bool     // the actor's agency wrote one
	ToActor   bool     // one names the actor
}

// Author is a person writing for an agency, or for none.
type Author struct{ Person, Agency string }

// asked is which threads of a draft are listed.
type asked struct {
	since db.Time
	some  []string // these alone; nil for all
	most  int      // more than so many come briefly; 0: never
}

func (a asked) of(all []Thread) []Thread {
	if a.some == nil {
		return all
	}
	wanted := make(map[string]bool, len(a.some))
	for _, id := range a.some {
		wanted[id] = true
	}
	var out []Thread
	for _, t := range all {
		if wanted[t.ID] {
			out = append(out, t)
		}
	}
	return out
}

func (a asked) comments(ctx context.Context, tx *db.Tx, draftID string, from db.Time) ([]Comment, error) {
	if a.some == nil {
		return listComments(ctx, tx, `t.draft = $1 and t.updated_at >= $2`, draftID, int64(from))
	}
	if len(a.some) == 0 {
		return nil, nil
	}
	in, these := db.In(2, a.some)
	return listComments(ctx, tx, `t.draft = $1 and t.id in (`+in+`)`, append([]any{draftID}, these...)...)
}

// Briefly is List of all threads, as Briefs where there are more than most of them.
//
// Faults: draft.not_found.
func (s *Service) Briefly(ctx context.Context, actor policy.Actor, draftID string, most int) (Listed, error) {
	return s.list(ctx, actor, draftID, asked{most: most})
}

// Some is List of those of the named threads that the actor sees, at most MaxSome.
//
// Faults: draft.not_found, comment.too_many_ids.
func (s *Service) Some(ctx context.Context, actor policy.Actor, draftID string, ids []string) (Listed, error) {
	if len(ids) > MaxSome {
		return Listed{}, fault.New(fault.Invalid, "comment.too_many_ids")
	}
	return s.list(ctx, actor, draftID, asked{some: nonNil(ids)})
}

// briefly reads who wrote and who is named in the comments of threads, and not what they say.
func briefly(ctx context.Context, tx *db.Tx, actor policy.Actor, draftID string, threads []Thread) ([]Brief, error) {
	out := make([]Brief, len(threads))
	at := make(map[string]*Brief, len(threads))
	for i, t := range threads {
		t.Anchor.Quote, t.OutcomeNote = "", ""
		out[i] = Brief{Thread: t, Replies: -1}
		at[t.ID] = &out[i]
	}
	each := func(query string, row func(scan func(...any) error) error, args ...any) error {
		rows, err := tx.Query(ctx, query, args...)
		if err != nil {
			return fmt.Errorf("list threads briefly: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			if err := row(rows.Scan); err != nil {
				return fmt.Errorf("list threads briefly: %w", err)
			}
		}
		return rows.Err()
	}
	err := each(`
		select c.thread, c.person, c.agency from comment c join thread t on t.id = c.thread
		 where t.draft = $1 order by c.created_at, c.id`, func(scan func(...any) error) error {
		var thread string
		var by Author
		if err := scan(&thread, &by.Person, &by.Agency); err != nil {
			return err
		}
		b := at[thread]
		if b == nil {
			return nil
		}
		b.Replies++
		mine := by.Person == actor.Person
		b.ByActor = b.ByActor || mine
		b.Answered = b.Answered || mine && b.Replies > 0
		b.ByAgency = b.ByAgency || actor.Agency != "" && by.Agency == actor.Agency
		for _, a := range b.Authors {
			if a == by {
				return nil
			}
		}
		b.Authors = append(b.Authors, by)
		return nil
	}, draftID)
	if err != nil {
		return nil, err
	}
	mark := func(set func(*Brief)) func(func(...any) error) error {
		return func(scan func(...any) error) error {
			var thread string
			err := scan(&thread)
			if b := at[thread]; b != nil {
				set(b)
			}
			return err
		}
	}
	if err := each(`
		select distinct c.thread from comment_mention m join comment c on c.id = m.comment join thread t on t.id = c.thread
		 where t.draft = $1 and m.person = $2`, mark(func(b *Brief) { b.ToActor = true }), draftID, actor.Person); err != nil {
		return nil, err
	}
	// A read of the suggestions' table: whether a wording is open is all that is asked, and their places are of no interest here.
	return out, each(`select thread from suggestion where draft = $1 and thread is not null and state = 'open'`, mark(func(b *Brief) { b.Proposing = true }), draftID)
}
