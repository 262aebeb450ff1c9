package hubtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/config"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/hub"
	"github.com/multaqa/multaqa/pkg/live"
	"github.com/multaqa/multaqa/pkg/member"
)

// request is a call whose every part the attacker chooses.
type request struct {
	as, method, path, body string
	from                   string // address of the caller; 127.0.0.1 if empty
	host                   string
	header                 http.Header
}

func (w *World) send(r request) Answer {
	w.Hub.Web.Edge.ForgetCallers()
	q := httptest.NewRequest(r.method, "/api/v1"+r.path, strings.NewReader(r.body))
	q.RemoteAddr = "127.0.0.1:4000"
	if r.from != "" {
		q.RemoteAddr = r.from + ":4000"
	}
	if r.host != "" {
		q.Host = r.host
	}
	for k, v := range r.header {
		q.Header[k] = v
	}
	if t := w.Principals[r.as]; t != "" {
		q.AddCookie(&http.Cookie{Name: "multaqa", Value: t})
	}
	rec := httptest.NewRecorder()
	w.Handler.ServeHTTP(rec, q)
	return Answer{rec.Code, rec.Body.String(), rec.Header()}
}

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i+1 < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

func cookies(a Answer) map[string]string {
	out := map[string]string{}
	for _, c := range (&http.Response{Header: a.Header}).Cookies() {
		out[c.Name] = c.Value
	}
	return out
}

func signIn(name, secret string) string {
	b, _ := json.Marshal(obj{"email": name + "@example.gov", "password": secret})
	return string(b)
}

// Every route that reads a body refuses a member it does not know, and names
// it; so what a person is, writes for or has written cannot be said in passing.
func TestNoRouteTakesWhatItWasNotAskedFor(t *testing.T) {
	w := NewWorld(t)
	routes := 0
	for _, r := range w.Hub.Web.Router.Routes() {
		if r.In == nil {
			continue
		}
		routes++
		path := param.ReplaceAllString(r.Path, "xx_00000000000000000000000000")
		before := w.head()
		for _, extra := range []string{"is_admin", "__proto__", "author", "created_by", "person_id", "agency_id", "published_at", "tally", "abilities"} {
			a := w.send(request{as: "own-rep", method: r.Method, path: path, body: `{"` + extra + `":"x"}`})
			if a.Status != 400 || a.Code() != "request.unknown_field" || !strings.Contains(a.Body, `"`+extra+`":"request.unknown_field"`) {
				t.Errorf("%s %s with %s: %d %s", r.Method, r.Path, extra, a.Status, a.Body)
			}
		}
		for name, body := range map[string]string{"an array": `[]`, "a string": `"x"`, "a number": `1`, "two values": `{} {}`, "cut short": `{"a`, "no JSON": `a=b&c=d`, "deeply nested": strings.Repeat(`[`, 20_000)} {
			if a := w.send(request{as: "own-rep", method: r.Method, path: path, body: body}); a.Status != 400 || a.Header.Get("Content-Type") != "application/problem+json; charset=utf-8" {
				t.Errorf("%s %s with %s: %d %.200s", r.Method, r.Path, name, a.Status, a.Body)
			}
		}
		if w.head() != before {
			t.Errorf("%s %s changed something", r.Method, r.Path)
		}
	}
	if routes < 20 {
		t.Errorf("only %d routes read a body", routes)
	}
}

