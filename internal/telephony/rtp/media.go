package rtp

import (
	"net/netip"
	"time"

	"github.com/pion/srtp/v3"
)

// Media is what both sides have agreed on.
type Media struct {
	// Remote is where the peer wants packets; from SDP.
	Remote netip.AddrPort
	// RemoteControl is where it wants RTCP; the next port if not set.
	RemoteControl netip.AddrPort
	// Mux puts RTCP on the same port (RFC 5761).
	Mux bool
	// Trusted are further addresses that sound may come from, such as the one
	// the signalling came from.
	Trusted []netip.Addr
	// Roam listens to whoever sends first if nobody trusted does: for phones
	// behind networks with several addresses. It invites strangers.
	Roam bool
	// Formats are the payload types that the peer may send.
	Formats []Format
	// SendFormats are the payload types the peer knows; Formats if nil.
	SendFormats []Format
	// Crypto protects both directions; nil is plain RTP.
	Crypto *Crypto
	// Send and Receive are the directions agreed on (RFC 3264, 6.1).
	Send, Receive bool
	// Timeout is how long a peer that should send may be silent; 0: for ever.
	Timeout time.Duration
}

// Stats are a stream's counters.
type Stats struct {
	Received, Lost uint32 // packets of the peer
	Sent           uint32
	Rejected       uint64 // datagrams that did not count: strangers', malformed, unknown, repeated
	Unsent         uint64 // packets the network did not take
	Jitter         time.Duration
	RTT            time.Duration
	Remote         netip.AddrPort // where packets go
	LastReceived   time.Time
}

// Configure applies what has been agreed on, at first or anew. What did not
// change goes on undisturbed: the lock on the peer, the keys, the numbers.
func (s *Stream) Configure(m Media) error {
	var receive, send *srtp.Context
	var err error
	if m.Crypto != nil {
		if receive, err = m.Crypto.Remote.context(); err != nil {
			return err
		}
		if send, err = m.Crypto.Local.context(); err != nil {
			return err
		}
	}
	s.in.Lock()
	s.in.latch.configure(m.Remote, m.Trusted, m.Roam)
	s.in.formats = byType(m.Formats)
	s.in.receive, s.in.timeout, s.in.since = m.Receive, m.Timeout, s.engine.cfg.Now()
	switch {
	case m.Crypto == nil:
		s.in.crypto, s.in.key = nil, Key{}
	case s.in.crypto == nil || !s.in.key.equal(m.Crypto.Remote):
		s.in.crypto, s.in.key = receive, m.Crypto.Remote
	}
	remote := s.in.latch.remote()
	s.in.Unlock()

	formats := m.SendFormats
	if formats == nil {
		formats = m.Formats
	}
	s.out.Lock()
	defer s.out.Unlock()
	s.out.remote, s.out.mux, s.out.on = remote, m.Mux, m.Send
	s.out.control = m.RemoteControl
	s.out.formats = byType(formats)
	switch {
	case m.Crypto == nil:
		s.out.crypto, s.out.key = nil, Key{}
	case s.out.crypto == nil || !s.out.key.equal(m.Crypto.Local):
		s.out.crypto, s.out.key = send, m.Crypto.Local
	}
	return nil
}

func byType(formats []Format) (t [128]*Format) {
	for _, f := range formats {
		t[f.Type&0x7f] = &f
	}
	return t
}
