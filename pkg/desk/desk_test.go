package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/ballot"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/moderation"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/practice"
)

// memoryDrafts stands in for the living text, which lies above this test's floor.
type memoryDrafts map[string]string

func (m memoryDrafts) Create(ctx context.Context, tx *db.Tx, edition, text string) (string, error) {
	id := "dr_" + edition
	m[id] = text
	_, err := tx.Exec(ctx, `insert into draft (id, key, edition, epoch, created_at) values ($1, $2, $3, 'e', $4)`, id, len(m), edition, tx.Now())
	return id, err
}

func (m memoryDrafts) Read(_ context.Context, _ *db.Tx, draft string) (guideline.Revision, error) {
	sum := sha256.Sum256([]byte(m[draft]))
	return guideline.Revision{Hash: hex.EncodeToString(sum[:]), Text: m[draft]}, nil
}

func (m memoryDrafts) Freeze(ctx context.Context, tx *db.Tx, draft string) (guideline.Revision, error) {
	return m.Read(ctx, tx, draft)
}

func (memoryDrafts) Authors(context.Context, *db.Tx, string) ([]string, error) { return nil, nil }

func (memoryDrafts) WrittenBy(context.Context, *db.Tx, string, ...string) (map[string]bool, error) {
	return nil, nil
}

// answersOpen are threads of which n answer a question that is out.
type answersOpen struct {
	guideline.Threads
	n int
}

func (a *answersOpen) OpenSince(context.Context, *db.Tx, string, db.Time) (int, error) {
	return a.n, nil
}

func (a *answersOpen) OpenBlocking(context.Context, *db.Tx, ...string) (map[string]int, error) {
	return nil, nil
}

type threeFlags struct{}

func (threeFlags) Waiting(context.Context, policy.Actor) (int64, error) { return 3, nil }

// What the expert "told" wrote is hidden, was hidden by a moderator, and is shown again.
func (threeFlags) Told(_ context.Context, actor policy.Actor, since db.Time) ([]moderation.Notice, error) {
	if actor.Person != "pe_told" || since == 0 {
		return nil, nil
	}
	return []moderation.Notice{
		{Item: "mo_1", Text: "نص", URL: "/x", State: moderation.Pending, Hidden: true, Reason: moderation.PersonalData, At: since + 3},
		{Item: "mo_2", Text: "نص", URL: "/x", State: moderation.Upheld, Hidden: true, Reason: moderation.Spam, Note: "دعاية", At: since + 2},
		{Item: "mo_3", Text: "نص", URL: "/x", State: moderation.Rejected, Reason: moderation.Other, Note: "لا بأس به", At: since + 1},
	}, nil
}

func TestAuthorsAreToldWhatModerationDidToTheirWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Open(t))
	w.people["told"] = policy.Actor{Person: "pe_told", Roles: []policy.Role{policy.Expert}}
	w.wants("told", "news/moderation.hidden", "news/moderation.pending", "news/moderation.restored")
	d, err := w.Of(w.ctx, w.people["told"])
	w.must(err)
	if got := d.Following[1].Meta; got.Ar != "سبب البلاغ: دعائي · دعاية" || got.En != "Flagged as spam · دعاية" {
		t.Errorf("why: %+v", got)
	}
}

type world struct {
	*Service
	t      testing.TB
	ctx    context.Context
	now    time.Time
	people map[string]policy.Actor
}

