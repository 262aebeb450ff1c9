package draft

import (
	"context"
	"fmt"

	"github.com/multaqa/multaqa/pkg/db"
)

// Author is whose updates a client's are.
type Author struct{ Person, Agency string }

// Log is what can be known of a draft's log without reading it.
type Log struct {
	Edition   string
	Epoch     string // one life of the log: another one may hold other updates under the same versions
	Head      int64
	CreatedAt db.Time
}

// LogOf describes the log of a draft. It asks no policy.
//
// Faults: draft.not_found.
func LogOf(ctx context.Context, tx *db.Tx, draft string) (Log, error) {
	d, err := find(ctx, tx, draft)
	if err != nil {
		return Log{}, err
	}
	l := Log{Edition: d.edition, Epoch: d.epoch}
	if err := tx.QueryRow(ctx, `select created_at from draft where key = $1`, d.key).Scan(&l.CreatedAt); err != nil {
		return l, fmt.Errorf("draft: %w", err)
	}
	l.Head, err = findHead(ctx, tx, d.key)
	return l, err
}

// Clients returns the authors behind all client numbers, also of those that wrote nothing. It asks no policy.
//
// Faults: draft.not_found.
func Clients(ctx context.Context, tx *db.Tx, draft string) (map[int64]Author, error) {
	d, err := find(ctx, tx, draft)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `select client, person, agency from draft_client where draft = $1`, d.key)
	if err != nil {
		return nil, fmt.Errorf("clients of draft: %w", err)
	}
	defer rows.Close()
	out := map[int64]Author{}
	for rows.Next() {
		var n int64
		var a Author
		if err := rows.Scan(&n, &a.Person, &a.Agency); err != nil {
			return nil, fmt.Errorf("clients of draft: %w", err)
		}
		out[n] = a
	}
	return out, rows.Err()
}

// replayBytes is about how much of the log Replay holds at a time.
const replayBytes = 1 << 20

// Replay calls fn with the updates after < version <= until, in order, and with when each was written. It reads only the rows that hold them, and
// asks no policy. An error of fn ends it.
//
// Faults: draft.not_found; an error when the log ends before until.
func Replay(ctx context.Context, tx *db.Tx, draft string, after, until int64, fn func(u Update, at db.Time) error) error {
	d, err := find(ctx, tx, draft)
	if err != nil || after >= until {
		return err
	}
	for after < until {
		rows, err := listRows(ctx, tx, d.key, after, replayBytes)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			break
		}
		for _, r := range rows {
			us, err := r.updates()
			if err != nil {
				return fmt.Errorf("draft %s: %w", draft, err)
			}
			for _, u := range us {
				if u.Version <= after || u.Version > until {
					continue
				}
				if u.Version != after+1 {
					return fmt.Errorf("draft %s: the log lacks update %d", draft, after+1)
				}
				after = u.Version
				if err := fn(u, r.at); err != nil {
					return err
				}
			}
		}
	}
	if after < until {
		return fmt.Errorf("draft %s: the log ends at %d, before %d", draft, after, until)
	}
	return nil
}

// AppendRuns writes updates in the run form of docs/protocol.md, as a frame carries them after its header.
func AppendRuns(dst []byte, updates []Update) []byte { return appendRuns(dst, updates) }
