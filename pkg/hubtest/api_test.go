package hubtest

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// The description and the router say the same, both ways: of the whole hub, not
// of what was registered by the rules only.
func TestTheDescriptionIsTheRouter(t *testing.T) {
	w := NewWorld(t)
	a := w.Call("anonymous", "GET", "/api/v1/openapi.json", "")
	doc, err := openapi3.NewLoader().LoadFromData([]byte(a.Body))
	must(t, err)
	must(t, doc.Validate(context.Background()))
	var raw struct{ OpenAPI string }
	must(t, json.Unmarshal([]byte(a.Body), &raw))
	if raw.OpenAPI != "3.1.0" {
		t.Errorf("version %q", raw.OpenAPI)
	}
	described := map[string]bool{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			described[method+" "+path] = true
			if op.Summary == "" || op.Responses.Default() == nil || op.Responses.Default().Value.Content.Get("application/problem+json") == nil {
				t.Errorf("%s %s has no summary, or does not say what an error is", method, path)
			}
			key := slices.ContainsFunc(op.Parameters, func(p *openapi3.ParameterRef) bool {
				return p.Value.Name == "Idempotency-Key" && p.Value.In == "header"
			})
			if key != (method != http.MethodGet) {
				t.Errorf("%s %s: idempotency key %v", method, path, key)
			}
		}
	}
	served := map[string]bool{}
	for _, route := range w.Hub.Web.Served() {
		if path, ok := strings.CutPrefix(route.Path, "/api/v1"); ok {
			served[route.Method+" /api/v1"+param.ReplaceAllStringFunc(path, func(p string) string { return "{" + p[1:] + "}" })] = true
		} else if route.Path != "/healthz" && route.Path != "/readyz" {
			t.Errorf("%s %s is served outside of the API", route.Method, route.Path)
		}
	}
	if !maps.Equal(described, served) {
		for k := range described {
			if !served[k] {
				t.Errorf("%s is described and not served", k)
			}
		}
		for k := range served {
			if !described[k] {
				t.Errorf("%s is served and not described", k)
			}
		}
	}
	t.Logf("%d operations", len(described))
}

// withoutKey are changes asked for by nobody in particular: there is no person
// that a key could belong to, and their answers hold a secret. What makes each
// of them one is said.
var withoutKey = map[string]string{
	"POST /setup":           "the token from the console is used once",
	"POST /invitations/:id": "the link is used once",
	"POST /session":         "a sign-in repeated is a second sign-in, which the person sees and can end",
}

// Every mutation of the router takes an idempotency key: one that cannot be is
// refused before anything is done.
func TestEveryMutationTakesAKey(t *testing.T) {
	w := NewWorld(t)
	mutations := 0
	for _, r := range w.Hub.Web.Router.Routes() {
		if r.Method == http.MethodGet {
			continue
		}
		mutations++
		name := r.Method + " " + r.Path
		path := param.ReplaceAllString(r.Path, "xx_00000000000000000000000000")
		before := w.head()
		a := w.send(request{as: "secretariat", method: r.Method, path: path, body: `{}`, header: header("Idempotency-Key", strings.Repeat("k", 101))})
		if a.Status != 400 || a.Code() != "request.bad_key" || w.head() != before {
			t.Errorf("%s looks at no key: %d %s", name, a.Status, a.Body)
		}
		delete(withoutKey, name)
	}
	if len(withoutKey) > 0 {
		t.Errorf("no such routes: %v", withoutKey)
	}
	t.Logf("%d mutations", mutations)
}

