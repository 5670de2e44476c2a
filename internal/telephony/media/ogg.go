package media

import (
	"encoding/binary"
	"fmt"
	"io"
)

// oggWriter writes one Ogg stream (RFC 3533) of Opus packets (RFC 7845), in
// pages of at most a second so that players can seek.
type oggWriter struct {
	w        io.Writer
	serial   uint32
	sequence uint32
	table    [256]uint32
	segments []byte
	body     []byte
	granule  int64 // of all packets so far, in samples at 48 kHz
	flushed  int64
}

// preSkip is what the encoder adds at the beginning: 6.5 ms at 48 kHz.
const preSkip = 312

const (
	oggFirst = 2
	oggLast  = 4
)

func newOggWriter(w io.Writer, serial uint32, channels, rate int) (*oggWriter, error) {
	o := &oggWriter{w: w, serial: serial}
	for i := range o.table {
		r := uint32(i) << 24 //nolint:gosec // a byte
		for range 8 {
			if r&0x80000000 != 0 {
				r = r<<1 ^ 0x04c11db7
			} else {
				r <<= 1
			}
		}
		o.table[i] = r
	}
	head := append([]byte("OpusHead"), 1, byte(channels)) //nolint:gosec // 1 or 2
	head = binary.LittleEndian.AppendUint16(head, preSkip)
	head = binary.LittleEndian.AppendUint32(head, uint32(rate)) //nolint:gosec // a rate
	head = append(head, 0, 0, 0)
	o.add(head)
	if err := o.flush(oggFirst, 0); err != nil {
		return nil, err
	}
	const vendor = "Okno"
	tags := append([]byte("OpusTags"), byte(len(vendor)), 0, 0, 0)
	tags = append(append(tags, vendor...), 0, 0, 0, 0)
	o.add(tags)
	return o, o.flush(0, 0)
}

// write adds a packet of so many samples at 48 kHz.
func (o *oggWriter) write(packet []byte, samples int64) error {
	if len(o.segments)+len(packet)/255+1 > 255 || o.granule+samples-o.flushed > 48000 {
		if err := o.flush(0, o.granule); err != nil {
			return err
		}
		o.flushed = o.granule
	}
	o.add(packet)
	o.granule += samples
	return nil
}

// close ends the stream; samples is how much of it is to be heard.
func (o *oggWriter) close(samples int64) error {
	return o.flush(oggLast, min(samples+preSkip, o.granule))
}

func (o *oggWriter) add(p []byte) {
	n := len(p)
	for ; n >= 255; n -= 255 {
		o.segments = append(o.segments, 255)
	}
	o.segments = append(o.segments, byte(n)) //nolint:gosec // below 255
	o.body = append(o.body, p...)
}

func (o *oggWriter) flush(flags byte, granule int64) error {
	page := append([]byte("OggS"), 0, flags)
	page = binary.LittleEndian.AppendUint64(page, uint64(granule)) //nolint:gosec // not negative
	page = binary.LittleEndian.AppendUint32(page, o.serial)
	page = binary.LittleEndian.AppendUint32(page, o.sequence)
	page = append(page, 0, 0, 0, 0, byte(len(o.segments))) //nolint:gosec // at most 255
	page = append(append(page, o.segments...), o.body...)
	crc := uint32(0)
	for _, b := range page {
		crc = crc<<8 ^ o.table[byte(crc>>24)^b]
	}
	binary.LittleEndian.PutUint32(page[22:], crc)
	o.sequence++
	o.segments, o.body = o.segments[:0], o.body[:0]
	if _, err := o.w.Write(page); err != nil {
		return fmt.Errorf("media: write copy: %w", err)
	}
	return nil
}
