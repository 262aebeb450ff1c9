package suggestion

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/id"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Facts tells the facts of the edition a draft belongs to (guideline.Service).
type Facts interface {
	Facts(ctx context.Context, tx *db.Tx, draft string) (policy.Facts, error)
}

// Service is the use cases of suggestions. Safe for concurrent use.
type Service struct {
	// Decided, when set, hears of every decision about a suggestion that belongs to a thread, in its transaction and before its event.
	Decided func(ctx context.Context, tx *db.Tx, actor policy.Actor, s Suggestion) error
	// Editions is needed for Correct alone.
	Editions Editions

	db     *db.DB
	drafts *draft.Service
	facts  Facts
	log    *slog.Logger
}

// New returns a service.
func New(d *db.DB, drafts *draft.Service, facts Facts, log *slog.Logger) *Service {
	return &Service{db: d, drafts: drafts, facts: facts, log: log}
}

// Save is what making a suggestion needs, or saving it again.
type Save struct {
	Key     string  // with the key of an open suggestion of the same person and draft it revises that one; "" makes a new one
	Version int64   // the text that Parts are for
	Parts   []Part  // in order and apart
	Note    *string // why; nil leaves it as it is
	Thread  string  // the thread it belongs to, for new ones
}

// Save makes or revises a suggestion. One whose text has gone meanwhile is kept as orphaned, so that nothing written is lost.
//
// Faults: draft.not_found, policy.forbidden, suggestion.invalid with fields, suggestion.closed, suggestion.too_many.
func (s *Service) Save(ctx context.Context, actor policy.Actor, draftID string, in Save) (Suggestion, error) {
	var out Suggestion
	err := s.db.Transact(ctx, func(tx *db.Tx) (err error) {
		out, err = s.Make(ctx, tx, actor, draftID, in)
		return err
	})
	return out, err
}

// Make is Save inside a transaction; it asks the policy and appends the event.
func (s *Service) Make(ctx context.Context, tx *db.Tx, actor policy.Actor, draftID string, in Save) (Suggestion, error) {
	f, err := s.about(ctx, tx, draftID)
	if err != nil {
		return Suggestion{}, err
	}
	if err := policy.Check(actor, policy.CreateSuggestion, f); err != nil {
		return Suggestion{}, err
	}
	if err := in.check(); err != nil {
		return Suggestion{}, err
	}
	now := tx.Now()
	sg := &Suggestion{ID: id.New("sg"), Draft: draftID, Key: in.Key, State: Open, Person: actor.Person, Agency: actor.Agency, Seat: actor.Seat,
		CreatedAt: now, UpdatedAt: now, Thread: in.Thread}
	fresh := true
	if in.Key == "" {
		sg.Key = sg.ID
	} else if old, err := find(ctx, tx, tx.ForUpdate(), `draft = $1 and person = $2 and key = $3`, draftID, actor.Person, in.Key); err == nil {
		sg, fresh = old, false
	} else if !fault.Is(err, "suggestion.not_found") {
		return Suggestion{}, err
	}
	if sg.State != Open {
		return Suggestion{}, fault.New(fault.Conflict, "suggestion.closed")
	}
	before := *sg
	if err := s.place(ctx, tx, sg, in); err != nil {
		return Suggestion{}, err
	}
	if in.Note != nil {
		sg.Note = *in.Note
	}
	sg.Abilities = abilities(actor, f, sg)
	if fresh {
		n, err := count(ctx, tx, draftID)
		if err != nil {
			return Suggestion{}, err
		}
		if n >= MaxOpen {
			return Suggestion{}, fault.New(fault.Conflict, "suggestion.too_many")
		}
		if err := insert(ctx, tx, sg); err != nil {
			return Suggestion{}, err
		}
		return *sg, event.Append(ctx, tx, actor, Made{Suggestion: sg.ID, Draft: draftID, Type: sg.Kind(), Thread: sg.Thread})
	}
	if _, _, err := draft.Follow(ctx, tx, draftID, []*Suggestion{&before}); err != nil {
		return Suggestion{}, err
	}
	if before.Orphaned == sg.Orphaned && before.change.Equal(sg.change) && before.Note == sg.Note {
		return *sg, nil // sent again
	}
	sg.UpdatedAt = now
	if err := update(ctx, tx, sg); err != nil {
		return Suggestion{}, err
	}
	return *sg, event.Append(ctx, tx, actor, Revised{Suggestion: sg.ID, Draft: draftID, Type: sg.Kind()})
}

