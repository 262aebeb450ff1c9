package suggestion

import (
	"strings"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
)

// Limits.
const (
	MaxParts   = 200
	MaxText    = 20_000 // UTF-16 units, inserted and deleted together
	MaxNote    = 2_000  // runes of a note or a reason
	MaxKey     = 64     // bytes
	MaxOpen    = 2_000  // of one draft
	MaxDecided = 200    // decided ones that are listed, the newest
)

// State of a suggestion.
type State string

// The states.
const (
	Open      State = "open"
	Accepted  State = "accepted"
	Rejected  State = "rejected"
	Withdrawn State = "withdrawn"
)

// Kind says what a suggestion does.
type Kind string

// The kinds.
const (
	Insert  Kind = "insert"
	Delete  Kind = "delete"
	Replace Kind = "replace"
)

// Part puts Insert in the place of [From, To), in UTF-16 units. Parts of one suggestion are in order and apart.
type Part struct {
	From, To int
	Insert   string
}

// Suggestion is one proposed change.
type Suggestion struct {
	ID        string
	Draft     string
	Key       string // its author's tab knows it by this
	State     State
	Version   int64 // the text that Parts are for
	Orphaned  bool
	Quote     string
	Insertion string
	Note      string
	Person    string
	Agency    string
	Seat      string
	CreatedAt db.Time
	UpdatedAt db.Time

	DecidedBy     string
	DecidedAgency string
	DecidedAt     db.Time
	Reason        string
	LogVersion    int64 // the version of the text that has it; 0 unless accepted
	Thread        string
	Hidden        bool // by moderation: its author alone sees it

	Abilities map[string]bool // of whoever asked

	change changeset.ChangeSet
	length int // of the text of Version
}

// Kind says whether it inserts, deletes or replaces.
func (s *Suggestion) Kind() Kind {
	switch {
	case s.Quote == "":
		return Insert
	case s.Insertion == "":
		return Delete
	}
	return Replace
}

// Parts are its ranges in the text of Version; none once it is decided or orphaned.
func (s *Suggestion) Parts() []Part {
	if s.State != Open || s.Orphaned {
		return nil
	}
	return partsOf(s.change)
}

func partsOf(c changeset.ChangeSet) []Part {
	var out []Part
	c.Each(func(from, to, _, _ int, insert string) {
		// Adjacent sections are one part, as they were typed.
		if n := len(out); n > 0 && out[n-1].To == from {
			out[n-1].To = to
			out[n-1].Insert += insert
			return
		}
		out = append(out, Part{from, to, insert})
	})
	return out
}

// At implements draft.Mover.
func (s *Suggestion) At() int64 { return s.Version }

// Follow implements draft.Mover.
func (s *Suggestion) Follow(u draft.Update) {
	if u.Version > s.Version {
		s.Version = u.Version
		s.move(u.Change)
	}
}

// move maps the suggestion over a change of its text.
func (s *Suggestion) move(over changeset.ChangeSet) {
	s.length = over.NewLen()
	if s.Orphaned {
		return
	}
	moved, err := s.change.Map(over, false)
	if err != nil || gone(s.change, moved, over) {
		s.Orphaned = true
		return
	}
	s.change = moved
}

// gone says whether nothing is left of what was stands on: of the text it takes away, or, when it only inserts, of the text on both sides
// of each of its places.
func gone(was, moved, over changeset.ChangeSet) bool {
	if takes(was) > 0 {
		return takes(moved) == 0
	}
	left := false
	was.Each(func(from, _, _, _ int, _ string) {
		if _, ok := over.MapPos(from, 1, changeset.TrackDel); ok {
			left = true
		}
	})
	return !left
}

// takes is how many units a change takes away.
func takes(c changeset.ChangeSet) int {
	n := 0
	c.Each(func(from, to, _, _ int, _ string) { n += to - from })
	return n
}

// changeOf makes the change of a text of length units; ok is false when the parts are out of order, beyond it, or do nothing.
func changeOf(length int, parts []Part) (changeset.ChangeSet, bool) {
	c := changeset.Empty(length)
	// From the last to the first, so that positions stay those of the text.
	for i := len(parts) - 1; i >= 0; i-- {
		p := parts[i]
		if p.From < 0 || p.To < p.From || i+1 < len(parts) && p.To >= parts[i+1].From || p.From == p.To && p.Insert == "" {
			return c, false
		}
		one, err := changeset.Replace(length+c.NewLen()-c.Len(), p.From, p.To, p.Insert)
		if err != nil || p.To > length {
			return c, false
		}
		if c, err = c.Compose(one); err != nil {
			return c, false
		}
	}
	return c, !c.IsEmpty()
}

// describe takes the quote and the insertion from the text that the change is for.
func (s *Suggestion) describe(text changeset.Text) error {
	var quote, insertion strings.Builder
	for _, p := range partsOf(s.change) {
		q, err := text.Slice(p.From, p.To)
		if err != nil {
			return err
		}
		quote.WriteString(q)
		insertion.WriteString(p.Insert)
	}
	s.Quote, s.Insertion = quote.String(), insertion.String()
	return nil
}