// Mass assignment: a body with everything right and one thing more.
func TestRightsAndAuthorshipCannotBeAssigned(t *testing.T) {
	w := NewWorld(t)
	guide, practice := "/guidelines/"+w.Objects["guideline/own-network"], "/practices/"+w.Objects["practice/nominated"]
	for _, c := range []struct{ method, path, body, field string }{
		{"PATCH", "/me", `{"name":{"ar":"س","en":"S"},"roles":["SA"]}`, "roles"},
		{"PATCH", "/me", `{"prefs":{"locale":"en","role":"SA"}}`, "role"},
		{"PATCH", "/me", `{"email":"secretariat@example.gov"}`, "email"},
		{"PATCH", "/me", `{"agency":"` + w.Objects["agency/OTHER"] + `"}`, "agency"},
		{"POST", "/guidelines", `{"title":{"ar":"د","en":"d"},"state":"published"}`, "state"},
		{"POST", "/guidelines", `{"title":{"ar":"د","en":"d"},"status":"published"}`, "status"},
		{"POST", "/guidelines", `{"title":{"ar":"د","en":"d"},"author":"` + w.Objects["person/secretariat"] + `"}`, "author"},
		{"PATCH", guide, `{"agency":"` + w.Objects["agency/OTHER"] + `"}`, "agency"},
		{"PATCH", guide, `{"visibility":"public"}`, "visibility"},
		{"PATCH", guide, `{"hidden":false}`, "hidden"},
		{"PATCH", practice, `{"stage":"adopted"}`, "stage"},
		{"PATCH", practice, `{"agency":"` + w.Objects["agency/OTHER"] + `"}`, "agency"},
		{"POST", "/practices", `{"title":{"ar":"م","en":"p"},"agency":"x"}`, "agency"},
		{"POST", "/ballots/" + w.Objects["ballot/voted"] + "/votes", `{"choice":"for","agency":"` + w.Objects["agency/OTHER"] + `"}`, "agency"},
		{"POST", "/drafts/" + w.Objects["draft/own-network"] + "/threads", `{"version":0,"from":0,"to":1,"body":"x","author":"x"}`, "author"},
		{"POST", "/flags", `{"object":"x","reason":"spam","person":"x"}`, "person"},
	} {
		before := w.head()
		a := w.send(request{as: "own-lead", method: c.method, path: c.path, body: c.body})
		if a.Status != 400 || !strings.Contains(a.Body, `"fields":{"`+c.field+`"`) {
			t.Errorf("%s %s %s: %d %s", c.method, c.path, c.body, a.Status, a.Body)
		}
		if w.head() != before {
			t.Errorf("%s %s %s changed something", c.method, c.path, c.body)
		}
	}
	// What may be named is decided by policy, not taken.
	if a := w.send(request{as: "own-lead", method: "POST", path: "/guidelines", body: `{"title":{"ar":"د","en":"d"},"summary":"s","template":"manual","agency":"` + w.Objects["agency/OTHER"] + `"}`}); a.Status < 400 {
		t.Errorf("a guideline in another agency's name: %d %s", a.Status, a.Body)
	}
	if a := w.send(request{as: "own-lead", method: "POST", path: "/people/" + w.Objects["person/own-lead"] + "/roles", body: `{"role":"SA"}`}); a.Status != 403 && a.Status != 404 {
		t.Errorf("self-promotion: %d %s", a.Status, a.Body)
	}
	if a := w.send(request{as: "own-lead", method: "POST", path: "/agencies/" + w.Objects["agency/OWN"] + "/invitations", body: `{"email":"n@example.gov","name":{"ar":"ن","en":"N"},"kind":"writer","roles":["SA"]}`}); a.Status < 400 {
		t.Errorf("an invitation to a right one does not have: %d %s", a.Status, a.Body)
	}
}

