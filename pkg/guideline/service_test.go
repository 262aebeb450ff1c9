package guideline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/markdown"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

// fakeDrafts keeps texts in memory: the living text has tests of its own.
type fakeDrafts struct {
	text    map[string]string
	authors map[string][]string
}

func (f *fakeDrafts) Create(_ context.Context, _ *db.Tx, edition, text string) (string, error) {
	f.text["dr_"+edition] = text
	return "dr_" + edition, nil
}

func (f *fakeDrafts) Read(_ context.Context, _ *db.Tx, draft string) (Revision, error) {
	h := sha256.Sum256([]byte(f.text[draft]))
	return Revision{Hash: hex.EncodeToString(h[:]), Version: int64(len(f.text[draft])), Text: f.text[draft]}, nil
}

func (f *fakeDrafts) Freeze(ctx context.Context, tx *db.Tx, draft string) (Revision, error) {
	return f.Read(ctx, tx, draft)
}

func (f *fakeDrafts) Authors(_ context.Context, _ *db.Tx, draft string) ([]string, error) {
	return f.authors[draft], nil
}

func (f *fakeDrafts) WrittenBy(_ context.Context, _ *db.Tx, person string, drafts ...string) (map[string]bool, error) {
	out := map[string]bool{}
	for _, d := range drafts {
		out[d] = slices.Contains(f.authors[d], person)
	}
	return out, nil
}

type fakeThreads struct{ blocking, answers int }

func (f *fakeThreads) Open(ctx context.Context, tx *db.Tx, drafts ...string) (map[string]int, error) {
	return f.OpenBlocking(ctx, tx, drafts...)
}

func (f *fakeThreads) OpenBlocking(_ context.Context, _ *db.Tx, drafts ...string) (map[string]int, error) {
	out := map[string]int{}
	for _, d := range drafts {
		out[d] = f.blocking
	}
	return out, nil
}

func (f *fakeThreads) OpenSince(context.Context, *db.Tx, string, db.Time) (int, error) {
	return f.answers, nil
}

type fakePublisher struct {
	published []Publication
	updated   []Publication
	fail      error
}

func (f *fakePublisher) Publish(_ context.Context, _ *db.Tx, p Publication) error {
	f.published = append(f.published, p)
	return f.fail
}

func (f *fakePublisher) Update(_ context.Context, _ *db.Tx, p Publication) error {
	f.updated = append(f.updated, p)
	return nil
}

type fakeNetwork []string

func (f fakeNetwork) AgencyIDs(context.Context, *db.Tx) ([]string, error) { return f, nil }

type fakeWorkspaces map[string][]string

func (f fakeWorkspaces) Agencies(_ context.Context, _ *db.Tx, _ policy.Actor, ws string) ([]string, error) {
	a, ok := f[ws]
	if !ok {
		return nil, policy.NotFound("workspace")
	}
	return a, nil
}

type world struct {
	*Service
	drafts    *fakeDrafts
	threads   *fakeThreads
	publisher *fakePublisher
	now       time.Time
}

// The people of the tests: an agency's code and a role make a person.
func who(person, agency string, roles ...policy.Role) policy.Actor {
	return policy.Actor{Person: person, Seat: "seat_" + person, Agency: agency, Roles: roles, Locale: "ar"}
}

var (
	salma  = who("salma", "mun", policy.Representative)
	omar   = who("omar", "mun", policy.AgencyLead)
	noura  = who("noura", "mun", policy.Representative)
	khalid = who("khalid", "hea", policy.AgencyLead)
	huda   = who("huda", "tra", policy.Representative)
	staff  = who("staff", "mun", policy.Reader)
	other  = who("other", "hea", policy.Reader)
	maha   = who("maha", "sec", policy.SecretariatAdmin)
	rami   = who("rami", "sec", policy.SecretariatAdmin)
	majid  = who("majid", "sec", policy.Moderator)
	expert = who("expert", "", policy.Expert)
	guest  = who("guest", "", policy.Partner)
	anon   = policy.Actor{}
)

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{drafts: &fakeDrafts{map[string]string{}, map[string][]string{}}, threads: &fakeThreads{}, publisher: &fakePublisher{},
		now: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}
	d.SetClock(func() time.Time { return w.now })
	w.Service = &Service{DB: d, Drafts: w.drafts, Threads: w.threads, Publisher: w.publisher,
		Network:    fakeNetwork{"mun", "hea", "tra", "sec"},
		Workspaces: fakeWorkspaces{"ws_mun": {"mun"}, "ws_joint": {"mun", "hea"}, "ws_commons": nil}}
	return w
}

