package hubtest

import (
	"context"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/ballot"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/practice"
)

// Beside the canary: what stands in texts that OWN's readers may know too, and
// in those that were taken back, which the secretariat keeps sight of.
const (
	readable  = "QANARY8READ"
	takenBack = "QANARY9GONE"
)

// newWorldOfStates is a world with an edition in every state of rules D3, a
// ballot in every state of rules D1, and people whose rights have just ended.
func newWorldOfStates(t testing.TB) *World {
	t.Helper()
	return fromSeed(t, "states", func(w *World, ctx context.Context) {
		w.people(ctx)
		w.things(ctx)
		w.editions(ctx)
		w.ballots(ctx)
		w.ended(ctx)
	})
}

// move is a step of an edition and who takes it.
type move struct {
	who  string
	step guideline.Step
	req  guideline.Request
}

func (w *World) editions(ctx context.Context) {
	ahead := func(days int) db.Time { return db.At(time.Now().AddDate(0, 0, days)) }
	reason := guideline.Request{Reason: "سبب كافٍ لهذه الخطوة"}
	submit, approve := move{"own-rep", guideline.Submit, guideline.Request{}}, move{"third-lead", guideline.Approve, guideline.Request{}}
	own := move{"own-lead", guideline.Approve, guideline.Request{}} // where nobody else may see it
	publish := move{"own-lead", guideline.Publish, guideline.Request{ReviewBy: ahead(300)}}
	for _, c := range []struct {
		name       string
		visibility policy.Visibility
		secret     string
		moves      []move
	}{
		{"own-submitted", policy.ToNetwork, "", []move{submit}},
		{"own-amends", policy.ToNetwork, "", []move{submit, {"third-lead", guideline.RequestAmendments, reason}}},
		{"own-ready", policy.ToNetwork, "", []move{submit, approve}},
		{"own-factcheck", policy.ToNetwork, "", []move{submit, approve, {"secretariat", guideline.SendFactCheck, guideline.Request{Experts: []string{w.Objects["person/expert"], w.Objects["agency/THIRD"]}}}}},
		{"own-consultation", policy.ToNetwork, "", []move{submit, approve, {"secretariat", guideline.OpenConsultation, guideline.Request{OpensAt: ahead(0), ClosesAt: ahead(20)}}}},
		{"own-scheduled", policy.ToNetwork, "", []move{submit, approve, {"own-lead", guideline.Schedule, guideline.Request{PublishAt: ahead(5), ReviewBy: ahead(300)}}}},
		{"own-published", policy.ToNetwork, "", []move{submit, approve, publish}},
		{"own-withdrawn", policy.ToPublic, "", []move{submit, approve, publish, {"own-lead", guideline.Withdraw, reason}}},
		{"own-unpublished", policy.ToPublic, takenBack, []move{submit, approve, publish, {"own-lead", guideline.Unpublish, reason}}},
		{"own-discarded", policy.ToNetwork, takenBack, []move{submit, {"own-lead", guideline.Discard, reason}}},
		{"own-private-submitted", policy.ToAgency, w.Canary, []move{submit}},
		{"own-private-ready", policy.ToAgency, w.Canary, []move{submit, own}},
		{"own-private-published", policy.ToAgency, readable, []move{submit, own, publish}},
		{"own-private-withdrawn", policy.ToAgency, readable, []move{submit, own, publish, {"own-lead", guideline.Withdraw, reason}}},
	} {
		v := w.guideline(ctx, c.name, "own-rep", policy.ToAgency, c.secret)
		if c.visibility != policy.ToAgency {
			_, err := w.Hub.Guidelines.SetVisibility(ctx, w.Actors["own-lead"], v.Guideline.ID, c.visibility, nil)
			w.ok(err)
		}
		for _, m := range c.moves {
			_, err := w.Hub.Guidelines.Do(ctx, w.Actors[m.who], v.Edition.ID, m.step, m.req)
			w.ok(err)
		}
	}
	// An edition in ballot, and one that a newer one has replaced.
	v := w.guideline(ctx, "own-ballot", "own-rep", policy.ToAgency, "")
	_, err := w.Hub.Guidelines.SetVisibility(ctx, w.Actors["own-lead"], v.Guideline.ID, policy.ToNetwork, nil)
	w.ok(err)
	for _, m := range []move{submit, approve} {
		_, err := w.Hub.Guidelines.Do(ctx, w.Actors[m.who], v.Edition.ID, m.step, m.req)
		w.ok(err)
	}
	b, err := w.Hub.Ballots.Prepare(ctx, w.Actors["secretariat"], ballot.KindEdition, v.Edition.ID, ballot.Terms{Question: words("question"), ClosesAt: ahead(10)})
	w.ok(err)
	w.Objects["ballot/edition"] = b.ID
	_, err = w.Hub.Ballots.Open(ctx, w.Actors["secretariat"], b.ID, ballot.When{ClosesAt: ahead(10)})
	w.ok(err)
	old := w.Objects["edition/own-published"]
	next, err := w.Hub.Guidelines.NewEdition(ctx, w.Actors["own-rep"], w.Objects["guideline/own-published"])
	w.ok(err)
	for _, m := range []move{submit, approve, {"own-lead", guideline.Publish, guideline.Request{ReviewBy: ahead(300), ChangeNote: "ملاحظة"}}} {
		_, err := w.Hub.Guidelines.Do(ctx, w.Actors[m.who], next.Edition.ID, m.step, m.req)
		w.ok(err)
	}
	w.Objects["edition/own-superseded"], w.Objects["edition/own-published"], w.Objects["draft/own-published"] = old, next.Edition.ID, next.Edition.Draft
}

