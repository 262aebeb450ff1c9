package locale

func init() {
	addFaults(map[string]Text{
		"markdown.too_large":        {Ar: "النص أكبر من الحد المسموح به، وهو ٢ ميغابايت.", En: "The text is larger than 2 MiB."},
		"markdown.not_utf8":         {Ar: "في النص بايتات ليست بترميز UTF-8. يلزم حفظ الملف بهذا الترميز.", En: "The text holds bytes that are not UTF-8. Save the file in that encoding."},
		"markdown.nesting":          {Ar: "القوائم والاقتباسات متداخلة بأكثر من ٢٠ مستوى.", En: "Lists and quotes are nested more than 20 deep."},
		"markdown.table":            {Ar: "جداول النص أكبر من الحد المسموح به، وهو ٢٠٬٠٠٠ خلية.", En: "The tables of the text have more than 20,000 cells."},
		"markdown.delimiters":       {Ar: "في فقرة واحدة أو عنوان أو خلية أكثر من ٥٠٠ علامة تنسيق.", En: "One paragraph, heading or cell has more than 500 formatting marks."},
		"markdown.footnotes":        {Ar: "حواشي النص وإحالاتها أكثر مما يمكن عرضه.", En: "The text has more footnotes and references to them than can be shown."},
		"markdown.headings":         {Ar: "في النص عناوين أكثر من الحد المسموح به، وهو ٢٠٬٠٠٠ عنوان.", En: "The text has more than 20,000 headings."},
		"markdown.dense":            {Ar: "في النص عناوين وتعريفات وجداول وقوائم متداخلة وأقواس أكثر مما يُسمح به لنص بهذا الطول.", En: "The text has more headings, definitions, tables, nested items and brackets than a text of its length may have."},
		"markdown.blank_lines":      {Ar: "داخل القوائم المتداخلة أسطر فارغة أكثر مما يمكن عرضه.", En: "There are more blank lines inside nested lists than can be shown."},
		"markdown.output_too_large": {Ar: "النص المعروض أكبر من الحد المسموح به.", En: "The rendered text is larger than allowed."},
		"markdown.busy":             {Ar: "تُعرض نصوص كثيرة الآن. يمكن المحاولة بعد لحظات.", En: "Many texts are being rendered now. Try again in a moment."},
	})
}

// Alert names the kinds of a callout: note, tip, important, warning, caution.
func Alert(kind string) Text { return alerts[kind] }

var alerts = map[string]Text{
	"note":      {Ar: "ملاحظة", En: "Note"},
	"tip":       {Ar: "نصيحة", En: "Tip"},
	"important": {Ar: "مهم", En: "Important"},
	"warning":   {Ar: "تنبيه", En: "Warning"},
	"caution":   {Ar: "تحذير", En: "Caution"},
}

// LostPage and LostImage stand behind what an imported text pointed to and nobody brought along.
var (
	LostPage  = Text{Ar: "الصفحة غير موجودة", En: "page not found"}
	LostImage = Text{Ar: "الصورة غير موجودة", En: "image not found"}
)

// Footnotes heads the list of footnotes.
var Footnotes = Text{Ar: "الحواشي", En: "Notes"}
