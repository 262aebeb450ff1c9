package discussion

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/id"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/practice"
)

// Tie is the cause of a discussion that a tied ballot opened.
const Tie = "tie"

// Limits.
const (
	MaxBody  = 6000 // grapheme clusters of one post
	MaxPosts = 2000 // of one discussion
)

// Topic is a discussion; Posts is filled by Find only.
type Topic struct {
	ID          string
	SubjectKind string // practice | edition
	SubjectID   string
	Cause       string // Tie
	CauseID     string // the ballot
	OpenedAt    db.Time
	ClosedAt    db.Time // 0: open
	ClosedBy    string  // a person, or "system"
	Conclusion  string  // what came of it, in the words of who closed it
	Count       int64   // of posts
	Posts       []Post
	Abilities   map[string]bool
	Agencies    map[string]member.Agency
	Persons     map[string]locale.Text
}

// Post is one contribution. A hidden one keeps its place and loses its body
// for all but its author and the moderators.
type Post struct {
	ID     string
	Person string
	Agency string
	Body   string
	At     db.Time
	Hidden bool
}

// facts is what policy may know: discussions belong to the network as a whole.
func (t Topic) facts() policy.Facts {
	return policy.Facts{Kind: "discussion", ID: t.ID, Visibility: policy.ToNetwork}
}

// Opened says that a discussion was begun.
type Opened struct {
	ID      string `json:"id"`
	Subject string `json:"subject"`
	Cause   string `json:"cause"`
	Ballot  string `json:"ballot"`
}

// Kind names the event.
func (Opened) Kind() string { return "discussion.opened" }

// Object is the discussion.
func (e Opened) Object() string { return e.ID }

// Posted says that somebody contributed, or that moderation hid or showed a post.
type Posted struct {
	ID      string `json:"id"`
	Subject string `json:"subject"`
	Post    string `json:"post"`
	Hidden  bool   `json:"hidden,omitempty"`
}

// Kind names the event.
func (Posted) Kind() string { return "discussion.posted" }

// Object is the discussion.
func (e Posted) Object() string { return e.ID }

// Closed says that a discussion came to its end.
type Closed struct {
	ID      string `json:"id"`
	Subject string `json:"subject"`
	Ballot  string `json:"ballot,omitempty"` // whose certificate ended it; "" when a person did
}

// Kind names the event.
func (Closed) Kind() string { return "discussion.closed" }

// Object is the discussion.
func (e Closed) Object() string { return e.ID }

// Open begins the discussion of a cause in the caller's transaction, as the
// hub itself, and returns its id. A cause has one discussion: the second call
// returns the first one's id and changes nothing.
func Open(ctx context.Context, tx *db.Tx, kind, subject, cause, causeID string) (string, error) {
	t := Topic{ID: id.New("di"), SubjectKind: kind, SubjectID: subject, Cause: cause, CauseID: causeID, OpenedAt: tx.Now()}
	was, err := list(ctx, tx, "cause = $1 and cause_id = $2", cause, causeID)
	if err != nil {
		return "", err
	}
	if len(was) > 0 {
		return was[0].ID, nil
	}
	_, err = tx.Exec(ctx, `insert into discussion (id, subject_kind, subject_id, cause, cause_id, opened_at) values ($1, $2, $3, $4, $5, $6)`,
		t.ID, t.SubjectKind, t.SubjectID, t.Cause, t.CauseID, t.OpenedAt)
	if err != nil {
		return "", fmt.Errorf("insert discussion: %w", err)
	}
	return t.ID, event.Append(ctx, tx, policy.SystemActor(), Opened{ID: t.ID, Subject: subject, Cause: cause, Ballot: causeID})
}

// Service is the use cases of discussions.
type Service struct{ db *db.DB }

// New returns the service on d.
func New(d *db.DB) *Service { return &Service{db: d} }

// List returns the discussions about a subject, newest first, without posts.
//
// Faults: discussion.not_found for those who may see none.
func (s *Service) List(ctx context.Context, actor policy.Actor, subject string) ([]Topic, error) {
	if err := policy.Check(actor, policy.ReadDiscussion, Topic{}.facts()); err != nil {
		return nil, err
	}
	var out []Topic
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		out, err = list(ctx, tx, "subject_id = $1 and subject_id <> $2", subject, "")
		return err
	})
	return out, err
}

// Find returns a discussion with its posts, oldest first.
//
// Faults: discussion.not_found.
func (s *Service) Find(ctx context.Context, actor policy.Actor, topic string) (Topic, error) {
	var t Topic
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		t, err = read(ctx, tx, actor, topic)
		return err
	})
	return t, err
}

