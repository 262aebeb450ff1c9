package site

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"golang.org/x/net/html"

	"github.com/multaqa/multaqa/pkg/corpus"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/markdown"
	"github.com/multaqa/multaqa/pkg/policy"
)

const withNotes = "## الغاية\n\nتظهر في خانة المُرسِل[^1]، ثم فيها ثانيةً[^1].\n\n| أ | ب |\n|---|---|\n| خلية[^2] | س |\n\nنص بعد الجدول.\n\n[^1]: الاسم **المسجّل** للجهة.\n[^2]: من الجدول.\n"

func TestFootnotesStandInTheMarginAndAtTheEnd(t *testing.T) {
	w := open(t)
	w.publish("1", "دليل", withNotes, nil)
	got := w.get("/guides/gl_1/e/1.0").Body.String()
	if n := strings.Count(got, `class="side" id="sn:`); n != 2 {
		t.Errorf("%d notes in the margin", n)
	}
	for _, want := range []string{`class="txt sided"`, `<b class="n">١</b> الاسم <strong>المسجّل</strong> للجهة.</span>`, `id="fn:1"`, `href="#sn:1"`, `href="#fn:1"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing", want)
		}
	}
	// The note of a cell stands after the table, which scrolls by itself.
	if cell, table, note := strings.Index(got, "خلية"), strings.Index(got, "</table></div>"), strings.Index(got, `id="sn:2"`); cell < 0 || note < table {
		t.Errorf("the note of the table is at %d, the table ends at %d", note, table)
	}
	// A note of lists or code reads better at the end.
	w.publish("2", "دليل", "نص[^1].\n\n[^1]: سطر\n\n    - بند\n", nil)
	if got := w.get("/guides/gl_2/e/1.0").Body.String(); strings.Contains(got, "sided") || !strings.Contains(got, "<li dir=\"rtl\">بند") {
		t.Error(got)
	}
}

// Putting notes in the margin changes no other byte of a page, and ids stay
// unique.
func TestMarginsOfTheCorpus(t *testing.T) {
	sided := 0
	for _, part := range []string{"guides", "guides-ar", "hard"} {
		_ = filepath.WalkDir(corpus.Dir(t, part), func(path string, e os.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".md" {
				return err
			}
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			doc, err := markdown.Render(context.Background(), src, markdown.Options{})
			if err != nil {
				return nil
			}
			out, ok := sideNotes(doc.HTML)
			if !ok {
				if !bytes.Equal(out, doc.HTML) {
					t.Errorf("%s changed", path)
				}
				return nil
			}
			sided++
			ids := map[string]bool{}
			z := html.NewTokenizer(bytes.NewReader(out))
			for z.Next() != html.ErrorToken {
				for _, a := range z.Token().Attr {
					if a.Key == "id" && ids[a.Val] {
						t.Errorf("%s: id %s twice", path, a.Val)
					} else if a.Key == "id" {
						ids[a.Val] = true
					}
				}
			}
			return nil
		})
	}
	t.Logf("%d pages with notes in the margin", sided)
	if sided == 0 {
		t.Error("no page of the corpus has a note in the margin")
	}
}

func TestTheTextSizeIsKeptWithoutScript(t *testing.T) {
	w := open(t)
	w.publish("1", "دليل", "نص", nil)
	rec := w.get("/guides/gl_1/e/1.0?size=l&lang=en")
	if rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != "/guides/gl_1/e/1.0?lang=en" || !strings.Contains(strings.Join(rec.Header()["Set-Cookie"], ";"), "size=l") {
		t.Errorf("%d %v", rec.Code, rec.Header())
	}
	large, usual := w.get("/guides/gl_1/e/1.0", "Cookie", "size=l"), w.get("/guides/gl_1/e/1.0")
	if !strings.Contains(large.Body.String(), `data-size="l"`) || strings.Contains(usual.Body.String(), "data-size") || large.Header().Get("ETag") == usual.Header().Get("ETag") {
		t.Error("the size is part of the page")
	}
	if got := w.get("/guides/gl_1/e/1.0", "Cookie", `size="><script>`).Body.String(); strings.Contains(got, "data-size") {
		t.Error(got)
	}
}

