package media

import (
	"encoding/binary"
	"sync"
	"sync/atomic"
	"time"

	"github.com/okno-hq/okno/internal/telephony/rtp"
)

// digits are the events of RFC 4733, 3.2 in their order.
const digits = "0123456789*#ABCD"

// event is the payload of a telephone event (RFC 4733, 2.3).
type event struct {
	code     uint8
	end      bool
	volume   uint8  // -dBm0, 0..63
	duration uint16 // ticks
}

func parseEvent(b []byte) (event, bool) {
	if len(b) < 4 {
		return event{}, false
	}
	return event{b[0], b[1]&0x80 != 0, b[1] & 0x3f, binary.BigEndian.Uint16(b[2:])}, true
}

func (e event) encode(b []byte) []byte {
	second := e.volume & 0x3f
	if e.end {
		second |= 0x80
	}
	return binary.BigEndian.AppendUint16(append(b, e.code, second), e.duration)
}

// Digits finds the keys that a peer presses and says by telephone events. It
// is an rtp.Sink that stands before another.
type Digits struct {
	// Next gets every packet; may be nil.
	Next rtp.Sink
	// Found is told of a digit when it begins. It must not block.
	Found func(digit byte)

	seen bool
	last uint32 // timestamp of the newest event
	ssrc uint32
}

// ReceiveRTP implements rtp.Sink.
func (d *Digits) ReceiveRTP(p *rtp.Packet) {
	if p.Format.Is(rtp.TelephoneEvent) {
		if e, ok := parseEvent(p.Payload); ok && int(e.code) < len(digits) && d.begins(p) {
			d.Found(digits[e.code])
		}
	}
	if d.Next != nil {
		d.Next.ReceiveRTP(p)
	}
}

// begins reports whether a packet is the first of its event: all of one carry
// the same time, however many of them are lost or come late.
func (d *Digits) begins(p *rtp.Packet) bool {
	if d.seen && p.SSRC == d.ssrc && int32(p.Timestamp-d.last) <= 0 { //nolint:gosec // a signed distance
		return false
	}
	d.seen, d.last, d.ssrc = true, p.Timestamp, p.SSRC
	return true
}

// eventRelay passes events on to a peer that knows them and sound to an ear.
type eventRelay struct {
	ear    *Ear
	source *rtp.Source
	format *rtp.Format // the other side's; nil if it knows no events
	begins Digits
	until  atomic.Int64 // unix nanoseconds until which sound is kept back

	mu      sync.Mutex
	payload [4]byte
}

// newEventRelay passes on to a side.
func newEventRelay(to Side, ear *Ear) *eventRelay {
	r := &eventRelay{ear: ear, source: to.Source}
	for i := range to.Known {
		// The clock of its sound is the one that its events should have
		// (RFC 4733, 2.1); any is better than none.
		if f := &to.Known[i]; f.Is(rtp.TelephoneEvent) && (r.format == nil || f.ClockRate == to.Format.ClockRate) {
			r.format = f
		}
	}
	return r
}

// eventRest is how long after an event's packet sound is kept back at most.
const eventRest = 60 * time.Millisecond

// ReceiveRTP implements rtp.Sink.
func (r *eventRelay) ReceiveRTP(p *rtp.Packet) {
	r.ear.ReceiveRTP(p)
	if r.format == nil || !p.Format.Is(rtp.TelephoneEvent) {
		return
	}
	e, ok := parseEvent(p.Payload)
	if !ok {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	e.duration = uint16(min(int(e.duration)*r.format.ClockRate/max(p.Format.ClockRate, 1), 0xffff)) //nolint:gosec // bounded
	ticks := uint32(0)
	if e.end {
		ticks = uint32(e.duration)
		r.until.Store(p.Arrival.UnixNano())
	} else {
		r.until.Store(p.Arrival.Add(eventRest).UnixNano())
	}
	r.source.SendEvent(r.format.Type, e.encode(r.payload[:0]), r.begins.begins(p), ticks)
}

// busy reports whether an event is being sent.
func (r *eventRelay) busy(now time.Time) bool { return now.UnixNano() < r.until.Load() }
