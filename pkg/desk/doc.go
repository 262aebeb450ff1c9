// Package desk answers "what needs me": the duties of a person and of their
// agency, and what is worth following. It keeps nothing of its own.
//
// It is a read model over other packages. What they can answer under policy is
// asked of their services (ballots, practices, guidelines), so that every item
// on a desk can be opened and finished by its reader; mentions and blocking
// comments are read straight from the tables of threads, and each is then
// checked with the facts of its draft. Safe for concurrent use.
//
// It also holds the hand-over page of a seat: what is open on it, for whoever
// follows on it, read with the rights of whoever looks.
package desk
