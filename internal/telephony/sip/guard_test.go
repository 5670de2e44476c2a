package sip_test

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	sip "github.com/okno-hq/okno/internal/telephony/sip"
	"github.com/okno-hq/okno/internal/telephony/sip/dialog"
	"github.com/okno-hq/okno/internal/telephony/sip/digest"
	"github.com/okno-hq/okno/internal/telephony/sip/message"
	"github.com/okno-hq/okno/internal/telephony/sip/transport"
	"github.com/okno-hq/okno/internal/telephony/sip/trunk"
	"github.com/okno-hq/okno/internal/telephony/siptest"
)

func trustLoopback(c *sip.Config) { c.Trusted = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }

// onTheWire is what the server answers each message of RFC 4475: 0 is
// silence. From a known source, with no credentials.
var onTheWire = map[string]int{
	"wsinv": 481, "intmeth": 501, "esc01": 401, "escnull": 401, "esc02": 501, "lwsdisp": 200, "longreq": 401, "dblreq": 401,
	"semiuri": 200, "transports": 200, "mpart01": 405, "unreason": 0, "noreason": 0,
	"badinv01": 400, "clerr": 400, "ncl": 400, "scalar02": 400, "scalarlg": 0, "quotbal": 400, "ltgtruri": 400,
	"lwsruri": 400, "lwsstart": 400, "trws": 400, "escruri": 400, "baddate": 401, "regbadct": 400, "badaspec": 400,
	"baddn": 400, "badvers": 505, "mismatch01": 400, "mismatch02": 400, "bigcode": 0, "badbranch": 400,
	"insuf": 400, "unkscm": 416, "novelsc": 416, "unksm2": 400, "bext01": 420, "invut": 401, "regaut01": 401,
	"multi01": 400, "mcl01": 400, "bcast": 0, "zeromf": 200, "cparam01": 401, "cparam02": 401, "regescrt": 401,
	"sdp01": 401, "inv2543": 401,
}

// asTrunk is what an operator's server is answered where that differs: its
// calls need no credentials.
var asTrunk = map[string]int{
	"esc01": 180, "longreq": 180, "baddate": 180, "invut": 415, "sdp01": 406, "inv2543": 400,
}

func TestTortureOnTheWire(t *testing.T) {
	for name, c := range map[string]struct {
		also map[string]int
		conf func(*world)
	}{
		"stranger's phone": {nil, func(*world) {}},
		"operator": {asTrunk, func(w *world) {
			w.SetTrunk(trunk.Settings{ID: "t", Hosts: []string{"127.0.0.1:9"}, Check: -1, Sources: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
			go func() {
				for in := range w.calls {
					in.Leg.Start(newParty(w.t), func(dialog.Event) {})
					in.Leg.Ring()
				}
			}()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t, trustLoopback)
			c.conf(w)
			files, err := filepath.Glob("message/testdata/rfc4475/*.dat")
			if err != nil || len(files) != len(onTheWire) {
				t.Fatalf("%d files, %d verdicts", len(files), len(onTheWire))
			}
			for _, file := range files {
				name := strings.TrimSuffix(filepath.Base(file), ".dat")
				want := onTheWire[name]
				if v, ok := c.also[name]; ok {
					want = v
				}
				t.Run(name, func(t *testing.T) { torture(t, w, file, want) })
			}
		})
	}
}

// torture sends one message from a socket of its own; answers come to where
// it was sent from, whatever hop it names.
func torture(t *testing.T, w *world, file string, want int) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	phone := siptest.UDP(t, w.addr, "torture", "")
	phone.Lenient = true
	// Several of the messages share a branch, as if they were one sent again.
	name := strings.TrimSuffix(filepath.Base(file), ".dat")
	data = bytes.Replace(data, []byte("branch=z9hG4bKkdjuw"), []byte("branch=z9hG4bKkdjuw"+name), 1)
	phone.Raw(data)
	probe := phone.Request(message.Options, "probe", domain)
	phone.Send(probe)
	phone.Status(probe, 200) // the message before it was worked on
	final := func(m *message.Message) bool { return m.Status > 100 && m.CallID() != probe.CallID() }
	if want == 0 {
		phone.Quiet(30*time.Millisecond, "an answer", final)
		return
	}
	res := phone.Find(siptest.Patience, final)
	if res == nil {
		t.Fatalf("no answer; there is %s", phone.Seen())
	}
	if res.Status != want {
		t.Errorf("%s, want %d", res, want)
	}
	switch want {
	case 420:
		if got := res.Get("Unsupported"); got != "nothingSupportsThis" {
			t.Errorf("Unsupported: %q", got)
		}
	case 415:
		if res.Get("Accept") != "application/sdp" {
			t.Errorf("Accept: %q", res.Get("Accept"))
		}
	case 405:
		if !res.Has("Allow") {
			t.Error("no Allow")
		}
	}
}

