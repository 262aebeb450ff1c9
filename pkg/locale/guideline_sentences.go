package locale

import "strings"

var (
	sectionsGen = nounForms{"قسم مطلوب واحد", "قسمين مطلوبين", "%s أقسام مطلوبة", "%s قسمًا مطلوبًا", "%s قسم مطلوب"}
	blockingGen = nounForms{"تعليق ملزِم واحد", "تعليقين ملزِمين", "%s تعليقات ملزِمة", "%s تعليقًا ملزِمًا", "%s تعليق ملزِم"}
	answersGen  = nounForms{"ردّ واحد", "ردّين", "%s ردود", "%s ردًّا", "%s ردّ"}
)

// EditionGate is the line of one thing that an edition needs before its next
// stage, as a short noun phrase: "حسم ٣ تعليقات ملزِمة". n counts what is
// missing; 0 gives the phrase without a number.
func EditionGate(code string, n int) Text {
	c := int64(n)
	switch code {
	case "sections":
		if n == 0 {
			return Text{Ar: "الأقسام المطلوبة", En: "Required sections"}
		}
		return Text{Ar: "إكمال " + sectionsGen.count(c), En: "Complete " + plural(c, "required section", "required sections")}
	case "blocking_threads":
		if n == 0 {
			return Text{Ar: "حسم التعليقات الملزِمة", En: "Blocking comments resolved"}
		}
		return Text{Ar: "حسم " + blockingGen.count(c), En: "Resolve " + plural(c, "blocking comment", "blocking comments")}
	case "answers_handled":
		if n == 0 {
			return Text{Ar: "معالجة الردود", En: "Answers handled"}
		}
		return Text{Ar: "معالجة " + answersGen.count(c), En: "Handle " + plural(c, "answer", "answers")}
	case "consultation_over":
		return Text{Ar: "انتهاء مدة المشاورة", En: "The end of the consultation"}
	case "approval":
		return Text{Ar: "اعتماد مراجع لم يشارك في كتابته", En: "Approval by a reviewer who did not write it"}
	case "approval_other_agency":
		return Text{Ar: "اعتماد مراجع من جهة أخرى", En: "Approval by a reviewer of another agency"}
	case "ballot":
		return Text{Ar: "اقتراع الجهات", En: "A ballot of the agencies"}
	case "change_note":
		return Text{Ar: "ملخّص التغييرات", En: "Summary of changes"}
	case "second_eye":
		return Text{Ar: "مراجعة شخص آخر خلال خمسة أيام عمل", En: "A look by another person within five working days"}
	case "no_other_in_work":
		return Text{Ar: "الفراغ من الإصدار الجاري إعداده", En: "The edition in work finished"}
	case "reviewer_not_author":
		return Text{Ar: "مراجع لم يشارك في كتابة النص", En: "A reviewer who did not write the text"}
	case "reviewer_other_agency":
		return Text{Ar: "مراجع من غير الجهة القائدة", En: "A reviewer from another agency than the lead"}
	case "publisher_not_submitter":
		return Text{Ar: "ناشر غير من أرسله للمراجعة", En: "A publisher other than who submitted it"}
	case "second_person":
		return Text{Ar: "شخص غير من نشره استثناءً", En: "Another person than who forced it"}
	case "by_ballot":
		return Text{Ar: "نتيجة الاقتراع", En: "The result of the ballot"}
	}
	return Text{}
}

// EditionNeed is what an edition in a state still needs.
type EditionNeed struct {
	State     string
	Sections  int  // required sections missing
	Blocking  int  // blocking threads open
	Answers   int  // answers not handled
	Network   bool // a network manual: reviewed by another agency
	Approved  bool // approval stands for the text as it is
	NeedsVote bool // a ballot is needed and has not carried
	Note      bool // a change note is needed and absent
	Forced    bool // awaits a second eye
	Closed    bool // the consultation's end has come
}

