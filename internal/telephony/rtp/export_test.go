package rtp

import (
	"net/netip"
	"time"
)

// Second does a stream's once-a-second work at a time of the test's choice.
func (s *Stream) Second(now time.Time) { s.second(now) }

// Datagram gives a stream bytes as if they had come to its port.
func (s *Stream) Datagram(b []byte, from netip.AddrPort, at time.Time) { s.datagram(b, from, at) }

// Receiver is the validation of one peer's packets.
type Receiver = receiver

// Admit exposes admit.
func (r *receiver) Admit(h Header, at time.Time, verified bool) (uint32, bool) {
	return r.admit(h, at, verified)
}

// Totals exposes the counters.
func (r *receiver) Totals() (received, lost uint32) {
	c := r.total()
	return c.received, c.lost
}
