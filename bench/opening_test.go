package bench

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/draft/drafttest"
	"github.com/multaqa/multaqa/pkg/policy"
)

// everybody may do everything.
type everybody struct{}

func (everybody) Facts(context.Context, *db.Tx, string) (policy.Facts, error) {
	return policy.Facts{Agency: "ag_a", Visibility: policy.ToAgency, State: "draft", Flags: map[string]bool{"writable": true}}, nil
}

func (everybody) Actor(_ context.Context, was policy.Actor) (policy.Actor, error) { return was, nil }

var writer = policy.Actor{Person: "pe_a", Session: "se_a", Agency: "ag_a", Roles: []policy.Role{policy.Representative}}

func service(b *testing.B, d *db.DB) (s *draft.Service, stop func()) {
	ctx, cancel := context.WithCancel(b.Context())
	s = draft.New(d, everybody{}, bus.NewMemory(), slog.New(slog.DiscardHandler), draft.Options{Idle: time.Millisecond})
	wait := s.Start(ctx)
	return s, func() { cancel(); wait() }
}

// grown is a draft of 200 KB that has been through so many updates, a character each at any place.
func grown(b *testing.B, updates int) (d *db.DB, id string) {
	d = dbtest.Open(b)
	err := d.Transact(b.Context(), func(tx *db.Tx) (err error) {
		id, err = draft.Create(b.Context(), tx, "ed_1", strings.Repeat("نص عربي طويل\n", 8700))
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	s, stop := service(b, d)
	defer stop()
	more, refused := make(chan struct{}, 1), make(chan string, 1)
	at, err := s.Open(b.Context(), writer, draft.Opening{Draft: id, Notify: func() {
		select {
		case more <- struct{}{}:
		default:
		}
	}})
	if err != nil {
		b.Fatal(err)
	}
	c, rnd := drafttest.New(at.Client, at.Authority.Handle, at.Version, at.Text), rand.New(rand.NewPCG(1, 2))
	for c.Version < int64(updates) {
		for range min(draft.MaxPushUpdates, updates-int(c.Version)) {
			n := c.Doc.Len()
			i := rnd.IntN(n)
			ch, err := changeset.Replace(n, i, i+1, "م")
			if err == nil {
				err = c.Edit(ch)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		msg, _ := c.Push(draft.MaxPushUpdates)
		p, err := draft.DecodePush(msg)
		if err != nil {
			b.Fatal(err)
		}
		s.Push(at, writer, p, func(code string) { refused <- code })
		for c.Unconfirmed() > 0 {
			select {
			case <-more:
			case code := <-refused:
				b.Fatal(code)
			}
			for {
				frame, _, err := at.Authority.Next(b.Context(), c.Version)
				if err == nil && frame != nil {
					err = c.Receive(frame)
				}
				if err != nil {
					b.Fatal(err)
				}
				if frame == nil {
					break
				}
			}
		}
	}
	return d, id // the node ended without a word, and left no snapshot of the end
}

// BenchmarkOpening opens a draft of 200 KB from the database after 10 and after 100,000 updates, in turns: the ratio must stay below 1.3. "first" is
// the first opening after the node that wrote ended at once, so part of the log is replayed; the others are openings after it.
func BenchmarkOpening(b *testing.B) {
	type doc struct {
		d     *db.DB
		id    string
		first time.Duration
		took  []time.Duration
	}
	docs := []*doc{{}, {}}
	open := func(x *doc) time.Duration {
		s, stop := service(b, x.d)
		defer stop()
		start := time.Now()
		at, err := s.Open(b.Context(), writer, draft.Opening{Draft: x.id, Notify: func() {}})
		if err != nil {
			b.Fatal(err)
		}
		took := time.Since(start)
		s.Close(at)
		return took
	}
	for i, x := range docs {
		x.d, x.id = grown(b, []int{10, 100_000}[i])
		x.first = open(x)
	}
	// What a draft leaves when it leaves memory.
	for _, x := range docs {
		s, stop := service(b, x.d)
		at, err := s.Open(b.Context(), writer, draft.Opening{Draft: x.id, Notify: func() {}})
		if err != nil {
			b.Fatal(err)
		}
		s.Close(at)
		time.Sleep(200 * time.Millisecond)
		stop()
	}
	for b.Loop() {
		for _, x := range docs {
			x.took = append(x.took, open(x))
		}
	}
	for _, x := range docs {
		slices.Sort(x.took)
	}
	few, many := docs[0].took[len(docs[0].took)/2], docs[1].took[len(docs[1].took)/2]
	b.ReportMetric(float64(few.Microseconds()), "µs/after10")
	b.ReportMetric(float64(many.Microseconds()), "µs/after100000")
	b.ReportMetric(float64(many)/float64(few), "ratio")
	b.ReportMetric(float64(docs[1].first)/float64(docs[0].first), "ratio-first")
}
