package site

import (
	"fmt"

	"github.com/multaqa/multaqa/pkg/arabic"
	"github.com/multaqa/multaqa/pkg/locale"
)

// words is what the pages themselves say.
var words = map[string]locale.Text{
	"published":        {Ar: "الأدلة المنشورة", En: "Published guides"},
	"library":          {Ar: "المكتبة", En: "Library"},
	"signin":           {Ar: "دخول الممثّلين", En: "Sign in"},
	"hub":              {Ar: "مساحة العمل", En: "Workspace"},
	"guide":            {Ar: "دليل إرشادي", En: "Guideline"},
	"edition":          {Ar: "الإصدار", En: "Edition"},
	"since":            {Ar: "منذ", En: "since"},
	"contents":         {Ar: "المحتويات", En: "Contents"},
	"editions":         {Ar: "سجلّ الإصدارات", En: "Editions"},
	"print":            {Ar: "للحفظ بصيغة PDF: طباعة الصفحة", En: "To save as PDF, print this page"},
	"new":              {Ar: "الجديد في هذا الإصدار", En: "New in this edition"},
	"review_by":        {Ar: "يُراجع قبل", En: "Review by"},
	"owner":            {Ar: "الجهة المسؤولة", En: "Owner"},
	"current":          {Ar: "صدر إصدار أحدث من هذا الدليل.", En: "There is a newer edition of this guide."},
	"to_current":       {Ar: "إلى الإصدار النافذ", En: "Go to the edition in force"},
	"withdrawn":        {Ar: "هذا الدليل ملغى، ونصّه باقٍ للاطلاع.", En: "This guide has been withdrawn. Its text stays readable."},
	"gone":             {Ar: "أُزيل هذا الدليل من النشر", En: "This guide is no longer published"},
	"missing":          {Ar: "لا توجد صفحة بهذا العنوان", En: "There is no page at this address"},
	"missing_hint":     {Ar: "قد يكون العنوان ناقصًا، أو أن الصفحة لجهات الشبكة وحدها ويلزم الدخول لقراءتها.", En: "The address may be incomplete, or the page is for the network only and needs you to sign in."},
	"broken":           {Ar: "تعذّر عرض الصفحة", En: "The page could not be shown"},
	"search":           {Ar: "بحث", En: "Search"},
	"search_label":     {Ar: "البحث في الأدلة", En: "Search the guides"},
	"search_hint":      {Ar: "يشمل البحث صور الكلمة المختلفة، دون اعتبار التشكيل والهمزات.", En: "Search finds other forms of an Arabic word and ignores vowel signs and hamza."},
	"all_agencies":     {Ar: "كل الجهات", En: "All agencies"},
	"agency":           {Ar: "الجهة", En: "Agency"},
	"nothing":          {Ar: "لا نتائج لهذا البحث", En: "Nothing was found"},
	"nothing_hint":     {Ar: "تُرجى تجربة كلمة أقصر، أو إزالة تحديد الجهة.", En: "Try a shorter word, or remove the agency."},
	"empty":            {Ar: "لم تُنشر أدلة عامة بعد", En: "No public guides yet"},
	"skip":             {Ar: "إلى المتن", En: "Skip to the text"},
	"state.published":  {Ar: "نافذ", En: "In force"},
	"state.superseded": {Ar: "حلّ محلّه أحدث", En: "Superseded"},
	"state.withdrawn":  {Ar: "ملغى", En: "Withdrawn"},
	"notes":            {Ar: "حواشٍ", En: "Side notes"},
	"revision":         {Ar: "بصمة النص", En: "Text hash"},
}

func guidesCount(n int, lang string) string {
	if lang == "en" {
		if n == 1 {
			return "1 guide"
		}
		return fmt.Sprintf("%d guides", n)
	}
	d := arabic.Digits(fmt.Sprint(n))
	switch {
	case n == 0:
		return "لا أدلة"
	case n == 1:
		return "دليل واحد"
	case n == 2:
		return "دليلان"
	case n%100 >= 3 && n%100 <= 10:
		return d + " أدلة"
	case n%100 >= 11:
		return d + " دليلًا"
	default:
		return d + " دليل"
	}
}
