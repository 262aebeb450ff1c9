package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/multaqa/multaqa/bench/rig"
)

// system is a server under test with its protocol.
type system interface {
	name() string
	// start begins with a fresh data directory and docs documents of text; restart uses the one there is.
	start(ctx context.Context, s rig.Seed) error
	restart() error
	stop()
	kill()
	pid() int
	disk() int64
	// open connects editor number n of the run to a document; full ones know the whole text and report deliveries to the meter.
	open(ctx context.Context, d *document, n int, full bool) (editor, error)
	// check opens the document afresh and compares it with what its editors hold.
	check(ctx context.Context, d *document) error
}

// editor is one tab.
type editor interface {
	typeChar(now int64) // one character; the clock in ns since the run began
	caret()
	settled() bool // everything typed is acknowledged, everything known has arrived
	traffic() *traffic
	close()
}

// traffic of one socket, in bytes on the wire with WebSocket headers.
type traffic struct{ text, other, messages, refused atomic.Int64 }

// document is one text and its editors.
type document struct {
	n       int
	id      string
	length  int // of the text it begins with, UTF-16 units
	meter   *meter
	shared  any // of the system
	mu      sync.Mutex
	authors map[int64]*author
	editors []editor
	errs    atomic.Pointer[error]
}

// author is what one editor typed: when, by its own count from 1.
type author struct {
	at []atomic.Int64
	n  atomic.Int64
}

func (d *document) fail(err error) { d.errs.CompareAndSwap(nil, &err) }

func (d *document) err() error {
	if e := d.errs.Load(); e != nil {
		return *e
	}
	return nil
}

func (d *document) author(number int64) *author {
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.authors[number]
	if a == nil {
		a = &author{at: make([]atomic.Int64, 1<<12)}
		d.authors[number] = a
	}
	return a
}

func (d *document) known(number int64) *author {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.authors[number]
}

// typed counts one edit and says whether there is room for its time.
func (a *author) typed(now int64) int64 {
	n := a.n.Add(1)
	if n <= int64(len(a.at)) {
		a.at[n-1].Store(now)
	}
	return n
}

// meter collects how long deliveries took, of edits typed inside the window.
type meter struct {
	began    time.Time
	from, to atomic.Int64 // window, ns since began
}

func (m *meter) now() int64 { return int64(time.Since(m.began)) }

// samples belong to one full editor.
type samples struct{ us []int32 }

func (s *samples) delivered(m *meter, a *author, seq, now int64) {
	if a == nil || seq < 1 || seq > int64(len(a.at)) {
		return
	}
	at := a.at[seq-1].Load()
	if at >= m.from.Load() && at < m.to.Load() {
		s.us = append(s.us, int32(min((now-at)/1000, 1<<31-1)))
	}
}

// workload is one run.
type workload struct {
	docs, editors int                       // editors of each document
	full          int                       // of them know the whole text and measure
	rate          float64                   // edits a second of each
	carets        string                    // "edit": with every edit, as both editors do; "second": once a second; "off"
	warm, window  time.Duration             // typing before and while it counts
	beside        func(ctx context.Context) // runs while they type, until its context ends; may be nil
}

// outcome of one run.
type outcome struct {
	edits, deliveries  int64
	refused            int64 // pushes, and sent again
	cpu, genCPU        time.Duration
	window             time.Duration
	p50, p99, worst    float64 // ms
	rssIdle, rss       int64
	textBytes, others  float64 // bytes a delivered edit
	disk               float64 // bytes an edit
	lateTyping         float64 // ms, 99th percentile of how late the generator itself typed
	settled, converged bool
	why                string
}

func (o outcome) cpuPer1000() float64 { return o.cpu.Seconds() / float64(o.edits) * 1000 }

// text of lines; each editor types in a line of its own.
func baseText(lines int) string {
	const line = "تلتزم الجهات بتقديم خدماتها للمتعاملين وفق هذا الدليل\n"
	out := make([]byte, 0, len(line)*lines)
	for range lines {
		out = append(out, line...)
	}
	return string(out)
}

