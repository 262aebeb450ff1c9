package hubtest

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/multaqa/multaqa/pkg/corpus"
	"github.com/multaqa/multaqa/pkg/transfer"
)

// naughty are the strings of the corpus and some that it lacks: what changes
// when a text is stored, normalised, compared or cut in the wrong place.
func naughty(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile(corpus.Dir(t, "naughty-strings.json"))
	w(t, err)
	var list struct{ Strings []struct{ Input string } }
	w(t, json.Unmarshal(raw, &list))
	var out []string
	for _, s := range list.Strings {
		out = append(out, s.Input)
	}
	return append(out, "", " ", "\x00", "a\x00b", "a\r\nb", "a\rb", "\ta ", "é", "é", "ﻻ", "\ufeffa", "a\u2028b", "\u202eabc", "\u2066a\u2069", "\u2067ب", "\u2068c\u2069", "\u202aa\u202c", "\u202bب\u202c", "\u202dd\u202c", "a\u200eb\u200f", "\u061ca", "a\u2069", strings.Repeat("ا", 100_000),
		"a"+strings.Repeat("\u0301", 50_000), "\x1b[31mred", "\x7f", "\ufffe", "\U0010ffff", "%00", "%", "_", `\`, "'", `"`)
}

// ask is Call for a body of Go values, with the answer decoded. What a person
// asked before does not count against them: here a person asks hundreds of
// times a second.
func (w *World) ask(t *testing.T, who, method, path string, body any) (Answer, map[string]any) {
	t.Helper()
	w.Hub.Web.Edge.ForgetCallers()
	raw := []byte{}
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			t.Fatal(err)
		}
	}
	a := w.Call(who, method, "/api/v1"+path, string(raw))
	var out map[string]any
	if len(a.Body) > 0 {
		if err := json.Unmarshal([]byte(a.Body), &out); err != nil {
			t.Fatalf("%s %s: no JSON: %.200s", method, path, a.Body)
		}
	}
	return a, out
}

// must is ask where only 200 will do.
func (w *World) must(t *testing.T, who, method, path string, body any) map[string]any {
	t.Helper()
	a, out := w.ask(t, who, method, path, body)
	if a.Status != 200 {
		t.Fatalf("%s %s as %s: %d %s", method, path, who, a.Status, a.Body)
	}
	return out
}

// at follows member names and indices; nil where one is absent.
func at(v any, path ...any) any {
	for _, p := range path {
		switch key := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[key]
		case int:
			l, _ := v.([]any)
			if key < 0 {
				key += len(l)
			}
			if key < 0 || key >= len(l) {
				return nil
			}
			v = l[key]
		}
	}
	return v
}

type obj = map[string]any

func both(s string) obj { return obj{"ar": s, "en": s} }

// The normalisations that the API documents; everything else is kept byte for
// byte or refused.
func asSent(s string) string    { return s }
func trimmed(s string) string   { return strings.TrimSpace(s) }
func lineFeeds(s string) string { return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s) }

// place is a field that people fill.
type place struct {
	name, field string
	kept        func(string) string
	send        func(t *testing.T, s string) (Answer, map[string]any)
	// read reads back what was kept.
	read func(t *testing.T, answer map[string]any) []any
	// listed: read finds it by its id in a list with all the others, so all are sent first and the list is read once.
	listed bool
}

// lists keeps what was read of lists that hold all that was sent.
type lists map[string]map[string]any

// item finds the item of a list by its id, below the members named.
func (l lists) item(t *testing.T, w *World, who, path string, id any, in ...any) any {
	t.Helper()
	if l[path] == nil {
		l[path] = w.must(t, who, "GET", path, nil)
	}
	items, _ := at(l[path], in...).([]any)
	for _, it := range items {
		if at(it, "id") == id {
			return it
		}
	}
	t.Fatalf("%s: no %v", path, id)
	return nil
}

func TestEveryNaughtyStringIsKeptOrRefusedByTheNameOfItsField(t *testing.T) {
	eachWorld(t, keptOrRefused)
}

