package media_test

import (
	"encoding/binary"
	"log/slog"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/telephony/media"
	"github.com/okno-hq/okno/internal/telephony/media/codecs"
	"github.com/okno-hq/okno/internal/telephony/rtp"
	"github.com/okno-hq/okno/internal/telephony/rtp/rtptest"
)

func bridge(tb testing.TB, a, b *phone) *media.Bridge {
	tb.Helper()
	side := func(p *phone) media.Side {
		return media.Side{Leg: "x", Source: p.source, Format: p.format, Known: p.stream.Formats()}
	}
	j, err := media.NewBridge(side(a), side(b), slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	sa, sb := j.Sinks()
	a.stream.SetSink(sa)
	b.stream.SetSink(sb)
	return j
}

func TestBridgeTranscodes(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b rtp.Format
		imp  rtptest.Impairment
	}{
		{"PCMA and G722", pcma, g722, clean},
		{"PCMA and G722, badly", pcma, g722, bad},
		{"Opus and PCMA", opusF, pcma, clean},
		{"Opus and PCMA, badly", opusF, pcma, bad},
		{"Opus and G722", opusF, g722, clean},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.a.Is(rtp.Opus) {
				needsOpus(t)
			}
			r := newRoom(t)
			a, b := r.phone(c.a, 440, c.imp), r.phone(c.b, 1000, c.imp)
			r.tasks = append(r.tasks, bridge(t, a, b))
			r.run(8 * time.Second)
			a.expect(1000)
			b.expect(440)
		})
	}
}

