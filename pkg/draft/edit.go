package draft

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Credit is whose a change is in the log: the person, with the agency they acted for.
type Credit struct {
	Person, Agency, Seat string
}

// CreditOf is the actor's own credit.
func CreditOf(a policy.Actor) Credit {
	return Credit{Person: a.Person, Agency: a.Agency, Seat: a.Seat}
}

// Part is one update of an Edit. Its change starts where the part before it ends, the first at the head.
type Part struct {
	Credit Credit
	Change changeset.ChangeSet // inserts at most MaxPushBytes
}

// Now is a draft as the transaction of an Edit sees it; nothing is appended before it has ended.
type Now struct {
	Version int64
	Text    changeset.Text
	Facts   policy.Facts // of the draft's edition
}

// Edit changes a text on the server's own account: fn sees the head and returns what to append, and whatever else it writes is
// one with that, or is not done. Parts that change nothing are left out; without any left, fn's own writes are committed all the same. The
// actor answers for it and needs draft.write at that moment; each part is credited as it says.
//
// It returns the version that the text has then; whoever has the draft open gets the updates as they get everybody's. fn may be called
// more than once, so it has no effect outside tx. Edit begins a transaction, so it is not called inside one.
//
// Faults: draft.not_found, policy.unauthenticated, policy.forbidden, draft.section, draft.update_too_large, draft.too_large,
// draft.surrogate, draft.unavailable after four lost races, and fn's own.
func (s *Service) Edit(ctx context.Context, actor policy.Actor, draft string, fn func(ctx context.Context, tx *db.Tx, now Now) ([]Part, error)) (int64, error) {
	return s.EditOn(ctx, actor, draft, Terms{Action: policy.WriteDraft}, fn)
}

// Terms are what an edit is allowed by where that is not the right to write the text.
type Terms struct {
	Action policy.Action                              // asked instead of draft.write; no section binds it
	Begin  func(ctx context.Context, tx *db.Tx) error // before the draft is locked; may be nil
	Done   func(ctx context.Context, tx *db.Tx) error // after the text is written, if it was; may be nil
}

// EditOn is Edit on other terms than those of the text's writers.
//
// Faults: those of Edit, and those of the terms.
func (s *Service) EditOn(ctx context.Context, actor policy.Actor, draft string, terms Terms, fn func(ctx context.Context, tx *db.Tx, now Now) ([]Part, error)) (int64, error) {
	var res result
	for attempt := 0; ; attempt++ {
		lost := false
		err := s.db.Transact(ctx, func(tx *db.Tx) (err error) {
			res, err = s.edit(ctx, tx, actor, draft, terms, fn)
			lost = errors.Is(err, errTaken)
			return err
		})
		if err == nil {
			break
		}
		if !lost {
			return 0, err
		}
		if attempt == 3 {
			return 0, fault.New(fault.Unavailable, "draft.unavailable")
		}
	}
	if res.own {
		s.mu.Lock()
		a := s.opened[draft]
		s.mu.Unlock()
		if a != nil {
			a.hint(res.version)
		}
		s.publish(draft, res.version)
	}
	return res.version, nil
}

// errTaken: another node took the row's id at the same moment.
var errTaken = errors.New("draft: the id of the row was taken")

