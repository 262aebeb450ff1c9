package desk

import (
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/practice"
)

func TestPulseCountsWeekByWeekAndIsAMinuteOldAtMost(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		reader := w.people["HLT.writer"]
		nominate := func(who, title string) {
			_, err := w.Practices.Nominate(w.ctx, w.people[who], practice.Card{Title: locale.Text{Ar: title}, Problem: "نوافذ كثيرة"})
			w.must(err)
		}
		wants := func(active int64, weeks map[int]int64) {
			t.Helper()
			p, err := w.Pulse(w.ctx, reader)
			w.must(err)
			for i, n := range p.Weeks {
				if n != weeks[i] {
					t.Errorf("week %d: %d taken part, want %d", i, n, weeks[i])
				}
			}
			if p.Active != active {
				t.Errorf("%d agencies active, want %d", p.Active, active)
			}
		}
		if _, err := w.Pulse(w.ctx, policy.Actor{}); err == nil {
			t.Error("the pulse was read without signing in")
		}
		wants(0, nil)
		nominate("MUN.writer", "الموظف الشامل")
		wants(0, nil) // as a minute ago
		w.now = w.now.Add(8 * 24 * time.Hour)
		nominate("HLT.principal", "الموعد المسبق")
		wants(2, map[int]int64{10: 1, 11: 1})
		w.now = w.now.Add(26 * 24 * time.Hour)
		wants(1, map[int]int64{7: 1, 8: 1})
		w.now = w.now.Add(PulseWeeks * 7 * 24 * time.Hour)
		wants(0, nil)
	})
}
