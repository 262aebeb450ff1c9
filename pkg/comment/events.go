package comment

// Room is where a thread inside an agency stands. Its events name it instead of the draft, so that nobody else is told anything.
type Room struct {
	Draft  string `json:"draft"`
	Agency string `json:"agency"`
}

// Place names the draft of a thread, so that whoever watches its threads is told, or its room.
type Place struct {
	Draft  string `json:"draft,omitempty"`
	Within *Room  `json:"within,omitempty"`
}

func placeOf(t *Thread) Place {
	if t.Inside {
		return Place{Within: &Room{Draft: t.Draft, Agency: t.Agency}}
	}
	return Place{Draft: t.Draft}
}

// ThreadOpened: a discussion was begun.
type ThreadOpened struct {
	Thread string `json:"thread"`
	Place
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
	Thread string `json:"thread"`
	Place
	Comment  string   `json:"comment"`
	Mentions []string `json:"mentions"`
}

// Kind implements event.Event.
func (CommentAdded) Kind() string { return "comment.added" }

// Object implements event.Event.
func (e CommentAdded) Object() string { return e.Thread }

// ThreadResolved: it was closed with an outcome.
type ThreadResolved struct {
	Thread string `json:"thread"`
	Place
	Outcome Outcome `json:"outcome"`
}

// Kind implements event.Event.
func (ThreadResolved) Kind() string { return "thread.resolved" }

// Object implements event.Event.
func (e ThreadResolved) Object() string { return e.Thread }

// ThreadReopened: its author reopened it.
type ThreadReopened struct {
	Thread string `json:"thread"`
	Place
}

// Kind implements event.Event.
func (ThreadReopened) Kind() string { return "thread.reopened" }

// Object implements event.Event.
func (e ThreadReopened) Object() string { return e.Thread }

// ThreadWidened: its author showed it to whoever reads the draft.
type ThreadWidened struct {
	Thread string `json:"thread"`
	Place
}

// Kind implements event.Event.
func (ThreadWidened) Kind() string { return "thread.widened" }

// Object implements event.Event.
func (e ThreadWidened) Object() string { return e.Thread }

// ThreadAnchored: it lost its text and was put on other text.
type ThreadAnchored struct {
	Thread  string `json:"thread"`
	Version int64  `json:"version"`
	Place
}

// Kind implements event.Event.
func (ThreadAnchored) Kind() string { return "thread.anchored" }

// Object implements event.Event.
func (e ThreadAnchored) Object() string { return e.Thread }