// read is Find inside a transaction.
func read(ctx context.Context, tx *db.Tx, actor policy.Actor, topic string) (Topic, error) {
	t, err := find(ctx, tx, topic)
	if err != nil {
		return t, err
	}
	if err := policy.Check(actor, policy.ReadDiscussion, t.facts()); err != nil {
		return t, err
	}
	if t.Posts, err = posts(ctx, tx, "discussion = $1", topic); err != nil {
		return t, err
	}
	people := []string{t.ClosedBy}
	for i, p := range t.Posts {
		people = append(people, p.Person)
		if p.Hidden && p.Person != actor.Person && !actor.Has(policy.Moderator) {
			t.Posts[i].Body = ""
		}
	}
	t.Abilities = policy.Abilities(actor, t.facts(), policy.PostInDiscussion, policy.CloseDiscussion)
	if t.ClosedAt != 0 {
		clear(t.Abilities)
	}
	if t.Agencies, err = member.AgenciesIn(ctx, tx); err != nil {
		return t, err
	}
	t.Persons, err = member.PeopleIn(ctx, tx, people...)
	return t, err
}

// Post adds a contribution in the name of the actor.
//
// Faults: discussion.not_found, policy.forbidden, discussion.invalid with
// fields, discussion.closed, discussion.full.
func (s *Service) Post(ctx context.Context, actor policy.Actor, topic, body string) (Topic, error) {
	var t Topic
	body = strings.TrimSpace(strings.ReplaceAll(body, "\r\n", "\n"))
	err := s.db.Transact(ctx, func(tx *db.Tx) error {
		var err error
		if t, err = find(ctx, tx, topic); err != nil {
			return err
		}
		if err := policy.Check(actor, policy.PostInDiscussion, t.facts()); err != nil {
			return err
		}
		if code := practice.ProblemOf(body, true, MaxBody); code != "" {
			return fault.New(fault.Invalid, "discussion.invalid").WithField("body", code)
		}
		if t.ClosedAt != 0 {
			return fault.New(fault.Conflict, "discussion.closed").With("closed_at", t.ClosedAt)
		}
		if t.Count >= MaxPosts {
			return fault.New(fault.Conflict, "discussion.full")
		}
		p := Post{ID: id.New("po"), Person: actor.Person, Agency: actor.Agency, Body: body, At: tx.Now()}
		_, err = tx.Exec(ctx, `insert into discussion_post (id, discussion, person, agency, body, at) values ($1, $2, $3, $4, $5, $6)`,
			p.ID, t.ID, p.Person, p.Agency, p.Body, p.At)
		if err != nil {
			return fmt.Errorf("insert post: %w", err)
		}
		if t, err = read(ctx, tx, actor, topic); err != nil {
			return err
		}
		return event.Append(ctx, tx, actor, Posted{ID: t.ID, Subject: t.SubjectID, Post: p.ID})
	})
	return t, err
}

// Close ends a discussion, with words on what came of it. What was said stays
// readable; nothing is added.
//
// Faults: discussion.not_found, policy.forbidden, discussion.closed,
// discussion.invalid with fields.
func (s *Service) Close(ctx context.Context, actor policy.Actor, topic, conclusion string) (Topic, error) {
	var t Topic
	conclusion = strings.TrimSpace(strings.ReplaceAll(conclusion, "\r\n", "\n"))
	err := s.db.Transact(ctx, func(tx *db.Tx) error {
		var err error
		if t, err = find(ctx, tx, topic); err != nil {
			return err
		}
		if err := policy.Check(actor, policy.CloseDiscussion, t.facts()); err != nil {
			return err
		}
		if code := practice.ProblemOf(conclusion, true, MaxBody); code != "" {
			return fault.New(fault.Invalid, "discussion.invalid").WithField("conclusion", code)
		}
		if ended, err := end(ctx, tx, t.ID, actor.Person, conclusion); err != nil {
			return err
		} else if !ended {
			return fault.New(fault.Conflict, "discussion.closed").With("closed_at", t.ClosedAt)
		}
		if t, err = read(ctx, tx, actor, topic); err != nil {
			return err
		}
		return event.Append(ctx, tx, actor, Closed{ID: t.ID, Subject: t.SubjectID})
	})
	return t, err
}

