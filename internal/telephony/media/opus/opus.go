// Package opus encodes and decodes Opus (RFC 6716) with libopus, which is
// linked into the program. In a program built without cgo the package is
// there and says that it cannot: calls then use the other codecs.
package opus

import (
	"time"

	"github.com/okno-hq/okno/internal/fault"
)

// MaxFrame is the longest packet's sound.
const MaxFrame = 120 * time.Millisecond

// MaxPacket is more than a frame of speech ever takes, in bytes.
const MaxPacket = 1275

// What goes wrong.
var (
	// ErrUnavailable says that the program was built without libopus.
	ErrUnavailable = fault.New(fault.Unavailable, "opus.unavailable") //nolint:gochecknoglobals // a sentinel
	// ErrPacket says that bytes are no Opus packet.
	ErrPacket = fault.New(fault.Invalid, "opus.bad_packet") //nolint:gochecknoglobals // a sentinel
	// ErrConfig says that a rate, a number of channels or a length is not one of Opus'.
	ErrConfig = fault.New(fault.Invalid, "opus.bad_config") //nolint:gochecknoglobals // a sentinel
)

// Config says how to encode.
type Config struct {
	Rate       int  // of the samples: 8000, 12000, 16000, 24000 or 48000
	Channels   int  // 1 or 2
	Bitrate    int  // bits per second; 0: libopus decides
	Complexity int  // 0..10, how much work is put into quality
	Loss       int  // percent of packets that are expected to be lost
	FEC        bool // carry enough of a frame in the next to stand in for it
	DTX        bool // send nothing in silence
	Music      bool // not tuned for speech
}

// Duration returns how long a packet's sound is (RFC 6716, 3.1 and 3.2).
func Duration(packet []byte) (time.Duration, error) {
	if len(packet) == 0 {
		return 0, ErrPacket
	}
	var frame time.Duration
	switch config := packet[0] >> 3; {
	case config < 12: // SILK
		frame = [...]time.Duration{10, 20, 40, 60}[config&3] * time.Millisecond
	case config < 16: // hybrid
		frame = [...]time.Duration{10, 20}[config&1] * time.Millisecond
	default: // CELT
		frame = [...]time.Duration{2500, 5000, 10000, 20000}[config&3] * time.Microsecond
	}
	count := time.Duration(1)
	switch packet[0] & 3 {
	case 1, 2:
		count = 2
	case 3:
		if len(packet) < 2 {
			return 0, ErrPacket
		}
		count = time.Duration(packet[1] & 63)
	}
	if d := count * frame; d > 0 && d <= MaxFrame {
		return d, nil
	}
	return 0, ErrPacket
}
