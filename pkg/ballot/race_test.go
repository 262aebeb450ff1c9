package ballot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/practice"
)

// TestCastsRaceWithClosing is threats A13: agencies vote at once, several
// times, from two seats, while the ballot closes. Every acknowledged vote is
// in the count, none is counted that was refused, and an agency has one.
func TestCastsRaceWithClosing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const agencies, casters = 20, 40
		w := newWorld(t, d, agencies)
		b := w.open()
		deadline := b.Terms.ClosesAt
		w.clock.Store(int64(deadline) - 1)
		var wg sync.WaitGroup
		start := make(chan struct{})
		acknowledged := make([]map[string]Vote, casters)
		for i := range casters {
			acknowledged[i] = map[string]Vote{}
			actor := w.principals[i%agencies]
			if i >= agencies {
				actor = w.alternates[i%agencies]
			}
			wg.Go(func() {
				<-start
				for n, c := range []Choice{For, Against, Abstain} {
					v, err := w.ballots.Cast(w.ctx, actor, b.ID, c, fmt.Sprintf("%s %d %d", why, i, n), b.Subject.Hash)
					switch {
					case err == nil:
						acknowledged[i][fmt.Sprintf("%s/%d", v.Agency, v.N)] = v
					case fault.Is(err, "ballot.closed"), fault.Is(err, "ballot.seat_already_used_by_principal"):
					default:
						t.Errorf("cast: %v", err)
					}
				}
			})
		}
		closed := 0
		wg.Go(func() {
			<-start
			for closed == 0 {
				n, err := w.ballots.CloseDue(w.ctx)
				if err != nil {
					t.Errorf("close: %v", err)
					return
				}
				closed += n
			}
		})
		wg.Go(func() { // time passes while they vote
			<-start
			for {
				seq := 0
				_ = d.Read(w.ctx, func(tx *db.Tx) error {
					return tx.QueryRow(w.ctx, `select count(*) from ballot_vote_change where ballot = $1`, b.ID).Scan(&seq)
				})
				if seq >= agencies {
					w.clock.Store(int64(deadline))
					return
				}
			}
		})
		close(start)
		wg.Wait()
		if closed != 1 {
			t.Errorf("closed %d times", closed)
		}
		v, err := w.ballots.Find(w.ctx, w.sa, b.ID)
		if err != nil {
			t.Fatal(err)
		}
		last := map[string]Vote{}
		total := 0
		for _, m := range acknowledged {
			total += len(m)
			for _, vote := range m {
				if vote.CastAt >= deadline {
					t.Errorf("vote acknowledged at or after closing: %+v", vote)
				}
				if vote.N > last[vote.Agency].N {
					last[vote.Agency] = vote
				}
			}
		}
		if len(v.Votes) != len(last) || total != len(v.Changes) {
			t.Errorf("%d agencies' votes stored, %d acknowledged; %d changes, %d acknowledged", len(v.Votes), len(last), len(v.Changes), total)
		}
		for agency, vote := range last {
			if v.Votes[agency] != vote {
				t.Errorf("stored %+v, last acknowledged %+v", v.Votes[agency], vote)
			}
		}
		if recount := tally(v.Electorate, values(last)); recount != v.Tally || Outcome(recount, b.Terms.Threshold, b.Terms.Quorum) != v.Result {
			t.Errorf("tally %+v result %s, recount %+v", v.Tally, v.Result, recount)
		}
		t.Logf("%d votes acknowledged in %d agencies, result %s", total, len(last), v.Result)
	})
}

func values(m map[string]Vote) (out []Vote) {
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

// TestClosingSurvivesARestart: nothing ran at closing time; a hub that starts
// an hour later closes the ballot as of that time, before it takes a vote.
func TestClosingSurvivesARestart(t *testing.T) {
	t.Parallel()
	path := "sqlite:" + t.TempDir() + "/hub.db"
	ctx := context.Background()
	d, err := db.Open(ctx, "", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, d, 3)
	b := w.open()
	w.cast(b, w.principals[0], For)
	w.cast(b, w.principals[1], For)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	w.pass(101 * time.Hour)

	d, err = db.Open(ctx, "", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	d.SetClock(func() time.Time { return time.UnixMicro(w.clock.Load()) })
	again := New(d, slog.New(slog.DiscardHandler), practice.New(d))
	_, err = again.Cast(ctx, w.principals[2], b.ID, For, "", b.Subject.Hash)
	wantFault(t, err, "ballot.closed")
	run, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	ended := make(chan struct{})
	go func() { again.Run(run); close(ended) }()
	for {
		v, err := again.Find(run, w.sa, b.ID)
		if err != nil {
			t.Fatal(err)
		}
		if v.State == Closed {
			if v.ClosedAt != b.Terms.ClosesAt || v.Result != Carried || v.Tally.C != 2 {
				t.Errorf("closed at %d with %+v: %s", v.ClosedAt, v.Tally, v.Result)
			}
			break
		}
	}
	stop()
	<-ended
	if !errors.Is(run.Err(), context.Canceled) {
		t.Error(run.Err())
	}
}
