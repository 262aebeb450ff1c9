// Command markdown measures what hostile Markdown costs: each text within the limits beside an ordinary page of its size,
// each one beyond them until it is refused. See bench/README.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/multaqa/multaqa/bench/rig"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/markdown"
)

// The bars of threats A12.
const (
	times   = 8  // an ordinary page of the same size
	refused = 50 // ms
)

func main() {
	runs := flag.Int("runs", 3, "renderings of each text; the cheapest counts")
	only := flag.String("only", "", "comma-separated parts of names")
	shared := flag.String("corpus", corpusDir(), "the shared corpus; without it a page of our own is the ordinary one")
	flag.Parse()
	t, missed := bench(*shared, *runs, *only)
	t.Print()
	if err := t.Write(); err != nil {
		fmt.Fprintln(os.Stderr, "markdown:", err)
		os.Exit(1)
	}
	if missed > 0 {
		fmt.Fprintf(os.Stderr, "markdown: %d figures miss their bar\n", missed)
		os.Exit(1)
	}
}

// corpusDir is the corpus beside the repository, where MULTAQA_SHARED says, or "".
func corpusDir() string {
	dirs := []string{os.Getenv("MULTAQA_SHARED")}
	at, _ := os.Getwd()
	for ; len(at) > 1; at = filepath.Dir(at) {
		dirs = append(dirs, filepath.Join(at, "shared"))
	}
	for _, d := range dirs {
		if _, err := os.Stat(filepath.Join(d, "corpus", "guides-ar")); d != "" && err == nil {
			return filepath.Join(d, "corpus")
		}
	}
	return ""
}

// bed is the ordinary pages to compare with.
type bed struct {
	real string // pages of the corpus, one after the other; "" without it
}

// page is an ordinary page of about so many bytes.
func (b *bed) page(size int) string {
	if b.real == "" {
		return likeOrdinary(size)
	}
	src := strings.Repeat(b.real, 1+size/len(b.real))[:size]
	if cut := strings.LastIndex(src, "\n"); cut > 0 {
		src = src[:cut]
	}
	return src
}

func bench(corpus string, runs int, only string) (*rig.Table, int) {
	t := rig.NewTable("markdown")
	b := &bed{}
	if corpus != "" {
		b.real = ordinaryPages(corpus)
	}
	worst, worstName, worstRefusal, worstRefused := 0.0, "", 0.0, ""
	missed := 0
	measure := func(name, src string, size int) {
		if !wanted(name, only) {
			return
		}
		page := b.page(size)
		ms, ordinary, err := cost(src, page, runs)
		ordinary *= float64(len(src)) / float64(len(page))
		f := fault.Of(err)
		switch {
		case err != nil && f == nil:
			panic(fmt.Sprintf("%s: %v", name, err))
		// A refusal for the size of the output comes after the work, so it is judged like a page.
		case f != nil && f.Code != "markdown.output_too_large":
			t.Add(name, ms, math.NaN(), "ms", rig.Bar{Value: refused, Of: "ours"}, "refused: "+f.Code)
			if ms > worstRefusal {
				worstRefusal, worstRefused = ms, name
			}
		default:
			note := ""
			if f != nil {
				note = "refused: " + f.Code
			}
			t.Add(name, ms, ordinary, "ms", rig.Bar{Value: times, Of: "ratio"}, note)
			if ratio := ms / ordinary; ratio > worst {
				worst, worstName = ratio, name
			}
		}
		if pass := t.Rows[len(t.Rows)-1].Pass; pass != nil && !*pass {
			missed++
		}
		fmt.Fprint(os.Stderr, ".")
	}
	for _, size := range []int{64 << 10, 1 << 20} {
		for _, name := range slices.Sorted(maps.Keys(hostile)) {
			measure(fmt.Sprintf("%d KiB of %s", size>>10, name), hostile[name](size), size)
		}
	}
	for name, src := range hardPages(corpus) {
		measure("corpus/hard "+name, src, max(len(src), 4<<10))
	}
	fmt.Fprintln(os.Stderr)
	t.Notes = append(t.Notes, fmt.Sprintf("ours: processor time of one rendering, cheapest of %d; peer: an ordinary page of the same size", runs))
	if b.real == "" {
		t.Notes = append(t.Notes, "the corpus is absent: the ordinary page is one of our own, with more marks than people's pages have")
	}
	if worst > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("worst of those that render: %.1f times an ordinary page (%s)", worst, worstName))
	}
	if worstRefusal > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("slowest refusal: %.1f ms (%s)", worstRefusal, worstRefused))
	}
	return t, missed
}

func wanted(name, only string) bool {
	if only == "" {
		return true
	}
	for part := range strings.SplitSeq(only, ",") {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// ordinaryPages joins the pages of the corpus, without front matter, Arabic and English in turn, to two megabytes. Pages that a
// limit refuses are no ordinary ones, and neither are those whose raw HTML or open fence would swallow what comes after.
func ordinaryPages(corpus string) string {
	var lists [][]string
	for _, dir := range []string{"guides-ar", "guides"} {
		var list []string
		_ = filepath.WalkDir(filepath.Join(corpus, dir), func(p string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() && strings.HasSuffix(strings.ToLower(p), ".md") && e.Name() != "SOURCE.md" {
				list = append(list, p)
			}
			return nil
		})
		lists = append(lists, list)
	}
	var b strings.Builder
	for i := 0; b.Len() < 2<<20 && (i < len(lists[0]) || i < len(lists[1])); i++ {
		for _, list := range lists {
			if i >= len(list) {
				continue
			}
			raw, err := os.ReadFile(list[i])
			if err != nil {
				continue
			}
			_, body := markdown.Split(raw)
			text := strings.ReplaceAll(string(body), "\r\n", "\n")
			if markdown.Check([]byte(text)) != nil || strings.Contains(text, "<!--") || strings.Count(text, "```")%2 != 0 || strings.Contains(text, "[^") {
				continue
			}
			b.WriteString(strings.TrimSpace(text) + "\n\n")
		}
	}
	return b.String()
}

// hardPages yields the pages of corpus/hard by name.
func hardPages(corpus string) func(yield func(name, src string) bool) {
	return func(yield func(string, string) bool) {
		if corpus == "" {
			return
		}
		files, _ := filepath.Glob(filepath.Join(corpus, "hard", "*.md"))
		slices.Sort(files)
		for _, p := range files {
			raw, err := os.ReadFile(p)
			if filepath.Base(p) == "SOURCE.md" || err != nil {
				continue
			}
			if !yield(strings.TrimSuffix(filepath.Base(p), ".md"), string(raw)) {
				return
			}
		}
	}
}

// cost is the least processor time of some renderings of a text and of an ordinary page, in ms. The two are rendered in turn, so that
// what else the machine does, which can double the cost of a moment's work, meets both; short ones more often.
func cost(src, page string, runs int) (ours, ordinary float64, err error) {
	once := func(text string, best time.Duration) (time.Duration, error) {
		runtime.GC()
		began := processorTime()
		_, err := markdown.Render(context.Background(), []byte(text), markdown.Options{})
		return min(best, processorTime()-began), err
	}
	least, peer := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
	for n, began := 0, time.Now(); n < runs || n < 10 && time.Since(began) < time.Second; n++ {
		var wrong error
		if peer, wrong = once(page, peer); wrong != nil {
			panic(fmt.Sprintf("an ordinary page is refused: %v %v", wrong, fault.Of(wrong).Facts))
		}
		least, err = once(src, least)
	}
	return float64(least.Microseconds()) / 1000, float64(peer.Microseconds()) / 1000, err
}

func processorTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
