package suggestion

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/policy"
)

const columns = `id, draft, key, state, version, length, body, orphaned, quote, insertion, note, person, agency, seat, created_at, updated_at,
	decided_by, decided_agency, decided_at, reason, log_version, thread, hidden`

func scan(row func(...any) error) (*Suggestion, error) {
	s := &Suggestion{}
	var body []byte
	var thread sql.NullString
	err := row(&s.ID, &s.Draft, &s.Key, &s.State, &s.Version, &s.length, &body, &s.Orphaned, &s.Quote, &s.Insertion, &s.Note, &s.Person, &s.Agency, &s.Seat,
		&s.CreatedAt, &s.UpdatedAt, &s.DecidedBy, &s.DecidedAgency, &s.DecidedAt, &s.Reason, &s.LogVersion, &thread, &s.Hidden)
	if err != nil {
		return nil, err
	}
	s.Thread = thread.String
	var rest []byte
	if s.change, rest, err = changeset.ReadBinary(body, s.length); err == nil && len(rest) > 0 {
		err = changeset.ErrBinary
	}
	if err != nil {
		return nil, fmt.Errorf("suggestion %s is damaged: %w", s.ID, err)
	}
	return s, nil
}

// find reads the one row that a condition leaves; lock is "" or tx.ForUpdate(). A missing one is policy's not found.
func find(ctx context.Context, tx *db.Tx, lock, where string, args ...any) (*Suggestion, error) {
	s, err := scan(tx.QueryRow(ctx, `select `+columns+` from suggestion where `+where+lock, args...).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, policy.NotFound("suggestion")
	}
	if err != nil {
		return nil, fmt.Errorf("find suggestion: %w", err)
	}
	return s, nil
}

func list(ctx context.Context, tx *db.Tx, tail, where string, args ...any) ([]*Suggestion, error) {
	rows, err := tx.Query(ctx, `select `+columns+` from suggestion where `+where+` `+tail, args...)
	if err != nil {
		return nil, fmt.Errorf("list suggestions: %w", err)
	}
	defer rows.Close()
	var out []*Suggestion
	for rows.Next() {
		s, err := scan(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("list suggestions: %w", err)
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

func insert(ctx context.Context, tx *db.Tx, s *Suggestion) error {
	_, err := tx.Exec(ctx, `insert into suggestion (`+columns+`)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, '', '', 0, '', 0, $17, false)`,
		s.ID, s.Draft, s.Key, s.State, s.Version, s.length, s.change.AppendBinary(nil), s.Orphaned, s.Quote, s.Insertion, s.Note, s.Person, s.Agency, s.Seat,
		int64(s.CreatedAt), int64(s.UpdatedAt), sql.NullString{String: s.Thread, Valid: s.Thread != ""})
	if err != nil {
		return fmt.Errorf("insert suggestion: %w", err)
	}
	return nil
}

// update writes everything that may change.
func update(ctx context.Context, tx *db.Tx, s *Suggestion) error {
	_, err := tx.Exec(ctx, `
		update suggestion set state = $2, version = $3, length = $4, body = $5, orphaned = $6, quote = $7, insertion = $8, note = $9, updated_at = $10,
		       decided_by = $11, decided_agency = $12, decided_at = $13, reason = $14, log_version = $15, thread = $16
		 where id = $1`, s.ID, s.State, s.Version, s.length, s.change.AppendBinary(nil), s.Orphaned, s.Quote, s.Insertion, s.Note, int64(s.UpdatedAt),
		s.DecidedBy, s.DecidedAgency, int64(s.DecidedAt), s.Reason, s.LogVersion, sql.NullString{String: s.Thread, Valid: s.Thread != ""})
	if err != nil {
		return fmt.Errorf("update suggestion: %w", err)
	}
	return nil
}

// forward writes a position forward, never back, and never that of one that was decided or revised meanwhile.
func forward(ctx context.Context, tx *db.Tx, s *Suggestion) error {
	_, err := tx.Exec(ctx, `
		update suggestion set version = $3, length = $4, body = $5, orphaned = $6
		 where id = $1 and updated_at = $2 and version < $3 and state = 'open'`,
		s.ID, int64(s.UpdatedAt), s.Version, s.length, s.change.AppendBinary(nil), s.Orphaned)
	if err != nil {
		return fmt.Errorf("move suggestion: %w", err)
	}
	return nil
}

func count(ctx context.Context, tx *db.Tx, draft string) (int, error) {
	var n int
	if err := tx.QueryRow(ctx, `select count(*) from suggestion where draft = $1 and state = 'open'`, draft).Scan(&n); err != nil {
		return 0, fmt.Errorf("count suggestions: %w", err)
	}
	return n, nil
}
