package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/demo"
)

// openDemo opens the demo's database, migrated. It refuses a database or a
// data directory that holds something else, before it changes anything there,
// and starts afresh where a seeding was interrupted: the marker proves that
// nobody has used what is there.
func (a *app) openDemo() (*db.DB, error) {
	if a.cfg.DatabaseURL == "" {
		entries, err := os.ReadDir(a.cfg.Data)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		ours := func(e os.DirEntry) bool { return e.Name() == "hub.db" }
		if len(entries) > 0 && !slices.ContainsFunc(entries, ours) {
			return nil, fmt.Errorf("%s holds other files; the demo wants a directory of its own (MULTAQA_DATA)", a.cfg.Data)
		}
	}
	d, err := a.open(false)
	if err != nil {
		return nil, err
	}
	_, err = demo.Find(a.ctx, d)
	if err == nil {
		_, err = d.Migrate(a.ctx)
	}
	if err == nil {
		return d, nil
	}
	if e := d.Close(); e != nil || !errors.Is(err, demo.ErrPartial) || a.cfg.DatabaseURL != "" {
		return nil, err
	}
	fmt.Fprintln(os.Stdout, "• the last seeding was interrupted: beginning anew")
	for _, name := range []string{"hub.db", "hub.db-wal", "hub.db-shm"} {
		if err := os.Remove(filepath.Join(a.cfg.Data, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return a.open(true)
}
