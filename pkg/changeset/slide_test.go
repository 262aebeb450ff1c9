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
		length := 1 + rnd.IntN(30)
		c := one(length)
		was := append([]section(nil), c.secs...)
		var log []Logged
		want := c
		for at, n := length, 1+rnd.IntN(6); n > 0; n-- {
			over := one(at)
			log = append(log, Logged{Change: over})
			at = over.NewLen()
			own, short := false, want
			if short.slide(over, &own) {
				slid++
			}
			var err error
			if want, err = want.Map(over, false); err != nil {
				t.Fatal(err)
			}
		}
		got, err := Rebase([]ChangeSet{c}, log)
		if err != nil {
			t.Fatal(err)
		}
		if string(got[0].AppendBinary(nil)) != string(want.AppendBinary(nil)) || got[0].Len() != want.Len() {
			t.Fatalf("%v over %v: %v, by Map %v", c, log, got[0], want)
		}
		for i, s := range was {
			if c.secs[i] != s {
				t.Fatal("Rebase changed what it was given")
			}
		}
	}
	if slid < 10_000 {
		t.Fatalf("only %d took the short way", slid)
	}
}
