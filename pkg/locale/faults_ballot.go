package locale

func init() {
	addFaults(map[string]Text{
		"ballot.not_found":                      {Ar: "لا يوجد اقتراع بهذا العنوان.", En: "There is no ballot at this address."},
		"ballot.invalid":                        {Ar: "في بيانات الاقتراع ما يلزم تصحيحه.", En: "Something about the ballot needs correcting."},
		"ballot.illegal_step":                   {Ar: "هذه الخطوة غير متاحة في حالة الاقتراع الحالية.", En: "That step is not possible in the ballot's present state."},
		"ballot.not_open":                       {Ar: "الاقتراع غير مفتوح للتصويت.", En: "The ballot is not open for votes."},
		"ballot.closed":                         {Ar: "أُغلق الاقتراع ولا يقبل أصواتًا بعد الآن.", En: "The ballot is closed and takes no more votes."},
		"ballot.not_in_electorate":              {Ar: "جهتك ليست ضمن الجهات المصوّتة في هذا الاقتراع.", En: "Your agency is not in the electorate of this ballot."},
		"ballot.mandate_missing":                {Ar: "المقعد غير مخوّل بالتصويت باسم الجهة.", En: "This seat is not entitled to vote for the agency."},
		"ballot.seat_already_used_by_principal": {Ar: "صوّت الممثّل الأصيل، ولا يغيّر صوته إلا هو.", En: "The principal has voted; only the principal can change that vote."},
		"ballot.invalid_option":                 {Ar: "الخيار غير معروف في هذا الاقتراع.", En: "That choice is unknown in this ballot."},
		"ballot.reason_required":                {Ar: "يلزم ذكر سبب لا يقل عن ٢٠ حرفًا.", En: "A reason of at least 20 characters is required."},
		"ballot.revision_changed":               {Ar: "تغيّر النص المعروض للتصويت. تلزم قراءته قبل التصويت.", En: "The text put to the vote has changed. Read it before voting."},
		"ballot.no_electorate":                  {Ar: "لا توجد جهة يحق لها التصويت، فلا يُفتح الاقتراع.", En: "No agency is entitled to vote, so the ballot cannot open."},
		"ballot.subject_in_ballot":              {Ar: "يوجد اقتراع قائم على الموضوع نفسه.", En: "A ballot on the same matter is already under way."},
		"ballot.too_short":                      {Ar: "مدة الاقتراع أقصر من الحد الأدنى.", En: "The ballot is shorter than its minimum."},
		"ballot.early_close_not_allowed":        {Ar: "لا يُغلق الاقتراع مبكرًا إلا بعد تصويت الجميع، أو بسبب وإشعار قبل ٢٤ ساعة.", En: "A ballot closes early only when all have voted, or with a reason and 24 hours' notice."},
		"ballot.extension_used":                 {Ar: "مُدّد الاقتراع من قبل، ولا يُمدّد إلا مرة واحدة.", En: "The ballot was extended before; that is possible once."},
		"ballot.extension_not_needed":           {Ar: "اكتمل النصاب، فلا حاجة إلى التمديد.", En: "The quorum is reached, so there is nothing to extend for."},
		"ballot.extension_too_long":             {Ar: "لا يزيد التمديد على نصف مدة الاقتراع الأصلية.", En: "An extension is at most half the original length."},
		"ballot.certified_by_owner":             {Ar: "لا يصادق على النتيجة من أعدّ الاقتراع أو فتحه.", En: "Whoever prepared or opened the ballot does not certify its result."},
		"ballot.round_exists":                   {Ar: "فُتحت جولة تالية لهذا الاقتراع.", En: "This ballot already has a next round."},
		"ballot.no_more_rounds":                 {Ar: "تعادلت الأصوات في جولتين متتاليتين، ولا جولة أخرى.", En: "Two rounds in a row were tied; there is no further one."},
		"ballot.no_certificate":                 {Ar: "لم يُصادق على النتيجة بعد، فلا محضر.", En: "The result is not certified yet, so there is no certificate."},
	})
}
