package rtp

import (
	"encoding/binary"
	"errors"
	"time"
)

// MaxPacket is the longest datagram that is read or sent, in bytes; sound
// never comes near it.
const MaxPacket = 1500

const (
	headerSize = 12
	version    = 2
)

// What Parse finds wrong with a datagram.
var (
	ErrShort   = errors.New("rtp: too short")
	ErrVersion = errors.New("rtp: not version 2")
	ErrPadding = errors.New("rtp: padding longer than the packet")
)

// Header holds the fixed fields of an RTP packet (RFC 3550, 5.1).
type Header struct {
	PayloadType uint8 // 0..127
	Marker      bool
	Sequence    uint16
	Timestamp   uint32 // in ticks of the format's clock
	SSRC        uint32
}

// Packet is one RTP packet. Its slices point into the buffer it was read
// into and are valid only until the function it was given to returns.
type Packet struct {
	Header
	// Index is the sequence number extended by the times it has wrapped.
	Index uint32
	// Format is what the payload type was agreed to mean.
	Format *Format
	// Arrival is when it came, with a monotonic reading.
	Arrival time.Time
	Payload []byte
	// Raw is the whole packet, after decryption.
	Raw []byte
}

// Parse reads a packet; its Payload has no padding and no extensions.
// Contributing sources and header extensions are checked and skipped.
func Parse(b []byte) (Packet, error) {
	if len(b) < headerSize {
		return Packet{}, ErrShort
	}
	if b[0]>>6 != version {
		return Packet{}, ErrVersion
	}
	start := headerSize + 4*int(b[0]&0x0f)
	if b[0]&0x10 != 0 {
		if len(b) < start+4 {
			return Packet{}, ErrShort
		}
		start += 4 + 4*int(binary.BigEndian.Uint16(b[start+2:]))
	}
	if len(b) < start {
		return Packet{}, ErrShort
	}
	end := len(b)
	if b[0]&0x20 != 0 {
		pad := int(b[end-1])
		if pad == 0 || pad > end-start {
			return Packet{}, ErrPadding
		}
		end -= pad
	}
	return Packet{
		Header: Header{
			PayloadType: b[1] & 0x7f,
			Marker:      b[1]&0x80 != 0,
			Sequence:    binary.BigEndian.Uint16(b[2:]),
			Timestamp:   binary.BigEndian.Uint32(b[4:]),
			SSRC:        binary.BigEndian.Uint32(b[8:]),
		},
		Payload: b[start:end:end],
		Raw:     b,
	}, nil
}

// Append writes the header as the 12 bytes that begin a packet.
func (h Header) Append(b []byte) []byte {
	second := h.PayloadType & 0x7f
	if h.Marker {
		second |= 0x80
	}
	b = append(b, version<<6, second)
	b = binary.BigEndian.AppendUint16(b, h.Sequence)
	b = binary.BigEndian.AppendUint32(b, h.Timestamp)
	return binary.BigEndian.AppendUint32(b, h.SSRC)
}

// isRTCP tells control from sound where both share a port (RFC 5761, 4).
func isRTCP(b []byte) bool { return len(b) >= 2 && b[1] >= 192 && b[1] <= 223 }

// isMedia reports whether a datagram is RTP or RTCP by its first byte
// (RFC 7983); STUN, DTLS and keep-alives are not.
func isMedia(b []byte) bool { return len(b) >= 8 && b[0]>>6 == version }
