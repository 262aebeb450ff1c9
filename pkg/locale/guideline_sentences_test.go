package locale

import "testing"

func TestEditionNeedsCountsInArabic(t *testing.T) {
	for _, c := range []struct {
		n    int
		want string
	}{
		{0, "يلزم اعتماد مراجع من جهة أخرى."},
		{1, "يلزم حسم تعليق ملزِم واحد واعتماد مراجع من جهة أخرى."},
		{2, "يلزم حسم تعليقين ملزِمين واعتماد مراجع من جهة أخرى."},
		{3, "يلزم حسم ٣ تعليقات ملزِمة واعتماد مراجع من جهة أخرى."},
		{11, "يلزم حسم ١١ تعليقًا ملزِمًا واعتماد مراجع من جهة أخرى."},
		{100, "يلزم حسم ١٠٠ تعليق ملزِم واعتماد مراجع من جهة أخرى."},
	} {
		if got := EditionNeeds(EditionNeed{State: "in_review", Blocking: c.n, Network: true}); got.Ar != c.want {
			t.Errorf("%d: %s", c.n, got.Ar)
		}
	}
	got := EditionNeeds(EditionNeed{State: "in_review", Blocking: 3})
	if want := "Needed: resolve 3 blocking comments and approval by a reviewer who did not write it."; got.En != want {
		t.Errorf("English: %s", got.En)
	}
	got = EditionNeeds(EditionNeed{State: "draft", Sections: 2})
	if want := "يلزم إكمال قسمين مطلوبين قبل الإرسال إلى المراجعة."; got.Ar != want {
		t.Errorf("Arabic: %s", got.Ar)
	}
}
