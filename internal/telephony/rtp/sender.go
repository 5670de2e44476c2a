package rtp

import (
	"net/netip"
	"slices"
	"sync"
	"time"

	pion "github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"github.com/okno-hq/okno/internal/fault"
)

// frame is how long a packet is taken to last until its successor shows it.
const frame = 20 * time.Millisecond

// restartAfter is the jump in a forwarded peer's sequence numbers that is
// taken as a new beginning and not passed on.
const restartAfter = 1000

// output is what the sending side knows: one unbroken stream, whoever feeds it.
type output struct {
	sync.Mutex

	on      bool
	remote  netip.AddrPort
	mux     bool
	control netip.AddrPort
	formats [128]*Format

	ssrc    uint32
	seq     uint16    // highest sent
	stamp   uint32    // of the newest packet
	last    uint32    // how many ticks the newest packet lasts
	clock   int       // of the newest packet
	stampAt time.Time // the moment that stamp stands for
	packets uint32
	octets  uint32
	cameAt  uint32 // packets at the last report

	sources []*Source // the last is current

	crypto *srtp.Context
	key    Key
	header pion.Header
	buf    [MaxPacket]byte
	cipher [MaxPacket + 64]byte

	nextReport time.Time
	touched    time.Time // when anything was last sent, keep-alives included
}

func (o *output) begin() {
	o.ssrc = randomSSRC()
	o.seq = uint16(randomSSRC()) //nolint:gosec // any number
	o.stamp = randomSSRC()
}

// Source feeds a stream. Of several only the one that took it last is heard;
// the others' packets are dropped. The peer hears one continuous stream.
type Source struct {
	stream *Stream
	joined bool

	// For forwarded packets: what to add to the peer's numbers.
	ssrc       uint32
	addSeq     uint16
	addStamp   uint32
	first      uint16 // sequence number it joined with
	newest     uint16
	skipped    uint32 // ticks of silence before the next packet
	eventTime  uint32
	afterwards bool // an event has ended
}

// NewSource returns a source that is not heard before it takes the stream.
func (s *Stream) NewSource() *Source { return &Source{stream: s} }

// Take makes the source the one that is heard.
func (src *Source) Take() {
	o := &src.stream.out
	o.Lock()
	defer o.Unlock()
	o.drop(src)
	o.sources = append(o.sources, src)
	src.joined = false
}

// Release gives the stream back to the source that had it before.
func (src *Source) Release() {
	o := &src.stream.out
	o.Lock()
	defer o.Unlock()
	o.drop(src)
	if n := len(o.sources); n > 0 {
		o.sources[n-1].joined = false
	}
}

func (o *output) drop(src *Source) {
	o.sources = slices.DeleteFunc(o.sources, func(x *Source) bool { return x == src })
}

// ready reports whether packets of this source and type go out. Locks held.
func (o *output) ready(src *Source, payloadType uint8, payload int) bool {
	n := len(o.sources)
	return o.on && n > 0 && o.sources[n-1] == src && o.formats[payloadType&0x7f] != nil && payload <= MaxPacket-headerSize-32
}

// Formats are the payload types the peer knows, as agreed last.
func (s *Stream) Formats() []Format {
	s.out.Lock()
	defer s.out.Unlock()
	var f []Format
	for _, x := range s.out.formats {
		if x != nil {
			f = append(f, *x)
		}
	}
	return f
}

// Forward sends another leg's packet as this leg's own, under the payload
// type that this peer knows the format by. Gaps and the order of arrival stay
// as they are, so that the peer can conceal and reorder.
func (src *Source) Forward(p *Packet, payloadType uint8) {
	s := src.stream
	o := &s.out
	o.Lock()
	defer o.Unlock()
	if !o.ready(src, payloadType, len(p.Payload)) {
		return
	}
	clock := o.formats[payloadType&0x7f].ClockRate
	marker := p.Marker
	ahead := p.Sequence - src.newest
	anchored := false
	if !src.joined || src.ssrc != p.SSRC || ahead > restartAfter && ahead < 0x10000-restartAfter {
		src.joined, src.ssrc = true, p.SSRC
		src.first, src.newest = p.Sequence, p.Sequence
		src.addSeq = o.seq + 1 - p.Sequence
		src.addStamp = o.following(clock, p.Arrival) - p.Timestamp
		marker, anchored = true, true
	}
	seq, stamp := p.Sequence+src.addSeq, p.Timestamp+src.addStamp
	if newer := int16(p.Sequence - src.newest); newer >= 0 { //nolint:gosec // a signed distance
		src.newest = p.Sequence
		// What lies between two packets in a row is how long they last, unless
		// it is longer than packets of sound are: then there was silence.
		if d := stamp - o.stamp; anchored {
			o.last = 0
		} else if newer == 1 && d <= uint32(clock)/8 { //nolint:gosec // a rate
			o.last = d
		}
		o.seq, o.stamp, o.clock, o.stampAt = seq, stamp, clock, p.Arrival
	} else if int16(p.Sequence-src.first) < 0 { //nolint:gosec // a signed distance
		return // from before this source was heard; the number is another's
	}
	s.emit(Header{payloadType, marker, seq, stamp, o.ssrc}, p.Payload, p.Arrival)
}

