package demo

import (
	"fmt"

	"github.com/multaqa/multaqa/pkg/suggestion"
)

// suggested is a change that an agency proposes on a draft: words of a passage, what would stand instead, and why. Hours count
// back from the start.
type suggested struct {
	guide, agency, passage, words, instead, note string
	hours                                        float64
}

var suggestedChanges = []suggested{
	{jointGuide, "HLT", "عشرين دقيقة في ٨٥٪ من الزيارات", "عشرين", "خمس عشرة", "مراكز الصحة حقّقت ١٣ دقيقة في تجربة الموعد المسبق، فلنرفع السقف.", 1.5},
	{jointGuide, "LND", "وتُراجعها مع الجهات الشريكة في الخدمة كل ستة أشهر", "ستة أشهر", "سنة، وكل ستة أشهر لما يزيد على مئة طلب في الشهر", "", 4},
	{jointGuide, "RTA", "وتُراجعها مع الجهات الشريكة في الخدمة كل ستة أشهر", "الشريكة في الخدمة", "", "تكفي «الجهات»؛ الشراكة معرّفة في البند الأول.", 3},
}

// planSuggestion plans one proposed change.
func (w *world) planSuggestion(s suggested) {
	w.on(-s.hours/24, "suggestion of "+s.agency, func() error {
		g := w.guides[s.guide]
		version, text, err := w.text(g)
		if err != nil {
			return err
		}
		from, _, ok := find(text, s.passage)
		at, to, inside := find(s.passage, s.words)
		if !ok || !inside {
			return fmt.Errorf("the draft has no %q in %q", s.words, s.passage)
		}
		_, err = w.Suggests.Save(w.ctx, w.actors[s.agency], g.draft, suggestion.Save{Version: version,
			Parts: []suggestion.Part{{From: from + at, To: from + to, Insert: s.instead}}, Note: &s.note})
		return err
	})
}
