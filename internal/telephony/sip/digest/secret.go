// Package digest proves that a peer knows a password without sending it (RFC
// 7616, RFC 8760): the server's side with nonces that expire and count their
// use, and the client's side.
package digest

import (
	"crypto/md5" //nolint:gosec // RFC 3261 has nothing else; SHA-256 is offered first
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Algorithm names, as written in challenges.
const (
	MD5    = "MD5"
	SHA256 = "SHA-256"
)

// Secret is what is kept of a password: H(user:realm:password) in hex by both
// algorithms. Whoever has it can log in by SIP, so it is kept encrypted.
type Secret struct{ MD5, SHA256 string }

// NewSecret derives what is kept of a password.
func NewSecret(user, realm, password string) Secret {
	a1 := user + ":" + realm + ":" + password
	return Secret{MD5: hash(MD5, a1), SHA256: hash(SHA256, a1)}
}

func (s Secret) of(algorithm string) string {
	if algorithm == SHA256 {
		return s.SHA256
	}
	return s.MD5
}

func hash(algorithm, s string) string {
	if algorithm == SHA256 {
		h := sha256.Sum256([]byte(s))
		return hex.EncodeToString(h[:])
	}
	h := md5.Sum([]byte(s)) //nolint:gosec // see the import
	return hex.EncodeToString(h[:])
}

func response(algorithm, ha1, nonce, nc, cnonce, qop, method, uri string) string {
	ha2 := hash(algorithm, method+":"+uri)
	if qop == "" {
		return hash(algorithm, ha1+":"+nonce+":"+ha2)
	}
	return hash(algorithm, strings.Join([]string{ha1, nonce, nc, cnonce, qop, ha2}, ":"))
}
