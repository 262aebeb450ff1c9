// Command fanout measures what one notice to all readers of a document costs: the real server beside a plain gorilla hub with
// prepared messages and beside a program that only writes to descriptors. See bench/README.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/multaqa/multaqa/bench/rig"
)

func main() {
	kind := flag.String("serve", "", "run a peer instead: prepared, bare")
	addr := flag.String("addr", "", "its address")
	var o options
	flag.IntVar(&o.port, "port", 9126, "first of three ports on the loopback")
	flag.IntVar(&o.runs, "runs", 3, "runs of each figure; medians are shown")
	flag.IntVar(&o.readers, "readers", 10_000, "receivers in the room")
	flag.IntVar(&o.notices, "notices", 20, "notices of a run")
	flag.StringVar(&o.only, "only", "", "some of multaqa, prepared, bare; all when empty")
	flag.Parse()
	if *kind != "" {
		fmt.Fprintln(os.Stderr, serve(*kind, *addr))
		os.Exit(1)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := bench(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "fanout:", err)
		os.Exit(1)
	}
}

type options struct {
	port, runs, readers, notices int
	only                         string
}

func bench(ctx context.Context, o options) error {
	// One descriptor a connection here, and two for a moment in the bare program.
	if err := rig.Files(uint64(o.readers + o.readers/2 + 500)); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "multaqa-fanout-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	systems := []system{&ours{dir: dir, port: o.port, o: o}, &peer{dir: dir, kind: "prepared", port: o.port + 1}, &peer{dir: dir, kind: "bare", port: o.port + 2}}
	systems = slices.DeleteFunc(systems, func(s system) bool { return o.only != "" && !strings.Contains(o.only, s.name()) })
	got := map[string][]outcome{}
	for i := range o.runs {
		for k := range systems {
			s := systems[(i+k)%len(systems)]
			out, err := run(ctx, s, o)
			if err != nil {
				return fmt.Errorf("%s: %w", s.name(), err)
			}
			if s.name() != "bare" {
				if err := out.stuck(ctx, s); err != nil && s.name() == "multaqa" {
					return fmt.Errorf("%s: stuck readers: %w", s.name(), err)
				} else if err != nil { // a peer's trouble with them is no reason to lose the other figures
					fmt.Printf("  %-9s stuck readers: %v\n", s.name(), err)
					out.stuckKB, out.stuckLast = math.NaN(), math.NaN()
				}
			}
			out.print(s.name(), o)
			got[s.name()] = append(got[s.name()], out)
		}
	}
	t := rig.NewTable("bench-fanout")
	rows(t, o, got)
	t.Print()
	return t.Write()
}

func rows(t *rig.Table, o options, got map[string][]outcome) {
	med := func(name string, f func(outcome) float64) float64 {
		var v []float64
		for _, out := range got[name] {
			v = append(v, f(out))
		}
		return rig.Median(v)
	}
	room := fmt.Sprintf("%d readers: ", o.readers)
	beside := func(peer, name, unit string, bar rig.Bar, f func(outcome) float64) {
		t.Add(room+name+", beside "+peer, med("multaqa", f), med(peer, f), unit, bar, "")
	}
	ratio := func(v float64) rig.Bar { return rig.Bar{Value: v, Of: "ratio"} }
	quiet := func(o outcome) float64 { return o.quietCPU }
	last := func(o outcome) float64 { return o.last }
	busy := func(o outcome) float64 { return o.busyRate }
	beside("prepared", "quiet room, CPU a delivery", "µs", ratio(0.75), quiet)
	beside("bare", "quiet room, CPU a delivery", "µs", rig.Bar{}, quiet)
	beside("prepared", "quiet room, last receiver", "ms", rig.Bar{}, last)
	beside("bare", "quiet room, last receiver", "ms", ratio(1.3), last)
	beside("prepared", "busy room, deliveries a second of one core", "1/s", rig.Bar{Value: 5, Of: "ratio", Higher: true}, busy)
	beside("bare", "busy room, deliveries a second of one core", "1/s", rig.Bar{}, busy)
	beside("prepared", "busy room, last receiver", "ms", rig.Bar{}, func(o outcome) float64 { return o.busyLast })
	beside("prepared", "busy room, last of 50 editors", "ms", rig.Bar{}, func(o outcome) float64 { return o.busyEditors })
	beside("prepared", "server memory of an idle reader", "KB", rig.Bar{}, func(o outcome) float64 { return o.idle })
	t.Add(room+"server memory of an idle reader", med("multaqa", func(o outcome) float64 { return o.idle }), med("bare", func(o outcome) float64 { return o.idle }), "KB", rig.Bar{Value: 8, Of: "ours"}, "peer: bare")
	t.Add(room+"last of 50 editors, of the last receiver", med("multaqa", func(o outcome) float64 { return o.editors / o.last }), med("prepared", func(o outcome) float64 { return o.editors / o.last }), "×", rig.Bar{Value: 0.5, Of: "ours"}, "editors before readers: far below 1")
	t.Add("server memory for a reader that takes nothing while 1 MB goes by", med("multaqa", func(o outcome) float64 { return o.stuckKB }), med("prepared", func(o outcome) float64 { return o.stuckKB }), "KB", rig.Bar{}, "20 of them; the peer cuts them off when 16 wait")
	t.Add("bytes queued for a reader that takes nothing while 1 MB goes by", med("multaqa", func(o outcome) float64 { return o.queued }), math.NaN(), "bytes", rig.Bar{Value: 16, Of: "ours"}, "pings; of the text it is a cursor into the log")
	t.Add("last receiver with 20 stuck readers, of that without", med("multaqa", func(o outcome) float64 { return o.stuckLast / o.freeLast }), med("prepared", func(o outcome) float64 { return o.stuckLast / o.freeLast }), "×", rig.Bar{}, "")
}
