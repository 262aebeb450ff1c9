package arabic

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
)

func TestFold(t *testing.T) {
	b, err := os.ReadFile("testdata/fold.json") // the editor's fold is held to the same file
	if err != nil {
		t.Fatal(err)
	}
	var cases [][2]string
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		in, want := c[0], c[1]
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
		if again := Fold(Fold(in)); again != Fold(in) {
			t.Errorf("folding twice changes %q", in)
		}
	}
}

// The cases of performance.md part 2 §4: which query word finds which text.
func TestWhichQueryFindsWhichText(t *testing.T) {
	find := func(text, query string) bool {
		words := map[string]bool{}
		for _, w := range Words(text) {
			words[w], words[Stem(w)] = true, true
		}
		for _, v := range Variants(Words(query)[0]) {
			if words[v] || words[Stem(v)] {
				return true
			}
		}
		return false
	}
	for _, c := range []struct {
		text, query string
		want        bool
	}{
		{"خدمة المواطن", "خدمه", true}, {"أمن المعلومات", "امن", true}, {"آلية العمل", "الية", true},
		{"مستشفى المدينة", "مستشفي", true}, {"الحُكُومَةُ", "الحكومة", true}, {"الحكومة", "الحُكومة", true},
		{"الخدمات متاحة", "خدمات", true}, {"الأمن والخصوصية", "خصوصية", true}, {"العمل بالمعايير", "معايير", true},
		{"دليل للمطورين", "مطورين", true}, {"تصميم وتطوير", "تطوير", true}, {"يلتزم بمعايير الجودة", "معايير", true},
		{"تحديث لخدمة البريد", "خدمة", true}, {"الخدمات الحكومية", "خدمة", true}, {"المستخدمون", "المستخدمين", true},
		{"معياران جديدان", "معيار", true}, {"بياناتها محفوظة", "بيانات", true}, {"المادة ١٢", "12", true}, {"البنیة", "البنية", true},
		{"مكتبة عامة", "كتاب", false}, {"علم البيانات", "عالم", false}, {"والدة المريض", "دة", false},
	} {
		if got := find(c.text, c.query); got != c.want {
			t.Errorf("%q in %q: %v", c.query, c.text, got)
		}
	}
}

func TestDirectionIsThatOfTheFirstStrongLetterOutsideCodeLinksAndMentions(t *testing.T) {
	for in, want := range map[string]string{
		"مرحبا hello": "rtl", "hello مرحبا": "ltr", "@name مرحبا": "rtl", "`x` نص": "rtl",
		"\u200fPDF only": "rtl", "\u200eنص عربي": "ltr", "نص \u200e عربي": "rtl",
		"[نص](http://a.b) x": "rtl", "123 ...": "", "": "", "https://x.y نص": "rtl", "(٣) سلمى": "rtl",
	} {
		if got := Direction(in); got != want {
			t.Errorf("Direction(%q) = %q, want %q", in, got, want)
		}
	}
	// The author's mark outweighs what the rest of the line would say.
	if got := DirectionIn("\u200eSalma سلمى البلدية", "rtl"); got != "ltr" {
		t.Errorf("a marked line: %q", got)
	}
}

func TestUmmAlQura(t *testing.T) {
	for day, want := range map[string]Hijri{
		"2013-11-01": {1434, 12, 27}, "2026-11-22": {1448, 6, 12}, "2026-10-01": {1448, 4, 20},
		"2025-06-26": {1447, 1, 1}, "1882-11-12": {1300, 1, 1},
	} {
		d, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := ToHijri(d); !ok || got != want {
			t.Errorf("%s = %v, want %v", day, got, want)
		}
	}
	if got := FormatHijri(time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), "ar"); got != "٢٠ ربيع الآخر ١٤٤٨هـ" {
		t.Error(got)
	}
}

func TestALatinNameDoesNotTurnAnArabicBlock(t *testing.T) {
	for in, want := range map[string]string{"PDF مرفق": "rtl", "Q-Flow نظام الطوابير الجديد": "rtl", "The word خدمة means service": "ltr", "": ""} {
		if got := DirectionIn(in, "rtl"); got != want {
			t.Errorf("%q in an Arabic document: %q, want %q", in, got, want)
		}
	}
	if DirectionIn("PDF مرفق", "ltr") != "ltr" {
		t.Error("in an English document the first letter decides")
	}
}

func TestSortKeyIgnoresTheArticle(t *testing.T) {
	if SortKey("البلدية") >= SortKey("التعليم") || strings.HasPrefix(SortKey("الصحة"), "ال") {
		t.Error(SortKey("البلدية"), SortKey("الصحة"))
	}
}

func TestBegins(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sought string
		want   bool
	}{
		{"", true}, {"سلم", true}, {"ناصر", true}, {"الناص", true}, {"سَلمى نا", true}, {"Nas", true}, {"البلد", true},
		{"لمى", false}, {"سلمى علي", false}, {"asser", false},
	} {
		if got := Begins(c.sought, "سلمى الناصر", "Salma Al Nasser", "البلدية"); got != c.want {
			t.Errorf("Begins(%q) = %v", c.sought, got)
		}
	}
}
