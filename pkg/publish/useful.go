package publish

import (
	"context"
	"fmt"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Answer counts one answer to "was this useful?" for the edition with the
// number. It keeps no more than the count.
//
// Faults: guide.not_found.
func (s *Service) Answer(ctx context.Context, actor policy.Actor, guideline, number string, useful bool) error {
	g, err := s.Find(ctx, actor, guideline, number)
	if err != nil {
		return err
	}
	if g.State == "unpublished" {
		return policy.NotFound("guide")
	}
	return s.db.Transact(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `
			insert into guide_answer (guide, useful, given) values ($1, $2, 1)
			on conflict (guide, useful) do update set given = guide_answer.given + 1`, g.ID, useful)
		if err != nil {
			return fmt.Errorf("count answer: %w", err)
		}
		return nil
	})
}

// Answers are the counts of an edition.
type Answers struct{ Yes, No int64 }

// Usefulness counts the answers to the editions of a guideline, by edition. The
// caller has asked policy whether the actor may know.
func (s *Service) Usefulness(ctx context.Context, guideline string) (map[string]Answers, error) {
	out := map[string]Answers{}
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, `select a.guide, a.useful, a.given from guide_answer a join guide g on g.id = a.guide where g.guideline = $1`, guideline)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			var useful bool
			var n int64
			if err := rows.Scan(&id, &useful, &n); err != nil {
				return err
			}
			c := out[id]
			if useful {
				c.Yes = n
			} else {
				c.No = n
			}
			out[id] = c
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("count answers: %w", err)
	}
	return out, nil
}
