package guideline

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/policy"
)

const guidelineColumns = `g.id, g.agency, g.workspace, g.kind, g.template, g.title_ar, g.title_en, g.summary, g.language,
	g.visibility, g.tags, g.hidden, g.import_key, g.translates, g.created_by, g.created_at, g.updated_at`

func scanGuideline(row interface{ Scan(...any) error }) (Guideline, error) {
	var g Guideline
	var tags string
	err := row.Scan(&g.ID, &g.Agency, &g.Workspace, &g.Kind, &g.Template, &g.Title.Ar, &g.Title.En, &g.Summary, &g.Language,
		&g.Visibility, &tags, &g.Hidden, &g.ImportKey, &g.Translates, &g.CreatedBy, &g.CreatedAt, &g.UpdatedAt)
	if err == nil {
		err = json.Unmarshal([]byte(tags), &g.Tags)
	}
	return g, err
}

const editionColumns = `e.id, e.guideline, e.major, e.minor, e.state, e.draft, e.created_by, e.created_at, e.updated_at,
	e.submitted_by, e.submitted_at, e.approved_by, e.approved_agency, e.approved_at, e.approved_hash, e.ballot, e.ballot_hash,
	e.experts, e.opens_at, e.closes_at, e.change_note, e.minor_change, e.review_by, e.publish_at, e.published_at, e.published_by,
	e.revision_hash, e.revision_version, e.forced_by, e.second_eye_due, e.notice, e.redirect, e.made_from`

func scanEdition(row interface{ Scan(...any) error }) (Edition, error) {
	var e Edition
	var experts string
	err := row.Scan(&e.ID, &e.Guideline, &e.Number.Major, &e.Number.Minor, &e.State, &e.Draft, &e.CreatedBy, &e.CreatedAt, &e.UpdatedAt,
		&e.SubmittedBy, &e.SubmittedAt, &e.ApprovedBy, &e.ApprovedAgency, &e.ApprovedAt, &e.ApprovedHash, &e.Ballot, &e.BallotHash,
		&experts, &e.OpensAt, &e.ClosesAt, &e.ChangeNote, &e.Minor, &e.ReviewBy, &e.PublishAt, &e.PublishedAt, &e.PublishedBy,
		&e.RevisionHash, &e.Version, &e.ForcedBy, &e.SecondEyeDue, &e.Notice, &e.Redirect, &e.MadeFrom)
	if err == nil {
		err = json.Unmarshal([]byte(experts), &e.Experts)
	}
	return e, err
}

// selectGuidelines reads guidelines with their shares and writers; tail is
// what follows "from guideline g".
func selectGuidelines(ctx context.Context, tx *db.Tx, tail string, args ...any) ([]Guideline, error) {
	rows, err := tx.Query(ctx, `select `+guidelineColumns+` from guideline g `+tail, args...)
	if err != nil {
		return nil, fmt.Errorf("select guidelines: %w", err)
	}
	var out []Guideline
	at := map[string]int{}
	for rows.Next() {
		g, err := scanGuideline(rows)
		if err != nil {
			rows.Close()
			return nil, fmt.Errorf("select guidelines: %w", err)
		}
		at[g.ID] = len(out)
		out = append(out, g)
	}
	rows.Close()
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("select guidelines: %w", err)
	}
	if len(out) == 0 {
		return nil, nil
	}
	ids := make([]string, len(out))
	for i, g := range out {
		ids[i] = g.ID
	}
	in, these := db.In(1, ids)
	for _, table := range []string{"guideline_share", "guideline_writer"} {
		rows, err := tx.Query(ctx, `select guideline, agency from `+table+` where guideline in (`+in+`) order by agency`, these...)
		if err != nil {
			return nil, fmt.Errorf("select %s: %w", table, err)
		}
		for rows.Next() {
			var gl, agency string
			if err := rows.Scan(&gl, &agency); err != nil {
				rows.Close()
				return nil, fmt.Errorf("select %s: %w", table, err)
			}
			g := &out[at[gl]]
			if table == "guideline_share" {
				g.Shares = append(g.Shares, agency)
			} else {
				g.Writers = append(g.Writers, agency)
			}
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return nil, fmt.Errorf("select %s: %w", table, err)
		}
	}
	return out, nil
}

