package hubtest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/multaqa/multaqa/pkg/locale"
)

// knock sends a request to any address of the hub, not only of its API.
func (w *World) knock(as, lang, method, path, body string) Answer {
	w.Hub.Web.Edge.ForgetCallers()
	q := httptest.NewRequest(method, path, strings.NewReader(body))
	q.RemoteAddr = "127.0.0.1:4000"
	q.Header.Set("Accept-Language", lang)
	if token := w.Principals[as]; token != "" {
		q.AddCookie(&http.Cookie{Name: "multaqa", Value: token})
	}
	rec := httptest.NewRecorder()
	w.Handler.ServeHTTP(rec, q)
	return Answer{rec.Code, rec.Body.String(), rec.Header()}
}

var code = regexp.MustCompile(`^[a-z]+(\.[a-z0-9_]+)+$`)

// refusal says what is wrong with a refusal: it is a problem document (RFC
// 9457) whose code is in the catalogue, with its words in the language asked
// for, and with the number of the request for whoever looks it up.
func refusal(a Answer, lang string) string {
	var p struct {
		Type, Title, Code string
		TitleAr           string `json:"title_ar"`
		TitleEn           string `json:"title_en"`
		RequestID         string `json:"request_id"`
		Status            int
		Fields            map[string]string
	}
	if err := json.Unmarshal([]byte(a.Body), &p); err != nil {
		return "no problem document: " + err.Error()
	}
	text, known := locale.Fault(p.Code)
	want := text.Ar
	if lang == "en" {
		want = text.En
	}
	switch {
	case a.Header.Get("Content-Type") != "application/problem+json; charset=utf-8":
		return "it is of the type " + a.Header.Get("Content-Type")
	case p.Type != "about:blank" || p.Status != a.Status:
		return "type or status of the document"
	case !code.MatchString(p.Code) || !known:
		return "its code is none of the catalogue"
	case p.Title != want || p.TitleAr != text.Ar || p.TitleEn != text.En:
		return "its title is not that of the language"
	case !strings.ContainsFunc(p.TitleAr, arabic) || strings.ContainsFunc(p.TitleEn, arabic):
		return "its titles are in the wrong language"
	case p.RequestID == "" || p.RequestID != a.Header.Get("X-Request-Id"):
		return "it does not name the request"
	case a.Header.Get("Cache-Control") == "" || strings.Contains(a.Header.Get("Cache-Control"), "public"):
		return "it may be kept by others"
	}
	for field, c := range p.Fields {
		if _, known := locale.Fault(c); !known && !strings.Contains(fieldWords(), `"field.`+c+`":`) {
			return field + " is refused with a code that has no words: " + c
		}
	}
	return ""
}

// fieldWords is the catalogue of the front end, which has the words of fields.
var fieldWords = sync.OnceValue(func() string {
	b, _ := os.ReadFile("../../frontend/src/locales/ar/app.ts")
	return string(b)
})

func arabic(r rune) bool { return unicode.Is(unicode.Arabic, r) }

