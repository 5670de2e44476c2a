package voice

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"time"
)

var errEncoded = errors.New("a WebM track that is compressed or encrypted")

// webmReader reads the first Opus track of a WebM file as browsers record it:
// live, with sizes unknown and no index. A file that breaks off ends at its
// last whole block.
type webmReader struct {
	ebml    ebmlReader
	head    opusHead
	track   uint64
	ready   [][]byte
	total   int64
	discard int64 // samples to cut off the last block
}

const maxTracks = 32

// usualPreSkip is libopus's look-ahead at 48 kHz, 6.5 ms. Chromium records
// with it but writes 0 (and no CodecDelay), which in an Ogg file checkers
// rightly find implausible.
const usualPreSkip = 312

type trackEntry struct {
	number  uint64
	codec   string
	private []byte
	delay   uint64 // nanoseconds
	encoded bool
}

func newWebMReader(data []byte) (*webmReader, error) {
	r := &webmReader{ebml: ebmlReader{bytes.NewReader(data)}}
	var tracks []trackEntry // a recording has one or two
	for {
		id, data, err := r.ebml.next()
		if err != nil {
			return nil, errNoOpus
		}
		if id == idCluster {
			break
		}
		if len(tracks) > maxTracks {
			return nil, errNoOpus
		}
		if id == idTrackEntry {
			tracks = append(tracks, trackEntry{})
		} else if len(tracks) > 0 {
			tracks[len(tracks)-1].read(id, data)
		}
	}
	for _, t := range tracks {
		if t.codec != "A_OPUS" {
			continue
		}
		if t.encoded {
			return nil, errEncoded
		}
		head, ok := parseHead(t.private)
		if !ok {
			continue
		}
		if head.preSkip == 0 && t.delay < uint64(time.Second) {
			head.preSkip = uint16(t.delay * sampleRate / uint64(time.Second)) //nolint:gosec // under 48000
		}
		if head.preSkip == 0 {
			head.preSkip = usualPreSkip
		}
		r.head, r.track = head, t.number
		return r, nil
	}
	return nil, errNoOpus
}

func (t *trackEntry) read(id uint32, data []byte) {
	switch id {
	case idTrackNumber:
		t.number = ebmlUint(data)
	case idCodecID:
		t.codec = string(bytes.TrimRight(data, "\x00"))
	case idCodecPrivate:
		t.private = data
	case idCodecDelay:
		t.delay = ebmlUint(data)
	case idEncodings:
		t.encoded = true
	}
}

func (r *webmReader) info() opusHead { return r.head }

func (r *webmReader) next() ([]byte, int, error) {
	for {
		for len(r.ready) > 0 {
			p := r.ready[0]
			r.ready = r.ready[1:]
			if n, err := packetSamples(p); err == nil {
				r.total += int64(n)
				return p, n, nil
			}
		}
		id, data, err := r.ebml.next()
		if err != nil {
			// Broken off or damaged: what came so far is the recording.
			return nil, 0, io.EOF
		}
		switch id {
		case idSimpleBlock, idBlock:
			r.block(data)
		case idDiscard:
			if ns := ebmlInt(data); ns > 0 && ns < int64(time.Second) {
				r.discard = ns * sampleRate / int64(time.Second)
			}
		}
	}
}

func (r *webmReader) length() int64 { return max(0, r.total-r.discard) }

func (r *webmReader) block(data []byte) {
	in := bytes.NewReader(data)
	track, _, err := vint(in)
	if err != nil || track != r.track || in.Len() < 3 {
		return
	}
	body := data[len(data)-in.Len():]
	flags, body := body[2], body[3:]
	if frames, ok := unlace(flags>>1&3, body); ok {
		r.ready = frames
		r.discard = 0 // only the very last block's counts
	}
}

// unlace splits a block's packets (RFC 9559, section 10.3).
func unlace(mode byte, b []byte) ([][]byte, bool) {
	if mode == 0 {
		return [][]byte{b}, true
	}
	if len(b) == 0 {
		return nil, false
	}
	count := int(b[0]) + 1
	b = b[1:]
	if mode == 2 { // all of one size
		if len(b)%count != 0 {
			return nil, false
		}
		out := make([][]byte, count)
		for i := range out {
			out[i] = b[i*len(b)/count : (i+1)*len(b)/count]
		}
		return out, true
	}
	in := bytes.NewReader(b)
	sizes := make([]int64, count)
	left := int64(len(b))
	for i := range sizes[:count-1] {
		n, ok := laceSize(in, mode, i, sizes)
		if !ok || n < 0 || n > left {
			return nil, false
		}
		sizes[i] = n
		left -= n
	}
	sizes[count-1] = left - int64(len(b)-in.Len())
	if sizes[count-1] < 0 {
		return nil, false
	}
	body := b[len(b)-in.Len():]
	out := make([][]byte, count)
	for i, n := range sizes {
		out[i], body = body[:n], body[n:]
	}
	return out, true
}

func laceSize(in *bytes.Reader, mode byte, i int, sizes []int64) (int64, bool) {
	if mode == 1 { // Xiph: bytes of 255 and a last smaller one
		sum := int64(0)
		for {
			c, err := in.ReadByte()
			if err != nil {
				return 0, false
			}
			sum += int64(c)
			if c != 255 {
				return sum, true
			}
		}
	}
	v, width, err := vint(in) // EBML: the first size, then signed differences
	if err != nil {
		return 0, false
	}
	if i == 0 {
		return int64(v), v < maxLeaf //nolint:gosec // compared
	}
	return sizes[i-1] + int64(v) - (1<<(7*width-1) - 1), v < 1<<40 //nolint:gosec // compared
}

// webmDuration returns what a WebM file of any codec says of its length, or
// finds it from its last block; 0 if neither tells.
func webmDuration(data []byte) time.Duration {
	r := ebmlReader{bytes.NewReader(data)}
	scale := uint64(time.Millisecond)
	var said float64
	var cluster, last uint64
	for {
		id, data, err := r.next()
		if err != nil {
			break
		}
		switch id {
		case idScale:
			scale = ebmlUint(data)
		case idDuration:
			said = ebmlFloat(data)
		case idTimestamp:
			cluster = ebmlUint(data)
		case idSimpleBlock, idBlock:
			last = max(last, cluster+blockOffset(data))
		}
	}
	ticks := float64(last)
	if said > 0 {
		ticks = said
	}
	d := ticks * float64(scale)
	if !(d > 0 && d < float64(maxPlausible)) {
		return 0
	}
	return time.Duration(d)
}

// blockOffset is a block's time within its cluster; before the cluster's is
// of no use for finding the end.
func blockOffset(data []byte) uint64 {
	in := bytes.NewReader(data)
	if _, _, err := vint(in); err != nil || in.Len() < 2 {
		return 0
	}
	off := int16(binary.BigEndian.Uint16(data[len(data)-in.Len():])) //nolint:gosec // a signed field
	return uint64(max(0, off))
}
