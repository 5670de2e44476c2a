package voice

import (
	"encoding/binary"
	"fmt"
	"io"
)

// oggWriter writes one Ogg stream (RFC 3533) of Opus packets (RFC 7845).
// A page holds at most a second, so that players can seek and start early.
type oggWriter struct {
	w        io.Writer
	serial   uint32
	sequence uint32
	segments []byte
	body     []byte
	granule  int64 // samples ended by the packets so far, pre-skip included
	flushed  int64 // granule of the last page written
	crc      *crcTable
}

const (
	pageContinued = 1
	pageFirst     = 2
	pageLast      = 4

	maxSegments = 255
)

// newOggWriter writes both headers, each on pages of its own as RFC 7845,
// section 3 demands.
func newOggWriter(w io.Writer, h opusHead, serial uint32) (*oggWriter, error) {
	o := &oggWriter{w: w, serial: serial, crc: newCRCTable()}
	o.add(h.encode())
	if err := o.flush(pageFirst, 0); err != nil {
		return nil, err
	}
	o.add(encodeTags())
	if err := o.flush(0, 0); err != nil {
		return nil, err
	}
	return o, nil
}

// write adds a packet of so many samples. The last page stays open until
// close, because it carries the mark of the end.
func (o *oggWriter) write(p []byte, samples int) error {
	if len(p)/255+1 > maxSegments {
		return fmt.Errorf("an Opus packet of %d bytes: %w", len(p), errPacket)
	}
	if len(o.segments)+len(p)/255+1 > maxSegments || o.granule-o.flushed+int64(samples) > sampleRate {
		if err := o.flush(0, o.granule); err != nil {
			return err
		}
	}
	o.add(p)
	o.granule += int64(samples)
	return nil
}

// close writes the last page. end is the granule position at which playing
// stops; it may cut into the last page (RFC 7845, section 4.4).
func (o *oggWriter) close(end int64) error {
	end = min(max(end, o.flushed), o.granule)
	return o.flush(pageLast, end)
}

func (o *oggWriter) add(p []byte) {
	for n := len(p); ; n -= 255 {
		if n < 255 {
			o.segments = append(o.segments, byte(n)) //nolint:gosec // below 255 here
			break
		}
		o.segments = append(o.segments, 255)
	}
	o.body = append(o.body, p...)
}

func (o *oggWriter) flush(flags byte, granule int64) error {
	if len(o.segments) == 0 && flags&pageLast == 0 {
		return nil
	}
	page := make([]byte, 0, pageHeader+len(o.segments)+len(o.body))
	page = append(page, "OggS\x00"...)
	page = append(page, flags)
	page = binary.LittleEndian.AppendUint64(page, uint64(granule)) //nolint:gosec // never negative here
	page = binary.LittleEndian.AppendUint32(page, o.serial)
	page = binary.LittleEndian.AppendUint32(page, o.sequence)
	page = append(page, 0, 0, 0, 0, byte(len(o.segments))) //nolint:gosec // 255 at most
	page = append(page, o.segments...)
	page = append(page, o.body...)
	binary.LittleEndian.PutUint32(page[22:], o.crc.sum(page))
	if _, err := o.w.Write(page); err != nil {
		return fmt.Errorf("write an Ogg page: %w", err)
	}
	o.sequence++
	o.flushed = granule
	o.segments, o.body = o.segments[:0], o.body[:0]
	return nil
}

// crcTable computes Ogg's checksum: CRC-32 by the polynomial 0x04c11db7, not
// reflected, started at zero (RFC 3533, section 6). hash/crc32 has the
// reflected form only.
type crcTable [256]uint32

func newCRCTable() *crcTable {
	var t crcTable
	for i := range t {
		r := uint32(i) << 24 //nolint:gosec // i < 256
		for range 8 {
			if r&0x80000000 != 0 {
				r = r<<1 ^ 0x04c11db7
			} else {
				r <<= 1
			}
		}
		t[i] = r
	}
	return &t
}

func (t *crcTable) update(r uint32, b []byte) uint32 {
	for _, c := range b {
		r = r<<8 ^ t[byte(r>>24)^c]
	}
	return r
}

func (t *crcTable) sum(b []byte) uint32 { return t.update(0, b) }
