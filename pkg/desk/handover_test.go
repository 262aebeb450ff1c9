package desk

import (
	"slices"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/ballot"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/practice"
)

// sections lists a page as "section/kind", in its order.
func (w *world) sections(name, seat string) []string {
	w.t.Helper()
	p, err := w.Handover(w.ctx, w.people[name], seat)
	w.must(err)
	out := []string{}
	for _, s := range p.Sections {
		for _, it := range s.Items {
			if it.Act.Ar == "" || it.Act.En == "" || it.URL == "" {
				w.t.Errorf("%s: item without words or way: %+v", name, it)
			}
			out = append(out, s.Key+"/"+it.Kind)
		}
	}
	return out
}

// Row 2 of the features: a representative is replaced, and nothing they owed
// is left without somebody who can finish it.
func TestASuccessorFindsNothingOrphaned(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		writer, health, maha := w.people["MUN.writer"], w.people["HLT.principal"], w.people["maha"]
		text := "## الغاية والنطاق\n\nأ\n\n## الأدوار والمسؤوليات\n\nب\n\n## الخطوات\n\nج\n\n## القياس والمتابعة\n\nد\n"
		g, err := w.Guidelines.Create(w.ctx, writer, guideline.New{Title: locale.Text{Ar: "دليل الاستقبال", En: "Reception"}, Summary: "س",
			Language: "ar", Kind: "agency", Template: "manual", Visibility: policy.ToNetwork, Text: text})
		w.must(err)
		p, err := w.Practices.Nominate(w.ctx, writer, practice.Card{Title: locale.Text{Ar: "الموظف الشامل"}, Problem: "نوافذ كثيرة"})
		w.must(err)
		voted, err := w.Practices.Nominate(w.ctx, health, practice.Card{Title: locale.Text{Ar: "ممارسة أخرى"}, Problem: "مشكلة"})
		w.must(err)
		_, err = w.Practices.Move(w.ctx, maha, p.ID, practice.NeedsMore, "تلزم أرقام من مركزين.", "")
		w.must(err)
		_, err = w.Practices.Move(w.ctx, maha, voted.ID, practice.Screened, "", "")
		w.must(err)
		b, err := w.Ballots.Prepare(w.ctx, maha, ballot.KindPractice, voted.ID, ballot.Terms{Question: locale.Text{Ar: "هل تُعمَّم؟"}, ClosesAt: db.At(w.now.Add(80 * time.Hour))})
		w.must(err)
		b, err = w.Ballots.Open(w.ctx, maha, b.ID, ballot.When{})
		w.must(err)
		w.must(d.Transact(w.ctx, func(tx *db.Tx) error {
			if _, err := tx.Exec(w.ctx, `
				insert into thread (id, draft, state, kind, blocking, version, from_pos, to_pos, quote, orphaned, person, agency, created_at, updated_at,
				                    outcome, outcome_note, resolved_by, resolved_at, reopened, hidden)
				values ('th_0', $1, 'open', 'general', $2, 0, 0, 1, 'نص', $2, $3, $4, $5, $5, '', '', '', 0, $2, $2)`,
				g.Edition.Draft, false, health.Person, health.Agency, tx.Now()); err != nil {
				return err
			}
			if _, err := tx.Exec(w.ctx, `insert into comment (id, thread, person, agency, body, created_at, hidden) values ('cm_0', 'th_0', $1, $2, 'هل؟', $3, $4)`,
				health.Person, health.Agency, tx.Now(), false); err != nil {
				return err
			}
			_, err := tx.Exec(w.ctx, `insert into comment_mention (comment, person) values ('cm_0', $1)`, writer.Person)
			return err
		}))
		owed := []string{"mine/edition.draft", "mine/mention", "mine/practice.complete"}
		w.wants("MUN.writer", append([]string{"agency/ballot.watch"}, owed...)...)
		want := []string{"drafts/handover.edition.draft", "threads/mention", "practices/practice.complete", "dates/handover.date.ballot"}
		if got := w.sections("MUN.writer", writer.Seat); !slices.Equal(got, want) {
			t.Errorf("hand-over before: %v", got)
		}

		w.now = w.now.Add(time.Hour)
		members := member.New(d, nil)
		replace := func(seat, name string) {
			t.Helper()
			person, err := members.CreatePerson(w.ctx, policy.SystemActor(), member.NewPerson{Name: locale.Text{Ar: name, En: name}, Email: name + "@example.org", PasswordHash: "x"})
			w.must(err)
			s, err := members.ReplaceHolder(w.ctx, policy.SystemActor(), seat, person.ID)
			w.must(err)
			old := w.people["MUN."+string(s.Kind)]
			w.people[name] = policy.Actor{Person: person.ID, Seat: s.ID, Agency: s.Agency, Roles: old.Roles, CanVote: old.CanVote, Principal: old.Principal}
		}
		replace(writer.Seat, "hala")
		w.wants("hala", append([]string{"agency/ballot.watch"}, append(owed, "mine/seat.handover")...)...)
		for _, who := range []string{"hala", "MUN.principal", "maha"} {
			if got := w.sections(who, writer.Seat); !slices.Equal(got, want) {
				t.Errorf("hand-over as %s sees it: %v", who, got)
			}
		}
		page, err := w.Handover(w.ctx, w.people["hala"], writer.Seat)
		if err != nil || !page.Mine || !page.Waits() || len(page.Holders) != 2 || page.Holders[1].Person != writer.Person || len(page.Seats) != 2 {
			t.Errorf("%+v %v", page.Handover, err)
		}
		for who, code := range map[string]string{"HLT.principal": "policy.forbidden", "majid": "policy.forbidden", "MUN.writer": ""} {
			// The former holder of this test still has the rights of the actor it was made with.
			if _, err := w.Handover(w.ctx, w.people[who], writer.Seat); code != "" && !fault.Is(err, code) {
				t.Errorf("%s reads it: %v", who, err)
			}
		}
		for who, code := range map[string]string{"MUN.principal": "policy.forbidden", "MUN.writer": "policy.forbidden", "maha": "policy.forbidden", "hala": ""} {
			err := members.TakeOver(w.ctx, w.people[who], writer.Seat)
			if code == "" && err != nil || code != "" && !fault.Is(err, code) {
				t.Errorf("%s takes over: %v", who, err)
			}
		}
		w.must(members.TakeOver(w.ctx, w.people["hala"], writer.Seat)) // again
		w.wants("hala", append([]string{"agency/ballot.watch"}, owed...)...)

		// Answering as the successor finishes what was asked of the former.
		w.must(d.Transact(w.ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(w.ctx, `insert into comment (id, thread, person, agency, body, created_at, hidden) values ('cm_9', 'th_0', $1, $2, 'نعم', $3, $4)`,
				w.people["hala"].Person, writer.Agency, tx.Now()+1, false)
			return err
		}))
		w.wants("hala", "agency/ballot.watch", "mine/edition.draft", "mine/practice.complete")

		// A vote is owed by the agency; whoever follows on the voting seat casts it.
		replace(w.people["MUN.principal"].Seat, "noura")
		if got := w.sections("noura", w.people["noura"].Seat); !slices.Contains(got, "ballots/handover.ballot") {
			t.Errorf("the voting seat hands over %v", got)
		}
		_, err = w.Ballots.Cast(w.ctx, w.people["noura"], b.ID, ballot.For, "", b.Subject.Hash)
		w.must(err)
		if got := w.sections("noura", w.people["noura"].Seat); !slices.Contains(got, "ballots/handover.ballot.voted") {
			t.Errorf("after the vote: %v", got)
		}
	})
}

// The page shows nobody more than they see elsewhere.
func TestAHandoverPageKeepsAnAgencysDraftsFromTheSecretariat(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Open(t))
	writer := w.people["MUN.writer"]
	_, err := w.Guidelines.Create(w.ctx, writer, guideline.New{Title: locale.Text{Ar: "داخلي"}, Summary: "س", Language: "ar", Kind: "agency", Template: "free", Visibility: policy.ToAgency, Text: "# ن"})
	w.must(err)
	if got := w.sections("maha", writer.Seat); len(got) != 0 {
		t.Errorf("the secretariat sees %v", got)
	}
	if got := w.sections("MUN.principal", writer.Seat); !slices.Equal(got, []string{"drafts/handover.edition.draft"}) {
		t.Errorf("the agency sees %v", got)
	}
}
