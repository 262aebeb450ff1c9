package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/multaqa/multaqa/bench/rig"
)

// system is a server with its way to publish.
type system interface {
	name() string
	start(ctx context.Context) error
	stop()
	pid() int
	// upTo is crowd.upTo for its messages.
	upTo(msg []byte) int64
	// join connects receiver n.
	join(c *crowd, n int, editor, stuck bool) error
	// publish sends so many notices of about 206 bytes (times a factor) at once, and says how many there are since the start.
	publish(n, factor int) (upTo int64, err error)
}

const editors = 50

type outcome struct {
	idle               float64 // KB
	quietCPU           float64 // µs a delivery
	last, editors      float64 // ms
	busyRate, busyLast float64
	busyEditors        float64 // ms
	stuckKB            float64
	queued             float64 // bytes for a reader that takes nothing, as ours says
	stuckLast          float64 // ms, with readers that take nothing
	freeLast           float64 // the same without
	generator          float64 // share of a core while quiet
}

func (o outcome) print(name string, opt options) {
	fmt.Printf("  %-9s idle reader %.1f KB; quiet %.1f µs a delivery, last editor %.1f ms, last of all %.1f ms (generator %.0f %%); ten at once %.0f deliveries/s a core, last editor %.1f ms, last %.1f ms; stuck reader %.0f KB\n",
		name, o.idle, o.quietCPU, o.editors, o.last, o.generator*100, o.busyRate, o.busyEditors, o.busyLast, o.stuckKB)
}

func run(ctx context.Context, s system, o options) (outcome, error) {
	var out outcome
	if err := s.start(ctx); err != nil {
		return out, err
	}
	defer s.stop()
	c, err := newCrowd(s.upTo)
	if err != nil {
		return out, err
	}
	defer c.close()
	// The publisher and the other editors first, as they would be.
	if err := joinAll(ctx, s, c, 0, editors, true, false); err != nil {
		return out, err
	}
	time.Sleep(500 * time.Millisecond)
	before := rig.RSS(s.pid())
	if err := joinAll(ctx, s, c, editors, o.readers, false, false); err != nil {
		return out, err
	}
	time.Sleep(3 * time.Second)
	out.idle = float64(rig.RSS(s.pid())-before) / 1024 / float64(o.readers)
	everybody := float64(o.readers + editors)

	round := func(n, factor int) (editors, last float64, err error) { return c.round(s, n, factor) }
	if _, _, err := round(1, 1); err != nil { // warm
		return out, err
	}
	var lasts, firsts []float64
	cpu, gen, t0 := rig.CPU(s.pid()), rig.CPU(os.Getpid()), time.Now()
	for range o.notices {
		e, l, err := round(1, 1)
		if err != nil {
			return out, err
		}
		firsts, lasts = append(firsts, e), append(lasts, l)
		select {
		case <-time.After(250 * time.Millisecond):
		case <-ctx.Done():
			return out, ctx.Err()
		}
	}
	out.quietCPU = float64((rig.CPU(s.pid()) - cpu).Microseconds()) / float64(o.notices) / everybody
	out.generator = (rig.CPU(os.Getpid()) - gen).Seconds() / time.Since(t0).Seconds()
	out.editors, out.last = rig.Median(firsts), rig.Median(lasts)

	const bursts, at = 5, 10
	lasts, firsts = nil, nil
	cpu = rig.CPU(s.pid())
	for range bursts {
		e, l, err := round(at, 1)
		if err != nil {
			return out, fmt.Errorf("busy room: %w", err)
		}
		firsts, lasts = append(firsts, e), append(lasts, l)
		time.Sleep(250 * time.Millisecond)
	}
	out.busyRate = bursts * at * everybody / max(0.01, (rig.CPU(s.pid())-cpu).Seconds())
	out.busyEditors, out.busyLast = rig.Median(firsts), rig.Median(lasts)
	return out, nil
}

// stuck is a smaller room in which some read nothing while 1 MB goes by, one notice of 50 KB a time.
func (out *outcome) stuck(ctx context.Context, s system) error {
	const readers, stuck = 400, 20
	if err := s.start(ctx); err != nil {
		return err
	}
	defer s.stop()
	c, err := newCrowd(s.upTo)
	if err != nil {
		return err
	}
	defer c.close()
	rounds := func() (float64, error) {
		var lasts []float64
		for range 20 {
			_, l, err := c.round(s, 1, 250)
			if err != nil {
				return 0, err
			}
			lasts = append(lasts, l)
		}
		return rig.Median(lasts), nil
	}
	if err := joinAll(ctx, s, c, 0, editors, true, false); err != nil {
		return err
	}
	if err := joinAll(ctx, s, c, editors, readers, false, false); err != nil {
		return err
	}
	if out.freeLast, err = rounds(); err != nil {
		return err
	}
	if err := joinAll(ctx, s, c, editors+readers, stuck, false, true); err != nil {
		return err
	}
	time.Sleep(time.Second)
	before := rig.RSS(s.pid())
	if out.stuckLast, err = rounds(); err != nil {
		return err
	}
	if o, ok := s.(*ours); ok {
		full, queued, err := o.waiting()
		if err != nil {
			return err
		}
		if full < stuck {
			return fmt.Errorf("%.0f of %d sockets take nothing", full, stuck)
		}
		out.queued = queued / full
	}
	out.stuckKB = max(0, float64(rig.RSS(s.pid())-before)/1024/stuck)
	return nil
}

// joinAll connects receivers, sixteen at a time.
func joinAll(ctx context.Context, s system, c *crowd, from, n int, editor, stuck bool) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make(chan error, 16)
	for range 16 {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n || ctx.Err() != nil {
					return
				}
				if err := s.join(c, from+i, editor, stuck); err != nil {
					errs <- fmt.Errorf("receiver %d: %w", from+i, err)
					return
				}
			}
		})
		if editor { // the first of all is the publisher
			wg.Wait()
		}
	}
	wg.Wait()
	select {
	case err := <-errs:
		return err
	default:
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return errors.Join(c.failed, ctx.Err())
}

// round publishes n notices and waits until everybody has them: how long the last editor and the last receiver took, in ms.
func (c *crowd) round(s system, n, factor int) (editors, last float64, err error) {
	c.mu.Lock()
	have := c.want
	c.mu.Unlock()
	c.expect(have + int64(n)) // before publishing: the first may have it before publish returns
	start := c.now()
	upTo, err := s.publish(n, factor)
	if err == nil && upTo != have+int64(n) {
		err = fmt.Errorf("%d notices published, expected %d", upTo, have+int64(n))
	}
	if err != nil {
		return 0, 0, err
	}
	return c.wait(start)
}
