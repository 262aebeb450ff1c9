package hubtest

import (
	"encoding/json"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/multaqa/multaqa/pkg/"

// level is the floor a package stands on; it imports lower floors only.
var level = map[string]int{
	"fault": 0, "id": 0, "failpoint": 0, "corpus": 0, "arabic": 0, "locale": 0, "changeset": 0, "textdiff": 0,
	"markdown": 1, "config": 1, "db": 1, "db/dbtest": 2, "bus": 1, "bus/bustest": 2, "policy": 1,
	"event":  2,
	"member": 3, "glossary": 4, "workspace": 4, "guideline": 5,
	"draft": 6, "draft/drafttest": 7, "practice": 6,
	"history": 8, "section": 7, "suggestion": 7, "comment": 8, "discussion": 7, "ballot": 8,
	"moderation": 9, "publish": 8, "media": 8,
	"desk": 10, "transfer": 9, "search": 9,
	"live": 11, "web": 11, "site": 11,
	"hub": 12, "demo": 13, "hubtest": 14,
}

// never lists imports that would break a promise whatever the floor.
var never = []struct{ from, to, reason string }{
	{"fault", "*", "everything names faults, so fault needs nothing"},
	{"policy", "db", "rules are pure functions of actor and facts"},
	{"changeset", "db", "the algebra of changes is pure"},
	{"guideline", "draft", "a guideline asks for a frozen text through an interface of its own (decision 6)"},
	{"comment", "live", "domains know no socket"},
	{"ballot", "web", "domains know no router"},
}

type listed struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "../...")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var all []listed
	for dec := json.NewDecoder(out); ; {
		var p listed
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestPackagesImportOnlyLowerFloors(t *testing.T) {
	for _, p := range packages(t) {
		from := strings.TrimPrefix(p.ImportPath, module)
		floor, known := level[from]
		if !known {
			t.Errorf("package %s has no floor; give it one here and in docs/architecture.md", from)
			continue
		}
		for _, imp := range p.Imports {
			to, ours := strings.CutPrefix(imp, module)
			if !ours {
				continue
			}
			// policy stands on fault; two packages of one floor do not know each other.
			if level[to] >= floor {
				t.Errorf("%s (floor %d) imports %s (floor %d): only lower floors", from, floor, to, level[to])
			}
			for _, n := range never {
				if n.from == from && (n.to == to || n.to == "*") {
					t.Errorf("%s imports %s: %s", from, to, n.reason)
				}
			}
		}
	}
}

func TestDomainsKnowNoEdge(t *testing.T) {
	edges := map[string]string{
		"github.com/gin-gonic/gin":     "only pkg/web speaks to the router",
		"github.com/gorilla/websocket": "only pkg/live speaks to sockets",
		"html/template":                "only pkg/publish and pkg/site render pages",
	}
	allowed := map[string]bool{"web": true, "live": true, "site": true, "publish": true, "hubtest": true}
	for _, p := range packages(t) {
		from := strings.TrimPrefix(p.ImportPath, module)
		for _, imp := range p.Imports {
			if reason, edge := edges[imp]; edge && !allowed[from] {
				t.Errorf("%s imports %s: %s", from, imp, reason)
			}
		}
	}
}
