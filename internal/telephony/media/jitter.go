package media

import (
	"time"

	"github.com/okno-hq/okno/internal/telephony/rtp"
)

const (
	// slotCount bounds what waits: two and a half seconds of 20 ms.
	slotCount = 128
	// jump is a difference in the peer's timing that is a new beginning.
	jump = 2 * time.Second
	// baseFor is how long an earliest arrival counts, so that the base follows
	// the peer's clock.
	baseFor = 5 * time.Second
	// bucket is the resolution of the delays' histogram.
	bucket  = 5 * time.Millisecond
	buckets = 120
	// forget is how much a delay's weight loses with every packet: half is
	// gone after 14 s.
	forget = 0.999
	// covered is the part of the packets that should come in time.
	covered = 0.985
)

// jitterBuffer keeps packets in order until they are due, and learns how late
// they come: delays are counted from the earliest packet's.
type jitterBuffer struct {
	slots [slotCount]held
	count int

	ssrc    uint32
	started bool
	newest  uint32 // index

	clock     int
	refStamp  uint32        // the timestamps' origin
	refTicks  int64         // ticks from the origin to the newest packet
	origin    time.Time     // the arrivals' origin
	base      time.Duration // how much later the earliest packets come than their ticks say
	baseUntil time.Time
	nextBase  time.Duration
	histogram [buckets]float64
	total     float64
	minimum   time.Duration
	maximum   time.Duration

	playing bool
	next    int64  // ticks of what is to be played next, while playing
	last    uint32 // index of what was played last
}

// held is a packet that waits.
type held struct {
	full    bool
	index   uint32
	ticks   int64 // since the origin
	marker  bool
	format  *rtp.Format
	payload []byte
}

// reset forgets what waits and what was learnt of the peer's clock; how much
// the network's delays vary is kept.
func (b *jitterBuffer) reset(p *rtp.Packet) {
	for i := range b.slots {
		b.slots[i].full = false
	}
	b.count, b.playing = 0, false
	b.ssrc, b.started, b.newest = p.SSRC, true, p.Index
	b.clock, b.refStamp, b.refTicks, b.origin = p.Format.ClockRate, p.Timestamp, 0, p.Arrival
	b.base, b.nextBase, b.baseUntil = 0, 0, p.Arrival.Add(baseFor)
}

// put stores a packet. It reports whether the stream began anew with it, and
// whether it came too late to be played.
func (b *jitterBuffer) put(p *rtp.Packet) (anew, tooLate bool) {
	if !b.started || p.SSRC != b.ssrc || p.Format.ClockRate != b.clock {
		b.reset(p)
		anew = true
	}
	ticks := b.refTicks + int64(int32(p.Timestamp-b.refStamp)) //nolint:gosec // timestamps wrap
	late := p.Arrival.Sub(b.origin) - b.duration(ticks) - b.base
	if ahead := int32(p.Index - b.newest); late > jump || late < -jump || ahead > slotCount || ahead < -slotCount { //nolint:gosec // a signed distance
		b.reset(p)
		anew, ticks, late = true, 0, 0
	}
	sound := isSound(p.Format)
	if int32(p.Index-b.newest) >= 0 { //nolint:gosec // a signed distance
		b.newest = p.Index
		if sound {
			b.refStamp, b.refTicks = p.Timestamp, ticks
		}
	}
	if sound { // an event's packets all carry the time of its beginning
		b.learn(late, p.Arrival)
	}
	if b.playing && (ticks < b.next && sound || int32(p.Index-b.last) <= 0) { //nolint:gosec // a signed distance
		return anew, sound
	}
	s := &b.slots[p.Index%slotCount]
	if !s.full {
		b.count++
	}
	s.full, s.index, s.ticks, s.marker, s.format = true, p.Index, ticks, p.Marker, p.Format
	s.payload = append(s.payload[:0], p.Payload...)
	return anew, false
}

// isSound tells sound from events and comfort noise.
func isSound(f *rtp.Format) bool { return !f.Is(rtp.TelephoneEvent) && !f.Is(rtp.ComfortNoise) }

// learn takes a packet's delay into account.
func (b *jitterBuffer) learn(late time.Duration, at time.Time) {
	if late < 0 {
		b.base += late
		b.nextBase, late = 0, 0
	}
	// The smallest delay of the last seconds becomes the base: with a peer
	// whose clock is slower than ours all come later and later.
	b.nextBase = min(b.nextBase, late)
	if at.After(b.baseUntil) {
		b.base += b.nextBase
		late -= b.nextBase
		b.nextBase, b.baseUntil = late, at.Add(baseFor)
	}
	for i := range b.histogram {
		b.histogram[i] *= forget
	}
	b.total = b.total*forget + 1
	b.histogram[min(int(late/bucket), buckets-1)]++
}

// target is how long after the earliest moment packets are to be played so
// that nearly all are there.
func (b *jitterBuffer) target() time.Duration {
	sum, i := 0.0, 0
	for ; i < buckets-1; i++ {
		if sum += b.histogram[i]; sum >= covered*b.total {
			break
		}
	}
	return min(max(time.Duration(i+1)*bucket, b.minimum), b.maximum)
}

// age is how long after its earliest moment a packet would be played now.
func (b *jitterBuffer) age(ticks int64, now time.Time) time.Duration {
	return now.Sub(b.origin) - b.duration(ticks) - b.base
}

func (b *jitterBuffer) duration(ticks int64) time.Duration {
	clock := int64(b.clock) // days at 48 kHz would overflow in one step
	return time.Duration(ticks/clock)*time.Second + time.Duration(ticks%clock)*time.Second/time.Duration(clock)
}

// first returns the oldest packet that waits, nil if there is none.
func (b *jitterBuffer) first() *held {
	if b.count == 0 {
		return nil
	}
	for i := range uint32(slotCount) {
		if s := &b.slots[(b.newest-slotCount+1+i)%slotCount]; s.full {
			return s
		}
	}
	return nil
}

// free empties a slot.
func (b *jitterBuffer) free(s *held) {
	s.full = false
	b.count--
}
