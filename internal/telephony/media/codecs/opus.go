package codecs

import (
	"slices"

	"github.com/okno-hq/okno/internal/telephony/media/opus"
)

// opusComplexity keeps a call within half a percent of a core, where the
// highest costs three times as much for what few can hear.
const opusComplexity = 5

// opusBitrate is enough for speech of a bandwidth (RFC 7587, 3.1.1).
func opusBitrate(rate int) int {
	switch {
	case rate <= 8000:
		return 16000
	case rate <= 16000:
		return 24000
	}
	return 32000
}

type opusEncoder struct{ encoder *opus.Encoder }

func newOpusEncoder(rate int, s Settings) (Encoder, error) {
	e, err := opus.NewEncoder(opus.Config{
		Rate: rate, Channels: 1, Bitrate: opusBitrate(rate), Complexity: opusComplexity,
		Loss: max(s.Loss, 5), FEC: true,
	})
	if err != nil {
		return nil, err
	}
	return &opusEncoder{e}, nil
}

// SetLoss says how many percent of the packets the peer misses now.
func (e *opusEncoder) SetLoss(percent int) error { return e.encoder.SetLoss(max(percent, 5)) }

// Encode implements Encoder.
func (e *opusEncoder) Encode(dst []byte, pcm []int16) ([]byte, error) {
	dst = slices.Grow(dst, opus.MaxPacket)
	n, err := e.encoder.Encode(dst[len(dst):len(dst)+opus.MaxPacket], pcm)
	return dst[:len(dst)+n], err
}

type opusDecoder struct {
	decoder *opus.Decoder
	rate    int
	good    bool // there was a packet to go on from
}

func newOpusDecoder(rate int) (Decoder, error) {
	d, err := opus.NewDecoder(rate, 1)
	if err != nil {
		return nil, err
	}
	return &opusDecoder{decoder: d, rate: rate}, nil
}

// Decode implements Decoder.
func (d *opusDecoder) Decode(dst []int16, payload []byte) ([]int16, error) {
	length, err := opus.Duration(payload)
	if err != nil {
		return dst, err
	}
	n := int(length.Microseconds()) * d.rate / 1e6
	dst = slices.Grow(dst, n)
	got, err := d.decoder.Decode(dst[len(dst):len(dst)+n], payload)
	d.good = d.good || err == nil
	return dst[:len(dst)+got], err
}

// Conceal implements Decoder: by what the next packet carries of the lost one
// if it is there, else by guessing.
func (d *opusDecoder) Conceal(dst []int16, n int, next []byte) ([]int16, error) {
	at := len(dst)
	dst = append(dst, make([]int16, n)...)
	if !d.good {
		return dst, nil
	}
	// Error correction fills exactly one packet, the one before next.
	length, err := opus.Duration(next)
	lost := int(length.Microseconds()) * d.rate / 1e6
	if err != nil || lost > n {
		_, err = d.decoder.Conceal(dst[at:])
		return dst, err
	}
	if early := n - lost; early > 0 {
		if _, err := d.decoder.Conceal(dst[at : at+early]); err != nil {
			return dst, err
		}
	}
	_, err = d.decoder.Recover(dst[at+n-lost:], next)
	return dst, err
}
