package web

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/multaqa/multaqa/pkg/config"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/workspace"
)

// browser keeps cookies between calls.
type browser struct {
	*testing.T
	h       http.Handler
	cookies map[string]string
}

func memberServer(t *testing.T, d *db.DB, baseURL string) (func() *browser, *member.Service) {
	t.Helper()
	member.FastHashingForTests()
	cfg, err := config.Load()
	if err != nil {
		t.Fatal(err)
	}
	if baseURL != "" {
		cfg.BaseURL = baseURL
	}
	members := member.New(d, nil)
	spaces := workspace.New(d, members)
	e := &Edge{Config: cfg, DB: d, Log: slog.New(slog.DiscardHandler), Authenticate: func(ctx context.Context, token string) (policy.Actor, error) {
		a, _, err := members.Authenticate(ctx, token)
		if fault.Is(err, "session.ended") {
			err = nil
		}
		return a, err
	}}
	s, err := NewServer(e, fstest.MapFS{"index.html": {Data: []byte("<p>")}}, nil, &SessionAPI{Members: members},
		&AgenciesAPI{Members: members, BaseURL: cfg.BaseURL}, &WorkspacesAPI{Workspaces: spaces, Members: members})
	if err != nil {
		t.Fatal(err)
	}
	h, err := s.Handler()
	if err != nil {
		t.Fatal(err)
	}
	return func() *browser { return &browser{T: t, h: h, cookies: map[string]string{}} }, members
}

// do calls the API; body and answer are JSON.
func (b *browser) do(method, path, body string, want int, headers ...string) (map[string]any, answer) {
	b.Helper()
	var list []string
	for k, v := range b.cookies {
		list = append(list, k+"="+v)
	}
	a := call(b.h, method, "/api/v1"+path, body, append(headers, "Cookie", strings.Join(list, "; "))...)
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		b.cookies[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	if a.status != want {
		b.Fatalf("%s %s: %d %s, want %d", method, path, a.status, a.body, want)
	}
	m := map[string]any{}
	if a.body != "" {
		if err := json.Unmarshal([]byte(a.body), &m); err != nil {
			b.Fatal(err)
		}
	}
	return m, a
}

func at(t *testing.T, v any, path ...string) any {
	t.Helper()
	for _, p := range path {
		m, ok := v.(map[string]any)
		if !ok {
			t.Fatalf("no %v in %v", path, v)
		}
		v = m[p]
	}
	return v
}

const setUpJSON = `{"token":"TOKEN","network_name":{"ar":"شبكة","en":"Network"},"agency_name":{"ar":"الأمانة","en":"Secretariat"},
	"name":{"ar":"مدير","en":"Admin"},"email":"admin@sec.example","password":"a long password"}`

func TestFromFirstRunToARepresentativeWhoVotes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		open, members := memberServer(t, d, "")
		admin := open()
		v, _ := admin.do("GET", "/session", "", 200)
		if at(t, v, "setup_required") != true || at(t, v, "person") != nil {
			t.Errorf("before: %v", v)
		}
		v, _ = admin.do("POST", "/setup", setUpJSON, 403)
		if at(t, v, "code") != "setup.invalid_token" {
			t.Error(v)
		}
		token, _, _, err := members.IssueSetupToken(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		v, _ = admin.do("POST", "/setup", strings.Replace(setUpJSON, "TOKEN", token, 1), 200)
		if at(t, v, "person", "email") != "admin@sec.example" || at(t, v, "agency", "code") != "SEC" || at(t, v, "seat", "can_vote") != false {
			t.Error(v)
		}
		admin.do("POST", "/setup", strings.Replace(setUpJSON, "TOKEN", token, 1), 409)

		v, _ = admin.do("POST", "/agencies", `{"code":"MUN","name":{"ar":"بلدية المدينة","en":"City Municipality"},"short":{"ar":"البلدية","en":"Municipality"},"kind":"municipality","tier":"local","sector":"municipal","has_vote":true}`, 200)
		id := at(t, v, "id").(string)
		if at(t, v, "abilities", "agency.invite") != true || at(t, v, "hue") != 2.0 {
			t.Error(v)
		}
		v, _ = admin.do("POST", "/agencies/"+id+"/invitations", `{"email":"salma@mun.example","name":{"ar":"سلمى","en":"Salma"},"kind":"principal","can_vote":true,"roles":[]}`, 200, "Idempotency-Key", "k1")
		link := at(t, v, "url").(string)
		secret, ok := strings.CutPrefix(link, "http://localhost:8080/invite/")
		if !ok {
			t.Fatal(link)
		}
		var leaks int
		if err := d.Read(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRow(t.Context(), `select count(*) from idempotency where status <> 0`).Scan(&leaks)
		}); err != nil || leaks != 0 {
			t.Errorf("the link is in the idempotency store: %d %v", leaks, err)
		}

		salma := open()
		v, _ = salma.do("GET", "/invitations/"+secret, "", 200)
		if at(t, v, "agency", "code") != "MUN" || at(t, v, "kind") != "principal" {
			t.Error(v)
		}
		v, _ = salma.do("POST", "/invitations/"+secret, `{"name":{"ar":"سلمى","en":""},"password":"another long password"}`, 200)
		if at(t, v, "seat", "can_vote") != true || at(t, v, "person", "name", "en") != "سلمى" {
			t.Error(v)
		}
		salma.do("GET", "/invitations/"+secret, "", 404)
		v, _ = salma.do("PATCH", "/me", `{"prefs":{"locale":"en","digits":"latn"}}`, 200)
		if at(t, v, "person", "prefs", "locale") != "en" || at(t, v, "person", "prefs", "calendar") != "gregory" {
			t.Error(v)
		}
		v, _ = salma.do("GET", "/agencies/"+id, "", 200)
		if len(at(t, v, "seats").([]any)) != 1 || at(t, v, "abilities", "agency.update") != false {
			t.Error(v)
		}
		v, _ = salma.do("GET", "/workspaces", "", 200)
		if len(at(t, v, "items").([]any)) != 2 {
			t.Error(v)
		}
		salma.do("POST", "/agencies", `{"code":"X1","name":{"ar":"س","en":""},"short":{"ar":"","en":""}}`, 403)

		// A second browser is listed and ended from the first.
		other := open()
		other.do("POST", "/session", `{"email":"salma@mun.example","password":"another long password"}`, 200, "User-Agent", "Phone")
		v, _ = salma.do("GET", "/sessions", "", 200)
		var phone string
		for _, row := range at(t, v, "items").([]any) {
			if at(t, row, "current") == false {
				phone = at(t, row, "id").(string)
			}
		}
		salma.do("DELETE", "/sessions/"+phone, "", 204)
		v, _ = other.do("GET", "/session", "", 200)
		if at(t, v, "person") != nil {
			t.Error("revoked and still in")
		}
		other.do("GET", "/agencies", "", 401)

		salma.do("POST", "/me/password", `{"current":"another long password","new":"yet another password"}`, 204)
		salma.do("GET", "/sessions", "", 200)
		salma.do("DELETE", "/session", "", 204)
		if len(salma.cookies) != 1 {
			t.Errorf("cookies after signing out: %v", salma.cookies)
		}
		salma.do("GET", "/sessions", "", 401)
	})
}