const fullText = `## الغاية والنطاق

يسري هذا الدليل على مراكز الخدمة.

## الأدوار والمسؤوليات

- الموظف الشامل

## الخطوات

### الاستقبال

يستقبل الموظف المتعامل.

## القياس والمتابعة

تُقاس المدّة آليًّا. 😀
`

func (w *world) create(t *testing.T, actor policy.Actor, n New) View {
	t.Helper()
	if n.Title.Ar == "" {
		n.Title = locale.Text{Ar: "دليل رحلة المتعامل", En: "Customer journey"}
	}
	if n.Language == "" {
		n.Language = "ar"
	}
	if n.Text == "" {
		n.Text = fullText
	}
	v, err := w.Create(t.Context(), actor, n)
	if err != nil {
		t.Fatal(err)
	}
	w.drafts.authors[v.Edition.Draft] = []string{actor.Person}
	return v
}

func (w *world) step(t *testing.T, actor policy.Actor, edition string, step Step, req Request) View {
	t.Helper()
	w.now = w.now.Add(time.Minute)
	v, err := w.Do(t.Context(), actor, edition, step, req)
	if err != nil {
		t.Fatalf("%s: %v %v", step, err, fault.Of(err).Facts)
	}
	return v
}

func (w *world) refuse(t *testing.T, actor policy.Actor, edition string, step Step, req Request, code string) *fault.Error {
	t.Helper()
	_, err := w.Do(t.Context(), actor, edition, step, req)
	if !fault.Is(err, code) {
		t.Fatalf("%s by %s: %v, want %s", step, actor.Person, err, code)
	}
	return fault.Of(err)
}

func (w *world) reviewBy() db.Time { return db.At(w.now.AddDate(1, 0, 0)) }

func (w *world) publish(t *testing.T, v View) View {
	t.Helper()
	w.step(t, salma, v.Edition.ID, Submit, Request{})
	w.step(t, noura, v.Edition.ID, Approve, Request{})
	return w.step(t, omar, v.Edition.ID, Publish, Request{ReviewBy: w.reviewBy(), ChangeNote: "أُضيف بند"})
}

