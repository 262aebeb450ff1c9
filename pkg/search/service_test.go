package search

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/multaqa/multaqa/pkg/arabic"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/publish"
)

var (
	ctx    = context.Background()
	nobody = policy.Actor{}
	staff  = policy.Actor{Person: "pe_1", Agency: "ag_2", Roles: []policy.Role{policy.Representative}}
	named  = policy.Actor{Person: "pe_3", Agency: "ag_3", Roles: []policy.Role{policy.Representative}}
)

func edition(n string, v policy.Visibility, title, text string) guideline.Publication {
	return guideline.Publication{Guideline: "gl_" + n, Edition: "ed_" + n, Agency: "ag_1", Title: locale.Text{Ar: title}, Language: "ar", Visibility: v,
		Number: guideline.Number{Major: 1}, State: guideline.Published, Revision: guideline.Revision{Hash: "h" + n, Version: 1, Text: text}, PublishedAt: 1000}
}

func write(t *testing.T, d *db.DB, fn func(context.Context, *db.Tx, guideline.Publication) error, p guideline.Publication) {
	t.Helper()
	if err := d.Transact(ctx, func(tx *db.Tx) error { return fn(ctx, tx, p) }); err != nil {
		t.Fatal(err)
	}
}

func TestTheSignsAroundAWordAreNotMarked(t *testing.T) {
	if got := marked("(المدّة)، والتكلفة <b>", map[string]bool{exact(arabic.Words("المدة")[0]): true}, 0); got != "(<mark>المدّة</mark>)، والتكلفة &lt;b&gt;" {
		t.Error(got)
	}
}

func library(t *testing.T, s *Service, a policy.Actor, q Query) Found {
	t.Helper()
	found, err := s.Library(ctx, a, q)
	if err != nil {
		t.Fatal(err)
	}
	if len(found.Items) != min(found.Total, 50) {
		t.Errorf("%+v: %d items of %d", q, len(found.Items), found.Total)
	}
	return found
}

// Two services on one database are two nodes: what one publishes, hides or
// shows to others holds in the next answer of the other.
func TestAnswersAreFreshOnEveryNode(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		guides := publish.New(d)
		here, there := New(guides), New(publish.New(d))
		is := func(what string, a policy.Actor, want int) {
			t.Helper()
			for name, s := range map[string]*Service{"here": here, "there": there} {
				if got := library(t, s, a, Query{Text: "الانتظار"}).Total; got != want {
					t.Errorf("%s, %s: %d found, want %d", what, name, got, want)
				}
			}
		}
		is("before", nobody, 0)
		p := edition("1", policy.ToPublic, "دليل", "مدة الانتظار")
		write(t, d, guides.Publish, p)
		is("published", nobody, 1)
		p.Hidden = true
		write(t, d, guides.Update, p)
		is("hidden", nobody, 0)
		p.Hidden, p.Visibility, p.Agencies = false, policy.ToAgencies, []string{"ag_3"}
		write(t, d, guides.Update, p)
		is("shared, nobody", nobody, 0)
		is("shared, another agency", staff, 0)
		is("shared, the named agency", named, 1)
		p.Agencies = nil
		write(t, d, guides.Update, p)
		is("no longer shared", named, 0)
		p.Visibility = policy.ToNetwork
		write(t, d, guides.Update, p)
		is("for the network", staff, 1)
		is("for the network, nobody", nobody, 0)
		p.State = guideline.Superseded
		write(t, d, guides.Update, p)
		is("superseded", staff, 0)
	})
}

// What the reader may not see changes no count and no facet.
func TestNothingTellsOfHiddenPages(t *testing.T) {
	d := dbtest.Open(t)
	guides := publish.New(d)
	s := New(guides)
	write(t, d, guides.Publish, edition("1", policy.ToPublic, "دليل الخدمة", "نص"))
	other := edition("2", policy.ToNetwork, "دليل الخدمة السري", "نص")
	other.Agency, other.Language = "ag_9", "en"
	write(t, d, guides.Publish, other)
	for _, q := range []Query{{}, {Text: "خدمة"}, {Text: "خدمة سري"}, {Text: "السري الخدمه"}, {Text: "سري"}} {
		found := library(t, s, nobody, q)
		if found.Total > 1 || found.Agencies["ag_9"] != 0 || found.Languages["en"] != 0 {
			t.Errorf("%+v: %+v", q, found)
		}
		if q.Text == "سري" && found.Total != 0 {
			t.Errorf("%+v: %+v", q, found)
		}
	}
}

