package media

import "math"

// Resampler changes the rate of sound that comes in pieces. The filter is a
// Kaiser-windowed sinc in as many phases as the rates need; what it adds in
// delay is Delay.
type Resampler struct {
	up, down int
	taps     int         // of each phase
	phases   [][]float32 // one filter for each position between two samples
	history  []float32   // the last taps-1 samples, then the new ones
	phase    int         // of the next output sample
}

// lobes is how many zero crossings the filter reaches to each side at the
// lower of the two rates: 70 dB of stop band up to 8 % below half of it.
const lobes = 24

// NewResampler returns a resampler between two rates.
func NewResampler(from, to int) *Resampler {
	g := gcd(from, to)
	r := &Resampler{up: to / g, down: from / g}
	if from == to {
		return r
	}
	// The cut-off lies a little below half of the lower rate.
	cutoff := 0.5 * 0.92 * float64(min(from, to)) / float64(from)
	half := int(math.Ceil(lobes / 2 / (2 * cutoff)))
	r.taps = 2 * half
	r.phases = make([][]float32, r.up)
	for p := range r.phases {
		f, sum := make([]float32, r.taps), 0.0
		for k := range f {
			// Where the tap lies from the output sample, in input samples.
			x := float64(k-half+1) - float64(p)/float64(r.up)
			w := kaiser(x / float64(half))
			v := w * sinc(2*cutoff*x)
			f[k] = float32(v)
			sum += v
		}
		for k := range f {
			f[k] /= float32(sum)
		}
		r.phases[p] = f
	}
	r.history = make([]float32, r.taps-1)
	return r
}

// Delay is how much later sound comes out, in samples of the input's rate.
func (r *Resampler) Delay() int { return r.taps / 2 }

// Process appends src at the new rate to dst. Pieces of the length of the
// ratio's multiples come out in constant length.
func (r *Resampler) Process(dst, src []int16) []int16 {
	if r.up == r.down {
		return append(dst, src...)
	}
	for _, s := range src {
		r.history = append(r.history, float32(s))
	}
	at := 0
	for at+r.taps <= len(r.history) {
		in := r.history[at : at+r.taps]
		var sum float32
		for k, c := range r.phases[r.phase] {
			sum += c * in[k]
		}
		dst = append(dst, round(sum))
		r.phase += r.down
		at += r.phase / r.up
		r.phase %= r.up
	}
	r.history = r.history[:copy(r.history, r.history[at:])]
	return dst
}

func round(v float32) int16 {
	switch {
	case v >= math.MaxInt16:
		return math.MaxInt16
	case v <= math.MinInt16:
		return math.MinInt16
	case v < 0:
		return int16(v - 0.5)
	}
	return int16(v + 0.5)
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// kaiser is the window of -1..1 with a beta for 70 dB.
func kaiser(x float64) float64 {
	const beta = 6.76
	if x < -1 || x > 1 {
		return 0
	}
	return bessel(beta*math.Sqrt(1-x*x)) / bessel(beta)
}

// bessel is the modified Bessel function of the first kind and order 0.
func bessel(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > 1e-10*sum; k++ {
		term *= (x / (2 * k)) * (x / (2 * k))
		sum += term
	}
	return sum
}