func keptOrRefused(t *testing.T, world *World) {
	strs := naughty(t)
	if world.Hub.DB.Engine() == "postgres" && os.Getenv("MULTAQA_SOAK") == "" {
		// The fields' rules are the same code; what differs is how the engine takes bytes. Every fourth says that, the soak sends all.
		few := strs[:0:0]
		for i := 0; i < len(strs); i += 4 {
			few = append(few, strs[i])
		}
		strs = few
	}
	for _, p := range places(t, world) {
		t.Run(p.name, func(t *testing.T) {
			kept, refused := 0, 0
			check := func(s string, answer map[string]any) {
				for i, got := range p.read(t, answer) {
					if got != p.kept(s) {
						t.Errorf("%.60q came back as %.80q (%d)", s, fmt.Sprint(got), i)
					}
				}
			}
			answers := map[string]map[string]any{}
			for _, s := range strs {
				a, out := p.send(t, s)
				switch {
				case (a.Status == 400 || a.Status == 409) && at(out, "fields", p.field) != nil:
					refused++
				case a.Status != 200:
					t.Errorf("%.60q: %d %.300s", s, a.Status, a.Body)
				case p.listed:
					kept++
					answers[s] = out
				default:
					kept++
					check(s, out)
				}
			}
			for s, out := range answers {
				check(s, out)
			}
			t.Logf("%d kept, %d refused", kept, refused)
			if kept < len(strs)/3 {
				t.Errorf("only %d of %d were kept", kept, len(strs))
			}
		})
	}
}

func places(t *testing.T, w *World) []place {
	t.Helper()
	guide := "/guidelines/" + w.Objects["guideline/own-network"]
	nominated := "/practices/" + w.Objects["practice/nominated"]
	ballot := "/ballots/" + w.Objects["ballot/voted"]
	drafts := "/drafts/" + w.Objects["draft/own-network"]
	hash := at(w.must(t, "own-lead", "GET", ballot, nil), "subject", "revision_hash")
	version := at(w.must(t, "own-lead", "GET", drafts, nil), "version")
	thread := obj{"version": version, "from": 0, "to": 5, "kind": "general", "body": "a body"}
	first := w.must(t, "own-lead", "POST", drafts+"/threads", thread)["id"].(string)
	sendTo := func(who, method, path string, body func(s string) obj) func(*testing.T, string) (Answer, map[string]any) {
		return func(t *testing.T, s string) (Answer, map[string]any) { return w.ask(t, who, method, path, body(s)) }
	}
	readFrom := func(who, path string, keys ...[]any) func(*testing.T, map[string]any) []any {
		return func(t *testing.T, answer map[string]any) (out []any) {
			again := w.must(t, who, "GET", path, nil)
			for _, k := range keys {
				out = append(out, at(again, k...))
			}
			return out
		}
	}
	field := func(path, key string) place {
		return place{name: "practice " + key, field: key, kept: asSent, send: sendTo("own-lead", "PATCH", path, func(s string) obj { return obj{key: s} }),
			read: readFrom("own-lead", path, []any{key})}
	}
	suggest := func(text, note string) obj {
		return obj{"key": "naughty", "version": version, "parts": []obj{{"from": 0, "to": 5, "insert": text}}, "note": note}
	}
	// A suggestion may be taken up by the next one of its author, so each is read at once.
	suggested := func(t *testing.T, a map[string]any) any {
		return lists{}.item(t, w, "own-lead", drafts+"/suggestions", a["id"], "items")
	}
	// Each place has a list of its own: what it reads comes after all that it sent.
	threads, comments := lists{}, lists{}
	answered := 0
	list := []place{
		{name: "suggestion", field: "parts", kept: lineFeeds, send: sendTo("own-rep", "POST", drafts+"/suggestions", func(s string) obj { return suggest(s, "a note") }),
			read: func(t *testing.T, a map[string]any) []any {
				it := suggested(t, a)
				return []any{at(it, "parts", 0, "insert"), at(it, "insertion")}
			}},
		{name: "suggestion note", field: "note", kept: func(s string) string { return trimmed(lineFeeds(s)) }, send: sendTo("own-rep", "POST", drafts+"/suggestions", func(s string) obj { return suggest("x", s) }),
			read: func(t *testing.T, a map[string]any) []any {
				return []any{at(suggested(t, a), "note")}
			}},
		{name: "person name", field: "name", kept: asSent, send: sendTo("own-reader", "PATCH", "/me", func(s string) obj { return obj{"name": both(s)} }),
			read: readFrom("own-reader", "/session", []any{"person", "name", "ar"}, []any{"person", "name", "en"})},
		{name: "guideline title", field: "title", kept: asSent, send: sendTo("own-lead", "PATCH", guide, func(s string) obj { return obj{"title": both(s)} }),
			read: readFrom("own-lead", guide, []any{"title", "ar"}, []any{"title", "en"})},
		{name: "guideline summary", field: "summary", kept: asSent, send: sendTo("own-lead", "PATCH", guide, func(s string) obj { return obj{"summary": s} }),
			read: readFrom("own-lead", guide, []any{"summary"})},
		{name: "agency name", field: "name", kept: asSent, send: sendTo("secretariat", "PATCH", "/agencies/"+w.Objects["agency/THIRD"], func(s string) obj { return obj{"name": both(s)} }),
			read: readFrom("own-lead", "/agencies/"+w.Objects["agency/THIRD"], []any{"name", "ar"})},
		{name: "practice title", field: "title", kept: asSent, send: sendTo("own-lead", "PATCH", nominated, func(s string) obj { return obj{"title": both(s)} }),
			read: readFrom("own-lead", nominated, []any{"title", "ar"})},
		field(nominated, "problem"), field(nominated, "contacts"),
		{name: "practice evidence", field: "evidence", kept: asSent, send: sendTo("own-lead", "PATCH", nominated, func(s string) obj {
			return obj{"evidence": []obj{{"text": s, "date": "2026-01-01", "source": s}}}
		}), read: readFrom("own-lead", nominated, []any{"evidence", 0, "text"}, []any{"evidence", 0, "source"})},
		{name: "ballot reason", field: "reason", kept: trimmed, send: sendTo("own-lead", "POST", ballot+"/votes", func(s string) obj {
			return obj{"choice": "for", "reason": s, "revision_hash": hash}
		}), read: func(t *testing.T, _ map[string]any) []any {
			reason := at(w.must(t, "own-lead", "GET", ballot, nil), "mine", "reason")
			if reason == nil {
				reason = ""
			}
			return []any{reason}
		}},
		{name: "thread", field: "body", listed: true, kept: lineFeeds, send: sendTo("own-rep", "POST", drafts+"/threads", func(s string) obj {
			return obj{"version": version, "from": 0, "to": 5, "kind": "general", "body": s}
		}), read: func(t *testing.T, a map[string]any) []any {
			return []any{at(threads.item(t, w, "own-lead", drafts+"/threads", a["id"], "items"), "comments", 0, "body")}
		}},
		{name: "comment", field: "body", listed: true, kept: lineFeeds, send: func(t *testing.T, s string) (Answer, map[string]any) {
			// Every answer holds the whole thread, so none grows long.
			if answered++; answered%20 == 0 {
				first = w.must(t, "own-lead", "POST", drafts+"/threads", thread)["id"].(string)
			}
			return w.ask(t, "own-rep", "POST", "/threads/"+first+"/comments", obj{"body": s})
		},
			read: func(t *testing.T, a map[string]any) []any {
				last, _ := at(a, "comments", -1).(map[string]any)
				kept, _ := at(comments.item(t, w, "own-lead", drafts+"/threads", a["id"], "items"), "comments").([]any)
				for _, c := range kept {
					if last != nil && at(c, "id") == last["id"] {
						return []any{at(c, "body")}
					}
				}
				t.Fatalf("no comment %v", last)
				return nil
			}},
	}
	return slices.Concat(list, wordPlaces(w, drafts, version, sendTo), []place{flagPlace(w, drafts, thread)})
}

