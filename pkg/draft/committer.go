package draft

import (
	"cmp"
	"context"
	"slices"

	"github.com/multaqa/multaqa/pkg/db"
)

// job is one draft's part of a group commit. run may be called more than once and has no effect outside tx.
type job struct {
	key  int64
	run  func(ctx context.Context, tx *db.Tx) error
	done chan error
}

// committer writes the rows of all drafts of this node, one transaction for whatever waits. One goroutine runs it.
type committer struct {
	db   *db.DB
	jobs chan job
}

func newCommitter(d *db.DB) *committer { return &committer{db: d, jobs: make(chan job, 1024)} }

// commit waits until run is committed, together with others, or failed.
func (c *committer) commit(ctx context.Context, key int64, run func(ctx context.Context, tx *db.Tx) error) error {
	j := job{key: key, run: run, done: make(chan error, 1)}
	select {
	case c.jobs <- j:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		// The transaction may or may not have committed; the log says so when it is read again.
		return ctx.Err()
	}
}

// run works until ctx ends.
func (c *committer) run(ctx context.Context) {
	for {
		var batch []job
		select {
		case <-ctx.Done():
			return
		case j := <-c.jobs:
			batch = append(batch, j)
		}
	more:
		for len(batch) < 500 {
			select {
			case j := <-c.jobs:
				batch = append(batch, j)
			default:
				break more
			}
		}
		// In the order of keys, so that two nodes never wait for each other's drafts.
		slices.SortFunc(batch, func(a, b job) int { return cmp.Compare(a.key, b.key) })
		c.write(ctx, batch)
	}
}

func (c *committer) write(ctx context.Context, batch []job) {
	err := c.db.Transact(ctx, func(tx *db.Tx) error {
		for _, j := range batch {
			if err := j.run(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	for _, j := range batch {
		if err != nil && len(batch) > 1 {
			// One draft's failure must not cost the others theirs.
			j.done <- c.db.Transact(ctx, func(tx *db.Tx) error { return j.run(ctx, tx) })
			continue
		}
		j.done <- err
	}
}
