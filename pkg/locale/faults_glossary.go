package locale

func init() {
	addFaults(map[string]Text{
		"term.not_found":        {Ar: "لا يوجد مصطلح بهذا العنوان.", En: "There is no term at this address."},
		"glossary.invalid":      {Ar: "في بيانات المصطلح حقل يلزم تصحيحه.", En: "A field of the term needs correcting."},
		"glossary.taken":        {Ar: "هذه الكلمة مستعملة في مصطلح آخر معتمد.", En: "Another approved term uses this word."},
		"glossary.stale":        {Ar: "تغيّر المصطلح بعد أن فتحته. راجع صيغته الجديدة ثم أعد المحاولة.", En: "The term changed after you opened it. Look at it again, then retry."},
		"glossary.illegal_move": {Ar: "لا يُنقل المصطلح إلى هذه الحالة من حالته الحالية.", En: "The term cannot move to that state from where it stands."},
		"glossary.too_many":     {Ar: "بلغ المعجم أقصى عدد من المصطلحات.", En: "The glossary holds as many terms as it can."},
	})
}