func TestLifeOfAnAgencyGuideline(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		v := w.create(t, salma, New{Workspace: "ws_mun"})
		if v.Edition.State != Draft || v.Guideline.Visibility != policy.ToAgency || v.Edition.Number != (Number{1, 0}) {
			t.Fatalf("created %+v", v.Edition)
		}
		ed := v.Edition.ID
		f := w.refuse(t, salma, ed, Approve, Request{}, "guideline.illegal_step")
		if got := f.Facts["allowed"]; !slices.Equal(got.([]string), []string{"submit", "force_publish", "discard"}) {
			t.Fatalf("allowed %v", got)
		}
		w.step(t, salma, ed, Submit, Request{})
		f = w.refuse(t, salma, ed, Approve, Request{}, "guideline.illegal_step")
		if got := f.Facts["unmet"].([]Unmet); got[0].Code != "reviewer_not_author" {
			t.Fatalf("unmet %v", got)
		}
		w.refuse(t, noura, ed, RequestAmendments, Request{}, "guideline.step_incomplete")
		v = w.step(t, noura, ed, RequestAmendments, Request{Reason: "ينقصه مثال"})
		if v.Edition.State != AmendsNeeded {
			t.Fatalf("state %s", v.Edition.State)
		}
		w.step(t, salma, ed, Submit, Request{})
		w.step(t, noura, ed, Approve, Request{})
		w.refuse(t, noura, ed, Publish, Request{ReviewBy: w.reviewBy()}, "policy.forbidden")
		f = w.refuse(t, omar, ed, Publish, Request{}, "guideline.step_incomplete")
		if f.Fields["review_by"] != "required" {
			t.Fatalf("fields %v", f.Fields)
		}
		v = w.step(t, omar, ed, Publish, Request{ReviewBy: w.reviewBy()})
		if v.Edition.State != Published || len(w.publisher.published) != 1 || w.publisher.published[0].Revision.Text != fullText {
			t.Fatalf("published %+v", v.Edition)
		}
		var steps []Step
		for _, h := range v.History {
			steps = append(steps, h.Step)
		}
		if !slices.Equal(steps, []Step{Create, Submit, RequestAmendments, Submit, Approve, Publish}) {
			t.Fatalf("history %v", steps)
		}
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			n, err := event.Verify(t.Context(), tx)
			if err == nil && n != 7 {
				t.Errorf("%d events", n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestReadersKeepTheCurrentEditionWhileTheNextIsDrafted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		first := w.create(t, salma, New{Visibility: policy.ToNetwork})
		first = w.publish(t, first)
		next, err := w.NewEdition(t.Context(), salma, first.Guideline.ID)
		if err != nil {
			t.Fatal(err)
		}
		if next.Edition.Number != (Number{2, 0}) || w.drafts.text[next.Edition.Draft] != fullText {
			t.Fatalf("next %+v", next.Edition)
		}
		if _, err := w.NewEdition(t.Context(), salma, first.Guideline.ID); !fault.Is(err, "guideline.edition_in_work") {
			t.Fatalf("second edition in work: %v", err)
		}
		w.drafts.text[next.Edition.Draft] = fullText + "\nبند جديد\n"
		w.drafts.authors[next.Edition.Draft] = []string{"salma"}
		_, _, rev, err := w.Reading(t.Context(), other, first.Edition.ID)
		if err != nil || rev.Text != fullText {
			t.Fatalf("reader: %q %v", rev.Text, err)
		}
		if _, _, _, err := w.Reading(t.Context(), other, next.Edition.ID); !fault.Is(err, "edition.not_found") {
			t.Fatalf("a reader reads a draft: %v", err)
		}
		sum, err := w.Get(t.Context(), other, first.Guideline.ID)
		if err != nil || len(sum.Editions) != 1 || sum.Work() != nil {
			t.Fatalf("reader sees %+v %v", sum.Editions, err)
		}
		sum, err = w.Get(t.Context(), khalid, first.Guideline.ID)
		if err != nil || sum.Work() == nil || sum.Current() == nil {
			t.Fatalf("member sees %+v %v", sum, err)
		}
		w.step(t, salma, next.Edition.ID, Submit, Request{})
		w.step(t, noura, next.Edition.ID, Approve, Request{})
		f := w.refuse(t, omar, next.Edition.ID, Publish, Request{ReviewBy: w.reviewBy()}, "guideline.step_incomplete")
		if f.Fields["change_note"] != "required" {
			t.Fatal(f.Fields)
		}
		w.publisher.fail = errors.New("no page")
		if _, err := w.Do(t.Context(), omar, next.Edition.ID, Publish, Request{ReviewBy: w.reviewBy(), Minor: true}); err == nil {
			t.Fatal("published without a page")
		}
		w.publisher.fail = nil
		v := w.step(t, omar, next.Edition.ID, Publish, Request{ReviewBy: w.reviewBy(), Minor: true})
		if v.Edition.Number != (Number{1, 1}) {
			t.Fatalf("minor number %v", v.Edition.Number)
		}
		sum, _ = w.Get(t.Context(), other, first.Guideline.ID)
		if sum.Current().ID != next.Edition.ID || len(sum.Editions) != 2 || sum.Editions[1].State != Superseded {
			t.Fatalf("after publishing %+v", sum.Editions)
		}
	})
}

