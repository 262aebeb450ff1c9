package live

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/policy"
)

func FuzzDecodeCarets(f *testing.F) {
	f.Add([]byte{3, 7, 3, 0xac, 2, 5, 9}) // the example of docs/protocol.md
	f.Add(appendCarets(nil, 1, []caret{{1, 2, 3, 4}, {1 << 30, 0, 0, 1 << 30}}))
	f.Add([]byte{3, 1, 1})
	f.Fuzz(func(t *testing.T, src []byte) {
		handle, carets, err := DecodeCarets(src)
		if err != nil {
			return
		}
		var list []caret
		for _, c := range carets {
			list = append(list, caret{c.Client, c.Version, c.Anchor, c.Head})
		}
		if again := appendCarets(nil, handle, list); !bytes.Equal(again, src) {
			t.Fatalf("%x was read as %x", src, again)
		}
	})
}

type nowhere struct{}

func (nowhere) Show(string, []byte) {}

func (nowhere) Watch(string, func(string, []byte)) func() { return func() {} }

// FuzzFar gives a node whatever may come over the bus.
func FuzzFar(f *testing.F) {
	f.Add([]byte(`{"n":"x","l":1,"p":[{"c":1,"p":"pe_x","a":"ag_x"}]}`), append([]byte{1, 'x'}, appendCarets(nil, 0, []caret{{1, 2, 3, 4}})...))
	f.Add([]byte(`{"n":"x","l":2,"o":true}`), []byte{255})
	f.Add([]byte(`{"n":"x","p":[{"c":-9223372036854775808}]}`), []byte{0, 3, 0})
	f.Fuzz(func(t *testing.T, people, carets []byte) {
		h := &Hub{cfg: Config{Log: slog.New(slog.DiscardHandler), Card: func(context.Context, policy.Actor) (Card, error) { return Card{}, errors.New("nobody") },
			Far: nowhere{}}, limits: DefaultLimits, base: context.Background()}
		r := &room{hub: h, id: "dr"}
		r.due = true // no timers here
		h.rooms = map[string]*room{"dr": r}
		for range 2 {
			h.farPeople(topicPeople+"dr", people)
			h.farCarets(topicCarets+"dr", carets)
			h.farPeople(topicPeople+"other", people)
		}
		if n := len(r.far.nodes); n > farNodes {
			t.Fatalf("%d nodes", n)
		}
		for _, n := range r.far.nodes {
			if len(n.people) > farPeople {
				t.Fatalf("%d people of a node", len(n.people))
			}
		}
		r.forget(time.Now().Add(time.Hour))
		if len(r.far.nodes) > 0 || len(r.elsewhere()) > 0 {
			t.Fatal("silent nodes stay")
		}
	})
}

// TestAPauseOfTheNodeIsNobodysSilence: after a stop of the whole program all sockets would look silent, with their signs of life unread.
func TestAPauseOfTheNodeIsNobodysSilence(t *testing.T) {
	h := &Hub{limits: DefaultLimits}
	c := &conn{hub: h}
	now := time.Now()
	c.heard.Store(h.awake(now))
	h.slept(time.Second, time.Second) // a turn as usual
	if silence := h.awake(now.Add(time.Minute)) - c.heard.Load(); silence != time.Minute.Milliseconds() {
		t.Fatalf("a minute is %d ms", silence)
	}
	h.slept(time.Minute, time.Second)
	if !c.alive(now.Add(time.Minute)) {
		t.Fatal("ended after the node's own pause")
	}
}
