package draft

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
)

const (
	// maxBehind is how old the base of a push may be, in versions.
	maxBehind = 2000
	// keepUpdates and keepFrameBytes bound what an authority remembers of the log.
	keepUpdates    = 2 * maxBehind
	keepFrameBytes = 1 << 20
	// maxFrameBytes bounds a frame made for a reader that is behind.
	maxFrameBytes = 256 << 10
	// mailboxSize is how many pushes of one draft may wait; more are refused as busy.
	mailboxSize = 512
	// snapshotUpdates and snapshotBytes: a snapshot is due when the log since the last one exceeds the first, or the text's own size and the second.
	snapshotUpdates = 2000
	snapshotBytes   = 64 << 10
	// pace is the least time between two flushes of a draft that many have open, so that their frames carry several updates each.
	pace        = 15 * time.Millisecond
	paceReaders = 8
)

// frame is a row of the log as peers get it.
type frame struct {
	from, to int64
	bytes    []byte
	body     int // where the runs begin in bytes
}

// Authority owns the text of one open draft on this node. Its goroutine is the only one that changes it; readers
// take the mutex. Handle is the number that stands for the draft on this node's sockets.
type Authority struct {
	ID     string
	Handle int

	svc   *Service
	row   draftRow
	log   *slog.Logger
	inbox chan any
	stop  context.CancelFunc
	done  chan struct{}

	mu      sync.RWMutex
	version int64
	text    changeset.Text
	updates []Update // the newest, without gaps, the last one is of version
	frames  []frame  // likewise
	bytes   int      // of frames
	tail    int      // bytes of the log since the last snapshot
	since   int64    // version of the last snapshot
	peers   map[*Attachment]struct{}

	flushed time.Time
}

// waiting is a push in the mailbox.
type waiting struct {
	at     *Attachment
	actor  policy.Actor
	push   Push
	reject func(code string)
}

// look asks the authority to read the log up to version or further; done is closed afterwards, when not nil.
type look struct {
	version int64
	done    chan struct{}
}

func (a *Authority) run(ctx context.Context) {
	defer close(a.done)
	for {
		var first any
		select {
		case <-ctx.Done():
			return
		case first = <-a.inbox:
		}
		a.mu.RLock()
		crowd := len(a.peers) >= paceReaders
		a.mu.RUnlock()
		if wait := pace - time.Since(a.flushed); crowd && wait > 0 {
			select {
			case <-ctx.Done():
				return
			case <-time.After(wait):
			}
		}
		var pushes []waiting
		var looks []look
		take := func(m any) {
			switch m := m.(type) {
			case waiting:
				pushes = append(pushes, m)
			case look:
				looks = append(looks, m)
			}
		}
		take(first)
	more:
		for len(pushes) < mailboxSize {
			select {
			case m := <-a.inbox:
				take(m)
			default:
				break more
			}
		}
		for _, l := range looks {
			if l.version > a.version {
				if err := a.catchUp(ctx); err != nil {
					a.log.Error("read log", "draft", a.ID, "error", err)
				}
			}
			if l.done != nil {
				close(l.done)
			}
		}
		if len(pushes) > 0 {
			a.flush(ctx, pushes)
			a.flushed = time.Now()
		}
	}
}

// catchUp reads what other nodes appended.
func (a *Authority) catchUp(ctx context.Context) error {
	for {
		var res result
		err := a.svc.db.Read(ctx, func(tx *db.Tx) error {
			res = result{version: a.version, text: a.text}
			return res.readOn(ctx, tx, a.row.key)
		})
		if err != nil {
			return err
		}
		a.install(res)
		if len(res.rows) == 0 {
			return nil
		}
	}
}

// result is what a flush or a look found and did; it becomes the authority's state only after the commit.
type result struct {
	version  int64
	text     changeset.Text
	rows     []row    // new rows, others' and ours
	updates  []Update // of those rows
	own      bool     // the last row is ours
	snapshot bool
	reject   map[int]string // index of the push → code
}

