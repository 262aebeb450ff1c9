package guideline

import (
	"context"
	"testing"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
)

func fieldOf(t *testing.T, err error, field string) string {
	t.Helper()
	f := fault.Of(err)
	if f == nil {
		t.Fatalf("no fault: %v", err)
	}
	return f.Fields[field]
}

func TestATranslationFollowsItsOriginal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := context.Background()
		begin := func(n New) View {
			t.Helper()
			v, err := w.Create(ctx, omar, n)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		ar := w.create(t, omar, New{Title: locale.Text{Ar: "دليل", En: "Guide"}, Language: "ar", Visibility: policy.ToPublic, Text: "## الغاية\n\nنص.\n", Template: "free", Tags: []string{"وسم"}})
		w.publish(t, ar)
		en := begin(New{Language: "en", Translates: ar.Guideline.ID})
		g := en.Guideline
		if g.Translates != ar.Guideline.ID || g.Agency != ar.Guideline.Agency || g.Visibility != policy.ToPublic || g.Title != ar.Guideline.Title || g.Template != "free" || len(g.Tags) != 1 {
			t.Errorf("%+v", g)
		}
		_, _, rev, err := w.Reading(ctx, omar, en.Edition.ID)
		if err != nil || rev.Text != "## الغاية\n\nنص.\n" {
			t.Errorf("begins with %q %v", rev.Text, err)
		}
		if en.Original == nil || en.Original.Current() == nil {
			t.Fatal("the original is not shown")
		}

		// What may not be one.
		for name, c := range map[string]struct {
			n    New
			want string
		}{
			"a second one in the language":   {New{Language: "en", Translates: ar.Guideline.ID}, "taken"},
			"one in Arabic":                  {New{Language: "ar", Translates: ar.Guideline.ID}, "language"},
			"a translation of a translation": {New{Language: "en", Translates: g.ID}, "chain"},
		} {
			if _, err := w.Create(ctx, omar, c.n); fieldOf(t, err, "translates") != c.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := w.Create(ctx, khalid, New{Language: "en", Translates: ar.Guideline.ID}); err == nil || fault.Of(err).Kind != fault.Forbidden {
			t.Errorf("another agency begins one: %v", err)
		}
		arabic := "ar"
		if _, err := w.Update(ctx, omar, g.ID, Patch{Language: &arabic}); fieldOf(t, err, "language") != "translated" {
			t.Errorf("its language changes: %v", err)
		}

		// The edition of the original is recorded when it is published.
		v := w.publish(t, en)
		if v.Edition.MadeFrom != en.Original.Current().ID || w.publisher.published[1].MadeFrom != v.Edition.MadeFrom || w.publisher.published[1].Translates != ar.Guideline.ID {
			t.Errorf("made from %q", v.Edition.MadeFrom)
		}
		first := v.Edition.MadeFrom
		second, err := w.NewEdition(ctx, omar, ar.Guideline.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.publish(t, second)
		next, err := w.NewEdition(ctx, omar, g.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.step(t, salma, next.Edition.ID, Submit, Request{})
		w.step(t, noura, next.Edition.ID, Approve, Request{})
		f := w.refuse(t, omar, next.Edition.ID, Publish, Request{ChangeNote: "n", ReviewBy: w.reviewBy(), MadeFrom: next.Edition.ID}, "guideline.step_incomplete")
		if f.Fields["made_from"] != "invalid" {
			t.Errorf("an edition of its own: %v", f.Fields)
		}
		v = w.step(t, omar, next.Edition.ID, Publish, Request{ChangeNote: "n", ReviewBy: w.reviewBy(), MadeFrom: first})
		if v.Edition.MadeFrom != first {
			t.Errorf("made from %q, not the first", v.Edition.MadeFrom)
		}

		// Unlinked and linked again in its settings, with the edition it was made from.
		none, back := "", ar.Guideline.ID
		if _, err := w.Update(ctx, omar, g.ID, Patch{Translates: &none}); err != nil {
			t.Fatal(err)
		}
		if _, list, err := w.Languages(ctx, omar, ar.Guideline); err != nil || len(list) != 0 {
			t.Errorf("%v %v", list, err)
		}
		if _, err := w.Update(ctx, omar, g.ID, Patch{Translates: &back, MadeFrom: "ed_none"}); fieldOf(t, err, "made_from") != "invalid" {
			t.Errorf("an unknown edition: %v", err)
		}
		sum, err := w.Update(ctx, omar, g.ID, Patch{Translates: &back})
		if err != nil || sum.Current().MadeFrom != second.Edition.ID {
			t.Errorf("%+v %v", sum.Current(), err)
		}
		if u := w.publisher.updated[len(w.publisher.updated)-1]; u.Translates != back {
			t.Errorf("its page is not told: %+v", u)
		}
		if _, err := w.Update(ctx, omar, ar.Guideline.ID, Patch{Translates: &g.ID}); fieldOf(t, err, "translates") != "chain" {
			t.Errorf("both ways: %v", err)
		}
		// Who does not see the original does not learn of it.
		if _, err := w.SetVisibility(ctx, omar, ar.Guideline.ID, policy.ToAgency, nil); err != nil {
			t.Fatal(err)
		}
		if o, _, err := w.Languages(ctx, khalid, sum.Guideline); err != nil || o != nil {
			t.Errorf("another agency sees %v %v", o, err)
		}
	})
}
