package locale

func init() {
	addFaults(map[string]Text{
		"suggestion.not_found":      {Ar: "لا يوجد اقتراح بهذا العنوان.", En: "There is no suggestion at this address."},
		"suggestion.invalid":        {Ar: "في الاقتراح ما يلزم تصحيحه.", En: "Something about the suggestion needs correcting."},
		"suggestion.required":       {Ar: "هذا الحقل لازم.", En: "This is required."},
		"suggestion.too_long":       {Ar: "النص أطول من الحدّ المسموح.", En: "The text is longer than the limit."},
		"suggestion.bad_characters": {Ar: "في النص محارف غير مسموح بها.", En: "The text holds characters that are not allowed."},
		"suggestion.bad_range":      {Ar: "لا يقع الاقتراح على موضع صحيح من النص.", En: "The suggestion does not stand on a valid place of the text."},
		"suggestion.closed":         {Ar: "بُتّ في هذا الاقتراح من قبل.", En: "This suggestion has been decided already."},
		"suggestion.orphaned":       {Ar: "حُذف النص الذي يقع عليه الاقتراح، فلا يمكن قبوله.", En: "The text this suggestion stands on is gone, so it cannot be accepted."},
		"suggestion.not_spelling":   {Ar: "هذا الاقتراح يغيّر أكثر من الإملاء. لتغيير نص معتمد يستعيده كتّابه للتعديل أولًا.", En: "This suggestion changes more than spelling. To change an approved text its writers take it back first."},
		"suggestion.too_many":       {Ar: "بلغت الاقتراحات المفتوحة في هذا النص حدّها الأقصى.", En: "There are as many open suggestions on this text as are allowed."},
	})
}