// Strangers who ask nothing a phone would ask hear nothing at all.
func TestSilenceToScanners(t *testing.T) {
	w := start(t, nil)
	stranger := w.phone("100")
	send := func(method string, change func(*message.Message)) {
		m := stranger.Request(method, "100", domain)
		if change != nil {
			change(m)
		}
		stranger.Send(m)
	}
	send(message.Options, nil)
	send(message.Text, nil)
	send(message.Refer, nil)
	send(message.Notify, nil)
	send(message.Publish, nil)
	send("FOO", nil)
	send(message.Cancel, nil)
	send(message.Bye, func(m *message.Message) { m.Set("To", "<sip:x@okno.example>;tag=x") })
	send(message.Ack, nil)
	stranger.Raw([]byte("GET / HTTP/1.1\r\n\r\n"))
	stranger.Quiet(300*time.Millisecond, "an answer", func(*message.Message) bool { return true })
	// A real phone may still register from there …
	stranger.Send(stranger.Request(message.Register, "", domain))
	if m := stranger.Find(siptest.Patience, func(m *message.Message) bool { return m.Status == 401 }); m == nil {
		t.Fatal("no challenge")
	}
	// … until the tool gives itself away.
	send(message.Register, func(m *message.Message) { m.Set("User-Agent", "friendly-scanner") })
	send(message.Register, nil)
	stranger.Quiet(300*time.Millisecond, "an answer to a scanner", func(*message.Message) bool { return true })
	if bans := w.Bans(); len(bans) != 1 {
		t.Fatalf("%v", bans)
	}
	w.Lift(w.Bans()[0].Source)
	w.phone("101").Register(domain, nil)
}

// Whoever is not there and whoever has another password get the same bytes.
func TestNobodyLearnsWhoExists(t *testing.T) {
	w := start(t, trustLoopback)
	for _, method := range []string{message.Register, message.Invite, message.Subscribe} {
		shape := func(user string) string {
			phone := siptest.UDP(t, w.addr, user, "guess")
			m := phone.Request(method, "200", domain)
			phone.Send(m)
			first := phone.Final(m)
			if method == message.Invite {
				phone.Send(siptest.AckFor(m, first))
			}
			next := phone.Authorize(m, first)
			phone.Send(next)
			second := phone.Final(next)
			var b strings.Builder
			for _, r := range []*message.Message{first, second} {
				b.WriteString(r.String() + " " + strconv.Itoa(len(r.Body)))
				for _, f := range r.Fields {
					b.WriteString(" " + f.Name)
					if f.Name == "WWW-Authenticate" {
						b.WriteString(strconv.Itoa(len(f.Value)))
					}
				}
			}
			return b.String()
		}
		if there, not := shape("101"), shape("777"); there != not {
			t.Errorf("%s:\n%s\n%s", method, there, not)
		}
	}
}

func TestGuessersAreShutOut(t *testing.T) {
	w := start(t, nil)
	guesser := siptest.UDP(t, w.addr, "101", "wrong")
	m := guesser.Request(message.Register, "", domain)
	guesser.Send(m)
	res := guesser.Final(m)
	for i := range 12 {
		next := guesser.Authorize(m, res)
		next.Set("Call-ID", "guess-"+strconv.Itoa(i))
		guesser.Send(next)
		if guesser.Find(2*time.Second, func(m *message.Message) bool { return m.Status >= 200 && m.CallID() == next.CallID() }) == nil {
			if i < 8 || i > 10 { // what was long ago counts less
				t.Errorf("shut out after %d guesses", i)
			}
			return
		}
	}
	t.Error("never shut out")
}

// A password is for its own extension only, and every method needs it.
func TestAuthorityEndsAtTheExtension(t *testing.T) {
	w := start(t, nil)
	phone := w.phone("101")
	m := phone.Request(message.Register, "", domain)
	m.Set("To", "<sip:102@okno.example>")
	phone.Status(phone.Proved(m), 403)
	if len(w.Devices("102")) != 0 {
		t.Fatal("102 was taken over")
	}
	inv := phone.Request(message.Invite, "200", domain)
	inv.Set("From", `"Boss" <sip:102@okno.example>;tag=a`)
	inv.SetBody("application/sdp", []byte(siptest.SDP(4000, "")))
	phone.Proved(inv)
	if in := w.taken(); in.User != "101" || in.Caller != "101" {
		t.Errorf("calls as %s", in.Caller)
	}
}

