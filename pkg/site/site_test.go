package site

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/publish"
	"github.com/multaqa/multaqa/pkg/search"
)

type world struct {
	*Site
	t     *testing.T
	d     *db.DB
	actor policy.Actor
}

func open(t *testing.T) *world {
	d := dbtest.Open(t)
	w := &world{t: t, d: d}
	guides := publish.New(d)
	w.Site = &Site{Guides: guides, Search: search.New(guides), Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Zone: time.UTC,
		Agencies: func(context.Context) ([]Agency, error) {
			return []Agency{{ID: "ag_1", Name: locale.Text{Ar: "دائرة البلدية", En: "Municipality"}}, {ID: "ag_2", Name: locale.Text{Ar: "هيئة الصحة", En: "Health"}}}, nil
		},
		Credits: func(context.Context, string) ([]string, error) { return []string{"ag_1", "ag_2"}, nil },
		Network: func(context.Context) locale.Text {
			return locale.Text{Ar: "شبكة تطوير الخدمات", En: "Services Network"}
		},
		Actor: func(*http.Request) policy.Actor { return w.actor }}
	if err := w.Open([]byte(":root{--page:#fff}")); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) publish(n, title, text string, change func(*guideline.Publication)) {
	w.t.Helper()
	p := guideline.Publication{Guideline: "gl_" + n, Edition: "ed_" + n, Agency: "ag_1", Title: locale.Text{Ar: title}, Language: "ar", Visibility: policy.ToPublic,
		Number: guideline.Number{Major: 1}, State: guideline.Published, Revision: guideline.Revision{Hash: "0123456789abcdef0123", Text: text},
		PublishedAt: db.At(time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)), ChangeNote: "خُفّض الحد"}
	do := w.Guides.Publish
	if change != nil {
		change(&p)
	}
	if err := w.d.Transact(context.Background(), func(tx *db.Tx) error { return do(context.Background(), tx, p) }); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) get(path string, headers ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	if !w.Serve(rec, r) {
		w.t.Fatalf("%s is not the site's", path)
	}
	if strings.HasPrefix(rec.Header().Get("Content-Type"), "text/html") {
		w.inert(path, rec.Body.String())
	}
	return rec
}

// inert holds every page to the content security policy: no script, no style
// attribute or element, nothing from elsewhere.
func (w *world) inert(path, body string) {
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Data == "script" || n.Data == "style" {
			w.t.Errorf("%s: <%s>", path, n.Data)
		}
		named := strings.Contains(fmt.Sprint(n.Attr), "{ rel canonical}") || strings.Contains(fmt.Sprint(n.Attr), "{ rel alternate}") // an address that no browser opens by itself
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") || (a.Key == "src" || n.Data == "link" && !named && a.Key == "href") && !strings.HasPrefix(a.Val, "/") {
				w.t.Errorf("%s: %s %s=%q", path, n.Data, a.Key, a.Val)
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
}

func TestAGuideIsReadWithoutScriptInBothLanguages(t *testing.T) {
	w := open(t)
	w.publish("1", "دليل الرسائل <النصية>", "# دليل\n\n## صياغة الرسالة\n\nتبدأ الرسالة بالنتيجة.\n\n## القياس\n\nشهريًّا.", nil)
	ar := w.get("/guides/gl_1/e/1.0")
	for _, want := range []string{`<html lang="ar" dir="rtl">`, "دليل الرسائل &lt;النصية&gt;", "٢٠ ربيع الآخر ١٤٤٨هـ", "١ أكتوبر ٢٠٢٦م", "الإصدار ١.٠", "دائرة البلدية", ">١.١</a>تبدأ", `href="#h-`, "خُفّض الحد", "شاركت في كتابته: <bdi>دائرة البلدية</bdi>، <bdi>هيئة الصحة</bdi>"} {
		if !strings.Contains(ar.Body.String(), want) {
			t.Errorf("%s is missing", want)
		}
	}
	en := w.get("/guides/gl_1/e/1.0?lang=en").Body.String()
	for _, want := range []string{`<html lang="en" dir="ltr">`, "20 Rabi II 1448 AH", "1 October 2026", "Edition 1.0", "Municipality", "Written by: <bdi>Municipality</bdi>, <bdi>Health</bdi>", `<article id="matn" class="txt" lang="ar" dir="rtl">`, `href="/guides/gl_1/e/1.0?lang=ar"`} {
		if !strings.Contains(en, want) {
			t.Errorf("%s is missing in English", want)
		}
	}
	if got := w.get("/guides/gl_1/e/1.0", "Accept-Language", "en-GB,en;q=0.8").Body.String(); !strings.Contains(got, `lang="en"`) {
		t.Error("the browser's language")
	}
	if got := w.get("/guides/gl_1/e/1.0", "Accept-Language", "en", "Cookie", "lang=ar").Body.String(); !strings.Contains(got, `<html lang="ar"`) {
		t.Error("a choice comes before the browser's language")
	}
	if rec := w.get("/guides/gl_1"); rec.Code != http.StatusFound || rec.Header().Get("Location") != "/guides/gl_1/e/1.0" {
		t.Errorf("the guideline's address leads to the edition in force: %d %s", rec.Code, rec.Header().Get("Location"))
	}
}

