package publish

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/markdown"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Guide is an edition as readers see it.
type Guide struct {
	ID          string // the edition's
	Guideline   string
	Agency      string
	Major       int
	Minor       int
	State       string
	Title       locale.Text
	Summary     string
	Language    string
	Tags        []string
	Visibility  policy.Visibility
	Agencies    []string
	Hash        string // SHA-256 of the revision's text
	HTML        string
	TOC         []markdown.Entry
	Plain       string
	Clauses     []Clause
	ChangeNote  string
	PublishedAt db.Time
	ReviewBy    db.Time
	Notice      string
	Redirect    string
	Hidden      bool
	UpdatedAt   db.Time
	Translates  string // the guideline that this one renders, or ""
	MadeFrom    string // and the edition of it that the text was made from
}

// Clause is a block of a guide's words: where it stands and what it says.
type Clause struct {
	ID     string `json:"id,omitempty"`     // fragment of the page; "" where a block has none
	Number string `json:"number,omitempty"` // "2.1" or ""
	Text   string `json:"text"`
}

// Number is "2.1".
func (g Guide) Number() string { return fmt.Sprintf("%d.%d", g.Major, g.Minor) }

// Facts is what policy may know of the guide.
func (g Guide) Facts() policy.Facts {
	return policy.Facts{Kind: "guide", ID: g.ID, Agency: g.Agency, Agencies: g.Agencies, Visibility: g.Visibility, State: g.State,
		Flags: map[string]bool{"published": true, "hidden": g.Hidden}}
}

// Service keeps and reads guides. It is safe for concurrent use.
type Service struct{ db *db.DB }

// New returns a service on the database.
func New(d *db.DB) *Service { return &Service{db: d} }

// Publish renders the revision and writes the guide, in the caller's
// transaction: if it fails nothing is published.
//
// Faults: those of markdown.Render.
func (s *Service) Publish(ctx context.Context, tx *db.Tx, p guideline.Publication) error {
	doc, anchors, err := render(ctx, tx, p)
	if err != nil {
		return err
	}
	kept, err := writeAnchors(anchors)
	if err != nil {
		return err
	}
	page, touched := lock(doc.HTML)
	if touched {
		// The page is safe; that it needed this is a fault of the renderer.
		slog.ErrorContext(ctx, "published page held what the renderer never writes", "edition", p.Edition)
	}
	toc, err := json.Marshal(doc.TOC)
	if err != nil {
		return err
	}
	tags, err := json.Marshal(p.Tags)
	if err != nil {
		return err
	}
	clauses, err := clausesOf(doc)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		insert into guide (id, guideline, agency, major, minor, state, title_ar, title_en, summary, language, tags, visibility,
		                   body, revision_hash, html, toc, plain, clauses, anchors, change_note, published_at, review_by, notice, redirect, hidden, updated_at,
		                   translates, made_from)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28)
		on conflict (id) do update set
		       state = excluded.state, body = excluded.body, revision_hash = excluded.revision_hash, html = excluded.html, toc = excluded.toc,
		       plain = excluded.plain, clauses = excluded.clauses, anchors = excluded.anchors, translates = excluded.translates, made_from = excluded.made_from, updated_at = excluded.updated_at`,
		p.Edition, p.Guideline, p.Agency, p.Number.Major, p.Number.Minor, string(p.State), p.Title.Ar, p.Title.En, p.Summary, p.Language, string(tags), string(p.Visibility),
		p.Revision.Text, p.Revision.Hash, string(page), string(toc), doc.Text, clauses, kept, p.ChangeNote, int64(p.PublishedAt), int64(p.ReviewBy), p.Notice, p.Redirect, p.Hidden, int64(tx.Now()),
		p.Translates, p.MadeFrom)
	if err != nil {
		return fmt.Errorf("write guide %s: %w", p.Edition, err)
	}
	return s.share(ctx, tx, p)
}

// FillClauses writes the clauses of guides that were published before the hub
// kept them, so that search leads to their places, and returns how many it
// filled. Their pages stay as they are. It may be called at every start and on
// several nodes at once.
func (s *Service) FillClauses(ctx context.Context) (int, error) {
	type old struct{ id, language, body string }
	var todo []old
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, `select id, language, body from guide where clauses = '[]' and plain <> '' order by id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var g old
			if err := rows.Scan(&g.id, &g.language, &g.body); err != nil {
				return err
			}
			todo = append(todo, g)
		}
		return rows.Err()
	})
	if err != nil {
		return 0, fmt.Errorf("guides without clauses: %w", err)
	}
	n := 0
	for _, g := range todo {
		_, body := markdown.Split([]byte(g.body))
		doc, err := markdown.Render(ctx, body, markdown.Options{Language: g.language})
		if err != nil {
			return n, fmt.Errorf("clauses of guide %s: %w", g.id, err)
		}
		clauses, err := clausesOf(doc)
		if err != nil {
			return n, err
		}
		if clauses == "[]" {
			continue
		}
		err = s.db.Transact(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `update guide set clauses = $2, updated_at = $3 where id = $1 and clauses = '[]'`, g.id, clauses, int64(tx.Now()))
			return err
		})
		if err != nil {
			return n, fmt.Errorf("clauses of guide %s: %w", g.id, err)
		}
		n++
	}
	return n, nil
}

