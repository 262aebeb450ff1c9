package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/multaqa/multaqa/bench/rig"
	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/draft/drafttest"
)

// ours drives bin/server by multaqa.v1: signed-in people with the right to write, policy, presence and durable
// acknowledgement as in production.
type ours struct {
	dir, addr string
	data      string
	proc      *rig.Process
	world     rig.World
	sown      map[rig.Seed]sown
}

// sown is a data directory that runs with the same seed begin with a copy of.
type sown struct {
	dir   string
	world rig.World
}

func (o *ours) name() string { return "multaqa" }
func (o *ours) pid() int     { return o.proc.Pid() }
func (o *ours) stop()        { o.proc.Stop() }
func (o *ours) kill()        { o.proc.Kill() }
func (o *ours) disk() int64  { return rig.DirBytes(o.data) }

func (o *ours) start(ctx context.Context, s rig.Seed) error {
	first, ok := o.sown[s]
	if !ok {
		dir, err := os.MkdirTemp(o.dir, "seed-*")
		if err != nil {
			return err
		}
		began := time.Now()
		if first.world, err = rig.Sow(ctx, dir, "", s); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
		first.dir = dir
		o.sown[s] = first
		fmt.Printf("  seeded in %.1f s\n", time.Since(began).Seconds())
	}
	o.world = first.world
	o.data = filepath.Join(o.dir, fmt.Sprintf("ours-%d", time.Now().UnixNano()))
	if err := os.CopyFS(o.data, os.DirFS(first.dir)); err != nil {
		return err
	}
	return o.restart()
}

func (o *ours) restart() (err error) {
	env := []string{"MULTAQA_DATA=" + o.data, "MULTAQA_ADDR=" + o.addr, "MULTAQA_BASE_URL=http://" + o.addr, "MULTAQA_DEBUG_ADDR=" + debugAddr, "MULTAQA_LOG_LEVEL=warn"}
	if o.proc, err = rig.Start(filepath.Join(o.dir, filepath.Base(o.data)+".log"), env, "bin/server", "serve"); err != nil {
		return err
	}
	return o.proc.Listening(o.addr)
}

// parsed is a frame decoded once for all editors of a document that get the same bytes.
type parsed struct {
	raw     []byte
	to      int64
	length  int // after it
	updates []draft.Update
	last    map[int64]int64 // newest sequence of each client in it
	whole   changeset.ChangeSet
	light   bool // whole is good
}

type frames struct {
	mu   sync.Mutex
	from map[int64]*parsed
	ring []int64
}

func (f *frames) parse(raw []byte, from int64, length int) (*parsed, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p := f.from[from]; p != nil && bytes.Equal(p.raw, raw) {
		return p, nil
	}
	_, _, updates, err := draft.DecodeFrame(raw, length)
	if err != nil {
		return nil, err
	}
	p := &parsed{raw: bytes.Clone(raw), updates: updates, last: map[int64]int64{}, to: from, length: length}
	for i, u := range updates {
		p.to, p.length, p.last[u.Client] = u.Version, u.Change.NewLen(), u.Seq
		if i == 0 {
			p.whole, p.light = u.Change, true
		} else if p.whole, err = p.whole.Compose(u.Change); err != nil {
			return nil, err
		}
	}
	if _, ok := f.from[from]; !ok {
		f.ring = append(f.ring, from)
		if len(f.ring) > 1000 {
			delete(f.from, f.ring[0])
			f.ring = f.ring[1:]
		}
	}
	f.from[from] = p
	return p, nil
}

type opened struct {
	T       string `json:"t"`
	Draft   any    `json:"draft"`
	ID      string `json:"id"`
	Epoch   string `json:"epoch"`
	Resume  string `json:"resume"`
	Client  int64  `json:"client"`
	Seq     int64  `json:"seq"`
	Version int64  `json:"version"`
	Head    int64  `json:"head"`
	Text    string `json:"text"`
	Code    string `json:"code"`
}

// tab is one editor of ours. A full one holds the text; the others know its length and where their caret is.
type tab struct {
	*socket
	samples
	doc    *document
	own    *author
	shared *frames

	mu        sync.Mutex
	open      opened
	handle    int
	full      *drafttest.Client
	version   int64
	length    int
	pos       int
	pending   int   // typed and not yet sent
	sent      int64 // newest sequence sent
	confirmed int64
	seen      atomic.Int64
	tells     bool // its caret, with each push
	told      bool // with the newest
	ready     chan error
	once      sync.Once
}

