package section

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/multaqa/multaqa/pkg/changeset"
)

func TestWhereASectionEnds(t *testing.T) {
	long := strings.Repeat("نصّ طويل 😀 ", 900)
	for _, c := range []struct{ name, text, from, heading, end string }{
		{"to the next of its level", "# أ\n\nنص\n\n## ب\n\nنص\n\n# ج\n", "# أ", "أ", "# ج"},
		{"a lower level is inside", "## أ\n### ب\nنص\n## ج\n", "## أ", "أ", "## ج"},
		{"a higher level ends it", "### أ\nنص\n# ب\n", "### أ", "أ", "# ب"},
		{"to the end of the text", "## أ\nنص", "## أ", "أ", ""},
		{"a fence hides marks", "## أ\n```\n# ليس عنوانًا\n```\nنص\n## ب\n", "## أ", "أ", "## ب"},
		{"a longer fence", "## أ\n~~~~\n~~~\n## لا\n~~~~\n## ب\n", "## أ", "أ", "## ب"},
		{"an open fence runs on", "## أ\n```\n## ب\n", "## أ", "أ", ""},
		{"closing marks and spaces", "  ## أ ب ##  \nنص\n# ج", "  ## أ", "أ ب", "# ج"},
		{"no space after the marks", "## أ\n##وسم\n## ب\n", "## أ", "أ", "## ب"},
		{"an underlined one ends it", "## أ\nنص\n\nب\n===\nنص\n", "## أ", "أ", "ب\n==="},
		{"underlined with dashes", "## أ\nنص\n\nب\nتتمّة\n---\nنص\n", "## أ", "أ", "ب\nتتمّة"},
		{"a lower underlined one is inside", "# أ\nنص\n\nب\n---\nنص\n# ج", "# أ", "أ", "# ج"},
		{"it begins underlined", "ب\n===\nنص\n\n## داخل\n\n# ج\n", "ب", "ب", "# ج"},
		{"two lines underlined", "نص\n\nب\nج\n  ---  \nنص\n\nد\n=\n", "ب", "ب ج", "د\n="},
		{"a rule is no underline", "## أ\nنص\n\n---\n- بند\n---\n> قول\nسطر\n---\n| س |\n---\n## ب\n", "## أ", "أ", "## ب"},
		{"nor inside a fence", "## أ\n```\nنص\n===\n```\nنص\n***\n---\n## ب\n", "## أ", "أ", "## ب"},
		{"a list breaks the paragraph off", "## أ\nنص\n- بند\n---\n## ب\n", "## أ", "أ", "## ب"},
		{"longer than a window", "## أ\n" + long + "\n" + long + "\n## ب\n", "## أ", "أ", "## ب"},
	} {
		units := func(s string) int { return changeset.Len16(c.text[:strings.LastIndex(c.text, s)]) }
		end := changeset.Len16(c.text)
		if c.end != "" {
			end = units(c.end)
		}
		heading, _, got, _, ok := extent(changeset.NewText(c.text), units(c.from))
		if !ok || heading != c.heading || got != end {
			t.Errorf("%s: %q ends at %d (%v), want %d", c.name, heading, got, ok, end)
		}
	}
	for _, text := range []string{"", "نص", "####### سبع", "    # أربع مسافات", "#وسم", "- بند\n---", "نص\n\n===", "> قول\n===", "نص\n- بند\n==="} {
		if _, _, _, _, ok := extent(changeset.NewText(text), 0); ok {
			t.Errorf("%q is a heading", text)
		}
	}
	if _, _, _, _, ok := extent(changeset.NewText("نص # أ"), 3); ok {
		t.Error("a heading in the middle of a line")
	}
}

const sample = "# دليل\n\nمقدّمة.\n\n## أ\n\nنص أ.\n\n## ب\n\nنص ب 😀.\n\n### ب ١\n\nتفصيل.\n\n## ج\n\nنص ج.\n"

// at is the position of a heading's line.
func at(text, heading string) int { return changeset.Len16(text[:strings.Index(text, heading+"\n")]) }

const underlinedSample = "مقدّمة.\n\nأوّل\n===\n\nنص أوّل.\n\nثانٍ\nتتمّته\n===\n\nنص ثانٍ.\n"

// What stands above an underlined heading must not become part of it, and what follows a section must not become its end.
func TestWhoMayChangeWhatUnderlined(t *testing.T) {
	for _, c := range []struct {
		name, cut, insert string
		allowed           bool
	}{
		{"far before it", "مقدّمة", "تمهيد", true},
		{"closing the gap above", "مقدّمة.\n\n", "مقدّمة.\n", false},
		{"filling the gap above", "مقدّمة.\n\nأوّل", "مقدّمة.\nسطر\nأوّل", false},
		{"a paragraph above", "مقدّمة.\n\n", "مقدّمة.\n\nفقرة.\n\n", true},
		{"its underline", "أوّل\n===", "أوّل\n---", false},
		{"its end taken into it", "تتمّته\n===", "تتمّته", false},
		{"the heading after it, in words", "تتمّته", "بقيّته", true},
		{"its own text", "نص أوّل", "غيره", false},
	} {
		before := changeset.NewText(underlinedSample)
		i := strings.Index(underlinedSample, c.cut)
		from := changeset.Len16(underlinedSample[:i])
		ch, err := changeset.Replace(before.Len(), from, from+changeset.Len16(c.cut), c.insert)
		if err != nil {
			t.Fatal(c.name, err)
		}
		after, err := ch.Apply(before)
		if err != nil {
			t.Fatal(c.name, err)
		}
		if _, allowed := keepOf(underlinedSample, map[string]string{"أوّل": "b"}).Step(ch, before, after, "x"); allowed != c.allowed {
			t.Errorf("%s: allowed %v", c.name, allowed)
		}
	}
}

