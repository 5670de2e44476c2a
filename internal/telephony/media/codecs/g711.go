package codecs

// alaw is G.711 as used outside North America and Japan.
type alaw struct{}

// Encode implements Encoder.
func (alaw) Encode(dst []byte, pcm []int16) ([]byte, error) {
	for _, s := range pcm {
		dst = append(dst, encodeALaw(s))
	}
	return dst, nil
}

// Decode makes sound of a payload.
func (alaw) Decode(dst []int16, payload []byte) ([]int16, error) {
	for _, b := range payload {
		dst = append(dst, decodeALaw(b))
	}
	return dst, nil
}

// ulaw is G.711 as used in North America and Japan.
type ulaw struct{}

// Encode implements Encoder.
func (ulaw) Encode(dst []byte, pcm []int16) ([]byte, error) {
	for _, s := range pcm {
		dst = append(dst, encodeULaw(s))
	}
	return dst, nil
}

// Decode makes sound of a payload.
func (ulaw) Decode(dst []int16, payload []byte) ([]int16, error) {
	for _, b := range payload {
		dst = append(dst, decodeULaw(b))
	}
	return dst, nil
}

// segment returns the number of the logarithmic segment that a magnitude of
// up to 15 bits falls into.
func segment(v int) (seg int) {
	for v >>= 8; v > 0 && seg < 7; v >>= 1 {
		seg++
	}
	return seg
}

// encodeALaw compresses a sample (ITU-T G.711, table 1).
func encodeALaw(s int16) byte {
	mask, v := byte(0xd5), int(s)
	if v < 0 {
		mask, v = 0x55, ^v // G.711's negative values begin at -1
	}
	seg := segment(v)
	b := v >> (seg + 3)
	if seg == 0 {
		b = v >> 4
	}
	return (byte(seg<<4) | byte(b&0x0f)) ^ mask //nolint:gosec // 7 bits
}

func decodeALaw(b byte) int16 {
	b ^= 0x55
	v := int16(b&0x0f)<<4 + 8
	if seg := b >> 4 & 7; seg > 0 {
		v = (v + 0x100) << (seg - 1)
	}
	if b&0x80 == 0 {
		return -v
	}
	return v
}

// What µ-law adds before it compresses, and the most it can hold.
const (
	ulawBias = 0x84
	ulawClip = 32635
)

// encodeULaw compresses a sample (ITU-T G.711, table 2).
func encodeULaw(s int16) byte {
	mask, v := byte(0xff), int(s)
	if v < 0 {
		mask, v = 0x7f, -v
	}
	v = min(v, ulawClip) + ulawBias
	seg := segment(v)
	return (byte(seg<<4) | byte(v>>(seg+3)&0x0f)) ^ mask //nolint:gosec // 7 bits
}

func decodeULaw(b byte) int16 {
	b = ^b
	v := (int16(b&0x0f)<<3+ulawBias)<<(b>>4&7) - ulawBias
	if b&0x80 != 0 {
		return -v
	}
	return v
}
