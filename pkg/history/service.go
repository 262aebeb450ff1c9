package history

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"sync"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Head stands for the newest version.
const Head = int64(-1)

// timelineBuckets is how many buckets a timeline has, at most about.
const timelineBuckets = 240

// Facts tells the facts of the edition a draft belongs to (guideline.Service).
type Facts interface {
	Facts(ctx context.Context, tx *db.Tx, draft string) (policy.Facts, error)
}

// Editor changes the text of a draft (draft.Service).
type Editor interface {
	Edit(ctx context.Context, actor policy.Actor, draft string, fn func(ctx context.Context, tx *db.Tx, now draft.Now) ([]draft.Part, error)) (int64, error)
}

// Service is the use cases of history. Safe for concurrent use.
type Service struct {
	db     *db.DB
	facts  Facts
	editor Editor
	log    *slog.Logger

	mu   sync.Mutex
	busy map[string]*sync.Mutex // drafts whose frames are being made on this node
}

// New returns a service.
func New(d *db.DB, facts Facts, editor Editor, log *slog.Logger) *Service {
	return &Service{db: d, facts: facts, editor: editor, log: log, busy: map[string]*sync.Mutex{}}
}

// writers is who wrote in a draft: the number of each client's writer, and the writers by number.
type writers struct {
	of    map[int64]int64 // client → writer
	names map[int64]draft.Author
}

// findWriters numbers a writer by the least of their clients, which never changes as clients are added.
func findWriters(ctx context.Context, tx *db.Tx, id string) (writers, error) {
	w := writers{of: map[int64]int64{}, names: map[int64]draft.Author{}}
	clients, err := draft.Clients(ctx, tx, id)
	if err != nil {
		return w, err
	}
	least := map[draft.Author]int64{}
	for n, a := range clients {
		if m, ok := least[a]; !ok || n < m {
			least[a] = n
		}
	}
	for n, a := range clients {
		w.of[n] = least[a]
		w.names[least[a]] = a
	}
	return w, listOrigin(ctx, tx, id, w.names)
}

// look is what every reading begins with.
type look struct {
	log     draft.Log
	facts   policy.Facts
	writers writers
}

func (s *Service) look(ctx context.Context, tx *db.Tx, actor policy.Actor, id string) (look, error) {
	var l look
	var err error
	if l.log, err = draft.LogOf(ctx, tx, id); err != nil {
		return l, err
	}
	if l.facts, err = s.facts.Facts(ctx, tx, id); err != nil {
		return l, err
	}
	l.facts.Kind, l.facts.ID = "draft", id
	if err := policy.Check(actor, policy.ReadHistory, l.facts); err != nil {
		return l, err
	}
	l.writers, err = findWriters(ctx, tx, id)
	return l, err
}

// read makes the frames that are due and then calls fn in one reading transaction.
func (s *Service) read(ctx context.Context, actor policy.Actor, id string, fn func(tx *db.Tx, l look) error) error {
	due := false
	check := func(tx *db.Tx) (l look, err error) {
		if l, err = s.look(ctx, tx, actor, id); err != nil {
			return l, err
		}
		last, err := lastFrame(ctx, tx, id)
		due = last < 0 || l.log.Head-last >= frameUpdates
		return l, err
	}
	for try := 0; ; try++ {
		err := s.db.Read(ctx, func(tx *db.Tx) error {
			l, err := check(tx)
			if err != nil || due && try == 0 {
				return err
			}
			return fn(tx, l)
		})
		if err != nil || !due || try > 0 {
			return err
		}
		if err := s.advance(ctx, id); err != nil {
			return err
		}
	}
}

// at returns the text of a version with whose it is.
func (s *Service) at(ctx context.Context, tx *db.Tx, id string, l look, version int64) (*state, error) {
	if version == Head {
		version = l.log.Head
	}
	if version < 0 || version > l.log.Head {
		return nil, fault.New(fault.NotFound, "history.version")
	}
	st, err := findFrame(ctx, tx, id, version)
	if err != nil {
		return nil, err
	}
	if st == nil {
		if st, err = first(ctx, tx, id, l.log); err != nil {
			return nil, err
		}
	}
	return st, replay(ctx, tx, id, st, version, l.writers, nil)
}

// replay brings a state forward; also, when set, is told of every update.
func replay(ctx context.Context, tx *db.Tx, id string, st *state, until int64, w writers, also func(u draft.Update, by int64, at db.Time)) error {
	return draft.Replay(ctx, tx, id, st.version, until, func(u draft.Update, at db.Time) error {
		by := w.of[u.Client]
		if also != nil {
			also(u, by, at)
		}
		return st.apply(u, by, at)
	})
}

