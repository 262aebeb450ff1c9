package draft

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/policy"
)

// The statements of a flush. The tip moves first: who moves it from the head that it knows is the one who appends there.
const (
	sqlMove      = `update draft_tip set head = $1, newest = $2, flushes = flushes + 1 where draft = $3 and head = $4`
	sqlInsertRow = `insert into draft_log (id, draft, before, first, last, length, at, body) values ($1, $2, $3, $4, $5, $6, $7, $8)`
)

// markEvery is how many rows of a draft's log there are from one mark to the next.
const markEvery = 64

// sqlRows reads rows that hold versions from $2 on, in order: back from the eighth mark beyond it, or from the tip. The order of the joins is meant, and
// bodies are not carried along the walk.
const sqlRows = `
	with recursive walk (id, before, first) as (
		select id, before, first
		  from draft_log
		 where id = coalesce((select entry from draft_mark where draft = $1 and first > $2 order by first limit 1 offset 7),
		                     (select newest from draft_tip where draft = $1))
		 union all
		select l.id, l.before, l.first from walk w cross join draft_log l where l.id = w.before and w.first > $2
	)
	select l.id, l.first, l.last, l.length, l.at, l.body
	  from walk w cross join draft_log l
	 where l.id = w.id and l.last >= $2
	 order by l.first`

type draftRow struct {
	id, edition, epoch string
	key                int64
}

// row is one flush of the log.
type row struct {
	id          int64
	first, last int64
	length      int
	at          db.Time
	body        []byte
}

func (r row) updates() ([]Update, error) {
	us, err := readRuns(r.body, r.first-1, r.length)
	if err != nil || int64(len(us)) != r.last-r.first+1 {
		return nil, fmt.Errorf("log row %d to %d is damaged: %v", r.first, r.last, err)
	}
	return us, nil
}

// find reads a draft by id; a missing one is policy's not found.
func find(ctx context.Context, tx *db.Tx, id string) (draftRow, error) {
	d := draftRow{id: id}
	err := tx.QueryRow(ctx, `select key, edition, epoch from draft where id = $1`, id).Scan(&d.key, &d.edition, &d.epoch)
	if errors.Is(err, sql.ErrNoRows) {
		return d, policy.NotFound("draft")
	}
	if err != nil {
		return d, fmt.Errorf("find draft: %w", err)
	}
	return d, nil
}

// tip is the end of a draft's log.
type tip struct {
	returns int64 // how often clients have come back
	head    int64
	newest  int64 // id of the newest row
	flushes int64 // rows
}

// lock holds the draft's tip until the transaction ends, and reads it. SQLite has one writer anyway.
func lock(ctx context.Context, tx *db.Tx, key int64) (tip, error) {
	return findTip(ctx, tx, key, tx.ForUpdate())
}

func findTip(ctx context.Context, tx *db.Tx, key int64, how string) (t tip, err error) {
	err = tx.QueryRow(ctx, `select returns, head, newest, flushes from draft_tip where draft = $1`+how, key).Scan(&t.returns, &t.head, &t.newest, &t.flushes)
	if err != nil {
		err = fmt.Errorf("tip of draft: %w", err)
	}
	return t, err
}

// rowIDs gives the rows of a node's log their ids: milliseconds, and below them a place of this node's own, so that they grow with time and two nodes
// hardly ever meet.
type rowIDs struct {
	salt int64
	last atomic.Int64
}

const idPlaces = 1 << 20 // in a millisecond

func newRowIDs() *rowIDs { return &rowIDs{salt: rand.Int64N(idPlaces)} }

func (n *rowIDs) next(now db.Time) int64 {
	for {
		last := n.last.Load()
		id := max(last+1, int64(now)/1000*idPlaces+n.salt)
		if n.last.CompareAndSwap(last, id) {
			return id
		}
	}
}

func insertDraft(ctx context.Context, tx *db.Tx, d *draftRow) error {
	if err := tx.QueryRow(ctx, `select coalesce(max(key), 0) + 1 from draft`).Scan(&d.key); err != nil {
		return fmt.Errorf("draft key: %w", err)
	}
	_, err := tx.Exec(ctx, `insert into draft (id, key, edition, epoch, created_at) values ($1, $2, $3, $4, $5)`,
		d.id, d.key, d.edition, d.epoch, int64(tx.Now()))
	if err == nil {
		_, err = tx.Exec(ctx, `insert into draft_tip (draft, head, newest, flushes, returns) values ($1, 0, 0, 0, 0)`, d.key)
	}
	if err != nil {
		return fmt.Errorf("insert draft: %w", err)
	}
	return nil
}

func findHead(ctx context.Context, tx *db.Tx, key int64) (v int64, err error) {
	if err = tx.QueryRow(ctx, `select head from draft_tip where draft = $1`, key).Scan(&v); err != nil {
		err = fmt.Errorf("head of draft: %w", err)
	}
	return v, err
}

