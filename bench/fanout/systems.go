package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/multaqa/multaqa/bench/rig"
	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/draft"
)

// noticeBytes is the size of a notice on the wire, about: what a sentence that somebody typed comes to.
const noticeBytes = 206

// peer is this program run with -serve.
type peer struct {
	dir, kind string
	port      int
	proc      *rig.Process
	publisher *member
	count     int64
}

func (p *peer) name() string { return p.kind }
func (p *peer) pid() int     { return p.proc.Pid() }
func (p *peer) stop()        { p.proc.Stop() }

func (p *peer) start(context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	p.publisher, p.count = nil, 0
	addr := fmt.Sprintf("127.0.0.1:%d", p.port)
	if p.proc, err = rig.Start(filepath.Join(p.dir, p.kind+".log"), nil, self, "-serve", p.kind, "-addr", addr); err != nil {
		return err
	}
	return p.proc.Listening(addr)
}

func (p *peer) upTo(msg []byte) int64 {
	if len(msg) < 8 {
		return 0
	}
	return int64(binary.BigEndian.Uint64(msg))
}

func (p *peer) join(c *crowd, n int, editor, stuck bool) error {
	m, err := c.join(n, p.port, "/", "", nil, nil, editor, stuck)
	if p.publisher == nil {
		p.publisher = m
	}
	return err
}

func (p *peer) publish(n, factor int) (int64, error) {
	var out []byte
	for range n {
		p.count++
		msg := make([]byte, noticeBytes*factor)
		binary.BigEndian.PutUint64(msg, uint64(p.count))
		out = append(out, masked(2, msg)...)
	}
	return p.count, writeAll(p.publisher.fd, out)
}

// ours is bin/server with one draft that many have open: a notice is an edit of somebody, checked, committed and sent to all
// editors and readers.
type ours struct {
	dir   string
	port  int
	o     options
	proc  *rig.Process
	seed  string
	world rig.World

	mu      sync.Mutex
	writers []*writer
	version int64 // when this round began
	next    int64 // when it has ended
	length  int   // of that version
	unit    int   // by how much each edit of this round makes it longer
	known   map[string]int64
}

type writer struct {
	m      *member
	handle int
	seq    int64
}

func (o *ours) name() string { return "multaqa" }
func (o *ours) pid() int     { return o.proc.Pid() }
func (o *ours) stop()        { o.proc.Stop() }

const baseText = "تلتزم الجهات بتقديم خدماتها للمتعاملين وفق هذا الدليل\n"

// perPerson is how many sockets a reader's person has open; the hub allows twenty.
const perPerson = 15

func (o *ours) start(ctx context.Context) error {
	if o.seed == "" {
		dir, err := os.MkdirTemp(o.dir, "seed-*")
		if err != nil {
			return err
		}
		if o.world, err = rig.Sow(ctx, dir, "", rig.Seed{Docs: 1, Editors: editors, Readers: o.o.readers/perPerson + 10, Text: baseText}); err != nil {
			return err
		}
		o.seed = dir
	}
	data := filepath.Join(o.dir, fmt.Sprintf("ours-%d", time.Now().UnixNano()))
	if err := os.CopyFS(data, os.DirFS(o.seed)); err != nil {
		return err
	}
	o.writers, o.version, o.next, o.unit, o.length, o.known = nil, 0, 0, 0, changeset.Len16(baseText), map[string]int64{}
	addr := fmt.Sprintf("127.0.0.1:%d", o.port)
	env := []string{"MULTAQA_DATA=" + data, "MULTAQA_ADDR=" + addr, "MULTAQA_BASE_URL=http://" + addr, "MULTAQA_DEBUG_ADDR=" + o.debug(), "MULTAQA_LOG_LEVEL=warn"}
	var err error
	if o.proc, err = rig.Start(data+".log", env, "bin/server", "serve"); err != nil {
		return err
	}
	return o.proc.Listening(addr)
}

