package voice

import (
	"encoding/binary"
	"errors"
)

// sampleRate is the rate Opus counts in, whatever the recording's own
// (RFC 7845, section 4).
const sampleRate = 48000

// maxPacketSamples bounds one packet: 120 ms (RFC 6716, section 3.2.5).
const maxPacketSamples = sampleRate * 120 / 1000

// maxPacketBytes is 48 frames of at most 1275 bytes with their lengths and
// some padding; a longer packet would not fit one Ogg page.
const maxPacketBytes = 48*1277 + 256

var errPacket = errors.New("not an Opus packet")

// frameSamples gives the length of a frame by the configuration in a packet's
// first byte (RFC 6716, section 3.1, table 2), in samples at 48 kHz.
func frameSamples(toc byte) int {
	config := int(toc >> 3)
	switch {
	case config < 12: // SILK: 10, 20, 40, 60 ms
		return [...]int{480, 960, 1920, 2880}[config%4]
	case config < 16: // hybrid: 10, 20 ms
		return [...]int{480, 960}[config%2]
	default: // CELT: 2.5, 5, 10, 20 ms
		return [...]int{120, 240, 480, 960}[config%4]
	}
}

// packetSamples returns how long a packet plays, in samples at 48 kHz, after
// checking that its frames fit into it (RFC 6716, section 3.2: rules R1 to R7
// as far as they bear on the structure).
func packetSamples(p []byte) (int, error) {
	if len(p) == 0 || len(p) > maxPacketBytes {
		return 0, errPacket
	}
	frames, err := packetFrames(p[0]&3, p[1:])
	if err != nil {
		return 0, err
	}
	n := frames * frameSamples(p[0])
	if n == 0 || n > maxPacketSamples {
		return 0, errPacket
	}
	return n, nil
}

func packetFrames(code byte, rest []byte) (int, error) {
	switch code {
	case 0: // one frame
		return 1, nil
	case 1: // two frames of one size
		if len(rest)%2 != 0 {
			return 0, errPacket
		}
		return 2, nil
	case 2: // two frames, the first's size given
		n, used, ok := frameSize(rest)
		if !ok || used+n > len(rest) {
			return 0, errPacket
		}
		return 2, nil
	default:
		return countedFrames(rest)
	}
}

// countedFrames checks a packet of code 3 (RFC 6716, section 3.2.5).
func countedFrames(rest []byte) (int, error) {
	if len(rest) == 0 {
		return 0, errPacket
	}
	vbr, padded, count := rest[0]&0x80 != 0, rest[0]&0x40 != 0, int(rest[0]&0x3f)
	rest = rest[1:]
	padding := 0
	for padded {
		if len(rest) == 0 {
			return 0, errPacket
		}
		b := int(rest[0])
		rest = rest[1:]
		if b < 255 {
			padding += b
			break
		}
		padding += 254
	}
	if count == 0 || padding > len(rest) {
		return 0, errPacket
	}
	rest = rest[:len(rest)-padding]
	if !vbr {
		if len(rest)%count != 0 {
			return 0, errPacket
		}
		return count, nil
	}
	sum := 0
	for range count - 1 {
		n, used, ok := frameSize(rest)
		if !ok {
			return 0, errPacket
		}
		rest = rest[used:]
		sum += n
	}
	if sum > len(rest) {
		return 0, errPacket
	}
	return count, nil
}

// frameSize reads a frame's length (RFC 6716, section 3.2.1).
func frameSize(b []byte) (size, used int, ok bool) {
	switch {
	case len(b) == 0:
		return 0, 0, false
	case b[0] < 252:
		return int(b[0]), 1, true
	case len(b) == 1:
		return 0, 0, false
	default:
		return int(b[0]) + 4*int(b[1]), 2, true
	}
}

// opusHead is the identification header (RFC 7845, section 5.1). WebM carries
// the same bytes as CodecPrivate.
type opusHead struct {
	channels   byte
	preSkip    uint16 // samples at 48 kHz to drop at the start
	inputRate  uint32 // of the original, for information only
	gain       int16  // to apply on playing, in 1/256 dB
	mapping    byte   // 0: mono or stereo in one stream
	headLength int
}

const headMagic, tagsMagic = "OpusHead", "OpusTags"

func parseHead(b []byte) (opusHead, bool) {
	// The upper half of the version byte is the major version, which is 0.
	if len(b) < 19 || string(b[:8]) != headMagic || b[8]&0xf0 != 0 || b[9] == 0 {
		return opusHead{}, false
	}
	h := opusHead{
		channels:   b[9],
		preSkip:    binary.LittleEndian.Uint16(b[10:]),
		inputRate:  binary.LittleEndian.Uint32(b[12:]),
		gain:       int16(binary.LittleEndian.Uint16(b[16:])), //nolint:gosec // a signed field
		mapping:    b[18],
		headLength: len(b),
	}
	if h.mapping == 0 && h.channels > 2 {
		return opusHead{}, false
	}
	return h, true
}

// encode writes the header of a mono stream of one Opus stream. The count of
// channels is what a decoder puts out; the packets themselves may be stereo,
// which a decoder set to one channel mixes down (RFC 7845, section 5.1). So
// any recording becomes mono without its packets being touched, and mono is
// what the messengers ask of a voice message.
func (h opusHead) encode() []byte {
	b := make([]byte, 0, 19)
	b = append(b, headMagic...)
	b = append(b, 1, 1)
	b = binary.LittleEndian.AppendUint16(b, h.preSkip)
	b = binary.LittleEndian.AppendUint32(b, h.inputRate)
	b = binary.LittleEndian.AppendUint16(b, uint16(h.gain)) //nolint:gosec // a signed field
	return append(b, 0)
}

// encodeTags writes a comment header without comments: a recording's title,
// place or device are nobody's business (RFC 7845, section 5.2).
func encodeTags() []byte {
	const vendor = "Okno"
	b := append([]byte(nil), tagsMagic...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(vendor)))
	b = append(b, vendor...)
	return binary.LittleEndian.AppendUint32(b, 0)
}
