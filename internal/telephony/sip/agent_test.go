package sip_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	sip "github.com/okno-hq/okno/internal/telephony/sip"
	"github.com/okno-hq/okno/internal/telephony/sip/dialog"
	"github.com/okno-hq/okno/internal/telephony/sip/digest"
	"github.com/okno-hq/okno/internal/telephony/sip/message"
	"github.com/okno-hq/okno/internal/telephony/sip/offer"
	"github.com/okno-hq/okno/internal/telephony/sip/registrar"
	"github.com/okno-hq/okno/internal/telephony/sip/transaction"
	"github.com/okno-hq/okno/internal/telephony/sip/transport"
	"github.com/okno-hq/okno/internal/telephony/siptest"
)

const domain = "okno.example"

// people is a directory of extensions whose password is "pw-" + name.
type people []string

func (p people) Secret(_ context.Context, user string) (digest.Secret, bool, error) {
	if !slices.Contains(p, user) {
		return digest.Secret{}, false, nil
	}
	return digest.NewSecret(user, domain, "pw-"+user), true, nil
}

func (p people) MayWatch(_ context.Context, _, user string) bool {
	_, ok, _ := p.Secret(context.Background(), user)
	return ok
}

// world is an agent on loopback with the calls that came to it.
type world struct {
	*sip.Agent
	t     *testing.T
	calls chan *sip.Incoming
	regs  chan []registrar.Binding
	addr  netip.AddrPort
	ws    string
	last  *siptest.Phone
}

func start(t *testing.T, change func(*sip.Config)) *world {
	t.Helper()
	w := &world{t: t, calls: make(chan *sip.Incoming, 64), regs: make(chan []registrar.Binding, 256)}
	cfg := sip.Config{
		Domain: domain, UDP: "127.0.0.1:0", TCP: "127.0.0.1:0", Product: "Okno", Directory: people{"101", "102", "103"},
		Incoming:   func(in *sip.Incoming) { w.calls <- in },
		Registered: func(_ string, b []registrar.Binding) { w.regs <- b },
		Timers:     transaction.Timers{T1: 100 * time.Millisecond, T2: 400 * time.Millisecond, T4: 200 * time.Millisecond},
	}
	if change != nil {
		change(&cfg)
	}
	w.Agent = sip.New(cfg)
	if err := w.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	hs := httptest.NewServer(w.WebSocket(nil, func(r *http.Request) netip.AddrPort { a, _ := netip.ParseAddrPort(r.RemoteAddr); return a }))
	w.ws = "ws" + strings.TrimPrefix(hs.URL, "http")
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(30 * time.Second):
			t.Error("the agent does not end")
		}
		hs.Close()
	})
	w.addr = w.Address(transport.UDP)
	return w
}

func (w *world) phone(user string) *siptest.Phone {
	w.t.Helper()
	return siptest.UDP(w.t, w.addr, user, "pw-"+user)
}

// phoneFor returns a phone of 101 and remembers it.
func (w *world) phoneFor(t *testing.T) *siptest.Phone {
	t.Helper()
	w.last = w.phone("101")
	return w.last
}

const offerSendOnly = offer.SendOnly

var causeNormal = dialog.Cause{Status: 200}

// party is our side of a leg: its media and the events told.
type party struct {
	t   *testing.T
	leg *dialog.Leg
	*offer.Endpoint
	mu     sync.Mutex
	agreed []offer.Agreed
	events chan dialog.Event
}

func newParty(t *testing.T) *party {
	t.Helper()
	p := &party{t: t, events: make(chan dialog.Event, 256)}
	p.Endpoint = offer.New(offer.Local{
		Addr: netip.MustParseAddrPort("127.0.0.1:30000"), Codecs: []offer.Codec{offer.PCMA(), offer.PCMU(), offer.Events(8000)},
	}, func(a offer.Agreed) { p.mu.Lock(); p.agreed = append(p.agreed, a); p.mu.Unlock() })
	return p
}

func (p *party) last() offer.Agreed {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.agreed) == 0 {
		p.t.Fatal("nothing was agreed")
	}
	return p.agreed[len(p.agreed)-1]
}

func (p *party) on(e dialog.Event) { p.events <- e }

// wait returns the next event of a kind, passing over others.
func wait[E dialog.Event](p *party) E {
	p.t.Helper()
	timer := time.NewTimer(siptest.Patience)
	defer timer.Stop()
	var seen []dialog.Event
	for {
		select {
		case e := <-p.events:
			if x, ok := e.(E); ok {
				return x
			}
			seen = append(seen, e)
		case <-timer.C:
			var want E
			p.t.Fatalf("no %T; there was %#v", want, seen)
		}
	}
}

func (w *world) taken() *sip.Incoming {
	w.t.Helper()
	select {
	case in := <-w.calls:
		return in
	case <-time.After(siptest.Patience):
		w.t.Fatal("no call came")
		return nil
	}
}

// answered makes a call from a phone that we answer.
func (w *world) answered(phone *siptest.Phone) (*party, *siptest.Dialog) {
	w.t.Helper()
	inv := phone.Request(message.Invite, "200", domain)
	inv.SetBody("application/sdp", []byte(siptest.SDP(4000, "")))
	sent := phone.Proved(inv)
	in := w.taken()
	p := newParty(w.t)
	p.leg = in.Leg
	in.Leg.Start(p, p.on)
	in.Leg.Ring()
	phone.Status(sent, 180)
	in.Leg.Answer()
	ok := phone.Status(sent, 200)
	d := phone.Called(sent, ok)
	d.Send(message.Ack, "")
	wait[dialog.Answered](p)
	return p, d
}

