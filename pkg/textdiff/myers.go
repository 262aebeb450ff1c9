package textdiff

// effort bounds the search for one middle: the number of differences looked at from each end. Work is at most effort × length.
const effort = 600

// run says that n elements from a on equal those from b on.
type run struct{ a, b, n int }

// common returns a common subsequence of a and b as runs in order: a longest one where the effort suffices.
// Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), section 4b, with the bound above.
func common(a, b []int32) []run {
	m := myers{a: a, b: b}
	size := 2*min(effort+2, (len(a)+len(b)+1)/2+1) + 3
	m.fwd, m.bwd = make([]int, size), make([]int, size)
	m.compare(0, len(a), 0, len(b))
	return m.runs
}

type myers struct {
	a, b     []int32
	fwd, bwd []int
	runs     []run
}

func (m *myers) emit(a, b, n int) {
	if n == 0 {
		return
	}
	if k := len(m.runs) - 1; k >= 0 && m.runs[k].a+m.runs[k].n == a && m.runs[k].b+m.runs[k].n == b {
		m.runs[k].n += n
		return
	}
	m.runs = append(m.runs, run{a, b, n})
}

func (m *myers) compare(a0, a1, b0, b1 int) {
	for {
		n := 0
		for a0+n < a1 && b0+n < b1 && m.a[a0+n] == m.b[b0+n] {
			n++
		}
		m.emit(a0, b0, n)
		a0, b0 = a0+n, b0+n
		tail := 0
		for a0 < a1-tail && b0 < b1-tail && m.a[a1-tail-1] == m.b[b1-tail-1] {
			tail++
		}
		a1, b1 = a1-tail, b1-tail
		if a0 == a1 || b0 == b1 {
			m.emit(a1, b1, tail)
			return
		}
		x, y := m.middle(a0, a1, b0, b1)
		if tail > 0 {
			m.compare(a0, x, b0, y)
			m.compare(x, a1, y, b1)
			m.emit(a1, b1, tail)
			return
		}
		m.compare(a0, x, b0, y)
		a0, b0 = x, y
	}
}

// nowhere marks a diagonal that no path of so many differences reaches inside the square.
const nowhere = -1 << 30

// step is the furthest start on diagonal i, from the furthest ends on its neighbours.
func step(ends []int, off, d, i, n, k int) int {
	best := nowhere
	if d == 0 {
		best = 0
	} else {
		if i > -d && ends[off+i-1] >= 0 {
			if x := ends[off+i-1] + 1; x <= n && x-i <= k {
				best = x
			}
		}
		if i < d && ends[off+i+1] > best {
			if x := ends[off+i+1]; x-i <= k {
				best = x
			}
		}
	}
	return best
}

// middle returns a point of a shortest path, or, beyond the effort, the point that got furthest. It is never a corner: the first and
// the last elements of both sides differ, so every path has a difference at each end.
func (m *myers) middle(a0, a1, b0, b1 int) (int, int) {
	n, k := a1-a0, b1-b0
	delta := n - k
	odd := delta&1 != 0
	limit := min(effort, (n+k+1)/2)
	off := len(m.fwd) / 2
	f, b := m.fwd, m.bwd
	for d := 0; d <= limit; d++ {
		for i := -d; i <= d; i += 2 {
			x := step(f, off, d, i, n, k)
			if f[off+i] = x; x < 0 {
				continue
			}
			for x < n && x-i < k && m.a[a0+x] == m.b[b0+x-i] {
				x++
			}
			f[off+i] = x
			// j is the same diagonal, counted from the other corner.
			if j := delta - i; odd && j >= 1-d && j <= d-1 && b[off+j] >= 0 && x+b[off+j] >= n {
				return a0 + x, b0 + x - i
			}
		}
		for i := -d; i <= d; i += 2 {
			x := step(b, off, d, i, n, k)
			if b[off+i] = x; x < 0 {
				continue
			}
			for x < n && x-i < k && m.a[a1-x-1] == m.b[b1-x+i-1] {
				x++
			}
			b[off+i] = x
			if j := delta - i; !odd && j >= -d && j <= d && f[off+j] >= 0 && x+f[off+j] >= n {
				return a1 - x, b1 - x + i
			}
		}
	}
	bx, by := 0, 0
	for i := -limit; i <= limit; i += 2 {
		if x := f[off+i]; x >= 0 && 2*x-i > bx+by {
			bx, by = x, x-i
		}
	}
	return a0 + bx, b0 + by
}
