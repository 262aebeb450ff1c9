package live_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/draft/drafttest"
	"github.com/multaqa/multaqa/pkg/live"
	"github.com/multaqa/multaqa/pkg/policy"
)

// TestNothingIsForgotten: many type at once over sockets that hold next to nothing, some read slowly and some not at all for a while, so that every
// hand-over between who brings, who writes and who waits happens often. Whoever is forgotten hears nothing for a minute, and fails.
func TestNothingIsForgotten(t *testing.T) {
	const tabs, edits = 24, 40
	limits := live.DefaultLimits
	limits.Rate, limits.Burst = 100_000, 100_000
	limits.Presence = 2 * time.Millisecond
	limits.Write = 50 * time.Second
	w := newNarrowWorld(t, limits, 8<<10)
	w.set(func() { w.visibility = policy.ToNetwork })
	long := strings.Repeat("سطر طويل ", 400)
	var clients []*client
	writers := int64(0)
	for i := range tabs {
		c := w.dial([]string{"salma", "huda", "omar"}[i%3]) // omar only reads
		// Not less: a window below a loopback segment is filled by TCP's timers only.
		if err := c.ws.NetConn().(*net.TCPConn).SetReadBuffer(128 << 10); err != nil {
			t.Fatal(err)
		}
		c.open()
		if c.opened.Client != 0 {
			writers++
		}
		clients = append(clients, c)
	}
	all := writers * edits
	var wg sync.WaitGroup
	errs := make([]error, tabs)
	for i, c := range clients {
		wg.Go(func() { errs[i] = c.hurry(rand.New(rand.NewPCG(uint64(i), 7)), edits, all, long) })
	}
	wg.Wait()
	_, text := w.text()
	for i, c := range clients {
		if errs[i] != nil {
			t.Errorf("tab %d: %v", i, errs[i])
		} else if c.editor.Doc.String() != text {
			t.Errorf("tab %d holds another text", i)
		}
	}
}

// hurry types edits and reads in no order, until all versions have come.
func (c *client) hurry(rnd *rand.Rand, edits int, all int64, long string) error {
	if c.opened.Client == 0 {
		edits = 0
	}
	lazy := rnd.IntN(4) == 0 // reads nothing until it has typed all
	for c.editor.Version < all || c.editor.Unconfirmed() > 0 {
		if edits > 0 && (lazy || rnd.IntN(2) == 0) {
			edits--
			change := drafttest.RandomEdit(rnd, c.editor.Doc)
			if n := c.editor.Doc.Len(); rnd.IntN(4) == 0 {
				var err error
				if change, err = changeset.Replace(n, n, n, long); err != nil {
					return err
				}
			}
			if err := c.editor.Edit(change); err != nil {
				return err
			}
		}
		if push, ok := c.editor.Push(draft.MaxPushUpdates); ok {
			if err := c.ws.WriteMessage(websocket.BinaryMessage, push); err != nil {
				return err
			}
			if err := c.ws.WriteJSON(map[string]any{"t": "presence", "draft": c.opened.Draft, "version": c.editor.Version, "anchor": 1, "head": 1}); err != nil {
				return err
			}
		}
		// Who has more to type reads only while an echo is owed: nothing else is sure to come.
		if edits > 0 && (lazy || c.editor.Unconfirmed() == 0 || rnd.IntN(3) > 0) {
			continue
		}
		if err := c.next(); err != nil {
			return fmt.Errorf("at version %d of %d, %d unconfirmed: %w", c.editor.Version, all, c.editor.Unconfirmed(), err)
		}
		for _, m := range c.other {
			if m["t"] == "rejected" {
				return fmt.Errorf("%v", m)
			}
		}
		c.other = nil
	}
	return nil
}
