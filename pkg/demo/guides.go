package demo

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/multaqa/multaqa/pkg/ballot"
	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/comment"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/moderation"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/transfer"
)

// jointAgencies write the guideline on the customer journey together.
var jointAgencies = []string{"MUN", "RTA", "HLT", "LND", "STA", "HOU"}

const jointGuide = "journey"

// What the demo's partner, a consumer association, is asked about.
const (
	sharedGuide    = "proactive"
	sharedPractice = "BP-16"
)

// guide is a guideline while it is seeded.
type guide struct {
	file    guideFile
	id      string
	edition string // the one worked on last
	draft   string
}

func (g *guide) took(v guideline.View) {
	g.id, g.edition, g.draft = v.Guideline.ID, v.Edition.ID, v.Edition.Draft
}

func (w *world) planGuide(n int, f guideFile) {
	g := &guide{file: f}
	w.guides[f.name] = g
	for i, e := range f.Editions {
		w.planEdition(n+i, g, i, e)
	}
	switch f.State {
	case "draft", "in_review", "ready", "fact_check":
		w.planWork(n, g)
	case "withdrawn":
		w.on(-f.Withdrawn.Days, f.name+" withdrawn", func() error {
			return w.do(g, w.actors[f.Agency], guideline.Withdraw, guideline.Request{Reason: f.Withdrawn.Reason.Ar})
		})
	}
}

// writers are the people who write a guideline, in turn.
func (w *world) writer(g *guide, turn int) policy.Actor {
	codes := []string{g.file.Agency, g.file.Agency + "/alternate"}
	if g.file.name == jointGuide {
		codes = []string{"MUN", "HLT", "RTA", "MUN/alternate", "LND", "STA"}
	}
	return w.actors[codes[turn%len(codes)]]
}

// reviewer is the lead of an agency that has no part in the guideline.
func (w *world) reviewer(g *guide, n int) policy.Actor {
	all := w.content.network.Agencies
	for i := range all {
		code := all[(n*3+i)%len(all)].Code
		if code != g.file.Agency && !slices.Contains(jointAgencies, code) {
			return w.actors[code]
		}
	}
	return w.actors["SEC/1"]
}

func (w *world) create(g *guide, text string) error {
	f := g.file
	in := guideline.New{Title: f.Title.text(), Summary: f.Summary.Ar, Language: f.Language, Kind: guideline.Kind(f.Kind), Template: "free",
		Visibility: policy.Visibility(f.Visibility), Tags: []string{axisName(f.Axis)}, Text: w.linked(text)}
	if f.Language == "en" {
		in.Summary = f.Summary.En
	}
	if f.name == jointGuide {
		in.Workspace = w.joint.ID
	}
	if f.Translates != "" {
		in.Translates = w.guides[f.Translates].id
	}
	v, err := w.Guidelines.Create(w.ctx, w.actors[f.Agency], in)
	if err == nil {
		g.took(v)
	}
	return err
}

func axisName(code string) string {
	return map[string]string{"customer-view": "منظور المتعامل", "charter": "ميثاق الخدمة", "delivery": "تحقيق الخدمة",
		"experience": "تجربة المتعامل", "stars": "نجوم تقديم الخدمة", "culture": "ثقافة تحسين الخدمة"}[code]
}

// between is a link from one of the demo's files to another.
var between = regexp.MustCompile(`\[([^\]\n]+)\]\(([a-z-]+)\.md(#[^)\s]*)?\)`)

// linked turns links between the demo's files into addresses of guidelines. A
// guideline that does not exist yet is only named; see planLinks.
func (w *world) linked(text string) string {
	return between.ReplaceAllStringFunc(text, func(link string) string {
		m := between.FindStringSubmatch(link)
		if g := w.guides[m[2]]; g != nil && g.id != "" {
			return "[" + m[1] + "](" + transfer.PagePath + g.id + m[3] + ")"
		}
		return m[1]
	})
}

// planLinks links what the edition before could only name.
func (w *world) planLinks(days float64, g *guide) {
	w.on(days, g.file.name+" linked", func() error {
		for i, m := range between.FindAllStringSubmatch(g.file.Text, -1) {
			link := w.linked(m[0])
			if link == m[1] {
				continue // it still does not exist
			}
			_, text, err := w.text(g)
			if err != nil {
				return err
			}
			if strings.Contains(text, link) || strings.Count(text, m[1]) != 1 {
				continue
			}
			if err := w.edit(g.draft, w.writer(g, i), m[1], link); err != nil {
				return err
			}
		}
		return nil
	})
}

