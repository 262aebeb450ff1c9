package locale

func init() {
	addFaults(map[string]Text{
		"transfer.too_large":           {Ar: "الملف أكبر من الحدّ المسموح.", En: "The file is larger than allowed."},
		"transfer.not_utf8":            {Ar: "الملف ليس نصًّا بترميز UTF-8؛ احفظه بهذا الترميز ثم استورده.", En: "The file is not UTF-8 text; save it as UTF-8 and import it again."},
		"transfer.control_character":   {Ar: "في الملف محرف تحكّم (NUL) لا يكون في نص.", En: "The file has a control character (NUL) that no text has."},
		"transfer.empty":               {Ar: "الصفحة بلا نص.", En: "The page has no text."},
		"transfer.unreadable":          {Ar: "تعذّرت قراءة الملف.", En: "The file cannot be read."},
		"transfer.hidden":              {Ar: "ملف أو مجلد مخفي.", En: "A hidden file or folder."},
		"transfer.link":                {Ar: "وصلة أو ملف خاص؛ الوصلات لا تُتبَّع.", En: "A link or special file; links are not followed."},
		"transfer.bad_name":            {Ar: "اسم الملف لا يصلح مفتاحًا لصفحة.", En: "The file's name cannot be the key of a page."},
		"transfer.outside_agency":      {Ar: "الملف خارج مجلدات الجهات.", En: "The file lies outside the agencies' folders."},
		"transfer.not_a_page":          {Ar: "يصف المجلد وليس صفحة منه.", En: "It describes the folder and is no page."},
		"transfer.unknown_type":        {Ar: "ليس صفحة Markdown ولا صورة من نوع مقبول.", En: "It is no Markdown page and no image of an accepted type."},
		"transfer.only_front_matter":   {Ar: "ليس في الصفحة بعد بيانات المقدّمة نص.", En: "The page has no text after its front matter."},
		"transfer.front_matter_unread": {Ar: "تعذّرت قراءة بيانات المقدّمة؛ حُفظت كما هي.", En: "The front matter could not be read; it is kept as it is."},
		"transfer.missing_page":        {Ar: "في الصفحة رابط إلى صفحة غير موجودة.", En: "The page links to a page that is not there."},
		"transfer.missing_image":       {Ar: "في الصفحة صورة غير موجودة.", En: "The page shows an image that is not there."},
	})
}
