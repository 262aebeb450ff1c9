package live_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/live"
	"github.com/multaqa/multaqa/pkg/policy"
)

// crowd are people of one agency with a session each.
const crowd = 48

func init() {
	for i := range crowd {
		people[fmt.Sprint("p", i)] = policy.Actor{Person: fmt.Sprint("pe_", i), Session: fmt.Sprint("se_", i), Agency: "ag_a", Roles: []policy.Role{policy.Representative}}
	}
}

// TestRightsThatEndByTime: nothing says that a session has come to its end, so all are looked at in turns, a few at a time; as soon as the record of
// events moves, all of them are.
func TestRightsThatEndByTime(t *testing.T) {
	limits := live.DefaultLimits
	limits.Sweep, limits.Look, limits.Source = 2*time.Millisecond, 60*time.Millisecond, 2*crowd
	share := crowd*2*5/4/60 + 1
	w := &world{epoch: 1}
	w.open(t, limits)
	var last *client
	for i := range crowd {
		last = w.dial(fmt.Sprint("p", i))
		last.say(map[string]any{"t": "ping"})
		last.want("pong")
	}
	most := func() (n int) {
		w.set(func() { w.most = 0 })
		w.rounds(t, 40)
		w.set(func() { n = w.most })
		return n
	}
	if n := most(); n == 0 || n > share {
		t.Fatalf("%d sessions were looked at between two ticks, want 1 to %d", n, share)
	}
	w.set(func() { w.ended[fmt.Sprint("se_", crowd-1)] = true })
	last.wantClose(4401)
	for w.hub.Stats().Sockets > crowd-1 { // its peer knows before the hub has forgotten it
		time.Sleep(time.Millisecond) // polls
	}

	w.set(func() { w.epoch++ })
	if n := most(); n != crowd-1 {
		t.Fatalf("%d of %d sessions were looked at when the record moved", n, crowd-1)
	}
}

// Epoch is the hub's look at the record of events: what is asked of sessions between two of them is counted.
func (w *world) Epoch(context.Context) (int64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.most, w.asked = max(w.most, w.asked), 0
	w.ticks++
	return w.epoch, nil
}

// rounds waits for so many looks at the record.
func (w *world) rounds(t *testing.T, n int) {
	t.Helper()
	ticks := func() (n int) { w.set(func() { n = w.ticks }); return n }
	for from, deadline := ticks(), time.Now().Add(time.Minute); ticks() < from+n; time.Sleep(time.Millisecond) { // polls
		if time.Now().After(deadline) {
			t.Fatalf("%d ticks of %d", ticks()-from, n)
		}
	}
}

// TestTheSweepKeepsThePromise: a right that was taken ends at open sockets within a second (threats I7). Every node asks its database by itself, so the same
// holds on the others, where two seconds are promised, whether the bus carries anything or not. That one sweep is enough is hubtest's.
func TestTheSweepKeepsThePromise(t *testing.T) {
	const promise, work = time.Second, 200 * time.Millisecond // of a sweep with thousands of sockets; bench-rights measures the whole
	if d := live.DefaultLimits.Sweep; d+work > promise {
		t.Errorf("a sweep every %v and %v for its work are more than the second that is promised", d, work)
	}
}
