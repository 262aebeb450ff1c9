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
		for _, s := range due {
			f, err := b.s.Guidelines.Facts(b.ctx, tx, s.Draft)
			if err != nil {
				return err
			}
			if !policy.Can(b.actor, policy.WriteDraft, f) {
				continue
			}
			g, e, err := b.s.Guidelines.OfDraft(b.ctx, tx, s.Draft)
			if err != nil {
				return err
			}
			b.mine("section.write", s.ID, Item{Title: locale.Text{Ar: s.Heading, En: s.Heading}, Meta: g.Title, DueAt: s.DueAt, At: s.CreatedAt, URL: editionURL(g.ID, e.ID)})
		}
		return nil
	})
}
