package locale

// The counted sentences of the published pages.
var (
	guidesNom    = nounForms{"دليل واحد", "دليلان", "%s أدلة", "%s دليلًا", "%s دليل"}
	wordsAdded   = nounForms{"كلمة مضافة واحدة", "كلمتان مضافتان", "%s كلمات مضافة", "%s كلمة مضافة", "%s كلمة مضافة"}
	wordsRemoved = nounForms{"كلمة محذوفة واحدة", "كلمتان محذوفتان", "%s كلمات محذوفة", "%s كلمة محذوفة", "%s كلمة محذوفة"}
	linesKept    = nounForms{"سطر واحد لم يتغيّر", "سطران لم يتغيّرا", "%s أسطر لم تتغيّر", "%s سطرًا لم تتغيّر", "%s سطر لم تتغيّر"}
)

// GuidesCount says how many guides a list has.
func GuidesCount(n int) Text {
	if n == 0 {
		return Text{Ar: "لا أدلة", En: "No guides"}
	}
	return Text{Ar: guidesNom.count(int64(n)), En: plural(int64(n), "guide", "guides")}
}

// WordsAdded says how many words a newer text has that the older one lacks.
func WordsAdded(n int) Text {
	if n == 0 {
		return Text{Ar: "لا كلمات مضافة", En: "No words added"}
	}
	return Text{Ar: wordsAdded.count(int64(n)), En: plural(int64(n), "word added", "words added")}
}

// WordsRemoved says how many words of an older text the newer one lacks.
func WordsRemoved(n int) Text {
	if n == 0 {
		return Text{Ar: "لا كلمات محذوفة", En: "No words removed"}
	}
	return Text{Ar: wordsRemoved.count(int64(n)), En: plural(int64(n), "word removed", "words removed")}
}

// LinesKept says how many lines are left out because they did not change.
func LinesKept(n int) Text {
	return Text{Ar: linesKept.count(int64(n)), En: plural(int64(n), "line unchanged", "lines unchanged")}
}
