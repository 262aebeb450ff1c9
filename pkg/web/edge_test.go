package web

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/multaqa/multaqa/pkg/config"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/policy"
)

// counter is a resource whose one mutation can be counted.
type counter struct{ db *db.DB }

type countIn struct {
	By   int    `json:"by"`
	Note string `json:"note"`
}

type countOut struct {
	Total int `json:"total"`
}

func (c *counter) Routes(r *Router) {
	Post(r, "/count", policy.OpenSocket, "Count", func(call *Call, in countIn) (countOut, error) {
		var out countOut
		err := c.db.Transact(call.Ctx, func(tx *db.Tx) error {
			if _, err := tx.Exec(call.Ctx, `insert into setting (key, value) values ('n', '0') on conflict (key) do nothing`); err != nil {
				return err
			}
			if err := tx.QueryRow(call.Ctx, `select value from setting where key = 'n'`+tx.ForUpdate()).Scan(&out.Total); err != nil {
				return err
			}
			out.Total += in.By
			_, err := tx.Exec(call.Ctx, `update setting set value = $1 where key = 'n'`, strconv.Itoa(out.Total))
			return err
		})
		return out, err
	})
	Get(r, "/panic", policy.ReadAPI, "Panics", func(*Call) (countOut, error) { panic("on purpose") })
}

func newTestServer(t *testing.T, d *db.DB) http.Handler {
	t.Helper()
	cfg, err := config.Load()
	if err != nil {
		t.Fatal(err)
	}
	e := &Edge{Config: cfg, DB: d, Log: slog.New(slog.DiscardHandler), Authenticate: func(_ context.Context, token string) (policy.Actor, error) {
		if token == "good" {
			return policy.Actor{Person: "pe_1", Roles: []policy.Role{policy.Representative}}, nil
		}
		return policy.Actor{}, nil
	}}
	s, err := NewServer(e, fstest.MapFS{"index.html": {Data: []byte(`<meta name="csp-nonce" content="__CSP_NONCE__">`)}}, nil, &counter{d})
	if err != nil {
		t.Fatal(err)
	}
	h, err := s.Handler()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

type answer struct {
	status int
	body   string
	header http.Header
}

func call(h http.Handler, method, path, body string, headers ...string) answer {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return answer{w.Code, w.Body.String(), w.Header()}
}

var signedIn = []string{"Cookie", "multaqa=good"}

func TestThePageBeginsInTheBrowsersLanguage(t *testing.T) {
	e := &Edge{Config: &config.Config{BaseURL: "http://localhost:8080"}, DB: dbtest.Open(t), Log: slog.New(slog.DiscardHandler)}
	s, err := NewServer(e, fstest.MapFS{"index.html": {Data: []byte(`<!doctype html><html lang="ar" dir="rtl">`)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	h, err := s.Handler()
	if err != nil {
		t.Fatal(err)
	}
	const ar, en = `<html lang="ar" dir="rtl">`, `<html lang="en" dir="ltr">`
	for _, c := range []struct{ name, accept, cookie, want string }{
		{"no word of a language", "", "", ar},
		{"English", "en-GB,en;q=0.9", "", en},
		{"Arabic before English", "ar-AE,en;q=0.9", "", ar},
		{"neither", "fr-FR,de;q=0.5", "", ar},
		{"English after a language that is not spoken here", "fr-FR,en;q=0.5", "", en},
		{"nonsense", "\x01;;q=%", "", ar},
		{"English, and Arabic chosen on the published pages", "en", "lang=ar", ar},
		{"Arabic, and English chosen there", "ar", "lang=en", en},
	} {
		if a := call(h, "GET", "/signin", "", "Accept-Language", c.accept, "Cookie", c.cookie); !strings.Contains(a.body, c.want) {
			t.Errorf("%s: %q", c.name, a.body)
		}
	}
}

func TestARepeatedMutationHasOneEffectAndOneAnswer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newTestServer(t, d)
		with := append([]string{"Idempotency-Key", "k1"}, signedIn...)
		first := call(h, "POST", "/api/v1/count", `{"by":5,"note":""}`, with...)
		if first.status != 200 || first.body != `{"total":5}` {
			t.Fatalf("first: %+v", first)
		}
		for range 4 {
			if again := call(h, "POST", "/api/v1/count", `{"by":5,"note":""}`, with...); again.status != 200 || again.body != first.body {
				t.Fatalf("again: %+v", again)
			}
		}
		if other := call(h, "POST", "/api/v1/count", `{"by":6,"note":""}`, with...); other.status != 409 || !strings.Contains(other.body, "request.key_reused") {
			t.Fatalf("another body under the same key: %+v", other)
		}
		var wg sync.WaitGroup
		for range 12 {
			wg.Go(func() {
				a := call(h, "POST", "/api/v1/count", `{"by":1,"note":""}`, append([]string{"Idempotency-Key", "k2"}, signedIn...)...)
				if a.status != 200 && !strings.Contains(a.body, "request.already_applied") {
					t.Errorf("in parallel: %+v", a)
				}
			})
		}
		wg.Wait()
		if last := call(h, "POST", "/api/v1/count", `{"by":0,"note":""}`, signedIn...); last.body != `{"total":6}` {
			t.Fatalf("after twelve repeats of one: %s", last.body)
		}
	})
}

func TestBadRequestsAreRefusedWithACode(t *testing.T) {
	h := newTestServer(t, dbtest.Open(t))
	for name, c := range map[string]struct {
		method, path, body string
		headers            []string
		status             int
		code               string
	}{
		"nobody signed in":          {"POST", "/api/v1/count", `{"by":1}`, nil, 401, "policy.unauthenticated"},
		"an unknown token":          {"POST", "/api/v1/count", `{"by":1}`, []string{"Cookie", "multaqa=bad"}, 401, "policy.unauthenticated"},
		"an unknown field":          {"POST", "/api/v1/count", `{"by":1,"role":"SA"}`, signedIn, 400, "request.unknown_field"},
		"two values":                {"POST", "/api/v1/count", `{"by":1}{"by":1}`, signedIn, 400, "request.unreadable"},
		"a wrong type":              {"POST", "/api/v1/count", `{"by":"x"}`, signedIn, 400, "request.invalid"},
		"a body over the limit":     {"POST", "/api/v1/count", `{"note":"` + strings.Repeat("x", maxBody) + `"}`, signedIn, 413, "request.too_large"},
		"a long key":                {"POST", "/api/v1/count", `{"by":1}`, append([]string{"Idempotency-Key", strings.Repeat("k", 101)}, signedIn...), 400, "request.bad_key"},
		"no such route":             {"GET", "/api/v1/nothing", ``, signedIn, 404, "request.not_found"},
		"a panic in a handler":      {"GET", "/api/v1/panic", ``, nil, 500, "request.internal"},
		"another site's mutation":   {"POST", "/api/v1/count", `{"by":1}`, append([]string{"Sec-Fetch-Site", "cross-site"}, signedIn...), 403, "request.cross_site"},
		"a method it does not take": {"PUT", "/api/v1/count", ``, signedIn, 405, "request.not_allowed"},
	} {
		a := call(h, c.method, c.path, c.body, c.headers...)
		if a.status != c.status || !strings.Contains(a.body, `"code":"`+c.code+`"`) || a.header.Get("Content-Type") != "application/problem+json; charset=utf-8" || a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %s %v, want %d %s", name, a.status, a.body, a.header, c.status, c.code)
		}
	}
}

