package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/policy"
)

// lastFrame is the version of the newest frame; -1 without any.
func lastFrame(ctx context.Context, tx *db.Tx, draft string) (int64, error) {
	var v int64
	if err := tx.QueryRow(ctx, `select coalesce(max(version), -1) from history_frame where draft = $1`, draft).Scan(&v); err != nil {
		return 0, fmt.Errorf("newest frame: %w", err)
	}
	return v, nil
}

// findFrame reads the newest frame at or before a version; nil without any.
func findFrame(ctx context.Context, tx *db.Tx, draft string, version int64) (*state, error) {
	var v int64
	var at db.Time
	var body []byte
	err := tx.QueryRow(ctx, `
		select version, at, body from history_frame where draft = $1 and version <= $2 order by version desc limit 1`, draft, version).Scan(&v, &at, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("frame of %d: %w", version, err)
	}
	return decodeState(v, at, body)
}

// insertFrame keeps a frame; that another node was first is as good.
func insertFrame(ctx context.Context, tx *db.Tx, draft string, f frame) error {
	_, err := tx.Exec(ctx, `
		insert into history_frame (draft, version, at, slots, body, delta) values ($1, $2, $3, $4, $5, $6) on conflict (draft, version) do nothing`,
		draft, f.version, int64(f.at), f.counts, f.body, f.delta)
	if err != nil {
		return fmt.Errorf("insert frame: %w", err)
	}
	return nil
}

// listDeltas reads what became of the text from one frame to the next, from the frame at version from on, as far as frames follow each other
// and not beyond to.
func listDeltas(ctx context.Context, tx *db.Tx, draft string, from, to int64) ([]delta, error) {
	rows, err := tx.Query(ctx, `select version, delta from history_frame where draft = $1 and version > $2 and version <= $3 order by version`, draft, from, to)
	if err != nil {
		return nil, fmt.Errorf("deltas of frames: %w", err)
	}
	defer rows.Close()
	var out []delta
	for rows.Next() {
		var v int64
		var raw []byte
		if err := rows.Scan(&v, &raw); err != nil {
			return nil, fmt.Errorf("deltas of frames: %w", err)
		}
		if v != from+frameUpdates {
			break
		}
		d, err := decodeDelta(raw)
		if err != nil {
			return nil, err
		}
		out, from = append(out, d), v
	}
	return out, rows.Err()
}

// listSlots reads the counts of all frames, one small row for each.
func listSlots(ctx context.Context, tx *db.Tx, draft string) ([]slot, int64, error) {
	rows, err := tx.Query(ctx, `select version, slots from history_frame where draft = $1 order by version`, draft)
	if err != nil {
		return nil, 0, fmt.Errorf("counts of frames: %w", err)
	}
	defer rows.Close()
	var out []slot
	var from int64
	for rows.Next() {
		var v int64
		var raw []byte
		if err := rows.Scan(&v, &raw); err != nil {
			return nil, 0, fmt.Errorf("counts of frames: %w", err)
		}
		list, err := decodeSlots(from, raw)
		if err != nil {
			return nil, 0, err
		}
		out, from = append(out, list...), v
	}
	return out, from, rows.Err()
}

func insertOrigin(ctx context.Context, tx *db.Tx, draft string, writer int64, a draft.Author) error {
	_, err := tx.Exec(ctx, `
		insert into history_origin (draft, writer, person, agency) values ($1, $2, $3, $4) on conflict (draft, writer) do nothing`,
		draft, writer, a.Person, a.Agency)
	if err != nil {
		return fmt.Errorf("insert origin: %w", err)
	}
	return nil
}

func listOrigin(ctx context.Context, tx *db.Tx, draftID string, into map[int64]draft.Author) error {
	rows, err := tx.Query(ctx, `select writer, person, agency from history_origin where draft = $1`, draftID)
	if err != nil {
		return fmt.Errorf("origin of draft: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		var a draft.Author
		if err := rows.Scan(&n, &a.Person, &a.Agency); err != nil {
			return fmt.Errorf("origin of draft: %w", err)
		}
		into[n] = a
	}
	return rows.Err()
}

// listDue names drafts whose log has gone on for a frame or more since the last one.
func listDue(ctx context.Context, tx *db.Tx, limit int) ([]string, error) {
	rows, err := tx.Query(ctx, `
		select id from (
			select d.id, t.head, coalesce((select max(f.version) from history_frame f where f.draft = d.id), 0) as framed
			  from draft d
			  join draft_tip t on t.draft = d.key) x
		 where head - framed >= $1
		 limit $2`, frameUpdates, limit)
	if err != nil {
		return nil, fmt.Errorf("drafts without frames: %w", err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("drafts without frames: %w", err)
		}
		out = append(out, id)
	}
	return out, rows.Err()
}

func insertRevision(ctx context.Context, tx *db.Tx, r Revision) error {
	_, err := tx.Exec(ctx, `
		insert into revision (id, draft, version, kind, name, restored, person, agency, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		r.ID, r.Draft, r.Version, string(r.Kind), r.Name, r.Restored, r.Person, r.Agency, int64(r.At))
	if err != nil {
		return fmt.Errorf("insert revision: %w", err)
	}
	return nil
}

func listRevisions(ctx context.Context, tx *db.Tx, draft string) ([]Revision, error) {
	rows, err := tx.Query(ctx, `
		select id, version, kind, name, restored, person, agency, created_at
		  from revision where draft = $1 order by version, created_at, id`, draft)
	if err != nil {
		return nil, fmt.Errorf("revisions: %w", err)
	}
	defer rows.Close()
	var out []Revision
	for rows.Next() {
		r := Revision{Draft: draft}
		if err := rows.Scan(&r.ID, &r.Version, &r.Kind, &r.Name, &r.Restored, &r.Person, &r.Agency, &r.At); err != nil {
			return nil, fmt.Errorf("revisions: %w", err)
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

func countRevisions(ctx context.Context, tx *db.Tx, draft string) (int, error) {
	var n int
	if err := tx.QueryRow(ctx, `select count(*) from revision where draft = $1`, draft).Scan(&n); err != nil {
		return 0, fmt.Errorf("revisions: %w", err)
	}
	return n, nil
}

// findRevision reads a named revision and locks its row; others have no name to change. A missing one is policy's not found.
func findRevision(ctx context.Context, tx *db.Tx, id string) (Revision, error) {
	r := Revision{}
	err := tx.QueryRow(ctx, `select id, draft, version, kind, name, restored, person, agency, created_at from revision where id = $1 and kind = 'named'`+tx.ForUpdate(), id).
		Scan(&r.ID, &r.Draft, &r.Version, &r.Kind, &r.Name, &r.Restored, &r.Person, &r.Agency, &r.At)
	if errors.Is(err, sql.ErrNoRows) {
		return r, policy.NotFound("revision")
	}
	if err != nil {
		return r, fmt.Errorf("find revision: %w", err)
	}
	return r, nil
}

func renameRevision(ctx context.Context, tx *db.Tx, id, name string) error {
	if _, err := tx.Exec(ctx, `update revision set name = $2 where id = $1`, id, name); err != nil {
		return fmt.Errorf("rename revision: %w", err)
	}
	return nil
}

func deleteRevision(ctx context.Context, tx *db.Tx, id string) error {
	if _, err := tx.Exec(ctx, `delete from revision where id = $1`, id); err != nil {
		return fmt.Errorf("delete revision: %w", err)
	}
	return nil
}
