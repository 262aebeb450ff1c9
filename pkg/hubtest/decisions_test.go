package hubtest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/discussion"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/practice"
)

// The reasons, notes and answers that go with decisions are kept or refused by
// the name of their field, like all words.
func TestReasonsAndAnswersAreKeptOrRefusedByTheNameOfTheirField(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *World) {
		drafts := "/drafts/" + w.Objects["draft/own-network"]
		version := at(w.must(t, "own-lead", "GET", drafts, nil), "version")
		sendTo := func(who, method, path string, body func(s string) obj) func(*testing.T, string) (Answer, map[string]any) {
			return func(t *testing.T, s string) (Answer, map[string]any) { return w.ask(t, who, method, path, body(s)) }
		}
		var strs []string
		for i, s := range naughty(t) {
			// Every thirtieth, and all of those that the corpus lacks: the rules of words are the same code as elsewhere.
			if i%30 == 0 || i > 280 {
				strs = append(strs, s)
			}
		}
		for _, p := range decisionPlaces(t, w, drafts, version, sendTo) {
			t.Run(p.name, func(t *testing.T) {
				kept := 0
				for _, s := range strs {
					a, out := p.send(t, s)
					switch {
					case (a.Status == 400 || a.Status == 409) && at(out, "fields", p.field) != nil:
					case a.Status != 200:
						t.Errorf("%.60q: %d %.300s", s, a.Status, a.Body)
					default:
						kept++
						for _, got := range p.read(t, out) {
							if got != p.kept(s) {
								t.Errorf("%.60q came back as %.80q", s, fmt.Sprint(got))
							}
						}
					}
				}
				if t.Logf("%d of %d kept", kept, len(strs)); kept == 0 {
					t.Error("none was kept")
				}
			})
		}
	})
}

