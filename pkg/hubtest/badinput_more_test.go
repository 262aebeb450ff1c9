package hubtest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/discussion"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/practice"
	"github.com/multaqa/multaqa/pkg/transfer"
)

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
		{name: "note of a resolved thread", field: "note", kept: tidy, send: func(t *testing.T, s string) (Answer, map[string]any) {
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
		{name: "reason of a reviewer", field: "reason", kept: asSent, send: step("third-lead", "request_amendments"), read: func(t *testing.T, a map[string]any) []any {
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
		}, few: true, read: func(t *testing.T, a map[string]any) []any {
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

// The words of an image come to the reader as they were written, whatever they
// are, as one attribute of one element.
func TestEveryNaughtyStringIsTheWordsOfAnImage(t *testing.T) {
	w := NewWorld(t)
	spell := strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, "*", `\*`, "_", `\_`, "`", "\\`", "<", `\<`, "&", `\&`, "~", `\~`, "!", `\!`, ":", `\:`, "@", `\@`, ".", `\.`)
	shown := 0
	// read keeps a text with an image for each string, and compares what a reader is shown.
	var read func(list []string)
	read = func(list []string) {
		var text strings.Builder
		for _, s := range list {
			text.WriteString("![" + spell.Replace(s) + "](/files/im.png)\n\n")
		}
		a, v := w.ask(t, "own-lead", "POST", "/guidelines", obj{"title": both("عنوان"), "summary": "", "language": "ar", "kind": "agency", "template": "free", "text": text.String()})
		switch {
		case a.Status == 400 && at(v, "fields", "text") != nil && len(list) > 1:
			read(list[:len(list)/2]) // one of them is refused
			read(list[len(list)/2:])
			return
		case a.Status == 400 && at(v, "fields", "text") != nil:
			return
		case a.Status != 200:
			t.Fatalf("%.60q: %d %s", list, a.Status, a.Body)
		}
		page, _ := w.must(t, "own-lead", "GET", "/editions/"+v["id"].(string)+"/reading", nil)["html"].(string)
		images := imagesOf(t, page)
		if len(images) != len(list) {
			t.Fatalf("%d images of %d", len(images), len(list))
		}
		for i, s := range list {
			if shown++; images[i] != s {
				t.Errorf("%.60q became %.80q", s, images[i])
			}
		}
	}
	var list []string
	for _, s := range naughty(t) {
		// A text of one line without white space at its ends; what Markdown makes of line ends is no matter of images.
		if s = strings.Join(strings.Fields(s), " "); s != "" && len(s) < 2000 && !strings.ContainsAny(s, "\x00\n\r") {
			list = append(list, s)
		}
	}
	read(list)
	if t.Logf("%d shown", shown); shown < 100 {
		t.Errorf("only %d were shown", shown)
	}
}

// imagesOf are the words of the images of a page, which have no attributes but those that the renderer writes.
func imagesOf(t *testing.T, page string) (words []string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	must(t, err)
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != "img" {
			continue
		}
		for _, a := range n.Attr {
			switch a.Key {
			case "alt":
				words = append(words, a.Val)
			case "src", "loading", "width", "height", "dir":
			default:
				t.Errorf("an image brings an attribute %s=%q", a.Key, a.Val)
			}
		}
	}
	return words
}

// A title in front matter becomes the guideline's name with its control
// characters taken out, as the report's reader finds it; the bytes of the page
// come back unchanged.
func TestEveryNaughtyStringIsATitleInFrontMatter(t *testing.T) {
	world := NewWorld(t)
	in, out := t.TempDir(), filepath.Join(t.TempDir(), "all")
	must(t, os.MkdirAll(filepath.Join(in, "pages"), 0o755))
	files, titles := map[string][]byte{}, map[string]string{}
	for i, s := range naughty(t) {
		quoted, err := json.Marshal(s) // a JSON string is one of YAML
		must(t, err)
		name := fmt.Sprintf("p%03d.md", i)
		files[name] = []byte("---\ntitle: " + string(quoted) + "\n---\n\n# Heading " + name + "\n\nنص الصفحة.\n")
		titles[name] = s
		must(t, os.WriteFile(filepath.Join(in, "pages", name), files[name], 0o644))
	}
	im := &transfer.Importer{DB: world.Hub.DB, Members: world.Hub.Members, Guidelines: world.Hub.Guidelines, DataDir: world.Hub.Config.Data}
	rep, err := im.Run(context.Background(), in)
	must(t, err)
	// A title of nothing that can be seen is refused by its name, and the page with it.
	for _, l := range rep.Skipped {
		name := strings.TrimPrefix(l.Path, "pages/")
		if l.Code != "guideline.invalid" || !strings.Contains(l.Text, "title") {
			t.Errorf("%s with the title %.60q: %s %s", l.Path, titles[name], l.Code, l.Text)
		}
		delete(titles, name)
		delete(files, name)
	}
	if rep.Imported() != len(files) || len(rep.Skipped) > 10 {
		t.Fatalf("%d of %d imported, %v", rep.Imported(), len(files), rep.Skipped)
	}
	got := map[string]bool{}
	for cursor := ""; ; {
		list, next, err := world.Hub.Guidelines.List(t.Context(), policy.SystemActor(), guideline.Filter{Limit: 100, Cursor: cursor})
		must(t, err)
		for _, s := range list {
			got[s.Guideline.Title.Ar], got[s.Guideline.Title.En] = true, true
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	whole := 0
	for name, s := range titles {
		plain := strings.Join(strings.Fields(s), " ")
		if plain == "" {
			if !got["Heading "+name] {
				t.Errorf("%s without a title is not called by its heading", name)
			}
			continue
		}
		if plain == s && len(s) < 150 && !strings.ContainsFunc(s, unseen) {
			if whole++; !got[s] {
				t.Errorf("%.80q is no title", s)
			}
		}
	}
	if whole < 100 {
		t.Errorf("only %d titles were compared", whole)
	}
	_, err = (&transfer.Exporter{DB: world.Hub.DB, Guidelines: world.Hub.Guidelines, DataDir: world.Hub.Config.Data}).Run(context.Background(), out)
	must(t, err)
	back := 0
	must(t, filepath.WalkDir(out, func(at string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() && files[e.Name()] != nil {
			b, err := os.ReadFile(at)
			if err != nil || !slices.Equal(b, files[e.Name()]) {
				t.Errorf("%s came back otherwise: %.80q %v", e.Name(), b, err)
			}
			back++
		}
		return err
	}))
	if back != len(files) {
		t.Errorf("%d of %d came back", back, len(files))
	}
}

// unseen are characters that an imported title loses.
func unseen(r rune) bool {
	return r < ' ' || r >= 0x7F && r < 0xA0 || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == 0xFEFF || r >= 0xFFF9 && r <= 0xFFFB ||
		r&0xFFFE == 0xFFFE || r >= 0xFDD0 && r <= 0xFDEF || r >= 0xE0000 && r <= 0xE001F || r == '�'
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