// Ids are opaque: one of another kind, in another case, doubled, or no id at
// all is the same as one that does not exist.
func TestIdsOfTheWrongKindAreAbsent(t *testing.T) {
	w := NewWorld(t)
	right := w.Objects["guideline/own-network"]
	for _, route := range w.Hub.Web.Router.Routes() {
		if route.Method != "GET" || !strings.Contains(route.Path, ":id") {
			continue
		}
		for _, id := range []string{w.Objects["person/own-lead"], w.Objects["seat/own-lead"], strings.ToUpper(right), right + "," + right, right + "%2F..", "..", "0", "-1", "null", "%00", "%ff", strings.Repeat("a", 5000), "gl_", "' or 1=1--", "*"} {
			if strings.HasPrefix(route.Path, "/seats") && id == w.Objects["seat/own-lead"] {
				continue // of the right kind there
			}
			path := param.ReplaceAllString(route.Path, strings.ReplaceAll(id, " ", "%20"))
			if a := w.send(request{as: "own-lead", method: "GET", path: path}); a.Status != 404 && a.Status != 400 {
				t.Errorf("%s with %.60q: %d %.200s", route.Path, id, a.Status, a.Body)
			}
		}
	}
	// An id of the wrong kind inside a body.
	for _, c := range []struct{ method, path, body string }{
		{"POST", "/flags", `{"object":"` + w.Objects["person/own-lead"] + `","reason":"spam"}`},
		{"POST", "/flags", `{"object":["` + right + `"],"reason":"spam"}`},
		{"POST", "/workspaces", `{"name":{"ar":"م","en":"w"},"agencies":["` + w.Objects["person/own-lead"] + `"]}`},
		{"PUT", "/guidelines/" + right + "/visibility", `{"to":"agencies","agencies":["` + right + `"]}`},
		{"PUT", "/guidelines/" + right + "/visibility", `{"to":"everybody"}`},
		{"POST", "/guidelines", `{"title":{"ar":"د","en":"d"},"summary":"s","workspace_id":"` + right + `"}`},
		{"POST", "/practices/" + w.Objects["practice/nominated"] + "/stage", `{"to":"merged","reason":"سبب كافٍ لدمج الممارسة","into":"` + right + `"}`},
	} {
		before := w.head()
		a := w.send(request{as: "secretariat", method: c.method, path: c.path, body: c.body})
		if a.Status < 400 || a.Status >= 500 || w.head() != before {
			t.Errorf("%s %s %s: %d %s", c.method, c.path, c.body, a.Status, a.Body)
		}
	}
}

// Headers that a proxy or a framework might believe have no effect.
func TestForgedHeadersHaveNoEffect(t *testing.T) {
	w := NewWorld(t)
	for _, h := range [][]string{
		{"X-Http-Method-Override", "DELETE"}, {"X-Http-Method", "DELETE"}, {"X-Method-Override", "DELETE"},
		{"X-Forwarded-Host", "evil.example"}, {"Forwarded", "host=evil.example;proto=https"}, {"X-Original-Url", "/api/v1/agencies"}, {"X-Rewrite-Url", "/api/v1/agencies"},
		{"X-Forwarded-User", "secretariat"}, {"Remote-User", "secretariat"}, {"Authorization", "Bearer " + w.Principals["secretariat"]}, {"X-Forwarded-Proto", "https"},
	} {
		a := w.send(request{as: "own-rep", method: "GET", path: "/session", host: "evil.example", header: header(h...)})
		var out map[string]any
		if json.Unmarshal([]byte(a.Body), &out) != nil || a.Status != 200 || at(out, "person", "email") != "own-rep@example.gov" || strings.Contains(a.Body+fmt.Sprint(a.Header), "evil.example") {
			t.Errorf("%v: %d %s %v", h, a.Status, a.Body, a.Header)
		}
		if a := w.send(request{method: "GET", path: "/session", header: header(h...)}); at(decodeJSON(a), "person") != nil {
			t.Errorf("%v signs somebody in: %s", h, a.Body)
		}
	}
	for _, q := range []string{"?_method=DELETE", "?method=DELETE"} {
		if a := w.send(request{as: "own-rep", method: "POST", path: "/session" + q, body: `{}`}); a.Status != 401 {
			t.Errorf("%s: %d %s", q, a.Status, a.Body)
		}
	}
	if a := w.send(request{as: "own-rep", method: "GET", path: "/session"}); at(decodeJSON(a), "person", "email") != "own-rep@example.gov" {
		t.Errorf("a method was overridden: %s", a.Body)
	}
	for _, method := range []string{"TRACE", "CONNECT", "PROPFIND", "DELETE"} {
		if a := w.send(request{as: "own-rep", method: method, path: "/guidelines"}); a.Status != 404 && a.Status != 405 {
			t.Errorf("%s: %d", method, a.Status)
		}
	}
	// Links that the hub gives out carry its own address, not the caller's.
	a := w.send(request{as: "secretariat", method: "POST", path: "/agencies/" + w.Objects["agency/OTHER"] + "/invitations", host: "evil.example",
		header: header("X-Forwarded-Host", "evil.example"), body: `{"email":"new@example.gov","name":{"ar":"ن","en":"N"},"kind":"writer","roles":[]}`})
	if link, _ := at(decodeJSON(a), "url").(string); !strings.HasPrefix(link, w.Hub.Config.BaseURL+"/invite/") {
		t.Errorf("link: %d %s", a.Status, a.Body)
	}
}

