package hubtest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/demo"
	"github.com/multaqa/multaqa/pkg/member"
)

// demoWorld is a hub with the demo network; its principals are the demo's accounts, by the name before the @.
func demoWorld(t *testing.T) *World {
	t.Helper()
	return fromSeed(t, "demo", func(w *World, ctx context.Context) {
		h, b := w.Hub, bus.NewMemory()
		defer b.Close()
		in, err := demo.Seed(ctx, demo.Services{DB: h.DB, Bus: b, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Members: h.Members, Workspaces: h.Workspaces, Glossary: h.Glossary,
			Sections: h.Sections, Guidelines: h.Guidelines, Comments: h.Comments, Suggests: h.Suggests, Practices: h.Practices, Ballots: h.Ballots, Moderation: h.Moderation}, func(int, int) {})
		w.ok(err)
		for _, a := range in.Accounts {
			name, _, _ := strings.Cut(a.Email, "@")
			o, err := h.Members.Open(ctx, member.SignIn{Email: a.Email, Password: in.Password, Source: "127.0.0.1"})
			w.ok(err)
			w.Principals[name] = o.Token
		}
	})
}

// answers holds what the hub says against what its description promises.
type answers struct {
	doc      map[string]any
	compiler *jsonschema.Compiler
}

const described = "urn:multaqa:openapi"

// newAnswers reads the description. Its objects are closed, so that a field that it does not know is found too.
func newAnswers(t *testing.T, w *World) *answers {
	t.Helper()
	a := w.Call("anonymous", "GET", "/api/v1/openapi.json", "")
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(a.Body))
	must(t, err)
	closeObjects(v)
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	must(t, c.AddResource(described, v))
	return &answers{v.(map[string]any), c}
}

func closeObjects(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			closeObjects(e)
		}
	case map[string]any:
		if _, is := v["properties"].(map[string]any); is && v["type"] == "object" && v["additionalProperties"] == nil {
			v["additionalProperties"] = false
		}
		for _, e := range v {
			closeObjects(e)
		}
	}
}

// check says in what an answer is not what its route's description promises.
func (d *answers) check(method, route string, a Answer) error {
	op, _ := at(d.doc, "paths", route, strings.ToLower(method)).(map[string]any)
	status := map[int]string{200: "200", 204: "204"}[a.Status]
	if status == "" {
		status = "default"
	}
	promise, ok := at(op, "responses", status).(map[string]any)
	if !ok {
		return errors.New("status not described")
	}
	media, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";")
	if promise["content"] == nil {
		if a.Body != "" {
			return errors.New("a body where none is described")
		}
		return nil
	}
	if at(promise, "content", media) == nil {
		return errors.New("a body of the kind " + media)
	}
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	schema, err := d.compiler.Compile(described + "#/paths/" + escape.Replace(route) + "/" + strings.ToLower(method) + "/responses/" + status + "/content/" + escape.Replace(media) + "/schema")
	if err != nil {
		return err
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(a.Body))
	if err != nil {
		return err
	}
	if err := schema.Validate(v); err != nil || status != "default" {
		return err
	}
	for _, word := range []string{"code", "title", "title_ar", "title_en", "request_id"} {
		if at(v, word) == "" {
			return errors.New("a problem without " + word)
		}
	}
	if code, _ := at(v, "code").(string); code == "request.internal" {
		return errors.New(code)
	}
	return nil
}

// Every answer of a reading route is what the description says, whoever asks for whatever there is to find: in the demo
// network, and in the small one, which has what a demo is better without.
func TestEveryAnswerIsAsDescribed(t *testing.T) {
	w, small := demoWorld(t), NewWorld(t)
	d := newAnswers(t, w)
	full := map[string]bool{} // routes that gave somebody an answer
	asked := 0
	for _, who := range []string{"hassan", "salma", "omar", "wael", "nadia", "yasmin", "abeer", "anonymous"} {
		asked += d.crawl(t, w, who, w.find(t, "hassan", "salma", who), full)
	}
	link := small.must(t, "own-lead", "POST", "/agencies/"+small.Objects["agency/OWN"]+"/invitations", obj{"email": "somebody@example.gov", "name": both("ن"), "kind": "reader"})["url"].(string)
	for _, who := range []string{"secretariat", "own-lead", "own-reader", "other-rep", "moderator", "partner", "anonymous"} {
		there := small.find(t, "secretariat", "own-lead", who)
		there["invitations"] = []string{link[strings.LastIndex(link, "/")+1:]}
		there["discussions"] = []string{small.Objects["discussion/tied"]}
		asked += d.crawl(t, small, who, there, full)
	}
	t.Logf("%d answers", asked)
	for route := range d.reads() {
		if !full[route] {
			t.Errorf("nobody got an answer from %s", route)
		}
	}
}

// reads are the routes that read, without the socket, which has a document and a test of its own.
func (d *answers) reads() map[string]any {
	out := map[string]any{}
	for route, item := range d.doc["paths"].(map[string]any) {
		if get := at(item, "get"); get != nil && route != "/api/v1/live" {
			out[route] = get
		}
	}
	return out
}

