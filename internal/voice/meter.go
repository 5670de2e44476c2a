package voice

import "math"

// PeakCount is how many values a waveform has.
const PeakCount = 100

const (
	meterRate  = 8000           // Hz; a waveform needs no more
	meterBlock = meterRate / 50 // samples measured together: 20 ms
)

// silence is the loudness (-46 dBFS) that a waveform's tallest bar is at least
// scaled to, so that an empty recording does not look like speech.
const silence = 0.005

// meter measures loudness as the samples go by, block by block.
type meter struct {
	blocks  []float32
	peak    float32
	inBlock int
	samples int64
}

func (m *meter) add(v float32) {
	if v < 0 {
		v = -v
	}
	m.peak = max(m.peak, v)
	m.samples++
	m.inBlock++
	if m.inBlock == meterBlock {
		m.end()
	}
}

func (m *meter) end() {
	if m.inBlock > 0 {
		m.blocks = append(m.blocks, m.peak)
		m.peak, m.inBlock = 0, 0
	}
}

// peaks reduces what was measured to PeakCount values from 0 to 255, of which
// the loudest is 255 unless the whole is near silence. A value is the root
// mean square of its blocks' peaks: plain maxima would make a wall of any
// longer speech. Nil if nothing was measured.
func (m *meter) peaks() []byte {
	m.end()
	if len(m.blocks) == 0 {
		return nil
	}
	levels := make([]float64, PeakCount)
	top := silence
	for i := range levels {
		from := i * len(m.blocks) / PeakCount
		to := max((i+1)*len(m.blocks)/PeakCount, from+1)
		sum := 0.0
		for _, b := range m.blocks[from:to] {
			sum += float64(b) * float64(b)
		}
		levels[i] = math.Sqrt(sum / float64(to-from))
		top = max(top, levels[i])
	}
	out := make([]byte, PeakCount)
	for i, l := range levels {
		out[i] = byte(math.Round(255 * l / top))
	}
	return out
}

// pcmWriter measures signed 16-bit little-endian mono samples written to it.
type pcmWriter struct {
	meter meter
	odd   bool
	low   byte
}

func (w *pcmWriter) Write(p []byte) (int, error) {
	for _, b := range p {
		if w.odd {
			w.meter.add(float32(int16(uint16(b)<<8|uint16(w.low))) / 32768) //nolint:gosec // a signed sample
		} else {
			w.low = b
		}
		w.odd = !w.odd
	}
	return len(p), nil
}
