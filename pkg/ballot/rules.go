package ballot

import "fmt"

// This file is arithmetic only: no clock, no database, no floating point. All
// counts are int64 in one unit, whatever it is (agencies, or millionths of a
// weight): every rule here compares products of the same degree, so the unit
// cancels. Products stay below 2^63 for sums of weights up to 10^16.

// Choice is the position an agency takes on a decision ballot (rules D1.5).
type Choice string

// The positions of a decision ballot. Recuse takes the agency out of the base.
const (
	For     Choice = "for"
	Against Choice = "against"
	Abstain Choice = "abstain"
	Recuse  Choice = "recuse"
)

// Valid reports whether c is one of the four positions.
func (c Choice) Valid() bool {
	return c == For || c == Against || c == Abstain || c == Recuse
}

// Threshold names the majority a ballot asks for (rules D1.8).
type Threshold string

// The majorities. Consent treats every "against" as an open objection.
const (
	Simple    Threshold = "simple"
	Absolute  Threshold = "absolute"
	TwoThirds Threshold = "two_thirds"
	Double    Threshold = "double"
	Consent   Threshold = "consent"
)

// Valid reports whether a decision ballot may use t.
func (t Threshold) Valid() bool {
	switch t {
	case Simple, Absolute, TwoThirds, Double, Consent:
		return true
	}
	return false
}

// Result is what a closed ballot decided. The zero value means "not closed".
type Result string

// The results. Tie and NotQuorate are not rejections: the status quo stays and
// a new round is possible.
const (
	Carried    Result = "carried"
	NotCarried Result = "not_carried"
	NotQuorate Result = "not_quorate"
	Tie        Result = "tie"
)

// Tally is the count of a ballot in the terms of rules D1.6.
type Tally struct {
	E       int64 `json:"E" doc:"weight of the electorate as frozen at opening"`
	R       int64 `json:"R" doc:"recused"`
	C       int64 `json:"C" doc:"cast: for, against and abstain"`
	V       int64 `json:"V" doc:"for and against"`
	For     int64 `json:"for"`
	Against int64 `json:"against"`
	Abstain int64 `json:"abstain"`
	Recuse  int64 `json:"recuse"`
}

// NewTally fills the derived terms from the counts per position.
func NewTally(electorate, votesFor, against, abstain, recuse int64) Tally {
	return Tally{
		E: electorate, R: recuse, C: votesFor + against + abstain, V: votesFor + against,
		For: votesFor, Against: against, Abstain: abstain, Recuse: recuse,
	}
}

// Base is E−R: who could still decide.
func (t Tally) Base() int64 { return t.E - t.R }

// Waiting is the weight of those who neither voted nor recused themselves.
func (t Tally) Waiting() int64 { return t.E - t.R - t.C }

// QuorumMet implements rules D1.7: E−R > 0 and C·100 ≥ q·(E−R). It compares
// with votes cast; comparing with those entitled would always be met.
func QuorumMet(t Tally, percent int) bool {
	return t.Base() > 0 && t.C*100 >= int64(percent)*t.Base()
}

// QuorumNeeded is the smallest C that meets the quorum: ⌈q·(E−R)/100⌉, and at
// least 1, because an empty vote decides nothing.
func QuorumNeeded(t Tally, percent int) int64 {
	needed := (int64(percent)*t.Base() + 99) / 100
	return max(needed, 1)
}

// Comparison is one line of a majority's arithmetic: Left must stand to Right
// as Sign says.
type Comparison struct {
	Left, Right int64
	Sign        string // ">", "≥", "≤" or "="
	// LeftWords and RightWords show the products in symbols that read the same
	// in every language, e.g. "3×10" and "2×15".
	LeftWords, RightWords string
	Met                   bool
}

func compare(left int64, sign string, right int64, leftWords, rightWords string) Comparison {
	c := Comparison{Left: left, Right: right, Sign: sign, LeftWords: leftWords, RightWords: rightWords}
	switch sign {
	case ">":
		c.Met = left > right
	case "≥":
		c.Met = left >= right
	case "≤":
		c.Met = left <= right
	case "=":
		c.Met = left == right
	}
	return c
}

