package changeset

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestSlideIsMap holds the short way of Rebase to the long one, on changes of one range in small texts, so that all ways of touching occur.
func TestSlideIsMap(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	one := func(length int) ChangeSet {
		from := rnd.IntN(length + 1)
		to := from + rnd.IntN(min(4, length-from+1))
		c, err := Replace(length, from, to, strings.Repeat("م", rnd.IntN(3)))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	slid := 0
	for range 50_000 {
		length := 1 + rnd.IntN(60)
		var pushed, want []ChangeSet
		var was [][]section
		for at, n := length, 1+rnd.IntN(3); n > 0; n-- {
			c := one(at)
			pushed, was = append(pushed, c), append(was, append([]section(nil), c.secs...))
			at = c.NewLen()
		}
		want = append(want, pushed...)
		var log []Logged
		for at, n := length, 1+rnd.IntN(6); n > 0; n-- {
			over := one(at)
			log = append(log, Logged{Change: over})
			at = over.NewLen()
			if flat, ok := reaches(want); ok && slide(flat, make([]reach, len(flat)), over) {
				slid++
			}
			for i := range want {
				moved, err := want[i].Map(over, false)
				if err == nil && i < len(want)-1 {
					over, err = over.Map(want[i], true)
				}
				if err != nil {
					t.Fatal(err)
				}
				want[i] = moved
			}
		}
		got, err := Rebase(pushed, log)
		if err != nil || len(got) != len(want) {
			t.Fatal(len(got), err)
		}
		for i := range got {
			if string(got[i].AppendBinary(nil)) != string(want[i].AppendBinary(nil)) || got[i].Len() != want[i].Len() || got[i].NewLen() != want[i].NewLen() {
				t.Fatalf("%v over %v: %v, by Map %v", pushed, log, got, want)
			}
			for k, s := range was[i] {
				if pushed[i].secs[k] != s {
					t.Fatal("Rebase changed what it was given")
				}
			}
		}
	}
	if slid < 10_000 {
		t.Fatalf("only %d took the short way", slid)
	}
}
