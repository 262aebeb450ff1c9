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
// and starts afresh where a seeding was interrupted and nothing else is there.
// No other process serves or seeds it until release.
func (a *app) openDemo() (_ *db.DB, release func(), err error) {
	if a.cfg.DatabaseURL == "" {
		entries, err := os.ReadDir(a.cfg.Data)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, nil, err
		}
		ours := func(e os.DirEntry) bool { return e.Name() == "hub.db" }
		if len(entries) > 0 && !slices.ContainsFunc(entries, ours) {
			return nil, nil, fmt.Errorf("%s holds other files; the demo wants a directory of its own (MULTAQA_DATA)", a.cfg.Data)
		}
	}
	d, err := a.open(false)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			_ = d.Close()
		}
	}()
	if release, err = a.alone(d); err != nil {
		return nil, nil, err
	}
	_, err = demo.Find(a.ctx, d)
	if errors.Is(err, demo.ErrPartial) {
		fmt.Fprintln(os.Stdout, "• the last seeding was interrupted: beginning anew")
		d, err = a.emptied(d)
	}
	if err == nil {
		_, err = d.Migrate(a.ctx)
	}
	if err != nil {
		release()
		return nil, nil, err
	}
	return d, release, nil
}

// emptied gives a database without the unfinished demo network that d holds.
func (a *app) emptied(d *db.DB) (*db.DB, error) {
	if d.Engine() == db.Postgres {
		return d, demo.Reset(a.ctx, d)
	}
	if err := d.Close(); err != nil {
		return d, err
	}
	for _, name := range []string{"hub.db", "hub.db-wal", "hub.db-shm"} {
		if err := os.Remove(filepath.Join(a.cfg.Data, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return d, err
		}
	}
	anew, err := a.open(false)
	if err != nil {
		return d, err
	}
	return anew, nil
}
