package markdown

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/corpus"
	"github.com/multaqa/multaqa/pkg/fault"
)

func pages(t testing.TB, dirs ...string) []string {
	t.Helper()
	var out []string
	for _, d := range dirs {
		err := filepath.Walk(corpus.Dir(t, d), func(p string, info os.FileInfo, err error) error {
			name := strings.ToLower(filepath.Base(p))
			if err == nil && !info.IsDir() && (strings.HasSuffix(name, ".md") || strings.HasSuffix(name, ".markdown") || strings.HasSuffix(name, ".mdx")) && name != "source.md" {
				out = append(out, p)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	sort.Strings(out)
	return out
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func readJSON(t testing.TB, path string, v any) {
	t.Helper()
	if err := json.Unmarshal(read(t, path), v); err != nil {
		t.Fatal(err)
	}
}

func TestEveryGuideOfTheCorpusRenders(t *testing.T) {
	all := pages(t, "guides", "guides-ar")
	if len(all) != 619 {
		t.Fatalf("the corpus has %d pages, not 619", len(all))
	}
	for _, p := range all {
		src := read(t, p)
		page, err := Render(context.Background(), src, Options{})
		if err != nil {
			f := fault.Of(err)
			t.Errorf("%s: %v %v", p, err, f.Facts)
			continue
		}
		if vice := unsafeHTML(page.HTML); vice != "" {
			t.Errorf("%s: %s", p, vice)
		}
		front, body := Split(src)
		if string(front)+string(body) != string(src) {
			t.Errorf("%s: splitting changes bytes", p)
		}
	}
}

func TestHardPagesRenderOrAreRefusedWithTheReason(t *testing.T) {
	refused := map[string]string{
		"deep-list-60-ar.md":                 "markdown.nesting",
		"invalid-utf8-windows1256.md":        "markdown.not_utf8",
		"invalid-utf8-cut-and-lone-bytes.md": "markdown.not_utf8",
	}
	all := pages(t, "hard")
	if len(all) != 21 {
		t.Fatalf("%d hard pages, not 21", len(all))
	}
	for _, p := range all {
		began := time.Now()
		page, err := Render(context.Background(), read(t, p), Options{})
		if code := refused[filepath.Base(p)]; code != "" {
			if !fault.Is(err, code) || fault.Of(err).Facts["line"].(int) == 0 {
				t.Errorf("%s: %v, want %s with its line", filepath.Base(p), err, code)
			}
		} else if err != nil {
			t.Errorf("%s: %v %v", filepath.Base(p), err, fault.Of(err).Facts)
		} else if vice := unsafeHTML(page.HTML); vice != "" {
			t.Errorf("%s: %s", filepath.Base(p), vice)
		}
		t.Logf("%-45s %v", filepath.Base(p), time.Since(began))
	}
}
