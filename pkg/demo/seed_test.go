package demo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/ballot"
	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/comment"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/moderation"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/practice"
	"github.com/multaqa/multaqa/pkg/publish"
	"github.com/multaqa/multaqa/pkg/suggestion"
	"github.com/multaqa/multaqa/pkg/transfer"
	"github.com/multaqa/multaqa/pkg/workspace"
)

// texts is package draft as guideline wants it.
type texts struct{}

func (texts) Create(ctx context.Context, tx *db.Tx, edition, text string) (string, error) {
	return draft.Create(ctx, tx, edition, text)
}

func (texts) Read(ctx context.Context, tx *db.Tx, id string) (guideline.Revision, error) {
	v, text, err := draft.Text(ctx, tx, id)
	h := sha256.Sum256([]byte(text))
	return guideline.Revision{Hash: hex.EncodeToString(h[:]), Version: v, Text: text}, err
}

func (texts) Freeze(ctx context.Context, tx *db.Tx, id string) (guideline.Revision, error) {
	r, err := draft.Freeze(ctx, tx, id)
	return guideline.Revision{Hash: r.TextHash, Version: r.Version, Text: r.Text}, err
}

func (texts) Authors(ctx context.Context, tx *db.Tx, id string) ([]string, error) {
	return draft.Authors(ctx, tx, id)
}

func (texts) WrittenBy(ctx context.Context, tx *db.Tx, person string, ids ...string) (map[string]bool, error) {
	return draft.WrittenBy(ctx, tx, person, ids...)
}

// services joins what seeding drives, as the hub does.
func services(t *testing.T, d *db.DB) Services {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	m := member.New(d, nil)
	t.Cleanup(m.Close)
	g := guideline.NewService(d, texts{}, nil, publish.New(d))
	p := practice.New(d)
	mod := moderation.New(d)
	mod.Register("co", moderation.Comments{Guidelines: g})
	return Services{DB: d, Moderation: mod, Bus: bus.NewMemory(), Log: log, Members: m, Workspaces: workspace.New(d, m), Guidelines: g, Practices: p,
		Ballots: ballot.New(d, log, p).WithEditions(g), Comments: comment.New(d, g, log), Suggests: suggestion.New(d, nil, g, log)}
}

func TestSeedMakesANetworkWorthLookingAt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s := services(t, d)
		if in, err := Find(ctx, d); in != nil || err != nil {
			t.Fatalf("an empty hub: %v, %v", in, err)
		}
		start := time.Now()
		signIn, err := Seed(ctx, s, nil)
		if err != nil {
			t.Fatal(err)
		}
		took := time.Since(start)
		if took > 60*time.Second {
			t.Errorf("seeding took %s", took)
		}
		if len(signIn.Accounts) < 8 {
			t.Errorf("%d accounts", len(signIn.Accounts))
		}
		again, err := Find(ctx, d)
		if err != nil || again == nil || again.Password != Password {
			t.Errorf("seeded hub: %+v, %v", again, err)
		}
		v, err := transfer.VerifyHub(ctx, d)
		if err != nil {
			t.Error(err)
		}
		t.Logf("%d audit records, %d ballots counted again, in %s", v.AuditRecords, v.Ballots, took.Round(time.Millisecond))

		count := func(q string) (n int) {
			t.Helper()
			if err := d.Read(ctx, func(tx *db.Tx) error { return tx.QueryRow(ctx, q).Scan(&n) }); err != nil {
				t.Fatalf("%s: %v", q, err)
			}
			return n
		}
		for q, least := range map[string]int{
			`select count(*) from agency where has_vote = true`:                                   20,
			`select count(distinct agency) from seat where kind = 'alternate'`:                    20,
			`select count(distinct stage) from practice`:                                          14,
			`select count(*) from ballot where state = 'open'`:                                    4,
			`select count(*) from ballot where state = 'certified' and subject_kind = 'practice'`: 7,
			`select count(*) from ballot where state = 'closed'`:                                  1,
			`select count(*) from ballot where state = 'scheduled'`:                               1,
			`select count(*) from ballot where state = 'cancelled'`:                               1,
			`select count(*) from ballot where result = 'not_quorate'`:                            1,
			`select count(*) from ballot where round = 2`:                                         2,
			`select count(*) from edition where state = 'published'`:                              7,
			`select count(*) from edition where state = 'superseded'`:                             4,
			`select count(*) from edition where state = 'in_review'`:                              1,
			`select count(*) from edition where state = 'fact_check'`:                             1,
			`select count(*) from practice_partner`:                                               1,
			`select count(*) from edition where state = 'draft'`:                                  3,
			`select count(*) from edition where state = 'ready'`:                                  1,
			`select count(*) from edition where state = 'withdrawn'`:                              1,
			`select count(*) from thread where state = 'open'`:                                    10,
			`select count(*) from comment`:                                                        20,
			`select count(*) from moderation_flag`:                                                3,
			`select count(*) from workspace where kind = 'joint'`:                                 1,
		} {
			if n := count(q); n < least {
				t.Errorf("%s = %d, want at least %d", q, n, least)
			}
		}
		// No page names a file of the content where a link should be.
		if n := count(`select count(*) from edition_revision where body like '%.md)%'`); n > 0 {
			t.Errorf("%d texts link to files", n)
		}
		if n := count(`select count(*) from edition_revision where body like '%](/guides/gl_%'`); n < 6 {
			t.Errorf("only %d texts link to guidelines", n)
		}
		// Nothing lies in the future but what is planned, and time runs one way.
		if n := count(`select count(*) from event a join event b on b.seq = a.seq + 1 where b.at < a.at`); n > 0 {
			t.Errorf("%d audit records are older than the one before", n)
		}
		var newest int64
		if err := d.Read(ctx, func(tx *db.Tx) error { return tx.QueryRow(ctx, `select max(at) from event`).Scan(&newest) }); err != nil || newest > int64(db.At(time.Now())) {
			t.Errorf("the newest record is of %s (%v)", db.Time(newest).Time(), err)
		}
	})
}

