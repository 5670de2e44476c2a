package digest

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/telephony/sip/message"
)

// Result is what became of a check.
type Result int

// The results.
const (
	Missing Result = iota // no credentials for our realm: challenge
	Stale                 // right or not, the nonce is spent: challenge with stale=true
	Wrong                 // unknown user or wrong password; nobody is told which
	Good
)

// Lifetime is how long a nonce can be used, by an address, as often as the
// client counts.
const Lifetime = 5 * time.Minute

// Verifier challenges and checks.
type Verifier struct {
	realm string
	now   func() time.Time
	order []string
	key   [32]byte
	decoy Secret // compared against when there is no such user

	mu   sync.Mutex
	used map[string]*counter // of nonces that let someone in
	tidy time.Time
}

type counter struct {
	highest uint64
	seen    uint64 // bit i: highest-i was used
	until   time.Time
}

// NewVerifier returns a verifier for a realm. Its nonces are its own: after a
// restart clients are challenged again. order is that of the algorithms in
// challenges; nil means MD5 alone: there are phones that take no challenge at
// all beside one they do not know (baresip 1.0 is one), whatever RFC 8760
// section 2.4 says, and TLS protects both alike.
func NewVerifier(realm string, now func() time.Time, order ...string) *Verifier {
	if len(order) == 0 {
		order = []string{MD5}
	}
	v := &Verifier{realm: realm, now: now, order: order, used: map[string]*counter{}}
	_, _ = rand.Read(v.key[:]) // never fails
	var p [16]byte
	_, _ = rand.Read(p[:])
	v.decoy = NewSecret("", realm, string(p[:]))
	return v
}

// Realm returns the realm.
func (v *Verifier) Realm() string { return v.realm }

// Challenges returns the values for WWW-Authenticate.
func (v *Verifier) Challenges(source netip.Addr, stale bool) []string {
	nonce := v.nonce(source)
	tail := ""
	if stale {
		tail = ", stale=true"
	}
	head := "Digest realm=" + message.Quote(v.realm) + `, nonce="` + nonce + `", qop="auth"`
	all := make([]string, len(v.order))
	for i, algorithm := range v.order {
		all[i] = head + ", algorithm=" + algorithm + tail
	}
	return all
}

func (v *Verifier) nonce(source netip.Addr) string {
	var b [16 + 16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(v.now().UnixMilli())) //nolint:gosec // after 1970
	_, _ = rand.Read(b[8:16])
	copy(b[16:], v.sign(b[:16], source))
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func (v *Verifier) sign(b []byte, source netip.Addr) []byte {
	m := hmac.New(sha256.New, v.key[:])
	m.Write(b)
	ip := source.As16()
	m.Write(ip[:])
	return m.Sum(nil)[:16]
}

// fresh reports whether a nonce is one of ours for this address and not old.
func (v *Verifier) fresh(nonce string, source netip.Addr) bool {
	b, err := base64.RawURLEncoding.DecodeString(nonce)
	if err != nil || len(b) != 32 || !hmac.Equal(b[16:], v.sign(b[:16], source)) {
		return false
	}
	age := v.now().Sub(time.UnixMilli(int64(binary.BigEndian.Uint64(b[:8])))) //nolint:gosec // signed by us
	return age >= 0 && age <= Lifetime
}

// Claim is what credentials say, still unproved.
type Claim struct {
	User                                   string
	algorithm, nonce, nc, cnonce, qop, uri string
	response, method                       string
	request                                message.URI
}

// Read returns the credentials of a request for our realm, from Authorization
// or Proxy-Authorization; others, of other schemes or broken, are passed over.
func (v *Verifier) Read(req *message.Message) (Claim, bool) {
	for _, field := range []string{"Authorization", "Proxy-Authorization"} {
		for _, value := range req.All(field) {
			c, ok := message.ParseChallenge(value)
			if !ok || !strings.EqualFold(c.Scheme, "Digest") {
				continue
			}
			get := func(name string) string { s, _ := c.Params.Get(name); return s }
			if get("realm") != v.realm {
				continue
			}
			claim := Claim{
				User: get("username"), nonce: get("nonce"), nc: get("nc"), cnonce: get("cnonce"), qop: get("qop"),
				uri: get("uri"), response: strings.ToLower(get("response")), method: req.Method, request: req.URI, algorithm: MD5,
			}
			switch a := get("algorithm"); {
			case a == "" || strings.EqualFold(a, MD5):
			case strings.EqualFold(a, SHA256):
				claim.algorithm = SHA256
			default:
				continue
			}
			if !slices.Contains(v.order, claim.algorithm) {
				continue
			}
			return claim, true
		}
	}
	return Claim{}, false
}

// Check proves a claim against what is kept of the user; nil means there is
// no such user, which takes as long to find out.
func (v *Verifier) Check(c Claim, secret *Secret, source netip.Addr) Result {
	known := secret != nil
	if !known {
		secret = &v.decoy
	}
	ha1 := secret.of(c.algorithm)
	want := response(c.algorithm, ha1, c.nonce, c.nc, c.cnonce, c.qop, c.method, c.uri)
	right := subtle.ConstantTimeCompare([]byte(want), []byte(c.response)) == 1 && known && ha1 != ""
	if !v.fresh(c.nonce, source) {
		return Stale
	}
	if !right || c.qop != "auth" || c.cnonce == "" || !sameResource(c.uri, c.request) {
		return Wrong
	}
	if !v.count(c.nonce, c.nc) {
		return Stale
	}
	return Good
}

// sameResource reports whether the credentials are for this request's URI.
func sameResource(uri string, request message.URI) bool {
	u, err := message.ParseURI(uri)
	return err == nil && u.Scheme == request.Scheme && u.User == request.User && u.Host == request.Host && u.Port == request.Port && u.Opaque == request.Opaque
}

// count marks a nonce's use and reports whether it was not used by that
// number before; requests may overtake each other by up to 63.
func (v *Verifier) count(nonce, nc string) bool {
	n, err := strconv.ParseUint(nc, 16, 32)
	if err != nil || n == 0 || len(nc) != 8 {
		return false
	}
	now := v.now()
	v.mu.Lock()
	defer v.mu.Unlock()
	if now.After(v.tidy) {
		for k, c := range v.used {
			if now.After(c.until) {
				delete(v.used, k)
			}
		}
		v.tidy = now.Add(Lifetime / 5)
	}
	c := v.used[nonce]
	if c == nil {
		c = &counter{until: now.Add(Lifetime + time.Second)}
		v.used[nonce] = c
	}
	switch {
	case n > c.highest:
		if shift := n - c.highest; shift < 64 {
			c.seen <<= shift
		} else {
			c.seen = 0
		}
		c.highest, c.seen = n, c.seen|1
		return true
	case c.highest-n < 64 && c.seen&(1<<(c.highest-n)) == 0:
		c.seen |= 1 << (c.highest - n)
		return true
	}
	return false
}
