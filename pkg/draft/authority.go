package draft

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
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
	// maxClients bounds the clients an authority remembers.
	maxClients = 5000
	// maxFrameBytes bounds a frame made for a reader that is behind.
	maxFrameBytes = 256 << 10
	// mailboxSize is how many pushes of one draft may wait; more are refused as busy.
	mailboxSize = 4096
	// snapshotUpdates and snapshotBytes: a snapshot is due when the log since the last one exceeds the first, or the text's own size and the second.
	snapshotUpdates = 2000
	snapshotBytes   = 64 << 10
	// settleUpdates are worth a snapshot when a draft leaves memory.
	settleUpdates = 20
	// readerPace is the least time between two deliveries to those who only read: editors come first, and one write brings readers all of it.
	readerPace = 100 * time.Millisecond
)

// pace is the least time between two flushes of a draft, by how many editors are handed its frames: while edits keep coming a frame
// carries several, and the first after a pause goes out at once. Below a few editors there is nothing to gain.
func pace(editors int) time.Duration {
	switch {
	case editors <= 16:
		return 0
	case editors <= 100:
		return time.Duration(editors) * 300 * time.Microsecond
	}
	return min(30*time.Millisecond+time.Duration(editors-100)*100*time.Microsecond, 40*time.Millisecond)
}

// frame is a row of the log as peers get it.
type frame struct {
	from, to int64
	bytes    []byte
	body     int // where the runs begin in bytes
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
	returns   int64 // of clients

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
	version   int64
	text      changeset.Text
	rows      []row               // new rows, others' and ours
	updates   []Update            // of those rows
	own       bool                // the last row is ours
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
		res, err = a.append(ctx, tx, b, pushes)
		return err
	}
	if a.svc.still != nil {
		j.quick = func(now db.Time) (args []any, ok bool) {
			res, args, ok = a.quick(now, pushes)
			return args, ok
		}
	}
	j.done = func(err error) {
		// Another node took the version: read what it wrote and rebase on that.
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
	a.mu.Lock()
	a.version, a.text = res.version, res.text
	a.updates = append(a.updates, res.updates...)
	for _, u := range res.updates {
		a.loose[u.Client] = u.Seq
	}
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
		clear(a.loose)
	}
	a.mu.Unlock()
}

// append does the work of a flush inside the transaction. It changes nothing that peers see and may be run again.
//
// What it read before is kept for as long as the draft's row and the head say that nothing else happened; on PostgreSQL the row is locked
// first, so that what is read afterwards (rights, head, clients) is as the last of those who held it left it.
func (a *Authority) append(ctx context.Context, tx *db.Tx, b *batch, pushes []waiting) (result, error) {
	res := result{version: a.version, text: a.text}
	returns, head, err := lockTip(ctx, tx, a.row.key)
	if err != nil {
		return res, err
	}
	for head > res.version {
		if err := res.readOn(ctx, tx, a.row.key); err != nil {
			return res, err
		}
	}
	if returns != a.returns || len(a.clients) > maxClients {
		a.clients, a.returns = nil, returns
	}
	if a.clients == nil {
		a.clients = map[int64]clientRow{}
	}
	numbers := make([]int64, 0, 8)
	for _, p := range pushes {
		if _, ok := a.clients[p.at.Client]; !ok {
			numbers = append(numbers, p.at.Client)
		}
	}
	if len(numbers) > 0 {
		read, err := listClients(ctx, tx, a.row.key, numbers)
		if err != nil {
			return res, err
		}
		for n, c := range read {
			c.lastSeq = max(c.lastSeq, a.loose[n])
			a.clients[n] = c
		}
	}
	clients := make(map[int64]clientRow, len(pushes))
	for _, p := range pushes {
		clients[p.at.Client] = a.clients[p.at.Client]
	}
	for _, u := range res.updates { // what others appended since a.version may be of these clients, by way of another node
		if c, ok := clients[u.Client]; ok && u.Seq > c.lastSeq {
			c.lastSeq = u.Seq
			clients[u.Client] = c
		}
	}
	epoch, err := a.svc.epoch(ctx, tx, b)
	if err != nil {
		return res, err
	}
	if epoch < 0 || epoch != a.epoch {
		if a.facts, err = a.svc.facts(ctx, tx, a.ID); err != nil {
			a.epoch = -1
			return res, err
		}
		a.epoch = epoch
	}
	res.kept, res.keptEpoch = a.kept, epoch
	if a.svc.guard != nil && (epoch < 0 || a.keptEpoch != epoch || a.kept != nil && res.version != a.version) {
		if res.kept, err = a.svc.guard.Keep(ctx, tx, a.ID, res.text); err != nil {
			return res, err
		}
	}
	start, startLen := res.version, res.text.Len()
	res.clients = clients
	fresh, err := a.decide(ctx, tx, tx.Now(), epoch, &res, pushes)
	if err != nil || len(fresh) == 0 {
		return res, err
	}
	return res, res.write(ctx, tx, a.row.key, start+1, startLen, fresh, a.loose, a.tail, a.since)
}

