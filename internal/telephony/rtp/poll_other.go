//go:build !linux

package rtp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"
)

// poller waits for the goroutines that read sockets, one each.
type poller struct {
	readers sync.WaitGroup
	closed  chan struct{}
	once    sync.Once
}

func newPoller() (*poller, error) { return &poller{closed: make(chan struct{})}, nil }

func (p *poller) run() error {
	<-p.closed
	p.readers.Wait()
	return nil
}

func (p *poller) close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// socket is one UDP port.
type socket struct {
	local netip.AddrPort
	conn  *net.UDPConn
}

func openSocket(p *poller, local netip.AddrPort, handle func([]byte, netip.AddrPort, time.Time)) (*socket, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(local))
	if err != nil {
		return nil, fmt.Errorf("rtp: bind %s: %w", local, err)
	}
	p.readers.Go(func() {
		buf := make([]byte, MaxPacket+1)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(buf)
			switch {
			case errors.Is(err, net.ErrClosed):
				return
			case err == nil && n <= MaxPacket:
				handle(buf[:n], netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), time.Now())
			}
		}
	})
	return &socket{local: local, conn: conn}, nil
}

func (s *socket) send(b []byte, to netip.AddrPort) error {
	_, err := s.conn.WriteToUDPAddrPort(b, to)
	return err
}

func (s *socket) close() error { return s.conn.Close() }
