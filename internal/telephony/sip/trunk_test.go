package sip_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	sip "github.com/okno-hq/okno/internal/telephony/sip"
	"github.com/okno-hq/okno/internal/telephony/sip/dialog"
	"github.com/okno-hq/okno/internal/telephony/sip/digest"
	"github.com/okno-hq/okno/internal/telephony/sip/message"
	"github.com/okno-hq/okno/internal/telephony/sip/presence"
	"github.com/okno-hq/okno/internal/telephony/sip/trunk"
	"github.com/okno-hq/okno/internal/telephony/siptest"
)

// names is a resolver with nothing but what a test says.
type names struct {
	srv map[string][]*net.SRV
	ip  map[string][]netip.Addr
}

func (n names) LookupSRV(_ context.Context, service, proto, name string) (string, []*net.SRV, error) {
	if s, ok := n.srv["_"+service+"._"+proto+"."+name]; ok {
		return "", s, nil
	}
	return "", nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	if a, ok := n.ip[host]; ok {
		return a, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

func (w *world) state(id string, want trunk.State) trunk.Status {
	w.t.Helper()
	deadline := time.Now().Add(siptest.Patience)
	for {
		for _, s := range w.Trunks() {
			if s.ID == id && s.State == want {
				return s
			}
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("%s is not %s: %+v", id, want, w.Trunks())
		}
		<-time.After(5 * time.Millisecond)
	}
}

func TestTrunkRegisters(t *testing.T) {
	for _, algorithm := range []string{digest.MD5, digest.SHA256} {
		t.Run(algorithm, func(t *testing.T) {
			w := start(t, nil)
			op := siptest.Server(t)
			w.SetTrunk(trunk.Settings{ID: "t", Hosts: []string{op.Address()}, Domain: "operator.example", User: "74950000001", Password: "secret", Register: true, Check: -1})
			reg := op.Expect(message.Register)
			if reg.URI.String() != "sip:operator.example" || reg.To().URI.String() != "sip:74950000001@operator.example" {
				t.Errorf("%s %s", reg, reg.Get("To"))
			}
			v := digest.NewVerifier("operator.example", time.Now, digest.SHA256, digest.MD5)
			from := op.From()
			var challenge string
			for _, c := range v.Challenges(from, false) {
				if strings.Contains(c, "algorithm="+algorithm) {
					challenge = c
				}
			}
			op.Respond(reg, 401, "x", "", "WWW-Authenticate", challenge)
			again := op.Expect(message.Register)
			claim, ok := v.Read(again)
			secret := digest.NewSecret("74950000001", "operator.example", "secret")
			if !ok || v.Check(claim, &secret, from) != digest.Good {
				t.Fatal("wrong credentials")
			}
			op.Respond(again, 423, "x", "", "Min-Expires", "900")
			longer := op.Expect(message.Register)
			if longer.Get("Expires") != "900" || longer.CallID() != reg.CallID() {
				t.Errorf("%s", longer.Bytes())
			}
			c, _ := longer.Contact()
			op.Respond(longer, 200, "x", "", "Expires", "900")
			if s := w.state("t", trunk.Up); s.Expires.Before(time.Now().Add(14*time.Minute)) || s.Server == "" {
				t.Errorf("%+v", s)
			}
			// A call comes in to the contact that was registered, without a password.
			inv := op.Request(message.Invite, "74950000001", "operator.example")
			inv.URI = c.URI
			inv.Set("P-Asserted-Identity", `"Пётр" <tel:+79161234567;cpc=ordinary>`)
			inv.Set("Max-Forwards", "9")
			inv.SetBody("application/sdp", []byte(siptest.SDP(4000, "")))
			op.Send(inv)
			in := w.taken()
			if in.Trunk != "t" || in.Caller != "+79161234567" || in.Name != "Пётр" || in.Called != "74950000001" || in.Hops != 9 {
				t.Errorf("%+v", in)
			}
		})
	}
}

func TestTrunkRefusedSaysWhy(t *testing.T) {
	w := start(t, nil)
	op := siptest.Server(t)
	w.SetTrunk(trunk.Settings{ID: "t", Hosts: []string{op.Address()}, User: "u", Password: "wrong", Register: true})
	challenge := `Digest realm="r", nonce="n", qop="auth"`
	op.Respond(op.Expect(message.Register), 401, "x", "", "WWW-Authenticate", challenge)
	op.Respond(op.Expect(message.Register), 401, "x", "", "WWW-Authenticate", challenge)
	s := w.state("t", trunk.Refused)
	if len(s.Problems) != 1 || !strings.Contains(s.Problems[0].Text, "password not accepted") {
		t.Errorf("%+v", s.Problems)
	}
}

// DNS names two servers; the first is silent.
func TestTrunkFailsOverBySRV(t *testing.T) {
	dead, op := siptest.Server(t), siptest.Server(t)
	d, o := netip.MustParseAddrPort(dead.Address()), netip.MustParseAddrPort(op.Address())
	w := start(t, func(c *sip.Config) {
		c.Resolver = names{
			srv: map[string][]*net.SRV{"_sip._udp.operator.example": {{Target: "a.operator.example.", Port: d.Port()}, {Target: "b.operator.example.", Port: o.Port()}}},
			ip:  map[string][]netip.Addr{"a.operator.example": {d.Addr()}, "b.operator.example": {o.Addr()}},
		}
	})
	w.SetTrunk(trunk.Settings{ID: "t", Hosts: []string{"operator.example"}, User: "u", Register: true})
	dead.Expect(message.Register)
	op.Respond(op.Expect(message.Register), 200, "x", "")
	s := w.state("t", trunk.Up)
	if s.Server != op.Address() || len(s.Problems) == 0 || !strings.Contains(s.Problems[0].Text, "no answer to REGISTER") {
		t.Errorf("%+v", s)
	}
}

func TestTrunkByAddressIsChecked(t *testing.T) {
	w := start(t, nil)
	op := siptest.Server(t)
	w.SetTrunk(trunk.Settings{ID: "t", Hosts: []string{op.Address()}, User: "u", Check: 100 * time.Millisecond})
	op.Respond(op.Expect(message.Options), 404, "x", "") // it is there
	w.state("t", trunk.Up)
	op.Respond(op.Expect(message.Options), 503, "x", "", "Warning", `399 op "maintenance till noon"`)
	s := w.state("t", trunk.Unreachable)
	if last := s.Problems[len(s.Problems)-1].Text; !strings.Contains(last, "maintenance till noon") {
		t.Error(last)
	}
}

func lines(w *world, ops ...*siptest.Phone) []string {
	w.t.Helper()
	var ids []string
	for i, op := range ops {
		id := fmt.Sprintf("t%d", i)
		w.SetTrunk(trunk.Settings{ID: id, Hosts: []string{op.Address()}, Domain: "op.example", User: fmt.Sprintf("acc%d", i), Password: "pw", Check: -1})
		w.state(id, trunk.Up)
		ids = append(ids, id)
	}
	return ids
}

func (w *world) dial(p *party, o sip.Out) *sip.Outbound {
	w.t.Helper()
	o.Media, o.On, o.Number = p, p.on, "+79160000000"
	out, err := w.Dial(w.t.Context(), o)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// A silent trunk and a congested one are passed over within three seconds.
func TestCallOutFailsOver(t *testing.T) {
	w := start(t, nil)
	silent, congested, good := siptest.Server(t), siptest.Server(t), siptest.Server(t)
	ids := lines(w, silent, congested, good)
	p := newParty(t)
	var chosen []string
	began := time.Now()
	out := w.dial(p, sip.Out{Trunks: ids, Caller: "+74951112233", Name: "Okno", Identity: sip.ByAsserted, Chosen: func(id string) { chosen = append(chosen, id) }})
	silent.Expect(message.Invite)
	no := congested.Expect(message.Invite)
	if d := time.Since(began); d > 12*time.Second { // 2.5 s by the clock; the machine may be busy
		t.Errorf("the next was tried after %s", d)
	}
	congested.Respond(no, 503, "x", "")
	inv := good.Expect(message.Invite)
	if inv.From().URI.String() != "sip:acc2@op.example" || !strings.Contains(inv.Get("P-Asserted-Identity"), "sip:+74951112233@op.example") {
		t.Errorf("%s", inv.Bytes())
	}
	// It wants a password, for its own realm only.
	good.Respond(inv, 407, "x", "", "Proxy-Authenticate", `Digest realm="op.example", nonce="1", qop="auth"`)
	again := good.Expect(message.Invite)
	if !again.Has("Proxy-Authorization") || again.CallID() != inv.CallID() {
		t.Errorf("%s", again.Bytes())
	}
	good.Respond(again, 180, "g", "")
	wait[dialog.Ringing](p)
	good.Respond(again, 200, "g", siptest.SDP(4000, ""))
	wait[dialog.Answered](p)
	if out.Trunk() != "t2" || strings.Join(chosen, " ") != "t0 t1 t2" {
		t.Errorf("%s %v", out.Trunk(), chosen)
	}
	out.Hangup(dialog.Cause{Status: 200})
	good.Expect(message.Bye)
	wait[dialog.Ended](p)
	for _, s := range w.Trunks() {
		if s.Calls != 0 {
			t.Errorf("%+v", s)
		}
		if s.ID != "t2" && len(s.Problems) == 0 {
			t.Errorf("%s has no problem", s.ID)
		}
	}
}

// Busy is the called one's, not the trunk's.
func TestBusyIsNotTriedElsewhere(t *testing.T) {
	for _, status := range []int{486, 603, 404, 480} {
		w := start(t, nil)
		one, two := siptest.Server(t), siptest.Server(t)
		p := newParty(t)
		w.dial(p, sip.Out{Trunks: lines(w, one, two), Caller: "1"})
		one.Respond(one.Expect(message.Invite), status, "x", "")
		if e := wait[dialog.Ended](p); e.Status != status || !e.ByPeer {
			t.Errorf("%+v", e)
		}
		two.Quiet(50*time.Millisecond, "a call", func(*message.Message) bool { return true })
	}
}

func TestFailureAfterRingingIsTheCalls(t *testing.T) {
	w := start(t, nil)
	one, two := siptest.Server(t), siptest.Server(t)
	p := newParty(t)
	w.dial(p, sip.Out{Trunks: lines(w, one, two), Caller: "1"})
	inv := one.Expect(message.Invite)
	one.Respond(inv, 180, "x", "")
	wait[dialog.Ringing](p)
	one.Respond(inv, 500, "x", "")
	if e := wait[dialog.Ended](p); e.Status != 500 {
		t.Errorf("%+v", e)
	}
}

func TestTrunkLimits(t *testing.T) {
	w := start(t, nil)
	op := siptest.Server(t)
	w.SetTrunk(trunk.Settings{ID: "t", Hosts: []string{op.Address()}, User: "u", Check: -1, MaxCalls: 1})
	w.state("t", trunk.Up)
	p := newParty(t)
	out := w.dial(p, sip.Out{Trunks: []string{"t"}, Caller: "1"})
	inv := op.Expect(message.Invite)
	if _, err := w.Dial(t.Context(), sip.Out{Trunks: []string{"t"}, Number: "2", Media: newParty(t)}); err == nil {
		t.Error("a second call at once")
	}
	op.Respond(inv, 180, "x", "")
	wait[dialog.Ringing](p)
	out.Hangup(dialog.Cause{Status: 487})
	op.Respond(op.Expect(message.Cancel), 200, "x", "")
	op.Respond(inv, 487, "x", "")
	wait[dialog.Ended](p)
	w.dial(newParty(t), sip.Out{Trunks: []string{"t"}, Caller: "1"}).Hangup(dialog.Cause{Status: 487})
}

func TestOrder(t *testing.T) {
	w := start(t, nil)
	op := siptest.Server(t)
	for _, id := range []string{"a", "b", "c"} {
		w.SetTrunk(trunk.Settings{ID: id, Hosts: []string{op.Address()}, Check: -1})
		w.state(id, trunk.Up)
	}
	first := map[string]int{}
	for range 3000 {
		o := w.Order([]sip.Choice{{"a", 1, 2}, {"b", 1, 1}, {"c", 2, 100}})
		if len(o) != 3 || o[2] != "c" {
			t.Fatal(o)
		}
		first[o[0]]++
	}
	if first["a"] < 1800 || first["a"] > 2200 {
		t.Errorf("%v", first)
	}
}

// A proxy of the operator stays in the way: requests within the call go by it.
func TestRecordRoute(t *testing.T) {
	w := start(t, nil)
	op, proxy := siptest.Server(t), siptest.Server(t)
	p := newParty(t)
	out := w.dial(p, sip.Out{Trunks: lines(w, op), Caller: "1"})
	inv := op.Expect(message.Invite)
	// The answer names the hops as the INVITE met them last to first; we meet
	// them the other way round.
	op.Respond(inv, 200, "x", siptest.SDP(4000, ""), "Record-Route", "<sip:far.example;lr>", "Record-Route", "<sip:"+proxy.Address()+";lr>")
	wait[dialog.Answered](p)
	for _, method := range []string{message.Ack, message.Bye} {
		m := proxy.Expect(method)
		if r := m.All("Route"); len(r) != 2 || r[0] != "<sip:"+proxy.Address()+";lr>" || r[1] != "<sip:far.example;lr>" || m.URI.Port != op.Contact.Port {
			t.Errorf("%s", m.Bytes())
		}
		out.Hangup(dialog.Cause{Status: 200})
	}
}

func TestLamps(t *testing.T) {
	w := start(t, nil)
	phone := w.phone("101")
	phone.Register(domain, nil)
	sub := phone.Request(message.Subscribe, "102", domain)
	sub.Add("Event", "dialog")
	sub.Add("Expires", "600")
	sub.Add("Accept", "application/dialog-info+xml")
	sent := phone.Proved(sub)
	ok := phone.Status(sent, 200)
	next := func() string {
		n := phone.Expect(message.Notify)
		phone.Respond(n, 200, "", "")
		return n.Get("Subscription-State") + " " + string(n.Body)
	}
	if s := next(); !strings.HasPrefix(s, "active;expires=600") || !strings.Contains(s, `entity="sip:102@okno.example"`) || strings.Contains(s, "<dialog ") {
		t.Error(s)
	}
	w.Watch("102", []presence.Call{{ID: "c1", Phase: presence.Early, Incoming: true, Remote: "103"}})
	if s := next(); !strings.Contains(s, `version="1"`) || !strings.Contains(s, `direction="recipient"`) || !strings.Contains(s, "<state>early</state>") {
		t.Error(s)
	}
	w.Watch("102", []presence.Call{{ID: "c1", Phase: presence.Early, Incoming: true, Remote: "103"}}) // nothing new
	w.Watch("102", nil)
	if s := next(); !strings.Contains(s, `version="2"`) || strings.Contains(s, "<dialog ") {
		t.Error(s)
	}
	end := phone.Called(sent, ok).Request(message.Subscribe, "", "Event", "dialog", "Expires", "0")
	phone.Status(phone.Proved(end), 200)
	if s := next(); !strings.HasPrefix(s, "terminated") {
		t.Error(s)
	}
	other := phone.Request(message.Subscribe, "777", domain)
	other.Add("Event", "dialog")
	phone.Status(phone.Proved(other), 404)
	mwi := phone.Request(message.Subscribe, "101", domain)
	mwi.Add("Event", "message-summary")
	phone.Status(phone.Proved(mwi), 489)
}

func TestDrainTakesNoNewCalls(t *testing.T) {
	w := start(t, nil)
	phone := w.phone("101")
	phone.Register(domain, nil)
	p, d := w.answered(phone)
	w.Drain()
	inv := phone.Request(message.Invite, "200", domain)
	phone.Status(phone.Proved(inv), 503)
	phone.Status(d.Send(message.Bye, ""), 200)
	wait[dialog.Ended](p)
}
