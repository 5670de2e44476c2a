package codecs_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/telephony/media/codecs"
	"github.com/okno-hq/okno/internal/telephony/media/opus"
	"github.com/okno-hq/okno/internal/telephony/rtp"
)

func format(name string) *rtp.Format { return &rtp.Format{Name: name, ClockRate: 8000} }

func tone(rate, n, hz int) []int16 {
	pcm := make([]int16, n)
	for i := range pcm {
		pcm[i] = int16(8000 * math.Sin(2*math.Pi*float64(hz)*float64(i)/float64(rate)))
	}
	return pcm
}

// TestG711 holds both laws against the tables of the recommendation at their
// corners, and every sample against its neighbours.
func TestG711(t *testing.T) {
	for _, c := range []struct {
		name    string
		samples map[int16]byte
		first   float64 // half a step at the bottom
	}{
		{rtp.PCMA, map[int16]byte{0: 0xd5, -1: 0x55, 8: 0xd5, 32767: 0xaa, -32768: 0x2a, 1000: 0xfa, -1000: 0x7a}, 8},
		{rtp.PCMU, map[int16]byte{0: 0xff, -1: 0x7f, 32767: 0x80, -32768: 0x00, 1000: 0xce, -1000: 0x4e}, 4},
	} {
		e, err := codecs.NewEncoder(format(c.name), 8000, codecs.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		d, err := codecs.NewDecoder(format(c.name), 8000)
		if err != nil {
			t.Fatal(err)
		}
		one := func(s int16) (byte, int16) {
			b, err := e.Encode(nil, []int16{s})
			if err != nil {
				t.Fatal(err)
			}
			back, err := d.Decode(nil, b)
			if err != nil {
				t.Fatal(err)
			}
			return b[0], back[0]
		}
		for s, want := range c.samples {
			if got, _ := one(s); got != want {
				t.Errorf("%s: %d is 0x%02x, want 0x%02x", c.name, s, got, want)
			}
		}
		last := int16(math.MinInt16)
		for s := math.MinInt16; s <= math.MaxInt16; s++ {
			_, back := one(int16(s))
			if back < last {
				t.Fatalf("%s: %d becomes %d, a smaller one %d", c.name, s, back, last)
			}
			last = back
			// 13 and 14 bits floating: within a 32nd, but for the clipped top.
			if diff := math.Abs(float64(s) - float64(back)); diff > math.Abs(float64(s))/31+c.first && s > -32000 && s < 32000 {
				t.Fatalf("%s: %d becomes %d", c.name, s, back)
			}
		}
		for b := range 256 {
			pcm, err := d.Decode(nil, []byte{byte(b)})
			if err != nil {
				t.Fatal(err)
			}
			again, err := e.Encode(nil, pcm)
			if err != nil {
				t.Fatal(err)
			}
			if again[0] != byte(b) && (c.name != rtp.PCMU || b != 0x7f) { // minus zero
				t.Errorf("%s: 0x%02x becomes %d and 0x%02x", c.name, b, pcm[0], again[0])
			}
		}
	}
}

func needsOpus(tb testing.TB) {
	tb.Helper()
	if opus.Available() {
		return
	}
	tb.Skip("built without cgo, and so without libopus")
}

// TestLossIsConcealed loses a packet of a tone: its power stays, and nothing
// clicks.
func TestLossIsConcealed(t *testing.T) {
	for _, name := range []string{rtp.PCMA, rtp.PCMU, rtp.G722, rtp.Opus} {
		t.Run(name, func(t *testing.T) {
			if name == rtp.Opus {
				needsOpus(t)
			}
			f := format(name)
			rate := codecs.Rates(f)[0]
			e, err := codecs.NewEncoder(f, rate, codecs.Settings{Loss: 10})
			if err != nil {
				t.Fatal(err)
			}
			d, err := codecs.NewDecoder(f, rate)
			if err != nil {
				t.Fatal(err)
			}
			n := rate / 50
			const frames, hz = 60, 220
			in := tone(rate, frames*n, hz)
			var payloads [][]byte
			for i := range frames {
				p, err := e.Encode(nil, in[i*n:(i+1)*n])
				if err != nil {
					t.Fatal(err)
				}
				payloads = append(payloads, p)
			}
			var out []int16
			for i := range frames {
				if i%10 == 5 && i > 20 {
					out, err = d.Conceal(out, n, payloads[i+1])
				} else {
					out, err = d.Decode(out, payloads[i])
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if len(out) != len(in) {
				t.Fatalf("%d samples of %d", len(out), len(in))
			}
			steepest := 8000 * 2 * math.Pi * hz / float64(rate)
			for i := 20 * n; i < len(out)-1; i++ {
				if step := math.Abs(float64(out[i+1]) - float64(out[i])); step > 4*steepest+600 {
					t.Fatalf("a click of %.0f in frame %d at %d; the tone rises by %.0f", step, i/n, i%n, steepest)
				}
			}
			for i := 20; i < frames; i++ {
				power := 0.0
				for _, s := range out[i*n : (i+1)*n] {
					power += float64(s) * float64(s)
				}
				if rms := math.Sqrt(power / float64(n)); rms < 1500 || rms > 7500 {
					t.Errorf("frame %d has power %.0f, want about 5650", i, rms)
				}
			}
			// A long loss ends in silence.
			long, err := d.Conceal(nil, rate, nil)
			if err != nil || len(long) != rate {
				t.Fatalf("%d, %v", len(long), err)
			}
		})
	}
}

func TestUnknownFormats(t *testing.T) {
	if _, err := codecs.NewEncoder(format("G729"), 8000, codecs.Settings{}); !errors.Is(err, codecs.ErrUnknown) {
		t.Error(err)
	}
	if _, err := codecs.NewDecoder(format(rtp.PCMA), 16000); !errors.Is(err, codecs.ErrUnknown) {
		t.Error(err)
	}
	if d, err := codecs.Duration(format(rtp.G722), make([]byte, 160)); err != nil || d != 20*time.Millisecond {
		t.Error(d, err)
	}
}

func TestNoise(t *testing.T) {
	var n codecs.Noise
	pcm := make([]int16, 8000)
	if err := n.Update([]byte{40}); err != nil {
		t.Fatal(err)
	}
	n.Fill(pcm)
	power := 0.0
	for _, s := range pcm {
		power += float64(s) * float64(s)
	}
	want := 32767 * math.Pow(10, -2)
	if rms := math.Sqrt(power / 8000); rms < want*0.9 || rms > want*1.1 {
		t.Errorf("power %.0f, want %.0f", rms, want)
	}
	if n.Update(nil) == nil || n.Update([]byte{200}) == nil {
		t.Error("a bad payload was taken")
	}
}

// FuzzDecode looks for payloads that do harm.
func FuzzDecode(f *testing.F) {
	f.Add(uint8(0), []byte{1, 2, 3})
	f.Add(uint8(3), []byte{0x48, 1, 2, 3})
	names := []string{rtp.PCMA, rtp.PCMU, rtp.G722, rtp.Opus}
	f.Fuzz(func(t *testing.T, which uint8, b []byte) {
		fm := format(names[int(which)%len(names)])
		rates := codecs.Rates(fm)
		if rates == nil {
			t.Skip("not built in")
		}
		d, err := codecs.NewDecoder(fm, rates[0])
		if err != nil {
			t.Fatal(err)
		}
		out, err := d.Decode(nil, b)
		length, wrong := codecs.Duration(fm, b)
		if err == nil && wrong == nil && len(out) != int(length.Seconds()*float64(rates[0])+0.5) {
			t.Fatalf("%d samples for %v", len(out), length)
		}
		if _, err := d.Conceal(out, 160, b); err != nil && which%4 != 3 {
			t.Fatal(err)
		}
	})
}
