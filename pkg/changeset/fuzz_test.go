package changeset

import (
	"testing"
)

func FuzzParseJSON(f *testing.F) {
	for _, s := range []string{`[5]`, `[2,[1,"م","😀"],2]`, `[[5]]`, `[5,[0,"\ud83d\ude00"]]`, `[5.0]`} {
		f.Add([]byte(s), 5)
	}
	f.Fuzz(func(t *testing.T, src []byte, length int) {
		c, err := ParseJSON(src, length)
		if err != nil {
			return
		}
		checkDecoded(t, c, length)
		if back, err := ParseJSON(c.AppendJSON(nil), length); err != nil || !back.Equal(c) {
			t.Fatalf("does not round-trip: %v", err)
		}
	})
}

func FuzzReadBinary(f *testing.F) {
	f.Add([]byte{2, 0xa0, 0x1f, 0x0a, 0xd9, 0x85}, 2000)
	f.Add([]byte{1, 21}, 5)
	f.Add([]byte{0}, 5)
	f.Fuzz(func(t *testing.T, src []byte, length int) {
		c, rest, err := ReadBinary(src, length)
		if err != nil {
			return
		}
		checkDecoded(t, c, length)
		if got := append(c.AppendBinary(nil), rest...); string(got) != string(src) {
			t.Fatalf("two encodings of one change: %x and %x", src, got)
		}
	})
}

func checkDecoded(t *testing.T, c ChangeSet, length int) {
	if c.Len() != length || c.Sections() > MaxSections+1 {
		t.Fatalf("length %d, want %d; %d sections", c.Len(), length, c.Sections())
	}
	if length > 1<<16 {
		return
	}
	text := NewText(string(make([]byte, length)))
	after, err := c.Apply(text)
	if err != nil || after.Len() != c.NewLen() {
		t.Fatalf("apply: %v, %d, want %d", err, after.Len(), c.NewLen())
	}
	undo, err := c.Invert(text)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := undo.Apply(after); err != nil || back.String() != text.String() {
		t.Fatalf("undo: %v", err)
	}
	if _, err := c.Compose(undo); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Map(c, true); err != nil {
		t.Fatal(err)
	}
}