func TestSignInSaysTheSameForWrongAndUnknown(t *testing.T) {
	open, members := memberServer(t, dbtest.Open(t), "")
	hash, err := member.HashPassword("a long password")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := members.CreatePerson(t.Context(), policy.SystemActor(), member.NewPerson{Name: member.Text{Ar: "س"}, Email: "a@b.example", PasswordHash: hash}); err != nil {
		t.Fatal(err)
	}
	b := open()
	wrong, _ := b.do("POST", "/session", `{"email":"a@b.example","password":"guess"}`, 401)
	unknown, _ := b.do("POST", "/session", `{"email":"z@b.example","password":"guess"}`, 401)
	for k, v := range wrong {
		if k != "request_id" && unknown[k] != v {
			t.Errorf("%s differs: %v, %v", k, v, unknown[k])
		}
	}
	for range 20 {
		b.do("POST", "/session", `{"email":"z@b.example","password":"guess"}`, 401)
		if v, a := b.tryOnce(); v == http.StatusTooManyRequests {
			if a.header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			return
		}
	}
	t.Error("guessing is not slowed")
}

func (b *browser) tryOnce() (int, answer) {
	a := call(b.h, "POST", "/api/v1/session", `{"email":"z@b.example","password":"guess"}`)
	return a.status, a
}

func TestTheCookieIsHostOnlyOnHTTPS(t *testing.T) {
	for base, want := range map[string]string{"https://hub.example": "__Host-multaqa", "http://localhost:8080": "multaqa"} {
		open, members := memberServer(t, dbtest.Open(t), base)
		token, _, _, err := members.IssueSetupToken(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, a := open().do("POST", "/setup", strings.Replace(setUpJSON, "TOKEN", token, 1), 200)
		seen := 0
		for _, c := range (&http.Response{Header: a.header}).Cookies() {
			seen++
			if !strings.HasPrefix(c.Name, want) || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" ||
				c.Secure != strings.HasPrefix(base, "https") || c.Domain != "" || len(c.Value) < 22 {
				t.Errorf("%s: %+v", base, c)
			}
		}
		if seen != 2 {
			t.Errorf("%s: %d cookies", base, seen)
		}
	}
}

func TestForgedFieldsAreRefused(t *testing.T) {
	open, _ := memberServer(t, dbtest.Open(t), "")
	b := open()
	for _, body := range []string{
		`{"email":"a@b.example","password":"x","roles":["SA"]}`,
		`{"email":"a@b.example","password":"x","person":"pe_1"}`,
	} {
		v, _ := b.do("POST", "/session", body, 400)
		if at(t, v, "code") != "request.unknown_field" {
			t.Error(v)
		}
	}
}
