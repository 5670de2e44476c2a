// Package siptest has a phone that does exactly what a test says, also what no
// honest phone would: it sends the messages it is given and waits for those
// that are named.
package siptest

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/okno-hq/okno/internal/telephony/sip/digest"
	"github.com/okno-hq/okno/internal/telephony/sip/message"
	"github.com/okno-hq/okno/internal/telephony/sip/transaction"
)

// Patience is how long a phone waits for a message it was told to expect.
const Patience = 20 * time.Second

// Phone is a scripted user agent.
type Phone struct {
	User, Password string
	// Contact is the address it names as its own.
	Contact message.URI
	Server  netip.AddrPort
	// Lenient takes answers that repeat what was wrong with a request.
	Lenient bool

	tb        testing.TB
	transport string
	write     func([]byte) error
	hangup    func()
	local     string

	mu   sync.Mutex
	in   []*message.Message
	wake chan struct{}
	peer netip.AddrPort // of a server
}

// UDP returns a phone on a socket of its own.
func UDP(tb testing.TB, server netip.AddrPort, user, password string) *Phone {
	tb.Helper()
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(server))
	if err != nil {
		tb.Fatal(err)
	}
	p := newPhone(tb, server, user, password, "UDP", conn.LocalAddr().String())
	p.write = func(b []byte) error { _, err := conn.Write(b); return err }
	p.hangup = func() { _ = conn.Close() }
	var wg sync.WaitGroup
	wg.Go(func() {
		buf := make([]byte, 65536)
		for {
			n, err := conn.Read(buf)
			if err != nil {
				if strings.Contains(err.Error(), "refused") {
					continue // nobody listens, as tests want it at times
				}
				return
			}
			p.received(append([]byte(nil), buf[:n]...))
		}
	})
	tb.Cleanup(func() { _ = conn.Close(); wg.Wait() })
	return p
}

// Server returns an operator's server: it waits on a port of loopback and
// answers whoever wrote to it.
func Server(tb testing.TB) *Phone {
	tb.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		tb.Fatal(err)
	}
	p := newPhone(tb, netip.AddrPort{}, "operator", "", "UDP", conn.LocalAddr().String())
	p.hangup = func() { _ = conn.Close() }
	p.write = func(b []byte) error {
		p.mu.Lock()
		to := p.peer
		p.mu.Unlock()
		_, err := conn.WriteToUDPAddrPort(b, to)
		return err
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		buf := make([]byte, 65536)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			p.mu.Lock()
			p.peer = from
			p.mu.Unlock()
			p.received(append([]byte(nil), buf[:n]...))
		}
	})
	tb.Cleanup(func() { _ = conn.Close(); wg.Wait() })
	return p
}

// Address is where a server waits.
func (p *Phone) Address() string { return p.local }

// From is the address that last wrote to a server.
func (p *Phone) From() netip.Addr {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.peer.Addr()
}

// WebSocket returns a phone as a browser has it: its contact leads nowhere.
func WebSocket(tb testing.TB, url, user, password string) *Phone {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	conn, res, err := websocket.Dial(ctx, url, &websocket.DialOptions{Subprotocols: []string{"sip"}})
	if err != nil {
		cancel()
		tb.Fatal(err)
	}
	if res.Body != nil {
		_ = res.Body.Close()
	}
	p := newPhone(tb, netip.AddrPort{}, user, password, "WS", transaction.NewTag()+".invalid")
	p.Contact.Params = message.Params{{Name: "transport", Value: "ws"}}
	p.write = func(b []byte) error { return conn.Write(ctx, websocket.MessageText, b) }
	p.hangup = func() { _ = conn.CloseNow() }
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			_, data, err := conn.Read(ctx)
			if err != nil {
				return
			}
			p.received(data)
		}
	})
	tb.Cleanup(func() { cancel(); _ = conn.CloseNow(); wg.Wait() })
	return p
}

func newPhone(tb testing.TB, server netip.AddrPort, user, password, transport, local string) *Phone {
	tb.Helper()
	host, port, err := net.SplitHostPort(local)
	n := 0
	if err == nil {
		if n, err = strconv.Atoi(port); err != nil {
			tb.Fatal(err)
		}
	} else {
		host = local
	}
	return &Phone{
		User: user, Password: password, Server: server, tb: tb, transport: transport, local: local, wake: make(chan struct{}, 1),
		Contact: message.URI{Scheme: "sip", User: user, Host: host, Port: n},
	}
}