type sender = func(who, method, path string, body func(s string) obj) func(*testing.T, string) (Answer, map[string]any)

// wordPlaces are what the parts beside the text keep: the glossary, names of
// revisions and workspaces, discussions, and texts themselves.
func wordPlaces(w *World, drafts string, version any, sendTo sender) []place {
	n := 0
	// A term's words are taken once; those that are not under test differ each time.
	other := func() string { n++; return fmt.Sprintf("كلمة %d", n) }
	term := func(words, definition obj, discouraged string) obj {
		return obj{"words": words, "definition": definition, "discouraged": []obj{{"lang": "en", "text": discouraged}}}
	}
	read := func(who, path string, in []any, keys ...[]any) func(*testing.T, map[string]any) []any {
		all := lists{}
		return func(t *testing.T, a map[string]any) (out []any) {
			it := all.item(t, w, who, path, a["id"], in...)
			for _, k := range keys {
				out = append(out, at(it, k...))
			}
			return out
		}
	}
	readTerm := func(key ...any) func(*testing.T, map[string]any) []any {
		return read("secretariat", "/terms", []any{"items"}, key)
	}
	topic := "/discussions/" + w.Objects["discussion/tied"]
	unbroken := func(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }
	return []place{
		{name: "term", field: "ar", listed: true, kept: trimmed, send: sendTo("secretariat", "POST", "/terms", func(s string) obj {
			return term(obj{"ar": s, "en": other()}, both("تعريف"), other())
		}), read: readTerm("words", "ar")},
		{name: "definition", field: "definition_ar", listed: true, kept: trimmed, send: sendTo("secretariat", "POST", "/terms", func(s string) obj {
			return term(both(other()), obj{"ar": s, "en": ""}, other())
		}), read: readTerm("definition", "ar")},
		{name: "discouraged word", field: "discouraged", listed: true, kept: trimmed, send: sendTo("secretariat", "POST", "/terms", func(s string) obj {
			return term(both(other()), both("تعريف"), s)
		}), read: readTerm("discouraged", 0, "text")},
		{name: "revision", field: "name", listed: true, kept: trimmed, send: sendTo("own-lead", "POST", drafts+"/revisions", func(s string) obj { return obj{"version": version, "name": s} }),
			read: read("own-lead", drafts+"/history", []any{"revisions"}, []any{"name"})},
		{name: "workspace", field: "name", listed: true, kept: asSent, send: sendTo("secretariat", "POST", "/workspaces", func(s string) obj {
			return obj{"name": both(s), "agencies": []string{w.Objects["agency/OWN"], w.Objects["agency/OTHER"]}}
		}), read: read("secretariat", "/workspaces", []any{"items"}, []any{"name", "ar"}, []any{"name", "en"})},
		{name: "discussion", field: "body", kept: unbroken, send: sendTo("own-lead", "POST", topic+"/posts", func(s string) obj { return obj{"body": s} }),
			read: func(t *testing.T, _ map[string]any) []any {
				return []any{at(w.must(t, "own-lead", "GET", topic, nil), "posts", -1, "body")}
			}},
		{name: "guideline text", field: "text", kept: lineFeeds, send: sendTo("own-lead", "POST", "/guidelines", func(s string) obj {
			return obj{"title": both("عنوان"), "summary": "", "language": "ar", "kind": "agency", "template": "free", "text": s}
		}), read: func(t *testing.T, a map[string]any) []any {
			return []any{at(w.must(t, "own-lead", "GET", "/drafts/"+a["draft_id"].(string)+"/history/text?version=0", nil), "text")}
		}},
	}
}

