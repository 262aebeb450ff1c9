package locale

var guidesNom = nounForms{"دليل واحد", "دليلان", "%s أدلة", "%s دليلًا", "%s دليل"}

// GuidesCount says how many guides a list has.
func GuidesCount(n int) Text {
	if n == 0 {
		return Text{Ar: "لا أدلة", En: "No guides"}
	}
	return Text{Ar: guidesNom.count(int64(n)), En: plural(int64(n), "guide", "guides")}
}
