package hubtest

import (
	"strings"
	"testing"
)

// TestASuggestionIsFlaggedHiddenAndRestored: what is hidden is there for its author and the moderators alone, and nobody can accept it.
func TestASuggestionIsFlaggedHiddenAndRestored(t *testing.T) {
	w := NewWorld(t)
	const said = "رقم هوية المراجع ٧٨٤"
	drafts := "/drafts/" + w.Objects["draft/own-network"]
	version := w.must(t, "other-rep", "GET", drafts+"/suggestions", nil)["version"]
	id := w.must(t, "other-rep", "POST", drafts+"/suggestions", obj{"version": version, "parts": []obj{{"from": 2, "to": 7, "insert": said}}, "note": "سبب"})["id"].(string)
	sees := func(who string) bool {
		return strings.Contains(w.Call(who, "GET", "/api/v1"+drafts+"/suggestions", "").Body, said)
	}
	if a := w.Call("own-reader", "POST", "/api/v1/flags", `{"object":"`+id+`","reason":"spam"}`); a.Status != 404 {
		t.Errorf("who does not read the draft flags what stands beside it: %d", a.Status)
	}
	if !sees("own-lead") {
		t.Fatal("nobody sees it; the test looks at nothing")
	}
	w.must(t, "own-rep", "POST", "/flags", obj{"object": id, "reason": "personal_data"})
	for _, who := range []string{"own-lead", "own-rep", "third-rep", "secretariat"} {
		if sees(who) {
			t.Errorf("%s still reads it", who)
		}
	}
	if !sees("other-rep") {
		t.Error("its author lost sight of it")
	}
	for _, act := range []string{"accept", "reject", "correct"} {
		if a := w.Call("own-lead", "POST", "/api/v1/suggestions/"+id+"/"+act, `{"reason":"لا"}`); act != "reject" && a.Status != 404 && a.Status != 400 || a.Status < 400 {
			t.Errorf("%s of what is hidden: %d %s", act, a.Status, a.Body)
		}
	}
	var found obj
	for _, it := range w.must(t, "moderator", "GET", "/moderation/queue", nil)["items"].([]any) {
		if it := it.(obj); it["object"] == id {
			found = it
		}
	}
	if found == nil || found["kind"] != "sg" || !strings.Contains(found["text"].(string), said) || found["hidden"] != true {
		t.Fatalf("the case: %v", found)
	}
	w.must(t, "moderator", "POST", "/moderation/"+found["id"].(string)+"/decide", obj{"action": "restore", "reason": "رقم وهمي", "version": found["version"]})
	if !sees("own-lead") {
		t.Error("not restored")
	}
	if log := w.Call("moderator", "GET", "/api/v1/moderation/log", "").Body; !strings.Contains(log, id) || !strings.Contains(log, "restore") {
		t.Error("the log does not say so")
	}
	w.must(t, "own-lead", "POST", "/suggestions/"+id+"/accept", nil)
}
