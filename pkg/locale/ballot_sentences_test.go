package locale

import "testing"

func TestBallotNeedsCountsInArabic(t *testing.T) {
	t.Parallel()
	need := func(missing int64) BallotNeed {
		return BallotNeed{Base: 200, QuorumMissing: missing, Reachable: true, Threshold: "consent", Objections: 1}
	}
	for _, c := range []struct {
		name string
		need BallotNeed
		ar   string
		en   string
	}{
		{"0", need(0), "اكتمل النصاب، ويوجد تحفظ واحد مانع.", "The quorum is reached, and there is 1 blocking objection."},
		{"1", need(1), "يلزم تصويت جهة واحدة أخرى لاكتمال النصاب، ويوجد تحفظ واحد مانع.", "1 more agency must vote for the quorum, and there is 1 blocking objection."},
		{"2", need(2), "يلزم تصويت جهتين أخريين لاكتمال النصاب، ويوجد تحفظ واحد مانع.", "2 more agencies must vote for the quorum, and there is 1 blocking objection."},
		{"3", need(3), "يلزم تصويت ٣ جهات أخرى لاكتمال النصاب، ويوجد تحفظ واحد مانع.", "3 more agencies must vote for the quorum, and there is 1 blocking objection."},
		{"10", need(10), "يلزم تصويت ١٠ جهات أخرى لاكتمال النصاب، ويوجد تحفظ واحد مانع.", "10 more agencies must vote for the quorum, and there is 1 blocking objection."},
		{"11", need(11), "يلزم تصويت ١١ جهة أخرى لاكتمال النصاب، ويوجد تحفظ واحد مانع.", "11 more agencies must vote for the quorum, and there is 1 blocking objection."},
		{"99", need(99), "يلزم تصويت ٩٩ جهة أخرى لاكتمال النصاب، ويوجد تحفظ واحد مانع.", "99 more agencies must vote for the quorum, and there is 1 blocking objection."},
		{"100", need(100), "يلزم تصويت ١٠٠ جهة أخرى لاكتمال النصاب، ويوجد تحفظ واحد مانع.", "100 more agencies must vote for the quorum, and there is 1 blocking objection."},
		{"101", need(101), "يلزم تصويت ١٠١ جهة أخرى لاكتمال النصاب، ويوجد تحفظ واحد مانع.", "101 more agencies must vote for the quorum, and there is 1 blocking objection."},
		{"consent", BallotNeed{Base: 20, Reachable: true, Threshold: "consent"}, "اكتمل النصاب، وتحقق التوافق.", "The quorum is reached, and there is consent."},
		{"votes 0", BallotNeed{Base: 20, Reachable: true, Threshold: "two_thirds"}, "اكتمل النصاب، وبلغت الأصوات أغلبية الثلثين.", "The quorum is reached, and the votes make a majority of two thirds."},
		{"votes 1", BallotNeed{Base: 20, ForMissing: 1, Reachable: true, Threshold: "two_thirds"}, "اكتمل النصاب، ويلزم صوت موافق واحد آخر لبلوغ أغلبية الثلثين.", "The quorum is reached, and 1 more vote in favour is needed for a majority of two thirds."},
		{"votes 2", BallotNeed{Base: 20, ForMissing: 2, Reachable: true, Threshold: "simple"}, "اكتمل النصاب، ويلزم صوتان موافقان آخران لبلوغ الأغلبية البسيطة.", "The quorum is reached, and 2 more votes in favour are needed for a simple majority."},
		{"votes 3", BallotNeed{Base: 20, ForMissing: 3, Reachable: true, Threshold: "double"}, "اكتمل النصاب، وتلزم ٣ أصوات موافقة أخرى لبلوغ الأغلبية المزدوجة.", "The quorum is reached, and 3 more votes in favour are needed for the double majority."},
		{"votes 11", BallotNeed{Base: 20, ForMissing: 11, Reachable: true, Threshold: "absolute"}, "اكتمل النصاب، ويلزم ١١ صوتًا موافقًا آخر لبلوغ الأغلبية المطلقة.", "The quorum is reached, and 11 more votes in favour are needed for an absolute majority."},
		{"votes 100", BallotNeed{Base: 200, ForMissing: 100, Reachable: true, Threshold: "absolute"}, "اكتمل النصاب، ويلزم ١٠٠ صوت موافق آخر لبلوغ الأغلبية المطلقة.", "The quorum is reached, and 100 more votes in favour are needed for an absolute majority."},
		{"objections 2", BallotNeed{Base: 20, Objections: 2, Threshold: "consent"}, "اكتمل النصاب، ويوجد تحفظان مانعان.", "The quorum is reached, and there are 2 blocking objections."},
		{"objections 3", BallotNeed{Base: 20, Objections: 3, Threshold: "consent"}, "اكتمل النصاب، وتوجد ٣ تحفظات مانعة.", "The quorum is reached, and there are 3 blocking objections."},
		{"objections 11", BallotNeed{Base: 20, Objections: 11, Threshold: "consent"}, "اكتمل النصاب، ويوجد ١١ تحفظًا مانعًا.", "The quorum is reached, and there are 11 blocking objections."},
		{"objections 100", BallotNeed{Base: 200, Objections: 100, Threshold: "consent"}, "اكتمل النصاب، ويوجد ١٠٠ تحفظ مانع.", "The quorum is reached, and there are 100 blocking objections."},
		{"out of reach", BallotNeed{Base: 20, QuorumMissing: 2, Threshold: "two_thirds"}, "يلزم تصويت جهتين أخريين لاكتمال النصاب، ولم يعد بلوغ أغلبية الثلثين ممكنًا بالأصوات الباقية.", "2 more agencies must vote for the quorum, and the votes still to come cannot make a majority of two thirds."},
		{"nobody", BallotNeed{}, "لا توجد جهة يمكنها التصويت في هذا الاقتراع.", "No agency can vote in this ballot."},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := BallotNeeds(c.need)
			if got.Ar != c.ar {
				t.Errorf("ar = %q\nwant %q", got.Ar, c.ar)
			}
			if got.En != c.en {
				t.Errorf("en = %q\nwant %q", got.En, c.en)
			}
		})
	}
}

