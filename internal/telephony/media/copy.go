package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/okno-hq/okno/internal/telephony/media/codecs"
	"github.com/okno-hq/okno/internal/telephony/media/opus"
	"github.com/okno-hq/okno/internal/telephony/rtp"
	"github.com/okno-hq/okno/internal/telephony/rtp/capture"
)

// Copy tells of a listening copy.
type Copy struct {
	Duration time.Duration
	Peaks    Peaks
	// Marks are what happened, by when it is heard.
	Marks []CopyMark
	// Legs tell how well each was received.
	Legs []CopyLeg
}

// CopyMark is a mark of the journal with its place.
type CopyMark struct {
	At time.Duration
	capture.Mark
}

// CopyLeg tells of one leg of a copy.
type CopyLeg struct {
	capture.Leg
	Packets   uint64
	Concealed time.Duration
}

const (
	copyRate    = 16000
	copyBitrate = 32000
	// copyDelay is how long packets wait for others: nothing is in a hurry
	// here, so that only what was truly lost is missing.
	copyDelay = 240 * time.Millisecond
)

// MakeCopy makes the recording that people listen to from a journal: Ogg/Opus
// in stereo, the customer left and whoever speaks for the house right, each
// where it arrived. It takes constant memory. An interrupted journal gives a
// copy up to where it was interrupted.
func MakeCopy(ctx context.Context, journal io.Reader, out io.Writer) (Copy, error) {
	r, err := capture.NewReader(journal)
	if err != nil {
		return Copy{}, err
	}
	encoder, err := opus.NewEncoder(opus.Config{Rate: copyRate, Channels: 2, Bitrate: copyBitrate, Complexity: opusCopyComplexity})
	if err != nil {
		return Copy{}, err
	}
	ogg, err := newOggWriter(out, rand.Uint32(), 2, copyRate) //nolint:gosec // tells streams apart
	if err != nil {
		return Copy{}, err
	}
	c := copier{reader: r, encoder: encoder, ogg: ogg, start: r.Meta().Started, packet: make([]byte, opus.MaxPacket)}
	n := copyRate / 50
	c.pcm = make([]int16, n)
	c.stereo = make([]int16, 2*n)
	for i := range c.mixed {
		c.mixed[i] = make([]int16, n)
	}
	if err := c.run(ctx); err != nil {
		return Copy{}, err
	}
	return c.result, nil
}

// opusCopyComplexity trades time for quality where nobody waits.
const opusCopyComplexity = 8

type copier struct {
	reader  *capture.Reader
	encoder *opus.Encoder
	ogg     *oggWriter
	start   time.Time
	legs    [256]*copyLeg
	order   []*copyLeg
	peaker  peaker
	result  Copy

	ahead  capture.Record // read, but of a later time
	held   bool
	ended  bool
	last   time.Duration
	pcm    []int16
	mixed  [2][]int16
	stereo []int16
	packet []byte
}

// copyLeg is one leg's way from packets to sound.
type copyLeg struct {
	info    capture.Leg
	ear     *Ear
	formats [128]*rtp.Format
	ssrc    uint32
	newest  uint32
	packets uint64
}

func (c *copier) run(ctx context.Context) error {
	// What is heard at a moment arrived copyDelay before.
	for t := time.Duration(0); !c.ended || t < c.last+copyDelay; t += codecs.Frame {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("media: copy: %w", err)
		}
		if err := c.feed(t); err != nil {
			return err
		}
		c.mix(c.start.Add(t))
		if t < copyDelay {
			continue
		}
		if err := c.encode(); err != nil {
			return err
		}
	}
	c.result.Duration = c.last
	c.result.Peaks = c.peaker.peaks()
	for _, l := range c.order {
		c.result.Legs = append(c.result.Legs, CopyLeg{Leg: l.info, Packets: l.packets, Concealed: l.ear.Stats().Concealed})
	}
	return c.ogg.close(int64(c.last * 48000 / time.Second))
}

