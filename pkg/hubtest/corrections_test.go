package hubtest

import (
	"strings"
	"testing"
	"time"
)

// TestAnApprovedText: a correction of spelling that a reviewer marks leaves the approval standing, any other change takes the text back to
// its writers first (rules D3).
func TestAnApprovedText(t *testing.T) {
	w := NewWorld(t)
	ed, draft := "/editions/"+w.Objects["edition/own-network"], "/drafts/"+w.Objects["draft/own-network"]
	step := func(who, event string, more obj) obj {
		t.Helper()
		body := obj{"event": event}
		for k, v := range more {
			body[k] = v
		}
		return w.must(t, who, "POST", ed+"/events", body)
	}
	step("own-lead", "submit", nil)
	step("other-lead", "approve", nil)
	suggest := func(who string, from, to int, insert string) string {
		t.Helper()
		version := w.must(t, who, "GET", draft+"/suggestions", nil)["version"]
		return w.must(t, who, "POST", draft+"/suggestions", obj{"version": version, "parts": []obj{{"from": from, "to": to, "insert": insert}}})["id"].(string)
	}
	call := func(who, id string) Answer { return w.Call(who, "POST", "/api/v1/suggestions/"+id+"/correct", "{}") }
	typo := suggest("own-rep", 2, 7, "Titel")
	for _, who := range []string{"own-lead", "own-rep", "third-rep", "own-reader", "expert"} {
		if a := call(who, typo); who != "third-rep" && a.Status != 403 && a.Status != 404 {
			t.Errorf("%s: %d %s", who, a.Status, a.Body)
		}
	}
	mine := suggest("other-rep", 2, 7, "Titl")
	if a := call("other-rep", mine); a.Status != 403 {
		t.Errorf("one's own suggestion: %d %s", a.Status, a.Body)
	}
	other := suggest("own-rep", 2, 2, "New ")
	if a := call("other-lead", other); a.Status != 400 || a.Code() != "suggestion.not_spelling" {
		t.Errorf("a new word as spelling: %d %s", a.Status, a.Body)
	}
	// third-rep may have been the first to mark it: whoever it is, it happens once.
	if a := call("other-lead", typo); a.Status != 200 && a.Code() != "suggestion.closed" {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	e := w.must(t, "own-lead", "GET", ed, nil)
	if e["state"] != "ready" {
		t.Fatal(e["state"])
	}
	history := e["history"].([]any)
	if last := history[len(history)-1].(obj); last["event"] != "correct" || last["to"] != "ready" {
		t.Errorf("%v", last)
	}
	if a := w.Call("own-lead", "GET", "/api/v1"+ed+"/reading", ""); !strings.Contains(a.Body, "Titel") {
		t.Error("the correction is not in the text")
	}
	// Anything else takes the text back.
	if a := w.Call("other-lead", "POST", "/api/v1"+ed+"/events", `{"event":"amend","reason":"x"}`); a.Status != 403 {
		t.Errorf("another agency takes it back: %d", a.Status)
	}
	if a := w.Call("own-rep", "POST", "/api/v1"+ed+"/events", `{"event":"amend"}`); a.Status != 400 {
		t.Errorf("without a reason: %d", a.Status)
	}
	back := step("own-rep", "amend", obj{"reason": "يُضاف قسم"})
	if back["state"] != "amends_needed" || back["approved_by"] != nil {
		t.Errorf("%v %v", back["state"], back["approved_by"])
	}
	if a := w.Call("secretariat", "POST", "/api/v1"+ed+"/events", `{"event":"publish"}`); a.Status != 409 {
		t.Errorf("published without approval: %d", a.Status)
	}
	step("own-lead", "submit", nil)
	step("other-lead", "approve", nil)
	if a := call("other-lead", suggest("own-lead", 2, 7, "Title")); a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	done := step("secretariat", "publish", obj{"review_by": time.Now().AddDate(1, 0, 0).UTC().Format(time.RFC3339)})
	if done["state"] != "published" {
		t.Errorf("the approval did not stand: %v", done["state"])
	}
}
