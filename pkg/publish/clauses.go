package publish

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/markdown"
	"github.com/multaqa/multaqa/pkg/textdiff"
)

// anchor is how a guide's row keeps an id that a clause has from an edition before.
type anchor struct {
	At int    `json:"at"` // byte of the text without its front matter
	ID string `json:"id"`
}

// render renders the page of an edition. Its clauses have the ids that they had in the edition before, so that an address of a clause leads to
// it in every edition (rules D3), however its words have changed.
func render(ctx context.Context, tx *db.Tx, p guideline.Publication) (markdown.Page, []markdown.Anchor, error) {
	_, body := markdown.Split([]byte(p.Revision.Text))
	page, err := markdown.Render(ctx, body, markdown.Options{Language: p.Language, Rooted: true})
	if err != nil {
		return page, nil, err
	}
	was, clauses, err := before(ctx, tx, p)
	if err != nil {
		return page, nil, err
	}
	anchors := carry(was, clauses, string(body), page.Clauses)
	if len(anchors) > 0 {
		page, err = markdown.Render(ctx, body, markdown.Options{Language: p.Language, Rooted: true, Anchors: anchors})
	}
	return page, anchors, err
}

// before is the text of the edition before, with its clauses; none for the first one.
func before(ctx context.Context, tx *db.Tx, p guideline.Publication) (string, []markdown.Clause, error) {
	var text, kept, language string
	err := tx.QueryRow(ctx, `
		select body, anchors, language from guide where guideline = $1 and id <> $2 order by major desc, minor desc limit 1`,
		p.Guideline, p.Edition).Scan(&text, &kept, &language)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil, nil
	}
	if err != nil {
		return "", nil, fmt.Errorf("edition before %s: %w", p.Edition, err)
	}
	anchors, err := readAnchors(kept)
	if err != nil {
		return "", nil, fmt.Errorf("edition before %s: %w", p.Edition, err)
	}
	_, body := markdown.Split([]byte(text))
	page, err := markdown.Render(ctx, body, markdown.Options{Language: language, Anchors: anchors})
	if err != nil {
		// An old text that the hub would refuse today takes nothing from the new one.
		return "", nil, nil //nolint:nilerr // as said
	}
	return string(body), page.Clauses, nil
}

// Anchors are the ids that the clauses of a guide's text have from editions before it, for whoever renders it otherwise; none for an edition
// that is no guide. It knows no reader.
func (s *Service) Anchors(ctx context.Context, edition string) ([]markdown.Anchor, error) {
	kept := "[]"
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		err := tx.QueryRow(ctx, `select anchors from guide where id = $1`, edition).Scan(&kept)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("anchors of %s: %w", edition, err)
	}
	return readAnchors(kept)
}

func readAnchors(kept string) ([]markdown.Anchor, error) {
	var list []anchor
	if err := json.Unmarshal([]byte(kept), &list); err != nil {
		return nil, err
	}
	out := make([]markdown.Anchor, len(list))
	for i, a := range list {
		out[i] = markdown.Anchor{Offset: a.At, ID: a.ID}
	}
	return out, nil
}

func writeAnchors(list []markdown.Anchor) (string, error) {
	out := make([]anchor, len(list))
	for i, a := range list {
		out[i] = anchor{At: a.Offset, ID: a.ID}
	}
	b, err := json.Marshal(out)
	return string(b), err
}

// carry gives the clauses of a text the ids of those of the text before it that they are: with the same words, with changed ones, or elsewhere.
// A clause that was parted leaves its id with the larger part. It returns them in order of position, and none where the words alone give the same.
func carry(was string, old []markdown.Clause, is string, fresh []markdown.Clause) []markdown.Anchor {
	old, fresh = addressed(old), addressed(fresh)
	if len(old) == 0 || len(fresh) == 0 {
		return nil
	}
	oldLine, newLine := byLine(was, old), byLine(is, fresh)
	type pair struct{ old, fresh int }
	votes := map[pair]int{}
	blocks := textdiff.Diff(was, is)
	lines := strings.Split(is, "\n")
	for _, b := range blocks {
		from, to := b.OldFrom, b.OldTo
		if b.Kind == textdiff.Moved {
			from, to = blocks[b.Other].OldFrom, blocks[b.Other].OldTo
		}
		for i := 0; i < to-from && i < b.NewTo-b.NewFrom; i++ {
			o, n := oldLine[from+i], newLine[b.NewFrom+i]
			if o >= 0 && n >= 0 && heads(old[o]) == heads(fresh[n]) {
				votes[pair{o, n}] += 1 + len(lines[b.NewFrom+i])
			}
		}
	}
	ranked := make([]pair, 0, len(votes))
	for p := range votes {
		ranked = append(ranked, p)
	}
	slices.SortFunc(ranked, func(a, b pair) int {
		return cmp.Or(votes[b]-votes[a], a.fresh-b.fresh, a.old-b.old)
	})
	takenOld, takenNew := map[int]bool{}, map[int]bool{}
	var out []markdown.Anchor
	differs := false
	for _, p := range ranked {
		if takenOld[p.old] || takenNew[p.fresh] {
			continue
		}
		takenOld[p.old], takenNew[p.fresh] = true, true
		differs = differs || old[p.old].ID != fresh[p.fresh].ID
		out = append(out, markdown.Anchor{Offset: fresh[p.fresh].Offset, ID: old[p.old].ID})
	}
	if !differs {
		return nil
	}
	slices.SortFunc(out, func(a, b markdown.Anchor) int { return a.Offset - b.Offset })
	return out
}

// addressed are the clauses that have an address.
func addressed(list []markdown.Clause) []markdown.Clause {
	return slices.DeleteFunc(slices.Clone(list), func(c markdown.Clause) bool { return c.ID == "" })
}

// heads says whether the clause is a heading.
func heads(c markdown.Clause) bool { return strings.HasPrefix(c.ID, "h-") }

// byLine says for each line of a text which clause it is of, or -1. A clause ends with a blank line or where the next begins.
func byLine(text string, clauses []markdown.Clause) []int {
	out := []int{}
	at, next, now := 0, 0, -1
	for _, line := range strings.Split(text, "\n") {
		end := at + len(line)
		if strings.TrimSpace(line) == "" {
			now = -1
		}
		for next < len(clauses) && clauses[next].Offset <= end {
			now = next
			next++
		}
		out = append(out, now)
		at = end + 1
	}
	return out
}
