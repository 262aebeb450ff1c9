package glossary

import (
	"context"
	"slices"
	"strings"

	"github.com/multaqa/multaqa/pkg/arabic"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/id"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Limits.
const (
	MaxWord        = 80  // clusters of a preferred or discouraged word
	MaxDefinition  = 600 // clusters
	MaxDiscouraged = 20
	MaxTerms       = 5000
	maxNote        = 500
)

// State is where a term stands.
type State string

// The states of a term. Rejected and retired terms stay to be read.
const (
	Proposed State = "proposed"
	Approved State = "approved"
	Rejected State = "rejected"
	Retired  State = "retired"
)

// moves lists the states that the secretariat may move a term to, and whether that needs a note.
var moves = map[State]map[State]bool{
	Proposed: {Approved: false, Rejected: true},
	Approved: {Retired: true},
	Rejected: {Approved: false},
	Retired:  {Approved: false},
}

// Discouraged is a word that should not be used for the concept.
type Discouraged struct {
	Lang string `json:"lang"` // ar or en
	Text string `json:"text"`
}

// Term is a concept with its words.
type Term struct {
	ID          string
	State       State
	Words       locale.Text // preferred
	Definition  locale.Text
	Discouraged []Discouraged
	Person      string
	Agency      string
	Note        string
	Edition     int64
	Version     int64
	CreatedAt   db.Time
	UpdatedAt   db.Time
}

// Input is what a person says of a term.
type Input struct {
	Words       locale.Text
	Definition  locale.Text
	Discouraged []Discouraged
}

// Service is the use cases of the glossary. It is safe for concurrent use.
type Service struct{ db *db.DB }

// New returns the service.
func New(d *db.DB) *Service { return &Service{db: d} }

// List returns the terms of a state ("" for all) in Arabic order, and the
// edition of the glossary. Who may not propose sees the approved ones only.
//
// Faults: policy.unauthenticated.
func (s *Service) List(ctx context.Context, actor policy.Actor, state State) ([]Term, int64, error) {
	var terms []Term
	var edition int64
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if err := policy.Check(actor, policy.ReadTerms, facts("")); err != nil {
			return err
		}
		if !policy.Can(actor, policy.ProposeTerm, facts("")) {
			state = Approved
		}
		if terms, err = list(ctx, tx, state); err != nil {
			return err
		}
		edition, err = head(ctx, tx)
		return err
	})
	return terms, edition, err
}

// Approved returns the approved terms, which explain published texts to
// everybody, and the edition of the glossary. Who proposed a term is not told.
func (s *Service) Approved(ctx context.Context, actor policy.Actor) (terms []Term, edition int64, err error) {
	if err := policy.Check(actor, policy.ExplainTerms, policy.Open("term")); err != nil {
		return nil, 0, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if terms, err = list(ctx, tx, Approved); err != nil {
			return err
		}
		for i := range terms {
			terms[i].Person, terms[i].Agency, terms[i].Note = "", "", ""
		}
		edition, err = head(ctx, tx)
		return err
	})
	return terms, edition, err
}

func facts(id string) policy.Facts { return policy.Facts{Kind: "term", ID: id} }

// Abilities lists what the actor may do with terms.
func Abilities(actor policy.Actor) map[string]bool {
	return policy.Abilities(actor, facts(""), policy.ProposeTerm, policy.DecideTerm)
}

// Propose adds a term. What the secretariat adds is approved at once.
//
// Faults: policy.forbidden, glossary.invalid with fields, glossary.taken with
// the field and the other term, glossary.too_many.
func (s *Service) Propose(ctx context.Context, actor policy.Actor, in Input) (Term, error) {
	var t Term
	err := s.db.Transact(ctx, func(tx *db.Tx) error {
		if err := policy.Check(actor, policy.ProposeTerm, facts("")); err != nil {
			return err
		}
		in, err := check(in)
		if err != nil {
			return err
		}
		if n, err := count(ctx, tx); err != nil {
			return err
		} else if n >= MaxTerms {
			return fault.New(fault.Conflict, "glossary.too_many")
		}
		now := tx.Now()
		t = Term{ID: id.New("te"), State: Proposed, Words: in.Words, Definition: in.Definition, Discouraged: in.Discouraged,
			Person: actor.Person, Agency: actor.Agency, Version: 1, CreatedAt: now, UpdatedAt: now}
		if policy.Can(actor, policy.DecideTerm, facts("")) {
			t.State = Approved
		}
		if err := insert(ctx, tx, t); err != nil {
			return err
		}
		if err := s.settle(ctx, tx, &t); err != nil {
			return err
		}
		return event.Append(ctx, tx, actor, TermChanged{Term: t.ID, To: t.State, Edition: t.Edition})
	})
	return t, err
}

// Change writes a term's words anew. Version is the one that was read: what
// another changed meanwhile is not overwritten. The secretariat changes any
// term, who proposed one changes it while it waits.
//
// Faults: term.not_found, policy.forbidden, glossary.stale, glossary.invalid
// and glossary.taken with fields.
func (s *Service) Change(ctx context.Context, actor policy.Actor, term string, version int64, in Input) (Term, error) {
	return s.change(ctx, actor, term, version, func(tx *db.Tx, t *Term) error {
		own := t.State == Proposed && t.Person == actor.Person && policy.Can(actor, policy.ProposeTerm, facts(t.ID))
		if !own {
			if err := policy.Check(actor, policy.DecideTerm, facts(t.ID)); err != nil {
				return err
			}
		}
		in, err := check(in)
		if err != nil {
			return err
		}
		t.Words, t.Definition, t.Discouraged = in.Words, in.Definition, in.Discouraged
		return nil
	})
}

