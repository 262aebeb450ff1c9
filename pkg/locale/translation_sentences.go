package locale

import "strings"

// block is what the sentences call a block of a text.
type block struct {
	This, One Text
	fem       bool
}

var paragraph = block{Text{"هذه الفقرة", "this paragraph"}, Text{"فقرة", "a paragraph"}, true}

var blocks = map[string]block{
	"h": {Text{"هذا العنوان", "this heading"}, Text{"قسم", "a section"}, false}, "li": {Text{"هذا البند", "this item"}, Text{"بند", "an item"}, false},
	"dt": {Text{"هذا التعريف", "this definition"}, Text{"تعريف", "a definition"}, false}, "table": {Text{"هذا الجدول", "this table"}, Text{"جدول", "a table"}, false},
	"code": {Text{"هذا المقطع", "this sample"}, Text{"مقطع", "a sample"}, false}, "quote": {Text{"هذا الاقتباس", "this passage"}, Text{"اقتباس", "a passage"}, false},
	"note": {Text{"هذه الحاشية", "this footnote"}, Text{"حاشية", "a footnote"}, true},
}

func blockOf(kind string) block {
	if kind == "dd" {
		kind = "dt"
	} else if strings.HasPrefix(kind, "h") {
		kind = "h"
	}
	if b, ok := blocks[kind]; ok {
		return b
	}
	return paragraph
}

// TranslationLag says beside a block of a translation what became of it in the Arabic original: "changed", "removed" or "added". kind is that of
// publish.Block; the edition's number is in the digits of the reader.
func TranslationLag(what, kind, edition string) Text {
	b := blockOf(kind)
	gone, yet := "حُذف", "لم يُترجم بعد"
	if b.fem {
		gone, yet = "حُذفت", "لم تُترجم بعد"
	}
	switch what {
	case "added":
		return Text{Ar: "في الإصدار " + edition + " من الأصل العربي " + b.One.Ar + " هنا " + yet + ".",
			En: "Edition " + edition + " of the Arabic original has " + b.One.En + " here that is not translated yet."}
	case "removed":
		return Text{Ar: gone + " " + b.This.Ar + " من الأصل العربي في الإصدار " + edition + ".",
			En: "Edition " + edition + " of the Arabic original no longer has " + b.This.En + "."}
	}
	return Text{Ar: "تغيّر الأصل العربي ل" + b.This.Ar + " في الإصدار " + edition + ".",
		En: "The Arabic original of " + b.This.En + " has changed in edition " + edition + "."}
}

var lagging = nounForms{"فقرة واحدة", "فقرتان", "%s فقرات", "%s فقرة", "%s فقرة"}

// TranslationBehind says at the head of a translation how many of its paragraphs lag behind the edition of the Arabic original in force.
func TranslationBehind(n int, edition string) Text {
	if n == 0 {
		return Text{Ar: "وهو موافق للإصدار " + edition + " من الأصل العربي، والأصل العربي هو المرجع.",
			En: "It keeps up with edition " + edition + " of the Arabic original, which is authoritative."}
	}
	verb := "lag"
	if n == 1 {
		verb = "lags"
	}
	return Text{Ar: "تأخّرت عن الإصدار " + edition + " من الأصل العربي " + lagging.count(int64(n)) + "، والأصل العربي هو المرجع.",
		En: plural(int64(n), "paragraph", "paragraphs") + " " + verb + " behind edition " + edition + " of the Arabic original, which is authoritative."}
}
