package moderation

import (
	"testing"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/discussion"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/practice"
)

func TestAPracticeIsFlaggedHiddenAndRestored(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		practices := practice.New(d)
		s := New(d)
		s.Register("pr", Practices{practices})
		author := who("pe_author", "ag_a", policy.AgencyLead)
		reader := who("pe_reader", "ag_b", policy.Reader)
		mo, sa := who("pe_mo", "ag_sec", policy.Moderator), who("pe_sa", "ag_sec", policy.SecretariatAdmin)
		p, err := practices.Nominate(ctx, author, practice.Card{Title: locale.Text{Ar: "ممارسة"}, Problem: "رقم هوية موظف 784", Contacts: "مركز الخدمة"})
		if err != nil {
			t.Fatal(err)
		}
		sees := func(a policy.Actor) bool {
			_, err := practices.Find(ctx, a, p.ID)
			list, lerr := practices.List(ctx, a, practice.Filter{})
			if lerr != nil || (err == nil) != (len(list.Items) == 1) {
				t.Errorf("%s: page %v, list %d %v", a.Person, err, len(list.Items), lerr)
			}
			return err == nil
		}
		f, err := s.Flag(ctx, reader, p.ID, PersonalData, "")
		if err != nil || !f.Hidden {
			t.Fatalf("a grave reason hides at once: %+v %v", f, err)
		}
		if sees(reader) || !sees(author) || !sees(mo) || !sees(sa) {
			t.Error("hidden: its agency, the secretariat and moderators see it, others do not")
		}
		if err := d.Transact(ctx, func(tx *db.Tx) error {
			_, err := practices.EnterBallot(ctx, tx, sa, p.ID, 1)
			return err
		}); !fault.Is(err, "practice.hidden") {
			t.Errorf("no ballot on what is hidden: %v", err)
		}
		page, err := s.Queue(ctx, mo, Filter{})
		q := page.Items
		if err != nil || len(q) != 1 || q[0].Kind != "pr" || q[0].URL != "/practices/"+p.ID || q[0].Text != "ممارسة\nرقم هوية موظف 784\nمركز الخدمة" {
			t.Fatalf("%+v %v", q, err)
		}
		if it, err := s.Decide(ctx, mo, q[0].ID, q[0].Version, Restore, "لا بيانات شخصية بعد التصحيح."); err != nil || it.Hidden {
			t.Fatalf("%+v %v", it, err)
		}
		if !sees(reader) {
			t.Error("restored")
		}
	})
}

func TestAPostOfADiscussionIsFlaggedAndHidden(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	ctx := t.Context()
	talks := discussion.New(d)
	s := New(d)
	s.Register("po", Posts{})
	var topic string
	if err := d.Transact(ctx, func(tx *db.Tx) (err error) {
		topic, err = discussion.Open(ctx, tx, "practice", "pr_x", discussion.Tie, "bl_x")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	author, mo := who("pe_author", "ag_a", policy.AgencyLead), who("pe_mo", "ag_sec", policy.Moderator)
	got, err := talks.Post(ctx, author, topic, "رأي جارح")
	if err != nil {
		t.Fatal(err)
	}
	post := got.Posts[0].ID
	if _, err := s.Flag(ctx, who("pe_reader", "ag_b", policy.Reader), post, Offensive, ""); err != nil {
		t.Fatal(err)
	}
	page, err := s.Queue(ctx, mo, Filter{})
	q := page.Items
	if err != nil || len(q) != 1 || q[0].Text != "رأي جارح" || q[0].URL != "/ballots/bl_x" {
		t.Fatalf("%+v %v", q, err)
	}
	if _, err := s.Decide(ctx, who("pe_mo2", "ag_a", policy.Moderator), q[0].ID, q[0].Version, Hide, "جارح"); !fault.Is(err, "moderation.own_dispute") {
		t.Errorf("a moderator of the author's agency: %v", err)
	}
	if _, err := s.Decide(ctx, mo, q[0].ID, q[0].Version, Hide, "جارح"); err != nil {
		t.Fatal(err)
	}
	if got, _ := talks.Find(ctx, who("pe_r", "ag_b", policy.Reader), topic); len(got.Posts) != 1 || got.Posts[0].Body != "" || !got.Posts[0].Hidden {
		t.Errorf("%+v", got.Posts)
	}
}
