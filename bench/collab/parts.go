package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/multaqa/multaqa/bench/rig"
	"github.com/multaqa/multaqa/pkg/changeset"
)

// many is many documents with two editors each.
func (b *collab) many() error {
	const docs = 300
	fmt.Printf("• %d documents, 2 editors each\n", docs)
	w := b.workload(docs, 2)
	mine, theirs, err := b.pair(rig.Seed{Docs: docs, Editors: 2 * docs, Text: baseText(400)}, w)
	if err != nil {
		return err
	}
	add := func(name, unit string, bar rig.Bar, f func(outcome) float64) {
		b.table.Add("300 documents × 2: "+name, med(mine, f), med(theirs, f), unit, bar, "")
	}
	add("server CPU for 1000 edits", "s", rig.Bar{Value: 0.5, Of: "ratio"}, outcome.cpuPer1000)
	add("delivery, median", "ms", rig.Bar{}, func(o outcome) float64 { return o.p50 })
	add("delivery, 99th percentile", "ms", rig.Bar{Value: 25, Of: "ours"}, func(o outcome) float64 { return o.p99 })
	add("server memory", "MB", rig.Bar{Value: 1.0 / 3, Of: "ratio"}, func(o outcome) float64 { return float64(o.rss) / 1e6 })
	b.converged("300 documents × 2: ", mine, theirs)
	return nil
}

// largest raises the number of editors in fixed steps until the 99th percentile passes 200 ms.
func (b *collab) largest() error {
	fmt.Println("• largest number of editors with a 99th percentile below 200 ms")
	find := func(s system, steps []int) (float64, string, error) {
		best, note := 0, ""
		for _, e := range steps {
			w := b.workload(1, e)
			w.window = min(w.window, 8*time.Second)
			out, err := b.once(s, rig.Seed{Docs: 1, Editors: e, Text: baseText(e + 1)}, w)
			if err != nil && b.ctx.Err() != nil {
				return 0, "", err
			}
			if err != nil || !out.converged || out.p99 >= 200 {
				note = fmt.Sprintf("%d: %.0f ms", e, out.p99)
				if err != nil {
					note = fmt.Sprintf("%d: %v", e, err)
				} else if !out.converged {
					note += ", " + out.why
				}
				break
			}
			best, note = e, fmt.Sprintf("not tried beyond %d (%.0f ms)", e, out.p99)
		}
		return float64(best), note, nil
	}
	mine, note1, err := find(b.ours, []int{50, 100, 200, 300, 500, 700, 1000, 1250, 1500})
	if err != nil {
		return err
	}
	theirs, note2, err := find(b.peer, []int{50, 100, 150, 200, 300, 400, 500, 600})
	if err != nil {
		return err
	}
	b.table.Add("largest number of editors with p99 < 200 ms", mine, theirs, "editors", rig.Bar{Value: 2.5, Of: "ratio", Higher: true},
		"next: ours "+note1+"; peer "+note2)
	return nil
}

// opening is a 200 KB text with a history of 25,000 edits, opened by one reader after another.
func (b *collab) opening() error {
	const edits = 25_000
	fmt.Printf("• opening 200 KB after %d edits\n", edits)
	text := baseText(1900) // 197 KB of UTF-8
	type cost struct{ first, ms, bytes, cpu float64 }
	var mine, theirs []cost
	const opens = 20
	for range b.o.runs {
		if err := b.ours.start(b.ctx, rig.Seed{Docs: 1, Editors: 2, Text: text, Edits: edits}); err != nil {
			return err
		}
		var ms []float64
		var c cost
		cpu := time.Duration(0)
		for i := range opens + 1 {
			if i == 1 {
				cpu = rig.CPU(b.ours.pid())
			}
			d := &document{meter: &meter{began: time.Now()}, authors: map[int64]*author{}}
			t, err := b.ours.connect(b.ctx, d, 0)
			if err != nil {
				b.ours.stop()
				return err
			}
			start, before := time.Now(), t.read.Load()
			go t.loop()
			err = t.say(map[string]any{"t": "open", "draft": d.id})
			if err == nil {
				err = <-t.ready
			}
			took := float64(time.Since(start).Microseconds()) / 1000
			bytes := t.read.Load() - before
			size := len(t.open.Text)
			t.close()
			if err != nil {
				b.ours.stop()
				return err
			}
			if i == 0 {
				c.first = took
			}
			ms = append(ms, took)
			c.bytes = float64(bytes) / float64(size)
		}
		c.ms, c.cpu = rig.Median(ms[1:]), (rig.CPU(b.ours.pid())-cpu).Seconds()*1000/opens
		b.ours.stop()
		mine = append(mine, c)

		if err := b.peer.start(b.ctx, rig.Seed{Docs: 1, Text: text, Edits: edits}); err != nil {
			return err
		}
		c, err := b.openPeer(opens)
		b.peer.stop()
		if err != nil {
			return err
		}
		theirs = append(theirs, c)
	}
	row := func(name, unit string, bar rig.Bar, f func(cost) float64) {
		var x, y []float64
		for i := range mine {
			x, y = append(x, f(mine[i])), append(y, f(theirs[i]))
		}
		b.table.Add("open 200 KB after 25,000 edits: "+name, rig.Median(x), rig.Median(y), unit, bar, "")
	}
	row("until the text is there", "ms", rig.Bar{Value: 0.05, Of: "ratio"}, func(c cost) float64 { return c.ms })
	row("the first after a start", "ms", rig.Bar{}, func(c cost) float64 { return c.first })
	row("bytes to the client, of the text's", "×", rig.Bar{Value: 1.02, Of: "ours"}, func(c cost) float64 { return c.bytes })
	row("server CPU", "ms", rig.Bar{}, func(c cost) float64 { return c.cpu })
	return nil
}

