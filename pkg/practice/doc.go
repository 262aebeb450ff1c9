// Package practice holds the best practices that agencies nominate for the
// whole network: the card that states the case, and the stage it has reached.
//
// # The card
//
// Title, problem, context, dated evidence, cost, contacts and axis. Every saved
// card is kept as a revision and named by its SHA-256; that hash is what a vote
// is about, so nobody can vote on one text and have another approved.
//
// # Stages
//
//	nominated → screened → under_study → studied → piloting → piloted
//	          → in_ballot → approved → rolling_out → standard → retired
//
// with the exits declined, merged, needs_more and not_carried, each with a
// reason. The secretariat moves a practice; the nominating agency hands one
// back in after needs_more. in_ballot, approved and not_carried are reached
// through a ballot only (rules D7): package ballot calls [Service.EnterBallot]
// and [Service.LeaveBallot] in its own transaction. While a practice is in a
// ballot its card is locked. Study, pilot and rollout are marks for now.
//
// # Order and concurrency
//
// Every change locks the practice's row first. A ballot locks its own row
// before the practice's, never the other way round. Methods are safe for
// concurrent use.
package practice
