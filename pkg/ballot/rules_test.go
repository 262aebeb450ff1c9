package ballot

import "testing"

func TestQuorum(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		e, r, c int64
		percent int
		met     bool
	}{
		{"E20 R0 C9 misses one half", 20, 0, 9, 50, false},
		{"E20 R0 C10 is one half", 20, 0, 10, 50, true},
		{"recusal lowers the base", 20, 2, 9, 50, true},
		{"an empty electorate never decides", 0, 0, 0, 50, false},
		{"all recused never decide", 5, 5, 0, 50, false},
		{"all recused never decide even with quorum 0", 5, 5, 0, 0, false},
		{"quorum 100 needs everyone", 20, 0, 19, 100, false},
		{"quorum 100 reached", 20, 0, 20, 100, true},
		{"an odd base rounds up", 19, 0, 9, 50, false},
		{"an odd base rounds up, reached", 19, 0, 10, 50, true},
		{"two thirds of 24 is 16", 24, 0, 16, 66, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			tally := NewTally(c.e, c.c, 0, 0, c.r)
			if got := QuorumMet(tally, c.percent); got != c.met {
				t.Errorf("QuorumMet = %v, want %v", got, c.met)
			}
			// The number shown to people and the rule must agree.
			if tally.Base() > 0 && c.percent > 0 && (tally.C >= QuorumNeeded(tally, c.percent)) != c.met {
				t.Errorf("QuorumNeeded = %d disagrees with the rule", QuorumNeeded(tally, c.percent))
			}
		})
	}
}

func TestThresholds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                  string
		th                    Threshold
		e, f, a, abstain, rec int64
		met                   bool
	}{
		{"two thirds 10/5: 30≥30", TwoThirds, 20, 10, 5, 0, 0, true},
		{"two thirds 9/5: 27<28", TwoThirds, 20, 9, 5, 0, 0, false},
		{"two thirds of nobody", TwoThirds, 20, 0, 0, 10, 0, false},
		{"double 12/3: 36≥30 and 12≤15", Double, 20, 12, 3, 0, 0, true},
		{"double 11/4: 33≥30 but 16>15", Double, 20, 11, 4, 0, 0, false},
		{"double of nobody", Double, 20, 0, 0, 10, 0, false},
		{"simple 5/5 is not carried", Simple, 20, 5, 5, 0, 0, false},
		{"simple 6/5", Simple, 20, 6, 5, 0, 0, true},
		{"simple ignores abstentions", Simple, 20, 1, 0, 19, 0, true},
		{"absolute 10 of 20 is not more than half", Absolute, 20, 10, 0, 0, 0, false},
		{"absolute 11 of 20", Absolute, 20, 11, 9, 0, 0, true},
		{"absolute 10 of 19 after a recusal", Absolute, 20, 10, 0, 0, 1, true},
		{"consent with one for and no objection", Consent, 20, 1, 0, 19, 0, true},
		{"consent with an open objection", Consent, 20, 19, 1, 0, 0, false},
		{"consent of nobody", Consent, 20, 0, 0, 20, 0, false},
		{"unknown threshold", Threshold("most"), 20, 20, 0, 0, 0, false},
		{"no threshold", Threshold(""), 20, 20, 0, 0, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ThresholdMet(NewTally(c.e, c.f, c.a, c.abstain, c.rec), c.th); got != c.met {
				t.Errorf("ThresholdMet = %v, want %v", got, c.met)
			}
			// Weights in millionths must not change the answer.
			const w = WeightOne
			if got := ThresholdMet(NewTally(c.e*w, c.f*w, c.a*w, c.abstain*w, c.rec*w), c.th); got != c.met {
				t.Errorf("weighted ThresholdMet = %v, want %v", got, c.met)
			}
		})
	}
}

func TestIESG(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                                  string
		n, recused, yes, noObjection, discuss int64
		met                                   bool
	}{
		{"12 of ⌈2·18/3⌉", 20, 2, 4, 8, 0, true},
		{"one discuss blocks", 20, 2, 4, 8, 1, false},
		{"11 is short", 20, 2, 4, 7, 0, false},
		{"somebody must say yes", 20, 2, 0, 18, 0, false},
		{"rounded up: 20 needs 14", 20, 0, 1, 12, 0, false},
		{"rounded up: 20 has 14", 20, 0, 1, 13, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := IESGMet(c.n, c.recused, c.yes, c.noObjection, c.discuss); got != c.met {
				t.Errorf("IESGMet = %v, want %v", got, c.met)
			}
		})
	}
}

