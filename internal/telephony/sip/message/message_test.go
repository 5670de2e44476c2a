package message_test

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/okno-hq/okno/internal/telephony/sip/message"
)

// torture says what RFC 4475 lets a reader make of each of its messages:
// 0: understood, -1: dropped without an answer, else the status of the answer.
// What an understood one is answered by the server is the server's test.
var torture = map[string]int{
	"wsinv": 0, "intmeth": 0, "esc01": 0, "escnull": 0, "esc02": 0, "lwsdisp": 0, "longreq": 0, "dblreq": 0,
	"semiuri": 0, "transports": 0, "mpart01": 0, "unreason": 0, "noreason": 0,
	"badinv01": 400, "clerr": 400, "ncl": 400, "scalar02": 400, "scalarlg": -1, "quotbal": 400, "ltgtruri": 400,
	"lwsruri": 400, "lwsstart": 400, "trws": 400, "escruri": 400, "baddate": 0, "regbadct": 400, "badaspec": 400,
	"baddn": 400, "badvers": 505, "mismatch01": 400, "mismatch02": 400, "bigcode": -1, "badbranch": 400,
	"insuf": 400, "unkscm": 416, "novelsc": 416, "unksm2": 0, "bext01": 0, "invut": 0, "regaut01": 0,
	"multi01": 400, "mcl01": 400, "bcast": 0, "zeromf": 0, "cparam01": 0, "cparam02": 0, "regescrt": 0,
	"sdp01": 0, "inv2543": 0,
}

func TestTorture(t *testing.T) {
	files, err := filepath.Glob("testdata/rfc4475/*.dat")
	if err != nil || len(files) != len(torture) {
		t.Fatalf("%d messages for %d verdicts (%v)", len(files), len(torture), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".dat")
		t.Run(name, func(t *testing.T) {
			want, known := torture[name]
			if !known {
				t.Fatal("no verdict")
			}
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			m, err := message.Parse(data)
			var fault *message.Fault
			got := 0
			switch {
			case errors.As(err, &fault):
				got = fault.Status
				if !m.IsRequest() {
					got = -1
				}
			case err != nil:
				got = -1
			}
			if got != want {
				t.Errorf("%d, want %d (%v)", got, want, err)
			}
			if err == nil {
				again, err := message.Parse(m.Bytes())
				if err != nil {
					t.Fatalf("what was read cannot be written: %v\n%s", err, m.Bytes())
				}
				if !bytes.Equal(again.Bytes(), m.Bytes()) {
					t.Error("writing is not stable")
				}
			}
		})
	}
}

func TestTortureIsUnderstood(t *testing.T) {
	read := func(name string) *message.Message {
		data, err := os.ReadFile("testdata/rfc4475/" + name + ".dat")
		if err != nil {
			t.Fatal(err)
		}
		m, err := message.Parse(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return m
	}
	equal := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	m := read("wsinv")
	equal("tag over folds", m.To().Tag(), "1918181833n")
	equal("display with escapes", m.From().Display, `J Rosenberg \"`)
	vias := m.All("Via")
	if len(vias) != 3 {
		t.Fatalf("%d Vias", len(vias))
	}
	v, err := message.ParseVia(vias[1])
	equal("second Via", v.SentBy()+" "+v.Branch(), "spindle.example.com z9hG4bK9ikj8")
	if err != nil {
		t.Error(err)
	}
	if n, method := m.CSeq(); n != 9 || method != message.Invite {
		t.Errorf("CSeq %d %s", n, method)
	}
	c, _ := m.Contact()
	if q, _ := c.Params.Get("q"); q != "0.33" {
		t.Errorf("q %q", q)
	}
	equal("escaped user", read("esc01").URI.Name(), "sips:user@example.com")
	equal("null in a user", read("escnull").To().URI.Name(), "null-\x00-null")
	equal("method is a token", read("esc02").Method, "RE%47IST%45R")
	equal("semicolon in a user", read("semiuri").URI.Name(), "user;par=u@example.net")
	c, _ = read("cparam01").Contact()
	if !c.Params.Has("unknownparam") || c.URI.Params.Has("unknownparam") {
		t.Error("without brackets a parameter is the field's")
	}
	c, _ = read("cparam02").Contact()
	if c.Params.Has("unknownparam") || !c.URI.Params.Has("unknownparam") {
		t.Error("within brackets a parameter is the URI's")
	}
	if body := read("dblreq").Body; len(body) != 0 {
		t.Errorf("a datagram holds one message: %q", body)
	}
}

func TestReadFrame(t *testing.T) {
	one := "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bKx\r\nl : 3\r\n\r\nabc"
	r := bufio.NewReader(strings.NewReader("\r\n\r\n" + one + "\r\n" + one))
	for _, want := range []string{"\r\n\r\n", one, one} {
		got, err := message.ReadFrame(r)
		if err != nil || string(got) != want {
			t.Fatalf("%q, %v", got, err)
		}
	}
	for name, s := range map[string]string{
		"none":     "OPTIONS sip:a@b SIP/2.0\r\nVia: x\r\n\r\n",
		"negative": "OPTIONS sip:a@b SIP/2.0\r\nContent-Length: -1\r\n\r\n",
		"two":      "OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 1\r\nl: 2\r\n\r\nab",
		"huge":     "OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 99999999\r\n\r\n",
	} {
		if _, err := message.ReadFrame(bufio.NewReader(strings.NewReader(s))); !errors.Is(err, message.ErrFraming) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReplacesAndChallenges(t *testing.T) {
	u, err := message.ParseURI("sip:bob@example.com?Replaces=12345%40host%3Bto-tag%3D12345%3Bfrom-tag%3D5FFE-3994&Require=replaces")
	if err != nil {
		t.Fatal(err)
	}
	r, ok := message.ParseReplaces(u.Header("replaces"))
	if !ok || r.CallID != "12345@host" || r.ToTag != "12345" || r.FromTag != "5FFE-3994" {
		t.Errorf("%+v %v", r, ok)
	}
	c, ok := message.ParseChallenge(`Digest realm="a \"b\", c", nonce="x", qop="auth,auth-int", stale=FALSE`)
	if !ok || len(c.Params) != 4 {
		t.Fatalf("%+v %v", c, ok)
	}
	if realm, _ := c.Params.Get("realm"); realm != `a "b", c` {
		t.Errorf("realm %q", realm)
	}
	for _, v := range []string{"", "Digest", "Digest x", `Digest realm="open`, "Digest =1", `Digest a="b" c`} {
		if _, ok := message.ParseChallenge(v); ok {
			t.Errorf("%q was read", v)
		}
	}
}

// FuzzParse: whatever comes in, what is accepted can be written and is read
// back the same, and no accessor fails on it.
func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/rfc4475/*.dat")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := message.Parse(data)
		if m != nil {
			m.From()
			m.To()
			m.Contact()
			m.TopVia()
			m.Addresses("Route")
			message.ParseChallenge(m.Get("Authorization"))
			message.ParseReplaces(m.Get("Replaces"))
			if m.IsRequest() {
				message.NewResponse(m, 400, "", "tag").Bytes()
			}
		}
		if err != nil {
			return
		}
		again, err := message.Parse(m.Bytes())
		if err != nil {
			t.Fatalf("cannot be read back: %v\n%q", err, m.Bytes())
		}
		if !bytes.Equal(again.Bytes(), m.Bytes()) {
			t.Fatalf("changes when written:\n%q\n%q", m.Bytes(), again.Bytes())
		}
	})
}
