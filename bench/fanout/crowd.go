package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// crowd is many bare sockets behind one epoll: the cheapest receiver there is, so that the server is what is measured.
type crowd struct {
	epoll   int
	members map[int32]*member
	list    []*member
	began   time.Time
	// upTo says how far a message takes its receiver: the number of notices it has seen then. 0 is another message.
	upTo    func(msg []byte) int64
	done    chan struct{}
	stop    atomic.Bool
	mu      sync.Mutex
	want    int64 // notices everybody should have
	missing int
	changed *sync.Cond
	failed  error
	bytes   atomic.Int64
}

// member is one receiver.
type member struct {
	fd     int
	editor bool
	stuck  bool
	have   int64
	at     int64 // when it reached want, ns since began
	rest   []byte
}

func newCrowd(upTo func([]byte) int64) (*crowd, error) {
	ep, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	c := &crowd{epoll: ep, members: map[int32]*member{}, began: time.Now(), upTo: upTo, done: make(chan struct{})}
	c.changed = sync.NewCond(&c.mu)
	go c.loop()
	return c, nil
}

func (c *crowd) now() int64 { return int64(time.Since(c.began)) }

// join connects one receiver from a loopback address of its own for every 150, and sends hello, a client's first frame.
func (c *crowd) join(n int, port int, path, headers string, hello []byte, ready func(msg []byte) bool, editor, stuck bool) (*member, error) {
	d := net.Dialer{Timeout: 30 * time.Second, LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, byte(1+n/150/250), byte(1+n/150%250))}}
	if stuck {
		d.Control = func(_, _ string, raw syscall.RawConn) error {
			return raw.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096) })
		}
	}
	conn, err := d.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	m := &member{editor: editor, stuck: stuck}
	req := fmt.Sprintf("GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n", path, port, headers)
	if _, err := conn.Write([]byte(req)); err != nil {
		return nil, err
	}
	buf := make([]byte, 16<<10)
	var in []byte
	more := func() error {
		k, err := conn.Read(buf)
		in = append(in, buf[:k]...)
		return err
	}
	for !bytes.Contains(in, []byte("\r\n\r\n")) {
		if err := more(); err != nil {
			return nil, err
		}
	}
	if !strings.HasPrefix(string(in), "HTTP/1.1 101") {
		return nil, fmt.Errorf("upgrade refused: %s", in[:min(len(in), 300)])
	}
	in = in[bytes.Index(in, []byte("\r\n\r\n"))+4:]
	if hello != nil {
		if _, err := conn.Write(masked(1, hello)); err != nil {
			return nil, err
		}
		for ok := false; !ok; {
			_, msg, rest, full := frame(in)
			if !full {
				if err := more(); err != nil {
					return nil, err
				}
				continue
			}
			ok = ready(msg)
			in = bytes.Clone(rest)
		}
	}
	m.rest = in
	// From here on it is a bare descriptor: the connection object and its place in Go's own poller go.
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		return nil, err
	}
	var fd int
	if e := raw.Control(func(own uintptr) { fd, err = syscall.Dup(int(own)) }); e != nil || err != nil {
		return nil, errors.Join(e, err)
	}
	m.fd = fd
	c.mu.Lock()
	c.members[int32(fd)] = m
	c.list = append(c.list, m)
	c.mu.Unlock()
	if stuck {
		return m, nil // never read again
	}
	return m, syscall.EpollCtl(c.epoll, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(fd)})
}

