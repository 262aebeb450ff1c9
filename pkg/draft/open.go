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
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
)

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
		if _, err := lock(ctx, tx, d.key); err != nil {
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
			if err == nil {
				a.end, err = findTip(ctx, tx, d.key, "")
			}
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
