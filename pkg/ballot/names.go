package ballot

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
)

// This file is a read model: it reads tables of package member, for the seat of
// who votes, inside the transaction of the vote.

// votingSeat reports whether the person sits on a seat of the agency that may
// vote, now, and whether it is the principal's.
func votingSeat(ctx context.Context, tx *db.Tx, person, agency string) (principal, ok bool, err error) {
	var kind string
	err = tx.QueryRow(ctx, `
		select s.kind
		  from holding h
		  join seat s on s.id = h.seat
		  join person p on p.id = h.person
		 where h.person = $1 and h.until = 0 and s.agency = $2 and s.until = 0 and s.can_vote = $3 and p.status = 'active'`,
		person, agency, true).Scan(&kind)
	if errors.Is(err, sql.ErrNoRows) {
		return false, false, nil
	}
	if err != nil {
		return false, false, fmt.Errorf("voting seat: %w", err)
	}
	return kind == "principal", true, nil
}

// personNames returns the names of the persons, by id. "system" is the hub.
func personNames(ctx context.Context, tx *db.Tx, ids []string) (map[string]locale.Text, error) {
	names, err := member.PeopleIn(ctx, tx, ids...)
	if err != nil {
		return nil, err
	}
	names["system"] = locale.Text{Ar: "النظام", En: "The system"}
	return names, nil
}
