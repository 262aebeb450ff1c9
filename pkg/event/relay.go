package event

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
)

// wakers are told after each commit on this node that the chain has grown.
var (
	wakersMu sync.Mutex
	wakers   = map[chan struct{}]bool{}
)

// Wake tells the relays of this process that the chain may have grown.
func Wake() { wake() }

func wake() {
	wakersMu.Lock()
	defer wakersMu.Unlock()
	for c := range wakers {
		select {
		case c <- struct{}{}:
		default: // already awake
		}
	}
}

// Handler handles one record in a transaction of its own, in which the cursor
// moves too: the effect and the progress are one. It must be safe to run twice.
type Handler func(ctx context.Context, tx *db.Tx, r Record) error

type subscriber struct {
	name  string
	kinds []string
	fn    Handler
}

// Relay hands the chain to durable subscribers and tells live listeners what
// grew. One goroutine owns each subscriber; Run stops them.
type Relay struct {
	db   *db.DB
	log  *slog.Logger
	subs []subscriber
	live []func(Record)
}

// NewRelay returns a relay without subscribers.
func NewRelay(d *db.DB, log *slog.Logger) *Relay { return &Relay{db: d, log: log} }

// Subscribe adds a durable subscriber before Run. It sees every record of the
// kinds once committed, in order, at least once over all nodes.
func (r *Relay) Subscribe(name string, kinds []string, fn Handler) {
	r.subs = append(r.subs, subscriber{name, kinds, fn})
}

// Listen adds a listener on this node before Run: every record from now on,
// whichever node wrote it, within two seconds. It keeps no cursor, so a
// restart misses what happened meanwhile: for hints to screens only.
func (r *Relay) Listen(fn func(Record)) { r.live = append(r.live, fn) }

// Run works until ctx ends.
func (r *Relay) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for _, s := range r.subs {
		wg.Go(func() { r.loop(ctx, s.name, func() (bool, error) { return r.step(ctx, s) }) })
	}
	if len(r.live) > 0 {
		var at int64 = -1
		wg.Go(func() { r.loop(ctx, "live", func() (bool, error) { return r.tell(ctx, &at) }) })
	}
	wg.Wait()
}

func (r *Relay) loop(ctx context.Context, name string, step func() (more bool, err error)) {
	c := make(chan struct{}, 1)
	wakersMu.Lock()
	wakers[c] = true
	wakersMu.Unlock()
	defer func() {
		wakersMu.Lock()
		delete(wakers, c)
		wakersMu.Unlock()
	}()
	for ctx.Err() == nil {
		more, err := step()
		if err != nil && ctx.Err() == nil {
			r.log.Error("event subscriber", "subscriber", name, "error", err)
		}
		if more && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-c:
		case <-time.After(2 * time.Second):
		}
	}
}

// step handles the next record of s, if there is one.
func (r *Relay) step(ctx context.Context, s subscriber) (more bool, err error) {
	err = r.db.Transact(ctx, func(tx *db.Tx) error {
		more = false
		var at int64
		err := tx.QueryRow(ctx, `select seq from event_cursor where subscriber = $1`+tx.ForUpdate(), s.name).Scan(&at)
		if errors.Is(err, sql.ErrNoRows) {
			_, err = tx.Exec(ctx, `insert into event_cursor (subscriber, seq) values ($1, 0) on conflict (subscriber) do nothing`, s.name)
			more = true
			return err
		}
		if err != nil {
			return err
		}
		batch, err := List(ctx, tx, at, 1)
		if err != nil || len(batch) == 0 {
			return err
		}
		more = true
		if matches(batch[0].Kind, s.kinds) {
			if err := s.fn(ctx, tx, batch[0]); err != nil {
				return fmt.Errorf("record %d: %w", batch[0].Seq, err)
			}
		}
		_, err = tx.Exec(ctx, `update event_cursor set seq = $1 where subscriber = $2`, batch[0].Seq, s.name)
		return err
	})
	return more, err
}

// tell hands new records to the live listeners.
func (r *Relay) tell(ctx context.Context, at *int64) (more bool, err error) {
	var batch []Record
	err = r.db.Read(ctx, func(tx *db.Tx) error {
		if *at < 0 {
			var err error
			*at, _, err = Head(ctx, tx)
			return err
		}
		var err error
		batch, err = List(ctx, tx, *at, 200)
		return err
	})
	for _, rec := range batch {
		for _, fn := range r.live {
			fn(rec)
		}
		*at = rec.Seq
	}
	return len(batch) == 200, err
}
