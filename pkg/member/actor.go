package member

import (
	"context"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/policy"
)

// ActorIn derives a person's rights as they stand now, without a session, for
// what was ordered earlier and is done later. "system" is the hub itself; a
// suspended person has no rights.
//
// Faults: person.not_found.
func ActorIn(ctx context.Context, tx *db.Tx, person string) (policy.Actor, error) {
	return inviterOf(ctx, tx, Invitation{InvitedBy: person})
}

// ActiveWith is those of the persons who have the role, and neither they nor
// their agency is suspended. It asks no policy.
func ActiveWith(ctx context.Context, tx *db.Tx, role policy.Role, persons []string) ([]string, error) {
	if len(persons) == 0 {
		return nil, nil
	}
	in, args := db.In(3, persons)
	rows, err := tx.Query(ctx, `
		select p.id from person p join person_role r on r.person = p.id
		 where r.role = $1 and p.status = $2 and p.id in (`+in+`)
		   and not exists (select 1 from holding h join seat s on s.id = h.seat join agency a on a.id = s.agency
		                    where h.person = p.id and h.until = 0 and a.status <> $2)`, append([]any{role, Active}, args...)...)
	ids, err := collect(rows, err, func(row scanner) (id string, err error) { return id, row.Scan(&id) })
	return ids, wrap("persons with a role", err)
}
