package suggestion

// Events name the draft, so that whoever watches its suggestions is told.

// Made: somebody suggested a change.
type Made struct {
	Suggestion string `json:"suggestion"`
	Draft      string `json:"draft"`
	Type       Kind   `json:"kind"`
	Thread     string `json:"thread,omitempty"`
}

// Kind implements event.Event.
func (Made) Kind() string { return "suggestion.made" }

// Object implements event.Event.
func (e Made) Object() string { return e.Suggestion }

// Revised: its author changed it.
type Revised struct {
	Suggestion string `json:"suggestion"`
	Draft      string `json:"draft"`
	Type       Kind   `json:"kind"`
}

// Kind implements event.Event.
func (Revised) Kind() string { return "suggestion.revised" }

// Object implements event.Event.
func (e Revised) Object() string { return e.Suggestion }

// Decided: it was accepted, rejected or withdrawn. Version is that of the text which has it.
type Decided struct {
	Suggestion string `json:"suggestion"`
	Draft      string `json:"draft"`
	State      State  `json:"state"`
	Author     string `json:"author"`
	Agency     string `json:"agency"`
	Version    int64  `json:"version,omitempty"`
}

// Kind implements event.Event.
func (e Decided) Kind() string { return "suggestion." + string(e.State) }

// Object implements event.Event.
func (e Decided) Object() string { return e.Suggestion }
