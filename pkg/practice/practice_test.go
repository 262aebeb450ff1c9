package practice

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
)

var (
	rep   = policy.Actor{Person: "pe_rep", Agency: "ag_1", Roles: []policy.Role{policy.Representative}}
	other = policy.Actor{Person: "pe_other", Agency: "ag_2", Roles: []policy.Role{policy.AgencyLead}}
	sa    = policy.Actor{Person: "pe_sa", Agency: "ag_sec", Roles: []policy.Role{policy.SecretariatAdmin}}
)

func card() Card {
	return Card{Title: locale.Text{Ar: "الموظف الشامل", En: "One-stop employee"}, Problem: "نوافذ كثيرة.\nوثائق مكررة.", Axis: "delivery",
		Evidence: []Evidence{{Text: "انخفض الزمن", Date: "2026-08-03", Source: "مركز الخدمة"}}}
}

func want(t *testing.T, err error, code string) {
	t.Helper()
	if code == "" && err != nil || code != "" && !fault.Is(err, code) {
		t.Errorf("got %v, want %q", err, code)
	}
}

func TestCardIsRefusedByFieldName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, field string
		change      func(*Card)
	}{
		{"a title in one language", "title", func(c *Card) { c.Title = locale.Text{} }},
		{"a title on one line", "title", func(c *Card) { c.Title.Ar = "a\nb" }},
		{"a title of 160 characters", "title", func(c *Card) { c.Title.En = strings.Repeat("a", 161) }},
		{"a problem", "problem", func(c *Card) { c.Problem = " \n" }},
		{"no control characters", "context", func(c *Card) { c.Context = "a\x00" }},
		{"valid text", "cost", func(c *Card) { c.Cost = "\xff" }},
		{"contacts that fit", "contacts", func(c *Card) { c.Contacts = strings.Repeat("س", 1001) }},
		{"dated evidence", "evidence", func(c *Card) { c.Evidence[0].Date = "" }},
		{"a date that exists", "evidence", func(c *Card) { c.Evidence[0].Date = "2026-02-30" }},
		{"evidence that says something", "evidence", func(c *Card) { c.Evidence[0].Text = "" }},
		{"not too much evidence", "evidence", func(c *Card) { c.Evidence = slices.Repeat(c.Evidence, 25) }},
		{"an axis code", "axis", func(c *Card) { c.Axis = "<b>" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := card()
			c.change(&k)
			f := fault.Of(k.check())
			if f == nil || f.Fields[c.field] == "" {
				t.Errorf("got %v, want field %s", f, c.field)
			}
		})
	}
	if err := card().check(); err != nil {
		t.Error(err)
	}
}

func TestHashNamesTheText(t *testing.T) {
	t.Parallel()
	a, b := card(), card()
	if a.Hash() != b.Hash() || len(a.Hash()) != 64 {
		t.Error("equal cards have equal hashes")
	}
	b.Evidence[0].Source += " "
	if a.Hash() == b.Hash() {
		t.Error("another text has another hash")
	}
	if (Card{}).Hash() != (Card{Evidence: []Evidence{}}).Hash() {
		t.Error("no evidence is no evidence")
	}
}

func TestStages(t *testing.T) {
	t.Parallel()
	for from, list := range steps {
		for _, to := range list {
			if !slices.Contains(Stages, from) || !slices.Contains(Stages, to) || to == InBallot || to == Approved || to == NotCarried {
				t.Errorf("%s → %s is not a step by hand", from, to)
			}
		}
	}
	if len(Retired.Next())+len(Declined.Next())+len(Merged.Next())+len(InBallot.Next()) != 0 {
		t.Error("an end has no next stage")
	}
}

