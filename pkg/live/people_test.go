package live_test

import (
	"io"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/live"
)

// TestACrowdIsToldOnce: those who come and go within a moment are one message for everybody, not one for each of them.
func TestACrowdIsToldOnce(t *testing.T) {
	const n = 40
	limits := live.DefaultLimits
	limits.Presence, limits.Sockets = 10*time.Hour, 2*n // nothing is told by itself
	w := newWorld(t, limits)
	var all []*client
	for range n {
		c := w.dial("salma")
		c.open()
		c.say(map[string]any{"t": "ping"})
		c.want("pong") // it is among the others: who comes while somebody joins is told to that one at once
		all = append(all, c)
	}
	if got := len(all[n-1].opened.Peers); got != n-1 {
		t.Fatalf("the last meets %d, want %d", got, n-1)
	}
	gone := w.dial("huda")
	gone.open()
	gone.ws.Close()
	told := func(c *client, kind string) (out []map[string]any) {
		c.say(map[string]any{"t": "ping"})
		c.want("pong") // what was written before has been read
		for _, m := range c.other {
			if m["t"] == kind {
				out = append(out, m)
			}
		}
		return out
	}
	for _, c := range all {
		if got := append(told(c, "peer"), told(c, "left")...); len(got) > 0 {
			t.Fatalf("told of %v at once", got)
		}
	}
	for w.hub.Stats().Sockets > n { // the one who went is out of the room before its socket is out of the hub
		time.Sleep(time.Millisecond) // polls
	}
	w.hub.TellPeople(w.draft)
	for _, c := range all {
		if got := told(c, "peer"); len(got) != n-1 || c.news != 1 {
			t.Fatalf("told of %d by %d messages, want %d by one", len(got), c.news, n-1)
		}
		if got := told(c, "left"); len(got) != 1 || got[0]["client"] != float64(gone.opened.Client) {
			t.Fatalf("left: %v", got)
		}
	}
}

// TestNobodyIsMissedWhileJoining: who comes or goes between the list of peers and the moment that a new one can be told of others is told after it.
func TestNobodyIsMissedWhileJoining(t *testing.T) {
	limits := live.DefaultLimits
	limits.Presence = 10 * time.Hour // nothing is told by itself
	w := newWorld(t, limits)
	w.dial("salma").open()
	came, left := w.hub.Late(w.draft)
	if !slices.Equal(came, []int64{903}) || !slices.Equal(left, []int64{901}) {
		t.Fatalf("told of %v and that %v left, want 903 and 901", came, left)
	}
}

// BenchmarkJoins is 500 editors who open one text at the same time: what comes over their sockets and what it costs, the clients' part included.
func BenchmarkJoins(b *testing.B) {
	const n = 500
	for range b.N {
		limits := live.DefaultLimits
		limits.Sockets, limits.Source, limits.Ping = 2*n, 2*n, time.Hour
		w := &world{}
		w.open(b, limits)
		var conns []raw
		for range n {
			conns = append(conns, w.rawDial("salma"))
		}
		var bytes atomic.Int64
		cpu := spent()
		for _, c := range conns {
			c.text(`{"t":"open","draft":"` + w.draft + `"}`)
			go func() {
				_ = c.SetReadDeadline(time.Time{})
				_, _ = io.Copy(counter{&bytes}, c.r)
			}()
		}
		for last, still := int64(0), 0; still < 20; time.Sleep(100 * time.Millisecond) {
			if now := bytes.Load(); now == last {
				still++
			} else {
				last, still = now, 0
			}
		}
		b.ReportMetric(float64(bytes.Load())/1e6, "MB")
		b.ReportMetric((spent() - cpu).Seconds(), "cpu-s")
		for _, c := range conns {
			c.Close()
		}
		w.stop()
	}
}

type counter struct{ n *atomic.Int64 }

func (c counter) Write(b []byte) (int, error) { c.n.Add(int64(len(b))); return len(b), nil }

// spent is the processor time of this process.
func spent() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
