package ballot

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

const columns = `id, subject_kind, subject_id, subject_hash, subject_title_ar, subject_title_en, agency,
	question_ar, question_en, threshold, quorum, reason_required, early_close, min_open, state, result, close_cause,
	round, previous, owner, opened_by, created_at, opens_at, closes_at, extended_from, notice_closes_at, notice_reason,
	closed_at, certified_at, certified_by, certificate_hash, discussion, updated_at`

type scanner interface{ Scan(...any) error }

func scan(row scanner) (Ballot, error) {
	var b Ballot
	var minOpen int64
	err := row.Scan(&b.ID, &b.SubjectKind, &b.Subject.ID, &b.Subject.Hash, &b.Subject.Title.Ar, &b.Subject.Title.En, &b.Subject.Agency,
		&b.Terms.Question.Ar, &b.Terms.Question.En, &b.Terms.Threshold, &b.Terms.Quorum, &b.Terms.ReasonRequired, &b.Terms.EarlyClose, &minOpen,
		&b.State, &b.Result, &b.Cause, &b.Round, &b.Previous, &b.Owner, &b.OpenedBy, &b.CreatedAt, &b.Terms.OpensAt, &b.Terms.ClosesAt,
		&b.ExtendedFrom, &b.NoticeClosesAt, &b.NoticeReason, &b.ClosedAt, &b.CertifiedAt, &b.CertifiedBy, &b.CertificateHash, &b.Discussion, &b.UpdatedAt)
	if errors.Is(err, sql.ErrNoRows) {
		return Ballot{}, policy.NotFound("ballot")
	}
	if err != nil {
		return Ballot{}, fmt.Errorf("read ballot: %w", err)
	}
	b.Terms.MinOpen = time.Duration(minOpen) * time.Microsecond
	return b, nil
}

func find(ctx context.Context, tx *db.Tx, id string) (Ballot, error) {
	return scan(tx.QueryRow(ctx, `select `+columns+` from ballot where id = $1`, id))
}

// findForUpdate locks the ballot's row: votes and closing take turns on it.
func findForUpdate(ctx context.Context, tx *db.Tx, id string) (Ballot, error) {
	return scan(tx.QueryRow(ctx, `select `+columns+` from ballot where id = $1`+tx.ForUpdate(), id))
}

func insert(ctx context.Context, tx *db.Tx, b Ballot) error {
	_, err := tx.Exec(ctx, `
		insert into ballot (id, subject_kind, subject_id, subject_title_ar, subject_title_en, agency, question_ar, question_en,
		                    threshold, quorum, reason_required, early_close, min_open, state, round, previous, owner,
		                    created_at, opens_at, closes_at, updated_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $18)`,
		b.ID, b.SubjectKind, b.Subject.ID, b.Subject.Title.Ar, b.Subject.Title.En, b.Subject.Agency, b.Terms.Question.Ar, b.Terms.Question.En,
		b.Terms.Threshold, b.Terms.Quorum, b.Terms.ReasonRequired, b.Terms.EarlyClose, b.Terms.MinOpen.Microseconds(), b.State, b.Round, b.Previous, b.Owner,
		b.CreatedAt, b.Terms.OpensAt, b.Terms.ClosesAt)
	if err != nil {
		return fmt.Errorf("insert ballot: %w", err)
	}
	return nil
}

// update writes what may change after a ballot was prepared.
func update(ctx context.Context, tx *db.Tx, b *Ballot) error {
	b.UpdatedAt = tx.Now()
	_, err := tx.Exec(ctx, `
		update ballot
		   set subject_hash = $2, subject_title_ar = $3, subject_title_en = $4, state = $5, result = $6, close_cause = $7,
		       opened_by = $8, opens_at = $9, closes_at = $10, extended_from = $11, notice_closes_at = $12, notice_reason = $13,
		       closed_at = $14, certified_at = $15, certified_by = $16, certificate_hash = $17, updated_at = $18, discussion = $19
		 where id = $1`,
		b.ID, b.Subject.Hash, b.Subject.Title.Ar, b.Subject.Title.En, b.State, b.Result, b.Cause,
		b.OpenedBy, b.Terms.OpensAt, b.Terms.ClosesAt, b.ExtendedFrom, b.NoticeClosesAt, b.NoticeReason,
		b.ClosedAt, b.CertifiedAt, b.CertifiedBy, b.CertificateHash, b.UpdatedAt, b.Discussion)
	if err != nil {
		return fmt.Errorf("update ballot %s: %w", b.ID, err)
	}
	return nil
}

