package practice

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/multaqa/multaqa/pkg/arabic"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

const columns = `id, agency, stage, stage_before, card, hash, revision, merged_into, nominated_by, created_at, updated_at, stage_at, hidden`

type scanner interface{ Scan(...any) error }

func scan(row scanner) (Practice, error) {
	var p Practice
	var card string
	err := row.Scan(&p.ID, &p.Agency, &p.Stage, &p.StageBefore, &card, &p.Hash, &p.Revision, &p.MergedInto,
		&p.NominatedBy, &p.CreatedAt, &p.UpdatedAt, &p.StageAt, &p.Hidden)
	if errors.Is(err, sql.ErrNoRows) {
		return Practice{}, policy.NotFound("practice")
	}
	if err != nil {
		return Practice{}, fmt.Errorf("read practice: %w", err)
	}
	if err := json.Unmarshal([]byte(card), &p.Card); err != nil {
		return Practice{}, fmt.Errorf("card of %s: %w", p.ID, err)
	}
	return p, nil
}

func find(ctx context.Context, tx *db.Tx, id string) (Practice, error) {
	return withPartners(ctx, tx)(scan(tx.QueryRow(ctx, `select `+columns+` from practice where id = $1`, id)))
}

func findForUpdate(ctx context.Context, tx *db.Tx, id string) (Practice, error) {
	return withPartners(ctx, tx)(scan(tx.QueryRow(ctx, `select `+columns+` from practice where id = $1`+tx.ForUpdate(), id)))
}

// withPartners adds to a practice that was read whom it is shared with. An absent one takes the same statements.
func withPartners(ctx context.Context, tx *db.Tx) func(Practice, error) (Practice, error) {
	return func(p Practice, err error) (Practice, error) {
		partners, wrong := listPartners(ctx, tx, p.ID)
		if err == nil {
			err = wrong
		}
		p.Partners = partners
		return p, err
	}
}

func listPartners(ctx context.Context, tx *db.Tx, id string) ([]string, error) {
	rows, err := tx.Query(ctx, `select person from practice_partner where practice = $1 order by person`, id)
	if err != nil {
		return nil, fmt.Errorf("list partners of a practice: %w", err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var person string
		if err := rows.Scan(&person); err != nil {
			return nil, err
		}
		out = append(out, person)
	}
	return out, rows.Err()
}

func setPartners(ctx context.Context, tx *db.Tx, id string, people []string) error {
	if _, err := tx.Exec(ctx, `delete from practice_partner where practice = $1`, id); err != nil {
		return fmt.Errorf("share practice: %w", err)
	}
	for _, person := range people {
		if _, err := tx.Exec(ctx, `insert into practice_partner (practice, person) values ($1, $2)`, id, person); err != nil {
			return fmt.Errorf("share practice: %w", err)
		}
	}
	return nil
}

func insert(ctx context.Context, tx *db.Tx, p Practice) error {
	card, err := json.Marshal(p.Card)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		insert into practice (id, agency, stage, title_ar, title_en, title_norm, card, hash, revision, nominated_by, created_at, updated_at, stage_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $11)`,
		p.ID, p.Agency, p.Stage, p.Card.Title.Ar, p.Card.Title.En, titleNorm(p.Card), string(card), p.Hash, p.Revision, p.NominatedBy, p.CreatedAt)
	if err != nil {
		return fmt.Errorf("insert practice: %w", err)
	}
	return insertRevision(ctx, tx, p, p.NominatedBy, p.CreatedAt)
}

func insertRevision(ctx context.Context, tx *db.Tx, p Practice, person string, at db.Time) error {
	card, err := json.Marshal(p.Card)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		insert into practice_revision (practice, hash, revision, card, person, at) values ($1, $2, $3, $4, $5, $6)`,
		p.ID, p.Hash, p.Revision, string(card), person, at)
	if err != nil {
		return fmt.Errorf("insert practice revision: %w", err)
	}
	return nil
}

