//go:build !failpoint

// Package failpoint ends the process at a chosen point, as a power cut would, so that tests see what is on disk then. It is
// compiled in only with the build tag failpoint; without it Here is nothing.
package failpoint

// Here is a point with a name, "package.what".
func Here(string) {}
