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

// openDemo opens the demo's database. It refuses a data directory that holds
// something else, and starts afresh where a seeding was interrupted: the
// marker proves that nobody has used what is there.
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
	d, err := a.open(true)
	if err != nil || d.Engine() != db.SQLite {
		return d, err
	}
	if _, err := demo.Find(a.ctx, d); !errors.Is(err, demo.ErrPartial) {
		return d, nil // whatever else is wrong, the caller asks again
	}
	if err := d.Close(); err != nil {
		return nil, err
	}
	for _, name := range []string{"hub.db", "hub.db-wal", "hub.db-shm"} {
		if err := os.Remove(filepath.Join(a.cfg.Data, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return a.open(true)
}
