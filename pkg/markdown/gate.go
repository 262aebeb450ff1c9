package markdown

import (
	"context"
	"runtime"

	"github.com/multaqa/multaqa/pkg/fault"
)

// queueLength is how many renderings may wait for a core (threats §3).
const queueLength = 64

var (
	running = make(chan struct{}, runtime.GOMAXPROCS(0))
	waiting = make(chan struct{}, queueLength)
)

// enter waits for a core. When the queue is full it refuses at once; the
// caller may try again later.
func enter(ctx context.Context) (leave func(), err error) {
	leave = func() { <-running }
	select {
	case running <- struct{}{}:
		return leave, nil
	default:
	}
	select {
	case waiting <- struct{}{}:
	default:
		return nil, fault.New(fault.Unavailable, "markdown.busy")
	}
	defer func() { <-waiting }()
	select {
	case running <- struct{}{}:
		return leave, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
