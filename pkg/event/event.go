// Package event is the hub's record of what happened: append-only, gap-free
// and chained by hash. It is audit and outbox in one: the last statement of a
// state-changing transaction locks the head, takes the next sequence number
// and writes the event, so the record is in commit order and can be read as a
// feed (decision 1 of the architecture). Bodies hold ids and facts, no names
// of people and no texts.
//
// Subscribers read the chain in order, each from its own cursor, at least
// once. A relay wakes them after a commit on this node and every two seconds.
package event

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Event is a fact in the past tense. Its JSON is the body of the record.
type Event interface {
	Kind() string   // "ballot.closed"
	Object() string // "bl_…"
}

// Record is an event as kept.
type Record struct {
	Seq      int64   `json:"seq"`
	At       db.Time `json:"at"`
	Person   string  `json:"person"`
	Seat     string  `json:"seat"`
	Agency   string  `json:"agency"`
	Kind     string  `json:"kind"`
	Object   string  `json:"object"`
	Body     string  `json:"body"`
	PrevHash string  `json:"prev_hash"`
	Hash     string  `json:"hash"`
}

// digest is SHA-256 over the fields with their lengths, so that no two
// records have one preimage.
func (r Record) digest() string {
	h := sha256.New()
	for _, s := range []string{fmt.Sprint(r.Seq), fmt.Sprint(int64(r.At)), r.Person, r.Seat, r.Agency, r.Kind, r.Object, r.Body, r.PrevHash} {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Append writes the event as the next of the chain. Call it last in the
// transaction: it locks the head until commit.
func Append(ctx context.Context, tx *db.Tx, actor policy.Actor, ev Event) error {
	body, err := json.Marshal(ev)
	if err != nil {
		return fmt.Errorf("event %s: %w", ev.Kind(), err)
	}
	r := Record{Person: actor.Person, Seat: actor.Seat, Agency: actor.Agency,
		Kind: ev.Kind(), Object: ev.Object(), Body: string(body)}
	if actor.System {
		r.Person = "system"
	}
	err = tx.QueryRow(ctx, `select seq, hash from event_head where id = 1`+tx.ForUpdate()).Scan(&r.Seq, &r.PrevHash)
	if err != nil {
		return fmt.Errorf("event head: %w", err)
	}
	r.Seq++
	r.At = tx.Now()
	r.Hash = r.digest()
	_, err = tx.Exec(ctx, `
		insert into event (seq, at, person, seat, agency, kind, object, body, prev_hash, hash)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		r.Seq, int64(r.At), r.Person, r.Seat, r.Agency, r.Kind, r.Object, r.Body, r.PrevHash, r.Hash)
	if err != nil {
		return fmt.Errorf("append event: %w", err)
	}
	if _, err = tx.Exec(ctx, `update event_head set seq = $1, hash = $2 where id = 1`, r.Seq, r.Hash); err != nil {
		return fmt.Errorf("event head: %w", err)
	}
	tx.AfterCommit(wake)
	return nil
}

// List returns up to limit records after seq, in order; kinds narrows them
// ("ballot." matches every kind of ballots).
func List(ctx context.Context, tx *db.Tx, after int64, limit int, kinds ...string) ([]Record, error) {
	rows, err := tx.Query(ctx, `
		select seq, at, person, seat, agency, kind, object, body, prev_hash, hash
		  from event where seq > $1 order by seq limit $2`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	defer rows.Close()
	var out []Record
	for rows.Next() {
		var r Record
		if err := rows.Scan(&r.Seq, &r.At, &r.Person, &r.Seat, &r.Agency, &r.Kind, &r.Object, &r.Body, &r.PrevHash, &r.Hash); err != nil {
			return nil, fmt.Errorf("list events: %w", err)
		}
		if matches(r.Kind, kinds) {
			out = append(out, r)
		}
	}
	return out, rows.Err()
}

func matches(kind string, kinds []string) bool {
	if len(kinds) == 0 {
		return true
	}
	for _, k := range kinds {
		if k == kind || (strings.HasSuffix(k, ".") && strings.HasPrefix(kind, k)) {
			return true
		}
	}
	return false
}

// SQLHead reads the sequence number of the newest record, and nothing else: for those who ask in every transaction.
const SQLHead = `select seq from event_head where id = 1`

// Head is the sequence number and hash of the newest record.
func Head(ctx context.Context, tx *db.Tx) (seq int64, hash string, err error) {
	err = tx.QueryRow(ctx, `select seq, hash from event_head where id = 1`).Scan(&seq, &hash)
	return seq, hash, err
}

// Verify reads the whole chain and returns its length. The error names the
// first record that is missing, changed, swapped or cut off.
func Verify(ctx context.Context, tx *db.Tx) (int64, error) {
	var prev Record
	for {
		batch, err := List(ctx, tx, prev.Seq, 1000)
		if err != nil {
			return prev.Seq, err
		}
		if len(batch) == 0 {
			break
		}
		for _, r := range batch {
			if r.Seq != prev.Seq+1 {
				return prev.Seq, fmt.Errorf("audit record %d is missing", prev.Seq+1)
			}
			if r.PrevHash != prev.Hash {
				return prev.Seq, fmt.Errorf("audit record %d does not follow record %d", r.Seq, prev.Seq)
			}
			if r.digest() != r.Hash {
				return prev.Seq, fmt.Errorf("audit record %d was changed", r.Seq)
			}
			prev = r
		}
	}
	seq, hash, err := Head(ctx, tx)
	if err != nil {
		return prev.Seq, err
	}
	if seq != prev.Seq || hash != prev.Hash {
		return prev.Seq, fmt.Errorf("audit record ends at %d, its head says %d", prev.Seq, seq)
	}
	return prev.Seq, nil
}