func (o *ours) connect(ctx context.Context, d *document, n int) (*tab, error) {
	header := http.Header{"Cookie": {"multaqa=" + o.world.Sessions[n%len(o.world.Sessions)]}}
	s, err := dial(ctx, "ws://"+o.addr+"/api/v1/live", n, header, "multaqa.v1")
	if err != nil {
		return nil, err
	}
	t := &tab{socket: s, doc: d, ready: make(chan error, 1)}
	d.mu.Lock()
	d.id = o.world.Drafts[d.n]
	if d.shared == nil {
		d.shared = &frames{from: map[int64]*parsed{}}
	}
	t.shared = d.shared.(*frames)
	d.mu.Unlock()
	return t, nil
}

func (o *ours) open(ctx context.Context, d *document, n int, full bool) (editor, error) {
	t, err := o.connect(ctx, d, n)
	if err != nil {
		return nil, err
	}
	go t.loop()
	if err := t.say(map[string]any{"t": "open", "draft": d.id}); err != nil {
		return nil, err
	}
	select {
	case err = <-t.ready:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		t.close()
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.own = d.author(t.open.Client)
	if full {
		t.full = drafttest.New(t.open.Client, t.handle, t.open.Version, t.open.Text)
	}
	t.open.Text = ""
	t.pos = 1 + (n*lineUnits)%max(1, t.length-1)
	return t, nil
}

func (t *tab) say(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return t.write(websocket.TextMessage, b)
}

func (t *tab) loop() {
	defer close(t.ended)
	for {
		kind, msg, err := t.next()
		if err == nil {
			err = t.receive(kind, msg)
		}
		if err != nil {
			t.once.Do(func() { t.ready <- err })
			if !errors.Is(err, net.ErrClosed) {
				t.doc.fail(fmt.Errorf("client %d: %w", t.open.Client, err))
			}
			return
		}
	}
}

var presenceMark = []byte(`"t":"presence"`)

func (t *tab) receive(kind int, msg []byte) error {
	if kind == websocket.BinaryMessage && len(msg) > 0 && msg[0] == 2 {
		t.bytes.text.Add(onWire(len(msg)))
		return t.frame(msg)
	}
	t.bytes.other.Add(onWire(len(msg)))
	if kind == websocket.BinaryMessage || bytes.Contains(msg, presenceMark) {
		return nil // carets of others
	}
	var m opened
	if err := json.Unmarshal(msg, &m); err != nil {
		return nil
	}
	switch m.T {
	case "opened":
		h, ok := m.Draft.(float64)
		if !ok || m.Client == 0 {
			return fmt.Errorf("opened without a right to write: %s", msg[:min(len(msg), 200)])
		}
		t.mu.Lock()
		t.open, t.handle, t.version, t.length = m, int(h), m.Version, changeset.Len16(m.Text)
		t.mu.Unlock()
		t.once.Do(func() { t.ready <- nil })
	case "denied", "resync":
		return fmt.Errorf("%s: %s", m.T, msg)
	case "rejected":
		t.mu.Lock()
		defer t.mu.Unlock()
		t.bytes.refused.Add(1)
		switch m.Code {
		case "draft.busy", "draft.unavailable", "draft.behind":
			// The same push again; a light editor writes it anew at its caret.
			if t.full != nil {
				t.full.Retry()
			} else {
				t.pending += int(t.sent - t.confirmed)
				t.sent = t.confirmed
			}
			return t.flush()
		}
		return fmt.Errorf("rejected: %s", msg)
	}
	return nil
}

func (t *tab) frame(msg []byte) error {
	now := t.doc.meter.now()
	t.mu.Lock()
	defer t.mu.Unlock()
	_, from, err := draft.FrameStart(msg)
	if err != nil {
		return err
	}
	if from != t.version {
		return fmt.Errorf("frame from version %d, expected %d", from, t.version)
	}
	p, err := t.shared.parse(msg, from, t.length)
	if err != nil {
		return err
	}
	if t.full != nil {
		if err := t.full.Receive(msg); err != nil {
			return err
		}
		for _, u := range p.updates {
			t.delivered(t.doc.meter, t.doc.known(u.Client), u.Seq, now)
		}
	} else {
		t.pos, _ = p.whole.MapPos(t.pos, -1, changeset.Simple)
	}
	t.version, t.length = p.to, p.length
	t.seen.Store(t.version)
	if seq, ok := p.last[t.open.Client]; ok {
		t.confirmed = seq
		if t.full == nil && seq > t.sent {
			return fmt.Errorf("sequence %d echoed, %d sent", seq, t.sent)
		}
		return t.flush()
	}
	return nil
}

// flush sends what was typed, when nothing is in flight.
func (t *tab) flush() error {
	if t.full != nil {
		if push, ok := t.full.PushAt(draft.MaxPushUpdates, t.place(t.full.Synced.Len())); ok {
			return t.write(websocket.BinaryMessage, push)
		}
		return nil
	}
	if t.pending == 0 || t.sent > t.confirmed {
		return nil
	}
	n := min(t.pending, draft.MaxPushUpdates)
	p := draft.Push{Handle: t.handle, Base: t.version, Length: t.length, Seq: t.confirmed + 1, Caret: t.place(t.length)}
	for i := range n {
		c, err := changeset.Replace(t.length+i, t.pos+i, t.pos+i, rig.Letter(t.confirmed+int64(i)))
		if err != nil {
			return err
		}
		p.Updates = append(p.Updates, c)
	}
	t.pending -= n
	t.sent = t.confirmed + int64(n)
	return t.write(websocket.BinaryMessage, p.Append(nil))
}

// place is the caret a push takes along.
func (t *tab) place(length int) *draft.Caret {
	if !t.tells {
		return nil
	}
	t.told = true
	at := min(t.pos, length)
	return &draft.Caret{Anchor: at, Head: at}
}

func (t *tab) typeChar(now int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	k := t.own.typed(now)
	var err error
	if t.full != nil {
		var c changeset.ChangeSet
		at := min(t.pos, t.full.Doc.Len())
		if c, err = changeset.Replace(t.full.Doc.Len(), at, at, rig.Letter(k-1)); err == nil {
			err = t.full.Edit(c)
		}
	} else {
		t.pending++
	}
	if err == nil {
		err = t.flush()
	}
	if err != nil {
		t.doc.fail(err)
	}
}

func (t *tab) caret() {
	t.mu.Lock()
	v, pos := t.version, t.pos
	// As our editor does: with text in flight the caret goes with the next push.
	with := t.told || t.pending > 0 || t.sent > t.confirmed || t.full != nil && t.full.Unconfirmed() > 0
	t.tells, t.told = true, false
	t.mu.Unlock()
	if with {
		return
	}
	if err := t.say(map[string]any{"t": "presence", "draft": t.handle, "version": v, "anchor": pos, "head": pos}); err != nil {
		t.doc.fail(err)
	}
}

func (t *tab) settled() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all int64
	t.doc.mu.Lock()
	for _, a := range t.doc.authors {
		all += a.n.Load()
	}
	t.doc.mu.Unlock()
	return t.pending == 0 && t.confirmed == t.own.n.Load() && t.version >= t.open.Version && t.version == t.first()+all
}

