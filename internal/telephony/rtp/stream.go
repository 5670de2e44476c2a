package rtp

import (
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	pion "github.com/pion/rtp"
	"github.com/pion/srtp/v3"
)

// Sink takes what a leg's peer says. It is called by the goroutine that reads
// the socket, one packet at a time per stream, and must not block.
type Sink interface {
	ReceiveRTP(p *Packet)
}

// Tap sees every packet that the sink gets, before it; the recording is one.
// The bytes are valid during the call only.
type Tap interface {
	CaptureRTP(arrival time.Time, raw []byte)
}

// Transport carries a stream's packets where it is not a UDP port of ours.
// Writing must not block.
type Transport interface {
	WriteRTP(b []byte) error
	WriteRTCP(b []byte) error
}

// StreamConfig is what a new stream needs.
type StreamConfig struct {
	// Leg names the leg in logs.
	Leg string
	// Notify is told what happens. It is called by the engine's goroutines
	// without locks held and must not block. May be nil.
	Notify func(Event)
}

// EventKind says what happened to a stream.
type EventKind int

// What happens to a stream.
const (
	SampleTaken EventKind = iota // a second has passed; Sample is set
	PeerFound                    // packets come from Remote now
	PeerSilent                   // nothing has come for Media.Timeout
	PeerHeard                    // something came again
	PeerLeft                     // the peer has said goodbye by RTCP
)

// Event is something that happened to a stream.
type Event struct {
	Kind   EventKind
	At     time.Time
	Remote netip.AddrPort
	Sample Sample
}

// Stream is one leg's sound. Its methods may be called from any goroutine.
type Stream struct {
	engine    *Engine
	cfg       StreamConfig
	name      string
	slot      int
	port      uint16
	media     *socket
	control   *socket
	transport Transport

	sink atomic.Pointer[Sink]
	tap  atomic.Pointer[Tap]

	rejected atomic.Uint64
	unsent   atomic.Uint64
	closed   atomic.Bool

	in  input
	out output
}

// input is what the reading side knows.
type input struct {
	sync.Mutex

	latch    latch
	receiver receiver
	formats  [128]*Format
	receive  bool
	timeout  time.Duration
	crypto   *srtp.Context
	key      Key
	header   pion.Header
	plain    [MaxPacket]byte
	packet   Packet
	format   *Format // of the last sound
	since    time.Time
	silent   bool

	controlFrom netip.AddrPort
	lastSR      uint32
	lastSRAt    time.Time
	rtt         time.Duration
	remote      Reception
	remoteAt    time.Time
	bye         bool

	sampled counts
	summary summary
}

func newStream(e *Engine, cfg StreamConfig) *Stream {
	s := &Stream{engine: e, cfg: cfg, name: newName()}
	s.in.since = e.cfg.Now()
	s.out.begin()
	s.out.nextReport = s.in.since.Add(reportEvery / 2)
	return s
}

func (s *Stream) listen(p *poller, port uint16) (err error) {
	bind := s.engine.cfg.Bind
	if s.media, err = openSocket(p, netip.AddrPortFrom(bind, port), s.datagram); err != nil {
		return err
	}
	if s.control, err = openSocket(p, netip.AddrPortFrom(bind, port+1), s.controlDatagram); err != nil {
		return errors.Join(err, s.media.close())
	}
	s.port = port
	return nil
}

// Port is the local port for RTP; RTCP's is the next. It is 0 on a transport
// that is not ours.
func (s *Stream) Port() int { return int(s.port) }

// SSRC identifies what we send.
func (s *Stream) SSRC() uint32 { return s.out.ssrc }

// SetSink directs what the peer says; nil drops it. One packet may still
// reach the former sink while this returns.
func (s *Stream) SetSink(sink Sink) {
	if sink == nil {
		s.sink.Store(nil)
		return
	}
	s.sink.Store(&sink)
}

// SetTap lets the recording see every packet; nil ends that.
func (s *Stream) SetTap(tap Tap) {
	if tap == nil {
		s.tap.Store(nil)
		return
	}
	s.tap.Store(&tap)
}

// datagram takes what came to the RTP port.
func (s *Stream) datagram(b []byte, from netip.AddrPort, arrival time.Time) {
	switch {
	case !isMedia(b):
		s.rejected.Add(1)
	case isRTCP(b):
		s.controlDatagram(b, from, arrival)
	default:
		s.accept(b, from, arrival)
	}
}

// Deliver takes an RTP packet from the transport's owner, who has
// authenticated it. It must be called by one goroutine at a time.
func (s *Stream) Deliver(b []byte, arrival time.Time) { s.accept(b, netip.AddrPort{}, arrival) }