// text is the newest text of the guideline's draft, and its version.
func (w *world) text(g *guide) (version int64, text string, err error) {
	err = w.DB.Read(w.ctx, func(tx *db.Tx) (err error) {
		version, text, err = draft.Text(w.ctx, tx, g.draft)
		return err
	})
	return version, text, err
}

func (w *world) do(g *guide, who policy.Actor, s guideline.Step, r guideline.Request) error {
	v, err := w.Guidelines.Do(w.ctx, who, g.edition, s, r)
	if err == nil {
		g.took(v)
	}
	return err
}

// planEdition plans an edition from its first words to its publication.
func (w *world) planEdition(n int, g *guide, i int, e editionFile) {
	f := g.file
	begin := -e.Published - 40
	if i == 0 {
		w.on(begin, f.name+" created", func() error { return w.create(g, f.at(e.Number)) })
	} else {
		w.on(begin, f.name+" "+e.Number+" begun", func() error {
			v, err := w.Guidelines.NewEdition(w.ctx, w.actors[f.Agency], g.id)
			if err == nil {
				g.took(v)
			}
			return err
		})
		w.planLinks(begin+1, g)
		before := f.Editions[i-1].Number
		turn := 0
		for _, c := range f.Changes {
			if c.Until != before {
				continue
			}
			turn++
			w.planEdit(begin+3*float64(turn), g, turn, c.Was, c.Now)
		}
	}
	w.on(-e.Published-25, f.name+" "+e.Number+" submitted", func() error {
		return w.do(g, w.actors[f.Agency], guideline.Submit, guideline.Request{Minor: e.Minor})
	})
	w.on(-e.Published-20, f.name+" "+e.Number+" approved", func() error {
		return w.do(g, w.reviewer(g, n), guideline.Approve, guideline.Request{})
	})
	if f.Kind == string(guideline.OfNetwork) {
		b := w.editionBallot(n, f.Agency, f.Title, e.Number, -e.Published-18, -e.Published-6)
		w.planBallot(n, f.name+" "+e.Number, ballot.KindEdition, func() string { return g.edition }, b, nil)
	}
	w.on(-e.Published, f.name+" "+e.Number+" published", func() error {
		r := guideline.Request{Minor: e.Minor, ReviewBy: db.At(w.day(-e.Published).AddDate(0, 23, 0))}
		if i > 0 {
			r.ChangeNote = e.Note.Ar
		}
		return w.do(g, w.secretary(n+1), guideline.Publish, r)
	})
}

// planWork plans the edition that is in work now.
func (w *world) planWork(n int, g *guide) {
	f := g.file
	turn := 0
	if len(f.Editions) == 0 {
		// The last section was written later, by somebody else.
		first, rest := f.Text, ""
		if i := strings.LastIndex(f.Text, "\n## "); i > 0 {
			first, rest = f.Text[:i+1], f.Text[i+1:]
		}
		w.on(-f.Started, f.name+" created", func() error { return w.create(g, first) })
		if rest != "" {
			w.planEdit(-f.Started*0.8, g, 1, "", rest)
		}
	} else {
		w.on(-f.Started, f.name+" begun", func() error {
			v, err := w.Guidelines.NewEdition(w.ctx, w.actors[f.Agency], g.id)
			if err == nil {
				g.took(v)
			}
			return err
		})
		w.planLinks(-f.Started+1, g)
		last := f.Editions[len(f.Editions)-1].Number
		for _, c := range f.Changes {
			if c.Until == last {
				turn++
				w.planEdit(-f.Started+float64(turn)*f.Started/5, g, turn, c.Was, c.Now)
			}
		}
	}
	if f.name == jointGuide && w.Sections != nil {
		w.on(-f.Started*0.3, f.name+" sections given", func() error { return w.giveSections(g) })
	}
	if f.State == "in_review" || f.State == "ready" || f.State == "fact_check" {
		w.on(-f.Started*0.35, f.name+" submitted", func() error {
			return w.do(g, w.actors[f.Agency], guideline.Submit, guideline.Request{})
		})
	}
	if f.State == "ready" || f.State == "fact_check" {
		w.on(-f.Started*0.1, f.name+" approved", func() error {
			return w.do(g, w.reviewer(g, n), guideline.Approve, guideline.Request{})
		})
	}
}

// planPartner puts a draft and the card of a practice before the demo's partner: the only things in work that she may see.
func (w *world) planPartner() {
	w.on(-3, "fact check asked for", func() error {
		return w.do(w.guides[sharedGuide], w.actors["SEC/0"], guideline.SendFactCheck, guideline.Request{Experts: []string{w.partner().Person}})
	})
	w.on(-2.5, "practice shared", func() error {
		_, err := w.Practices.Share(w.ctx, w.actors["SEC/1"], w.practices[sharedPractice].ID, []string{w.partner().Person})
		return err
	})
}

