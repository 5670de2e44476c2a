package art

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
)

func sin32(a float64) float32 { return float32(math.Sin(a)) }
func cos32(a float64) float32 { return float32(math.Cos(a)) }

// Grinding is two seconds of a grinder with a stone in it: a WAV file, 8 bit,
// 8 kHz, mono.
func Grinding(seed uint64) []byte {
	const rate, seconds = 8000, 2
	rng := rand.New(rand.NewPCG(seed, 0x6772696e)) //nolint:gosec // a noise, not a secret
	n := rate * seconds
	b := make([]byte, 0, 44+n)
	b = append(b, "RIFF"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(36+n))
	b = append(b, "WAVEfmt "...)
	b = binary.LittleEndian.AppendUint32(b, 16)
	for _, v := range []uint16{1, 1} { // PCM, mono
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	b = binary.LittleEndian.AppendUint32(b, rate)
	b = binary.LittleEndian.AppendUint32(b, rate)
	for _, v := range []uint16{1, 8} { // bytes a frame, bits a sample
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(n))
	for i := range n {
		t := float64(i) / rate
		hum := 0.4*math.Sin(2*math.Pi*110*t) + 0.2*math.Sin(2*math.Pi*330*t)
		knock := math.Exp(-18*math.Mod(t, 0.21)) * (rng.Float64() - 0.5)
		v := 128 + 90*(0.5*hum+0.25*(rng.Float64()-0.5)+0.9*knock)
		b = append(b, byte(max(0, min(255, v))))
	}
	return b
}
