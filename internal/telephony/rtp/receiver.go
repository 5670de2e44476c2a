package rtp

import "time"

const (
	maxDropout  = 3000 // RFC 3550, A.1
	maxMisorder = 64   // as many as the window for duplicates remembers

	// A new SSRC from the same source counts when the old one has been silent
	// for this long: nobody who only guesses can cut in on a live stream.
	ssrcQuiet = 80 * time.Millisecond
)

// receiver validates and counts one leg's incoming packets (RFC 3550, A.1,
// A.3, A.8).
type receiver struct {
	ssrc    uint32
	started bool
	base    uint32 // extended number of the first packet
	highest uint32 // extended number of the newest
	seen    uint64 // bit n: highest-n has come
	bad     uint32 // the number that would prove a jump, or noBad
	last    time.Time

	other     uint32 // SSRC that wants to take over
	otherNext uint16

	received uint32 // since base, without duplicates
	octets   uint64

	// Kept across changes of SSRC, for the call's record.
	before counts

	jitter     float64 // in ticks
	transit    int64
	hasTransit bool
	clock      int
	lastStamp  uint32

	priorExpected, priorReceived uint32 // at our last report
}

type counts struct{ received, lost uint32 }

const noBad = 1 << 17

// admit checks a packet's place in the stream and returns its extended
// sequence number. Verified packets were authenticated by SRTP.
func (r *receiver) admit(h Header, arrival time.Time, verified bool) (index uint32, ok bool) {
	switch {
	case !r.started:
		r.start(h)
	case h.SSRC != r.ssrc:
		if !verified && !r.takeover(h, arrival) {
			return 0, false
		}
		r.retire()
		r.start(h)
	}
	ahead := h.Sequence - uint16(r.highest) //nolint:gosec // the lower half
	switch {
	case r.received == 0:
		r.seen = 1
	case ahead == 0:
		return 0, false // a duplicate
	case ahead < maxDropout:
		r.highest += uint32(ahead)
		r.seen = r.seen<<ahead | 1
	case ahead > 0xffff-maxMisorder:
		behind := uint32(-ahead)
		if behind >= maxMisorder || r.seen&(1<<behind) != 0 {
			return 0, false
		}
		r.base = min(r.base, r.highest-behind)
		r.seen |= 1 << behind
		r.received++
		r.last = arrival
		return r.highest - behind, true
	default:
		// A jump: two packets in a row prove that the peer started anew.
		if uint32(h.Sequence) != r.bad {
			r.bad = uint32(h.Sequence + 1)
			return 0, false
		}
		r.retire()
		r.start(h)
		r.seen = 1
	}
	r.received++
	r.bad = noBad
	r.last = arrival
	return r.highest, true
}

// start begins a stream one cycle up, so that what came before its first
// packet still has a number.
func (r *receiver) start(h Header) {
	r.ssrc, r.started = h.SSRC, true
	r.highest = 1<<16 | uint32(h.Sequence)
	r.base = r.highest
	r.received, r.seen, r.bad = 0, 0, noBad
	r.priorExpected, r.priorReceived = 0, 0
	r.hasTransit, r.jitter = false, 0
}

// takeover reports whether another SSRC has proven itself: two packets in a
// row while the old one is silent.
func (r *receiver) takeover(h Header, arrival time.Time) bool {
	proven := h.SSRC == r.other && h.Sequence == r.otherNext
	r.other, r.otherNext = h.SSRC, h.Sequence+1
	return proven && arrival.Sub(r.last) >= ssrcQuiet
}

// retire adds the stream that ends to the totals.
func (r *receiver) retire() {
	r.before.received += r.received
	r.before.lost += r.lost()
}

func (r *receiver) expected() uint32 {
	if r.received == 0 {
		return 0
	}
	return r.highest - r.base + 1
}

func (r *receiver) lost() uint32 { return r.expected() - min(r.received, r.expected()) }

// total returns the counts since the leg began, over all its SSRCs.
func (r *receiver) total() counts {
	return counts{r.before.received + r.received, r.before.lost + r.lost()}
}

// measure takes a packet into the jitter (RFC 3550, A.8).
func (r *receiver) measure(h Header, clock int, arrival time.Time) {
	if clock != r.clock {
		r.clock, r.hasTransit, r.jitter = clock, false, 0
	}
	if r.hasTransit && h.Timestamp == r.lastStamp {
		return
	}
	// Unix nanoseconds times the clock overflow; seconds and rest apart do not.
	ticks := arrival.Unix()*int64(clock) + int64(arrival.Nanosecond())*int64(clock)/int64(time.Second)
	transit := ticks - int64(h.Timestamp)
	if r.hasTransit {
		d := int64(int32(transit - r.transit)) //nolint:gosec // timestamps wrap at 32 bits
		if d < 0 {
			d = -d
		}
		// Minutes of difference are a new start of the peer's clock.
		if d < 60*int64(clock) {
			r.jitter += (float64(d) - r.jitter) / 16
		}
	}
	r.transit, r.hasTransit, r.lastStamp = transit, true, h.Timestamp
}

// jitterTime returns the jitter as a length of time.
func (r *receiver) jitterTime() time.Duration {
	if r.clock == 0 {
		return 0
	}
	return time.Duration(r.jitter * float64(time.Second) / float64(r.clock))
}

// report fills our reception report on the peer (RFC 3550, A.3).
func (r *receiver) report() Reception {
	expected := r.expected()
	wanted := expected - r.priorExpected
	got := r.received - r.priorReceived
	r.priorExpected, r.priorReceived = expected, r.received
	rep := Reception{SSRC: r.ssrc, Highest: r.highest, Jitter: uint32(r.jitter)}
	rep.Lost = int32(min(r.lost(), 0x7fffff)) //nolint:gosec // bounded
	if wanted > got {
		rep.Fraction = uint8(min((wanted-got)<<8/wanted, 255)) //nolint:gosec // bounded
	}
	return rep
}
