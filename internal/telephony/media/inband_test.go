package media_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/telephony/media"
	"github.com/okno-hq/okno/internal/telephony/media/codecs"
	"github.com/okno-hq/okno/internal/telephony/rtp"
)

const keys = "0123456789*#ABCD11"

// send has a sink hear sound in a format.
func send(tb testing.TB, f rtp.Format, pcm []int16, rate int, to rtp.Sink) {
	tb.Helper()
	e, err := codecs.NewEncoder(&f, rate, codecs.Settings{})
	if err != nil {
		tb.Fatal(err)
	}
	for n := rate / 50; len(pcm) >= n; pcm = pcm[n:] {
		b, err := e.Encode(nil, pcm[:n])
		if err != nil {
			tb.Fatal(err)
		}
		to.ReceiveRTP(&rtp.Packet{Format: &f, Payload: b})
	}
}

func TestKeysAreHeard(t *testing.T) {
	for _, f := range []rtp.Format{pcma, g722} {
		rate := codecs.Rates(&f)[0]
		pcm := append(make([]int16, rate/70), media.Tones(rate, media.KeyTones(keys)...)...)
		r := rand.New(rand.NewPCG(2, 2))
		for i := range pcm { // a noisy line
			pcm[i] = pcm[i]/3 + int16(r.IntN(400)-200)
		}
		got := ""
		send(t, f, pcm, rate, &media.Inband{Found: func(k byte) { got += string(k) }})
		if got != keys {
			t.Errorf("%s: %q", f.Name, got)
		}
	}
}

// TestVoicesAreNoKeys listens to a minute of what might be taken for keys.
func TestVoicesAreNoKeys(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	l := media.NewKeyListener(8000)
	pcm := make([]int16, 160)
	phase := 0.0
	found := 0
	for frame := range 3000 {
		pitch := 90 + 150*math.Abs(math.Sin(float64(frame)/37))
		formant := 500 + 1200*math.Abs(math.Sin(float64(frame)/53))
		for i := range pcm {
			phase += 2 * math.Pi * pitch / 8000
			v := 0.0
			for h := 1.0; h*pitch < 3400; h++ {
				off := (h*pitch - formant) / 200
				v += math.Sin(h*phase) / (1 + off*off)
			}
			pcm[i] = int16(4000*v/3 + float64(r.IntN(200)))
		}
		if l.Listen(pcm) != 0 {
			found++
		}
	}
	if found > 0 {
		t.Errorf("%d keys in a voice", found)
	}
	one := media.Tones(8000, media.Part{Hz: [2]float64{697}, Length: time.Second}, media.Part{Hz: [2]float64{425}, Length: time.Second})
	for ; len(one) >= 160; one = one[160:] {
		if k := l.Listen(one[:160]); k != 0 {
			t.Errorf("a single tone is key %c", k)
		}
	}
}

func TestResamplerKeepsTheSound(t *testing.T) {
	for _, c := range [][2]int{{8000, 16000}, {16000, 8000}, {8000, 48000}, {48000, 8000}, {22050, 16000}, {44100, 16000}, {16000, 48000}} {
		from, to := c[0], c[1]
		low := media.Tones(from, media.Part{Hz: [2]float64{1000}, Length: time.Second})
		r := media.NewResampler(from, to)
		var out []int16
		for n := from / 50; len(low) >= n; low = low[n:] {
			out = r.Process(out, low[:n])
		}
		if d := len(out) - to; d > 0 || d < -to/50 {
			t.Errorf("%d to %d: %d samples", from, to, len(out))
		}
		mid := out[to/10 : len(out)-to/10]
		if p := media.Power(mid, to, 1000); p < 7000 || p > 7600 {
			t.Errorf("%d to %d: the tone has %.0f, want 7300", from, to, p)
		}
		if l, p := media.Level(mid), media.Power(mid, to, 1000); l*l-p*p/2 > 0.002*l*l {
			t.Errorf("%d to %d: %.4f of the power is not the tone", from, to, 1-p*p/2/(l*l))
		}
		if to >= from {
			continue
		}
		// What the lower rate cannot hold must not come back as something else.
		high := media.Tones(from, media.Part{Hz: [2]float64{0.6 * float64(to)}, Length: time.Second})
		if l := media.Level(media.NewResampler(from, to).Process(nil, high)[to/10:]); l > 25 {
			t.Errorf("%d to %d: level %.0f of what should be gone", from, to, l)
		}
	}
}

func wave(kind, channels, rate, bits int, data []byte) []byte {
	b := append([]byte("RIFF\x00\x00\x00\x00WAVEfmt "), 16, 0, 0, 0, byte(kind), 0, byte(channels), 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(rate))
	b = append(b, 0, 0, 0, 0, 0, 0, byte(bits), 0)
	b = append(b, "LIST\x03\x00\x00\x00abc\x00data"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	return append(b, data...)
}

func TestReadWave(t *testing.T) {
	for _, c := range []struct {
		name string
		file []byte
		want time.Duration
	}{
		{"16 bit", wave(1, 1, 8000, 16, make([]byte, 16000)), time.Second},
		{"stereo", wave(1, 2, 22050, 16, make([]byte, 88200)), time.Second},
		{"A-law", wave(6, 1, 8000, 8, make([]byte, 4000)), time.Second / 2},
		{"µ-law", wave(7, 1, 8000, 8, make([]byte, 4000)), time.Second / 2},
		{"longer than it is", wave(1, 1, 8000, 16, make([]byte, 16000))[:8000], 0},
	} {
		clip, err := media.ReadWave(bytes.NewReader(c.file))
		if err != nil || c.want > 0 && clip.Length() != c.want {
			t.Errorf("%s: %v, %v", c.name, clip, err)
		}
	}
	for name, b := range map[string][]byte{
		"nothing": {}, "other": []byte("OggS and more than twelve bytes"), "no data": wave(1, 1, 8000, 16, nil)[:40],
		"24 bit": wave(1, 1, 8000, 24, make([]byte, 30)), "no channel": wave(1, 0, 8000, 16, nil), "slow": wave(1, 1, 100, 16, nil),
	} {
		if _, err := media.ReadWave(bytes.NewReader(b)); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

// FuzzReadWave looks for files that do harm.
func FuzzReadWave(f *testing.F) {
	f.Add(wave(1, 2, 22050, 16, make([]byte, 40)))
	f.Fuzz(func(t *testing.T, b []byte) {
		clip, err := media.ReadWave(bytes.NewReader(b))
		if err == nil && clip.Length() < 0 {
			t.Fatal(clip.Length())
		}
	})
}

// counted is a task that counts.
type counted chan struct{}

func (c counted) Tick(time.Time) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func TestPacer(t *testing.T) {
	p := media.NewPacer()
	c := make(counted, 1000)
	p.Add(c)
	p.Add(c) // once is enough
	stop := run(t, p.Run)
	begin := time.Now()
	for range 10 {
		select {
		case <-c:
		case <-time.After(30 * time.Second):
			t.Fatal("no tick")
		}
	}
	if d := time.Since(begin); d < 150*time.Millisecond {
		t.Errorf("ten ticks in %v", d)
	}
	p.Remove(c)
	p.Remove(c)
	for len(c) > 0 {
		<-c
	}
	other := make(counted, 10)
	p.Add(other)
	<-other
	<-other
	if len(c) != 0 {
		t.Error("a removed task was called")
	}
	stop()
}

// run runs a service until the returned function is called.
func run(tb testing.TB, service func(context.Context) error) (stop func()) {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- service(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			tb.Error(err)
		}
	}
}
