// Package codecs turns sound into the payloads of RTP and back: G.711 in both
// laws, G.722, Opus, and comfort noise. Sound is 16-bit linear, one channel.
package codecs

import (
	"time"

	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/telephony/media/opus"
	"github.com/okno-hq/okno/internal/telephony/rtp"
)

// Frame is how much sound is handled at a time.
const Frame = 20 * time.Millisecond

// What goes wrong.
var (
	// ErrUnknown says that a format is not spoken here.
	ErrUnknown = fault.New(fault.Invalid, "codecs.unknown_format") //nolint:gochecknoglobals // a sentinel
	// ErrPayload says that a payload is not of its format.
	ErrPayload = fault.New(fault.Invalid, "codecs.bad_payload") //nolint:gochecknoglobals // a sentinel
)

// Encoder makes payloads of frames of 20 ms.
type Encoder interface {
	// Encode appends the payload of a frame to dst.
	Encode(dst []byte, pcm []int16) ([]byte, error)
}

// Decoder makes sound of payloads.
type Decoder interface {
	// Decode appends a payload's sound to dst.
	Decode(dst []int16, payload []byte) ([]int16, error)
	// Conceal appends n samples that could have been there in place of a lost
	// packet. The packet after the loss may help; nil if it is not there yet.
	Conceal(dst []int16, n int, next []byte) ([]int16, error)
}

// Rates are the sample rates that a format can be spoken at, its own first.
func Rates(f *rtp.Format) []int {
	switch {
	case f.Is(rtp.PCMA), f.Is(rtp.PCMU):
		return []int{8000}
	case f.Is(rtp.G722):
		return []int{16000}
	case f.Is(rtp.Opus) && opus.Available():
		return []int{48000, 16000, 8000}
	}
	return nil
}

// Settings say how well to encode where a format lets one choose.
type Settings struct {
	Loss int // percent of packets the peer is expected to miss
}

// NewEncoder returns an encoder of a format for samples of a rate of its own.
func NewEncoder(f *rtp.Format, rate int, s Settings) (Encoder, error) {
	switch {
	case f.Is(rtp.PCMA) && rate == 8000:
		return alaw{}, nil
	case f.Is(rtp.PCMU) && rate == 8000:
		return ulaw{}, nil
	case f.Is(rtp.G722) && rate == 16000:
		return newG722Encoder(), nil
	case f.Is(rtp.Opus):
		return newOpusEncoder(rate, s)
	}
	return nil, ErrUnknown.With("format", f.Name)
}

// NewDecoder returns a decoder of a format that delivers samples of a rate of
// its own.
func NewDecoder(f *rtp.Format, rate int) (Decoder, error) {
	switch {
	case f.Is(rtp.PCMA) && rate == 8000:
		return &concealed{decoder: alaw{}, rate: rate}, nil
	case f.Is(rtp.PCMU) && rate == 8000:
		return &concealed{decoder: ulaw{}, rate: rate}, nil
	case f.Is(rtp.G722) && rate == 16000:
		return &concealed{decoder: newG722Decoder(), rate: rate}, nil
	case f.Is(rtp.Opus):
		return newOpusDecoder(rate)
	}
	return nil, ErrUnknown.With("format", f.Name)
}

// Duration returns how long a payload's sound is.
func Duration(f *rtp.Format, payload []byte) (time.Duration, error) {
	if f.Is(rtp.Opus) {
		return opus.Duration(payload)
	}
	if !f.Is(rtp.PCMA) && !f.Is(rtp.PCMU) && !f.Is(rtp.G722) {
		return 0, ErrUnknown.With("format", f.Name)
	}
	return time.Duration(len(payload)) * time.Second / 8000, nil
}

// Supported returns the formats of sound in the order of preference, wideband
// first, with their usual payload types (RFC 3551, table 4).
func Supported() []rtp.Format {
	formats := []rtp.Format{
		{Type: 9, Name: rtp.G722, ClockRate: 8000}, // RFC 3551, 4.5.2: an error that stayed
		{Type: 8, Name: rtp.PCMA, ClockRate: 8000},
		{Type: 0, Name: rtp.PCMU, ClockRate: 8000},
	}
	if opus.Available() {
		formats = append([]rtp.Format{{Type: 111, Name: rtp.Opus, ClockRate: 48000, Channels: 2, Fmtp: "minptime=10;useinbandfec=1"}}, formats...)
	}
	return formats
}
