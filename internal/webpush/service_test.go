package webpush_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// service is a browser's vendor and its browsers: it checks what it gets as
// RFC 8292 has it and decrypts it as RFC 8291 has it.
type service struct {
	*httptest.Server
	t *testing.T

	mu       sync.Mutex
	browsers map[string]*browser // by path
	origin   string              // the audience that tokens must name
}

type browser struct {
	private *ecdh.PrivateKey
	auth    []byte
	vapid   string // the key it has subscribed with
	status  int    // what the service answers, 0: 201
	got     []notice
}

type notice struct {
	body    string
	header  http.Header
	subject string
}

func newService(t *testing.T) *service {
	t.Helper()
	s := &service{t: t, browsers: map[string]*browser{}}
	s.Server = httptest.NewTLSServer(s)
	s.origin = s.URL
	t.Cleanup(s.Close)
	return s
}

// browser subscribes a new browser and returns what its page would send.
func (s *service) browser(vapid string) (endpoint, p256dh, auth string, b *browser) {
	s.t.Helper()
	private, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	b = &browser{private: private, auth: make([]byte, 16), vapid: vapid}
	_, _ = rand.Read(b.auth)
	s.mu.Lock()
	defer s.mu.Unlock()
	path := fmt.Sprintf("/push/%d", len(s.browsers)+1)
	s.browsers[path] = b
	enc := base64.RawURLEncoding
	return s.URL + path, enc.EncodeToString(private.PublicKey().Bytes()), enc.EncodeToString(b.auth), b
}

func (s *service) answers(b *browser, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b.status = status
}

func (s *service) got(b *browser) []notice {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]notice(nil), b.got...)
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.browsers[r.URL.Path]
	if b == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if b.status != 0 {
		w.WriteHeader(b.status)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || len(body) > 4096 || r.Header.Get("TTL") == "" || r.Header.Get("Content-Encoding") != "aes128gcm" {
		s.t.Errorf("malformed request: %v, %d bytes, %v", err, len(body), r.Header)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	subject, err := s.authorise(r.Header.Get("Authorization"), b.vapid)
	if err != nil {
		s.t.Errorf("VAPID: %v", err)
		w.WriteHeader(http.StatusForbidden)
		return
	}
	plain, err := b.decrypt(body)
	if err != nil {
		s.t.Errorf("decrypt: %v", err)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	b.got = append(b.got, notice{string(plain), r.Header, subject})
	w.WriteHeader(http.StatusCreated)
}

// authorise checks the header of RFC 8292, section 3.
func (s *service) authorise(header, vapid string) (subject string, err error) {
	rest, ok := strings.CutPrefix(header, "vapid t=")
	token, key, found := strings.Cut(rest, ", k=")
	if !ok || !found || key != vapid {
		return "", fmt.Errorf("header %q, subscribed with %q", header, vapid)
	}
	raw, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil {
		return "", err
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), raw)
	if err != nil {
		return "", err
	}
	claims := jwt.MapClaims{}
	_, err = jwt.ParseWithClaims(token, claims, func(*jwt.Token) (any, error) { return public, nil },
		jwt.WithValidMethods([]string{"ES256"}), jwt.WithAudience(s.origin), jwt.WithExpirationRequired())
	if err != nil {
		return "", err
	}
	return claims.GetSubject()
}

// decrypt opens one record of RFC 8188 as RFC 8291, section 3.4, derives the
// key.
func (b *browser) decrypt(body []byte) ([]byte, error) {
	if len(body) < 21 {
		return nil, errors.New("no header")
	}
	salt, size, idLen := body[:16], binary.BigEndian.Uint32(body[16:20]), int(body[20])
	if idLen != 65 || len(body) < 21+idLen || int(size) < len(body)-21-idLen {
		return nil, errors.New("malformed header")
	}
	sender, sealed := body[21:21+idLen], body[21+idLen:]
	public, err := ecdh.P256().NewPublicKey(sender)
	if err != nil {
		return nil, err
	}
	shared, err := b.private.ECDH(public)
	if err != nil {
		return nil, err
	}
	info := "WebPush: info\x00" + string(b.private.PublicKey().Bytes()) + string(sender)
	ikm, err := hkdf.Key(sha256.New, shared, b.auth, info, 32)
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, nonce, sealed, nil)
	if err != nil {
		return nil, err
	}
	plain = []byte(strings.TrimRight(string(plain), "\x00"))
	if len(plain) == 0 || plain[len(plain)-1] != 2 {
		return nil, errors.New("the last record is not marked as such")
	}
	return plain[:len(plain)-1], nil
}
