// Package db opens the one database of a hub, SQLite or PostgreSQL, and runs
// transactions on it. SQL is written once, with $1 placeholders; whatever
// must differ between the engines has a name here and nowhere else.
//
// SQLite has one writer connection (write-ahead log, synchronous=FULL,
// begin immediate) and a pool of readers. PostgreSQL runs writes at read
// committed and takes row locks through Tx.ForUpdate.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// ReadOnly says whether the transaction may only read.
func (tx *Tx) ReadOnly() bool { return tx.readOnly }

// Engine names.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// DB is the hub's database. It is safe for concurrent use.
type DB struct {
	engine string
	path   string // of the SQLite file
	write  *sql.DB
	read   *sql.DB
	clock  atomic.Pointer[func() time.Time]
	lane   lane // of SQLite's writer
}

// Open opens the database at url: "" or "sqlite:PATH" or "postgres://…".
// With "" it is the file hub.db in dataDir. It does not migrate.
func Open(ctx context.Context, dataDir, rawURL string) (*DB, error) {
	d := &DB{}
	if strings.HasPrefix(rawURL, "postgres://") || strings.HasPrefix(rawURL, "postgresql://") {
		d.engine = Postgres
		pool, err := sql.Open("pgx", rawURL)
		if err != nil {
			return nil, fmt.Errorf("open database: %w", err)
		}
		pool.SetMaxOpenConns(24)
		pool.SetMaxIdleConns(8)
		pool.SetConnMaxIdleTime(5 * time.Minute)
		d.write, d.read = pool, pool
	} else {
		path := strings.TrimPrefix(rawURL, "sqlite:")
		if path == "" {
			if err := os.MkdirAll(dataDir, 0o700); err != nil {
				return nil, fmt.Errorf("data directory: %w", err)
			}
			path = filepath.Join(dataDir, "hub.db")
		}
		d.engine, d.path = SQLite, path
		dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?_txlock=immediate" +
			"&_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=foreign_keys(on)&_pragma=cache_size(-2000)"
		if name := vfs(); name != "" {
			dsn += "&vfs=" + name
		}
		var err error
		if d.write, err = sql.Open("sqlite", dsn); err != nil {
			return nil, fmt.Errorf("open database: %w", err)
		}
		d.write.SetMaxOpenConns(1)
		d.write.SetMaxIdleConns(1)
		if d.read, err = sql.Open("sqlite", strings.NewReplacer("_txlock=immediate", "_txlock=deferred", "cache_size(-2000)", "cache_size(-500)").Replace(dsn)); err != nil {
			return nil, fmt.Errorf("open database: %w", err)
		}
		// A reader's cache spares a copy from the system's, no more, and eight of them are kept: half a megabyte each.
		d.read.SetMaxOpenConns(8)
		d.read.SetMaxIdleConns(8)
		d.read.SetConnMaxIdleTime(time.Minute)
	}
	if err := d.check(ctx); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// check refuses a database whose settings would break a promise.
func (d *DB) check(ctx context.Context) error {
	if d.engine == Postgres {
		var collate string
		err := d.write.QueryRowContext(ctx, `select datcollate from pg_database where datname = current_database()`).Scan(&collate)
		if err != nil {
			return fmt.Errorf("reach database: %w", err)
		}
		if collate != "C" && collate != "C.UTF-8" && collate != "POSIX" {
			return fmt.Errorf("database collation is %q; it must be C (create database … locale 'C' template template0)", collate)
		}
		return nil
	}
	for _, pool := range []*sql.DB{d.write, d.read} {
		var sync, fk int
		if err := pool.QueryRowContext(ctx, `pragma synchronous`).Scan(&sync); err != nil {
			return fmt.Errorf("open database: %w", err)
		}
		if err := pool.QueryRowContext(ctx, `pragma foreign_keys`).Scan(&fk); err != nil {
			return fmt.Errorf("open database: %w", err)
		}
		// 2 is FULL: in write-ahead mode NORMAL loses acknowledged commits on power cut.
		if sync != 2 || fk != 1 {
			return fmt.Errorf("sqlite settings: synchronous=%d foreign_keys=%d, want 2 and 1", sync, fk)
		}
	}
	return nil
}

// Engine is SQLite or Postgres.
func (d *DB) Engine() string { return d.engine }

// Ping says whether the database answers.
func (d *DB) Ping(ctx context.Context) error {
	var one int
	return d.read.QueryRowContext(ctx, `select 1`).Scan(&one)
}

// Close closes all connections. On SQLite it waits, for ten seconds, until
// those that are busy are done: a stopped hub is then one file.
func (d *DB) Close() error {
	if d.engine == Postgres {
		return d.write.Close()
	}
	// The last connection to close writes the log back into the database and removes it, but not while a statement of it is kept, and
	// neither of two that close at the same time does: each finds the other there. A pool closes a busy one only when it is given back.
	return errors.Join(d.read.Close(), gone(d.read), d.forgetKept(), d.write.Close(), gone(d.write))
}

// gone waits until the last connection of a closed pool is closed.
func gone(pool *sql.DB) error {
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		n := pool.Stats().OpenConnections
		if n == 0 {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("close database: %d connections are still busy", n)
		}
	}
}

