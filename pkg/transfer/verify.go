package transfer

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/multaqa/multaqa/pkg/ballot"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Verified is what was read and found right.
type Verified struct {
	AuditRecords int64 `json:"audit_records"` // length of the chain
	Ballots      int   `json:"ballots"`       // closed and certified ones that were counted again
	Pages        int   `json:"pages"`         // imported ones whose bytes have the hash they came with
}

// VerifyHub reads the audit record from its first entry, counts every closed
// ballot again, and holds the bytes of imported pages against their hashes.
// The error names the first thing that is not as it was recorded.
func VerifyHub(ctx context.Context, d *db.DB) (Verified, error) {
	var v Verified
	err := d.Read(ctx, func(tx *db.Tx) error {
		var err error
		if v.AuditRecords, err = event.Verify(ctx, tx); err != nil {
			return err
		}
		ids, err := column[string](ctx, tx, `select id from ballot where state in ('closed', 'certified') order by id`)
		if err != nil {
			return fmt.Errorf("verify ballots: %w", err)
		}
		for _, id := range ids {
			if _, err := recount(ctx, tx, id); err != nil {
				return err
			}
			v.Ballots++
		}
		v.Pages, err = verifyOriginals(ctx, tx)
		return err
	})
	return v, err
}

// Recount is one ballot, counted again from its votes.
type Recount struct {
	Ballot    string           `json:"ballot"`
	State     ballot.State     `json:"state"`
	Tally     ballot.Tally     `json:"tally"`
	Threshold ballot.Threshold `json:"threshold"`
	Quorum    int              `json:"quorum"` // per cent
	Result    ballot.Result    `json:"result"` // as the votes count now
}

// VerifyBallot counts a closed or certified ballot again from its electorate
// and votes, and compares with the recorded result and certificate.
//
// Faults: ballot.not_found.
func VerifyBallot(ctx context.Context, d *db.DB, id string) (r Recount, err error) {
	err = d.Read(ctx, func(tx *db.Tx) error {
		r, err = recount(ctx, tx, id)
		return err
	})
	return r, err
}

func recount(ctx context.Context, tx *db.Tx, id string) (Recount, error) {
	r := Recount{Ballot: id}
	var recorded ballot.Result
	var certificate, certificateHash string
	err := tx.QueryRow(ctx, `select state, threshold, quorum, result, certificate, certificate_hash from ballot where id = $1`, id).
		Scan(&r.State, &r.Threshold, &r.Quorum, &recorded, &certificate, &certificateHash)
	if errors.Is(err, sql.ErrNoRows) {
		return r, policy.NotFound("ballot")
	}
	if err != nil {
		return r, fmt.Errorf("verify ballot %s: %w", id, err)
	}
	var e, strangers int64
	if err := tx.QueryRow(ctx, `select coalesce(sum(weight), 0) from ballot_elector where ballot = $1`, id).Scan(&e); err != nil {
		return r, fmt.Errorf("verify ballot %s: %w", id, err)
	}
	if err := tx.QueryRow(ctx, `
		select count(*) from ballot_vote v where v.ballot = $1
		   and not exists (select 1 from ballot_elector e where e.ballot = v.ballot and e.agency = v.agency)`, id).Scan(&strangers); err != nil {
		return r, fmt.Errorf("verify ballot %s: %w", id, err)
	}
	if strangers > 0 {
		return r, fmt.Errorf("ballot %s has %d votes from outside its electorate", id, strangers)
	}
	sum := map[ballot.Choice]int64{}
	rows, err := tx.Query(ctx, `
		select v.choice, sum(e.weight) from ballot_vote v join ballot_elector e on e.ballot = v.ballot and e.agency = v.agency
		 where v.ballot = $1 group by v.choice`, id)
	if err != nil {
		return r, fmt.Errorf("verify ballot %s: %w", id, err)
	}
	defer rows.Close()
	for rows.Next() {
		var c ballot.Choice
		var w int64
		if err := rows.Scan(&c, &w); err != nil {
			return r, fmt.Errorf("verify ballot %s: %w", id, err)
		}
		if !c.Valid() {
			return r, fmt.Errorf("ballot %s has a vote %q", id, c)
		}
		sum[c] = w / ballot.WeightOne
	}
	if err := rows.Err(); err != nil {
		return r, fmt.Errorf("verify ballot %s: %w", id, err)
	}
	r.Tally = ballot.NewTally(e/ballot.WeightOne, sum[ballot.For], sum[ballot.Against], sum[ballot.Abstain], sum[ballot.Recuse])
	r.Result = ballot.Outcome(r.Tally, r.Threshold, r.Quorum)
	if r.State != ballot.Closed && r.State != ballot.Certified {
		return r, nil
	}
	if r.Result != recorded {
		return r, fmt.Errorf("ballot %s is recorded as %s and counts as %s", id, recorded, r.Result)
	}
	if r.State == ballot.Certified {
		return r, checkCertificate(id, certificate, certificateHash, r)
	}
	return r, nil
}

// checkCertificate holds a certificate's bytes against its hash and its count
// against the votes.
func checkCertificate(id, certificate, want string, r Recount) error {
	if got := digest([]byte(certificate)); got != want {
		return fmt.Errorf("the certificate of ballot %s was changed: SHA-256 %s, recorded %s", id, got, want)
	}
	var c struct {
		Tally  *ballot.Tally `json:"tally"`
		Result ballot.Result `json:"result"`
	}
	if err := json.Unmarshal([]byte(certificate), &c); err != nil {
		return fmt.Errorf("the certificate of ballot %s: %w", id, err)
	}
	if c.Result != r.Result || (c.Tally != nil && *c.Tally != r.Tally) {
		return fmt.Errorf("the certificate of ballot %s says %s, its votes say %s", id, c.Result, r.Result)
	}
	return nil
}

// verifyOriginals holds the bytes of imported pages against their hashes.
func verifyOriginals(ctx context.Context, tx *db.Tx) (int, error) {
	rows, err := tx.Query(ctx, `select edition, hash, original from revision_source order by edition`)
	if err != nil {
		return 0, fmt.Errorf("verify imported pages: %w", err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var edition, want string
		var b []byte
		if err := rows.Scan(&edition, &want, &b); err != nil {
			return n, fmt.Errorf("verify imported pages: %w", err)
		}
		if digest(b) != want {
			return n, fmt.Errorf("the imported bytes of edition %s were changed", edition)
		}
		n++
	}
	return n, rows.Err()
}
