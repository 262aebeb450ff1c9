package history

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/id"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/textdiff"
)

// Limits of revisions.
const (
	MaxName      = 120 // characters
	MaxRevisions = 500 // of one draft
)

// Kind says what made a revision.
type Kind string

// The kinds. Beside those that are kept here, "began" is version 0 and "step" what a step of the edition froze.
const (
	Began         Kind = "began"
	Step          Kind = "step"
	Named         Kind = "named"
	BeforeRestore Kind = "before_restore"
	Restored      Kind = "restored"
)

// Revision is a version that is worth finding again.
type Revision struct {
	ID       string // "" of those that are not kept here
	Draft    string
	Version  int64
	Kind     Kind
	Name     string            // of kind named
	Step     guideline.Step    // of kind step
	Origin   *guideline.Origin // of kind began: the published edition it began with, or nil
	Restored int64             // of kind restored: the version whose text came back; else -1
	Person   string
	Agency   string
	At       db.Time
}

// revisions lists the revisions of a draft by version: where it began, the edition's steps, names and restorations.
func (s *Service) revisions(ctx context.Context, tx *db.Tx, draftID string) ([]Revision, error) {
	log, err := draft.LogOf(ctx, tx, draftID)
	if err != nil {
		return nil, err
	}
	began := Revision{Draft: draftID, Kind: Began, Restored: -1, At: log.CreatedAt}
	text, err := draft.TextAt(ctx, tx, draftID, 0)
	if err != nil {
		return nil, err
	}
	if o, ok, err := guideline.OriginOf(ctx, tx, draftID, sum(text)); err != nil {
		return nil, err
	} else if ok {
		began.Origin = &o
	}
	all := []Revision{began}
	moments, err := guideline.Moments(ctx, tx, draftID)
	if err != nil {
		return nil, err
	}
	for _, m := range moments {
		all = append(all, Revision{Draft: draftID, Version: min(m.Version, log.Head), Kind: Step, Step: m.Step, Restored: -1, Person: m.Person, Agency: m.Agency, At: m.At})
	}
	kept, err := listRevisions(ctx, tx, draftID)
	if err != nil {
		return nil, err
	}
	return byTime(append(all, kept...)), nil
}

// byTime orders revisions by version, and those of one version as they came.
func byTime(all []Revision) []Revision {
	slices.SortStableFunc(all, func(a, b Revision) int {
		return cmp.Or(cmp.Compare(a.Version, b.Version), cmp.Compare(a.At, b.At))
	})
	return all
}

// Name gives a version a name.
//
// Faults: draft.not_found, policy.forbidden, history.not_writable, history.invalid with field "name", history.version, history.too_many.
func (s *Service) Name(ctx context.Context, actor policy.Actor, draftID string, version int64, name string) (Revision, error) {
	var r Revision
	name = strings.TrimSpace(name)
	err := s.db.Transact(ctx, func(tx *db.Tx) error {
		l, err := s.look(ctx, tx, actor, draftID)
		if err != nil {
			return err
		}
		if err := check(actor, policy.NameRevision, l.facts); err != nil {
			return err
		}
		if err := checkName(name); err != nil {
			return err
		}
		if version < 0 || version > l.log.Head {
			return fault.New(fault.NotFound, "history.version")
		}
		if n, err := countRevisions(ctx, tx, draftID); err != nil {
			return err
		} else if n >= MaxRevisions {
			return fault.New(fault.Conflict, "history.too_many")
		}
		r = Revision{ID: id.New("rv"), Draft: draftID, Version: version, Kind: Named, Name: name, Restored: -1, Person: actor.Person, Agency: actor.Agency, At: tx.Now()}
		if err := insertRevision(ctx, tx, r); err != nil {
			return err
		}
		return event.Append(ctx, tx, actor, RevisionNamed{Revision: r.ID, Draft: draftID, Edition: l.log.Edition, Version: version})
	})
	return r, err
}

// checkName holds the name of a revision to what other names are held to.
func checkName(name string) error {
	if member.Problem(name, MaxName) != "" {
		return fault.New(fault.Invalid, "history.invalid").WithField("name", "history.name")
	}
	return nil
}

