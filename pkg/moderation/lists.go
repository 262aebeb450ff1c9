package moderation

import (
	"context"
	"fmt"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Filter narrows the queue; the zero value is everything that waits.
type Filter struct {
	State  State            // "" is Pending
	Hidden bool             // only what is hidden now
	Mine   bool             // only what the actor has claimed
	Free   bool             // only what nobody has claimed
	Narrow member.Narrowing // of the agency that the case belongs to
	After  string           // cursor: Queued.Next of the page before
	Limit  int              // 1 to 200; 0 is 50
}

// Queued is a page of cases.
type Queued struct {
	member.PageOf[Item]
	Oldest db.Time // when the first of all the narrowed list's cases came; 0: there is none
}

// Queue lists cases: those that wait, gravest first, or with a state those in it,
// the newest first.
//
// Faults: policy.forbidden, moderation.not_found for who is no moderator,
// moderation.invalid with cursor.
func (s *Service) Queue(ctx context.Context, actor policy.Actor, f Filter) (Queued, error) {
	if err := policy.Check(actor, policy.ReadQueue, policy.Facts{Kind: "moderation"}); err != nil {
		return Queued{}, err
	}
	if f.State == "" {
		f.State = Pending
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	var out Queued
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		out = Queued{}
		w := &db.Where{}
		w.And(`state = ?`, string(f.State))
		if f.Hidden {
			w.And(`hidden = ?`, true)
		}
		if f.Mine {
			w.And(`claimed_by = ?`, actor.Person)
		}
		if f.Free {
			w.And(`claimed_by = ''`)
		}
		if out.Owners, err = member.CountOwners(ctx, tx, "moderation_item", "agency", w); err != nil {
			return err
		}
		w.Add(f.Narrow.SQL("agency", w.Next()))
		where, args := w.SQL()
		if err := tx.QueryRow(ctx, `select coalesce(min(created_at), 0) from moderation_item where `+where, args...).Scan(&out.Oldest); err != nil {
			return fmt.Errorf("oldest case: %w", err)
		}
		order, cursor, err := f.place(w)
		if err != nil {
			return err
		}
		where, args = w.SQL()
		items, err := selectItems(ctx, tx, fmt.Sprintf(`where %s order by %s limit %d`, where, order, f.Limit+1), args...)
		if err != nil {
			return err
		}
		out.Items, out.Next = db.Cut(items, f.Limit, cursor)
		for i := range out.Items {
			if err := s.complete(ctx, tx, actor, &out.Items[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// place adds where the page begins, and says how the queue is ordered and what
// the cursor after a case is.
func (f Filter) place(w *db.Where) (order string, cursor func(Item) string, err error) {
	first, rest, ok := db.ParseCursor(f.After)
	if f.State != Pending {
		if f.After != "" {
			if !ok {
				return "", nil, badCursor()
			}
			w.And(`(decided_at, id) < (?, ?)`, first, rest)
		}
		return `decided_at desc, id desc`, func(i Item) string { return db.Cursor(int64(i.DecidedAt), i.ID) }, nil
	}
	// Cases of one gravity wait in the order in which they came, so one number cannot say where a page of them ends.
	if f.After != "" {
		at, id, ok2 := db.ParseCursor(rest)
		if !ok || !ok2 {
			return "", nil, badCursor()
		}
		w.And(`priority < ? or priority = ? and (created_at > ? or created_at = ? and id > ?)`, first, first, at, at, id)
	}
	return `priority desc, created_at, id`, func(i Item) string { return db.Cursor(i.Priority, db.Cursor(int64(i.CreatedAt), i.ID)) }, nil
}

func badCursor() error {
	return fault.New(fault.Invalid, "moderation.invalid").WithField("cursor", "invalid")
}

// Entry is a line of the log. For members Item, Object, Note, Person and
// Agency are empty.
type Entry struct {
	ID      string
	At      db.Time
	Kind    string
	Action  Action
	Reason  Reason
	Outcome State
	Item    string
	Object  string
	Note    string
	Person  string
	Agency  string // of who acted
	Owner   string // the agency that the case belongs to
}

// Log lists what moderation did, newest first, up to 100 lines before the
// cursor. Owners are counted, and the list is narrowed, for moderators only:
// the log without names would tell by its counts whose content it speaks of.
//
// Faults: policy.forbidden, for a narrowing by others too, moderation.invalid
// with cursor.
func (s *Service) Log(ctx context.Context, actor policy.Actor, by member.Narrowing, cursor string) (member.PageOf[Entry], error) {
	var out member.PageOf[Entry]
	if err := policy.Check(actor, policy.ReadModerationLog, policy.Open("moderation")); err != nil {
		return out, err
	}
	full := policy.Can(actor, policy.ReadFullLog, policy.Open("moderation"))
	if len(by) > 0 {
		if err := policy.Check(actor, policy.ReadFullLog, policy.Open("moderation")); err != nil {
			return out, err
		}
	}
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		out = member.PageOf[Entry]{}
		w := &db.Where{}
		if full {
			if out.Owners, err = member.CountOwners(ctx, tx, "moderation_log l join moderation_item i on i.id = l.item", "i.agency", w); err != nil {
				return err
			}
		}
		w.Add(by.SQL("i.agency", w.Next()))
		if cursor != "" {
			at, id, ok := db.ParseCursor(cursor)
			if !ok {
				return badCursor()
			}
			w.And(`(l.at, l.id) < (?, ?)`, at, id)
		}
		where, args := w.SQL()
		const limit = 100
		rows, err := tx.Query(ctx, fmt.Sprintf(`
			select l.id, l.at, l.kind, l.action, l.reason, l.outcome, l.item, l.object, l.note, l.person, l.agency, i.agency
			  from moderation_log l join moderation_item i on i.id = l.item where %s order by l.at desc, l.id desc limit %d`, where, limit+1), args...)
		if err != nil {
			return fmt.Errorf("moderation log: %w", err)
		}
		defer rows.Close()
		var all []Entry
		for rows.Next() {
			var e Entry
			if err := rows.Scan(&e.ID, &e.At, &e.Kind, &e.Action, &e.Reason, &e.Outcome, &e.Item, &e.Object, &e.Note, &e.Person, &e.Agency, &e.Owner); err != nil {
				return fmt.Errorf("moderation log: %w", err)
			}
			all = append(all, e)
		}
		out.Items, out.Next = db.Cut(all, limit, func(e Entry) string { return db.Cursor(int64(e.At), e.ID) })
		return rows.Err()
	})
	if !full {
		for i, e := range out.Items {
			out.Items[i] = Entry{ID: e.ID, At: e.At, Kind: e.Kind, Action: e.Action, Reason: e.Reason, Outcome: e.Outcome}
		}
	}
	return out, err
}