func decodeJSON(a Answer) map[string]any {
	var out map[string]any
	_ = json.Unmarshal([]byte(a.Body), &out)
	return out
}

// A caller who forges another address for each attempt is slowed all the same.
func TestAForgedAddressDoesNotEscapeTheLimit(t *testing.T) {
	w := NewWorld(t)
	slowed := 0
	for i := range 80 {
		h := header("X-Forwarded-For", fmt.Sprintf("203.0.113.%d", i), "X-Real-Ip", fmt.Sprintf("203.0.113.%d", i), "Cf-Connecting-Ip", fmt.Sprintf("203.0.113.%d", i), "Forwarded", fmt.Sprintf("for=203.0.113.%d", i))
		a := w.send(request{method: "POST", path: "/session", body: signIn(fmt.Sprintf("somebody%d", i), "a wrong password"), from: "198.51.100.1", header: h})
		switch a.Status {
		case 429:
			slowed++
			if a.Header.Get("Retry-After") == "" {
				t.Error("slowed without saying until when")
			}
		case 401, 503:
		default:
			t.Fatalf("%d %s", a.Status, a.Body)
		}
	}
	if slowed == 0 {
		t.Error("80 attempts from one address under 80 forged ones were not slowed")
	}
}

// Another site can neither send a change nor open the socket.
func TestOtherSitesAreRefused(t *testing.T) {
	w := NewWorld(t)
	own := w.Hub.Config.BaseURL
	for name, c := range map[string]struct {
		header http.Header
		pass   bool
	}{
		"its own page":              {header("Sec-Fetch-Site", "same-origin", "Origin", own), true},
		"a program":                 {nil, true},
		"an address typed":          {header("Sec-Fetch-Site", "none"), true},
		"another site":              {header("Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"), false},
		"another site, old browser": {header("Origin", "https://evil.example"), false},
		"a sister domain":           {header("Sec-Fetch-Site", "same-site", "Origin", "http://sub.localhost:8080"), false},
		"an origin that begins so":  {header("Origin", own+".evil.example"), false},
		"an origin that ends so":    {header("Origin", "http://evillocalhost:8080"), false},
		"nobody":                    {header("Origin", "null"), false},
		"another scheme":            {header("Sec-Fetch-Site", "cross-site", "Origin", "https://localhost:8080"), false},
	} {
		before := w.head()
		a := w.send(request{as: "own-lead", method: "PATCH", path: "/guidelines/" + w.Objects["guideline/own-network"], body: `{"summary":"` + name + `"}`, header: c.header, host: "localhost:8080"})
		if (a.Status == 200) != c.pass || !c.pass && (a.Status != 403 || w.head() != before) {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
		// Nothing is readable across origins either way.
		if a.Header.Get("Access-Control-Allow-Origin") != "" || a.Header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: %v", name, a.Header)
		}
	}
	if a := w.send(request{as: "own-lead", method: "OPTIONS", path: "/guidelines", header: header("Origin", "https://evil.example", "Access-Control-Request-Method", "POST")}); a.Status < 400 || a.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("preflight: %d %v", a.Status, a.Header)
	}
}

