package site

import (
	"regexp"
	"strings"
	"testing"

	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
)

const (
	originalText = "## الغاية\n\nيبيّن هذا الدليل ما يلزم.\n\nيسري على المراكز كلها.\n\nيُلزم المركز بما يلي:\n\n- إعلان أوقات العمل\n- قبول الهوية الرقمية\n"
	englishText  = "## Purpose\n\nThis guide says what is needed.\n\nIt holds for all centres.\n\nA centre has to:\n\n- post its opening hours\n- take digital identity\n"
)

// translated publishes an original in two editions, and its translation of the first.
func (w *world) translated(second string, change func(*guideline.Publication)) {
	w.t.Helper()
	w.publish("ar", "دليل", originalText, func(p *guideline.Publication) { p.Edition, p.State = "ed_ar1", guideline.Superseded })
	w.publish("ar", "دليل", second, func(p *guideline.Publication) { p.Edition, p.Number = "ed_ar2", guideline.Number{Major: 2} })
	w.publish("en", "دليل", englishText, func(p *guideline.Publication) {
		p.Title, p.Language, p.Translates, p.MadeFrom = locale.Text{Ar: "دليل", En: "A guide"}, "en", "gl_ar", "ed_ar1"
		if change != nil {
			change(p)
		}
	})
}

var remarks = regexp.MustCompile(`(?s)<(p|span) class="lag.*?</(p|span)>`)

func TestATranslationSaysWhereItLags(t *testing.T) {
	w := open(t)
	second := strings.Replace(originalText, "يسري على المراكز كلها.", "يسري على المراكز ومنصاتها.\n\nولا يسري على المخازن.", 1)
	second = strings.Replace(second, "قبول الهوية الرقمية", "قبول الهوية الرقمية وحدها", 1)
	w.translated(second, nil)
	body := w.get("/guides/gl_en/e/1.0?lang=en").Body.String()
	if f := faults(body); len(f) > 0 {
		t.Error(f)
	}
	if !strings.Contains(body, "3 paragraphs lag behind edition 2.0 of the Arabic original, which is authoritative.") {
		t.Error("the head does not say how many lag")
	}
	said := remarks.FindAllString(body, -1)
	if len(said) != 3 {
		t.Fatalf("%q", said)
	}
	for i, want := range []string{"The Arabic original of this paragraph has changed in edition 2.0.", "has a paragraph here that is not translated yet", "original of this item has changed"} {
		if !strings.Contains(said[i], want) || !strings.Contains(said[i], `href="/guides/gl_ar/e/2.0#p-`) {
			t.Errorf("%d: %s", i, said[i])
		}
	}
	if !strings.Contains(said[1], "clause 1.3") {
		t.Errorf("not the number of the clause: %s", said[1])
	}
	// Each at its place.
	order := []string{"It holds for all centres.", "paragraph has changed", "not translated yet", "A centre has to", "take digital identity", "item has changed", "</li>"}
	at := 0
	for _, part := range order {
		i := strings.Index(body[at:], part)
		if i < 0 {
			t.Fatalf("%q does not follow in order", part)
		}
		at += i
	}
	ar := w.get("/guides/gl_en/e/1.0?lang=ar").Body.String()
	if !strings.Contains(ar, "تأخّرت عن الإصدار ٢.٠ من الأصل العربي ٣ فقرات، والأصل العربي هو المرجع.") || !strings.Contains(ar, "تغيّر الأصل العربي لهذه الفقرة في الإصدار ٢.٠.") {
		t.Error("not in Arabic")
	}

	// Both lead to each other, and the switch of the language to the counterpart.
	if !strings.Contains(body, `href="/guides/gl_ar/e/2.0" hreflang="ar" rel="alternate"`) || !strings.Contains(body, `class="lang" href="/guides/gl_ar/e/2.0?lang=ar"`) {
		t.Error("the translation does not lead to its original")
	}
	if strings.Contains(ar, `class="lang" href="/guides/gl_ar`) {
		t.Error("whoever reads the English text with Arabic words around it is led away from it by the switch to English")
	}
	original := w.get("/guides/gl_ar/e/2.0?lang=ar").Body.String()
	if !strings.Contains(original, `class="lang" href="/guides/gl_en/e/1.0?lang=en"`) || !strings.Contains(original, "الترجمة الإنجليزية") || len(remarks.FindAllString(original, -1)) > 0 {
		t.Error("the original does not lead to its translation")
	}
}

func TestATranslationThatKeepsUp(t *testing.T) {
	w := open(t)
	w.translated(strings.Replace(originalText, "كلها", "وغيرها", 1), func(p *guideline.Publication) { p.MadeFrom = "ed_ar2" })
	body := w.get("/guides/gl_en/e/1.0?lang=en").Body.String()
	if !strings.Contains(body, "It keeps up with edition 2.0 of the Arabic original") || remarks.MatchString(body) {
		t.Error("a translation of the newest edition lags")
	}
	// The page is made anew when the original goes on.
	w.publish("ar", "دليل", strings.Replace(originalText, "كلها", "وغيرها", 1), func(p *guideline.Publication) {
		p.Edition, p.Number, p.State = "ed_ar2", guideline.Number{Major: 2}, guideline.Superseded
	})
	w.publish("ar", "دليل", originalText, func(p *guideline.Publication) { p.Edition, p.Number = "ed_ar3", guideline.Number{Major: 3} })
	if body := w.get("/guides/gl_en/e/1.0?lang=en").Body.String(); !strings.Contains(body, "1 paragraph lags behind edition 3.0") {
		t.Error("the page does not see the third edition")
	}
}

// Who may not read the original learns nothing of it.
func TestAnOriginalThatIsNotToBeSeen(t *testing.T) {
	w := open(t)
	w.publish("ar", "دليل", originalText, func(p *guideline.Publication) { p.Edition, p.Visibility = "ed_ar1", policy.ToNetwork })
	w.publish("en", "دليل", englishText, func(p *guideline.Publication) {
		p.Language, p.Translates, p.MadeFrom = "en", "gl_ar", "ed_ar1"
	})
	body := w.get("/guides/gl_en/e/1.0?lang=en").Body.String()
	if strings.Contains(body, "gl_ar") || strings.Contains(body, "authoritative") {
		t.Error("the public learns of an original of the network's")
	}
	w.actor = policy.Actor{Person: "pe_1", Agency: "ag_2", Roles: []policy.Role{policy.Representative}}
	if body := w.get("/guides/gl_en/e/1.0?lang=en").Body.String(); !strings.Contains(body, "gl_ar") {
		t.Error("a member does not")
	}
}

func TestTheLibrarySaysWhichTextIsInTheOtherLanguage(t *testing.T) {
	w := open(t)
	w.translated(originalText, nil)
	for lang, want := range map[string]string{"ar": "النص بالإنجليزية", "en": "Text in Arabic"} {
		body := w.get("/published?lang=" + lang).Body.String()
		if f := faults(body); len(f) > 0 {
			t.Error(f)
		}
		other := map[string]string{"ar": "النص بالعربية", "en": "Text in English"}[lang]
		if strings.Count(body, want) != 1 || strings.Contains(body, other) {
			t.Errorf("%s: an original and its translation under one title are not told apart", lang)
		}
	}
}
