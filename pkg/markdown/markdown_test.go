package markdown

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/multaqa/multaqa/pkg/fault"
)

func page(t *testing.T, src string, o Options) Page {
	t.Helper()
	p, err := Render(context.Background(), []byte(src), o)
	if err != nil {
		t.Fatalf("%q: %v %v", src, err, fault.Of(err))
	}
	return p
}

func TestWhatLeadsNowhereIsWordsThatSaySo(t *testing.T) {
	for src, want := range map[string]string{
		"[صفحة](missing/page.md#x)":  `<a class="lost">صفحة (الصفحة غير موجودة)</a>`,
		"![شعار](no.png)":            `شعار (الصورة غير موجودة)</p>`,
		"[x](#a), [y](/guides/gl_1)": `<a href="#a">x</a>, <a href="/guides/gl_1">y</a>`,
		"[x](mailto:a@b.example)":    `<a href="mailto:a@b.example">x</a>`,
		"[x][r]\n\n[r]: ../up.md":    `<a class="lost">x (الصفحة غير موجودة)</a>`,
		"[x](javascript:alert(1))":   `<a>x</a>`,
	} {
		if page, err := Render(context.Background(), []byte(src), Options{Rooted: true}); err != nil || !strings.Contains(string(page.HTML), want) {
			t.Errorf("%q: %s %v, want %s", src, page.HTML, err, want)
		}
	}
}

func TestBlocksCarryTheirOwnDirection(t *testing.T) {
	for src, want := range map[string]string{
		"مرحبا":                           `dir="rtl">مرحبا`,
		"PDF مرفق":                        `dir="rtl">PDF`,
		"The word خدمة means service":     `dir="ltr">The`,
		"`code` ثم نص":                    `dir="rtl"><code dir="ltr">code`,
		"@salma مرحبا":                    `dir="rtl">@salma`,
		"https://example.gov ثم نص":       `dir="rtl"><a href`,
		"- [x] راجع":                      `<ul dir="rtl">`,
		"- one\n- two":                    `<ul dir="ltr">`,
		"# عنوان":                         `<h1 id="h-عنوان" dir="rtl">`,
		"```go\nx\n```":                   `<pre dir="ltr"><code class="language-go">`,
		"> quoted":                        `<blockquote dir="ltr">`,
		"> [!NOTE]\n> تنبيه مهم":          `<div class="alert alert-note" role="note" dir="rtl">` + "\n" + `<p class="alert-title">ملاحظة</p>` + "\n" + `<p dir="rtl">تنبيه مهم</p>`,
		"> [!warning]\n> Mind":            `<p class="alert-title">Warning</p>`,
		"> [!X]\n> نص":                    `<blockquote dir="rtl">`,
		"| أ | b |\n|---|:-:|\n| ج | d |": `<td dir="ltr" class="align-center">d</td>`,
		"123":                             `dir="rtl">123`,
		"مصطلح\n:   a definition":         `<dt dir="rtl">مصطلح</dt>`,
	} {
		if got := string(page(t, src, Options{}).HTML); !strings.Contains(got, want) {
			t.Errorf("%q: %s\nwant %s", src, got, want)
		}
	}
	if got := string(page(t, "123", Options{Language: "en"}).HTML); !strings.Contains(got, `dir="ltr">123`) {
		t.Error("without letters the document decides:", got)
	}
}

const two = "# دليل\n\nتمهيد.\n\n## الغاية\n\nالفقرة الأولى.\n\n- بند\n\nالفقرة الثانية.\n\n## المدة\n\nالثالثة.\n\n### فرع\n\nالرابعة.\n"

