package bench

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/markdown"
)

// Hostile Markdown (threats A12): each pattern, as large as the limits let it
// be, must cost at most 8 times an ordinary page of its size, or be refused
// within 50 ms.
//
//	go test ./bench -bench Markdown -benchtime 3x

// ordinary is a page like those of the corpus, repeated to the size.
func ordinary(size int) string {
	const part = "## صياغة الرسالة\n\nتبدأ الرسالة بما **يهمّ** المتعامل: النتيجة أولًا، ثم [المطلوب منه](https://example.gov/a)، ثم الموعد. Use `GET /v1` here.\n\n" +
		"- بند أول\n- بند ثانٍ مع *توكيد*\n  - فرع\n\n| الخدمة | Service | رمز |\n|---|:-:|--:|\n| رخصة | licence | `BP-01` |\n| شهادة | certificate | `BC-02` |\n\n> اقتباس من نص سابق، وفيه سطران\n> اثنان.\n\n"
	return repeat(part, size)
}

func repeat(part string, size int) string { return strings.Repeat(part, max(1, size/len(part))) }

// knots repeats mark up to the inline limit and pads the paragraph with text.
func knots(mark string, size int) string {
	n := 1
	for _, c := range mark {
		if strings.ContainsRune("*_~[]`<", c) {
			n++
		}
	}
	n = markdown.MaxMarks / max(1, n-1)
	return repeat(strings.Repeat(mark, n)+"\n\n", size)
}

func stairs(size int) string {
	var b strings.Builder
	for i := range markdown.MaxNesting {
		b.WriteString(strings.Repeat("  ", i) + "- a\n")
	}
	return repeat(b.String()+"\n", size)
}

var hostile = map[string]func(size int) string{
	"stars":            func(n int) string { return knots("*a_ ", n) },
	"stars-tight":      func(n int) string { return knots("**a*b", n) },
	"underscores":      func(n int) string { return knots("_", n) },
	"tildes":           func(n int) string { return knots("~a~~", n) },
	"brackets":         func(n int) string { return knots("[", n) },
	"closing-brackets": func(n int) string { return knots("[a]", n) },
	"links-in-links":   func(n int) string { return knots("[a](", n) },
	"images":           func(n int) string { return knots("![a](b", n) },
	"backticks":        func(n int) string { return repeat(ticks()+"\n\n", n) },
	"angles":           func(n int) string { return knots("<a ", n) },
	"comments":         func(n int) string { return knots("<!-- ", n) },
	"long-lines":       func(n int) string { return knots("[a](b) ", n/2) + "\n\n" + strings.Repeat("a ", n/4) },
	"entities":         func(n int) string { return repeat("&amp;&#1;&x;", n) },
	"backslashes":      func(n int) string { return repeat(`\*`, n) },
	"addresses":        func(n int) string { return repeat("http://a.b www.c.d a@b.c ", n) },
	"address-run":      func(n int) string { return repeat("http://a.b/", n) },
	"at-signs":         func(n int) string { return repeat("a@", n) },
	"colons":           func(n int) string { return repeat("http:", n) },
	"quotes":           func(n int) string { return repeat(strings.Repeat(">", markdown.MaxNesting)+" a\n", n) },
	"lazy-quotes":      func(n int) string { return repeat(strings.Repeat(">", markdown.MaxNesting)+" a\nb\n", n) },
	"lists":            func(n int) string { return repeat(strings.Repeat("- ", markdown.MaxNesting)+"a\n", n) },
	"stairs":           stairs,
	"empty-items":      func(n int) string { return repeat("-\n", n) },
	"blank-in-lists":   func(n int) string { return strings.Repeat("- ", markdown.MaxNesting) + "a\n" + strings.Repeat("\n", n) },
	"gaps-in-lists": func(n int) string {
		return strings.Repeat("- ", markdown.MaxNesting) + "a\n" + repeat(strings.Repeat("\n", 150)+strings.Repeat(" ", 40)+"a\n", n)
	},
	"one-cell-tables": func(n int) string { return tables(n, 1, 1) },
	"wide-table":      func(n int) string { return tables(n, 1000, 18) },
	"table-of-rules":  func(n int) string { return "|a|\n" + repeat("|-|\n", n) },
	"rules-in-text":   func(n int) string { return repeat("a\n|-|-|\n", n) },
	"reference-names": func(n int) string { return references(n) },
	"one-reference": func(n int) string {
		return "[a]: /" + strings.Repeat("b", n/2) + "\n\n" + repeat("[a] ", min(n/2, 900))
	},
	"footnotes":     func(n int) string { return notes(n) },
	"same-headings": func(n int) string { return repeat("# a\n", n) },
	"underlined":    func(n int) string { return repeat("a\n=\n", n) },
	"definitions":   func(n int) string { return repeat("a\n: b\n\n", n) },
	"html-blocks":   func(n int) string { return repeat("<div>\n\n", n) },
	"open-comment":  func(n int) string { return repeat("<!-- a\n", n) },
	"processing":    func(n int) string { return repeat("<?\n", n) },
	"open-fences":   func(n int) string { return repeat("```\n\n~~~\n", n) },
	"tabs":          func(n int) string { return repeat("\t\ta\n", n) },
	"spaces":        func(n int) string { return strings.Repeat(" ", n) + "a" },
	"one-line":      func(n int) string { return strings.Repeat("ا", n/2) },
	"lines":         func(n int) string { return repeat("ا\n", n) },
	"checkboxes":    func(n int) string { return repeat("- [x] a\n", n) },
	"alerts":        func(n int) string { return repeat("> [!NOTE]\n> a\n\n", n) },
	"titles":        func(n int) string { return repeat("[a](b \"c", n) },
	"front-matter":  func(n int) string { return "---\n" + repeat("a: b\n", n) },
	// Beyond the limits: refused.
	"deep-quotes":   func(n int) string { return strings.Repeat(">", n) },
	"deep-lists":    func(n int) string { return strings.Repeat("- ", n/2) + "a" },
	"too-many-star": func(n int) string { return repeat("*a_ ", n) },
	"star-lines":    func(n int) string { return repeat("*a_\n", n) },
	"bracket-lines": func(n int) string { return repeat("[\n", n) },
	"huge-table":    func(n int) string { return tables(n, 5000, 5000) },
}

