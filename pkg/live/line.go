package live

import (
	"errors"
	"net"
	"sync"
	"syscall"
	"time"
)

// line is the descriptor of a socket, or its connection where there is no poller for it.
//
// A plain TCP connection is taken apart: its descriptor is the poller's and ours, and nothing else of it is kept. Anything else (TLS that
// is not ended before the hub, a system without epoll) stays a connection, and takes two goroutines: one that reads, one for each write.
//
// try and close are called under conn.wmu, read by the reading side alone, so that nobody uses a number that stands for somebody else by now.
type line struct {
	nc net.Conn // nil when the poller has the descriptor
	p  *poller

	mu      sync.Mutex
	fd      int // -1 when closed
	in, out bool
	known   bool // to the poller
}

var errClosed = errors.New("live: the socket is closed")

// try writes what the socket takes at once and returns how much that was.
func (l *line) try(b []byte) (n int, err error) {
	if l.p == nil {
		return 0, nil
	}
	if l.fd < 0 {
		return 0, errClosed
	}
	for {
		n, err = send(l.fd, b)
		switch err {
		case syscall.EINTR:
		case syscall.EAGAIN:
			return 0, nil
		default:
			return n, err
		}
	}
}

// wait writes all of b, and waits up to limit for the socket to take it. Not for a descriptor.
func (l *line) wait(b []byte, limit time.Duration) error {
	_ = l.nc.SetWriteDeadline(time.Now().Add(limit))
	_, err := l.nc.Write(b)
	return err
}

// read is one read of a descriptor. n is 0 without an error when there is nothing; the end is an error.
func (l *line) read(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.fd < 0:
		return 0, errClosed
	case !l.in:
		return 0, nil // somebody else is at what came
	}
	n, err := receive(l.fd, b)
	switch {
	case err == syscall.EAGAIN || err == syscall.EINTR:
		return 0, nil
	case err == nil && n == 0:
		return 0, errClosed
	}
	return n, err
}

// hear says whether the poller reports bytes of the peer, drain whether it reports room for ours.
func (l *line) hear(on bool)  { l.arm(&l.in, on) }
func (l *line) drain(on bool) { l.arm(&l.out, on) }

func (l *line) arm(which *bool, on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.p != nil && l.fd >= 0 && *which != on {
		*which = on
		l.p.set(l)
	}
}

func (l *line) close() {
	if l.p == nil {
		_ = l.nc.Close()
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fd < 0 {
		return
	}
	l.in, l.out = false, false
	l.p.set(l)
	l.p.forget(l.fd)
	_ = syscall.Close(l.fd)
	l.fd = -1
}