// run drives one workload against a started system.
func run(ctx context.Context, s system, w workload) (outcome, error) {
	var out outcome
	m := &meter{began: time.Now()}
	docs := make([]*document, w.docs)
	var all []editor
	defer func() {
		for _, e := range all {
			e.close()
		}
	}()
	var mu sync.Mutex
	sem := make(chan struct{}, 16)
	var wg sync.WaitGroup
	var first atomic.Pointer[error]
	for i := range docs {
		docs[i] = &document{n: i, meter: m, authors: map[int64]*author{}, editors: make([]editor, w.editors)}
		for n := range w.editors {
			sem <- struct{}{}
			wg.Add(1)
			open := func() {
				defer func() { <-sem; wg.Done() }()
				e, err := s.open(ctx, docs[i], i*w.editors+n, n < w.full)
				if err != nil {
					err = fmt.Errorf("%s: open editor %d of document %d: %w", s.name(), n, i, err)
					first.CompareAndSwap(nil, &err)
					return
				}
				docs[i].editors[n] = e
				mu.Lock()
				all = append(all, e)
				mu.Unlock()
			}
			if n == 0 {
				open() // alone, so that the document is loaded once
			} else {
				go open()
			}
		}
	}
	wg.Wait()
	if e := first.Load(); e != nil {
		return out, *e
	}
	time.Sleep(300 * time.Millisecond)
	out.rssIdle = rig.RSS(s.pid())
	diskBefore := s.disk()

	if w.beside != nil {
		side, end := context.WithCancel(ctx)
		var done sync.WaitGroup
		done.Go(func() { w.beside(side) })
		defer func() { end(); done.Wait() }()
	}
	total := w.warm + w.window
	start := m.now() + int64(50*time.Millisecond)
	m.from.Store(start + int64(w.warm))
	m.to.Store(start + int64(total))
	late := make([][]int64, len(all))
	var typing sync.WaitGroup
	for i, e := range all {
		typing.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(i), 9))
			gap := float64(time.Second) / w.rate
			next := start + int64(rnd.Float64()*gap)
			caretAt := start + int64(rnd.Float64()*float64(time.Second))
			timer := time.NewTimer(time.Hour)
			defer timer.Stop()
			for next < start+int64(total) {
				timer.Reset(time.Duration(next - m.now()))
				select {
				case <-timer.C:
				case <-ctx.Done():
					return
				}
				now := m.now()
				late[i] = append(late[i], now-next)
				e.typeChar(now)
				if w.carets == "edit" || w.carets == "second" && now >= caretAt {
					e.caret()
					caretAt += int64(time.Second)
				}
				next += int64(gap * (0.5 + rnd.Float64())) // nobody types like a clock
			}
		})
	}
	time.Sleep(time.Duration(m.from.Load() - m.now()))
	cpu, gen := rig.CPU(s.pid()), rig.CPU(os.Getpid())
	t0, typed0 := m.now(), countTyped(docs)
	time.Sleep(time.Duration(m.to.Load() - m.now()))
	out.edits = countTyped(docs) - typed0
	out.cpu, out.genCPU, out.window = rig.CPU(s.pid())-cpu, rig.CPU(os.Getpid())-gen, time.Duration(m.now()-t0)
	typing.Wait()
	out.rss = rig.RSS(s.pid())
	for end := time.Now().Add(30 * time.Second); !out.settled && time.Now().Before(end) && ctx.Err() == nil; {
		out.settled = true
		for _, e := range all {
			out.settled = out.settled && e.settled()
		}
		if !out.settled {
			time.Sleep(20 * time.Millisecond)
		}
	}
	var errs []error
	if !out.settled {
		errs = append(errs, errors.New("not settled 30 s after the last edit"))
	}
	var us []int32
	for _, d := range docs {
		for _, e := range d.editors[:w.full] {
			us = append(us, e.(interface{ latencies() []int32 }).latencies()...)
		}
		if err := d.err(); err != nil {
			errs = append(errs, err)
		}
	}
	if out.settled && len(errs) == 0 {
		for _, d := range docs[:min(len(docs), 20)] {
			if err := s.check(ctx, d); err != nil {
				errs = append(errs, err)
			}
		}
	}
	out.converged = len(errs) == 0
	if !out.converged {
		out.why = errors.Join(errs...).Error()
	}
	slices.Sort(us)
	out.deliveries = int64(len(us))
	out.p50, out.p99, out.worst = rig.Percentile(us, 0.5)/1000, rig.Percentile(us, 0.99)/1000, rig.Percentile(us, 1)/1000
	var text, other, lateAll = int64(0), int64(0), []int64{}
	for _, e := range all {
		text += e.traffic().text.Load()
		other += e.traffic().other.Load()
		out.refused += e.traffic().refused.Load()
	}
	every := countTyped(docs)
	out.textBytes, out.others = float64(text)/float64(every*int64(w.editors)), float64(other)/float64(every*int64(w.editors))
	out.disk = float64(s.disk()-diskBefore) / float64(every)
	for _, l := range late {
		lateAll = append(lateAll, l...)
	}
	slices.Sort(lateAll)
	out.lateTyping = rig.Percentile(lateAll, 0.99) / 1e6
	return out, ctx.Err()
}

