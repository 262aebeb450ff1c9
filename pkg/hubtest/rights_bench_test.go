package hubtest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/multaqa/multaqa/bench/rig"
	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/live"
	"github.com/multaqa/multaqa/pkg/member"
)

// taking takes a right from somebody and gives it back.
type taking struct {
	name, victim string
	writes       bool // the victim does, before
	take, give   func(s *sight)
}

func (s *sight) signIn(who string) {
	o, err := s.w.Hub.Members.Open(s.t.Context(), member.SignIn{Email: who + "@example.gov", Password: password, Source: "127.0.0.1"})
	s.w.ok(err)
	s.w.Principals[who], s.w.Actors[who] = o.Token, o.Actor
}

var takings = []taking{
	{"seat ended", "other-rep", true,
		func(s *sight) { s.must("secretariat", "DELETE", "/seats/"+s.w.Objects["seat/other-rep"], "") },
		func(s *sight) {
			seat, err := s.w.Hub.Members.Seat(s.t.Context(), s.w.Actors["secretariat"], member.NewSeat{Agency: s.w.Objects["agency/OTHER"], Person: s.w.Objects["person/other-rep"], Kind: member.WriterSeat})
			s.w.ok(err)
			s.w.Objects["seat/other-rep"] = seat.ID
			s.signIn("other-rep")
		}},
	{"session revoked", "other-rep", true,
		func(s *sight) { s.must("other-rep", "DELETE", "/sessions/"+s.w.Actors["other-rep"].Session, "") },
		func(s *sight) { s.signIn("other-rep") }},
	{"agency suspended", "other-rep", true,
		func(s *sight) {
			s.must("secretariat", "PATCH", "/agencies/"+s.w.Objects["agency/OTHER"], `{"status":"suspended"}`)
		},
		func(s *sight) {
			s.must("secretariat", "PATCH", "/agencies/"+s.w.Objects["agency/OTHER"], `{"status":"active"}`)
		}},
	{"draft made internal", "third-rep", false,
		func(s *sight) {
			s.must("own-lead", "PUT", "/guidelines/"+s.w.Objects["guideline/joint"]+"/visibility", `{"to":"agency"}`)
		},
		func(s *sight) {
			s.must("own-lead", "PUT", "/guidelines/"+s.w.Objects["guideline/joint"]+"/visibility", `{"to":"network"}`)
		}},
	{"agency out of the workspace", "third-rep", true,
		func(s *sight) {
			s.must("own-lead", "DELETE", "/workspaces/"+s.w.Objects["workspace/joint"]+"/agencies/"+s.w.Objects["agency/THIRD"], "")
		},
		func(s *sight) {
			s.must("own-lead", "POST", "/workspaces/"+s.w.Objects["workspace/joint"]+"/agencies", `{"agency":"`+s.w.Objects["agency/THIRD"]+`"}`)
		}},
}

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
	if redis := os.Getenv("MULTAQA_TEST_REDIS"); redis != "" {
		b.Run("services", func(b *testing.B) {
			table.Rows = slices.Clone(own)
			servicesSight(b, redis).measure(b, table, "PG, Redis: ")
		})
	}
	table.Print()
	if err := table.Write(); err != nil {
		b.Fatal(err)
	}
}

func (s *sight) measure(b *testing.B, table *rig.Table, of string) {
	var worst time.Duration
	for _, k := range takings {
		if k.name == "agency out of the workspace" {
			k.give(s) // it is not in it yet
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
