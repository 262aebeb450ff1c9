package locale

func init() {
	addFaults(map[string]Text{
		"thread.not_found":          {Ar: "لا يوجد نقاش بهذا العنوان.", En: "There is no discussion at this address."},
		"comment.not_found":         {Ar: "لا يوجد تعليق بهذا العنوان.", En: "There is no comment at this address."},
		"comment.invalid":           {Ar: "في التعليق ما يلزم تصحيحه.", En: "Something about the comment needs correcting."},
		"comment.required":          {Ar: "يلزم كتابة نص.", En: "Some text is required."},
		"comment.too_many_ids":      {Ar: "طُلبت تعليقات أكثر من الحدّ المسموح في مرة واحدة.", En: "More comments were asked for than the limit allows at a time."},
		"comment.too_long":          {Ar: "النص أطول من الحدّ المسموح.", En: "The text is longer than the limit."},
		"comment.bad_characters":    {Ar: "في النص محارف غير مسموح بها.", En: "The text holds characters that are not allowed."},
		"comment.unknown_kind":      {Ar: "نوع التعليق غير معروف.", En: "That kind of comment is unknown."},
		"comment.unknown_outcome":   {Ar: "نتيجة النقاش غير معروفة.", En: "That outcome is unknown."},
		"comment.bad_range":         {Ar: "لا يقع التعليق على موضع صحيح من النص.", En: "The comment does not stand on a valid place of the text."},
		"comment.anchor_gone":       {Ar: "حُذف النص المقصود أثناء كتابة التعليق.", En: "The text in question was deleted while the comment was being written."},
		"comment.unknown_person":    {Ar: "ذُكر شخص غير معروف.", En: "Somebody unknown is mentioned."},
		"comment.too_many_mentions": {Ar: "عدد المذكورين أكبر من المسموح.", En: "Too many people are mentioned."},
		"comment.too_many":          {Ar: "بلغت التعليقات الحدّ الأقصى هنا.", En: "There are as many comments here as are allowed."},
		"comment.resolved":          {Ar: "أُغلق هذا النقاش.", En: "This discussion is resolved."},
		"comment.not_resolved":      {Ar: "النقاش مفتوح، فلا يُعاد فتحه.", En: "The discussion is open; there is nothing to reopen."},
		"comment.reopened_before":   {Ar: "أُعيد فتح هذا النقاش من قبل، ولا يُعاد إلا مرة واحدة.", En: "This discussion was reopened before; that is possible once."},
		"comment.mention_outside":   {Ar: "من ذُكر ليس من جهتك، والنقاش داخلي لا يراه سواها. اذكر من جهتك، أو أتِح النقاش للشبكة.", En: "Somebody mentioned is not of your agency, and the discussion is seen by your agency alone. Mention colleagues, or show it to the network."},
		"comment.inside_blocks":     {Ar: "النقاش الداخلي لا يُلزم الشبكة. أتِحه للشبكة ليكون ملزمًا.", En: "A discussion inside your agency does not block the network. Show it to the network for it to block."},
		"comment.inside_proposes":   {Ar: "الصياغة المقترحة يراها كل من يقرأ النص، فلا تكون في نقاش داخلي.", En: "A proposed wording is seen by whoever reads the text, so it cannot be part of a discussion inside your agency."},
		"comment.no_agency":         {Ar: "لا جهة لك يكون النقاش داخلها.", En: "You act for no agency that the discussion could be inside of."},
		"comment.unknown_audience":  {Ar: "من يرى التعليق غير معروف.", En: "Who sees the comment is unknown."},
		"comment.not_inside":        {Ar: "يرى هذا النقاش كل من يقرأ النص.", En: "This discussion is seen by whoever reads the text."},
		"comment.not_orphaned":      {Ar: "ما زال هذا النقاش على نصه.", En: "This discussion still stands on its text."},
		"comment.proposal_open":     {Ar: "في النقاش صياغة مقترحة: اقبل الصياغة نفسها، أو اختر نتيجة أخرى.", En: "The discussion holds a proposed wording: accept the wording itself, or choose another outcome."},
		"comment.proposal_same":     {Ar: "الصياغة المقترحة هي النص نفسه.", En: "The proposed wording is the text as it is."},
	})
}