// Move brings a term to another state. Rejecting and retiring need a note.
//
// Faults: term.not_found, policy.forbidden, glossary.stale,
// glossary.illegal_move with "allowed", glossary.invalid, glossary.taken.
func (s *Service) Move(ctx context.Context, actor policy.Actor, term string, version int64, to State, note string) (Term, error) {
	return s.change(ctx, actor, term, version, func(tx *db.Tx, t *Term) error {
		if err := policy.Check(actor, policy.DecideTerm, facts(t.ID)); err != nil {
			return err
		}
		needsNote, ok := moves[t.State][to]
		if !ok {
			return fault.New(fault.Conflict, "glossary.illegal_move").With("allowed", Next(t.State))
		}
		note = strings.TrimSpace(note)
		if p := passage(note, maxNote, needsNote); p != "" {
			return fault.New(fault.Invalid, "glossary.invalid").WithField("note", p)
		}
		t.State, t.Note = to, note
		return nil
	})
}

// Next lists the states a term may be moved to.
func Next(from State) []State {
	out := []State{}
	for _, to := range []State{Approved, Rejected, Retired} {
		if _, ok := moves[from][to]; ok {
			out = append(out, to)
		}
	}
	return out
}

func (s *Service) change(ctx context.Context, actor policy.Actor, term string, version int64, do func(tx *db.Tx, t *Term) error) (Term, error) {
	var t Term
	err := s.db.Transact(ctx, func(tx *db.Tx) (err error) {
		if err := policy.Check(actor, policy.ReadTerms, facts(term)); err != nil {
			return err
		}
		if t, err = findForUpdate(ctx, tx, term); err != nil {
			return err
		}
		seesAll := policy.Can(actor, policy.ProposeTerm, facts(term))
		if t.State != Approved && !seesAll {
			return policy.NotFound("term")
		}
		if t.Version != version {
			// Whether the right is there comes first; nobody learns versions by trying.
			if err := policy.Check(actor, policy.ProposeTerm, facts(term)); err != nil {
				return err
			}
			return fault.New(fault.Conflict, "glossary.stale")
		}
		from := t.State
		if err := do(tx, &t); err != nil {
			return err
		}
		t.Version, t.UpdatedAt = t.Version+1, tx.Now()
		before := t.Edition
		if err := s.settle(ctx, tx, &t); err != nil {
			return err
		}
		if from == Approved && t.State != Approved {
			if t.Edition, err = next(ctx, tx); err != nil {
				return err
			}
		}
		if err := update(ctx, tx, t); err != nil {
			return err
		}
		ev := TermChanged{Term: t.ID, From: from, To: t.State}
		if t.Edition != before {
			ev.Edition = t.Edition
		}
		return event.Append(ctx, tx, actor, ev)
	})
	return t, err
}

// settle makes the forms in use what the term says, and gives an approved term the glossary's next edition.
func (s *Service) settle(ctx context.Context, tx *db.Tx, t *Term) error {
	if err := clearForms(ctx, tx, t.ID); err != nil {
		return err
	}
	if t.State != Approved {
		return nil
	}
	type form struct{ lang, text, field string }
	forms := []form{{"ar", t.Words.Ar, "ar"}, {"en", t.Words.En, "en"}}
	for _, d := range t.Discouraged {
		forms = append(forms, form{d.Lang, d.Text, "discouraged"})
	}
	for _, f := range forms {
		other, err := insertForm(ctx, tx, f.lang, arabic.SortKey(f.text), t.ID)
		if err != nil {
			return err
		}
		if other != "" {
			return fault.New(fault.Conflict, "glossary.taken").WithField(f.field, "taken").With("term", other).With("word", f.text)
		}
	}
	edition, err := next(ctx, tx)
	if err != nil {
		return err
	}
	t.Edition = edition
	return update(ctx, tx, *t)
}

// check returns the input cleaned, or glossary.invalid with its fields.
func check(in Input) (Input, error) {
	bad := fault.New(fault.Invalid, "glossary.invalid")
	n := len(bad.Fields)
	word := func(field, s string) string {
		s = strings.TrimSpace(s)
		if p := member.Problem(s, MaxWord); p != "" {
			bad = bad.WithField(field, p)
		} else if len(arabic.Words(s)) == 0 {
			bad = bad.WithField(field, "invisible")
		}
		return s
	}
	in.Words = locale.Text{Ar: word("ar", in.Words.Ar), En: word("en", in.Words.En)}
	in.Definition = locale.Text{Ar: strings.TrimSpace(in.Definition.Ar), En: strings.TrimSpace(in.Definition.En)}
	for field, s := range map[string]string{"definition_ar": in.Definition.Ar, "definition_en": in.Definition.En} {
		if p := passage(s, MaxDefinition, false); p != "" {
			bad = bad.WithField(field, p)
		}
	}
	if in.Definition.Ar == "" && in.Definition.En == "" {
		bad = bad.WithField("definition_ar", "required")
	}
	if len(in.Discouraged) > MaxDiscouraged {
		return in, bad.WithField("discouraged", "too_many")
	}
	seen := map[[2]string]bool{{"ar", arabic.SortKey(in.Words.Ar)}: true, {"en", arabic.SortKey(in.Words.En)}: true}
	in.Discouraged = slices.Clone(in.Discouraged)
	for i, d := range in.Discouraged {
		if d.Lang != "ar" && d.Lang != "en" {
			bad = bad.WithField("discouraged", "unknown_language")
			continue
		}
		in.Discouraged[i].Text = word("discouraged", d.Text)
		key := [2]string{d.Lang, arabic.SortKey(in.Discouraged[i].Text)}
		if seen[key] {
			bad = bad.WithField("discouraged", "duplicate")
		}
		seen[key] = true
	}
	if len(bad.Fields) > n {
		return in, bad
	}
	return in, nil
}