// The hub of these tests: two agencies with a lead and a writer, two administrators, a moderator.
func newWorld(t testing.TB, d *db.DB) *world {
	w := &world{t: t, ctx: context.Background(), now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), people: map[string]policy.Actor{}}
	d.SetClock(func() time.Time { return w.now })
	p := practice.New(d)
	w.Service = &Service{DB: d, Practices: p, Ballots: ballot.New(d, slog.New(slog.DiscardHandler), p),
		Guidelines: guideline.NewService(d, memoryDrafts{}, nil, nil), Moderation: threeFlags{}}
	members := member.New(d, nil)
	for _, code := range []string{"MUN", "HLT"} {
		a, err := members.CreateAgency(w.ctx, policy.SystemActor(), member.NewAgency{Code: code, HasVote: true,
			Name: locale.Text{Ar: "جهة " + code, En: code}, Short: locale.Text{Ar: "جهة " + code, En: code}})
		w.must(err)
		for kind, role := range map[member.SeatKind]policy.Role{member.PrincipalSeat: policy.AgencyLead, member.WriterSeat: policy.Representative} {
			name := code + "." + string(kind)
			person, err := members.CreatePerson(w.ctx, policy.SystemActor(), member.NewPerson{Name: locale.Text{Ar: name}, Email: name + "@example.org", PasswordHash: "x"})
			w.must(err)
			seat, err := members.Seat(w.ctx, policy.SystemActor(), member.NewSeat{Agency: a.ID, Person: person.ID, Kind: kind, CanVote: kind == member.PrincipalSeat})
			w.must(err)
			w.people[name] = policy.Actor{Person: person.ID, Seat: seat.ID, Agency: a.ID, Roles: []policy.Role{role},
				CanVote: seat.CanVote, Principal: kind == member.PrincipalSeat}
		}
	}
	for name, role := range map[string]policy.Role{"maha": policy.SecretariatAdmin, "rami": policy.SecretariatAdmin, "majid": policy.Moderator} {
		w.people[name] = policy.Actor{Person: "pe_" + name, Agency: "ag_sec", Roles: []policy.Role{role}}
	}
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// kinds lists what is on a desk as "list/kind", sorted.
func (w *world) kinds(name string) []string {
	w.t.Helper()
	d, err := w.Of(w.ctx, w.people[name])
	w.must(err)
	out := []string{}
	for list, items := range map[string][]Item{"mine": d.Mine, "agency": d.Agency, "news": d.Following} {
		for _, it := range items {
			if it.Act.Ar == "" || it.Act.En == "" || !strings.HasPrefix(it.URL, "/") || it.Meta.Ar == "" {
				w.t.Errorf("%s: item without words or way: %+v", name, it)
			}
			out = append(out, list+"/"+it.Kind)
		}
	}
	slices.Sort(out)
	return out
}

func (w *world) wants(name string, want ...string) {
	w.t.Helper()
	if got := w.kinds(name); !slices.Equal(got, want) {
		w.t.Errorf("desk of %s: %v, want %v", name, got, want)
	}
}

