package draft

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
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
	guard     Guard     // nil: nothing is kept for anybody

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
	s := &Service{db: d, rights: rights, bus: bus, log: log, opts: opts, committer: newCommitter(d), opened: map[string]*Authority{}, stands: map[string]standing{}}
	s.standings, _ = rights.(Standings)
	s.guard, _ = rights.(Guard)
	if still, ok := rights.(Still); ok && s.standings != nil && d.Engine() == db.SQLite {
		s.still = still
		query, _, _ := still.Still()
		s.committer.quick = fmt.Sprintf(sqlQuick, query)
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

// Attachment is one socket's view of one open draft: a client number and a place among the readers.
type Attachment struct {
	Client    int64 // 0 when the actor may only read
	Resume    string
	Seq       int64 // the client's last sequence in the log
	Epoch     string
	Version   int64 // the version the reader begins at
	Head      int64
	Text      string // that of Version, when the reader asked for it
	Abilities map[string]bool
	Authority *Authority

	attached int64
	notify   func()
	taken    func()
	group    *Group
}

// Group is readers that are told as one: with many, a call for each would be most of what they cost. Notify returns when they all have
// been told, and may take its time.
type Group struct{ Notify func() }

// Opening is what a reader asks for. With Version set it comes back and gets no text.
type Opening struct {
	Draft   string
	Version *int64
	Epoch   string
	Resume  string
	Notify  func() // called when there is more to read; must not block
	Group   *Group // who only reads is told by it instead of by Notify, when not nil
	Taken   func() // called when another socket took the client over; must not block
}

// Open attaches a reader. Close must follow.
//
// Faults: draft.not_found, policy.unauthenticated, draft.epoch, draft.version, draft.client_unknown, draft.unavailable.
func (s *Service) Open(ctx context.Context, actor policy.Actor, o Opening) (*Attachment, error) {
	at := &Attachment{notify: o.Notify, taken: o.Taken, group: o.Group}
	var d draftRow
	var head int64
	writes := false
	check := func(tx *db.Tx) (err error) {
		if d, err = find(ctx, tx, o.Draft); err != nil {
			return err
		}
		f, err := s.facts(ctx, tx, o.Draft)
		if err != nil {
			return err
		}
		if err := policy.Check(actor, policy.ReadDraft, f); err != nil {
			return err
		}
		writes = policy.Can(actor, policy.WriteDraft, f)
		at.Abilities, at.Epoch = Abilities(actor, f), d.epoch
		if head, err = findHead(ctx, tx, d.key); err != nil {
			return err
		}
		if o.Version != nil {
			if o.Epoch != d.epoch {
				return fault.New(fault.Conflict, "draft.epoch")
			}
			if *o.Version < 0 || *o.Version > head {
				return fault.New(fault.Conflict, "draft.version")
			}
		}
		return nil
	}
	// Reading leaves no trace; only who writes, or wrote here before, has a client number.
	err := s.db.Read(ctx, check)
	if err == nil && (writes || o.Resume != "") {
		err = s.db.Transact(ctx, func(tx *db.Tx) error {
			if err := check(tx); err != nil {
				return err
			}
			return s.client(ctx, tx, d, actor, o.Resume, writes, at)
		})
	}
	if err != nil {
		return nil, err
	}
	a, err := s.authority(ctx, d, at)
	if err != nil {
		return nil, err
	}
	at.Authority = a
	if err := a.reach(ctx, head); err != nil {
		s.Close(at)
		return nil, err
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	at.Head, at.Version = a.version, a.version
	if o.Version != nil {
		at.Version = *o.Version
	} else {
		at.Text = a.text.String()
	}
	return at, nil
}

// client issues a client number, or gives the tab that comes back its own.
func (s *Service) client(ctx context.Context, tx *db.Tx, d draftRow, actor policy.Actor, resume string, writes bool, at *Attachment) error {
	if resume != "" {
		number, secret, _ := strings.Cut(resume, ".")
		n, err := strconv.ParseInt(number, 10, 32)
		if err != nil {
			return fault.New(fault.Conflict, "draft.client_unknown")
		}
		if err := lock(ctx, tx, d.key); err != nil {
			return err
		}
		found, err := listClients(ctx, tx, d.key, []int64{n})
		if err != nil {
			return err
		}
		c, ok := found[n]
		if !ok || c.person != actor.Person || subtle.ConstantTimeCompare([]byte(c.resume), []byte(hash(secret))) != 1 {
			return fault.New(fault.Conflict, "draft.client_unknown")
		}
		if c.lastSeq, err = s.lastSeq(ctx, tx, d, c); err != nil {
			return err
		}
		at.Client, at.Seq, at.Resume, at.attached = n, c.lastSeq, resume, c.attached+1
		return attachClient(ctx, tx, d.key, n, at.attached)
	}
	if !writes {
		return nil
	}
	var b [20]byte
	if _, err := rand.Read(b[:]); err != nil {
		return err
	}
	secret := strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
	n, err := insertClient(ctx, tx, d.key, actor, hash(secret))
	if err != nil {
		return err
	}
	at.Client, at.attached, at.Resume = n, 1, strconv.FormatInt(n, 10)+"."+secret
	return nil
}

// lastSeq is the last sequence of a client in the log; the draft is locked.
func (s *Service) lastSeq(ctx context.Context, tx *db.Tx, d draftRow, c clientRow) (int64, error) {
	after, err := newestSnapshot(ctx, tx, d.key)
	if err != nil {
		return 0, err
	}
	seq := c.lastSeq
	s.mu.Lock()
	a := s.opened[d.id]
	s.mu.Unlock()
	if a != nil { // what is in memory need not be read
		a.mu.RLock()
		if a.version > after {
			after, seq = a.version, max(seq, a.loose[c.client])
		}
		a.mu.RUnlock()
	}
	loose, err := looseSeqs(ctx, tx, d.key, after)
	return max(seq, loose[c.client]), err
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// authority returns the running authority of the draft, started if need be, with at among its readers.
func (s *Service) authority(ctx context.Context, d draftRow, at *Attachment) (*Authority, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.base == nil || s.base.Err() != nil {
		return nil, fault.New(fault.Unavailable, "draft.unavailable")
	}
	a := s.opened[d.id]
	if a == nil {
		a = &Authority{ID: d.id, Handle: int(s.handles.Add(1)), svc: s, row: d, log: s.log,
			epoch: -1, editors: map[*Attachment]struct{}{}, readers: map[*Attachment]struct{}{}, groups: map[*Group]int{}}
		err := s.db.Read(ctx, func(tx *db.Tx) error {
			l, err := load(ctx, tx, d.key, -1)
			a.text, a.version, a.tail, a.since, a.loose = l.text, l.version, l.tail, l.since, l.seqs
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("open draft %s: %w", d.id, err)
		}
		s.opened[d.id] = a
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case at.Client != 0:
		at.group = nil
	case at.group != nil:
		at.notify, at.taken = nil, nil
		a.groups[at.group]++
		return a, nil
	default:
		a.readers[at] = struct{}{}
		return a, nil
	}
	for p := range a.editors {
		if p.Client == at.Client && p.taken != nil {
			delete(a.editors, p)
			p.taken()
		}
	}
	a.editors[at] = struct{}{}
	return a, nil
}

// reach waits until the authority has read up to version.
func (a *Authority) reach(ctx context.Context, version int64) error {
	a.mu.RLock()
	there := a.version >= version
	a.mu.RUnlock()
	if there {
		return nil
	}
	l := look{version: version, done: make(chan struct{})}
	if !a.look(l) {
		return fault.New(fault.Unavailable, "draft.unavailable")
	}
	select {
	case <-l.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close detaches a reader. The draft leaves memory some time after the last one.
func (s *Service) Close(at *Attachment) {
	a := at.Authority
	a.mu.Lock()
	delete(a.editors, at)
	delete(a.readers, at)
	if at.group != nil {
		if a.groups[at.group]--; a.groups[at.group] == 0 {
			delete(a.groups, at.group)
		}
		at.group = nil
	}
	empty := a.unread()
	a.mu.Unlock()
	if !empty {
		return
	}
	time.AfterFunc(s.opts.Idle, func() { s.forget(a) })
}

// unread says whether nobody has the draft open; the caller holds the lock.
func (a *Authority) unread() bool { return len(a.editors)+len(a.readers)+len(a.groups) == 0 }

// forget takes a draft that nobody reads out of memory.
func (s *Service) forget(a *Authority) {
	s.mu.Lock()
	a.mu.RLock()
	empty := a.unread()
	a.mu.RUnlock()
	gone := empty && s.opened[a.ID] == a
	if gone {
		delete(s.opened, a.ID)
		a.halt()
	}
	s.mu.Unlock()
	if gone {
		s.settle(a)
	}
}

// settle leaves a snapshot behind, so that the next opening reads a text and hardly any log, whatever the text has been through.
func (s *Service) settle(a *Authority) {
	a.mu.RLock()
	version, since, text, loose := a.version, a.since, a.text, maps.Clone(a.loose)
	a.mu.RUnlock()
	if version-since < settleUpdates || s.base.Err() != nil {
		return
	}
	err := s.db.Transact(s.base, func(tx *db.Tx) error {
		return insertSnapshot(s.base, tx, a.row.key, version, text, loose)
	})
	if err != nil && s.base.Err() == nil {
		s.log.Warn("snapshot of draft", "draft", a.ID, "error", err) // the log holds it all
	}
}

// Push hands a push to the authority. reject is called with a code, perhaps later and from another goroutine, when it was not
// accepted; acceptance shows in the frames. It must not block.
func (s *Service) Push(at *Attachment, actor policy.Actor, p Push, reject func(code string)) {
	if at.Client == 0 {
		reject("policy.forbidden")
		return
	}
	if code := at.Authority.push(waiting{at: at, actor: actor, push: p, reject: reject}); code != "" {
		reject(code)
	}
}

// Head is the newest version on this node.
func (a *Authority) Head() int64 {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.version
}

// TextNow is the newest text on this node and its version.
func (a *Authority) TextNow() (changeset.Text, int64) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.text, a.version
}

// Recent is Next from memory: ok is false when the log has to be read.
func (a *Authority) Recent(from int64) (msg []byte, to int64, ok bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if from >= a.version {
		return nil, from, true
	}
	if n := len(a.frames); n > 0 && a.frames[n-1].from == from {
		f := a.frames[n-1]
		return f.bytes, f.to, true
	}
	to = from
	first, _ := slices.BinarySearchFunc(a.frames, from, func(f frame, v int64) int { return cmp.Compare(f.from, v) })
	for _, f := range a.frames[first:] {
		if f.from != to {
			break
		}
		if msg == nil {
			msg = frameHeader(nil, a.Handle, from)
		} else if len(msg)+len(f.bytes) > maxFrameBytes {
			break
		}
		msg, to = append(msg, f.bytes[f.body:]...), f.to
	}
	return msg, to, msg != nil
}

// Next returns a frame that begins at version from and the version it ends at; nil when there is nothing newer. Peers at the head share
// one slice, which must not be changed. A reader that is far behind gets the log in pieces.
func (a *Authority) Next(ctx context.Context, from int64) ([]byte, int64, error) {
	out, to, ok := a.Recent(from)
	if ok {
		return out, to, nil
	}
	// Older than memory, or inside a row: from the log.
	err := a.svc.db.Read(ctx, func(tx *db.Tx) error {
		rows, err := listRows(ctx, tx, a.row.key, from, maxFrameBytes)
		if err != nil {
			return err
		}
		out = frameHeader(nil, a.Handle, from)
		for _, r := range rows {
			if r.first-1 == to {
				out = append(out, r.body...)
			} else {
				us, err := r.updates()
				if err != nil {
					return err
				}
				out = appendRuns(out, us[to-(r.first-1):])
			}
			to = r.last
		}
		return nil
	})
	if err != nil || to == from {
		return nil, from, err
	}
	return out, to, nil
}
