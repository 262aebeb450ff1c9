package db

import (
	"context"
	"fmt"
	"time"

	"github.com/gofrs/flock"
)

// Alone takes a lock of the database that one process at a time holds, until
// release or its end: on PostgreSQL an advisory lock, for SQLite one of the
// file beside it, .lock. It waits for three seconds, because PostgreSQL notices
// late that a process was killed. Only who takes the lock too is kept away.
func (d *DB) Alone(ctx context.Context) (release func(), free bool, err error) {
	for tries := 0; ; tries++ {
		if d.engine == Postgres {
			release, free, err = d.advisory(ctx)
		} else {
			release, free, err = d.file()
		}
		switch {
		case err != nil:
			return nil, false, fmt.Errorf("lock database: %w", err)
		case free || tries == 30:
			return release, free, nil
		}
		select {
		case <-ctx.Done():
			return nil, false, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (d *DB) advisory(ctx context.Context) (release func(), free bool, err error) {
	conn, err := d.write.Conn(ctx) // the lock is the connection's
	if err != nil {
		return nil, false, err
	}
	if err = conn.QueryRowContext(ctx, `select pg_try_advisory_lock(hashtext('multaqa alone'))`).Scan(&free); err != nil || !free {
		conn.Close()
		return nil, false, err
	}
	return func() {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), `select pg_advisory_unlock(hashtext('multaqa alone'))`)
		conn.Close()
	}, true, nil
}

// file locks a file of its own: SQLite takes and drops locks of the database itself, and closing any descriptor of a file drops them all.
func (d *DB) file() (release func(), free bool, err error) {
	lock := flock.New(d.path + ".lock")
	if free, err = lock.TryLock(); err != nil || !free {
		return nil, false, err
	}
	return func() { _ = lock.Close() }, true, nil
}
