// Package secretbox encrypts what must not lie in the database as it is:
// channels' tokens, webhook secrets, passwords of mail boxes.
//
// One master key of 32 bytes belongs to the installation. Each purpose gets
// its own subkey (HKDF-SHA256, RFC 5869), each value is sealed with
// XChaCha20-Poly1305 under a random nonce and bound to the row it belongs to,
// so that a value copied into another row does not open. A sealed value names
// its key, so the master key can be changed while old values stay readable.
package secretbox

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"

	"github.com/okno-hq/okno/internal/fault"
)

// KeySize is the length of a master key and of every derived key, in bytes.
const KeySize = 32

const idSize = 4

// Key is a master key. It never prints itself.
type Key [KeySize]byte

// NewKey returns a key from the system's random source.
func NewKey() Key {
	var k Key
	// crypto/rand.Read never fails: it crashes the program instead.
	_, _ = rand.Read(k[:])
	return k
}

// ParseKey reads a key in base64 (standard or URL alphabet, padded or not).
func ParseKey(text string) (Key, error) {
	var k Key
	text = strings.TrimRight(strings.TrimSpace(text), "=")
	enc := base64.RawStdEncoding
	if strings.ContainsAny(text, "-_") {
		enc = base64.RawURLEncoding
	}
	raw, err := enc.Strict().DecodeString(text)
	if err != nil {
		// The decoder's error is dropped: it could quote a part of the key.
		return k, fault.Invalidf("secret_key", "secret.key_malformed", "the secret key is not base64")
	}
	if len(raw) != KeySize {
		return k, fault.Invalidf("secret_key", "secret.key_length", "the secret key has %d bytes, %d are needed", len(raw), KeySize)
	}
	copy(k[:], raw)
	return k, nil
}

// Encode returns the key as ParseKey reads it. It is the only way to see it.
func (k Key) Encode() string { return base64.StdEncoding.EncodeToString(k[:]) }

// Format hides the key from every fmt verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("secretbox.Key(hidden)")) }

// LogValue hides the key from slog.
func (k Key) LogValue() slog.Value { return slog.StringValue("hidden") }

// MarshalText hides the key from JSON and text encoders.
func (k Key) MarshalText() ([]byte, error) { return []byte("hidden"), nil }

// ID names the key without telling anything of it; it stands in every value
// the key has sealed.
func (k Key) ID() string {
	id := k.id()
	return hex.EncodeToString(id[:])
}

func (k Key) id() [idSize]byte {
	var id [idSize]byte
	copy(id[:], k.derive("key-id"))
	return id
}

func (k Key) derive(purpose string) []byte {
	sub, err := hkdf.Key(sha256.New, k[:], nil, "okno/secretbox/v1/"+purpose, KeySize)
	if err != nil {
		// Only a length over 255 hashes or an unfit FIPS mode can fail here.
		panic("secretbox: hkdf: " + err.Error())
	}
	return sub
}

// Keyring holds the master key in use and the former ones that old values
// may still need. It is safe for use by many goroutines.
type Keyring struct {
	current Key
	byID    map[[idSize]byte]Key
}

// NewKeyring returns a keyring that seals with current and opens with any.
func NewKeyring(current Key, former ...Key) *Keyring {
	r := &Keyring{current: current, byID: make(map[[idSize]byte]Key, 1+len(former))}
	for _, k := range former {
		r.byID[k.id()] = k
	}
	r.byID[current.id()] = current
	return r
}

// CurrentID names the key that new values are sealed with.
func (r *Keyring) CurrentID() string { return r.current.ID() }

// Derive returns a key of KeySize bytes for another use than sealing, such as
// signing a visitor's token. Different purposes give unrelated keys. It
// follows the current master key.
func (r *Keyring) Derive(purpose string) []byte { return r.current.derive("derive/" + purpose) }

// Box returns the box of one purpose, such as "channel.credentials". A value
// sealed for one purpose does not open for another.
func (r *Keyring) Box(purpose string) *Box { return &Box{ring: r, purpose: "seal/" + purpose} }

// LogValue keeps keys out of logs.
func (r *Keyring) LogValue() slog.Value { return slog.StringValue("keyring " + r.CurrentID()) }
