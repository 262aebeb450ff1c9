package db_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
)

// TestGroup: what a group wrote is there as a whole or not at all, and the writer is free afterwards, whatever happened in it.
func TestGroup(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		if err := d.Transact(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `create table t (n bigint not null primary key, s text not null)`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		const insert = `insert into t (n, s) values ($1, $2)`
		count := func() (n int) {
			t.Helper()
			if err := d.Read(ctx, func(tx *db.Tx) error { return tx.QueryRow(ctx, `select count(*) from t`).Scan(&n) }); err != nil {
				t.Fatal(err)
			}
			return n
		}
		two := func(n int, end func() error) error {
			return d.Group(func(tx *db.Tx) error {
				for i := range 2 {
					if _, err := tx.ExecKept(ctx, insert, n+i, "نص"); err != nil {
						return err
					}
				}
				var there int
				if err := tx.QueryRow(ctx, `select count(*) from t where n >= $1`, n).Scan(&there); err != nil || there < 2 {
					t.Errorf("a group sees %d of its rows: %v", there, err)
				}
				return end()
			})
		}
		if err := two(1, func() error { return nil }); err != nil || count() != 2 {
			t.Fatalf("%d rows, %v", count(), err)
		}
		oops := errors.New("oops")
		if err := two(3, func() error { return oops }); !errors.Is(err, oops) || count() != 2 {
			t.Fatalf("%d rows after an error, %v", count(), err)
		}
		func() {
			defer func() { _ = recover() }()
			_ = two(3, func() error { panic("oops") })
		}()
		if count() != 2 {
			t.Fatalf("%d rows after a panic", count())
		}
		if err := two(2, func() error { return nil }); !db.IsUnique(err) || count() != 2 {
			t.Fatalf("%d rows after a doubled key, %v", count(), err)
		}
		if err := two(5, func() error { return nil }); err != nil || count() != 4 {
			t.Fatalf("%d rows, %v", count(), err)
		}
	})
}

// TestKeptStatements: a schema that changed meanwhile and a statement that failed are no harm to what is kept compiled.
func TestKeptStatements(t *testing.T) {
	d := dbtest.Open(t)
	ctx := t.Context()
	exec := func(q string) {
		t.Helper()
		if err := d.Transact(ctx, func(tx *db.Tx) error { _, err := tx.Exec(ctx, q); return err }); err != nil {
			t.Fatal(err)
		}
	}
	exec(`create table t (n bigint not null primary key, s text not null)`)
	const insert = `insert into t (n, s) select $1, $2 where not exists (select 1 from t where n = $1)`
	kept := func(row int64) (n int64, err error) {
		err = d.Group(func(tx *db.Tx) (err error) {
			n, err = tx.ExecKept(ctx, insert, row, "نص")
			return err
		})
		return n, err
	}
	for _, c := range []struct{ row, want int64 }{{1, 1}, {1, 0}, {2, 1}} {
		if n, err := kept(c.row); n != c.want || err != nil {
			t.Fatalf("row %d: %d, %v", c.row, n, err)
		}
	}
	exec(`alter table t add column more text`)
	if n, err := kept(3); n != 1 || err != nil {
		t.Fatalf("after the schema changed: %d, %v", n, err)
	}
	exec(`drop table t`)
	if _, err := kept(4); err == nil {
		t.Fatal("no error without the table")
	}
	exec(`create table t (n bigint not null primary key, s text not null)`)
	if n, err := kept(4); n != 1 || err != nil {
		t.Fatalf("after an error: %d, %v", n, err)
	}
}

// TestCloseLeavesOneFile: the write-ahead log is written back and removed, kept statements or not, so that who copies the file of a stopped hub has it all.
func TestCloseLeavesOneFile(t *testing.T) {
	dir := t.TempDir()
	d, err := db.Open(t.Context(), dir, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{`create table t (n bigint not null)`, `insert into t values (1)`} {
		if err := d.Group(func(tx *db.Tx) error { _, err := tx.ExecKept(t.Context(), q); return err }); err != nil {
			t.Fatal(err)
		}
	}
	var n int
	if err := d.Read(t.Context(), func(tx *db.Tx) error { return tx.QueryRow(t.Context(), `select n from t`).Scan(&n) }); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Fatalf("%v %v", left, err)
	}
	if err := d.Close(); err != nil {
		t.Fatalf("closed again: %v", err)
	}
}

// TestLogIsOnDisk: the write-ahead log has what was committed before anything is closed, whatever it is synced with.
func TestLogIsOnDisk(t *testing.T) {
	dir := t.TempDir()
	d, err := db.Open(t.Context(), dir, "")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Transact(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `create table t as select 'committed' as s`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	// A copy of the files, as a crash would leave them.
	copied := t.TempDir()
	for _, name := range []string{"hub.db", "hub.db-wal"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(copied, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	again, err := db.Open(t.Context(), copied, "")
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	var s string
	if err := again.Read(t.Context(), func(tx *db.Tx) error { return tx.QueryRow(t.Context(), `select s from t`).Scan(&s) }); err != nil || s != "committed" {
		t.Fatalf("%q, %v", s, err)
	}
}
