package rtp

import (
	"encoding/binary"
	"errors"
	"time"
)

// RTCP packet types (RFC 3550, 12.1).
const (
	typeSR   = 200
	typeRR   = 201
	typeSDES = 202
	typeBYE  = 203
)

// ErrControl says that bytes are not a compound RTCP packet.
var ErrControl = errors.New("rtp: malformed RTCP")

// Reception is what one side reports of the other's packets (RFC 3550, 6.4.1).
type Reception struct {
	SSRC        uint32 // whose packets
	Fraction    uint8  // lost since the last report, of 256
	Lost        int32  // lost in all, may be negative with duplicates
	Highest     uint32 // extended sequence number
	Jitter      uint32 // in timestamp units
	LastReport  uint32 // middle 32 bits of the last SR's NTP time
	SinceReport uint32 // delay since that SR in 1/65536 s
}

// Control is what matters in a compound RTCP packet.
type Control struct {
	SSRC    uint32 // the sender
	Sender  bool   // it began with an SR, so the next four are set
	NTP     uint64
	RTP     uint32
	Packets uint32
	Octets  uint32
	Bye     bool
	// Blocks are the reception reports; their number is Count, as most that
	// anybody sends to a party of two is one. Further ones are dropped.
	Blocks [4]Reception
	Count  int
}

// ParseControl reads a compound packet and checks it as RFC 3550, A.2 does.
// Types it does not know are skipped, as feedback and extended reports are.
func ParseControl(b []byte) (Control, error) {
	var c Control
	if len(b) < 8 || (b[1] != typeSR && b[1] != typeRR) && b[1] < 192 {
		return c, ErrControl
	}
	for first := true; len(b) > 0; first = false {
		if len(b) < 4 || b[0]>>6 != version {
			return Control{}, ErrControl
		}
		size := 4 * (int(binary.BigEndian.Uint16(b[2:])) + 1)
		if size > len(b) {
			return Control{}, ErrControl
		}
		body := b[:size]
		if b[0]&0x20 != 0 {
			pad := int(body[size-1])
			// Padding belongs on the last packet of a compound only.
			if size != len(b) || pad == 0 || pad%4 != 0 || pad > size-4 {
				return Control{}, ErrControl
			}
			body = body[:size-pad]
		}
		if first {
			if len(body) < 8 {
				return Control{}, ErrControl
			}
			c.SSRC = binary.BigEndian.Uint32(body[4:])
		}
		if err := c.read(body); err != nil {
			return Control{}, err
		}
		b = b[size:]
	}
	return c, nil
}

func (c *Control) read(b []byte) error {
	count := int(b[0] & 0x1f)
	switch b[1] {
	case typeSR:
		if len(b) < 28+24*count {
			return ErrControl
		}
		c.Sender = true
		c.NTP = binary.BigEndian.Uint64(b[8:])
		c.RTP = binary.BigEndian.Uint32(b[16:])
		c.Packets = binary.BigEndian.Uint32(b[20:])
		c.Octets = binary.BigEndian.Uint32(b[24:])
		c.blocks(b[28:], count)
	case typeRR:
		if len(b) < 8+24*count {
			return ErrControl
		}
		c.blocks(b[8:], count)
	case typeBYE:
		if len(b) < 4+4*count {
			return ErrControl
		}
		c.Bye = true
	}
	return nil
}

func (c *Control) blocks(b []byte, count int) {
	for ; count > 0 && c.Count < len(c.Blocks); count-- {
		lost := int32(uint32(b[5])<<24|uint32(b[6])<<16|uint32(b[7])<<8) >> 8 //nolint:gosec // a signed 24-bit number
		c.Blocks[c.Count] = Reception{
			SSRC:        binary.BigEndian.Uint32(b),
			Fraction:    b[4],
			Lost:        lost,
			Highest:     binary.BigEndian.Uint32(b[8:]),
			Jitter:      binary.BigEndian.Uint32(b[12:]),
			LastReport:  binary.BigEndian.Uint32(b[16:]),
			SinceReport: binary.BigEndian.Uint32(b[20:]),
		}
		c.Count++
		b = b[24:]
	}
}

// Append writes a compound packet: SR or RR, SDES with the name, and BYE if
// the stream ends. The name is at most 255 bytes.
func (c *Control) Append(b []byte, cname string) []byte {
	start := len(b)
	kind := byte(typeRR)
	if c.Sender {
		kind = typeSR
	}
	b = append(b, version<<6|byte(c.Count), kind, 0, 0) //nolint:gosec // at most 4
	b = binary.BigEndian.AppendUint32(b, c.SSRC)
	if c.Sender {
		b = binary.BigEndian.AppendUint64(b, c.NTP)
		b = binary.BigEndian.AppendUint32(b, c.RTP)
		b = binary.BigEndian.AppendUint32(b, c.Packets)
		b = binary.BigEndian.AppendUint32(b, c.Octets)
	}
	for _, r := range c.Blocks[:c.Count] {
		b = binary.BigEndian.AppendUint32(b, r.SSRC)
		b = append(b, r.Fraction, byte(r.Lost>>16), byte(r.Lost>>8), byte(r.Lost)) //nolint:gosec // 24 bits
		b = binary.BigEndian.AppendUint32(b, r.Highest)
		b = binary.BigEndian.AppendUint32(b, r.Jitter)
		b = binary.BigEndian.AppendUint32(b, r.LastReport)
		b = binary.BigEndian.AppendUint32(b, r.SinceReport)
	}
	setLength(b[start:])

	start = len(b)
	b = append(b, version<<6|1, typeSDES, 0, 0)
	b = binary.BigEndian.AppendUint32(b, c.SSRC)
	b = append(b, 1, byte(len(cname))) //nolint:gosec // see above
	b = append(b, cname...)
	b = append(b, 0) // ends the list; then to the next word
	for (len(b)-start)%4 != 0 {
		b = append(b, 0)
	}
	setLength(b[start:])

	if c.Bye {
		b = append(b, version<<6|1, typeBYE, 0, 1)
		b = binary.BigEndian.AppendUint32(b, c.SSRC)
	}
	return b
}

func setLength(b []byte) {
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)/4-1)) //nolint:gosec // far below 64 KiB
}

// ntpEpoch is 1900-01-01 in seconds before the Unix epoch.
const ntpEpoch = 2208988800

// ntpTime returns seconds since 1900 in 32.32 fixed point.
func ntpTime(t time.Time) uint64 {
	s := uint64(t.Unix() + ntpEpoch)        //nolint:gosec // wraps in 2036 as NTP does
	f := uint64(t.Nanosecond()) << 32 / 1e9 //nolint:gosec // below a second
	return s<<32 | f
}

// ntpMiddle returns the 32 bits of an NTP time that reports refer to it by.
func ntpMiddle(n uint64) uint32 { return uint32(n >> 16) } //nolint:gosec // the middle is meant

// fromNTPUnits converts 1/65536 s.
func fromNTPUnits(u uint32) time.Duration { return time.Duration(u) * time.Second >> 16 }