// Settle ends the discussion of a cause, if it is open still, as the hub
// itself: the ballot after the tie has decided. In the caller's transaction.
func Settle(ctx context.Context, tx *db.Tx, cause, causeID, ballot string) error {
	was, err := list(ctx, tx, "cause = $1 and cause_id = $2", cause, causeID)
	if err != nil || len(was) == 0 {
		return err
	}
	ended, err := end(ctx, tx, was[0].ID, "system", "")
	if err != nil || !ended {
		return err
	}
	return event.Append(ctx, tx, policy.SystemActor(), Closed{ID: was[0].ID, Subject: was[0].SubjectID, Ballot: ballot})
}

// end closes an open discussion; false when it was closed already.
func end(ctx context.Context, tx *db.Tx, topic, person, conclusion string) (bool, error) {
	res, err := tx.Exec(ctx, `update discussion set closed_at = $2, closed_by = $3, conclusion = $4 where id = $1 and closed_at = 0`,
		topic, tx.Now(), person, conclusion)
	if err != nil {
		return false, fmt.Errorf("close discussion: %w", err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// Facts is what policy may know of a discussion, for the live connection.
//
// Faults: discussion.not_found.
func (s *Service) Facts(ctx context.Context, tx *db.Tx, topic string) (policy.Facts, error) {
	t, err := find(ctx, tx, topic)
	return t.facts(), err
}

// Where returns a post and its discussion, for moderation. It asks no policy.
//
// Faults: discussion.not_found.
func Where(ctx context.Context, tx *db.Tx, post string) (Topic, Post, policy.Facts, error) {
	found, err := posts(ctx, tx, "id = $1", post)
	if err == nil && len(found) == 0 {
		err = policy.NotFound("discussion")
	}
	if err != nil {
		return Topic{}, Post{}, policy.Facts{}, err
	}
	var topic string
	if err := tx.QueryRow(ctx, `select discussion from discussion_post where id = $1`, post).Scan(&topic); err != nil {
		return Topic{}, Post{}, policy.Facts{}, err
	}
	t, err := find(ctx, tx, topic)
	return t, found[0], t.facts(), err
}

// SetHidden hides a post or shows it again, in moderation's transaction.
//
// Faults: discussion.not_found.
func SetHidden(ctx context.Context, tx *db.Tx, actor policy.Actor, post string, hidden bool) error {
	t, p, _, err := Where(ctx, tx, post)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update discussion_post set hidden = $2 where id = $1`, p.ID, hidden); err != nil {
		return fmt.Errorf("hide post: %w", err)
	}
	return event.Append(ctx, tx, actor, Posted{ID: t.ID, Subject: t.SubjectID, Post: p.ID, Hidden: hidden})
}

func find(ctx context.Context, tx *db.Tx, topic string) (Topic, error) {
	found, err := list(ctx, tx, "id = $1 and id <> $2", topic, "")
	if err == nil && len(found) == 0 {
		err = policy.NotFound("discussion")
	}
	if err != nil {
		return Topic{}, err
	}
	return found[0], nil
}

// list returns topics; where is a condition with $1 and $2.
func list(ctx context.Context, tx *db.Tx, where string, a, b string) ([]Topic, error) {
	rows, err := tx.Query(ctx, `
		select id, subject_kind, subject_id, cause, cause_id, opened_at, closed_at, closed_by, conclusion,
		       (select count(*) from discussion_post p where p.discussion = discussion.id)
		  from discussion where `+where+` order by opened_at desc, id desc limit 100`, a, b)
	if err != nil {
		return nil, fmt.Errorf("list discussions: %w", err)
	}
	defer rows.Close()
	var out []Topic
	for rows.Next() {
		var t Topic
		if err := rows.Scan(&t.ID, &t.SubjectKind, &t.SubjectID, &t.Cause, &t.CauseID, &t.OpenedAt, &t.ClosedAt, &t.ClosedBy, &t.Conclusion, &t.Count); err != nil {
			return nil, fmt.Errorf("list discussions: %w", err)
		}
		out = append(out, t)
	}
	return out, errors.Join(rows.Err(), rows.Close())
}

func posts(ctx context.Context, tx *db.Tx, where, arg string) ([]Post, error) {
	rows, err := tx.Query(ctx, `select id, person, agency, body, at, hidden from discussion_post where `+where+` order by at, id`, arg)
	if err != nil {
		return nil, fmt.Errorf("list posts: %w", err)
	}
	defer rows.Close()
	var out []Post
	for rows.Next() {
		var p Post
		if err := rows.Scan(&p.ID, &p.Person, &p.Agency, &p.Body, &p.At, &p.Hidden); err != nil {
			return nil, fmt.Errorf("list posts: %w", err)
		}
		out = append(out, p)
	}
	return out, errors.Join(rows.Err(), rows.Close())
}
