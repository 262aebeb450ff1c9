package history

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/textdiff"
)

func TestWhoDeletedAWordIsNotWhoWroteIt(t *testing.T) {
	w := newWorld(t, dbtest.Open(t), "لا تتجاوز المدة ثلاثين دقيقة.\n")
	from := w.text.Len() - len([]rune("ثلاثين دقيقة.\n"))
	c, err := changeset.Replace(w.text.Len(), from, from+6, "عشرين")
	if err != nil {
		t.Fatal(err)
	}
	w.write([]int64{2}, []changeset.ChangeSet{c}, 1)
	got, err := w.history.Compare(t.Context(), salma, w.id, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := []Part{{textdiff.Equal, "لا تتجاوز المدة ", 0}, {textdiff.Delete, "ثلاثين", 2}, {textdiff.Insert, "عشرين", 2}, {textdiff.Equal, " دقيقة.", 0}}
	if !reflect.DeepEqual(got.Blocks[0].Parts, want) {
		t.Errorf("parts %v", got.Blocks[0].Parts)
	}
	if !reflect.DeepEqual(got.Changes, []Change{{By: 2, Added: 1, Removed: 1}}) {
		t.Errorf("changes %v", got.Changes)
	}
}

func TestRestoringAppendsAChangeAndCanBeUndone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "# دليل\n\nبند أول\n")
		start := w.text.String()
		clients, changes := typed(rand.New(rand.NewPCG(5, 6)), w.text, 300)
		w.write(clients, changes, 4)
		written := w.text.String()
		r, err := w.history.Restore(t.Context(), omar, w.id, 0)
		if err != nil {
			t.Fatal(err)
		}
		head := func() (int64, string) {
			t.Helper()
			var v int64
			var s string
			w.do(func(tx *db.Tx) (err error) {
				v, s, err = draft.Text(t.Context(), tx, w.id)
				return err
			})
			return v, s
		}
		if v, s := head(); s != start || v <= 300 || v != r.Version {
			t.Fatalf("version %d of revision %d: %q", v, r.Version, s)
		}
		// What was there is in the log still, under a name.
		tl, err := w.history.Timeline(t.Context(), omar, w.id)
		if err != nil {
			t.Fatal(err)
		}
		var kinds []Kind
		var before Revision
		for _, r := range tl.Revisions {
			kinds = append(kinds, r.Kind)
			if r.Kind == BeforeRestore {
				before = r
			}
		}
		if !slices.Equal(kinds, []Kind{Began, BeforeRestore, Restored}) || before.Version != 300 {
			t.Fatalf("revisions %v, before %d", kinds, before.Version)
		}
		if _, err := w.history.Restore(t.Context(), omar, w.id, before.Version); err != nil {
			t.Fatal(err)
		}
		if _, s := head(); s != written {
			t.Fatal("restoring what was before does not undo")
		}
		if _, err := w.history.Restore(t.Context(), omar, w.id, before.Version); fault.Of(err) == nil || fault.Of(err).Code != "history.same_text" {
			t.Errorf("the same text again: %v", err)
		}
		w.rights.frozen = true
		for name, err := range map[string]error{
			"restore": second(w.history.Restore(t.Context(), salma, w.id, 0)),
			"name":    second(w.history.Name(t.Context(), salma, w.id, 0, "قبل المراجعة")),
		} {
			if fault.Of(err) == nil || fault.Of(err).Code != "history.not_writable" {
				t.Errorf("%s in review: %v", name, err)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestNamesAreListedAmongTheRevisions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "نص")
		clients, changes := typed(rand.New(rand.NewPCG(7, 8)), w.text, 10)
		w.write(clients, changes, 1)
		if _, err := w.history.Name(t.Context(), salma, w.id, 7, "  بعد ورشة الصياغة "); err != nil {
			t.Fatal(err)
		}
		tl, err := w.history.Timeline(t.Context(), omar, w.id)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(tl.Revisions); n != 2 || tl.Revisions[1].Name != "بعد ورشة الصياغة" || tl.Revisions[1].Version != 7 {
			t.Fatalf("revisions %+v", tl.Revisions)
		}
		for name, c := range map[string]struct {
			version int64
			name    string
			code    string
		}{
			"no name":       {1, "  ", "history.invalid"},
			"two lines":     {1, "a\nb", "history.invalid"},
			"too long":      {1, strings.Repeat("س", MaxName+1), "history.invalid"},
			"turned around": {1, "قبل \u202eالورشة", "history.invalid"},
			"from tomorrow": {11, "غدا", "history.version"},
			"before all":    {-1, "قبل", "history.version"},
		} {
			if _, err := w.history.Name(t.Context(), salma, w.id, c.version, c.name); fault.Of(err) == nil || fault.Of(err).Code != c.code {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := w.history.Timeline(t.Context(), yasmin, w.id); fault.Of(err) == nil || fault.Of(err).Code != "draft.not_found" {
			t.Errorf("a reader: %v", err)
		}

		// Renamed and taken away by who gave it or leads the guideline, by nobody else.
		id := tl.Revisions[1].ID
		for who, actor := range map[string]policy.Actor{"another agency": omar, "a reader": yasmin} {
			if _, err := w.history.Rename(t.Context(), actor, id, "غيره"); fault.Of(err) == nil {
				t.Errorf("%s renames", who)
			}
			if err := w.history.Unname(t.Context(), actor, id); fault.Of(err) == nil {
				t.Errorf("%s takes the name away", who)
			}
		}
		if _, err := w.history.Rename(t.Context(), salma, id, "a\u2067b"); !fault.Is(err, "history.invalid") {
			t.Error(err)
		}
		if r, err := w.history.Rename(t.Context(), salma, id, " قبل النشر "); err != nil || r.Name != "قبل النشر" || r.Version != 7 {
			t.Errorf("%+v %v", r, err)
		}
		if err := w.history.Unname(t.Context(), salma, id); err != nil {
			t.Fatal(err)
		}
		if tl, err = w.history.Timeline(t.Context(), salma, w.id); err != nil || len(tl.Revisions) != 1 || tl.Head != 10 {
			t.Errorf("%+v %v", tl.Revisions, err)
		}
		if err := w.history.Unname(t.Context(), salma, id); !fault.Is(err, "revision.not_found") {
			t.Error(err)
		}
	})
}

