package digest

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/okno-hq/okno/internal/telephony/sip/message"
)

// Why a challenge is not answered.
var (
	ErrNoChallenge = errors.New("digest: no challenge that can be answered")  //nolint:gochecknoglobals // a sentinel
	ErrRealm       = errors.New("digest: challenge of a realm not our own")   //nolint:gochecknoglobals // a sentinel
	ErrRefused     = errors.New("digest: user name or password not accepted") //nolint:gochecknoglobals // a sentinel
)

// Client answers the challenges of one server.
type Client struct {
	user, password, realm string

	mu    sync.Mutex
	nonce string
	count uint32
}

// NewClient returns a client. With a realm, only that realm's challenges are
// answered; without, the first realm met is kept to.
func NewClient(user, password, realm string) *Client {
	return &Client{user: user, password: password, realm: realm}
}

// Answer adds credentials for the challenges of a 401 or 407 to the request
// that is to be sent again. tried says that the refused request had carried
// some already: unless the nonce was stale, the password is wrong.
func (c *Client) Answer(req, refusal *message.Message, tried bool) error {
	ask, give := "WWW-Authenticate", "Authorization"
	if refusal.Status == 407 {
		ask, give = "Proxy-Authenticate", "Proxy-Authorization"
	}
	best := message.Challenge{}
	algorithm := ""
	other := false
	for _, v := range refusal.All(ask) {
		ch, ok := message.ParseChallenge(v)
		if !ok || !strings.EqualFold(ch.Scheme, "Digest") {
			continue
		}
		if realm, _ := ch.Params.Get("realm"); !c.own(realm) {
			other = true
			continue
		}
		a, has := ch.Params.Get("algorithm")
		switch {
		case strings.EqualFold(a, SHA256):
			best, algorithm = ch, SHA256
		case (!has || strings.EqualFold(a, MD5)) && algorithm == "":
			best, algorithm = ch, MD5
		}
	}
	if algorithm == "" {
		if other {
			return ErrRealm
		}
		return ErrNoChallenge
	}
	if stale, _ := best.Params.Get("stale"); tried && !strings.EqualFold(stale, "true") {
		return ErrRefused
	}
	req.Set(give, c.credentials(best, algorithm, req))
	return nil
}

// own reports whether a realm is the one this client's password is for.
func (c *Client) own(realm string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.realm == "" {
		c.realm = realm
	}
	return realm == c.realm
}

func (c *Client) credentials(ch message.Challenge, algorithm string, req *message.Message) string {
	get := func(name string) string { s, _ := ch.Params.Get(name); return s }
	nonce, realm, uri := get("nonce"), get("realm"), req.URI.String()
	c.mu.Lock()
	if nonce != c.nonce {
		c.nonce, c.count = nonce, 0
	}
	c.count++
	nc := fmt.Sprintf("%08x", c.count)
	c.mu.Unlock()
	var qop, cnonce string
	for q := range strings.SplitSeq(get("qop"), ",") {
		if strings.TrimSpace(q) == "auth" {
			qop = "auth"
		}
	}
	if qop != "" {
		var b [8]byte
		_, _ = rand.Read(b[:])
		cnonce = hex.EncodeToString(b[:])
	}
	ha1 := NewSecret(c.user, realm, c.password).of(algorithm)
	parts := []string{
		"username=" + message.Quote(c.user), "realm=" + message.Quote(realm), "nonce=" + message.Quote(nonce),
		"uri=" + message.Quote(uri), `response="` + response(algorithm, ha1, nonce, nc, cnonce, qop, req.Method, uri) + `"`,
		"algorithm=" + algorithm,
	}
	if qop != "" {
		parts = append(parts, "qop=auth", "nc="+nc, `cnonce="`+cnonce+`"`)
	}
	if opaque, ok := ch.Params.Get("opaque"); ok {
		parts = append(parts, "opaque="+message.Quote(opaque))
	}
	return "Digest " + strings.Join(parts, ", ")
}
