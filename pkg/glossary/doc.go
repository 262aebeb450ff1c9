// Package glossary keeps the network's terminology (feature row 120): a term
// is one concept with its preferred Arabic and English words, its definition,
// and the words that are discouraged for it.
//
// Any member who writes may propose a term; the secretariat approves, changes,
// rejects and retires. Only approved terms are shown under a text that is
// being written. A word means one thing: a form that an approved term uses,
// preferred or discouraged, cannot be used by another; that is a key of the
// table, so two approvals at once cannot both have it.
//
// The glossary as a whole has an edition, a number that grows with each change
// of what is approved. It is what a reader quotes, and what tells an editor
// that its copy is old.
package glossary