func TestCompressedFormsAreStoredWithThePage(t *testing.T) {
	w := open(t)
	w.publish("1", "دليل", strings.Repeat("تبدأ الرسالة بالنتيجة. ", 400), nil)
	plain := w.get("/guides/gl_1/e/1.0")
	open := func(rec *httptest.ResponseRecorder) string {
		t.Helper()
		var r io.Reader = rec.Body
		switch rec.Header().Get("Content-Encoding") {
		case "br":
			r = brotli.NewReader(rec.Body)
		case "gzip":
			z, err := gzip.NewReader(rec.Body)
			if err != nil {
				t.Fatal(err)
			}
			r = z
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	want := plain.Body.String()
	tags := map[string]bool{plain.Header().Get("ETag"): true}
	wait := time.Now().Add(time.Minute)
	for _, c := range []struct{ accept, encoding string }{{"gzip", "gzip"}, {"br;q=1.0, gzip;q=0.8", "br"}, {"BR", "br"}, {"br;q=0, gzip", "gzip"}, {"identity", ""}, {"zstd", ""}, {"", ""}} {
		rec := w.get("/guides/gl_1/e/1.0", "Accept-Encoding", c.accept)
		for c.encoding == "br" && rec.Header().Get("Content-Encoding") != "br" && time.Now().Before(wait) {
			rec = w.get("/guides/gl_1/e/1.0", "Accept-Encoding", c.accept) // made in the background
		}
		if got := rec.Header().Get("Content-Encoding"); got != c.encoding || open(rec) != want {
			t.Errorf("%q: %q", c.accept, got)
		}
		if !strings.Contains(strings.Join(rec.Header()["Vary"], ", "), "Accept-Encoding") {
			t.Errorf("%v", rec.Header())
		}
		tags[rec.Header().Get("ETag")] = true
		if again := w.get("/guides/gl_1/e/1.0", "Accept-Encoding", c.accept, "If-None-Match", `"x", W/`+rec.Header().Get("ETag")); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("%q: %d", c.accept, again.Code)
		}
	}
	if len(tags) != 3 {
		t.Errorf("%v: each form has a tag of its own", tags)
	}
}

func (w *world) post(path, body, caller string, headers ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	if !w.Post(rec, r, caller) {
		w.t.Fatalf("%s is not the site's", path)
	}
	return rec
}

func TestWasThisUsefulIsCountedAndBounded(t *testing.T) {
	w := open(t)
	w.publish("1", "دليل", "نص", nil)
	w.publish("2", "للشبكة", "نص", func(p *guideline.Publication) { p.Visibility = policy.ToNetwork })
	const path = "/guides/gl_1/e/1.0/useful"
	rec := w.post(path, "useful=yes", "192.0.2.1")
	cookie := strings.Join(rec.Header()["Set-Cookie"], ";")
	if rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != "/guides/gl_1/e/1.0#useful" || !strings.Contains(cookie, "answered=1; Path=/guides/gl_1/e/1.0") {
		t.Fatalf("%d %v", rec.Code, rec.Header())
	}
	w.post(path, "useful=no", "192.0.2.1", "Cookie", "answered=1") // once is enough
	w.post(path, "useful=no", "192.0.2.2")
	if rec := w.post(path, "useful=maybe", "192.0.2.3"); rec.Code != http.StatusBadRequest {
		t.Errorf("%d", rec.Code)
	}
	for id, want := range map[string]int{"gl_2": http.StatusNotFound, "gl_9": http.StatusNotFound} {
		if rec := w.post("/guides/"+id+"/e/1.0/useful", "useful=yes", "192.0.2.4"); rec.Code != want {
			t.Errorf("%s: %d", id, rec.Code)
		}
	}
	refused := 0
	for range 20 {
		if w.post(path, "useful=yes", "192.0.2.5").Code == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused < 14 {
		t.Errorf("%d of 20 answers of one address were refused", refused)
	}
	counts, err := w.Guides.Usefulness(context.Background(), "gl_1")
	if err != nil || counts["ed_1"].Yes != int64(1+20-refused) || counts["ed_1"].No != 1 {
		t.Errorf("%+v %v", counts, err)
	}
	if got := w.get("/guides/gl_1/e/1.0", "Cookie", "answered=1").Body.String(); !strings.Contains(got, "مع الشكر") || strings.Contains(got, `value="yes"`) {
		t.Error(got)
	}
}

func TestWhatChangedBetweenEditions(t *testing.T) {
	w := open(t)
	edition := func(n string, minor int, state guideline.State, text string, v policy.Visibility) {
		w.publish("1", "دليل", text, func(p *guideline.Publication) {
			p.Edition, p.Number, p.State, p.Visibility = "ed_"+n, guideline.Number{Major: 1, Minor: minor}, state, v
		})
	}
	edition("a", 0, guideline.Superseded, "## الغاية\n\nأول.\n\nلا تتجاوز ثلاث جمل <b>.\n\nباقٍ.\n", policy.ToPublic)
	edition("b", 1, guideline.Published, "## الغاية\n\nأول.\n\nلا تتجاوز جملتين <b>.\n\nباقٍ.\n", policy.ToPublic)
	got := w.get("/guides/gl_1/e/1.1/changes/1.0").Body.String()
	for _, want := range []string{"<del>ثلاث جمل</del>", "<ins>جملتين</ins>", "كلمة مضافة واحدة", "كلمتان محذوفتان"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing in %s", want, got)
		}
	}
	if strings.Contains(got, "لم يتغيّر") || !strings.Contains(got, "الغاية") {
		t.Error("a single line is shown, not said to be left out", got)
	}
	if guide := w.get("/guides/gl_1/e/1.1").Body.String(); !strings.Contains(guide, `href="/guides/gl_1/e/1.1/changes/1.0"`) {
		t.Error("the guide leads to what changed")
	}
	w.publish("9", "دليل الشبكة", "نص", func(p *guideline.Publication) { p.Visibility = policy.ToNetwork })
	for _, path := range []string{"/guides/gl_9/e/1.0/changes/1.0", "/guides/gl_1/e/1.1/changes/7.0", "/guides/gl_1/e/1.1/changes/%22%3E"} {
		if rec := w.get(path); rec.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, rec.Code)
		}
	}
}
