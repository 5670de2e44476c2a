package dialog

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/telephony/sip/digest"
	"github.com/okno-hq/okno/internal/telephony/sip/message"
	"github.com/okno-hq/okno/internal/telephony/sip/transaction"
	"github.com/okno-hq/okno/internal/telephony/sip/transport"
)

// Media is one leg's side of offer and answer. A leg calls it from one
// goroutine at a time; it must not wait.
type Media interface {
	// Offer writes a description of what we want now.
	Offer() ([]byte, error)
	// Answer takes the peer's offer and writes the answer.
	Answer(offer []byte) ([]byte, error)
	// Accept takes the answer to the last offer; of forks, more than one.
	Accept(answer []byte) error
	// Abandon forgets the last offer, which was refused.
	Abandon()
}

// Cause is why something ends or is refused.
type Cause struct {
	// Status is the SIP status that says it: 200 for a normal hang-up, 487
	// for giving up, 486, 603 … and 408 for silence.
	Status int
	Text   string
	// Elsewhere reports that another phone took the call (RFC 3326, cause 200).
	Elsewhere bool
}

// header writes the Reason field; "" if there is nothing to say.
func (c Cause) header() string {
	switch {
	case c.Elsewhere:
		return `SIP;cause=200;text="Call completed elsewhere"`
	case c.Status >= 300:
		s := "SIP;cause=" + strconv.Itoa(c.Status)
		if c.Text != "" {
			s += ";text=" + message.Quote(c.Text)
		}
		return s
	}
	return ""
}

// readCause reads Reason fields.
func readCause(m *message.Message, status int) Cause {
	c := Cause{Status: status}
	for _, v := range m.List("Reason") {
		proto, rest, _ := strings.Cut(v, ";")
		for p := range strings.SplitSeq(rest, ";") {
			k, val, _ := strings.Cut(strings.TrimSpace(p), "=")
			n, _ := strconv.Atoi(val)
			switch {
			case strings.EqualFold(k, "text"):
				c.Text = message.Unquote(val)
			case strings.EqualFold(k, "cause") && strings.EqualFold(proto, "SIP") && n == 200 && m.Method == message.Cancel:
				c.Elsewhere = true
			case strings.EqualFold(k, "cause") && strings.EqualFold(proto, "SIP") && n >= 300:
				c.Status = n
			}
		}
	}
	return c
}

// Events, in the order they can come. The handler is called from one goroutine
// at a time and must not wait.
type (
	// Ringing tells that the peer's phone rings (180) or something is going on (183).
	Ringing struct{ Status int }
	// Early tells that media was agreed before the answer.
	Early struct{}
	// Answered tells that the peer answered, or has acknowledged our answer.
	Answered struct{}
	// Changed tells that media was agreed anew; Err says why what we wanted was refused.
	Changed struct{ Err error }
	// Digit is one that came by INFO.
	Digit struct {
		Key      byte
		Duration time.Duration
	}
	// TransferAsked tells that the peer wants us to call somebody else in its place.
	TransferAsked struct{ *Transfer }
	// Progress tells how a transfer goes that we asked the peer for: a SIP status.
	Progress struct {
		Status int
		Final  bool
	}
	// Ended is the last event.
	Ended struct {
		Cause
		ByPeer bool
	}
)

type phase int

const (
	fresh     phase = iota
	early           // provisional answers
	answering       // 2xx sent, ACK awaited (as server)
	talking
	cancelling // we gave up an INVITE of ours
	ended
)

// Leg is one peer's side of a call.
type Leg struct {
	c        *Core
	callID   string
	localTag string
	server   bool // the peer began it

	mu        sync.Mutex // guards what others read, below
	remoteTag string
	queue     []func()
	running   bool
	onEnd     []func()
	isOver    bool

	// The rest belongs to whoever runs the queue.
	phase         phase
	local, remote message.Address
	target        message.URI
	routes        []string
	seq, peerSeq  uint32
	flow          *transport.Flow
	follow        bool
	refind        func() *transport.Flow
	auth          *digest.Client
	media         Media
	on            func(Event)
	fields        []message.Field

	invite    *transaction.Server // the peer's, as server
	call      *outgoing           // ours, as client
	gaveUp    *Cause
	rel       reliable
	sdp       exchange
	two       *twoHundred // of ours, not yet acknowledged
	again     *renewal    // our re-INVITE or UPDATE
	acks      map[uint32][]byte
	session   session
	transfers map[uint32]*Transfer
	allows    map[string]bool
	waiting   *transaction.Server // the peer's re-INVITE being answered
}

// Event is one of the event types of this package.
type Event any

// exchange is where offer and answer stand.
type exchange struct {
	begun  bool // an offer of ours is out in the INVITE, a 1xx, a 2xx
	agreed bool
	theirs []byte // the INVITE's offer, unanswered
	answer []byte // our answer as sent, repeated in the 2xx
}

// CallID returns the Call-ID.
func (l *Leg) CallID() string { return l.callID }

// LocalTag returns our tag.
func (l *Leg) LocalTag() string { return l.localTag }

// RemoteTag returns the peer's tag, "" before it is known.
func (l *Leg) RemoteTag() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.remoteTag
}

func (l *Leg) setRemoteTag(t string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remoteTag = t
}

// post runs f after what was posted before, without waiting for it.
func (l *Leg) post(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = append(l.queue, f)
	if !l.running {
		l.running = true
		l.c.work(l.run)
	}
}

func (l *Leg) run() {
	for {
		l.mu.Lock()
		if len(l.queue) == 0 {
			l.running = false
			l.queue = nil
			l.mu.Unlock()
			return
		}
		f := l.queue[0]
		l.queue = l.queue[1:]
		l.mu.Unlock()
		f()
	}
}

