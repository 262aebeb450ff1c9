package draft

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/failpoint"
)

// spacing is the least time between two commits while edits of many drafts keep coming: fewer, larger transactions. A commit
// after a pause begins at once.
const (
	spacing = 4 * time.Millisecond
	wide    = 8 * time.Millisecond  // when more than a few drafts are in each
	calm    = 10 * time.Millisecond // commits that are further apart on average are not spaced
	few     = 6
)

// batch is what the jobs of one transaction share.
type batch struct {
	epoch int64 // of rights, once read
	read  bool
}

// job is one draft's part of a group commit. run may be called more than once and has no effect outside tx; done is called
// once, from the committer's goroutine, so it does not block.
type job struct {
	key  int64
	run  func(ctx context.Context, tx *db.Tx, b *batch) error
	done func(err error)
}

// committer writes the rows of all drafts of this node, one transaction for whatever waits. One goroutine runs it.
type committer struct {
	db   *db.DB
	wake chan struct{}

	mu      sync.Mutex
	queue   []job
	stopped error
}

func newCommitter(d *db.DB) *committer { return &committer{db: d, wake: make(chan struct{}, 1)} }

// submit queues a job. It does not block.
func (c *committer) submit(j job) {
	c.mu.Lock()
	if err := c.stopped; err != nil {
		c.mu.Unlock()
		j.done(err)
		return
	}
	c.queue = append(c.queue, j)
	first := len(c.queue) == 1
	c.mu.Unlock()
	if first {
		select {
		case c.wake <- struct{}{}:
		default:
		}
	}
}

// take empties the queue.
func (c *committer) take() []job {
	c.mu.Lock()
	defer c.mu.Unlock()
	jobs := c.queue
	c.queue = nil
	return jobs
}

// run works until ctx ends.
func (c *committer) run(ctx context.Context) {
	defer func() {
		c.mu.Lock()
		c.stopped = ctx.Err()
		jobs := c.queue
		c.queue = nil
		c.mu.Unlock()
		for _, j := range jobs {
			j.done(ctx.Err())
		}
	}()
	var last time.Time
	average, drafts := time.Second, 0.0 // between commits; in one
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.wake:
		}
		now := time.Now()
		apart := min(now.Sub(last), time.Second)
		average += (apart - average) / 8
		space := spacing
		if drafts > few {
			space = wide
		}
		if average < calm && apart < space {
			time.Sleep(space - apart)
			now = time.Now()
		}
		last = now
		jobs := c.take()
		drafts += (float64(len(jobs)) - drafts) / 8
		// In the order of keys, so that two nodes never wait for each other's drafts.
		slices.SortFunc(jobs, func(a, b job) int { return cmp.Compare(a.key, b.key) })
		for len(jobs) > 0 {
			n := min(len(jobs), 500)
			c.write(jobs[:n])
			jobs = jobs[n:]
		}
	}
}

// write commits jobs in one transaction. It is not cancelled: a stop waits for the disk, and a context that could end would cost the
// database driver a goroutine a statement.
func (c *committer) write(jobs []job) {
	err := c.group(jobs)
	for i := range jobs {
		if err != nil && len(jobs) > 1 {
			// One draft's failure must not cost the others theirs.
			jobs[i].done(c.group(jobs[i : i+1]))
			continue
		}
		jobs[i].done(err)
	}
}

func (c *committer) group(jobs []job) error {
	err := c.db.Group(func(tx *db.Tx) error {
		ctx := context.Background()
		var b batch
		for _, j := range jobs {
			if err := j.run(ctx, tx, &b); err != nil {
				return err
			}
		}
		failpoint.Here("draft.before_commit")
		return nil
	})
	failpoint.Here("draft.after_commit")
	return err
}
