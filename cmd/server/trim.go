package main

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// settled is when the background work of a start (the search index) is over on all but the largest hubs.
const settled = 10 * time.Second

// What lean lets the heap grow by before the collector comes: a quarter of what is alive, or this many bytes, whichever is more.
const (
	leanPercent = 25
	leanBytes   = 8 << 20
)

// lean has the collector come earlier than it would on a large heap, and later on a small one: the live heap of a hub is a few megabytes, and the four
// that are the runtime's least would have it come several times a second while a hundred people type. GOGC decides otherwise.
func lean() {
	if os.Getenv("GOGC") != "" {
		return
	}
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	var pace func()
	set := 0
	pace = func() {
		metrics.Read(live)
		percent := leanPercent
		if n := live[0].Value.Uint64(); n > 0 {
			percent = max(percent, int(min(leanBytes*100/n, 1000)))
		}
		if percent < set*7/8 || percent > set*9/8 { // setting it stops the world for a moment
			debug.SetGCPercent(percent)
			set = percent
		}
		// Found dead by the next collection, so after each.
		runtime.AddCleanup(new([16]byte), func(int) { pace() }, 0)
	}
	pace()
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