// What is asked for twice with one key happens once, and both get one answer;
// with another body the key is refused. One request of each kind that a person
// makes.
func TestARepeatedRequestHappensOnce(t *testing.T) {
	w := NewWorld(t)
	o := w.Objects
	draft := o["draft/own-network"]
	version := at(w.must(t, "own-lead", "GET", "/drafts/"+draft, nil), "version")
	hash := at(w.must(t, "own-lead", "GET", "/ballots/"+o["ballot/voted"], nil), "subject", "revision_hash")
	thread := w.must(t, "own-lead", "POST", "/drafts/"+draft+"/threads", obj{"version": version, "from": 0, "to": 5, "kind": "general", "body": "x"})["id"].(string)
	suggest := func() string {
		return w.must(t, "own-rep", "POST", "/drafts/"+draft+"/suggestions", obj{"key": "", "version": version, "parts": []obj{{"from": 0, "to": 1, "insert": "y"}}})["id"].(string)
	}
	first, second := suggest(), suggest()
	term := at(w.must(t, "secretariat", "GET", "/terms?state=proposed", nil), "items", 0, "version")
	evidence := []obj{{"text": "د", "date": "2026-01-01", "source": "م"}}
	card := obj{"title": both("م"), "problem": "مشكلة", "context": "س", "evidence": evidence, "cost": "ك", "contacts": "x@example.gov", "axis": "delivery"}
	reason := "سبب كافٍ لهذه الخطوة كلها"
	for _, c := range []struct {
		as, method, path string
		body, other      any
	}{
		{"own-reader", "PATCH", "/me", obj{"name": both("س")}, obj{"name": both("ص")}},
		{"secretariat", "POST", "/agencies", obj{"code": "NEW", "kind": "department", "tier": "local", "sector": "municipal", "name": both("ج"), "short": both("ج"), "hue": 7, "has_vote": true}, obj{"code": "NEW2"}},
		{"secretariat", "PATCH", "/agencies/" + o["agency/THIRD"], obj{"name": both("ج ٢")}, obj{"name": both("ج ٣")}},
		{"secretariat", "PUT", "/agency-words", obj{"axis": "area", "code": "rural", "name": both("ر")}, obj{"axis": "area"}},
		{"own-lead", "POST", "/guidelines", obj{"title": both("د"), "summary": "س", "template": "manual"}, obj{"title": both("ه")}},
		{"own-lead", "PATCH", "/guidelines/" + o["guideline/own-network"], obj{"summary": "م"}, obj{"summary": "ن"}},
		{"own-lead", "PUT", "/guidelines/" + o["guideline/own-shared"] + "/visibility", obj{"to": "network", "agencies": []string{}}, obj{"to": "agency", "agencies": []string{}}},
		{"own-lead", "POST", "/guidelines/" + o["guideline/own-public"] + "/editions", obj{}, nil},
		{"own-rep", "POST", "/drafts/" + draft + "/threads", obj{"version": version, "from": 0, "to": 5, "kind": "general", "body": "ن"}, obj{"body": "م"}},
		{"own-rep", "POST", "/threads/" + thread + "/comments", obj{"body": "رد"}, obj{"body": "رد آخر"}},
		{"own-lead", "POST", "/threads/" + thread + "/resolve", obj{"outcome": "noted", "note": "ن"}, obj{"outcome": "accepted"}},
		{"own-rep", "POST", "/drafts/" + draft + "/suggestions", obj{"key": "k", "version": version, "parts": []obj{{"from": 2, "to": 3, "insert": "z"}}}, obj{"key": "l"}},
		{"own-lead", "POST", "/suggestions/" + first + "/reject", obj{"reason": "لا"}, obj{"reason": "بلى"}},
		{"own-rep", "POST", "/suggestions/" + second + "/withdraw", obj{}, nil},
		{"own-lead", "POST", "/drafts/" + draft + "/revisions", obj{"version": version, "name": "اسم"}, obj{"name": "اسم آخر"}},
		{"own-lead", "PATCH", "/sections/" + o["section/own-network"], obj{"agency": o["agency/OWN"], "due_at": nil, "note": "ن"}, obj{"note": "م"}},
		{"own-lead", "POST", "/sections/" + o["section/own-network"] + "/done", obj{"done": true}, obj{"done": false}},
		{"own-lead", "POST", "/practices", card, obj{"title": both("ن")}},
		{"own-lead", "PATCH", "/practices/" + o["practice/nominated"], obj{"cost": "مئة"}, obj{"cost": "مئتان"}},
		{"secretariat", "PUT", "/practices/" + o["practice/nominated"] + "/partners", obj{"people": []string{o["person/partner"]}}, obj{"people": []string{}}},
		{"own-lead", "POST", "/ballots/" + o["ballot/voted"] + "/votes", obj{"choice": "for", "reason": "", "revision_hash": hash}, obj{"choice": "abstain", "reason": "", "revision_hash": hash}},
		{"secretariat", "POST", "/ballots/" + o["ballot/planned"] + "/cancel", obj{"reason": reason}, obj{"reason": reason + "."}},
		{"own-lead", "POST", "/discussions/" + o["discussion/tied"] + "/posts", obj{"body": "رأي"}, obj{"body": "رأي آخر"}},
		{"secretariat", "POST", "/discussions/" + o["discussion/tied"] + "/close", obj{"conclusion": "خلاصة"}, obj{"conclusion": "خلاصة أخرى"}},
		{"other-lead", "POST", "/flags", obj{"object": o["guideline/own-network"], "reason": "spam", "text": ""}, obj{"object": o["guideline/own-network"], "reason": "other", "text": "x"}},
		{"own-rep", "POST", "/terms", obj{"words": both("مصطلح جديد"), "definition": both("تعريف"), "discouraged": []obj{}}, obj{"words": both("آخر")}},
		{"secretariat", "POST", "/terms/" + o["term/proposed"] + "/state", obj{"version": term, "to": "approved"}, obj{"to": "rejected"}},
		{"secretariat", "POST", "/workspaces", obj{"name": both("م"), "agencies": []string{o["agency/OWN"], o["agency/OTHER"]}}, obj{"name": both("ن")}},
		{"secretariat", "PUT", "/people/" + o["person/third-rep"] + "/status", obj{"status": "suspended"}, obj{"status": "active"}},
		{"own-lead", "DELETE", "/invitations/" + o["invitation/own"], nil, nil},
		{"own-lead", "POST", "/editions/" + o["edition/own-network"] + "/events", obj{"event": "discard", "reason": reason}, obj{"event": "submit"}},
	} {
		name := c.method + " " + c.path
		send := func(body any) Answer {
			raw := ""
			if body != nil {
				b, err := json.Marshal(body)
				must(t, err)
				raw = string(b)
			}
			return w.send(request{as: c.as, method: c.method, path: c.path, body: raw, header: header("Idempotency-Key", "key of "+name)})
		}
		before := w.head()
		once := send(c.body)
		after := w.head()
		if once.Status != 200 && once.Status != 204 || after == before {
			t.Errorf("%s: %d %s; record %d to %d", name, once.Status, once.Body, before, after)
			continue
		}
		for range 3 {
			if again := send(c.body); again.Status != once.Status || again.Body != once.Body || w.head() != after {
				t.Errorf("%s again: %d %s; record %d\nwas %d %s; %d", name, again.Status, again.Body, w.head(), once.Status, once.Body, after)
			}
		}
		if c.other != nil {
			if other := send(c.other); other.Status != 409 || other.Code() != "request.key_reused" || w.head() != after {
				t.Errorf("%s with another body: %d %s", name, other.Status, other.Body)
			}
		}
	}
}

// An image is asked for like anything else.
func TestARepeatedUploadHappensOnce(t *testing.T) {
	w := NewWorld(t)
	upload := func(image string) Answer {
		return w.send(request{as: "own-lead", method: "POST", path: "/drafts/" + w.Objects["draft/own-network"] + "/images", body: image, header: header("Idempotency-Key", "k")})
	}
	before := w.head()
	once := upload(picture(1))
	after := w.head()
	if once.Status != 200 || after != before+1 {
		t.Fatalf("%d %s", once.Status, once.Body)
	}
	if again := upload(picture(1)); again.Body != once.Body || w.head() != after || again.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("again: %d %s, record %d to %d", again.Status, again.Body, after, w.head())
	}
	if other := upload(picture(2)); other.Status != 409 || other.Code() != "request.key_reused" {
		t.Errorf("another image under the key: %d %s", other.Status, other.Body)
	}
}