// place puts the asked parts on the committed text.
func (s *Service) place(ctx context.Context, tx *db.Tx, sg *Suggestion, in Save) error {
	outside := bad("parts", "suggestion.bad_range")
	_, head, err := draft.Head(ctx, tx, sg.Draft)
	if err != nil {
		return err
	}
	if in.Version > head {
		return outside
	}
	sg.Version, sg.Orphaned = in.Version, false
	begun := false
	begin := func(length int) (ok bool) {
		begun = true
		sg.length = length
		sg.change, ok = changeOf(length, in.Parts)
		return ok
	}
	if _, err := draft.Changes(ctx, tx, sg.Draft, in.Version, func(u draft.Update) error {
		if !begun && !begin(u.Length) {
			return outside
		}
		sg.Follow(u)
		return nil
	}); err != nil {
		return err
	}
	// Where nothing is left of its text, what it was is told by the text it was written on.
	at := sg.Version
	if sg.Orphaned {
		at = in.Version
	}
	body, err := draft.TextAt(ctx, tx, sg.Draft, at)
	if err != nil {
		return err
	}
	text := changeset.NewText(body)
	if !begun && !begin(text.Len()) {
		return outside
	}
	was := *sg
	if sg.Orphaned {
		was.change, _ = changeOf(text.Len(), in.Parts)
	}
	if _, err := was.change.Apply(text); err != nil {
		return outside // inside a surrogate pair
	}
	if err := was.describe(text); err != nil {
		return outside
	}
	sg.Quote, sg.Insertion = was.Quote, was.Insertion
	return nil
}

// check bounds and cleans what was sent.
func (in *Save) check() error {
	var err *fault.Error
	size := 0
	for i := range in.Parts {
		p := &in.Parts[i]
		p.Insert = strings.ReplaceAll(strings.ReplaceAll(p.Insert, "\r\n", "\n"), "\r", "\n")
		if strings.ContainsRune(p.Insert, 0) || !utf8.ValidString(p.Insert) {
			err = field(err, "parts", "suggestion.bad_characters")
		}
		if p.To > p.From {
			size += p.To - p.From
		}
		size += changeset.Len16(p.Insert)
	}
	switch {
	case len(in.Parts) == 0:
		err = field(err, "parts", "suggestion.required")
	case len(in.Parts) > MaxParts || size > MaxText:
		err = field(err, "parts", "suggestion.too_long")
	}
	if in.Version < 0 {
		err = field(err, "version", "suggestion.bad_range")
	}
	if len(in.Key) > MaxKey || !utf8.ValidString(in.Key) || strings.ContainsRune(in.Key, 0) {
		err = field(err, "key", "suggestion.bad_characters")
	}
	if in.Note != nil && *in.Note != "" {
		err = words(err, "note", in.Note)
	}
	if err != nil {
		return err
	}
	return nil
}

// about returns the facts of a draft's edition as suggestions need them.
func (s *Service) about(ctx context.Context, tx *db.Tx, draftID string) (policy.Facts, error) {
	f, err := s.facts.Facts(ctx, tx, draftID)
	f.Kind = "draft"
	return f, err
}

func abilities(actor policy.Actor, f policy.Facts, sg *Suggestion) map[string]bool {
	f.Owner = sg.Person
	m := policy.Abilities(actor, f, policy.DecideSuggestion, policy.WithdrawSuggestion, policy.ExplainSuggestion, policy.CreateSuggestion, policy.CorrectSuggestion)
	open := sg.State == Open
	if sg.Hidden {
		// Nobody acts on what is not to be seen; its author may take it back.
		for act := range m {
			m[act] = m[act] && act == string(policy.WithdrawSuggestion)
		}
	}
	m["suggestion.accept"] = m[string(policy.DecideSuggestion)] && open && !sg.Orphaned
	m["suggestion.reject"] = m[string(policy.DecideSuggestion)] && open
	m["suggestion.revise"] = m[string(policy.CreateSuggestion)] && open && sg.Person == actor.Person
	m[string(policy.WithdrawSuggestion)] = m[string(policy.WithdrawSuggestion)] && open
	m[string(policy.ExplainSuggestion)] = m[string(policy.ExplainSuggestion)] && open
	m[string(policy.CorrectSuggestion)] = m[string(policy.CorrectSuggestion)] && open && !sg.Orphaned
	delete(m, string(policy.DecideSuggestion))
	delete(m, string(policy.CreateSuggestion))
	return m
}