func (s *Service) edit(ctx context.Context, tx *db.Tx, actor policy.Actor, id string, terms Terms, fn func(ctx context.Context, tx *db.Tx, now Now) ([]Part, error)) (result, error) {
	var res result
	if terms.Begin != nil {
		if err := terms.Begin(ctx, tx); err != nil {
			return res, err
		}
	}
	d, err := find(ctx, tx, id)
	if err != nil {
		return res, err
	}
	if res.tip, err = lock(ctx, tx, d.key); err != nil {
		return res, err
	}
	facts, err := s.facts(ctx, tx, id)
	if err != nil {
		return res, err
	}
	if err := policy.Check(actor, terms.Action, facts); err != nil {
		return res, err
	}
	was, err := load(ctx, tx, d.key, -1)
	if err != nil {
		return res, fmt.Errorf("draft %s: %w", id, err)
	}
	text, version := was.text, was.version
	res.text, res.version = text, version
	var kept Keeping
	if s.guard != nil && terms.Action == policy.WriteDraft {
		if kept, err = s.guard.Keep(ctx, tx, id, text); err != nil {
			return res, err
		}
	}
	parts, err := fn(ctx, tx, Now{Version: version, Text: text, Facts: facts})
	if err != nil {
		return res, err
	}
	var fresh []Update
	clients := map[Credit]*clientRow{}
	for _, p := range parts {
		if p.Change.IsEmpty() {
			continue
		}
		c := clients[p.Credit]
		if c == nil {
			if c, err = creditClient(ctx, tx, d.key, p.Credit); err != nil {
				return res, err
			}
			c.lastSeq = max(c.lastSeq, was.seqs[c.client])
			clients[p.Credit] = c
		}
		if p.Change.InsertedBytes() > MaxPushBytes {
			return res, fault.New(fault.TooLarge, "draft.update_too_large")
		}
		before := res.text
		res.text, err = p.Change.Apply(before)
		if errors.Is(err, changeset.ErrSurrogate) {
			return res, fault.New(fault.Invalid, "draft.surrogate")
		}
		if err != nil {
			return res, fmt.Errorf("edit draft %s: %w", id, err)
		}
		if kept != nil {
			next, allowed := kept.Step(p.Change, before, res.text, actor.Agency)
			if !allowed && !actor.System {
				return res, fault.New(fault.Forbidden, "draft.section")
			}
			kept = next
		}
		res.version++
		c.lastSeq++
		fresh = append(fresh, Update{Version: res.version, Client: c.client, Seq: c.lastSeq, Length: before.Len(), Change: p.Change})
	}
	if len(fresh) == 0 {
		return res, nil
	}
	if res.text.Bytes() > MaxTextBytes && res.text.Bytes() > text.Bytes() {
		return res, fault.New(fault.TooLarge, "draft.too_large")
	}
	res.own = true
	err = res.write(ctx, tx, d.key, s.ids.next(tx.Now()), version+1, text.Len(), fresh, was.seqs, was.tail, was.since)
	if db.IsUnique(err) {
		err = errTaken
	}
	if err == nil && terms.Done != nil {
		err = terms.Done(ctx, tx)
	}
	return res, err
}

// write appends fresh as one row that begins at version first, at the tip, and a snapshot when one is due. loose are the sequences in the log from the snapshot
// before to where r began.
func (r *result) write(ctx context.Context, tx *db.Tx, key, id, first int64, length int, fresh []Update, loose map[int64]int64, tail int, since int64) error {
	added := row{id: id, first: first, last: r.version, length: length, at: tx.Now(), body: appendRuns(nil, fresh)}
	if err := insertRow(ctx, tx, key, r.tip, added); err != nil {
		return err
	}
	r.tip.head, r.tip.newest, r.tip.flushes = added.last, added.id, r.tip.flushes+1
	r.rows, r.updates, r.own = append(r.rows, added), append(r.updates, fresh...), true
	if r.wants(tail+len(added.body), since) {
		seqs := maps.Clone(loose)
		for _, u := range r.updates {
			seqs[u.Client] = u.Seq
		}
		if err := insertSnapshot(ctx, tx, key, r.version, r.text, seqs); err != nil {
			return err
		}
		r.snapshot = true
	}
	return nil
}

// wants says whether a snapshot is due with tail bytes of the log after the one at version since.
func (r *result) wants(tail int, since int64) bool {
	return r.version-since > snapshotUpdates || tail > snapshotBytes && tail > r.text.Bytes()
}

// creditClient finds or makes the client that stands for a person and agency where the server itself appends. No tab can come back as it:
// its secret is no hash, so none matches.
func creditClient(ctx context.Context, tx *db.Tx, key int64, c Credit) (*clientRow, error) {
	r := clientRow{person: c.Person}
	err := tx.QueryRow(ctx, `
		select client, last_seq from draft_client
		 where draft = $1 and person = $2 and agency = $3 and seat = $4 and resume = ''`, key, c.Person, c.Agency, c.Seat).Scan(&r.client, &r.lastSeq)
	if errors.Is(err, sql.ErrNoRows) {
		r.client, err = insertClient(ctx, tx, key, policy.Actor{Person: c.Person, Agency: c.Agency, Seat: c.Seat}, "")
		return &r, err
	}
	if err != nil {
		return nil, fmt.Errorf("client of credit: %w", err)
	}
	return &r, nil
}