func TestNetworkManualNeedsAnotherAgencyAndABallot(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		v := w.create(t, salma, New{Kind: OfNetwork, Workspace: "ws_commons"})
		ed := v.Edition.ID
		w.threads.blocking = 2
		w.step(t, salma, ed, Submit, Request{})
		f := w.refuse(t, khalid, ed, Approve, Request{}, "guideline.illegal_step")
		if got := f.Facts["unmet"].([]Unmet); len(got) != 1 || got[0] != (Unmet{"blocking_threads", 2}) {
			t.Fatal(got)
		}
		w.threads.blocking = 0
		f = w.refuse(t, noura, ed, Approve, Request{}, "guideline.illegal_step")
		if got := f.Facts["unmet"].([]Unmet); got[0].Code != "reviewer_other_agency" {
			t.Fatal(got)
		}
		w.step(t, khalid, ed, Approve, Request{})
		f = w.refuse(t, maha, ed, Publish, Request{ReviewBy: w.reviewBy()}, "guideline.illegal_step")
		if got := f.Facts["unmet"].([]Unmet); got[0].Code != "ballot" {
			t.Fatal(got)
		}
		w.step(t, maha, ed, SendToBallot, Request{Ballot: "bl_1"})
		w.refuse(t, maha, ed, Carried, Request{Ballot: "bl_1"}, "policy.forbidden")
		hub := policy.SystemActor()
		w.refuse(t, hub, ed, Carried, Request{Ballot: "bl_2"}, "guideline.step_incomplete")
		w.step(t, hub, ed, NotQuorate, Request{Ballot: "bl_1"})
		w.step(t, maha, ed, SendToBallot, Request{Ballot: "bl_2"})
		w.step(t, hub, ed, Carried, Request{Ballot: "bl_2"})
		w.refuse(t, omar, ed, Publish, Request{ReviewBy: w.reviewBy()}, "policy.forbidden")
		w.step(t, maha, ed, Publish, Request{ReviewBy: w.reviewBy()})
	})
}

func TestATextThatMovedAfterApprovalGoesBackToReview(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		v := w.create(t, salma, New{})
		ed := v.Edition.ID
		w.step(t, salma, ed, Submit, Request{})
		w.step(t, noura, ed, Approve, Request{})
		w.drafts.text[v.Edition.Draft] += "\nكلمة\n"
		w.refuse(t, omar, ed, Publish, Request{ReviewBy: w.reviewBy()}, "guideline.approval_lapsed")
		v, err := w.Edition(t.Context(), salma, ed)
		if err != nil || v.Edition.State != InReview || v.Edition.ApprovedBy != "" {
			t.Fatalf("%+v %v", v.Edition, err)
		}
	})
}

func TestATextThatCannotBeShownIsNeitherSentToReviewNorApproved(t *testing.T) {
	t.Parallel()
	for code, beyond := range map[string]string{
		"markdown.nesting":    strings.Repeat("> ", markdown.MaxNesting+1) + "عميق",
		"markdown.delimiters": strings.Repeat("*a_", 400),
		"markdown.table":      "|" + strings.Repeat(" a |", 200) + "\n|" + strings.Repeat("---|", 200) + strings.Repeat("\n|"+strings.Repeat(" b |", 200), 110),
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, dbtest.Open(t))
			v := w.create(t, salma, New{Text: fullText + "\n\n" + beyond + "\n"})
			w.refuse(t, salma, v.Edition.ID, Submit, Request{}, code)
			w.drafts.text[v.Edition.Draft] = fullText
			w.step(t, salma, v.Edition.ID, Submit, Request{})
			// A suggestion that a reviewer took in.
			w.drafts.text[v.Edition.Draft] = fullText + "\n\n" + beyond + "\n"
			w.refuse(t, noura, v.Edition.ID, Approve, Request{}, code)
			now, err := w.Edition(t.Context(), salma, v.Edition.ID)
			if err != nil || now.Edition.State != InReview {
				t.Fatal(now.Edition.State, err)
			}
		})
	}
}