func TestBallotOutcomeReadsAsTheDesign(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		count  BallotCount
		ar, en string
	}{
		{"carried", BallotCount{Result: "carried", For: 18, Against: 2, Abstain: 2, Absent: 2, Threshold: "two_thirds"},
			"اعتُمد بأغلبية ١٨ صوتًا مقابل صوتين وامتناع جهتين، وتخلّفت جهتان عن التصويت.",
			"Approved by 18 votes to 2, 2 abstentions; 2 agencies did not vote."},
		{"unopposed", BallotCount{Result: "carried", For: 3, Threshold: "simple"}, "اعتُمد بأغلبية ٣ أصوات دون معارضة.", "Approved by 3 votes to none."},
		{"not carried", BallotCount{Result: "not_carried", For: 2, Against: 11, Recused: 1, Threshold: "two_thirds"},
			"لم يُعتمد، إذ لم تُبلغ أغلبية الثلثين: صوتان مقابل ١١ صوتًا وتنحّي جهة واحدة.",
			"Not approved, short of a majority of two thirds: 2 votes to 11, 1 recusal."},
		{"no consent", BallotCount{Result: "not_carried", For: 10, Against: 1, Threshold: "consent"},
			"لم يُعتمد، إذ لم يتحقق التوافق: ١٠ أصوات مقابل صوت واحد.", "Not approved, short of consent: 10 votes to 1."},
		{"all recused", BallotCount{Result: "not_quorate", Recused: 20, Needed: 1}, "لم يكتمل النصاب: لم تبقَ جهة يمكنها التصويت.", "The quorum was missed: no agency was left that could vote."},
		{"tie", BallotCount{Result: "tie", For: 5, Against: 5}, "تعادلت الأصوات ويبقى الوضع القائم: ٥ أصوات مقابل ٥ أصوات.", "The votes are tied and nothing changes: 5 to 5."},
		{"not quorate", BallotCount{Result: "not_quorate", Cast: 9, Base: 20, Needed: 10}, "لم يكتمل النصاب: صوّتت ٩ جهات من أصل ٢٠، والمطلوب ١٠.", "The quorum was missed: 9 agencies of 20 voted, 10 needed."},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := BallotOutcome(c.count); got.Ar != c.ar || got.En != c.en {
				t.Errorf("got  %q\n     %q\nwant %q\n     %q", got.Ar, got.En, c.ar, c.en)
			}
		})
	}
}

func TestBallotComparisonInWords(t *testing.T) {
	t.Parallel()
	got := BallotComparison("3×10", 30, "≥", true, "2×15", 30)
	if want := (Text{Ar: "٣×١٠ = ٣٠ لا يقل عن ٢×١٥ = ٣٠", En: "3×10 = 30 is not less than 2×15 = 30"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