// feed hands on everything that had arrived by a time.
func (c *copier) feed(t time.Duration) error {
	for !c.ended {
		if !c.held {
			r, err := c.reader.Next()
			if errors.Is(err, io.EOF) {
				c.ended = true
				return nil
			}
			if err != nil {
				return err
			}
			c.ahead = r
		}
		c.held = c.ahead.At > t
		if c.held {
			return nil // the reader's bytes stay as they are until Next
		}
		if err := c.take(c.ahead); err != nil {
			return err
		}
		c.last = max(c.last, c.ahead.At)
	}
	return nil
}

func (c *copier) take(r capture.Record) error {
	switch r.Kind {
	case capture.KindLeg:
		var l capture.Leg
		if err := r.Decode(&l); err != nil {
			return err
		}
		if c.legs[l.Index] == nil {
			c.legs[l.Index] = &copyLeg{info: l, ear: NewEar(EarConfig{Rate: copyRate, MinDelay: copyDelay, MaxDelay: copyDelay})}
			c.order = append(c.order, c.legs[l.Index])
		}
	case capture.KindFormats:
		var f capture.Formats
		if err := r.Decode(&f); err != nil {
			return err
		}
		if l := c.legs[f.Leg]; l != nil {
			l.formats = [128]*rtp.Format{}
			for i := range f.Formats {
				l.formats[f.Formats[i].Type&0x7f] = &f.Formats[i]
			}
		}
	case capture.KindRTP:
		if l := c.legs[r.Leg]; l != nil {
			l.receive(r.Data, c.start.Add(r.At))
		}
	case capture.KindMark:
		var m capture.Mark
		if err := r.Decode(&m); err != nil {
			return err
		}
		c.result.Marks = append(c.result.Marks, CopyMark{r.At, m})
	case capture.KindDamage:
		c.result.Marks = append(c.result.Marks, CopyMark{r.At, capture.Mark{Name: capture.Gap, Reason: "damaged"}})
	case capture.KindMeta:
	}
	return nil
}

// receive hands a packet to the ear as the stream would have.
func (l *copyLeg) receive(b []byte, at time.Time) {
	p, err := rtp.Parse(b)
	if err != nil || l.formats[p.PayloadType] == nil {
		return
	}
	if l.packets == 0 || p.SSRC != l.ssrc {
		l.ssrc, l.newest = p.SSRC, 1<<16|uint32(p.Sequence)
	}
	p.Index = l.newest + uint32(int32(int16(p.Sequence-uint16(l.newest)))) //nolint:gosec // a signed distance
	if int32(p.Index-l.newest) > 0 {                                       //nolint:gosec // a signed distance
		l.newest = p.Index
	}
	p.Format, p.Arrival = l.formats[p.PayloadType], at
	l.packets++
	l.ear.ReceiveRTP(&p)
}

// mix reads every leg onto its side.
func (c *copier) mix(now time.Time) {
	for i := range c.mixed {
		clear(c.mixed[i])
	}
	for _, l := range c.order {
		l.ear.Read(c.pcm, now)
		side := c.mixed[1]
		if l.info.Role == capture.Customer {
			side = c.mixed[0]
		}
		for i, s := range c.pcm {
			side[i] = clamp(int(side[i]) + int(s))
		}
	}
}

func clamp(v int) int16 { return int16(max(min(v, 32767), -32768)) } //nolint:gosec // bounded

func (c *copier) encode() error {
	for i := range c.mixed[0] {
		c.stereo[2*i], c.stereo[2*i+1] = c.mixed[0][i], c.mixed[1][i]
	}
	c.peaker.add(c.mixed[0], c.mixed[1])
	n, err := c.encoder.Encode(c.packet, c.stereo)
	if err != nil {
		return err
	}
	return c.ogg.write(c.packet[:n], 960)
}