func TestOutcome(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                  string
		th                    Threshold
		q                     int
		e, f, a, abstain, rec int64
		want                  Result
	}{
		{"carried", TwoThirds, 50, 20, 10, 5, 0, 0, Carried},
		{"not carried", TwoThirds, 50, 20, 9, 5, 0, 0, NotCarried},
		{"not quorate is not a rejection", Simple, 50, 20, 0, 9, 0, 0, NotQuorate},
		{"not quorate though all in favour", Simple, 50, 20, 9, 0, 0, 0, NotQuorate},
		{"abstentions count for the quorum only", TwoThirds, 50, 20, 2, 1, 7, 0, Carried},
		{"tie", Simple, 50, 20, 5, 5, 0, 0, Tie},
		{"all abstained is a tie", Simple, 50, 20, 0, 0, 20, 0, Tie},
		{"all recused", Simple, 50, 20, 0, 0, 0, 20, NotQuorate},
		{"recusals bring the quorum", Simple, 50, 20, 9, 0, 0, 2, Carried},
		{"design: 18 to 2, 2 abstain, 2 absent of 24", TwoThirds, 66, 24, 18, 2, 2, 0, Carried},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Outcome(NewTally(c.e, c.f, c.a, c.abstain, c.rec), c.th, c.q); got != c.want {
				t.Errorf("Outcome = %q, want %q", got, c.want)
			}
		})
	}
}

// TestSettledAgreesWithEveryFuture compares the shortcut with all that the
// remaining agencies could do, for every ballot of up to seven agencies.
func TestSettledAgreesWithEveryFuture(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, th := range []Threshold{Simple, Absolute, TwoThirds, Double, Consent} {
		for _, q := range []int{0, 1, 34, 50, 67, 100} {
			for e := int64(0); e <= 7; e++ {
				eachSplit(e, func(f, a, s, r int64) {
					now := NewTally(e, f, a, s, r)
					results := map[Result]bool{}
					eachSplit(now.Waiting(), func(df, da, ds, dr int64) {
						results[Outcome(NewTally(e, f+df, a+da, s+ds, r+dr), th, q)] = true
					})
					if got, want := Settled(now, th, q), len(results) == 1; got != want {
						t.Errorf("%s q=%d %+v: Settled = %v, futures %v", th, q, now, got, results)
					}
					checked++
				})
			}
		}
	}
	t.Logf("%d ballots", checked)
}

// eachSplit calls fn with every way to give at most n agencies one of four positions.
func eachSplit(n int64, fn func(f, a, s, r int64)) {
	for f := int64(0); f <= n; f++ {
		for a := int64(0); f+a <= n; a++ {
			for s := int64(0); f+a+s <= n; s++ {
				for r := int64(0); f+a+s+r <= n; r++ {
					fn(f, a, s, r)
				}
			}
		}
	}
}

func TestForStillNeeded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		th   Threshold
		tal  Tally
		want int64
		ok   bool
	}{
		{"already there", TwoThirds, NewTally(20, 10, 5, 0, 0), 0, true},
		{"one more", TwoThirds, NewTally(20, 9, 5, 0, 0), 1, true},
		{"nobody yet", Simple, NewTally(20, 0, 0, 0, 0), 1, true},
		{"absolute from nothing", Absolute, NewTally(20, 0, 0, 0, 0), 11, true},
		{"out of reach", TwoThirds, NewTally(10, 0, 8, 0, 0), 0, false},
		{"an objection cannot be outvoted", Consent, NewTally(10, 5, 1, 0, 0), 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, ok := ForStillNeeded(c.tal, c.th, 1); got != c.want || ok != c.ok {
				t.Errorf("ForStillNeeded = %d, %v; want %d, %v", got, ok, c.want, c.ok)
			}
		})
	}
}