func TestSectionsAndParagraphsAreNumbered(t *testing.T) {
	p := page(t, two, Options{})
	for _, want := range []string{`>١</a>الغاية`, `>١.١</a>الفقرة الأولى`, `>١.٢</a>الفقرة الثانية`, `>٢</a>المدة`, `>٢.١</a>الثالثة`, `>٢.٢</a>الرابعة`} {
		if !strings.Contains(string(p.HTML), want) {
			t.Errorf("%s is missing in %s", want, p.HTML)
		}
	}
	if strings.Contains(string(p.HTML), "</a>تمهيد") {
		t.Error("what stands before the first section has no number")
	}
	if got := string(page(t, two, Options{Digits: "latn"}).HTML); !strings.Contains(got, ">2.1</a>") {
		t.Error("digits by the reader's setting")
	}
	if len(p.TOC) != 4 || p.TOC[1] != (Entry{ID: "h-الغاية", Number: "1", Text: "الغاية", Level: 2}) || p.TOC[3].Level != 3 {
		t.Errorf("contents: %+v", p.TOC)
	}
	if want := "دليل\nتمهيد.\nالغاية\nالفقرة الأولى.\nبند\nالفقرة الثانية.\nالمدة\nالثالثة.\nفرع\nالرابعة."; p.Text != want {
		t.Errorf("words: %q", p.Text)
	}
}

func idOf(t *testing.T, p Page, words string) string {
	t.Helper()
	for _, c := range p.Clauses {
		if c.Text == words {
			return c.ID
		}
	}
	t.Fatalf("no clause %q", words)
	return ""
}

func TestClauseIdsSurviveWhatHappensAroundThem(t *testing.T) {
	a := page(t, two, Options{})
	b := page(t, strings.Replace(two, "تمهيد.", "فقرة جديدة.\n\nتمهيد.", 1), Options{})
	for _, words := range []string{"الفقرة الأولى.", "الرابعة.", "المدة"} {
		if idOf(t, a, words) != idOf(t, b, words) {
			t.Errorf("the id of %q changed", words)
		}
	}
	same := page(t, "نص\n\nنص\n\n# ع\n\n# ع", Options{})
	seen := map[string]bool{}
	for _, c := range same.Clauses {
		if c.ID == "" || seen[c.ID] {
			t.Errorf("id %q twice or empty", c.ID)
		}
		seen[c.ID] = true
	}
	at := strings.Index(two, "الفقرة الأولى")
	if got := idOf(t, page(t, two, Options{Anchors: []Anchor{{Offset: at + 4, ID: "p-k3f9"}}}), "الفقرة الأولى."); got != "p-k3f9" {
		t.Errorf("an anchor names its clause: %q", got)
	}
	front := "---\ntitle: x\n---\n"
	if got := idOf(t, page(t, front+two, Options{Anchors: []Anchor{{Offset: len(front) + at, ID: "p-k3f9"}}}), "الفقرة الأولى."); got != "p-k3f9" {
		t.Errorf("offsets count the front matter: %q", got)
	}
}

func TestLinksInsideTheTextFindTheirHeading(t *testing.T) {
	got := string(page(t, "# نطاق الخدمة\n\n[إلى](#نطاق-الخدمة) [x](#%D9%86%D8%B7%D8%A7%D9%82-%D8%A7%D9%84%D8%AE%D8%AF%D9%85%D8%A9)", Options{}).HTML)
	if strings.Count(got, `href="#h-%D9%86`) != 2 {
		t.Error(got)
	}
}

func TestFootnotesAreNumberedInTheDigitsOfTheText(t *testing.T) {
	got := string(page(t, "نص[^أ] ونص[^أ]\n\n[^أ]: حاشية", Options{}).HTML)
	for _, want := range []string{`<sup id="fnref:1"><a href="#fn:1" class="footnote-ref" role="doc-noteref">١</a></sup>`, `id="fnref1:1"`, `<section class="footnotes"`, `<li id="fn:1">`, "حاشية"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing in %s", want, got)
		}
	}
}

