package hubtest

import (
	"encoding/json"
	"strings"
	"testing"
)

// Who joins a joint workspace gains what its guidelines give, and loses it on
// leaving; both are said before.
func TestJoiningAWorkspaceGivesItsGuidelines(t *testing.T) {
	w := NewWorld(t)
	third, joint := w.Objects["agency/THIRD"], w.Objects["workspace/joint"]
	a := w.Call("own-lead", "POST", "/api/v1/guidelines", `{"title":{"ar":"دليل مشترك","en":"Shared"},"summary":"s","language":"ar","kind":"agency","workspace_id":"`+joint+`","template":"free","text":"# Title"}`)
	if a.Status != 200 {
		t.Fatal(a.Status, a.Body)
	}
	var made struct {
		ID        string
		Guideline struct{ ID string }
		DraftID   string              `json:"draft_id"`
		InWork    struct{ ID string } `json:"in_work"`
	}
	if err := json.Unmarshal([]byte(a.Body), &made); err != nil {
		t.Fatal(err)
	}
	guideline := made.Guideline.ID
	if guideline == "" {
		guideline = made.ID
	}
	type ability struct{ Abilities map[string]bool }
	writes := func(who string) (int, bool) {
		t.Helper()
		var v ability
		a := w.Call(who, "GET", "/api/v1/guidelines/"+guideline, "")
		_ = json.Unmarshal([]byte(a.Body), &v)
		return a.Status, v.Abilities["guideline.update"]
	}
	if status, _ := writes("third-lead"); status != 404 {
		t.Fatalf("before joining: %d", status)
	}
	preview := func(who, leave string) string {
		t.Helper()
		return w.Call(who, "GET", "/api/v1/workspaces/"+joint+"/sight?agency="+third+leave, "").Body
	}
	if s := preview("own-lead", ""); !strings.Contains(s, `"sight":true,"writing":true`) || !strings.Contains(s, guideline) {
		t.Errorf("what is gained: %s", s)
	}
	if s := preview("other-lead", ""); !strings.Contains(s, "policy.forbidden") {
		t.Errorf("a member that did not open it asks: %s", s)
	}
	path := "/api/v1/workspaces/" + joint + "/agencies"
	if a := w.Call("own-lead", "POST", path, `{"agency":"`+third+`"}`); a.Status != 200 {
		t.Fatal(a.Status, a.Body)
	}
	for _, who := range []string{"third-lead", "third-rep"} {
		if status, may := writes(who); status != 200 || !may {
			t.Errorf("%s after joining: %d, writes %v", who, status, may)
		}
	}
	if s := preview("third-lead", "&leave=true"); !strings.Contains(s, `"sight":true,"writing":true`) {
		t.Errorf("what is lost: %s", s)
	}
	for _, c := range []struct {
		who, agency, code string
	}{
		{"third-rep", third, "policy.forbidden"},
		{"other-lead", third, "policy.forbidden"},
		{"own-lead", w.Objects["agency/OWN"], "workspace.opener_stays"},
		{"third-lead", third, ""},
		{"own-lead", third, "workspace.not_member"},
		{"own-lead", w.Objects["agency/OTHER"], "workspace.too_few"},
	} {
		if a := w.Call(c.who, "DELETE", path+"/"+c.agency, ""); a.Code() != c.code {
			t.Errorf("%s removes: %d %s, want %q", c.who, a.Status, a.Body, c.code)
		}
	}
	if status, _ := writes("third-lead"); status != 404 {
		t.Errorf("after leaving: %d", status)
	}
	// Who leads a guideline there stays.
	w.Call("own-lead", "POST", path, `{"agency":"`+third+`"}`)
	if a := w.Call("third-lead", "POST", "/api/v1/guidelines", `{"title":{"ar":"دليلنا"},"summary":"s","language":"ar","kind":"agency","workspace_id":"`+joint+`","template":"free","text":"# T"}`); a.Status != 200 {
		t.Fatal(a.Status, a.Body)
	}
	if a := w.Call("third-lead", "DELETE", path+"/"+third, ""); a.Code() != "workspace.leads_guidelines" {
		t.Errorf("a leading agency leaves: %d %s", a.Status, a.Body)
	}
	if status, may := writes("third-lead"); status != 200 || !may {
		t.Errorf("and keeps what it had: %d %v", status, may)
	}
}
