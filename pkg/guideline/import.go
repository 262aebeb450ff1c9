package guideline

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/id"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Import is one page of a folder. Key is its path there. Text is the Markdown
// without byte order mark and front matter, lines ending in \n; Original is
// the file byte for byte; FrontMatter its block with the delimiters, as it
// stood. EOL is "lf", "crlf" or "cr".
type Import struct {
	ID          string // of the guideline, if this begins one; "" makes one up
	Agency      string
	Key         string
	Title       locale.Text // one language may be missing
	Summary     string
	Language    string // ar | en
	Tags        []string
	Text        string
	Original    []byte
	FrontMatter []byte
	EOL         string
	BOM         bool
	AsDraft     bool              // else edition 1.0 is published
	Visibility  policy.Visibility // "" is the network
}

// Outcome says what an import did.
type Outcome string

// The outcomes.
const (
	ImportCreated   Outcome = "created"
	ImportUpdated   Outcome = "updated"   // the page has changed: a new edition
	ImportUnchanged Outcome = "unchanged" // the page came before, byte for byte
)

// Imported is the result of one page.
type Imported struct {
	Outcome   Outcome
	Guideline string
	Edition   string
}

// ImportEdition brings one page in, in one transaction, once: the same bytes
// under the same agency and key change nothing. A changed page becomes the
// next edition.
//
// Faults: policy.forbidden, guideline.invalid, guideline.import_conflict.
func (s *Service) ImportEdition(ctx context.Context, actor policy.Actor, in Import) (Imported, error) {
	var out Imported
	if err := policy.Check(actor, policy.ImportGuideline, policy.Global("guideline")); err != nil {
		return out, err
	}
	var bad fields
	in.Title.Ar, in.Title.En = strings.TrimSpace(in.Title.Ar), strings.TrimSpace(in.Title.En)
	in.Title = bad.title(in.Title)
	in.Text = bad.text(in.Text)
	in.Tags = bad.tags(in.Tags)
	bad.language(in.Language)
	bad.words("summary", in.Summary, maxSummary)
	if in.Visibility == "" {
		in.Visibility = policy.ToNetwork
	}
	bad.ladder(in.Visibility)
	if in.Agency == "" {
		bad.add("agency", "required")
	}
	if in.Key == "" || len(in.Key) > 1024 {
		bad.add("key", "invalid")
	}
	if err := bad.fault(); err != nil {
		return out, err
	}
	hash := sum(in.Original)
	err := s.DB.Transact(ctx, func(tx *db.Tx) error {
		out = Imported{}
		g, found, err := findImported(ctx, tx, in.Agency, in.Key)
		if err != nil {
			return err
		}
		outcome := ImportCreated
		if found {
			last, err := lastSource(ctx, tx, g.ID)
			if err != nil {
				return err
			}
			if last.hash == hash {
				out = Imported{ImportUnchanged, g.ID, last.edition}
				return nil
			}
			outcome = ImportUpdated
			all, err := editionsOf(ctx, tx, g.ID)
			if err != nil {
				return err
			}
			for _, e := range all[g.ID] {
				if e.State.InWork() {
					return fault.New(fault.Conflict, "guideline.import_conflict").With("edition", e.ID)
				}
			}
			g.Title, g.Summary, g.Language, g.Tags, g.UpdatedAt = in.Title, in.Summary, in.Language, in.Tags, tx.Now()
			if err := updateGuideline(ctx, tx, g); err != nil {
				return err
			}
		} else {
			if in.ID == "" {
				in.ID = id.New("gl")
			}
			g = Guideline{ID: in.ID, Agency: in.Agency, Kind: OfAgency, Template: "free", Title: in.Title, Summary: in.Summary,
				Language: in.Language, Visibility: in.Visibility, Tags: in.Tags, ImportKey: in.Key,
				CreatedBy: person(actor), CreatedAt: tx.Now(), UpdatedAt: tx.Now()}
			if err := insertGuideline(ctx, tx, g); err != nil {
				return err
			}
			if err := event.Append(ctx, tx, actor, GuidelineChanged{Guideline: g.ID, What: "created"}); err != nil {
				return err
			}
		}
		e, err := s.importText(ctx, tx, actor, g, in)
		if err != nil {
			return err
		}
		out = Imported{outcome, g.ID, e.ID}
		_, err = tx.Exec(ctx, `
			insert into revision_source (edition, guideline, hash, original, front_matter, eol, bom, text_hash, at)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			e.ID, g.ID, hash, nonNilBytes(in.Original), nonNilBytes(in.FrontMatter), in.EOL, in.BOM, sum([]byte(in.Text)), int64(tx.Now()))
		if err != nil {
			return fmt.Errorf("source of %s: %w", e.ID, err)
		}
		return nil
	})
	return out, err
}

// importText makes the edition, published or in draft.
func (s *Service) importText(ctx context.Context, tx *db.Tx, actor policy.Actor, g Guideline, in Import) (Edition, error) {
	last, err := lastNumber(ctx, tx, g.ID)
	if err != nil {
		return Edition{}, err
	}
	now := tx.Now()
	e := Edition{ID: id.New("ed"), Guideline: g.ID, Number: Next(last, false), State: Draft,
		CreatedBy: person(actor), CreatedAt: now, UpdatedAt: now}
	if err := insertEdition(ctx, tx, e); err != nil {
		return e, err
	}
	if e.Draft, err = s.Drafts.Create(ctx, tx, e.ID, in.Text); err != nil {
		return e, fmt.Errorf("draft of edition: %w", err)
	}
	if in.AsDraft {
		if err := updateEdition(ctx, tx, e); err != nil {
			return e, err
		}
		return e, s.record(ctx, tx, actor, g, e, BringIn, None, "", Revision{}, "")
	}
	rev, err := s.Drafts.Freeze(ctx, tx, e.Draft)
	if err != nil {
		return e, err
	}
	e.PublishedBy = person(actor)
	e.ReviewBy = db.At(now.Time().AddDate(0, MaxReview, 0))
	superseded, err := s.putInForce(ctx, tx, actor, g, &e, rev)
	if err != nil {
		return e, err
	}
	return e, s.record(ctx, tx, actor, g, e, BringIn, None, "", rev, superseded)
}

func findImported(ctx context.Context, tx *db.Tx, agency, key string) (Guideline, bool, error) {
	gs, err := selectGuidelines(ctx, tx, `where g.agency = $1 and g.import_key = $2`+tx.ForUpdate(), agency, key)
	if err != nil || len(gs) == 0 {
		return Guideline{}, false, err
	}
	return gs[0], true, nil
}

// source is what is kept of an imported file.
type source struct {
	edition, hash, eol, textHash string
	original, frontMatter        []byte
	bom                          bool
}

// lastSource returns the newest file a guideline was imported from; a zero one
// if there is none.
func lastSource(ctx context.Context, tx *db.Tx, guideline string) (source, error) {
	var s source
	err := tx.QueryRow(ctx, `
		select edition, hash, original, front_matter, eol, bom, text_hash
		  from revision_source where guideline = $1 order by at desc, edition desc limit 1`, guideline).
		Scan(&s.edition, &s.hash, &s.original, &s.frontMatter, &s.eol, &s.bom, &s.textHash)
	if errors.Is(err, sql.ErrNoRows) {
		return source{}, nil
	}
	if err != nil {
		return s, fmt.Errorf("source of %s: %w", guideline, err)
	}
	return s, nil
}

// Page is a guideline as a file. Key is its path, or "" when it was written in
// the hub. Bytes are the original ones as long as the text is the imported
// one; a changed text keeps its line ends, byte order mark and front matter.
type Page struct {
	Guideline Guideline
	Edition   Edition
	Key       string
	Bytes     []byte
	Unchanged bool
}

// ExportPages gives every guideline to fn in the order they began: the edition
// readers have, or the one in work where nothing is published. It is for the
// operator's command line and asks no policy. All pages are of one moment.
func (s *Service) ExportPages(ctx context.Context, fn func(Page) error) error {
	return s.DB.Read(ctx, func(tx *db.Tx) error {
		after := ""
		for {
			gs, err := selectGuidelines(ctx, tx, `where g.id > $1 order by g.id limit 100`, after)
			if err != nil {
				return err
			}
			if len(gs) == 0 {
				return nil
			}
			for _, g := range gs {
				after = g.ID
				all, err := editionsOf(ctx, tx, g.ID)
				if err != nil {
					return err
				}
				sum := Summary{Guideline: g, Editions: all[g.ID]}
				e := sum.Current()
				if e == nil {
					e = sum.Work()
				}
				if e == nil {
					continue
				}
				p, err := s.page(ctx, tx, g, *e)
				if err != nil {
					return err
				}
				if err := fn(p); err != nil {
					return err
				}
			}
		}
	})
}

func (s *Service) page(ctx context.Context, tx *db.Tx, g Guideline, e Edition) (Page, error) {
	p := Page{Guideline: g, Edition: e, Key: g.ImportKey}
	rev, err := s.text(ctx, tx, e)
	if err != nil {
		return p, err
	}
	src, err := lastSource(ctx, tx, g.ID)
	if err != nil {
		return p, err
	}
	if src.edition == "" {
		p.Bytes = []byte(rev.Text)
		return p, nil
	}
	if sum([]byte(rev.Text)) == src.textHash {
		p.Bytes, p.Unchanged = src.original, true
		return p, nil
	}
	text := rev.Text
	switch src.eol {
	case "crlf":
		text = strings.ReplaceAll(text, "\n", "\r\n")
	case "cr":
		text = strings.ReplaceAll(text, "\n", "\r")
	}
	if src.bom {
		p.Bytes = append(p.Bytes, "\xef\xbb\xbf"...)
	}
	p.Bytes = append(p.Bytes, src.frontMatter...)
	p.Bytes = append(p.Bytes, text...)
	return p, nil
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

func nonNilBytes(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