func TestRawHTMLLeavesItsWords(t *testing.T) {
	got := string(page(t, "<details>\n<summary>ملخص</summary>\nنص <b>مهم</b>\n</details>\n\nسطر<br>آخر <i onclick=x>مائل</i>\n\n<script>\nalert(1)\n</script>\n\n<!-- سر -->", Options{}).HTML)
	for _, want := range []string{"ملخص", "نص مهم", "سطر<br>آخر مائل"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is lost in %s", want, got)
		}
	}
	for _, bad := range []string{"alert(1)", "سر", "<i", "<b>", "details"} {
		if strings.Contains(got, bad) {
			t.Errorf("%s stays in %s", bad, got)
		}
	}
}

func TestMacrosOfOtherSiteBuildersStayVisible(t *testing.T) {
	got := string(page(t, "{% include x.html %}\n\n{{< note >}} نص {{< /note >}}\n\n:::tip\nنص\n:::", Options{}).HTML)
	for _, want := range []string{"{% include x.html %}", "{{&lt; note &gt;}}", ":::tip"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is lost in %s", want, got)
		}
	}
}

func TestImagesOfOtherHostsAreLinks(t *testing.T) {
	got := string(page(t, "![رسم](https://example.gov/x.png) ![قريب](a/b.png) ![دون](data:image/png;base64,AA)", Options{}).HTML)
	if strings.Count(got, "<img") != 1 || !strings.Contains(got, `<a href="https://example.gov/x.png" rel="noopener noreferrer">رسم</a>`) || !strings.Contains(got, "دون") {
		t.Error(got)
	}
}

func TestFrontMatterIsCutOffByteForByte(t *testing.T) {
	for _, c := range []struct{ src, front, body string }{
		{"---\ntitle: x\n---\nbody", "---\ntitle: x\n---\n", "body"},
		{"\ufeff---\r\ntitle: x\r\n---\r\nbody\r\n", "\ufeff---\r\ntitle: x\r\n---\r\n", "body\r\n"},
		{"\ufeffbody", "\ufeff", "body"},
		{"no front", "", "no front"},
		{"---\nnever closed", "", "---\nnever closed"},
		{"---\n---", "---\n---", ""},
		{"---\n\ntext\n\n---\n", "", "---\n\ntext\n\n---\n"},
	} {
		f, b := Split([]byte(c.src))
		if string(f) != c.front || string(b) != c.body {
			t.Errorf("%q: %q %q", c.src, f, b)
		}
	}
	got := page(t, "---\ntitle: سر\n---\r\nنص\r\nآخر", Options{})
	if strings.Contains(string(got.HTML), "سر") || strings.Contains(string(got.HTML), "\r") {
		t.Errorf("%s", got.HTML)
	}
}

func TestTheGateRefusesWhatCannotWait(t *testing.T) {
	for range cap(running) {
		running <- struct{}{}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for range queueLength {
		waiting <- struct{}{}
	}
	if _, err := Render(ctx, []byte("x"), Options{}); !fault.Is(err, "markdown.busy") {
		t.Errorf("a full queue: %v", err)
	}
	<-waiting
	wg.Add(1)
	go func() {
		defer wg.Done()
		if _, err := Render(ctx, []byte("x"), Options{}); err != context.Canceled {
			t.Errorf("who gives up waiting: %v", err)
		}
	}()
	cancel()
	wg.Wait()
	for range queueLength - 1 {
		<-waiting
	}
	for range cap(running) {
		<-running
	}
	page(t, "x", Options{})
}

// What a backslash protects is no character reference, in no place of a page.
func TestAProtectedReferenceStaysAsWritten(t *testing.T) {
	page, err := Render(context.Background(), []byte(`![\&#106;a&amp;\&amp; & \* b;](/files/x "\&lt;&lt;") [x](/a\&amp;b&amp;c)`), Options{Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`alt="&amp;#106;a&amp;&amp;amp; &amp; * b;"`, `title="&amp;lt;&lt;"`, `href="/a&amp;amp;b&amp;c"`} {
		if !strings.Contains(string(page.HTML), want) {
			t.Errorf("%s is not in %s", want, page.HTML)
		}
	}
}