func TestExcerptsLeadToTheClause(t *testing.T) {
	d := dbtest.Open(t)
	guides := publish.New(d)
	s := New(guides)
	write(t, d, guides.Publish, edition("1", policy.ToPublic, "دليل الخدمات", "## الغاية\n\nنص أول.\n\n## القياس\n\nتُقاس **مدّة الانتظار** <b>بالدقائق</b> & لا غير.\n"))
	item := library(t, s, nobody, Query{Text: "مدة انتظار"}).Items[0]
	if item.Excerpt.Number != "2.1" || item.Excerpt.ID == "" || !strings.Contains(item.Guide.Plain, "الانتظار") {
		t.Errorf("%+v", item.Excerpt)
	}
	if want := "تُقاس <mark>مدّة</mark> <mark>الانتظار</mark> بالدقائق &amp; لا غير."; item.Excerpt.HTML != want {
		t.Errorf("%s", item.Excerpt.HTML)
	}
}

func TestWordsFind(t *testing.T) {
	d := dbtest.Open(t)
	guides := publish.New(d)
	s := New(guides)
	write(t, d, guides.Publish, edition("1", policy.ToPublic, "دليل الخدمات", "تُقاس **مدّة الانتظار** بالدقائق."))
	write(t, d, guides.Publish, edition("2", policy.ToPublic, "دليل آخر", "100% of forms_online"))
	for q, want := range map[string]int{"": 2, "خدمة": 1, "للخدمات": 1, "مدة الانتظار": 1, "المُدّة": 1, "100%": 1, "form": 1, "%": 0, "غائب": 0, "أدلة": 2, "' or xyzzy --": 0, "مدد": 1} {
		if got := library(t, s, nobody, Query{Text: q}).Total; got != want {
			t.Errorf("%q: %d, want %d", q, got, want)
		}
	}
	if got := library(t, s, nobody, Query{Text: "خدمة", Literal: true}).Total; got != 0 {
		t.Errorf("a literal question found another form: %d", got)
	}
}

// The cases of the comparison with other engines: document, query, found.
func TestArabicForms(t *testing.T) {
	for _, c := range []struct {
		text, query string
		found       bool
	}{
		{"خدمة المواطن", "خدمه", true}, {"أمن المعلومات", "امن", true}, {"إدارة المشاريع", "ادارة", true}, {"آلية العمل", "الية", true},
		{"مستشفى المدينة", "مستشفي", true}, {"حكومـــة رقمية", "حكومة", true}, {"الحُكُومَةُ الرَّقْمِيَّة", "الحكومة", true}, {"الحكومة الرقمية", "الحُكومة", true},
		{"الخدمات متاحة", "خدمات", true}, {"الأمن والخصوصية", "خصوصية", true}, {"العمل بالمعايير", "معايير", true}, {"دليل للمطورين", "مطورين", true},
		{"تصميم وتطوير", "تطوير", true}, {"يلتزم بمعايير الجودة", "معايير", true}, {"تحديث لخدمة البريد", "خدمة", true}, {"الخدمات الحكومية", "خدمة", true},
		{"المطورون والمصممين", "مطور", true}, {"المستخدمون", "المستخدمين", true}, {"معياران جديدان", "معيار", true}, {"معايير الجودة", "معيار", true},
		{"كتب الإرشاد", "كتاب", true}, {"بياناتها محفوظة", "بيانات", true}, {"حساباتهم آمنة", "حساب", true}, {"المادة ١٢ من النظام", "12", true},
		{"البنیة التقنية", "البنية", true}, {"مكتبة عامة", "كتاب", false}, {"علم البيانات", "عالم", false}, {"والدة المريض", "دة", false},
	} {
		var x Index[int]
		x.Put("1", 1, Fields{Text: c.text})
		for i := range 20 { // a corpus in which other words are known
			x.Put(fmt.Sprint("n", i), 0, Fields{Text: "نص آخر عالم كتاب معيار خدمة"})
		}
		got := x.Find(Words(c.query), false, func(v int) bool { return v == 1 })
		if (len(got.Hits) > 0) != c.found {
			t.Errorf("%q in %q: found %v, want %v", c.query, c.text, len(got.Hits) > 0, c.found)
		}
	}
}

func TestReplacedPagesAreForgotten(t *testing.T) {
	var x Index[int]
	for i := range 500 {
		x.Put(fmt.Sprint(i%3), i, Fields{Title: fmt.Sprint("old", i), Text: "كلمة"})
	}
	if got := x.Find([]string{"كلمه"}, false, func(int) bool { return true }); len(got.Hits) != 3 {
		t.Errorf("%+v", got.Hits)
	}
	if got := x.Find([]string{"old499"}, true, func(int) bool { return true }); len(got.Hits) != 1 || got.Hits[0].Value != 499 {
		t.Errorf("%+v", got.Hits)
	}
	if got := x.Find([]string{"old1"}, true, func(int) bool { return true }); len(got.Hits) != 0 {
		t.Errorf("%+v", got.Hits)
	}
	if len(x.docs) > 200 {
		t.Errorf("%d pages kept for 3", len(x.docs))
	}
}
