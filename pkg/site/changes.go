package site

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/multaqa/multaqa/pkg/arabic"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/publish"
	"github.com/multaqa/multaqa/pkg/textdiff"
)

// around is how many unchanged lines are shown beside a change.
const around = 1

type changesData struct {
	Old, New       publish.Guide
	OldURL, NewURL string
	Lines          []changedLine
	Added, Removed int // words
	Same           bool
}

// changedLine is a line of the texts; Kind is same, changed, inserted, deleted,
// moved, away or gap, which stands for Skipped unchanged lines.
type changedLine struct {
	Kind    string
	Dir     string
	Parts   []textdiff.Part
	Skipped int
}

// changes is what changed between two editions, by words.
func (s *Site) changes(w http.ResponseWriter, r *http.Request, id, from, to string) {
	lang := s.lang(w, r)
	s.cached(w, r, lang, func(actor policy.Actor, size string) (*page, error) {
		d := changesData{OldURL: guideURL(id, from), NewURL: guideURL(id, to)}
		var err error
		if d.Old, err = s.Guides.Find(r.Context(), actor, id, from); err != nil {
			return nil, err
		}
		if d.New, err = s.Guides.Find(r.Context(), actor, id, to); err != nil {
			return nil, err
		}
		if !readable(d.Old) || !readable(d.New) {
			return nil, policy.NotFound("guide")
		}
		public := actor.Anonymous() && d.Old.Visibility == policy.ToPublic && d.New.Visibility == policy.ToPublic
		tag := digest(d.Old.ID, d.New.ID, fmt.Sprint(d.Old.UpdatedAt, d.New.UpdatedAt, actor.Anonymous(), s.Network(r.Context())), lang, size)
		if pg := s.pages.find(tag); pg != nil {
			return pg, nil
		}
		d.compare()
		body, err := s.page(r, "changes.html", lang, size, about{Title: words["changes"].In(lang) + ": " + either(d.New.Title, lang)}, d)
		if err != nil {
			return nil, err
		}
		return s.pages.keep(tag, lang, public, body), nil
	})
}

// compare fills the lines: every change with its neighbours, the rest as gaps.
func (d *changesData) compare() {
	kinds := map[textdiff.Kind]string{textdiff.Same: "same", textdiff.Changed: "changed", textdiff.Inserted: "inserted", textdiff.Deleted: "deleted", textdiff.Moved: "moved", textdiff.MovedAway: "away"}
	var all []changedLine
	d.Same = true
	for _, b := range textdiff.Diff(d.Old.Plain, d.New.Plain) {
		for _, p := range b.Parts {
			switch {
			case p.Op == textdiff.Insert && b.Kind != textdiff.Moved:
				d.Added += textdiff.Count(p.Text)
			case p.Op == textdiff.Delete && b.Kind != textdiff.MovedAway:
				d.Removed += textdiff.Count(p.Text)
			}
		}
		d.Same = d.Same && b.Kind == textdiff.Same
		for _, line := range lines(b.Parts) {
			text := ""
			for _, p := range line {
				text += p.Text
			}
			if strings.TrimSpace(text) == "" {
				continue
			}
			dir := arabic.DirectionIn(text, "rtl")
			if dir == "" {
				dir = "rtl"
			}
			all = append(all, changedLine{Kind: kinds[b.Kind], Dir: dir, Parts: line})
		}
	}
	near := make([]bool, len(all))
	for i, l := range all {
		if l.Kind != "same" {
			for j := max(0, i-around); j <= min(len(all)-1, i+around); j++ {
				near[j] = true
			}
		}
	}
	for i, l := range all {
		switch {
		// A line alone says more than that a line is left out.
		case near[i], (i == 0 || near[i-1]) && (i == len(all)-1 || near[i+1]):
			d.Lines = append(d.Lines, l)
		case len(d.Lines) > 0 && d.Lines[len(d.Lines)-1].Kind == "gap":
			d.Lines[len(d.Lines)-1].Skipped++
		default:
			d.Lines = append(d.Lines, changedLine{Kind: "gap", Skipped: 1})
		}
	}
}

// lines cuts the parts of a block at its line breaks.
func lines(parts []textdiff.Part) [][]textdiff.Part {
	out := [][]textdiff.Part{nil}
	for _, p := range parts {
		for i, text := range strings.Split(p.Text, "\n") {
			if i > 0 {
				out = append(out, nil)
			}
			if text != "" {
				out[len(out)-1] = append(out[len(out)-1], textdiff.Part{Op: p.Op, Text: text})
			}
		}
	}
	return out
}
