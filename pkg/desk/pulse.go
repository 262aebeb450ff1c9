package desk

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/policy"
)

// PulseWeeks is how many weeks a pulse looks back.
const PulseWeeks = 12

const (
	week       = 7 * 24 * time.Hour
	pulseStays = time.Minute
)

// Pulse is how much the agencies took part: votes, nominations, texts handed
// in, and comments and suggestions on drafts that the whole network may see.
// What an agency says inside, or on a draft of its own, moves no number here.
type Pulse struct {
	Weeks  [PulseWeeks]int64 // seven days each, the last one ends now
	Active int64             // agencies that took part within four weeks
}

// pulses keeps the last pulse for a minute: it is one for all readers, and
// every desk shows it.
type pulses struct {
	mu   sync.Mutex
	at   db.Time
	last Pulse
}

const partsTaken = `
	select cast_at as at, agency from ballot_vote
	union all select created_at, agency from practice
	union all select e.submitted_at, g.agency from edition e join guideline g on g.id = e.guideline
		where g.visibility in ('network', 'public')
	union all select c.created_at, c.agency from comment c join thread t on t.id = c.thread join draft d on d.id = t.draft
		join edition e on e.id = d.edition join guideline g on g.id = e.guideline
		where not t.inside and not c.hidden and g.visibility in ('network', 'public')
	union all select s.created_at, s.agency from suggestion s join draft d on d.id = s.draft
		join edition e on e.id = d.edition join guideline g on g.id = e.guideline
		where s.state <> 'withdrawn' and g.visibility in ('network', 'public')`

// Pulse returns how much the agencies took part; it is up to a minute old.
//
// Faults: policy.unauthenticated.
func (s *Service) Pulse(ctx context.Context, actor policy.Actor) (Pulse, error) {
	if err := policy.Check(actor, policy.ReadDesk, policy.Global("desk")); err != nil {
		return Pulse{}, err
	}
	s.pulses.mu.Lock()
	defer s.pulses.mu.Unlock()
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		now := tx.Now()
		if s.pulses.at != 0 && now < s.pulses.at.Add(pulseStays) && now >= s.pulses.at {
			return nil
		}
		var p Pulse
		rows, err := tx.Query(ctx, `select ($1 - at) / $2, agency, count(*) from (`+partsTaken+`) part where at > $3 and at <= $1 and agency <> '' group by 1, 2`,
			int64(now), week.Microseconds(), int64(now.Add(-PulseWeeks*week)))
		if err != nil {
			return fmt.Errorf("pulse: %w", err)
		}
		defer rows.Close()
		active := map[string]bool{}
		for rows.Next() {
			var ago, n int64
			var agency string
			if err := rows.Scan(&ago, &agency, &n); err != nil {
				return fmt.Errorf("pulse: %w", err)
			}
			if ago < 0 || ago >= PulseWeeks {
				continue
			}
			p.Weeks[PulseWeeks-1-ago] += n
			if ago < 4 {
				active[agency] = true
			}
		}
		p.Active = int64(len(active))
		s.pulses.at, s.pulses.last = now, p
		return rows.Err()
	})
	return s.pulses.last, err
}