func TestScheduledEditionIsPublishedWhenDue(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		rights := map[string]policy.Actor{"omar": omar}
		w.Actor = func(_ context.Context, _ *db.Tx, p string) (policy.Actor, error) { return rights[p], nil }
		v := w.create(t, salma, New{})
		ed := v.Edition.ID
		w.step(t, salma, ed, Submit, Request{})
		w.step(t, noura, ed, Approve, Request{})
		due := db.At(w.now.Add(time.Hour))
		w.step(t, omar, ed, Schedule, Request{PublishAt: due, ReviewBy: w.reviewBy()})
		run := func() int {
			n, err := w.PublishDue(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if run() != 0 {
			t.Fatal("published early")
		}
		rights["omar"] = who("omar", "mun", policy.Reader)
		w.now = due.Time()
		if run() != 0 {
			t.Fatal("published for one who lost the right")
		}
		got, _ := w.Edition(t.Context(), salma, ed)
		if got.Edition.State != Ready {
			t.Fatal(got.Edition.State)
		}
		rights["omar"] = omar
		due = db.At(w.now.Add(time.Hour))
		w.step(t, omar, ed, Schedule, Request{PublishAt: due, ReviewBy: w.reviewBy()})
		w.now = due.Time()
		if run() != 1 || run() != 0 {
			t.Fatal("not published once")
		}
		got, _ = w.Edition(t.Context(), salma, ed)
		if got.Edition.State != Published || got.Edition.PublishedBy != "omar" {
			t.Fatalf("%+v", got.Edition)
		}
	})
}

func TestWithdrawRestoreUnpublishForce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		v := w.publish(t, w.create(t, salma, New{Visibility: policy.ToNetwork}))
		w.step(t, omar, v.Edition.ID, Withdraw, Request{Reason: "تعارض مع القرار ١٢"})
		if p := w.publisher.updated[len(w.publisher.updated)-1]; p.State != Withdrawn || p.Notice == "" {
			t.Fatalf("%+v", p)
		}
		if _, _, rev, err := w.Reading(t.Context(), other, v.Edition.ID); err != nil || rev.Text != fullText {
			t.Fatalf("a withdrawn text stays readable: %v", err)
		}
		again := w.step(t, omar, v.Edition.ID, Restore, Request{Reason: "زال التعارض"})
		if again.Edition.ID == v.Edition.ID || again.Edition.State != Published || again.Edition.Number != (Number{1, 1}) {
			t.Fatalf("%+v", again.Edition)
		}
		old, _ := w.Edition(t.Context(), omar, v.Edition.ID)
		if old.Edition.State != Superseded {
			t.Fatal(old.Edition.State)
		}
		w.step(t, omar, again.Edition.ID, Unpublish, Request{Reason: "نُشر خطأً", Class: "error"})
		if _, _, _, err := w.Reading(t.Context(), other, again.Edition.ID); !fault.Is(err, "edition.not_found") {
			t.Fatalf("an unpublished text is gone for readers: %v", err)
		}
		n := w.create(t, salma, New{Visibility: policy.ToNetwork, Text: "قصير"})
		w.refuse(t, omar, n.Edition.ID, ForcePublish, Request{Reason: "عاجل", ReviewBy: w.reviewBy()}, "policy.forbidden")
		forced := w.step(t, maha, n.Edition.ID, ForcePublish, Request{Reason: "عاجل", ReviewBy: w.reviewBy()})
		if forced.Edition.SecondEyeDue == 0 {
			t.Fatal("no second eye asked for")
		}
		w.refuse(t, maha, n.Edition.ID, SecondEye, Request{}, "guideline.illegal_step")
		cleared := w.step(t, rami, n.Edition.ID, SecondEye, Request{})
		if cleared.Edition.SecondEyeDue != 0 {
			t.Fatal("still waits")
		}
		w.refuse(t, rami, n.Edition.ID, SecondEye, Request{}, "guideline.illegal_step")
		dis := w.create(t, salma, New{})
		w.step(t, salma, dis.Edition.ID, Discard, Request{Reason: "مكرّر"})
		if _, err := w.NewEdition(t.Context(), salma, dis.Guideline.ID); err != nil {
			t.Fatalf("a new edition after a discarded one: %v", err)
		}
	})
}