// findGuideline reads one guideline; lock holds its row until commit.
func findGuideline(ctx context.Context, tx *db.Tx, id string, lock bool) (Guideline, error) {
	tail := `where g.id = $1`
	if lock {
		tail += tx.ForUpdate()
	}
	gs, err := selectGuidelines(ctx, tx, tail, id)
	if err != nil {
		return Guideline{}, err
	}
	if len(gs) == 0 {
		return Guideline{}, policy.NotFound("guideline")
	}
	return gs[0], nil
}

// findEdition reads an edition and its guideline. With lock it holds the
// guideline's row until commit, and reads the edition after.
func findEdition(ctx context.Context, tx *db.Tx, id string, lock bool) (Guideline, Edition, error) {
	var gl string
	err := tx.QueryRow(ctx, `select guideline from edition where id = $1`, id).Scan(&gl)
	if errors.Is(err, sql.ErrNoRows) {
		return Guideline{}, Edition{}, policy.NotFound("edition")
	}
	if err != nil {
		return Guideline{}, Edition{}, fmt.Errorf("find edition %s: %w", id, err)
	}
	g, err := findGuideline(ctx, tx, gl, lock)
	if err != nil {
		return Guideline{}, Edition{}, err
	}
	e, err := scanEdition(tx.QueryRow(ctx, `select `+editionColumns+` from edition e where e.id = $1`, id))
	if err != nil {
		return Guideline{}, Edition{}, fmt.Errorf("find edition %s: %w", id, err)
	}
	return g, e, nil
}

