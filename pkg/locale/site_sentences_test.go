package locale

import "testing"

// The six forms of CLDR, which every counted sentence takes from one place.
func TestCountsOfGuides(t *testing.T) {
	for n, want := range map[int]string{0: "لا أدلة", 1: "دليل واحد", 2: "دليلان", 3: "٣ أدلة", 10: "١٠ أدلة", 11: "١١ دليلًا", 99: "٩٩ دليلًا", 100: "١٠٠ دليل", 102: "١٠٢ دليل", 103: "١٠٣ أدلة", 111: "١١١ دليلًا"} {
		if got := GuidesCount(n).Ar; got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
	if got := WordsAdded(1).En + WordsRemoved(2).En + LinesKept(3).En; got != "1 word added2 words removed3 lines unchanged" {
		t.Error(got)
	}
}
