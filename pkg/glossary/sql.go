package glossary

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/multaqa/multaqa/pkg/arabic"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/policy"
)

const columns = `id, state, ar, en, definition_ar, definition_en, discouraged, person, agency, note, edition, version, created_at, updated_at`

func scan(scan func(...any) error) (Term, error) {
	var t Term
	var discouraged string
	err := scan(&t.ID, &t.State, &t.Words.Ar, &t.Words.En, &t.Definition.Ar, &t.Definition.En, &discouraged, &t.Person, &t.Agency, &t.Note,
		&t.Edition, &t.Version, &t.CreatedAt, &t.UpdatedAt)
	if err == nil {
		err = json.Unmarshal([]byte(discouraged), &t.Discouraged)
	}
	return t, err
}

func list(ctx context.Context, tx *db.Tx, state State) ([]Term, error) {
	rows, err := tx.Query(ctx, `select `+columns+` from term where state = $1 or $1 = '' order by sort_ar, id`, state)
	if err != nil {
		return nil, fmt.Errorf("list terms: %w", err)
	}
	defer rows.Close()
	out := []Term{}
	for rows.Next() {
		t, err := scan(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("list terms: %w", err)
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

func findForUpdate(ctx context.Context, tx *db.Tx, id string) (Term, error) {
	t, err := scan(tx.QueryRow(ctx, `select `+columns+` from term where id = $1`+tx.ForUpdate(), id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return t, policy.NotFound("term")
	}
	if err != nil {
		return t, fmt.Errorf("find term: %w", err)
	}
	return t, nil
}

func number(ctx context.Context, tx *db.Tx, query string) (int64, error) {
	var n int64
	if err := tx.QueryRow(ctx, query).Scan(&n); err != nil {
		return 0, fmt.Errorf("count terms: %w", err)
	}
	return n, nil
}

func count(ctx context.Context, tx *db.Tx) (int64, error) {
	return number(ctx, tx, `select count(*) from term`)
}

// head is the glossary's edition.
func head(ctx context.Context, tx *db.Tx) (int64, error) {
	return number(ctx, tx, `select coalesce(max(edition), 0) from term`)
}

func next(ctx context.Context, tx *db.Tx) (int64, error) {
	n, err := head(ctx, tx)
	return n + 1, err
}

func values(t Term) ([]any, error) {
	discouraged := t.Discouraged
	if discouraged == nil {
		discouraged = []Discouraged{}
	}
	b, err := json.Marshal(discouraged)
	if err != nil {
		return nil, err
	}
	return []any{t.ID, t.State, t.Words.Ar, t.Words.En, t.Definition.Ar, t.Definition.En, string(b), arabic.SortKey(t.Words.Ar), t.Note,
		t.Edition, t.Version, int64(t.UpdatedAt)}, nil
}

func insert(ctx context.Context, tx *db.Tx, t Term) error {
	v, err := values(t)
	if err == nil {
		_, err = tx.Exec(ctx, `
			insert into term (id, state, ar, en, definition_ar, definition_en, discouraged, sort_ar, note, edition, version, updated_at, created_at, person, agency)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, $14)`, append(v, t.Person, t.Agency)...)
	}
	if err != nil {
		return fmt.Errorf("insert term: %w", err)
	}
	return nil
}

func update(ctx context.Context, tx *db.Tx, t Term) error {
	v, err := values(t)
	if err == nil {
		_, err = tx.Exec(ctx, `
			update term set state = $2, ar = $3, en = $4, definition_ar = $5, definition_en = $6, discouraged = $7, sort_ar = $8, note = $9,
			       edition = $10, version = $11, updated_at = $12
			 where id = $1`, v...)
	}
	if err != nil {
		return fmt.Errorf("update term: %w", err)
	}
	return nil
}

func clearForms(ctx context.Context, tx *db.Tx, term string) error {
	if _, err := tx.Exec(ctx, `delete from term_form where term = $1`, term); err != nil {
		return fmt.Errorf("clear forms: %w", err)
	}
	return nil
}

// insertForm takes a form for a term, or names the term that has it. The key decides between two at once.
func insertForm(ctx context.Context, tx *db.Tx, lang, form, term string) (other string, err error) {
	res, err := tx.Exec(ctx, `insert into term_form (lang, form, term) values ($1, $2, $3) on conflict (lang, form) do nothing`, lang, form, term)
	if err != nil {
		return "", fmt.Errorf("insert form: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return "", err
	}
	if err := tx.QueryRow(ctx, `select term from term_form where lang = $1 and form = $2`, lang, form).Scan(&other); err != nil {
		return "", fmt.Errorf("find form: %w", err)
	}
	return other, nil
}