func TestTheSocketOpensForItsOwnPagesAndPeopleOnly(t *testing.T) {
	w := NewWorld(t)
	srv := httptest.NewServer(w.Handler)
	t.Cleanup(srv.Close)
	address := "ws" + strings.TrimPrefix(srv.URL, "http") + "/api/v1/live"
	for name, c := range map[string]struct {
		as, origin string
		status     int
	}{
		"its own page":             {"own-lead", srv.URL, 101},
		"the configured address":   {"own-lead", w.Hub.Config.BaseURL, 101},
		"a program":                {"own-lead", "", 101},
		"another site":             {"own-lead", "https://evil.example", 403},
		"an origin that begins so": {"own-lead", srv.URL + ".evil.example", 403},
		"a path that looks so":     {"own-lead", "https://evil.example/" + srv.URL, 403},
		"user info that looks so":  {"own-lead", "http://" + strings.TrimPrefix(srv.URL, "http://") + "@evil.example", 403},
		"nobody's page":            {"own-lead", "null", 403},
		"nobody signed in":         {"anonymous", srv.URL, 401},
		"a session that ended":     {"revoked", srv.URL, 401},
		"somebody suspended":       {"suspended", srv.URL, 401},
	} {
		h := http.Header{}
		if c.origin != "" {
			h.Set("Origin", c.origin)
		}
		if token := w.Principals[c.as]; token != "" {
			h.Set("Cookie", "multaqa="+token)
		}
		ws, res, err := (&websocket.Dialer{Subprotocols: []string{live.Subprotocol}}).Dial(address, h)
		if ws != nil {
			ws.Close()
		}
		if res == nil {
			t.Fatalf("%s: %v", name, err)
		}
		if res.StatusCode != c.status {
			t.Errorf("%s: %d, want %d", name, res.StatusCode, c.status)
		}
	}
}