func TestPracticeLife(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := New(d)
		_, err := s.Nominate(ctx, policy.Actor{}, card())
		want(t, err, "policy.unauthenticated")
		_, err = s.Nominate(ctx, policy.Actor{Person: "pe_mo", Agency: "x", Roles: []policy.Role{policy.Moderator}}, card())
		want(t, err, "policy.forbidden")
		p, err := s.Nominate(ctx, rep, card())
		want(t, err, "")
		_, err = s.Find(ctx, policy.Actor{Person: "pe_po", Roles: []policy.Role{policy.Partner}}, p.ID)
		want(t, err, "practice.not_found")

		_, err = s.Edit(ctx, other, p.ID, "", func(c *Card) { c.Cost = "٣١٠ آلاف" })
		want(t, err, "policy.forbidden")
		q, err := s.Edit(ctx, rep, p.ID, p.Hash, func(c *Card) { c.Cost = "٣١٠ آلاف" })
		want(t, err, "")
		_, err = s.Edit(ctx, rep, p.ID, p.Hash, func(c *Card) { c.Cost = "غيره" })
		want(t, err, "practice.changed")
		if q.Revision != 2 || q.Hash == p.Hash {
			t.Errorf("revision %d", q.Revision)
		}

		_, err = s.Move(ctx, rep, p.ID, Screened, "", "")
		want(t, err, "policy.forbidden")
		_, err = s.Move(ctx, sa, p.ID, Approved, "", "")
		want(t, err, "practice.illegal_step")
		_, err = s.Move(ctx, sa, p.ID, InBallot, "", "")
		want(t, err, "practice.illegal_step")
		_, err = s.Move(ctx, sa, p.ID, NeedsMore, "قصير", "")
		want(t, err, "practice.reason_required")
		_, err = s.Move(ctx, sa, p.ID, NeedsMore, "تلزم أرقام موثقة من مركزين.", "")
		want(t, err, "")
		_, err = s.Move(ctx, other, p.ID, Nominated, "", "")
		want(t, err, "policy.forbidden")
		_, err = s.Move(ctx, rep, p.ID, Nominated, "", "")
		want(t, err, "")
		_, err = s.Move(ctx, sa, p.ID, Merged, "هي الممارسة نفسها.", p.ID)
		want(t, err, "practice.merge_target_required")
		_, err = s.Move(ctx, sa, p.ID, Screened, "", "")
		want(t, err, "")

		page, err := s.Find(ctx, rep, p.ID)
		want(t, err, "")
		if page.Stage != Screened || len(page.History) != 4 || page.History[1].Reason == "" || len(page.Allowed) != 0 || !page.Abilities[string(policy.EditPractice)] {
			t.Errorf("%+v", page)
		}
		err = d.Transact(ctx, func(tx *db.Tx) error {
			_, err := s.EnterBallot(ctx, tx, sa, p.ID, 1)
			return err
		})
		want(t, err, "")
		_, err = s.Edit(ctx, rep, p.ID, "", func(c *Card) { c.Cost = "بعد الفتح" })
		want(t, err, "practice.locked")
		err = d.Transact(ctx, func(tx *db.Tx) error {
			_, err := s.EnterBallot(ctx, tx, sa, p.ID, 1)
			return err
		})
		want(t, err, "practice.not_ready")
		err = d.Transact(ctx, func(tx *db.Tx) error { return s.LeaveBallot(ctx, tx, sa, p.ID, "", "cancelled") })
		want(t, err, "")
		if page, _ = s.Find(ctx, sa, p.ID); page.Stage != Screened {
			t.Errorf("status quo: %s", page.Stage)
		}
		list, err := s.List(ctx, rep, Filter{Text: "one-STOP", Stage: Screened})
		want(t, err, "")
		if len(list.Items) != 1 || list.Next != "" {
			t.Errorf("list %d %q", len(list.Items), list.Next)
		}
		// Letter forms and vowel signs do not hide a title (rules D11).
		folded, err := s.List(ctx, rep, Filter{Text: "المُوَظَّفُ الشّامِل"})
		if err != nil || len(folded.Items) != 1 {
			t.Errorf("a title in other letter forms: %d found, %v", len(folded.Items), err)
		}
		if list, _ = s.List(ctx, rep, Filter{Text: "100%_"}); len(list.Items) != 0 {
			t.Error("wildcards are letters")
		}
		err = d.Read(ctx, func(tx *db.Tx) error { _, err := event.Verify(ctx, tx); return err })
		want(t, err, "")
	})
}
