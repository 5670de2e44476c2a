package rtp

import (
	"crypto/rand"
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/pion/srtp/v3"

	"github.com/okno-hq/okno/internal/fault"
)

// Suite names how SRTP protects packets, as SDP's crypto attribute does
// (RFC 4568, 6.2; RFC 6188; RFC 7714, 14.2).
type Suite string

// The suites spoken, in the order of preference.
const (
	AES256GCM Suite = "AEAD_AES_256_GCM"
	AES128GCM Suite = "AEAD_AES_128_GCM"
	AES128S80 Suite = "AES_CM_128_HMAC_SHA1_80"
	AES128S32 Suite = "AES_CM_128_HMAC_SHA1_32"
	AES256S80 Suite = "AES_256_CM_HMAC_SHA1_80"
	AES256S32 Suite = "AES_256_CM_HMAC_SHA1_32"
)

// ErrCrypto says that a crypto attribute is malformed or asks for something
// that is not spoken.
var ErrCrypto = fault.New(fault.Invalid, "rtp.bad_crypto") //nolint:gochecknoglobals // a sentinel

func (s Suite) profile() (srtp.ProtectionProfile, bool) {
	switch s {
	case AES256GCM:
		return srtp.ProtectionProfileAeadAes256Gcm, true
	case AES128GCM:
		return srtp.ProtectionProfileAeadAes128Gcm, true
	case AES128S80:
		return srtp.ProtectionProfileAes128CmHmacSha1_80, true
	case AES128S32:
		return srtp.ProtectionProfileAes128CmHmacSha1_32, true
	case AES256S80:
		return srtp.ProtectionProfileAes256CmHmacSha1_80, true
	case AES256S32:
		return srtp.ProtectionProfileAes256CmHmacSha1_32, true
	}
	return 0, false
}

// sizes returns the lengths of the master key and salt in bytes.
func (s Suite) sizes() (key, salt int, err error) {
	p, ok := s.profile()
	if !ok {
		return 0, 0, ErrCrypto.With("suite", string(s))
	}
	if key, err = p.KeyLen(); err != nil {
		return 0, 0, ErrCrypto.Because(err)
	}
	if salt, err = p.SaltLen(); err != nil {
		return 0, 0, ErrCrypto.Because(err)
	}
	return key, salt, nil
}

// Key is one direction's master key of SRTP with its salt behind it. It
// prints as nothing, so that it reaches no log.
type Key struct {
	Tag   int // the attribute's number, kept from offer to answer
	Suite Suite
	bytes []byte
}

// String hides the key.
func (k Key) String() string { return string(k.Suite) }

// GoString hides the key.
func (k Key) GoString() string { return string(k.Suite) }

// NewKey makes a random key.
func NewKey(tag int, suite Suite) (Key, error) {
	key, salt, err := suite.sizes()
	if err != nil {
		return Key{}, err
	}
	b := make([]byte, key+salt)
	rand.Read(b) //nolint:errcheck // never fails
	return Key{Tag: tag, Suite: suite, bytes: b}, nil
}

// ParseKey reads the value of an SDP crypto attribute: "1
// AES_CM_128_HMAC_SHA1_80 inline:… |2^20". Key indexes (MKI), several keys
// and session parameters are refused: their meaning must not be ignored
// (RFC 4568, 6.3).
func ParseKey(value string) (Key, error) {
	fields := strings.Fields(value)
	if len(fields) != 3 {
		return Key{}, ErrCrypto
	}
	tag, err := strconv.ParseUint(fields[0], 10, 30)
	if err != nil {
		return Key{}, ErrCrypto.Because(err)
	}
	suite := Suite(fields[1])
	key, salt, err := suite.sizes()
	if err != nil {
		return Key{}, err
	}
	inline, found := strings.CutPrefix(fields[2], "inline:")
	parts := strings.Split(inline, "|")
	if !found || strings.Contains(inline, ";") || len(parts) > 2 || len(parts) == 2 && strings.Contains(parts[1], ":") {
		return Key{}, ErrCrypto
	}
	b, err := base64.StdEncoding.DecodeString(parts[0])
	if err != nil || len(b) != key+salt {
		// Some leave the padding out.
		if b, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(parts[0], "=")); err != nil || len(b) != key+salt {
			return Key{}, ErrCrypto
		}
	}
	return Key{Tag: int(tag), Suite: suite, bytes: b}, nil //nolint:gosec // 30 bits
}

// Attribute writes the key as the value of an SDP crypto attribute.
func (k Key) Attribute() string {
	return strconv.Itoa(k.Tag) + " " + string(k.Suite) + " inline:" + base64.StdEncoding.EncodeToString(k.bytes)
}

// equal reports whether two keys are the same.
func (k Key) equal(o Key) bool { return k.Suite == o.Suite && string(k.bytes) == string(o.bytes) }

// context makes SRTP's state for one direction.
func (k Key) context() (*srtp.Context, error) {
	key, salt, err := k.Suite.sizes()
	if err != nil {
		return nil, err
	}
	if len(k.bytes) != key+salt {
		return nil, ErrCrypto
	}
	p, _ := k.Suite.profile()
	c, err := srtp.CreateContext(k.bytes[:key], k.bytes[key:], p, srtp.SRTPReplayProtection(256), srtp.SRTCPReplayProtection(64))
	if err != nil {
		return nil, ErrCrypto.Because(err)
	}
	return c, nil
}

// Crypto is both directions' keys. The suites may differ by the peer's tag only.
type Crypto struct{ Local, Remote Key }
