package history

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"unicode/utf16"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/draft/drafttest"
	"github.com/multaqa/multaqa/pkg/textdiff"
)

// model is authorship one unit at a time.
type model struct{ by []int64 }

func (m *model) apply(c changeset.ChangeSet, by int64) {
	c.Each(func(fromA, toA, fromB, toB int, _ string) {
		mine := make([]int64, toB-fromB)
		for i := range mine {
			mine[i] = by
		}
		m.by = slices.Replace(m.by, fromB, fromB+toA-fromA, mine...)
	})
}

func units(spans []Span) []int64 {
	var out []int64
	for _, s := range spans {
		for range s.N {
			out = append(out, s.By)
		}
	}
	return out
}

func TestAuthorshipIsThatOfEveryUnitOfTheLog(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := rand.New(rand.NewPCG(14, 17))
		w := newWorld(t, d, "# دليل\n\nنصٌّ أوّل 😀\n")
		text := w.text
		m := model{by: make([]int64, text.Len())}
		const updates = 5000
		var clients []int64
		var changes []changeset.ChangeSet
		texts := map[int64]string{0: text.String()}
		owners := map[int64][]int64{0: slices.Clone(m.by)}
		for v := int64(1); v <= updates; v++ {
			c := drafttest.RandomEdit(r, text)
			client := int64(1 + r.IntN(3))
			clients, changes = append(clients, client), append(changes, c)
			var err error
			if text, err = c.Apply(text); err != nil {
				t.Fatal(err)
			}
			m.apply(c, map[int64]int64{1: 1, 2: 2, 3: 1}[client])
			if v%617 == 0 || v == updates || v == frameUpdates || v == frameUpdates+1 {
				texts[v], owners[v] = text.String(), slices.Clone(m.by)
			}
		}
		w.write(clients, changes, 3)
		for v, want := range texts {
			got, err := w.history.Version(t.Context(), salma, w.id, v)
			if err != nil {
				t.Fatal(err)
			}
			if got.Text != want {
				t.Fatalf("the text of version %d differs", v)
			}
			if !reflect.DeepEqual(units(got.Spans), owners[v]) && len(want) > 0 {
				t.Fatalf("the authorship of version %d differs", v)
			}
			words := 0
			for _, s := range got.Sections {
				for _, sh := range s.Shares {
					words += sh.Words
				}
			}
			if want := textdiff.Count(want); words != want {
				t.Errorf("version %d has %d words in its sections, want %d", v, words, want)
			}
		}
		for _, pair := range [][2]int64{{0, updates}, {617, 1234}, {frameUpdates, frameUpdates + 1}, {updates, updates}, {0, 0}} {
			c, err := w.history.Compare(t.Context(), omar, w.id, pair[0], pair[1])
			if err != nil {
				t.Fatal(err)
			}
			var blocks []textdiff.Block
			for _, b := range c.Blocks {
				plain := b.Block
				plain.Parts = nil
				for _, p := range b.Parts {
					plain.Parts = append(plain.Parts, textdiff.Part{Op: p.Op, Text: p.Text})
				}
				blocks = append(blocks, plain)
			}
			if textdiff.Old(blocks) != texts[pair[0]] || textdiff.New(blocks) != texts[pair[1]] {
				t.Fatalf("the comparison of %v is of other texts", pair)
			}
		}
		// The timeline counts every update once.
		tl, err := w.history.Timeline(t.Context(), salma, w.id)
		if err != nil {
			t.Fatal(err)
		}
		n, at := 0, int64(0)
		for _, b := range tl.Buckets {
			if b.From != at {
				t.Fatalf("a bucket begins at %d, want %d", b.From, at)
			}
			at = b.To
			for _, c := range b.Counts {
				n += c.Updates
			}
		}
		if n != updates || at != updates || tl.Head != updates {
			t.Fatalf("the timeline has %d updates up to %d, head %d", n, at, tl.Head)
		}
		if len(tl.Writers) != 2 || tl.Writers[1].Person != salma.Person || tl.Writers[2].Agency != omar.Agency {
			t.Fatalf("writers: %v", tl.Writers)
		}
		// A window plays to what the server says.
		win, err := w.history.Window(t.Context(), salma, w.id, 3000)
		if err != nil {
			t.Fatal(err)
		}
		if win.From != frameUpdates || win.To != 2*frameUpdates || len(win.Times) != frameUpdates {
			t.Fatalf("window %d to %d with %d times", win.From, win.To, len(win.Times))
		}
		_, _, us, err := draft.DecodeFrame(slices.Concat([]byte{2, 0, 0}, win.Updates), len(utf16.Encode([]rune(win.Text))))
		if err != nil {
			t.Fatal(err)
		}
		play := changeset.NewText(win.Text)
		for _, u := range us[:3085-frameUpdates] {
			if play, err = u.Change.Apply(play); err != nil {
				t.Fatal(err)
			}
		}
		if play.String() != texts[3085] {
			t.Fatal("a played window differs from the version")
		}
	})
}
