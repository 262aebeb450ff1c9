package guideline

import (
	"regexp"
	"slices"
	"strings"

	"github.com/multaqa/multaqa/pkg/arabic"
	"github.com/multaqa/multaqa/pkg/locale"
)

// Section is a section that a template offers; a required one must be there,
// with words under it, before the text goes to review.
type Section struct {
	Title    locale.Text
	Also     []string // other headings that count as this section
	Required bool
}

// Template is a type of document with its sections.
type Template struct {
	ID       string
	Name     locale.Text
	Sections []Section
}

func sec(ar, en string, also ...string) Section {
	return Section{Title: locale.Text{Ar: ar, En: en}, Also: also, Required: true}
}

func maybe(ar, en string, also ...string) Section {
	s := sec(ar, en, also...)
	s.Required = false
	return s
}

// Templates lists the types of documents. "free" asks for nothing; imported
// pages have it, since they were written to other rules.
var Templates = []Template{
	{"manual", locale.Text{Ar: "دليل عمل", En: "Manual"}, []Section{
		sec("الغاية والنطاق", "Purpose and scope", "الغاية", "النطاق", "الهدف والنطاق", "Purpose", "Scope"),
		maybe("التعريفات", "Definitions", "المصطلحات", "Terms"),
		sec("الأدوار والمسؤوليات", "Roles and responsibilities", "الأدوار", "المسؤوليات", "Roles", "Responsibilities"),
		sec("الخطوات", "Steps", "الإجراءات", "خطوات العمل", "Procedure", "Procedures"),
		sec("القياس والمتابعة", "Measurement and follow-up", "القياس", "المتابعة", "Measurement", "Monitoring"),
		maybe("المراجع", "References"),
	}},
	{"strategy", locale.Text{Ar: "استراتيجية", En: "Strategy"}, []Section{
		sec("الرؤية", "Vision"),
		sec("الوضع الراهن", "Where we are", "تحليل الوضع الراهن", "Current state"),
		sec("الأهداف", "Goals", "الأهداف الاستراتيجية", "Objectives"),
		sec("المبادرات", "Initiatives", "البرامج والمبادرات"),
		sec("المؤشرات", "Indicators", "مؤشرات الأداء", "Measures"),
		maybe("المخاطر", "Risks"),
	}},
	{"practice_card", locale.Text{Ar: "بطاقة ممارسة", En: "Practice card"}, []Section{
		sec("المشكلة", "Problem"),
		sec("السياق", "Context"),
		sec("الممارسة", "Practice", "وصف الممارسة"),
		sec("الأدلة", "Evidence", "الشواهد"),
		sec("الكلفة", "Cost", "التكلفة"),
		sec("جهات الاتصال", "Contacts", "للتواصل", "Contact"),
	}},
	{"study", locale.Text{Ar: "دراسة جدوى", En: "Feasibility study"}, []Section{
		sec("الخيارات", "Options"),
		sec("الحاجة والملاءمة", "Strategic fit and need"),
		sec("الجانب التقني والبيانات", "Technical and data"),
		sec("الجانب القانوني", "Legal and regulatory"),
		sec("الجانب التشغيلي والبشري", "Operational and people"),
		sec("الجانب الاقتصادي", "Economic"),
		sec("الجدول الزمني", "Schedule"),
		sec("المخاطر والإنصاف", "Risk and equity"),
		sec("الخلاصة", "Verdict"),
	}},
	{"minutes", locale.Text{Ar: "محضر اجتماع", En: "Minutes"}, []Section{
		sec("الحضور", "Attendance", "الحاضرون", "Present"),
		sec("جدول الأعمال", "Agenda"),
		sec("القرارات", "Decisions"),
		sec("المهام", "Actions", "التكليفات", "Action items"),
	}},
	{"charter", locale.Text{Ar: "ميثاق", En: "Charter"}, []Section{
		sec("الغاية", "Purpose", "الهدف"),
		sec("النطاق", "Scope"),
		sec("الأعضاء", "Members", "العضوية", "Membership"),
		sec("طريقة العمل", "How we work", "آلية العمل"),
		maybe("المدة", "Term"),
	}},
	{"free", locale.Text{Ar: "نصّ حرّ", En: "Free text"}, nil},
}