func ticks() string {
	var b strings.Builder
	for i, n := 1, 0; n+i <= markdown.MaxMarks; i++ {
		b.WriteString(strings.Repeat("`", i) + " ")
		n += i
	}
	return b.String()
}

func tables(size, cols, rows int) string {
	var b strings.Builder
	cells := 0
	for b.Len() < size && cells+cols*(rows+1) <= markdown.MaxCells || b.Len() == 0 {
		b.WriteString(strings.Repeat("|a", cols) + "\n" + strings.Repeat("|-", cols) + "\n" + strings.Repeat("|\n", rows) + "\n")
		cells += cols * (rows + 1)
	}
	return b.String() + strings.Repeat("a ", max(0, (size-b.Len())/2))
}

func references(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "[r%d]: /a\n\n[r%d]\n\n", i, i)
	}
	return b.String()
}

func notes(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size/2 && i < 1900; i++ {
		fmt.Fprintf(&b, "[^%d]: a\n\nx[^%d]\n\n", i, i)
	}
	return b.String() + strings.Repeat("a ", max(0, (size-b.Len())/2))
}

// cost is the least processor time of three renderings, so that a busy machine
// does not decide.
func cost(b *testing.B, src string) (time.Duration, error) {
	b.Helper()
	best := time.Duration(1 << 62)
	var err error
	for range 3 {
		runtime.GC()
		began := processorTime()
		_, err = markdown.Render(context.Background(), []byte(src), markdown.Options{})
		best = min(best, processorTime()-began)
	}
	return best, err
}

func processorTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkMarkdown(b *testing.B) {
	for _, size := range []int{64 << 10, 1 << 20} {
		base, err := cost(b, ordinary(size))
		if err != nil {
			b.Fatal(err, fault.Of(err).Facts)
		}
		b.Run(fmt.Sprintf("ordinary/%dKiB", size>>10), func(b *testing.B) {
			for b.Loop() {
				_, _ = markdown.Render(context.Background(), []byte(ordinary(size)), markdown.Options{})
			}
			b.ReportMetric(float64(base.Microseconds())/1000, "ms")
		})
		for _, name := range slices.Sorted(maps.Keys(hostile)) {
			src := hostile[name](size)
			b.Run(fmt.Sprintf("%s/%dKiB", name, size>>10), func(b *testing.B) {
				took, err := cost(b, src)
				for b.Loop() {
					continue
				}
				ms := float64(took.Microseconds()) / 1000
				b.ReportMetric(ms, "ms")
				b.ReportMetric(0, "ns/op")
				// A refusal for the size of the output comes after the work, so it is judged like a page.
				if f := fault.Of(err); f != nil && f.Code != "markdown.output_too_large" {
					b.ReportMetric(1, "refused")
					if took > 50*time.Millisecond {
						b.Errorf("refused (%s) after %v; within 50 ms is the promise", f.Code, took)
					}
					return
				}
				if err != nil && fault.Of(err) == nil {
					b.Fatal(err)
				}
				times := float64(took) / float64(base) * float64(size) / float64(len(src))
				b.ReportMetric(times, "x-ordinary")
				if times > 8 {
					b.Errorf("%s: %.1f times an ordinary page of its size; 8 is the promise", name, times)
				}
			})
		}
	}
}
