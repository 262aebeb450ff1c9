package guideline

import (
	"context"
	"fmt"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Arabic is authoritative (rules D3): an original is Arabic, and its translation is a guideline of its own, with editions, reviews and a pace of
// its own, led by the same agency. It may lag; its published page says where.

// translation checks that g may render the original.
func (f *fields) translation(g, original Guideline, translated bool) {
	switch {
	case original.ID == g.ID, original.Translates != "", translated:
		f.add("translates", "chain")
	case original.Language != "ar" || g.Language == "ar":
		f.add("translates", "language")
	case original.Agency != g.Agency:
		f.add("translates", "other_agency")
	}
}

// translated names the index that refuses a second translation in a language.
func translated(err error) error {
	if db.IsUnique(err) {
		return fault.New(fault.Invalid, "guideline.invalid").WithField("translates", "taken")
	}
	return err
}

// beginTranslation reads the original of a new guideline, for who may edit it, and fills in what the request leaves open.
func (s *Service) beginTranslation(ctx context.Context, tx *db.Tx, actor policy.Actor, n *New) (*Guideline, error) {
	o, all, err := s.originalToLink(ctx, tx, actor, n.Translates)
	if err != nil {
		return nil, err
	}
	for at, from := range map[*string]string{&n.Agency: o.Agency, &n.Workspace: o.Workspace, &n.Template: o.Template, (*string)(&n.Kind): string(o.Kind),
		&n.Title.Ar: o.Title.Ar, &n.Title.En: o.Title.En} {
		if *at == "" {
			*at = from
		}
	}
	if n.Tags == nil {
		n.Tags = o.Tags
	}
	if n.Text == "" {
		if n.Text, _, err = s.lastText(ctx, tx, o, all); err != nil {
			return nil, err
		}
	}
	return &o, nil
}

// originalToLink is a guideline that the actor may edit, with its editions.
func (s *Service) originalToLink(ctx context.Context, tx *db.Tx, actor policy.Actor, id string) (Guideline, []Edition, error) {
	o, err := findGuideline(ctx, tx, id, false)
	if err != nil {
		return o, nil, err
	}
	all, err := editionsOf(ctx, tx, o.ID)
	if err != nil {
		return o, nil, err
	}
	return o, all[o.ID], policy.Check(actor, policy.UpdateGuideline, o.factsOf(all[o.ID]))
}

// link makes g the translation of another guideline, or of none, and says of its edition in force which edition it was made from.
func (s *Service) link(ctx context.Context, tx *db.Tx, actor policy.Actor, g *Guideline, editions []Edition, original, from string, bad *fields) (what string, _ []Edition, err error) {
	var of []Edition
	if what = "translation_unlinked"; original != "" {
		o, all, err := s.originalToLink(ctx, tx, actor, original)
		if err != nil {
			return "", nil, err
		}
		own, err := hasTranslations(ctx, tx, g.ID)
		if err != nil {
			return "", nil, err
		}
		bad.translation(*g, o, own)
		what, of = "translation_linked", all
	}
	g.Translates = original
	for i, e := range editions {
		was := e.MadeFrom
		if e.MadeFrom = ""; original != "" && (e.State == Published || e.State == Withdrawn) {
			if e.MadeFrom = choose(of, from); e.MadeFrom == "?" {
				bad.add("made_from", "invalid")
				continue
			}
		}
		if e.MadeFrom == was {
			continue
		}
		if err := updateEdition(ctx, tx, e); err != nil {
			return "", nil, err
		}
		editions[i] = e
	}
	return what, editions, nil
}

// keepsPair refuses another language to a translation and to what has one.
func keepsPair(ctx context.Context, tx *db.Tx, g Guideline, bad *fields) error {
	own, err := hasTranslations(ctx, tx, g.ID)
	if own || g.Translates != "" {
		bad.add("language", "translated")
	}
	return err
}

func hasTranslations(ctx context.Context, tx *db.Tx, guideline string) (bool, error) {
	var n int
	if err := tx.QueryRow(ctx, `select count(*) from guideline where translates = $1`, guideline).Scan(&n); err != nil {
		return false, fmt.Errorf("translations of %s: %w", guideline, err)
	}
	return n > 0, nil
}

// madeFrom is the edition of the original that a translation is published from: the one asked for, else the one set when it was scheduled,
// else the original's current one; "" where it has none, and "?" where it is no edition that readers have.
func madeFrom(ctx context.Context, tx *db.Tx, g Guideline, e Edition, asked string) (string, error) {
	all, err := editionsOf(ctx, tx, g.Translates)
	if err != nil {
		return "", err
	}
	if asked == "" {
		asked = e.MadeFrom
	}
	return choose(all[g.Translates], asked), nil
}

func choose(original []Edition, asked string) string {
	if asked == "" {
		if now := (Summary{Editions: original}).Current(); now != nil {
			return now.ID
		}
		return ""
	}
	for _, e := range original {
		if e.ID == asked && e.State.Readable() {
			return asked
		}
	}
	return "?"
}

// original is what a translation renders, or nil where there is none or the actor does not see it.
func (s *Service) original(ctx context.Context, tx *db.Tx, actor policy.Actor, g Guideline) (*Summary, error) {
	if g.Translates == "" {
		return nil, nil
	}
	list, err := s.seen(ctx, tx, actor, `where g.id = $1`, g.Translates)
	if len(list) == 0 {
		return nil, err
	}
	return &list[0], err
}

// Languages returns the guideline that another one renders, nil for none, and those that render it, as far as the actor sees them.
func (s *Service) Languages(ctx context.Context, actor policy.Actor, g Guideline) (original *Summary, translations []Summary, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if original, err = s.original(ctx, tx, actor, g); err != nil {
			return err
		}
		translations, err = s.seen(ctx, tx, actor, `where g.translates = $1 order by g.language`, g.ID)
		return err
	})
	return original, translations, err
}

func (s *Service) seen(ctx context.Context, tx *db.Tx, actor policy.Actor, tail string, args ...any) ([]Summary, error) {
	list, err := selectGuidelines(ctx, tx, tail, args...)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(list))
	for i, g := range list {
		ids[i] = g.ID
	}
	all, err := editionsOf(ctx, tx, ids...)
	if err != nil {
		return nil, err
	}
	var out []Summary
	for _, g := range list {
		if !policy.Can(actor, policy.ReadGuideline, g.factsOf(all[g.ID])) {
			continue
		}
		sum, err := s.summary(ctx, tx, actor, g, all[g.ID])
		if err != nil {
			return nil, err
		}
		out = append(out, sum)
	}
	return out, nil
}