func insertStep(ctx context.Context, tx *db.Tx, id string, s Step) error {
	_, err := tx.Exec(ctx, `
		insert into ballot_step (ballot, n, event, from_state, to_state, reason, person, agency, at)
		values ($1, (select coalesce(max(n), 0) + 1 from ballot_step where ballot = $1), $2, $3, $4, $5, $6, $7, $8)`,
		id, s.Event, s.From, s.To, s.Reason, s.Person, s.Agency, s.At)
	if err != nil {
		return fmt.Errorf("insert ballot step: %w", err)
	}
	return nil
}

func listSteps(ctx context.Context, tx *db.Tx, id string) ([]Step, error) {
	rows, err := tx.Query(ctx, `select event, from_state, to_state, reason, person, agency, at from ballot_step where ballot = $1 order by n`, id)
	if err != nil {
		return nil, fmt.Errorf("list ballot steps: %w", err)
	}
	defer rows.Close()
	var out []Step
	for rows.Next() {
		var s Step
		if err := rows.Scan(&s.Event, &s.From, &s.To, &s.Reason, &s.Person, &s.Agency, &s.At); err != nil {
			return nil, fmt.Errorf("list ballot steps: %w", err)
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

func insertElector(ctx context.Context, tx *db.Tx, ballot string, e Elector) error {
	holders, err := json.Marshal(e.Holders)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into ballot_elector (ballot, agency, seat, weight, holders) values ($1, $2, $3, $4, $5)`,
		ballot, e.Agency, e.Seat, e.Weight, string(holders))
	if err != nil {
		return fmt.Errorf("insert elector: %w", err)
	}
	return nil
}

// listElectorates returns the frozen electorates of the ballots, by ballot.
func listElectorates(ctx context.Context, tx *db.Tx, ids ...string) (map[string][]Elector, error) {
	out := map[string][]Elector{}
	if len(ids) == 0 {
		return out, nil
	}
	in, args := db.In(1, ids)
	rows, err := tx.Query(ctx, `select ballot, agency, seat, weight, holders, suspended from ballot_elector where ballot in (`+in+`) order by ballot, agency`, args...)
	if err != nil {
		return nil, fmt.Errorf("list electorate: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var e Elector
		var ballot, holders string
		if err := rows.Scan(&ballot, &e.Agency, &e.Seat, &e.Weight, &holders, &e.Suspended); err != nil {
			return nil, fmt.Errorf("list electorate: %w", err)
		}
		if err := json.Unmarshal([]byte(holders), &e.Holders); err != nil {
			return nil, fmt.Errorf("holders of %s: %w", e.Agency, err)
		}
		out[ballot] = append(out[ballot], e)
	}
	return out, rows.Err()
}

// listVotes returns the votes that count, by ballot.
func listVotes(ctx context.Context, tx *db.Tx, ids ...string) (map[string][]Vote, error) {
	out := map[string][]Vote{}
	if len(ids) == 0 {
		return out, nil
	}
	in, args := db.In(1, ids)
	rows, err := tx.Query(ctx, `
		select ballot, agency, choice, reason, cast_by, cast_seat, by_principal, subject_hash, cast_at, n
		  from ballot_vote where ballot in (`+in+`) order by ballot, agency`, args...)
	if err != nil {
		return nil, fmt.Errorf("list votes: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var ballot string
		var v Vote
		if err := rows.Scan(&ballot, &v.Agency, &v.Choice, &v.Reason, &v.CastBy, &v.CastSeat, &v.ByPrincipal, &v.SubjectHash, &v.CastAt, &v.N); err != nil {
			return nil, fmt.Errorf("list votes: %w", err)
		}
		out[ballot] = append(out[ballot], v)
	}
	return out, rows.Err()
}

// upsertVote writes the vote that counts and keeps it in the history. The
// primary key (ballot, agency) is what makes it one vote an agency.
func upsertVote(ctx context.Context, tx *db.Tx, ballot string, v Vote) error {
	_, err := tx.Exec(ctx, `
		insert into ballot_vote (ballot, agency, choice, reason, cast_by, cast_seat, by_principal, subject_hash, cast_at, n)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		on conflict (ballot, agency) do update
		   set choice = excluded.choice, reason = excluded.reason, cast_by = excluded.cast_by, cast_seat = excluded.cast_seat,
		       by_principal = excluded.by_principal, subject_hash = excluded.subject_hash, cast_at = excluded.cast_at, n = excluded.n`,
		ballot, v.Agency, v.Choice, v.Reason, v.CastBy, v.CastSeat, v.ByPrincipal, v.SubjectHash, v.CastAt, v.N)
	if err != nil {
		return fmt.Errorf("write vote: %w", err)
	}
	_, err = tx.Exec(ctx, `
		insert into ballot_vote_change (ballot, agency, n, choice, reason, cast_by, by_principal, at)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		ballot, v.Agency, v.N, v.Choice, v.Reason, v.CastBy, v.ByPrincipal, v.CastAt)
	if err != nil {
		return fmt.Errorf("write vote change: %w", err)
	}
	return nil
}

// Order is how a list of ballots is ordered.
type Order string

// The orders. A ballot keeps its place in the first; in the others it moves
// when its time of closing does.
const (
	NewestFirst     Order = ""
	ClosingFirst    Order = "closing"
	LastClosedFirst Order = "closed"
)

// Filter narrows a list; the zero value is every ballot that is not a draft.
type Filter struct {
	States   []State
	Subjects []string
	Narrow   member.Narrowing // of the agency whose matter it is
	Order    Order            // ClosingFirst: the next to close first; LastClosedFirst: the last
	After    string           // cursor: Listed.Next of the page before, in the same order
	Limit    int              // 1 to 200; 0 is 100
	Count    bool             // the owners of all pages too
	drafts   bool             // set by the service for those who see drafts
}

// where is the filter without its narrowing and its page.
func (f Filter) where() *db.Where {
	w := &db.Where{}
	if !f.drafts {
		w.And(`state <> 'draft'`)
	}
	if len(f.States) > 0 {
		in, states := db.In(w.Next(), f.States)
		w.Add(`state in (`+in+`)`, states)
	}
	if len(f.Subjects) > 0 {
		in, ids := db.In(w.Next(), f.Subjects)
		w.Add(`subject_id in (`+in+`)`, ids)
	}
	return w
}

// place adds where the page begins, and says how the list is ordered and what
// the cursor after a ballot is.
//
// Faults: ballot.invalid with order or cursor.
func (f Filter) place(w *db.Where) (order string, cursor func(Ballot) string, err error) {
	bad := func(field string) error {
		return fault.New(fault.Invalid, "ballot.invalid").WithField(field, "invalid")
	}
	cond := ""
	switch f.Order {
	case NewestFirst:
		if f.After != "" {
			w.And(`id < ?`, f.After)
		}
		return `id desc`, func(b Ballot) string { return b.ID }, nil
	case ClosingFirst:
		order, cond = `closes_at, id`, `(closes_at, id) > (?, ?)`
	case LastClosedFirst:
		order, cond = `closes_at desc, id desc`, `(closes_at, id) < (?, ?)`
	default:
		return "", nil, bad("order")
	}
	if f.After != "" {
		at, id, ok := db.ParseCursor(f.After)
		if !ok {
			return "", nil, bad("cursor")
		}
		w.And(cond, at, id)
	}
	return order, func(b Ballot) string { return db.Cursor(int64(b.Terms.ClosesAt), b.ID) }, nil
}

func list(ctx context.Context, tx *db.Tx, w *db.Where, order string, limit int) ([]Ballot, error) {
	where, args := w.SQL()
	rows, err := tx.Query(ctx, fmt.Sprintf(`select %s from ballot where %s order by %s limit %d`, columns, where, order, limit), args...)
	if err != nil {
		return nil, fmt.Errorf("list ballots: %w", err)
	}
	defer rows.Close()
	var out []Ballot
	for rows.Next() {
		b, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, rows.Err()
}

// listDue returns the ballots whose time has come: to open and to close.
func listDue(ctx context.Context, tx *db.Tx) (toOpen, toClose []string, err error) {
	rows, err := tx.Query(ctx, `
		select id, state from ballot
		 where (state = 'open' and (closes_at <= $1 or (notice_closes_at > 0 and notice_closes_at <= $1)))
		    or (state = 'scheduled' and opens_at <= $1)
		 order by id`, tx.Now())
	if err != nil {
		return nil, nil, fmt.Errorf("list due ballots: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var state State
		if err := rows.Scan(&id, &state); err != nil {
			return nil, nil, fmt.Errorf("list due ballots: %w", err)
		}
		if state == Open {
			toClose = append(toClose, id)
		} else {
			toOpen = append(toOpen, id)
		}
	}
	return toOpen, toClose, rows.Err()
}
