package draft

import (
	"bytes"
	"testing"

	"github.com/multaqa/multaqa/pkg/changeset"
)

func FuzzDecodePush(f *testing.F) {
	c, err := changeset.Replace(6, 2, 3, "م😀")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(Push{Handle: 7, Base: 300, Length: 6, Seq: 41, Updates: []changeset.ChangeSet{c}, Caret: &Caret{Anchor: 2, Head: 6}}.Append(nil))
	f.Add(Push{Handle: 7, Base: 300, Length: 6, Seq: 41, Updates: []changeset.ChangeSet{c}}.Append(nil))
	f.Add([]byte{1, 7, 0, 6, 1, 1, 0})
	f.Fuzz(func(t *testing.T, src []byte) {
		p, err := DecodePush(src)
		if err != nil {
			return
		}
		if back := p.Append(nil); !bytes.Equal(back, src) {
			t.Fatalf("two encodings of one push: %x and %x", src, back)
		}
		length := p.Length
		for _, u := range p.Updates {
			if u.Len() != length {
				t.Fatalf("a change of %d units on a text of %d", u.Len(), length)
			}
			length = u.NewLen()
		}
	})
}

func FuzzDecodeFrame(f *testing.F) {
	f.Add([]byte{2, 7, 0xac, 2, 6, 0x29, 2, 0xa0, 0x1f, 0x0a, 0xd9, 0x85}, 2000) // the example of docs/protocol.md
	f.Add([]byte{2, 7, 0, 7, 1, 2, 1, 6, 'a', 1, 6, 'b'}, 0)
	f.Fuzz(func(t *testing.T, src []byte, length int) {
		_, from, updates, err := DecodeFrame(src, length)
		if err != nil {
			return
		}
		for i, u := range updates {
			if u.Version != from+int64(i)+1 || u.Change.Len() != u.Length {
				t.Fatalf("update %d: %+v", i, u)
			}
		}
		again, err := readRuns(appendRuns(nil, updates), from, length)
		if err != nil || len(again) != len(updates) {
			t.Fatalf("does not round-trip: %v", err)
		}
	})
}

// TestRunsKeepAuthorsApart: a run is of one client, also where another's sequence is the next number.
func TestRunsKeepAuthorsApart(t *testing.T) {
	var updates []Update
	for i, client := range []int64{3, 4, 4, 3} {
		c, err := changeset.Replace(10+i, i, i, "م")
		if err != nil {
			t.Fatal(err)
		}
		updates = append(updates, Update{Version: int64(1 + i), Client: client, Seq: int64(5 + i), Length: 10 + i, Change: c})
	}
	back, err := readRuns(appendRuns(nil, updates), 0, 10)
	if err != nil || len(back) != len(updates) {
		t.Fatalf("%d updates: %v", len(back), err)
	}
	for i, u := range back {
		if u.Client != updates[i].Client || u.Seq != updates[i].Seq || u.Version != updates[i].Version {
			t.Errorf("%+v, want %+v", u, updates[i])
		}
	}
}

// TestExampleOfTheProtocol holds the documented bytes to the code.
func TestExampleOfTheProtocol(t *testing.T) {
	c, err := changeset.Replace(2000, 1000, 1000, "م")
	if err != nil {
		t.Fatal(err)
	}
	got := appendRuns(frameHeader(nil, 7, 300), []Update{{Version: 301, Client: 3, Seq: 41, Length: 2000, Change: c}})
	want := []byte{2, 7, 0xac, 2, 6, 0x29, 2, 0xa0, 0x1f, 0x0a, 0xd9, 0x85}
	if !bytes.Equal(got, want) {
		t.Fatalf("%x, documented %x", got, want)
	}
}