func writeAll(fd int, b []byte) error {
	for len(b) > 0 {
		n, err := syscall.Write(fd, b)
		if err == syscall.EAGAIN {
			time.Sleep(time.Millisecond)
			continue
		}
		if err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// masked makes a client's frame; the mask is zero, which is allowed and cheap.
func masked(opcode byte, payload []byte) []byte {
	out := []byte{0x80 | opcode}
	switch n := len(payload); {
	case n < 126:
		out = append(out, 0x80|byte(n))
	case n < 1<<16:
		out = binary.BigEndian.AppendUint16(append(out, 0x80|126), uint16(n))
	default:
		out = binary.BigEndian.AppendUint64(append(out, 0x80|127), uint64(n))
	}
	out = append(out, 0, 0, 0, 0)
	return append(out, payload...)
}

// frame cuts the first whole frame of a server from b.
func frame(b []byte) (opcode byte, payload, rest []byte, ok bool) {
	if len(b) < 2 {
		return 0, nil, b, false
	}
	n, head := int(b[1]&127), 2
	switch n {
	case 126:
		if len(b) < 4 {
			return 0, nil, b, false
		}
		n, head = int(binary.BigEndian.Uint16(b[2:])), 4
	case 127:
		if len(b) < 10 {
			return 0, nil, b, false
		}
		n, head = int(binary.BigEndian.Uint64(b[2:])), 10
	}
	if len(b) < head+n {
		return 0, nil, b, false
	}
	return b[0] & 15, b[head : head+n], b[head+n:], true
}

func (c *crowd) loop() {
	defer close(c.done)
	events := make([]syscall.EpollEvent, 512)
	buf := make([]byte, 256<<10)
	for !c.stop.Load() {
		n, err := syscall.EpollWait(c.epoll, events, 100)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			c.fail(err)
			return
		}
		for _, ev := range events[:n] {
			c.mu.Lock()
			m := c.members[ev.Fd]
			c.mu.Unlock()
			if m == nil {
				continue
			}
			k, err := syscall.Read(m.fd, buf)
			if err == syscall.EAGAIN {
				continue
			}
			if err != nil || k == 0 {
				_ = syscall.EpollCtl(c.epoll, syscall.EPOLL_CTL_DEL, m.fd, nil)
				c.fail(fmt.Errorf("a receiver was cut off: %v", err))
				continue
			}
			c.bytes.Add(int64(k))
			c.take(m, buf[:k])
		}
	}
}

func (c *crowd) take(m *member, in []byte) {
	if len(m.rest) > 0 {
		in = append(m.rest, in...)
		m.rest = nil
	}
	now := c.now()
	for {
		op, msg, rest, ok := frame(in)
		if !ok {
			break
		}
		in = rest
		switch op {
		case 8:
			c.fail(fmt.Errorf("a receiver was closed: %x %s", msg[:min(2, len(msg))], msg[min(2, len(msg)):]))
		case 9:
			_ = writeAll(m.fd, masked(10, msg))
		case 1, 2:
			if v := c.upTo(msg); v > m.have {
				c.mu.Lock()
				was := m.have
				m.have = v
				if was < c.want && v >= c.want {
					m.at = now
					if c.missing--; c.missing == 0 {
						c.changed.Broadcast()
					}
				}
				c.mu.Unlock()
			}
		}
	}
	if len(in) > 0 {
		m.rest = bytes.Clone(in)
	}
}

func (c *crowd) fail(err error) {
	c.mu.Lock()
	if c.failed == nil && !c.stop.Load() {
		c.failed = err
	}
	c.changed.Broadcast()
	c.mu.Unlock()
}

// expect begins a round: everybody should reach want.
func (c *crowd) expect(want int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.want, c.missing = want, 0
	for _, m := range c.list {
		if !m.stuck && m.have < want {
			c.missing++
		}
	}
}

// wait ends a round: how long after start the last editor and the last receiver of all had it.
func (c *crowd) wait(start int64) (editors, all float64, err error) {
	timer := time.AfterFunc(30*time.Second, func() { c.fail(errors.New("a notice did not reach everybody within 30 s")) })
	defer timer.Stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.missing > 0 && c.failed == nil {
		c.changed.Wait()
	}
	if c.failed != nil {
		return 0, 0, c.failed
	}
	for _, m := range c.list {
		if m.stuck {
			continue
		}
		ms := float64(m.at-start) / 1e6
		all = max(all, ms)
		if m.editor {
			editors = max(editors, ms)
		}
	}
	return editors, all, nil
}

func (c *crowd) close() {
	c.stop.Store(true)
	<-c.done
	for _, m := range c.list {
		syscall.Close(m.fd)
	}
	syscall.Close(c.epoll)
}
