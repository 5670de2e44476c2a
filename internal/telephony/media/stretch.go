package media

import "math"

// lags are the periods of voices that fit twice into 20 ms: 2.5 to 10 ms.
func lags(rate int) (shortest, longest int) { return rate / 400, rate / 100 }

// shorten removes one period from the beginning of sound without a seam: the
// two periods there are blended into one. It returns the sound and how many
// samples are gone; 0 if its beginning does not repeat itself well enough.
func shorten(pcm []int16, rate int, force bool) ([]int16, int) {
	p := similar(pcm, rate, force)
	if p == 0 {
		return pcm, 0
	}
	for i := range p {
		pcm[p+i] = crossfade(pcm[i], pcm[p+i], i, p)
	}
	return pcm[p:], p
}

// lengthen repeats one period near the beginning of sound without a seam, and
// returns how many samples have been added.
func lengthen(pcm []int16, rate int, force bool) ([]int16, int) {
	p := similar(pcm, rate, force)
	if p == 0 {
		return pcm, 0
	}
	pcm = append(pcm, make([]int16, p)...)
	copy(pcm[2*p:], pcm[p:len(pcm)-p])
	// Between the first period and what followed it stands their blend, which
	// begins as the second and ends as the first.
	for i := range p {
		pcm[p+i] = crossfade(pcm[2*p+i], pcm[i], i, p)
	}
	return pcm, p
}

// crossfade goes from a to b.
func crossfade(a, b int16, i, n int) int16 {
	return int16((int(a)*(n-i) + int(b)*i) / n) //nolint:gosec // between two samples
}

// similar finds the period at which the beginning of sound repeats itself; 0
// if it does not. Silence does always.
func similar(pcm []int16, rate int, force bool) int {
	shortest, longest := lags(rate)
	if len(pcm) < 2*longest {
		return 0
	}
	step := max(rate/8000, 1)
	best, bestScore := 0, -1.0
	loudest := 0
	for _, s := range pcm[:2*longest] {
		loudest = max(loudest, int(s), -int(s))
	}
	if loudest < 100 {
		return longest
	}
	for p := longest; p >= shortest; p -= step {
		var dot, a, b float64
		for i := 0; i < p; i += step {
			x, y := float64(pcm[i]), float64(pcm[p+i])
			dot += x * y
			a += x * x
			b += y * y
		}
		if score := dot / math.Sqrt(a*b+1); score > bestScore {
			best, bestScore = p, score
		}
	}
	if bestScore < 0.8 && !force {
		return 0
	}
	return best
}
