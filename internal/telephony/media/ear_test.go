package media_test

import (
	"math"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/telephony/media"
	"github.com/okno-hq/okno/internal/telephony/media/codecs"
	"github.com/okno-hq/okno/internal/telephony/media/opus"
	"github.com/okno-hq/okno/internal/telephony/rtp"
	"github.com/okno-hq/okno/internal/telephony/rtp/rtptest"
)

var (
	pcma   = rtp.Format{Type: 8, Name: rtp.PCMA, ClockRate: 8000}
	g722   = rtp.Format{Type: 9, Name: rtp.G722, ClockRate: 8000}
	opusF  = rtp.Format{Type: 111, Name: rtp.Opus, ClockRate: 48000, Channels: 2}
	events = rtp.Format{Type: 101, Name: rtp.TelephoneEvent, ClockRate: 8000}
	noise  = rtp.Format{Type: 13, Name: rtp.ComfortNoise, ClockRate: 8000}
)

func needsOpus(tb testing.TB) {
	tb.Helper()
	if opus.Available() {
		return
	}
	tb.Skip("built without cgo, and so without libopus")
}

// talker makes the packets of a peer that speaks a tone.
type talker struct {
	format  rtp.Format
	rate    int
	encoder codecs.Encoder
	hz      float64
	at      int // samples
	seq     uint32
	ts      uint32
	pcm     []int16
	same    []byte // the payload, where every frame is the same
}

func newTalker(tb testing.TB, f rtp.Format, hz float64) *talker {
	tb.Helper()
	rate := codecs.Rates(&f)[0]
	e, err := codecs.NewEncoder(&f, rate, codecs.Settings{Loss: 5})
	if err != nil {
		tb.Fatal(err)
	}
	return &talker{format: f, rate: rate, encoder: e, hz: hz, seq: 1 << 16, ts: 0xfffffff0, pcm: make([]int16, rate/50)}
}

func (k *talker) next(tb testing.TB) *rtp.Packet {
	tb.Helper()
	k.seq++
	k.ts += uint32(k.format.ClockRate / 50)
	if k.same != nil {
		return k.packet(k.same)
	}
	for i := range k.pcm {
		k.pcm[i] = int16(8000 * math.Sin(2*math.Pi*k.hz*float64(k.at+i)/float64(k.rate)))
	}
	k.at += len(k.pcm)
	b, err := k.encoder.Encode(nil, k.pcm)
	if err != nil {
		tb.Fatal(err)
	}
	if k.format.Is(rtp.PCMA) && math.Mod(k.hz, 50) == 0 {
		k.same = b
	}
	return k.packet(b)
}

func (k *talker) packet(b []byte) *rtp.Packet {
	return &rtp.Packet{
		Header: rtp.Header{PayloadType: k.format.Type, Sequence: uint16(k.seq), Timestamp: k.ts, SSRC: 7},
		Index:  k.seq, Format: &k.format, Payload: b,
	}
}

// arrivals is a queue of packets in the order in which they arrive.
type arrivals struct{ queue []*rtp.Packet }

func (a *arrivals) add(p *rtp.Packet, at time.Time) {
	c := *p
	c.Arrival = at
	i := len(a.queue)
	for i > 0 && a.queue[i-1].Arrival.After(at) {
		i--
	}
	a.queue = append(a.queue, nil)
	copy(a.queue[i+1:], a.queue[i:])
	a.queue[i] = &c
}

func (a *arrivals) until(now time.Time, to rtp.Sink) {
	for len(a.queue) > 0 && !a.queue[0].Arrival.After(now) {
		to.ReceiveRTP(a.queue[0])
		a.queue = a.queue[1:]
	}
}

// listen has an ear hear a talker over a link for a while, in simulated time.
// The talker's clock is off by ppm. Every frame heard is handed to check.
func listen(
	tb testing.TB, ear *media.Ear, rate int, k *talker, link *rtptest.Link, length time.Duration, ppm float64,
	check func(at time.Duration, pcm []int16),
) {
	tb.Helper()
	start := time.Unix(1e9, 0)
	var net arrivals
	pcm := make([]int16, rate/50)
	sent := start
	for at := time.Duration(0); at < length; at += codecs.Frame {
		now := start.Add(at)
		for !sent.After(now) {
			p := k.next(tb)
			for _, when := range link.Carry(sent) {
				net.add(p, when)
			}
			sent = sent.Add(time.Duration(float64(codecs.Frame) * (1 + ppm/1e6)))
		}
		net.until(now, ear)
		ear.Read(pcm, now)
		check(at, pcm)
	}
}

