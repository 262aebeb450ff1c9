package glossary

// TermChanged: a term was proposed, changed or moved to another state.
type TermChanged struct {
	Term    string `json:"term"`
	From    State  `json:"from"` // "" for a new one
	To      State  `json:"to"`
	Edition int64  `json:"edition"` // of the glossary, when that grew; 0 otherwise
}

// Kind implements event.Event.
func (e TermChanged) Kind() string {
	if e.From == "" {
		return "term.proposed"
	}
	if e.From != e.To {
		return "term." + string(e.To)
	}
	return "term.changed"
}

// Object implements event.Event.
func (e TermChanged) Object() string { return e.Term }
