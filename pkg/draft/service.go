package draft

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Rights is what this package needs to decide who may write.
type Rights interface {
	// Facts returns the facts of the edition that the draft belongs to, as the transaction sees them. Flag
	// "writable" says that its state lets the text change. A draft without one is not found.
	Facts(ctx context.Context, tx *db.Tx, draft string) (policy.Facts, error)
	// Actor returns the actor as of now: rights may have gone since the socket was opened. An ended session is the
	// zero actor.
	Actor(ctx context.Context, was policy.Actor) (policy.Actor, error)
}

// Standings is what Rights may offer besides: then what a flush read of rights is kept for as long as nobody's can have changed.
type Standings interface {
	// Epoch is a number that moves, in the same transaction, with whatever changes anybody's rights or the facts of any edition.
	Epoch(ctx context.Context, tx *db.Tx) (int64, error)
	// Standing is Actor as the transaction sees it, and until when it holds while the epoch stands (sessions end by time).
	Standing(ctx context.Context, tx *db.Tx, was policy.Actor) (now policy.Actor, until db.Time, err error)
}

// Still is what Standings may offer besides: the epoch in memory, and a query that yields head for as long as that epoch stands.
type Still interface {
	Still() (query string, head, epoch int64)
}

// standing is what was read of a session.
type standing struct {
	actor policy.Actor
	epoch int64
	until db.Time
}

// Bus carries hints between nodes; see package bus. It may lose, double and reorder them.
type Bus interface {
	Publish(topic string, n int64)
	Subscribe(prefix string, fn func(topic string, n int64)) (cancel func())
}

// topicLog + draft id carries the head's version.
const topicLog = "log/"

// Options are the timings of a Service. Zero fields become the defaults.
type Options struct {
	Poll time.Duration // how often every open draft looks at the head; 2 s
	Idle time.Duration // how long a draft without readers stays in memory; 30 s
}

// Service holds the open drafts of this node. Make it with New, and let Run run.
type Service struct {
	db        *db.DB
	rights    Rights
	bus       Bus
	log       *slog.Logger
	opts      Options
	committer *committer
	handles   atomic.Int64
	standings Standings // nil: rights are read in every flush
	still     Still     // nil: the epoch is read in every flush
	quickMove string    // SQL
	ids       *rowIDs
	guard     Guard // nil: nothing is kept for anybody

	standMu sync.Mutex
	stands  map[string]standing // by session

	mu     sync.Mutex
	base   context.Context
	opened map[string]*Authority
	wg     sync.WaitGroup
}

// New returns a service. Nothing happens before Run.
func New(d *db.DB, rights Rights, bus Bus, log *slog.Logger, opts Options) *Service {
	if opts.Poll == 0 {
		opts.Poll = 2 * time.Second
	}
	if opts.Idle == 0 {
		opts.Idle = 30 * time.Second
	}
	s := &Service{db: d, rights: rights, bus: bus, log: log, opts: opts, committer: newCommitter(d), ids: newRowIDs(), opened: map[string]*Authority{}, stands: map[string]standing{}}
	s.standings, _ = rights.(Standings)
	s.guard, _ = rights.(Guard)
	if still, ok := rights.(Still); ok && s.standings != nil && d.Engine() == db.SQLite {
		s.still = still
		query, _, _ := still.Still()
		s.quickMove = fmt.Sprintf(sqlQuickMove, query)
	}
	return s
}

// Run owns the committer, the poll and all authorities; it returns after ctx has ended and all of them have.
// Whatever was acknowledged is in the database; pushes that wait are not, and their clients send them again.
func (s *Service) Run(ctx context.Context) {
	s.Start(ctx)()
}

// Start is Run in two steps: it returns when drafts can be opened; wait returns when all has ended.
func (s *Service) Start(ctx context.Context) (wait func()) {
	s.mu.Lock()
	s.base = ctx
	s.mu.Unlock()
	cancel := s.bus.Subscribe(topicLog, func(topic string, n int64) {
		s.mu.Lock()
		a := s.opened[strings.TrimPrefix(topic, topicLog)]
		s.mu.Unlock()
		if a != nil {
			a.hint(n)
		}
	})
	s.wg.Add(2)
	go func() { defer s.wg.Done(); s.committer.run(ctx) }()
	go func() { defer s.wg.Done(); s.poll(ctx) }()
	return func() {
		<-ctx.Done()
		cancel()
		s.mu.Lock()
		open := slices.Collect(maps.Values(s.opened))
		s.mu.Unlock()
		for _, a := range open {
			a.halt()
		}
		s.wg.Wait()
	}
}