func updateCard(ctx context.Context, tx *db.Tx, p Practice) error {
	card, err := json.Marshal(p.Card)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		update practice
		   set title_ar = $2, title_en = $3, title_norm = $4, card = $5, hash = $6, revision = $7, updated_at = $8
		 where id = $1`,
		p.ID, p.Card.Title.Ar, p.Card.Title.En, titleNorm(p.Card), string(card), p.Hash, p.Revision, p.UpdatedAt)
	if err != nil {
		return fmt.Errorf("update practice: %w", err)
	}
	return nil
}

func updateStage(ctx context.Context, tx *db.Tx, p Practice) error {
	_, err := tx.Exec(ctx, `
		update practice set stage = $2, stage_before = $3, merged_into = $4, stage_at = $5, updated_at = $5 where id = $1`,
		p.ID, p.Stage, p.StageBefore, p.MergedInto, p.StageAt)
	if err != nil {
		return fmt.Errorf("update practice stage: %w", err)
	}
	return nil
}

func insertStep(ctx context.Context, tx *db.Tx, id string, s Step) error {
	_, err := tx.Exec(ctx, `
		insert into practice_step (practice, n, from_stage, to_stage, reason, person, agency, at)
		values ($1, (select coalesce(max(n), 0) + 1 from practice_step where practice = $1), $2, $3, $4, $5, $6, $7)`,
		id, s.From, s.To, s.Reason, s.Person, s.Agency, s.At)
	if err != nil {
		return fmt.Errorf("insert practice step: %w", err)
	}
	return nil
}

func listSteps(ctx context.Context, tx *db.Tx, id string) ([]Step, error) {
	rows, err := tx.Query(ctx, `
		select from_stage, to_stage, reason, person, agency, at from practice_step where practice = $1 order by n`, id)
	if err != nil {
		return nil, fmt.Errorf("list practice steps: %w", err)
	}
	defer rows.Close()
	var out []Step
	for rows.Next() {
		var s Step
		if err := rows.Scan(&s.From, &s.To, &s.Reason, &s.Person, &s.Agency, &s.At); err != nil {
			return nil, fmt.Errorf("list practice steps: %w", err)
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// setHidden hides a practice or shows it again.
func setHidden(ctx context.Context, tx *db.Tx, id string, hidden bool) error {
	if _, err := tx.Exec(ctx, `update practice set hidden = $2 where id = $1`, id, hidden); err != nil {
		return fmt.Errorf("hide practice: %w", err)
	}
	return nil
}

// Filter narrows a list; the zero value is everything that is not hidden.
type Filter struct {
	Stage  Stage
	Agency string
	Narrow member.Narrowing // of the nominating agency
	Text   string           // words in the title, in either language
	After  string           // cursor: the id after which to go on
	Limit  int              // 1 to 200; 0 is 100
	Count  bool             // the owners and the stages of all pages too

	// Set by the service: what moderation hid is listed to those who see it.
	hidden   bool
	hiddenOf string // an agency's own
	partner  string // what is shared with this person
}

// where is the filter without its narrowing and its page.
func (f Filter) where() *db.Where {
	w := &db.Where{}
	if f.Stage != "" {
		w.And(`stage = ?`, f.Stage)
	}
	if f.Agency != "" {
		w.And(`agency = ?`, f.Agency)
	}
	if f.Text != "" {
		escape := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
		w.And(`title_norm like ? escape '\'`, "%"+escape.Replace(arabic.Fold(f.Text))+"%")
	}
	if !f.hidden {
		w.And(`hidden = ? or agency = ?`, false, f.hiddenOf)
	}
	if f.partner != "" {
		w.And(`id in (select practice from practice_partner where person = ?)`, f.partner)
	}
	return w
}

// countStages counts the practices at each stage.
func countStages(ctx context.Context, tx *db.Tx, w *db.Where) (map[Stage]int, error) {
	where, args := w.SQL()
	rows, err := tx.Query(ctx, `select stage, count(*) from practice where `+where+` group by stage`, args...)
	if err != nil {
		return nil, fmt.Errorf("count practices by stage: %w", err)
	}
	defer rows.Close()
	out := map[Stage]int{}
	for rows.Next() {
		var stage Stage
		var n int
		if err := rows.Scan(&stage, &n); err != nil {
			return nil, fmt.Errorf("count practices by stage: %w", err)
		}
		out[stage] = n
	}
	return out, rows.Err()
}

func list(ctx context.Context, tx *db.Tx, w *db.Where, limit int) ([]Practice, error) {
	where, args := w.SQL()
	rows, err := tx.Query(ctx, fmt.Sprintf(`select %s from practice where %s order by id desc limit %d`, columns, where, limit), args...)
	if err != nil {
		return nil, fmt.Errorf("list practices: %w", err)
	}
	defer rows.Close()
	var out []Practice
	for rows.Next() {
		p, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

func titleNorm(c Card) string { return arabic.Fold(c.Title.Ar + " " + c.Title.En) }
