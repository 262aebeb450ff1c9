package guideline

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/multaqa/multaqa/pkg/db"
)

// Moment is a step of an edition's life that froze its text, with the version of the draft it froze.
type Moment struct {
	Entry
	Version int64
}

// Origin is the published edition whose text a draft began with.
type Origin struct {
	Edition     string
	Draft       string
	Version     int64 // of that draft, as published
	Number      Number
	PublishedAt db.Time
}

// Moments lists the steps of the edition of a draft whose text was kept, oldest first. It asks no policy.
func Moments(ctx context.Context, tx *db.Tx, draft string) ([]Moment, error) {
	rows, err := tx.Query(ctx, `
		select s.at, s.step, s.from_state, s.to_state, s.person, s.agency, s.hash, r.version
		  from edition e
		  join edition_step s on s.edition = e.id
		  join edition_revision r on r.edition = e.id and r.hash = s.hash
		 where e.draft = $1 and s.hash <> ''
		 order by s.n`, draft)
	if err != nil {
		return nil, fmt.Errorf("moments of draft %s: %w", draft, err)
	}
	defer rows.Close()
	var out []Moment
	for rows.Next() {
		var m Moment
		if err := rows.Scan(&m.At, &m.Step, &m.From, &m.To, &m.Person, &m.Agency, &m.Hash, &m.Version); err != nil {
			return nil, fmt.Errorf("moments of draft %s: %w", draft, err)
		}
		out = append(out, m)
	}
	return out, rows.Err()
}

// OriginOf finds the edition of the same guideline, published before the draft was made, whose text has the hash that the draft's first text
// has. ok is false when the draft began otherwise. It asks no policy.
func OriginOf(ctx context.Context, tx *db.Tx, draft, hash string) (o Origin, ok bool, err error) {
	err = tx.QueryRow(ctx, `
		select p.id, p.draft, p.revision_version, p.major, p.minor, p.published_at
		  from edition e
		  join edition p on p.guideline = e.guideline and p.id <> e.id
		 where e.draft = $1 and p.revision_hash = $2 and p.published_at > 0 and p.published_at <= e.created_at
		 order by p.published_at desc limit 1`, draft, hash).Scan(&o.Edition, &o.Draft, &o.Version, &o.Number.Major, &o.Number.Minor, &o.PublishedAt)
	if errors.Is(err, sql.ErrNoRows) {
		return o, false, nil
	}
	if err != nil {
		return o, false, fmt.Errorf("origin of draft %s: %w", draft, err)
	}
	return o, true, nil
}

// TextOf is where the text of an edition is: its draft, and the version of it that was frozen. ok is false for one that froze none.
func TextOf(ctx context.Context, tx *db.Tx, edition string) (draft string, version int64, ok bool, err error) {
	err = tx.QueryRow(ctx, `
		select e.draft, r.version from edition e join edition_revision r on r.edition = e.id and r.hash = e.revision_hash where e.id = $1`, edition).Scan(&draft, &version)
	if errors.Is(err, sql.ErrNoRows) {
		return "", 0, false, nil
	}
	if err != nil {
		return "", 0, false, fmt.Errorf("text of edition %s: %w", edition, err)
	}
	return draft, version, draft != "", nil
}
