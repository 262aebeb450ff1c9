package locale

func init() {
	addFaults(map[string]Text{
		"media.not_found":       {Ar: "لا صورة متاحة لجهتك على هذا العنوان.", En: "There is no image here that you may see."},
		"media.too_large":       {Ar: "الصورة أكبر من ١٠ ميغابايت.", En: "The image is larger than 10 MB."},
		"media.unknown_type":    {Ar: "الملف ليس صورة من نوع مقبول: PNG أو JPEG أو GIF أو WebP.", En: "The file is no image of an accepted type: PNG, JPEG, GIF or WebP."},
		"media.too_many_pixels": {Ar: "أبعاد الصورة أكبر من المسموح (٢٤ مليون بكسل).", En: "The image has more pixels than allowed (24 million)."},
		"media.broken":          {Ar: "تعذّرت قراءة الصورة؛ قد يكون الملف تالفًا.", En: "The image cannot be read; the file may be damaged."},
		"media.too_many":        {Ar: "بلغ عدد صور هذا الدليل حدّه.", En: "This guideline has as many images as it may have."},
	})
}