// SetClock replaces the clock of transactions, for tests and for seeding the
// demo network with a past; nil restores the database's own.
func (d *DB) SetClock(now func() time.Time) {
	if now == nil {
		d.clock.Store(nil)
		return
	}
	d.clock.Store(&now)
}

// Transact runs fn in one read-write transaction: commit on nil, roll back on
// error or panic. A serialisation failure or deadlock is retried from the
// start, so fn must have no effect outside the transaction (see
// Tx.AfterCommit). Transactions do not nest: SQLite has one writer, so an inner
// one would wait for the outer for ever; pass the Tx down instead.
func (d *DB) Transact(ctx context.Context, fn func(tx *Tx) error) error {
	return retry(ctx, func() error { return d.run(ctx, d.write, nil, fn) })
}

func retry(ctx context.Context, run func() error) error {
	for attempt := 0; ; attempt++ {
		err := run()
		if err == nil || attempt == 9 || !isRetryable(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(1+rand.IntN(5<<min(attempt, 5))) * time.Millisecond):
		}
	}
}

type beforeCommitKey struct{}

// BeforeCommit returns a context whose read-write transactions call fn last,
// before they commit: what fn writes and what the transaction did are one.
// The web edge records idempotency keys so.
func BeforeCommit(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) context.Context {
	return context.WithValue(ctx, beforeCommitKey{}, fn)
}

// Apart returns a context whose transactions do not call what BeforeCommit
// set: for a step that stands whatever becomes of the request it belongs to.
func Apart(ctx context.Context) context.Context {
	return context.WithValue(ctx, beforeCommitKey{}, nil)
}

// Read runs fn in one read-only transaction: what it reads is one moment.
func (d *DB) Read(ctx context.Context, fn func(tx *Tx) error) error {
	opts := &sql.TxOptions{ReadOnly: true}
	if d.engine == Postgres {
		opts.Isolation = sql.LevelRepeatableRead
	}
	return d.run(ctx, d.read, opts, fn)
}

func (d *DB) run(ctx context.Context, pool *sql.DB, opts *sql.TxOptions, fn func(tx *Tx) error) (err error) {
	readOnly := opts != nil
	if readOnly && d.engine == SQLite {
		opts = nil // the reader pool begins deferred; the driver knows no read-only transactions
	}
	raw, err := pool.BeginTx(ctx, opts)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	tx := &Tx{db: d, raw: raw, readOnly: readOnly}
	defer func() {
		if p := recover(); p != nil {
			_ = raw.Rollback()
			panic(p)
		}
		if err != nil {
			_ = raw.Rollback()
		}
	}()
	if err = fn(tx); err != nil {
		return err
	}
	if before, ok := ctx.Value(beforeCommitKey{}).(func(context.Context, *Tx) error); ok && pool == d.write && !tx.readOnly {
		if err = before(ctx, tx); err != nil {
			return err
		}
	}
	if err = raw.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	for _, f := range tx.after {
		f()
	}
	return nil
}

