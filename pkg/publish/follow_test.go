package publish

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// plainly is follow as one would say it: by looking through all of the later blocks for each of the earlier ones.
func plainly(was, is []Block) []int {
	out, taken := make([]int, len(was)), make([]bool, len(is))
	owners, places := owned(was), owned(is)
	take := func(fits func(b Block, i, j int) bool) {
		for i, b := range was {
			for j := range is {
				if out[i] < 0 && !taken[j] && fits(b, i, j) {
					out[i], taken[j] = j, true
				}
			}
		}
	}
	for i := range out {
		out[i] = -1
	}
	bare := func(b Block, j int) bool { return b.ID == "" && is[j].ID == "" && b.Kind == is[j].Kind }
	take(func(b Block, _, j int) bool { return b.ID != "" && b.ID == is[j].ID })
	take(func(b Block, i, j int) bool { return bare(b, j) && b.Text == is[j].Text && owners[i] == places[j] })
	take(func(b Block, _, j int) bool { return bare(b, j) && b.Text == is[j].Text })
	take(func(b Block, i, j int) bool { return bare(b, j) && owners[i] == places[j] })
	next := 0
	for i, b := range was {
		if out[i] >= 0 {
			next = out[i] + 1
			continue
		}
		for j := next; b.ID != "" && j < len(is) && !taken[j]; j++ {
			if is[j].ID != "" && is[j].Kind == b.Kind {
				out[i], taken[j], next = j, true, j+1
				break
			}
		}
	}
	return out
}

func TestFollowingIsWhatALookThroughAllBlocksFinds(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 9))
	some := func() (list []Block) {
		ids := rnd.Perm(12)
		for range rnd.IntN(18) {
			b := Block{Kind: []string{"h", "p", "li", "note"}[rnd.IntN(4)], Text: fmt.Sprint(rnd.IntN(3))}
			if len(ids) > 0 && rnd.IntN(2) == 0 {
				b.ID, ids = fmt.Sprint("p", ids[0]), ids[1:]
			}
			list = append(list, b)
		}
		return list
	}
	for n := range 5000 {
		was, is := some(), some()
		if got, want := follow(was, is), plainly(was, is); !slices.Equal(got, want) {
			t.Fatalf("case %d: %v, want %v\nwas %v\nis  %v", n, got, want, was, is)
		}
	}
}

// A list of very many items under one clause, all of them changed, would take a look through all for each: thousands of millions of steps.
func TestFollowingIsBoundedUnderOneClause(t *testing.T) {
	const n = 200_000
	was, is := make([]Block, n), make([]Block, n)
	for i := range n {
		was[i], is[n-1-i] = Block{Kind: "li", Text: fmt.Sprint("was ", i%7)}, Block{Kind: "li", Text: fmt.Sprint("is ", i)}
	}
	for i, j := range follow(was, is) {
		if i != j {
			t.Fatalf("%d stands at %d", i, j)
		}
	}
}
