// Package suggestion holds what people would write differently: changes that stand beside a living text and enter its log only when those
// who write the text accept them, with the credit of whoever proposed them (decision 5 of the architecture, and decisions/0004).
//
// Words: a suggestion is a change of the text of a version, in parts, each a range and what would stand in its place; its quote is the text
// it takes away, its insertion the text it puts there. It inserts, deletes or replaces.
//
// A suggestion behaves like an update that was written and not yet sent: it is mapped over every later update of the log, one by one, in the
// log's order. So it survives whatever happens around it, on its own line too; accepting it takes away nothing that its author had not seen; and
// suggestions may overlap, since accepting one is an update for the others. One whose text is gone (all that it would take away, or the place it
// would insert at) is orphaned for good: it can be read, rejected and withdrawn, not accepted. As with the anchors of comments this follows from the
// log alone; stored positions that have fallen far behind are written forward by the way.
//
// A suggestion is open, accepted, rejected (with a reason) or withdrawn by its author. Accepting goes through draft.Service.Edit: the text's
// change, the decision and the event are one transaction. A suggestion may belong to a thread of comments, which hears of the decision in that transaction.
package suggestion
