package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
)

// lane runs statements that are compiled once on SQLite's writer connection, past database/sql: there every transaction costs a goroutine
// that watches its context and every statement its compilation, which together is more than the work of a small one. What is kept
// belongs to the connection it was compiled on. Its methods run inside sql.Conn.Raw, so one at a time.
type lane struct {
	on    any // the driver's connection
	stmts map[string]driver.Stmt
}

// exec runs a statement and returns how many rows it changed.
func (l *lane) exec(on any, query string, args []any) (int64, error) {
	if l.on != on {
		l.on, l.stmts = on, map[string]driver.Stmt{} // the statements before went with their connection
	}
	st := l.stmts[query]
	if st == nil {
		var err error
		if st, err = on.(driver.ConnPrepareContext).PrepareContext(context.Background(), query); err != nil {
			return 0, err
		}
		l.stmts[query] = st
	}
	named := make([]driver.NamedValue, len(args))
	for i, v := range args {
		v, err := driver.DefaultParameterConverter.ConvertValue(v)
		if err != nil {
			return 0, err
		}
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	// No context that could end: it would cost a goroutine.
	res, err := st.(driver.StmtExecContext).ExecContext(context.Background(), named)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// forgetKept ends the statements that are kept compiled.
func (d *DB) forgetKept() error {
	if d.engine != SQLite || d.lane.on == nil {
		return nil
	}
	conn, err := d.write.Conn(context.Background())
	if err != nil {
		return nil //nolint:nilerr // closed already
	}
	defer conn.Close()
	return conn.Raw(func(on any) (err error) {
		if d.lane.on == on { // else they went with their connection
			for _, st := range d.lane.stmts {
				err = errors.Join(err, st.Close())
			}
		}
		d.lane = lane{}
		return err
	})
}

func (d *DB) laneExec(conn *sql.Conn, query string, args ...any) (n int64, err error) {
	err = conn.Raw(func(on any) error {
		n, err = d.lane.exec(on, query, args)
		return err
	})
	return n, err
}

// Group is Transact for many small statements: ExecKept keeps them compiled on SQLite. It cannot be cancelled, and does not call what
// BeforeCommit set.
func (d *DB) Group(fn func(tx *Tx) error) error {
	ctx := context.Background()
	if d.engine != SQLite {
		return d.Transact(ctx, fn)
	}
	return retry(ctx, func() error { return d.group(ctx, fn) })
}

func (d *DB) group(ctx context.Context, fn func(tx *Tx) error) (err error) {
	conn, err := d.write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer conn.Close()
	if _, err := d.laneExec(conn, `begin immediate`); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	open := true
	defer func() {
		if open { // an error, or a panic on its way up
			if _, rerr := d.laneExec(conn, `rollback`); rerr != nil {
				// A connection that is still inside a transaction must not be used again.
				_ = conn.Raw(func(any) error { return driver.ErrBadConn })
			}
		}
	}()
	tx := &Tx{db: d, raw: conn, conn: conn}
	if err := fn(tx); err != nil {
		return err
	}
	if _, err := d.laneExec(conn, `commit`); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	open = false
	for _, f := range tx.after {
		f()
	}
	return nil
}

// ExecKept is Exec for statements that a Group runs again and again.
func (tx *Tx) ExecKept(ctx context.Context, query string, args ...any) (int64, error) {
	if tx.conn != nil {
		return tx.db.laneExec(tx.conn, query, args...)
	}
	res, err := tx.raw.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}
