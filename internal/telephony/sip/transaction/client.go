package transaction

import (
	"errors"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/telephony/sip/message"
	"github.com/okno-hq/okno/internal/telephony/sip/transport"
)

// Why a request got no answer.
var (
	ErrTimeout = errors.New("sip transaction: no answer")       //nolint:gochecknoglobals // a sentinel
	ErrClosed  = errors.New("sip transaction: layer is closed") //nolint:gochecknoglobals // a sentinel
)

// Client is a request to outside.
type Client struct {
	l      *Layer
	flow   *transport.Flow
	req    *message.Message
	branch string
	on     func(*message.Message, error)

	mu       sync.Mutex
	state    state
	interval time.Duration
	again    *time.Timer // A, E
	giveUp   *time.Timer // B, F, then D, K, M
	ackOf    map[string][]byte
	done     chan struct{}
}

// Request sends a request down a flow. on is called with every response in
// order and, if no final one comes, once with an error; for an INVITE it may
// be called with further 2xx (forks and repetitions) for 64×T1. sentBy is
// what the Via names us; zero means the flow's local address.
func (l *Layer) Request(f *transport.Flow, req *message.Message, sentBy string, on func(*message.Message, error)) *Client {
	c := &Client{l: l, flow: f, branch: NewBranch(), on: on, ackOf: map[string][]byte{}, done: make(chan struct{})}
	c.req = req.Clone()
	c.req.Prepend("Via", viaFor(f, sentBy, c.branch).String())
	if !c.req.Has("Max-Forwards") {
		c.req.Add("Max-Forwards", "70")
	}
	l.mu.Lock()
	closed := l.closed
	if !closed {
		l.clients[c.key()] = c
	}
	l.mu.Unlock()
	if closed {
		c.stop(ErrClosed)
		return c
	}
	t := l.cfg.Timers
	c.mu.Lock()
	c.giveUp = time.AfterFunc(64*t.T1, func() { c.stop(ErrTimeout) })
	if !f.Reliable() {
		c.interval = t.T1
		c.again = time.AfterFunc(c.interval, c.resend)
	}
	c.mu.Unlock()
	if err := f.Send(c.req.Bytes()); err != nil {
		go c.stop(err) // callers hold locks that on takes; stop is short and ends by itself
	} else if f.Reliable() {
		go c.watch()
	}
	return c
}

// watch ends the transaction when its connection is lost.
func (c *Client) watch() {
	select {
	case <-c.flow.Done():
		c.stop(transport.ErrClosed)
	case <-c.done:
	}
}

func viaFor(f *transport.Flow, sentBy, branch string) message.Via {
	v := message.Via{Transport: f.Transport(), Params: message.Params{{Name: "branch", Value: branch}}}
	switch {
	case sentBy != "":
		v.Host = sentBy
	case f.Local().IsValid() && !f.Local().Addr().IsUnspecified():
		v.Host = hostPort(f.Local())
	default:
		v.Host = "okno.invalid"
	}
	if !f.Reliable() {
		v.Params = append(v.Params, message.Param{Name: "rport"})
	}
	return v
}

func hostPort(a netip.AddrPort) string { return a.String() }

func (c *Client) key() string { return c.branch + " " + c.req.Method }

// Request returns the request as sent.
func (c *Client) Request() *message.Message { return c.req }

// Flow returns the way it went.
func (c *Client) Flow() *transport.Flow { return c.flow }

func (c *Client) resend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.l.cfg.Timers
	invite := c.req.Method == message.Invite
	if c.state > proceeding || invite && c.state != trying {
		return
	}
	_ = c.flow.Send(c.req.Bytes())
	c.interval *= 2
	if !invite {
		if c.interval = min(c.interval, t.T2); c.state == proceeding {
			c.interval = t.T2
		}
	}
	c.again.Reset(c.interval)
}

func (c *Client) receive(res *message.Message) {
	t := c.l.cfg.Timers
	invite := c.req.Method == message.Invite
	c.mu.Lock()
	pass := true
	switch {
	case c.state == over:
		pass = false
	case c.state == completed: // a final answer repeated
		pass = false
		if ack := c.ackOf[res.To().Tag()]; invite && res.Status >= 300 && ack != nil {
			_ = c.flow.Send(ack)
		}
	case c.state == accepted:
		pass = res.Status >= 200 && res.Status < 300
	case res.Status < 200:
		if c.state = proceeding; invite {
			c.giveUp.Stop() // it may ring as long as it likes; the caller decides
		}
	case invite && res.Status < 300:
		c.state = accepted
		c.restart(64 * t.T1)
	case invite:
		c.state = completed
		ack := c.ack(res).Bytes()
		c.ackOf[res.To().Tag()] = ack
		_ = c.flow.Send(ack)
		c.restart(c.linger(64 * t.T1))
	default:
		c.state = completed
		c.restart(c.linger(t.T4))
	}
	c.mu.Unlock()
	if pass {
		c.on(res, nil)
	}
}

