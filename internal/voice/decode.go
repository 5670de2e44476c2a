package voice

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/pion/opus"
)

// source gives the packets of an Opus stream, whatever file they are in.
type source interface {
	info() opusHead
	// next returns a packet and its samples, io.EOF at the end.
	next() (packet []byte, samples int, err error)
	// length is where playing ends, in samples at 48 kHz with the pre-skip;
	// valid after next has returned io.EOF.
	length() int64
}

var errLong = errors.New("too long for a waveform")

// opusPeaks decodes an Opus stream and returns its waveform. It gives up after
// so many samples: decoding takes time, and a small file can claim to be long.
func opusPeaks(ctx context.Context, src source, limit int64) (peaks []byte, err error) {
	// The decoder is young and gets strangers' bytes: if it has a bug, the
	// message goes without a waveform and the server stays up.
	defer func() {
		if r := recover(); r != nil {
			peaks, err = nil, fmt.Errorf("decode Opus: %v", r)
		}
	}()
	dec, err := opus.NewDecoderWithOutput(meterRate, 1)
	if err != nil {
		return nil, fmt.Errorf("decode Opus: %w", err)
	}
	var m meter
	pcm := make([]float32, maxPacketSamples*meterRate/sampleRate)
	skip := int(src.info().preSkip) * meterRate / sampleRate
	damaged, whole := 0, 0
	for {
		p, samples, err := src.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("decode Opus: %w", err)
		}
		if limit -= int64(samples); limit < 0 {
			return nil, errLong
		}
		want := samples * meterRate / sampleRate
		n, err := dec.DecodeToFloat32(p, pcm)
		if err != nil {
			// Its time passes in silence, so that the rest stays in place.
			damaged++
			n = want
			clear(pcm[:n])
		} else {
			whole++
		}
		for _, v := range pcm[min(skip, n):n] {
			m.add(v)
		}
		skip -= min(skip, n)
	}
	if damaged > whole {
		return nil, fmt.Errorf("decode Opus: %d of %d packets: %w", damaged, damaged+whole, errPacket)
	}
	return m.peaks(), nil
}