// Signing in gives a new token; the one that the browser had, planted or its
// own, opens nothing any more.
func TestATokenFromBeforeDoesNotSurviveSigningIn(t *testing.T) {
	w := NewWorld(t)
	planted := "planted-by-an-attacker-0123456789abcdef"
	a := w.send(request{method: "POST", path: "/session", body: signIn("own-rep", password), header: header("Cookie", "multaqa="+planted)})
	token := cookies(a)["multaqa"]
	if a.Status != 200 || token == "" || token == planted {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	open := func(token string) any {
		return at(decodeJSON(w.send(request{method: "GET", path: "/session", header: header("Cookie", "multaqa="+token)})), "person", "email")
	}
	if open(planted) != nil || open(token) != "own-rep@example.gov" {
		t.Error("the planted token works, or the new one does not")
	}
	// An attacker's own live session, planted: it ends, and the victim's is another.
	attacker := w.Principals["third-rep"]
	b := w.send(request{method: "POST", path: "/session", body: signIn("own-rep", password), header: header("Cookie", "multaqa="+attacker)})
	if b.Status != 200 || cookies(b)["multaqa"] == attacker || open(attacker) != nil {
		t.Errorf("the attacker's session lives on: %d", b.Status)
	}
	for _, c := range (&http.Response{Header: b.Header}).Cookies() {
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Domain != "" || c.Path != "/" {
			t.Errorf("cookie %s: %+v", c.Name, c)
		}
	}
	// Signing out ends the token, not only the cookie.
	w.send(request{method: "DELETE", path: "/session", header: header("Cookie", "multaqa="+token)})
	if open(token) != nil {
		t.Error("the token works after signing out")
	}
}

// Whether an address has an account cannot be told from the answer.
func TestSigningInDoesNotTellWhoHasAnAccount(t *testing.T) {
	w := NewWorld(t)
	var want string
	for i, c := range []struct{ email, secret string }{
		{"own-rep@example.gov", "a wrong password"}, {"nobody@example.gov", "a wrong password"}, {"suspended@example.gov", password}, {"OWN-REP@example.gov", "a wrong password"},
		{"no address", "x"}, {"", ""}, {"own-rep@example.gov", strings.Repeat("x", 5000)}, {"own-rep@example.gov\x00", "x"}, {"' or 1=1--@example.gov", "x"},
	} {
		body, _ := json.Marshal(obj{"email": c.email, "password": c.secret})
		a := w.send(request{method: "POST", path: "/session", body: string(body), from: fmt.Sprintf("198.51.100.%d", i)})
		got := fmt.Sprint(a.Status, requestID.ReplaceAllString(a.Body, ""), len(a.Header.Values("Set-Cookie")))
		if want == "" {
			want = got
		}
		if a.Status != 401 || got != want {
			t.Errorf("%.40q: %s, want %s", c.email, got, want)
		}
	}
}

// Failures of others slow an account down; a browser that its person has used
// before gets in at once all the same.
func TestOthersCannotLockAPersonOut(t *testing.T) {
	w := NewWorld(t)
	home := w.send(request{method: "POST", path: "/session", body: signIn("own-rep", password), from: "192.0.2.1"})
	device := cookies(home)["multaqa-device"]
	if home.Status != 200 || device == "" {
		t.Fatalf("%d %v", home.Status, home.Header)
	}
	slowed := 0
	for i := range 40 {
		a := w.send(request{method: "POST", path: "/session", body: signIn("own-rep", "a wrong password"), from: fmt.Sprintf("198.51.100.%d", i)})
		if a.Status == 429 {
			slowed++
		}
	}
	if slowed == 0 {
		t.Error("40 wrong passwords from 40 addresses were not slowed")
	}
	if a := w.send(request{method: "POST", path: "/session", body: signIn("own-rep", password), from: "192.0.2.1", header: header("Cookie", "multaqa-device="+device)}); a.Status != 200 {
		t.Errorf("the person is locked out of their own browser: %d %s", a.Status, a.Body)
	}
	// The mark of a device is one person's and opens nothing.
	if a := w.send(request{method: "POST", path: "/session", body: signIn("own-rep", "a wrong password"), from: "192.0.2.9", header: header("Cookie", "multaqa-device="+device)}); a.Status == 200 {
		t.Error("a device opens without a password")
	}
	if a := w.send(request{method: "GET", path: "/guidelines", header: header("Cookie", "multaqa="+device)}); a.Status == 200 {
		t.Error("the mark of a device is taken for a session")
	}
}

func TestAnInvitationIsUsedOnce(t *testing.T) {
	w := NewWorld(t)
	a := w.send(request{as: "secretariat", method: "POST", path: "/agencies/" + w.Objects["agency/OTHER"] + "/invitations", body: `{"email":"new@example.gov","name":{"ar":"ن","en":"N"},"kind":"writer","roles":[]}`})
	link, _ := at(decodeJSON(a), "url").(string)
	token := link[strings.LastIndex(link, "/")+1:]
	accept := func(token, name string) Answer {
		return w.send(request{method: "POST", path: "/invitations/" + token, body: `{"name":{"ar":"` + name + `","en":"` + name + `"},"password":"a long password 1"}`})
	}
	if b := accept(token, "first"); b.Status != 200 {
		t.Fatalf("%d %s", b.Status, b.Body)
	}
	again, never := accept(token, "second"), accept("never-was-a-token-0123456789", "third")
	if again.Status < 400 || again.Status >= 500 || requestID.ReplaceAllString(again.Body, "") != requestID.ReplaceAllString(never.Body, "") {
		t.Errorf("used twice: %d %s\nnever was: %d %s", again.Status, again.Body, never.Status, never.Body)
	}
	if b := w.send(request{method: "GET", path: "/invitations/" + token}); b.Status < 400 || strings.Contains(b.Body, "new@example.gov") {
		t.Errorf("a used link still reads: %d %s", b.Status, b.Body)
	}
	// A link that was asked for twice with one key is not told again.
	twice := request{as: "secretariat", method: "POST", path: "/agencies/" + w.Objects["agency/OTHER"] + "/invitations", body: `{"email":"next@example.gov","name":{"ar":"ن","en":"N"},"kind":"writer","roles":[]}`, header: header("Idempotency-Key", "k")}
	if first, second := w.send(twice), w.send(twice); first.Status != 200 || second.Status != 409 || strings.Contains(second.Body, "/invite/") {
		t.Errorf("told again: %d, %d %s", first.Status, second.Status, second.Body)
	}
}

func TestTheSetUpTokenIsUsedOnce(t *testing.T) {
	member.FastHashingForTests()
	dir := t.TempDir()
	ctx := t.Context()
	d, err := db.Open(ctx, dir, "sqlite:"+filepath.Join(dir, "hub.db"))
	w(t, err)
	defer d.Close()
	_, err = d.Migrate(ctx)
	w(t, err)
	cfg, err := config.Load()
	w(t, err)
	cfg.Data = dir
	b := bus.NewMemory()
	defer b.Close()
	h, err := hub.New(cfg, d, b, slog.New(slog.DiscardHandler), nil)
	w(t, err)
	defer h.Close()
	handler, err := h.Web.Handler()
	w(t, err)
	world := &World{T: t, Hub: h, Handler: handler, Principals: map[string]string{}}
	token, _, _, err := h.Members.IssueSetupToken(ctx)
	w(t, err)
	setUp := func(token, email string) Answer {
		return world.send(request{method: "POST", path: "/setup", body: `{"token":"` + token + `","network_name":{"ar":"ش","en":"N"},"agency_name":{"ar":"أ","en":"S"},"name":{"ar":"م","en":"A"},"email":"` + email + `","password":"a long password"}`})
	}
	if a := setUp("guessed-token-0123456789abcdef", "x@example.gov"); a.Status != 403 {
		t.Errorf("guessed: %d %s", a.Status, a.Body)
	}
	if a := setUp(token, "admin@example.gov"); a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if a := setUp(token, "attacker@example.gov"); a.Status != 409 {
		t.Errorf("twice: %d %s", a.Status, a.Body)
	}
	if _, _, needed, err := h.Members.IssueSetupToken(ctx); err != nil || needed {
		t.Errorf("another token is given out after set-up: %v %v", needed, err)
	}
}

// The key of a repeat belongs to a person.
func TestAnotherPersonsKeyAnswersNothing(t *testing.T) {
	w := NewWorld(t)
	path, body := "/practices", `{"title":{"ar":"سر `+w.Canary+`","en":"secret"},"problem":"مشكلة","context":"","evidence":[{"text":"د","date":"2026-01-01","source":"م"}],"cost":"","contacts":"","axis":"delivery"}`
	post := func(who, key string) Answer {
		return w.send(request{as: who, method: "POST", path: path, body: body, header: header("Idempotency-Key", key)})
	}
	first := post("own-lead", "key-1")
	again, other, nobody := post("own-lead", "key-1"), post("other-lead", "key-1"), post("anonymous", "key-1")
	if first.Status != 200 || again.Body != first.Body || again.Header.Get("Idempotent-Replayed") != "true" {
		t.Fatalf("%d %s\n%d %s", first.Status, first.Body, again.Status, again.Body)
	}
	if other.Status != 200 || at(decodeJSON(other), "id") == at(decodeJSON(first), "id") || other.Header.Get("Idempotent-Replayed") != "" {
		t.Errorf("another person got the first's answer: %s", other.Body)
	}
	if nobody.Status != 401 || strings.Contains(nobody.Body, w.Canary) {
		t.Errorf("nobody: %d %s", nobody.Status, nobody.Body)
	}
	for _, key := range []string{strings.Repeat("k", 101), "a\xffb"} {
		if a := post("own-lead", key); a.Status != 400 || a.Code() != "request.bad_key" {
			t.Errorf("key %.20q: %d %s", key, a.Status, a.Body)
		}
	}
}

func TestWhatIsTooLargeIsRefusedWithoutWork(t *testing.T) {
	w := NewWorld(t)
	before := w.head()
	big := `{"summary":"` + strings.Repeat("x", 1<<20) + `"}`
	if a := w.send(request{as: "own-lead", method: "PATCH", path: "/guidelines/" + w.Objects["guideline/own-network"], body: big}); a.Status != 413 || a.Code() != "request.too_large" {
		t.Errorf("body: %d %.200s", a.Status, a.Body)
	}
	for _, h := range [][]string{{"Accept-Language", strings.Repeat("ar-x-a,", 20_000)}, {"Accept-Language", strings.Repeat("-", 20_000)}, {"User-Agent", strings.Repeat("\u202e", 20_000)}, {"Cookie", "multaqa=" + strings.Repeat("a", 20_000)},
		{"Cookie", strings.Repeat("a=b; ", 5_000)}, {"If-None-Match", strings.Repeat(`"a",`, 5_000)}, {"Range", "bytes=" + strings.Repeat("0-1,", 5_000)}} {
		for _, path := range []string{"/session", "/library"} {
			if a := w.send(request{method: "GET", path: path, header: header(h...)}); a.Status != 200 && a.Status != 401 {
				t.Errorf("%s of %d: %d %.200s", h[0], len(h[1]), a.Status, a.Body)
			}
		}
	}
	if w.head() != before {
		t.Error("something changed")
	}
}

// Whatever a caller writes, a line of the log stays a line, without characters
// that steer a terminal or turn the text round.
func TestALineOfTheLogStaysALine(t *testing.T) {
	world := NewWorld(t)
	var log bytes.Buffer
	world.Hub.Web.Edge.Log = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	evil := "a\r\nINFO forged=line\x1b[2J\x1b]0;t\x07\u202egnp.exe\u2028\u0085\x00"
	for _, r := range []request{
		{method: "GET", path: "/guidelines/" + pathOf(evil), as: "own-lead"},
		{method: "GET", path: "/library?q=" + pathOf(evil)},
		{method: "GET", path: "/" + pathOf(evil)},
		{method: "POST", path: "/session", body: signIn(evil, evil), header: header("User-Agent", evil, "X-Request-Id", evil, "X-Forwarded-For", evil, "Referer", evil)},
		{method: "POST", path: "/session", body: signIn("own-rep", password), header: header("User-Agent", evil)},
		{method: "PATCH", path: "/me", as: "own-rep", body: `{"` + "a\u202e" + `":1}`},
	} {
		a := world.send(r)
		if id := a.Header.Get("X-Request-Id"); !strings.HasPrefix(id, "rq_") || len(id) > 40 {
			t.Errorf("request id %q", id)
		}
	}
	lines := strings.Split(strings.TrimSuffix(log.String(), "\n"), "\n")
	for _, line := range lines {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil || m["msg"] == nil {
			t.Errorf("no line of the log: %q", line)
		}
		if strings.ContainsAny(line, "\x1b\r\x07\x00\u202e\u2028\u0085") {
			t.Errorf("a line steers its reader: %q", line)
		}
		if strings.Contains(line, password) || strings.Contains(line, "multaqa=") {
			t.Errorf("a secret in the log: %s", line)
		}
	}
	if len(lines) < 6 {
		t.Errorf("%d lines", len(lines))
	}
	// The browser's name, which the person is shown, is cleaned too.
	a := world.send(request{as: "own-rep", method: "GET", path: "/sessions"})
	if a.Status != 200 || strings.ContainsAny(a.Body, "\x1b\u202e\u2028") || strings.Contains(a.Body, `\u001b`) || strings.Contains(a.Body, `\u2028`) {
		t.Errorf("sessions: %s", a.Body)
	}
}

func pathOf(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, "%%%02x", c)
	}
	return b.String()
}
