package locale

func init() {
	addFaults(map[string]Text{
		"thread.not_found":          {Ar: "لا يوجد نقاش بهذا العنوان.", En: "There is no discussion at this address."},
		"comment.not_found":         {Ar: "لا يوجد تعليق بهذا العنوان.", En: "There is no comment at this address."},
		"comment.invalid":           {Ar: "في التعليق ما يلزم تصحيحه.", En: "Something about the comment needs correcting."},
		"comment.required":          {Ar: "يلزم كتابة نص.", En: "Some text is required."},
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
	})
}
