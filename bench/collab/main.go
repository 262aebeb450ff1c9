// Command collab measures the living text beside Hocuspocus 4 on the same machine: the real server by its real socket
// protocol, with policy checks, presence and durable acknowledgement on. See bench/README.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/multaqa/multaqa/bench/rig"
)

// lineUnits is the length of a line of the base text; each editor has a line of its own.
const lineUnits = 54

var debugAddr = "off"

type options struct {
	runs   int
	quick  bool
	carets string
	window time.Duration
	only   string
	kills  int
	alone  bool
}

func main() {
	var o options
	port := flag.Int("port", 9120, "first of two ports on the loopback")
	flag.IntVar(&o.runs, "runs", 3, "runs of each figure; medians are shown")
	flag.BoolVar(&o.quick, "quick", false, "short windows")
	flag.StringVar(&o.carets, "carets", "edit", "presence: with every edit (edit), once a second (second), off")
	flag.StringVar(&o.only, "only", "", "comma-separated parts: e10,e100,e200,…, or a crowd of any size: e1000; empty: all")
	flag.BoolVar(&o.alone, "alone", false, "crowds and documents without the peer: to compare two builds of ours")
	flag.IntVar(&o.kills, "kills", 10, "kill -9 while typing, so many times")
	flag.StringVar(&debugAddr, "debug", "off", "address of the server's profiles")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := bench(ctx, *port, o); err != nil {
		fmt.Fprintln(os.Stderr, "collab:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, port int, o options) error {
	if err := rig.Files(8000); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "multaqa-bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	peer := &hocuspocus{dir: dir, addr: fmt.Sprintf("127.0.0.1:%d", port+1)}
	if !o.alone {
		if err := peer.install(); err != nil {
			return err
		}
	}
	b := &collab{ctx: ctx, o: o, table: rig.NewTable("bench-collab"), ours: &ours{dir: dir, sown: map[rig.Seed]sown{}, addr: fmt.Sprintf("127.0.0.1:%d", port)}, peer: peer}
	type part struct {
		name string
		run  func() error
	}
	parts := []part{
		{"e10", func() error { return b.crowd(10, bars{cpu: 0.5, p50: true}) }},
		{"e100", func() error { return b.crowd(100, bars{cpu: 1.0 / 6, p99: 40, wire: 20}) }},
		{"e200", func() error { return b.crowd(200, bars{cpu: 0.25}) }},
		{"docs", b.many},
		{"largest", b.largest},
		{"open", b.opening},
		{"disk", b.disk},
		{"kills", b.kills},
		{"abuse", b.abuse},
	}
	for name := range strings.SplitSeq(o.only, ",") { // a crowd of any other size, when asked for
		if n, err := strconv.Atoi(strings.TrimPrefix(name, "e")); err == nil && strings.HasPrefix(name, "e") && !slices.ContainsFunc(parts, func(p part) bool { return p.name == name }) {
			parts = append(parts, part{name, func() error { return b.crowd(n, bars{}) }})
		}
	}
	for _, p := range parts {
		if o.only != "" && !strings.Contains(","+o.only+",", ","+p.name+",") {
			continue
		}
		if err := p.run(); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		if err := b.table.Write(); err != nil {
			return err
		}
	}
	b.table.Print()
	return b.table.Write()
}

// collab is one benchmark in progress.
type collab struct {
	ctx   context.Context
	o     options
	table *rig.Table
	ours  *ours
	peer  *hocuspocus
}

// once starts a system afresh, drives one workload and stops it.
func (b *collab) once(s system, sd rig.Seed, w workload) (outcome, error) {
	if err := s.start(b.ctx, sd); err != nil {
		return outcome{}, err
	}
	defer s.stop()
	out, err := run(b.ctx, s, w)
	if err != nil {
		return out, err
	}
	state := "converged"
	if !out.converged {
		state = "NOT CONVERGED: " + out.why
	}
	fmt.Printf("  %-11s docs %d × %d editors: %.3f CPU s/1000 edits (%d edits in %.1f s, server %.0f %%, generator %.0f %% of a core), p50 %.1f p99 %.1f max %.1f ms, typed late p99 %.1f ms, "+
		"%.1f + %.1f bytes a delivered edit (text + presence), RSS %.0f → %.0f MB, %d refused for now, %s\n",
		s.name(), w.docs, w.editors, out.cpuPer1000(), out.edits, out.window.Seconds(), pct(out.cpu, out.window), pct(out.genCPU, out.window), out.p50, out.p99, out.worst, out.lateTyping,
		out.textBytes, out.others, float64(out.rssIdle)/1e6, float64(out.rss)/1e6, out.refused, state)
	return out, nil
}

func pct(a, b time.Duration) float64 { return 100 * a.Seconds() / b.Seconds() }

// pair alternates both systems and returns the outcomes.
func (b *collab) pair(sd rig.Seed, w workload) (mine, theirs []outcome, err error) {
	for i := range b.o.runs {
		order := []system{b.ours, b.peer}
		if i%2 == 1 {
			order[0], order[1] = order[1], order[0]
		}
		for _, s := range order {
			if b.o.alone && s == system(b.peer) {
				continue
			}
			out, err := b.once(s, sd, w)
			if err != nil {
				return nil, nil, err
			}
			if s == system(b.ours) {
				mine = append(mine, out)
			} else {
				theirs = append(theirs, out)
			}
		}
	}
	return mine, theirs, nil
}

func med(outs []outcome, f func(outcome) float64) float64 {
	var v []float64
	for _, o := range outs {
		v = append(v, f(o))
	}
	return rig.Median(v)
}

// bars of a crowd; zero fields hold nothing.
type bars struct {
	cpu, p99, wire float64
	p50            bool
}

func (b *collab) workload(docs, editors int) workload {
	w := workload{docs: docs, editors: editors, full: min(10, editors), rate: 5, carets: b.o.carets, warm: 2 * time.Second, window: 12 * time.Second}
	if editors*docs <= 20 {
		w.window = 25 * time.Second // few edits: more time, for the kernel counts CPU in steps of 10 ms
	}
	if b.o.quick {
		w.warm, w.window = time.Second, w.window/2
	}
	return w
}

// crowd is one document with many editors.
func (b *collab) crowd(editors int, bar bars) error {
	fmt.Printf("• one document, %d editors\n", editors)
	mine, theirs, err := b.pair(rig.Seed{Docs: 1, Editors: editors, Text: baseText(max(400, editors+1))}, b.workload(1, editors))
	if err != nil {
		return err
	}
	e := fmt.Sprintf("E=%d: ", editors)
	ratio := func(v float64) rig.Bar {
		if v == 0 {
			return rig.Bar{}
		}
		return rig.Bar{Value: v, Of: "ratio"}
	}
	at := func(v float64) rig.Bar {
		if v == 0 {
			return rig.Bar{}
		}
		return rig.Bar{Value: v, Of: "ours"}
	}
	add := func(name, unit string, bar rig.Bar, f func(outcome) float64) {
		b.table.Add(e+name, med(mine, f), med(theirs, f), unit, bar, "")
	}
	p50 := rig.Bar{}
	if bar.p50 {
		p50 = rig.Bar{Value: 1, Of: "ratio"}
	}
	add("server CPU for 1000 edits", "s", ratio(bar.cpu), outcome.cpuPer1000)
	add("delivery, median", "ms", p50, func(o outcome) float64 { return o.p50 })
	add("delivery, 99th percentile", "ms", at(bar.p99), func(o outcome) float64 { return o.p99 })
	add("text bytes on the wire for a delivered edit", "bytes", at(bar.wire), func(o outcome) float64 { return o.textBytes })
	add("presence bytes for a delivered edit", "bytes", rig.Bar{}, func(o outcome) float64 { return o.others })
	add("server memory", "MB", func() rig.Bar {
		if editors == 10 {
			return rig.Bar{Value: 0.5, Of: "ratio"}
		}
		return rig.Bar{}
	}(), func(o outcome) float64 { return float64(o.rss) / 1e6 })
	b.converged(e, mine, theirs)
	return nil
}

// converged adds how many runs ended with all replicas equal.
func (b *collab) converged(name string, mine, theirs []outcome) {
	good := func(outs []outcome) float64 {
		n := 0.0
		for _, o := range outs {
			if o.converged {
				n++
			}
		}
		return n / float64(len(outs))
	}
	p := math.NaN()
	if len(theirs) > 0 {
		p = good(theirs)
	}
	b.table.Add(name+"runs that converged", good(mine), p, "share", rig.Bar{Value: 1, Of: "ours", Higher: true}, "")
}
