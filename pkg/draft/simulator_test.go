package draft_test

import (
	"cmp"
	"container/heap"
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/policy"
)

var simSeed = flag.Uint64("seed", 0, "run the simulator with this seed alone")

// TestSimulator plays whole days of editing in virtual time: editors, two nodes on one database, a bus that loses, doubles, delays and
// reorders, links that drop with messages in flight, sockets that half die, nodes that end in the middle of a push and come back, a
// database whose commits fail for a while.
// Everything that happens is drawn from the seed, one thing at a time, so `go test ./pkg/draft -run Simulator -seed N` plays a failure again.
func TestSimulator(t *testing.T) {
	seeds, events := 10, 600
	switch {
	case soak():
		seeds, events = 1_000, 3_000
	case testing.Short(): // under the race detector
		seeds = 3
	}
	if *simSeed != 0 {
		simulate(t, *simSeed, events)
		return
	}
	for seed := uint64(1); seed <= uint64(seeds) && !t.Failed(); seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { simulate(t, seed, events) })
	}
}

// TestSimulatorReplays holds the simulator itself to its promise.
func TestSimulatorReplays(t *testing.T) {
	if a, b := simulate(t, 4711, 300), simulate(t, 4711, 300); a != b {
		t.Fatalf("one seed, two stories: %x and %x", a, b)
	}
}

// happening is something at a moment of virtual time.
type happening struct {
	at   time.Duration
	turn int // order of making, for those at the same moment
	do   func()
}

type agenda []happening

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(a[i].at, a[j].at), a[i].turn-a[j].turn) < 0
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(happening)) }
func (a *agenda) Pop() any     { h := (*a)[len(*a)-1]; *a = (*a)[:len(*a)-1]; return h }

type simulation struct {
	t      *testing.T
	seed   uint64
	rnd    *rand.Rand
	start  time.Time
	agenda agenda
	turn   int
	story  strings.Builder
	w      *world
	nodes  []*simNode
	tabs   []*simTab
	quiet  bool // no new trouble: everybody is to settle
	hints  struct {
		mu   sync.Mutex
		said []simHint
	}
}

type simHint struct {
	from  int
	topic string
	n     int64
}

// simNode is one life after another of a node. It is the draft package's bus.
type simNode struct {
	s    *simulation
	n    int
	svc  *draft.Service
	stop func()
	mu   sync.Mutex
	hear func(string, int64)
}

func (n *simNode) Publish(topic string, v int64) {
	n.s.hints.mu.Lock()
	defer n.s.hints.mu.Unlock()
	n.s.hints.said = append(n.s.hints.said, simHint{n.n, topic, v})
}

func (n *simNode) Subscribe(_ string, fn func(string, int64)) (cancel func()) {
	n.mu.Lock()
	n.hear = fn
	n.mu.Unlock()
	return func() {}
}

// simTab is an editor with its link: what is under way is lost when link changes.
type simTab struct {
	*tab
	n       int
	node    *simNode // nil while the link is down
	link    int
	typed   int
	reading bool   // a delivery is under way
	under   []byte // a push that is under way
}

