package main

import (
	"context"
	"os"
	"runtime/debug"
	"time"
)

// settled is when the background work of a start (the search index) is over on all but the largest hubs.
const settled = 20 * time.Second

// lean makes the collector come at half the growth it is used to: the live heap of a hub is small, and so is what this costs. GOGC decides
// otherwise.
func lean() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}

// trim gives back what only the start needed: migrations are parsed and a password is hashed, which leaves thirty megabytes that the collector would
// keep for what may come. It does it once at once and once when the background work of the start is done.
func trim(ctx context.Context) {
	giveBack()
	go func() {
		select {
		case <-ctx.Done():
		case <-time.After(settled):
			giveBack()
		}
	}()
}

func giveBack() {
	debug.FreeOSMemory()
	dropProgram()
}