func keepOf(text string, sections map[string]string) keeping {
	var all keeping
	for heading, agency := range sections {
		k := kept{agency: agency, at: at(text, heading)}
		k.locate(changeset.NewText(text))
		all = append(all, k)
	}
	return all
}

func TestWhoMayChangeWhat(t *testing.T) {
	for _, c := range []struct {
		name, agency  string
		cut, insert   string // cut is replaced by insert; "" is where `where` begins
		where         string
		allowed       bool
		stillForOther bool
	}{
		{"outside", "x", "مقدّمة", "تمهيد", "", true, true},
		{"inside another's", "x", "نص ب", "غيره", "", false, true},
		{"inside one's own", "b", "نص ب", "غيره", "", true, true},
		{"in a lower heading of another's", "x", "تفصيل", "", "", false, true},
		{"the heading itself", "x", "## ب", "## غير", "", false, true},
		{"its level", "x", "## ب", "### ب", "", false, true},
		{"gluing it to the line before", "x", "نص أ.\n\n", "نص أ.", "", false, true},
		{"adding to its last line", "x", "\n\n## ج", " زيادة\n\n## ج", "", false, true},
		{"whole lines before it", "x", "", "فقرة جديدة.\n\n", "## ب\n", true, true},
		{"whole lines before what follows it", "x", "", "فقرة جديدة.\n\n", "## ج\n", false, true},
		{"text stuck before its heading", "x", "", "نص", "## ب\n", false, true},
		{"what follows made part of it", "x", "## ج", "نص", "", false, true},
		{"what follows, title only", "x", "## ج", "## خاتمة", "", true, true},
		{"everything before it", "x", "مقدّمة.\n\n## أ\n\nنص أ.\n\n", "", "", true, true},
		{"a fence opened before it", "x", "مقدّمة.", "```", "", true, true},
		{"all of it, by its agency", "b", sample[strings.Index(sample, "## ب\n"):strings.Index(sample, "## ج\n")], "", "", true, true},
	} {
		before := changeset.NewText(sample)
		i := strings.Index(sample, c.cut)
		if c.cut == "" {
			i = strings.Index(sample, c.where)
		}
		from := changeset.Len16(sample[:i])
		ch, err := changeset.Replace(before.Len(), from, from+changeset.Len16(c.cut), c.insert)
		if err != nil {
			t.Fatal(c.name, err)
		}
		after, err := ch.Apply(before)
		if err != nil {
			t.Fatal(c.name, err)
		}
		if _, allowed := keepOf(sample, map[string]string{"## ب": "b"}).Step(ch, before, after, c.agency); allowed != c.allowed {
			t.Errorf("%s: allowed %v", c.name, allowed)
		}
	}
}

// TestASectionIsChangedByItsAgencyAlone: whatever others do, and however the changes come, a section that is given stays letter for letter as its own agency left it, and
// the keeping that was carried along equals the one read from the text.
func TestASectionIsChangedByItsAgencyAlone(t *testing.T) {
	bits := []string{"س", " ", "\n", "\n\n", "# ", "## ", "### ", "```\n", "😀", "نصّ", "\n## د\n\n", "~~~\n", "\n===\n", "---\n", "\n\nت\n---\n"}
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 7))
		text := changeset.NewText(sample)
		all := keepOf(sample, map[string]string{"## أ": "a", "## ب": "b"})
		refused := 0
		for step := range 60 {
			agency := []string{"a", "b", "x", "x"}[r.IntN(4)]
			from := r.IntN(text.Len() + 1)
			to := min(text.Len(), from+r.IntN(4)*r.IntN(12))
			insert := ""
			for range r.IntN(3) {
				insert += bits[r.IntN(len(bits))]
			}
			ch, err := changeset.Replace(text.Len(), from, to, insert)
			if err != nil {
				t.Fatal(err)
			}
			after, err := ch.Apply(text)
			if err != nil {
				continue // inside a surrogate pair
			}
			next, allowed := all.Step(ch, text, after, agency)
			for i, k := range next.(keeping) {
				read := kept{agency: k.agency, at: k.at}
				read.locate(after)
				if read.found != k.found || k.found && read != k {
					t.Fatalf("seed %d step %d: carried %+v, read %+v\n%q", seed, step, k, read, after)
				}
				was := all[i]
				if allowed && was.found && was.agency != agency {
					x, _ := text.Slice(was.at, was.end)
					y, err := after.Slice(k.at, max(k.at, k.end))
					if err != nil || x != y {
						t.Fatalf("seed %d step %d: %s changed the section of %s\n%q\n%q", seed, step, agency, was.agency, x, y)
					}
				}
			}
			if !allowed {
				refused++
				continue
			}
			all, text = next.(keeping), after
		}
		if refused == 0 && seed < 5 {
			t.Errorf("seed %d: nothing was refused: the test tests nothing", seed)
		}
	}
}