// apply runs changes over a text.
func apply(t *testing.T, text string, changes []changeset.ChangeSet) string {
	t.Helper()
	out := changeset.NewText(text)
	for _, c := range changes {
		var err error
		if out, err = c.Apply(out); err != nil {
			t.Fatal(err)
		}
		if c.InsertedBytes() > draft.MaxPushBytes {
			t.Fatalf("a change inserts %d bytes", c.InsertedBytes())
		}
	}
	return out.String()
}

func TestChangesTakeOneTextToTheOther(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	words := []string{"الخدمةُ", "جهة", "من", "\n", "\n\n", " ", "## ", "😀", "ـ", "API", "تُقاس المدة كل شهر\n"}
	random := func() string {
		var s strings.Builder
		for range r.IntN(80) {
			s.WriteString(words[r.IntN(len(words))] + " "[:r.IntN(2)])
		}
		return s.String()
	}
	for range 3000 {
		a, b := random(), random()
		if r.IntN(3) == 0 {
			b = a[:len(a)/2] + b
			b = strings.ToValidUTF8(b, "")
		}
		changes, err := Changes(a, b)
		if err != nil {
			t.Fatal(err)
		}
		if got := apply(t, a, changes); got != b {
			t.Fatalf("from %q\ngot  %q\nwant %q", a, got, b)
		}
		if (len(changes) == 0) != (a == b) {
			t.Fatalf("%d changes from %q to %q", len(changes), a, b)
		}
	}
	large := strings.Repeat("نص 😀 طويل جدا ", 40_000)
	changes, err := Changes("", large)
	if err != nil {
		t.Fatal(err)
	}
	if apply(t, "", changes) != large {
		t.Fatal("a large text is not restored")
	}
}

func TestWordsAreCountedBySection(t *testing.T) {
	text := "مقدمة قصيرة\n# الأول\nكلمة **كلمتان** ٨٠٪\n```\n# ليس عنوانا\n```\n## الثاني ##\nplain text\n\nعنوان تحته\nخط\n---\nبعد الخط\n"
	n := changeset.Len16("مقدمة قصيرة\n# الأول\nكلمة ")
	got := Sections(text, []Span{{N: n, By: 1}, {N: changeset.Len16(text) - n, By: 2}})
	want := []Section{
		{Shares: []Share{{1, 2}}},
		{Title: "الأول", Level: 1, From: changeset.Len16("مقدمة قصيرة\n"), Shares: []Share{{2, 4}, {1, 2}}},
		{Title: "الثاني", Level: 2, From: changeset.Len16(text[:strings.Index(text, "## ")]), Shares: []Share{{2, 3}}},
		{Title: "عنوان تحته خط", Level: 2, From: changeset.Len16(text[:strings.Index(text, "عنوان تحته")]), Shares: []Share{{2, 5}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}
