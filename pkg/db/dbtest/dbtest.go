// Package dbtest gives tests a fresh, migrated database: SQLite always, and
// PostgreSQL too when MULTAQA_TEST_POSTGRES names a server (as `make test`
// does), each test in a database of its own.
package dbtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/multaqa/multaqa/pkg/db"
)

// Open returns a fresh migrated SQLite database in a throw-away directory.
func Open(t testing.TB) *db.DB {
	t.Helper()
	return open(t, SQLiteURL(t, t.TempDir()))
}

// migrated is the file of a migrated SQLite database. Migrating happens once a test process; the others copy it.
var migrated = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "mtq-template")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	d, err := db.Open(context.Background(), dir, "")
	if err != nil {
		return nil, err
	}
	_, err = d.Migrate(context.Background())
	if err := errors.Join(err, d.Close()); err != nil { // the last one to close takes the write-ahead log in
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, "hub.db"))
})

// SQLiteURL puts a fresh migrated SQLite database into dir and returns its URL.
func SQLiteURL(t testing.TB, dir string) string {
	t.Helper()
	file, err := migrated()
	path := filepath.Join(dir, "hub.db")
	if err == nil {
		err = os.WriteFile(path, file, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

// Each runs fn on SQLite and, when MULTAQA_TEST_POSTGRES is set, on PostgreSQL.
func Each(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, Open(t)) })
	if os.Getenv("MULTAQA_TEST_POSTGRES") != "" {
		t.Run("postgres", func(t *testing.T) { fn(t, OpenPostgres(t)) })
	}
}

var (
	serial    atomic.Int64
	templates sync.Mutex
	template  string
)

// OpenPostgres returns a fresh migrated PostgreSQL database, or skips when no
// server is named.
func OpenPostgres(t testing.TB) *db.DB {
	t.Helper()
	return open(t, PostgresURL(t))
}

// PostgresURL makes a fresh migrated database on the test server and returns
// its URL; the database is dropped when the test ends. Migrating happens once
// a test process, into a template that the others copy.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server := os.Getenv("MULTAQA_TEST_POSTGRES")
	if server == "" {
		t.Skip("MULTAQA_TEST_POSTGRES names no server; `make test` starts one")
	}
	admin, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { admin.Close() })
	templates.Lock()
	defer templates.Unlock()
	if template == "" {
		name := fmt.Sprintf("mtq_template_%d", os.Getpid())
		if _, err := admin.Exec(`create database ` + name + ` locale 'C' template template0`); err != nil {
			t.Fatal(err)
		}
		d, err := db.Open(context.Background(), "", withDatabase(t, server, name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Migrate(context.Background()); err != nil {
			t.Fatal(err)
		}
		d.Close()
		template = name
	}
	name := fmt.Sprintf("mtq_%d_%d", os.Getpid(), serial.Add(1))
	if _, err := admin.Exec(`create database ` + name + ` template ` + template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec(`drop database if exists ` + name + ` with (force)`); err != nil {
			t.Errorf("drop test database: %v", err)
		}
	})
	return withDatabase(t, server, name)
}

func withDatabase(t testing.TB, server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func open(t testing.TB, url string) *db.DB {
	t.Helper()
	ctx := context.Background()
	d, err := db.Open(ctx, "", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}
