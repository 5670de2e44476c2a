package media

import (
	"slices"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/telephony/media/codecs"
	"github.com/okno-hq/okno/internal/telephony/rtp"
)

// EarConfig says how a peer is listened to.
type EarConfig struct {
	Rate int // of the sound that is wanted, in samples per second
	// MinDelay and MaxDelay bound how long packets wait for late ones;
	// 20 ms and 500 ms if 0.
	MinDelay, MaxDelay time.Duration
}

// EarStats tell what became of packets.
type EarStats struct {
	Played    uint64        // packets
	Late      uint64        // came after their time
	Concealed time.Duration // sound that was guessed
	Skipped   uint64        // packets given up to catch up
	Delay     time.Duration // that packets are held back now
	Shortened time.Duration // taken out to follow the peer's clock or the delay
	Extended  time.Duration // put in for the same
}

// Ear turns a peer's packets into steady sound. It is an rtp.Sink; another
// goroutine reads it every 20 ms.
type Ear struct {
	mu       sync.Mutex
	rate     int
	buffer   jitterBuffer
	decoders [128]*decoding
	recent   *decoding // of what was played last
	noise    codecs.Noise
	ready    []int16 // sound not read yet
	frame    []int16 // of the decoder
	wide     []int16 // at our rate
	missing  time.Duration
	wait     int // frames until the delay may be changed again
	stats    EarStats
}

// decoding is a format's decoder with what brings it to the ear's rate.
type decoding struct {
	name     string
	rate     int
	clock    int
	decoder  codecs.Decoder
	resample *Resampler
}

// NewEar returns an ear that hears silence until packets come.
func NewEar(cfg EarConfig) *Ear {
	if cfg.MinDelay <= 0 {
		cfg.MinDelay = 20 * time.Millisecond
	}
	if cfg.MaxDelay <= 0 {
		cfg.MaxDelay = 500 * time.Millisecond
	}
	e := &Ear{rate: cfg.Rate}
	e.buffer.minimum, e.buffer.maximum = cfg.MinDelay, cfg.MaxDelay
	// Until the network is known it is taken to be an ordinary one.
	e.buffer.histogram[6], e.buffer.total = 20, 20
	return e
}

// ReceiveRTP implements rtp.Sink.
func (e *Ear) ReceiveRTP(p *rtp.Packet) {
	e.mu.Lock()
	defer e.mu.Unlock()
	anew, late := e.buffer.put(p)
	if anew {
		clear(e.decoders[:])
		e.recent = nil
	}
	if late {
		e.stats.Late++
	}
}

// Stats returns what became of the packets so far.
func (e *Ear) Stats() EarStats {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.stats
	s.Delay = e.buffer.target()
	return s
}

// Flush forgets what waits, as after a pause that must not be heard.
func (e *Ear) Flush() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.buffer.started, e.buffer.playing, e.buffer.count = false, false, 0
	for i := range e.buffer.slots {
		e.buffer.slots[i].full = false
	}
	e.ready = e.ready[:0]
	e.noise.Silence()
}

// Read fills pcm with the next sound. now is when it is to be heard; from one
// call to the next it should grow by the length of pcm.
func (e *Ear) Read(pcm []int16, now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for len(e.ready) < len(pcm) {
		e.step(now)
	}
	n := copy(pcm, e.ready)
	e.ready = e.ready[:copy(e.ready, e.ready[n:])]
}

// longestWait is how long a peer may say nothing before its next packet is
// the beginning of something new.
const longestWait = 200 * time.Millisecond

// far is how much later than needed sound may be before it is skipped.
const far = 400 * time.Millisecond

// step adds some sound to what is ready. Packets are judged by when they are
// needed, which is now, though a part of a frame may be ready before them.
func (e *Ear) step(now time.Time) {
	b := &e.buffer
	f := b.first()
	for f != nil && !isSound(f.format) {
		e.aside(f)
		f = b.first()
	}
	target := b.target()
	for f != nil && b.count > 1 && b.age(f.ticks, now) > target+far {
		b.last = f.index
		b.free(f)
		e.stats.Skipped++
		b.playing = false
		f = b.first()
	}
	if f == nil {
		e.starve()
		return
	}
	if !b.playing {
		if b.age(f.ticks, now) < target-codecs.Frame/2 {
			e.pause()
			return
		}
		b.playing, b.next = true, f.ticks
	}
	switch gap := f.ticks - b.next; {
	case gap <= 0:
		e.play(f, b.age(f.ticks, now)-target)
	case f.index == b.last+1:
		b.playing = false // the peer was silent in between
		e.pause()
	default:
		e.conceal(gap, f)
	}
}

