package db

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
)

var created = regexp.MustCompile(`(?im)^\s*create table (?:if not exists )?"?([a-z_0-9]+)"?`)

// OwnTables are the names of all tables that any migration makes, sorted, also
// of those that a later one removes.
func OwnTables() ([]string, error) {
	var names []string
	err := fs.WalkDir(migrationFiles, ".", func(at string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := migrationFiles.ReadFile(at)
		for _, m := range created.FindAllSubmatch(text, -1) {
			names = append(names, string(m[1]))
		}
		return err
	})
	slices.Sort(names)
	return slices.Compact(names), err
}

// Drop removes everything that the migrations made on PostgreSQL, after check
// agreed to it, in one transaction with it: nothing comes in between. Tables of
// others stay. An SQLite database is a file, which its owner removes.
func (d *DB) Drop(ctx context.Context, check func(tx *Tx) error) error {
	if d.engine != Postgres {
		return fmt.Errorf("drop: not on %s", d.engine)
	}
	names, err := OwnTables()
	if err != nil {
		return err
	}
	return d.Transact(ctx, func(tx *Tx) error {
		// Whoever writes an event writes after this, and finds no table, or before it, and check sees what was written.
		if _, err := tx.Exec(ctx, `lock table event in access exclusive mode`); err != nil {
			return fmt.Errorf("drop: %w", err)
		}
		if err := check(tx); err != nil {
			return err
		}
		for _, name := range append(names, "goose_db_version") {
			if _, err := tx.Exec(ctx, `drop table if exists "`+name+`" cascade`); err != nil {
				return fmt.Errorf("drop: %w", err)
			}
		}
		return nil
	})
}