func (w *world) partner() policy.Actor {
	for i, p := range w.content.people.Others {
		if slices.Contains(p.Roles, string(policy.Partner)) {
			return w.actors[fmt.Sprintf("other/%d", i)]
		}
	}
	return policy.Actor{}
}

// planEdit plans a change of a draft's text: was becomes now; an empty was is
// the end of the text.
func (w *world) planEdit(days float64, g *guide, turn int, was, now string) {
	w.on(days, g.file.name+" edited", func() error {
		return w.edit(g.draft, w.writer(g, turn), w.linked(was), w.linked(now))
	})
}

// edit types into a draft as a person does, by way of the draft's authority.
func (w *world) edit(id string, who policy.Actor, was, now string) error {
	wake, refused := make(chan struct{}, 1), make(chan string, 1)
	at, err := w.drafts.Open(w.ctx, who, draft.Opening{Draft: id, Taken: func() {}, Notify: func() {
		select {
		case wake <- struct{}{}:
		default:
		}
	}})
	if err != nil {
		return err
	}
	defer w.drafts.Close(at)
	from, to, ok := find(at.Text, was)
	if !ok {
		return fmt.Errorf("the draft has no %q", was)
	}
	length := units(at.Text)
	change, err := changeset.Replace(length, from, to, now)
	if err != nil {
		return err
	}
	w.drafts.Push(at, who, draft.Push{Handle: at.Authority.Handle, Base: at.Version, Length: length, Seq: at.Seq + 1, Updates: []changeset.ChangeSet{change}},
		func(code string) { refused <- code })
	ctx, cancel := context.WithTimeout(w.ctx, 20*time.Second)
	defer cancel()
	for at.Authority.Head() <= at.Version {
		select {
		case <-wake:
		case code := <-refused:
			return errors.New(code)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func units(s string) int { return len(utf16.Encode([]rune(s))) }

// find is where a passage stands, in UTF-16 units; an empty one stands at the end.
func find(text, passage string) (from, to int, ok bool) {
	if passage == "" {
		n := units(text)
		return n, n, true
	}
	i := strings.Index(text, passage)
	if i < 0 {
		return 0, 0, false
	}
	from = units(text[:i])
	return from, from + units(passage), true
}

// planThread plans a comment thread on a draft, with its replies.
func (w *world) planThread(n int, f threadFile) {
	var id string
	who := func(agency, holder string) policy.Actor {
		if holder == "alternate" {
			return w.actors[agency+"/alternate"]
		}
		return w.actors[agency]
	}
	w.on(-f.Hours/24, fmt.Sprintf("thread %d on %s", n, f.Guide), func() error {
		g := w.guides[f.Guide]
		version, text, err := w.text(g)
		if err != nil {
			return err
		}
		from, to, ok := find(text, w.linked(f.Quote))
		if !ok {
			return fmt.Errorf("the draft has no %q", f.Quote)
		}
		th, err := w.Comments.Open(w.ctx, who(f.Agency, f.Holder), g.draft, comment.NewThread{Version: version, From: from, To: to,
			Body: f.Body, Kind: comment.Kind(f.Kind), Blocking: f.Blocking})
		id = th.ID
		return err
	})
	last := f.Hours
	for i := range f.Replies {
		r := &f.Replies[i]
		last = min(last, r.Hours)
		w.planFlags(r)
		w.on(-r.Hours/24+0.001, fmt.Sprintf("reply in thread %d", n), func() error {
			var people []string
			for _, m := range r.Mentions {
				people = append(people, w.actors[m].Person)
			}
			th, err := w.Comments.Answer(w.ctx, who(r.Agency, r.Holder), id, r.Body, people)
			if err == nil && len(th.Comments) > 0 {
				r.id = th.Comments[len(th.Comments)-1].ID
			}
			return err
		})
	}
	if f.Outcome != "" {
		w.on(-last/24+0.02, fmt.Sprintf("thread %d resolved", n), func() error {
			_, err := w.Comments.Resolve(w.ctx, w.actors[w.guides[f.Guide].file.Agency], id, comment.Outcome(f.Outcome), f.Note)
			return err
		})
	}
}

// planFlags plans what people flagged a reply for, and what became of it.
func (w *world) planFlags(r *replyFile) {
	if w.Moderation == nil {
		return
	}
	for _, f := range r.Flags {
		w.on(-f.Hours/24, "flag", func() error {
			_, err := w.Moderation.Flag(w.ctx, w.actors[f.Agency], r.id, moderation.Reason(f.Reason), f.Text)
			return err
		})
	}
}
