package comment

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/policy"
)

const threadColumns = `id, draft, state, kind, blocking, version, from_pos, to_pos, quote, orphaned, person, agency,
	created_at, updated_at, outcome, outcome_note, resolved_by, resolved_at, reopened, hidden, inside`

func scanThread(scan func(...any) error) (Thread, error) {
	var t Thread
	err := scan(&t.ID, &t.Draft, &t.State, &t.Kind, &t.Blocking, &t.Anchor.Version, &t.Anchor.From, &t.Anchor.To, &t.Anchor.Quote, &t.Anchor.Orphaned,
		&t.Person, &t.Agency, &t.CreatedAt, &t.UpdatedAt, &t.Outcome, &t.OutcomeNote, &t.ResolvedBy, &t.ResolvedAt, &t.Reopened, &t.Hidden, &t.Inside)
	return t, err
}

// findForUpdate reads a thread and locks its row. A missing one is policy's not found.
func findForUpdate(ctx context.Context, tx *db.Tx, id string) (Thread, error) {
	t, err := scanThread(tx.QueryRow(ctx, `select `+threadColumns+` from thread where id = $1`+tx.ForUpdate(), id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return t, policy.NotFound("thread")
	}
	if err != nil {
		return t, fmt.Errorf("find thread: %w", err)
	}
	return t, nil
}

// listThreads returns those that an agency sees, changed at or after since.
func listThreads(ctx context.Context, tx *db.Tx, draft, agency string, since db.Time) ([]Thread, error) {
	rows, err := tx.Query(ctx, `
		select `+threadColumns+` from thread
		 where draft = $1 and (inside = $2 or agency = $3) and updated_at >= $4 order by created_at, id`, draft, false, agency, int64(since))
	if err != nil {
		return nil, fmt.Errorf("list threads: %w", err)
	}
	defer rows.Close()
	var out []Thread
	for rows.Next() {
		t, err := scanThread(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("list threads: %w", err)
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

// listComments returns comments with their mentions; where is a condition on c (comment) and t (thread) with $1.
func listComments(ctx context.Context, tx *db.Tx, where string, args ...any) ([]Comment, error) {
	rows, err := tx.Query(ctx, `
		select c.id, c.thread, c.person, c.agency, c.body, c.created_at, c.hidden
		  from comment c join thread t on t.id = c.thread
		 where `+where+` order by c.created_at, c.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("list comments: %w", err)
	}
	defer rows.Close()
	var out []Comment
	at := map[string]int{}
	for rows.Next() {
		var c Comment
		if err := rows.Scan(&c.ID, &c.Thread, &c.Person, &c.Agency, &c.Body, &c.CreatedAt, &c.Hidden); err != nil {
			return nil, fmt.Errorf("list comments: %w", err)
		}
		at[c.ID] = len(out)
		out = append(out, c)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("list comments: %w", err)
	}
	mentions, err := tx.Query(ctx, `
		select m.comment, m.person
		  from comment_mention m join comment c on c.id = m.comment join thread t on t.id = c.thread
		 where `+where+` order by m.person`, args...)
	if err != nil {
		return nil, fmt.Errorf("list mentions: %w", err)
	}
	defer mentions.Close()
	for mentions.Next() {
		var comment, person string
		if err := mentions.Scan(&comment, &person); err != nil {
			return nil, fmt.Errorf("list mentions: %w", err)
		}
		if i, ok := at[comment]; ok {
			out[i].Mentions = append(out[i].Mentions, person)
		}
	}
	return out, mentions.Err()
}

func count(ctx context.Context, tx *db.Tx, query string, args ...any) (int, error) {
	var n int
	if err := tx.QueryRow(ctx, query, args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count threads: %w", err)
	}
	return n, nil
}

// countBy counts the threads of each draft that meet a condition, whose arguments come first.
func countBy(ctx context.Context, tx *db.Tx, drafts []string, cond string, args ...any) (map[string]int, error) {
	out := map[string]int{}
	if len(drafts) == 0 {
		return out, nil
	}
	in, these := db.In(len(args)+1, drafts)
	rows, err := tx.Query(ctx, `select draft, count(*) from thread where `+cond+` and draft in (`+in+`) group by draft`, append(args, these...)...)
	if err != nil {
		return nil, fmt.Errorf("count threads: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var draft string
		var n int
		if err := rows.Scan(&draft, &n); err != nil {
			return nil, fmt.Errorf("count threads: %w", err)
		}
		out[draft] = n
	}
	return out, rows.Err()
}

func insertThread(ctx context.Context, tx *db.Tx, t Thread) error {
	_, err := tx.Exec(ctx, `insert into thread (`+threadColumns+`)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, '', '', '', 0, $14, $14, $15)`,
		t.ID, t.Draft, t.State, t.Kind, t.Blocking, t.Anchor.Version, t.Anchor.From, t.Anchor.To, t.Anchor.Quote, t.Anchor.Orphaned,
		t.Person, t.Agency, int64(t.CreatedAt), false, t.Inside)
	if err != nil {
		return fmt.Errorf("insert thread: %w", err)
	}
	return nil
}

func updateThread(ctx context.Context, tx *db.Tx, t Thread) error {
	_, err := tx.Exec(ctx, `
		update thread set state = $2, updated_at = $3, outcome = $4, outcome_note = $5, resolved_by = $6, resolved_at = $7, reopened = $8, hidden = $9, inside = $10
		 where id = $1`, t.ID, t.State, int64(t.UpdatedAt), t.Outcome, t.OutcomeNote, t.ResolvedBy, int64(t.ResolvedAt), t.Reopened, t.Hidden, t.Inside)
	if err != nil {
		return fmt.Errorf("update thread: %w", err)
	}
	return nil
}

// updateAnchor writes an anchor forward, never back, and never that of a thread that was changed meanwhile: it may have been put elsewhere.
func updateAnchor(ctx context.Context, tx *db.Tx, t Thread) error {
	a := t.Anchor
	_, err := tx.Exec(ctx, `update thread set version = $2, from_pos = $3, to_pos = $4, orphaned = $5 where id = $1 and version < $2 and updated_at = $6`,
		t.ID, a.Version, a.From, a.To, a.Orphaned, int64(t.UpdatedAt))
	if err != nil {
		return fmt.Errorf("move anchor: %w", err)
	}
	return nil
}

// putAnchor puts a thread on other text.
func putAnchor(ctx context.Context, tx *db.Tx, t Thread) error {
	a := t.Anchor
	_, err := tx.Exec(ctx, `update thread set version = $2, from_pos = $3, to_pos = $4, orphaned = $5, quote = $6 where id = $1`,
		t.ID, a.Version, a.From, a.To, a.Orphaned, a.Quote)
	if err != nil {
		return fmt.Errorf("put anchor: %w", err)
	}
	return nil
}

func insertComment(ctx context.Context, tx *db.Tx, c Comment) error {
	_, err := tx.Exec(ctx, `insert into comment (id, thread, person, agency, body, created_at, hidden) values ($1, $2, $3, $4, $5, $6, $7)`,
		c.ID, c.Thread, c.Person, c.Agency, c.Body, int64(c.CreatedAt), false)
	for _, p := range c.Mentions {
		if err == nil {
			_, err = tx.Exec(ctx, `insert into comment_mention (comment, person) values ($1, $2) on conflict do nothing`, c.ID, p)
		}
	}
	if err != nil {
		return fmt.Errorf("insert comment: %w", err)
	}
	return nil
}

// setHidden hides or shows a thread or a comment. The thread counts as changed.
func setHidden(ctx context.Context, tx *db.Tx, id string, hidden bool) (found bool, err error) {
	table, of := "comment", `(select thread from comment where id = $1)`
	if strings.HasPrefix(id, "th_") {
		table, of = "thread", `$1`
	}
	res, err := tx.Exec(ctx, `update `+table+` set hidden = $2 where id = $1`, id, hidden)
	if err == nil {
		_, err = tx.Exec(ctx, `update thread set updated_at = $2 where id = `+of, id, int64(tx.Now()))
	}
	if err != nil {
		return false, fmt.Errorf("hide comment: %w", err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}