func simulate(t *testing.T, seed uint64, events int) (story uint64) {
	defer draft.SnapshotEvery(int64([]int{2000, 40, 7}[seed%3]))()
	synctest.Test(t, func(t *testing.T) {
		s := &simulation{t: t, seed: seed, rnd: rand.New(rand.NewPCG(seed, 1)), start: time.Now()}
		const text = "مسودة أولى 😀\nسطر ثانٍ\n"
		s.w = newWorld(t, dbtest.Open(t), text)
		s.faulty()
		defer func() {
			for _, n := range s.nodes {
				if n.svc != nil {
					n.stop()
				}
			}
			if t.Failed() {
				tail := s.story.String()
				t.Logf("go test ./pkg/draft -run Simulator -seed %d\n%s", seed, tail[max(0, len(tail)-2000):])
			}
		}()
		for i := range 2 {
			s.nodes = append(s.nodes, &simNode{s: s, n: i})
			s.wake(s.nodes[i])
		}
		for i := range 2 + s.rnd.IntN(4) {
			b := &simTab{n: i, node: s.nodes[i%2]}
			b.tab = openTab(t, b.node.svc, []policy.Actor{salma, huda}[i%2], s.w.id)
			s.tabs = append(s.tabs, b)
			s.after(200, func() { s.typing(b) })
		}
		s.after(5000, s.trouble)
		for range events {
			s.step()
		}
		// Peace: no more typing, all nodes and links up; the hints stay bad.
		s.quiet = true
		s.commits(true)
		for _, n := range s.nodes {
			s.wake(n)
		}
		for _, b := range s.tabs {
			if b.node == nil {
				s.come(b)
			} else {
				s.send(b)
			}
		}
		settled := func() bool {
			for _, b := range s.tabs {
				if b.node == nil || !b.saved() || b.c.Version != s.tabs[0].c.Version {
					return false
				}
			}
			return true
		}
		for limit := s.now() + time.Hour; !settled(); {
			if s.now() > limit {
				t.Fatalf("not settled at %v", s.now())
			}
			if len(s.agenda) == 0 { // the last hint was lost: the nodes look by themselves
				s.after(3000, func() {})
			}
			s.step()
		}
		version, replay := replayLog(t, s.w, text)
		typed := 0
		for _, b := range s.tabs {
			typed += b.typed
			if b.c.Doc.String() != replay {
				t.Fatalf("editor %d shows another text than the log", b.n)
			}
		}
		if int64(typed) != version {
			t.Fatalf("%d typed, %d in the log", typed, version)
		}
		if v, head := s.w.text(); v != version || head != replay {
			t.Fatalf("the head (version %d) is not the replay of the log (version %d)", v, version)
		}
		h := fnv.New64a()
		h.Write([]byte(s.story.String()))
		story = h.Sum64()
		if testing.Verbose() {
			t.Logf("%d updates by %d editors, %v of virtual time, story %x", version, len(s.tabs), s.now().Round(time.Second), story)
		}
	})
	return story
}

func (s *simulation) now() time.Duration { return time.Since(s.start) }

func (s *simulation) say(format string, args ...any) {
	fmt.Fprintf(&s.story, "%v "+format+"\n", append([]any{s.now().Milliseconds()}, args...)...)
}

// after plans something within so many milliseconds.
func (s *simulation) after(ms int, do func()) {
	s.turn++
	heap.Push(&s.agenda, happening{s.now() + time.Duration(1+s.rnd.IntN(ms))*time.Millisecond, s.turn, do})
}

// step lets the next thing happen and waits until all goroutines have come to rest; then what they asked for is planned.
func (s *simulation) step() {
	if len(s.agenda) == 0 {
		return
	}
	h := heap.Pop(&s.agenda).(happening)
	time.Sleep(h.at - s.now()) // polls and paces of the nodes happen meanwhile
	synctest.Wait()
	s.collect()
	h.do()
	synctest.Wait()
	s.collect()
}

// collect plans the delivery of hints, of frames and of refusals.
func (s *simulation) collect() {
	s.hints.mu.Lock()
	said := s.hints.said
	s.hints.said = nil
	s.hints.mu.Unlock()
	slices.SortStableFunc(said, func(a, b simHint) int { return cmp.Or(a.from-b.from, cmp.Compare(a.n, b.n)) })
	for _, h := range said {
		for _, n := range s.nodes {
			times := 1
			switch s.rnd.IntN(10) {
			case 0:
				times = 0
			case 1:
				times = 2
			}
			for range times {
				s.after([]int{5, 50, 4000}[s.rnd.IntN(3)], func() {
					n.mu.Lock()
					hear := n.hear
					n.mu.Unlock()
					if n.svc != nil && hear != nil {
						s.say("node %d hears %d", n.n, h.n)
						hear(h.topic, h.n)
					}
				})
			}
		}
	}
	for _, b := range s.tabs {
		if b.node == nil {
			continue
		}
		select {
		case <-b.taken:
			s.t.Fatalf("editor %d lost its number to nobody", b.n)
		case code := <-b.reject:
			s.say("editor %d is refused: %s", b.n, code)
			if code != "draft.busy" && code != "draft.unavailable" && code != "draft.behind" {
				s.t.Fatalf("editor %d: refused with %s", b.n, code)
			}
			s.on(b, 100, func() { b.c.Retry(); s.send(b) })
		default:
		}
		select {
		case <-b.wake:
			if !b.reading {
				b.reading = true
				s.on(b, []int{5, 200, 3000}[s.rnd.IntN(3)], func() { s.deliver(b) })
			}
		default:
		}
	}
}