// listRows returns rows that hold updates after version, in order: up to about maxBytes and some hundreds, and at least one.
func listRows(ctx context.Context, tx *db.Tx, key, after int64, maxBytes int) ([]row, error) {
	rows, err := tx.Query(ctx, sqlRows, key, after+1)
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	defer rows.Close()
	var out []row
	size := 0
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.id, &r.first, &r.last, &r.length, &r.at, &r.body); err != nil {
			return nil, fmt.Errorf("read log: %w", err)
		}
		if size += len(r.body); size > maxBytes && len(out) > 0 {
			break
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// listUpdates returns the updates with after < version < until.
func listUpdates(ctx context.Context, tx *db.Tx, key, after, until int64) ([]Update, error) {
	var out []Update
	for after+1 < until {
		rows, err := listRows(ctx, tx, key, after, 1<<20)
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			return nil, fmt.Errorf("the log ends at %d, before %d", after, until-1)
		}
		for _, r := range rows {
			us, err := r.updates()
			if err != nil {
				return nil, err
			}
			for _, u := range us {
				if u.Version > after && u.Version < until {
					out = append(out, u)
				}
			}
		}
		after = rows[len(rows)-1].last
	}
	return out, nil
}

// insertRow appends a row at the tip, which the transaction holds.
func insertRow(ctx context.Context, tx *db.Tx, key int64, t tip, r row) error {
	n, err := tx.ExecKept(ctx, sqlMove, r.last, r.id, key, t.head)
	if err == nil && n == 0 {
		err = fmt.Errorf("the head is no longer %d", t.head)
	}
	if err == nil {
		err = r.insert(ctx, tx, key, t.newest)
	}
	if err == nil && (t.flushes+1)%markEvery == 0 {
		_, err = tx.Exec(ctx, `insert into draft_mark (draft, first, entry) values ($1, $2, $3)`, key, r.first, r.id)
	}
	if err != nil {
		return fmt.Errorf("append to log: %w", err)
	}
	return nil
}

func (r row) insert(ctx context.Context, tx *db.Tx, key, before int64) error {
	_, err := tx.ExecKept(ctx, sqlInsertRow, r.id, key, before, r.first, r.last, int64(r.length), int64(r.at), r.body)
	return err
}

// findSnapshot returns the newest snapshot at or before version.
func findSnapshot(ctx context.Context, tx *db.Tx, key, version int64) (int64, changeset.Text, error) {
	var v int64
	var body []byte
	err := tx.QueryRow(ctx, `select version, body from draft_snapshot where draft = $1 and version <= $2 order by version desc limit 1`, key, version).Scan(&v, &body)
	if err != nil {
		return 0, changeset.Text{}, fmt.Errorf("snapshot of draft: %w", err)
	}
	return v, changeset.NewText(string(body)), nil
}

// insertSnapshot adds a snapshot and drops those between version 0 and it. seqs are the sequences of the log since the snapshot before, by client: the
// clients' rows are as new as the newest snapshot.
func insertSnapshot(ctx context.Context, tx *db.Tx, key, version int64, text changeset.Text, seqs map[int64]int64) error {
	for client, seq := range seqs {
		_, err := tx.Exec(ctx, `update draft_client set last_seq = $1 where draft = $2 and client = $3 and last_seq < $1`, seq, key, client)
		if err != nil {
			return fmt.Errorf("last sequence: %w", err)
		}
	}
	_, err := tx.Exec(ctx, `insert into draft_snapshot (draft, version, at, body) values ($1, $2, $3, $4) on conflict do nothing`, key, version, int64(tx.Now()), []byte(text.String()))
	if err == nil && version > 0 {
		_, err = tx.Exec(ctx, `delete from draft_snapshot where draft = $1 and version > 0 and version < $2`, key, version)
	}
	if err != nil {
		return fmt.Errorf("snapshot of draft: %w", err)
	}
	return nil
}

// loaded is a text and what it took to read it.
type loaded struct {
	text    changeset.Text
	version int64
	since   int64           // version of the snapshot it was read from
	tail    int             // bytes of the log after that
	seqs    map[int64]int64 // and the newest sequences in it, by client
}

// load reads the text of version, or of the head when version is negative.
func load(ctx context.Context, tx *db.Tx, key, version int64) (l loaded, err error) {
	upTo := version
	if version < 0 {
		upTo = 1 << 62
	}
	l.since, l.text, err = findSnapshot(ctx, tx, key, upTo)
	if err != nil {
		return l, err
	}
	l.version, l.seqs = l.since, map[int64]int64{}
	for l.version < upTo {
		rows, err := listRows(ctx, tx, key, l.version, 1<<20)
		if err != nil {
			return l, err
		}
		if len(rows) == 0 {
			break
		}
		for _, r := range rows {
			us, err := r.updates()
			if err != nil {
				return l, err
			}
			l.tail += len(r.body)
			for _, u := range us {
				if u.Version <= l.version {
					continue
				}
				if u.Version > upTo {
					return l, nil
				}
				if l.text, err = u.Change.Apply(l.text); err != nil {
					return l, fmt.Errorf("replay of update %d: %w", u.Version, err)
				}
				l.version, l.seqs[u.Client] = u.Version, u.Seq
			}
		}
	}
	if version >= 0 && l.version != version {
		return l, fmt.Errorf("the log ends at %d, before %d", l.version, version)
	}
	return l, nil
}

