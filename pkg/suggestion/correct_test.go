package suggestion

import (
	"strings"
	"testing"
)

func TestWhatCanBeSpelling(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		before, after string
		want          bool
	}{
		{"يلتزم الموضف بالموعد.", "يلتزم الموظف بالموعد.", true},
		{"الى المركز", "إلى المركز", true},
		{"مسؤل عن الخدمه", "مسؤول عن الخدمة", true},
		{"انشاء الله", "إن شاء الله", true},
		{"the recieved form", "the received form", true},
		{"أولا ثم ثانيا", "أولًا، ثم ثانيًا", true},
		{"كتاب", "كِتاب", true},
		{"يُمنع الدخول", "يُسمح الدخول", false},
		{"لا يُقبل الطلب", "يُقبل الطلب", false},
		{"يُقبل الطلب", "لا يُقبل الطلب", false},
		{"خلال 15 يومًا", "خلال 30 يومًا", false},
		{"خلال ١٥ يومًا", "خلال ١٦ يومًا", false},
		{"yes", "no", false},
		{"سطر", "سطر\n\nسطر", false},
		{"# عنوان", "## عنوان", false},
		{"[نموذج](/a)", "[نموذج](/b/)", false},
		{"نص", "**نص**", false},
		{"بند", "    بند", false},
		{strings.Repeat("ا", 5000), strings.Repeat("ب", 5000), false},
		{"يراجع الموضف الطلب\nويرد على المراجع", "يراجع الموظف الطلب\nويردّ على المراجع", true},
	} {
		if got := Spelling(c.before, c.after); got != c.want {
			t.Errorf("%.40q → %.40q: %v", c.before, c.after, got)
		}
	}
}