// named does something to a named revision, for whoever may.
func (s *Service) named(ctx context.Context, actor policy.Actor, revision string, do func(tx *db.Tx, r *Revision, edition string) error) (Revision, error) {
	var r Revision
	err := s.db.Transact(ctx, func(tx *db.Tx) (err error) {
		if r, err = findRevision(ctx, tx, revision); err != nil {
			return err
		}
		l, err := s.look(ctx, tx, actor, r.Draft)
		if fault.Is(err, "draft.not_found") {
			return policy.NotFound("revision")
		}
		if err != nil {
			return err
		}
		l.facts.Kind, l.facts.ID, l.facts.Owner = "revision", r.ID, r.Person
		if err := check(actor, policy.RenameRevision, l.facts); err != nil {
			return err
		}
		return do(tx, &r, l.log.Edition)
	})
	return r, err
}

// Rename gives a named revision another name.
//
// Faults: revision.not_found, policy.forbidden, history.not_writable, history.invalid with field "name".
func (s *Service) Rename(ctx context.Context, actor policy.Actor, revision, name string) (Revision, error) {
	name = strings.TrimSpace(name)
	return s.named(ctx, actor, revision, func(tx *db.Tx, r *Revision, edition string) error {
		if err := checkName(name); err != nil {
			return err
		}
		if r.Name == name {
			return nil
		}
		r.Name = name
		if err := renameRevision(ctx, tx, r.ID, name); err != nil {
			return err
		}
		return event.Append(ctx, tx, actor, RevisionRenamed{Revision: r.ID, Draft: r.Draft, Edition: edition})
	})
}

// Unname takes the name of a version away. The version itself stays in the log.
//
// Faults: revision.not_found, policy.forbidden, history.not_writable.
func (s *Service) Unname(ctx context.Context, actor policy.Actor, revision string) error {
	_, err := s.named(ctx, actor, revision, func(tx *db.Tx, r *Revision, edition string) error {
		if err := deleteRevision(ctx, tx, r.ID); err != nil {
			return err
		}
		return event.Append(ctx, tx, actor, RevisionUnnamed{Revision: r.ID, Draft: r.Draft, Edition: edition, Version: r.Version})
	})
	return err
}

// check is policy's, with a better word for those who write the text but not now.
func check(actor policy.Actor, act policy.Action, f policy.Facts) error {
	err := policy.Check(actor, act, f)
	if err != nil && policy.Can(actor, policy.ReadHistory, f) && policy.WritesGuideline(actor, f) && !f.Flags["writable"] {
		return fault.New(fault.Conflict, "history.not_writable")
	}
	return err
}

// Restore brings the text of an older version back as a new change of what differs, and returns the revision it made. What others write at
// the same moment stays. The text until then is a revision as well, so restoring that one undoes this.
//
// Faults: draft.not_found, policy.forbidden, history.not_writable, history.version, history.same_text, draft.too_large, draft.unavailable.
func (s *Service) Restore(ctx context.Context, actor policy.Actor, draftID string, version int64) (Revision, error) {
	var target string
	err := s.read(ctx, actor, draftID, func(tx *db.Tx, l look) error {
		if err := check(actor, policy.RestoreRevision, l.facts); err != nil {
			return err
		}
		st, err := s.at(ctx, tx, draftID, l, version)
		if err == nil {
			target = st.text.String()
		}
		return err
	})
	if err != nil {
		return Revision{}, err
	}
	var made Revision
	_, err = s.editor.Edit(ctx, actor, draftID, func(ctx context.Context, tx *db.Tx, now draft.Now) ([]draft.Part, error) {
		facts := now.Facts
		facts.Kind, facts.ID = "draft", draftID
		if err := check(actor, policy.RestoreRevision, facts); err != nil {
			return nil, err
		}
		changes, err := Changes(now.Text.String(), target)
		if err != nil {
			return nil, err
		}
		if len(changes) == 0 {
			return nil, fault.New(fault.Conflict, "history.same_text")
		}
		log, err := draft.LogOf(ctx, tx, draftID)
		if err != nil {
			return nil, err
		}
		before := Revision{ID: id.New("rv"), Draft: draftID, Version: now.Version, Kind: BeforeRestore, Restored: -1, Person: actor.Person, Agency: actor.Agency, At: tx.Now()}
		made = before
		made.ID, made.Kind, made.Restored, made.Version = id.New("rv"), Restored, version, now.Version+int64(len(changes))
		for _, r := range []Revision{before, made} {
			if err := insertRevision(ctx, tx, r); err != nil {
				return nil, err
			}
		}
		parts := make([]draft.Part, len(changes))
		for i, c := range changes {
			parts[i] = draft.Part{Credit: draft.CreditOf(actor), Change: c}
		}
		return parts, event.Append(ctx, tx, actor, RevisionRestored{Revision: made.ID, Draft: draftID, Edition: log.Edition, Restored: version, Before: now.Version, Version: made.Version})
	})
	return made, err
}