// clausesOf are the clauses of a rendered page as the guide's row keeps them.
func clausesOf(doc markdown.Page) (string, error) {
	list := make([]Clause, len(doc.Clauses))
	for i, c := range doc.Clauses {
		list[i] = Clause{c.ID, c.Number, c.Text}
	}
	b, err := json.Marshal(list)
	return string(b), err
}

// Update records that a published edition stands otherwise now: superseded,
// withdrawn, unpublished, hidden, or shown to others. The revision stays.
func (s *Service) Update(ctx context.Context, tx *db.Tx, p guideline.Publication) error {
	_, err := tx.Exec(ctx, `
		update guide set state = $1, visibility = $2, notice = $3, redirect = $4, hidden = $5, change_note = $6, review_by = $7, title_ar = $8, title_en = $9, summary = $10, updated_at = $11,
		       translates = $12, made_from = $13
		 where id = $14`,
		string(p.State), string(p.Visibility), p.Notice, p.Redirect, p.Hidden, p.ChangeNote, int64(p.ReviewBy), p.Title.Ar, p.Title.En, p.Summary, int64(tx.Now()), p.Translates, p.MadeFrom, p.Edition)
	if err != nil {
		return fmt.Errorf("update guide %s: %w", p.Edition, err)
	}
	return s.share(ctx, tx, p)
}

func (s *Service) share(ctx context.Context, tx *db.Tx, p guideline.Publication) error {
	if _, err := tx.Exec(ctx, `delete from guide_share where guide = $1`, p.Edition); err != nil {
		return fmt.Errorf("share guide: %w", err)
	}
	for _, a := range p.Agencies {
		if _, err := tx.Exec(ctx, `insert into guide_share (guide, agency) values ($1, $2) on conflict do nothing`, p.Edition, a); err != nil {
			return fmt.Errorf("share guide: %w", err)
		}
	}
	return nil
}

// Change says that a guide stands otherwise since a time.
type Change struct {
	ID        string
	UpdatedAt db.Time
	InForce   bool // published and not hidden
}

// Changed lists what changed at or after a time, for indexes. It knows no
// reader: who shows a guide asks policy.
func (s *Service) Changed(ctx context.Context, since db.Time) ([]Change, error) {
	var out []Change
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, `select id, updated_at, state = 'published' and hidden = false from guide where updated_at >= $1`, int64(since))
		if err != nil {
			return fmt.Errorf("list changed guides: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var c Change
			if err := rows.Scan(&c.ID, &c.UpdatedAt, &c.InForce); err != nil {
				return fmt.Errorf("list changed guides: %w", err)
			}
			out = append(out, c)
		}
		return rows.Err()
	})
	return out, err
}

// Load reads guides by the ids of their editions, without their pages (HTML),
// in no order. It knows no reader: who shows a guide asks policy.
func (s *Service) Load(ctx context.Context, ids []string) ([]Guide, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	in, args := db.In(1, ids)
	var out []Guide
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = query(ctx, tx, strings.Replace(columns, "g.html", "''", 1), `where g.id in (`+in+`)`, args...)
		return err
	})
	return out, err
}

// Find returns the guide of a guideline with the number "2.1", or its current
// one when number is "": the published, else the newest withdrawn or
// unpublished.
//
// Faults: guide.not_found.
func (s *Service) Find(ctx context.Context, actor policy.Actor, guideline, number string) (Guide, error) {
	var g Guide
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		all, err := list(ctx, tx, `where g.guideline = $1 order by case g.state when 'published' then 0 when 'withdrawn' then 1 else 2 end, g.major desc, g.minor desc`, guideline)
		if err != nil {
			return err
		}
		for _, c := range all {
			if number == "" || c.Number() == number || (c.Minor == 0 && fmt.Sprint(c.Major) == number) {
				g = c
				return policy.Check(actor, policy.ReadGuide, g.Facts())
			}
		}
		return policy.NotFound("guide")
	})
	return g, err
}