// openPeer opens the peer's document with a real Yjs client, whose work is part of opening.
func (b *collab) openPeer(opens int) (c struct{ first, ms, bytes, cpu float64 }, err error) {
	script, _ := filepath.Abs(filepath.Join(peerDir, "open.mjs"))
	read := func(n int) ([]float64, error) {
		out, err := exec.CommandContext(b.ctx, b.peer.node(), script, "ws://"+b.peer.addr, strconv.Itoa(n)).Output()
		if err != nil {
			return nil, fmt.Errorf("open.mjs: %w", err)
		}
		var v []float64
		for _, f := range strings.Fields(string(out)) {
			x, err := strconv.ParseFloat(f, 64)
			if err != nil {
				return nil, fmt.Errorf("open.mjs says %q", out)
			}
			v = append(v, x)
		}
		return v, nil
	}
	v, err := read(1)
	if err != nil {
		return c, err
	}
	c.first = v[1]
	cpu := rig.CPU(b.peer.pid())
	if v, err = read(opens); err != nil {
		return c, err
	}
	c.cpu = (rig.CPU(b.peer.pid()) - cpu).Seconds() * 1000 / float64(opens)
	c.bytes, c.ms = v[0], rig.Median(v[1:])
	return c, nil
}

// disk types one character at a time, each acknowledged before the next: a row of its own in the log, the dearest case.
func (b *collab) disk() error {
	const edits, turns = 3000, 40
	fmt.Printf("• %d one-character edits, one at a time\n", edits)
	size := func(s system) (perEdit, written float64, err error) {
		if err := s.start(b.ctx, rig.Seed{Docs: 1, Editors: turns, Text: baseText(400)}); err != nil {
			return 0, 0, err
		}
		s.stop()
		before := s.disk()
		if err := s.restart(); err != nil {
			return 0, 0, err
		}
		io := rig.Written(s.pid())
		err = func() error {
			// In turns, since one socket may send fifty messages a second.
			d := &document{meter: &meter{began: time.Now()}, authors: map[int64]*author{}, editors: make([]editor, turns)}
			for n := range d.editors {
				e, err := s.open(b.ctx, d, n, true)
				if err != nil {
					return err
				}
				d.editors[n] = e
				defer e.close()
			}
			for i := range edits {
				e := d.editors[i%turns]
				e.typeChar(d.meter.now())
				for end := time.Now().Add(10 * time.Second); !e.settled(); {
					if err := errors.Join(d.err(), b.ctx.Err()); err != nil {
						return err
					}
					if time.Now().After(end) {
						return errors.New("an edit was not acknowledged within 10 s")
					}
					time.Sleep(50 * time.Microsecond)
				}
			}
			return nil
		}()
		written = float64(rig.Written(s.pid())-io) / edits
		s.stop()
		return float64(s.disk()-before) / edits, written, err
	}
	mine, wrote, err := size(b.ours)
	if err != nil {
		return err
	}
	theirs, theyWrote, err := size(b.peer)
	if err != nil {
		return err
	}
	b.table.Add("bytes on disk for a one-character edit", mine, theirs, "bytes", rig.Bar{Value: 100, Of: "ours"}, "after a clean stop; the peer keeps one state and no history")
	b.table.Add("bytes written for a one-character edit", wrote, theyWrote, "bytes", rig.Bar{}, "log and checkpoints, by /proc/PID/io; the peer saves every 2 to 10 s")
	return nil
}