// List returns the open suggestions of a draft, oldest first, with their parts at the returned version of the text, and behind them the newest
// decided ones, newest first.
//
// Faults: draft.not_found.
func (s *Service) List(ctx context.Context, actor policy.Actor, draftID string) (all []Suggestion, version int64, err error) {
	var stale []*Suggestion
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		f, err := s.about(ctx, tx, draftID)
		if err != nil {
			return err
		}
		if err := policy.Check(actor, policy.ReadSuggestion, f); err != nil {
			return err
		}
		open, err := list(ctx, tx, `order by created_at, id`, `draft = $1 and state = 'open'`, draftID)
		if err != nil {
			return err
		}
		var late []int
		if version, late, err = draft.Follow(ctx, tx, draftID, open); err != nil {
			return err
		}
		for _, i := range late {
			stale = append(stale, open[i])
		}
		decided, err := list(ctx, tx, `order by decided_at desc, id limit $2`, `draft = $1 and state <> 'open'`, draftID, MaxDecided)
		if err != nil {
			return err
		}
		for _, sg := range append(open, decided...) {
			if sg.Hidden && sg.Person != actor.Person {
				continue
			}
			sg.Abilities = abilities(actor, f, sg)
			all = append(all, *sg)
		}
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	if len(stale) > 0 {
		// Writing positions forward only saves the next reader the way, so a failure is not the reader's.
		if err := s.db.Transact(context.WithoutCancel(ctx), func(tx *db.Tx) error {
			for _, sg := range stale {
				if err := forward(ctx, tx, sg); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			s.log.Warn("move suggestions forward", "draft", draftID, "error", err)
		}
	}
	return all, version, nil
}

// Pick says which open suggestions of a draft are meant: those with the ids, or all of an agency's.
type Pick struct {
	IDs    []string
	Agency string
}

// open reads and locks the suggestions that are meant, oldest first. Named ones must be there and open.
func (p Pick) open(ctx context.Context, tx *db.Tx, draftID string) ([]*Suggestion, error) {
	if p.Agency != "" && len(p.IDs) == 0 {
		return list(ctx, tx, `order by created_at, id`+tx.ForUpdate(), `draft = $1 and state = 'open' and agency = $2 and hidden = false`, draftID, p.Agency)
	}
	if len(p.IDs) == 0 || len(p.IDs) > MaxOpen || p.Agency != "" {
		return nil, bad("ids", "suggestion.required")
	}
	ids := slices.Clone(p.IDs)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	var out []*Suggestion
	for _, id := range ids {
		sg, err := find(ctx, tx, tx.ForUpdate(), `id = $1 and draft = $2`, id, draftID)
		if err != nil {
			return nil, err
		}
		if sg.Hidden {
			return nil, policy.NotFound("suggestion")
		}
		if sg.State != Open {
			return nil, fault.New(fault.Conflict, "suggestion.closed")
		}
		out = append(out, sg)
	}
	return out, nil
}

// DraftOf returns the draft of a suggestion that the actor may read.
//
// Faults: suggestion.not_found.
func (s *Service) DraftOf(ctx context.Context, actor policy.Actor, suggestion string) (string, error) {
	draftID := ""
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		sg, err := find(ctx, tx, "", `id = $1`, suggestion)
		if err != nil {
			return err
		}
		f, err := s.about(ctx, tx, sg.Draft)
		if fault.Is(err, "draft.not_found") {
			return policy.NotFound("suggestion")
		}
		if err != nil {
			return err
		}
		f.Kind = "suggestion"
		if sg.Hidden && sg.Person != actor.Person {
			return policy.NotFound("suggestion")
		}
		draftID = sg.Draft
		return policy.Check(actor, policy.ReadSuggestion, f)
	})
	return draftID, err
}

