// Package live is the websocket edge: docs/protocol.md, "multaqa.v1". It decodes, asks the policy, calls the drafts and
// writes; what is said about a draft comes from its log, what is said about anything else is "it changed, fetch it".
//
// A socket has no goroutine: a few pollers read for all, and what may take long gets one for as long as it takes. Whoever has something for
// a socket writes it without waiting; when the socket is full the poller says when to go on. What comes meanwhile stays a short queue of control
// messages, whose overflow closes the socket, and marks that say "there is more": for drafts a
// cursor into the log, for topics and carets only the latest counts. So a slow peer costs its
// queue and nothing else, and is never in the way of the others. Who only reads is told in passes over a room's readers, after the editors
// (docs/decisions/0013). Where there is no epoll, or no plain TCP, a socket has a goroutine that reads.
//
// Rights are asked when something is opened or watched, again before each notice, again at least every second for what is open,
// and for every push in the transaction that appends it. A topic or message without a row in the policy table cannot be
// registered.
package live
