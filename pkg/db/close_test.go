package db_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
)

// TestClose: a database is one file once it is closed, also when somebody was still reading and when a reader was given up.
func TestClose(t *testing.T) {
	for range 10 {
		dir := t.TempDir()
		d, err := db.Open(t.Context(), dir, dbtest.SQLiteURL(t, dir))
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Transact(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `create table t (n bigint not null primary key)`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		const readers = 4
		reading, release, read := make(chan bool, readers), make(chan bool), make(chan error, readers)
		for range readers {
			go func() {
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel() // its connection is given back behind its back
				read <- d.Read(ctx, func(tx *db.Tx) error {
					var n int
					err := tx.QueryRow(ctx, `select count(*) from t`).Scan(&n)
					reading <- true
					<-release
					return err
				})
			}()
		}
		for range readers {
			<-reading
		}
		closed := make(chan error)
		go func() { closed <- d.Close() }()
		for d.Read(context.Background(), func(*db.Tx) error { return nil }) == nil { // until nobody can begin
		}
		close(release)
		if err := <-closed; err != nil {
			t.Fatal(err)
		}
		if side, err := filepath.Glob(filepath.Join(dir, "hub.db-*")); err != nil || len(side) > 0 {
			t.Fatalf("beside the closed database: %v %v", side, err)
		}
		for range readers {
			<-read
		}
	}
}
