package rtp

import (
	"strings"
	"time"
)

// Format is the meaning of a payload type as agreed by SDP (RFC 8866, 6.6).
type Format struct {
	Type      uint8  // payload type, 0..127
	Name      string // encoding name, as in "PCMA", "opus", "telephone-event"; case does not matter
	ClockRate int    // ticks per second of the RTP timestamp
	Channels  int    // 0 counts as 1
	Fmtp      string // format parameters, as in "useinbandfec=1"
}

// Is compares encoding names as SDP does, without regard to case.
func (f *Format) Is(name string) bool { return f != nil && strings.EqualFold(f.Name, name) }

// Ticks converts a length of time to the format's timestamp units.
func (f *Format) Ticks(d time.Duration) uint32 {
	return uint32(int64(d) * int64(f.ClockRate) / int64(time.Second)) //nolint:gosec // timestamps wrap by design
}

// isSound tells sound from events and comfort noise, whose timestamps say
// nothing about the network's jitter.
func (f *Format) isSound() bool { return !f.Is(TelephoneEvent) && !f.Is(ComfortNoise) }

// Names of the formats this program speaks.
const (
	PCMU           = "PCMU"
	PCMA           = "PCMA"
	G722           = "G722"
	Opus           = "opus"
	TelephoneEvent = "telephone-event" // RFC 4733
	ComfortNoise   = "CN"              // RFC 3389
)
