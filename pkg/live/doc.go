// Package live is the websocket edge: docs/protocol.md, "multaqa.v1". It decodes, asks the policy, calls the drafts and
// writes; what is said about a draft comes from its log, what is said about anything else is "it changed, fetch it".
//
// A connection has two goroutines. The reader decodes and answers; it is the only one that changes which drafts and topics are
// open. The writer is the only one that writes to the socket. Between them stand a short queue for control
// messages, whose overflow closes the socket, and marks that say "there is more": for drafts the writer keeps a
// cursor into the log and pulls, for topics and carets only the latest counts. So a slow peer costs its
// queue and nothing else, and is never in the way of the others.
//
// Rights are asked when something is opened or watched, again before each notice, again at least every second for what is open,
// and for every push in the transaction that appends it. A topic or message without a row in the policy table cannot be
// registered.
package live