func TestDeskHoldsWhatItsReaderCanFinish(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		lead, writer, health := w.people["MUN.principal"], w.people["MUN.writer"], w.people["HLT.principal"]
		maha, rami := w.people["maha"], w.people["rami"]
		w.wants("MUN.principal")
		w.wants("majid", "mine/moderation")

		// A nomination is screened, then voted on, then certified.
		p, err := w.Practices.Nominate(w.ctx, writer, practice.Card{Title: locale.Text{Ar: "الموظف الشامل"}, Problem: "نوافذ كثيرة"})
		w.must(err)
		w.wants("maha", "mine/practice.screen")
		_, err = w.Practices.Move(w.ctx, maha, p.ID, practice.NeedsMore, "تلزم أرقام من مركزين.", "")
		w.must(err)
		w.wants("MUN.writer", "mine/practice.complete")
		w.wants("MUN.principal", "agency/practice.complete")
		w.wants("HLT.principal")
		_, err = w.Practices.Move(w.ctx, writer, p.ID, practice.Nominated, "", "")
		w.must(err)
		_, err = w.Practices.Move(w.ctx, maha, p.ID, practice.Screened, "", "")
		w.must(err)
		b, err := w.Ballots.Prepare(w.ctx, maha, ballot.KindPractice, p.ID, ballot.Terms{Question: locale.Text{Ar: "هل تُعمَّم؟"}, ClosesAt: db.At(w.now.Add(80 * time.Hour))})
		w.must(err)
		w.wants("maha", "mine/ballot.open")
		b, err = w.Ballots.Open(w.ctx, maha, b.ID, ballot.When{})
		w.must(err)
		w.wants("maha")
		w.wants("MUN.principal", "mine/ballot.vote")
		w.wants("MUN.writer", "agency/ballot.watch")
		w.now = w.now.Add(60 * time.Hour)
		desk, err := w.Of(w.ctx, health)
		w.must(err)
		if it := desk.Mine[0]; !it.Urgent || it.DueAt != b.Terms.ClosesAt || it.URL != "/ballots/"+b.ID || desk.Counts["votes"] != 1 {
			t.Errorf("%+v %v", it, desk.Counts)
		}
		for _, a := range []policy.Actor{lead, health} {
			_, err = w.Ballots.Cast(w.ctx, a, b.ID, ballot.For, "", b.Subject.Hash)
			w.must(err)
		}
		w.wants("MUN.principal")
		w.wants("MUN.writer")
		_, err = w.Ballots.Close(w.ctx, maha, b.ID, "")
		w.must(err)
		w.wants("maha", "news/ballot.closed")
		w.wants("rami", "mine/ballot.certify")
		_, err = w.Ballots.Certify(w.ctx, rami, b.ID)
		w.must(err)
		w.wants("rami", "news/ballot.certified")

		// A guideline is finished, reviewed by others and published.
		text := "## الغاية والنطاق\n\nأ\n\n## الأدوار والمسؤوليات\n\nب\n\n## الخطوات\n\nج\n\n## القياس والمتابعة\n\nد\n"
		v, err := w.Guidelines.Create(w.ctx, writer, guideline.New{Title: locale.Text{Ar: "دليل الاستقبال", En: "Reception"}, Summary: "س",
			Language: "ar", Kind: "agency", Template: "manual", Visibility: policy.ToNetwork, Text: text})
		w.must(err)
		w.wants("MUN.writer", "mine/edition.draft", "news/ballot.certified")
		w.wants("MUN.principal", "agency/edition.draft", "news/ballot.certified")
		ed := v.Edition

		// A comment that mentions the writer, and one that blocks.
		w.must(d.Transact(w.ctx, func(tx *db.Tx) error {
			for i, blocking := range []bool{false, true} {
				th := fmt.Sprintf("th_%d", i)
				if _, err := tx.Exec(w.ctx, `
					insert into thread (id, draft, state, kind, blocking, version, from_pos, to_pos, quote, orphaned, person, agency, created_at, updated_at,
					                    outcome, outcome_note, resolved_by, resolved_at, reopened, hidden)
					values ($1, $2, 'open', 'general', $3, 0, 0, 1, 'نص', $6, $4, $5, $7, $7, '', '', '', 0, $6, $6)`,
					th, ed.Draft, blocking, health.Person, health.Agency, false, tx.Now()); err != nil {
					return err
				}
				if _, err := tx.Exec(w.ctx, `insert into comment (id, thread, person, agency, body, created_at, hidden) values ($1, $2, $3, $4, 'هل؟', $5, $6)`,
					"cm_"+th, th, health.Person, health.Agency, tx.Now(), false); err != nil {
					return err
				}
			}
			_, err := tx.Exec(w.ctx, `insert into comment_mention (comment, person) values ('cm_th_0', $1)`, writer.Person)
			return err
		}))
		w.wants("MUN.writer", "agency/thread.blocking", "mine/edition.draft", "mine/mention", "news/ballot.certified")
		w.wants("HLT.principal", "news/ballot.certified")
		w.must(d.Transact(w.ctx, func(tx *db.Tx) error { // answered, and resolved
			_, err := tx.Exec(w.ctx, `insert into comment (id, thread, person, agency, body, created_at, hidden) values ('cm_9', 'th_0', $1, $2, 'نعم', $3, $4)`,
				writer.Person, writer.Agency, tx.Now()+1, false)
			if err == nil {
				_, err = tx.Exec(w.ctx, `update thread set state = 'resolved' where id = 'th_1'`)
			}
			return err
		}))
		w.wants("MUN.writer", "mine/edition.draft", "news/ballot.certified")

		_, err = w.Guidelines.Do(w.ctx, writer, ed.ID, guideline.Submit, guideline.Request{})
		w.must(err)
		w.wants("MUN.writer", "news/ballot.certified") // an author does not review
		w.wants("HLT.principal", "mine/edition.review", "news/ballot.certified")
		_, err = w.Guidelines.Do(w.ctx, health, ed.ID, guideline.Approve, guideline.Request{})
		w.must(err)
		w.wants("HLT.principal", "news/ballot.certified")
		w.wants("MUN.principal", "mine/edition.publish", "news/ballot.certified")
		_, err = w.Guidelines.Do(w.ctx, lead, ed.ID, guideline.Publish, guideline.Request{ReviewBy: db.At(w.now.AddDate(1, 0, 0))})
		w.must(err)
		w.wants("MUN.principal", "news/ballot.certified", "news/edition.published")
	})
}