// Accept writes the suggestions into the text, each with the credit of its author, oldest first, and returns them. Those of several whose text
// another one of them takes away are left open and returned in left; a single one that is orphaned is refused.
//
// Faults: draft.not_found, policy.forbidden, suggestion.not_found, suggestion.closed, suggestion.orphaned, suggestion.invalid, and those of
// draft.Service.Edit.
func (s *Service) Accept(ctx context.Context, actor policy.Actor, draftID string, pick Pick) (done, left []Suggestion, err error) {
	_, err = s.drafts.Edit(ctx, actor, draftID, func(ctx context.Context, tx *db.Tx, now draft.Now) ([]draft.Part, error) {
		done, left = nil, nil
		if err := policy.Check(actor, policy.DecideSuggestion, now.Facts); err != nil {
			return nil, err
		}
		picked, err := pick.open(ctx, tx, draftID)
		if err != nil {
			return nil, err
		}
		slices.SortFunc(picked, func(a, b *Suggestion) int {
			if a.CreatedAt != b.CreatedAt {
				return int(a.CreatedAt - b.CreatedAt)
			}
			return strings.Compare(a.ID, b.ID)
		})
		if _, _, err := draft.Follow(ctx, tx, draftID, picked); err != nil {
			return nil, err
		}
		var parts []draft.Part
		var accepted []*Suggestion
		for _, sg := range picked {
			for _, p := range parts {
				sg.move(p.Change)
			}
			if sg.Orphaned {
				sg.Abilities = abilities(actor, now.Facts, sg)
				left = append(left, *sg)
				continue
			}
			sg.LogVersion = now.Version + int64(len(parts)) + 1
			parts = append(parts, draft.Part{Credit: draft.Credit{Person: sg.Person, Agency: sg.Agency, Seat: sg.Seat}, Change: sg.change})
			accepted = append(accepted, sg)
		}
		if len(picked) == 1 && len(accepted) == 0 {
			return nil, fault.New(fault.Conflict, "suggestion.orphaned")
		}
		// What is kept is the suggestion as it went in, on the text it went into.
		for _, sg := range accepted {
			sg.Version = sg.LogVersion - 1
			if err := s.decide(ctx, tx, actor, now.Facts, sg, Accepted, ""); err != nil {
				return nil, err
			}
			done = append(done, *sg)
		}
		return parts, nil
	})
	if err != nil {
		return nil, nil, err
	}
	return done, left, nil
}

// Reject closes the suggestions with a reason and returns them.
//
// Faults: draft.not_found, policy.forbidden, suggestion.not_found, suggestion.closed, suggestion.invalid with fields.
func (s *Service) Reject(ctx context.Context, actor policy.Actor, draftID string, pick Pick, reason string) ([]Suggestion, error) {
	var done []Suggestion
	err := s.db.Transact(ctx, func(tx *db.Tx) error {
		done = nil
		f, err := s.about(ctx, tx, draftID)
		if err != nil {
			return err
		}
		if err := policy.Check(actor, policy.DecideSuggestion, f); err != nil {
			return err
		}
		if err := words(nil, "reason", &reason); err != nil {
			return err
		}
		picked, err := pick.open(ctx, tx, draftID)
		if err != nil {
			return err
		}
		if _, _, err := draft.Follow(ctx, tx, draftID, picked); err != nil {
			return err
		}
		for _, sg := range picked {
			if err := s.decide(ctx, tx, actor, f, sg, Rejected, reason); err != nil {
				return err
			}
			done = append(done, *sg)
		}
		return nil
	})
	return done, err
}

// Withdraw takes a suggestion back; its author may.
//
// Faults: suggestion.not_found, policy.forbidden, suggestion.closed.
func (s *Service) Withdraw(ctx context.Context, actor policy.Actor, suggestion string) (Suggestion, error) {
	return s.own(ctx, actor, policy.WithdrawSuggestion, suggestion, func(tx *db.Tx, f policy.Facts, sg *Suggestion) error {
		return s.decide(ctx, tx, actor, f, sg, Withdrawn, "")
	})
}

