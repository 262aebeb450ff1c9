package suggestion

import (
	"context"
	"strings"
	"unicode"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/textdiff"
)

// Editions keeps an edition's approval over a correction of its text (guideline.Service).
type Editions interface {
	BeginCorrection(ctx context.Context, tx *db.Tx, actor policy.Actor, draft string) error
	Corrected(ctx context.Context, tx *db.Tx, actor policy.Actor, draft string) error
}

// Correct takes a suggestion into an approved text whose approval stands (rules D3: "unless only spelling and marked minor by the reviewer").
// That it is minor is the actor's word; the hub refuses what can be no spelling.
//
// Faults: draft.not_found, policy.forbidden, suggestion.not_found, suggestion.closed, suggestion.orphaned, suggestion.not_spelling,
// guideline.illegal_step, and those of draft.Service.EditOn.
func (s *Service) Correct(ctx context.Context, actor policy.Actor, draftID, suggestion string) (Suggestion, error) {
	var out Suggestion
	terms := draft.Terms{
		Action: policy.CorrectSuggestion,
		Begin: func(ctx context.Context, tx *db.Tx) error {
			f, err := s.about(ctx, tx, draftID)
			if err != nil {
				return err
			}
			if err := policy.Check(actor, policy.CorrectSuggestion, f); err != nil {
				return err
			}
			return s.Editions.BeginCorrection(ctx, tx, actor, draftID)
		},
		Done: func(ctx context.Context, tx *db.Tx) error { return s.Editions.Corrected(ctx, tx, actor, draftID) },
	}
	_, err := s.drafts.EditOn(ctx, actor, draftID, terms, func(ctx context.Context, tx *db.Tx, now draft.Now) ([]draft.Part, error) {
		picked, err := Pick{IDs: []string{suggestion}}.open(ctx, tx, draftID)
		if err != nil {
			return nil, err
		}
		sg := picked[0]
		f := now.Facts
		f.Owner = sg.Person
		if err := policy.Check(actor, policy.CorrectSuggestion, f); err != nil {
			return nil, err
		}
		if _, _, err := draft.Follow(ctx, tx, draftID, picked); err != nil {
			return nil, err
		}
		if sg.Orphaned {
			return nil, fault.New(fault.Conflict, "suggestion.orphaned")
		}
		ok, err := onlySpelling(now.Text, sg.change)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, fault.New(fault.Invalid, "suggestion.not_spelling")
		}
		sg.Version, sg.LogVersion = now.Version, now.Version+1
		if err := s.decide(ctx, tx, actor, now.Facts, sg, Accepted, ""); err != nil {
			return nil, err
		}
		out = *sg
		return []draft.Part{{Credit: draft.Credit{Person: sg.Person, Agency: sg.Agency, Seat: sg.Seat}, Change: sg.change}}, nil
	})
	return out, err
}

// maxRespelled bounds a stretch of changed letters that are compared, in runes.
const maxRespelled = 500

// onlySpelling says whether a change of the text can be one of spelling: see Spelling.
func onlySpelling(text changeset.Text, change changeset.ChangeSet) (bool, error) {
	after, err := change.Apply(text)
	if err != nil {
		return false, err
	}
	return Spelling(text.String(), after.String()), nil
}

// Spelling says whether one text can differ from another in spelling alone: no line comes or goes, no word does, no digit and no sign of
// Markdown changes, and each stretch of words changes by two letters, or by a third of them where they are many. It knows no language: that
// "now" for "not" is no spelling is for the reviewer to see.
func Spelling(before, after string) bool {
	was, is := strings.Split(before, "\n"), strings.Split(after, "\n")
	if len(was) != len(is) {
		return false
	}
	for i := range was {
		if was[i] != is[i] && !spelledOtherwise(was[i], is[i]) {
			return false
		}
	}
	return true
}

func spelledOtherwise(was, is string) bool {
	if signs(was) != signs(is) {
		return false
	}
	var gone, come strings.Builder
	settle := func() bool {
		d, i := letters(gone.String()), letters(come.String())
		gone.Reset()
		come.Reset()
		if len(d) == 0 && len(i) == 0 {
			return true // spaces, stops, vowel signs
		}
		return len(d) > 0 && len(i) > 0 && max(len(d), len(i)) <= maxRespelled && distance(d, i) <= max(2, len(d)/3)
	}
	for _, p := range textdiff.Parts(was, is) {
		switch p.Op {
		case textdiff.Delete:
			gone.WriteString(p.Text)
		case textdiff.Insert:
			come.WriteString(p.Text)
		default:
			if !settle() {
				return false
			}
		}
	}
	return settle()
}

// signs are the digits, the signs that Markdown and addresses are made of, and the spaces that a line begins with.
func signs(line string) string {
	var b strings.Builder
	b.WriteString(line[:len(line)-len(strings.TrimLeft(line, " \t"))])
	for _, r := range line {
		if unicode.IsNumber(r) || strings.ContainsRune("#*_`~<>[]()|\\/:@=+%٪&^${}", r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// letters are the letters alone: a space between two words, a stop and a vowel sign are spelling.
func letters(s string) []rune {
	var out []rune
	for _, r := range s {
		if unicode.IsLetter(r) && r != 0x0640 {
			out = append(out, unicode.ToLower(r))
		}
	}
	return out
}

// distance is how many letters come, go or change. It is asked about stretches of a line.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			next := diagonal
			if a[i] != b[j] {
				next = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}
