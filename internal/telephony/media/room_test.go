package media_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/telephony/media"
	"github.com/okno-hq/okno/internal/telephony/media/codecs"
	"github.com/okno-hq/okno/internal/telephony/rtp"
	"github.com/okno-hq/okno/internal/telephony/rtp/rtptest"
)

// room is a call in simulated time: legs of one engine, each with a telephone
// at the other end of a link.
type room struct {
	tb     testing.TB
	now    time.Time
	engine *rtp.Engine
	phones []*phone
	tasks  []media.Task
}

// phone speaks a tone and listens.
type phone struct {
	room    *room
	stream  *rtp.Stream
	source  *rtp.Source
	format  rtp.Format
	talker  *talker
	mute    bool
	ear     *media.Ear
	rate    int
	heard   []int16 // of the last second
	out, in *rtptest.Link
	toUs    arrivals
	toPhone arrivals
	packets []rtp.Header // that came to the phone
	digits  string
	bytes   map[uint16][]byte // payloads by number
	index   uint32
}

func newRoom(tb testing.TB) *room {
	tb.Helper()
	r := &room{tb: tb, now: time.Unix(1e9, 0)}
	var err error
	r.engine, err = rtp.New(rtp.Config{PortLow: 34000, PortHigh: 34009, Now: func() time.Time { return r.now }})
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func (r *room) phone(f rtp.Format, hz float64, imp rtptest.Impairment) *phone {
	r.tb.Helper()
	seed := uint64(len(r.phones))
	p := &phone{room: r, format: f, talker: newTalker(r.tb, f, hz), rate: codecs.Rates(&f)[0], out: rtptest.NewLink(imp, seed), in: rtptest.NewLink(imp, seed+100)}
	p.ear = media.NewEar(media.EarConfig{Rate: p.rate})
	p.stream = r.engine.Attach(rtp.StreamConfig{}, p)
	p.source = p.stream.NewSource()
	p.source.Take()
	if err := p.stream.Configure(rtp.Media{Formats: []rtp.Format{f, events}, Send: true, Receive: true}); err != nil {
		r.tb.Fatal(err)
	}
	r.phones = append(r.phones, p)
	return p
}

// WriteRTP is how the stream's packets come to the phone.
func (p *phone) WriteRTP(b []byte) error {
	x, err := rtp.Parse(slices.Clone(b))
	if err != nil {
		return err
	}
	x.Format = &p.format
	if x.PayloadType == events.Type {
		x.Format = &events
	}
	p.index += uint32(int32(int16(x.Sequence - uint16(p.index))))
	x.Index = p.index + 1<<16
	for _, at := range p.in.Carry(p.room.now) {
		p.toPhone.add(&x, at)
	}
	return nil
}

func (p *phone) WriteRTCP([]byte) error { return nil }

// ReceiveRTP is what the phone does with what came.
func (p *phone) ReceiveRTP(x *rtp.Packet) {
	p.packets = append(p.packets, x.Header)
	if p.bytes == nil {
		p.bytes = map[uint16][]byte{}
	}
	p.bytes[x.Sequence] = x.Payload
	p.ear.ReceiveRTP(x)
}

// run lets time pass.
func (r *room) run(length time.Duration) {
	r.tb.Helper()
	for end := r.now.Add(length); r.now.Before(end); r.now = r.now.Add(codecs.Frame) {
		for _, p := range r.phones {
			x := p.talker.next(r.tb)
			if !p.mute {
				b := append(x.Header.Append(nil), x.Payload...)
				for _, at := range p.out.Carry(r.now) {
					p.toUs.add(&rtp.Packet{Raw: b}, at)
				}
			}
			p.toUs.until(r.now, deliver{p})
		}
		for _, t := range r.tasks {
			t.Tick(r.now)
		}
		for _, p := range r.phones {
			p.toPhone.until(r.now, p)
			pcm := make([]int16, p.rate/50)
			p.ear.Read(pcm, r.now)
			p.heard = append(p.heard, pcm...)
			p.heard = p.heard[max(0, len(p.heard)-p.rate):]
		}
	}
}

type deliver struct{ phone *phone }

func (d deliver) ReceiveRTP(x *rtp.Packet) { d.phone.stream.Deliver(x.Raw, x.Arrival) }

// hears reports how much of the last second's sound is a tone.
func (p *phone) hears(hz float64) float64 {
	level := media.Level(p.heard)
	if level < 50 {
		return 0
	}
	return media.Power(p.heard, p.rate, hz) / (level * math.Sqrt2)
}

func (p *phone) expect(hz float64) {
	p.room.tb.Helper()
	if x := p.hears(hz); x < 0.7 {
		p.room.tb.Errorf("a phone hears only %.2f of %.0f Hz (level %.0f)", x, hz, media.Level(p.heard))
	}
}

var (
	clean = rtptest.Impairment{Delay: 5 * time.Millisecond}
	bad   = rtptest.Impairment{Loss: 0.05, Jitter: 60 * time.Millisecond, Reorder: 0.02, ReorderBy: 40 * time.Millisecond}
)