// FindTemplate returns the template with the id.
func FindTemplate(id string) (Template, bool) {
	for _, t := range Templates {
		if t.ID == id {
			return t, true
		}
	}
	return Template{}, false
}

// Skeleton is the text a new draft begins with: the headings, empty.
func (t Template) Skeleton(lang string) string {
	var b strings.Builder
	for _, s := range t.Sections {
		title := s.Title.Ar
		if lang == "en" {
			title = s.Title.En
		}
		b.WriteString("## " + title + "\n\n")
	}
	return b.String()
}

// Missing lists the required sections that the text does not have: their
// heading is absent, or nothing is written under it. A text without a word
// lacks itself, whatever its template: there is nothing to review.
func (t Template) Missing(text string) []Section {
	filled := filledSections(text)
	var out []Section
	for _, s := range t.Sections {
		if !s.Required {
			continue
		}
		found := filled[foldHeading(s.Title.Ar)] || filled[foldHeading(s.Title.En)]
		for _, also := range s.Also {
			found = found || filled[foldHeading(also)]
		}
		if !found {
			out = append(out, s)
		}
	}
	if out == nil && strings.TrimSpace(text) == "" {
		return []Section{sec("النصّ", "The text")}
	}
	return out
}

var (
	atx   = regexp.MustCompile(`^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$`)
	setex = regexp.MustCompile(`^ {0,3}(=+|-+)[ \t]*$`)
	fence = regexp.MustCompile("^ {0,3}(`{3,}|~{3,})(.*)$")
)

// filledSections maps folded headings to whether words stand under them, the
// words of their subsections included. It reads lines, linear in the text:
// ATX and setext headings outside fenced code (CommonMark 0.31 §4.2, §4.3,
// §4.5); nesting in quotes and lists is not looked into.
func filledSections(text string) map[string]bool {
	type heading struct {
		level int
		key   string
	}
	var path []heading
	filled := map[string]bool{}
	mark := func() {
		for _, h := range path {
			filled[h.key] = true
		}
	}
	enter := func(level int, title string) {
		for len(path) > 0 && path[len(path)-1].level >= level {
			path = path[:len(path)-1]
		}
		path = append(path, heading{level, foldHeading(title)})
	}
	var fenced string // the fence that must close, or ""
	prev := ""        // the line before, when it may be a setext heading
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if m := fence.FindStringSubmatch(line); m != nil {
			switch {
			case fenced == "" && (m[1][0] != '`' || !strings.Contains(m[2], "`")):
				fenced = m[1]
				continue
			case fenced != "" && m[1][0] == fenced[0] && len(m[1]) >= len(fenced) && strings.TrimSpace(m[2]) == "":
				fenced = ""
				continue
			}
		}
		if fenced != "" {
			if strings.TrimSpace(line) != "" {
				mark()
			}
			continue
		}
		if m := atx.FindStringSubmatch(line); m != nil {
			enter(len(m[1]), m[2])
			prev = ""
			continue
		}
		if m := setex.FindStringSubmatch(line); m != nil {
			if prev == "" {
				continue // a thematic break
			}
			level := 1
			if m[1][0] == '-' {
				level = 2
			}
			enter(level, prev)
			prev = ""
			continue
		}
		if prev != "" {
			mark() // the line before was words after all
		}
		prev = strings.TrimSpace(line)
	}
	if prev != "" {
		mark()
	}
	return filled
}

// foldHeading drops what headings differ in without meaning it: numbers before
// the title, emphasis, marks, forms of letters, case and punctuation.
func foldHeading(s string) string {
	words := arabic.Words(s)
	words = slices.DeleteFunc(words, func(w string) bool { return strings.Trim(w, "0123456789") == "" })
	return strings.Join(words, " ")
}
