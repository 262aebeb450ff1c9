package comment

// Events name the draft, so that whoever watches its threads is told.

// ThreadOpened: a discussion was begun.
type ThreadOpened struct {
	Thread   string   `json:"thread"`
	Draft    string   `json:"draft"`
	Type     Kind     `json:"kind"`
	Blocking bool     `json:"blocking"`
	Mentions []string `json:"mentions"`
}

// Kind implements event.Event.
func (ThreadOpened) Kind() string { return "thread.opened" }

// Object implements event.Event.
func (e ThreadOpened) Object() string { return e.Thread }

// CommentAdded: somebody answered.
type CommentAdded struct {
	Thread   string   `json:"thread"`
	Draft    string   `json:"draft"`
	Comment  string   `json:"comment"`
	Mentions []string `json:"mentions"`
}

// Kind implements event.Event.
func (CommentAdded) Kind() string { return "comment.added" }

// Object implements event.Event.
func (e CommentAdded) Object() string { return e.Thread }

// ThreadResolved: it was closed with an outcome.
type ThreadResolved struct {
	Thread  string  `json:"thread"`
	Draft   string  `json:"draft"`
	Outcome Outcome `json:"outcome"`
}

// Kind implements event.Event.
func (ThreadResolved) Kind() string { return "thread.resolved" }

// Object implements event.Event.
func (e ThreadResolved) Object() string { return e.Thread }

// ThreadReopened: its author reopened it.
type ThreadReopened struct {
	Thread string `json:"thread"`
	Draft  string `json:"draft"`
}

// Kind implements event.Event.
func (ThreadReopened) Kind() string { return "thread.reopened" }

// Object implements event.Event.
func (e ThreadReopened) Object() string { return e.Thread }
