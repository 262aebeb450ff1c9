package publish

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
)

var (
	nobody = policy.Actor{}
	member = policy.Actor{Person: "pe_1", Agency: "ag_2", Roles: []policy.Role{policy.Representative}}
	named  = policy.Actor{Person: "pe_3", Agency: "ag_3", Roles: []policy.Role{policy.Representative}}
)

func edition(n string, minor int, v policy.Visibility, title, text string) guideline.Publication {
	return guideline.Publication{Guideline: "gl_" + n, Edition: "ed_" + n + string(rune('a'+minor)), Agency: "ag_1", Title: locale.Text{Ar: title}, Language: "ar",
		Visibility: v, Number: guideline.Number{Major: 1, Minor: minor}, State: guideline.Published, Revision: guideline.Revision{Hash: "h" + n, Version: 1, Text: text}, PublishedAt: db.Time(1000 + minor)}
}

func write(t *testing.T, d *db.DB, fn func(context.Context, *db.Tx, guideline.Publication) error, p guideline.Publication) {
	t.Helper()
	if err := d.Transact(context.Background(), func(tx *db.Tx) error { return fn(context.Background(), tx, p) }); err != nil {
		t.Fatal(err)
	}
}

func TestWhoReadsAGuide(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, ctx := New(d), context.Background()
		write(t, d, s.Publish, edition("1", 0, policy.ToPublic, "عام", "نص"))
		write(t, d, s.Publish, edition("2", 0, policy.ToNetwork, "للشبكة", "نص"))
		shared := edition("3", 0, policy.ToAgencies, "لجهات", "نص")
		shared.Agencies = []string{"ag_3"}
		write(t, d, s.Publish, shared)
		hidden := edition("4", 0, policy.ToPublic, "محجوب", "نص")
		hidden.Hidden = true
		write(t, d, s.Publish, hidden)
		for _, c := range []struct {
			name  string
			actor policy.Actor
			reads string
		}{{"nobody", nobody, "1"}, {"a member", member, "12"}, {"a named agency", named, "123"}} {
			got := ""
			for _, n := range []string{"1", "2", "3", "4"} {
				_, err := s.Find(ctx, c.actor, "gl_"+n, "")
				if err == nil {
					got += n
				} else if !fault.Is(err, "guide.not_found") {
					t.Errorf("%s, guide %s: %v", c.name, n, err)
				}
			}
			if got != c.reads {
				t.Errorf("%s reads %q, not %q", c.name, got, c.reads)
			}
		}
	})
}

func TestEditionsFollowEachOther(t *testing.T) {
	d := dbtest.Open(t)
	s, ctx := New(d), context.Background()
	first, second := edition("1", 0, policy.ToPublic, "دليل", "## الغاية\n\nقديم."), edition("1", 1, policy.ToPublic, "دليل", "## الغاية\n\nجديد.")
	write(t, d, s.Publish, first)
	first.State = guideline.Superseded
	write(t, d, s.Update, first)
	write(t, d, s.Publish, second)
	for number, words := range map[string]string{"": "جديد", "1.1": "جديد", "1.0": "قديم", "1": "قديم"} {
		g, err := s.Find(ctx, nobody, "gl_1", number)
		if err != nil || !strings.Contains(g.HTML, words) {
			t.Errorf("edition %q: %v %s", number, err, g.HTML)
		}
	}
	if all, err := s.Editions(ctx, nobody, "gl_1"); err != nil || len(all) != 2 || all[0].Number() != "1.1" || all[1].State != "superseded" || len(all[0].TOC) != 1 {
		t.Errorf("%+v %v", all, err)
	}
	second.State, second.Notice = guideline.Withdrawn, "لم يعد معمولًا به"
	write(t, d, s.Update, second)
	if g, err := s.Find(ctx, nobody, "gl_1", ""); err != nil || g.State != "withdrawn" || g.Notice == "" || !strings.Contains(g.HTML, "جديد") {
		t.Errorf("a withdrawn guide stays readable: %+v %v", g.State, err)
	}
}

func TestATextThatCannotBeRenderedIsNotPublished(t *testing.T) {
	d := dbtest.Open(t)
	s, ctx := New(d), context.Background()
	p := edition("1", 0, policy.ToPublic, "دليل", strings.Repeat(">", 100)+"a")
	err := d.Transact(ctx, func(tx *db.Tx) error { return s.Publish(ctx, tx, p) })
	if !fault.Is(err, "markdown.nesting") {
		t.Error(err)
	}
	if _, err := s.Find(ctx, nobody, "gl_1", ""); !fault.Is(err, "guide.not_found") {
		t.Error(err)
	}
}

func TestGuidesPublishedBeforeClausesWereKeptGetThem(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, ctx := New(d), context.Background()
		write(t, d, s.Publish, edition("1", 0, policy.ToPublic, "دليل", "---\ntitle: د\n---\n\n## الغاية\n\nنص البند.\n"))
		before, err := s.Find(ctx, nobody, "gl_1", "")
		if err != nil || len(before.Clauses) == 0 {
			t.Fatalf("%+v %v", before.Clauses, err)
		}
		if n, err := s.FillClauses(ctx); n != 0 || err != nil {
			t.Fatalf("%d filled where nothing lacks: %v", n, err)
		}
		err = d.Transact(ctx, func(tx *db.Tx) error { // as migration 11 leaves them
			_, err := tx.Exec(ctx, `update guide set clauses = '[]'`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := s.FillClauses(ctx); n != 1 || err != nil {
			t.Fatalf("%d filled: %v", n, err)
		}
		after, err := s.Find(ctx, nobody, "gl_1", "")
		if err != nil || !slices.Equal(after.Clauses, before.Clauses) || after.HTML != before.HTML || after.UpdatedAt <= before.UpdatedAt {
			t.Errorf("%+v\n%+v %v", before, after, err)
		}
		if n, err := s.FillClauses(ctx); n != 0 || err != nil {
			t.Errorf("%d filled again: %v", n, err)
		}
	})
}
