package rtptest

import (
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"
)

// Proxy stands between two UDP peers and impairs both directions. Whoever
// sends to Near is the near peer; the far one sees Far.
type Proxy struct {
	near, far *net.UDPConn
	target    netip.AddrPort
	toFar     *Link
	toNear    *Link

	mu     sync.Mutex
	client netip.AddrPort
	timers map[*time.Timer]struct{}
	closed bool
	wg     sync.WaitGroup
}

// NewProxy starts a proxy to a target; it ends with the test.
func NewProxy(tb testing.TB, target netip.AddrPort, imp Impairment, seed uint64) *Proxy {
	tb.Helper()
	p := &Proxy{
		near: Listen(tb), far: Listen(tb), target: target,
		toFar: NewLink(imp, seed), toNear: NewLink(imp, seed+1),
		timers: map[*time.Timer]struct{}{},
	}
	p.wg.Go(func() { p.pump(p.near, p.far, p.toFar, true) })
	p.wg.Go(func() { p.pump(p.far, p.near, p.toNear, false) })
	tb.Cleanup(p.close)
	return p
}

// Listen opens a UDP socket on loopback that closes with the test.
func Listen(tb testing.TB) *net.UDPConn {
	tb.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = c.Close() })
	return c
}

// Addr returns a connection's local address.
func Addr(c *net.UDPConn) netip.AddrPort {
	return c.LocalAddr().(*net.UDPAddr).AddrPort() //nolint:errcheck // a UDP connection's
}

// Near is where the near peer sends.
func (p *Proxy) Near() netip.AddrPort { return Addr(p.near) }

// Far is whom the far peer sees and answers.
func (p *Proxy) Far() netip.AddrPort { return Addr(p.far) }

// Set changes both directions.
func (p *Proxy) Set(imp Impairment) {
	p.toFar.Set(imp)
	p.toNear.Set(imp)
}

func (p *Proxy) pump(in, out *net.UDPConn, link *Link, learn bool) {
	buf := make([]byte, 2048)
	for {
		n, from, err := in.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		p.mu.Lock()
		to := p.target
		if learn {
			p.client = from
		} else {
			to = p.client
		}
		p.mu.Unlock()
		if !to.IsValid() {
			continue
		}
		b := slices.Clone(buf[:n])
		now := time.Now()
		for _, at := range link.Carry(now) {
			p.later(at.Sub(now), func() { _, _ = out.WriteToUDPAddrPort(b, to) })
		}
	}
}

func (p *Proxy) later(d time.Duration, send func()) {
	if d <= 0 {
		send()
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	var t *time.Timer
	t = time.AfterFunc(d, func() {
		p.mu.Lock()
		delete(p.timers, t)
		p.mu.Unlock()
		send()
	})
	p.timers[t] = struct{}{}
}

func (p *Proxy) close() {
	p.mu.Lock()
	p.closed = true
	for t := range p.timers {
		t.Stop()
	}
	p.mu.Unlock()
	_ = p.near.Close()
	_ = p.far.Close()
	p.wg.Wait()
}
