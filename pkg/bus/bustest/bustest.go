// Package bustest holds the promises of a bus as a suite that every
// implementation runs.
package bustest

import (
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/bus"
)

// Exercise runs the suite. connect returns two ends of one bus; on a bus of
// one node both ends are the same.
func Exercise(t *testing.T, connect func(t *testing.T) (a, b bus.Bus)) {
	t.Helper()
	t.Run("a hint reaches subscribers of the prefix on both ends", func(t *testing.T) {
		a, b := connect(t)
		got := make(chan string, 64)
		defer a.Subscribe("draft/", func(topic string, _ int64) { send(got, "a:"+topic) })()
		defer b.Subscribe("draft/", func(topic string, _ int64) { send(got, "b:"+topic) })()
		defer b.Subscribe("ballot/", func(topic string, _ int64) { send(got, "wrong:"+topic) })()
		want := map[string]bool{"a:draft/1": true, "b:draft/1": true}
		deadline := time.After(10 * time.Second)
		for len(want) > 0 {
			// Lossy by contract: publish until both have heard.
			a.Publish("draft/1", 7)
			select {
			case s := <-got:
				if len(s) > 6 && s[:6] == "wrong:" {
					t.Fatalf("a subscriber of another prefix got %q", s)
				}
				delete(want, s)
			case <-deadline:
				t.Fatalf("never heard: %v", want)
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	t.Run("after cancel a subscriber hears nothing new", func(t *testing.T) {
		a, _ := connect(t)
		first, second := make(chan string, 1), make(chan string, 1)
		cancel := a.Subscribe("x", func(topic string, _ int64) { send(first, topic) })
		cancel()
		defer a.Subscribe("x", func(topic string, _ int64) { send(second, topic) })()
		a.Publish("x/1", 1)
		<-second
		select {
		case <-first:
			t.Fatal("heard after cancel")
		default:
		}
	})
	t.Run("a slow subscriber does not block the publisher", func(t *testing.T) {
		a, _ := connect(t)
		stuck := make(chan struct{})
		defer close(stuck)
		defer a.Subscribe("y", func(string, int64) { <-stuck })()
		for range 20000 {
			a.Publish("y", 1)
		}
	})
}

func send(c chan string, s string) {
	select {
	case c <- s:
	default:
	}
}