// accept lets a packet through to the tap and the sink if it counts.
func (s *Stream) accept(b []byte, from netip.AddrPort, arrival time.Time) {
	s.in.Lock()
	p, events := s.admit(b, from, arrival)
	s.in.Unlock()
	if p == nil {
		s.rejected.Add(1)
		return
	}
	if events != 0 {
		s.arrived(events, from, arrival)
	}
	if tap := s.tap.Load(); tap != nil {
		(*tap).CaptureRTP(arrival, p.Raw)
	}
	if sink := s.sink.Load(); sink != nil {
		(*sink).ReceiveRTP(p)
	}
}

// What admit found beside a packet.
const (
	moved = 1 << iota
	woke
)

func (s *Stream) admit(b []byte, from netip.AddrPort, arrival time.Time) (*Packet, int) {
	in := &s.in
	ours := from.IsValid()
	if s.closed.Load() || !in.receive || ours && in.crypto == nil && !in.latch.may(from, arrival) {
		return nil, 0
	}
	p, err := Parse(b)
	if err != nil || in.formats[p.PayloadType] == nil {
		return nil, 0
	}
	if ours && in.crypto != nil {
		plain, err := in.crypto.DecryptRTP(in.plain[:0], b, &in.header)
		if err != nil {
			return nil, 0
		}
		if p, err = Parse(plain); err != nil {
			return nil, 0
		}
	}
	verified := !ours || in.crypto != nil
	if ours && !verified && from != in.latch.locked && !in.latch.vouched(from.Addr()) && !in.latch.settled(from, p.Header) {
		return nil, 0
	}
	index, ok := in.receiver.admit(p.Header, arrival, verified)
	if !ok {
		return nil, 0
	}
	events := 0
	if ours && in.latch.lock(from, arrival) {
		events = moved
	}
	if in.silent {
		in.silent = false
		events |= woke
	}
	p.Index, p.Arrival, p.Format = index, arrival, in.formats[p.PayloadType]
	in.receiver.octets += uint64(len(p.Payload))
	in.since = arrival
	if p.Format.isSound() {
		in.format = p.Format
		in.receiver.measure(p.Header, p.Format.ClockRate, arrival)
	}
	in.packet = p
	return &in.packet, events
}

// arrived tells about a packet that was more than the next one.
func (s *Stream) arrived(events int, from netip.AddrPort, arrival time.Time) {
	if events&moved != 0 {
		s.out.Lock()
		s.out.remote = from
		s.out.Unlock()
		s.engine.cfg.Log.Debug("media found", slog.String("leg_id", s.cfg.Leg), slog.String("remote", from.String()))
		s.notify(Event{Kind: PeerFound, At: arrival, Remote: from})
	}
	if events&woke != 0 {
		s.notify(Event{Kind: PeerHeard, At: arrival})
	}
}

func (s *Stream) notify(e Event) {
	if s.cfg.Notify != nil {
		s.cfg.Notify(e)
	}
}

// Stats returns the counters of now.
func (s *Stream) Stats() Stats {
	s.in.Lock()
	c := s.in.receiver.total()
	st := Stats{
		Received: c.received, Lost: c.lost, Jitter: s.in.receiver.jitterTime(), RTT: s.in.rtt,
		LastReceived: s.in.receiver.last,
	}
	s.in.Unlock()
	s.out.Lock()
	st.Sent, st.Remote = s.out.packets, s.out.remote
	s.out.Unlock()
	st.Rejected, st.Unsent = s.rejected.Load(), s.unsent.Load()
	return st
}

// Quality sums up the seconds so far.
func (s *Stream) Quality() Quality {
	s.in.Lock()
	defer s.in.Unlock()
	return s.in.summary.quality(s.in.receiver.total())
}

// Close says goodbye to the peer, frees the ports and returns the leg's
// quality. Nothing reaches the sink once it has returned but a packet that
// was being handled.
func (s *Stream) Close() Quality {
	if s.closed.Swap(true) {
		return s.Quality()
	}
	s.engine.remove(s)
	s.report(s.engine.cfg.Now(), true)
	s.SetSink(nil)
	s.SetTap(nil)
	if s.media != nil {
		if err := errors.Join(s.media.close(), s.control.close()); err != nil {
			s.engine.cfg.Log.Warn("media ports did not close", slog.String("leg_id", s.cfg.Leg), slog.Any("error", err))
		}
		s.engine.ports.Free(s.port)
	}
	return s.Quality()
}

func randomSSRC() uint32 { return rand.Uint32() } //nolint:gosec // tells streams apart, protects nothing