func (o *ours) debug() string { return fmt.Sprintf("127.0.0.1:%d", o.port+9) }

// waiting says how many sockets take nothing at the moment, and how many bytes are queued for them.
func (o *ours) waiting() (full, queued float64, err error) {
	answer, err := http.Get("http://" + o.debug() + "/metrics")
	if err != nil {
		return 0, 0, err
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(page)) {
		if v, ok := strings.CutPrefix(line, "multaqa_sockets_full "); ok {
			full, err = strconv.ParseFloat(strings.TrimSpace(v), 64)
		}
		if v, ok := strings.CutPrefix(line, "multaqa_sockets_queued_bytes "); ok && err == nil {
			queued, err = strconv.ParseFloat(strings.TrimSpace(v), 64)
		}
	}
	return full, queued, err
}

func (o *ours) join(c *crowd, n int, editor, stuck bool) error {
	token := ""
	if editor {
		token = o.world.Sessions[n]
	} else {
		token = o.world.Readers[(n-editors)/perPerson]
	}
	hello, _ := json.Marshal(map[string]any{"t": "open", "draft": o.world.Drafts[0]})
	var opened struct {
		T       string `json:"t"`
		Draft   int    `json:"draft"`
		Client  int64  `json:"client"`
		Version int64  `json:"version"`
	}
	var refused error
	ready := func(msg []byte) bool {
		if bytes.Contains(msg, []byte(`"t":"denied"`)) {
			refused = fmt.Errorf("%s", msg)
			return true
		}
		if !bytes.Contains(msg, []byte(`"t":"opened"`)) {
			return false
		}
		refused = json.Unmarshal(msg, &opened)
		return true
	}
	m, err := c.join(n, o.port, "/api/v1/live", "Cookie: multaqa="+token+"\r\nSec-WebSocket-Protocol: multaqa.v1\r\n", hello, ready, editor, stuck)
	if err = errors.Join(err, refused); err != nil {
		return err
	}
	if editor != (opened.Client != 0) {
		return fmt.Errorf("opened as client %d", opened.Client)
	}
	m.have = opened.Version
	if editor {
		o.mu.Lock()
		o.writers = append(o.writers, &writer{m: m, handle: opened.Draft})
		o.mu.Unlock()
	}
	return nil
}

// upTo decodes a frame once; all receivers at the same version get the same bytes.
func (o *ours) upTo(msg []byte) int64 {
	if len(msg) == 0 || msg[0] != 2 {
		return 0
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if v, ok := o.known[string(msg)]; ok {
		return v
	}
	_, from, err := draft.FrameStart(msg)
	if err != nil {
		return 0
	}
	_, _, updates, err := draft.DecodeFrame(msg, o.length+int(from-o.version)*o.unit)
	if err != nil || len(updates) == 0 {
		return 0
	}
	if len(o.known) > 200 {
		clear(o.known)
	}
	v := updates[len(updates)-1].Version
	o.known[string(msg)] = v
	return v
}

// publish lets n editors type a sentence each at the same moment, at the end of the text.
func (o *ours) publish(n, factor int) (int64, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	text := strings.Repeat(rig.Letter(1), (noticeBytes-12)/2*factor)
	// Everybody has the round before: its edits made the text what it is now.
	o.length += o.unit * int(o.next-o.version)
	o.version, o.unit = o.next, changeset.Len16(text)
	o.next += int64(n)
	for i := range n {
		w := o.writers[i]
		ch, err := changeset.Replace(o.length, o.length, o.length, text)
		if err != nil {
			return 0, err
		}
		w.seq++
		p := draft.Push{Handle: w.handle, Base: o.version, Length: o.length, Seq: w.seq, Updates: []changeset.ChangeSet{ch}}
		if err := writeAll(w.m.fd, masked(2, p.Append(nil))); err != nil {
			return 0, err
		}
	}
	return o.next, nil
}
