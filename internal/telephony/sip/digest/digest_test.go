package digest_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	other "github.com/icholy/digest"

	"github.com/okno-hq/okno/internal/telephony/sip/digest"
	"github.com/okno-hq/okno/internal/telephony/sip/message"
)

var source = netip.MustParseAddr("192.0.2.9")

type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func setup() (*digest.Verifier, *clock, *digest.Secret) {
	c := &clock{time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
	s := digest.NewSecret("101", "okno.example", "secret")
	return digest.NewVerifier("okno.example", c.now, digest.SHA256, digest.MD5), c, &s
}

func request(t *testing.T) *message.Message {
	t.Helper()
	u, err := message.ParseURI("sip:okno.example")
	if err != nil {
		t.Fatal(err)
	}
	return message.NewRequest(message.Register, u)
}

func refusal(v *digest.Verifier, only string, stale bool) *message.Message {
	m := &message.Message{Status: 401}
	for _, c := range v.Challenges(source, stale) {
		if strings.Contains(c, "algorithm="+only) {
			m.Add("WWW-Authenticate", c)
		}
	}
	return m
}

func check(t *testing.T, v *digest.Verifier, req *message.Message, s *digest.Secret, from netip.Addr) digest.Result {
	t.Helper()
	claim, ok := v.Read(req)
	if !ok {
		return digest.Missing
	}
	return v.Check(claim, s, from)
}

func TestOurClientIsLetIn(t *testing.T) {
	for _, algorithm := range []string{"", digest.MD5, digest.SHA256} {
		v, _, s := setup()
		req := request(t)
		if err := digest.NewClient("101", "secret", "").Answer(req, refusal(v, algorithm, false), false); err != nil {
			t.Fatal(err)
		}
		if algorithm == "" && !strings.Contains(req.Get("Authorization"), "algorithm=SHA-256") {
			t.Error("the better algorithm was not taken")
		}
		if got := check(t, v, req, s, source); got != digest.Good {
			t.Errorf("%s: %v", algorithm, got)
		}
		if got := check(t, v, req, s, source); got != digest.Stale {
			t.Errorf("%s: replayed: %v", algorithm, got)
		}
	}
}

// A client written by others is let in as well.
func TestForeignClientIsLetIn(t *testing.T) {
	v, _, s := setup()
	for _, value := range v.Challenges(source, false) {
		chal, err := other.ParseChallenge(value)
		if err != nil {
			t.Fatal(err)
		}
		for n := 1; n <= 3; n++ {
			cred, err := other.Digest(chal, other.Options{Method: "REGISTER", URI: "sip:okno.example", Username: "101", Password: "secret", Count: n})
			if err != nil {
				t.Fatal(err)
			}
			req := request(t)
			req.Add("Authorization", cred.String())
			// Both challenges share a nonce, and a client uses one of them.
			want := digest.Good
			if strings.Contains(value, "MD5") {
				want = digest.Stale
			}
			if got := check(t, v, req, s, source); got != want {
				t.Errorf("%d with %s: %v", n, value, got)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	v, c, s := setup()
	sign := func(change func(*message.Message)) *message.Message {
		req := request(t)
		if err := digest.NewClient("101", "secret", "").Answer(req, refusal(v, "", false), false); err != nil {
			t.Fatal(err)
		}
		if change != nil {
			change(req)
		}
		return req
	}
	replace := func(old, repl string) func(*message.Message) {
		return func(m *message.Message) {
			m.Set("Authorization", strings.Replace(m.Get("Authorization"), old, repl, 1))
		}
	}
	wrong := digest.NewSecret("101", "okno.example", "other")
	for name, x := range map[string]struct {
		req    *message.Message
		secret *digest.Secret
		from   netip.Addr
		want   digest.Result
	}{
		"unknown user":    {sign(nil), nil, source, digest.Wrong},
		"wrong password":  {sign(nil), &wrong, source, digest.Wrong},
		"empty secret":    {sign(nil), &digest.Secret{}, source, digest.Wrong},
		"other method":    {sign(func(m *message.Message) { m.Method = message.Invite }), s, source, digest.Wrong},
		"other URI":       {sign(func(m *message.Message) { m.URI.User = "900" }), s, source, digest.Wrong},
		"other address":   {sign(nil), s, netip.MustParseAddr("192.0.2.10"), digest.Stale},
		"no qop":          {sign(replace(", qop=auth", "")), s, source, digest.Wrong},
		"other realm":     {sign(replace(`realm="okno.example"`, `realm="x"`)), s, source, digest.Missing},
		"unknown scheme":  {sign(replace("Digest", "Basic")), s, source, digest.Missing},
		"forged nonce":    {sign(replace(`nonce="`, `nonce="A`)), s, source, digest.Stale},
		"nc of zero":      {sign(replace("nc=00000001", "nc=00000000")), s, source, digest.Wrong},
		"other algorithm": {sign(replace("SHA-256", "SHA-512-256")), s, source, digest.Missing},
	} {
		if got := check(t, v, x.req, x.secret, x.from); got != x.want {
			t.Errorf("%s: %v, want %v", name, got, x.want)
		}
	}
	old := sign(nil)
	c.t = c.t.Add(digest.Lifetime + time.Second)
	if got := check(t, v, old, s, source); got != digest.Stale {
		t.Errorf("old nonce: %v", got)
	}
}

func TestCountsMayOvertake(t *testing.T) {
	v, _, s := setup()
	chal := v.Challenges(source, false)[0]
	parsed, err := other.ParseChallenge(chal)
	if err != nil {
		t.Fatal(err)
	}
	try := func(n int) digest.Result {
		cred, err := other.Digest(parsed, other.Options{Method: "REGISTER", URI: "sip:okno.example", Username: "101", Password: "secret", Count: n})
		if err != nil {
			t.Fatal(err)
		}
		req := request(t)
		req.Add("Authorization", cred.String())
		return check(t, v, req, s, source)
	}
	for i, x := range []struct {
		n    int
		want digest.Result
	}{{2, digest.Good}, {1, digest.Good}, {1, digest.Stale}, {2, digest.Stale}, {90, digest.Good}, {3, digest.Stale}, {89, digest.Good}} {
		if got := try(x.n); got != x.want {
			t.Errorf("step %d, count %d: %v, want %v", i, x.n, got, x.want)
		}
	}
}

func TestClientKeepsItsPasswordToItsRealm(t *testing.T) {
	v, _, _ := setup()
	c := digest.NewClient("101", "secret", "")
	if err := c.Answer(request(t), refusal(v, "", false), false); err != nil {
		t.Fatal(err)
	}
	evil := digest.NewVerifier("evil.example", time.Now)
	m := &message.Message{Status: 407}
	for _, ch := range evil.Challenges(source, false) {
		m.Add("Proxy-Authenticate", ch)
	}
	req := request(t)
	if err := c.Answer(req, m, false); !errors.Is(err, digest.ErrRealm) || req.Has("Proxy-Authorization") {
		t.Errorf("%v %q", err, req.Get("Proxy-Authorization"))
	}
	if err := c.Answer(request(t), refusal(v, "", false), true); !errors.Is(err, digest.ErrRefused) {
		t.Errorf("tried already: %v", err)
	}
	if err := c.Answer(request(t), refusal(v, "", true), true); err != nil {
		t.Errorf("stale: %v", err)
	}
	if err := c.Answer(request(t), &message.Message{Status: 401}, false); !errors.Is(err, digest.ErrNoChallenge) {
		t.Error(err)
	}
}