// An interrupted seeding is begun anew when nothing else is there, and left alone otherwise.
func TestAnInterruptedSeeding(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := services(t, d)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		_, err := Seed(ctx, s, func(done, total int) {
			if done > total*9/10 { // nearly all of it, of the last days too
				stop()
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		is := func(when string, want error) {
			t.Helper()
			if _, err := Find(t.Context(), d); !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", when, err, want)
			}
		}
		do := func(query string, args ...any) {
			t.Helper()
			if err := d.Transact(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(t.Context(), query, args...); return err }); err != nil {
				t.Fatal(err)
			}
		}
		is("an interrupted seeding", ErrPartial)
		do(`create table ledger (n integer)`)
		is("beside a table of another program", ErrUsed)
		if d.Engine() == db.Postgres {
			if err := Reset(t.Context(), d); !errors.Is(err, ErrUsed) {
				t.Errorf("reset beside a table of another program: %v", err)
			}
		}
		do(`drop table ledger`)
		is("without it again", ErrPartial)
		if d.Engine() == db.Postgres {
			if err := Reset(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			var left string
			if err := d.Read(t.Context(), func(tx *db.Tx) error {
				return tx.QueryRow(t.Context(), `select coalesce(string_agg(relname::text, ' '), '') from pg_class where relnamespace = current_schema()::regnamespace`).Scan(&left)
			}); err != nil || left != "" {
				t.Errorf("a reset left %q: %v", left, err)
			}
			if _, err := d.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			if in, err := Find(t.Context(), d); in != nil || err != nil {
				t.Errorf("after a reset: %v, %v", in, err)
			}
			if err := Reset(t.Context(), d); !errors.Is(err, ErrForeign) {
				t.Errorf("reset of an empty hub: %v", err)
			}
		}
	})
}

// What somebody did in an unfinished demo network is not thrown away.
func TestAnInterruptedSeedingThatWasUsed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		w := &world{Services: services(t, d), ctx: ctx}
		is := func(kept string, want error) {
			t.Helper()
			if err := w.keep(kept); err != nil {
				t.Fatal(err)
			}
			if _, err := Find(ctx, d); !errors.Is(err, want) {
				t.Errorf("%q: %v, want %v", kept, err, want)
			}
		}
		is(seeding+"1000", ErrPartial)
		is("seeding", ErrUsed) // of a program that did not say when
		if err := d.Transact(ctx, func(tx *db.Tx) error {
			return event.Append(ctx, tx, policy.SystemActor(), transfer.Restored{})
		}); err != nil {
			t.Fatal(err)
		}
		is(seeding+"1000", ErrUsed)
		if d.Engine() == db.Postgres {
			if err := Reset(ctx, d); !errors.Is(err, ErrUsed) {
				t.Errorf("reset: %v", err)
			}
		}
	})
}
