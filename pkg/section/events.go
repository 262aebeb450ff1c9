package section

import "github.com/multaqa/multaqa/pkg/db"

// Assigned: a section was given to an agency, or its terms changed.
type Assigned struct {
	Section string  `json:"section"`
	Draft   string  `json:"draft"`
	Agency  string  `json:"agency"`
	DueAt   db.Time `json:"due_at"`
	Changed bool    `json:"changed"` // the terms of one that was given before
}

// Kind implements event.Event.
func (e Assigned) Kind() string {
	if e.Changed {
		return "section.changed"
	}
	return "section.assigned"
}

// Object implements event.Event.
func (e Assigned) Object() string { return e.Section }

// Finished: the agency said that it is done, or not after all.
type Finished struct {
	Section string `json:"section"`
	Draft   string `json:"draft"`
	Agency  string `json:"agency"`
	Done    bool   `json:"done"`
}

// Kind implements event.Event.
func (e Finished) Kind() string {
	if e.Done {
		return "section.finished"
	}
	return "section.resumed"
}

// Object implements event.Event.
func (e Finished) Object() string { return e.Section }

// Released: the section is everybody's again.
type Released struct {
	Section string `json:"section"`
	Draft   string `json:"draft"`
	Agency  string `json:"agency"`
}

// Kind implements event.Event.
func (Released) Kind() string { return "section.released" }

// Object implements event.Event.
func (e Released) Object() string { return e.Section }
