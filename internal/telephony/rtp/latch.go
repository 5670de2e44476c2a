package rtp

import (
	"net/netip"
	"slices"
	"time"
)

// relatchAfter is how long the locked source must be silent before plain RTP
// from another port of a trusted address may take its place.
const relatchAfter = 3 * time.Second

// roamNeeded is how many packets in a row an unknown address must send, all
// of one stream, before a peer that is allowed to roam is believed to be there.
const roamNeeded = 5

// latch decides whose packets a leg listens to, and so where its own go.
// Anyone who can guess a port can send to it; only what comes from an address
// that the signalling vouches for, or what SRTP has authenticated, counts.
type latch struct {
	signalled netip.AddrPort
	trusted   []netip.Addr
	roam      bool

	locked netip.AddrPort
	seen   time.Time // last packet from locked

	stranger netip.AddrPort // of the roaming candidate
	ssrc     uint32
	next     uint16
	count    int
}

// configure takes what signalling says; a new address frees the lock.
func (l *latch) configure(signalled netip.AddrPort, trusted []netip.Addr, roam bool) {
	if signalled != l.signalled {
		l.locked, l.count = netip.AddrPort{}, 0
	}
	l.signalled, l.trusted, l.roam = signalled, trusted, roam
}

// remote is where packets to the peer go.
func (l *latch) remote() netip.AddrPort {
	if l.locked.IsValid() {
		return l.locked
	}
	return l.signalled
}

// vouched reports whether signalling named the address.
func (l *latch) vouched(a netip.Addr) bool {
	return a == l.signalled.Addr() || slices.Contains(l.trusted, a)
}

// may reports whether a packet from an address may count, before anything
// else is known about it. It changes nothing.
func (l *latch) may(from netip.AddrPort, now time.Time) bool {
	if from == l.locked {
		return true
	}
	if l.locked.IsValid() && now.Sub(l.seen) < relatchAfter {
		return false
	}
	return l.vouched(from.Addr()) || l.roam && !l.locked.IsValid()
}

// lock moves to the source of a packet that counts: one that SRTP has
// authenticated, or one that may and that nothing else spoke against. It
// reports whether it moved.
func (l *latch) lock(from netip.AddrPort, now time.Time) (moved bool) {
	moved = from != l.locked
	l.locked, l.seen, l.count = from, now, 0
	return moved
}

// settled counts packets in a row from one unknown source.
func (l *latch) settled(from netip.AddrPort, h Header) bool {
	if from != l.stranger || h.SSRC != l.ssrc || h.Sequence != l.next {
		l.stranger, l.ssrc, l.count = from, h.SSRC, 0
	}
	l.next = h.Sequence + 1
	l.count++
	return l.count >= roamNeeded
}
