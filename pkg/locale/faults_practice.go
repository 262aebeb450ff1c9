package locale

func init() {
	addFaults(map[string]Text{
		"practice.not_found":             {Ar: "لا توجد ممارسة بهذا العنوان.", En: "There is no practice at this address."},
		"practice.invalid_card":          {Ar: "في بطاقة الممارسة ما يلزم تصحيحه.", En: "Something on the practice's card needs correcting."},
		"practice.locked":                {Ar: "بطاقة الممارسة مقفلة في هذه المرحلة.", En: "The practice's card is locked at this stage."},
		"practice.changed":               {Ar: "حُفظت نسخة أحدث من البطاقة أثناء التحرير.", En: "A newer card was saved while this one was being edited."},
		"practice.illegal_step":          {Ar: "لا تنتقل الممارسة إلى هذه المرحلة من مرحلتها الحالية.", En: "The practice cannot move to that stage from where it is."},
		"practice.reason_required":       {Ar: "يلزم ذكر سبب لا يقل عن ١٠ أحرف.", En: "A reason of at least 10 characters is required."},
		"practice.merge_target_required": {Ar: "يلزم تحديد الممارسة التي يُدمج فيها.", En: "Name the practice it is merged into."},
		"practice.not_ready":             {Ar: "لا يُفتح اقتراع على الممارسة في هذه المرحلة.", En: "No ballot can be opened on the practice at this stage."},
		"practice.hidden":                {Ar: "حُجبت الممارسة حتى يقرّر المشرفون، فلا يُقترع عليها.", En: "The practice is hidden until the moderators decide, so no ballot is held on it."},
		"practice.not_a_partner":         {Ar: "تُشارَك البطاقة مع شركاء لهم حساب فعّال.", En: "A card is shared with partners who have an active account."},
		"practice.not_in_ballot":         {Ar: "الممارسة ليست معروضة للاقتراع.", En: "The practice is not in a ballot."},
	})
}
