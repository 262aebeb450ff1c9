package locale

func init() {
	addFaults(map[string]Text{
		"history.version":      {Ar: "لا توجد نسخة بهذا الرقم في هذه المسودة.", En: "This draft has no version of this number."},
		"history.order":        {Ar: "النسخة الأولى في المقارنة بعد الثانية.", En: "The first version of the comparison comes after the second."},
		"history.invalid":      {Ar: "بعض ما أُدخل غير صحيح.", En: "Some of what was entered is not valid."},
		"history.name":         {Ar: "اسم النسخة مطلوب، ولا يتجاوز ١٢٠ محرفًا في سطر واحد، بلا محارف خفيّة تقلب اتجاه ما بعدها.", En: "A revision needs a name of at most 120 characters on one line, without hidden characters that turn the direction of what follows."},
		"revision.not_found":   {Ar: "لا توجد نسخة مسمّاة بهذا العنوان.", En: "There is no named revision at this address."},
		"history.too_many":     {Ar: "لهذه المسودة ٥٠٠ نسخة مسمّاة، وهو الحدّ الأقصى.", En: "This draft has 500 named revisions, which is the limit."},
		"history.same_text":    {Ar: "النص الآن هو نص تلك النسخة، فلا شيء يُستعاد.", En: "The text is that of the version already; there is nothing to restore."},
		"history.not_writable": {Ar: "لا تُستعاد نسخة ولا تُسمّى ما دامت حالة الإصدار لا تسمح بتعديل النص.", En: "No version can be restored or named while the edition's state does not let the text change."},
	})
}
