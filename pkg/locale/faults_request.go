package locale

func init() {
	addFaults(map[string]Text{
		"request.internal":        {Ar: "تعذّر إتمام الطلب لخلل في الخادم. لم يُفقد شيء مما حُفظ؛ تُرجى إعادة المحاولة، وذكر المرجع عند التواصل مع الأمانة.", En: "The request failed because of a fault in the server. Nothing saved is lost; please try again, and give the reference if you contact the secretariat."},
		"request.not_found":       {Ar: "لا توجد صفحة أو مادة بهذا العنوان.", En: "There is nothing at this address."},
		"request.not_allowed":     {Ar: "لا يقبل هذا العنوان هذه الطريقة من الطلبات.", En: "This address does not take requests of this method."},
		"request.cross_site":      {Ar: "جاء الطلب من موقع آخر، فلم يُنفَّذ.", En: "The request came from another site and was not carried out."},
		"request.unreadable":      {Ar: "تعذّرت قراءة الطلب.", En: "The request could not be read."},
		"request.invalid":         {Ar: "في الطلب حقل غير صالح.", En: "A field of the request is not valid."},
		"request.wrong_type":      {Ar: "نوع القيمة غير صحيح.", En: "The value has the wrong type."},
		"request.not_text":        {Ar: "في القيمة محارف لا تُقرأ نصًّا.", En: "The value has characters that are no text."},
		"request.unknown_field":   {Ar: "في الطلب حقل غير معروف.", En: "The request has a field that is not known."},
		"request.too_large":       {Ar: "حجم الطلب أكبر من الحدّ المسموح.", En: "The request is larger than the limit."},
		"request.too_many":        {Ar: "طلبات كثيرة في وقت قصير. تُرجى الإعادة بعد ثوانٍ.", En: "Too many requests in a short time. Please try again in a few seconds."},
		"request.key_reused":      {Ar: "استُعمل مفتاح هذا الطلب لطلب آخر من قبل.", En: "The key of this request was used for another one before."},
		"request.already_applied": {Ar: "نُفّذ هذا الطلب من قبل. تُرجى إعادة تحميل الصفحة لعرض النتيجة.", En: "This request was carried out before. Please reload to see the result."},
		"request.bad_key":         {Ar: "مفتاح الطلب غير صالح.", En: "The key of the request is not valid."},
		"policy.unauthenticated":  {Ar: "يلزم الدخول أولًا.", En: "Please sign in first."},
		"policy.forbidden":        {Ar: "لا تتيح صفتك هذا الإجراء.", En: "Your role does not allow this."},
	})
}