// What the secretariat does between approval and publication, and the second
// look at what was published past review: each comes and goes with its step.
func TestDeskHoldsTheStepsOfTheSecretariat(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		writer, health, maha, rami := w.people["MUN.writer"], w.people["HLT.principal"], w.people["maha"], w.people["rami"]
		do := func(who policy.Actor, id string, step guideline.Step, req guideline.Request) {
			t.Helper()
			_, err := w.Guidelines.Do(w.ctx, who, id, step, req)
			w.must(err)
		}
		v, err := w.Guidelines.Create(w.ctx, writer, guideline.New{Title: locale.Text{Ar: "دليل الشبكة"}, Language: "ar", Kind: "network",
			Template: "free", Visibility: policy.ToNetwork, Text: "## أ\n\nب\n"})
		w.must(err)
		id := v.Edition.ID
		do(writer, id, guideline.Submit, guideline.Request{})
		do(health, id, guideline.Approve, guideline.Request{})
		w.wants("maha", "mine/edition.ballot")
		do(maha, id, guideline.SendFactCheck, guideline.Request{Experts: []string{health.Agency}})
		w.wants("maha", "mine/edition.fact_check")
		// Those asked find it until one of them says that they answered.
		w.wants("HLT.principal", "mine/edition.answer")
		w.wants("HLT.writer", "mine/edition.answer")
		w.wants("MUN.principal")
		do(w.people["HLT.writer"], id, guideline.Answer, guideline.Request{})
		w.wants("HLT.principal")
		w.wants("HLT.writer")
		if _, err := w.Guidelines.Do(w.ctx, health, id, guideline.Answer, guideline.Request{}); !fault.Is(err, "guideline.illegal_step") {
			t.Errorf("answered twice: %v", err)
		}
		// What they wrote is settled by who writes the text, and kept from nobody's desk until then.
		said := &answersOpen{n: 2}
		w.Guidelines.Threads = said
		w.wants("MUN.writer", "mine/edition.answers")
		do(maha, id, guideline.Receive, guideline.Request{})
		w.wants("maha")
		w.wants("MUN.writer", "mine/edition.answers")
		w.wants("MUN.principal", "agency/edition.answers")
		w.wants("HLT.principal")
		said.n = 0
		w.wants("MUN.writer")
		w.wants("maha", "mine/edition.conclude")
		do(maha, id, guideline.Conclude, guideline.Request{Outcome: guideline.Ready})
		do(maha, id, guideline.OpenConsultation, guideline.Request{OpensAt: db.At(w.now.Add(time.Hour)), ClosesAt: db.At(w.now.Add(48 * time.Hour)), Experts: []string{health.Agency}})
		w.wants("HLT.principal") // it has not begun
		w.now = w.now.Add(time.Hour)
		w.wants("HLT.principal", "mine/edition.answer")
		w.wants("maha") // its answers come in by themselves until it ends
		if _, err := w.Guidelines.Do(w.ctx, maha, id, guideline.Conclude, guideline.Request{Outcome: guideline.Ready}); !fault.Is(err, "guideline.illegal_step") {
			t.Errorf("concluded before its end: %v", err)
		}
		w.now = w.now.Add(49 * time.Hour)
		w.wants("maha", "mine/edition.conclude")
		do(maha, id, guideline.Conclude, guideline.Request{Outcome: guideline.Ready})
		w.wants("maha", "mine/edition.ballot")
		do(maha, id, guideline.ForcePublish, guideline.Request{Reason: "يلزم قبل بدء الموسم.", ReviewBy: db.At(w.now.AddDate(1, 0, 0))})
		w.wants("maha", "news/edition.published") // not who forced it
		w.wants("rami", "mine/edition.second_eye", "news/edition.published")
		desk, err := w.Of(w.ctx, rami)
		w.must(err)
		if desk.Mine[0].DueAt == 0 {
			t.Error("a second look without its date")
		}
		do(rami, id, guideline.SecondEye, guideline.Request{})
		w.wants("rami", "news/edition.published")
		w.wants("HLT.principal", "news/edition.published")
	})
}

