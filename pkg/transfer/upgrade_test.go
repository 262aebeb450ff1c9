package transfer

import (
	"bytes"
	"context"
	"os"
	"testing"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
)

// The demo network as a version with the schema of migration 11 wrote it, with drafts, comments, votes and certified ballots: every migration since
// runs over its rows, on both engines, and what it held is whole afterwards. It is never made anew: that is its worth.
func TestAHubOfAnOlderVersionIsUpgraded(t *testing.T) {
	archive, err := os.ReadFile("testdata/hub-at-11.tar.gz")
	if err != nil {
		t.Fatal(err)
	}
	upgraded := func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		m, v, err := Restore(ctx, d, t.TempDir(), bytes.NewReader(archive))
		if err != nil {
			t.Fatal(err)
		}
		if v.AuditRecords != m.AuditSeq+1 || v.Ballots != 16 {
			t.Errorf("verified %+v of %d records", v, m.AuditSeq)
		}
		if pending, err := d.Pending(ctx); pending != 0 || err != nil {
			t.Errorf("%d migrations wait, %v", pending, err)
		}
		for _, c := range Doctor(ctx, d, t.TempDir()) {
			if c.Err != nil {
				t.Errorf("doctor: %s: %v", c.What, c.Err)
			}
		}
		texts := map[string]string{}
		if err := d.Read(ctx, func(tx *db.Tx) error {
			ids, err := column[string](ctx, tx, `select id from draft order by id`)
			if err != nil {
				return err
			}
			for _, id := range ids {
				var head int64
				if head, texts[id], err = draft.Text(ctx, tx, id); err != nil {
					return err
				}
				if err := draft.Replay(ctx, tx, id, 0, head, func(draft.Update, db.Time) error { return nil }); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if len(texts) != int(m.Tables["draft"].Count) {
			t.Errorf("%d texts of %d drafts", len(texts), m.Tables["draft"].Count)
		}
		for id, text := range texts {
			if len(text) < 500 {
				t.Errorf("the text of %s is %q", id, text)
			}
		}
		for _, kept := range []string{"agency", "person", "seat", "guideline", "edition", "practice", "ballot", "ballot_vote", "thread", "comment"} {
			var n int64
			if err := d.Read(ctx, func(tx *db.Tx) error {
				return tx.QueryRow(context.Background(), `select count(*) from `+kept).Scan(&n)
			}); err != nil || n != int64(m.Tables[kept].Count) {
				t.Errorf("%s has %d rows of %d, %v", kept, n, m.Tables[kept].Count, err)
			}
		}
	}
	t.Run("sqlite", func(t *testing.T) { upgraded(t, empty(t)) })
	t.Run("postgres", func(t *testing.T) {
		d := dbtest.OpenPostgres(t)
		if err := d.Transact(t.Context(), func(tx *db.Tx) error {
			for _, q := range []string{`drop schema public cascade`, `create schema public`} { // of the newest migration: a hub that was never started
				if _, err := tx.Exec(t.Context(), q); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		upgraded(t, d)
	})
}