func TestReplayedCredentials(t *testing.T) {
	w := start(t, nil)
	phone := w.phone("101")
	m := phone.Request(message.Register, "", domain)
	used := phone.Proved(m)
	phone.Status(used, 200)
	replay := used.Clone()
	replay.Set("Via", phone.Via())
	replay.Set("Call-ID", "other")
	replay.Set("Contact", "<sip:thief@192.0.2.66>")
	phone.Send(replay)
	if res := phone.Final(replay); res.Status != 401 || !strings.Contains(res.Get("WWW-Authenticate"), "stale=true") {
		t.Errorf("%s", res.Bytes())
	}
	if d := w.Devices("101"); len(d) != 1 || d[0].Contact.User != "101" {
		t.Errorf("%+v", d)
	}
}

func TestRegistrations(t *testing.T) {
	w := start(t, nil)
	phone := w.phone("101")
	phone.Register(domain, nil)
	second := w.phone("101")
	if res := second.Register(domain, func(m *message.Message) { m.Set("Expires", "120") }); len(res.All("Contact")) != 2 {
		t.Errorf("%v", res.All("Contact"))
	}
	brief := phone.Request(message.Register, "", domain)
	brief.Add("Expires", "5")
	if res := phone.Status(phone.Proved(brief), 423); res.Get("Min-Expires") != "60" {
		t.Error(res.Get("Min-Expires"))
	}
	star := phone.Request(message.Register, "", domain)
	star.Set("Contact", "*")
	phone.Status(phone.Proved(star), 400) // without Expires: 0
	gone := second.Request(message.Register, "", domain)
	gone.Set("Contact", "<"+second.Contact.String()+">;expires=0")
	if res := second.Status(second.Proved(gone), 200); len(res.All("Contact")) != 1 {
		t.Errorf("%v", res.All("Contact"))
	}
	query := phone.Request(message.Register, "", domain)
	query.Remove("Contact")
	if res := phone.Status(phone.Proved(query), 200); len(res.All("Contact")) != 1 {
		t.Errorf("%v", res.All("Contact"))
	}
	star = phone.Request(message.Register, "", domain)
	star.Set("Contact", "*")
	star.Add("Expires", "0")
	phone.Status(phone.Proved(star), 200)
	if len(w.Devices("101")) != 0 {
		t.Error("still there")
	}
	for range 15 {
		p := w.phone("103")
		p.Register(domain, nil)
	}
	if n := len(w.Devices("103")); n != 10 {
		t.Errorf("%d devices", n)
	}
}

// A connection that is lost takes its device with it; another takes over.
func TestLostConnection(t *testing.T) {
	w := start(t, nil)
	instance := func(p *siptest.Phone) func(*message.Message) {
		return func(m *message.Message) {
			m.Set("Contact", "<"+p.Contact.String()+`>;reg-id=1;+sip.instance="<urn:uuid:1>"`)
		}
	}
	one := siptest.WebSocket(t, w.ws, "102", "pw-102")
	one.Register(domain, instance(one))
	p, _ := w.answered(one)
	one.Hangup()
	two := siptest.WebSocket(t, w.ws, "102", "pw-102")
	two.Register(domain, instance(two))
	p.leg.Hangup(causeNormal)
	if bye := two.Expect(message.Bye); bye.CallID() != p.leg.CallID() {
		t.Error("another call's BYE")
	}
	two.Hangup()
	deadline := time.Now().Add(siptest.Patience)
	for len(w.Devices("102")) != 0 {
		if time.Now().After(deadline) {
			t.Fatal("the device is still there")
		}
		<-time.After(10 * time.Millisecond)
	}
	if f := w.Address(transport.WS); f.IsValid() {
		t.Error("WebSocket has no port of its own")
	}
}

// Where it is asked for, phones log in by SHA-256.
func TestBothAlgorithms(t *testing.T) {
	w := start(t, func(c *sip.Config) { c.Algorithms = []string{digest.SHA256, digest.MD5} })
	phone := w.phone("101")
	m := phone.Request(message.Register, "", domain)
	if used := phone.Proved(m); !strings.Contains(used.Get("Authorization"), "algorithm=SHA-256") {
		t.Error(used.Get("Authorization"))
	}
}