func TestEveryPageHasANonceOfItsOwnAndNoInlineIsAllowed(t *testing.T) {
	h := newTestServer(t, dbtest.Open(t))
	a, b := call(h, "GET", "/guidelines", ""), call(h, "GET", "/guidelines", "")
	if a.body == b.body || strings.Contains(a.body, "__CSP_NONCE__") {
		t.Fatalf("nonces: %q %q", a.body, b.body)
	}
	if p := a.header.Get("Content-Security-Policy"); strings.Contains(p, "unsafe") || !strings.Contains(p, "frame-ancestors 'none'") {
		t.Fatalf("policy: %s", p)
	}
}

func TestTheDescriptionIsValidOpenAPIAndNamesEveryRoute(t *testing.T) {
	d := dbtest.Open(t)
	a := call(newTestServer(t, d), "GET", "/api/v1/openapi.json", "")
	doc, err := openapi3.NewLoader().LoadFromData([]byte(a.body))
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		t.Fatal(err)
	}
	op := doc.Paths.Find("/api/v1/count").Post
	if op == nil || op.RequestBody == nil {
		t.Fatal("the count route is not described")
	}
	var raw map[string]any
	if err := json.Unmarshal([]byte(a.body), &raw); err != nil || raw["openapi"] != "3.1.0" {
		t.Fatalf("openapi %v %v", raw["openapi"], err)
	}
}
