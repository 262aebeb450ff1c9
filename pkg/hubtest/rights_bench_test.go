package hubtest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/multaqa/multaqa/bench/rig"
	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/live"
)

// BenchmarkRights measures how long a socket goes on after the answer that says a right was taken: on the node that took it and on another one. It is `make
// bench-rights`, which prints a table and writes bench/out/bench-rights.json.
func BenchmarkRights(b *testing.B) {
	b.Chdir("../..") // where bench/out is
	table := rig.NewTable("bench-rights")
	b.Run("memory", func(b *testing.B) {
		table.Rows = nil
		newSight(b, NewWorld(b), bus.NewMemory()).measure(b, table, "SQLite: ")
	})
	own := slices.Clone(table.Rows)
	b.Run("services", func(b *testing.B) {
		s := servicesSight(b)
		table.Rows = slices.Clone(own)
		s.measure(b, table, "PG, Redis: ")
	})
	table.Print()
	if err := table.Write(); err != nil {
		b.Fatal(err)
	}
}

func (s *sight) measure(b *testing.B, table *rig.Table, of string) {
	defer s.relay()()
	var worst time.Duration
	for _, k := range takings {
		if k.before != nil {
			k.before(s)
		}
		var took [2][]float64
		for range b.N {
			tabs := [2]*watcher{s.watch(0, k.victim), s.watch(1, k.victim)}
			if tabs[0].writes != k.writes || tabs[1].writes != k.writes {
				b.Fatalf("%s: the victim may write: %t, %t", k.name, tabs[0].writes, tabs[1].writes)
			}
			time.Sleep(rand.N(live.DefaultLimits.Sweep)) // at any moment of a sweep
			var told [2]chan time.Time
			for i, tab := range tabs {
				told[i] = make(chan time.Time, 1)
				go func() {
					for tab.ended == "" && tab.writes == k.writes {
						if err := tab.read(); err != nil {
							b.Errorf("%s, %s: %v", k.name, tab.name, err)
							break
						}
					}
					told[i] <- time.Now()
				}()
			}
			k.take(s)
			from := time.Now()
			for i := range tabs {
				d := max(0, (<-told[i]).Sub(from))
				took[i], worst = append(took[i], float64(d.Microseconds())/1000), max(worst, d)
				tabs[i].ws.Close()
			}
			k.give(s)
		}
		for i, where := range []string{"same node", "other node"} {
			slices.Sort(took[i])
			table.Add(of+k.name+", "+where, took[i][len(took[i])-1], math.NaN(), "ms", rig.Bar{Value: float64(1000 * (i + 1)), Of: "ours"},
				fmt.Sprintf("longest of %d; median %.1f ms", b.N, took[i][len(took[i])/2]))
		}
	}
	b.ReportMetric(float64(worst.Milliseconds()), "worst-ms")
}
