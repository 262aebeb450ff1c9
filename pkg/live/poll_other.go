//go:build !linux

package live

import "net"

// poller exists on Linux. Elsewhere every socket has a goroutine.
type poller struct{}

func newPollers() []*poller { return nil }

func (p *poller) close()                     {}
func (p *poller) help()                      {}
func (p *poller) adopt(*conn, net.Conn) bool { return false }
func (p *poller) forget(int)                 {}
func (p *poller) set(*line)                  {}

func send(int, []byte) (int, error)    { return 0, errClosed }
func receive(int, []byte) (int, error) { return 0, errClosed }