// find lists what some principals are shown, by the first part of its path.
func (w *World) find(t *testing.T, finders ...string) map[string][]string {
	t.Helper()
	there := map[string][]string{}
	found := func(kind string, id any) {
		if s, ok := id.(string); ok && s != "" && !slices.Contains(there[kind], s) {
			there[kind] = append(there[kind], s)
		}
	}
	for _, finder := range finders {
		for kind, list := range map[string]string{"agencies": "/agencies", "ballots": "/ballots?limit=100", "guidelines": "/guidelines?limit=100",
			"practices": "/practices?limit=100", "workspaces": "/workspaces"} {
			_, v := w.ask(t, finder, "GET", list, nil)
			items, _ := at(v, "items").([]any)
			for _, item := range items {
				found(kind, at(item, "id"))
				switch {
				case kind == "guidelines":
					found("editions", at(item, "in_work", "id"))
					found("editions", at(item, "current", "id"))
					found("drafts", at(item, "in_work", "draft_id"))
				case kind == "agencies" && len(there["seats"]) < 3:
					_, one := w.ask(t, finder, "GET", "/agencies/"+at(item, "id").(string), nil)
					seats, _ := at(one, "seats").([]any)
					for _, s := range seats {
						found("seats", at(s, "id"))
					}
				}
			}
		}
	}
	return there
}

// crawl asks as one principal for everything that is there, and for what is not; it says how often.
func (d *answers) crawl(t *testing.T, w *World, who string, there map[string][]string, full map[string]bool) (asked int) {
	t.Helper()
	ask := func(route, path string) {
		w.Hub.Web.Edge.ForgetCallers()
		a := w.Call(who, "GET", path, "")
		asked++
		if err := d.check("GET", route, a); err != nil {
			t.Errorf("%s: GET %s: %d: %v\n%.400s", who, path, a.Status, err, a.Body)
		}
		if a.Status == http.StatusOK {
			full[route] = true
		}
	}
	const each = 12 // of a kind: the demo has them in every state among the first
	for route := range d.reads() {
		kind, _, _ := strings.Cut(strings.TrimPrefix(route, "/api/v1/"), "/")
		if !strings.Contains(route, "{") {
			ask(route, route)
			continue
		}
		query := map[string]string{"/api/v1/drafts/{id}/history/diff": "?from=0&to=1", "/api/v1/drafts/{id}/threads": "?brief=1",
			"/api/v1/guidelines/{id}/visibility": "?to=network", "/api/v1/workspaces/{id}/sight": "?agency=" + there["agencies"][0]}[route]
		for _, id := range append(slices.Clone(there[kind][:min(each, len(there[kind]))]), "xx_00000000000000000000000000") {
			path := strings.Replace(route, "{id}", id, 1)
			ask(route, path)
			if query != "" {
				ask(route, path+query)
			}
		}
	}
	return asked
}

// What a route reads of the query string is described, and it reads nothing else.
func TestAParameterThatIsNotDescribedDoesNothing(t *testing.T) {
	w := NewWorld(t)
	d := newAnswers(t, w)
	n := 0
	for route, get := range d.reads() {
		params, _ := at(get, "parameters").([]any)
		for _, p := range params {
			if at(p, "in") == "query" {
				if n++; at(p, "description") == "" || at(p, "schema", "type") == nil {
					t.Errorf("%s: %v says too little", route, p)
				}
			}
		}
	}
	if n < 40 {
		t.Errorf("only %d parameters", n)
	}
	all := len(at(w.must(t, "own-lead", "GET", "/guidelines", nil), "items").([]any))
	few := len(at(w.must(t, "own-lead", "GET", "/guidelines?q=network", nil), "items").([]any))
	same := len(at(w.must(t, "own-lead", "GET", "/guidelines?stage=none", nil), "items").([]any))
	if few >= all || same != all {
		t.Errorf("%d of all, %d by words, %d by what is no parameter of it", all, few, same)
	}
}

// Where a list or a page of guidelines names a living text, whoever is shown it may read that text, and where somebody
// may read it, it is named: for members as for the partner and the expert who were invited to it.
func TestADraftIsNamedToWhoeverMayReadIt(t *testing.T) {
	w := demoWorld(t)
	made := w.must(t, "salma", "POST", "/guidelines", obj{"title": both("تدقيق"), "summary": "", "language": "ar", "kind": "agency", "template": "free", "text": "## الغاية والنطاق\n\nنص.\n\n## الأحكام\n\nنص.\n", "visibility": "network"})
	wael := at(w.must(t, "wael", "GET", "/session", nil), "person", "id")
	for _, s := range []struct {
		who  string
		body obj
	}{{"salma", obj{"event": "submit"}}, {"omar", obj{"event": "approve"}}, {"hassan", obj{"event": "send_fact_check", "experts": []any{wael}}}} {
		w.must(t, s.who, "POST", "/editions/"+made["id"].(string)+"/events", s.body)
	}
	named := map[string]int{}
	for _, who := range []string{"hassan", "salma", "wael", "nadia", "yasmin"} {
		items, _ := at(w.must(t, who, "GET", "/guidelines?limit=100", nil), "items").([]any)
		for _, g := range items {
			page := w.must(t, who, "GET", "/guidelines/"+at(g, "id").(string), nil)
			refs := append([]any{at(g, "in_work"), at(g, "current")}, at(page, "editions").([]any)...)
			for _, ref := range refs {
				if ref == nil {
					continue
				}
				draft, _ := at(ref, "draft_id").(string)
				e := w.must(t, who, "GET", "/editions/"+at(ref, "id").(string), nil)
				if draft != at(e, "draft_id") {
					t.Errorf("%s: %s lists the draft %q of an edition that says %q", who, at(g, "title", "en"), draft, at(e, "draft_id"))
				}
				if draft != "" {
					named[who]++
					if a, _ := w.ask(t, who, "GET", "/drafts/"+draft, nil); a.Status != 200 {
						t.Errorf("%s is named a draft: %d %s", who, a.Status, a.Body)
					}
				}
			}
		}
	}
	if named["nadia"] == 0 || named["wael"] == 0 || named["yasmin"] > 0 || named["salma"] < 20 {
		t.Errorf("%v", named)
	}
}