// decisionPlaces are the reasons and notes that people give with a decision,
// and what they answer when they are asked.
func decisionPlaces(t *testing.T, w *World, drafts string, version any, sendTo sender) []place {
	t.Helper()
	ctx := t.Context()
	tidy := func(s string) string { return trimmed(lineFeeds(s)) }
	inList := func(t *testing.T, path string, id any) any {
		t.Helper()
		for _, it := range at(w.must(t, "own-lead", "GET", path, nil), "items").([]any) {
			if at(it, "id") == id {
				return it
			}
		}
		t.Fatalf("%s: no %v", path, id)
		return nil
	}
	suggested := func(t *testing.T) string {
		return w.must(t, "own-rep", "POST", drafts+"/suggestions", obj{"key": "", "version": version, "parts": []obj{{"from": 0, "to": 5, "insert": "x"}}})["id"].(string)
	}
	began := func(t *testing.T) string {
		return w.must(t, "own-lead", "POST", drafts+"/threads", obj{"version": version, "from": 0, "to": 5, "kind": "general", "body": "a body"})["id"].(string)
	}
	// A text that is out for answers, and one that a reviewer sends back again and again.
	asked := w.guideline(ctx, "asked", "own-lead", policy.ToNetwork, "")
	review := w.guideline(ctx, "reviewed", "own-lead", policy.ToNetwork, "")
	do := func(who, edition string, step guideline.Step, req guideline.Request) {
		t.Helper()
		_, err := w.Hub.Guidelines.Do(ctx, w.Actors[who], edition, step, req)
		must(t, err)
	}
	do("own-rep", asked.Edition.ID, guideline.Submit, guideline.Request{})
	do("third-lead", asked.Edition.ID, guideline.Approve, guideline.Request{})
	do("secretariat", asked.Edition.ID, guideline.SendFactCheck, guideline.Request{Experts: []string{w.Objects["person/expert"]}})
	answers := "/drafts/" + asked.Edition.Draft
	step := func(who, event string) func(*testing.T, string) (Answer, map[string]any) {
		return func(t *testing.T, s string) (Answer, map[string]any) {
			if at(w.must(t, "own-lead", "GET", "/editions/"+review.Edition.ID, nil), "state") != "in_review" {
				w.must(t, "own-rep", "POST", "/editions/"+review.Edition.ID+"/events", obj{"event": "submit"})
			}
			return w.ask(t, who, "POST", "/editions/"+review.Edition.ID+"/events", obj{"event": event, "reason": s})
		}
	}
	// A practice on which ballots are prepared and cancelled.
	card := practice.Card{Title: words("practice"), Problem: "مشكلة", Context: "سياق", Evidence: []practice.Evidence{{Text: "دليل", Date: "2026-10-01", Source: "تقرير"}}, Cost: "لا كلفة", Contacts: "x@example.gov", Axis: "delivery"}
	pr, err := w.Hub.Practices.Nominate(ctx, w.Actors["own-lead"], card)
	must(t, err)
	_, err = w.Hub.Practices.Move(ctx, w.Actors["secretariat"], pr.ID, practice.Screened, "سبب كافٍ", "")
	must(t, err)
	closes := "2027-01-01T00:00:00Z"
	prepare := func(t *testing.T, question obj) (Answer, map[string]any) {
		return w.ask(t, "secretariat", "POST", "/practices/"+pr.ID+"/ballots", obj{"question": question, "closes_at": closes})
	}
	cancel := func(t *testing.T, id any, reason string) (Answer, map[string]any) {
		return w.ask(t, "secretariat", "POST", fmt.Sprintf("/ballots/%v/cancel", id), obj{"reason": reason})
	}
	const enough = "سبب كافٍ لإلغاء هذا التصويت"
	ties := 0
	return []place{
		{name: "reason of a rejected suggestion", field: "reason", kept: tidy, send: func(t *testing.T, s string) (Answer, map[string]any) {
			return w.ask(t, "own-lead", "POST", "/suggestions/"+suggested(t)+"/reject", obj{"reason": s})
		}, read: func(t *testing.T, a map[string]any) []any {
			return []any{at(inList(t, drafts+"/suggestions", a["id"]), "reason")}
		}},
		{name: "note of a resolved thread", field: "note", kept: lineFeeds, send: func(t *testing.T, s string) (Answer, map[string]any) {
			return w.ask(t, "own-lead", "POST", "/threads/"+began(t)+"/resolve", obj{"outcome": "noted", "note": s})
		}, read: func(t *testing.T, a map[string]any) []any {
			return []any{at(inList(t, drafts+"/threads", a["id"]), "outcome_note")}
		}},
		{name: "note of a section", field: "note", kept: tidy, send: sendTo("own-lead", "PATCH", "/sections/"+w.Objects["section/own-network"], func(s string) obj {
			return obj{"agency": w.Objects["agency/OWN"], "due_at": nil, "note": s}
		}), read: func(t *testing.T, a map[string]any) []any {
			return []any{at(inList(t, drafts+"/sections", a["id"]), "note")}
		}},
		{name: "answer to a fact check", field: "body", kept: lineFeeds, send: sendTo("expert", "POST", answers+"/threads", func(s string) obj {
			return obj{"version": 0, "from": 0, "to": 5, "kind": "technical", "body": s}
		}), read: func(t *testing.T, a map[string]any) []any {
			return []any{at(inList(t, answers+"/threads", a["id"]), "comments", 0, "body")}
		}},
		{name: "reason of a reviewer", field: "reason", kept: trimmed, send: step("third-lead", "request_amendments"), read: func(t *testing.T, a map[string]any) []any {
			return []any{at(w.must(t, "own-lead", "GET", "/editions/"+review.Edition.ID, nil), "history", -1, "reason")}
		}},
		{name: "question of a ballot", field: "question", kept: asSent, send: func(t *testing.T, s string) (Answer, map[string]any) { return prepare(t, both(s)) },
			read: func(t *testing.T, a map[string]any) []any {
				again := w.must(t, "secretariat", "GET", fmt.Sprintf("/ballots/%v", a["id"]), nil)
				if c, _ := cancel(t, a["id"], enough); c.Status != 200 {
					t.Fatalf("%d %s", c.Status, c.Body)
				}
				return []any{at(again, "question", "ar"), at(again, "question", "en")}
			}},
		{name: "reason of a cancelled ballot", field: "reason", kept: trimmed, send: func(t *testing.T, s string) (Answer, map[string]any) {
			_, b := prepare(t, both("question"))
			a, out := cancel(t, b["id"], s)
			if a.Status != 200 {
				cancel(t, b["id"], enough)
			}
			return a, out
		}, read: func(t *testing.T, a map[string]any) []any {
			return []any{at(w.must(t, "own-lead", "GET", fmt.Sprintf("/ballots/%v", a["id"]), nil), "history", -1, "reason")}
		}},
		{name: "conclusion of a discussion", field: "conclusion", kept: func(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }, send: func(t *testing.T, s string) (Answer, map[string]any) {
			ties++
			var id string
			must(t, w.Hub.DB.Transact(t.Context(), func(tx *db.Tx) (err error) {
				id, err = discussion.Open(t.Context(), tx, "practice", pr.ID, discussion.Tie, fmt.Sprintf("bl_%d", ties))
				return err
			}))
			return w.ask(t, "secretariat", "POST", "/discussions/"+id+"/close", obj{"conclusion": s})
		}, read: func(t *testing.T, a map[string]any) []any {
			return []any{at(w.must(t, "own-lead", "GET", fmt.Sprintf("/discussions/%v", a["id"]), nil), "conclusion")}
		}},
	}
}

