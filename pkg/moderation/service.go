package moderation

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/id"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Object is content as moderation sees it.
type Object struct {
	Facts        policy.Facts  // for who reads it
	Read         policy.Action // the action of reading it
	Author       string        // person, "" when it has many
	AuthorAgency string
	Agency       string // of what it belongs to
	Text         string // kept with the case, at most 20,000 characters
	Revision     string // changes when the content is edited
	URL          string // path in the hub where it stands
}

// Hider is what each kind of content brings.
type Hider interface {
	// About reads the object; an absent one is a not-found fault.
	About(ctx context.Context, tx *db.Tx, object string) (Object, error)
	// SetHidden hides it or shows it again; whoever wrote it keeps sight of it.
	SetHidden(ctx context.Context, tx *db.Tx, actor policy.Actor, object string, hidden bool) error
}

// Flag is one person's flag. Only moderators learn whose.
type Flag struct {
	ID     string
	Person string
	Agency string
	Reason Reason
	Text   string
	At     db.Time
}

// Item is a case.
type Item struct {
	ID           string
	Object       string
	Kind         string
	Author       string
	AuthorAgency string
	Agency       string
	Text         string // as flagged; "" where the moderator may not read it
	Withheld     bool
	URL          string
	State        State
	Hidden       bool
	AutoHidden   bool
	ClaimedBy    string
	ClaimedAt    db.Time
	Priority     int64
	Reason       Reason
	Note         string
	DecidedBy    string
	DecidedAt    db.Time
	Version      int64
	CreatedAt    db.Time
	Flags        []Flag
	revision     string
}

// Facts is what policy knows of the item.
func (i Item) Facts() policy.Facts {
	f := policy.Facts{Kind: "moderation", ID: i.ID, Agency: i.Agency, State: string(i.State)}
	if i.AuthorAgency != "" {
		f.Agencies = []string{i.AuthorAgency}
	}
	return f
}

// Event is appended for each change: "moderation.flagged", "moderation.claimed",
// "moderation.hidden", "moderation.restored", "moderation.decided".
type Event struct {
	What   string `json:"what"`
	Item   string `json:"item"`
	Target string `json:"object"`
	Author string `json:"author,omitempty"` // who is told
	Reason Reason `json:"reason,omitempty"`
	State  State  `json:"state"`
	Hidden bool   `json:"hidden"`
	Auto   bool   `json:"auto,omitempty"`
}

// Kind is the event's kind.
func (e Event) Kind() string { return "moderation." + e.What }

// Object is the item.
func (e Event) Object() string { return e.Item }

// Service holds the use cases. It is safe for concurrent use once its hiders
// are registered.
type Service struct {
	db     *db.DB
	hiders map[string]Hider
}

// New returns a service that knows no content yet.
func New(d *db.DB) *Service { return &Service{db: d, hiders: map[string]Hider{}} }

// Register adds a kind of content by the prefix of its ids ("gl", "cm").
func (s *Service) Register(prefix string, h Hider) { s.hiders[prefix] = h }

const (
	maxText   = 2000 // of a flag and of a decision, in grapheme clusters
	maxKept   = 20_000
	claimHold = 30 * time.Minute
)

func (s *Service) hider(object string) (string, Hider, error) {
	prefix, _, _ := strings.Cut(object, "_")
	h := s.hiders[prefix]
	if h == nil || !id.Valid(prefix, object) {
		return prefix, nil, policy.NotFound("moderation.object")
	}
	return prefix, h, nil
}

// about reads the object if the actor may.
func about(ctx context.Context, tx *db.Tx, actor policy.Actor, h Hider, object string) (Object, error) {
	o, err := h.About(ctx, tx, object)
	if err == nil {
		err = policy.Check(actor, o.Read, o.Facts)
	}
	if f := fault.Of(err); f != nil && f.Kind == fault.NotFound {
		err = fault.New(fault.NotFound, "moderation.object_not_found")
	}
	return o, err
}

// Flagged is what the flagger learns: that the case is open, and whether the
// content was hidden at once.
type Flagged struct {
	ID     string
	Object string
	Hidden bool
}

