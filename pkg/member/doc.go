// Package member holds who takes part in the network: agencies, the people
// who act for them, the seats they hold, their roles, and their sign-in
// sessions.
//
// # Model
//
// An agency has seats: one principal, at most two alternates, and writers. A
// seat is a position and outlives the people in it: a holding says who held it
// since when and until when. Whatever is owed by a seat therefore stays with
// the seat when its holder is replaced, and what a former holder did keeps
// that person's name. A person holds at most one seat at a time, so a session
// acts for one agency at most.
//
// Roles come from two places. A seat makes its holder agency lead (principal)
// or representative (alternate, writer); a network role is granted to a person
// by the secretariat. Secretariat and moderator exclude voting: such a role is
// refused to a person whose seat votes, and an actor with one never votes,
// whatever the rows say. Seats of the secretariat's own agency give no agency
// role. See actorOf in rules.go, the only place where an actor is derived.
//
// # Sign-in
//
// A session is a random 256-bit token in a cookie; the database keeps its
// SHA-256 only. It ends after 8 hours without use, after 7 days, on sign-out,
// on revocation, and when the person's rights change. A revocation is announced
// to [Service.OnRevoked] hooks on this node and as a hint on the bus to the
// others; a node that misses the hint notices within [AuthCacheTTL].
//
// Passwords are argon2id in the PHC format. Hashing runs behind a gate so that
// sign-in attempts cannot take the machine's memory, and an unknown e-mail
// costs the same work as a known one. Failed attempts are slowed by account
// and by source, never locked out: a device that has signed in before has an
// allowance of its own.
//
// # Order and concurrency
//
// Every method is safe for concurrent use. Methods that change seats of an
// agency take that agency's row lock first, so its limits hold under races.
package member
