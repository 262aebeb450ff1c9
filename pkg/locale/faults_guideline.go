package locale

func init() {
	addFaults(map[string]Text{
		"guideline.not_found":       {Ar: "لا يوجد دليل بهذا العنوان.", En: "There is no guideline at this address."},
		"edition.not_found":         {Ar: "لا يوجد إصدار بهذا العنوان.", En: "There is no edition at this address."},
		"guideline.invalid":         {Ar: "في بيانات الدليل ما يلزم تصحيحه.", En: "Something about the guideline needs correcting."},
		"guideline.illegal_step":    {Ar: "هذه الخطوة غير متاحة في حالة الإصدار الحالية.", En: "That step is not possible in the edition's present state."},
		"guideline.step_incomplete": {Ar: "تنقص هذه الخطوة بيانات لازمة.", En: "The step lacks something it needs."},
		"guideline.approval_lapsed": {Ar: "تغيّر النص بعد اعتماده، فعاد الإصدار إلى المراجعة.", En: "The text changed after its approval, so the edition went back to review."},
		"guideline.edition_in_work": {Ar: "يوجد إصدار آخر من هذا الدليل قيد الإعداد.", En: "Another edition of this guideline is in work."},
		"guideline.import_conflict": {Ar: "تغيّرت الصفحة ولها إصدار قيد الإعداد، فلم تُستورد.", En: "The page has changed and an edition of it is in work, so it was not imported."},
	})
}
