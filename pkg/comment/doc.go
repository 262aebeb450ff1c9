// Package comment holds the discussions beside a living text: threads that stand on a range of it, with answers, mentions and an outcome.
//
// Words: a thread is a discussion, a comment one message in it, an anchor the range it stands on. An anchor is kept as positions
// in the text of a version, in UTF-16 code units, with the quoted text of the moment it was made.
//
// An anchor is a function of the draft's log: it is moved over every later update, one by one, inward (its start after what
// is inserted there, its end before), and becomes orphaned for good at the update that leaves nothing of it. It keeps its
// quote and never moves to other text. Because the log decides, it does not matter when, where or how
// often this is computed: reading moves what it returns, and a thread whose stored positions have fallen far behind
// is written forward by the way. Writing a comment never waits for a writer of the text, and a keystroke costs nothing for the comments.
//
// A thread may propose a wording: a suggestion (package suggestion) that is made with it and decided with it. It may be kept inside the agency
// that began it; then nobody else sees, counts or hears of it, it blocks nothing and names only people of that agency.
//
// A thread is open or resolved; resolving names an outcome, and whoever began the thread may reopen it once. Comments are not edited or
// deleted; moderation hides them. Rights are those of the draft's edition (policy, actions_draft.go).
package comment
