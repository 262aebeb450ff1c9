package section

import (
	"context"
	"log/slog"
	"slices"
	"strings"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/id"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Limits.
const (
	MaxSections = 200 // given at a time in one draft
	MaxNote     = 500
)

// place is the beginning of a heading's line at a version.
type place struct {
	Version int64
	Pos     int
}

// At implements draft.Mover.
func (p *place) At() int64 { return p.Version }

// Follow implements draft.Mover.
func (p *place) Follow(u draft.Update) {
	if u.Version > p.Version {
		p.Version, p.Pos = u.Version, follow(u.Change, p.Pos)
	}
}

// Section is a section that is given to an agency. From and To are where it is in the text of Place.Version, in
// UTF-16 units; a lost one has no heading in the text now.
type Section struct {
	ID        string
	Draft     string
	Place     place
	To        int
	Level     int
	Lost      bool
	Heading   string // as it is now; as it was when the section is lost
	Agency    string
	DueAt     db.Time // 0: no date
	Note      string
	Person    string
	CreatedAt db.Time
	UpdatedAt db.Time
	DoneAt    db.Time
	DoneBy    string
	Abilities map[string]bool

	endedAt db.Time
}

// Facts tells the facts of the edition a draft belongs to (guideline.Service).
type Facts interface {
	Facts(ctx context.Context, tx *db.Tx, draft string) (policy.Facts, error)
}

// Service is the use cases of sections. It is safe for concurrent use.
type Service struct {
	db    *db.DB
	facts Facts
	log   *slog.Logger
}

// New returns the service.
func New(d *db.DB, facts Facts, log *slog.Logger) *Service {
	return &Service{db: d, facts: facts, log: log}
}

func abilities(actor policy.Actor, f policy.Facts, s Section) map[string]bool {
	f.Owner = s.Agency
	return policy.Abilities(actor, f, policy.AssignSection, policy.FinishSection, policy.ReleaseSection)
}

// List returns the sections of a draft that are given, in the order of the text, and the version their places are for.
//
// Faults: draft.not_found, policy.unauthenticated.
func (s *Service) List(ctx context.Context, actor policy.Actor, draftID string) ([]Section, int64, map[string]bool, error) {
	var out []Section
	var stale []int
	var version int64
	var able map[string]bool
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		f, err := s.facts.Facts(ctx, tx, draftID)
		if err != nil {
			return err
		}
		if err := policy.Check(actor, policy.ReadSections, f); err != nil {
			return err
		}
		able = policy.Abilities(actor, f, policy.AssignSection)
		if out, err = list(ctx, tx, `draft = $1 and ended_at = 0`, draftID); err != nil {
			return err
		}
		version, stale, err = locate(ctx, tx, draftID, out)
		for i := range out {
			out[i].Abilities = abilities(actor, f, out[i])
		}
		return err
	})
	if err != nil {
		return nil, 0, nil, err
	}
	if len(stale) > 0 {
		err := s.db.Transact(ctx, func(tx *db.Tx) error {
			for _, i := range stale {
				if err := updatePlace(ctx, tx, out[i].ID, out[i].Place); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			s.log.Warn("write sections forward", "draft", draftID, "error", err) // they are moved again the next time
		}
	}
	return out, version, able, nil
}

// locate moves sections to the head and reads where they are there.
func locate(ctx context.Context, tx *db.Tx, draftID string, all []Section) (version int64, stale []int, err error) {
	movers := make([]*place, len(all))
	for i := range all {
		movers[i] = &all[i].Place
	}
	if version, stale, err = draft.Follow(ctx, tx, draftID, movers); err != nil || len(all) == 0 {
		return version, nil, err
	}
	_, body, err := draft.Text(ctx, tx, draftID)
	if err != nil {
		return version, nil, err
	}
	text := changeset.NewText(body)
	for i := range all {
		if heading, depth, end, _, ok := extent(text, all[i].Place.Pos); ok {
			all[i].Heading, all[i].Level, all[i].To = heading, depth, end
		} else {
			all[i].Lost, all[i].To = true, all[i].Place.Pos
		}
	}
	return version, stale, nil
}

// Terms are what a section is given on.
type Terms struct {
	Agency string
	DueAt  db.Time // 0: no date
	Note   string
}

func (s *Service) check(f policy.Facts, t *Terms) error {
	t.Note = strings.TrimSpace(t.Note)
	bad := fault.New(fault.Invalid, "section.invalid")
	if t.Agency == "" || t.Agency != f.Agency && !f.Flags["writer:"+t.Agency] {
		bad = bad.WithField("agency", "section.not_writer")
	}
	if t.Note != "" {
		if p := member.Problem(t.Note, MaxNote); p != "" {
			bad = bad.WithField("note", p)
		}
	}
	if len(bad.Fields) > 0 {
		return bad
	}
	return nil
}

// Assign gives the section that a position of a version is in to an agency that writes the guideline. The section is that of the heading whose
// line the position is on.
//
// Faults: draft.not_found, policy.forbidden, section.invalid with fields agency, note, at (section.no_heading,
// section.overlaps), section.too_many.
func (s *Service) Assign(ctx context.Context, actor policy.Actor, draftID string, version int64, at int, t Terms) (Section, error) {
	var out Section
	err := s.db.Transact(ctx, func(tx *db.Tx) error {
		f, err := s.facts.Facts(ctx, tx, draftID)
		if err != nil {
			return err
		}
		if err := policy.Check(actor, policy.AssignSection, f); err != nil {
			return err
		}
		if err := s.check(f, &t); err != nil {
			return err
		}
		given, err := list(ctx, tx, `draft = $1 and ended_at = 0`, draftID)
		if err != nil {
			return err
		}
		if len(given) >= MaxSections {
			return fault.New(fault.Conflict, "section.too_many")
		}
		bad := func(code string) error { return fault.New(fault.Invalid, "section.invalid").WithField("at", code) }
		now := tx.Now()
		out = Section{ID: id.New("sn"), Draft: draftID, Place: place{Version: version, Pos: at}, Agency: t.Agency, DueAt: t.DueAt, Note: t.Note,
			Person: actor.Person, CreatedAt: now, UpdatedAt: now}
		all := append(given, out)
		_, newest, err := draft.Head(ctx, tx, draftID)
		if err != nil {
			return err
		}
		if version < 0 || version > newest || at < 0 {
			return bad("section.no_heading")
		}
		head, _, err := locate(ctx, tx, draftID, all)
		if err != nil {
			return err
		}
		out = all[len(given)]
		if out.Place.Version != head || out.Lost {
			return bad("section.no_heading")
		}
		for _, g := range all[:len(given)] {
			if !g.Lost && g.Place.Pos < out.To && out.Place.Pos < g.To {
				return bad("section.overlaps")
			}
		}
		if err := insert(ctx, tx, out); err != nil {
			return err
		}
		out.Abilities = abilities(actor, f, out)
		return event.Append(ctx, tx, actor, Assigned{Section: out.ID, Draft: draftID, Agency: out.Agency, DueAt: out.DueAt})
	})
	return out, err
}

// change does one thing to a section that is given.
func (s *Service) change(ctx context.Context, actor policy.Actor, action policy.Action, section string, do func(f policy.Facts, sec *Section, now db.Time) (event.Event, error)) (Section, error) {
	var out Section
	err := s.db.Transact(ctx, func(tx *db.Tx) (err error) {
		if out, err = findForUpdate(ctx, tx, section); err != nil {
			return err
		}
		f, err := s.facts.Facts(ctx, tx, out.Draft)
		if err != nil {
			return err
		}
		asked := f
		asked.Kind, asked.ID, asked.Owner = "section", out.ID, out.Agency
		if err := policy.Check(actor, action, asked); err != nil {
			return err
		}
		all := []Section{out}
		if _, _, err := locate(ctx, tx, out.Draft, all); err != nil {
			return err
		}
		out = all[0]
		out.UpdatedAt = tx.Now()
		ev, err := do(f, &out, out.UpdatedAt)
		if err != nil {
			return err
		}
		if err := update(ctx, tx, out); err != nil {
			return err
		}
		out.Abilities = abilities(actor, f, out)
		return event.Append(ctx, tx, actor, ev)
	})
	return out, err
}

// Change gives a section to another agency, or on other terms.
//
// Faults: section.not_found, policy.forbidden, section.invalid with fields.
func (s *Service) Change(ctx context.Context, actor policy.Actor, section string, t Terms) (Section, error) {
	return s.change(ctx, actor, policy.AssignSection, section, func(f policy.Facts, sec *Section, now db.Time) (event.Event, error) {
		if err := s.check(f, &t); err != nil {
			return nil, err
		}
		if t.Agency != sec.Agency {
			sec.DoneAt, sec.DoneBy = 0, ""
		}
		sec.Agency, sec.DueAt, sec.Note = t.Agency, t.DueAt, t.Note
		return Assigned{Section: sec.ID, Draft: sec.Draft, Agency: sec.Agency, DueAt: sec.DueAt, Changed: true}, nil
	})
}

// Finish marks a section as done, or as not done.
//
// Faults: section.not_found, policy.forbidden.
func (s *Service) Finish(ctx context.Context, actor policy.Actor, section string, done bool) (Section, error) {
	return s.change(ctx, actor, policy.FinishSection, section, func(_ policy.Facts, sec *Section, now db.Time) (event.Event, error) {
		sec.DoneAt, sec.DoneBy = 0, ""
		if done {
			sec.DoneAt, sec.DoneBy = now, actor.Person
		}
		return Finished{Section: sec.ID, Draft: sec.Draft, Agency: sec.Agency, Done: done}, nil
	})
}

// Release makes a section everybody's again.
//
// Faults: section.not_found, policy.forbidden.
func (s *Service) Release(ctx context.Context, actor policy.Actor, section string) (Section, error) {
	return s.change(ctx, actor, policy.ReleaseSection, section, func(_ policy.Facts, sec *Section, now db.Time) (event.Event, error) {
		sec.endedAt = now
		return Released{Section: sec.ID, Draft: sec.Draft, Agency: sec.Agency}, nil
	})
}

// Due returns the sections that an agency has to write yet, of all drafts, without places.
func (s *Service) Due(ctx context.Context, tx *db.Tx, agency string) ([]Section, error) {
	return list(ctx, tx, `agency = $1 and ended_at = 0 and done_at = 0`, agency)
}

// Carry gives the sections of one draft to the same agencies in another that begins with its text: those whose heading is there, found where it
// was or, when only one heading of the text reads so, by its words. Dates belong to the edition they were set for and stay behind.
func (s *Service) Carry(ctx context.Context, tx *db.Tx, actor policy.Actor, from, to string) error {
	before, err := list(ctx, tx, `draft = $1 and ended_at = 0`, from)
	if err != nil || len(before) == 0 {
		return err
	}
	if _, _, err := locate(ctx, tx, from, before); err != nil {
		return err
	}
	f, err := s.facts.Facts(ctx, tx, to)
	if err != nil {
		return err
	}
	body, err := draft.TextAt(ctx, tx, to, 0)
	if err != nil {
		return err
	}
	text := changeset.NewText(body)
	var given []Section
	for _, b := range before {
		t := Terms{Agency: b.Agency, Note: b.Note}
		if b.Lost || s.check(f, &t) != nil {
			continue
		}
		sec := Section{ID: id.New("sn"), Draft: to, Agency: t.Agency, Note: t.Note, Person: b.Person, CreatedAt: tx.Now(), UpdatedAt: tx.Now()}
		var ok bool
		if sec.Place.Pos, sec.To, ok = sameHeading(text, b); !ok {
			continue
		}
		if slices.ContainsFunc(given, func(g Section) bool { return g.Place.Pos < sec.To && sec.Place.Pos < g.To }) {
			continue
		}
		sec.Heading, sec.Level = b.Heading, b.Level
		if err := insert(ctx, tx, sec); err != nil {
			return err
		}
		given = append(given, sec)
		if err := event.Append(ctx, tx, actor, Assigned{Section: sec.ID, Draft: to, Agency: sec.Agency}); err != nil {
			return err
		}
	}
	return nil
}

// sameHeading finds the heading of a section in another text.
func sameHeading(text changeset.Text, b Section) (at, end int, ok bool) {
	if heading, depth, end, _, ok := extent(text, b.Place.Pos); ok && heading == b.Heading && depth == b.Level {
		return b.Place.Pos, end, true
	}
	n := 0
	l := &lines{text: text}
	for pos := 0; ; {
		line, units, more := l.line()
		if !more {
			return at, end, n == 1
		}
		// Only lines that may begin this heading are read on from.
		if first, _, _ := strings.Cut(b.Heading, " "); strings.Contains(line, first) {
			if heading, depth, to, _, ok := extent(text, pos); ok && heading == b.Heading && depth == b.Level {
				at, end, n = pos, to, n+1
			}
		}
		pos += units
	}
}
