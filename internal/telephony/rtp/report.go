package rtp

import (
	"math/rand/v2"
	"net/netip"
	"time"
)

const (
	// reportEvery is RFC 3550's least interval between reports; each is
	// varied by half so that many legs do not report at once.
	reportEvery = 5 * time.Second
	// keepAlive is how long nothing may go out before an empty datagram keeps
	// the way through address translators open (RFC 6263, 4.1).
	keepAlive = 15 * time.Second
	// remoteFor is how long the peer's last report describes the present.
	remoteFor = 15 * time.Second
	// maxRTT is the longest round trip that is believed.
	maxRTT = 10 * time.Second
)

// second does what is due once a second.
func (s *Stream) second(now time.Time) {
	if s.closed.Load() {
		return
	}
	for _, e := range s.sample(now) {
		s.notify(e)
	}
	s.out.Lock()
	due := !now.Before(s.out.nextReport)
	if due {
		vary := time.Duration(rand.Int64N(int64(reportEvery))) - reportEvery/2 //nolint:gosec // spreads load
		s.out.nextReport = now.Add(reportEvery + vary)
	}
	quiet := s.transport == nil && now.Sub(s.out.touched) >= keepAlive && s.out.remote.IsValid()
	if quiet {
		s.out.touched = now
		if err := s.write(nil); err != nil {
			s.unsent.Add(1)
		}
	}
	s.out.Unlock()
	if due {
		s.report(now, false)
	}
}

// sample measures the second that ends now.
func (s *Stream) sample(now time.Time) (events []Event) {
	in := &s.in
	in.Lock()
	defer in.Unlock()
	total := in.receiver.total()
	x := Sample{
		At: now, RTT: in.rtt, Jitter: in.receiver.jitterTime(),
		Received: total.received - in.sampled.received, Lost: total.lost - min(in.sampled.lost, total.lost),
	}
	in.sampled = total
	loss := 0.0
	if n := x.Received + x.Lost; n > 0 {
		loss = float64(x.Lost) / float64(n)
	}
	switch {
	case x.Received > 0 && in.format != nil:
		x.MOS = MOS(in.format, loss, delayOf(x.RTT, x.Jitter))
	case in.receive && in.format != nil && !in.format.Is(Opus) && now.Sub(in.since) < remoteFor:
		// A codec that sends always has sent nothing: the way is interrupted.
		x.MOS = 1
	}
	if !in.remoteAt.IsZero() && now.Sub(in.remoteAt) < remoteFor {
		x.RemoteLoss = float64(in.remote.Fraction) / 256
		if clock := in.receiver.clock; clock > 0 {
			x.RemoteJitter = time.Duration(in.remote.Jitter) * time.Second / time.Duration(clock)
		}
		x.RemoteMOS = MOS(in.format, x.RemoteLoss, delayOf(x.RTT, x.RemoteJitter))
	}
	in.summary.add(x)
	events = append(events, Event{Kind: SampleTaken, At: now, Sample: x})
	if in.receive && in.timeout > 0 && !in.silent && now.Sub(in.since) >= in.timeout {
		in.silent = true
		events = append(events, Event{Kind: PeerSilent, At: now})
	}
	return events
}

// report sends what we know of both directions.
func (s *Stream) report(now time.Time, bye bool) {
	c := Control{SSRC: s.out.ssrc, NTP: ntpTime(now), Bye: bye}
	s.in.Lock()
	if s.in.receiver.received > 0 {
		r := s.in.receiver.report()
		if !s.in.lastSRAt.IsZero() {
			r.LastReport = s.in.lastSR
			r.SinceReport = uint32(now.Sub(s.in.lastSRAt) << 16 / time.Second) //nolint:gosec // minutes at most
		}
		c.Blocks[0], c.Count = r, 1
	}
	to := s.in.controlFrom
	s.in.Unlock()

	o := &s.out
	o.Lock()
	defer o.Unlock()
	if c.Sender = o.packets != o.cameAt; c.Sender {
		c.Packets, c.Octets = o.packets, o.octets
		c.RTP = o.stamp + uint32(int64(max(now.Sub(o.stampAt), 0))*int64(o.clock)/int64(time.Second)) //nolint:gosec // wraps by design
		o.cameAt = o.packets
	}
	if o.packets == 0 && c.Count == 0 {
		return // nothing has happened yet
	}
	b := c.Append(o.buf[:0], s.name)
	if err := s.writeControl(b, to); err != nil {
		s.unsent.Add(1)
	}
}

// writeControl sends RTCP to where the peer's comes from, to where it said,
// or to the port next to its sound. The output is locked.
func (s *Stream) writeControl(b []byte, from netip.AddrPort) error {
	if s.transport != nil {
		return s.transport.WriteRTCP(b)
	}
	o := &s.out
	if !o.remote.IsValid() || o.remote.Port() == 0 || o.remote.Addr().IsUnspecified() {
		return errNowhere
	}
	if o.crypto != nil {
		var err error
		if b, err = o.crypto.EncryptRTCP(o.cipher[:0], b, nil); err != nil {
			return err
		}
	}
	if o.mux {
		return s.media.send(b, o.remote)
	}
	to := from
	switch {
	case to.IsValid() && to.Addr() == o.remote.Addr():
	case o.control.IsValid() && o.control.Addr() == o.remote.Addr():
		to = o.control
	default:
		to = netip.AddrPortFrom(o.remote.Addr(), o.remote.Port()+1)
	}
	return s.control.send(b, to)
}

// DeliverControl takes an RTCP packet from the transport's owner.
func (s *Stream) DeliverControl(b []byte, arrival time.Time) {
	s.controlDatagram(b, netip.AddrPort{}, arrival)
}

// controlDatagram takes RTCP. What cannot be believed is dropped; nothing the
// peer says by RTCP ends a call.
func (s *Stream) controlDatagram(b []byte, from netip.AddrPort, arrival time.Time) {
	if !isMedia(b) || s.closed.Load() || !s.believe(b, from, arrival) {
		s.rejected.Add(1)
	}
}

func (s *Stream) believe(b []byte, from netip.AddrPort, arrival time.Time) bool {
	in := &s.in
	in.Lock()
	ours := from.IsValid()
	if ours && in.crypto != nil {
		plain, err := in.crypto.DecryptRTCP(in.plain[:0], b, nil)
		if err != nil {
			in.Unlock()
			return false
		}
		b = plain
	} else if ours && from.Addr() != in.latch.remote().Addr() {
		in.Unlock()
		return false
	}
	c, err := ParseControl(b)
	if err != nil || ours && in.receiver.started && c.SSRC != in.receiver.ssrc {
		in.Unlock()
		return false
	}
	if ours {
		in.controlFrom = from
	}
	if c.Sender {
		in.lastSR, in.lastSRAt = ntpMiddle(c.NTP), arrival
	}
	for _, r := range c.Blocks[:c.Count] {
		if r.SSRC != s.out.ssrc {
			continue
		}
		in.remote, in.remoteAt = r, arrival
		if r.LastReport != 0 {
			rtt := fromNTPUnits(ntpMiddle(ntpTime(arrival)) - r.LastReport - r.SinceReport)
			if rtt < maxRTT {
				in.rtt = rtt
			}
		}
	}
	left := c.Bye && !in.bye
	in.bye = in.bye || c.Bye
	in.Unlock()
	if left {
		s.notify(Event{Kind: PeerLeft, At: arrival})
	}
	return true
}
