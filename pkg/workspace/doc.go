// Package workspace holds the spaces in which agencies work: one of each
// agency's own, made with the agency; joint ones of several agencies; and the
// network commons, made with the network.
//
// It also holds the arithmetic of the visibility ladder: who sees an object on
// a rung, and who gains or loses sight when it moves ([SightChange]).
//
// Agencies join and leave a joint workspace. What its guidelines give them or
// take from them is decided in the same transaction, by who registered with
// [Service.OnJoined] and [Service.OnLeft]. The agency that opened it stays, two
// agencies stay, and what a leaving one wrote stays under its name.
package workspace
