// Package draft is the living text of an edition: a log of updates, from which every text follows.
//
// Words: an update is one accepted change with its author's client number and sequence; a version is how many updates a
// draft has accepted; a client is one load of one tab, issued by the server and bound to a person; a push is what a client sends; a row is
// what one flush appended; the head is the newest version; an epoch is one life of the log, which a restored backup ends.
//
// Promises.
//   - The log decides. A row begins at head + 1 and (draft, first) is its key, so of two nodes one fails and rebases. There is no leader and no lock
//     outside the database; a lost hint only costs time, since every open draft also looks at the head every two seconds.
//   - An update is announced after its commit returned, never before. Client and sequence are in the row of the log, so a push that is sent again
//     is applied once, whatever happened in between. A client's own row is as new as the newest snapshot; the log after that has the rest.
//   - Who may write is decided in the transaction that appends, from the edition's facts as they are then.
//   - Memory is bounded: recent rows and updates are kept for rebasing and for readers, older ones are read from the log.
//
// An Authority owns the text of an open draft on this node and has no goroutine: the first push begins a round, which takes all that wait, and the committer
// writes the rows of all drafts of this node in one transaction. While that runs, the next pushes gather, so a slow disk makes larger
// rows, not a longer queue. Readers pull frames from a cursor and are woken, so a slow one costs nothing.
//
// Sockets and JSON belong to package live, life cycle and visibility to package guideline, comments to package comment.
package draft
