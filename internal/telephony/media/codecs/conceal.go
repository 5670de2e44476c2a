package codecs

import "math"

// concealed adds concealment to a codec that has none, in the manner of
// G.711, Appendix I: the last period of the voice is repeated, from one up to
// three periods, and fades out within 60 ms; where sound returns, both are
// blended.
type concealed struct {
	decoder interface {
		Decode(dst []int16, payload []byte) ([]int16, error)
	}
	rate    int
	history []int16 // the last 48.75 ms that were heard
	lost    int     // samples concealed since the last packet
	period  int
	cycle   []int16 // what is repeated
	phase   int
	step    int // between what was heard last and what leads to the period
}

// The pitch of voices, 66 to 200 Hz, as G.711, Appendix I takes it.
func (c *concealed) pitchRange() (shortest, longest int) { return c.rate / 200, c.rate / 66 }

func (c *concealed) historyLength() int { _, longest := c.pitchRange(); return 3*longest + c.rate/400 }

// blend is how long both sounds are heard at a seam: 4 ms.
func (c *concealed) blend() int { return c.rate / 250 }

// fadeStart and fadeEnd bound the fading of a loss.
func (c *concealed) fadeStart() int { return c.rate / 100 }
func (c *concealed) fadeEnd() int   { return c.rate * 6 / 100 }

// Decode implements Decoder.
func (c *concealed) Decode(dst []int16, payload []byte) ([]int16, error) {
	at := len(dst)
	dst, err := c.decoder.Decode(dst, payload)
	if err != nil {
		return dst, err
	}
	sound := dst[at:]
	if c.lost > 0 {
		n := min(c.blend(), len(sound))
		for i := range n {
			guess := int(c.next())
			sound[i] = int16((guess*(n-i) + int(sound[i])*i) / n) //nolint:gosec // between two samples
		}
		c.lost = 0
	}
	c.remember(sound)
	return dst, nil
}

// Conceal implements Decoder.
func (c *concealed) Conceal(dst []int16, n int, _ []byte) ([]int16, error) {
	at := len(dst)
	if c.lost == 0 {
		c.begin()
	}
	for range n {
		dst = append(dst, c.next())
	}
	c.remember(dst[at:])
	return dst, nil
}

// remember keeps the newest sound.
func (c *concealed) remember(sound []int16) {
	want := c.historyLength()
	if cap(c.history) < want {
		c.history = make([]int16, 0, want)
	}
	if len(sound) >= want {
		c.history = append(c.history[:0], sound[len(sound)-want:]...)
		return
	}
	if over := len(c.history) + len(sound) - want; over > 0 {
		c.history = c.history[:copy(c.history, c.history[over:])]
	}
	c.history = append(c.history, sound...)
}

// begin prepares the period that is repeated, its end blended with what came
// before it, so that it joins onto itself.
func (c *concealed) begin() {
	c.cycle, c.phase, c.step, c.period = c.cycle[:0], 0, 0, c.pitch()
	if c.period == 0 {
		return
	}
	h := c.history
	last := h[len(h)-c.period:]
	c.cycle = append(c.cycle, last...)
	n := min(c.period/4, len(h)-c.period)
	for i := range n {
		before := int(h[len(h)-c.period-n+i])
		k := c.period - n + i
		c.cycle[k] = int16((int(last[k])*(n-i) + before*i) / n) //nolint:gosec // between two samples
	}
	if len(h) > c.period {
		c.step = int(h[len(h)-1]) - int(h[len(h)-c.period-1])
	}
}

// next makes the next guessed sample.
func (c *concealed) next() int16 {
	if len(c.cycle) == 0 {
		c.lost++
		return 0
	}
	s := int(c.cycle[c.phase])
	c.phase = (c.phase + 1) % len(c.cycle)
	if n := c.rate / 500; c.lost < n {
		s += c.step * (n - c.lost) / n
	}
	start, end := c.fadeStart(), c.fadeEnd()
	switch {
	case c.lost >= end:
		s = 0
	case c.lost > start:
		s = s * (end - c.lost) / (end - start)
	}
	c.lost++
	return int16(max(min(s, math.MaxInt16), math.MinInt16)) //nolint:gosec // bounded
}

// pitch finds the period at which the last 20 ms are most like themselves;
// 0 without enough sound.
func (c *concealed) pitch() int {
	shortest, longest := c.pitchRange()
	window := c.rate / 50
	h := c.history
	if len(h) < longest+window {
		return 0
	}
	// Every second or fourth sample is enough to compare.
	step := max(c.rate/4000, 1)
	tail := h[len(h)-window:]
	best, bestScore := 0, math.Inf(-1)
	for p := shortest; p <= longest; p += step/2 + step%2 {
		earlier := h[len(h)-window-p : len(h)-p]
		var dot, energy float64
		for i := 0; i < window; i += step {
			dot += float64(tail[i]) * float64(earlier[i])
			energy += float64(earlier[i]) * float64(earlier[i])
		}
		if score := dot / math.Sqrt(energy+1); score > bestScore {
			best, bestScore = p, score
		}
	}
	return best
}
