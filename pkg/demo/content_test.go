package demo

import (
	"strings"
	"testing"
)

func TestContentHoldsTogether(t *testing.T) {
	c, err := load()
	if err != nil {
		t.Fatal(err)
	}
	if len(c.network.Agencies) != 20 || len(c.people.Agencies) != 20 || len(c.guides) < 12 || len(c.practices) < 12 {
		t.Fatalf("%d agencies, %d with people, %d guides, %d practices", len(c.network.Agencies), len(c.people.Agencies), len(c.guides), len(c.practices))
	}
	guides := map[string]guideFile{}
	for _, g := range c.guides {
		guides[g.name] = g
		text := g.Text
		for _, ch := range g.Changes {
			if strings.Count(text, ch.Now) != 1 {
				t.Errorf("%s: %q occurs %d times", g.name, ch.Now, strings.Count(text, ch.Now))
			}
			text = strings.Replace(text, ch.Now, ch.Was, 1)
		}
		if g.Title.Ar == "" || g.Title.En == "" || g.Summary.Ar == "" || g.State == "" {
			t.Errorf("%s lacks a title, summary or state", g.name)
		}
		if n := len(g.Editions); n > 0 && len(g.Changes) > 0 && g.at(g.Editions[0].Number) == g.Text {
			t.Errorf("%s: its first edition reads like its last text", g.name)
		}
	}
	for _, th := range c.threads {
		if strings.Count(guides[th.Guide].Text, th.Quote) != 1 {
			t.Errorf("thread on %s: the quote %q occurs %d times", th.Guide, th.Quote, strings.Count(guides[th.Guide].Text, th.Quote))
		}
	}
	for _, p := range c.practices {
		for _, b := range p.Ballots {
			for a, v := range b.Votes {
				if _, ok := c.people.Agencies[a]; !ok {
					t.Errorf("%s: a vote of %q", p.ID, a)
				}
				if v == "against" && len([]rune(b.Reasons[a])) < 20 {
					t.Errorf("%s: %s is against without a reason", p.ID, a)
				}
			}
		}
	}
}