func TestRegisterCallHangup(t *testing.T) {
	w := start(t, nil)
	phone := w.phone("101")
	res := phone.Register(domain, nil)
	if c, ok := res.Contact(); !ok || c.URI.User != "101" {
		t.Errorf("contact %v", c)
	}
	if d := w.Devices("101"); len(d) != 1 || d[0].Flow.Transport() != transport.UDP {
		t.Fatalf("%+v", d)
	}
	inv := phone.Request(message.Invite, "200", domain)
	inv.SetBody("application/sdp", []byte(siptest.SDP(4000, "")))
	sent := phone.Proved(inv)
	in := w.taken()
	if in.User != "101" || in.Caller != "101" || in.Called != "200" {
		t.Errorf("%+v", in)
	}
	p := newParty(t)
	in.Leg.Start(p, p.on)
	in.Leg.Answer()
	ok := phone.Status(sent, 200)
	if !strings.Contains(string(ok.Body), "m=audio 30000") {
		t.Errorf("%s", ok.Body)
	}
	d := phone.Called(sent, ok)
	phone.Status(sent, 200) // repeated until it is acknowledged
	d.Send(message.Ack, "")
	wait[dialog.Answered](p)
	if a := p.last(); a.Remote.Port() != 4000 || a.Send[0].Name != "PCMA" || a.SendEvents.PT != 101 {
		t.Errorf("%+v", a)
	}
	bye := d.Send(message.Bye, "", "Reason", `Q.850;cause=16`)
	phone.Status(bye, 200)
	if e := wait[dialog.Ended](p); !e.ByPeer || e.Status != 200 {
		t.Errorf("%+v", e)
	}
	again := d.Send(message.Bye, "")
	phone.Status(again, 481)
}

func TestOurCallRingsAndTalks(t *testing.T) {
	w := start(t, nil)
	phone := w.phone("101")
	phone.Register(domain, nil)
	p := newParty(t)
	leg := w.Ring(sip.Ring{Device: w.Devices("101")[0], Caller: "+74951234567", Name: `Anna "A"`, Media: p, On: p.on})
	inv := phone.Expect(message.Invite)
	if f := inv.From(); f.Display != `Anna "A"` || f.URI.Name() != "+74951234567" || inv.URI.User != "101" {
		t.Errorf("%s %s", inv.Get("From"), inv)
	}
	phone.Respond(inv, 180, "pt", "")
	if e := wait[dialog.Ringing](p); e.Status != 180 {
		t.Errorf("%+v", e)
	}
	res := phone.Respond(inv, 200, "pt", siptest.SDP(4000, ""))
	wait[dialog.Answered](p)
	ack := phone.Expect(message.Ack)
	if n, _ := ack.CSeq(); n != 1 {
		t.Errorf("%s", ack.Get("CSeq"))
	}
	phone.Respond(inv, 200, "pt", siptest.SDP(4000, "")) // the ACK was lost
	phone.Expect(message.Ack)
	leg.Hangup(dialog.Cause{Status: 200})
	bye := phone.Expect(message.Bye)
	phone.Respond(bye, 200, "", "")
	if e := wait[dialog.Ended](p); e.ByPeer {
		t.Errorf("%+v", e)
	}
	_ = res
}

// A browser's contact is one nobody can look up: everything within the call
// must come down the connection it registered on.
func TestInvalidContact(t *testing.T) {
	w := start(t, nil)
	phone := siptest.WebSocket(t, w.ws, "102", "pw-102")
	phone.Register(domain, func(m *message.Message) {
		m.Set("Contact", "<"+phone.Contact.String()+`>;reg-id=1;+sip.instance="<urn:uuid:0>"`)
		m.Add("Supported", "outbound, path")
	})
	p, d := w.answered(phone)
	p.Want(offer.SendOnly)
	p.leg.Renegotiate()
	re := phone.Expect(message.Invite)
	if !strings.Contains(string(re.Body), "a=sendonly") {
		t.Errorf("%s", re.Body)
	}
	phone.Respond(re, 200, "", siptest.SDP(4000, "recvonly"))
	if e := wait[dialog.Changed](p); e.Err != nil {
		t.Fatal(e.Err)
	}
	phone.Expect(message.Ack)
	p.leg.Hangup(dialog.Cause{Status: 200})
	bye := phone.Expect(message.Bye)
	if bye.URI.Host != phone.Contact.Host {
		t.Errorf("%s", bye)
	}
	phone.Respond(bye, 200, "", "")
	wait[dialog.Ended](p)
	_ = d

	// And a call to it.
	q := newParty(t)
	w.Ring(sip.Ring{Device: w.Devices("102")[0], Caller: "103", Media: q, On: q.on})
	inv := phone.Expect(message.Invite)
	phone.Respond(inv, 200, "x", siptest.SDP(4000, ""))
	wait[dialog.Answered](q)
	phone.Expect(message.Ack)

	// The connection is lost and made again: the BYE goes down the new one.
	phone2 := siptest.WebSocket(t, w.ws, "102", "pw-102")
	phone2.Register(domain, func(m *message.Message) {
		m.Set("Contact", "<"+phone2.Contact.String()+`>;reg-id=1;+sip.instance="<urn:uuid:0>"`)
	})
	if d := w.Devices("102"); len(d) != 1 {
		t.Fatalf("one device, registered again: %+v", d)
	}
}
