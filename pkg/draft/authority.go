package draft

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/policy"
)

const (
	// maxBehind is how old the base of a push may be, in versions.
	maxBehind = 2000
	// keepFrameBytes and keepFrames bound what an authority remembers of the log, as frames: who reads is seldom further behind, and the rest is
	// in the database. As updates it keeps fewer: pushes are mostly based on the newest few versions, and the others are read from their frames.
	// A hub may have hundreds of drafts open with two editors each, so what is kept is by editor.
	keepFrameBytes  = 1 << 20
	keepFrames      = 16
	keepFramesEach  = 8   // more for an editor
	keepFramesRead  = 256 // more where somebody only reads
	keepUpdates     = 4
	keepUpdatesEach = 4 // more for an editor
	// maxClients bounds the clients an authority remembers.
	maxClients = 5000
	// maxFrameBytes bounds a frame made for a reader that is behind.
	maxFrameBytes = 256 << 10
	// mailboxSize is how many pushes of one draft may wait; more are refused as busy.
	mailboxSize = 4096
	// readerPace is the least time between two deliveries to those who only read: editors come first, and one write brings readers all of it.
	readerPace = 100 * time.Millisecond
)

// A snapshot is due when the log since the last one exceeds snapshotUpdates, or the text's own size and snapshotBytes. Variables, so that the
// simulator meets many.
var (
	snapshotUpdates int64 = 2000
	snapshotBytes         = 64 << 10
	settleUpdates   int64 = 20 // are worth a snapshot when a draft leaves memory
)

// pace is the least time between two flushes of a draft, by how many editors are handed its frames: while edits keep coming a frame
// carries several, and the first after a pause goes out at once. Below a few editors there is nothing to gain.
func pace(editors int) time.Duration {
	switch {
	case editors <= 16:
		return 0
	case editors <= 100:
		return time.Duration(editors) * 270 * time.Microsecond
	}
	return min(27*time.Millisecond+time.Duration(editors-100)*130*time.Microsecond, 40*time.Millisecond)
}

// frame is a row of the log as peers get it.
type frame struct {
	from, to int64
	bytes    []byte
	body     int // where the runs begin in bytes
	length   int // of the text before
}