// Flag flags an object that the actor reads.
//
// Faults: moderation.object_not_found, moderation.invalid,
// moderation.already_flagged, policy.unauthenticated.
func (s *Service) Flag(ctx context.Context, actor policy.Actor, object string, reason Reason, text string) (Flagged, error) {
	var out Flagged
	if err := policy.Check(actor, policy.FlagContent, policy.Open("moderation")); err != nil {
		return out, err
	}
	text = strings.TrimSpace(text)
	bad := fault.New(fault.Invalid, "moderation.invalid")
	if !reason.Known() {
		bad = bad.WithField("reason", "invalid")
	}
	if code := member.ProblemOfText(text, maxText); code != "" {
		bad = bad.WithField("text", code)
	} else if text == "" && reason == Other {
		bad = bad.WithField("text", "required")
	}
	if len(bad.Fields) > 0 {
		return out, bad
	}
	kind, h, err := s.hider(object)
	if err != nil {
		return out, fault.New(fault.NotFound, "moderation.object_not_found")
	}
	err = s.db.Transact(ctx, func(tx *db.Tx) error {
		out = Flagged{}
		o, err := about(ctx, tx, actor, h, object)
		if err != nil {
			return err
		}
		it, err := openItem(ctx, tx, object, kind, o, reason)
		if err != nil {
			return err
		}
		upheld, rejected, err := record(ctx, tx, actor.Person)
		if err != nil {
			return err
		}
		f := Flag{ID: id.New("fl"), Person: actor.Person, Agency: actor.Agency, Reason: reason, Text: text, At: tx.Now()}
		if err := insertFlag(ctx, tx, it, o.Revision, f); err != nil {
			if db.IsUnique(err) {
				return fault.New(fault.Conflict, "moderation.already_flagged")
			}
			return err
		}
		if it.Flags, err = flagsOf(ctx, tx, it.ID); err != nil {
			return err
		}
		if p := priority(reason, upheld, rejected); p > it.Priority {
			it.Priority, it.Reason = p, reason
		}
		auto := !it.Hidden && hidesOnSight(it.Author, it.Flags)
		if auto {
			it.Hidden, it.AutoHidden = true, true
			if err := h.SetHidden(ctx, tx, policy.SystemActor(), object, true); err != nil {
				return err
			}
			if err := insertLog(ctx, tx, policy.SystemActor(), it, AutoHide, it.Reason, ""); err != nil {
				return err
			}
		}
		it.Version++
		if err := updateItem(ctx, tx, it); err != nil {
			return err
		}
		out = Flagged{ID: f.ID, Object: object, Hidden: it.Hidden}
		if auto {
			hidden := Event{What: "hidden", Item: it.ID, Target: object, Author: it.Author, Reason: it.Reason, State: it.State, Hidden: true, Auto: true}
			if err := event.Append(ctx, tx, policy.SystemActor(), hidden); err != nil {
				return err
			}
		}
		return event.Append(ctx, tx, actor, Event{What: "flagged", Item: it.ID, Target: object, Reason: reason, State: it.State, Hidden: it.Hidden})
	})
	return out, err
}

// Waiting counts the cases that wait for a decision the actor may take; 0 for
// who is no moderator. It is for the desk.
func (s *Service) Waiting(ctx context.Context, actor policy.Actor) (int64, error) {
	if !policy.Can(actor, policy.ReadQueue, policy.Facts{Kind: "moderation"}) {
		return 0, nil
	}
	var n int64
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		items, err := selectItems(ctx, tx, `where state = 'pending'`)
		for _, it := range items {
			if policy.Can(actor, policy.DecideFlag, it.Facts()) {
				n++
			}
		}
		return err
	})
	return n, err
}

// complete adds the flags, and takes away a text that the moderator may not
// read: being a moderator opens no agency's own drafts.
func (s *Service) complete(ctx context.Context, tx *db.Tx, actor policy.Actor, it *Item) error {
	var err error
	if it.Flags, err = flagsOf(ctx, tx, it.ID); err != nil {
		return err
	}
	if _, h, err := s.hider(it.Object); err == nil {
		_, err = about(ctx, tx, actor, h, it.Object)
		if fault.Of(err) != nil {
			it.Text, it.Withheld = "", true
		} else if err != nil {
			return err
		}
	}
	return nil
}

// Claim says that the actor works on the case. A claim lasts 30 minutes.
//
// Faults: moderation.not_found, moderation.stale, moderation.claimed,
// moderation.decided, moderation.own_dispute.
func (s *Service) Claim(ctx context.Context, actor policy.Actor, item string, version int64) (Item, error) {
	return s.change(ctx, actor, item, version, func(tx *db.Tx, it *Item) (Event, error) {
		if it.State != Pending {
			return Event{}, fault.New(fault.Conflict, "moderation.decided")
		}
		it.ClaimedBy, it.ClaimedAt = actor.Person, tx.Now()
		return Event{What: "claimed"}, nil
	})
}

