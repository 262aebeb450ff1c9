package desk

import (
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
)

// sections are what the agency was given to write and has not finished.
func (b *builder) sections() error {
	if !b.represents() || b.s.Sections == nil {
		return nil
	}
	return b.s.DB.Read(b.ctx, func(tx *db.Tx) error {
		due, err := b.s.Sections.Due(b.ctx, tx, b.actor.Agency)
		if err != nil {
			return err
		}
		drafts := make([]string, len(due))
		for i, s := range due {
			drafts[i] = s.Draft
		}
		of, err := b.s.Guidelines.OfDrafts(b.ctx, tx, drafts...)
		if err != nil {
			return err
		}
		for _, s := range due {
			d, found := of[s.Draft]
			if !found || !policy.Can(b.actor, policy.WriteDraft, d.Facts) {
				continue
			}
			g, e := d.Guideline, d.Edition
			b.mine("section.write", s.ID, Item{Title: locale.Text{Ar: s.Heading, En: s.Heading}, Meta: g.Title, DueAt: s.DueAt, At: s.CreatedAt, URL: editionURL(g.ID, e.ID) + "?section=" + s.ID})
		}
		return nil
	})
}
