package media_test

import (
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/telephony/media"
	"github.com/okno-hq/okno/internal/telephony/media/codecs"
	"github.com/okno-hq/okno/internal/telephony/rtp"
)

// nowhere is a transport that takes everything.
type nowhere struct{}

func (nowhere) WriteRTP([]byte) error  { return nil }
func (nowhere) WriteRTCP([]byte) error { return nil }

// speech makes frames of a noisy voice, harder to encode than a tone.
func speech(tb testing.TB, f rtp.Format, n int) []*rtp.Packet {
	tb.Helper()
	k := newTalker(tb, f, 150)
	var all []*rtp.Packet
	r := rand.New(rand.NewPCG(1, 1))
	for range n {
		p := k.next(tb)
		for i := range k.pcm {
			k.pcm[i] = k.pcm[i]/2 + int16(r.IntN(2000)-1000)
		}
		b, err := k.encoder.Encode(nil, k.pcm)
		if err != nil {
			tb.Fatal(err)
		}
		p.Payload = b
		all = append(all, p)
	}
	return all
}

// BenchmarkTranscode is 20 ms of a call between Opus and G.711, both ways.
// The cost of libopus in it is BenchmarkLibopus.
func BenchmarkTranscode(b *testing.B) {
	needsOpus(b)
	now := time.Unix(1e9, 0)
	e, err := rtp.New(rtp.Config{PortLow: 34000, PortHigh: 34009, Now: func() time.Time { return now }})
	if err != nil {
		b.Fatal(err)
	}
	var sides []media.Side
	for _, f := range []rtp.Format{opusF, pcma} {
		s := e.Attach(rtp.StreamConfig{}, nowhere{})
		if err := s.Configure(rtp.Media{Formats: []rtp.Format{f}, Send: true, Receive: true}); err != nil {
			b.Fatal(err)
		}
		src := s.NewSource()
		src.Take()
		sides = append(sides, media.Side{Source: src, Format: f, Known: []rtp.Format{f}})
	}
	j, err := media.NewBridge(sides[0], sides[1], slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	sinkA, sinkB := j.Sinks()
	const n = 500
	as, bs := speech(b, opusF, n), speech(b, pcma, n)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		for k, p := range []*rtp.Packet{as[i%n], bs[i%n]} {
			p.Index = uint32(1<<16 + i)
			p.Sequence = uint16(i)
			p.Timestamp = uint32(i * p.Format.ClockRate / 50)
			p.Arrival = now
			[]rtp.Sink{sinkA, sinkB}[k].ReceiveRTP(p)
		}
		j.Tick(now)
		now = now.Add(codecs.Frame)
		i++
	}
}

// BenchmarkLibopus is what a transcoded call needs of libopus.
func BenchmarkLibopus(b *testing.B) {
	needsOpus(b)
	d, err := codecs.NewDecoder(&opusF, 8000)
	if err != nil {
		b.Fatal(err)
	}
	e, err := codecs.NewEncoder(&opusF, 8000, codecs.Settings{})
	if err != nil {
		b.Fatal(err)
	}
	g, err := codecs.NewDecoder(&pcma, 8000)
	if err != nil {
		b.Fatal(err)
	}
	const n = 500
	as := speech(b, opusF, n)
	var voice [][]int16
	for _, p := range speech(b, pcma, n) {
		pcm, err := g.Decode(nil, p.Payload)
		if err != nil {
			b.Fatal(err)
		}
		voice = append(voice, pcm)
	}
	pcm, payload := make([]int16, 0, 960), make([]byte, 0, 2000)
	i := 0
	for b.Loop() {
		if _, err := d.Decode(pcm, as[i%n].Payload); err != nil {
			b.Fatal(err)
		}
		if _, err := e.Encode(payload, voice[i%n]); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

// BenchmarkHold is 20 ms of music on hold for one leg.
func BenchmarkHold(b *testing.B) {
	now := time.Unix(1e9, 0)
	e, err := rtp.New(rtp.Config{PortLow: 34000, PortHigh: 34009, Now: func() time.Time { return now }})
	if err != nil {
		b.Fatal(err)
	}
	s := e.Attach(rtp.StreamConfig{}, nowhere{})
	if err := s.Configure(rtp.Media{Formats: []rtp.Format{pcma}, Send: true}); err != nil {
		b.Fatal(err)
	}
	src := s.NewSource()
	src.Take()
	p, err := media.NewPlayer(media.PlayerConfig{Source: src, Format: pcma, Clips: []*media.Clip{media.NewClip(8000, media.Tones(8000, media.Ringback()...))}, Loop: true})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		p.Tick(now)
		now = now.Add(codecs.Frame)
	}
}
