package draft

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
)

// append does the work of a flush inside the transaction. It changes nothing that peers see and may be run again.
//
// What it read before is kept for as long as the draft's row and the head say that nothing else happened; on PostgreSQL the row is locked
// first, so that what is read afterwards (rights, head, clients) is as the last of those who held it left it.
func (a *Authority) append(ctx context.Context, tx *db.Tx, b *batch, pushes []waiting) (result, error) {
	res := result{version: a.version, text: a.text}
	end, err := lock(ctx, tx, a.row.key)
	if err != nil {
		return res, err
	}
	for end.head > res.version {
		if err := res.readOn(ctx, tx, a.row.key); err != nil {
			return res, err
		}
	}
	res.tip = end
	if end.returns != a.returns || len(a.clients) > maxClients {
		a.clients, a.returns = nil, end.returns
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
	return res, res.write(ctx, tx, a.row.key, a.svc.ids.next(tx.Now()), start+1, startLen, fresh, a.loose, a.tail, a.since)
}

// sqlQuickMove is sqlMove if nothing else has happened either that a flush was not prepared for: no client came back, and what the epoch of rights rests
// on (%s) has not moved.
const sqlQuickMove = sqlMove + ` and returns = $5 and (%s) = $6`

// quick is append from memory alone; false when append has to decide. What it decides holds in the transaction in which it moves the tip, and then the
// row goes where it was prepared to go.
func (a *Authority) quick(ctx context.Context, tx *db.Tx, pushes []waiting) (res result, ok bool, err error) {
	_, head, epoch := a.svc.still.Still()
	end := a.end
	if epoch < 0 || epoch != a.epoch || a.svc.guard != nil && a.keptEpoch != epoch || len(a.clients) > maxClients ||
		end.head != a.version || (end.flushes+1)%markEvery == 0 {
		return res, false, nil
	}
	res = result{version: a.version, text: a.text, kept: a.kept, keptEpoch: epoch, clients: make(map[int64]clientRow, len(pushes))}
	for _, p := range pushes {
		c, known := a.clients[p.at.Client]
		if !known {
			return res, false, nil
		}
		res.clients[p.at.Client] = c
	}
	now := tx.Now()
	fresh, err := a.decide(ctx, nil, now, epoch, &res, pushes)
	if err != nil || len(fresh) == 0 {
		return res, false, nil //nolint:nilerr // append says what is wrong
	}
	x := row{id: a.svc.ids.next(now), first: a.version + 1, last: res.version, length: a.text.Len(), at: now, body: appendRuns(nil, fresh)}
	if res.wants(a.tail+len(x.body), a.since) {
		return res, false, nil
	}
	n, err := tx.ExecKept(ctx, a.svc.quickMove, x.last, x.id, a.row.key, end.head, a.returns, head)
	if err != nil || n == 0 {
		return res, false, err
	}
	if err := x.insert(ctx, tx, a.row.key, end.newest); err != nil {
		return res, false, err
	}
	res.rows, res.updates, res.own = []row{x}, fresh, true
	res.tip = tip{returns: a.returns, head: x.last, newest: x.id, flushes: end.flushes + 1}
	return res, true, nil
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
	logged := slices.Grow(a.logged[:0], len(over))[:len(over)]
	clear(logged)
	if cap(logged) <= maxBehind {
		a.logged = logged
	}
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

// framed reads the updates after base and before until from the frames in memory, as far back as those go.
func (a *Authority) framed(base, until int64) ([]Update, error) {
	var out []Update
	first, _ := slices.BinarySearchFunc(a.frames, base, func(f frame, v int64) int { return cmp.Compare(f.to, v+1) })
	for _, f := range a.frames[first:] {
		if f.from+1 >= until {
			break
		}
		us, err := readRuns(f.bytes[f.body:], f.from, f.length)
		if err != nil {
			return nil, err
		}
		for _, u := range us {
			if u.Version > base && u.Version < until {
				out = append(out, u)
			}
		}
	}
	return out, nil
}

// history returns, until it is called again, the updates after base up to what res and fresh hold, reading the log where memory does not reach.
func (a *Authority) history(ctx context.Context, tx *db.Tx, res *result, fresh []Update, base int64) ([]Update, error) {
	recent := a.over[:0]
	for _, part := range [][]Update{a.updates, res.updates, fresh} {
		for len(part) > 0 && part[0].Version <= base {
			part = part[min(base-part[0].Version+1, int64(len(part))):]
		}
		recent = append(recent, part...)
	}
	if cap(recent) <= maxBehind {
		a.over = recent
	}
	until := res.version + 1
	if len(recent) > 0 {
		until = recent[0].Version
	}
	if base+1 < until {
		framed, err := a.framed(base, until)
		if err != nil {
			return nil, err
		}
		if len(framed) > 0 {
			recent, until = append(framed, recent...), framed[0].Version
		}
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
