package locale

func init() {
	addFaults(map[string]Text{
		"draft.not_found":        {Ar: "لا توجد مسودة بهذا العنوان.", En: "There is no draft at this address."},
		"draft.epoch":            {Ar: "أُعيد النص من نسخة احتياطية. يلزم فتحه من جديد.", En: "The text was restored from a backup. Open it again."},
		"draft.version":          {Ar: "نسخة النص في هذه الصفحة ليست من هذه المسودة. يلزم فتحها من جديد.", En: "This page's version of the text is not one of this draft. Open it again."},
		"draft.client_unknown":   {Ar: "انتهت صلاحية هذه الصفحة للكتابة. يلزم فتح المسودة من جديد.", En: "This page can no longer write. Open the draft again."},
		"draft.client_taken":     {Ar: "فُتحت المسودة في صفحة أخرى بالهوية نفسها.", En: "The draft was opened in another tab under the same identity."},
		"draft.unavailable":      {Ar: "تعذّر الحفظ الآن. يبقى النص على هذا الجهاز وتُعاد المحاولة.", En: "Saving is not possible now. The text stays on this device and will be tried again."},
		"draft.busy":             {Ar: "تُكتب تعديلات كثيرة الآن. تُعاد المحاولة بعد لحظة.", En: "Many edits are being written. It will be tried again in a moment."},
		"draft.behind":           {Ar: "تصل تعديلات الآخرين أولًا ثم تُحفظ تعديلاتك.", En: "The others' edits arrive first, then yours are saved."},
		"draft.not_writable":     {Ar: "حالة الإصدار لا تسمح بتعديل النص.", En: "The edition's state does not let the text change."},
		"draft.too_large":        {Ar: "يتجاوز النص الحدّ الأقصى، وهو ٢ ميبيبايت.", En: "The text would pass its limit of 2 MiB."},
		"draft.update_too_large": {Ar: "المقطع الملصق أكبر من ٢٥٦ كيبيبايت.", En: "What was pasted is larger than 256 KiB."},
		"draft.sequence":         {Ar: "اختلّ ترتيب التعديلات. يلزم فتح المسودة من جديد.", En: "The edits came out of order. Open the draft again."},
		"draft.base":             {Ar: "التعديل على نسخة غير معروفة من النص. يلزم فتح المسودة من جديد.", En: "The edit is for an unknown version of the text. Open the draft again."},
		"draft.surrogate":        {Ar: "يقسم التعديل محرفًا إلى نصفين، فلم يُقبل.", En: "The edit cuts a character in two and was not accepted."},
		"draft.too_many":         {Ar: "عدد المسودات المفتوحة في هذه الصفحة كبير.", En: "Too many drafts are open on this page."},
	})
}
