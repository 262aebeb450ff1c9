package member

import (
	"context"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
)

// slow delays sign-in attempts by key: account, source and known device. What
// was spent stands in the database, so that all nodes count together and a
// restart forgets nothing. It is a delay and never a lock: an allowance comes
// back with time, whatever others go on trying.
type slow struct {
	db    *db.DB
	turns atomic.Int64
}

// allowance is burst attempts at once, and one more every period.
type allowance struct {
	burst  int64
	period time.Duration
}

var (
	perAccount = allowance{burst: 10, period: 30 * time.Second}
	perSource  = allowance{burst: 40, period: 3 * time.Second}
	perDevice  = allowance{burst: 10, period: 30 * time.Second}
)

// Bounds of the table: rows that say nothing any more go with the attempts
// that come after them, and every trimEvery attempts of a node those beyond
// maxAttempts go too, the ones soonest forgiven first.
const (
	maxAttempts = 50_000
	sweepAtOnce = 20
	trimEvery   = 512
)

// spent is what one attempt took; giving it back is for an attempt that was right.
type spent map[string]allowance

// take spends one attempt of every key, or none and a session.slow_down fault
// that says how many seconds to wait. It is a transaction of its own, and not
// the request's: a failed attempt must count whatever becomes of the request.
func (s *slow) take(ctx context.Context, keys spent) error {
	ctx = db.Apart(ctx)
	return s.db.Transact(ctx, func(tx *db.Tx) error {
		now := tx.Now()
		var wait time.Duration
		for _, key := range keys.sorted() {
			// The upsert creates and locks the row in one step; one that is
			// refused is rolled back.
			a := keys[key]
			var free db.Time
			err := tx.QueryRow(ctx, `
				insert into signin_attempt (key, free_at) values ($1, $2)
				on conflict (key) do update set free_at = case when signin_attempt.free_at > $3 then signin_attempt.free_at else $3 end + $4
				returning free_at`, digest(key), int64(now.Add(a.period)), int64(now), a.period.Microseconds()).Scan(&free)
			if err != nil {
				return wrap("count attempt", err)
			}
			wait = max(wait, free.Time().Sub(now.Time())-time.Duration(a.burst)*a.period)
		}
		if wait > 0 {
			return fault.New(fault.RateLimited, "session.slow_down").With("retry_after", int((wait+time.Second-1)/time.Second))
		}
		return s.sweep(ctx, tx, now)
	})
}

// giveBack undoes take within the caller's transaction: a sign-in that
// succeeds costs nothing.
func (s *slow) giveBack(ctx context.Context, tx *db.Tx, keys spent) error {
	for _, key := range keys.sorted() {
		_, err := tx.Exec(ctx, `update signin_attempt set free_at = free_at - $2 where key = $1`, digest(key), keys[key].period.Microseconds())
		if err != nil {
			return wrap("forgive attempt", err)
		}
	}
	return nil
}

// sweep removes a few rows that say nothing any more: as many as an attempt
// adds and some, so that the table holds what the last minutes brought.
func (s *slow) sweep(ctx context.Context, tx *db.Tx, now db.Time) error {
	lock := tx.ForUpdate()
	if lock != "" {
		lock += " skip locked" // another attempt has it, and gives it a meaning again
	}
	_, err := tx.Exec(ctx, `
		delete from signin_attempt
		 where free_at <= $1 and key in (select key from signin_attempt where free_at <= $1 order by free_at limit $2`+lock+`)`, int64(now), sweepAtOnce)
	if err != nil || s.turns.Add(1)%trimEvery != 0 {
		return wrap("forget attempts", err)
	}
	return s.trim(ctx, tx, maxAttempts)
}

// trim keeps the table to its newest rows.
func (s *slow) trim(ctx context.Context, tx *db.Tx, keep int) error {
	_, err := tx.Exec(ctx, `
		delete from signin_attempt
		 where key not in (select key from signin_attempt order by free_at desc, key limit $1)`, keep)
	return wrap("trim attempts", err)
}

// sorted is the order in which all lock the keys.
func (k spent) sorted() []string { return slices.Sorted(maps.Keys(k)) }
