package desk

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/ballot"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/practice"
)

// long fills the desk of HLT.principal: texts of another agency to review, ballots, own drafts, and mentions, in equal parts.
func (w *world) long(n int) {
	w.t.Helper()
	writer, health, maha := w.people["MUN.writer"], w.people["HLT.principal"], w.people["maha"]
	var draft string
	for i := range n / 4 {
		for _, by := range []policy.Actor{writer, health} {
			v, err := w.Guidelines.Create(w.ctx, by, guideline.New{Title: locale.Text{Ar: fmt.Sprintf("دليل %d", i)}, Summary: "س", Language: "ar", Kind: "agency",
				Template: "free", Visibility: policy.ToNetwork, Text: "## أ\n\nنصّ\n"})
			w.must(err)
			if by.Person == writer.Person {
				_, err = w.Guidelines.Do(w.ctx, writer, v.Edition.ID, guideline.Submit, guideline.Request{})
				w.must(err)
				draft = v.Edition.Draft
			}
		}
		p, err := w.Practices.Nominate(w.ctx, writer, practice.Card{Title: locale.Text{Ar: fmt.Sprintf("ممارسة %d", i)}, Problem: "مشكلة"})
		w.must(err)
		_, err = w.Practices.Move(w.ctx, maha, p.ID, practice.Screened, "", "")
		w.must(err)
		b, err := w.Ballots.Prepare(w.ctx, maha, ballot.KindPractice, p.ID, ballot.Terms{Question: locale.Text{Ar: "هل تُعمَّم؟"}, ClosesAt: db.At(w.now.Add(time.Duration(80+i) * time.Hour))})
		w.must(err)
		_, err = w.Ballots.Open(w.ctx, maha, b.ID, ballot.When{})
		w.must(err)
	}
	w.must(w.DB.Transact(w.ctx, func(tx *db.Tx) error {
		for i := range n / 4 {
			th := fmt.Sprintf("th_%d", i)
			for _, q := range []struct {
				text string
				args []any
			}{
				{`insert into thread (id, draft, state, kind, blocking, version, from_pos, to_pos, quote, orphaned, person, agency, created_at, updated_at,
				                      outcome, outcome_note, resolved_by, resolved_at, reopened, hidden)
				  values ($1, $2, 'open', 'general', $3, 0, 0, 1, 'نص', $3, $4, $5, $6, $6, '', '', '', 0, $3, $3)`,
					[]any{th, draft, false, writer.Person, writer.Agency, tx.Now()}},
				{`insert into comment (id, thread, person, agency, body, created_at, hidden) values ($1, $2, $3, $4, 'هل؟', $5, $6)`,
					[]any{"cm_" + th, th, writer.Person, writer.Agency, tx.Now(), false}},
				{`insert into comment_mention (comment, person) values ($1, $2)`, []any{"cm_" + th, health.Person}},
			} {
				if _, err := tx.Exec(w.ctx, q.text, q.args...); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// A desk is whole, however much waits: nothing is left out because other things of its kind came later, or cannot be done by its reader.
func TestDeskIsWhole(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		const n = 260 // more than a page of each list
		w.long(n)
		desk, err := w.Of(w.ctx, w.people["HLT.principal"])
		w.must(err)
		kinds := map[string]int{}
		for _, it := range desk.Mine {
			kinds[it.Kind]++
		}
		for _, kind := range []string{"edition.review", "ballot.vote", "edition.draft", "mention"} {
			if kinds[kind] != n/4 {
				t.Errorf("%d of %s on the desk, want %d", kinds[kind], kind, n/4)
			}
		}
		if len(desk.Mine) != n || desk.Counts["mine"] != n || desk.Counts["votes"] != n/4 {
			t.Errorf("%d duties, counted %v", len(desk.Mine), desk.Counts)
		}
	})
}

// What a desk calls a duty is what the edition's own screen offers, for everybody, every state and every step.
func TestDutiesAreWhatTheScreenOffers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		writer, health, maha := w.people["MUN.writer"], w.people["HLT.principal"], w.people["maha"]
		var ids []string
		walk := func(kind string, steps ...func(id string)) {
			v, err := w.Guidelines.Create(w.ctx, writer, guideline.New{Title: locale.Text{Ar: "دليل"}, Language: "ar", Kind: guideline.Kind(kind), Summary: "س",
				Template: "free", Visibility: policy.ToNetwork, Text: "## أ\n\nب\n"})
			w.must(err)
			ids = append(ids, v.Edition.ID)
			for _, step := range steps {
				step(v.Edition.ID)
			}
		}
		do := func(who policy.Actor, step guideline.Step, req guideline.Request) func(string) {
			return func(id string) {
				_, err := w.Guidelines.Do(w.ctx, who, id, step, req)
				w.must(err)
			}
		}
		submit, approve := do(writer, guideline.Submit, guideline.Request{}), do(health, guideline.Approve, guideline.Request{})
		ask := do(maha, guideline.SendFactCheck, guideline.Request{Experts: []string{health.Agency}})
		force := do(maha, guideline.ForcePublish, guideline.Request{Reason: "يلزم قبل بدء الموسم.", ReviewBy: db.At(w.now.AddDate(1, 0, 0))})
		for _, kind := range []string{"agency", "network"} {
			walk(kind)
			walk(kind, submit)
			walk(kind, submit, approve)
			walk(kind, submit, approve, ask)
			walk(kind, submit, approve, ask, do(health, guideline.Answer, guideline.Request{}))
			walk(kind, submit, approve, ask, do(maha, guideline.Receive, guideline.Request{}))
			for _, ends := range []time.Duration{time.Hour, 48 * time.Hour} {
				walk(kind, submit, approve, do(maha, guideline.OpenConsultation, guideline.Request{OpensAt: db.At(w.now.Add(time.Minute)), ClosesAt: db.At(w.now.Add(ends)),
					Experts: []string{health.Agency}}))
			}
			walk(kind, submit, force)
		}
		w.now = w.now.Add(2 * time.Hour)
		open := 0
		for name, actor := range w.people {
			for _, id := range ids {
				v, err := w.Guidelines.Edition(w.ctx, actor, id)
				w.must(err)
				for _, step := range []guideline.Step{guideline.Approve, guideline.Publish, guideline.SecondEye, guideline.Answer, guideline.SendToBallot, guideline.Receive,
					guideline.Conclude, guideline.Submit} {
					offered := slices.ContainsFunc(v.Options, func(o guideline.Option) bool { return o.Step == step && o.Open() })
					duties, err := w.Guidelines.Duties(w.ctx, actor, guideline.Waiting{States: []guideline.State{v.Edition.State}, Step: step})
					w.must(err)
					duty := slices.ContainsFunc(duties, func(d guideline.Duty) bool { return d.Edition.ID == id })
					if offered != duty {
						t.Errorf("%s, %s in %s: offered %v, a duty %v", name, step, v.Edition.State, offered, duty)
					}
					if offered {
						open++
					}
				}
			}
		}
		if open < 20 {
			t.Errorf("only %d steps were open", open)
		}
	})
}

// BenchmarkDesk reads a desk on which 500 things wait (row 11 of the features: below 200 ms at the 95th percentile).
func BenchmarkDesk(b *testing.B) {
	for _, engine := range []struct {
		name string
		open func(testing.TB) *db.DB
	}{{"sqlite", dbtest.Open}, {"postgres", dbtest.OpenPostgres}} {
		b.Run(engine.name, func(b *testing.B) {
			w := newWorld(b, engine.open(b))
			w.long(500)
			var took []time.Duration
			for b.Loop() {
				from := time.Now()
				desk, err := w.Of(w.ctx, w.people["HLT.principal"])
				took = append(took, time.Since(from))
				if w.must(err); len(desk.Mine) != 500 {
					b.Fatalf("%d duties", len(desk.Mine))
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
}
