package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// secretBytes of randomness make a token unguessable.
const secretBytes = 32

// newSecret returns a random secret with a prefix that says what it is for,
// and the hash that is stored in its place.
func newSecret(prefix string) (secret string, hash []byte) {
	b := make([]byte, secretBytes)
	_, _ = rand.Read(b) // never fails, see crypto/rand
	secret = prefix + base64.RawURLEncoding.EncodeToString(b)
	return secret, hashSecret(secret)
}

// hashSecret is what the database knows of a secret. A plain hash is enough:
// the secret is random, so there is nothing to guess.
func hashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// Prefixes of secrets, so that a leaked one is recognised for what it is.
const (
	sessionPrefix = "oks_"
	tokenPrefix   = "okt_"
	invitePrefix  = "oki_"
)
