package guideline

import (
	"strings"
	"testing"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
)

func TestImportIsIdempotentAndExportsTheSameBytes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		original := "\xef\xbb\xbf---\r\ntitle: رحلة\r\n---\r\n# رحلة\r\n\r\nنصّ\r\n"
		in := Import{Agency: "mun", Key: "a/b.md", Title: locale.Text{Ar: "رحلة"}, Language: "ar", Tags: []string{"خدمة"},
			Text: "# رحلة\n\nنصّ\n", Original: []byte(original), FrontMatter: []byte("---\r\ntitle: رحلة\r\n---\r\n"), EOL: "crlf", BOM: true}
		hub := policy.SystemActor()
		if _, err := w.ImportEdition(t.Context(), omar, in); !fault.Is(err, "policy.forbidden") {
			t.Fatal(err)
		}
		first, err := w.ImportEdition(t.Context(), hub, in)
		if err != nil || first.Outcome != ImportCreated {
			t.Fatal(first, err)
		}
		second, err := w.ImportEdition(t.Context(), hub, in)
		if err != nil || second != (Imported{ImportUnchanged, first.Guideline, first.Edition}) {
			t.Fatal(second, err)
		}
		export := func() (p Page) {
			n := 0
			if err := w.ExportPages(t.Context(), func(q Page) error { n++; p = q; return nil }); err != nil || n != 1 {
				t.Fatal(n, err)
			}
			return p
		}
		if p := export(); string(p.Bytes) != original || !p.Unchanged || p.Key != "a/b.md" {
			t.Fatalf("%q", p.Bytes)
		}
		next, err := w.NewEdition(t.Context(), omar, first.Guideline)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.ImportEdition(t.Context(), hub, withOriginal(in, "other")); !fault.Is(err, "guideline.import_conflict") {
			t.Fatal(err)
		}
		w.drafts.text[next.Edition.Draft] = "# رحلة\n\nنصّ جديد\n"
		w.drafts.authors[next.Edition.Draft] = []string{"salma"}
		w.publish(t, next)
		p := export()
		if want := strings.Replace(original, "نصّ", "نصّ جديد", 1); string(p.Bytes) != want || p.Unchanged {
			t.Fatalf("%q", p.Bytes)
		}
		third, err := w.ImportEdition(t.Context(), hub, withOriginal(in, "# جديد\n"))
		if err != nil || third.Outcome != ImportUpdated {
			t.Fatal(third, err)
		}
		in.Key, in.AsDraft = "c.md", true
		draft, err := w.ImportEdition(t.Context(), hub, in)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := w.Edition(t.Context(), omar, draft.Edition); err != nil || v.Edition.State != Draft {
			t.Fatal(v.Edition, err)
		}
	})
}

func withOriginal(in Import, s string) Import {
	in.Original, in.Text, in.FrontMatter, in.BOM, in.EOL = []byte(s), s, nil, false, "lf"
	return in
}