// first is version 0, all of it by nobody.
func first(ctx context.Context, tx *db.Tx, id string, log draft.Log) (*state, error) {
	s, err := draft.TextAt(ctx, tx, id, 0)
	if err != nil {
		return nil, err
	}
	text := changeset.NewText(s)
	return &state{at: log.CreatedAt, text: text, track: trackSpans([]Span{{N: text.Len()}})}, nil
}

// lock serialises the making of frames of one draft on this node; two nodes only do the same work twice.
func (s *Service) lock(id string) (unlock func()) {
	s.mu.Lock()
	m := s.busy[id]
	if m == nil {
		m = &sync.Mutex{}
		s.busy[id] = m
	}
	s.mu.Unlock()
	m.Lock()
	return m.Unlock
}

// advance makes the frames that are due. Each step reads and writes a bounded part of the log in transactions of its own.
func (s *Service) advance(ctx context.Context, id string) error {
	ctx = db.Apart(ctx)
	defer s.lock(id)()
	var st *state
	for {
		var frames []frame
		var names map[int64]draft.Author
		err := s.db.Read(ctx, func(tx *db.Tx) error {
			log, err := draft.LogOf(ctx, tx, id)
			if err != nil {
				return err
			}
			w, err := findWriters(ctx, tx, id)
			if err != nil {
				return err
			}
			if st == nil {
				last, err := lastFrame(ctx, tx, id)
				if err != nil {
					return err
				}
				if last >= 0 && log.Head-last < frameUpdates {
					return nil
				}
				if st, err = findFrame(ctx, tx, id, last); err != nil {
					return err
				}
				if st == nil {
					if st, names, err = s.origin(ctx, tx, id, log); err != nil {
						return err
					}
					frames = append(frames, frame{version: 0, at: st.at, counts: encodeSlots(nil), body: st.encode(), delta: delta(nil).encode()})
				}
			}
			for len(frames) < 8 && log.Head-st.version >= frameUpdates {
				var counts slots
				became := trackOld(st.text.Len())
				if err := replay(ctx, tx, id, st, st.version+frameUpdates, w, func(u draft.Update, by int64, at db.Time) {
					counts.add(u, by, at)
					became.apply(u.Change, by, at)
				}); err != nil {
					return err
				}
				frames = append(frames, frame{version: st.version, at: st.at, counts: encodeSlots(counts.list), body: st.encode(), delta: became.delta().encode()})
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("frames of %s: %w", id, err)
		}
		if len(frames) == 0 {
			return nil
		}
		err = s.db.Transact(ctx, func(tx *db.Tx) error {
			for n, a := range names {
				if err := insertOrigin(ctx, tx, id, n, a); err != nil {
					return err
				}
			}
			for _, f := range frames {
				if err := insertFrame(ctx, tx, id, f); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("frames of %s: %w", id, err)
		}
	}
}

// origin is version 0 with the writers of the edition it came from, so that credit lasts over editions. Their numbers are below 0.
func (s *Service) origin(ctx context.Context, tx *db.Tx, id string, log draft.Log) (*state, map[int64]draft.Author, error) {
	st, err := first(ctx, tx, id, log)
	if err != nil {
		return nil, nil, err
	}
	text := st.text.String()
	from, ok, err := guideline.OriginOf(ctx, tx, id, sum(text))
	if err != nil || !ok {
		return st, nil, err
	}
	// The edition before may have been read never and so have no frames; then its log is replayed here, once.
	before := look{}
	if before.log, err = draft.LogOf(ctx, tx, from.Draft); err != nil {
		return st, nil, err
	}
	if before.writers, err = findWriters(ctx, tx, from.Draft); err != nil {
		return st, nil, err
	}
	old, err := s.at(ctx, tx, from.Draft, before, min(from.Version, before.log.Head))
	if err != nil || old.text.String() != text {
		return st, nil, err
	}
	names, number := map[int64]draft.Author{}, map[int64]int64{}
	spans := old.track.spans()
	for i, p := range spans {
		a, known := before.writers.names[p.By]
		if !known {
			continue // nobody's there either
		}
		n, seen := number[p.By]
		if !seen {
			n = -int64(len(number)) - 1
			number[p.By], names[n] = n, a
		}
		spans[i].By = n
	}
	st.track = trackSpans(spans)
	return st, names, nil
}

// Sweep makes the frames that are due of drafts that nobody looked at, so that whoever does need not wait.
func (s *Service) Sweep(ctx context.Context) error {
	var due []string
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		due, err = listDue(ctx, tx, 50)
		return err
	})
	if err != nil {
		return err
	}
	for _, id := range due {
		if err := s.advance(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// sum is the hash that a frozen text has.
func sum(text string) string {
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:])
}