func TestRelayPassesOnWhatItGot(t *testing.T) {
	r := newRoom(t)
	a, b := r.phone(pcma, 440, bad), r.phone(pcma, 1000, bad)
	f, ok := media.Shared(a.stream.Formats(), b.stream.Formats())
	if !ok || !f.Is(rtp.PCMA) {
		t.Fatalf("%v, %v", f, ok)
	}
	join := func() {
		a.stream.SetSink(media.NewRelay(a.stream.Formats(), b.stream.Formats(), b.source))
		b.stream.SetSink(media.NewRelay(b.stream.Formats(), a.stream.Formats(), a.source))
	}
	join()
	r.run(6 * time.Second)
	a.expect(1000)
	b.expect(440)

	// Hold with music, and back: the phone sees one stream.
	music := media.NewClip(16000, media.Tones(16000, media.Part{Hz: [2]float64{700}, Length: 3 * time.Second}))
	hold := b.stream.NewSource()
	hold.Take()
	p, err := media.NewPlayer(media.PlayerConfig{Source: hold, Format: pcma, Clips: []*media.Clip{music}, Loop: true, From: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	r.tasks = append(r.tasks, p)
	r.run(5 * time.Second)
	b.expect(700)
	r.tasks = nil
	hold.Release()
	r.run(4 * time.Second)
	b.expect(440)

	ssrc := b.packets[0].SSRC
	seen := map[uint16]bool{}
	for _, h := range b.packets {
		if h.SSRC != ssrc {
			t.Fatal("the phone saw another stream")
		}
		if seen[h.Sequence] {
			t.Fatalf("number %d came twice", h.Sequence)
		}
		seen[h.Sequence] = true
	}
	if _, ok := media.Shared([]rtp.Format{opusF, events}, []rtp.Format{pcma, events}); ok {
		t.Error("events are no sound to share")
	}
}

func TestMixerKnowsWhoHearsWhom(t *testing.T) {
	r := newRoom(t)
	m := media.NewMixer(slog.New(slog.DiscardHandler))
	r.tasks = append(r.tasks, m)
	join := func(leg string, p *phone, role media.Role, to string) {
		t.Helper()
		sink, err := m.Add(media.Party{Side: media.Side{Leg: leg, Source: p.source, Format: p.format}, Role: role, To: to})
		if err != nil {
			t.Fatal(err)
		}
		p.stream.SetSink(sink)
	}
	customer, agent, boss := r.phone(pcma, 440, clean), r.phone(g722, 1000, clean), r.phone(pcma, 700, clean)
	join("customer", customer, media.Talk, "")
	join("agent", agent, media.Talk, "")
	join("boss", boss, media.Listen, "")
	hears := func(p *phone, want ...float64) {
		t.Helper()
		level := media.Level(p.heard)
		for _, hz := range []float64{440, 1000, 700} {
			got := media.Power(p.heard, p.rate, hz) / (level*math.Sqrt2 + 1)
			if slices.Contains(want, hz) != (got > 0.3) {
				t.Errorf("%.2f of %.0f Hz is heard, want only %v", got, hz, want)
			}
		}
	}
	r.run(2 * time.Second)
	hears(customer, 1000)
	hears(agent, 440)
	hears(boss, 440, 1000)
	m.SetRole("boss", media.Whisper, "agent")
	r.run(2 * time.Second)
	hears(customer, 1000)
	hears(agent, 440, 700)
	m.SetRole("boss", media.Talk, "")
	r.run(2 * time.Second)
	hears(customer, 1000, 700)
	hears(agent, 440, 700)
	m.Remove("agent")
	r.run(2 * time.Second)
	hears(customer, 700)
	hears(boss, 440)
}

// TestLoudVoicesDoNotCrackle sums more than fits.
func TestLoudVoicesDoNotCrackle(t *testing.T) {
	r := newRoom(t)
	m := media.NewMixer(slog.New(slog.DiscardHandler))
	r.tasks = append(r.tasks, m)
	var phones []*phone
	for i := range 8 {
		p := r.phone(g722, 440, clean)
		sink, err := m.Add(media.Party{Side: media.Side{Leg: string(rune('a' + i)), Source: p.source, Format: g722}})
		if err != nil {
			t.Fatal(err)
		}
		p.stream.SetSink(sink)
		phones = append(phones, p)
	}
	r.run(3 * time.Second)
	phones[0].expect(440) // seven times 8000 clipped would be full of overtones
	if x := phones[0].hears(440); x < 0.97 {
		t.Errorf("only %.2f is the tone", x)
	}
}

func TestDigitsArrive(t *testing.T) {
	const keys = "0123456789*#ABCD"
	for _, c := range []struct {
		name string
		imp  rtptest.Impairment
	}{{"clean", clean}, {"with losses", rtptest.Impairment{Loss: 0.2, Jitter: 30 * time.Millisecond}}} {
		t.Run(c.name, func(t *testing.T) {
			r := newRoom(t)
			a, b := r.phone(pcma, 440, clean), r.phone(g722, 1000, c.imp)
			r.tasks = append(r.tasks, bridge(t, a, b))
			d := &media.Digits{Found: func(k byte) { b.digits += string(k) }, Next: b.ear}
			done := 0
			dialer, err := media.NewDialer(b.stream.NewSource(), events, keys, func() { done++ })
			if err != nil {
				t.Fatal(err)
			}
			r.tasks = append(r.tasks, dialer)
			b.packets = nil
			r.run(5 * time.Second)
			for _, h := range b.packets {
				if h.PayloadType == events.Type {
					d.ReceiveRTP(&rtp.Packet{Header: h, Format: &events, Payload: b.payload(h)})
				}
			}
			if b.digits != keys || done != 1 {
				t.Errorf("got %q, done %d times", b.digits, done)
			}
			r.run(2 * time.Second)
			b.expect(440)
		})
	}
	if _, err := media.NewDialer(nil, events, "12x", nil); err == nil {
		t.Error("x is no key")
	}
}

// payload finds an event packet's bytes by its header.
func (p *phone) payload(h rtp.Header) []byte { return p.bytes[h.Sequence] }

// TestBridgePassesDigitsOn presses a key on one side of a bridge.
func TestBridgePassesDigitsOn(t *testing.T) {
	r := newRoom(t)
	a, b := r.phone(pcma, 440, clean), r.phone(g722, 1000, clean)
	r.tasks = append(r.tasks, bridge(t, a, b))
	r.run(time.Second)
	// The phone stops its voice for the key, as telephones do.
	a.mute = true
	ts := a.talker.ts + 160
	for i := range 10 {
		a.talker.seq++
		p := binary.BigEndian.AppendUint16([]byte{5, 10}, uint16(160*min(i+1, 8)))
		if i >= 7 {
			p[1] |= 0x80
		}
		h := rtp.Header{PayloadType: events.Type, Marker: i == 0, Sequence: uint16(a.talker.seq), Timestamp: ts, SSRC: 7}
		seq := a.talker.seq
		a.stream.Deliver(append(h.Append(nil), p...), r.now)
		r.run(codecs.Frame)
		a.talker.seq = seq
	}
	a.mute = false
	r.run(2 * time.Second)
	found := ""
	d := &media.Digits{Found: func(k byte) { found += string(k) }}
	for _, h := range b.packets {
		if h.PayloadType == events.Type {
			d.ReceiveRTP(&rtp.Packet{Header: h, Format: &events, Payload: b.payload(h)})
		}
	}
	if found != "5" {
		t.Errorf("the other side got %q", found)
	}
	b.expect(440)
}

func TestPlayerEnds(t *testing.T) {
	r := newRoom(t)
	p := r.phone(pcma, 440, clean)
	beep := media.NewClip(8000, media.Tones(8000, media.Part{Hz: [2]float64{600}, Length: 500 * time.Millisecond}))
	done := 0
	play, err := media.NewPlayer(media.PlayerConfig{Source: p.source, Format: pcma, Clips: []*media.Clip{beep, beep}, Done: func() { done++ }})
	if err != nil {
		t.Fatal(err)
	}
	r.tasks = append(r.tasks, play)
	r.run(990 * time.Millisecond)
	if done != 0 {
		t.Error("it ended early")
	}
	p.expect(600)
	r.run(2 * time.Second)
	if done != 1 || len(p.packets) != 50 {
		t.Errorf("done %d times after %d packets", done, len(p.packets))
	}
}

// FuzzEvents looks for event packets that do harm.
func FuzzEvents(f *testing.F) {
	f.Add([]byte{5, 10, 0, 160}, uint32(160))
	f.Fuzz(func(t *testing.T, b []byte, ts uint32) {
		n := 0
		d := &media.Digits{Found: func(byte) { n++ }}
		for range 3 {
			d.ReceiveRTP(&rtp.Packet{Header: rtp.Header{Timestamp: ts}, Format: &events, Payload: b})
		}
		if n > 1 || n == 1 && (len(b) < 4 || b[0] > 15) {
			t.Fatalf("%d digits of %x", n, b)
		}
	})
}