// flagPlace flags a discussion of its own for each string, reads the text in
// the moderators' queue and decides with the same words.
func flagPlace(w *World, drafts string, thread obj) place {
	var sent string
	return place{name: "flag", field: "text", kept: trimmed,
		send: func(t *testing.T, s string) (Answer, map[string]any) {
			sent = s
			object := w.must(t, "own-lead", "POST", drafts+"/threads", thread)["id"]
			return w.ask(t, "other-lead", "POST", "/flags", obj{"object": object, "reason": "other", "text": s})
		},
		read: func(t *testing.T, flagged map[string]any) []any {
			for _, it := range at(w.must(t, "moderator", "GET", "/moderation/queue", nil), "items").([]any) {
				if at(it, "object") != flagged["object"] {
					continue
				}
				decided := w.must(t, "moderator", "POST", "/moderation/"+at(it, "id").(string)+"/decide", obj{"action": "hide", "reason": sent, "version": at(it, "version")})
				return []any{at(it, "flags", 0, "text"), decided["note"]}
			}
			t.Errorf("the case of %v is not in the queue", flagged["object"])
			return nil
		}}
}

var searchField = regexp.MustCompile(`<input id="q"[^>]* value="([^"]*)"`)

// A query never breaks a list, and the page for readers shows it as it was
// typed, inside its field and nowhere as markup.
func TestEveryNaughtyStringIsAQuery(t *testing.T) {
	world := NewWorld(t)
	for _, s := range naughty(t) {
		if len(s) > 4000 {
			s = strings.ToValidUTF8(s[:4000], "") // an address that long is refused before it comes here
		}
		q := url.QueryEscape(s)
		for _, path := range []string{"/library?q=", "/guidelines?q=", "/practices?q=", "/guidelines?state=", "/library?lang=", "/library?agency=", "/ballots?subject=", "/ballots?cursor=", "/guidelines?after=", "/moderation/log?after=", "/agencies?kind="} {
			a, out := world.ask(t, "moderator", "GET", path+q, nil)
			if name := strings.TrimSuffix(path[strings.Index(path, "?")+1:], "="); a.Status != 200 && (a.Status != 400 || len(out["fields"].(obj)) == 0) {
				t.Errorf("%s %.60q: %d %.200s", name, s, a.Status, a.Body)
			}
		}
		world.Hub.Web.Edge.ForgetCallers()
		a := world.Call("anonymous", "GET", "/published?q="+q, "")
		if a.Status == 400 && strings.ContainsRune(s, 0) {
			continue
		}
		m := searchField.FindStringSubmatch(a.Body)
		// A browser reads CR and CR LF in a page as LF.
		if a.Status != 200 || m == nil || lineFeeds(html.UnescapeString(m[1])) != lineFeeds(s) {
			t.Errorf("site %.60q: %d %.200q", s, a.Status, m)
		}
	}
	for _, bad := range []string{"%ff", "a%00b", "%ed%a0%80"} {
		for _, path := range []string{"/api/v1/library?q=" + bad, "/api/v1/guidelines?agency=" + bad, "/published?q=" + bad, "/published?agency=" + bad} {
			if a := world.Call("own-lead", "GET", path, ""); a.Status != 400 || !strings.Contains(a.Body, `"fields"`) {
				t.Errorf("%s: %d %.200s", path, a.Status, a.Body)
			}
		}
		for _, path := range []string{"/api/v1/guidelines/" + bad, "/guides/" + bad, "/api/v1/invitations/" + bad} {
			if a := world.Call("own-lead", "GET", path, ""); a.Status != 404 {
				t.Errorf("%s: %d %.200s", path, a.Status, a.Body)
			}
		}
	}
}

