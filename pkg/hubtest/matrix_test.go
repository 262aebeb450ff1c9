package hubtest

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
)

var update = flag.Bool("update", false, "write golden files and generated pages anew")

// kinds says which objects stand for the parameter of a route.
var kinds = map[string]string{
	"agencies":    "agency/",
	"ballots":     "ballot/",
	"discussions": "discussion/",
	"drafts":      "draft/",
	"editions":    "edition/",
	"guidelines":  "guideline/",
	"invitations": "invitation/",
	"moderation":  "case/",
	"people":      "person/",
	"persons":     "person/",
	"practices":   "practice/",
	"revisions":   "revision/",
	"seats":       "seat/",
	"sections":    "section/",
	"sessions":    "session/",
	"suggestions": "suggestion/",
	"terms":       "term/",
	"threads":     "thread/",
	"workspaces":  "workspace/",
}

// order is from the weakest to the strongest, so that in a world of its own a
// route changes something as late as it can.
var order = []string{"anonymous", "revoked", "lapsed", "suspended", "unseated", "demoted", "fourth-lead", "expert", "partner", "own-reader", "third-rep", "third-lead", "other-rep", "other-lead", "moderator", "own-rep", "own-lead", "secretariat2", "secretariat"}

// outsiders may never see what OWN keeps to itself.
var outsiders = []string{"lapsed", "unseated", "demoted", "fourth-lead", "anonymous", "revoked", "suspended", "expert", "partner", "own-reader", "third-rep", "third-lead", "other-rep", "other-lead", "moderator", "secretariat", "secretariat2"}

// bodies are what mutations are sent where an empty object would be refused
// before it is decided who asks.
var bodies = map[string]string{
	"POST /editions/:id/events":      `{"event":"submit"}`,
	"PUT /guidelines/:id/visibility": `{"to":"network"}`,
	"POST /guidelines/:id/editions":  `{}`,
}

func (w *World) objectsFor(path string) []string {
	if !strings.Contains(path, ":") {
		return []string{""}
	}
	prefix, ok := kinds[strings.SplitN(strings.TrimPrefix(path, "/"), "/", 2)[0]]
	if !ok {
		w.T.Errorf("the matrix knows no objects for %s: add its kind", path)
		return nil
	}
	out := []string{prefix + "absent"}
	for name := range w.Objects {
		if strings.HasPrefix(name, prefix) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

var param = regexp.MustCompile(`:[a-z_]+`)

// outcome is the class of an answer: who may not is told apart from what was
// not right about the request.
func outcome(a Answer) string {
	switch {
	case a.Status == 401 || a.Status == 403 || a.Status == 404:
		return fmt.Sprint(a.Status)
	case a.Status >= 500 || a.Status == 429: // who asked too often was not told what they may
		return "BROKEN"
	default:
		return "reached"
	}
}

func (w *World) head() int64 {
	var seq int64
	ctx := context.Background()
	w.ok(w.Hub.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		seq, _, err = event.Head(ctx, tx)
		return err
	}))
	return seq
}

var requestID = regexp.MustCompile(`"request_id":"[^"]*"`)

