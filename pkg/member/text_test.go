package member

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/multaqa/multaqa/pkg/corpus"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/fault"
)

func TestClustersAreWhatAReaderCounts(t *testing.T) {
	for s, want := range map[string]int{
		"": 0, "abc": 3, "مُنَاقَشَةُ": 6, "e\u0301": 1, "👨\u200d👩\u200d👧": 1, "👍🏽": 1, "🇦🇪🇧🇭": 2, "한국": 2,
		"\u1112\u1161\u11ab": 1, "❤\ufe0f": 1, "لا": 2, "🏴\U000e0067\U000e0062\U000e007f": 1, "م\u200cن": 2, "\u0301": 1,
	} {
		if got := Clusters(s); got != want {
			t.Errorf("Clusters(%q) = %d, want %d", s, got, want)
		}
	}
}

func TestANameIsKeptOrRefusedForAReason(t *testing.T) {
	for s, want := range map[string]string{
		"هيئة الطرق": "", "O'Brien & Sons <b>": "", "فلان الفلانيّ": "", "نمونهٔ\u200cها": "", "👨\u200d🦰": "",
		"":                                     "required",
		"a\x00b":                               "control_character",
		"a\tb":                                 "control_character",
		"a\nb":                                 "line_break",
		"a\u2028b":                             "line_break",
		"a\u202eb":                             "bidi_control",
		"\u2066a":                              "bidi_control",
		"\ufffea":                              "noncharacter",
		"\ufeffa":                              "invisible",
		"\u200b\u00a0":                         "invisible",
		" a":                                   "edge_space",
		"a\u00a0":                              "edge_space",
		"a\xffb":                               "not_utf8",
		strings.Repeat("ا", 121):               "too_long",
		"a" + strings.Repeat("\u0301", 120*32): "too_long",
	} {
		if got := Problem(s, maxName); got != want {
			t.Errorf("Problem(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestAddressesAreFoldedOrRefused(t *testing.T) {
	for s, want := range map[string]string{
		"Salma@Gov.Example": "salma@gov.example", "a@مثال.إختبار": "a@xn--mgbh0fb.xn--kgbechtv", "a+b@c.d": "a+b@c.d",
		"": "", "a": "", "@b": "", "a@": "", "a b@c.d": "", "a@b@c": "", "سلمى@gov.example": "", "a@b..c": "", ".a@b.c": "",
		"a\u202e@b.c": "", "a@b\u200d.c": "", "a@-b.c": "", "<a@b.c>": "",
	} {
		got, ok := emailKey(s)
		if got != want || ok != (want != "") {
			t.Errorf("emailKey(%q) = %q %v, want %q", s, got, ok, want)
		}
	}
}

// The strings are those of minimaxir/big-list-of-naughty-strings, read from
// the shared corpus.
func TestNaughtyStringsRoundTripOrAreRefusedByField(t *testing.T) {
	raw, err := os.ReadFile(corpus.Dir(t, "naughty-strings.json"))
	if err != nil {
		t.Fatal(err)
	}
	var naughty struct {
		Strings []struct{ ID, Input string }
	}
	if err := json.Unmarshal(raw, &naughty); err != nil || len(naughty.Strings) < 200 {
		t.Fatal(len(naughty.Strings), err)
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		p := w.person("a@mun.example")
		actor := w.open("a@mun.example").Actor
		kept := 0
		for _, c := range naughty.Strings {
			w.pass(time.Second)
			name := Text{Ar: c.Input, En: c.Input}
			_, err := w.s.UpdateMe(w.ctx, actor, &name, nil)
			var f *fault.Error
			if errors.As(err, &f) {
				if f.Fields["name"] == "" {
					t.Errorf("%s %q: refused without the field: %v", c.ID, c.Input, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s %q: %v", c.ID, c.Input, err)
				continue
			}
			kept++
			if i := strings.IndexFunc(c.Input, unicode.IsControl); i >= 0 {
				t.Errorf("%s: a control character was kept", c.ID)
			}
			err = d.Read(w.ctx, func(tx *db.Tx) error {
				m, err := PeopleIn(w.ctx, tx, p)
				if m[p] != name {
					t.Errorf("%s: %q came back as %q", c.ID, c.Input, m[p].Ar)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			// As an e-mail, a code and a search for an agency: no error but a fault.
			_, err = w.s.CreatePerson(w.ctx, hub, NewPerson{Name: Text{Ar: "س"}, Email: c.Input, PasswordHash: "x"})
			if err != nil && fault.Of(err) == nil {
				t.Errorf("%s as e-mail: %v", c.ID, err)
			}
			_, err = w.s.CreateAgency(w.ctx, hub, NewAgency{Code: c.Input, Name: name, Sector: c.Input})
			if err != nil && fault.Of(err) == nil {
				t.Errorf("%s as agency: %v", c.ID, err)
			}
		}
		if kept < 200 {
			t.Errorf("only %d of %d were kept", kept, len(naughty.Strings))
		}
	})
}

func FuzzProblem(f *testing.F) {
	f.Add("هيئة", 10)
	f.Add("a\u0301👨\u200d👩", 2)
	f.Fuzz(func(t *testing.T, s string, max int) {
		max = max&0xff + 1
		if Problem(s, max) == "" && (s == "" || Clusters(s) > max) {
			t.Errorf("kept %q at %d", s, max)
		}
	})
}