// querier is a *sql.Tx, or the writer's connection with a transaction that Group began.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Tx is a running transaction. It is not safe for concurrent use.
type Tx struct {
	db       *DB
	raw      querier
	now      Time
	after    []func()
	readOnly bool
	conn     *sql.Conn // of a Group on SQLite
}

// Exec runs a statement that returns no rows.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return tx.raw.ExecContext(ctx, query, args...)
}

// Query runs a statement that returns rows. The caller closes them before the
// next statement: a PostgreSQL transaction has one connection.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return tx.raw.QueryContext(ctx, query, args...)
}

// QueryRow runs a statement that returns at most one row.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return tx.raw.QueryRowContext(ctx, query, args...)
}

// Now is the database's clock, read at the first call in this transaction and
// the same from then on. Call it after the locks are taken where a deadline
// decides (threats I15). On SQLite it is the clock of the one process.
func (tx *Tx) Now() Time {
	if tx.now != 0 {
		return tx.now
	}
	if tx.db.engine == Postgres && tx.db.clock.Load() == nil {
		var us int64
		err := tx.raw.QueryRowContext(context.Background(), `select (extract(epoch from clock_timestamp()) * 1000000)::bigint`).Scan(&us)
		if err == nil {
			tx.now = Time(us)
			return tx.now
		}
		// The transaction is broken; whatever follows fails on its own.
	}
	tx.now = tx.db.now()
	return tx.now
}

// now is the clock of the process, or the one that was set.
func (d *DB) now() Time {
	if c := d.clock.Load(); c != nil {
		return At((*c)())
	}
	return At(time.Now())
}

// ForUpdate is the suffix that locks the rows a select reads, until commit.
// SQLite has one writer, so there it is empty.
func (tx *Tx) ForUpdate() string {
	if tx.db.engine == Postgres {
		return " for update"
	}
	return ""
}

// Engine is the engine of the transaction's database.
func (tx *Tx) Engine() string { return tx.db.engine }

// AfterCommit runs f once the transaction has committed, in the caller's
// goroutine. Nothing is announced before.
func (tx *Tx) AfterCommit(f func()) { tx.after = append(tx.after, f) }

// Time is microseconds since 1970-01-01 UTC; 0 is "not set". It is stored as
// bigint in both engines.
type Time int64

// At converts a time; the zero time becomes 0.
func At(t time.Time) Time {
	if t.IsZero() {
		return 0
	}
	return Time(t.UnixMicro())
}

// Time converts back, in UTC; 0 becomes the zero time.
func (t Time) Time() time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(t)).UTC()
}

// Add returns t moved by d.
func (t Time) Add(d time.Duration) Time { return t + Time(d.Microseconds()) }

// MarshalJSON writes RFC 3339 with milliseconds, or null when not set.
func (t Time) MarshalJSON() ([]byte, error) {
	if t == 0 {
		return []byte("null"), nil
	}
	return []byte(t.Time().Format(`"2006-01-02T15:04:05.000Z"`)), nil
}

// UnmarshalJSON reads RFC 3339 or null.
func (t *Time) UnmarshalJSON(b []byte) error {
	if string(b) == "null" || string(b) == `""` {
		*t = 0
		return nil
	}
	v, err := time.Parse(`"`+time.RFC3339Nano+`"`, string(b))
	if err != nil {
		return err
	}
	*t = At(v)
	return nil
}

// IsUnique says whether err is a violated unique or primary key.
func IsUnique(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23505"
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	return false
}

// IsNotText says whether PostgreSQL refused a string that no text of it holds:
// one with the zero character. SQLite keeps such a string.
func IsNotText(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "22021" || pg.Code == "22P05")
}

func isRetryable(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "40001" || pg.Code == "40P01"
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code()&0xff == sqlite3.SQLITE_BUSY
	}
	return false
}
