package locale

// causes are the hub's own reasons for a step it took by itself, by the code
// that the record keeps.
var causes = map[string]Text{
	"ballot.cancelled": {Ar: "أُلغي الاقتراع، فبقي النص على حاله.", En: "The ballot was cancelled, so the text stays as it was."},
	"ballot.tied":      {Ar: "تعادلت الأصوات، فبقي النص على حاله وفُتح نقاش.", En: "The votes were tied, so the text stays as it was and a discussion was opened."},

	"practice.not_found":        {Ar: "لم يُفتح الاقتراع في موعده: لم تعد الممارسة متاحة.", En: "The ballot did not open on time: the practice is no longer available."},
	"practice.not_ready":        {Ar: "لم يُفتح الاقتراع في موعده: غادرت الممارسة المرحلة التي يُقترع فيها عليها.", En: "The ballot did not open on time: the practice had left the stage in which it is voted on."},
	"practice.hidden":           {Ar: "لم يُفتح الاقتراع في موعده: الممارسة محجوبة بقرار الإشراف.", En: "The ballot did not open on time: the practice is hidden by moderation."},
	"edition.not_found":         {Ar: "لم يُفتح الاقتراع في موعده: لم يعد الإصدار متاحًا للشبكة.", En: "The ballot did not open on time: the edition is no longer open to the network."},
	"ballot.no_electorate":      {Ar: "لم يُفتح الاقتراع في موعده: لا جهة يحقّ لها التصويت.", En: "The ballot did not open on time: no agency is entitled to vote."},
	"ballot.too_short":          {Ar: "لم يُفتح الاقتراع في موعده: لم يبقَ قبل إغلاقه ما يكفي من الوقت.", En: "The ballot did not open on time: too little time was left before its closing."},
	"guideline.illegal_step":    {Ar: "لم يُفتح الاقتراع في موعده: لم يعد الإصدار جاهزًا للاقتراع.", En: "The ballot did not open on time: the edition was no longer ready for a ballot."},
	"guideline.approval_lapsed": {Ar: "لم يُفتح الاقتراع في موعده: تغيّر النص بعد اعتماده.", En: "The ballot did not open on time: the text had changed since it was approved."},
}

// Cause is the sentence of a reason that the hub itself gave, by its code. An
// unknown code that is a fault's has the fault's words; ok is false where the
// reason is no code of ours.
func Cause(code string) (Text, bool) {
	if t, ok := causes[code]; ok {
		return t, true
	}
	f, ok := Fault(code)
	if !ok {
		return Text{}, false
	}
	return Text{Ar: "لم تتمّ الخطوة في موعدها: " + f.Ar, En: "The step was not taken on time: " + f.En}, true
}
