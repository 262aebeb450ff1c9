package arabic

import "time"

var dayNames = [...]string{"الأحد", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت"}

// FormatDay writes weekday and both calendars, the reader's first:
// «الأحد ١٢ جمادى الآخرة ١٤٤٨هـ · ٢٢ نوفمبر ٢٠٢٦م»,
// "Sunday 22 November 2026 · 12 Jumada II 1448 AH".
func FormatDay(t time.Time, lang string) string {
	first, second, day := FormatHijri(t, lang), FormatDate(t, lang), dayNames[t.Weekday()]
	if lang == "en" {
		first, second, day = second, first, t.Weekday().String()
	}
	if first == "" {
		first, second = second, ""
	}
	if second != "" {
		second = " · " + second
	}
	return day + " " + first + second
}