// Decide carries out keep, hide, restore or ignore. All but ignore need a
// reason, which the author gets.
//
// Faults: moderation.not_found, moderation.stale, moderation.claimed,
// moderation.decided, moderation.nothing_to_undo, moderation.own_dispute,
// moderation.invalid.
func (s *Service) Decide(ctx context.Context, actor policy.Actor, item string, version int64, a Action, note string) (Item, error) {
	note = strings.TrimSpace(note)
	bad := fault.New(fault.Invalid, "moderation.invalid")
	switch a {
	case Keep, Hide, Restore:
		if note == "" {
			bad = bad.WithField("reason", "required")
		}
	case Ignore:
	default:
		bad = bad.WithField("action", "invalid")
	}
	if code := member.ProblemOfText(note, maxText); code != "" {
		bad = bad.WithField("reason", code)
	}
	return s.change(ctx, actor, item, version, func(tx *db.Tx, it *Item) (Event, error) {
		if len(bad.Fields) > 0 {
			return Event{}, bad
		}
		to, hide, ok := decide(it.State, it.Hidden, a)
		if !ok && a == Restore {
			return Event{}, fault.New(fault.Conflict, "moderation.nothing_to_undo")
		}
		if !ok {
			return Event{}, fault.New(fault.Conflict, "moderation.decided")
		}
		_, h, err := s.hider(it.Object)
		if err != nil {
			return Event{}, fault.New(fault.Conflict, "moderation.not_hideable")
		}
		if hide != it.Hidden {
			if err := h.SetHidden(ctx, tx, actor, it.Object, hide); err != nil {
				return Event{}, err
			}
		}
		it.State, it.Hidden, it.Note, it.DecidedBy, it.DecidedAt = to, hide, note, actor.Person, tx.Now()
		it.ClaimedBy, it.ClaimedAt = "", 0
		if !hide {
			it.AutoHidden = false
		}
		what := map[Action]string{Keep: "kept", Hide: "hidden", Restore: "restored", Ignore: "ignored"}[a]
		return Event{What: what}, insertLog(ctx, tx, actor, *it, a, it.Reason, note)
	})
}

// change locks the case, checks who and which version, and writes it.
func (s *Service) change(ctx context.Context, actor policy.Actor, item string, version int64, fn func(*db.Tx, *Item) (Event, error)) (Item, error) {
	var out Item
	err := s.db.Transact(ctx, func(tx *db.Tx) error {
		items, err := selectItems(ctx, tx, `where id = $1`+tx.ForUpdate(), item)
		if err != nil {
			return err
		}
		if err := policy.Check(actor, policy.ReadQueue, policy.Facts{Kind: "moderation"}); err != nil {
			return err
		}
		if len(items) == 0 {
			return policy.NotFound("moderation")
		}
		it := items[0]
		if !policy.Can(actor, policy.DecideFlag, it.Facts()) {
			return fault.New(fault.Forbidden, "moderation.own_dispute")
		}
		if it.Version != version {
			return fault.New(fault.Conflict, "moderation.stale").With("version", it.Version)
		}
		if it.ClaimedBy != "" && it.ClaimedBy != actor.Person && tx.Now() < it.ClaimedAt.Add(claimHold) {
			return fault.New(fault.Conflict, "moderation.claimed")
		}
		ev, err := fn(tx, &it)
		if err != nil {
			return err
		}
		it.Version++
		if err := updateItem(ctx, tx, it); err != nil {
			return err
		}
		if err := s.complete(ctx, tx, actor, &it); err != nil {
			return err
		}
		out = it
		ev.Item, ev.Target, ev.Author, ev.Reason, ev.State, ev.Hidden = it.ID, it.Object, it.Author, it.Reason, it.State, it.Hidden
		return event.Append(ctx, tx, actor, ev)
	})
	return out, err
}

// Names are what ids are called beside cases.
func (s *Service) Names(ctx context.Context, persons ...string) (agencies map[string]member.Agency, people map[string]locale.Text, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if agencies, err = member.AgenciesIn(ctx, tx); err != nil {
			return err
		}
		if people, err = member.PeopleIn(ctx, tx, persons...); err != nil {
			return err
		}
		people["system"] = locale.Text{Ar: "النظام", En: "The system"}
		return nil
	})
	return agencies, people, err
}

// openItem returns the open case about the object, or begins one.
func openItem(ctx context.Context, tx *db.Tx, object, kind string, o Object, reason Reason) (Item, error) {
	items, err := selectItems(ctx, tx, `where object = $1 and state = 'pending'`+tx.ForUpdate(), object)
	if err != nil {
		return Item{}, err
	}
	if len(items) > 0 {
		return items[0], nil
	}
	text := o.Text
	if r := []rune(text); len(r) > maxKept {
		text = string(r[:maxKept])
	}
	it := Item{ID: id.New("mo"), Object: object, Kind: kind, Author: o.Author, AuthorAgency: o.AuthorAgency, Agency: o.Agency, Text: text,
		URL: o.URL, State: Pending, Reason: reason, CreatedAt: tx.Now(), revision: o.Revision}
	// What a decision hid before and an edit brought a new flag for is hidden still.
	err = tx.QueryRow(ctx, `select hidden from moderation_item where object = $1 order by created_at desc, id desc limit 1`, object).Scan(&it.Hidden)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return it, fmt.Errorf("moderation item: %w", err)
	}
	return it, insertItem(ctx, tx, it)
}
