package locale

import (
	"fmt"
	"strconv"
	"strings"
)

// The sentences the server itself says about ballots. Arabic counts in words
// for one and two, and bends the noun from three on (CLDR plural rules, ar):
// each noun below carries its six forms.

// nounForms are the forms of a counted noun in one case; %s is the number.
type nounForms struct{ one, two, few, many, other string }

// count returns n with the noun, digits as Arabic text shows them. Zero has no
// form here: every sentence says "none" in a way of its own.
func (f nounForms) count(n int64) string {
	switch {
	case n == 1:
		return f.one
	case n == 2:
		return f.two
	case n%100 >= 3 && n%100 <= 10:
		return fmt.Sprintf(f.few, eastern(n))
	case n%100 >= 11:
		return fmt.Sprintf(f.many, eastern(n))
	}
	return fmt.Sprintf(f.other, eastern(n)) // 0, 100, 101, 102, 200 …
}

// eastern writes n in Arabic-Indic digits. Screens that show Western digits
// map them back, digit by digit.
func eastern(n int64) string { return easternDigits(strconv.FormatInt(n, 10)) }

func easternDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r - '0' + '٠'
		}
		return r
	}, s)
}

var (
	agenciesGen     = nounForms{"جهة واحدة", "جهتين", "%s جهات", "%s جهة", "%s جهة"}
	agenciesNom     = nounForms{"جهة واحدة", "جهتان", "%s جهات", "%s جهة", "%s جهة"}
	moreAgencies    = nounForms{"جهة واحدة أخرى", "جهتين أخريين", "%s جهات أخرى", "%s جهة أخرى", "%s جهة أخرى"}
	votesGen        = nounForms{"صوت واحد", "صوتين", "%s أصوات", "%s صوتًا", "%s صوت"}
	votesNom        = nounForms{"صوت واحد", "صوتان", "%s أصوات", "%s صوتًا", "%s صوت"}
	moreVotes       = nounForms{"ويلزم صوت موافق واحد آخر", "ويلزم صوتان موافقان آخران", "وتلزم %s أصوات موافقة أخرى", "ويلزم %s صوتًا موافقًا آخر", "ويلزم %s صوت موافق آخر"}
	objectionsExist = nounForms{"ويوجد تحفظ واحد مانع", "ويوجد تحفظان مانعان", "وتوجد %s تحفظات مانعة", "ويوجد %s تحفظًا مانعًا", "ويوجد %s تحفظ مانع"}
)

// plural is the English count of a noun.
func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.FormatInt(n, 10) + " " + many
}

var majorities = map[string]Text{
	"simple":     {Ar: "الأغلبية البسيطة", En: "a simple majority"},
	"absolute":   {Ar: "الأغلبية المطلقة", En: "an absolute majority"},
	"two_thirds": {Ar: "أغلبية الثلثين", En: "a majority of two thirds"},
	"double":     {Ar: "الأغلبية المزدوجة", En: "the double majority"},
	"consent":    {Ar: "التوافق", En: "consent"},
}

// Majority is the name of a threshold.
func Majority(threshold string) Text { return majorities[threshold] }

// BallotNeed is what an open ballot still needs, as numbers.
type BallotNeed struct {
	Base          int64  // agencies that could still decide; 0: nobody may vote
	QuorumMissing int64  // further votes for the quorum
	ForMissing    int64  // further votes in favour for the threshold
	Reachable     bool   // the threshold can still be met
	Threshold     string // ballot.Threshold
	Objections    int64  // open objections, in a ballot by consent
}

// BallotNeeds says in one sentence what an open ballot still needs (rules D1.18).
func BallotNeeds(n BallotNeed) Text {
	if n.Base == 0 {
		return Text{Ar: "لا توجد جهة يمكنها التصويت في هذا الاقتراع.", En: "No agency can vote in this ballot."}
	}
	quorum := Text{Ar: "اكتمل النصاب", En: "The quorum is reached"}
	if n.QuorumMissing > 0 {
		quorum.Ar = "يلزم تصويت " + moreAgencies.count(n.QuorumMissing) + " لاكتمال النصاب"
		quorum.En = plural(n.QuorumMissing, "more agency must vote", "more agencies must vote") + " for the quorum"
	}
	majority := Majority(n.Threshold)
	var votes Text
	switch {
	case n.Objections > 0:
		votes.Ar = objectionsExist.count(n.Objections)
		votes.En = "there is 1 blocking objection"
		if n.Objections > 1 {
			votes.En = "there are " + plural(n.Objections, "", "blocking objections")
		}
	case n.ForMissing == 0 && n.Reachable:
		votes.Ar = "وبلغت الأصوات " + majority.Ar
		votes.En = "the votes make " + majority.En
		if n.Threshold == "consent" {
			votes = Text{Ar: "وتحقق التوافق", En: "there is consent"}
		}
	case !n.Reachable:
		votes.Ar = "ولم يعد بلوغ " + majority.Ar + " ممكنًا بالأصوات الباقية"
		votes.En = "the votes still to come cannot make " + majority.En
	default:
		votes.Ar = moreVotes.count(n.ForMissing) + " لبلوغ " + majority.Ar
		votes.En = plural(n.ForMissing, "more vote in favour is needed", "more votes in favour are needed") + " for " + majority.En
	}
	return Text{Ar: quorum.Ar + "، " + votes.Ar + ".", En: quorum.En + ", and " + votes.En + "."}
}