// hint wakes the authority when it is behind.
func (a *Authority) hint(version int64) {
	a.mu.RLock()
	behind := version > a.version
	a.mu.RUnlock()
	if behind {
		a.look(look{version: version})
	}
}

// publish tells the other nodes, if there can be any: a hint to itself would wake a goroutine an edit.
func (s *Service) publish(id string, version int64) {
	if b, ok := s.bus.(interface{ Alone(topic string) bool }); ok && b.Alone(topicLog) {
		return
	}
	s.bus.Publish(topicLog+id, version)
}

// poll looks at the head of every open draft, for hints that were lost, and closes those that nobody reads.
func (s *Service) poll(ctx context.Context) {
	tick := time.NewTicker(s.opts.Poll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		s.mu.Lock()
		open := make([]*Authority, 0, len(s.opened))
		for _, a := range s.opened {
			open = append(open, a)
		}
		s.mu.Unlock()
		err := s.db.Read(ctx, func(tx *db.Tx) error {
			for _, a := range open {
				v, err := findHead(ctx, tx, a.row.key)
				if err != nil {
					return err
				}
				a.hint(v)
			}
			return nil
		})
		if err != nil && ctx.Err() == nil {
			s.log.Warn("look at drafts", "error", err)
		}
	}
}

func (s *Service) facts(ctx context.Context, tx *db.Tx, id string) (policy.Facts, error) {
	f, err := s.rights.Facts(ctx, tx, id)
	if err != nil {
		return f, err
	}
	f.Kind, f.ID = "draft", id
	return f, nil
}

// epoch reads the epoch of rights; -1 when there is none. SQLite has one writer, so one reading does for a transaction.
func (s *Service) epoch(ctx context.Context, tx *db.Tx, b *batch) (int64, error) {
	if s.standings == nil {
		return -1, nil
	}
	if !b.read || tx.Engine() != db.SQLite {
		var err error
		if b.epoch, err = s.standings.Epoch(ctx, tx); err != nil {
			return 0, err
		}
		b.read = true
	}
	return b.epoch, nil
}

// standing is who the actor is at this moment of the transaction. A session that has ended is an error.
// Without tx it knows what is in memory.
func (s *Service) standing(ctx context.Context, tx *db.Tx, now db.Time, epoch int64, was policy.Actor) (policy.Actor, error) {
	if tx != nil && (epoch < 0 || was.System) {
		return s.rights.Actor(ctx, was)
	}
	s.standMu.Lock()
	st, ok := s.stands[was.Session]
	s.standMu.Unlock()
	if ok && st.epoch == epoch && now < st.until && !was.System {
		return st.actor, nil
	}
	if tx == nil {
		return policy.Actor{}, errMemory
	}
	st.epoch = epoch
	var err error
	if st.actor, st.until, err = s.standings.Standing(ctx, tx, was); err != nil {
		return policy.Actor{}, err
	}
	s.standMu.Lock()
	if len(s.stands) > 20_000 {
		clear(s.stands)
	}
	s.stands[was.Session] = st
	s.standMu.Unlock()
	return st.actor, nil
}

// Abilities lists what the actor may do with the draft.
func Abilities(actor policy.Actor, f policy.Facts) map[string]bool {
	return policy.Abilities(actor, f, policy.ReadDraft, policy.WriteDraft, policy.CreateThread, policy.CreateSuggestion, policy.DecideSuggestion)
}

// Check returns the facts of a draft that the actor may read, and what they may do with it.
//
// Faults: draft.not_found, policy.unauthenticated.
func (s *Service) Check(ctx context.Context, actor policy.Actor, id string) (policy.Facts, map[string]bool, error) {
	var f policy.Facts
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if _, err = find(ctx, tx, id); err != nil {
			return err
		}
		if f, err = s.facts(ctx, tx, id); err != nil {
			return err
		}
		return policy.Check(actor, policy.ReadDraft, f)
	})
	if err != nil {
		return f, nil, err
	}
	return f, Abilities(actor, f), nil
}
