package member

import (
	"context"

	"github.com/multaqa/multaqa/pkg/db"
)

// Restored ends what must not live on in a hub that was restored from a
// backup: every session, every open invitation and the set-up tokens. They may
// have been ended, used or withdrawn after the backup was made.
func Restored(ctx context.Context, tx *db.Tx) (sessions int64, err error) {
	now := int64(tx.Now())
	res, err := tx.Exec(ctx, `update session set revoked_at = $1, revoked_reason = 'restored' where revoked_at = 0`, now)
	if err != nil {
		return 0, wrap("end sessions", err)
	}
	if sessions, err = res.RowsAffected(); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `update invitation set revoked_at = $1 where used_at = 0 and revoked_at = 0`, now); err != nil {
		return 0, wrap("end invitations", err)
	}
	_, err = tx.Exec(ctx, `delete from setup_token`)
	return sessions, wrap("end set-up tokens", err)
}
