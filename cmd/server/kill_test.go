package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/multaqa/multaqa/bench/rig"
	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/draft/drafttest"
)

// TestKill ends the real program with kill -9 again and again while five people type, at random moments and at chosen points: before a
// commit, after it, and before a socket is written to. The program starts again on the same store and the tabs come back. Nothing that
// was acknowledged or shown is gone, nothing is there twice, and in the end every tab shows the text of the log.
func TestKill(t *testing.T) {
	kills := 10
	if os.Getenv("MULTAQA_SOAK") == "1" {
		kills = 100
	} else if testing.Short() {
		kills = 3
	}
	bin := program(t)
	t.Run("sqlite", func(t *testing.T) { killing(t, bin, "", kills) })
	t.Run("postgres", func(t *testing.T) { killing(t, bin, dbtest.PostgresURL(t), kills) })
}

var programs string // the directory it was built in

var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "multaqa-program")
	if err != nil {
		return "", err
	}
	programs = dir
	bin := filepath.Join(dir, "server")
	if out, err := exec.Command("go", "build", "-tags", "failpoint,nomsgpack", "-o", bin, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return bin, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if programs != "" {
		os.RemoveAll(programs)
	}
	os.Exit(code)
}

// program is the real program with failpoints, built once.
func program(t *testing.T) string {
	t.Helper()
	bin, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

const killText = "مسودة أولى 😀\nسطر ثانٍ\n"

func killing(t *testing.T, bin, url string, kills int) {
	const people = 5
	rnd := rand.New(rand.NewPCG(51, 52))
	dir := t.TempDir()
	seeded, err := rig.Sow(t.Context(), dir, url, rig.Seed{Docs: 1, Editors: people, Text: killText})
	if err != nil {
		t.Fatal(err)
	}
	k := &victim{t: t, bin: bin, dir: dir, url: url, draft: seeded.Drafts[0]}
	defer func() {
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "server.log"))
			t.Logf("the program's last words:\n%s", log[max(0, len(log)-4000):])
		}
	}()
	tabs := make([]*killTab, people)
	for i := range tabs {
		tabs[i] = &killTab{k: k, session: seeded.Sessions[i], rnd: rand.New(rand.NewPCG(53, uint64(i)))}
	}
	points := map[string]int{} // "" is a random moment
	for n := range kills {
		// Two of three die at a point of the program, the others when so many updates have come.
		point := []string{"draft.before_commit", "draft.after_commit", "live.write", "", "draft.after_commit", ""}[n%6]
		if points[point]++; point != "" {
			point = fmt.Sprintf("%s:%d", point, 8+rnd.IntN(60))
		}
		k.start(point)
		var until atomic.Int64 // version at which a random kill comes
		until.Store(1 << 60)
		if point == "" {
			until.Store(k.seen.Load() + int64(10+rnd.IntN(150)))
		}
		var wg sync.WaitGroup
		for _, b := range tabs {
			wg.Go(func() {
				b.life(func() bool {
					if k.seen.Load() >= until.Load() {
						k.proc.Kill()
						return true
					}
					return false
				})
			})
		}
		wg.Wait() // their sockets broke: it is dead
		k.proc.Kill()
		if t.Failed() {
			return
		}
	}
	k.start("")
	var wg sync.WaitGroup
	for _, b := range tabs {
		wg.Go(func() { b.life(nil) })
	}
	wg.Wait()
	k.proc.Stop()
	if t.Failed() {
		return
	}
	typed := 0
	for _, b := range tabs {
		typed += b.typed
	}
	version, replay := k.replay()
	if version != int64(typed) {
		t.Errorf("%d updates typed, %d in the log", typed, version)
	}
	for _, b := range tabs {
		if b.c.Version == version && b.c.Doc.String() != replay {
			t.Errorf("client %d shows another text than the log", b.c.Number)
		}
	}
	t.Logf("%d updates through %d kills (%v), none lost, none doubled", version, kills, points)
}

// victim is the program that is killed.
type victim struct {
	t             *testing.T
	bin, dir, url string
	redis         string // its URL; empty for none
	draft, addr   string
	proc          *rig.Process
	seen          atomic.Int64 // newest version that any tab was shown
	lives         int
}

// start begins a life and waits until it listens. The port is free a moment before; should another take it, the next is tried.
func (k *victim) start(failpoint string) {
	k.t.Helper()
	var err error
	for range 3 {
		l, e := net.Listen("tcp", "127.0.0.1:0")
		if e != nil {
			k.t.Fatal(e)
		}
		k.addr = l.Addr().String()
		l.Close()
		k.lives++
		env := []string{"MULTAQA_DATA=" + k.dir, "MULTAQA_DATABASE_URL=" + k.url, "MULTAQA_ADDR=" + k.addr, "MULTAQA_BASE_URL=http://" + k.addr,
			"MULTAQA_DEBUG_ADDR=off", "MULTAQA_LOG_LEVEL=warn", "MULTAQA_FAILPOINT=" + failpoint, "MULTAQA_REDIS_URL=" + k.redis}
		if k.proc, err = rig.Start(filepath.Join(k.dir, "server.log"), env, k.bin, "serve"); err != nil {
			k.t.Fatal(err)
		}
		if err = k.proc.Listening(k.addr); err == nil {
			k.t.Cleanup(k.proc.Kill)
			return
		}
	}
	k.t.Fatal(err)
}