func TestWhatIsConsolidatedLeadsWhereItWent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Open(t))
	v := w.publish(t, w.create(t, salma, New{Visibility: policy.ToNetwork}))
	for _, to := range []string{"", "https://elsewhere.example", "//elsewhere.example", "/guides/a\r\nb", "/guides/" + v.Guideline.ID + "/e/1.0"} {
		if f := w.refuse(t, omar, v.Edition.ID, Unpublish, Request{Reason: "دُمج في دليل آخر", Class: "consolidated", Redirect: to}, "guideline.step_incomplete"); f != nil && f.Fields["redirect"] == "" {
			t.Errorf("%q: %v", to, f.Fields)
		}
	}
	w.refuse(t, omar, v.Edition.ID, Unpublish, Request{Reason: "دُمج في دليل آخر", Class: "gone"}, "guideline.step_incomplete")
	got := w.step(t, omar, v.Edition.ID, Unpublish, Request{Reason: "دُمج في دليل آخر", Class: "consolidated", Redirect: "/guides/gl_other"})
	if p := w.publisher.updated[len(w.publisher.updated)-1]; got.Edition.Redirect != "/guides/gl_other" || p.Redirect != "/guides/gl_other" {
		t.Errorf("%q %q", got.Edition.Redirect, p.Redirect)
	}
}

func TestAFactCheckIsAskedOfThoseWhoExist(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		agency, err := member.New(d, nil).CreateAgency(t.Context(), policy.SystemActor(), member.NewAgency{Code: "HLT", Name: locale.Text{Ar: "هيئة الصحة"}})
		if err != nil {
			t.Fatal(err)
		}
		v := w.create(t, salma, New{Visibility: policy.ToNetwork})
		w.step(t, salma, v.Edition.ID, Submit, Request{})
		w.step(t, noura, v.Edition.ID, Approve, Request{})
		if f := w.refuse(t, maha, v.Edition.ID, SendFactCheck, Request{Experts: []string{agency.ID, "nobody"}}, "guideline.step_incomplete"); f != nil && f.Fields["experts"] != "unknown" {
			t.Error(f.Fields)
		}
		got := w.step(t, maha, v.Edition.ID, SendFactCheck, Request{Experts: []string{agency.ID}})
		if got.Edition.State != FactCheck || len(got.Edition.Experts) != 1 {
			t.Errorf("%+v", got.Edition)
		}
		w.step(t, maha, v.Edition.ID, Receive, Request{})
		// What they answered is handled before the check is concluded.
		w.threads.answers = 2
		if f := w.refuse(t, maha, v.Edition.ID, Conclude, Request{Outcome: Ready}, "guideline.illegal_step"); f != nil {
			unmet, _ := f.Facts["unmet"].([]Unmet)
			if len(unmet) != 1 || unmet[0] != (Unmet{"answers_handled", 2}) {
				t.Errorf("%+v", f.Facts)
			}
		}
		w.threads.answers = 0
		got = w.step(t, maha, v.Edition.ID, Conclude, Request{Outcome: AmendsNeeded})
		if got.Edition.State != AmendsNeeded || got.Edition.ApprovedHash != "" {
			t.Errorf("%+v", got.Edition)
		}
	})
}

func TestTwoStepsAtOnceHaveOneWinner(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		v := w.create(t, salma, New{})
		w.step(t, salma, v.Edition.ID, Submit, Request{})
		errs := make(chan error, 8)
		for range cap(errs) {
			go func() {
				_, err := w.Do(t.Context(), noura, v.Edition.ID, Approve, Request{})
				errs <- err
			}()
		}
		won := 0
		for range cap(errs) {
			if err := <-errs; err == nil {
				won++
			} else if !fault.Is(err, "guideline.illegal_step") {
				t.Error(err)
			}
		}
		if won != 1 {
			t.Fatalf("%d steps won", won)
		}
	})
}

func TestNamesAreKeptOrRefusedByField(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Open(t))
	for _, c := range []struct{ title, field string }{
		{"دليل — Guide 😀", ""},
		{"<script>alert(1)</script>", ""},
		{"سطر\nآخر", "title"},
		{"\x00", "title"},
		{"", "title"},
		{"\u202eقلب", "title"},
		{strings.Repeat("أ", 201), "title"},
	} {
		v, err := w.Create(t.Context(), salma, New{Title: locale.Text{Ar: c.title}, Language: "ar"})
		if c.field == "" {
			if err != nil || v.Guideline.Title.Ar != c.title {
				t.Errorf("%q: %v", c.title, err)
			}
		} else if fault.Of(err) == nil || fault.Of(err).Fields[c.field] == "" {
			t.Errorf("%q: %v", c.title, err)
		}
	}
}
