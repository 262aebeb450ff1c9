package search

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/multaqa/multaqa/pkg/corpus"
	"github.com/multaqa/multaqa/pkg/markdown"
)

// TestCorpusQueries asks the Arabic relevance set: every expected page is among
// the first five.
func TestCorpusQueries(t *testing.T) {
	dir := corpus.Dir(t, "guides-ar")
	raw, err := os.ReadFile(filepath.Join(filepath.Dir(dir), "search-ar.json"))
	if err != nil {
		t.Fatal(err)
	}
	var set struct {
		Queries []struct {
			ID, Query, Why string
			Expects        []string
		}
	}
	if err := json.Unmarshal(raw, &set); err != nil {
		t.Fatal(err)
	}
	var x Index[string]
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) != ".md" || e.Name() == "SOURCE.md" {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		page, err := markdown.Render(context.Background(), src, markdown.Options{})
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(filepath.Dir(dir), path)
		x.Put(rel, rel, Fields{Title: title(src, page), Headings: headings(page), Text: page.Text})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for _, q := range set.Queries {
		got := x.Find(Words(q.Query), false, func(string) bool { return true })
		var first []string
		for _, h := range got.Hits[:min(5, len(got.Hits))] {
			first = append(first, h.Key)
		}
		ok := true
		for _, want := range q.Expects {
			ok = ok && slices.Contains(first, want)
		}
		if ok {
			right++
			continue
		}
		t.Errorf("%s %q (%s): want %v first five are %v, partly %v", q.ID, q.Query, q.Why, q.Expects, first, got.Partly)
	}
	t.Logf("%d of %d queries right, %d pages", right, len(set.Queries), x.Len())
}

// title is the page's as the importer takes it: of the front matter, else of
// the first heading.
func title(src []byte, p markdown.Page) string {
	front, _ := markdown.Split(src)
	var meta struct{ Title string }
	if yaml.Unmarshal([]byte(strings.Trim(string(front), "-\r\n")), &meta) == nil && meta.Title != "" {
		return meta.Title
	}
	for _, e := range p.TOC {
		if e.Level == 1 {
			return strings.TrimSpace(e.Text)
		}
	}
	return ""
}

func headings(p markdown.Page) string {
	var out []string
	for _, e := range p.TOC {
		out = append(out, e.Text)
	}
	return strings.Join(out, "\n")
}
