package codecs

import "math"

// Noise makes comfort noise (RFC 3389) for pauses in which the peer sends
// none of its own.
type Noise struct {
	level float64
	seed  uint32
}

// Update takes the level of a comfort noise payload; the spectrum that may
// follow it is not used, the noise is white.
func (n *Noise) Update(payload []byte) error {
	if len(payload) == 0 || payload[0] > 127 {
		return ErrPayload
	}
	// The level is in -dBov, of a square wave at full scale; evenly spread
	// noise has a third of the power of its peak.
	n.level = math.MaxInt16 * math.Pow(10, -float64(payload[0])/20) * math.Sqrt(3)
	return nil
}

// Silence forgets the level.
func (n *Noise) Silence() { n.level = 0 }

// Fill writes noise.
func (n *Noise) Fill(pcm []int16) {
	if n.level == 0 {
		clear(pcm)
		return
	}
	for i := range pcm {
		n.seed = n.seed*1664525 + 1013904223
		v := n.level * float64(int32(n.seed)) / math.MaxInt32 //nolint:gosec // a number of either sign is meant
		pcm[i] = int16(max(min(v, math.MaxInt16), math.MinInt16))
	}
}