// What JSON can spell and no text can hold is refused, not replaced.
func TestWhatIsNoTextIsRefusedNotReplaced(t *testing.T) {
	world := NewWorld(t)
	for name, body := range map[string]string{
		"bytes that are not UTF-8": "{\"name\":{\"ar\":\"a\xff\",\"en\":\"b\"}}",
		"a high surrogate alone":   `{"name":{"ar":"a\ud800","en":"b"}}`,
		"a low surrogate alone":    `{"name":{"ar":"a\udc00 \n","en":"b"}}`,
		"a pair the wrong way":     `{"name":{"ar":"\udc00\ud800","en":"b"}}`,
		"a half before an escape":  `{"name":{"ar":"\ud83d\n","en":"b"}}`,
	} {
		if a := world.Call("own-reader", "PATCH", "/api/v1/me", body); a.Status != 400 || a.Code() != "request.unreadable" {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	a := world.Call("own-reader", "PATCH", "/api/v1/me", `{"name":{"ar":"\ud83d\ude00 \\ud800","en":"\u0062\\"}}`)
	var out map[string]any
	w(t, json.Unmarshal([]byte(a.Body), &out))
	if at(out, "person", "name", "ar") != `😀 \ud800` || at(out, "person", "name", "en") != `b\` {
		t.Errorf("a whole pair: %s", a.Body)
	}
}

// A file may have any name that its file system holds: the page comes in and
// goes out under the same one, or the report says which was left and why.
func TestEveryNaughtyStringIsAFileName(t *testing.T) {
	world := NewWorld(t)
	in, out := t.TempDir(), t.TempDir()
	want := map[string]bool{}
	unholdable := 0
	for _, s := range naughty(t) {
		name := s + ".md"
		// A file system holds no name with "/" or a zero, and none over 255 bytes.
		if strings.ContainsAny(s, "/\x00") || len(name) > 255 {
			unholdable++
			continue
		}
		if want[name] {
			continue
		}
		w(t, os.MkdirAll(filepath.Join(in, "pages"), 0o755))
		w(t, os.WriteFile(filepath.Join(in, "pages", name), []byte("نص الصفحة.\n"), 0o644))
		want[name] = true
	}
	im := &transfer.Importer{DB: world.Hub.DB, Members: world.Hub.Members, Guidelines: world.Hub.Guidelines, DataDir: world.Hub.Config.Data}
	rep, err := im.Run(context.Background(), in)
	w(t, err)
	for _, l := range rep.Skipped {
		name, ok := strings.CutPrefix(l.Path, "pages/")
		if l.Code == "" || !ok || !want[name] {
			t.Errorf("a name in the report is not the one of the file: %q %s", l.Path, l.Code)
		}
		delete(want, name)
	}
	if rep.Imported() != len(want) {
		t.Errorf("%d imported, want %d", rep.Imported(), len(want))
	}
	_, err = (&transfer.Exporter{DB: world.Hub.DB, Guidelines: world.Hub.Guidelines, DataDir: world.Hub.Config.Data}).Run(context.Background(), filepath.Join(out, "all"))
	w(t, err)
	got := map[string]bool{}
	w(t, filepath.WalkDir(out, func(at string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			got[e.Name()] = true
		}
		return err
	}))
	for name := range want {
		if !got[name] {
			t.Errorf("%q did not come back", name)
		}
	}
	t.Logf("%d names kept, %d left out with a reason, %d that no file system holds", len(want), len(rep.Skipped), unholdable)
}