func (p *Phone) received(data []byte) {
	m, err := message.Parse(data)
	if err != nil && (!p.Lenient || m == nil) {
		if len(data) > 4 {
			p.tb.Errorf("the server sent what is no SIP: %v\n%q", err, data)
		}
		return
	}
	p.mu.Lock()
	p.in = append(p.in, m)
	p.mu.Unlock()
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// Hangup closes the phone's socket without a word.
func (p *Phone) Hangup() { p.hangup() }

// Raw sends bytes.
func (p *Phone) Raw(data []byte) {
	p.tb.Helper()
	if err := p.write(data); err != nil {
		p.tb.Fatalf("%s: %v", p.User, err)
	}
}

// Send sends a message as it is.
func (p *Phone) Send(m *message.Message) { p.tb.Helper(); p.Raw(m.Bytes()) }

// Find waits for a message and takes it out; nil after the given time.
func (p *Phone) Find(wait time.Duration, match func(*message.Message) bool) *message.Message {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		p.mu.Lock()
		for i, m := range p.in {
			if match(m) {
				p.in = append(p.in[:i], p.in[i+1:]...)
				p.mu.Unlock()
				return m
			}
		}
		p.mu.Unlock()
		select {
		case <-p.wake:
		case <-timer.C:
			return nil
		}
	}
}

// Expect waits for a request of a method.
func (p *Phone) Expect(method string) *message.Message {
	p.tb.Helper()
	m := p.Find(Patience, func(m *message.Message) bool { return m.Method == method })
	if m == nil {
		p.tb.Fatalf("%s: no %s came; there is %s", p.User, method, p.Seen())
	}
	return m
}

// Status waits for a response of a status to a request.
func (p *Phone) Status(req *message.Message, status int) *message.Message {
	p.tb.Helper()
	m := p.Find(Patience, func(m *message.Message) bool {
		return m.Status == status && m.CallID() == req.CallID() && m.Get("CSeq") == req.Get("CSeq")
	})
	if m == nil {
		p.tb.Fatalf("%s: no %d to %s came; there is %s", p.User, status, req, p.Seen())
	}
	return m
}

// Final waits for any final response to a request.
func (p *Phone) Final(req *message.Message) *message.Message {
	p.tb.Helper()
	m := p.Find(Patience, func(m *message.Message) bool {
		return m.Status >= 200 && m.CallID() == req.CallID() && m.Get("CSeq") == req.Get("CSeq")
	})
	if m == nil {
		p.tb.Fatalf("%s: no final response to %s came; there is %s", p.User, req, p.Seen())
	}
	return m
}

// Quiet fails if a matching message comes within a time.
func (p *Phone) Quiet(wait time.Duration, what string, match func(*message.Message) bool) {
	p.tb.Helper()
	if m := p.Find(wait, match); m != nil {
		p.tb.Fatalf("%s: %s came: %s", p.User, what, m)
	}
}

// Seen lists what came and nobody took.
func (p *Phone) Seen() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]string, len(p.in))
	for i, m := range p.in {
		all[i] = m.String()
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// Via is the phone's Via with a new branch.
func (p *Phone) Via() string {
	v := message.Via{Transport: p.transport, Host: p.local, Params: message.Params{{Name: "branch", Value: transaction.NewBranch()}}}
	if p.transport == "UDP" {
		v.Params = append(v.Params, message.Param{Name: "rport"})
	}
	return v.String()
}

// Request begins a request outside of any dialog.
func (p *Phone) Request(method, to, domain string) *message.Message {
	p.tb.Helper()
	uri := message.URI{Scheme: "sip", User: to, Host: domain}
	m := message.NewRequest(method, uri)
	m.Add("Via", p.Via())
	m.Add("Max-Forwards", "70")
	m.Add("From", message.Address{URI: message.URI{Scheme: "sip", User: p.User, Host: domain}}.WithTag(transaction.NewTag()).String())
	if method == message.Register {
		m.URI.User = ""
		uri.User = p.User
	}
	m.Add("To", message.Address{URI: uri}.String())
	m.Add("Call-ID", transaction.NewTag())
	m.SetCSeq(1, method)
	m.Add("Contact", message.Address{URI: p.Contact}.String())
	return m
}

// Authorize prepares a challenged request to be sent again.
func (p *Phone) Authorize(req, challenge *message.Message) *message.Message {
	p.tb.Helper()
	next := req.Clone()
	next.Set("Via", p.Via())
	n, method := req.CSeq()
	next.SetCSeq(n+1, method)
	if err := digest.NewClient(p.User, p.Password, "").Answer(next, challenge, false); err != nil {
		p.tb.Fatal(err)
	}
	return next
}

// Proved sends a request, answers the challenge and returns what was sent last.
func (p *Phone) Proved(req *message.Message) *message.Message {
	p.tb.Helper()
	p.Send(req)
	res := p.Final(req)
	if res.Status != 401 && res.Status != 407 {
		p.tb.Fatalf("%s: %s instead of a challenge", p.User, res)
	}
	if req.Method == message.Invite {
		p.Send(AckFor(req, res))
	}
	next := p.Authorize(req, res)
	p.Send(next)
	return next
}

// Register registers for ten minutes.
func (p *Phone) Register(domain string, change func(*message.Message)) *message.Message {
	p.tb.Helper()
	m := p.Request(message.Register, "", domain)
	m.Add("Expires", "600")
	if change != nil {
		change(m)
	}
	return p.Status(p.Proved(m), 200)
}
