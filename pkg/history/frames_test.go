package history

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
)

// typed makes the log of people who write: mostly a letter after the last one, now and then elsewhere or a deletion.
func typed(r *rand.Rand, text changeset.Text, n int) (clients []int64, changes []changeset.ChangeSet) {
	letters := []rune("ابتثجحخدذرزسشصضطظعغفقكلمنهوي ")
	at := map[int64]int{}
	for range n {
		c := int64(1 + r.IntN(3))
		pos, ok := at[c]
		if !ok || r.IntN(60) == 0 || pos > text.Len() {
			pos = r.IntN(text.Len() + 1)
		}
		insert, del := string(letters[r.IntN(len(letters))]), 0
		if r.IntN(12) == 0 && pos > 0 {
			insert, del = "", 1
		} else if r.IntN(200) == 0 {
			insert = "\n\n"
		}
		ch, err := changeset.Replace(text.Len(), pos-del, pos, insert)
		if err != nil {
			panic(err)
		}
		if text, err = ch.Apply(text); err != nil {
			panic(err)
		}
		at[c] = pos - del + changeset.Len16(insert)
		clients, changes = append(clients, c), append(changes, ch)
	}
	return clients, changes
}

// With frames made, the log before the last frame is not read: it can be gone, and the answers are the same.
func TestALongHistoryIsReadFromItsFrames(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const updates = 100_000
		w := newWorld(t, d, "# دليل\n\n")
		clients, changes := typed(rand.New(rand.NewPCG(1, 2)), w.text, updates)
		w.write(clients, changes, 20) // as a flush of many writers is, in one row
		read := func() (Timeline, Version, Version) {
			t.Helper()
			began := time.Now()
			tl, err := w.history.Timeline(t.Context(), salma, w.id)
			if err != nil {
				t.Fatal(err)
			}
			one := time.Now()
			head, err := w.history.Version(t.Context(), salma, w.id, updates)
			if err != nil {
				t.Fatal(err)
			}
			two := time.Now()
			// The frame before it is the only other thing that is read.
			mid, err := w.history.Version(t.Context(), salma, w.id, 24*frameUpdates)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("timeline %v, version %d %v, version %d %v", one.Sub(began), updates, two.Sub(one), mid.Version, time.Since(two))
			return tl, head, mid
		}
		t1, h1, m1 := read()
		began := time.Now()
		if _, err := w.history.Compare(t.Context(), salma, w.id, 0, updates); err != nil {
			t.Fatal(err)
		}
		t.Logf("comparison of everything: %v", time.Since(began))
		w.deltasAreReplays(10, updates, 1000, updates-1000, 2*frameUpdates, 9*frameUpdates, 5*frameUpdates+1, 5*frameUpdates+2)
		if n := len(t1.Buckets); n > 2*timelineBuckets {
			t.Errorf("%d buckets", n)
		}
		if h1.Text != w.text.String() {
			t.Fatal("the text differs")
		}
		var last int64
		w.do(func(tx *db.Tx) (err error) {
			if last, err = lastFrame(t.Context(), tx, w.id); err != nil {
				return err
			}
			if updates-last >= frameUpdates {
				return fmt.Errorf("the last frame is of %d", last)
			}
			if _, err = tx.Exec(t.Context(), `update draft_log set before = 0 where before in (select id from draft_log where last <= $1)`, last); err == nil {
				_, err = tx.Exec(t.Context(), `delete from draft_log where last <= $1`, last)
			}
			return err
		})
		t2, h2, m2 := read()
		if !reflect.DeepEqual(t1, t2) || !reflect.DeepEqual(h1, h2) || !reflect.DeepEqual(m1, m2) {
			t.Fatal("the answers need the log before the last frame")
		}
	})
}

// deltasAreReplays holds what is put together from frames to what a replay of every update gives, from and to in pairs.
func (w *world) deltasAreReplays(versions ...int64) {
	w.t.Helper()
	ctx := context.Background()
	w.do(func(tx *db.Tx) error {
		names, err := findWriters(ctx, tx, w.id)
		if err != nil {
			return err
		}
		for i := 0; i < len(versions); i += 2 {
			from, to := versions[i], versions[i+1]
			text, err := draft.TextAt(ctx, tx, w.id, from)
			if err != nil {
				return err
			}
			began := time.Now()
			got, err := w.history.between(ctx, tx, w.id, changeset.Len16(text), from, to, names)
			if err != nil {
				return err
			}
			took := time.Since(began)
			began = time.Now()
			tr := trackOld(changeset.Len16(text))
			if err := draft.Replay(ctx, tx, w.id, from, to, func(u draft.Update, at db.Time) error {
				tr.apply(u.Change, names.of[u.Client], at)
				return nil
			}); err != nil {
				return err
			}
			w.t.Logf("%d to %d: from frames %v, by replay %v", from, to, took, time.Since(began))
			gotOld, gotNow := got.fates()
			wantOld, wantNow := tr.delta().fates()
			for _, side := range []struct {
				name      string
				got, want []fate
			}{{"the old text", gotOld, wantOld}, {"the new text", gotNow, wantNow}} {
				if len(side.got) != len(side.want) {
					w.t.Fatalf("%d to %d, %s: %d stretches, want %d", from, to, side.name, len(side.got), len(side.want))
				}
				for k, f := range side.got {
					// A stretch's time may be that of a part which has gone since, so only whose it is must agree.
					if g := side.want[k]; f.n != g.n || f.by != g.by || f.touched != g.touched || f.touched != (f.at > 0) {
						w.t.Fatalf("%d to %d, %s: stretch %d is %+v, want %+v", from, to, side.name, k, f, g)
					}
				}
			}
		}
		return nil
	})
}

func TestADeltaThatIsDamagedIsRefused(t *testing.T) {
	d := delta{{n: 3}, {n: 2, what: went, by: 4, at: 9}, {n: 700, what: came, by: -1, at: 12}}
	if back, err := decodeDelta(d.encode()); err != nil || !reflect.DeepEqual(back, d) {
		t.Errorf("%+v %v", back, err)
	}
	for _, raw := range [][]byte{nil, []byte("x"), zipper.EncodeAll([]byte{9, 1}, nil), zipper.EncodeAll([]byte{0, 0}, nil)} {
		if _, err := decodeDelta(raw); err == nil {
			t.Errorf("%q was taken", raw)
		}
	}
}
