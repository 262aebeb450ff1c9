// Package guideline keeps guidelines as things: what they are called, whose
// they are, who sees them, and their editions, each on its way through the
// life cycle of rules D3.
//
// A guideline has at most one edition in work (draft to scheduled) and at
// most one published; the database's unique indexes hold both, so readers keep
// the current edition while the next is drafted, whatever races. An edition's
// text is a draft (package draft) and is writable in draft and amends_needed
// only. A step that decides about the text freezes it as a Revision and keeps
// its words here; approval holds for exactly one hash, and a text that has
// moved since sends the edition back to review.
//
// The table of steps is data: Table in rules.go. Allowed answers, for an
// edition's state and the facts about it, which steps are legal, what each
// needs from the caller, and what is still missing; the service runs a step
// only through it, with the guideline's row locked.
//
// What it leaves to others: the living text (draft), comments (comment),
// votes (ballot), the public page (publish). They meet it through interfaces
// declared in service.go and joined where the hub is wired.
package guideline
