package locale

// Text is a text in both languages of the hub.
type Text struct {
	Ar string `json:"ar"`
	En string `json:"en"`
}

// In picks a language: "en" is English, everything else Arabic.
func (t Text) In(lang string) string {
	if lang == "en" {
		return t.En
	}
	return t.Ar
}

var faults = map[string]Text{}

// addFaults registers the words of a package's fault codes. Two texts for one
// code are a mistake of the program.
func addFaults(m map[string]Text) {
	for code, t := range m {
		if _, twice := faults[code]; twice {
			panic("locale: two texts for fault " + code)
		}
		if t.Ar == "" || t.En == "" {
			panic("locale: a text is missing for fault " + code)
		}
		faults[code] = t
	}
}

// Fault is what is said of a fault code, and whether anything is.
func Fault(code string) (Text, bool) {
	t, ok := faults[code]
	return t, ok
}

// Faults lists all codes with their words.
func Faults() map[string]Text { return faults }
