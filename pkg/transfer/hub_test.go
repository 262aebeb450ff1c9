package transfer

import (
	"context"
	"testing"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/member"
)

// living is package draft as guideline wants it.
type living struct{}

func (living) Create(ctx context.Context, tx *db.Tx, edition, text string) (string, error) {
	return draft.Create(ctx, tx, edition, text)
}

func (living) Read(ctx context.Context, tx *db.Tx, d string) (guideline.Revision, error) {
	v, text, err := draft.Text(ctx, tx, d)
	return guideline.Revision{Hash: digest([]byte(text)), Version: v, Text: text}, err
}

func (living) Freeze(ctx context.Context, tx *db.Tx, d string) (guideline.Revision, error) {
	r, err := draft.Freeze(ctx, tx, d)
	return guideline.Revision{Hash: r.TextHash, Version: r.Version, Text: r.Text}, err
}

func (living) Authors(ctx context.Context, tx *db.Tx, d string) ([]string, error) {
	return draft.Authors(ctx, tx, d)
}

func (living) WrittenBy(ctx context.Context, tx *db.Tx, person string, ids ...string) (map[string]bool, error) {
	return draft.WrittenBy(ctx, tx, person, ids...)
}

// hub is a database with what import and export need around it.
type hub struct {
	*testing.T
	db         *db.DB
	members    *member.Service
	guidelines *guideline.Service
	data       string
}

func newHub(t *testing.T, d *db.DB) hub {
	t.Helper()
	m := member.New(d, nil)
	t.Cleanup(m.Close)
	return hub{T: t, db: d, members: m, guidelines: &guideline.Service{DB: d, Drafts: living{}}, data: t.TempDir()}
}

func (h hub) importer() *Importer {
	return &Importer{DB: h.db, Members: h.members, Guidelines: h.guidelines, DataDir: h.data}
}

func (h hub) exporter() *Exporter {
	return &Exporter{DB: h.db, Guidelines: h.guidelines, DataDir: h.data}
}

func (h hub) mustImport(dir string) Report {
	h.Helper()
	rep, err := h.importer().Run(context.Background(), dir)
	if err != nil {
		h.Fatal(err)
	}
	return rep
}

func (h hub) mustExport() string {
	h.Helper()
	dir := h.TempDir()
	if _, err := h.exporter().Run(context.Background(), dir); err != nil {
		h.Fatal(err)
	}
	return dir
}
