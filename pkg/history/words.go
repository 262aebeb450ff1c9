package history

import (
	"sort"
	"strings"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/section"
	"github.com/multaqa/multaqa/pkg/textdiff"
)

// Share is how many words of a stretch of text one writer wrote.
type Share struct {
	By    int64
	Words int
}

// Section is a part of a text under one heading, without the sections below it, with who wrote it.
type Section struct {
	Title  string // "" before the first heading
	Level  int    // 1 to 6; 0 before the first heading
	From   int    // UTF-16 units
	Shares []Share
}

// walker reads spans along a text.
type walker struct {
	spans []Span
	i     int
	left  int // of spans[i]
}

func walk(spans []Span) *walker {
	w := &walker{spans: spans}
	if len(spans) > 0 {
		w.left = spans[0].N
	}
	return w
}

// next returns whoever wrote most of the next n units, the first of them when two wrote as much.
func (w *walker) next(n int) int64 {
	var by int64
	best := -1
	tally := [4]Share{}
	used := 0
	for n > 0 && w.i < len(w.spans) {
		k := min(n, w.left)
		s := w.spans[w.i].By
		j := 0
		for j < used && tally[j].By != s {
			j++
		}
		if j < len(tally) {
			if j == used {
				tally[j], used = Share{By: s}, used+1
			}
			tally[j].Words += k
			if tally[j].Words > best {
				by, best = s, tally[j].Words
			}
		}
		n, w.left = n-k, w.left-k
		if w.left == 0 {
			if w.i++; w.i < len(w.spans) {
				w.left = w.spans[w.i].N
			}
		}
	}
	return by
}

// Sections divides a text at its headings, as sections are given to agencies, and counts the words of each writer. A word counts for whoever wrote most of it.
func Sections(text string, spans []Span) []Section {
	out := []Section{{}}
	w := walk(spans)
	counts := map[int64]int{}
	flush := func() {
		s := &out[len(out)-1]
		for by, n := range counts {
			s.Shares = append(s.Shares, Share{By: by, Words: n})
		}
		sort.Slice(s.Shares, func(i, j int) bool {
			a, b := s.Shares[i], s.Shares[j]
			return a.Words > b.Words || a.Words == b.Words && a.By < b.By
		})
		clear(counts)
	}
	headings := section.Headings(changeset.NewText(text))
	at := 0
	for line := range strings.SplitAfterSeq(text, "\n") {
		if len(headings) > 0 && at >= headings[0].From {
			flush()
			out = append(out, Section{Title: headings[0].Title, Level: headings[0].Level, From: at})
			headings = headings[1:]
		}
		for _, t := range textdiff.Words(line) {
			n := changeset.Len16(t)
			by := w.next(n)
			if textdiff.IsWord(t) {
				counts[by]++
			}
			at += n
		}
	}
	flush()
	if len(out) > 1 && len(out[0].Shares) == 0 {
		out = out[1:]
	}
	return out
}
