package sip

import (
	"net"
	"net/netip"
	"strings"
	"sync"

	"github.com/okno-hq/okno/internal/telephony/sip/message"
	"github.com/okno-hq/okno/internal/telephony/sip/transport"
)

// reach knows by which address a peer reaches us.
type reach struct {
	public netip.Addr

	mu    sync.Mutex
	ports map[string]netip.AddrPort
	seen  map[netip.Addr]netip.Addr // peer → our address on the way there
}

func newReach(public netip.Addr) *reach {
	return &reach{public: public, ports: map[string]netip.AddrPort{}, seen: map[netip.Addr]netip.Addr{}}
}

func (r *reach) listening(kind string, local netip.AddrPort) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ports[kind] = local
}

func (r *reach) port(kind string) netip.AddrPort {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ports[kind]
}

// Outside reports whether a peer is beyond NAT, where our public address is
// the one to name.
func outside(ip netip.Addr) bool {
	return ip.IsValid() && !ip.IsPrivate() && !ip.IsLoopback() && !ip.IsLinkLocalUnicast() && !ip.IsUnspecified()
}

// toward returns our address as a peer can reach it.
func (r *reach) toward(peer, local netip.Addr) netip.Addr {
	peer = peer.Unmap()
	if r.public.IsValid() && outside(peer) {
		return r.public
	}
	if local.IsValid() && !local.IsUnspecified() {
		return local
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if a, ok := r.seen[peer]; ok {
		return a
	}
	// Connecting a UDP socket sends nothing; it asks the routing table.
	c, err := net.Dial("udp", netip.AddrPortFrom(peer, 9).String()) //nolint:noctx // does not wait
	if err != nil {
		return local
	}
	defer func() { _ = c.Close() }()
	ap, err := netip.ParseAddrPort(c.LocalAddr().String())
	if err != nil {
		return local
	}
	if len(r.seen) > 4096 {
		clear(r.seen)
	}
	r.seen[peer] = ap.Addr().Unmap()
	return r.seen[peer]
}

// address returns host and port to name on a flow.
func (r *reach) address(f *transport.Flow) netip.AddrPort {
	ip := r.toward(f.Remote().Addr(), f.Local().Addr())
	port := r.port(f.Transport()).Port()
	if port == 0 {
		port = f.Local().Port()
	}
	return netip.AddrPortFrom(ip, port)
}

// contact is our Contact on a flow.
func (r *reach) contact(f *transport.Flow) message.URI {
	u := message.URI{Scheme: "sip", User: "okno"}
	if t := f.Transport(); t != transport.UDP {
		u.Params = message.Params{{Name: "transport", Value: strings.ToLower(t)}}
		if t == transport.WSS { // RFC 7118 knows but ws
			u.Params[0].Value = "ws"
		}
	}
	a := r.address(f)
	if !a.Addr().IsValid() || a.Port() == 0 {
		u.Host = "okno.invalid" // only this flow leads here
		return u
	}
	u.Host, u.Port = a.Addr().String(), int(a.Port())
	if a.Addr().Is6() {
		u.Host = "[" + u.Host + "]"
	}
	return u
}

// sentBy is what our Via names us on a flow.
func (r *reach) sentBy(f *transport.Flow) string {
	a := r.address(f)
	if !a.Addr().IsValid() || a.Port() == 0 {
		return "okno.invalid"
	}
	return a.String()
}
