package secretbox

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/okno-hq/okno/internal/fault"
)

// A sealed value is
//
//	version (1) | key id (4) | nonce (24) | ciphertext and tag (n + 16)
const (
	version    = 1
	headerSize = 1 + idSize
	// Overhead is how many bytes a sealed value is longer than the plain one.
	Overhead = headerSize + chacha20poly1305.NonceSizeX + chacha20poly1305.Overhead
)

// Place says where a sealed value lives. It is authenticated, not stored: a
// value moved to another place does not open.
type Place struct {
	Table string
	Row   string // the row's id
	Field string
}

// Box seals and opens the values of one purpose. It is safe for use by many
// goroutines.
type Box struct {
	ring    *Keyring
	purpose string
}

// Seal encrypts a value for the place it will be stored in.
func (b *Box) Seal(plain []byte, at Place) ([]byte, error) {
	aead, err := b.aead(b.ring.current)
	if err != nil {
		return nil, err
	}
	id := b.ring.current.id()
	out := make([]byte, 0, len(plain)+Overhead)
	out = append(out, version)
	out = append(out, id[:]...)
	nonce := make([]byte, chacha20poly1305.NonceSizeX)
	// crypto/rand.Read never fails: it crashes the program instead.
	_, _ = rand.Read(nonce)
	out = append(out, nonce...)
	return aead.Seal(out, nonce, plain, at.bind(out[:headerSize])), nil
}

// Open decrypts a value sealed for the place. Its faults: "secret.malformed"
// for what Seal did not make, "secret.unknown_key" where the key is not in
// the keyring, "secret.not_authentic" for a changed value, another place or
// another purpose.
func (b *Box) Open(sealed []byte, at Place) ([]byte, error) {
	id, err := keyID(sealed)
	if err != nil {
		return nil, err
	}
	key, ok := b.ring.byID[id]
	if !ok {
		return nil, fault.New(fault.Internal, "secret.unknown_key").Because(
			fmt.Errorf("sealed with key %x, which is not among the known ones: was OKNO_SECRET_KEY or secret.key replaced?", id))
	}
	aead, err := b.aead(key)
	if err != nil {
		return nil, err
	}
	nonce := sealed[headerSize : headerSize+chacha20poly1305.NonceSizeX]
	plain, err := aead.Open(nil, nonce, sealed[headerSize+len(nonce):], at.bind(sealed[:headerSize]))
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "secret.not_authentic", err)
	}
	return plain, nil
}

// Stale reports whether a value was sealed with a former key and should be
// opened and sealed anew.
func (b *Box) Stale(sealed []byte) bool {
	id, err := keyID(sealed)
	return err == nil && id != b.ring.current.id()
}

func (b *Box) aead(k Key) (cipher.AEAD, error) {
	aead, err := chacha20poly1305.NewX(k.derive(b.purpose))
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "secret.cipher", err)
	}
	return aead, nil
}

func keyID(sealed []byte) (id [idSize]byte, err error) {
	if len(sealed) < Overhead {
		return id, fault.New(fault.Internal, "secret.malformed").Because(
			fmt.Errorf("a sealed value has at least %d bytes, this one %d", Overhead, len(sealed)))
	}
	if sealed[0] != version {
		return id, fault.New(fault.Internal, "secret.malformed").Because(
			fmt.Errorf("sealed by format %d, this program knows %d", sealed[0], version))
	}
	copy(id[:], sealed[1:headerSize])
	return id, nil
}

// bind encodes the header and the place without ambiguity: each part is
// preceded by its length.
func (p Place) bind(header []byte) []byte {
	out := append([]byte(nil), header...)
	for _, s := range [...]string{p.Table, p.Row, p.Field} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(s))) //nolint:gosec // names and ids are short
		out = append(out, s...)
	}
	return out
}
