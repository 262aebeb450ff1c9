package arabic

import (
	"strconv"
	"time"
)

// Hijri is a date of the Umm al-Qura calendar.
type Hijri struct{ Year, Month, Day int }

var hijriNames = [...]string{"محرم", "صفر", "ربيع الأول", "ربيع الآخر", "جمادى الأولى", "جمادى الآخرة", "رجب", "شعبان", "رمضان", "شوال", "ذو القعدة", "ذو الحجة"}

var hijriNamesEn = [...]string{"Muharram", "Safar", "Rabi I", "Rabi II", "Jumada I", "Jumada II", "Rajab", "Shaban", "Ramadan", "Shawwal", "Dhu al-Qida", "Dhu al-Hijja"}

var monthNames = [...]string{"يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"}

// ToHijri converts the civil date of t, in t's own zone, by the Umm al-Qura
// table (rules D11); ok is false outside 1300 to 1600 AH.
func ToHijri(t time.Time) (h Hijri, ok bool) {
	civil := time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, time.UTC)
	days := int(civil.Sub(time.Date(hijriYear, hijriMonth, hijriDay, 12, 0, 0, 0, time.UTC)) / (24 * time.Hour))
	if days < 0 {
		return Hijri{}, false
	}
	for y, mask := range hijriMasks {
		for m := range 12 {
			length := 29 + int(mask>>m&1)
			if days < length {
				return Hijri{1300 + y, m + 1, days + 1}, true
			}
			days -= length
		}
	}
	return Hijri{}, false
}

// FormatHijri writes "٢٠ ربيع الآخر ١٤٤٨هـ" or "20 Rabi II 1448 AH"; "" outside
// the table.
func FormatHijri(t time.Time, lang string) string {
	h, ok := ToHijri(t)
	if !ok {
		return ""
	}
	if lang == "en" {
		return strconv.Itoa(h.Day) + " " + hijriNamesEn[h.Month-1] + " " + strconv.Itoa(h.Year) + " AH"
	}
	return Digits(strconv.Itoa(h.Day) + " " + hijriNames[h.Month-1] + " " + strconv.Itoa(h.Year) + "هـ")
}

// FormatDate writes "١ أكتوبر ٢٠٢٦م" or "1 October 2026".
func FormatDate(t time.Time, lang string) string {
	if lang == "en" {
		return t.Format("2 January 2006")
	}
	return Digits(strconv.Itoa(t.Day()) + " " + monthNames[t.Month()-1] + " " + strconv.Itoa(t.Year()) + "م")
}
