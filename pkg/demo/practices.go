package demo

import (
	"hash/fnv"
	"slices"
	"sort"
	"time"

	"github.com/multaqa/multaqa/pkg/ballot"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/practice"
)

// road is how a practice comes to a ballot.
var road = []practice.Stage{practice.Screened, practice.UnderStudy, practice.Studied, practice.Piloting, practice.Piloted}

// secretary is one of the two administrators; they take turns, so that each
// has something of the other's to certify.
func (w *world) secretary(n int) policy.Actor {
	if n%2 == 0 {
		return w.actors["SEC/0"]
	}
	return w.actors["SEC/1"]
}

func (w *world) planPractice(i int, f practiceFile) {
	p := &practice.Practice{}
	w.practices[f.ID] = p
	card := practice.Card{Title: f.Title.text(), Problem: f.Problem, Context: f.Context, Cost: f.Cost, Contacts: f.Contacts, Axis: f.Axis}
	for _, e := range f.Evidence {
		card.Evidence = append(card.Evidence, practice.Evidence{Text: e.Text, Date: w.day(-e.Days).Format(time.DateOnly), Source: e.Source})
	}
	w.on(-f.Days, f.ID+" nominated", func() (err error) {
		who := w.actors[f.Agency+"/alternate"]
		if i%2 == 0 {
			who = w.actors[f.Agency]
		}
		*p, err = w.Practices.Nominate(w.ctx, who, card)
		return err
	})
	move := func(days float64, to practice.Stage, reason string) {
		w.on(days, f.ID+" "+string(to), func() (err error) {
			into := ""
			if f.Into != "" {
				into = w.practices[f.Into].ID
			}
			*p, err = w.Practices.Move(w.ctx, w.secretary(i), p.ID, to, reason, into)
			return err
		})
	}
	stage := practice.Stage(f.Stage)
	end := -1.5 // when the last step by hand came at the latest
	walk := road
	switch {
	case len(f.Ballots) > 0:
		end = f.Ballots[0].Opens - 3
		if f.Ballots[0].State == "scheduled" {
			end = -3
		}
	case slices.Contains(road, stage):
		walk = road[:slices.Index(road, stage)+1]
	case stage == practice.Nominated:
		walk = nil
	default:
		walk = road[:1] // an exit, after screening
	}
	steps := float64(len(walk) + 1)
	for n, to := range walk {
		move(-f.Days+(end+f.Days)*float64(n+1)/steps, to, "")
	}
	if f.Reason != "" && len(f.Ballots) == 0 {
		move(end, stage, f.Reason)
	}
	var previous *ballot.Ballot
	for n, b := range f.Ballots {
		previous = w.planBallot(i+n, f.ID, ballot.KindPractice, func() string { return p.ID }, b, previous)
	}
	if n := len(f.Ballots); n > 0 {
		after := f.Ballots[n-1].Closes
		switch stage {
		case practice.RollingOut:
			move(after+9, practice.RollingOut, "")
		case practice.Standard:
			move(after+9, practice.RollingOut, "")
			move(after+30, practice.Standard, "")
		case practice.Retired:
			move(after+20, practice.RollingOut, "")
			move(after+200, practice.Standard, "")
			move(-61, practice.Retired, f.Reason)
		}
	}
}

