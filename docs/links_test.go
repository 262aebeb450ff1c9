// Package docs holds no program: its test keeps the documents true to the tree.
package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	link   = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	quoted = regexp.MustCompile("`((?:cmd|pkg|docs|scripts|frontend|deploy|bench)/[A-Za-z0-9_./-]+)`")
	target = regexp.MustCompile("`make ([a-z-]+)`|(?m)^make ([a-z-]+)")
	fence  = regexp.MustCompile("(?ms)^\\s*```.*?^\\s*```")
	title  = regexp.MustCompile(`(?m)^#{1,6} +(.+)$`)
	notID  = regexp.MustCompile(`[^\p{L}\p{N}\p{M} _-]`)
)

// anchor is what a page's heading is called by those who link to it.
func anchor(heading string) string {
	return strings.ReplaceAll(notID.ReplaceAllString(strings.ToLower(strings.TrimSpace(heading)), ""), " ", "-")
}

func anchors(t *testing.T, file string) map[string]bool {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, m := range title.FindAllStringSubmatch(fence.ReplaceAllString(string(b), ""), -1) {
		out[anchor(m[1])] = true
	}
	return out
}

// Every link of the documents leads to a file that is there, and to a heading
// of it; every path and every target of make that they name exists.
func TestTheDocumentsNameWhatIsThere(t *testing.T) {
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	err = filepath.WalkDir("..", func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			switch e.Name() {
			case "node_modules", "testdata", "dist", "bin", "data", "data-dev", ".git":
				return filepath.SkipDir
			}
		}
		if filepath.Ext(path) == ".md" {
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := string(b)
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			if strings.Contains(m[1], ":") {
				continue // elsewhere
			}
			seen++
			to, id, _ := strings.Cut(m[1], "#")
			path := file
			if to != "" {
				path = filepath.Join(filepath.Dir(file), to)
			}
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s: link to %s: nothing is there", file, m[1])
			} else if id != "" && filepath.Ext(path) == ".md" && !anchors(t, path)[id] {
				t.Errorf("%s: link to %s: no such heading", file, m[1])
			}
		}
		if strings.HasPrefix(file, filepath.Join("..", "docs", "decisions")) || filepath.Base(file) == "CHANGELOG.md" {
			continue // they speak of their own day
		}
		for _, m := range quoted.FindAllStringSubmatch(text, -1) {
			seen++
			if _, err := os.Stat(filepath.Join("..", m[1])); err != nil && !built(m[1]) {
				t.Errorf("%s names %s, which is not there", file, m[1])
			}
		}
		for _, m := range target.FindAllStringSubmatch(text, -1) {
			seen++
			if name := m[1] + m[2]; !strings.Contains("\n"+string(makefile), "\n"+name+":") {
				t.Errorf("%s names make %s, which is no target", file, name)
			}
		}
	}
	if len(files) < 20 || seen < 20 {
		t.Errorf("%d files and %d names were looked at", len(files), seen)
	}
}

// built says whether the path is made by make, not kept.
func built(path string) bool {
	return strings.HasPrefix(path, "frontend/dist") || strings.HasPrefix(path, "bench/out/")
}

// The operator's and the users' pages come in both languages, part for part.
func TestBothLanguagesHaveTheSameParts(t *testing.T) {
	pairs := [][2]string{{"operations.md", "operations.ar.md"}}
	guides, err := filepath.Glob("user-guide/en/*.md")
	if err != nil || len(guides) == 0 {
		t.Fatalf("%v %v", guides, err)
	}
	for _, g := range guides {
		pairs = append(pairs, [2]string{g, strings.Replace(g, "/en/", "/ar/", 1)})
	}
	for _, p := range pairs {
		var parts [2]int
		for i, file := range p {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Error(err)
				continue
			}
			parts[i] = len(title.FindAllString(fence.ReplaceAllString(string(b), ""), -1))
		}
		if parts[0] != parts[1] {
			t.Errorf("%s has %d headings, %s %d", p[0], parts[0], p[1], parts[1])
		}
	}
}