// editionsOf reads all editions of the guidelines, newest first.
func editionsOf(ctx context.Context, tx *db.Tx, guidelines ...string) (map[string][]Edition, error) {
	out := map[string][]Edition{}
	if len(guidelines) == 0 {
		return out, nil
	}
	in, args := db.In(1, guidelines)
	rows, err := tx.Query(ctx, `
		select `+editionColumns+` from edition e
		 where e.guideline in (`+in+`)
		 order by e.created_at desc, e.id desc`, args...)
	if err != nil {
		return nil, fmt.Errorf("editions: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		e, err := scanEdition(rows)
		if err != nil {
			return nil, fmt.Errorf("editions: %w", err)
		}
		out[e.Guideline] = append(out[e.Guideline], e)
	}
	return out, rows.Err()
}

func insertGuideline(ctx context.Context, tx *db.Tx, g Guideline) error {
	tags, _ := json.Marshal(nonNil(g.Tags))
	_, err := tx.Exec(ctx, `
		insert into guideline (id, agency, workspace, kind, template, title_ar, title_en, title_norm, summary, language,
			visibility, tags, hidden, import_key, created_by, created_at, updated_at, translates)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
		g.ID, g.Agency, g.Workspace, string(g.Kind), g.Template, g.Title.Ar, g.Title.En, titleNorm(g), g.Summary, g.Language,
		string(g.Visibility), string(tags), g.Hidden, g.ImportKey, g.CreatedBy, int64(g.CreatedAt), int64(g.UpdatedAt), g.Translates)
	if err != nil {
		return fmt.Errorf("insert guideline: %w", err)
	}
	if err := replaceAgencies(ctx, tx, "guideline_share", g.ID, g.Shares); err != nil {
		return err
	}
	return replaceAgencies(ctx, tx, "guideline_writer", g.ID, g.Writers)
}

func updateGuideline(ctx context.Context, tx *db.Tx, g Guideline) error {
	tags, _ := json.Marshal(nonNil(g.Tags))
	_, err := tx.Exec(ctx, `
		update guideline set title_ar = $2, title_en = $3, title_norm = $4, summary = $5, language = $6, visibility = $7,
			tags = $8, hidden = $9, updated_at = $10, translates = $11
		 where id = $1`,
		g.ID, g.Title.Ar, g.Title.En, titleNorm(g), g.Summary, g.Language, string(g.Visibility), string(tags), g.Hidden, int64(g.UpdatedAt), g.Translates)
	if err != nil {
		return fmt.Errorf("update guideline: %w", err)
	}
	return nil
}

func touch(ctx context.Context, tx *db.Tx, guideline string) error {
	if _, err := tx.Exec(ctx, `update guideline set updated_at = $2 where id = $1`, guideline, int64(tx.Now())); err != nil {
		return fmt.Errorf("touch guideline: %w", err)
	}
	return nil
}

// replaceAgencies sets the rows of guideline_share or guideline_writer.
func replaceAgencies(ctx context.Context, tx *db.Tx, table, guideline string, agencies []string) error {
	if _, err := tx.Exec(ctx, `delete from `+table+` where guideline = $1`, guideline); err != nil {
		return fmt.Errorf("%s: %w", table, err)
	}
	for _, a := range agencies {
		_, err := tx.Exec(ctx, `insert into `+table+` (guideline, agency) values ($1, $2) on conflict (guideline, agency) do nothing`, guideline, a)
		if err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	return nil
}

func insertEdition(ctx context.Context, tx *db.Tx, e Edition) error {
	_, err := tx.Exec(ctx, `
		insert into edition (id, guideline, major, minor, state, draft, created_by, created_at, updated_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		e.ID, e.Guideline, e.Number.Major, e.Number.Minor, string(e.State), e.Draft, e.CreatedBy, int64(e.CreatedAt), int64(e.UpdatedAt))
	if err != nil {
		return fmt.Errorf("insert edition: %w", err)
	}
	return updateEdition(ctx, tx, e)
}

// updateEdition writes everything but the identity and who created it.
func updateEdition(ctx context.Context, tx *db.Tx, e Edition) error {
	experts, _ := json.Marshal(nonNil(e.Experts))
	_, err := tx.Exec(ctx, `
		update edition set major = $2, minor = $3, state = $4, draft = $5, updated_at = $6, submitted_by = $7, submitted_at = $8,
			approved_by = $9, approved_agency = $10, approved_at = $11, approved_hash = $12, ballot = $13, ballot_hash = $14,
			experts = $15, opens_at = $16, closes_at = $17, change_note = $18, minor_change = $19, review_by = $20,
			publish_at = $21, published_at = $22, published_by = $23, revision_hash = $24, revision_version = $25,
			forced_by = $26, second_eye_due = $27, notice = $28, redirect = $29, made_from = $30
		 where id = $1`,
		e.ID, e.Number.Major, e.Number.Minor, string(e.State), e.Draft, int64(e.UpdatedAt), e.SubmittedBy, int64(e.SubmittedAt),
		e.ApprovedBy, e.ApprovedAgency, int64(e.ApprovedAt), e.ApprovedHash, e.Ballot, e.BallotHash,
		string(experts), int64(e.OpensAt), int64(e.ClosesAt), e.ChangeNote, e.Minor, int64(e.ReviewBy),
		int64(e.PublishAt), int64(e.PublishedAt), e.PublishedBy, e.RevisionHash, e.Version,
		e.ForcedBy, int64(e.SecondEyeDue), e.Notice, e.Redirect, e.MadeFrom)
	if err != nil {
		return fmt.Errorf("update edition %s: %w", e.ID, err)
	}
	return nil
}

func insertEntry(ctx context.Context, tx *db.Tx, edition string, en Entry) error {
	var n int64 // the guideline's row is locked, so no other step takes the number
	err := tx.QueryRow(ctx, `select coalesce(max(n), 0) + 1 from edition_step where edition = $1`, edition).Scan(&n)
	if err != nil {
		return fmt.Errorf("history of %s: %w", edition, err)
	}
	_, err = tx.Exec(ctx, `
		insert into edition_step (edition, n, at, step, from_state, to_state, person, agency, reason, hash)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		edition, n, int64(en.At), string(en.Step), string(en.From), string(en.To), en.Person, en.Agency, en.Reason, en.Hash)
	if err != nil {
		return fmt.Errorf("history of %s: %w", edition, err)
	}
	return nil
}

func historyOf(ctx context.Context, tx *db.Tx, edition string) ([]Entry, error) {
	rows, err := tx.Query(ctx, `
		select at, step, from_state, to_state, person, agency, reason, hash from edition_step where edition = $1 order by n`, edition)
	if err != nil {
		return nil, fmt.Errorf("history of %s: %w", edition, err)
	}
	defer rows.Close()
	var out []Entry
	for rows.Next() {
		var en Entry
		if err := rows.Scan(&en.At, &en.Step, &en.From, &en.To, &en.Person, &en.Agency, &en.Reason, &en.Hash); err != nil {
			return nil, fmt.Errorf("history of %s: %w", edition, err)
		}
		out = append(out, en)
	}
	return out, rows.Err()
}

func addAuthors(ctx context.Context, tx *db.Tx, edition string, persons ...string) error {
	for _, p := range persons {
		if p == "" {
			continue
		}
		_, err := tx.Exec(ctx, `insert into edition_author (edition, person) values ($1, $2) on conflict (edition, person) do nothing`, edition, p)
		if err != nil {
			return fmt.Errorf("author team of %s: %w", edition, err)
		}
	}
	return nil
}

func authorsOf(ctx context.Context, tx *db.Tx, edition string) ([]string, error) {
	rows, err := tx.Query(ctx, `select person from edition_author where edition = $1 order by person`, edition)
	if err != nil {
		return nil, fmt.Errorf("author team of %s: %w", edition, err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var p string
		if err := rows.Scan(&p); err != nil {
			return nil, fmt.Errorf("author team of %s: %w", edition, err)
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

func saveRevision(ctx context.Context, tx *db.Tx, edition string, r Revision) error {
	_, err := tx.Exec(ctx, `
		insert into edition_revision (edition, hash, version, body, at) values ($1, $2, $3, $4, $5)
		on conflict (edition, hash) do nothing`,
		edition, r.Hash, r.Version, r.Text, int64(tx.Now()))
	if err != nil {
		return fmt.Errorf("revision of %s: %w", edition, err)
	}
	return nil
}

func findRevision(ctx context.Context, tx *db.Tx, edition, hash string) (Revision, error) {
	r := Revision{Hash: hash}
	err := tx.QueryRow(ctx, `select version, body from edition_revision where edition = $1 and hash = $2`, edition, hash).Scan(&r.Version, &r.Text)
	if err != nil {
		return r, fmt.Errorf("revision %s of %s: %w", hash, edition, err)
	}
	return r, nil
}

func nonNil(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// askedAt is when the edition was last sent to experts or into consultation.
func askedAt(ctx context.Context, tx *db.Tx, edition string) (db.Time, error) {
	var at db.Time
	err := tx.QueryRow(ctx, `select coalesce(max(at), 0) from edition_step where edition = $1 and step in ('send_fact_check', 'open_consultation')`, edition).Scan(&at)
	if err != nil {
		return 0, fmt.Errorf("when asked: %w", err)
	}
	return at, nil
}

// Answered says which of those asked about an edition, persons and agencies, have said since that they answered. It asks no policy.
func (s *Service) Answered(ctx context.Context, tx *db.Tx, e Edition) (map[string]bool, error) {
	rows, err := tx.Query(ctx, `
		select person, agency from edition_step
		 where edition = $1 and step = 'answer' and n > (
		       select coalesce(max(n), 0) from edition_step where edition = $1 and step in ('send_fact_check', 'open_consultation'))`, e.ID)
	if err != nil {
		return nil, fmt.Errorf("answers about %s: %w", e.ID, err)
	}
	defer rows.Close()
	out := map[string]bool{}
	for rows.Next() {
		var person, agency string
		if err := rows.Scan(&person, &agency); err != nil {
			return nil, fmt.Errorf("answers about %s: %w", e.ID, err)
		}
		out[person] = true
		if agency != "" && slices.Contains(e.Experts, agency) {
			out[agency] = true
		}
	}
	return out, rows.Err()
}
