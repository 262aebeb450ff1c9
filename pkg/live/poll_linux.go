package live

import (
	"errors"
	"net"
	"os"
	"runtime"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// notSent is how many bytes the system may hold of a socket that have not left yet.
const notSent = 128 << 10

// poller reads for many sockets in one goroutine. It never waits for anything but its own epoll, which itself is a descriptor
// of the runtime's poller: while nothing comes, no thread is held.
type poller struct {
	file *os.File
	raw  syscall.RawConn
	ep   int

	mu    sync.RWMutex
	conns []*conn // by descriptor

	turn   sync.Mutex // whoever has it reads for the sockets, and guards what follows
	events [128]unix.EpollEvent
	heard  [128]*conn
	buf    []byte
	closed bool
}

// newPollers returns a few that run until they are closed; none where the system has no epoll.
func newPollers() []*poller {
	var out []*poller
	for range min(4, runtime.GOMAXPROCS(0)) {
		ep, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
		if err != nil {
			break
		}
		if err := unix.SetNonblock(ep, true); err != nil { // so that the runtime takes it
			_ = unix.Close(ep)
			break
		}
		p := &poller{ep: ep, file: os.NewFile(uintptr(ep), "epoll"), buf: make([]byte, 64<<10)}
		if p.raw, err = p.file.SyscallConn(); err != nil {
			_ = p.file.Close()
			break
		}
		out = append(out, p)
		if !deaf {
			go p.run()
		}
	}
	return out
}

func (p *poller) close() {
	p.turn.Lock()
	p.closed = true
	p.turn.Unlock()
	_ = p.file.Close()
}

// adopt takes the descriptor out of a plain TCP connection and closes the rest of it; false when it is no such connection.
func (p *poller) adopt(c *conn, nc net.Conn) bool {
	t, ok := nc.(*net.TCPConn)
	if !ok {
		return false
	}
	raw, err := t.SyscallConn()
	if err != nil {
		return false
	}
	fd := -1
	if cerr := raw.Control(func(own uintptr) { fd, err = unix.FcntlInt(own, unix.F_DUPFD_CLOEXEC, 0) }); cerr != nil || err != nil {
		return false
	}
	_ = nc.Close() // ours is open, so the peer sees nothing of it
	// A peer that takes nothing is a cursor into the log, not megabytes in the system's buffers, and gets what changed meanwhile in few frames.
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, notSent)
	p.mu.Lock()
	for fd >= len(p.conns) {
		p.conns = append(p.conns, make([]*conn, max(64, len(p.conns)/2))...)
	}
	p.conns[fd] = c
	p.mu.Unlock()
	c.line.p, c.line.fd = p, fd
	return true
}

func (p *poller) forget(fd int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[fd] = nil
}

// set makes the kernel's interest that of the line, whose lock is held. Without interest the descriptor is not in the set: an end
// of the connection would be reported all the time.
func (p *poller) set(l *line) {
	ev := unix.EpollEvent{Fd: int32(l.fd)}
	if l.in {
		ev.Events |= unix.EPOLLIN
	}
	if l.out {
		ev.Events |= unix.EPOLLOUT
	}
	op := unix.EPOLL_CTL_MOD
	switch {
	case ev.Events == 0 && !l.known:
		return
	case ev.Events == 0:
		op = unix.EPOLL_CTL_DEL
	case !l.known:
		op = unix.EPOLL_CTL_ADD
	}
	// An error leaves a silent socket, which ends for its silence.
	l.known = unix.EpollCtl(p.ep, op, l.fd, &ev) == nil && op != unix.EPOLL_CTL_DEL
}

// run hands events to their sockets until the poller is closed.
func (p *poller) run() {
	for {
		n, err := 0, error(nil)
		closed := p.raw.Read(func(fd uintptr) bool {
			p.turn.Lock()
			if n, err = look(int(fd), p.events[:]); n == 0 && err == nil {
				p.turn.Unlock()
				return false // never wait here: the runtime does
			}
			return true
		})
		if closed != nil {
			return
		}
		if err != nil && !errors.Is(err, unix.EINTR) {
			panic("live: epoll: " + err.Error())
		}
		p.hand(n)
		p.turn.Unlock()
	}
}

// help does what run would do when the runtime wakes it, unless it is at it. The caller holds no lock.
func (p *poller) help() {
	if !p.turn.TryLock() {
		return
	}
	defer p.turn.Unlock()
	if p.closed {
		return
	}
	n, _ := look(p.ep, p.events[:]) // run says what is wrong
	p.hand(n)
}

// hand gives the first n events to their sockets; the caller has the turn.
func (p *poller) hand(n int) {
	p.mu.RLock()
	for i, ev := range p.events[:n] {
		p.heard[i] = p.conns[ev.Fd]
	}
	p.mu.RUnlock()
	for i, ev := range p.events[:n] {
		c := p.heard[i]
		p.heard[i] = nil
		if c == nil {
			continue // closed since
		}
		if ev.Events&unix.EPOLLOUT != 0 || ev.Events&(unix.EPOLLHUP|unix.EPOLLERR) != 0 {
			c.writable()
		}
		if ev.Events&(unix.EPOLLIN|unix.EPOLLHUP|unix.EPOLLERR) != 0 {
			c.readable(p.buf)
		}
	}
}

// send, receive and look never wait: they are system calls that return within microseconds, so the scheduler is not told of them. To tell it, and to have it
// take the processor away in the middle of a long pass, was a seventh of a delivery. A socket's own calls also pass by what the system does
// for any file. Errors are nil or a syscall.Errno.
func send(fd int, b []byte) (int, error) {
	return raw(syscall.SYS_SENDTO, fd, unsafe.Pointer(unsafe.SliceData(b)), len(b), syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL)
}

func receive(fd int, b []byte) (int, error) {
	return raw(syscall.SYS_RECVFROM, fd, unsafe.Pointer(unsafe.SliceData(b)), len(b), syscall.MSG_DONTWAIT)
}

func look(ep int, events []unix.EpollEvent) (int, error) {
	return raw(syscall.SYS_EPOLL_PWAIT, ep, unsafe.Pointer(unsafe.SliceData(events)), len(events), 0)
}

func raw(call uintptr, fd int, at unsafe.Pointer, n, last int) (int, error) {
	got, _, e := syscall.RawSyscall6(call, uintptr(fd), uintptr(at), uintptr(n), uintptr(last), 0, 0)
	if e != 0 {
		return 0, e
	}
	return int(got), nil
}