// A zero where an id belongs is refused on both engines, and breaks nothing.
func TestAZeroInsideAnIDIsRefused(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *World) {
		o := w.Objects
		for _, c := range []struct{ as, method, path, body string }{
			{"own-lead", "PUT", "/guidelines/" + o["guideline/own-network"] + "/visibility", `{"to":"agencies","agencies":["a\u0000"]}`},
			{"own-lead", "POST", "/guidelines", `{"title":{"ar":"د","en":"d"},"summary":"","workspace_id":"a\u0000"}`},
			{"own-lead", "POST", "/guidelines", `{"title":{"ar":"د","en":"d"},"summary":"","tags":["a\u0000"]}`},
			{"secretariat", "POST", "/workspaces", `{"name":{"ar":"م","en":"w"},"agencies":["a\u0000"]}`},
			{"own-lead", "POST", "/drafts/" + o["draft/own-network"] + "/threads", `{"version":0,"from":0,"to":3,"kind":"general","body":"x","mentions":["a\u0000"]}`},
			{"own-lead", "POST", "/drafts/" + o["draft/own-network"] + "/suggestions", `{"key":"a\u0000","version":0,"parts":[{"from":0,"to":1,"insert":"x"}]}`},
			{"own-lead", "PATCH", "/sections/" + o["section/own-network"], `{"agency":"a\u0000","note":""}`},
			{"own-lead", "POST", "/drafts/" + o["draft/own-network"] + "/suggestions/reject", `{"ids":["a\u0000"],"reason":"x"}`},
			{"secretariat", "PUT", "/seats/" + o["seat/own-rep"] + "/holder", `{"person":"a\u0000"}`},
			{"secretariat", "POST", "/practices/" + o["practice/nominated"] + "/stage", `{"to":"merged","reason":"سبب كافٍ لدمج الممارسة","into":"a\u0000"}`},
			{"own-lead", "POST", "/flags", `{"object":"a\u0000","reason":"spam"}`},
			{"own-lead", "POST", "/ballots/" + o["ballot/voted"] + "/votes", `{"choice":"for","revision_hash":"a\u0000"}`},
			{"anonymous", "POST", "/session", `{"email":"a\u0000@example.gov","password":"x\u0000"}`},
			{"anonymous", "POST", "/setup", `{"token":"a\u0000","network_name":{"ar":"ش","en":"N"},"agency_name":{"ar":"أ","en":"S"},"name":{"ar":"م","en":"A"},"email":"a@example.gov","password":"a long password"}`},
		} {
			before := w.head()
			a := w.send(request{as: c.as, method: c.method, path: c.path, body: c.body})
			if a.Status < 400 || a.Status >= 500 || a.problem() != "" || w.head() != before {
				t.Errorf("%s %s %s: %d %s", c.method, c.path, c.body, a.Status, a.Body)
			}
		}
	})
}