func TestNobodyHasNoDesk(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Open(t))
	if _, err := w.Of(w.ctx, policy.Actor{}); err == nil {
		t.Error("a desk without a person")
	}
	for _, role := range []policy.Role{policy.Expert, policy.Partner, policy.Reader} {
		if d, err := w.Of(w.ctx, policy.Actor{Person: "pe_x", Roles: []policy.Role{role}}); err != nil || len(d.Mine) != 0 {
			t.Errorf("%s: %v %v", role, d, err)
		}
	}
}

// That a ballot ends at another time than was said is told to everybody, whether they voted or not (rules D1.14).
func TestDeskTellsOfAnotherClosingTime(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		maha, lead := w.people["maha"], w.people["MUN.principal"]
		p, err := w.Practices.Nominate(w.ctx, lead, practice.Card{Title: locale.Text{Ar: "ممارسة"}, Problem: "مشكلة"})
		w.must(err)
		_, err = w.Practices.Move(w.ctx, maha, p.ID, practice.Screened, "", "")
		w.must(err)
		b, err := w.Ballots.Prepare(w.ctx, maha, ballot.KindPractice, p.ID, ballot.Terms{Question: locale.Text{Ar: "هل تُعمَّم؟"}, ClosesAt: db.At(w.now.Add(80 * time.Hour))})
		w.must(err)
		b, err = w.Ballots.Open(w.ctx, maha, b.ID, ballot.When{})
		w.must(err)
		w.wants("HLT.principal", "mine/ballot.vote")
		w.now = w.now.Add(time.Hour)
		later := b.Terms.ClosesAt.Add(24 * time.Hour)
		_, err = w.Ballots.Extend(w.ctx, maha, b.ID, later)
		w.must(err)
		w.wants("HLT.principal", "mine/ballot.vote", "news/ballot.extended")
		w.wants("HLT.writer", "agency/ballot.watch", "news/ballot.extended")
		w.wants("rami", "news/ballot.extended")
		desk, err := w.Of(w.ctx, w.people["rami"])
		w.must(err)
		if it := desk.Following[0]; it.DueAt != later || it.URL != "/ballots/"+b.ID {
			t.Errorf("%+v", it)
		}
		w.now = w.now.Add(time.Hour)
		_, err = w.Ballots.Close(w.ctx, maha, b.ID, "تغيّر النص المعروض للتصويت بقرار لاحق")
		w.must(err)
		w.wants("HLT.writer", "agency/ballot.watch", "news/ballot.closing_early")
		w.now = w.now.Add(200 * time.Hour)
		_, err = w.Ballots.CloseDue(w.ctx)
		w.must(err)
		w.wants("HLT.writer", "news/ballot.closed")
	})
}
