package changeset

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

func TestLen16(t *testing.T) {
	for _, s := range []string{"", "a", "مُلْتَقَى", "😀", "👩‍🌾", "a\nب😀", "\uFFFD"} {
		if got, want := Len16(s), len(utf16.Encode([]rune(s))); got != want {
			t.Errorf("Len16(%q) = %d, want %d", s, got, want)
		}
	}
}

// TestTextAgainstString edits a large text at random and holds it to a plain string.
func TestTextAgainstString(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"م", "تَقَى", "a", "\n", "😀", strings.Repeat("نصٌّ طويل\n", 300), strings.Repeat("x", 5000)}
	units := utf16.Encode([]rune(strings.Repeat("سطر أول 😀\n", 4000)))
	text := NewText(string(utf16.Decode(units)))
	boundary := func(p int) int {
		if p > 0 && p < len(units) && utf16.IsSurrogate(rune(units[p])) && units[p] >= 0xdc00 {
			p++
		}
		return p
	}
	for i := range 3000 {
		from := boundary(rnd.IntN(len(units) + 1))
		span := 3
		if i%50 == 0 {
			span = 6000
		}
		to := boundary(min(len(units), from+rnd.IntN(span+1)))
		insert := ""
		if rnd.IntN(3) > 0 {
			insert = pieces[rnd.IntN(len(pieces)-2)]
		}
		if i%100 == 7 {
			insert = pieces[len(pieces)-1-rnd.IntN(2)]
		}
		c, err := Replace(len(units), from, to, insert)
		if err != nil {
			t.Fatal(err)
		}
		before := text
		if text, err = c.Apply(text); err != nil {
			t.Fatalf("edit %d: %v", i, err)
		}
		units = append(append(append([]uint16{}, units[:from]...), utf16.Encode([]rune(insert))...), units[to:]...)
		if i%20 == 0 {
			want := string(utf16.Decode(units))
			if text.String() != want || text.Len() != len(units) || text.Bytes() != len(want) {
				t.Fatalf("edit %d: texts differ", i)
			}
			undo, err := c.Invert(before)
			if err != nil {
				t.Fatal(err)
			}
			if back, err := undo.Apply(text); err != nil || back.String() != before.String() {
				t.Fatalf("edit %d: undo: %v", i, err)
			}
			for _, b := range text.blocks {
				if len(b.chunks) > 2*blockSize {
					t.Fatalf("a block of %d chunks", len(b.chunks))
				}
			}
		}
	}
	if n := len(text.blocks); n > 4*text.Bytes()/(chunkSize*blockSize)+8 {
		t.Errorf("%d blocks for %d bytes", n, text.Bytes())
	}
}

// Units are counted eight bytes at a time; each character, and each place in a pair, must come out as one at a time.
func TestUnitsByWords(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	letters := []rune("aб9مّ\u200dक\uFFFD€\n😀👩𝒳")
	for round := range 2000 {
		runes := make([]rune, rnd.IntN(40))
		for i := range runes {
			runes[i] = letters[rnd.IntN(len(letters))]
		}
		s := string(runes)
		if got, want := Len16(s), len(utf16.Encode(runes)); got != want {
			t.Fatalf("round %d: Len16(%q) = %d, not %d", round, s, got, want)
		}
		units, bytes := 0, 0
		for _, r := range runes {
			if got, ok := byteOffset(s, units); got != bytes || !ok {
				t.Fatalf("round %d: byteOffset(%q, %d) = %d, %v, not %d", round, s, units, got, ok, bytes)
			}
			if r > 0xFFFF {
				if _, ok := byteOffset(s, units+1); ok {
					t.Fatalf("round %d: byteOffset(%q, %d) is inside a pair", round, s, units+1)
				}
			}
			units, bytes = units+utf16.RuneLen(r), bytes+utf8.RuneLen(r)
		}
		if got, ok := byteOffset(s, units); got != bytes || !ok {
			t.Fatalf("round %d: the end of %q is %d, %v", round, s, got, ok)
		}
		if _, ok := byteOffset(s, units+1); ok {
			t.Fatalf("round %d: byteOffset(%q, %d) is beyond it", round, s, units+1)
		}
	}
}

func BenchmarkKeystroke(b *testing.B) {
	for _, kib := range []int{10, 200, 2000} {
		b.Run(fmt.Sprint(kib, "KiB"), func(b *testing.B) {
			text := NewText(strings.Repeat("نصّ عربيّ طويل للقياس\n", kib*1024/42))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				c, _ := Replace(text.Len(), text.Len()/2+i%50, text.Len()/2+i%50, "م")
				text, _ = c.Apply(text)
			}
		})
	}
}