// readOn reads rows beyond r.version and applies them.
func (r *result) readOn(ctx context.Context, tx *db.Tx, key int64) error {
	rows, err := listRows(ctx, tx, key, r.version, 1<<20)
	if err != nil {
		return err
	}
	for _, x := range rows {
		us, err := x.updates()
		if err != nil {
			return err
		}
		for _, u := range us {
			if r.text, err = u.Change.Apply(r.text); err != nil {
				return err
			}
			r.version = u.Version
		}
		r.rows, r.updates = append(r.rows, x), append(r.updates, us...)
	}
	return nil
}

// flush appends what is acceptable of the pushes in one transaction and answers the others.
func (a *Authority) flush(ctx context.Context, pushes []waiting) {
	var res result
	var err error
	for attempt := 0; attempt < 4; attempt++ {
		err = a.svc.committer.commit(ctx, a.row.key, func(ctx context.Context, tx *db.Tx) (err error) {
			res, err = a.append(ctx, tx, pushes)
			return err
		})
		if err == nil || !db.IsUnique(err) {
			break
		}
		// Another node took the version: read what it wrote and rebase on that.
	}
	if err != nil {
		if ctx.Err() == nil {
			a.log.Error("append to log", "draft", a.ID, "error", err)
		}
		for _, p := range pushes {
			p.reject("draft.unavailable")
		}
		// The commit may have happened all the same; the log says so.
		if ctx.Err() == nil {
			if err := a.catchUp(ctx); err != nil {
				a.log.Error("read log", "draft", a.ID, "error", err)
			}
		}
		return
	}
	a.install(res)
	if res.own {
		a.svc.publish(a.ID, res.version)
	}
	for i, code := range res.reject {
		pushes[i].reject(code)
	}
}

// install makes a committed result the state, and wakes the readers.
func (a *Authority) install(res result) {
	if len(res.rows) == 0 {
		return
	}
	a.mu.Lock()
	a.version, a.text = res.version, res.text
	a.updates = append(a.updates, res.updates...)
	if n := len(a.updates); n > 2*keepUpdates {
		a.updates = append([]Update(nil), a.updates[n-keepUpdates:]...)
	}
	for _, r := range res.rows {
		b := frameHeader(make([]byte, 0, len(r.body)+12), a.Handle, r.first-1)
		f := frame{from: r.first - 1, to: r.last, body: len(b)}
		f.bytes = append(b, r.body...)
		a.frames = append(a.frames, f)
		a.bytes += len(f.bytes)
		a.tail += len(r.body)
	}
	drop := 0
	for a.bytes > keepFrameBytes && drop < len(a.frames)-1 {
		a.bytes -= len(a.frames[drop].bytes)
		drop++
	}
	if drop > 0 {
		a.frames = append([]frame(nil), a.frames[drop:]...)
	}
	if res.snapshot {
		a.tail, a.since = 0, res.version
	}
	for p := range a.peers {
		p.notify()
	}
	a.mu.Unlock()
}

// append does the work of a flush inside the transaction. It changes nothing of the authority and may be run again.
func (a *Authority) append(ctx context.Context, tx *db.Tx, pushes []waiting) (result, error) {
	res := result{version: a.version, text: a.text, reject: map[int]string{}}
	if err := lock(ctx, tx, a.row.key); err != nil {
		return res, err
	}
	for {
		before := res.version
		if err := res.readOn(ctx, tx, a.row.key); err != nil {
			return res, err
		}
		if res.version == before {
			break
		}
	}
	numbers := make([]int64, 0, len(pushes))
	for _, p := range pushes {
		numbers = append(numbers, p.at.Client)
	}
	clients, err := listClients(ctx, tx, a.row.key, numbers)
	if err != nil {
		return res, err
	}
	facts, err := a.svc.facts(ctx, tx, a.ID)
	if err != nil {
		return res, err
	}
	start, startLen := res.version, res.text.Len()
	var fresh []Update
	moved := map[int64]int64{}
	for i, p := range pushes {
		c := clients[p.at.Client]
		code, err := a.permit(ctx, p, c, facts)
		if err != nil {
			return res, err
		}
		if code == "" {
			code, err = a.accept(ctx, tx, &res, &fresh, p.push, &c)
		}
		if err != nil {
			return res, err
		}
		if code != "" {
			res.reject[i] = code
			continue
		}
		if c.lastSeq != clients[p.at.Client].lastSeq {
			clients[p.at.Client] = c
			moved[c.client] = c.lastSeq
		}
	}
	if len(fresh) == 0 {
		return res, nil
	}
	return res, res.write(ctx, tx, a.row.key, start+1, startLen, fresh, moved, a.tail, a.since)
}

