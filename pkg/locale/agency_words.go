package locale

// agencyWords are what the hub calls the ways in which agencies differ:
// "axis.code".
var agencyWords = map[string]Text{
	"tier.federal": {Ar: "اتحادي", En: "Federal"},
	"tier.local":   {Ar: "محلي", En: "Local"},

	"kind.ministry":     {Ar: "وزارة", En: "Ministry"},
	"kind.authority":    {Ar: "هيئة", En: "Authority"},
	"kind.department":   {Ar: "دائرة", En: "Department"},
	"kind.council":      {Ar: "مجلس", En: "Council"},
	"kind.municipality": {Ar: "بلدية", En: "Municipality"},
	"kind.police":       {Ar: "شرطة", En: "Police"},
	"kind.court":        {Ar: "محكمة", En: "Court"},
	"kind.centre":       {Ar: "مركز", En: "Centre"},
	"kind.secretariat":  {Ar: "أمانة عامة", En: "Secretariat"},
	"kind.other":        {Ar: "أخرى", En: "Other"},

	"sector.digital":    {Ar: "الرقمي", En: "Digital"},
	"sector.economy":    {Ar: "الاقتصاد", En: "Economy"},
	"sector.education":  {Ar: "التعليم", En: "Education"},
	"sector.general":    {Ar: "عام", En: "General"},
	"sector.governance": {Ar: "الحوكمة", En: "Governance"},
	"sector.health":     {Ar: "الصحة", En: "Health"},
	"sector.identity":   {Ar: "الهوية", En: "Identity"},
	"sector.justice":    {Ar: "العدالة", En: "Justice"},
	"sector.municipal":  {Ar: "البلديات", En: "Municipal"},
	"sector.security":   {Ar: "الأمن", En: "Security"},
	"sector.social":     {Ar: "الشؤون الاجتماعية", En: "Social affairs"},
	"sector.transport":  {Ar: "النقل", En: "Transport"},
	"sector.utilities":  {Ar: "المرافق", En: "Utilities"},

	"area.nationwide": {Ar: "على مستوى الدولة", En: "Nationwide"},
	"area.capital":    {Ar: "العاصمة", En: "Capital"},
	"area.central":    {Ar: "المنطقة الوسطى", En: "Central area"},
	"area.north":      {Ar: "المنطقة الشمالية", En: "Northern area"},
	"area.south":      {Ar: "المنطقة الجنوبية", En: "Southern area"},
	"area.east":       {Ar: "المنطقة الشرقية", En: "Eastern area"},
	"area.west":       {Ar: "المنطقة الغربية", En: "Western area"},
	"area.coast":      {Ar: "المنطقة الساحلية", En: "Coastal area"},
}

// AgencyWord is what the hub calls a tier, kind, sector or area. A network has
// sectors and areas of its own: for those that the hub has no word for it is
// the code itself, and false.
func AgencyWord(axis, code string) (Text, bool) {
	t, ok := agencyWords[axis+"."+code]
	if !ok {
		return Text{Ar: code, En: code}, false
	}
	return t, true
}

// AgencyCodes are the sectors or areas that the hub has words for.
func AgencyCodes(axis string) []string {
	var out []string
	for key := range agencyWords {
		if len(key) > len(axis) && key[:len(axis)] == axis && key[len(axis)] == '.' {
			out = append(out, key[len(axis)+1:])
		}
	}
	return out
}
