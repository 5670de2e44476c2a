package media

import (
	"slices"

	"github.com/okno-hq/okno/internal/telephony/media/codecs"
	"github.com/okno-hq/okno/internal/telephony/rtp"
)

// Mouth speaks to a peer in one format. It is for one goroutine at a time.
type Mouth struct {
	source   *rtp.Source
	format   rtp.Format
	encoder  codecs.Encoder
	resample *Resampler
	rate     int // of the encoder
	pcm      []int16
	payload  []byte
}

// NewMouth returns a mouth for sound of a rate that feeds a source.
func NewMouth(source *rtp.Source, format rtp.Format, rate int, s codecs.Settings) (*Mouth, error) {
	rates := codecs.Rates(&format)
	if len(rates) == 0 {
		return nil, codecs.ErrUnknown.With("format", format.Name)
	}
	m := &Mouth{source: source, format: format, rate: rates[0]}
	if slices.Contains(rates, rate) {
		m.rate = rate
	} else {
		m.resample = NewResampler(rate, m.rate)
	}
	var err error
	if m.encoder, err = codecs.NewEncoder(&format, m.rate, s); err != nil {
		return nil, err
	}
	return m, nil
}

// Write encodes and sends a frame of 20 ms.
func (m *Mouth) Write(pcm []int16) error {
	if m.resample != nil {
		m.pcm = m.resample.Process(m.pcm, pcm)
		n := m.rate / 50
		if len(m.pcm) < n {
			return nil // the resampler's delay; the next frame makes it whole
		}
		pcm = m.pcm[:n]
		defer func() { m.pcm = m.pcm[:copy(m.pcm, m.pcm[n:])] }()
	}
	var err error
	if m.payload, err = m.encoder.Encode(m.payload[:0], pcm); err != nil {
		return err
	}
	m.source.Send(m.format.Type, m.payload, uint32(m.format.ClockRate/50)) //nolint:gosec // small
	return nil
}
