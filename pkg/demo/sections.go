package demo

import (
	"fmt"
	"strings"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/section"
)

// giveSections gives two sections of the joint guideline to agencies that write it; one of them is finished.
func (w *world) giveSections(g *guide) error {
	var version int64
	var text string
	err := w.DB.Read(w.ctx, func(tx *db.Tx) (err error) {
		version, text, err = draft.Text(w.ctx, tx, g.draft)
		return err
	})
	if err != nil {
		return err
	}
	for heading, t := range map[string]struct {
		code, note string
		days       float64
		done       bool
	}{
		"## تقليل الوثائق والخطوات": {"HLT", "يُضاف جدول الوثائق التي أُلغيت في الجهات الثلاث.", 6, false},
		"## موظف الخدمة الشامل":     {"RTA", "", 1, true},
	} {
		i := strings.Index(text, heading+"\n")
		if i < 0 {
			return fmt.Errorf("no section %s in %s", heading, g.file.name)
		}
		s, err := w.Sections.Assign(w.ctx, w.actors[g.file.Agency], g.draft, version, changeset.Len16(text[:i]),
			section.Terms{Agency: w.agencies[t.code].ID, DueAt: w.closing(t.days), Note: t.note})
		if err == nil && t.done {
			_, err = w.Sections.Finish(w.ctx, w.actors[t.code], s.ID, true)
		}
		if err != nil {
			return fmt.Errorf("section %s: %w", heading, err)
		}
	}
	return nil
}
