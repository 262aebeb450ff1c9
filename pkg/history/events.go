package history

// Events name the edition, so that whoever looks at it is told.

// RevisionNamed: a version was given a name. The name is people's text and stays out of the record.
type RevisionNamed struct {
	Revision string `json:"revision"`
	Draft    string `json:"draft"`
	Edition  string `json:"edition"`
	Version  int64  `json:"version"`
}

// Kind implements event.Event.
func (RevisionNamed) Kind() string { return "revision.named" }

// Object implements event.Event.
func (e RevisionNamed) Object() string { return e.Revision }

// RevisionRenamed: it was given another name.
type RevisionRenamed struct {
	Revision string `json:"revision"`
	Draft    string `json:"draft"`
	Edition  string `json:"edition"`
}

// Kind implements event.Event.
func (RevisionRenamed) Kind() string { return "revision.renamed" }

// Object implements event.Event.
func (e RevisionRenamed) Object() string { return e.Revision }

// RevisionUnnamed: its name was taken away; the version stays.
type RevisionUnnamed struct {
	Revision string `json:"revision"`
	Draft    string `json:"draft"`
	Edition  string `json:"edition"`
	Version  int64  `json:"version"`
}

// Kind implements event.Event.
func (RevisionUnnamed) Kind() string { return "revision.unnamed" }

// Object implements event.Event.
func (e RevisionUnnamed) Object() string { return e.Revision }

// RevisionRestored: the text of an older version was brought back as a new change.
type RevisionRestored struct {
	Revision string `json:"revision"`
	Draft    string `json:"draft"`
	Edition  string `json:"edition"`
	Restored int64  `json:"restored"` // the version whose text came back
	Before   int64  `json:"before"`   // the head until then
	Version  int64  `json:"version"`  // the head since
}

// Kind implements event.Event.
func (RevisionRestored) Kind() string { return "revision.restored" }

// Object implements event.Event.
func (e RevisionRestored) Object() string { return e.Revision }