const (
	// changeEdits and changeBytes bound one change of a restoration, well below what editors and the log take.
	changeEdits = 2000
	changeBytes = 128 << 10
)

// Changes returns changes that take one text to another, each starting where the one before ends, and touching only what differs. They go from the
// end of the text to its beginning, so that none moves the places of the next. It is empty when the texts are equal.
func Changes(from, to string) ([]changeset.ChangeSet, error) {
	type edit struct {
		from, to int // UTF-16 units of the text before
		insert   string
	}
	var edits []edit
	x := 0
	put := func(del int, ins string) {
		if del == 0 && ins == "" {
			return
		}
		if n := len(edits) - 1; n >= 0 && edits[n].to == x {
			edits[n].to, edits[n].insert = x+del, edits[n].insert+ins
		} else {
			edits = append(edits, edit{x, x + del, ins})
		}
		x += del
	}
	// Blocks know lines; the breaks between them go with the line they follow.
	blocks := textdiff.Diff(from, to)
	oldLines, newLines := 0, 0
	for _, b := range blocks {
		hasOld, hasNew := b.OldTo > b.OldFrom, b.NewTo > b.NewFrom
		oldBreak, newBreak := hasOld && oldLines > 0, hasNew && newLines > 0
		switch {
		case oldBreak && newBreak:
			x++
		case oldBreak:
			put(1, "")
		case newBreak:
			put(0, "\n")
		}
		for _, p := range b.Parts {
			n := changeset.Len16(p.Text)
			switch {
			case b.Kind == textdiff.Moved && p.Op == textdiff.Delete:
			case b.Kind == textdiff.Moved || p.Op == textdiff.Insert:
				put(0, p.Text)
			case p.Op == textdiff.Delete:
				put(n, "")
			default:
				x += n
			}
		}
		if hasOld {
			oldLines++
		}
		if hasNew {
			newLines++
		}
	}
	length := changeset.Len16(from)
	var out []changeset.ChangeSet
	change := func(list []edit) error {
		var spec []any
		at := 0
		for _, e := range list {
			if e.from > at {
				spec = append(spec, e.from-at)
			}
			sec := []any{e.to - e.from}
			if e.insert != "" {
				for _, l := range strings.Split(e.insert, "\n") {
					sec = append(sec, l)
				}
			}
			spec = append(spec, sec)
			at = e.to
		}
		if at < length {
			spec = append(spec, length-at)
		}
		raw, err := json.Marshal(spec)
		if err != nil {
			return err
		}
		c, err := changeset.ParseJSON(raw, length)
		if err != nil {
			return err
		}
		length = c.NewLen()
		out = append(out, c)
		return nil
	}
	for end := len(edits); end > 0; {
		start, size := end, 0
		for start > 0 && end-start < changeEdits && (start == end || size+len(edits[start-1].insert) <= changeBytes) {
			start--
			size += len(edits[start].insert)
		}
		list := edits[start:end]
		if len(list) == 1 && size > changeBytes {
			// One insertion that is too large for one change: its pieces, the last one first, all at one place.
			e := list[0]
			for e.insert != "" {
				cut := max(0, len(e.insert)-changeBytes)
				for cut > 0 && !utf8.RuneStart(e.insert[cut]) {
					cut++
				}
				if err := change([]edit{{e.from, e.to, e.insert[cut:]}}); err != nil {
					return nil, err
				}
				e.insert, e.to = e.insert[:cut], e.from
			}
		} else if err := change(list); err != nil {
			return nil, err
		}
		end = start
	}
	return out, nil
}
