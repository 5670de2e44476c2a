// Package transport carries SIP messages over UDP, TCP, TLS and WebSocket
// (RFC 3261 section 18, RFC 7118). What it knows of a peer is a [Flow]: the
// way bytes reached us and the only way that is sure to lead back (RFC 5626).
package transport

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// The transports, as written in Via.
const (
	UDP = "UDP"
	TCP = "TCP"
	TLS = "TLS"
	WS  = "WS"
	WSS = "WSS"
)

// ErrClosed is returned for a flow whose connection is gone.
var ErrClosed = errors.New("sip transport: flow is closed") //nolint:gochecknoglobals // a sentinel

// Flow is one way to one peer: for UDP a pair of addresses on a listening
// socket, else a connection.
type Flow struct {
	transport     string
	local, remote netip.AddrPort
	id            uint64 // of a connection; 0 for UDP

	udp *net.UDPConn // UDP only

	out       chan []byte // connections only
	done      chan struct{}
	closeOnce sync.Once
	heard     atomic.Int64 // unix nanoseconds of the last bytes
}

// Transport returns UDP, TCP, TLS, WS or WSS.
func (f *Flow) Transport() string { return f.transport }

// Local returns our end's address.
func (f *Flow) Local() netip.AddrPort { return f.local }

// Remote returns the peer's address as seen from here.
func (f *Flow) Remote() netip.AddrPort { return f.remote }

// Reliable reports whether the transport repeats lost messages by itself.
func (f *Flow) Reliable() bool { return f.transport != UDP }

// Secure reports whether nobody between can read.
func (f *Flow) Secure() bool { return f.transport == TLS || f.transport == WSS }

// Same reports whether two flows lead the same way.
func (f *Flow) Same(g *Flow) bool {
	return f == g || f != nil && g != nil && f.transport == g.transport && f.id == g.id && f.local == g.local && f.remote == g.remote
}

// Alive reports whether the flow can still carry something, as far as known.
func (f *Flow) Alive() bool {
	select {
	case <-f.done:
		return false
	default:
		return true
	}
}

// Done is closed when a connection is lost or the layer is closed.
func (f *Flow) Done() <-chan struct{} { return f.done }

// Heard returns when bytes last came in on a connection.
func (f *Flow) Heard() time.Time { return time.Unix(0, f.heard.Load()) }

// Send hands a message to the socket. On a connection it is queued; a peer
// that does not read loses the connection.
func (f *Flow) Send(data []byte) error {
	if f.udp != nil {
		if !f.Alive() {
			return ErrClosed
		}
		_, err := f.udp.WriteToUDPAddrPort(data, f.remote)
		return err
	}
	select {
	case <-f.done:
		return ErrClosed
	default:
	}
	select {
	case f.out <- data:
		return nil
	default:
		f.Close()
		return ErrClosed
	}
}

// To returns a flow from the same UDP socket to another address, for answers
// to a Via without rport; other transports have but one peer.
func (f *Flow) To(remote netip.AddrPort) *Flow {
	if f.udp == nil || remote == f.remote {
		return f
	}
	return &Flow{transport: UDP, local: f.local, remote: remote, udp: f.udp, done: f.done}
}

// Close ends a connection; on UDP it does nothing, the socket is shared.
func (f *Flow) Close() {
	if f.udp == nil {
		f.closeOnce.Do(func() { close(f.done) })
	}
}
