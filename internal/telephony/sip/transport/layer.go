package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/okno-hq/okno/internal/telephony/sip/message"
)

// Config is what a Layer needs.
type Config struct {
	// Receive is told every message. It is called from the reader of its
	// socket and must not wait. The bytes are its own.
	Receive func(f *Flow, data []byte)
	// Admit is asked before bytes of a source are looked at and before a
	// connection is kept; nil admits all.
	Admit func(source netip.Addr) bool
	// TLS is for listening with TLS; ClientTLS for connecting.
	TLS, ClientTLS *tls.Config
	// MaxConnections bounds all, MaxPerSource those of one address.
	MaxConnections, MaxPerSource int
	// Idle is how long a connection may be silent after its first message, for
	// which it has Greeting. Zero means 65 minutes (a registration lasts up to
	// an hour) and 15 seconds.
	Idle, Greeting time.Duration
	Log            *slog.Logger
}

// Layer owns the sockets.
type Layer struct {
	cfg Config

	mu        sync.Mutex
	udp       []*net.UDPConn
	listeners []net.Listener
	conns     map[*Flow]struct{}
	perSource map[netip.Addr]int
	closed    bool

	nextID atomic.Uint64
	done   chan struct{}
	wg     sync.WaitGroup
}

// New returns a layer without sockets.
func New(cfg Config) *Layer {
	if cfg.Idle <= 0 {
		cfg.Idle = 65 * time.Minute
	}
	if cfg.Greeting <= 0 {
		cfg.Greeting = 15 * time.Second
	}
	if cfg.MaxConnections <= 0 {
		cfg.MaxConnections = 10000
	}
	if cfg.MaxPerSource <= 0 {
		cfg.MaxPerSource = 500 // an office behind one address
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Layer{cfg: cfg, conns: map[*Flow]struct{}{}, perSource: map[netip.Addr]int{}, done: make(chan struct{})}
}

func (l *Layer) admit(a netip.AddrPort) bool {
	return l.cfg.Admit == nil || l.cfg.Admit(a.Addr().Unmap())
}

// ListenUDP opens a socket and serves it.
func (l *Layer) ListenUDP(ctx context.Context, addr string) (netip.AddrPort, error) {
	var lc net.ListenConfig
	pc, err := lc.ListenPacket(ctx, "udp", addr)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("sip transport: %w", err)
	}
	conn, ok := pc.(*net.UDPConn)
	if !ok {
		return netip.AddrPort{}, errors.Join(errors.New("sip transport: not a UDP socket"), pc.Close())
	}
	// A burst of calls must not be lost in the kernel; it gives what it may.
	_ = conn.SetReadBuffer(4 << 20)
	local := addrPort(conn.LocalAddr())
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return netip.AddrPort{}, errors.Join(ErrClosed, conn.Close())
	}
	l.udp = append(l.udp, conn)
	l.wg.Go(func() { l.readUDP(conn, local) })
	return local, nil
}

func (l *Layer) readUDP(conn *net.UDPConn, local netip.AddrPort) {
	buf := make([]byte, message.MaxSize+1)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			continue // an ICMP error of some earlier datagram
		}
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		if n <= 4 || !l.admit(from) { // ≤ 4: a keep-alive (RFC 5626 section 4.4.1 asks for no answer on UDP)
			continue
		}
		data := make([]byte, n)
		copy(data, buf)
		l.cfg.Receive(&Flow{transport: UDP, local: local, remote: from, udp: conn, done: l.done}, data)
	}
}

// Listen opens a TCP socket, with TLS if secure, and serves it.
func (l *Layer) Listen(ctx context.Context, addr string, secure bool) (netip.AddrPort, error) {
	if secure && l.cfg.TLS == nil {
		return netip.AddrPort{}, errors.New("sip transport: no certificate to listen with TLS")
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("sip transport: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return netip.AddrPort{}, errors.Join(ErrClosed, ln.Close())
	}
	l.listeners = append(l.listeners, ln)
	l.wg.Go(func() { l.accept(ln, secure) })
	return addrPort(ln.Addr()), nil
}

func (l *Layer) accept(ln net.Listener, secure bool) {
	for {
		conn, err := ln.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			l.cfg.Log.Warn("sip accept", slog.Any("error", err))
			select { // out of file descriptors: give others time to close
			case <-time.After(50 * time.Millisecond):
			case <-l.done:
				return
			}
			continue
		}
		if !l.admit(addrPort(conn.RemoteAddr())) {
			_ = conn.Close()
			continue
		}
		kind := TCP
		if secure {
			kind = TLS
			conn = tls.Server(conn, l.cfg.TLS)
		}
		f, ok := l.keep(kind, conn)
		if !ok {
			_ = conn.Close()
			continue
		}
		l.wg.Go(func() { l.serve(f, conn) })
	}
}

