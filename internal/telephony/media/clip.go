package media

import (
	"encoding/binary"
	"io"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/telephony/media/codecs"
	"github.com/okno-hq/okno/internal/telephony/rtp"
)

// ErrWave says that a file is not a WAV that can be played.
var ErrWave = fault.New(fault.Invalid, "media.bad_wav") //nolint:gochecknoglobals // a sentinel

// Clip is sound to be played: a prompt, music on hold, a signal. What it is in
// each format is encoded once, so that playing it to hundreds of legs costs
// them packets only.
type Clip struct {
	rate int
	pcm  []int16

	mu      sync.Mutex
	encoded map[string][][]byte
}

// NewClip makes a clip of sound, which must not change any more.
func NewClip(rate int, pcm []int16) *Clip {
	return &Clip{rate: rate, pcm: pcm, encoded: map[string][][]byte{}}
}

// Length is how long it plays.
func (c *Clip) Length() time.Duration {
	return time.Duration(len(c.pcm)) * time.Second / time.Duration(c.rate)
}

// frames returns the clip in a format, 20 ms each; the last is filled up with
// silence.
func (c *Clip) frames(f *rtp.Format) ([][]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := f.Name + "/" + strconv.Itoa(f.ClockRate)
	if e, ok := c.encoded[key]; ok {
		return e, nil
	}
	rates := codecs.Rates(f)
	if len(rates) == 0 {
		return nil, codecs.ErrUnknown.With("format", f.Name)
	}
	to := rates[0]
	if slices.Contains(rates, c.rate) {
		to = c.rate
	}
	encoder, err := codecs.NewEncoder(f, to, codecs.Settings{})
	if err != nil {
		return nil, err
	}
	pcm := c.pcm
	if to != c.rate {
		r := NewResampler(c.rate, to)
		pcm = r.Process(nil, pcm)
		pcm = r.Process(pcm, make([]int16, r.Delay())) // what is still in the filter
	}
	n := to / 50
	var frames [][]byte
	for at := 0; at < len(pcm); at += n {
		frame := pcm[at:min(at+n, len(pcm))]
		if len(frame) < n {
			frame = append(slices.Clone(frame), make([]int16, n-len(frame))...)
		}
		b, err := encoder.Encode(nil, frame)
		if err != nil {
			return nil, err
		}
		frames = append(frames, slices.Clip(b))
	}
	c.encoded[key] = frames
	return frames, nil
}

// maxWave bounds a file that is read: an hour in stereo at 48 kHz is not.
const maxWave = 64 << 20

// ReadWave reads a WAV file of 16-bit, A-law or µ-law samples. Of several
// channels the mean is taken.
func ReadWave(r io.Reader) (*Clip, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxWave+1))
	if err != nil {
		return nil, ErrWave.Because(err)
	}
	le := binary.LittleEndian
	if len(b) > maxWave || len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return nil, ErrWave
	}
	var kind, channels, hz, bits int
	for b = b[12:]; len(b) >= 8; {
		name, size := string(b[:4]), int(le.Uint32(b[4:]))
		body := b[8:]
		// Programs that write to a pipe do not know the length.
		if name == "data" && size > len(body) {
			size = len(body)
		}
		if size > len(body) {
			return nil, ErrWave
		}
		switch {
		case name == "fmt " && size >= 16:
			kind, channels = int(le.Uint16(body)), int(le.Uint16(body[2:]))
			hz, bits = int(le.Uint32(body[4:])), int(le.Uint16(body[14:]))
		case name == "data":
			return decodeWave(body[:size], kind, channels, hz, bits)
		}
		b = body[min(size+size&1, len(body)):]
	}
	return nil, ErrWave
}

// Kinds of WAV (RFC 2361).
const (
	wavePCM  = 1
	waveALaw = 6
	waveULaw = 7
)

func decodeWave(b []byte, kind, channels, hz, bits int) (*Clip, error) {
	if channels < 1 || channels > 8 || hz < 4000 || hz > 192000 {
		return nil, ErrWave
	}
	var pcm []int16
	switch {
	case kind == wavePCM && bits == 16:
		for ; len(b) >= 2; b = b[2:] {
			pcm = append(pcm, int16(binary.LittleEndian.Uint16(b))) //nolint:gosec // the sign is meant
		}
	case (kind == waveALaw || kind == waveULaw) && bits == 8:
		name := map[int]string{waveALaw: rtp.PCMA, waveULaw: rtp.PCMU}[kind]
		d, err := codecs.NewDecoder(&rtp.Format{Name: name, ClockRate: 8000}, 8000)
		if err != nil {
			return nil, err
		}
		if pcm, err = d.Decode(nil, b); err != nil {
			return nil, ErrWave.Because(err)
		}
	default:
		return nil, ErrWave
	}
	if channels > 1 {
		mono := pcm[:0]
		for i := 0; i+channels <= len(pcm); i += channels {
			sum := 0
			for _, s := range pcm[i : i+channels] {
				sum += int(s)
			}
			mono = append(mono, int16(sum/channels)) //nolint:gosec // a mean
		}
		pcm = mono
	}
	return NewClip(hz, pcm), nil
}
