package moderation

import "testing"

func TestWhatHidesOnSight(t *testing.T) {
	t.Parallel()
	f := func(agency string, r Reason) Flag { return Flag{Agency: agency, Reason: r} }
	own := func(agency string, r Reason) Flag { return Flag{Person: "author", Agency: agency, Reason: r} }
	for _, c := range []struct {
		name  string
		flags []Flag
		want  bool
	}{
		{"one flag hides nothing", []Flag{f("a", Spam)}, false},
		{"two agencies hide nothing", []Flag{f("a", Spam), f("b", Offensive)}, false},
		{"three people of one agency hide nothing", []Flag{f("a", Spam), f("a", Spam), f("a", Spam)}, false},
		{"three agencies hide", []Flag{f("a", Spam), f("b", Offensive), f("c", OffTopic)}, true},
		{"people without agency do not count together", []Flag{f("", Spam), f("", Spam), f("", Spam)}, false},
		{"one flag of confidential matter hides", []Flag{f("a", Confidential)}, true},
		{"the author is nobody's third agency", []Flag{f("a", Spam), f("b", Spam), own("c", Spam)}, false},
		{"a colleague of the author is", []Flag{f("a", Spam), f("b", Spam), own("c", Spam), f("c", Spam)}, true},
		{"the author takes back personal data", []Flag{own("c", PersonalData)}, true},
		{"one flag of personal data hides", []Flag{f("", PersonalData)}, true},
	} {
		if got := hidesOnSight("author", c.flags); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestDecisions(t *testing.T) {
	t.Parallel()
	for _, s := range []State{Pending, Upheld, Rejected, Ignored} {
		for _, hidden := range []bool{false, true} {
			for _, a := range []Action{Keep, Hide, Restore, Ignore, AutoHide} {
				to, hide, ok := decide(s, hidden, a)
				want := s == Pending && (a == Keep || a == Hide || a == Ignore) || a == Restore && hidden && (s == Pending || s == Upheld)
				if ok != want {
					t.Errorf("%s of %s (hidden %v): %v, want %v", a, s, hidden, ok, want)
				}
				if ok && hide != (a == Hide) {
					t.Errorf("%s leaves the content hidden %v", a, hide)
				}
				if ok && (to == Upheld) != (a == Hide) {
					t.Errorf("%s makes %s", a, to)
				}
			}
		}
	}
}

func TestPriority(t *testing.T) {
	t.Parallel()
	if priority(Confidential, 0, 10) <= priority(Offensive, 10, 0) {
		t.Error("a grave reason comes first whoever flags")
	}
	if priority(Spam, 3, 1) <= priority(Spam, 1, 3) {
		t.Error("who was right more often comes first")
	}
}