// looseSeqs returns the newest sequences in the log after a version, by client.
func looseSeqs(ctx context.Context, tx *db.Tx, key, after int64) (map[int64]int64, error) {
	seqs := map[int64]int64{}
	for {
		rows, err := listRows(ctx, tx, key, after, 1<<20)
		if err != nil || len(rows) == 0 {
			return seqs, err
		}
		for _, r := range rows {
			us, err := r.updates()
			if err != nil {
				return nil, err
			}
			for _, u := range us {
				if u.Version > after {
					seqs[u.Client] = u.Seq
				}
			}
			after = r.last
		}
	}
}

// newestSnapshot is the version of the newest snapshot.
func newestSnapshot(ctx context.Context, tx *db.Tx, key int64) (v int64, err error) {
	if err = tx.QueryRow(ctx, `select coalesce(max(version), 0) from draft_snapshot where draft = $1`, key).Scan(&v); err != nil {
		err = fmt.Errorf("snapshot of draft: %w", err)
	}
	return v, err
}

// clientRow is a client. Its last sequence in the database is as of the newest snapshot; the log after that has the rest.
type clientRow struct {
	client            int64
	person, resume    string
	attached, lastSeq int64
}

// listClients reads the clients with these numbers.
func listClients(ctx context.Context, tx *db.Tx, key int64, numbers []int64) (map[int64]clientRow, error) {
	in, args := db.In(2, numbers)
	rows, err := tx.Query(ctx, `select client, person, resume, attached, last_seq from draft_client where draft = $1 and client in (`+in+`)`, append([]any{key}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("clients of draft: %w", err)
	}
	defer rows.Close()
	out := map[int64]clientRow{}
	for rows.Next() {
		var c clientRow
		if err := rows.Scan(&c.client, &c.person, &c.resume, &c.attached, &c.lastSeq); err != nil {
			return nil, fmt.Errorf("clients of draft: %w", err)
		}
		out[c.client] = c
	}
	return out, rows.Err()
}

func insertClient(ctx context.Context, tx *db.Tx, key int64, actor policy.Actor, resumeHash string) (int64, error) {
	if _, err := lock(ctx, tx, key); err != nil {
		return 0, err
	}
	var n int64
	if err := tx.QueryRow(ctx, `select coalesce(max(client), 0) + 1 from draft_client where draft = $1`, key).Scan(&n); err != nil {
		return 0, fmt.Errorf("client number: %w", err)
	}
	_, err := tx.Exec(ctx, `
		insert into draft_client (draft, client, person, agency, seat, resume, attached, last_seq, created_at)
		values ($1, $2, $3, $4, $5, $6, 1, 0, $7)`, key, n, actor.Person, actor.Agency, actor.Seat, resumeHash, int64(tx.Now()))
	if err != nil {
		return 0, fmt.Errorf("insert client: %w", err)
	}
	return n, nil
}

func attachClient(ctx context.Context, tx *db.Tx, key, client, attached int64) error {
	_, err := tx.Exec(ctx, `update draft_client set attached = $1 where draft = $2 and client = $3`, attached, key, client)
	if err == nil {
		_, err = tx.Exec(ctx, `update draft_tip set returns = returns + 1 where draft = $1`, key)
	}
	if err != nil {
		return fmt.Errorf("attach client: %w", err)
	}
	return nil
}

// joinedBy returns the keys of those drafts that a person has joined to write.
func joinedBy(ctx context.Context, tx *db.Tx, person string, drafts []string) (map[string]int64, error) {
	out := map[string]int64{}
	if len(drafts) == 0 {
		return out, nil
	}
	in, args := db.In(2, drafts)
	rows, err := tx.Query(ctx, `select distinct d.id, d.key from draft_client c join draft d on d.key = c.draft where c.person = $1 and d.id in (`+in+`)`,
		append([]any{person}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("drafts of a person: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var key int64
		if err := rows.Scan(&id, &key); err != nil {
			return nil, fmt.Errorf("drafts of a person: %w", err)
		}
		out[id] = key
	}
	return out, rows.Err()
}

// listAuthors returns the persons who wrote something that was accepted, sorted.
func listAuthors(ctx context.Context, tx *db.Tx, key int64) ([]string, error) {
	since, err := newestSnapshot(ctx, tx, key)
	if err != nil {
		return nil, err
	}
	loose, err := looseSeqs(ctx, tx, key, since)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `select client, person, last_seq from draft_client where draft = $1 and person <> '' order by person`, key)
	if err != nil {
		return nil, fmt.Errorf("authors of draft: %w", err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var client, seq int64
		var p string
		if err := rows.Scan(&client, &p, &seq); err != nil {
			return nil, fmt.Errorf("authors of draft: %w", err)
		}
		if max(seq, loose[client]) > 0 {
			out = append(out, p)
		}
	}
	return slices.Compact(out), rows.Err()
}
