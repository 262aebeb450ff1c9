package suggestion

import (
	"encoding/json"
	"testing"

	"github.com/multaqa/multaqa/pkg/changeset"
)

// FuzzParts makes suggestions of whatever comes as their parts, and moves those that are accepted over a change.
func FuzzParts(f *testing.F) {
	f.Add([]byte(`[{"From":1,"To":3,"Insert":"م"},{"From":5,"To":5,"Insert":"😀"}]`), 4, 6, "نص")
	f.Add([]byte(`[{"From":-1,"To":3,"Insert":"م"}]`), 0, 0, "x")
	f.Add([]byte(`[{"From":2,"To":9223372036854775807,"Insert":""}]`), 0, 9, "")
	text := changeset.NewText("نص أول 😀 ثم آخر\nوسطر")
	f.Fuzz(func(t *testing.T, raw []byte, from, to int, insert string) {
		in := Save{Version: 0}
		if json.Unmarshal(raw, &in.Parts) != nil || in.check() != nil {
			return
		}
		c, ok := changeOf(text.Len(), in.Parts)
		if !ok {
			return
		}
		if c.Len() != text.Len() {
			t.Fatalf("a change of %d units on a text of %d", c.Len(), text.Len())
		}
		if back, ok := changeOf(text.Len(), partsOf(c)); !ok || !back.Equal(c) {
			t.Fatalf("%s does not come back from its parts", c)
		}
		over, err := changeset.Replace(text.Len(), from, to, insert)
		if err != nil {
			return
		}
		if _, err := over.Apply(text); err != nil {
			return
		}
		s := &Suggestion{State: Open, change: c}
		s.move(over)
		if !s.Orphaned && s.change.Len() != over.NewLen() {
			t.Fatalf("a suggestion of %d units on a text of %d", s.change.Len(), over.NewLen())
		}
	})
}
