package live_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/bus/bustest"
	"github.com/multaqa/multaqa/pkg/live"
	"github.com/multaqa/multaqa/pkg/policy"
)

// twoNodes are two worlds on one database, each with an end of a bus.
func twoNodes(t *testing.T, ends [2]bus.Bus) (a, b *world) {
	a = newWorld(t, live.Limits{})
	a.stop() // it began alone
	b = &world{t: t, db: a.db, draft: a.draft, state: a.state, visibility: a.visibility, ended: map[string]bool{}}
	for i, w := range []*world{a, b} {
		w.bus, w.far = ends[i], ends[i]
		w.start(live.Limits{})
	}
	return a, b
}

// leaky loses every second of what is shown.
type leaky struct {
	bus.Bus
	mu  sync.Mutex
	rnd *rand.Rand
}

func (l *leaky) Show(topic string, body []byte) {
	l.mu.Lock()
	lost := l.rnd.IntN(2) == 0
	l.mu.Unlock()
	if !lost {
		l.Bus.Show(topic, body)
	}
}

func eachBus(t *testing.T, fn func(t *testing.T, ends [2]bus.Bus)) {
	t.Run("memory", func(t *testing.T) {
		b := bus.NewMemory()
		t.Cleanup(func() { b.Close() })
		fn(t, [2]bus.Bus{b, b})
	})
	t.Run("redis", func(t *testing.T) {
		fn(t, bustest.Redis(t))
	})
	t.Run("half is lost", func(t *testing.T) {
		b := bus.NewMemory()
		t.Cleanup(func() { b.Close() })
		fn(t, [2]bus.Bus{&leaky{Bus: b, rnd: rand.New(rand.NewPCG(1, 1))}, &leaky{Bus: b, rnd: rand.New(rand.NewPCG(1, 2))}})
	})
}

// TestPeopleAndCaretsCrossNodes: who has a draft open on another node is seen here as those are who have it open here.
func TestPeopleAndCaretsCrossNodes(t *testing.T) {
	eachBus(t, func(t *testing.T, ends [2]bus.Bus) {
		one, two := twoNodes(t, ends)
		one.set(func() { one.visibility = policy.ToNetwork })
		two.set(func() { two.visibility = policy.ToNetwork })
		salma, huda, omar := one.dial("salma"), two.dial("huda"), two.dial("omar") // omar only reads
		salma.open()
		omar.open()
		// What the other node shows is there when omar opens, or comes after it.
		if len(omar.opened.Peers) == 0 {
			p := omar.want("peer")
			if p["draft"] != float64(omar.opened.Draft) {
				t.Fatalf("%v", p)
			}
			omar.opened.Peers = append(omar.opened.Peers, p)
		}
		p := omar.opened.Peers[0]
		if len(omar.opened.Peers) > 1 || p["client"] != float64(salma.opened.Client) || p["person"].(map[string]any)["id"] != "pe_salma" || p["agency"].(map[string]any)["id"] != "ag_a" {
			t.Fatalf("%v", omar.opened.Peers)
		}
		huda.open()
		if len(huda.opened.Peers) != 1 || huda.opened.Peers[0]["client"] != float64(salma.opened.Client) {
			t.Fatalf("huda meets %v", huda.opened.Peers)
		}
		if p := salma.want("peer"); p["client"] != float64(huda.opened.Client) || p["draft"] != float64(salma.opened.Draft) {
			t.Fatalf("%v", p)
		}
		at := func(c *client, version, anchor, head int) {
			t.Helper()
			c.say(map[string]any{"t": "presence", "draft": c.opened.Draft, "version": version, "anchor": anchor, "head": head})
		}
		sees := func(c, whose *client, anchor, head int) {
			t.Helper()
			for {
				m := c.want("presence")
				if m["client"] == float64(whose.opened.Client) && m["anchor"] == float64(anchor) && m["head"] == float64(head) {
					return
				}
			}
		}
		for i := range 4 { // the latest counts; some between may be left out
			at(huda, 0, 1, i)
		}
		at(salma, 0, 2, 5)
		sees(salma, huda, 1, 3)
		sees(huda, salma, 2, 5)
		sees(omar, salma, 2, 5)

		// The tab moves to the other node: nobody sees it leave.
		id := salma.opened.Client
		salma.ws.Close()
		back := &client{w: two, t: t, editor: salma.editor, opened: salma.opened}
		back.redial("salma")
		back.reopen()
		if back.opened.Client != id {
			t.Fatalf("came back as %d", back.opened.Client)
		}
		at(back, 0, 3, 3)
		sees(huda, back, 3, 3)
		back.ws.Close()
		if m := huda.want("left"); m["client"] != float64(id) {
			t.Fatalf("%v", m)
		}
		for _, m := range huda.other {
			if m["t"] == "left" {
				t.Fatalf("left twice: %v", m)
			}
		}
		// A node that ends takes its people with it.
		again := one.dial("salma")
		again.open()
		for again.opened.Peers == nil || len(again.opened.Peers) == 0 {
			p := again.want("peer")
			again.opened.Peers = append(again.opened.Peers, p)
		}
		two.stop()
		if m := again.want("left"); m["client"] != float64(huda.opened.Client) {
			t.Fatalf("%v", m)
		}
	})
}

// TestFarIsBounded: whatever comes over the bus, a node stays as it is.
func TestFarIsBounded(t *testing.T) {
	b := bus.NewMemory()
	t.Cleanup(func() { b.Close() })
	one, _ := twoNodes(t, [2]bus.Bus{b, b})
	salma := one.dial("salma")
	salma.open()
	for _, bad := range []string{"", "{", "null", `{"n":""}`, `{"n":"x","p":[{"c":-1,"p":"pe_x","a":"ag_x"}]}`, `{"n":"x","p":[{"c":1e99}]}`, `{"n":"x","p":"y"}`} {
		b.Show("people/"+one.draft, []byte(bad))
		b.Show("people/", []byte(bad))
		b.Show("carets/"+one.draft, []byte(bad))
		b.Show("carets/"+one.draft, append([]byte{1, 'x', 3, 0}, bad...))
	}
	for i := range 300 {
		b.Show("people/"+one.draft, fmt.Appendf(nil, `{"n":"far%d","p":[{"c":%d,"p":"pe_x","a":"ag_x"}]}`, i, 1000+i))
		b.Show("carets/"+one.draft, append([]byte{4, 'f', 'a', 'r', '0'}, 3, 0, 0xe8, 7, 1, 1, 1))
	}
	// Those of one more node than is known are not taken; the ones before are.
	b.Show("people/"+one.draft, []byte(`{"n":"x","p":[{"c":77,"p":"pe_y","a":"ag_y"}]}`))
	salma.typeAt(0, "ما زال يعمل ")
	salma.until(salma.saved)
	if peers := one.dial("huda"); peers != nil {
		peers.open()
		if n := len(peers.opened.Peers); n > 66 {
			t.Fatalf("%d peers", n)
		}
	}
}
