// Package ballot puts questions to the agencies of the network and counts
// their answers: who may vote, when, what an answer needs, and what a count
// decides (rules D1).
//
// # Model
//
// A ballot is about one subject (a practice, or an edition) in one exact wording, named
// by its hash. An agency of the electorate has one vote; the electorate is
// frozen when the ballot opens. A round is a ballot of its own that names the
// one before it.
//
//	draft ──open──▸ scheduled ──▸ open ──▸ closed ──certify──▸ certified
//	  └───────────────┴────────────┴──cancel──▸ cancelled
//
// The secretariat prepares, opens, extends, closes early and cancels; agencies
// vote; the scheduler opens and closes on time; another administrator than the
// one who prepared or opened it certifies. Nothing leaves certified: a
// correction is a further round. See rules.go for the arithmetic, which is
// integers only, and ballot.go for what a vote must bring.
//
// A tie opens a discussion about the subject in the transaction that closes the
// ballot (rules D1.10, package discussion).
//
// # Time and order
//
// A vote locks the ballot's row, reads the database's clock after the lock, and
// is accepted iff the ballot is open and that time is before the closing time.
// Closing takes the same lock before it counts, so no acknowledged vote is
// missing from a count and none is counted that came late. The scheduler
// ([Service.Run]) looks every two seconds; a ballot whose time passed while
// nothing ran closes as of its closing time. Locks are taken in the order
// ballot, subject, head of the record.
//
// # What stays here
//
// Choices and reasons live in this package's tables and go out through
// [Service.Find] and the certificate only, to those who may see them. Events,
// logs and the answer to a vote do not say which way an agency voted.
//
// # Room for later
//
// Proxies, weights, secret ballots, persons' polls and manual-adoption
// positions (rules D1.3, 4, 12, 5) have columns and no code yet.
package ballot
