// Package bustest holds the promises of a bus as a suite that every
// implementation runs.
package bustest

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/bus"
)

// Redis returns two ends of a bus on the Redis of the tests, which `make test` starts; a test without one is skipped.
func Redis(t testing.TB) (ends [2]bus.Bus) {
	t.Helper()
	url := os.Getenv("MULTAQA_TEST_REDIS")
	if url == "" {
		t.Skip("MULTAQA_TEST_REDIS names no server; `make test` starts one")
	}
	for i := range ends {
		r, err := bus.NewRedis(url, fmt.Sprint("nd_", t.Name(), i), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close() })
		ends[i] = r
	}
	return ends
}

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
	exerciseShown(t, connect)
}

func exerciseShown(t *testing.T, connect func(t *testing.T) (a, b bus.Bus)) {
	t.Run("what is shown reaches watchers of the prefix on both ends", func(t *testing.T) {
		a, b := connect(t)
		got := make(chan string, 64)
		defer a.Watch("room/", func(topic string, body []byte) { send(got, "a:"+topic+string(body)) })()
		defer b.Watch("room/", func(topic string, body []byte) { send(got, "b:"+topic+string(body)) })()
		defer b.Watch("carets/", func(topic string, _ []byte) { send(got, "wrong:"+topic) })()
		defer b.Subscribe("room/", func(topic string, _ int64) { send(got, "wrong:"+topic) })()
		want := map[string]bool{"a:room/1\x00م": true, "b:room/1\x00م": true}
		deadline := time.After(10 * time.Second)
		for len(want) > 0 {
			a.Show("room/1", []byte("\x00م")) // may be lost: show until both have seen it
			select {
			case s := <-got:
				if strings.HasPrefix(s, "wrong:") {
					t.Fatalf("%q", s)
				}
				delete(want, s)
			case <-deadline:
				t.Fatalf("never seen: %v", want)
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	t.Run("the newest of a topic wins, and a slow watcher blocks nobody, nor any hint", func(t *testing.T) {
		a, b := connect(t)
		stuck, got, hints := make(chan struct{}), make(chan string, 256), make(chan string, 64)
		defer b.Watch("slow/", func(_ string, body []byte) { <-stuck; send(got, string(body)) })()
		defer b.Subscribe("h", func(topic string, _ int64) { send(hints, topic) })()
		for range 20_000 {
			a.Show("slow/1", []byte("old"))
		}
		a.Show("slow/1", make([]byte, bus.MaxShown+1))
		deadline := time.After(10 * time.Second)
		for heard := false; !heard; {
			a.Publish("h", 1)
			select {
			case <-hints:
				heard = true
			case <-deadline:
				t.Fatal("a hint waits for what is shown")
			case <-time.After(20 * time.Millisecond):
			}
		}
		a.Show("slow/1", []byte("new"))
		close(stuck)
		for old := 0; ; {
			select {
			case s := <-got:
				if s == "new" {
					return
				}
				if old++; s != "old" || old > 100 {
					t.Fatalf("%d old ones came before the newest, %d bytes", old, len(s))
				}
			case <-deadline:
				t.Fatal("never seen")
			case <-time.After(50 * time.Millisecond):
				a.Show("slow/1", []byte("new"))
			}
		}
	})
	t.Run("after cancel a watcher sees nothing new", func(t *testing.T) {
		a, _ := connect(t)
		first, second := make(chan string, 1), make(chan string, 1)
		cancel := a.Watch("x", func(topic string, _ []byte) { send(first, topic) })
		cancel()
		defer a.Watch("x", func(topic string, _ []byte) { send(second, topic) })()
		a.Show("x/1", nil)
		<-second
		select {
		case <-first:
			t.Fatal("seen after cancel")
		default:
		}
	})
}

func send(c chan string, s string) {
	select {
	case c <- s:
	default:
	}
}
