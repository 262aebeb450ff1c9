package locale

func init() {
	addFaults(map[string]Text{
		"moderation.not_found":        {Ar: "لا يوجد بند إشراف بهذا العنوان.", En: "There is no moderation item at this address."},
		"moderation.object_not_found": {Ar: "لا يوجد محتوى بهذا العنوان.", En: "There is no content at this address."},
		"moderation.invalid":          {Ar: "في البلاغ أو القرار ما يلزم تصحيحه.", En: "Something about the flag or decision needs correcting."},
		"moderation.already_flagged":  {Ar: "سبق أن أبلغت عن هذا المحتوى.", En: "You have flagged this content already."},
		"moderation.stale":            {Ar: "تغيّر البند بعد أن فتحته. اقرأه من جديد ثم قرّر.", En: "The item has changed since you opened it. Read it again before deciding."},
		"moderation.claimed":          {Ar: "يعمل مشرف آخر على هذا البند.", En: "Another moderator is working on this item."},
		"moderation.decided":          {Ar: "صدر القرار في هذا البند من قبل.", En: "This item has been decided already."},
		"moderation.own_dispute":      {Ar: "لا يقرّر المشرف في ما تكون جهته طرفًا فيه.", En: "A moderator does not decide where the own agency is a party."},
		"moderation.nothing_to_undo":  {Ar: "المحتوى غير محجوب، فلا شيء يُعاد.", En: "The content is not hidden, so there is nothing to restore."},
		"moderation.not_hideable":     {Ar: "لا يمكن حجب هذا النوع من المحتوى.", En: "Content of this kind cannot be hidden."},
	})
}