// Version grows whenever a guide is published or changes: what was shown at one
// version may be shown again at the same one.
func (s *Service) Version(ctx context.Context) (int64, error) {
	var v int64
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `select coalesce(max(updated_at), 0) from guide`).Scan(&v)
	})
	if err != nil {
		return 0, fmt.Errorf("version of the guides: %w", err)
	}
	return v, nil
}

// Editions lists the guides of a guideline that the actor may read, newest
// first, without their pages (HTML).
func (s *Service) Editions(ctx context.Context, actor policy.Actor, guideline string) ([]Guide, error) {
	var out []Guide
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		all, err := query(ctx, tx, strings.Replace(columns, "g.html", "''", 1), `where g.guideline = $1 order by g.major desc, g.minor desc`, guideline)
		for _, g := range all {
			if policy.Can(actor, policy.ReadGuide, g.Facts()) {
				out = append(out, g)
			}
		}
		return err
	})
	return out, err
}

// Since lists the editions of a guideline from one of them to the one in force, oldest first and with their pages: what became of a text that
// a translation was made from. It is the edition in force alone where the first is not known, and none where none is in force for the actor.
func (s *Service) Since(ctx context.Context, actor policy.Actor, guideline, edition string) ([]Guide, error) {
	var out []Guide
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		all, err := list(ctx, tx, `where g.guideline = $1 order by g.major, g.minor`, guideline)
		known := false
		for _, g := range all {
			known = known || g.ID == edition
			if !known && !inForce(g) || !policy.Can(actor, policy.ReadGuide, g.Facts()) {
				continue
			}
			if out = append(out, g); inForce(g) {
				return err
			}
		}
		out = nil
		return err
	})
	return out, err
}

func inForce(g Guide) bool { return g.State == "published" || g.State == "withdrawn" }

// Translations lists the guides in force that render a guideline in other languages and that the actor may read, without their pages (HTML).
func (s *Service) Translations(ctx context.Context, actor policy.Actor, guideline string) ([]Guide, error) {
	var out []Guide
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		all, err := query(ctx, tx, strings.Replace(columns, "g.html", "''", 1), `where g.translates = $1 and g.state = 'published' order by g.language, g.id`, guideline)
		for _, g := range all {
			if policy.Can(actor, policy.ReadGuide, g.Facts()) {
				out = append(out, g)
			}
		}
		return err
	})
	return out, err
}

const columns = `g.id, g.guideline, g.agency, g.major, g.minor, g.state, g.title_ar, g.title_en, g.summary, g.language, g.tags, g.visibility,
	g.revision_hash, g.html, g.toc, g.plain, g.clauses, g.change_note, g.published_at, g.review_by, g.notice, g.redirect, g.hidden, g.updated_at, g.translates, g.made_from`

func list(ctx context.Context, tx *db.Tx, where string, args ...any) ([]Guide, error) {
	return query(ctx, tx, columns, where, args...)
}

func query(ctx context.Context, tx *db.Tx, columns, where string, args ...any) ([]Guide, error) {
	rows, err := tx.Query(ctx, `select `+columns+` from guide g `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("list guides: %w", err)
	}
	defer rows.Close()
	var out []Guide
	for rows.Next() {
		var g Guide
		var tags, toc, clauses string
		err := rows.Scan(&g.ID, &g.Guideline, &g.Agency, &g.Major, &g.Minor, &g.State, &g.Title.Ar, &g.Title.En, &g.Summary, &g.Language, &tags, &g.Visibility,
			&g.Hash, &g.HTML, &toc, &g.Plain, &clauses, &g.ChangeNote, &g.PublishedAt, &g.ReviewBy, &g.Notice, &g.Redirect, &g.Hidden, &g.UpdatedAt, &g.Translates, &g.MadeFrom)
		if err != nil {
			return nil, fmt.Errorf("list guides: %w", err)
		}
		if err := errors.Join(json.Unmarshal([]byte(tags), &g.Tags), json.Unmarshal([]byte(toc), &g.TOC), json.Unmarshal([]byte(clauses), &g.Clauses)); err != nil {
			return nil, fmt.Errorf("guide %s: %w", g.ID, err)
		}
		out = append(out, g)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].Visibility != policy.ToAgencies {
			continue
		}
		if out[i].Agencies, err = shares(ctx, tx, out[i].ID); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func shares(ctx context.Context, tx *db.Tx, guide string) ([]string, error) {
	rows, err := tx.Query(ctx, `select agency from guide_share where guide = $1`, guide)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var a string
		if err := rows.Scan(&a); err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, rows.Err()
}
