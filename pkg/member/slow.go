package member

import (
	"sync"
	"time"

	"github.com/multaqa/multaqa/pkg/fault"
)

// slow delays sign-in attempts by key. It keeps a token bucket for each
// account, source and known device, in memory of this node: a restart forgets,
// which costs one burst more.
type slow struct {
	mu      sync.Mutex
	buckets map[string]*bucket
	now     func() time.Time
}

type bucket struct {
	spent float64 // attempts not yet forgiven
	at    time.Time
}

// allowance is burst attempts at once, and one more every period.
type allowance struct {
	burst  int
	period time.Duration
}

var (
	perAccount = allowance{burst: 10, period: 30 * time.Second}
	perSource  = allowance{burst: 40, period: 3 * time.Second}
	perDevice  = allowance{burst: 10, period: 30 * time.Second}
)

// maxBuckets bounds the memory an attacker with many addresses can take.
const maxBuckets = 50_000

func newSlow() *slow { return &slow{buckets: map[string]*bucket{}, now: time.Now} }

// take spends one attempt of every key, or none and a session.slow_down fault
// that says how many seconds to wait. refund gives them back: a successful
// sign-in costs nothing.
func (s *slow) take(keys map[string]allowance) (refund func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	var wait time.Duration
	for key, a := range keys {
		b := s.buckets[key]
		if b == nil {
			continue
		}
		b.spent = max(0, b.spent-float64(now.Sub(b.at))/float64(a.period))
		b.at = now
		if over := b.spent + 1 - float64(a.burst); over > 1e-9 {
			wait = max(wait, time.Duration(over*float64(a.period)))
		}
	}
	if wait > 0 {
		return nil, fault.New(fault.RateLimited, "session.slow_down").With("retry_after", int((wait+time.Second-1)/time.Second))
	}
	for key := range keys {
		b := s.buckets[key]
		if b == nil {
			if len(s.buckets) >= maxBuckets {
				s.sweep(now)
			}
			b = &bucket{at: now}
			s.buckets[key] = b
		}
		b.spent++
	}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for key := range keys {
			if b := s.buckets[key]; b != nil {
				b.spent = max(0, b.spent-1)
			}
		}
	}, nil
}

// sweep drops what has been quiet, and if that is not enough a tenth of the
// rest, whichever comes first.
func (s *slow) sweep(now time.Time) {
	for key, b := range s.buckets {
		if now.Sub(b.at) > 10*time.Minute {
			delete(s.buckets, key)
		}
	}
	for key := range s.buckets {
		if len(s.buckets) < maxBuckets*9/10 {
			return
		}
		delete(s.buckets, key)
	}
}
