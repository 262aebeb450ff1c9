package event_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/policy"
)

type happened struct {
	What string `json:"what"`
}

func (happened) Kind() string   { return "test.happened" }
func (happened) Object() string { return "ts_1" }

func appendSome(t *testing.T, d *db.DB, n int) {
	t.Helper()
	ctx := context.Background()
	for range n {
		err := d.Transact(ctx, func(tx *db.Tx) error {
			return event.Append(ctx, tx, policy.Actor{Person: "pe_1", Agency: "ag_1"}, happened{"نشر"})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func verify(d *db.DB) (n int64, err error) {
	ctx := context.Background()
	rerr := d.Read(ctx, func(tx *db.Tx) error { n, err = event.Verify(ctx, tx); return nil })
	return n, errors.Join(err, rerr)
}

func TestTheChainHoldsAndEveryKindOfTamperingIsFound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		appendSome(t, d, 20)
		if n, err := verify(d); err != nil || n != 20 {
			t.Fatalf("verify = %d, %v", n, err)
		}
		for name, tamper := range map[string]struct{ sql, undo, want string }{
			"a changed body":   {`update event set body = '{"what":"x"}' where seq = 7`, `update event set body = '{"what":"نشر"}' where seq = 7`, "record 7 was changed"},
			"a changed actor":  {`update event set person = 'pe_2' where seq = 3`, `update event set person = 'pe_1' where seq = 3`, "record 3 was changed"},
			"a cut tail":       {`update event set seq = 120 where seq = 20`, `update event set seq = 20 where seq = 120`, "record 20 is missing"},
			"a replaced head":  {`update event_head set seq = 19`, `update event_head set seq = 20`, "its head says 19"},
			"a removed record": {`update event set seq = 1009 where seq = 9`, `update event set seq = 9 where seq = 1009`, "record 9 is missing"},
		} {
			exec(t, d, tamper.sql)
			if _, err := verify(d); err == nil || !strings.Contains(err.Error(), tamper.want) {
				t.Errorf("%s: verify = %v, want %q", name, err, tamper.want)
			}
			exec(t, d, tamper.undo)
			if _, err := verify(d); err != nil {
				t.Fatalf("%s: not undone: %v", name, err)
			}
		}
		_ = ctx
	})
}

func exec(t *testing.T, d *db.DB, sql string) {
	t.Helper()
	ctx := context.Background()
	if err := d.Transact(ctx, func(tx *db.Tx) error { _, err := tx.Exec(ctx, sql); return err }); err != nil {
		t.Fatal(err)
	}
}

func TestConcurrentAppendsLeaveNoGap(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		done := make(chan struct{})
		for range 8 {
			go func() { appendSome(t, d, 25); done <- struct{}{} }()
		}
		for range 8 {
			<-done
		}
		if n, err := verify(d); err != nil || n != 200 {
			t.Fatalf("verify = %d, %v", n, err)
		}
	})
}

func TestARolledBackChangeLeavesNoRecord(t *testing.T) {
	d := dbtest.Open(t)
	ctx := context.Background()
	boom := errors.New("boom")
	err := d.Transact(ctx, func(tx *db.Tx) error {
		if err := event.Append(ctx, tx, policy.Actor{}, happened{"x"}); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	if n, err := verify(d); n != 0 || err != nil {
		t.Fatalf("verify = %d, %v", n, err)
	}
}

func TestASubscriberSeesEveryRecordInOrderAndAgainAfterAFailure(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		appendSome(t, d, 5)
		var seen []int64
		failed := false
		done := make(chan struct{})
		r := event.NewRelay(d, slog.New(slog.DiscardHandler))
		r.Subscribe("test", []string{"test."}, func(_ context.Context, _ *db.Tx, rec event.Record) error {
			if rec.Seq == 3 && !failed {
				failed = true
				return errors.New("once")
			}
			seen = append(seen, rec.Seq)
			if rec.Seq == 8 {
				close(done)
			}
			return nil
		})
		stopped := make(chan struct{})
		go func() { r.Run(ctx); close(stopped) }()
		appendSome(t, d, 3)
		select {
		case <-done:
		case <-ctx.Done():
			t.Fatal("not all records arrived")
		}
		cancel()
		<-stopped
		for i, s := range seen {
			if s != int64(i+1) {
				t.Fatalf("order %v", seen)
			}
		}
	})
}
