package publish

import (
	"context"
	"strings"
	"testing"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/policy"
)

// The address of a clause leads to it in every edition, whatever became of its words and its place (rules D3).
func TestClausesKeepTheirIDs(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, ctx := New(d), context.Background()
		number := 0
		publish := func(text string) (guide Guide, id func(words string) string) {
			t.Helper()
			p := edition("1", number, policy.ToPublic, "دليل", text)
			number++
			write(t, d, s.Publish, p)
			g, err := s.Find(ctx, nobody, "gl_1", p.Number.String())
			if err != nil {
				t.Fatal(err)
			}
			seen := map[string]bool{}
			for _, c := range g.Clauses {
				if c.ID != "" && seen[c.ID] {
					t.Errorf("edition %s has two clauses %s", g.Number(), c.ID)
				}
				seen[c.ID] = true
				if c.ID != "" && !strings.Contains(g.HTML, `id="`+c.ID+`"`) {
					t.Errorf("edition %s: %s is not on the page", g.Number(), c.ID)
				}
			}
			return g, func(words string) string {
				t.Helper()
				for _, c := range g.Clauses {
					if strings.Contains(c.Text, words) {
						return c.ID
					}
				}
				t.Fatalf("no clause %q in %s", words, g.Number())
				return ""
			}
		}
		const first = "---\ntitle: دليل\n---\n\n## الغاية\n\nيبيّن هذا الدليل ما يلزم لخدمة المتعامل.\n\nيسري على مراكز الخدمة كلها.\n\n## الأحكام\n\n" +
			"لا تتجاوز مدة الانتظار خمس عشرة دقيقة في يوم العمل.\n\nيُعلن المركز أوقات عمله على بابه\nوفي موقعه.\n\nتُقبل الهوية الرقمية.\n"
		_, one := publish(first)
		// Reworded, renamed, wrapped otherwise, with a clause ahead that takes the words one had before; the last goes to the front.
		second := "## الغاية والنطاق\n\nتُقبل الهوية الرقمية.\n\nيبيّن هذا الدليل ما يلزم لخدمة المتعامل وموظف المركز.\n\nبند جديد لا شأن له بما قبله البتة.\n\nيسري على مراكز الخدمة كلها.\n\n## الأحكام\n\n" +
			"لا تتجاوز مدة الانتظار خمس عشرة دقيقة في يوم العمل.\n\nلا تتجاوز مدة الانتظار عشر دقائق في يوم العمل.\n\nيُعلن المركز أوقات عمله وإجازاته على بابه\nوفي موقعه.\n"
		_, two := publish(second)
		for was, is := range map[string]string{
			"يبيّن هذا": "وموظف المركز", "يسري": "يسري", "تُقبل": "تُقبل", "يُعلن": "وإجازاته", "الأحكام": "الأحكام", "خمس عشرة": "خمس عشرة",
		} {
			if one(was) != two(is) {
				t.Errorf("%q was %s and is %s", was, one(was), two(is))
			}
		}
		if two("بند جديد") == "" || two("عشر دقائق") == two("خمس عشرة") {
			t.Error("new clauses have no address of their own")
		}
		// Again, from an edition whose ids are kept already.
		_, three := publish(strings.Replace(strings.Replace(second, "وموظف المركز", "وموظف المركز وزائره", 1), "وإجازاته", "وإجازاته كلها", 1))
		if three("وزائره") != one("يبيّن هذا") || three("كلها على بابه") != one("يُعلن") {
			t.Error("the third edition does not have the ids of the first")
		}
		anchors, err := s.Anchors(ctx, "ed_1b")
		if err != nil || len(anchors) == 0 {
			t.Fatalf("%v %v", anchors, err)
		}
		// What is published again as it was needs no list.
		q := guideline.Publication(edition("2", 0, policy.ToPublic, "آخر", first))
		write(t, d, s.Publish, q)
		q = edition("2", 1, policy.ToPublic, "آخر", first)
		write(t, d, s.Publish, q)
		if anchors, err := s.Anchors(ctx, q.Edition); err != nil || len(anchors) != 0 {
			t.Errorf("%v %v", anchors, err)
		}
	})
}
