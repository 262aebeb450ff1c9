package guideline

import (
	"testing"

	"github.com/multaqa/multaqa/pkg/db/dbtest"
)

func TestMissingSectionsKeepADraftFromReview(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Open(t))
	v := w.create(t, salma, New{Text: "## الغاية والنطاق\n\nكلام\n\n## الخطوات\n\n## Measurement\n\nx\n"})
	f := w.refuse(t, salma, v.Edition.ID, Submit, Request{}, "guideline.illegal_step")
	if got := f.Facts["unmet"].([]Unmet); got[0] != (Unmet{"sections", 2}) {
		t.Fatal(got)
	}
	if want := "يلزم إكمال قسمين مطلوبين قبل الإرسال إلى المراجعة."; v.Needs.Ar != want {
		t.Fatal(v.Needs.Ar)
	}
}

func TestAnEmptyTextIsNotSentToReview(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Open(t))
	v := w.create(t, salma, New{Template: "free", Text: " \n"})
	f := w.refuse(t, salma, v.Edition.ID, Submit, Request{}, "guideline.illegal_step")
	if got := f.Facts["unmet"].([]Unmet); got[0] != (Unmet{"sections", 1}) {
		t.Fatal(got)
	}
	w.drafts.text[v.Edition.Draft] = "كلمة\n"
	w.step(t, salma, v.Edition.ID, Submit, Request{})
}