// aside takes what is not sound out of the order.
func (e *Ear) aside(f *held) {
	if f.format.Is(rtp.ComfortNoise) && e.noise.Update(f.payload) == nil {
		e.buffer.playing = false
	}
	e.buffer.last = f.index
	e.buffer.free(f)
}

// pause adds a frame in which the peer says nothing.
func (e *Ear) pause() {
	n := e.rate / 50
	at := len(e.ready)
	e.ready = append(e.ready, make([]int16, n)...)
	e.noise.Fill(e.ready[at:])
}

// starve adds a frame when nothing is there to be played.
func (e *Ear) starve() {
	b := &e.buffer
	d := e.recent
	if !b.playing || d == nil || e.missing >= longestWait {
		b.playing = false
		e.pause()
		return
	}
	ticks := int64(d.clock) / 50
	e.guess(d, ticks, nil)
	e.missing += codecs.Frame
}

// conceal fills a gap before a packet, one frame at most.
func (e *Ear) conceal(gap int64, f *held) {
	d := e.recent
	if d == nil {
		e.buffer.next = f.ticks
		return
	}
	frame := int64(d.clock) / 50
	var next []byte
	if gap <= frame {
		next = f.payload
	}
	e.guess(d, min(gap, frame), next)
}

// guess adds sound that could have been there.
func (e *Ear) guess(d *decoding, ticks int64, next []byte) {
	n := int(ticks * int64(d.rate) / int64(d.clock))
	var err error
	if e.frame, err = d.decoder.Conceal(e.frame[:0], n, next); err != nil {
		e.frame = slices.Grow(e.frame[:0], n)[:n]
		clear(e.frame)
	}
	e.ready = append(e.ready, e.convert(d)...)
	e.buffer.next += ticks
	e.stats.Concealed += time.Duration(ticks) * time.Second / time.Duration(d.clock)
}

// play decodes a packet. surplus is how much later than needed it is heard.
func (e *Ear) play(f *held, surplus time.Duration) {
	b := &e.buffer
	d, err := e.decoding(f.format)
	e.frame = e.frame[:0]
	if err == nil {
		e.frame, err = d.decoder.Decode(e.frame, f.payload)
	}
	b.last = f.index
	b.free(f)
	if err != nil || len(e.frame) == 0 {
		e.pause() // what cannot be decoded is silence
		b.next = f.ticks + int64(f.format.ClockRate)/50
		return
	}
	b.next = f.ticks + int64(len(e.frame))*int64(d.clock)/int64(d.rate)
	e.missing = 0
	e.stats.Played++
	e.ready = append(e.ready, e.adjust(e.convert(d), surplus)...)
}

// How far the delay may be off before sound is made shorter or longer, and
// before that is done even where it may be heard.
const (
	tooLong  = 15 * time.Millisecond
	tooShort = 10 * time.Millisecond
	urgent   = 60 * time.Millisecond
	restFor  = 5 // frames between two changes that are not urgent
)

// adjust brings the delay nearer to what it should be.
func (e *Ear) adjust(pcm []int16, surplus time.Duration) []int16 {
	if e.wait > 0 {
		e.wait--
		if surplus < urgent && surplus > -urgent {
			return pcm
		}
	}
	n := 0
	length := func() time.Duration { return time.Duration(n) * time.Second / time.Duration(e.rate) }
	switch {
	case surplus > tooLong:
		if pcm, n = shorten(pcm, e.rate, surplus > urgent); n > 0 {
			e.stats.Shortened += length()
		}
	case surplus < -tooShort:
		if pcm, n = lengthen(pcm, e.rate, surplus < -urgent); n > 0 {
			e.stats.Extended += length()
			e.wide = pcm
		}
	}
	if n > 0 {
		e.wait = restFor
	}
	return pcm
}

// convert brings the decoded frame to the ear's rate.
func (e *Ear) convert(d *decoding) []int16 {
	if d.resample == nil {
		e.wide = append(e.wide[:0], e.frame...)
	} else {
		e.wide = d.resample.Process(e.wide[:0], e.frame)
	}
	return e.wide
}

// decoding finds or makes the decoder of a format.
func (e *Ear) decoding(f *rtp.Format) (*decoding, error) {
	d := e.decoders[f.Type&0x7f]
	if d == nil || !f.Is(d.name) {
		rates := codecs.Rates(f)
		if len(rates) == 0 {
			return nil, codecs.ErrUnknown
		}
		d = &decoding{name: f.Name, clock: f.ClockRate, rate: rates[0]}
		if slices.Contains(rates, e.rate) {
			d.rate = e.rate
		} else {
			d.resample = NewResampler(d.rate, e.rate)
		}
		var err error
		if d.decoder, err = codecs.NewDecoder(f, d.rate); err != nil {
			return nil, err
		}
		e.decoders[f.Type&0x7f] = d
	}
	e.recent = d
	return d, nil
}
