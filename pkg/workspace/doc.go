// Package workspace holds the spaces in which agencies work: one of each
// agency's own, made with the agency; joint ones of several agencies; and the
// network commons, made with the network.
//
// It also holds the arithmetic of the visibility ladder: who sees an object on
// a rung, and who gains or loses sight when it moves ([SightChange]).
//
// The agencies of a workspace only grow; what was written there stays readable to
// those who wrote it.
package workspace
