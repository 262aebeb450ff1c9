package publish

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/multaqa/multaqa/pkg/markdown"
)

// page renders a text with the ids that its clauses have from the edition before it.
func pageOf(t *testing.T, language, text string, before ...string) []Block {
	t.Helper()
	var anchors []markdown.Anchor
	render := func(text string) markdown.Page {
		t.Helper()
		p, err := markdown.Render(context.Background(), []byte(text), markdown.Options{Language: language, Anchors: anchors})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for i, was := range append(before, text)[:len(before)] {
		next := append(before, text)[i+1]
		old := render(was)
		fresh, err := markdown.Render(context.Background(), []byte(next), markdown.Options{Language: language})
		if err != nil {
			t.Fatal(err)
		}
		anchors = carry(was, old.Clauses, next, fresh.Clauses)
	}
	return Blocks(render(text).HTML)
}

func TestBlocksOfAPage(t *testing.T) {
	const text = "# العنوان\n\n## الغاية\n\nفقرة أولى[^1] و**مهمة**.\n\n- بند\n- بند فيه قائمة\n  1. داخل\n  2. داخله\n\n  وتتمة.\n\n> قول\n\n> [!NOTE]\n> تنبيه\n\n" +
		"| أ | ب |\n|---|---|\n| ١ | ٢ |\n\n```\nرمز\n```\n\nمصطلح\n: معناه\n\n![صورة](/a.png)\n\n[^1]: حاشية.\n"
	page, err := markdown.Render(context.Background(), []byte(text), markdown.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	last := 0
	for _, b := range Blocks(page.HTML) {
		got = append(got, b.Kind+" "+b.Text)
		if b.End < last || b.Out < b.End || b.Out > len(page.HTML) {
			t.Errorf("%s %q ends at %d, out at %d, after %d", b.Kind, b.Text, b.End, b.Out, last)
		}
		last = b.End
		before, after := string(page.HTML[:b.End]), string(page.HTML[b.End:])
		if b.In && !strings.HasPrefix(after, "<ul") && !strings.HasPrefix(after, "<ol") && !strings.HasPrefix(after, "</"+strings.Replace(b.Kind, "note", "li", 1)+">") {
			t.Errorf("a remark about %q would stand before %.20q", b.Text, after)
		}
		if !b.In && !strings.HasSuffix(before, ">") {
			t.Errorf("a remark about %q would stand after %q", b.Text, before[max(0, len(before)-20):])
		}
	}
	want := []string{"h1 العنوان", "h2 الغاية", "p فقرة أولى و مهمة .", "li بند", "li بند فيه قائمة", "li داخل", "li داخله", "quote قول", "quote تنبيه",
		"table أ ب ١ ٢", "code رمز", "dt مصطلح", "dd معناه", "p /a.png صورة", "note حاشية."}
	for i := range want {
		want[i] = strings.ReplaceAll(want[i], "و مهمة .", "ومهمة.")
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

const (
	arabicOne = "## الغاية\n\nيبيّن هذا الدليل ما يلزم.\n\nيسري على المراكز كلها.\n\n## الأحكام\n\nلا تتجاوز المدة ١٥ دقيقة.\n\nيُلزم المركز بما يلي:\n\n- إعلان أوقات العمل\n- قبول الهوية الرقمية\n\n" +
		"| الحد | القيمة |\n|---|---|\n| المدة | ١٥ |\n\nتُراجع الأحكام كل عام.\n"
	english = "## Purpose\n\nThis guide says what is needed.\n\nIt holds for all centres.\n\n## Rules\n\nNobody waits longer than 15 minutes.\n\nA centre has to:\n\n- post its opening hours\n- take digital identity\n\n" +
		"| Limit | Value |\n|---|---|\n| time | 15 |\n\nThe rules are reviewed every year.\n"
)

// said writes lags as "what kind@block of the translation#clause's words (edition)".
func said(lags []Lag, newest, translation []Block) string {
	var out []string
	for _, l := range lags {
		at := "-"
		if l.Block >= 0 {
			at = translation[l.Block].Text
		}
		clause := ""
		for _, b := range newest {
			if b.ID == l.Clause && b.ID != "" {
				clause = b.Text
			}
		}
		out = append(out, fmt.Sprintf("%s %s @ %s # %s (%s)", l.What, l.Kind, at, clause, l.Number))
	}
	return strings.Join(out, "\n")
}

func TestWhatATranslationLagsIn(t *testing.T) {
	for _, c := range []struct {
		name         string
		second, then string // editions 2.0 and 3.0 of the original; "" for none
		english      string
		want         []string
	}{
		{"nothing where nothing changed", arabicOne, "", english, nil},
		{"a paragraph that changed", strings.Replace(arabicOne, "١٥ دقيقة", "١٠ دقائق", 1), "", english,
			[]string{"changed p @ Nobody waits longer than 15 minutes. # لا تتجاوز المدة ١٠ دقائق. (2.0)"}},
		{"a paragraph that came", strings.Replace(arabicOne, "## الأحكام", "ولا يسري على المخازن.\n\n## الأحكام", 1), "", english,
			[]string{"added p @ It holds for all centres. # ولا يسري على المخازن. (2.0)"}},
		{"a paragraph that came before all", "ديباجة جديدة.\n\n" + arabicOne, "", english, []string{"added p @ - # ديباجة جديدة. (2.0)"}},
		{"a paragraph that went", strings.Replace(arabicOne, "يسري على المراكز كلها.\n\n", "", 1), "", english,
			[]string{"removed p @ It holds for all centres. #  (2.0)"}},
		{"a paragraph written anew is one that changed", strings.Replace(arabicOne, "يسري على المراكز كلها.", "وتُستثنى المخازن والمستودعات من أحكامه جميعًا ما لم تستقبل أحدًا.", 1), "", english,
			[]string{"changed p @ It holds for all centres. # وتُستثنى المخازن والمستودعات من أحكامه جميعًا ما لم تستقبل أحدًا. (2.0)"}},
		{"a section that came counts by its clauses", strings.Replace(arabicOne, "## الأحكام", "## التعريفات\n\nالمركز: مكان الخدمة.\n\n- بند\n- وآخر\n\n## الأحكام", 1), "", english,
			[]string{"added h2 @ It holds for all centres. # التعريفات (2.0)", "added p @ It holds for all centres. # المركز: مكان الخدمة. (2.0)"}},
		{"an item that changed", strings.Replace(arabicOne, "قبول الهوية الرقمية", "قبول الهوية الرقمية وحدها", 1), "", english,
			[]string{"changed li @ take digital identity # يُلزم المركز بما يلي: (2.0)"}},
		{"an item that came", strings.Replace(arabicOne, "- قبول", "- توفير مقاعد\n- قبول", 1), "", english,
			[]string{"added li @ post its opening hours # يُلزم المركز بما يلي: (2.0)"}},
		{"a table that changed", strings.Replace(arabicOne, "| المدة | ١٥ |", "| المدة | ١٠ |", 1), "", english,
			[]string{"changed table @ Limit Value time 15 # يُلزم المركز بما يلي: (2.0)"}},
		{"a heading that was renamed", strings.Replace(arabicOne, "## الأحكام", "## الأحكام العامة", 1), "", english,
			[]string{"changed h2 @ Rules # الأحكام العامة (2.0)"}},
		{"a paragraph that only moved", strings.Replace(strings.Replace(arabicOne, "يسري على المراكز كلها.\n\n", "", 1), "تُراجع", "يسري على المراكز كلها.\n\nتُراجع", 1), "", english, nil},
		{"each with the edition that brought it", strings.Replace(arabicOne, "١٥ دقيقة", "١٠ دقائق", 1),
			strings.Replace(strings.Replace(arabicOne, "١٥ دقيقة", "١٠ دقائق", 1), "كل عام", "كل عامين", 1), english,
			[]string{"changed p @ Nobody waits longer than 15 minutes. # لا تتجاوز المدة ١٠ دقائق. (2.0)", "changed p @ The rules are reviewed every year. # تُراجع الأحكام كل عامين. (3.0)"}},
		{"what was changed and changed back does not", strings.Replace(arabicOne, "١٥ دقيقة", "١٠ دقائق", 1), arabicOne, english, nil},
		{"a translation with a paragraph more and one less pairs the rest", strings.Replace(arabicOne, "كل عام", "كل عامين", 1), "",
			strings.Replace(strings.Replace(english, "It holds for all centres.\n\n", "", 1), "## Purpose\n\n", "A note of the translator that the original does not have, and longer than what follows.\n\n## Purpose\n\n", 1),
			[]string{"changed p @ The rules are reviewed every year. # تُراجع الأحكام كل عامين. (2.0)"}},
		{"figures tell paragraphs apart", strings.Replace(arabicOne, "١٥ دقيقة", "١٥ دقيقة البتة", 1), "",
			strings.Replace(english, "Nobody waits", "Staff greet everybody who comes in.\n\nNobody waits", 1),
			[]string{"changed p @ Nobody waits longer than 15 minutes. # لا تتجاوز المدة ١٥ دقيقة البتة. (2.0)"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			texts := []Text{{"1.0", pageOf(t, "ar", arabicOne)}, {"2.0", pageOf(t, "ar", c.second, arabicOne)}}
			if c.then != "" {
				texts = append(texts, Text{"3.0", pageOf(t, "ar", c.then, arabicOne, c.second)})
			}
			translation := pageOf(t, "en", c.english)
			got := said(Lagging(texts, translation), texts[len(texts)-1].Blocks, translation)
			if want := strings.Join(c.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
	if l := Lagging([]Text{{"1.0", pageOf(t, "ar", arabicOne)}}, pageOf(t, "en", english)); l != nil {
		t.Errorf("a translation of the newest edition lags: %v", l)
	}
}

// However long the two texts, the work is bounded, and the order still pairs them.
func TestLongTextsPairByOrder(t *testing.T) {
	var was, is, en strings.Builder
	for i := range 2500 {
		fmt.Fprintf(&was, "فقرة رقم %d من النص.\n\n", i)
		fmt.Fprintf(&is, "فقرة رقم %d من النص%s.\n\n", i, map[bool]string{true: " وقد تغيّرت"}[i == 2400])
		fmt.Fprintf(&en, "Paragraph %d of the text.\n\n", i)
	}
	texts := []Text{{"1.0", pageOf(t, "ar", was.String())}, {"2.0", pageOf(t, "ar", is.String(), was.String())}}
	translation := pageOf(t, "en", en.String())
	lags := Lagging(texts, translation)
	if len(lags) != 1 || translation[lags[0].Block].Text != "Paragraph 2400 of the text." {
		t.Errorf("%v", lags)
	}
}
