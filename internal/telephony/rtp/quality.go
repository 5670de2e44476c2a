package rtp

import "time"

// Sample is one second of a leg's quality. MOS runs from 1 to 4.5 (ITU-T
// G.107); zero means that nothing was heard of that direction.
type Sample struct {
	At       time.Time
	Received uint32        // packets from the peer
	Lost     uint32        // packets of the peer that did not come
	Jitter   time.Duration // of the peer's packets (RFC 3550)
	RTT      time.Duration // there and back, 0: unknown
	MOS      float64       // of what we hear from the peer

	RemoteLoss   float64 // part of our packets that the peer misses, 0..1
	RemoteJitter time.Duration
	RemoteMOS    float64 // of what the peer hears
}

// Side tells whose way to us was bad, or ours to whom.
type Side string

// Sides of a poor call.
const (
	Good     Side = ""
	Incoming Side = "incoming" // what the peer sent arrived badly
	Outgoing Side = "outgoing" // what we sent arrived badly at the peer
	Both     Side = "both"
)

// Quality sums a leg's samples up.
type Quality struct {
	Received, Lost uint32
	Loss           float64 // of the peer's packets, 0..1
	Jitter         time.Duration
	MaxJitter      time.Duration
	RTT            time.Duration // mean of what was measured
	MOS, MinMOS    float64
	RemoteLoss     float64
	RemoteMOS      float64
	MinRemoteMOS   float64
	// Poor is set when a direction sounded bad on average or for a tenth of
	// the time.
	Poor Side
}

// A MOS below this annoys many (G.107, Annex B: R of 70 is 3.6); below the
// second nearly everybody.
const (
	fairMOS = 3.6
	badMOS  = 3.1
)

// summary accumulates samples in constant space.
type summary struct {
	in, out             heard
	jitter, rtt, loss   float64
	jitters, rtts, outs int
	maxJitter           time.Duration
}

type heard struct {
	sum, min float64
	n, bad   int
}

func (h *heard) add(mos float64) {
	if mos == 0 {
		return
	}
	if h.n == 0 || mos < h.min {
		h.min = mos
	}
	h.sum += mos
	h.n++
	if mos < badMOS {
		h.bad++
	}
}

func (h *heard) mean() float64 {
	if h.n == 0 {
		return 0
	}
	return h.sum / float64(h.n)
}

func (h *heard) poor() bool {
	return h.n > 0 && (h.mean() < fairMOS || h.bad*10 > h.n)
}

func (s *summary) add(x Sample) {
	s.in.add(x.MOS)
	s.out.add(x.RemoteMOS)
	if x.Received > 0 {
		s.jitter += float64(x.Jitter)
		s.jitters++
		s.maxJitter = max(s.maxJitter, x.Jitter)
	}
	if x.RTT > 0 {
		s.rtt += float64(x.RTT)
		s.rtts++
	}
	if x.RemoteMOS > 0 {
		s.loss += x.RemoteLoss
		s.outs++
	}
}

func (s *summary) quality(c counts) Quality {
	q := Quality{
		Received: c.received, Lost: c.lost, MaxJitter: s.maxJitter,
		MOS: s.in.mean(), MinMOS: s.in.min,
		RemoteMOS: s.out.mean(), MinRemoteMOS: s.out.min,
	}
	if c.received+c.lost > 0 {
		q.Loss = float64(c.lost) / float64(c.received+c.lost)
	}
	if s.jitters > 0 {
		q.Jitter = time.Duration(s.jitter / float64(s.jitters))
	}
	if s.rtts > 0 {
		q.RTT = time.Duration(s.rtt / float64(s.rtts))
	}
	if s.outs > 0 {
		q.RemoteLoss = s.loss / float64(s.outs)
	}
	switch in, out := s.in.poor(), s.out.poor(); {
	case in && out:
		q.Poor = Both
	case in:
		q.Poor = Incoming
	case out:
		q.Poor = Outgoing
	}
	return q
}

// impairment holds a codec's figures for the E-model: Ie, how much it takes
// from R without loss, and Bpl, how well it stands random loss.
type impairment struct{ ie, bpl float64 }

// impairmentOf returns the figures of ITU-T G.113, Appendix I, for G.711 with
// concealment. G.722 and Opus have none on the narrowband scale: their losses
// are concealed at least as well, and their wider band is not rewarded.
func impairmentOf(f *Format) impairment {
	if f.Is(Opus) {
		return impairment{0, 30}
	}
	return impairment{0, 25.1}
}

// MOS estimates the opinion of a listener by the E-model (ITU-T G.107) from
// the loss (0..1), the delay from mouth to ear, and the format.
func MOS(f *Format, loss float64, delay time.Duration) float64 {
	c := impairmentOf(f)
	ppl := 100 * loss
	r := 93.2 - (c.ie + (95-c.ie)*ppl/(ppl+c.bpl))
	ms := float64(delay) / float64(time.Millisecond)
	r -= 0.024 * ms
	if ms > 177.3 {
		r -= 0.11 * (ms - 177.3)
	}
	switch {
	case r < 6.5: // below, the formula turns upward again
		return 1
	case r > 100:
		return 4.5
	}
	return max(1, 1+0.035*r+r*(r-60)*(100-r)*7e-6)
}

// delayOf estimates the delay from mouth to ear: half the round trip, what a
// jitter buffer adds, and a packet with the codec's own delay.
func delayOf(rtt, jitter time.Duration) time.Duration {
	return rtt/2 + 2*jitter + 30*time.Millisecond
}