func TestPagesAreKeptByTheirTag(t *testing.T) {
	w := open(t)
	w.publish("1", "دليل", "نص", nil)
	rec := w.get("/guides/gl_1/e/1.0")
	tag := rec.Header().Get("ETag")
	if tag == "" || !strings.Contains(rec.Header().Get("Cache-Control"), "public") || !strings.Contains(rec.Header().Get("Vary"), "Accept-Language") {
		t.Fatalf("%v", rec.Header())
	}
	if again := w.get("/guides/gl_1/e/1.0", "If-None-Match", tag); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("%d with %d bytes", again.Code, again.Body.Len())
	}
	for i := range 50 { // what a stranger adds to the address makes no new page
		w.get("/guides/gl_1/e/1.0?x=" + strings.Repeat("y", i))
	}
	if len(w.pages.byTag) != 1 {
		t.Errorf("%d pages are kept, not 1", len(w.pages.byTag))
	}
	w.publish("1", "دليل", "نص", func(p *guideline.Publication) {
		p.Edition, p.Number, p.State = "ed_0", guideline.Number{Major: 0, Minor: 9}, guideline.Superseded
	})
	if again := w.get("/guides/gl_1/e/1.0", "If-None-Match", tag); again.Code != http.StatusOK {
		t.Error("another edition changes the page")
	}
	w.actor = policy.Actor{Person: "pe_1", Agency: "ag_2", Roles: []policy.Role{policy.Reader}}
	if own := w.get("/guides/gl_1/e/1.0"); own.Header().Get("Cache-Control") != "no-store" || own.Header().Get("ETag") != "" {
		t.Errorf("a signed-in reader's page is nobody else's: %v", own.Header())
	}
}

func TestWhatMayNotBeReadIsNotThere(t *testing.T) {
	w := open(t)
	w.publish("2", "للشبكة", "سرّ الشبكة", func(p *guideline.Publication) { p.Visibility = policy.ToNetwork })
	absent, secret := w.get("/guides/gl_9/e/1.0"), w.get("/guides/gl_2/e/1.0")
	same := regexp.MustCompile(`gl_[29]`)
	if secret.Code != http.StatusNotFound || same.ReplaceAllString(secret.Body.String(), "") != same.ReplaceAllString(absent.Body.String(), "") {
		t.Errorf("%d\n%s\n%s", secret.Code, secret.Body, absent.Body)
	}
	if strings.Contains(w.get("/published").Body.String(), "للشبكة") {
		t.Error("listed to a stranger")
	}
	w.actor = policy.Actor{Person: "pe_1", Agency: "ag_2", Roles: []policy.Role{policy.Representative}}
	if rec := w.get("/guides/gl_2/e/1.0"); rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), "سرّ الشبكة") {
		t.Errorf("a member reads it: %d", rec.Code)
	}
}

func TestWithdrawnAndUnpublishedGuides(t *testing.T) {
	w := open(t)
	w.publish("1", "ملغى", "نص باقٍ", func(p *guideline.Publication) { p.State, p.Notice = guideline.Withdrawn, "لتغيّر النظام" })
	if rec := w.get("/guides/gl_1/e/1.0"); rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), "لتغيّر النظام") || !strings.Contains(rec.Body.String(), "نص باقٍ") {
		t.Errorf("%d", rec.Code)
	}
	w.publish("2", "مزال", "نص مزال", func(p *guideline.Publication) { p.State, p.Notice = guideline.Unpublished, "نُشر خطأً" })
	if rec := w.get("/guides/gl_2/e/1.0"); rec.Code != http.StatusGone || strings.Contains(rec.Body.String(), "نص مزال") || !strings.Contains(rec.Body.String(), "نُشر خطأً") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	w.publish("3", "مدموج", "نص", func(p *guideline.Publication) { p.State, p.Redirect = guideline.Unpublished, "/guides/gl_1" })
	if rec := w.get("/guides/gl_3/e/1.0"); rec.Code != http.StatusMovedPermanently || rec.Header().Get("Location") != "/guides/gl_1" {
		t.Errorf("%d", rec.Code)
	}
}

func TestTheLibrarySearchesAndEscapes(t *testing.T) {
	w := open(t)
	w.publish("1", "دليل الخدمات", "مدّة الانتظار ثلاثون دقيقة", nil)
	w.publish("2", "دليل آخر", "لا شيء", nil)
	got := w.get("/published?q=%D8%A7%D9%86%D8%AA%D8%B8%D8%A7%D8%B1").Body.String()
	if !strings.Contains(got, "<mark>الانتظار</mark>") || strings.Contains(got, "دليل آخر") || !strings.Contains(got, "دليل واحد") {
		t.Error(got)
	}
	if got := w.get(`/published?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&agency=%22x`).Body.String(); strings.Contains(got, "<script") {
		t.Error(got)
	}
	if got := w.get("/published?q=zzz&lang=en").Body.String(); !strings.Contains(got, "Nothing was found") || !strings.Contains(got, "lang=ar&amp;q=zzz") {
		t.Error(got)
	}
	css := w.get(w.cssPath)
	if !strings.Contains(css.Header().Get("Cache-Control"), "immutable") || !strings.HasPrefix(css.Body.String(), ":root") {
		t.Errorf("%v", css.Header())
	}
}