// EditionNeeds is the sentence that says what is needed next.
func EditionNeeds(n EditionNeed) Text {
	// join lists genitive phrases after "يلزم" / "Needed:".
	join := func(gates []Text, done Text, before Text) Text {
		if len(gates) == 0 {
			return done
		}
		var ar, en []string
		for _, g := range gates {
			ar = append(ar, g.Ar)
			en = append(en, strings.ToLower(g.En[:1])+g.En[1:])
		}
		last := len(en) - 1
		list := en[last]
		if last > 0 {
			list = strings.Join(en[:last], ", ") + " and " + en[last]
		}
		return Text{Ar: "يلزم " + strings.Join(ar, " و") + before.Ar + ".", En: "Needed" + before.En + ": " + list + "."}
	}
	var gates []Text
	add := func(missing bool, code string, count int) {
		if missing {
			gates = append(gates, EditionGate(code, count))
		}
	}
	switch n.State {
	case "draft", "amends_needed":
		add(n.Sections > 0, "sections", n.Sections)
		return join(gates, Text{Ar: "الأقسام المطلوبة مكتملة، ويمكن إرسال النص إلى المراجعة.", En: "The required sections are there; the text can go to review."},
			Text{Ar: " قبل الإرسال إلى المراجعة", En: " before review"})
	case "in_review":
		add(n.Blocking > 0, "blocking_threads", n.Blocking)
		if n.Network {
			add(true, "approval_other_agency", 0)
		} else {
			add(true, "approval", 0)
		}
		return join(gates, Text{}, Text{})
	case "ready":
		add(!n.Approved, "approval", 0)
		add(n.NeedsVote, "ballot", 0)
		add(n.Note, "change_note", 0)
		return join(gates, Text{Ar: "اعتُمد النص، وينشره شخص غير الذي أرسله إلى المراجعة.", En: "The text is approved; somebody other than who submitted it can publish it."},
			Text{Ar: " قبل النشر", En: " before publishing"})
	case "fact_check":
		return Text{Ar: "ينتظر النص ردّ الخبراء.", En: "The text awaits the experts' answers."}
	case "fact_check_received":
		add(n.Answers > 0, "answers_handled", n.Answers)
		return join(gates, Text{Ar: "وردت ردود الخبراء، ويمكن إنهاء التحقق.", En: "The experts have answered; the check can be concluded."}, Text{})
	case "consultation":
		add(n.Answers > 0, "answers_handled", n.Answers)
		if !n.Closed {
			return Text{Ar: "المشاورة جارية، وتُختتم بعد انتهاء مدتها.", En: "The consultation is under way and is concluded after its end."}
		}
		return join(gates, Text{Ar: "انتهت مدة المشاورة، ويمكن اختتامها.", En: "The consultation has ended and can be concluded."}, Text{})
	case "ballot":
		return Text{Ar: "الاقتراع جارٍ على هذا النص.", En: "The agencies are voting on this text."}
	case "scheduled":
		return Text{Ar: "يُنشر النص في موعده.", En: "The text is published at its time."}
	case "published":
		if n.Forced {
			return Text{Ar: "نُشر النص استثناءً، ويلزم أن ينظر فيه شخص آخر خلال خمسة أيام عمل.", En: "Published past review; another person must look at it within five working days."}
		}
		return Text{Ar: "هذا هو الإصدار النافذ.", En: "This is the edition in force."}
	case "superseded":
		return Text{Ar: "حلّ محلّه إصدار أحدث.", En: "A newer edition has replaced it."}
	case "withdrawn":
		return Text{Ar: "سُحب الإصدار، ويبقى نصّه مقروءًا مع تنويه.", En: "Withdrawn; its text stays readable under a notice."}
	case "unpublished":
		return Text{Ar: "أُلغي نشر الإصدار.", En: "This edition is no longer published."}
	case "discarded":
		return Text{Ar: "أُلغيت المسودة، ويبقى ما جرى فيها في السجل.", En: "This edition was discarded and stays in the record."}
	}
	return Text{}
}