// kills ends the server with kill -9 while editors type, starts it again on the same files, and counts what it had
// acknowledged and no longer has.
func (b *collab) kills() error {
	fmt.Printf("• %d kills while typing\n", b.o.kills)
	rnd := rand.New(rand.NewPCG(21, 22))
	count := func(s system) (acked, lost, worst float64, err error) {
		for k := range b.o.kills {
			if err := s.start(b.ctx, rig.Seed{Docs: 1, Editors: 6, Text: baseText(400)}); err != nil {
				return 0, 0, 0, err
			}
			a, l, err := b.kill(s, time.Duration(500+rnd.IntN(4000))*time.Millisecond)
			if err != nil {
				return 0, 0, 0, fmt.Errorf("%s, kill %d: %w", s.name(), k+1, err)
			}
			acked, lost, worst = acked+float64(a), lost+float64(l), math.Max(worst, float64(l))
		}
		return acked, lost, worst, nil
	}
	ackedOurs, mine, _, err := count(b.ours)
	if err != nil {
		return err
	}
	ackedPeer, theirs, worst, err := count(b.peer)
	if err != nil {
		return err
	}
	b.table.Add(fmt.Sprintf("acknowledged edits lost in %d kills", b.o.kills), mine, theirs, "edits", rig.Bar{Value: 0, Of: "ours"},
		fmt.Sprintf("of %.0f and %.0f acknowledged; peer's worst kill: %.0f", ackedOurs, ackedPeer, worst))
	return nil
}

// kill types for a while with five editors, kills, restarts and asks what is there.
func (b *collab) kill(s system, after time.Duration) (acked, lost int64, err error) {
	d := &document{meter: &meter{began: time.Now()}, authors: map[int64]*author{}, editors: make([]editor, 5)}
	ctx, stop := context.WithCancel(b.ctx)
	defer stop()
	for n := range d.editors {
		if d.editors[n], err = s.open(b.ctx, d, n, n == 0); err != nil {
			s.kill()
			return 0, 0, err
		}
	}
	for i, e := range d.editors {
		go func() {
			rnd := rand.New(rand.NewPCG(uint64(i), 33))
			for ctx.Err() == nil {
				e.typeChar(d.meter.now())
				select {
				case <-time.After(time.Duration(50+rnd.IntN(100)) * time.Millisecond):
				case <-ctx.Done():
				}
			}
		}()
	}
	time.Sleep(after)
	s.kill()
	stop()
	for _, e := range d.editors {
		e.close()
	}
	if err := s.restart(); err != nil {
		return 0, 0, err
	}
	defer s.stop()
	switch s := s.(type) {
	case *ours:
		return s.survived(b.ctx, d)
	case *hocuspocus:
		return s.survived(b.ctx, d)
	}
	return 0, 0, errors.New("unknown system")
}

// survived asks for the last sequence of every client. A log that ends before what a client has seen lost something too.
func (o *ours) survived(ctx context.Context, d *document) (acked, lost int64, err error) {
	for n, e := range d.editors {
		old := e.(*tab)
		old.mu.Lock()
		was, confirmed, seen := old.open, old.confirmed, old.version
		old.mu.Unlock()
		t, err := o.connect(ctx, d, n)
		if err != nil {
			return 0, 0, err
		}
		go t.loop()
		if err := t.say(map[string]any{"t": "open", "draft": d.id, "version": was.Version, "epoch": was.Epoch, "resume": was.Resume}); err != nil {
			return 0, 0, err
		}
		if err := <-t.ready; err != nil {
			return 0, 0, fmt.Errorf("come back: %w", err)
		}
		t.mu.Lock()
		now := t.open
		t.mu.Unlock()
		t.close()
		acked += confirmed
		lost += max(0, confirmed-now.Seq)
		if now.Head < seen {
			return 0, 0, fmt.Errorf("a client has seen version %d, the log ends at %d", seen, now.Head)
		}
	}
	// And the text holds each of them once.
	t, err := o.connect(ctx, d, 0)
	if err != nil {
		return 0, 0, err
	}
	go t.loop()
	defer t.close()
	if err := t.say(map[string]any{"t": "open", "draft": d.id}); err != nil {
		return 0, 0, err
	}
	if err := <-t.ready; err != nil {
		return 0, 0, err
	}
	grown := int64(t.length - changeset.Len16(baseText(400)))
	if grown != t.open.Version {
		return 0, 0, fmt.Errorf("%d edits in the log, the text grew by %d", t.open.Version, grown)
	}
	return acked, lost, nil
}

func (h *hocuspocus) survived(ctx context.Context, d *document) (acked, lost int64, err error) {
	e, err := h.connect(ctx, d, 99_000, false)
	if err != nil {
		return 0, 0, err
	}
	defer e.close()
	have := map[int64]int64{}
	if err := eachString(e.state, func(client, _, n int64) { have[client] += n }); err != nil {
		return 0, 0, err
	}
	for _, old := range d.editors {
		y := old.(*yEditor)
		a := y.acked.Load()
		acked += a
		lost += max(0, a-have[int64(y.me)])
	}
	return acked, lost, nil
}