// first is the version before the first edit of this run.
func (t *tab) first() int64 {
	t.doc.mu.Lock()
	defer t.doc.mu.Unlock()
	lowest := t.open.Version
	for _, e := range t.doc.editors {
		if o, ok := e.(*tab); ok && o != nil {
			lowest = min(lowest, o.open.Version)
		}
	}
	return lowest
}

func (t *tab) latencies() []int32 { return t.us }

// check opens the document afresh: the server's text is that of every full editor, its length that of the others.
func (o *ours) check(ctx context.Context, d *document) error {
	t, err := o.connect(ctx, d, 0)
	if err != nil {
		return err
	}
	go t.loop()
	if err := t.say(map[string]any{"t": "open", "draft": d.id}); err != nil {
		return err
	}
	select {
	case err = <-t.ready:
	case <-ctx.Done():
		err = ctx.Err()
	}
	defer t.close()
	if err != nil {
		return err
	}
	t.mu.Lock()
	now := t.open
	t.mu.Unlock()
	for _, e := range d.editors {
		other := e.(*tab)
		other.mu.Lock()
		same := other.version == now.Version && other.length == changeset.Len16(now.Text)
		if other.full != nil {
			same = same && other.full.Doc.String() == now.Text && other.full.Synced.String() == now.Text
		}
		other.mu.Unlock()
		if !same {
			return fmt.Errorf("document %d: client %d holds another text than the server", d.n, other.open.Client)
		}
	}
	return nil
}
