package suggestion

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/draft/drafttest"
	"github.com/multaqa/multaqa/pkg/fault"
)

// unit is one code unit of the text with a name of its own, so that "its own text" can be checked without the algebra of changes.
type unit struct {
	code uint16
	name int
}

// model is the text as named units.
type model struct {
	units []unit
	next  int
}

func (m *model) name(s string) []unit {
	var out []unit
	for _, c := range utf16.Encode([]rune(s)) {
		m.next++
		out = append(out, unit{c, m.next})
	}
	return out
}

func (m *model) replace(from, to int, s string) {
	m.units = slices.Concat(m.units[:from], m.name(s), m.units[to:])
}

func (m *model) text() string {
	codes := make([]uint16, len(m.units))
	for i, u := range m.units {
		codes[i] = u.code
	}
	return string(utf16.Decode(codes))
}

// proposal is a suggestion as the model knows it: by the names of the units it takes away, or, when it takes none, of its neighbours.
type proposal struct {
	id          string
	takes       []int
	left, right int // names of the neighbours, 0 at an end of the text
	insert      string
}

func (m *model) has(name int) bool {
	return slices.ContainsFunc(m.units, func(u unit) bool { return u.name == name })
}

// TestAcceptedTextEqualsTheModel: random edits and random, often overlapping suggestions. Whatever is accepted takes away exactly those of its
// units that are still there and no other, and puts its text, whole, between what stood around them; the rest of the text stays. An
// orphan is one whose units are all gone.
func TestAcceptedTextEqualsTheModel(t *testing.T) {
	const steps = 500
	start := strings.Repeat("مُدّة الخدمة 😀 في المركز\n", 12)
	w := newWorld(t, dbtest.Open(t), start)
	m := &model{}
	m.units = m.name(start)
	rnd := rand.New(rand.NewPCG(21, 22))
	var open []proposal
	accepted, orphaned := 0, 0
	ctx := t.Context()
	for step := range steps {
		switch dice := rnd.IntN(10); {
		case dice < 4: // somebody edits the text
			c := drafttest.RandomEdit(rnd, changeset.NewText(m.text()))
			c.Each(func(from, to, _, _ int, insert string) { m.replace(from, to, insert) })
			if _, err := w.drafts.Edit(ctx, salma, w.id, func(_ context.Context, _ *db.Tx, _ draft.Now) ([]draft.Part, error) {
				return []draft.Part{{Credit: draft.CreditOf(salma), Change: c}}, nil
			}); err != nil {
				t.Fatal(err)
			}
		case dice < 7 || len(open) == 0: // somebody suggests, near others
			c := drafttest.RandomEdit(rnd, changeset.NewText(m.text()))
			var p proposal
			var part Part
			c.Each(func(from, to, _, _ int, insert string) { part = Part{from, to, insert} })
			for _, u := range m.units[part.From:part.To] {
				p.takes = append(p.takes, u.name)
			}
			if part.From > 0 {
				p.left = m.units[part.From-1].name
			}
			if part.To < len(m.units) {
				p.right = m.units[part.To].name
			}
			s := w.save(khalid, Save{Parts: []Part{part}})
			p.id, p.insert = s.ID, s.Insertion
			open = append(open, p)
		default: // one is accepted
			i := rnd.IntN(len(open))
			p := open[i]
			open = slices.Delete(open, i, i+1)
			there := slices.ContainsFunc(p.takes, m.has)
			if len(p.takes) == 0 {
				there = p.left == 0 || p.right == 0 || m.has(p.left) || m.has(p.right)
			}
			before := m.units
			_, _, err := w.svc.Accept(ctx, salma, w.id, Pick{IDs: []string{p.id}})
			if fault.Is(err, "suggestion.orphaned") {
				if there && len(p.takes) > 0 {
					t.Fatalf("step %d: refused as orphaned, its text is there", step)
				}
				orphaned++
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(p.takes) > 0 && !there {
				t.Fatalf("step %d: accepted, and nothing of its text was left", step)
			}
			accepted++
			_, after := w.text()
			// Take its units away; the result is that with the insertion at one place, at or between where they were.
			var kept []unit
			first, last := -1, -1 // positions in kept, around its place
			for _, u := range before {
				if slices.Contains(p.takes, u.name) {
					if first < 0 {
						first = len(kept)
					}
					last = len(kept)
					continue
				}
				kept = append(kept, u)
			}
			if len(p.takes) == 0 {
				first, last = 0, len(kept)
				for j, u := range kept {
					if u.name == p.left {
						first = j + 1
					}
					if u.name == p.right {
						last = j
						break
					}
				}
			}
			found := false
			for at := first; at <= last && !found; at++ {
				try := model{units: kept, next: m.next}
				try.replace(at, at, p.insert)
				if found = try.text() == after; found {
					*m = try
				}
			}
			if !found {
				t.Fatalf("step %d: accepting %q for %d units at %d to %d gave\n%q\nfrom\n%q", step, p.insert, len(p.takes), first, last, after, (&model{units: before}).text())
			}
		}
		if step%25 != 24 {
			continue
		}
		if _, text := w.text(); text != m.text() {
			t.Fatalf("step %d: the text is not the model's", step)
		}
		// Nothing is misplaced: each open one stands on all of its own units that are left, and on no other.
		for _, s := range w.listed() {
			i := slices.IndexFunc(open, func(p proposal) bool { return p.id == s.ID })
			if i < 0 {
				continue // an orphan the model let go
			}
			var stands []int
			for _, part := range s.Parts() {
				for _, u := range m.units[part.From:part.To] {
					stands = append(stands, u.name)
				}
			}
			var left []int
			for _, u := range m.units {
				if slices.Contains(open[i].takes, u.name) {
					left = append(left, u.name)
				}
			}
			if !slices.Equal(stands, left) && !(s.Orphaned && len(left) == 0) {
				t.Fatalf("step %d: stands on %v, its own are %v", step, stands, left)
			}
		}
	}
	if accepted < steps/8 || orphaned == 0 {
		t.Fatalf("%d accepted, %d orphaned: the test tries too little", accepted, orphaned)
	}
	t.Logf("%d accepted, %d orphaned, %d open", accepted, orphaned, len(open))
}
