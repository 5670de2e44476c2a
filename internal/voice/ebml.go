package voice

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"math/bits"
)

// The elements of WebM that matter here (RFC 8794 for EBML, RFC 9559 for
// Matroska); all others are skipped.
const (
	idEBML         = 0x1A45DFA3
	idSegment      = 0x18538067
	idInfo         = 0x1549A966
	idScale        = 0x2AD7B1
	idDuration     = 0x4489
	idTracks       = 0x1654AE6B
	idTrackEntry   = 0xAE
	idTrackNumber  = 0xD7
	idCodecID      = 0x86
	idCodecPrivate = 0x63A2
	idCodecDelay   = 0x56AA
	idEncodings    = 0x6D80
	idCluster      = 0x1F43B675
	idTimestamp    = 0xE7
	idSimpleBlock  = 0xA3
	idBlockGroup   = 0xA0
	idBlock        = 0xA1
	idDiscard      = 0x75A2
)

// maxLeaf bounds the one element held in memory: a block with laced packets.
const maxLeaf = 4 << 20

var errEBML = errors.New("not well-formed EBML")

// ebmlReader walks the elements of a WebM file in file order, stepping into
// the masters it knows. It keeps no account of where masters end: recordings
// made live leave segments and clusters open ("unknown size"), and what can
// stand in each is unambiguous anyway.
type ebmlReader struct{ in *bytes.Reader }

// next returns the next element that is a leaf, or a master's id without data.
func (r *ebmlReader) next() (id uint32, data []byte, err error) {
	for {
		id, err = r.id()
		if err != nil {
			return 0, nil, err
		}
		size, unknown, err := r.size()
		if err != nil {
			return 0, nil, err
		}
		switch id {
		case idSegment, idInfo, idTracks, idTrackEntry, idCluster, idBlockGroup:
			return id, nil, nil
		case idScale, idDuration, idTrackNumber, idCodecID, idCodecPrivate, idCodecDelay,
			idEncodings, idTimestamp, idSimpleBlock, idBlock, idDiscard:
			if unknown || size > maxLeaf {
				return 0, nil, errEBML
			}
			if size > uint64(r.in.Len()) { //nolint:gosec // never negative
				return 0, nil, io.EOF // broken off in the middle
			}
			data = make([]byte, size)
			_, err = io.ReadFull(r.in, data)
			return id, data, err
		}
		if unknown {
			continue // an unknown master left open: look inside
		}
		if size > uint64(r.in.Len()) { //nolint:gosec // never negative
			return 0, nil, io.EOF
		}
		if _, err := r.in.Seek(int64(size), io.SeekCurrent); err != nil { //nolint:gosec // at most in.Len()
			return 0, nil, errEBML
		}
	}
}

func (r *ebmlReader) id() (uint32, error) {
	first, err := r.in.ReadByte()
	if err != nil {
		return 0, io.EOF
	}
	n := bits.LeadingZeros8(first)
	if n > 3 {
		return 0, errEBML
	}
	v := uint32(first)
	for range n {
		b, err := r.in.ReadByte()
		if err != nil {
			return 0, io.EOF
		}
		v = v<<8 | uint32(b)
	}
	return v, nil
}

func (r *ebmlReader) size() (n uint64, unknown bool, err error) {
	v, width, err := vint(r.in)
	if err != nil {
		return 0, false, err
	}
	return v, v == 1<<(7*width)-1, nil
}

// vint reads a variable-length integer and its width (RFC 8794, section 4).
func vint(in io.ByteReader) (v uint64, width int, err error) {
	first, err := in.ReadByte()
	if err != nil {
		return 0, 0, io.EOF
	}
	width = bits.LeadingZeros8(first) + 1
	if width > 8 {
		return 0, 0, errEBML
	}
	v = uint64(first) & (1<<(8-width) - 1)
	for range width - 1 {
		b, err := in.ReadByte()
		if err != nil {
			return 0, 0, io.EOF
		}
		v = v<<8 | uint64(b)
	}
	return v, width, nil
}

func ebmlUint(b []byte) uint64 {
	var v uint64
	for _, c := range b[:min(len(b), 8)] {
		v = v<<8 | uint64(c)
	}
	return v
}

func ebmlInt(b []byte) int64 {
	if len(b) == 0 || len(b) > 8 {
		return 0
	}
	shift := 64 - 8*len(b)
	return int64(ebmlUint(b)<<shift) >> shift //nolint:gosec // two's complement of the element's width
}

func ebmlFloat(b []byte) float64 {
	switch len(b) {
	case 4:
		return float64(math.Float32frombits(binary.BigEndian.Uint32(b)))
	case 8:
		return math.Float64frombits(binary.BigEndian.Uint64(b))
	default:
		return 0
	}
}
