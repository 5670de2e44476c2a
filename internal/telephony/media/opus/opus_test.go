package opus_test

import (
	"errors"
	"math"
	"testing"

	"github.com/okno-hq/okno/internal/telephony/media/opus"
)

func needs(tb testing.TB) {
	tb.Helper()
	if opus.Available() {
		return
	}
	tb.Skip("built without cgo, and so without libopus")
}

func tone(rate, n, hz int) []int16 {
	pcm := make([]int16, n)
	for i := range pcm {
		pcm[i] = int16(8000 * math.Sin(2*math.Pi*float64(hz)*float64(i)/float64(rate)))
	}
	return pcm
}

func TestRoundTrip(t *testing.T) {
	needs(t)
	for _, rate := range []int{8000, 16000, 48000} {
		e, err := opus.NewEncoder(opus.Config{Rate: rate, Channels: 1, Complexity: 5, FEC: true, Loss: 10})
		if err != nil {
			t.Fatal(err)
		}
		d, err := opus.NewDecoder(rate, 1)
		if err != nil {
			t.Fatal(err)
		}
		n := rate / 50
		pcm := tone(rate, 50*n, 500)
		var out []int16
		packet, frame := make([]byte, opus.MaxPacket), make([]int16, n)
		for i := range 50 {
			size, err := e.Encode(packet, pcm[i*n:(i+1)*n])
			if err != nil {
				t.Fatal(err)
			}
			if length, err := opus.Duration(packet[:size]); err != nil || length.Milliseconds() != 20 {
				t.Fatalf("%v, %v", length, err)
			}
			switch i {
			case 20:
				_, err = d.Conceal(frame)
			default:
				_, err = d.Decode(frame, packet[:size])
			}
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, frame...)
		}
		power := 0.0
		for _, s := range out[10*n:] {
			power += float64(s) * float64(s)
		}
		if rms := math.Sqrt(power / float64(40*n)); rms < 4500 || rms > 6500 {
			t.Errorf("%d Hz: power %.0f, want about 5650", rate, rms)
		}
	}
}

func TestRefusals(t *testing.T) {
	if !opus.Available() {
		if _, err := opus.NewEncoder(opus.Config{Rate: 48000, Channels: 1}); !errors.Is(err, opus.ErrUnavailable) {
			t.Fatal(err)
		}
		return
	}
	if _, err := opus.NewEncoder(opus.Config{Rate: 44100, Channels: 1}); !errors.Is(err, opus.ErrConfig) {
		t.Error(err)
	}
	if _, err := opus.NewDecoder(48000, 3); !errors.Is(err, opus.ErrConfig) {
		t.Error(err)
	}
	d, err := opus.NewDecoder(48000, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Decode(make([]int16, 960), []byte{0xff, 0xff}); !errors.Is(err, opus.ErrPacket) {
		t.Error(err)
	}
	if _, err := d.Decode(make([]int16, 960), nil); !errors.Is(err, opus.ErrPacket) {
		t.Error(err)
	}
}

// FuzzDecode looks for packets on which libopus or our way into it fails.
func FuzzDecode(f *testing.F) {
	needs(f)
	f.Add([]byte{0x48, 1, 2, 3})
	f.Add([]byte{0xfb, 0x83, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := opus.NewDecoder(48000, 1)
		if err != nil {
			t.Fatal(err)
		}
		pcm := make([]int16, 5760)
		n, err := d.Decode(pcm, b)
		if length, wrong := opus.Duration(b); err == nil && (wrong != nil || n != int(length.Seconds()*48000+0.5)) {
			t.Fatalf("%d samples, %v, %v", n, length, wrong)
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	needs(b)
	for _, c := range []struct {
		name             string
		rate, complexity int
	}{{"8k/5", 8000, 5}, {"8k/9", 8000, 9}, {"16k/5", 16000, 5}, {"48k/5", 48000, 5}, {"48k/9", 48000, 9}} {
		b.Run(c.name, func(b *testing.B) {
			e, err := opus.NewEncoder(opus.Config{Rate: c.rate, Channels: 1, Complexity: c.complexity, FEC: true, Loss: 5})
			if err != nil {
				b.Fatal(err)
			}
			n := c.rate / 50
			pcm, packet := tone(c.rate, 50*n, 500), make([]byte, opus.MaxPacket)
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if _, err := e.Encode(packet, pcm[i*n:(i+1)*n]); err != nil {
					b.Fatal(err)
				}
				i = (i + 1) % 50
			}
		})
	}
}