// keep counts a connection and makes its flow.
func (l *Layer) keep(kind string, conn net.Conn) (*Flow, bool) {
	return l.keepAddr(kind, addrPort(conn.LocalAddr()), addrPort(conn.RemoteAddr()))
}

func (l *Layer) keepAddr(kind string, local, remote netip.AddrPort) (*Flow, bool) {
	f := &Flow{
		transport: kind, local: local, remote: remote, id: l.nextID.Add(1),
		out: make(chan []byte, 128), done: make(chan struct{}),
	}
	f.heard.Store(time.Now().UnixNano())
	l.mu.Lock()
	defer l.mu.Unlock()
	source := f.remote.Addr()
	if l.closed || len(l.conns) >= l.cfg.MaxConnections || l.perSource[source] >= l.cfg.MaxPerSource {
		return nil, false
	}
	l.conns[f] = struct{}{}
	l.perSource[source]++
	l.wg.Add(1) // until it is forgotten: WebSockets are served by others' goroutines
	return f, true
}

func (l *Layer) forget(f *Flow) {
	f.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.conns[f]; !ok {
		return
	}
	delete(l.conns, f)
	l.wg.Done()
	source := f.remote.Addr()
	if l.perSource[source]--; l.perSource[source] <= 0 {
		delete(l.perSource, source)
	}
}

// Flow returns a way to an address: for UDP from the listening socket of the
// same family, else a connection that is there already or is made now.
// serverName is what a TLS certificate must name.
func (l *Layer) Flow(ctx context.Context, kind string, to netip.AddrPort, serverName string) (*Flow, error) {
	to = netip.AddrPortFrom(to.Addr().Unmap(), to.Port())
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil, ErrClosed
	}
	if kind == UDP {
		defer l.mu.Unlock()
		return l.udpFlow(to)
	}
	for f := range l.conns {
		if f.transport == kind && f.remote == to && f.Alive() {
			l.mu.Unlock()
			return f, nil
		}
	}
	l.mu.Unlock()
	return l.dial(ctx, kind, to, serverName)
}

func (l *Layer) udpFlow(to netip.AddrPort) (*Flow, error) {
	var best *net.UDPConn
	for _, c := range l.udp {
		a := addrPort(c.LocalAddr()).Addr()
		wild := a.IsUnspecified() // [::] speaks both
		if a.Is4() == to.Addr().Is4() || wild && a.Is6() {
			if best == nil || !wild && a.IsLoopback() == to.Addr().IsLoopback() {
				best = c
			}
		}
	}
	if best == nil {
		return nil, errors.New("sip transport: no UDP socket of that family")
	}
	return &Flow{transport: UDP, local: addrPort(best.LocalAddr()), remote: to, udp: best, done: l.done}, nil
}

func (l *Layer) dial(ctx context.Context, kind string, to netip.AddrPort, serverName string) (*Flow, error) {
	if kind != TCP && kind != TLS {
		return nil, fmt.Errorf("sip transport: %s connections are only taken", kind)
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", to.String())
	if err != nil {
		return nil, fmt.Errorf("sip transport: %w", err)
	}
	if kind == TLS {
		cfg := &tls.Config{MinVersion: tls.VersionTLS12}
		if l.cfg.ClientTLS != nil {
			cfg = l.cfg.ClientTLS.Clone()
		}
		if cfg.ServerName == "" {
			cfg.ServerName = serverName
		}
		secure := tls.Client(conn, cfg)
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("sip transport: %w", err), conn.Close())
		}
		conn = secure
	}
	f, ok := l.keep(kind, conn)
	if !ok {
		return nil, errors.Join(errors.New("sip transport: too many connections"), conn.Close())
	}
	l.wg.Go(func() { l.serve(f, conn) })
	return f, nil
}

// Connections returns how many connections there are.
func (l *Layer) Connections() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.conns)
}

// Close closes every socket and waits for their readers.
func (l *Layer) Close() {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		close(l.done)
		for _, c := range l.udp {
			_ = c.Close()
		}
		for _, ln := range l.listeners {
			_ = ln.Close()
		}
		for f := range l.conns {
			f.Close()
		}
	}
	l.mu.Unlock()
	l.wg.Wait()
}

func addrPort(a net.Addr) netip.AddrPort {
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(ap.Addr().Unmap().WithZone(""), ap.Port())
}