// planBallot plans a ballot with its votes, up to the state it shall have now.
func (w *world) planBallot(n int, what, kind string, subject func() string, f ballotFile, previous *ballot.Ballot) *ballot.Ballot {
	b := &ballot.Ballot{}
	owner, other := w.secretary, func(k int) policy.Actor { return w.secretary(k + 1) }
	closes := w.closing(f.Closes)
	prepared := f.Opens - 1.5
	if f.State == "scheduled" {
		prepared = -1.2
	}
	w.on(prepared, what+" ballot prepared", func() (err error) {
		if previous != nil {
			*b, err = w.Ballots.NextRound(w.ctx, owner(n), previous.ID, ballot.Revise{Question: f.Question.text(), ClosesAt: closes})
			return err
		}
		terms := ballot.Terms{Question: f.Question.text(), Threshold: ballot.Threshold(f.Threshold), Quorum: f.Quorum, ReasonRequired: ballot.ReasonAgainst, ClosesAt: closes}
		if f.State == "scheduled" {
			terms.OpensAt = w.closing(f.Opens)
		}
		*b, err = w.Ballots.Prepare(w.ctx, owner(n), kind, subject(), terms)
		return err
	})
	opens := f.Opens
	if f.State == "scheduled" {
		opens = -1
	}
	w.on(opens, what+" ballot opened", func() (err error) {
		*b, err = w.Ballots.Open(w.ctx, owner(n), b.ID, ballot.When{ClosesAt: closes})
		return err
	})
	if f.State == "scheduled" {
		return b
	}
	w.planVotes(what, b, f)
	switch f.State {
	case "open":
		return b
	case "cancelled":
		w.on(f.Opens+(f.Closes-f.Opens)*0.6, what+" ballot cancelled", func() (err error) {
			*b, err = w.Ballots.Cancel(w.ctx, owner(n), b.ID, f.Reason)
			return err
		})
		return b
	}
	w.steps = append(w.steps, step{at: closes.Time().Add(3 * time.Second), what: what + " ballot closed", do: func() error {
		_, err := w.Ballots.CloseDue(w.ctx)
		return err
	}})
	if f.State == "closed" {
		return b
	}
	w.on(f.Closes+2.2, what+" ballot certified", func() (err error) {
		*b, err = w.Ballots.Certify(w.ctx, other(n), b.ID)
		return err
	})
	return b
}

// planVotes spreads the votes over the time the ballot was open, up to now.
func (w *world) planVotes(what string, b *ballot.Ballot, f ballotFile) {
	until := min(f.Closes-0.8, -0.05)
	if f.State == "cancelled" {
		until = f.Opens + (f.Closes-f.Opens)*0.5
	}
	order := make([]string, 0, len(f.Votes))
	for a := range f.Votes {
		order = append(order, a)
	}
	sort.Slice(order, func(i, j int) bool { return scatter(what+order[i]) < scatter(what+order[j]) })
	// Whoever brought it forward votes first.
	for i, a := range order {
		span := (until - f.Opens - 0.3) * float64(i+1) / float64(len(order)+1)
		w.on(f.Opens+0.3+span, what+" vote of "+a, func() error {
			who := w.actors[a]
			if scatter(a+what)%4 == 0 {
				who = w.actors[a+"/alternate"]
			}
			_, err := w.Ballots.Cast(w.ctx, who, b.ID, ballot.Choice(f.Votes[a]), f.Reasons[a], b.Subject.Hash)
			return err
		})
	}
}

// scatter is a number that looks drawn and is always the same.
func scatter(s string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(s))
	return h.Sum32()
}

// editionBallot is the ballot that adopts an edition of a network manual.
func (w *world) editionBallot(n int, lead string, title words, number string, opens, closes float64) ballotFile {
	f := ballotFile{State: "certified", Threshold: string(ballot.TwoThirds), Quorum: 70, Opens: opens, Closes: closes, Votes: map[string]string{}, Reasons: map[string]string{},
		Question: words{"يُعتمد الإصدار " + eastern(number) + " من «" + title.Ar + "» ويسري على الجهات الأعضاء من تاريخ نشره.",
			"Edition " + number + " of “" + title.En + "” is adopted and applies to member agencies from the day it is published."}}
	for i, a := range w.content.network.Agencies {
		switch {
		case a.Code == lead:
			f.Votes[a.Code] = "for"
			f.Reasons[a.Code] = "الجهة القائدة: عولجت ملاحظات المراجعة كلّها قبل العرض."
		case (i+n)%20 == 7:
			f.Votes[a.Code] = "against"
			f.Reasons[a.Code] = "نرى تأجيل السريان إلى بداية السنة المالية لتُدرج كلفته في الموازنة."
		case (i+n)%20 == 13:
			f.Votes[a.Code] = "abstain"
		case (i+n)%20 == 17:
		default:
			f.Votes[a.Code] = "for"
		}
	}
	return f
}

func eastern(s string) string {
	out := []rune(s)
	for i, r := range out {
		switch {
		case r >= '0' && r <= '9':
			out[i] = r - '0' + '٠'
		case r == '.':
			out[i] = '٫'
		}
	}
	return string(out)
}
