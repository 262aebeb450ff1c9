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
