package section

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/policy"
)

const columns = `id, draft, version, at_pos, heading, agency, due_at, note, person, created_at, updated_at, done_at, done_by, ended_at`

func scan(scan func(...any) error) (Section, error) {
	var s Section
	err := scan(&s.ID, &s.Draft, &s.Place.Version, &s.Place.Pos, &s.Heading, &s.Agency, &s.DueAt, &s.Note, &s.Person, &s.CreatedAt, &s.UpdatedAt,
		&s.DoneAt, &s.DoneBy, &s.endedAt)
	return s, err
}

// list returns sections by a condition with $1.
func list(ctx context.Context, tx *db.Tx, where string, arg any) ([]Section, error) {
	rows, err := tx.Query(ctx, `select `+columns+` from section where `+where+` order by created_at, id`, arg)
	if err != nil {
		return nil, fmt.Errorf("list sections: %w", err)
	}
	defer rows.Close()
	var out []Section
	for rows.Next() {
		s, err := scan(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("list sections: %w", err)
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// findForUpdate reads a section and locks its row. One that was given back is not found.
func findForUpdate(ctx context.Context, tx *db.Tx, id string) (Section, error) {
	s, err := scan(tx.QueryRow(ctx, `select `+columns+` from section where id = $1`+tx.ForUpdate(), id).Scan)
	if errors.Is(err, sql.ErrNoRows) || err == nil && s.endedAt != 0 {
		return s, policy.NotFound("section")
	}
	if err != nil {
		return s, fmt.Errorf("find section: %w", err)
	}
	return s, nil
}

func insert(ctx context.Context, tx *db.Tx, s Section) error {
	_, err := tx.Exec(ctx, `insert into section (`+columns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, 0, '', 0)`,
		s.ID, s.Draft, s.Place.Version, s.Place.Pos, s.Heading, s.Agency, int64(s.DueAt), s.Note, s.Person, int64(s.CreatedAt))
	if err != nil {
		return fmt.Errorf("insert section: %w", err)
	}
	return nil
}

func update(ctx context.Context, tx *db.Tx, s Section) error {
	_, err := tx.Exec(ctx, `
		update section set agency = $2, due_at = $3, note = $4, updated_at = $5, done_at = $6, done_by = $7, ended_at = $8 where id = $1`,
		s.ID, s.Agency, int64(s.DueAt), s.Note, int64(s.UpdatedAt), int64(s.DoneAt), s.DoneBy, int64(s.endedAt))
	if err != nil {
		return fmt.Errorf("update section: %w", err)
	}
	return nil
}

// updatePlace writes a place forward, never back.
func updatePlace(ctx context.Context, tx *db.Tx, id string, p place) error {
	if _, err := tx.Exec(ctx, `update section set version = $2, at_pos = $3 where id = $1 and version < $2`, id, p.Version, p.Pos); err != nil {
		return fmt.Errorf("move section: %w", err)
	}
	return nil
}
