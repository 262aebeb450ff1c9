package hubtest

import (
	"fmt"
	"strings"
	"testing"
)

// TestInsideAnAgency: what an agency says inside moves no number, gate or desk of anybody else, and nobody else can be named in it.
func TestInsideAnAgency(t *testing.T) {
	w := NewWorld(t)
	draft, guideline := "/api/v1/drafts/"+w.Objects["draft/own-network"], "/api/v1/guidelines/"+w.Objects["guideline/own-network"]
	everywhere := []string{"/api/v1/guidelines", guideline, "/api/v1/editions/" + w.Objects["edition/own-network"], draft + "/threads", "/api/v1/desk"}
	look := func() map[string]string {
		out := map[string]string{}
		for _, p := range append([]string{"own-rep"}, outsiders...) {
			for _, path := range everywhere {
				a := w.Call(p, "GET", path, "")
				out[p+" "+path] = fmt.Sprint(a.Status, strings.Count(a.Body, "th_"), threadCounts(a.Body))
				if p != "own-rep" && strings.Contains(a.Body, w.Canary) {
					t.Errorf("%s reads it in %s", p, path)
				}
			}
		}
		return out
	}
	before := look()
	version := "0"
	say := func(who, mention string) Answer {
		return w.Call(who, "POST", draft+"/threads", `{"version":`+version+`,"from":2,"to":7,"kind":"general","body":"`+w.Canary+`","audience":"agency","mentions":["`+mention+`"]}`)
	}
	if a := say("own-lead", w.Objects["person/own-rep"]); a.Status != 200 && a.Status != 201 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if a := say("own-lead", w.Objects["person/other-rep"]); a.Status != 422 && a.Status != 400 || !strings.Contains(a.Body, "comment.mention_outside") {
		t.Errorf("another agency was named: %d %s", a.Status, a.Body)
	}
	after := look()
	for k, v := range before {
		if !strings.HasPrefix(k, "own-rep ") && after[k] != v {
			t.Errorf("%s moved from %s to %s", k, v, after[k])
		}
	}
	if k := "own-rep " + draft + "/threads"; before[k] == after[k] {
		t.Error("a colleague does not see it; the test looks at nothing")
	}
}

// threadCounts are the numbers that an answer gives about threads.
func threadCounts(body string) []string {
	var out []string
	for _, key := range []string{`"threads_open":`, `"blocking_threads"`} {
		for rest := body; ; {
			_, after, ok := strings.Cut(rest, key)
			if !ok {
				break
			}
			out = append(out, key+after[:min(len(after), 12)])
			rest = after
		}
	}
	return out
}
