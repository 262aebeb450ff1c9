package ballot

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
)

// stubEditions remembers which steps a ballot asked for.
type stubEditions struct {
	visibility policy.Visibility
	steps      []guideline.Step
	reason     string
}

func (s *stubEditions) ForBallot(context.Context, *db.Tx, string) (guideline.Guideline, guideline.Edition, error) {
	return guideline.Guideline{Title: locale.Text{Ar: "دليل الشبكة"}, Agency: "ag_x", Visibility: s.visibility}, guideline.Edition{ApprovedHash: "h1"}, nil
}

func (s *stubEditions) DoTx(_ context.Context, _ *db.Tx, actor policy.Actor, _ string, step guideline.Step, req guideline.Request) error {
	if (step == guideline.SendToBallot) == actor.System {
		panic("a person sends to ballot, the hub records the outcome")
	}
	s.steps, s.reason = append(s.steps, step), req.Reason
	return nil
}

func TestEditionsTakeTheStepsOfRulesD3(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		votes []Choice
		want  guideline.Step
		why   string
	}{
		{"carried", []Choice{For, For, For}, guideline.Carried, ""},
		{"not carried", []Choice{For, Against, Against}, guideline.NotCarried, ""},
		{"a tie leaves it ready", []Choice{For, Against, Abstain}, guideline.CancelBallot, "ballot.tied"},
		{"not quorate", []Choice{Abstain}, guideline.NotQuorate, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, dbtest.Open(t), 3)
			stub := &stubEditions{visibility: policy.ToNetwork}
			w.ballots.WithEditions(stub)
			b, err := w.ballots.Prepare(w.ctx, w.sa, KindEdition, "ed_1", terms(w.in(100*time.Hour)))
			if err == nil {
				b, err = w.ballots.Open(w.ctx, w.sa, b.ID, When{})
			}
			if err != nil || b.Subject.Hash != "h1" {
				t.Fatal(b.Subject, err)
			}
			for i, choice := range c.votes {
				w.cast(b, w.principals[i], choice)
			}
			w.pass(101 * time.Hour)
			if _, err := w.ballots.CloseDue(w.ctx); err != nil {
				t.Fatal(err)
			}
			if _, err := w.ballots.Certify(w.ctx, w.other, b.ID); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(stub.steps, []guideline.Step{guideline.SendToBallot, c.want}) {
				t.Errorf("steps %v", stub.steps)
			}
			if stub.reason != c.why {
				t.Errorf("the reason that its history shows is %q, want %q", stub.reason, c.why)
			}
		})
	}
	w := newWorld(t, dbtest.Open(t), 1)
	w.ballots.WithEditions(&stubEditions{visibility: policy.ToAgency})
	_, err := w.ballots.Prepare(w.ctx, w.sa, KindEdition, "ed_1", terms(w.in(100*time.Hour)))
	wantFault(t, err, "edition.not_found")
}
