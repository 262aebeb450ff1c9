package main

import (
	"fmt"
	"net"
	"net/http"
	"sync"
	"syscall"

	"github.com/gorilla/websocket"
)

// serve runs one of the programs ours is measured beside, as a process of its own. Both send what their first socket says to
// every socket there is, and do nothing else: no rights, no log, no presence.
func serve(kind, addr string) error {
	mux := http.NewServeMux()
	switch kind {
	case "prepared":
		h := &prepared{up: websocket.Upgrader{ReadBufferSize: 256, WriteBufferSize: 4096, WriteBufferPool: &sync.Pool{}}}
		mux.HandleFunc("/", h.join)
	case "bare":
		h := &bare{}
		mux.HandleFunc("/", h.join)
	default:
		return fmt.Errorf("no peer %q", kind)
	}
	return http.ListenAndServe(addr, mux)
}

// prepared is the usual hub of gorilla's chat example with its two goroutines a connection, and with messages encoded once.
type prepared struct {
	up    websocket.Upgrader
	mu    sync.Mutex
	conns []*preparedConn
}

type preparedConn struct {
	ws   *websocket.Conn
	out  chan *websocket.PreparedMessage
	once sync.Once
}

func (h *prepared) join(w http.ResponseWriter, r *http.Request) {
	ws, err := h.up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	c := &preparedConn{ws: ws, out: make(chan *websocket.PreparedMessage, 16)}
	h.mu.Lock()
	h.conns = append(h.conns, c)
	h.mu.Unlock()
	go func() {
		for m := range c.out {
			if c.ws.WritePreparedMessage(m) != nil {
				return
			}
		}
	}()
	go func() { // leaves the handler's grown stack behind
		for {
			kind, msg, err := ws.ReadMessage()
			if err != nil {
				return
			}
			m, err := websocket.NewPreparedMessage(kind, msg)
			if err != nil {
				return
			}
			h.mu.Lock()
			for _, c := range h.conns {
				select {
				case c.out <- m:
				default:
					c.once.Do(func() { go c.ws.Close() }) // too slow: the chat example lets it go too
				}
			}
			h.mu.Unlock()
		}
	}()
}

// bare only writes: the floor of what one write(2) a receiver costs.
type bare struct {
	mu  sync.Mutex
	fds []int
}

func (h *bare) join(w http.ResponseWriter, r *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	f, err := conn.(*net.TCPConn).File() // a descriptor of our own; the connection object goes
	if err != nil {
		return
	}
	conn.Close()
	fd := int(f.Fd())
	dup, err := syscall.Dup(fd)
	f.Close()
	if err != nil {
		return
	}
	_ = syscall.SetNonblock(dup, true)
	h.mu.Lock()
	h.fds = append(h.fds, dup)
	first := len(h.fds) == 1
	h.mu.Unlock()
	// Only now: the next to join waits for this answer, so the publisher is the first here too.
	_, _ = syscall.Write(dup, []byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"))
	if first {
		go h.publish(dup)
	}
}

// publish reads the first socket and writes what it says to all.
func (h *bare) publish(fd int) {
	_ = syscall.SetNonblock(fd, false)
	var in []byte
	buf := make([]byte, 64<<10)
	for {
		n, err := syscall.Read(fd, buf)
		if err != nil || n == 0 {
			return
		}
		in = append(in, buf[:n]...)
		for {
			// A client's frame has four bytes of mask, here zero, between header and payload.
			op, msg, rest, ok := clientFrame(in)
			if !ok {
				break
			}
			in = rest
			out := serverFrame(op, msg)
			h.mu.Lock()
			for _, to := range h.fds {
				_, _ = syscall.Write(to, out)
			}
			h.mu.Unlock()
		}
	}
}

func clientFrame(b []byte) (op byte, payload, rest []byte, ok bool) {
	if len(b) < 6 {
		return 0, nil, b, false
	}
	n, head := int(b[1]&127), 2
	if n == 126 {
		n, head = int(b[2])<<8|int(b[3]), 4
	}
	if len(b) < head+4+n {
		return 0, nil, b, false
	}
	return b[0] & 15, b[head+4 : head+4+n], b[head+4+n:], true
}

func serverFrame(op byte, msg []byte) []byte {
	out := []byte{0x80 | op}
	if n := len(msg); n < 126 {
		out = append(out, byte(n))
	} else {
		out = append(out, 126, byte(n>>8), byte(n))
	}
	return append(out, msg...)
}