func TestEarHearsThroughABadNetwork(t *testing.T) {
	bad := rtptest.Impairment{Loss: 0.05, Jitter: 60 * time.Millisecond, Duplicate: 0.01, Reorder: 0.02, ReorderBy: 50 * time.Millisecond}
	for _, c := range []struct {
		name   string
		format rtp.Format
		rate   int
	}{
		{"PCMA", pcma, 8000},
		{"PCMA at 16 kHz", pcma, 16000},
		{"G722", g722, 16000},
		{"G722 at 8 kHz", g722, 8000},
		{"Opus", opusF, 48000},
		{"Opus at 8 kHz", opusF, 8000},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.format.Is(rtp.Opus) {
				needsOpus(t)
			}
			ear := media.NewEar(media.EarConfig{Rate: c.rate})
			good, frames := 0, 0
			var loudest float64
			listen(t, ear, c.rate, newTalker(t, c.format, 440), rtptest.NewLink(bad, 5), 30*time.Second, 0, func(at time.Duration, pcm []int16) {
				if at < 3*time.Second {
					return
				}
				frames++
				if media.HasTone(pcm, c.rate, 440) {
					good++
				}
				loudest = max(loudest, media.Level(pcm))
			})
			s := ear.Stats()
			if good*100 < frames*93 {
				t.Errorf("the tone is heard in %d of %d frames; %+v", good, frames, s)
			}
			if s.Delay > 150*time.Millisecond || s.Late*30 > s.Played {
				t.Errorf("%+v", s)
			}
			if loudest > 8000 {
				t.Errorf("level %.0f of a tone of 5650", loudest)
			}
		})
	}
}

// TestEarFollowsThePeersClock listens for an hour to clocks that are off by
// far more than crystals are; nothing but the tone may be heard.
func TestEarFollowsThePeersClock(t *testing.T) {
	for _, ppm := range []float64{-200, 200} {
		ear := media.NewEar(media.EarConfig{Rate: 8000})
		link := rtptest.NewLink(rtptest.Impairment{Delay: 10 * time.Millisecond, Jitter: 8 * time.Millisecond}, 3)
		bad, clicks := 0, 0
		last := int16(0)
		listen(t, ear, 8000, newTalker(t, pcma, 400), link, time.Hour, ppm, func(at time.Duration, pcm []int16) {
			if at < 2*time.Second {
				last = pcm[len(pcm)-1]
				return
			}
			if at%(5*codecs.Frame) == 0 && !media.HasTone(pcm, 8000, 400) {
				bad++
			}
			for _, s := range pcm { // a tone of 8000 at 400 Hz rises by 2513 at most
				if d := int(s) - int(last); d > 3300 || d < -3300 {
					clicks++
				}
				last = s
			}
		})
		s := ear.Stats()
		drift := time.Duration(math.Abs(ppm) / 1e6 * float64(time.Hour))
		moved := s.Shortened - s.Extended
		if ppm > 0 {
			moved = -moved
		}
		if bad > 0 || clicks > 0 {
			t.Errorf("%+.0f ppm: %d frames without the tone, %d clicks; %+v", ppm, bad, clicks, s)
		}
		if moved < drift-100*time.Millisecond || moved > drift+100*time.Millisecond || s.Concealed > 100*time.Millisecond {
			t.Errorf("%+.0f ppm: corrected by %v of %v; %+v", ppm, moved, drift, s)
		}
	}
}

// TestEarWaitsForAPeerThatPauses lets the peer be silent in its own ways.
func TestEarWaitsForAPeerThatPauses(t *testing.T) {
	ear := media.NewEar(media.EarConfig{Rate: 8000})
	k := newTalker(t, pcma, 440)
	now := time.Unix(1e9, 0)
	pcm := make([]int16, 160)
	run := func(speaks bool, frames int) (heard int) {
		for range frames {
			if speaks {
				p := k.next(t)
				p.Arrival = now
				ear.ReceiveRTP(p)
			}
			ear.Read(pcm, now)
			if media.HasTone(pcm, 8000, 440) {
				heard++
			}
			now = now.Add(codecs.Frame)
		}
		return heard
	}
	if n := run(true, 100); n < 94 {
		t.Fatalf("heard %d of 100 frames", n)
	}
	// Silence suppression: the timestamp goes on, the numbers do not.
	comfort := &rtp.Packet{Header: rtp.Header{SSRC: 7, Timestamp: k.ts + 160}, Format: &noise, Payload: []byte{60}, Arrival: now}
	k.seq++
	comfort.Index = k.seq
	ear.ReceiveRTP(comfort)
	run(false, 10)
	for range 50 {
		ear.Read(pcm, now)
		now = now.Add(codecs.Frame)
		if l := media.Level(pcm); l < 10 || l > 200 {
			t.Fatalf("the pause has level %.0f, want the comfort noise's 33", l)
		}
	}
	k.ts += 60 * 160
	if n := run(true, 100); n < 92 {
		t.Fatalf("after silence suppression %d of 100 frames", n)
	}
	// A hold: nothing comes for a minute, and the timestamps stand still.
	now = now.Add(time.Minute)
	if n := run(true, 100); n < 90 {
		t.Fatalf("after a hold %d of 100 frames", n)
	}
	// Another stream in the same place.
	k.ts, k.seq = 12345, 1<<16+9
	if n := run(true, 100); n < 90 {
		t.Fatalf("after a restart %d of 100 frames", n)
	}
	if s := ear.Stats(); s.Concealed > 400*time.Millisecond {
		t.Fatalf("%+v", s)
	}
}