// Explain says why a suggestion was made; its author may until it is decided. An empty note takes the words back.
//
// Faults: suggestion.not_found, policy.forbidden, suggestion.invalid with fields, suggestion.closed.
func (s *Service) Explain(ctx context.Context, actor policy.Actor, suggestion, note string) (Suggestion, error) {
	return s.own(ctx, actor, policy.ExplainSuggestion, suggestion, func(tx *db.Tx, f policy.Facts, sg *Suggestion) error {
		if strings.TrimSpace(note) == "" {
			note = ""
		} else if err := words(nil, "note", &note); err != nil {
			return err
		}
		if note == sg.Note {
			return nil
		}
		// The moment stays: it is what a position that is written forward meanwhile is known by.
		sg.Note = note
		if err := update(ctx, tx, sg); err != nil {
			return err
		}
		return event.Append(ctx, tx, actor, Revised{Suggestion: sg.ID, Draft: sg.Draft, Type: sg.Kind()})
	})
}

// own does something to an open suggestion that is its author's to do.
func (s *Service) own(ctx context.Context, actor policy.Actor, action policy.Action, suggestion string, do func(tx *db.Tx, f policy.Facts, sg *Suggestion) error) (Suggestion, error) {
	var out Suggestion
	err := s.db.Transact(ctx, func(tx *db.Tx) error {
		sg, err := find(ctx, tx, tx.ForUpdate(), `id = $1`, suggestion)
		if err != nil {
			return err
		}
		f, err := s.about(ctx, tx, sg.Draft)
		if fault.Is(err, "draft.not_found") {
			return policy.NotFound("suggestion")
		}
		if err != nil {
			return err
		}
		f.Kind, f.Owner = "suggestion", sg.Person
		if err := policy.Check(actor, action, f); err != nil {
			return err
		}
		if sg.State != Open {
			return fault.New(fault.Conflict, "suggestion.closed")
		}
		if _, _, err := draft.Follow(ctx, tx, sg.Draft, []*Suggestion{sg}); err != nil {
			return err
		}
		if err := do(tx, f, sg); err != nil {
			return err
		}
		sg.Abilities = abilities(actor, f, sg)
		out = *sg
		return nil
	})
	return out, err
}

// decide writes a decision and its event, and tells the thread.
func (s *Service) decide(ctx context.Context, tx *db.Tx, actor policy.Actor, f policy.Facts, sg *Suggestion, state State, reason string) error {
	return s.settle(ctx, tx, actor, f, sg, state, reason, true)
}

func (s *Service) settle(ctx context.Context, tx *db.Tx, actor policy.Actor, f policy.Facts, sg *Suggestion, state State, reason string, tell bool) error {
	now := tx.Now()
	sg.State, sg.DecidedBy, sg.DecidedAgency, sg.DecidedAt, sg.Reason, sg.UpdatedAt = state, actor.Person, actor.Agency, now, reason, now
	sg.Abilities = abilities(actor, f, sg)
	if err := update(ctx, tx, sg); err != nil {
		return err
	}
	if tell && s.Decided != nil && sg.Thread != "" {
		if err := s.Decided(ctx, tx, actor, *sg); err != nil {
			return err
		}
	}
	return event.Append(ctx, tx, actor, Decided{Suggestion: sg.ID, Draft: sg.Draft, State: state, Author: sg.Person, Agency: sg.Agency, Version: sg.LogVersion})
}

func bad(name, code string) *fault.Error { return field(nil, name, code) }

func field(e *fault.Error, name, code string) *fault.Error {
	if e == nil {
		e = fault.New(fault.Invalid, "suggestion.invalid")
	}
	return e.WithField(name, code)
}

// words cleans a text that people wrote and bounds it.
func words(e *fault.Error, name string, text *string) *fault.Error {
	t := strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(*text, "\r\n", "\n"), "\r", "\n"))
	switch {
	case t == "":
		return field(e, name, "suggestion.required")
	case strings.ContainsRune(t, 0) || !utf8.ValidString(t):
		return field(e, name, "suggestion.bad_characters")
	case utf8.RuneCountInString(t) > MaxNote:
		return field(e, name, "suggestion.too_long")
	}
	*text = t
	return e
}
