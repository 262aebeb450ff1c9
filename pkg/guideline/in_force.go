package guideline

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/policy"
)

// putInForce makes e the edition readers have: the one before is superseded
// in the same transaction, the number becomes final, the page is made.
func (s *Service) putInForce(ctx context.Context, tx *db.Tx, actor policy.Actor, g Guideline, e *Edition, rev Revision) (superseded string, err error) {
	last, err := lastNumber(ctx, tx, g.ID)
	if err != nil {
		return "", err
	}
	all, err := editionsOf(ctx, tx, g.ID)
	if err != nil {
		return "", err
	}
	for _, old := range all[g.ID] {
		if old.ID == e.ID || old.State != Published && old.State != Withdrawn {
			continue
		}
		from := old.State
		old.State, old.UpdatedAt, old.SecondEyeDue = Superseded, tx.Now(), 0
		if err := updateEdition(ctx, tx, old); err != nil {
			return "", err
		}
		en := Entry{At: tx.Now(), Step: "superseded", From: from, To: Superseded, Person: person(actor), Agency: actor.Agency, Reason: e.ID}
		if err := insertEntry(ctx, tx, old.ID, en); err != nil {
			return "", err
		}
		if err := s.announce(ctx, tx, g, old); err != nil {
			return "", err
		}
		superseded = old.ID
	}
	e.Number = Next(last, e.Minor)
	e.State, e.PublishedAt = Published, tx.Now()
	e.RevisionHash, e.Version = rev.Hash, rev.Version
	if err := saveRevision(ctx, tx, e.ID, rev); err != nil {
		return "", err
	}
	// The row stands as published before the page is made from it.
	if err := updateEdition(ctx, tx, *e); err != nil {
		return "", err
	}
	if s.Publisher != nil {
		if err := s.Publisher.Publish(ctx, tx, publication(g, *e, rev)); err != nil {
			return "", fmt.Errorf("publish %s: %w", e.ID, err)
		}
	}
	return superseded, nil
}

// restore publishes the withdrawn text again, as a new minor edition.
func (s *Service) restore(ctx context.Context, tx *db.Tx, actor policy.Actor, g Guideline, old Edition, req Request, rev Revision) (Edition, error) {
	now := tx.Now()
	e := Edition{ID: newEditionID(), Guideline: g.ID, State: Published, CreatedBy: person(actor), CreatedAt: now, UpdatedAt: now,
		SubmittedBy: old.SubmittedBy, SubmittedAt: old.SubmittedAt, ApprovedBy: old.ApprovedBy, ApprovedAgency: old.ApprovedAgency,
		ApprovedAt: old.ApprovedAt, ApprovedHash: old.ApprovedHash, Ballot: old.Ballot, BallotHash: old.BallotHash,
		ChangeNote: req.Reason, Minor: true, ReviewBy: old.ReviewBy, PublishedBy: person(actor), MadeFrom: old.MadeFrom}
	// The old edition must leave "withdrawn" first, and putInForce sees to it.
	old.State = Withdrawn
	if err := updateEdition(ctx, tx, old); err != nil {
		return e, err
	}
	last, err := lastNumber(ctx, tx, g.ID)
	if err != nil {
		return e, err
	}
	e.Number = Next(last, true)
	e.State = Superseded // until it is put in force below: one published edition at a time
	if err := insertEdition(ctx, tx, e); err != nil {
		return e, err
	}
	if e.Draft, err = s.Drafts.Create(ctx, tx, e.ID, rev.Text); err != nil {
		return e, fmt.Errorf("draft of edition: %w", err)
	}
	again, err := s.Drafts.Freeze(ctx, tx, e.Draft)
	if err != nil {
		return e, err
	}
	authors, err := authorsOf(ctx, tx, old.ID)
	if err != nil {
		return e, err
	}
	if err := addAuthors(ctx, tx, e.ID, authors...); err != nil {
		return e, err
	}
	if req.ReviewBy != 0 {
		e.ReviewBy = req.ReviewBy
	}
	if _, err := s.putInForce(ctx, tx, actor, g, &e, again); err != nil {
		return e, err
	}
	if err := touch(ctx, tx, g.ID); err != nil {
		return e, err
	}
	return e, s.record(ctx, tx, actor, g, e, Restore, Withdrawn, req.Reason, again, old.ID)
}

// publication is what the public side learns of an edition.
func publication(g Guideline, e Edition, rev Revision) Publication {
	return Publication{Guideline: g.ID, Edition: e.ID, Agency: g.Agency, Title: g.Title, Summary: g.Summary, Language: g.Language,
		Tags: g.Tags, Visibility: g.Visibility, Agencies: g.Shares, Number: e.Number, State: e.State, Revision: rev,
		ChangeNote: e.ChangeNote, Minor: e.Minor, PublishedAt: e.PublishedAt, ReviewBy: e.ReviewBy,
		Notice: e.Notice, Redirect: e.Redirect, Hidden: g.Hidden, Translates: g.Translates, MadeFrom: e.MadeFrom}
}

// announce tells the public side how a published edition stands now.
func (s *Service) announce(ctx context.Context, tx *db.Tx, g Guideline, e Edition) error {
	if s.Publisher == nil {
		return nil
	}
	rev, err := s.text(ctx, tx, e)
	if err != nil {
		return err
	}
	if err := s.Publisher.Update(ctx, tx, publication(g, e, rev)); err != nil {
		return fmt.Errorf("update page of %s: %w", e.ID, err)
	}
	return nil
}

// republish announces every edition that readers have.
func (s *Service) republish(ctx context.Context, tx *db.Tx, g Guideline, editions []Edition) error {
	for _, e := range editions {
		if !e.State.Readable() {
			continue
		}
		if err := s.announce(ctx, tx, g, e); err != nil {
			return err
		}
	}
	return nil
}

// PublishDue publishes the scheduled editions whose time has come, by the
// database's clock, and returns how many. Each has a transaction of its own;
// one that fails is logged and does not hold up the others. The rights of who
// scheduled it are asked again (threats §2, deferred jobs).
func (s *Service) PublishDue(ctx context.Context) (int, error) {
	var due []string
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, `select id from edition where state = 'scheduled' and publish_at <= $1 order by publish_at`, int64(tx.Now()))
		if err != nil {
			return fmt.Errorf("due editions: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var ed string
			if err := rows.Scan(&ed); err != nil {
				return fmt.Errorf("due editions: %w", err)
			}
			due = append(due, ed)
		}
		return rows.Err()
	})
	if err != nil {
		return 0, err
	}
	n := 0
	for _, ed := range due {
		err := s.DB.Transact(ctx, func(tx *db.Tx) error {
			g, e, err := findEdition(ctx, tx, ed, true)
			if err != nil || e.State != Scheduled || e.PublishAt > tx.Now() {
				return err // another node was faster, or somebody unscheduled it
			}
			if s.Actor != nil && e.PublishedBy != "system" {
				a, err := s.Actor(ctx, tx, e.PublishedBy)
				if err != nil {
					return err
				}
				if !policy.Can(a, policy.PublishEdition, g.facts(e)) {
					_, _, err = s.do(ctx, tx, policy.SystemActor(), ed, Unschedule, Request{})
					return err
				}
			}
			_, ok, err := s.do(ctx, tx, policy.SystemActor(), ed, Publish, Request{})
			if ok && err == nil {
				n++
			}
			return err
		})
		if err != nil {
			if ctx.Err() != nil {
				return n, ctx.Err()
			}
			slog.ErrorContext(ctx, "publish scheduled edition", "edition", ed, "error", err)
		}
	}
	return n, nil
}
