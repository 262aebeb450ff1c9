package draft_test

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/corpus"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
)

// TestConcurrentTrace replays a real session of two people who typed at the same time: each transaction is made on exactly what its
// writer had seen then. A writer's updates go to the log when the other needs them, and no further, so that the other, who
// reads to the head, sees them and no more. Both end with the text of the log, and every character typed is in the log once.
func TestConcurrentTrace(t *testing.T) {
	var trace struct {
		EndContent string
		NumAgents  int
		Txns       []struct {
			Parents []int
			Agent   int
			Patches [][3]any
		}
	}
	f, err := os.Open(filepath.Join(corpus.Dir(t, "traces"), "concurrent-friendsforever.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(z).Decode(&trace); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, dbtest.Open(t), "")
	svc, _ := w.node(bus.NewMemory(), draft.Options{})
	tabs := []*tab{openTab(t, svc, salma, w.id), openTab(t, svc, huda, w.id)}
	if trace.NumAgents != len(tabs) {
		t.Fatalf("%d writers", trace.NumAgents)
	}
	// seen[i][a] is how many updates of a are in the state that transaction i makes.
	seen := make([][2]int, len(trace.Txns))
	made, pushed, syncs, points := [2]int{}, [2]int{}, 0, 0
	// confirm pushes updates of a up to its n-th and waits for them in the log.
	confirm := func(a, n int) {
		for pushed[a] < n {
			msg, ok := tabs[a].c.Push(min(draft.MaxPushUpdates, n-pushed[a]))
			if !ok {
				t.Fatalf("writer %d has nothing to push, %d of %d are in the log", a, pushed[a], n)
			}
			before := tabs[a].c.Unconfirmed()
			tabs[a].send(msg)
			for tabs[a].c.Unconfirmed() == before {
				select {
				case <-tabs[a].wake:
					tabs[a].read()
				case code := <-tabs[a].reject:
					t.Fatalf("writer %d: %s", a, code)
				}
			}
			pushed[a] += before - tabs[a].c.Unconfirmed()
			syncs++
		}
	}
	for i, txn := range trace.Txns {
		a := txn.Agent
		var need [2]int
		for _, p := range txn.Parents {
			for k := range need {
				need[k] = max(need[k], seen[p][k])
			}
		}
		if need[a] != made[a] {
			t.Fatalf("transaction %d of writer %d is not made on what came before it there", i, a)
		}
		if other := 1 - a; need[other] > pushed[other] {
			confirm(other, need[other])
		}
		tabs[a].read()
		for _, p := range txn.Patches {
			at, del, ins := int(p[0].(float64)), int(p[1].(float64)), p[2].(string)
			doc := tabs[a].c.Doc // all of it is in the basic plane: a code point is a unit
			c, err := changeset.Replace(doc.Len(), at, at+del, ins)
			if err == nil {
				err = tabs[a].c.Edit(c)
			}
			if err != nil {
				t.Fatalf("transaction %d: %v", i, err)
			}
			made[a]++
			points += utf8.RuneCountInString(ins)
		}
		seen[i] = need
		seen[i][a] = made[a]
	}
	for a, b := range tabs {
		confirm(a, made[a])
		b.settle(b.saved)
	}
	version, replay := replayLog(t, w, "")
	for a, b := range tabs {
		b.settle(func() bool { return b.c.Version == version })
		if b.c.Doc.String() != replay {
			t.Fatalf("writer %d shows another text than the log", a)
		}
	}
	inserted := 0
	err = w.db.Read(t.Context(), func(tx *db.Tx) error {
		_, err := draft.Changes(t.Context(), tx, w.id, 0, func(u draft.Update) error {
			u.Change.Each(func(_, _, _, _ int, insert string) { inserted += utf8.RuneCountInString(insert) })
			return nil
		})
		return err
	})
	if err != nil || inserted != points {
		t.Fatalf("%d characters typed, %d in the log: %v", points, inserted, err)
	}
	t.Logf("%d updates, %d exchanges; the text of the trace's own merge rule: %t", version, syncs, replay == trace.EndContent)
}
