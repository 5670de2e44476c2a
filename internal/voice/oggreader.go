package voice

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

const pageHeader = 27

var errNoOpus = errors.New("no Opus stream")

// oggReader reads the first Opus stream of an Ogg file packet by packet. A
// file that breaks off or is damaged ends at the last whole page before.
type oggReader struct {
	in      *bytes.Reader
	crc     *crcTable
	serial  uint32
	head    opusHead
	partial []byte   // a packet that goes on on the next page
	ready   [][]byte // packets ended on the current page
	last    bool     // the current page says it is the stream's last

	started bool
	offset  int64 // granule at which the stream's first sample lies
	total   int64 // samples of the packets handed out
	end     int64 // granule of the last page seen, less offset
}

func newOggReader(data []byte) (*oggReader, error) {
	r := &oggReader{in: bytes.NewReader(data), crc: newCRCTable(), end: -1}
	if err := r.findStream(); err != nil {
		return nil, err
	}
	for {
		p, err := r.packet()
		if err != nil {
			return nil, errNoOpus
		}
		// The comment header may follow at once or be missing in broken files:
		// anything before it is not audio.
		if bytes.HasPrefix(p, []byte(tagsMagic)) {
			return r, nil
		}
	}
}

// findStream looks for the page that opens an Opus stream. Streams of other
// kinds may open before it.
func (r *oggReader) findStream() error {
	for {
		pg, err := r.readPage()
		if err != nil || pg.flags&pageFirst == 0 {
			return errNoOpus
		}
		if h, ok := parseHead(pg.body); ok {
			r.serial, r.head = pg.serial, h
			return nil
		}
	}
}

func (r *oggReader) info() opusHead { return r.head }

// next returns a packet and its samples, io.EOF at the end.
func (r *oggReader) next() ([]byte, int, error) {
	for {
		p, err := r.packet()
		if err != nil {
			return nil, 0, err
		}
		n, err := packetSamples(p)
		if err != nil {
			continue // a hole or a foreign packet; the decoder could not use it either
		}
		r.total += int64(n)
		return p, n, nil
	}
}

// length returns where playing ends, in samples with the pre-skip, once next
// has returned io.EOF.
func (r *oggReader) length() int64 {
	if r.end < 0 || r.end > r.total {
		return r.total
	}
	// A stream that broke off has no trustworthy end mark before its last
	// packets; only a last page may cut samples off.
	if !r.last {
		return r.total
	}
	return r.end
}

func (r *oggReader) packet() ([]byte, error) {
	for len(r.ready) == 0 {
		if r.last {
			return nil, io.EOF
		}
		pg, err := r.readPage()
		if err != nil {
			return nil, io.EOF
		}
		if pg.serial == r.serial {
			r.take(pg)
		}
	}
	p := r.ready[0]
	r.ready = r.ready[1:]
	return p, nil
}

func (r *oggReader) take(pg page) {
	if pg.flags&pageContinued == 0 {
		r.partial = nil // its end is lost
	}
	skip := pg.flags&pageContinued != 0 && r.partial == nil // its start is lost
	body, from, n := pg.body, 0, 0
	for _, s := range pg.segments {
		n += int(s)
		if s == 255 {
			continue
		}
		p := body[from : from+n]
		if r.partial != nil {
			p = append(r.partial, p...)
			r.partial = nil
		}
		if !skip {
			r.ready = append(r.ready, p)
		}
		skip = false
		from, n = from+n, 0
	}
	// A comment header with pictures may be huge, and only its start matters;
	// an audio packet that long is none.
	if n > 0 && !skip && len(r.partial) <= maxPacketBytes {
		r.partial = append(append([]byte{}, r.partial...), body[from:from+n]...)
	}
	r.last = pg.flags&pageLast != 0
	r.place(pg.granule)
}

// place learns from the first audio page whether the stream starts later than
// at zero, as a cutting of a live stream does (RFC 7845, section 4.3).
func (r *oggReader) place(granule int64) {
	if granule < 0 || len(r.ready) == 0 || bytes.HasPrefix(r.ready[0], []byte(tagsMagic)) {
		return
	}
	if !r.started {
		r.started = true
		sum := int64(0)
		for _, p := range r.ready {
			if n, err := packetSamples(p); err == nil {
				sum += int64(n)
			}
		}
		// Less than the page holds means an end cut off, not a start.
		r.offset = max(0, granule-sum)
	}
	r.end = granule - r.offset
}

type page struct {
	flags    byte
	granule  int64
	serial   uint32
	segments []byte
	body     []byte
}

// brokenPage keeps the whole packets of a page that the file breaks off in:
// a browser's page holds seconds of speech. Its checksum cannot be known.
func (r *oggReader) brokenPage(pg page) page {
	pg.body = make([]byte, r.in.Len())
	n, _ := io.ReadFull(r.in, pg.body) // from memory, cannot fail
	whole, size := 0, 0
	for i, s := range pg.segments {
		if size += int(s); size > n {
			break
		}
		if s < 255 {
			whole = i + 1
		}
	}
	pg.segments, pg.granule, pg.flags = pg.segments[:whole], -1, pg.flags&^pageLast
	return pg
}

// readPage returns the next whole page with a right checksum.
func (r *oggReader) readPage() (page, error) {
	var head [pageHeader]byte
	if _, err := io.ReadFull(r.in, head[:]); err != nil {
		return page{}, io.ErrUnexpectedEOF
	}
	if string(head[:5]) != "OggS\x00" {
		return page{}, errors.New("not an Ogg page")
	}
	pg := page{
		flags:    head[5],
		granule:  int64(binary.LittleEndian.Uint64(head[6:])), //nolint:gosec // -1 is a value of its own
		serial:   binary.LittleEndian.Uint32(head[14:]),
		segments: make([]byte, head[26]),
	}
	want := binary.LittleEndian.Uint32(head[22:])
	if _, err := io.ReadFull(r.in, pg.segments); err != nil {
		return page{}, io.ErrUnexpectedEOF
	}
	size := 0
	for _, s := range pg.segments {
		size += int(s)
	}
	if size > r.in.Len() {
		return r.brokenPage(pg), nil
	}
	pg.body = make([]byte, size)
	if _, err := io.ReadFull(r.in, pg.body); err != nil {
		return page{}, io.ErrUnexpectedEOF
	}
	copy(head[22:26], []byte{0, 0, 0, 0})
	if r.crc.update(r.crc.update(r.crc.sum(head[:]), pg.segments), pg.body) != want {
		return page{}, errors.New("an Ogg page with a wrong checksum")
	}
	return pg, nil
}
