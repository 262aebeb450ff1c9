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

	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/transfer"
)

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
	all, err := member.Whole(func(after string) (member.PageOf[guideline.Summary], error) {
		return world.Hub.Guidelines.List(t.Context(), policy.SystemActor(), guideline.Filter{Limit: 100, Cursor: after})
	})
	must(t, err)
	for _, s := range all {
		got[s.Guideline.Title.Ar], got[s.Guideline.Title.En] = true, true
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
