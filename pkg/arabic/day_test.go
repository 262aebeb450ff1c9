package arabic

import (
	"testing"
	"time"
)

func TestADayIsWrittenInBothCalendars(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	if got := FormatDay(at, "ar"); got != "الأحد ١٢ جمادى الآخرة ١٤٤٨هـ · ٢٢ نوفمبر ٢٠٢٦م" {
		t.Error(got)
	}
	if got := FormatDay(at, "en"); got != "Sunday 22 November 2026 · 12 Jumada II 1448 AH" {
		t.Error(got)
	}
	if got := FormatDay(time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC), "ar"); got != "الأربعاء ١ يناير ١٨٠٠م" {
		t.Errorf("outside the table: %s", got)
	}
}

func TestHijriDaysFollowEachOther(t *testing.T) {
	start := time.Date(1990, 1, 1, 12, 0, 0, 0, time.UTC)
	last, _ := ToHijri(start)
	for i := 1; i < 40000; i++ {
		d, ok := ToHijri(start.AddDate(0, 0, i))
		if !ok {
			t.Fatal(i)
		}
		next := d.Year == last.Year && d.Month == last.Month && d.Day == last.Day+1
		month := d.Day == 1 && last.Day >= 29 && (d.Year-last.Year)*12+d.Month-last.Month == 1
		if !next && !month {
			t.Fatalf("%+v after %+v", d, last)
		}
		last = d
	}
}