func countTyped(docs []*document) (n int64) {
	for _, d := range docs {
		d.mu.Lock()
		for _, a := range d.authors {
			n += a.n.Load()
		}
		d.mu.Unlock()
	}
	return n
}

// socket is the part of an editor that both protocols share: a WebSocket whose bytes are counted, and one writer at a time.
type socket struct {
	ws    *websocket.Conn
	read  *atomic.Int64 // bytes
	sent  atomic.Int64  // messages
	wmu   sync.Mutex
	bytes traffic
	buf   []byte
	ended chan struct{}
}

type countingConn struct {
	net.Conn
	n *atomic.Int64
}

func (c countingConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.n.Add(int64(n))
	return n, err
}

// dial opens a WebSocket from a loopback address of its own for every 150 sockets: the hub bounds sockets by source.
func dial(ctx context.Context, url string, n int, header map[string][]string, protocols ...string) (*socket, error) {
	s := &socket{read: new(atomic.Int64), ended: make(chan struct{})}
	src := net.IPv4(127, 0, byte(1+n/150/250), byte(1+n/150%250))
	nd := net.Dialer{LocalAddr: &net.TCPAddr{IP: src}, Timeout: 20 * time.Second}
	d := websocket.Dialer{HandshakeTimeout: 20 * time.Second, Subprotocols: protocols, ReadBufferSize: 2048, WriteBufferSize: 1024,
		NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := nd.DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return countingConn{c, s.read}, nil
		}}
	ws, resp, err := d.DialContext(ctx, url, header)
	if err != nil {
		if resp != nil {
			err = fmt.Errorf("%w (%s)", err, resp.Status)
		}
		return nil, err
	}
	s.ws = ws
	return s, nil
}

// next reads one message into a buffer that the following call reuses.
func (s *socket) next() (kind int, msg []byte, err error) {
	kind, r, err := s.ws.NextReader()
	if err != nil {
		return 0, nil, err
	}
	s.buf = s.buf[:0]
	for {
		if len(s.buf) == cap(s.buf) {
			s.buf = append(s.buf, 0)[:len(s.buf)]
		}
		n, err := r.Read(s.buf[len(s.buf):cap(s.buf)])
		s.buf = s.buf[:len(s.buf)+n]
		if err != nil {
			if err.Error() == "EOF" {
				return kind, s.buf, nil
			}
			return 0, nil, err
		}
	}
}

// onWire is the size of a server's message with its WebSocket header.
func onWire(n int) int64 {
	switch {
	case n < 126:
		return int64(n) + 2
	case n < 1<<16:
		return int64(n) + 4
	}
	return int64(n) + 10
}

func (s *socket) write(kind int, msg []byte) error {
	s.wmu.Lock()
	defer s.wmu.Unlock()
	s.sent.Add(1)
	return s.ws.WriteMessage(kind, msg)
}

func (s *socket) traffic() *traffic { return &s.bytes }

func (s *socket) close() {
	_ = s.ws.Close()
	<-s.ended
}