// Authority owns the text of one open draft on this node. It has no goroutine: whoever brings the first push begins a round, and only
// that round changes it until the last of what waits is committed and handed out (busy). Readers take the mutex. Handle is the number
// that stands for the draft on this node's sockets.
type Authority struct {
	ID     string
	Handle int

	svc *Service
	row draftRow
	log *slog.Logger

	boxMu   sync.Mutex
	inbox   []waiting
	looks   []look
	busy    bool // a round is under way
	stopped bool

	// The round's own.
	flushed   time.Time
	facts     policy.Facts // as of epoch
	epoch     int64        // of facts; -1 before the first
	kept      Keeping      // of the text of version, as of keptEpoch; nil when nothing is kept
	keptEpoch int64        // -1 when kept is to be read anew
	clients   map[int64]clientRow
	returns   int64              // of clients
	end       tip                // of the log, as of version
	over      []Update           // scratch of history
	logged    []changeset.Logged // and of accept

	mu      sync.RWMutex
	version int64
	text    changeset.Text
	updates []Update        // the newest, without gaps, the last one is of version
	frames  []frame         // likewise
	bytes   int             // of frames
	tail    int             // bytes of the log since the last snapshot
	since   int64           // version of the last snapshot
	loose   map[int64]int64 // newest sequences in the log since then, by client
	editors map[*Attachment]struct{}
	readers map[*Attachment]struct{} // but those in groups
	groups  map[*Group]int           // how many readers each has
	told    time.Time                // readers, last
	telling bool                     // a delivery to readers is under way or due
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

// push puts a push in the mailbox, or returns why not.
func (a *Authority) push(w waiting) (code string) {
	a.boxMu.Lock()
	switch {
	case a.stopped:
		code = "draft.unavailable"
	case len(a.inbox) >= mailboxSize:
		code = "draft.busy"
	default:
		a.inbox = append(a.inbox, w)
	}
	begin := code == "" && !a.busy
	if begin {
		a.busy = true
	}
	a.boxMu.Unlock()
	if begin {
		a.schedule()
	}
	return code
}

// look puts a look in the mailbox; false when the authority has stopped.
func (a *Authority) look(l look) bool {
	a.boxMu.Lock()
	defer a.boxMu.Unlock()
	if a.stopped {
		return false
	}
	a.looks = append(a.looks, l)
	if !a.busy {
		a.busy = true
		go a.round()
	}
	return true
}

// halt takes nothing more in.
func (a *Authority) halt() {
	a.boxMu.Lock()
	defer a.boxMu.Unlock()
	a.stopped = true
}

// schedule begins a round when the pace allows. busy is the caller's.
func (a *Authority) schedule() {
	a.mu.RLock()
	editors := len(a.editors)
	a.mu.RUnlock()
	if wait := pace(editors) - time.Since(a.flushed); wait > 0 {
		time.AfterFunc(wait, a.round)
		return
	}
	a.round()
}

// round takes the whole mailbox. It does not block, but for looks, which come in a goroutine of their own.
func (a *Authority) round() {
	a.boxMu.Lock()
	pushes, looks := a.inbox, a.looks
	a.inbox, a.looks = nil, nil
	a.boxMu.Unlock()
	if len(looks) > 0 {
		go func() {
			a.lookUp(looks)
			a.flush(pushes)
		}()
		return
	}
	a.flush(pushes)
}

func (a *Authority) lookUp(looks []look) {
	for _, l := range looks {
		if l.version > a.version {
			if err := a.catchUp(a.svc.base); err != nil && a.svc.base.Err() == nil {
				a.log.Error("read log", "draft", a.ID, "error", err)
			}
			a.deliver()
		}
		if l.done != nil {
			close(l.done)
		}
	}
}

// rest ends a round, or begins the next.
func (a *Authority) rest() {
	a.boxMu.Lock()
	more := len(a.inbox)+len(a.looks) > 0
	a.busy = more
	a.boxMu.Unlock()
	if more {
		a.schedule()
	}
}

// catchUp reads what other nodes appended.
func (a *Authority) catchUp(ctx context.Context) error {
	for {
		var res result
		err := a.svc.db.Read(ctx, func(tx *db.Tx) error {
			res = result{version: a.version, text: a.text, tip: a.end}
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
	version   int64
	text      changeset.Text
	rows      []row               // new rows, others' and ours
	updates   []Update            // of those rows
	own       bool                // the last row is ours
	tip       tip                 // after the last row
	clients   map[int64]clientRow // as this leaves them
	snapshot  bool
	kept      Keeping // after the last update, as of keptEpoch
	keptEpoch int64
	reject    map[int]string // index of the push → code
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
		r.tip.head, r.tip.newest, r.tip.flushes = x.last, x.id, r.tip.flushes+1
	}
	return nil
}

// flush appends what is acceptable of the pushes in one transaction and answers the others.
func (a *Authority) flush(pushes []waiting) {
	if len(pushes) == 0 {
		a.rest()
		return
	}
	a.flushed = time.Now()
	var res result
	attempt := 0
	j := job{key: a.row.key}
	j.run = func(ctx context.Context, tx *db.Tx, b *batch) (err error) {
		if a.svc.still != nil && attempt == 0 {
			var ok bool
			if res, ok, err = a.quick(ctx, tx, pushes); ok || err != nil {
				return err
			}
		}
		res, err = a.append(ctx, tx, b, pushes)
		return err
	}
	j.done = func(err error) {
		// Another node took the row's id at the same moment.
		if attempt++; err != nil && db.IsUnique(err) && attempt < 4 {
			a.svc.committer.submit(j)
			return
		}
		if err != nil {
			go a.fail(pushes, err)
			return
		}
		a.install(res)
		finish := func() {
			if len(res.rows) > 0 {
				a.deliver()
			}
			if res.own {
				a.svc.publish(a.ID, res.version)
			}
			for i, code := range res.reject {
				pushes[i].reject(code)
			}
			a.rest()
		}
		// A few writes cost less than another goroutine; a crowd's must not keep the other drafts' commits waiting.
		if a.crowded() {
			go finish()
		} else {
			finish()
		}
	}
	a.svc.committer.submit(j)
}

func (a *Authority) crowded() bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return len(a.editors) > 16
}

// fail answers pushes that could not be written. The commit may have happened all the same; the log says so.
func (a *Authority) fail(pushes []waiting, err error) {
	base := a.svc.base
	if base.Err() == nil {
		a.log.Error("append to log", "draft", a.ID, "error", err)
	}
	a.clients = nil
	for _, p := range pushes {
		p.reject("draft.unavailable")
	}
	if base.Err() == nil {
		if err := a.catchUp(base); err != nil {
			a.log.Error("read log", "draft", a.ID, "error", err)
		}
		a.deliver()
	}
	a.rest()
}

// deliver tells the editors that there is more, and sees to it that the readers are told soon.
func (a *Authority) deliver() {
	a.mu.RLock()
	editors := make([]*Attachment, 0, len(a.editors))
	for p := range a.editors {
		editors = append(editors, p)
	}
	readers := len(a.readers)+len(a.groups) > 0 && !a.telling
	a.mu.RUnlock()
	for _, p := range editors {
		p.notify()
	}
	if !readers {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.telling {
		return
	}
	a.telling = true
	time.AfterFunc(max(0, readerPace-time.Since(a.told)), a.tellReaders)
}

func (a *Authority) tellReaders() {
	a.mu.Lock()
	readers := make([]*Attachment, 0, len(a.readers))
	for p := range a.readers {
		readers = append(readers, p)
	}
	groups := slices.Collect(maps.Keys(a.groups))
	a.telling = false // what is committed from here on needs another delivery
	a.told = time.Now()
	a.mu.Unlock()
	for _, p := range readers {
		p.notify()
	}
	for _, g := range groups {
		g.Notify()
	}
}

// install makes a committed result the state.
func (a *Authority) install(res result) {
	for n, c := range res.clients {
		if c.client != 0 {
			a.clients[n] = c
		}
	}
	if res.clients == nil { // a look: others' updates may be of clients that are known here
		for _, u := range res.updates {
			if c, ok := a.clients[u.Client]; ok && u.Seq > c.lastSeq {
				c.lastSeq = u.Seq
				a.clients[u.Client] = c
			}
		}
	}
	switch {
	case res.clients != nil:
		a.kept, a.keptEpoch = res.kept, res.keptEpoch
	case a.kept != nil && len(res.rows) > 0:
		a.keptEpoch = -1 // others changed the text that it stands on
	}
	if len(res.rows) == 0 {
		return
	}
	a.end = res.tip
	a.mu.Lock()
	a.version, a.text = res.version, res.text
	a.updates = append(a.updates, res.updates...)
	for _, u := range res.updates {
		a.loose[u.Client] = u.Seq
	}
	if n, keep := len(a.updates), keepUpdates+keepUpdatesEach*len(a.editors); n > 2*keep {
		a.updates = append(make([]Update, 0, 2*keep+1), a.updates[n-keep:]...)
	}
	for _, r := range res.rows {
		b := frameHeader(make([]byte, 0, len(r.body)+12), a.Handle, r.first-1)
		f := frame{from: r.first - 1, to: r.last, body: len(b), length: r.length}
		f.bytes = append(b, r.body...)
		a.frames = append(a.frames, f)
		a.bytes += len(f.bytes)
		a.tail += len(r.body)
	}
	keep := keepFrames + keepFramesEach*len(a.editors)
	if len(a.readers)+len(a.groups) > 0 {
		keep += keepFramesRead
	}
	drop := 0
	if n := len(a.frames); n > keep*3/2 { // not one at a time: what stays is copied
		drop = n - keep
	}
	for _, f := range a.frames[:drop] {
		a.bytes -= len(f.bytes)
	}
	for a.bytes > keepFrameBytes && drop < len(a.frames)-1 {
		a.bytes -= len(a.frames[drop].bytes)
		drop++
	}
	if drop > 0 {
		a.frames = append(make([]frame, 0, min(keep*3/2+1, 4*(len(a.frames)-drop)+1)), a.frames[drop:]...)
	}
	if res.snapshot {
		a.tail, a.since = 0, res.version
		clear(a.loose)
	}
	a.mu.Unlock()
}