func (w *World) ballots(ctx context.Context) {
	ahead := func(days int) db.Time { return db.At(time.Now().AddDate(0, 0, days)) }
	card := practice.Card{Title: words("practice"), Problem: "مشكلة", Context: "سياق", Evidence: []practice.Evidence{{Text: "دليل", Date: "2026-10-01", Source: "تقرير"}}, Cost: "لا كلفة", Contacts: "x@example.gov", Axis: "delivery"}
	svc, sa := w.Hub.Ballots, w.Actors["secretariat"]
	for _, name := range []string{"scheduled", "cancelled", "closed", "certified"} {
		p, err := w.Hub.Practices.Nominate(ctx, w.Actors["own-lead"], card)
		w.ok(err)
		_, err = w.Hub.Practices.Move(ctx, sa, p.ID, practice.Screened, "سبب كافٍ", "")
		w.ok(err)
		terms := ballot.Terms{Question: words("question"), ClosesAt: ahead(10)}
		if name == "scheduled" {
			terms.OpensAt = ahead(2)
		}
		b, err := svc.Prepare(ctx, sa, ballot.KindPractice, p.ID, terms)
		w.ok(err)
		w.Objects["practice/"+name], w.Objects["ballot/"+name] = p.ID, b.ID
		b, err = svc.Open(ctx, sa, b.ID, ballot.When{})
		w.ok(err)
		switch name {
		case "scheduled":
			continue
		case "cancelled":
			_, err = svc.Cancel(ctx, sa, b.ID, "سبب كافٍ لإلغاء هذا التصويت")
			w.ok(err)
			continue
		}
		for _, who := range []string{"own-lead", "other-lead", "third-lead"} {
			_, err := svc.Cast(ctx, w.Actors[who], b.ID, ballot.For, "سبب التصويت لهذا الخيار", b.Subject.Hash)
			w.ok(err)
		}
		_, err = svc.Close(ctx, sa, b.ID, "")
		w.ok(err)
		if name == "certified" {
			_, err = svc.Certify(ctx, w.Actors["secretariat2"], b.ID)
			w.ok(err)
		}
	}
	for _, name := range []string{"own-lead", "other-lead"} {
		w.Objects["session/"+name] = w.Actors[name].Session
	}
}

// ended are people who were signed in with rights and have lost them since: the
// session lapsed, the seat ended, the role was taken, the agency is suspended.
func (w *World) ended(ctx context.Context) {
	sys, m := policy.SystemActor(), w.Hub.Members
	w.person(ctx, "lapsed", "OWN", member.WriterSeat, false)
	w.ok(w.Hub.DB.Transact(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update session set expires_at = $2 where id = $1`, w.Actors["lapsed"].Session, int64(tx.Now().Add(-time.Hour)))
		return err
	}))
	w.person(ctx, "unseated", "OWN", member.WriterSeat, false)
	w.ok(m.EndSeat(ctx, sys, w.Objects["seat/unseated"]))
	delete(w.Objects, "seat/unseated")
	w.person(ctx, "demoted", "SEC", member.WriterSeat, false, policy.SecretariatAdmin)
	w.ok(m.Take(ctx, sys, w.Objects["person/demoted"], policy.SecretariatAdmin))
	a, err := m.CreateAgency(ctx, sys, member.NewAgency{Code: "FOURTH", Kind: "department", Tier: "local", Sector: "municipal", Name: words("Agency FOURTH"), Short: words("FOURTH"), Hue: 5, HasVote: true})
	w.ok(err)
	w.Objects["agency/FOURTH"] = a.ID
	w.person(ctx, "fourth-lead", "FOURTH", member.PrincipalSeat, true)
	suspended := member.Status("suspended")
	_, err = m.UpdateAgency(ctx, sys, a.ID, member.AgencyPatch{Status: &suspended})
	w.ok(err)
	// What the matrix does not look at one by one needs no rows of its own.
	for _, name := range []string{"lapsed", "unseated", "demoted", "fourth-lead"} {
		delete(w.Objects, "person/"+name)
		delete(w.Objects, "seat/"+name)
	}
}
