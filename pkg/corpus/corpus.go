// Package corpus finds the shared corpus of real pages for tests and
// benchmarks. The pages belong to their publishers and are not part of the
// repository: they stand in a folder "shared" beside it, or where
// MULTAQA_SHARED says.
package corpus

import (
	"os"
	"path/filepath"
	"testing"
)

// Dir returns the path of a part of the corpus, such as "guides", or skips the
// test when the corpus is absent.
func Dir(t testing.TB, part string) string {
	t.Helper()
	if dir := os.Getenv("MULTAQA_SHARED"); dir != "" {
		return filepath.Join(dir, "corpus", part)
	}
	at, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		p := filepath.Join(at, "shared", "corpus", part)
		if _, err := os.Stat(p); err == nil {
			return p
		}
		up := filepath.Dir(at)
		if up == at {
			t.Skipf("the shared corpus (%s) is not beside the repository; set MULTAQA_SHARED", part)
		}
		at = up
	}
}