// Send sends sound made here that lasts so many ticks of the format's clock.
func (src *Source) Send(payloadType uint8, payload []byte, ticks uint32) {
	s := src.stream
	o := &s.out
	o.Lock()
	defer o.Unlock()
	if !o.ready(src, payloadType, len(payload)) {
		return
	}
	now := s.engine.cfg.Now()
	clock := o.formats[payloadType&0x7f].ClockRate
	marker := !src.joined || src.skipped > 0
	if !src.joined || src.afterwards {
		o.stamp = o.following(clock, now)
	} else {
		o.stamp += o.last + src.skipped
	}
	src.joined, src.afterwards, src.skipped = true, false, 0
	o.seq++
	o.last, o.clock, o.stampAt = ticks, clock, now
	s.emit(Header{payloadType, marker, o.seq, o.stamp, o.ssrc}, payload, now)
}

// Skip lets time pass without sound, as silence that need not be sent.
func (src *Source) Skip(ticks uint32) {
	src.stream.out.Lock()
	defer src.stream.out.Unlock()
	src.skipped += ticks
}

// SendEvent sends a packet of an event (RFC 4733), the first one with begin
// set; all of an event carry the time of its beginning. The event's end
// carries in ticks how long it was, others 0.
func (src *Source) SendEvent(payloadType uint8, payload []byte, begin bool, ticks uint32) {
	s := src.stream
	o := &s.out
	o.Lock()
	defer o.Unlock()
	if !o.ready(src, payloadType, len(payload)) {
		return
	}
	now := s.engine.cfg.Now()
	clock := o.formats[payloadType&0x7f].ClockRate
	if begin || !src.joined {
		src.eventTime = o.following(clock, now)
		src.joined = true
		o.stamp, o.clock, o.stampAt = src.eventTime, clock, now
	}
	src.afterwards = ticks > 0
	o.seq++
	o.last = ticks
	s.emit(Header{payloadType, begin, o.seq, src.eventTime, o.ssrc}, payload, now)
}

// following returns the timestamp with which a new source goes on: as much
// later as time has passed, and never within what was sent.
func (o *output) following(clock int, now time.Time) uint32 {
	if o.packets == 0 {
		return o.stamp
	}
	if o.clock != clock || o.last == 0 {
		o.last = uint32(int64(clock) * int64(frame) / int64(time.Second)) //nolint:gosec // small
	}
	passed := max(now.Sub(o.stampAt), 0)
	return o.stamp + max(o.last, uint32(int64(passed)*int64(clock)/int64(time.Second))) //nolint:gosec // wraps by design
}

// emit writes a packet. The output is locked.
func (s *Stream) emit(h Header, payload []byte, now time.Time) {
	o := &s.out
	b := append(h.Append(o.buf[:0]), payload...)
	o.packets++
	o.octets += uint32(len(payload)) //nolint:gosec // counts modulo 2^32
	if s.transport == nil && o.crypto != nil {
		var err error
		if b, err = o.crypto.EncryptRTP(o.cipher[:0], b, &o.header); err != nil {
			s.unsent.Add(1)
			return
		}
	}
	o.touched = now
	if err := s.write(b); err != nil {
		s.unsent.Add(1)
	}
}

func (s *Stream) write(b []byte) error {
	if s.transport != nil {
		return s.transport.WriteRTP(b)
	}
	if !s.out.remote.IsValid() || s.out.remote.Port() == 0 || s.out.remote.Addr().IsUnspecified() {
		return errNowhere
	}
	return s.media.send(b, s.out.remote)
}

// errNowhere says that the peer's address is not known.
var errNowhere = fault.New(fault.Unavailable, "rtp.no_remote") //nolint:gochecknoglobals // a sentinel
