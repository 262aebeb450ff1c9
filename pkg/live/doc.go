// Package live is the websocket edge: docs/protocol.md, "multaqa.v1". It decodes, asks the policy, calls the drafts and
// writes; what is said about a draft comes from its log, what is said about anything else is "it changed, fetch it".
//
// A connection has one goroutine, which reads, decodes and answers. Whoever has something for a socket writes it without waiting; only
// when the socket is full, or the log has to be read, a second goroutine goes on until nothing is left. What comes meanwhile stays a short queue of control
// messages, whose overflow closes the socket, and marks that say "there is more": for drafts a
// cursor into the log, for topics and carets only the latest counts. So a slow peer costs its
// queue and nothing else, and is never in the way of the others.
//
// Rights are asked when something is opened or watched, again before each notice, again at least every second for what is open,
// and for every push in the transaction that appends it. A topic or message without a row in the policy table cannot be
// registered.
package live