// sqlQuick appends a row where it was prepared to go, if nothing has happened since that it was not prepared for: no client came back, nobody
// else appended, and what the epoch of rights rests on (%s) has not moved.
const sqlQuick = `
	insert into draft_log (draft, first, last, length, at, body)
	select $1, $2, $3, $4, $5, $6
	 where (select returns from draft where key = $1) = $7
	   and coalesce((select last from draft_log where draft = $1 order by first desc limit 1), 0) = $2 - 1
	   and (%s) = $8`

// quick is append from memory alone. What it decides holds in the transaction in which sqlQuick, with these arguments, adds its row; if that adds
// none, or ok is false, append has to decide.
func (a *Authority) quick(now db.Time, pushes []waiting) (res result, args []any, ok bool) {
	_, head, epoch := a.svc.still.Still()
	if epoch < 0 || epoch != a.epoch || a.svc.guard != nil && a.keptEpoch != epoch || len(a.clients) > maxClients {
		return res, nil, false
	}
	res = result{version: a.version, text: a.text, kept: a.kept, keptEpoch: epoch, clients: make(map[int64]clientRow, len(pushes))}
	for _, p := range pushes {
		c, known := a.clients[p.at.Client]
		if !known {
			return res, nil, false
		}
		res.clients[p.at.Client] = c
	}
	fresh, err := a.decide(a.svc.base, nil, now, epoch, &res, pushes)
	if err != nil || len(fresh) == 0 {
		return res, nil, false
	}
	x := row{first: a.version + 1, last: res.version, length: a.text.Len(), at: now, body: appendRuns(nil, fresh)}
	if res.wants(a.tail+len(x.body), a.since) {
		return res, nil, false
	}
	res.rows, res.updates, res.own = []row{x}, fresh, true
	return res, []any{a.row.key, x.first, x.last, int64(x.length), int64(now), x.body, a.returns, head}, true
}

// errMemory: what was asked for is not in memory, and there is no transaction to read it in.
var errMemory = errors.New("draft: not in memory")

// decide takes in what it may of the pushes, as of now and the epoch, and returns the new updates. res.clients holds the clients' rows and is
// moved on. tx may be nil; then errMemory says that it does not do without.
func (a *Authority) decide(ctx context.Context, tx *db.Tx, now db.Time, epoch int64, res *result, pushes []waiting) ([]Update, error) {
	var fresh []Update
	for i, p := range pushes {
		c := res.clients[p.at.Client]
		actor, code, err := a.permit(ctx, tx, now, epoch, p, c, a.facts)
		if err != nil {
			return nil, err
		}
		if code == "" {
			code, err = a.accept(ctx, tx, res, &fresh, p.push, &c, actor)
		}
		if err != nil {
			return nil, err
		}
		if code != "" {
			if res.reject == nil {
				res.reject = map[int]string{}
			}
			res.reject[i] = code
			continue
		}
		if c.lastSeq != res.clients[p.at.Client].lastSeq {
			res.clients[p.at.Client] = c
		}
	}
	return fresh, nil
}

// permit returns who pushes, as of now, and why the push may not be accepted, or "".
func (a *Authority) permit(ctx context.Context, tx *db.Tx, now db.Time, epoch int64, p waiting, c clientRow, facts policy.Facts) (policy.Actor, string, error) {
	if c.client == 0 || c.attached != p.at.attached {
		return p.actor, "draft.client_taken", nil
	}
	actor, err := a.svc.standing(ctx, tx, now, epoch, p.actor)
	if err != nil && fault.Of(err) == nil {
		return actor, "", err
	}
	if err != nil { // the session has ended
		return actor, "policy.forbidden", nil
	}
	if actor.Person != c.person && !actor.System {
		return actor, "policy.forbidden", nil
	}
	switch {
	case policy.Can(actor, policy.WriteDraft, facts):
		return actor, "", nil
	case policy.Can(actor, policy.ReadDraft, facts) && !facts.Flags["writable"]:
		return actor, "draft.not_writable", nil
	}
	return actor, "policy.forbidden", nil
}

// accept rebases one push onto res and adds its updates to fresh, whole or not at all. c is the client's row and moves on.
func (a *Authority) accept(ctx context.Context, tx *db.Tx, res *result, fresh *[]Update, p Push, c *clientRow, actor policy.Actor) (string, error) {
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
	text, version, seq, kept := res.text, res.version, expect, res.kept
	added := make([]Update, 0, len(changes))
	for _, ch := range changes {
		if ch.InsertedBytes() > MaxPushBytes {
			return "draft.update_too_large", nil
		}
		before := text
		if text, err = ch.Apply(before); err != nil {
			return "draft.surrogate", nil
		}
		if kept != nil {
			next, allowed := kept.Step(ch, before, text, actor.Agency)
			if !allowed && !actor.System {
				return "draft.section", nil
			}
			kept = next
		}
		version++
		added = append(added, Update{Version: version, Client: c.client, Seq: seq, Length: before.Len(), Change: ch})
		seq++
	}
	if text.Bytes() > MaxTextBytes && text.Bytes() > res.text.Bytes() {
		return "draft.too_large", nil
	}
	res.text, res.version, res.kept, c.lastSeq = text, version, kept, last
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
	if base+1 >= until {
		return recent, nil
	}
	if tx == nil {
		return nil, errMemory
	}
	older, err := listUpdates(ctx, tx, a.row.key, base, until)
	return append(older, recent...), err
}
