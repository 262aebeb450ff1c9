package transfer

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/corpus"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/media"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

// tree writes files below a new folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, body := range files {
		at := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// sameBytes compares every file below want with its namesake below got.
func sameBytes(t *testing.T, want, got string, except func(rel string) bool) (n int) {
	t.Helper()
	err := filepath.WalkDir(want, func(at string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(want, at)
		if except(filepath.ToSlash(rel)) {
			return nil
		}
		a, err := os.ReadFile(at)
		if err != nil {
			return err
		}
		b, err := os.ReadFile(filepath.Join(got, rel))
		if err != nil {
			t.Errorf("%s: %v", rel, err)
			return nil
		}
		if !bytes.Equal(a, b) {
			t.Errorf("%s came back changed: %d bytes, want %d", rel, len(b), len(a))
		}
		n++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func codes(lines []Line) map[string]string {
	m := map[string]string{}
	for _, l := range lines {
		m[l.Path] = l.Code
	}
	return m
}

const png = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"

func TestPagesComeInAndGoOutByteForByte(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHub(t, d)
		dir := tree(t, map[string]string{
			"mun/دليل الخدمة.md": "\ufeff---\ntitle: \"دليل الخدمة\"\nlang: ar\ntags: [خدمات, مراكز]\n---\n# عنوان\n\nانظر [الرسائل](sub/sms.md#مدة) و[الخارج](https://example.org/a.md) و`[رمز](sub/sms.md)`.\n",
			"mun/sub/sms.md":     "# Messages\r\n\r\nBack to [the guide](../%D8%AF%D9%84%D9%8A%D9%84%20%D8%A7%D9%84%D8%AE%D8%AF%D9%85%D8%A9.md).\r\n\r\n![shot](../img/shot.png)\r\n",
			"mun/img/shot.png":   png,
			"mun/img/not.png":    "<svg onload=alert(1)>",
			"mun/SOURCE.md":      "# City pages\n\n- agency (ar): بلدية\n- licence: CC0 1.0\n",
			"mun/LICENSE.txt":    "free",
			"mun/broken.md":      "fine\n\xff\xfe\n",
			"mun/empty.md":       "\n \n",
			"mun/.git/config":    "x",
			"README.md":          "about the folder",
			"other/ملاحظة.md":    "نص بلا عنوان\n",
		})
		if _, err := h.members.CreateAgency(context.Background(), policy.SystemActor(), member.NewAgency{Code: "MUN", Name: locale.Text{Ar: "البلدية", En: "Municipality"}, HasVote: true}); err != nil {
			t.Fatal(err)
		}
		rep := h.mustImport(dir)
		if rep.New != 3 || rep.Files != 1 || rep.Unchanged != 0 {
			t.Errorf("report = %+v", rep)
		}
		want := map[string]string{
			"mun/img/not.png": "transfer.unknown_type", "mun/SOURCE.md": "transfer.not_a_page", "mun/LICENSE.txt": "transfer.not_a_page",
			"mun/broken.md": "transfer.not_utf8", "mun/empty.md": "transfer.empty", "mun/.git": "transfer.hidden", "README.md": "transfer.outside_agency",
		}
		got := codes(rep.Skipped)
		for p, c := range want {
			if got[p] != c {
				t.Errorf("skipped %s as %q, want %q", p, got[p], c)
			}
		}
		if len(got) != len(want) {
			t.Errorf("skipped %v", got)
		}
		if len(rep.Agencies) != 2 || rep.Agencies[0].Code != "MUN" || rep.Agencies[0].Created || !rep.Agencies[1].Created {
			t.Errorf("agencies = %+v", rep.Agencies)
		}

		again := h.mustImport(dir)
		if again.New != 0 || again.Changed != 0 || again.Unchanged != 3 {
			t.Errorf("second run = %+v", again)
		}
		out := h.mustExport()
		if n := sameBytes(t, dir, out, func(rel string) bool { _, skipped := got[rel]; return skipped || strings.HasPrefix(rel, "mun/.git") }); n != 4 {
			t.Errorf("compared %d files, want 4", n)
		}

		// What people read leads to pages of the hub, and code stays as it was.
		text, title, summary := h.stored("sub/sms.md"), "", ""
		if !strings.Contains(text, "]("+PagePath+"gl_") || !strings.Contains(text, "]("+media.Path) || strings.Contains(text, "\r") {
			t.Errorf("stored text = %q", text)
		}
		text = h.stored("دليل الخدمة.md")
		if !strings.Contains(text, "#مدة)") || !strings.Contains(text, "`[رمز](sub/sms.md)`") || !strings.Contains(text, "https://example.org/a.md") || strings.Contains(text, "lang:") {
			t.Errorf("stored text = %q", text)
		}
		h.query(`select title_ar, summary from guideline where import_key = 'دليل الخدمة.md'`, &title, &summary)
		if title != "دليل الخدمة" || !strings.Contains(summary, "CC0 1.0") {
			t.Errorf("title %q, summary %q", title, summary)
		}

		// A page that changed outside becomes the next edition.
		if err := os.WriteFile(filepath.Join(dir, "mun", "sub", "sms.md"), []byte("# Messages\r\n\r\nNew.\r\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if rep := h.mustImport(dir); rep.Changed != 1 || rep.Unchanged != 2 {
			t.Errorf("third run = %+v", rep)
		}
		sameBytes(t, dir, h.mustExport(), func(rel string) bool { _, skipped := got[rel]; return skipped || strings.HasPrefix(rel, "mun/.git") })
	})
}

// stored is the text people have of an imported page.
func (h hub) stored(key string) (text string) {
	h.Helper()
	h.query(`select r.body from edition_revision r join edition e on e.id = r.edition and e.revision_hash = r.hash
		join guideline g on g.id = e.guideline where e.state = 'published' and g.import_key = '`+key+`'`, &text)
	return text
}

func (h hub) query(q string, into ...any) {
	h.Helper()
	err := h.db.Read(context.Background(), func(tx *db.Tx) error {
		return tx.QueryRow(context.Background(), q).Scan(into...)
	})
	if err != nil {
		h.Fatalf("%s: %v", q, err)
	}
}

func TestChangedPageKeepsItsFormAndLinks(t *testing.T) {
	h := newHub(t, dbtest.Open(t))
	dir := tree(t, map[string]string{
		"agency/a b.md":   "\ufeff---\r\ntitle: A\r\n---\r\nSee [b](sub/b.md).\r\n",
		"agency/sub/b.md": "Back to [a](<../a b.md>) and [a](../a%20b.md#x).\n",
	})
	h.mustImport(dir)
	// As if the imported text had been another: export sees an edited page.
	err := h.db.Transact(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec(context.Background(), `update revision_source set text_hash = 'another'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	out := h.mustExport()
	a, err := os.ReadFile(filepath.Join(out, "agency", "a b.md"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "\ufeff---\r\ntitle: A\r\n---\r\nSee [b](sub/b.md).\r\n"; string(a) != want {
		t.Errorf("a = %q, want %q", a, want)
	}
	b, err := os.ReadFile(filepath.Join(out, "agency", "sub", "b.md"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "](../a%20b.md#x)"; !strings.Contains(string(b), want) {
		t.Errorf("b = %q, want it to have %q", b, want)
	}
}

func TestImportAsDraft(t *testing.T) {
	h := newHub(t, dbtest.Open(t))
	im := h.importer()
	im.AsDraft = true
	dir := tree(t, map[string]string{"agency/a.md": "# A\n\nwords\n"})
	if rep, err := im.Run(context.Background(), dir); err != nil || rep.New != 1 {
		t.Fatal(rep, err)
	}
	var state string
	h.query(`select state from edition`, &state)
	if state != "draft" {
		t.Errorf("state = %s", state)
	}
	sameBytes(t, dir, h.mustExport(), func(string) bool { return false })
}

func TestMissingPagesAndImagesAreNamedAndThePageLands(t *testing.T) {
	h := newHub(t, dbtest.Open(t))
	rep := h.mustImport(tree(t, map[string]string{
		"mun/a.md": "# A\n\n[gone](no/such.md#x), again [gone](no/such.md#x), ![shot](gone.png), [here](b.md), ![seen](img/shot.png), [out](https://example.org/c.md), [word](about) and `[code](d.md)`.\n",
		"mun/b.md": "# B\n\n" + strings.Repeat("text\n", 3), "mun/img/shot.png": png,
	}))
	want := map[string]string{"no/such.md#x": "transfer.missing_page", "gone.png": "transfer.missing_image"}
	if rep.New != 2 || rep.Missing != len(want) || len(rep.Notes) != len(want) {
		t.Fatalf("report = %+v", rep)
	}
	for _, l := range rep.Notes {
		_, rest, _ := strings.Cut(l.Text, " (")
		if target := strings.TrimSuffix(rest, ")"); l.Path != "mun/a.md" || want[target] != l.Code {
			t.Errorf("note = %+v", l)
		}
	}
}

func TestALinkToARefusedPageIsNamedAndLeadsToNoPage(t *testing.T) {
	h := newHub(t, dbtest.Open(t))
	rep := h.mustImport(tree(t, map[string]string{"mun/a.md": "# A\n\n[deep](deep.md) and [here](b.md)\n", "mun/b.md": "# B\n\nwords\n", "mun/deep.md": strings.Repeat(">", 200) + " x\n"}))
	if len(rep.Skipped) != 1 || rep.Missing != 1 || !strings.Contains(rep.Notes[0].Text, "deep.md") {
		t.Fatalf("report = %+v", rep)
	}
	body := h.stored("a.md")
	if !strings.Contains(body, "[deep](deep.md)") || !strings.Contains(body, "[here](/guides/gl_") {
		t.Error(body)
	}
}

func TestEveryGuideOfTheCorpusRoundTrips(t *testing.T) {
	h := newHub(t, dbtest.Open(t))
	total, start := 0, time.Now()
	for _, part := range []string{"guides", "guides-ar"} {
		dir := corpus.Dir(t, part)
		rep := h.mustImport(dir)
		for _, l := range rep.Skipped {
			if l.Code != "transfer.not_a_page" {
				t.Errorf("%s/%s was skipped: %s", part, l.Path, l.Text)
			}
		}
		for _, l := range rep.Notes {
			t.Logf("%s/%s: %s", part, l.Path, l.Text)
		}
		total += rep.New
	}
	took := time.Since(start)
	if total != 619 {
		t.Errorf("imported %d pages, want 619", total)
	}
	start = time.Now()
	for _, part := range []string{"guides", "guides-ar"} {
		if rep := h.mustImport(corpus.Dir(t, part)); rep.New+rep.Changed != 0 {
			t.Errorf("second run of %s: %+v", part, rep)
		}
	}
	t.Logf("619 pages in %s, again in %s", took.Round(time.Millisecond), time.Since(start).Round(time.Millisecond))
	out := h.mustExport()
	n := 0
	for _, part := range []string{"guides", "guides-ar"} {
		n += sameBytes(t, corpus.Dir(t, part), out, func(rel string) bool {
			_, key, _ := strings.Cut(rel, "/")
			return about(key)
		})
	}
	if n != 619 {
		t.Errorf("compared %d pages", n)
	}
}

func TestHardPagesImportOrSayWhyNot(t *testing.T) {
	h := newHub(t, dbtest.Open(t))
	dir := corpus.Dir(t, "hard")
	start := time.Now()
	rep := h.mustImport(dir)
	t.Logf("%d imported in %s", rep.New, time.Since(start).Round(time.Millisecond))
	refused := codes(rep.Skipped)
	for _, l := range rep.Skipped {
		t.Logf("%s: %s: %s", l.Path, l.Code, l.Text)
	}
	for name, code := range map[string]string{"SOURCE.md": "transfer.not_a_page", "deep-list-60-ar.md": "markdown.nesting",
		"invalid-utf8-windows1256.md": "transfer.not_utf8", "invalid-utf8-cut-and-lone-bytes.md": "transfer.not_utf8"} {
		if refused[name] != code {
			t.Errorf("%s: %q, want %q", name, refused[name], code)
		}
	}
	if rep.New != 18 {
		t.Errorf("%d imported, want 18 of the 21", rep.New)
	}
	sameBytes(t, dir, filepath.Join(h.mustExport(), filepath.Base(dir)), func(rel string) bool { return refused[rel] != "" })
}