// on plans something for a tab that is lost when its link is.
func (s *simulation) on(b *simTab, ms int, do func()) {
	link := b.link
	s.after(ms, func() {
		if b.link == link {
			do()
		}
	})
}

func (s *simulation) typing(b *simTab) {
	if s.quiet {
		return
	}
	if b.c.Unconfirmed() < 40 { // offline too
		for range 1 + s.rnd.IntN(3) {
			if err := b.c.Edit(boundedEdit(s.rnd, b.c.Doc, 300)); err != nil {
				s.t.Fatal(err)
			}
			b.typed++
		}
		if s.rnd.IntN(4) == 0 && b.node != nil {
			s.jam(b.node)
		} else {
			s.send(b)
		}
	}
	s.after([]int{100, 600, 10_000}[s.rnd.IntN(3)], func() { s.typing(b) })
}

// send puts a push on the way, when none is.
func (s *simulation) send(b *simTab) {
	if b.node == nil {
		return
	}
	msg, ok := b.c.Push(1 + s.rnd.IntN(10))
	if !ok {
		return
	}
	b.under = msg
	s.on(b, []int{5, 200, 2000}[s.rnd.IntN(3)], func() {
		b.under = nil
		s.say("push of editor %d arrives at node %d", b.n, b.node.n)
		b.tab.send(msg)
		if s.rnd.IntN(20) == 0 { // the network doubles it
			b.tab.send(msg)
		}
	})
}