func (c *Client) linger(d time.Duration) time.Duration {
	if c.flow.Reliable() {
		return 0
	}
	return d
}

func (c *Client) restart(d time.Duration) {
	c.giveUp.Stop()
	if c.again != nil {
		c.again.Stop()
	}
	c.giveUp = time.AfterFunc(d, func() { c.stop(nil) })
}

// ack builds the ACK of a final answer that is not 2xx (RFC 3261 section 17.1.1.3).
func (c *Client) ack(res *message.Message) *message.Message {
	a := message.NewRequest(message.Ack, c.req.URI)
	n, _ := c.req.CSeq()
	a.Add("Via", c.req.Get("Via"))
	for _, r := range c.req.All("Route") {
		a.Add("Route", r)
	}
	a.Add("Max-Forwards", "70")
	a.Add("From", c.req.Get("From"))
	a.Add("To", res.Get("To"))
	a.Add("Call-ID", c.req.CallID())
	a.SetCSeq(n, message.Ack)
	return a
}

// Cancel asks the peer to give up an INVITE (RFC 3261 section 9.1). Call it
// only after a provisional response.
func (c *Client) Cancel(reason string) {
	m := message.NewRequest(message.Cancel, c.req.URI)
	n, _ := c.req.CSeq()
	m.Add("Via", c.req.Get("Via"))
	for _, r := range c.req.All("Route") {
		m.Add("Route", r)
	}
	m.Add("Max-Forwards", "70")
	m.Add("From", c.req.Get("From"))
	m.Add("To", c.req.Get("To"))
	m.Add("Call-ID", c.req.CallID())
	m.SetCSeq(n, message.Cancel)
	if reason != "" {
		m.Add("Reason", reason)
	}
	c.mu.Lock()
	waiting := c.state <= proceeding
	if waiting { // whatever happens, it ends (section 9.1's advice)
		c.giveUp.Stop()
		c.giveUp = time.AfterFunc(64*c.l.cfg.Timers.T1, func() { c.stop(ErrTimeout) })
	}
	c.mu.Unlock()
	if waiting {
		c.l.cancelRequest(c, m)
	}
}

// cancelRequest sends the CANCEL in a transaction of its own on the same branch.
func (l *Layer) cancelRequest(invite *Client, m *message.Message) {
	c := &Client{l: l, flow: invite.flow, req: m, branch: invite.branch, on: func(*message.Message, error) {}, ackOf: map[string][]byte{}, done: make(chan struct{})}
	l.mu.Lock()
	_, again := l.clients[c.key()]
	if !again && !l.closed {
		l.clients[c.key()] = c
	}
	l.mu.Unlock()
	if again {
		return
	}
	c.mu.Lock()
	c.giveUp = time.AfterFunc(64*l.cfg.Timers.T1, func() { c.stop(ErrTimeout) })
	if !c.flow.Reliable() {
		c.interval = l.cfg.Timers.T1
		c.again = time.AfterFunc(c.interval, c.resend)
	}
	c.mu.Unlock()
	_ = c.flow.Send(m.Bytes())
}

// stop ends the transaction; an error is told if no final answer was.
func (c *Client) stop(err error) {
	c.mu.Lock()
	if c.state == over {
		c.mu.Unlock()
		return
	}
	told := c.state > proceeding
	c.state = over
	if c.again != nil {
		c.again.Stop()
	}
	if c.giveUp != nil {
		c.giveUp.Stop()
	}
	close(c.done)
	c.mu.Unlock()
	c.l.mu.Lock()
	if c.l.clients[c.key()] == c {
		delete(c.l.clients, c.key())
	}
	c.l.mu.Unlock()
	if err != nil && !told {
		c.on(nil, err)
	}
}

// Words returns what an answer says went wrong, for people: the Reason or
// Warning if there is one, else the status line.
func Words(res *message.Message) string {
	if w := res.Get("Warning"); w != "" {
		if _, text, ok := strings.Cut(w, `"`); ok {
			return res.String() + ": " + strings.TrimSuffix(text, `"`)
		}
	}
	return res.String()
}