// after posts f later; it is up to f to see whether it still matters.
func (l *Leg) after(d time.Duration, f func()) *time.Timer {
	return time.AfterFunc(d, func() { l.post(f) })
}

func (l *Leg) tell(e Event) {
	if l.on != nil {
		l.on(e)
	}
}

// end tells the end once and forgets the leg; what it still has to do on the
// wire (ACK of late answers) is kept for a while.
func (l *Leg) end(cause Cause, byPeer bool) {
	if l.phase == ended {
		return
	}
	l.phase = ended
	l.session.stop()
	l.rel.stop()
	if l.two != nil {
		l.two.stop()
	}
	if l.again != nil {
		l.again.stop()
	}
	l.mu.Lock()
	onEnd := l.onEnd
	l.onEnd, l.isOver = nil, true
	l.mu.Unlock()
	for _, f := range onEnd {
		f()
	}
	l.tell(Ended{Cause: cause, ByPeer: byPeer})
	time.AfterFunc(64*l.c.cfg.Transactions.Timers().T1, func() { l.c.remove(l) })
}

// OnEnd sets what is called once at the end, before Ended is told; at once if
// it has ended. It must not wait.
func (l *Leg) OnEnd(f func()) {
	l.mu.Lock()
	over := l.isOver
	if !over {
		l.onEnd = append(l.onEnd, f)
	}
	l.mu.Unlock()
	if over {
		f()
	}
}

// hop is the way to the peer: the flow it registered or called by. Peers that
// follow RFC 3261 to the letter (trunks) are sent to their route or contact
// where that is an address.
func (l *Leg) hop() *transport.Flow {
	l.revive()
	if !l.follow || l.flow.Reliable() {
		return l.flow
	}
	u := l.target
	if len(l.routes) > 0 {
		if a, err := message.ParseAddress(l.routes[0]); err == nil {
			u = a.URI
		}
	}
	ip, err := netip.ParseAddr(strings.Trim(u.Host, "[]"))
	transportParam, _ := u.Params.Get("transport")
	if err != nil || ip.IsUnspecified() || ip.Is4() != l.flow.Remote().Addr().Is4() ||
		transportParam != "" && !strings.EqualFold(transportParam, "udp") {
		return l.flow
	}
	if inner := l.flow.Remote().Addr(); (ip.IsPrivate() || ip.IsLoopback()) && !inner.IsPrivate() && !inner.IsLoopback() {
		return l.flow // the peer does not know that it is behind NAT
	}
	port := u.Port
	if port == 0 {
		port = 5060
	}
	return l.flow.To(netip.AddrPortFrom(ip, uint16(port))) //nolint:gosec // ports are checked when read
}

// revive takes the way a phone is registered by now if the one known is lost.
func (l *Leg) revive() {
	if !l.flow.Alive() && l.refind != nil {
		if f := l.refind(); f != nil {
			l.flow = f
		}
	}
}

// build begins a request within the dialog (RFC 3261 section 12.2.1.1).
func (l *Leg) build(method string) *message.Message {
	uri := l.target
	routes := l.routes
	if len(routes) > 0 {
		if first, err := message.ParseAddress(routes[0]); err == nil && !first.URI.Params.Has("lr") {
			// A strict router of RFC 2543.
			routes = append(append([]string{}, routes[1:]...), "<"+uri.String()+">")
			uri = first.URI
		}
	}
	m := message.NewRequest(method, uri)
	for _, r := range routes {
		m.Add("Route", r)
	}
	m.Add("From", l.local.String())
	m.Add("To", l.remote.String())
	m.Add("Call-ID", l.callID)
	if method != message.Ack {
		l.seq++
		m.SetCSeq(l.seq, method)
	}
	switch method {
	case message.Invite, message.Update, message.Refer, message.Notify, message.Subscribe:
		m.Add("Contact", l.contact())
	}
	if method == message.Invite || method == message.Update {
		m.Add("Supported", supported)
		m.Add("Allow", allow)
	}
	if l.c.cfg.Product != "" {
		m.Add("User-Agent", l.c.cfg.Product)
	}
	return m
}

func (l *Leg) contact() string {
	return message.Address{URI: l.c.cfg.Contact(l.flow)}.String()
}

// send sends a request; on is posted with each response or an error, after
// challenges have been answered.
func (l *Leg) send(m *message.Message, on func(*message.Message, error)) *transaction.Client {
	return l.sendOn(l.hop(), m, false, on)
}

func (l *Leg) sendOn(f *transport.Flow, m *message.Message, tried bool, on func(*message.Message, error)) *transaction.Client {
	return l.c.cfg.Transactions.Request(f, m, l.c.cfg.SentBy(f), func(res *message.Message, err error) {
		l.post(func() {
			if err == nil && (res.Status == 401 || res.Status == 407) && l.auth != nil && m.Method != message.Invite {
				retry := m.Clone()
				if l.auth.Answer(retry, res, tried) == nil {
					l.seq++
					retry.SetCSeq(l.seq, m.Method)
					l.sendOn(f, retry, true, on)
					return
				}
			}
			on(res, err)
		})
	})
}

// refresh takes what a request or answer says of the peer's whereabouts.
func (l *Leg) refresh(m *message.Message, f *transport.Flow) {
	if a, ok := m.Contact(); ok && a.URI.IsSIP() {
		l.target = a.URI
	}
	if f != nil && !l.follow && !f.Same(l.flow) {
		l.flow = f // the phone moved; its tags prove that it is the same
	}
	if methods := m.List("Allow"); len(methods) > 0 {
		l.allows = map[string]bool{}
		for _, name := range methods {
			l.allows[strings.ToUpper(name)] = true
		}
	}
}

// String names the leg in logs.
func (l *Leg) String() string { return fmt.Sprintf("leg %s", l.callID) }