// Every route refuses in one form: without a session, with a body that is no
// JSON, on what is not there, and by a method that it does not have.
func TestEveryRouteRefusesAlike(t *testing.T) {
	w := newWorldOfStates(t)
	const absent = "xx_00000000000000000000000000"
	// Readable by everybody: what the sign-in page and readers of guides need, and the description of the API.
	open := map[string]bool{
		"GET /session": true, "GET /openapi.json": true, "GET /library": true, "DELETE /session": true,
	}
	methods := map[string][]string{}
	routes := w.Hub.Web.Router.Routes()
	for _, r := range routes {
		methods[r.Path] = append(methods[r.Path], r.Method)
	}
	asked := 0
	check := func(what, as, lang, method, path, body string, statuses ...int) {
		t.Helper()
		asked++
		a := w.knock(as, lang, method, path, body)
		if a.Status < 400 || len(statuses) > 0 && !slices.Contains(statuses, a.Status) {
			t.Errorf("%s %s %s: %d %.200s", method, path, what, a.Status, a.Body)
			return
		}
		if wrong := refusal(a, lang); wrong != "" {
			t.Errorf("%s %s %s in %s: %s: %d %.300s", method, path, what, lang, wrong, a.Status, a.Body)
		}
		if a.Status == http.StatusMethodNotAllowed && a.Header.Get("Allow") == "" {
			t.Errorf("%s %s %s: it does not say which methods there are", method, path, what)
		}
	}
	for _, lang := range []string{"ar", "en"} {
		// What a person prefers goes before what the browser asks for.
		if a := w.knock("secretariat", lang, "PATCH", "/api/v1/me", `{"prefs":{"locale":"`+lang+`"}}`); a.Status != 200 {
			t.Fatalf("prefer %s: %d %s", lang, a.Status, a.Body)
		}
		for _, r := range routes {
			name := r.Method + " " + r.Path
			path := "/api/v1" + param.ReplaceAllString(r.Path, absent)
			body := ""
			if r.In != nil {
				body = "{}"
			}
			if !open[name] {
				check("without a session", "", lang, r.Method, path, body, 400, 401, 403, 404, 409)
			}
			if r.In != nil {
				check("with a body cut short", "secretariat", lang, r.Method, path, `{"a`, 400)
			}
			if strings.Contains(r.Path, ":") {
				check("of what is not there", "secretariat", lang, r.Method, path, body, 400, 403, 404)
			}
		}
		for p, have := range methods {
			for _, m := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
				if !slices.Contains(have, m) {
					check("by a method it does not have", "secretariat", lang, m, "/api/v1"+param.ReplaceAllString(p, absent), "", 405)
					check("by a method it does not have", "", lang, m, "/api/v1"+param.ReplaceAllString(p, absent), "", 405)
					break
				}
			}
		}
		// Outside the routes: no route, no file, no image, nothing to send to.
		for _, c := range []struct{ method, path string }{
			{"GET", "/api/v1/zzz"}, {"GET", "/api/zzz"}, {"POST", "/zzz"}, {"DELETE", "/guides/" + absent}, {"GET", "/zzz.png"}, {"GET", "/assets/zzz.js"},
			{"GET", "/files/" + strings.Repeat("0", 64) + ".png"}, {"GET", "/files/zzz"}, {"GET", "/files/"}, {"GET", "/site/zzz.css"},
		} {
			check("outside the routes", "", lang, c.method, c.path, "", 404)
		}
		check("by a method it does not have", "", lang, "GET", "/api/v1/session/", "", 404)
	}
	t.Logf("%d refusals of %d routes", asked, len(routes))
}

// What people read in a browser is refused by a page: in their language, under
// the site's header, with a way back.
func TestAddressesThatLeadNowhereHaveAPage(t *testing.T) {
	w := NewWorld(t)
	pages := map[string]string{ // and why it is a page: somebody follows a link or types an address
		"/zzz":                             "an address mistyped",
		"/zzz/zzz":                         "an address mistyped",
		"/published/zzz":                   "a list that is not there",
		"/guides/":                         "a link cut short",
		"/guides/gl_none":                  "a guide that is not there, or not for the reader",
		"/guides/gl_none/e/1.0":            "an edition that is not there",
		"/guides/gl_none/e/1.0/changes/x":  "a comparison that is not there",
		"/guides/gl_none/zzz":              "a link broken",
		"/guides/gl_none/e/1.0/zzz/1.0/zz": "a link broken",
	}
	for path, why := range pages {
		for lang, words := range map[string][2]string{"ar": {`lang="ar" dir="rtl"`, "لا توجد صفحة بهذا العنوان"}, "en": {`lang="en" dir="ltr"`, "There is no page at this address"}} {
			for _, who := range []string{"", "own-reader"} {
				a := w.knock(who, lang, "GET", path, "")
				if a.Status != 404 || a.Header.Get("Content-Type") != "text/html; charset=utf-8" || a.Header.Get("Content-Language") != lang {
					t.Errorf("%s (%s): %d %s %s", path, why, a.Status, a.Header.Get("Content-Type"), a.Header.Get("Content-Language"))
				}
				way := `href="/signin?next=`
				if who != "" {
					way = `class="btn" href="/"`
				}
				for _, part := range []string{words[0], words[1], `<header class="pub">`, `href="/published"`, way} {
					if !strings.Contains(a.Body, part) {
						t.Errorf("%s for %q in %s lacks %s", path, who, lang, part)
					}
				}
			}
		}
		if a := w.knock("", "ar", "HEAD", path, ""); a.Status != 404 || a.Body != "" || a.Header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("HEAD %s: %d %s, %d bytes", path, a.Status, a.Header.Get("Content-Type"), len(a.Body))
		}
	}
}

// The server knows which addresses are the application's; those of its router
// are answered with it, whoever asks.
func TestAddressesOfTheApplicationAreKnown(t *testing.T) {
	w := NewWorld(t)
	source, err := os.ReadFile("../../frontend/src/app/routes.tsx")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^\s+path: "([^"]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(found) < 20 {
		t.Fatalf("%d routes in the router", len(found))
	}
	for _, m := range found {
		path := regexp.MustCompile(`\$[a-z]+`).ReplaceAllString(m[1], "xx_1")
		if a := w.knock("", "ar", "GET", path, ""); a.Status != 200 {
			t.Errorf("%s: %d; add its first part to appRoots of pkg/web", path, a.Status)
		}
	}
}