// BallotCount is the count of a closed ballot, as numbers.
type BallotCount struct {
	Result                                 string // ballot.Result
	For, Against, Abstain, Recused, Absent int64
	Cast, Needed, Base                     int64 // for the quorum
	Threshold                              string
}

// BallotOutcome says in one sentence what a closed ballot decided and by which votes.
func BallotOutcome(c BallotCount) Text {
	var t Text
	switch c.Result {
	case "not_quorate":
		if c.Base == 0 {
			return Text{Ar: "لم يكتمل النصاب: لم تبقَ جهة يمكنها التصويت.", En: "The quorum was missed: no agency was left that could vote."}
		}
		t.Ar = "لم يكتمل النصاب: "
		if c.Cast == 0 {
			t.Ar += "لم تصوّت أي جهة"
		} else {
			t.Ar += "صوّتت " + agenciesNom.count(c.Cast)
		}
		t.Ar += " من أصل " + eastern(c.Base) + "، والمطلوب " + eastern(c.Needed) + "."
		t.En = fmt.Sprintf("The quorum was missed: %s of %d voted, %d needed.", plural(c.Cast, "agency", "agencies"), c.Base, c.Needed)
		return t
	case "tie":
		t.Ar, t.En = "تعادلت الأصوات ويبقى الوضع القائم", "The votes are tied and nothing changes"
		if c.For > 0 {
			t.Ar += ": " + votesNom.count(c.For) + " مقابل " + votesGen.count(c.Against)
			t.En += fmt.Sprintf(": %d to %d", c.For, c.Against)
		}
	default:
		t.Ar, t.En = "اعتُمد بأغلبية ", "Approved by "
		if c.Result != "carried" {
			t.Ar = "لم يُعتمد، إذ لم تُبلغ " + Majority(c.Threshold).Ar + ": "
			if c.Threshold == "consent" {
				t.Ar = "لم يُعتمد، إذ لم يتحقق التوافق: "
			}
			t.En = "Not approved, short of " + Majority(c.Threshold).En + ": "
		}
		switch {
		case c.For == 0:
			t.Ar += "لا أصوات موافقة"
		case c.Result == "carried":
			t.Ar += votesGen.count(c.For)
		default:
			t.Ar += votesNom.count(c.For)
		}
		t.En += plural(c.For, "vote", "votes")
		if c.Against == 0 {
			t.Ar += " دون معارضة"
			t.En += " to none"
		} else {
			t.Ar += " مقابل " + votesGen.count(c.Against)
			t.En += fmt.Sprintf(" to %d", c.Against)
		}
	}
	if c.Abstain > 0 {
		t.Ar += " وامتناع " + agenciesGen.count(c.Abstain)
		t.En += ", " + plural(c.Abstain, "abstention", "abstentions")
	}
	if c.Recused > 0 {
		t.Ar += " وتنحّي " + agenciesGen.count(c.Recused)
		t.En += ", " + plural(c.Recused, "recusal", "recusals")
	}
	if c.Absent > 0 {
		t.Ar += "، وتخلّفت " + agenciesNom.count(c.Absent) + " عن التصويت"
		t.En += "; " + plural(c.Absent, "agency", "agencies") + " did not vote"
	}
	t.Ar += "."
	t.En += "."
	return t
}

var comparisons = map[string][2]Text{ // sign → met, not met
	">": {{Ar: "أكبر من", En: "is more than"}, {Ar: "ليس أكبر من", En: "is not more than"}},
	"≥": {{Ar: "لا يقل عن", En: "is not less than"}, {Ar: "أقل من", En: "is less than"}},
	"≤": {{Ar: "لا يزيد على", En: "is not more than"}, {Ar: "أكبر من", En: "is more than"}},
	"=": {{Ar: "يساوي", En: "equals"}, {Ar: "لا يساوي", En: "does not equal"}},
}

// BallotComparison writes one line of a count's arithmetic in words, so that
// it reads the same in both directions: "3×10 = 30 is not less than 2×15 = 30".
func BallotComparison(leftWords string, left int64, sign string, met bool, rightWords string, right int64) Text {
	side := func(words string, n int64) string {
		if number := strconv.FormatInt(n, 10); words != number {
			return words + " = " + number
		}
		return words
	}
	word := comparisons[sign][0]
	if !met {
		word = comparisons[sign][1]
	}
	l, r := side(leftWords, left), side(rightWords, right)
	return Text{Ar: easternDigits(l) + " " + word.Ar + " " + easternDigits(r), En: l + " " + word.En + " " + r}
}

// BallotQuorum writes the quorum's arithmetic in words (rules D1.7).
func BallotQuorum(cast, percent, base int64, met bool) Text {
	return BallotComparison(fmt.Sprintf("%d×100", cast), cast*100, "≥", met, fmt.Sprintf("%d×%d", percent, base), percent*base)
}

// Voted is the line under a ballot's title on the desk.
func Voted(cast, of, quorumMissing int64) Text {
	t := Text{Ar: "لم تصوّت أي جهة بعد من " + eastern(of), En: fmt.Sprintf("%d of %d voted", cast, of)}
	if cast > 0 {
		t.Ar = "صوّتت " + agenciesNom.count(cast) + " من " + eastern(of)
	}
	if quorumMissing > 0 {
		t.Ar += " · ينقص النصاب " + votesNom.count(quorumMissing)
		t.En += " · " + plural(quorumMissing, "vote", "votes") + " short of the quorum"
	} else {
		t.Ar += " · اكتمل النصاب"
		t.En += " · quorum reached"
	}
	return t
}
