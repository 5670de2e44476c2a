package media_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/telephony/media"
	"github.com/okno-hq/okno/internal/telephony/rtp"
	"github.com/okno-hq/okno/internal/telephony/rtp/capture"
	"github.com/okno-hq/okno/internal/telephony/rtp/rtptest"
)

// TestCallOverABadNetwork is a whole call in real time: two telephones behind
// lossy, jittering links, protected on one side, recorded, transcoded. Both
// tones must arrive at the other telephone and in the copy.
func TestCallOverABadNetwork(t *testing.T) {
	needsOpus(t)
	e, err := rtp.New(rtp.Config{Bind: netip.MustParseAddr("127.0.0.1"), PortLow: 35000, PortHigh: 35999})
	if err != nil {
		t.Fatal(err)
	}
	store, _, err := capture.Open(capture.Config{Dir: t.TempDir(), Slots: 64})
	if err != nil {
		t.Fatal(err)
	}
	pacer := media.NewPacer()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 3)
	for _, run := range []func(context.Context) error{e.Run, store.Run, pacer.Run} {
		go func() { done <- run(ctx) }()
	}
	defer func() {
		cancel()
		for range 3 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}()
	j, err := store.Begin(capture.Meta{Call: "whole"})
	if err != nil {
		t.Fatal(err)
	}
	bad := rtptest.Impairment{Loss: 0.05, Jitter: 60 * time.Millisecond, Reorder: 0.02, ReorderBy: 40 * time.Millisecond}
	mine, theirs := newKey(t), newKey(t)
	a := newCaller(t, e, pacer, opusF, 440, bad, &rtp.Crypto{Local: mine, Remote: theirs}, &rtp.Crypto{Local: theirs, Remote: mine})
	b := newCaller(t, e, pacer, pcma, 1000, bad, nil, nil)
	for i, c := range []*caller{a, b} {
		tap, err := j.AddLeg(capture.Leg{ID: c.format.Name, Role: []capture.Role{capture.Customer, capture.Agent}[i]}, []rtp.Format{c.format})
		if err != nil {
			t.Fatal(err)
		}
		c.leg.SetTap(tap)
	}
	bridge, err := media.NewBridge(a.side(), b.side(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	sinkA, sinkB := bridge.Sinks()
	a.leg.SetSink(sinkA)
	b.leg.SetSink(sinkB)
	pacer.Add(bridge)
	pacer.Add(a)
	pacer.Add(b)
	select {
	case <-a.full:
	case <-time.After(time.Minute):
		t.Fatal("the call does not go on")
	}
	for _, task := range []media.Task{a, b, bridge} {
		pacer.Remove(task)
	}
	// On a machine that is busy some frames are late, so this is no count.
	for _, c := range []struct {
		who    *caller
		hz     float64
		reason string
	}{{a, 1000, "the customer"}, {b, 440, "the agent"}} {
		n := len(c.who.heard) / 2
		if x := media.Power(c.who.heard[n:], c.who.rate, c.hz) / (media.Level(c.who.heard[n:])*1.4142 + 1); x < 0.4 {
			t.Errorf("%s hears only %.2f of the other's tone", c.reason, x)
		}
	}
	sum, err := j.Close()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(sum.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out bytes.Buffer
	if _, err := media.MakeCopy(t.Context(), f, &out); err != nil {
		t.Fatal(err)
	}
	left, right, _ := decode(t, out.Bytes())
	for i, side := range [][]int16{left, right} {
		hz := []float64{440, 1000}[i]
		n := len(side) / 2
		if x := media.Power(side[n:], 16000, hz) / (media.Level(side[n:])*1.4142 + 1); x < 0.4 {
			t.Errorf("side %d of the copy is %.2f of its tone", i, x)
		}
	}
}

func newKey(tb testing.TB) rtp.Key {
	tb.Helper()
	k, err := rtp.NewKey(1, rtp.AES128S80)
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

// caller is a telephone and our leg to it, with a bad network in between.
type caller struct {
	tb     testing.TB
	format rtp.Format
	rate   int
	leg    *rtp.Stream
	source *rtp.Source // of the leg
	phone  *rtp.Stream
	voice  *rtp.Source // of the phone
	talker *talker
	ear    *media.Ear
	heard  []int16
	full   chan struct{}
}

func newCaller(tb testing.TB, e *rtp.Engine, _ *media.Pacer, f rtp.Format, hz float64, imp rtptest.Impairment, leg, phone *rtp.Crypto) *caller {
	tb.Helper()
	c := &caller{tb: tb, format: f, talker: newTalker(tb, f, hz), full: make(chan struct{})}
	c.rate = c.talker.rate
	c.ear = media.NewEar(media.EarConfig{Rate: c.rate})
	var err error
	if c.leg, err = e.Open(rtp.StreamConfig{}); err != nil {
		tb.Fatal(err)
	}
	if c.phone, err = e.Open(rtp.StreamConfig{}); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		c.leg.Close()
		c.phone.Close()
	})
	at := func(port int) netip.AddrPort {
		return netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(port))
	}
	proxy := rtptest.NewProxy(tb, at(c.leg.Port()), imp, uint64(hz))
	media := rtp.Media{Formats: []rtp.Format{f}, Mux: true, Send: true, Receive: true}
	media.Remote, media.Crypto = proxy.Far(), leg
	if err := c.leg.Configure(media); err != nil {
		tb.Fatal(err)
	}
	media.Remote, media.Crypto = proxy.Near(), phone
	if err := c.phone.Configure(media); err != nil {
		tb.Fatal(err)
	}
	c.source, c.voice = c.leg.NewSource(), c.phone.NewSource()
	c.source.Take()
	c.voice.Take()
	c.phone.SetSink(c.ear)
	return c
}

func (c *caller) side() media.Side {
	return media.Side{Leg: c.format.Name, Source: c.source, Format: c.format, Known: []rtp.Format{c.format}}
}

// callLength is how many samples' time the call takes.
const callLength = 6 * time.Second

// Tick speaks and listens for 20 ms.
func (c *caller) Tick(now time.Time) {
	c.voice.Send(c.format.Type, c.talker.next(c.tb).Payload, uint32(c.format.ClockRate/50))
	pcm := make([]int16, c.rate/50)
	c.ear.Read(pcm, now)
	before := len(c.heard)
	c.heard = append(c.heard, pcm...)
	if enough := int(callLength.Seconds()) * c.rate; before < enough && len(c.heard) >= enough {
		close(c.full)
	}
}