// replay applies the log to the first text; each client's updates are there once, in order.
func (k *victim) replay() (version int64, text string) {
	d, err := db.Open(k.t.Context(), k.dir, k.url)
	if err != nil {
		k.t.Fatal(err)
	}
	defer d.Close()
	doc, last := changeset.NewText(killText), map[int64]int64{}
	err = d.Read(k.t.Context(), func(tx *db.Tx) error {
		_, err := draft.Changes(k.t.Context(), tx, k.draft, 0, func(u draft.Update) (err error) {
			if u.Version != version+1 || u.Seq != last[u.Client]+1 {
				k.t.Errorf("version %d after %d: sequence %d of client %d after %d", u.Version, version, u.Seq, u.Client, last[u.Client])
			}
			version, last[u.Client] = u.Version, u.Seq
			doc, err = u.Change.Apply(doc)
			return err
		})
		return err
	})
	if err != nil {
		k.t.Fatal(err)
	}
	return version, doc.String()
}

// killTab is a tab that lives through it all.
type killTab struct {
	k       *victim
	session string
	rnd     *rand.Rand
	c       *drafttest.Client
	epoch   string
	resume  string
	typed   int
}

// life connects, comes back to the draft and types until the socket breaks or stop says so. Without stop it types nothing and
// ends when all is saved and shown.
func (b *killTab) life(stop func() bool) {
	fail := func(err error) {
		if stop != nil && !errors.Is(err, errPromise) {
			return // killed in the middle of it
		}
		b.k.t.Errorf("client of %s: %v", b.session[:4], err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	d := websocket.Dialer{Subprotocols: []string{"multaqa.v1"}}
	ws, _, err := d.DialContext(ctx, "ws://"+b.k.addr+"/api/v1/live", http.Header{"Cookie": {"multaqa=" + b.session}})
	if err != nil {
		fail(err)
		return
	}
	defer ws.Close()
	open := map[string]any{"t": "open", "draft": b.k.draft}
	if b.c != nil {
		open["version"], open["epoch"], open["resume"] = b.c.Version, b.epoch, b.resume
	}
	if err := ws.WriteJSON(open); err != nil {
		fail(err)
		return
	}
	type message struct {
		kind int
		body []byte
		err  error
	}
	in := make(chan message)
	go func() {
		for {
			kind, body, err := ws.ReadMessage()
			select {
			case in <- message{kind, body, err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	opened, back, head := false, b.c != nil, int64(0)
	push := func() error {
		if stop != nil && stop() {
			return errors.New("killed")
		}
		for n := b.rnd.IntN(4); stop != nil && n > 0 && b.c.Unconfirmed() < 20; n-- {
			if err := b.c.Edit(drafttest.RandomEdit(b.rnd, b.c.Doc)); err != nil {
				return fmt.Errorf("%w: %w", errPromise, err)
			}
			b.typed++
		}
		if msg, ok := b.c.Push(draft.MaxPushUpdates); ok {
			return ws.WriteMessage(websocket.BinaryMessage, msg)
		}
		return nil
	}
	keys := time.NewTicker(10 * time.Millisecond) // a fast typist
	defer keys.Stop()
	for {
		var m message
		select {
		case m = <-in:
		case <-keys.C:
			if opened {
				if err := push(); err != nil {
					fail(err)
					return
				}
			}
			if opened && stop == nil && b.c.Unconfirmed() == 0 && b.c.Version >= head {
				return
			}
			continue
		case <-ctx.Done():
			fail(fmt.Errorf("%w: neither killed nor done within a minute", errPromise))
			return
		}
		if m.err != nil {
			fail(m.err)
			return
		}
		switch {
		case m.kind == websocket.TextMessage:
			var o struct {
				T, ID, Epoch, Resume, Text, Code string
				Draft                            any
				Client, Seq, Version, Head       int64
			}
			if json.Unmarshal(m.body, &o) != nil {
				continue
			}
			switch o.T {
			case "opened":
				handle := int(o.Draft.(float64))
				b.epoch, b.resume, opened, head = o.Epoch, o.Resume, true, o.Head
				if !back {
					b.c = drafttest.New(o.Client, handle, o.Version, o.Text)
					break
				}
				if o.Head < b.c.Version {
					fail(fmt.Errorf("%w: shown version %d, the log ends at %d", errPromise, b.c.Version, o.Head))
					return
				}
				if err := b.c.Reconnect(handle, o.Seq); err != nil {
					fail(fmt.Errorf("%w: acknowledged and lost: %w", errPromise, err))
					return
				}
			case "denied", "resync":
				fail(fmt.Errorf("%w: %s", errPromise, m.body))
				return
			case "rejected":
				if o.Code != "draft.busy" && o.Code != "draft.unavailable" && o.Code != "draft.behind" {
					fail(fmt.Errorf("%w: %s", errPromise, m.body))
					return
				}
				b.c.Retry()
			}
		case len(m.body) > 0 && m.body[0] == 2:
			if err := b.c.Receive(m.body); err != nil {
				fail(fmt.Errorf("%w: %w", errPromise, err))
				return
			}
			for v := b.k.seen.Load(); b.c.Version > v && !b.k.seen.CompareAndSwap(v, b.c.Version); v = b.k.seen.Load() {
			}
		}
	}
}

// errPromise is a broken promise, not a broken socket.
var errPromise = errors.New("promise broken")