// permit says why the push may not be accepted now, or "".
func (a *Authority) permit(ctx context.Context, p waiting, c clientRow, facts policy.Facts) (string, error) {
	if c.client == 0 || c.attached != p.at.attached {
		return "draft.client_taken", nil
	}
	actor, err := a.svc.rights.Actor(ctx, p.actor)
	if err != nil && fault.Of(err) == nil {
		return "", err
	}
	if err != nil { // the session has ended
		return "policy.forbidden", nil
	}
	if actor.Person != c.person && !actor.System {
		return "policy.forbidden", nil
	}
	switch {
	case policy.Can(actor, policy.WriteDraft, facts):
		return "", nil
	case policy.Can(actor, policy.ReadDraft, facts) && !facts.Flags["writable"]:
		return "draft.not_writable", nil
	}
	return "policy.forbidden", nil
}

// accept rebases one push onto res and adds its updates to fresh, whole or not at all. c is the client's row and moves on.
func (a *Authority) accept(ctx context.Context, tx *db.Tx, res *result, fresh *[]Update, p Push, c *clientRow) (string, error) {
	last := p.Seq + int64(len(p.Updates)) - 1
	switch {
	case p.Seq > c.lastSeq+1:
		return "draft.sequence", nil
	case last <= c.lastSeq:
		return "", nil // all in the log already; the frames that hold it are its acknowledgement
	case p.Base > res.version:
		return "draft.base", nil
	case res.version-p.Base > maxBehind:
		return "draft.behind", nil
	}
	over, err := a.history(ctx, tx, res, *fresh, p.Base)
	if err != nil {
		return "", err
	}
	length := res.text.Len()
	if len(over) > 0 {
		length = over[0].Length
	}
	if length != p.Length {
		return "draft.base", nil
	}
	logged := make([]changeset.Logged, len(over))
	expect := p.Seq
	for i, u := range over {
		logged[i].Change = u.Change
		if u.Client != c.client {
			continue
		}
		if u.Seq != expect {
			return "draft.sequence", nil // the base lacks an update of this client that comes before the push
		}
		logged[i].Own = true
		expect++
	}
	if expect != c.lastSeq+1 {
		return "draft.sequence", nil // the base holds some of what is pushed
	}
	changes, err := changeset.Rebase(p.Updates, logged)
	if err != nil {
		return "draft.base", nil
	}
	text, version, seq := res.text, res.version, expect
	added := make([]Update, 0, len(changes))
	for _, ch := range changes {
		if ch.InsertedBytes() > MaxPushBytes {
			return "draft.update_too_large", nil
		}
		before := text.Len()
		if text, err = ch.Apply(text); err != nil {
			return "draft.surrogate", nil
		}
		version++
		added = append(added, Update{Version: version, Client: c.client, Seq: seq, Length: before, Change: ch})
		seq++
	}
	if text.Bytes() > MaxTextBytes && text.Bytes() > res.text.Bytes() {
		return "draft.too_large", nil
	}
	res.text, res.version, c.lastSeq = text, version, last
	*fresh = append(*fresh, added...)
	return "", nil
}

// history returns the updates after base up to what res and fresh hold, reading the log where memory does not reach.
func (a *Authority) history(ctx context.Context, tx *db.Tx, res *result, fresh []Update, base int64) ([]Update, error) {
	var recent []Update
	for _, part := range [][]Update{a.updates, res.updates, fresh} {
		for len(part) > 0 && part[0].Version <= base {
			part = part[min(base-part[0].Version+1, int64(len(part))):]
		}
		recent = append(recent, part...)
	}
	until := res.version + 1
	if len(recent) > 0 {
		until = recent[0].Version
	}
	older, err := listUpdates(ctx, tx, a.row.key, base, until)
	return append(older, recent...), err
}
