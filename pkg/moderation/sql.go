package moderation

import (
	"context"
	"fmt"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/id"
	"github.com/multaqa/multaqa/pkg/policy"
)

func selectItems(ctx context.Context, tx *db.Tx, tail string, args ...any) ([]Item, error) {
	rows, err := tx.Query(ctx, `
		select id, object, kind, author, author_agency, agency, body, revision, url, state, hidden, auto_hidden, claimed_by, claimed_at,
		       priority, reason, note, decided_by, decided_at, version, created_at
		  from moderation_item `+tail, args...)
	if err != nil {
		return nil, fmt.Errorf("moderation items: %w", err)
	}
	defer rows.Close()
	var out []Item
	for rows.Next() {
		var i Item
		err := rows.Scan(&i.ID, &i.Object, &i.Kind, &i.Author, &i.AuthorAgency, &i.Agency, &i.Text, &i.revision, &i.URL, &i.State, &i.Hidden,
			&i.AutoHidden, &i.ClaimedBy, &i.ClaimedAt, &i.Priority, &i.Reason, &i.Note, &i.DecidedBy, &i.DecidedAt, &i.Version, &i.CreatedAt)
		if err != nil {
			return nil, fmt.Errorf("moderation items: %w", err)
		}
		out = append(out, i)
	}
	return out, rows.Err()
}

// hiddenAt is when each undecided case of an author's was hidden.
func hiddenAt(ctx context.Context, tx *db.Tx, author string) (map[string]db.Time, error) {
	rows, err := tx.Query(ctx, `
		select l.item, max(l.at) from moderation_log l join moderation_item i on i.id = l.item
		 where i.author = $1 and i.state = 'pending' and i.hidden = $2 group by l.item`, author, true)
	if err != nil {
		return nil, fmt.Errorf("when items were hidden: %w", err)
	}
	defer rows.Close()
	out := map[string]db.Time{}
	for rows.Next() {
		var item string
		var at db.Time
		if err := rows.Scan(&item, &at); err != nil {
			return nil, fmt.Errorf("when items were hidden: %w", err)
		}
		out[item] = at
	}
	return out, rows.Err()
}

func insertItem(ctx context.Context, tx *db.Tx, i Item) error {
	_, err := tx.Exec(ctx, `
		insert into moderation_item (id, object, kind, author, author_agency, agency, body, revision, url, state, hidden, priority, reason, version, created_at, updated_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		i.ID, i.Object, i.Kind, i.Author, i.AuthorAgency, i.Agency, i.Text, i.revision, i.URL, string(i.State), i.Hidden, i.Priority, string(i.Reason), i.Version,
		int64(i.CreatedAt), int64(i.CreatedAt))
	if err != nil {
		return fmt.Errorf("insert moderation item: %w", err)
	}
	return nil
}

func updateItem(ctx context.Context, tx *db.Tx, i Item) error {
	_, err := tx.Exec(ctx, `
		update moderation_item set state = $2, hidden = $3, auto_hidden = $4, claimed_by = $5, claimed_at = $6, priority = $7, reason = $8,
			note = $9, decided_by = $10, decided_at = $11, version = $12, updated_at = $13
		 where id = $1`,
		i.ID, string(i.State), i.Hidden, i.AutoHidden, i.ClaimedBy, int64(i.ClaimedAt), i.Priority, string(i.Reason),
		i.Note, i.DecidedBy, int64(i.DecidedAt), i.Version, int64(tx.Now()))
	if err != nil {
		return fmt.Errorf("update moderation item: %w", err)
	}
	return nil
}

func insertFlag(ctx context.Context, tx *db.Tx, it Item, revision string, f Flag) error {
	_, err := tx.Exec(ctx, `
		insert into moderation_flag (id, item, object, revision, person, agency, reason, body, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		f.ID, it.ID, it.Object, revision, f.Person, f.Agency, string(f.Reason), f.Text, int64(f.At))
	if err != nil {
		return fmt.Errorf("insert flag: %w", err)
	}
	return nil
}

func flagsOf(ctx context.Context, tx *db.Tx, item string) ([]Flag, error) {
	rows, err := tx.Query(ctx, `select id, person, agency, reason, body, at from moderation_flag where item = $1 order by at, id`, item)
	if err != nil {
		return nil, fmt.Errorf("flags: %w", err)
	}
	defer rows.Close()
	var out []Flag
	for rows.Next() {
		var f Flag
		if err := rows.Scan(&f.ID, &f.Person, &f.Agency, &f.Reason, &f.Text, &f.At); err != nil {
			return nil, fmt.Errorf("flags: %w", err)
		}
		out = append(out, f)
	}
	return out, rows.Err()
}

// record is how often a person's flags were upheld and rejected.
func record(ctx context.Context, tx *db.Tx, person string) (upheld, rejected int64, err error) {
	err = tx.QueryRow(ctx, `
		select coalesce(sum(case i.state when 'upheld' then 1 else 0 end), 0), coalesce(sum(case i.state when 'rejected' then 1 else 0 end), 0)
		  from moderation_flag f join moderation_item i on i.id = f.item
		 where f.person = $1`, person).Scan(&upheld, &rejected)
	if err != nil {
		return 0, 0, fmt.Errorf("flags of a person: %w", err)
	}
	return upheld, rejected, nil
}

func insertLog(ctx context.Context, tx *db.Tx, actor policy.Actor, it Item, a Action, r Reason, note string) error {
	person := actor.Person
	if actor.System {
		person = "system"
	}
	_, err := tx.Exec(ctx, `
		insert into moderation_log (id, at, item, object, kind, action, reason, note, outcome, person, agency)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		id.New("ml"), int64(tx.Now()), it.ID, it.Object, it.Kind, string(a), string(r), note, string(it.State), person, actor.Agency)
	if err != nil {
		return fmt.Errorf("moderation log: %w", err)
	}
	return nil
}
