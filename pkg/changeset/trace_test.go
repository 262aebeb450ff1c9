package changeset

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"
)

// corpus finds a file of the shared corpus: under MULTAQA_SHARED, or in a folder "shared" beside the repository.
func corpus(t testing.TB, path ...string) string {
	t.Helper()
	dir := os.Getenv("MULTAQA_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	file := filepath.Join(append([]string{dir, "corpus"}, path...)...)
	if _, err := os.Stat(file); err != nil {
		t.Skipf("the corpus is not here (%v); set MULTAQA_SHARED to the folder that holds it", err)
	}
	return file
}

func readGzip(t testing.TB, file string, into any) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(z).Decode(into); err != nil {
		t.Fatal(err)
	}
}

// tracePatch is [position, deleted, inserted], in Unicode code points.
type tracePatch struct {
	pos, del int
	ins      string
}

func (p *tracePatch) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&p.pos, &p.del, &p.ins})
}

// TestTraces replays real editing sessions: every patch as a change, every transaction composed from its patches, to
// the exact end text.
func TestTraces(t *testing.T) {
	for _, name := range []string{"ar-revisions-context", "ar-revisions-how-to-contribute", "automerge-paper", "friendsforever_flat", "json-crdt-blog-post", "sveltecomponent"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var trace struct {
				StartContent, EndContent string
				Txns                     []struct{ Patches []tracePatch }
			}
			readGzip(t, corpus(t, "traces", name+".json.gz"), &trace)
			text, n := NewText(trace.StartContent), 0
			for i, txn := range trace.Txns {
				before, all := text, Empty(text.Len())
				for _, p := range txn.Patches {
					from := unitsBefore(text, p.pos)
					to := unitsAfter(text, from, p.del)
					c, err := Replace(text.Len(), from, to, p.ins)
					if err != nil {
						t.Fatalf("transaction %d: %v", i, err)
					}
					if text, err = c.Apply(text); err != nil {
						t.Fatalf("transaction %d: %v", i, err)
					}
					if all, err = all.Compose(c); err != nil {
						t.Fatalf("transaction %d: %v", i, err)
					}
					n++
				}
				if i%97 == 0 {
					once, err := all.Apply(before)
					if err != nil || once.String() != text.String() {
						t.Fatalf("transaction %d: composed patches differ: %v", i, err)
					}
				}
			}
			if text.String() != trace.EndContent {
				t.Fatal("the end text differs")
			}
			t.Logf("%d patches", n)
		})
	}
}

// unitsBefore converts a position in code points into UTF-16 units.
func unitsBefore(t Text, points int) int {
	units := 0
	for _, b := range t.blocks {
		for _, c := range b.chunks {
			n := c.n // right for ASCII, and fast
			if n != len(c.s) {
				n = utf8.RuneCountInString(c.s)
			}
			if n < points {
				points -= n
				units += c.n
				continue
			}
			for _, r := range c.s {
				if points == 0 {
					return units
				}
				points--
				units += Len16(string(r))
			}
		}
	}
	return units
}

func unitsAfter(t Text, from, points int) int {
	if points == 0 {
		return from
	}
	rest, err := t.Slice(from, min(t.Len(), from+2*points))
	if err != nil { // the far end cut a pair
		rest, _ = t.Slice(from, min(t.Len(), from+2*points-1))
	}
	to := from
	for _, r := range rest {
		if points == 0 {
			break
		}
		points--
		to += Len16(string(r))
	}
	return to
}