// Every route, as every principal, on every object in every state: a real
// request each. The golden file is the permission matrix; a change of it is
// read as a change of rights.
func TestMatrix(t *testing.T) {
	reading := newWorldOfStates(t)
	cells, leaks, routes := 0, 0, 0
	var lines []string
	for _, r := range reading.Hub.Web.Router.Routes() {
		routes++
		w := reading
		if r.Method != "GET" {
			w = newWorldOfStates(t)
		}
		for _, object := range w.objectsFor(r.Path) {
			id := w.Objects[object]
			if id == "" {
				id = "xx_00000000000000000000000000"
			}
			row := []string{}
			w.Hub.Web.Edge.ForgetCallers()
			for _, p := range order {
				if r.Path == "/session" && r.Method == "POST" && p != "anonymous" {
					continue
				}
				body := ""
				if r.Method != "GET" && r.Method != "DELETE" {
					body = bodies[r.Method+" "+r.Path]
					if body == "" {
						body = "{}"
					}
				}
				before := w.head()
				a := w.Call(p, r.Method, "/api/v1"+param.ReplaceAllString(r.Path, id), body)
				cells++
				o := outcome(a)
				row = append(row, p+"="+o)
				name := fmt.Sprintf("%s %s on %q as %s", r.Method, r.Path, object, p)
				if o == "BROKEN" {
					t.Errorf("%s: %d %s", name, a.Status, a.Body)
				}
				if vice := a.problem(); vice != "" && r.Path != "/live" { // the socket's handshake fails as HTTP says
					t.Errorf("%s: %d %s: %s", name, a.Status, vice, a.Body)
				}
				if secret := w.leaked(p, a.Body); secret != "" {
					leaks++
					t.Errorf("%s leaks %s", name, secret)
				}
				if (o == "401" || o == "403" || o == "404") && w.head() != before {
					leaks++
					t.Errorf("%s was denied and changed something", name)
				}
				if o == "404" && strings.Contains(object, "own-private") {
					absent := w.Call(p, r.Method, "/api/v1"+param.ReplaceAllString(r.Path, "xx_00000000000000000000000000"), body)
					if requestID.ReplaceAllString(absent.Body, "") != requestID.ReplaceAllString(a.Body, "") {
						leaks++
						t.Errorf("%s differs from an absent one:\n%s\n%s", name, a.Body, absent.Body)
					}
				}
			}
			lines = append(lines, fmt.Sprintf("%s %s %s: %s", r.Method, r.Path, object, group(row)))
		}
	}
	// The pages for readers take the same walk.
	for _, path := range []string{"/published", "/published?q=" + reading.Canary, "/guides/" + reading.Objects["guideline/own-private"], "/guides/" + reading.Objects["guideline/own-private"] + "/e/1.0",
		"/guides/" + reading.Objects["guideline/own-private-published"] + "/e/1.0", "/guides/" + reading.Objects["guideline/own-private-withdrawn"] + "/e/1.0", "/guides/" + reading.Objects["guideline/own-unpublished"] + "/e/1.0",
		"/guides/" + reading.Objects["guideline/own-public"] + "/e/1.0"} {
		reading.Hub.Web.Edge.ForgetCallers()
		for _, p := range outsiders {
			a := reading.Call(p, "GET", path, "")
			cells++
			if strings.Contains(path, reading.Objects["guideline/own-unpublished"]) {
				// What was public and was taken back: its name and the reason stand there, nothing of its text.
				if a.Status != 410 || strings.Contains(a.Body, "summary") || strings.Contains(a.Body, "الأحكام") {
					leaks++
					t.Errorf("%s as %s: %d %s", path, p, a.Status, a.Body)
				}
				continue
			}
			if secret := reading.leaked(p, a.Body); secret != "" && !strings.Contains(path, "q=") {
				leaks++
				t.Errorf("%s as %s leaks %s", path, p, secret)
			}
		}
	}
	t.Logf("%d routes, %d principals, %d cells, %d leaks", routes, len(order), cells, leaks)
	golden(t, "testdata/matrix.golden", strings.Join(lines, "\n")+"\n")
}

// leaked is what the answer tells somebody who must not know it, or "".
func (w *World) leaked(who, body string) string {
	if !slices.Contains(outsiders, who) {
		return ""
	}
	switch {
	case strings.Contains(body, w.Canary):
		return "what OWN keeps to itself"
	case strings.Contains(body, readable) && who != "own-reader":
		return "what is published within OWN"
	case strings.Contains(body, takenBack) && !strings.HasPrefix(who, "secretariat"):
		return "what was taken back"
	}
	return ""
}