// jam lets the pushes of all who wait at a node arrive while the database is busy: what comes after the first is one flush.
func (s *simulation) jam(n *simNode) {
	if n.svc == nil {
		return
	}
	err := s.w.db.Transact(context.Background(), func(*db.Tx) error {
		for _, b := range s.tabs {
			if b.node != n {
				continue
			}
			if msg, ok := b.c.Push(1 + s.rnd.IntN(3)); ok {
				s.say("push of editor %d arrives at node %d while it is busy", b.n, n.n)
				b.tab.send(msg)
			}
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *simulation) deliver(b *simTab) {
	b.reading = false
	b.read()
	s.committed(b)
	s.say("editor %d is at version %d, %d unconfirmed", b.n, b.c.Version, b.c.Unconfirmed())
	s.send(b)
}

// lose breaks a link; the node may not notice.
func (s *simulation) lose(b *simTab, noticed bool) {
	s.say("editor %d is cut off, noticed %t", b.n, noticed)
	if noticed && b.node.svc != nil {
		b.drop()
	}
	b.node, b.reading, b.under = nil, false, nil
	b.link++
	s.after([]int{50, 3000, 60_000}[s.rnd.IntN(3)], func() { s.come(b) })
}

// come brings a tab back to any node that lives.
func (s *simulation) come(b *simTab) {
	if b.node != nil {
		return
	}
	n := s.nodes[s.rnd.IntN(2)]
	if n.svc == nil {
		s.after(1000, func() { s.come(b) })
		return
	}
	b.node, b.reading, b.under = n, false, nil
	b.link++
	b.back(n.svc)
	s.say("editor %d is back at node %d, version %d, sequence %d", b.n, n.n, b.c.Version, b.at.Seq)
	b.reading = true
	s.on(b, 100, func() { s.deliver(b) })
}

// trouble is what goes wrong next.
func (s *simulation) trouble() {
	if s.quiet {
		return
	}
	s.after([]int{200, 2000, 15_000}[s.rnd.IntN(3)], s.trouble)
	switch b := s.tabs[s.rnd.IntN(len(s.tabs))]; {
	case s.rnd.IntN(4) == 0:
		s.say("commits fail")
		s.commits(false)
		s.after([]int{100, 5000}[s.rnd.IntN(2)], func() {
			s.say("commits succeed")
			s.commits(true)
		})
	case s.rnd.IntN(2) == 0:
		if b.node != nil {
			s.lose(b, s.rnd.IntN(2) == 0)
		}
	default:
		n := b.node
		if n == nil {
			n = s.nodes[s.rnd.IntN(2)]
		}
		s.crash(n, b)
	}
}

// crash ends a node, perhaps with the push of a tab inside: before its commit, or after it and before anybody hears.
func (s *simulation) crash(n *simNode, b *simTab) {
	if n.svc == nil {
		return
	}
	s.say("node %d dies", n.n)
	if b.node == n {
		msg := b.under
		if msg == nil {
			msg, _ = b.c.Push(10)
		}
		if msg != nil {
			// Either the transaction never ends, or it has committed and nobody hears of it from this node.
			before := s.rnd.IntN(2) == 0
			s.say("with a push of editor %d inside, before the commit %t", b.n, before)
			s.w.rights.set(func() { s.w.rights.broken = before })
			b.tab.send(msg)
			synctest.Wait()
			s.w.rights.set(func() { s.w.rights.broken = false })
		}
	}
	s.sleep(n)
	for _, other := range s.tabs {
		if other.node == n {
			s.lose(other, false)
		}
	}
	for _, other := range s.tabs {
		s.committed(other)
	}
	s.after([]int{100, 5000}[s.rnd.IntN(2)], func() { s.wake(n) })
}

// faulty puts a switch into the database: while it is on, a transaction that appended to the log fails when it commits, and not before.
func (s *simulation) faulty() {
	for _, q := range []string{
		`create table sim_switch (broken integer not null)`, `insert into sim_switch values (0)`,
		`create table sim_parent (id integer primary key)`,
		`create table sim_child (id integer references sim_parent (id) deferrable initially deferred)`,
		`create trigger sim_log after insert on draft_log when (select broken from sim_switch) = 1 begin insert into sim_child values (1); end`,
	} {
		s.exec(q)
	}
}

func (s *simulation) commits(succeed bool) {
	if succeed {
		s.exec(`update sim_switch set broken = 0`)
	} else {
		s.exec(`update sim_switch set broken = 1`)
	}
}

func (s *simulation) exec(q string) {
	err := s.w.db.Transact(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec(context.Background(), q)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// committed holds an editor to what the log has: nobody sees more.
func (s *simulation) committed(b *simTab) {
	var log draft.Log
	err := s.w.db.Read(context.Background(), func(tx *db.Tx) (err error) {
		log, err = draft.LogOf(context.Background(), tx, s.w.id)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if b.c.Version > log.Head {
		s.t.Fatalf("editor %d saw version %d, the log ends at %d", b.n, b.c.Version, log.Head)
	}
}

func (s *simulation) sleep(n *simNode) {
	n.stop()
	n.svc = nil
	n.mu.Lock()
	n.hear = nil
	n.mu.Unlock()
}

func (s *simulation) wake(n *simNode) {
	if n.svc != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	var rights draft.Rights = s.w.rights
	if s.seed%2 == 1 {
		rights = newSteady(s.w.rights) // flushes decided from memory
	}
	n.svc = draft.New(s.w.db, rights, n, slog.New(slog.DiscardHandler), draft.Options{})
	wait := n.svc.Start(ctx)
	n.stop = func() { cancel(); wait() }
	s.say("node %d is up", n.n)
}
