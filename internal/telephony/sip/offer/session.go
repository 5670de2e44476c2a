// Package offer negotiates one leg's audio by session descriptions: offer and
// answer (RFC 3264, 8866), SDES keys (RFC 4568), DTLS fingerprints (RFC 5763),
// rtcp-mux (RFC 5761) and telephone-event (RFC 4733).
package offer

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"
)

// Codec is one payload format.
type Codec struct {
	Name     string // "opus", "G722", "PCMA", "PCMU", "telephone-event", "CN"
	Clock    int    // of the RTP timestamp, Hz
	Channels int    // 0 or 1: one
	PT       uint8
	Fmtp     string
}

// Is reports whether two codecs are the same format, whatever their numbers.
func (c Codec) Is(d Codec) bool {
	return strings.EqualFold(c.Name, d.Name) && c.Clock == d.Clock && max(c.Channels, 1) == max(d.Channels, 1)
}

// event reports whether c carries digits and not sound.
func (c Codec) event() bool { return strings.EqualFold(c.Name, "telephone-event") }

// sound reports whether c carries speech.
func (c Codec) sound() bool { return !c.event() && !strings.EqualFold(c.Name, "CN") }

func (c Codec) rtpmap() string {
	s := strconv.Itoa(int(c.PT)) + " " + c.Name + "/" + strconv.Itoa(c.Clock)
	if c.Channels > 1 {
		s += "/" + strconv.Itoa(c.Channels)
	}
	return s
}

// Opus is RFC 7587's, mono, with error correction in band.
func Opus() Codec {
	return Codec{Name: "opus", Clock: 48000, Channels: 2, PT: 96, Fmtp: "useinbandfec=1;stereo=0;sprop-stereo=0"}
}

// G722 has a clock of 8000 by an old mistake (RFC 3551 section 4.5.2).
func G722() Codec { return Codec{Name: "G722", Clock: 8000, PT: 9} }

// PCMA is G.711 A-law.
func PCMA() Codec { return Codec{Name: "PCMA", Clock: 8000, PT: 8} }

// PCMU is G.711 µ-law.
func PCMU() Codec { return Codec{Name: "PCMU", Clock: 8000, PT: 0} }

// Events carries digits 0–15 at a codec's clock.
func Events(clock int) Codec {
	c := Codec{Name: "telephone-event", Clock: clock, PT: 101, Fmtp: "0-15"}
	if clock == 48000 {
		c.PT = 110
	}
	return c
}

// static are the formats that need no rtpmap (RFC 3551).
func static(pt uint8) (Codec, bool) {
	switch pt {
	case 0:
		return PCMU(), true
	case 8:
		return PCMA(), true
	case 9:
		return G722(), true
	case 13:
		return Codec{Name: "CN", Clock: 8000, PT: 13}, true
	case 3:
		return Codec{Name: "GSM", Clock: 8000, PT: 3}, true
	case 18:
		return Codec{Name: "G729", Clock: 8000, PT: 18}, true
	}
	return Codec{}, false
}

// Direction says which way sound flows, from the describing side's view.
type Direction string

// The directions.
const (
	SendRecv Direction = "sendrecv"
	SendOnly Direction = "sendonly"
	RecvOnly Direction = "recvonly"
	Inactive Direction = "inactive"
)

// Sends reports whether the describing side sends.
func (d Direction) Sends() bool { return d == SendRecv || d == SendOnly }

// Receives reports whether the describing side receives.
func (d Direction) Receives() bool { return d == SendRecv || d == RecvOnly }

func direction(sends, receives bool) Direction {
	switch {
	case sends && receives:
		return SendRecv
	case sends:
		return SendOnly
	case receives:
		return RecvOnly
	}
	return Inactive
}

// Security is how a leg's packets are protected.
type Security string

// The ways.
const (
	Plain Security = ""     // RTP/AVP
	SDES  Security = "sdes" // keys in the description; only sensible where SIP itself is encrypted
	DTLS  Security = "dtls" // keys by a handshake, fingerprints in the description
)

// Crypto is one SDES line (RFC 4568, 7714).
type Crypto struct {
	Tag   int
	Suite string
	Key   []byte // master key and salt
}

// KeyLength returns the bytes of key and salt a suite needs, 0 if unknown.
func KeyLength(suite string) int {
	switch suite {
	case "AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32":
		return 30
	case "AEAD_AES_128_GCM":
		return 28
	case "AEAD_AES_256_GCM":
		return 44
	}
	return 0
}

// Keying is what a side says for DTLS and ICE (RFC 8122, 8839).
type Keying struct {
	Fingerprint string // "sha-256 AB:CD:…"
	Setup       string // actpass, active, passive
	Ufrag, Pwd  string
	Lite        bool
	Candidates  []string // as in a=candidate:
}

// Local is what this side can do on one leg.
type Local struct {
	// Addr is where the peer is to send: the public address, the RTP port.
	Addr netip.AddrPort
	// RTCPPort is the port of RTCP without rtcp-mux; 0 means the next one.
	RTCPPort uint16
	// Codecs in order of preference, with telephone-event among them.
	Codecs []Codec
	// Security is what we offer. In answers the offer's way is taken, unless
	// Require is set and it is another.
	Security Security
	Require  bool
	// Suites are the SDES suites in order of preference; nil means all known.
	Suites []string
	// Keying is for DTLS; without it such offers are refused.
	Keying *Keying
	// PTime is the packet length in ms we like to get; 0 means 20.
	PTime int
}

// Agreed is what both sides settled on.
type Agreed struct {
	Remote     netip.AddrPort // where to send RTP; port 0 or unspecified address: nowhere
	RemoteRTCP netip.AddrPort
	Mux        bool
	// Send are the sound formats the peer takes, the one to use first, with
	// the numbers to send them by; Recv are the same by the numbers it sends.
	Send, Recv []Codec
	// SendEvents and RecvEvents carry digits at the first codec's clock if
	// that was agreed, else at 8000; PT 0 means none.
	SendEvents, RecvEvents Codec
	// Direction is from our view.
	Direction Direction
	// Held reports that the peer does not want to hear us.
	Held              bool
	PTime             int // ms the peer wants to get; 0: it did not say
	Security          Security
	LocalKey, PeerKey Crypto
	PeerKeying        *Keying
	Setup             string // our role in DTLS: active or passive
}

// Why a description cannot be worked with; the request is answered 488.
var (
	ErrNoAudio  = errors.New("offer: no audio that can be used") //nolint:gochecknoglobals // a sentinel
	ErrNoCodec  = errors.New("offer: no common codec")           //nolint:gochecknoglobals // a sentinel
	ErrSecurity = errors.New("offer: no common encryption")      //nolint:gochecknoglobals // a sentinel
	ErrSyntax   = errors.New("offer: not a session description") //nolint:gochecknoglobals // a sentinel
	ErrState    = errors.New("offer: answer without an offer")   //nolint:gochecknoglobals // a sentinel
)
