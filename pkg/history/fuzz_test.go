package history

import (
	"bytes"
	"testing"

	"github.com/multaqa/multaqa/pkg/changeset"
)

// FuzzDecodeState reads frames of history, which come from the database of a hub that may have been tampered with.
func FuzzDecodeState(f *testing.F) {
	spans := []Span{{N: 3, By: 1, At: 5}, {N: 2, By: 2, At: 9}}
	s := &state{version: 4, at: 9, text: changeset.NewText("نص😀"), track: trackSpans([]Span{{N: 4, By: 1, At: 5}})}
	f.Add(s.encode(), false)
	s = &state{version: 4, at: 9, text: changeset.NewText("abcde"), track: trackSpans(spans)}
	raw, err := unzipper.DecodeAll(s.encode(), nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw, true)
	f.Add([]byte{1, 0, 0, 0}, true)
	f.Add([]byte{2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0, 0, 2, 0, 0, 'x'}, true)
	f.Fuzz(func(t *testing.T, body []byte, zip bool) {
		if zip { // behind the checksum
			body = zipper.EncodeAll(body, nil)
		}
		s, err := decodeState(1, 1, body)
		if err != nil {
			return
		}
		total := 0
		for _, p := range s.track.spans() {
			if p.N <= 0 {
				t.Fatalf("a span of %d units", p.N)
			}
			total += p.N
		}
		if total != s.text.Len() {
			t.Fatalf("spans of %d units on a text of %d", total, s.text.Len())
		}
		if again, err := decodeState(1, 1, s.encode()); err != nil || again.text.String() != s.text.String() {
			t.Fatalf("does not round-trip: %v", err)
		}
	})
}

func FuzzDecodeSlots(f *testing.F) {
	f.Add(int64(0), encodeSlots([]slot{{from: 0, to: 5, at: 1, last: 2, counts: []Count{{By: 1, Updates: 5, Inserted: 6, Deleted: 7}}}}))
	f.Add(int64(7), []byte{2, 1, 0, 0, 0})
	f.Fuzz(func(t *testing.T, from int64, src []byte) {
		list, err := decodeSlots(from, src)
		if err != nil {
			return
		}
		once := encodeSlots(list)
		again, err := decodeSlots(from, once)
		if err != nil || !bytes.Equal(encodeSlots(again), once) {
			t.Fatalf("does not round-trip: %v", err)
		}
	})
}

// FuzzDecodeDelta reads what changed over a frame.
func FuzzDecodeDelta(f *testing.F) {
	f.Add(changeset.AppendUvarint(nil, 0))
	f.Add([]byte{1, 9})
	f.Add([]byte{2, 10, 2, 4, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := decodeDelta(zipper.EncodeAll(raw, nil))
		if err != nil {
			return
		}
		if n := d.length(); n < 0 {
			t.Fatalf("a text of %d units", n)
		}
		once := d.encode()
		again, err := decodeDelta(once)
		if err != nil || !bytes.Equal(again.encode(), once) {
			t.Fatalf("does not round-trip: %v", err)
		}
		d.fates()
	})
}
