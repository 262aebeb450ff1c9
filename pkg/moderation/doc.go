// Package moderation takes flags on content, keeps the moderators' queue and
// carries out what they decide (rules D5, first cut: flag, hide on sight of
// three agencies or of a grave reason, claim, keep, hide, restore, ignore, log).
//
// An item is one open case about one object; a flag after the object was
// edited is a fresh one. Every change of an item moves its version, and who
// acts says which version they saw: a stale action is refused. Nothing is ever
// deleted: hiding is reversible, and what was flagged is kept as it stood.
//
// It knows no kind of content. Each kind brings a Hider, found by the prefix
// of the object's id.
package moderation
