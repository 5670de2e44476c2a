package media

import (
	"math"
	"time"
)

// Part is a piece of a signal: up to two tones at once, or silence.
type Part struct {
	Hz     [2]float64
	Length time.Duration
}

// toneLevel is each tone's level: -13 dB below full scale, as networks use.
const toneLevel = 7300.0

// Tones makes a signal. Its parts begin and end softly, so that they do not
// click.
func Tones(rate int, parts ...Part) []int16 {
	var pcm []int16
	for _, p := range parts {
		n := int(p.Length * time.Duration(rate) / time.Second)
		soft := min(rate/200, n/2)
		for i := range n {
			v := 0.0
			for _, hz := range p.Hz {
				if hz > 0 {
					v += toneLevel * math.Sin(2*math.Pi*hz*float64(i)/float64(rate))
				}
			}
			if edge := min(i, n-1-i); edge < soft {
				v *= float64(edge) / float64(soft)
			}
			pcm = append(pcm, int16(v))
		}
	}
	return pcm
}

// Signals of the network, as in most of Europe and in Russia (ITU-T E.180).

// Ringback is what a caller hears while it rings.
func Ringback() []Part {
	return []Part{{Hz: [2]float64{425}, Length: time.Second}, {Length: 4 * time.Second}}
}

// Busy says that the other party is engaged.
func Busy() []Part {
	return []Part{{Hz: [2]float64{425}, Length: 350 * time.Millisecond}, {Length: 350 * time.Millisecond}}
}

// Congestion says that there is no way through.
func Congestion() []Part {
	return []Part{{Hz: [2]float64{425}, Length: 175 * time.Millisecond}, {Length: 175 * time.Millisecond}}
}

// Beep asks to speak.
func Beep() []Part { return []Part{{Hz: [2]float64{1000}, Length: 300 * time.Millisecond}} }

// Power returns how much of a sound is one frequency, as the amplitude that a
// pure tone of it would have (Goertzel's algorithm).
func Power(pcm []int16, rate int, hz float64) float64 {
	if len(pcm) == 0 {
		return 0
	}
	c := 2 * math.Cos(2*math.Pi*hz/float64(rate))
	var a, b float64
	for _, s := range pcm {
		a, b = float64(s)+c*a-b, a
	}
	return 2 * math.Sqrt(max(a*a+b*b-c*a*b, 0)) / float64(len(pcm))
}

// Level returns the root of the mean square.
func Level(pcm []int16) float64 {
	if len(pcm) == 0 {
		return 0
	}
	sum := 0.0
	for _, s := range pcm {
		sum += float64(s) * float64(s)
	}
	return math.Sqrt(sum / float64(len(pcm)))
}

// HasTone reports whether a sound is mostly a tone of a frequency.
func HasTone(pcm []int16, rate int, hz float64) bool {
	level := Level(pcm)
	return level > 50 && Power(pcm, rate, hz) > 0.8*level
}
