package textdiff

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// show writes parts as people see them.
func show(parts []Part) string {
	var s strings.Builder
	for _, p := range parts {
		switch p.Op {
		case Equal:
			s.WriteString(p.Text)
		case Insert:
			s.WriteString("[+" + p.Text + "]")
		case Delete:
			s.WriteString("[-" + p.Text + "]")
		}
	}
	return s.String()
}

func TestWordsOfArabicStayWhole(t *testing.T) {
	for _, c := range []struct{ name, a, b, want string }{
		{"a word in the middle",
			"لا تتجاوز مدّة الانتظار ثلاثين دقيقة في الخدمة.", "لا تتجاوز مدّة الانتظار عشرين دقيقة في الخدمة.",
			"لا تتجاوز مدّة الانتظار [-ثلاثين][+عشرين] دقيقة في الخدمة."},
		{"a number goes with its sign", "في ٨٠٪ من الزيارات", "في ٨٥٪ من الزيارات", "في [-٨٠٪][+٨٥٪] من الزيارات"},
		{"a diacritic changes the whole word", "تُقدَّم الخدمةُ", "تُقَدَّم الخدمةُ", "[-تُقدَّم][+تُقَدَّم] الخدمةُ"},
		{"an attached particle changes the whole word", "ترفع الخدمة إلى الجهة", "ترفع بالخدمة إلى الجهة", "ترفع [-الخدمة][+بالخدمة] إلى الجهة"},
		{"the particle and tatweel", "ولكتابهم أثر", "وللكتـاب أثر", "[-ولكتابهم][+وللكتـاب] أثر"},
		{"words without a word between them are one change",
			"وتُقاس بالعيّنة كل ثلاثة أشهر.", "وتُقاس آليًّا عبر نظام Q-Flow.", "وتُقاس [-بالعيّنة كل ثلاثة أشهر][+آليًّا عبر نظام Q-Flow]."},
		{"an inserted word brings one space", "جهة لكل خدمة", "جهة قائدة لكل خدمة", "جهة [+قائدة ]لكل خدمة"},
		{"at the end", "الخدمة", "الخدمة الآن", "الخدمة[+ الآن]"},
		{"marks alone", "النص **مهم** جدا", "النص مهم جدا", "النص [-**]مهم[-**] جدا"},
		{"a family of emoji is one", "x 👩‍🌾 y", "x 👩‍🔧 y", "x [-👩‍🌾][+👩‍🔧] y"},
		{"mixed direction", "استخدم API الجديد", "استخدم REST API الجديد", "استخدم [+REST ]API الجديد"},
		{"only spaces", "a  b", "a b", "a[-  ][+ ]b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := show(Parts(c.a, c.b)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func outline(blocks []Block) string {
	var s strings.Builder
	for _, b := range blocks {
		fmt.Fprintf(&s, "%s %s\n", [...]string{"=", "~", "+", "-", "<", ">"}[b.Kind], show(b.Parts))
	}
	return s.String()
}

func TestLinesAndParagraphsAreKept(t *testing.T) {
	for _, c := range []struct{ name, a, b, want string }{
		{"a paragraph is added", "# أ\n\nبند أول\n\nبند ثان", "# أ\n\nبند أول\n\nبند جديد تماما هنا\n\nبند ثان",
			"= # أ\n= \n= بند أول\n= \n+ [+بند جديد تماما هنا]\n+ [+]\n= بند ثان\n"},
		{"a paragraph is split", "تقاس المدة من اكتمال الطلب. وتعلن الجهة نتائجها كل شهر.", "تقاس المدة من اكتمال الطلب.\n\nوتعلن الجهة نتائجها كل شهر.",
			"~ تقاس المدة من اكتمال الطلب.[- ][+\n\n]وتعلن الجهة نتائجها كل شهر.\n"},
		{"a clause moves", "أولا: تلتزم الجهة بالمدة المعلنة\nثانيا: تسمى جهة منسقة لكل خدمة مشتركة\nثالثا: تنشر النتائج\nرابعا: تحفظ السجلات",
			"ثانيا: تسمى جهة منسقة لكل خدمة مشتركة\nثالثا: تنشر النتائج\nرابعا: تحفظ السجلات\nأولا: تلتزم الجهة بالمدة المعلنة",
			"< [-أولا: تلتزم الجهة بالمدة المعلنة]\n= ثانيا: تسمى جهة منسقة لكل خدمة مشتركة\n= ثالثا: تنشر النتائج\n= رابعا: تحفظ السجلات\n> أولا: تلتزم الجهة بالمدة المعلنة\n"},
		{"one becomes wholly another", "a b c d e f", "u v w x y z", "- [-a b c d e f]\n+ [+u v w x y z]\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := outline(Diff(c.a, c.b))
			got = strings.ReplaceAll(got, "[-]", "")
			want := c.want
			if strings.ReplaceAll(got, "[+]", "") != strings.ReplaceAll(want, "[+]", "") {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

var pieces = []string{"الخدمة", "خدمةٌ", "والخدمة", "جهة", "٨٠٪", "من", "في", "the", "API", "3.14", " ", " ", " ", "  ", "\n", "\n\n", "- ", "## ", "|", "،", "👩‍🌾", "😀", "ُ", "ـ", "\u200f", "."}

func text(r *rand.Rand, n int) string {
	var s strings.Builder
	for range n {
		s.WriteString(pieces[r.IntN(len(pieces))])
		if r.IntN(3) > 0 {
			s.WriteByte(' ')
		}
	}
	return s.String()
}

// edited is a text with some of its words gone, changed and moved.
func edited(r *rand.Rand, s string) string {
	words := Words(s)
	for range 1 + r.IntN(6) {
		if len(words) == 0 {
			break
		}
		i := r.IntN(len(words))
		switch r.IntN(4) {
		case 0:
			words = slices.Delete(slices.Clone(words), i, min(len(words), i+1+r.IntN(4)))
		case 1:
			words = slices.Insert(slices.Clone(words), i, pieces[r.IntN(len(pieces))])
		case 2:
			words[i] = pieces[r.IntN(len(pieces))]
		case 3:
			j := r.IntN(len(words))
			a, b := min(i, j), max(i, j)
			words = slices.Concat(words[b:], words[:a], words[a:b])
		}
	}
	return strings.Join(words, "")
}

// check holds what the package promises of one pair of texts.
func check(t *testing.T, a, b string) {
	t.Helper()
	blocks := Diff(a, b)
	if got := Old(blocks); got != a {
		t.Fatalf("the old text is not given back:\n%q\n%q", got, a)
	}
	if got := New(blocks); got != b {
		t.Fatalf("applied to the old text it is not the new one:\n%q\n%q", got, b)
	}
	x, y := 0, 0
	for i, bl := range blocks {
		if bl.OldFrom != x || bl.NewFrom != y {
			t.Fatalf("block %d is of lines %d and %d, want %d and %d", i, bl.OldFrom, bl.NewFrom, x, y)
		}
		x, y = bl.OldTo, bl.NewTo
		if bl.Kind == Moved && (blocks[bl.Other].Kind != MovedAway || blocks[bl.Other].Other != i) {
			t.Fatalf("move %d has no other place", i)
		}
		for k, p := range bl.Parts {
			if !utf8.ValidString(p.Text) {
				t.Fatalf("a part is cut: %q", p.Text)
			}
			if k > 0 && bl.Parts[k-1].Op == p.Op {
				t.Fatalf("two parts of one kind: %s", show(bl.Parts))
			}
		}
		if bl.Kind == Changed {
			checkWords(t, bl)
		}
	}
	if a == b && slices.ContainsFunc(blocks, func(b Block) bool { return b.Kind != Same }) {
		t.Fatal("a text differs from itself")
	}
}

// checkWords holds that parts are whole words and that as many stay as can: the naive table says how many.
func checkWords(t *testing.T, b Block) {
	t.Helper()
	solids := func(s string) (out []string) {
		for _, w := range Words(s) {
			if !isSpace(w) || strings.Contains(w, "\n") {
				out = append(out, w)
			}
		}
		return out
	}
	old, now := solids(b.Old()), solids(b.New())
	stay := 0
	for _, p := range b.Parts {
		if p.Op == Equal {
			stay += len(solids(p.Text))
		}
	}
	table := make([][]int, len(old)+1)
	for i := range table {
		table[i] = make([]int, len(now)+1)
		for j := range table[i] {
			switch {
			case i == 0 || j == 0:
			case old[i-1] == now[j-1]:
				table[i][j] = table[i-1][j-1] + 1
			default:
				table[i][j] = max(table[i-1][j], table[i][j-1])
			}
		}
	}
	if want := table[len(old)][len(now)]; stay != want {
		t.Fatalf("%d words stay, %d could:\n%q\n%q\n%s", stay, want, b.Old(), b.New(), show(b.Parts))
	}
}

func TestAppliedToTheOldTextItIsTheNewOne(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 17))
	for range 3000 {
		a := text(r, r.IntN(60))
		check(t, a, edited(r, a))
		check(t, a, text(r, r.IntN(60)))
		check(t, a, a)
	}
}

func FuzzDiff(f *testing.F) {
	f.Add("تُقدَّم الخدمةُ\n\n- بند", "تُقَدَّم الخدمةُ\n- بند\n")
	f.Add("", "\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		if !utf8.ValidString(a) || !utf8.ValidString(b) || len(a)+len(b) > 4000 {
			t.Skip("drafts are well-formed; the naive table is quadratic")
		}
		check(t, a, b)
	})
}

// Nothing in common at the greatest size: the work is counted, not timed, by the effort that bounds each search.
func TestLargeTextsThatShareNothingTakeBoundedWork(t *testing.T) {
	var a, b strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&a, "سطر %d قديم رقم %d\n", i, i*7)
		fmt.Fprintf(&b, "line %d is new %d\n", i*3, i*5)
	}
	one := strings.ReplaceAll(a.String(), "\n", " ")
	two := strings.ReplaceAll(b.String(), "\n", " ")
	check2 := func(x, y string) {
		blocks := Diff(x, y)
		if Old(blocks) != x || New(blocks) != y {
			t.Error("the texts are not given back")
		}
	}
	check2(a.String(), b.String())
	check2(one, two)
}

func BenchmarkDiff200KB(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	var s strings.Builder
	for s.Len() < 200<<10 {
		for range 30 {
			s.WriteString([]string{"الخدمة ", "جهة ", "المتعامل ", "دليل ", "مدة ", "قياس ", "نتيجة "}[r.IntN(7)])
			fmt.Fprintf(&s, "كلمة%d ", r.IntN(4000))
		}
		s.WriteString("\n\n")
	}
	x := s.String()
	y := x
	for range 100 {
		y = edited(r, y)
	}
	b.SetBytes(int64(len(x) + len(y)))
	for b.Loop() {
		Diff(x, y)
	}
}