// Arithmetic writes out the comparisons of threshold th; the threshold is met
// when all of them are (rules D1.8).
func Arithmetic(t Tally, th Threshold) []Comparison {
	times := func(n, of int64) string { return fmt.Sprintf("%d×%d", n, of) }
	plain := func(n int64) string { return fmt.Sprintf("%d", n) }
	someone := compare(t.V, "≥", 1, plain(t.V), "1")
	switch th {
	case Simple:
		return []Comparison{compare(t.For, ">", t.Against, plain(t.For), plain(t.Against))}
	case Absolute:
		return []Comparison{compare(2*t.For, ">", t.Base(), times(2, t.For), plain(t.Base()))}
	case TwoThirds:
		return withGuard(someone, compare(3*t.For, "≥", 2*t.V, times(3, t.For), times(2, t.V)))
	case Double:
		// ISO: two thirds in favour and no more than a quarter against. V > 0 is
		// ours: nobody voting must not approve anything.
		return withGuard(someone,
			compare(3*t.For, "≥", 2*t.V, times(3, t.For), times(2, t.V)),
			compare(4*t.Against, "≤", t.V, times(4, t.Against), plain(t.V)))
	case Consent:
		return []Comparison{
			compare(t.Against, "=", 0, plain(t.Against), "0"),
			compare(t.For, "≥", 1, plain(t.For), "1"),
		}
	}
	return nil
}

// withGuard appends "somebody voted" only when it fails: with votes it is noise.
func withGuard(guard Comparison, lines ...Comparison) []Comparison {
	if guard.Met {
		return lines
	}
	return append(lines, guard)
}

// ThresholdMet reports whether the votes reach th. An unknown threshold is never met.
func ThresholdMet(t Tally, th Threshold) bool {
	lines := Arithmetic(t, th)
	for _, line := range lines {
		if !line.Met {
			return false
		}
	}
	return len(lines) > 0
}

// IESGMet is the majority of a manual-adoption ballot (rules D1.8): at least
// one yes, no open discuss, and yes+no_objection ≥ ⌈2·(n−recused)/3⌉. Its
// positions come with manual adoption; the rule is kept here with its vectors.
func IESGMet(n, recused, yes, noObjection, discuss int64) bool {
	return yes >= 1 && discuss == 0 && 3*(yes+noObjection) >= 2*(n-recused)
}

// Outcome is the result of a ballot that closes with tally t.
func Outcome(t Tally, th Threshold, quorumPercent int) Result {
	switch {
	case !QuorumMet(t, quorumPercent):
		return NotQuorate
	case ThresholdMet(t, th):
		return Carried
	case t.For == t.Against:
		return Tie
	default:
		return NotCarried
	}
}

// Settled reports whether the result can no longer change whatever those still
// waiting do (vote, recuse themselves or stay away), taking votes cast as they
// stand (rules D1.14 b). It may answer false for a settled weighted ballot, as
// a tie is assumed reachable by any sum of weights; it never answers true wrongly.
func Settled(t Tally, th Threshold, quorumPercent int) bool {
	k := t.Waiting()
	if k == 0 {
		return true
	}
	allFor := NewTally(t.E, t.For+k, t.Against, t.Abstain, t.Recuse)
	allAgainst := NewTally(t.E, t.For, t.Against+k, t.Abstain, t.Recuse)
	allRecused := NewTally(t.E, t.For, t.Against, t.Abstain, t.Recuse+k)
	// Votes help the quorum most and absence least, so these two bound it.
	quorumPossible := QuorumMet(allFor, quorumPercent)
	quorumCertain := QuorumMet(t, quorumPercent) && QuorumMet(allRecused, quorumPercent)
	switch {
	case !quorumPossible:
		return true // not_quorate
	case !quorumCertain:
		return false
	case ThresholdMet(allAgainst, th):
		return true // carried: "against" is the worst the rest can do
	case ThresholdMet(allFor, th):
		return false
	}
	// Never carried; settled unless a tie can come or go.
	gap := t.For - t.Against
	return gap > k || -gap > k
}

// ForStillNeeded is how many further "for" votes would meet the threshold if
// nobody else voted; ok is false when all of those waiting are not enough.
// unit is the weight of one vote.
func ForStillNeeded(t Tally, th Threshold, unit int64) (votes int64, ok bool) {
	for votes = 0; votes*unit <= t.Waiting(); votes++ {
		more := NewTally(t.E, t.For+votes*unit, t.Against, t.Abstain, t.Recuse)
		if ThresholdMet(more, th) {
			return votes, true
		}
	}
	return 0, false
}
