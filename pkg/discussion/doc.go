// Package discussion holds what is said about a matter of the whole network
// outside any text: a topic on a practice or an edition, opened by the hub
// itself and answered by whoever takes part in the network's decisions. A tied
// ballot opens one (rules D1.10); it stays readable with the ballot's record.
//
// A thread (package comment) stands on a place of a draft and is resolved with
// an outcome. A discussion has no place and no outcome: the next ballot is its
// outcome, and the text on which a thread could stand may not exist.
//
// Posts are never edited or deleted; moderation hides one and shows it again.
// Methods are safe for concurrent use; posts of a topic are ordered by time,
// then id.
package discussion
