package locale

// What the desk asks for, by kind of duty: verbal nouns, as the screens have them.
var deskActs = map[string]Text{
	"ballot.vote":          {Ar: "التصويت باسم الجهة", En: "Vote for your agency"},
	"ballot.watch":         {Ar: "لم تصوّت الجهة بعد", En: "Your agency has not voted yet"},
	"ballot.certify":       {Ar: "المصادقة على نتيجة اقتراع", En: "Certify the result of a ballot"},
	"ballot.open":          {Ar: "فتح اقتراع أُعدّ", En: "Open a prepared ballot"},
	"ballot.extended":      {Ar: "مُدّد اقتراع", En: "A ballot was extended"},
	"ballot.closing_early": {Ar: "أُعلن إغلاق اقتراع قبل موعده", En: "A ballot closes early"},
	"ballot.closed":        {Ar: "أُغلق اقتراع", En: "A ballot closed"},
	"ballot.certified":     {Ar: "صودق على اقتراع", En: "A ballot was certified"},
	"edition.review":       {Ar: "مراجعة دليل", En: "Review a guideline"},
	"edition.amend":        {Ar: "استكمال ما طلبته المراجعة", En: "Make the amendments asked for"},
	"edition.draft":        {Ar: "إكمال مسودة", En: "Finish a draft"},
	"edition.publish":      {Ar: "نشر دليل جاهز", En: "Publish a guideline that is ready"},
	"edition.ballot":       {Ar: "إعداد اقتراع على دليل", En: "Put a guideline to the vote"},
	"edition.fact_check":   {Ar: "تسلُّم إفادات تدقيق الوقائع", En: "Receive the answers of a fact check"},
	"edition.answer":       {Ar: "إفادة مطلوبة في نص", En: "Answer about a text"},
	"edition.answers":      {Ar: "معالجة ما ورد على نص", En: "Settle what was said of a text"},
	"edition.conclude":     {Ar: "إنهاء تدقيق أو مشاورة", En: "Conclude a fact check or consultation"},
	"edition.second_eye":   {Ar: "إقرار نشر استثنائي", En: "Look at an exceptional publication"},
	"edition.published":    {Ar: "نُشر دليل", En: "A guideline was published"},
	"section.write":        {Ar: "كتابة قسم مسند", En: "Write an assigned section"},
	"mention":              {Ar: "إشارة إليك", En: "You are mentioned"},
	"thread.blocking":      {Ar: "حسم تعليق ملزِم", En: "Resolve a blocking comment"},
	"practice.screen":      {Ar: "فرز ممارسة مرشّحة", En: "Screen a nominated practice"},
	"practice.complete":    {Ar: "استكمال بطاقة ممارسة", En: "Complete the card of a practice"},
	"seat.handover":        {Ar: "تسلُّم المقعد", En: "Take over the seat"},
	// On the hand-over page of a seat.
	"handover.ballot":                      {Ar: "لم تصوّت الجهة بعد", En: "The agency has not voted yet"},
	"handover.ballot.voted":                {Ar: "صوّتت الجهة، ويجوز التغيير حتى الإغلاق", En: "The agency has voted; the vote may change until closing"},
	"handover.edition.draft":               {Ar: "مسودة", En: "Draft"},
	"handover.edition.amends_needed":       {Ar: "تنتظر استكمالًا", En: "Needs amendments"},
	"handover.edition.in_review":           {Ar: "قيد المراجعة", En: "In review"},
	"handover.edition.ready":               {Ar: "جاهز للنشر", En: "Ready to publish"},
	"handover.edition.fact_check":          {Ar: "في التحقق", En: "In fact check"},
	"handover.edition.fact_check_received": {Ar: "عاد من التحقق", En: "Back from fact check"},
	"handover.edition.consultation":        {Ar: "في الاستشارة", En: "In consultation"},
	"handover.edition.ballot":              {Ar: "في الاقتراع", En: "In ballot"},
	"handover.edition.scheduled":           {Ar: "مجدول للنشر", En: "Scheduled"},
	"handover.thread":                      {Ar: "تعليق مفتوح بدأه المقعد", En: "Open comment begun by the seat"},
	"handover.practice":                    {Ar: "ممارسة رشّحها المقعد", En: "Practice nominated by the seat"},
	"handover.date.ballot":                 {Ar: "يُغلق اقتراع", En: "A ballot closes"},
	"handover.date.publish":                {Ar: "يُنشر دليل", En: "A guideline is published"},
	"handover.date.review":                 {Ar: "تحلّ مراجعة دليل منشور", En: "Review of a published guideline is due"},
	"moderation":                           {Ar: "النظر في بلاغات", En: "Look at what was flagged"},
	"moderation.pending":                   {Ar: "أُخفي ما كتبته حتى ينظر فيه مشرف", En: "Hidden until a moderator looks at it"},
	"moderation.hidden":                    {Ar: "أُخفي ما كتبته بقرار مشرف", En: "Hidden by a moderator"},
	"moderation.restored":                  {Ar: "أُعيد إظهار ما كتبته", En: "Shown again by a moderator"},
}

// DeskAct is what a duty of the kind asks for.
func DeskAct(kind string) Text { return deskActs[kind] }

// DeskFormer is the line under a seat that is to be taken over.
func DeskFormer(name Text) Text {
	return Text{Ar: "خلفًا للممثل السابق: " + name.Ar, En: "Formerly held by " + name.En}
}

// DeskEdition is the line under an edition on the desk: its number and whose it is.
func DeskEdition(number string, agency Text) Text {
	return Text{Ar: "الإصدار " + easternDigits(number) + " · " + agency.Ar, En: "Edition " + number + " · " + agency.En}
}

// DeskThread is the line under a comment on the desk: who wrote it, on what.
func DeskThread(agency, guideline Text) Text {
	return Text{Ar: agency.Ar + " · " + guideline.Ar, En: agency.En + " · " + guideline.En}
}

// DeskSaid is what somebody said, with who said it.
func DeskSaid(who, words Text) Text {
	return Text{Ar: "من " + who.Ar + ": " + words.Ar, En: "by " + who.En + ": " + words.En}
}

var flags = nounForms{"بلاغ واحد بانتظار النظر", "بلاغان بانتظار النظر", "%s بلاغات بانتظار النظر", "%s بلاغًا بانتظار النظر", "%s بلاغ بانتظار النظر"}

// DeskFlags says how many flagged things wait; n is at least 1.
func DeskFlags(n int64) Text {
	return Text{Ar: flags.count(n), En: plural(n, "item waits", "items wait")}
}

// Why something was flagged, as its author reads it.
var flagReasons = map[string]Text{
	"off_topic":     {Ar: "خارج الموضوع", En: "off topic"},
	"offensive":     {Ar: "مسيء", En: "offensive"},
	"personal_data": {Ar: "بيانات شخصية", En: "personal data"},
	"confidential":  {Ar: "سرّي", En: "confidential"},
	"misleading":    {Ar: "مضلّل", En: "misleading"},
	"spam":          {Ar: "دعائي", En: "spam"},
	"other":         {Ar: "سبب آخر", En: "another reason"},
}

// DeskModerated is the line under what was hidden or shown again: why it was
// flagged, and the moderator's words, "" where none has decided.
func DeskModerated(reason, note string) Text {
	r := flagReasons[reason]
	t := Text{Ar: "سبب البلاغ: " + r.Ar, En: "Flagged as " + r.En}
	if note != "" {
		t.Ar, t.En = t.Ar+" · "+note, t.En+" · "+note
	}
	return t
}