// problem says what an error's answer lacks of a problem document with a known
// code and its words in both languages (RFC 9457), or "".
func (a Answer) problem() string {
	if a.Status < 400 {
		return ""
	}
	var p struct {
		Title     string
		TitleAr   string `json:"title_ar"`
		TitleEn   string `json:"title_en"`
		Status    int
		Code      string
		RequestID string `json:"request_id"`
	}
	if err := json.Unmarshal([]byte(a.Body), &p); err != nil || a.Header.Get("Content-Type") != "application/problem+json; charset=utf-8" {
		return "no problem document"
	}
	said, ok := locale.Fault(p.Code)
	switch {
	case !ok:
		return "a code without words"
	case p.TitleAr != said.Ar || p.TitleEn != said.En || p.Title != said.Ar && p.Title != said.En || said.Ar == "" || said.En == "":
		return "not its words"
	case p.Status != a.Status || p.RequestID == "":
		return "no status or request"
	}
	return ""
}

// group writes "reached: a b; 404: c d" with the outcomes in order.
func group(row []string) string {
	by := map[string][]string{}
	for _, cell := range row {
		who, what, _ := strings.Cut(cell, "=")
		by[what] = append(by[what], who)
	}
	var parts []string
	for _, what := range slices.Sorted(maps.Keys(by)) {
		if len(by[what]) == len(row) {
			return what + ": everybody"
		}
		parts = append(parts, what+": "+strings.Join(by[what], " "))
	}
	return strings.Join(parts, "; ")
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		w(t, os.MkdirAll("testdata", 0o755))
		w(t, os.WriteFile(path, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is stale; look at the difference and run `make docs`\n%s", path, firstDifference(string(want), got))
	}
}

func w(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func firstDifference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d\nwant %s\n got %s", i+1, a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(b), len(a))
}

func TestPublishedPagesAnswerWithTheirStatus(t *testing.T) {
	w := NewWorld(t)
	page := w.Call("anonymous", "GET", "/published", "")
	if page.Status != 200 {
		t.Errorf("the library answers %d", page.Status)
	}
	css := regexp.MustCompile(`/site/[0-9a-f]+\.css`).FindString(page.Body)
	if a := w.Call("anonymous", "GET", css, ""); css == "" || a.Status != 200 || !strings.Contains(a.Header.Get("Content-Type"), "text/css") {
		t.Errorf("style sheet %q: %d %s", css, a.Status, a.Header.Get("Content-Type"))
	}
	guide := "/guides/" + w.Objects["guideline/own-public"]
	if a := w.Call("anonymous", "GET", guide, ""); a.Status != 302 || a.Header.Get("Location") != guide+"/e/1.0" {
		t.Errorf("the guideline's address: %d %s", a.Status, a.Header.Get("Location"))
	}
	a := w.Call("anonymous", "GET", guide+"/e/1.0", "")
	if a.Status != 200 || !strings.Contains(a.Body, `class="frame"`) || strings.Contains(a.Body, "<script") || strings.Contains(a.Body, "style=") {
		t.Errorf("the guide: %d\n%s", a.Status, a.Body)
	}
	if a := w.Call("anonymous", "GET", guide+"/e/9.9", ""); a.Status != 404 {
		t.Errorf("an edition that is not there: %d", a.Status)
	}
}

// docs/permissions.md is printed from the policy table.
func TestGeneratedPermissions(t *testing.T) {
	routes := map[policy.Action][]string{}
	for _, r := range NewWorld(t).Hub.Web.Router.Routes() {
		routes[r.Action] = append(routes[r.Action], "`"+r.Method+" "+r.Path+"`")
	}
	var b strings.Builder
	b.WriteString("# Who may do what\n\nPrinted from the policy table by `make docs`. Whoever may not see an object is told that it does not exist.\n\n| action | who | rule | routes |\n|---|---|---|---|\n")
	for _, r := range policy.Table() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", r.Action, r.Who, r.Says, strings.Join(routes[r.Action], " "))
	}
	golden(t, "../../docs/permissions.md", b.String())
}

func TestEveryTopicOfTheSocketHasAPolicy(t *testing.T) {
	world := NewWorld(t)
	topics := world.Hub.Live.Topics()
	if len(topics) == 0 {
		t.Fatal("no topics")
	}
	for _, topic := range topics {
		if !policy.Known(topic.Action) {
			t.Errorf("topic %s has no policy", topic.Pattern)
		}
	}
}
