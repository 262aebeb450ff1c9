package locale

func init() {
	addFaults(map[string]Text{
		"member.invalid_fields":       {Ar: "في البيانات حقل يلزم تصحيحه.", En: "A field needs correcting."},
		"agency.not_found":            {Ar: "لا توجد جهة بهذا العنوان.", En: "There is no agency at this address."},
		"agency.code_taken":           {Ar: "هذا الرمز مستعمل لجهة أخرى.", En: "Another agency has this code."},
		"member.narrow_tier":          {Ar: "لا تُضيَّق القائمة بهذا المستوى: ليس من مستويات الجهات.", En: "The list cannot be narrowed by this tier: agencies have no such tier."},
		"member.narrow_kind":          {Ar: "لا تُضيَّق القائمة بهذا النوع: ليس من أنواع الجهات.", En: "The list cannot be narrowed by this kind: agencies have no such kind."},
		"member.narrow_sector":        {Ar: "لا تُضيَّق القائمة بهذا القطاع: رمز القطاع كلمة بحروف لاتينية صغيرة.", En: "The list cannot be narrowed by this sector: its code is a word of small Latin letters."},
		"member.narrow_area":          {Ar: "لا تُضيَّق القائمة بهذه المنطقة: رمز المنطقة كلمة بحروف لاتينية صغيرة.", En: "The list cannot be narrowed by this area: its code is a word of small Latin letters."},
		"person.not_found":            {Ar: "لا يوجد عضو بهذا العنوان.", En: "There is no member at this address."},
		"person.email_taken":          {Ar: "هذا البريد مسجَّل لعضو من قبل.", En: "A member is already registered with this e-mail."},
		"seat.not_found":              {Ar: "لا يوجد مقعد بهذا العنوان.", En: "There is no seat at this address."},
		"seat.principal_taken":        {Ar: "للجهة ممثل رئيسي. يُستبدل شاغل المقعد بدل إضافة مقعد آخر.", En: "The agency has a principal representative. Replace the holder of that seat instead of adding another."},
		"seat.alternates_full":        {Ar: "للجهة نائبان، وهو الحد الأعلى.", En: "The agency has two alternates, which is the limit."},
		"seat.agency_has_no_vote":     {Ar: "ليس لهذه الجهة صوت، فلا يكون لمقعدها تصويت.", En: "This agency has no vote, so its seat cannot vote."},
		"seat.person_has_seat":        {Ar: "للعضو مقعد قائم. يُنهى مقعده الأول قبل شغل آخر.", En: "The member holds a seat. End it before giving another."},
		"seat.already_ended":          {Ar: "أُنهي هذا المقعد من قبل.", En: "This seat was ended before."},
		"role.unknown":                {Ar: "هذه الصفة غير معروفة.", En: "This role is not known."},
		"role.excludes_voting":        {Ar: "صفة الأمانة أو الإشراف لا تجتمع مع التصويت باسم جهة.", En: "A secretariat or moderator role excludes voting for an agency."},
		"role.last_administrator":     {Ar: "لا تُنزع صفة آخر مدير في الأمانة.", En: "The last administrator of the secretariat keeps the role."},
		"invitation.not_found":        {Ar: "رابط الدعوة غير صالح: استُعمل أو انتهت مدته أو سُحب. تُطلب دعوة جديدة ممن أرسلها.", En: "This invitation link is not valid: it was used, has expired or was withdrawn. Ask whoever sent it for a new one."},
		"session.not_found":           {Ar: "لا توجد جلسة دخول بهذا العنوان.", En: "There is no sign-in session at this address."},
		"session.ended":               {Ar: "انتهت جلسة الدخول. يلزم الدخول من جديد؛ وما كُتب محفوظ على هذا الجهاز.", En: "Your session has ended. Please sign in again; what you wrote is kept on this device."},
		"session.invalid_credentials": {Ar: "البريد أو كلمة المرور غير صحيحة.", En: "The e-mail or the password is not right."},
		"session.slow_down":           {Ar: "محاولات كثيرة في وقت قصير. الحساب غير مقفل؛ تُرجى الإعادة بعد قليل.", En: "Too many attempts in a short time. The account is not locked; please try again shortly."},
		"session.busy":                {Ar: "الخادم مشغول بطلبات دخول كثيرة. تُرجى الإعادة بعد ثوانٍ.", En: "The server is busy with many sign-ins. Please try again in a few seconds."},
		"setup.done":                  {Ar: "هُيّئت الشبكة من قبل.", En: "The network has been set up already."},
		"setup.invalid_token":         {Ar: "رمز التهيئة غير صحيح أو انتهت مدته. يُطبع رمز جديد على شاشة الخادم عند إعادة تشغيله.", En: "The set-up token is wrong or has expired. Restarting the server prints a new one on its console."},
	})
}
