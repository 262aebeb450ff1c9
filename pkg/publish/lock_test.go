package publish

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/multaqa/multaqa/pkg/corpus"
	"github.com/multaqa/multaqa/pkg/markdown"
)

// Every page of the corpus passes the second lock byte for byte.
func TestLegitimatePagesPassTheSecondLockUnchanged(t *testing.T) {
	passed := 0
	for _, part := range []string{"guides", "guides-ar", "hard"} {
		err := filepath.WalkDir(corpus.Dir(t, part), func(path string, e fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".md" {
				return err
			}
			src, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			doc, err := markdown.Render(context.Background(), src, markdown.Options{})
			if err != nil {
				return nil // refused before it could be published
			}
			if out, touched := lock(doc.HTML); touched || string(out) != string(doc.HTML) {
				a, b := string(spelled(doc.HTML)), string(out)
				i := 0
				for i < min(len(a), len(b)) && a[i] == b[i] {
					i++
				}
				t.Errorf("%s: %.120q became %.120q", path, a[max(0, i-40):], b[max(0, min(i, len(b))-40):])
			}
			passed++
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if passed < 600 {
		t.Errorf("only %d pages", passed)
	}
	t.Logf("%d pages unchanged", passed)
}

func TestTheSecondLockTakesOutWhatTheRendererNeverWrites(t *testing.T) {
	for _, c := range []struct{ in, gone string }{
		{`<p onclick="x()">a</p>`, "onclick"}, {`<script>x()</script>`, "script"}, {`<a href="javascript:x()">a</a>`, "javascript"},
		{`<img src="https://elsewhere.example/x.png" alt="">`, "elsewhere"}, {`<img src="//elsewhere.example/x.png" alt="">`, "elsewhere"},
		{`<iframe src="/x"></iframe>`, "iframe"}, {`<p style="x">a</p>`, "style"}, {`<p class="pub">a</p>`, "class"}, {`<form action="/x"><button>a</button></form>`, "form"},
		{`<svg><animate onbegin="x()"/></svg>`, "svg"}, {`<a href="/x" target="_blank">a</a>`, "target"}, {`<input type="password">`, "password"}, {`<base href="/x">`, "base"},
		{`<a href="data:text/html,x">a</a>`, "data:"}, {`<img src="/\elsewhere.example" alt="">`, "elsewhere"},
	} {
		out, touched := lock([]byte("<p>قبل</p>\n" + c.in + "\n<p>بعد</p>"))
		if !touched || strings.Contains(string(out), c.gone) || !strings.Contains(string(out), "<p>قبل</p>") || !strings.Contains(string(out), "<p>بعد</p>") {
			t.Errorf("%s: %v %s", c.in, touched, out)
		}
	}
}
