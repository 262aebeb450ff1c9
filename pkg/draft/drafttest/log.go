package drafttest

import (
	"context"

	"github.com/multaqa/multaqa/pkg/db"
)

// AppendRow writes one row at the end of a draft's log as if a flush had, for logs that would take long to type. body is as draft.AppendRuns makes it.
// The draft must not be open.
func AppendRow(ctx context.Context, tx *db.Tx, draft string, first, last int64, length int, at db.Time, body []byte) error {
	_, err := tx.Exec(ctx, `
		insert into draft_log (id, draft, before, first, last, length, at, body)
		select (select coalesce(max(id), 0) + 1 from draft_log), t.draft, t.newest, $2, $3, $4, $5, $6
		  from draft d join draft_tip t on t.draft = d.key
		 where d.id = $1`, draft, first, last, int64(length), int64(at), body)
	if err == nil {
		_, err = tx.Exec(ctx, `
			update draft_tip set head = $2, flushes = flushes + 1, newest = (select max(id) from draft_log)
			 where draft = (select key from draft where id = $1)`, draft, last)
	}
	if err == nil {
		_, err = tx.Exec(ctx, `
			insert into draft_mark (draft, first, entry)
			select t.draft, $2, t.newest from draft d join draft_tip t on t.draft = d.key
			 where d.id = $1 and t.flushes % 64 = 0`, draft, first)
	}
	return err
}
