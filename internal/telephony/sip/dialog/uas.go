package dialog

import (
	"time"

	"github.com/okno-hq/okno/internal/telephony/sip/digest"
	"github.com/okno-hq/okno/internal/telephony/sip/message"
	"github.com/okno-hq/okno/internal/telephony/sip/transaction"
	"github.com/okno-hq/okno/internal/telephony/sip/transport"
)

// Peer says how requests of ours reach the other side and prove themselves.
type Peer struct {
	// Follow sends them to the peer's route or contact where that is an
	// address, as RFC 3261 says; without it they go down the flow it came by.
	Follow bool
	// Refind returns the way a phone is registered by now, if it has another
	// after its connection was lost. It may be nil.
	Refind func() *transport.Flow
	// Auth answers its challenges; nil answers none.
	Auth *digest.Client
}

// Take makes a leg of an INVITE without a To tag. The request was checked and
// its sender is known. Call Start, then Ring, Answer or Reject; until then the
// peer hears "trying". It returns nil if the request was refused, as it can
// be for its extensions or its body.
func (c *Core) Take(s *transaction.Server, peer Peer) *Leg {
	req := s.Request()
	if missing := Unsupported(req); len(missing) > 0 {
		res := s.Response(420)
		for _, m := range missing {
			res.Add("Unsupported", m)
		}
		s.Respond(res)
		return nil
	}
	offer, err := description(req)
	if err != nil {
		refuseType(s)
		return nil
	}
	if accept := req.List("Accept"); len(accept) > 0 && !takesSDP(req) {
		s.Reply(406)
		return nil
	}
	contact, ok := req.Contact()
	if !ok || !contact.URI.IsSIP() {
		res := s.Response(400)
		res.Reason = "Bad Request - Contact"
		s.Respond(res)
		return nil
	}
	if v, ok := req.Number("Session-Expires"); ok && req.Lists("Supported", "timer") && time.Duration(v)*time.Second < c.cfg.MinSE {
		res := s.Response(422)
		res.Add("Min-SE", seconds(c.cfg.MinSE))
		s.Respond(res)
		return nil
	}
	n, _ := req.CSeq()
	l := &Leg{
		c: c, callID: req.CallID(), localTag: s.Tag(), server: true, remoteTag: req.From().Tag(),
		local: req.To().WithTag(s.Tag()), remote: req.From(), target: contact.URI, routes: req.All("Record-Route"),
		peerSeq: n, flow: s.Flow(), follow: peer.Follow, refind: peer.Refind, auth: peer.Auth,
		invite: s, acks: map[uint32][]byte{}, transfers: map[uint32]*Transfer{},
	}
	l.sdp.theirs = offer
	l.refresh(req, nil)
	l.rel.wanted = req.Lists("Require", "100rel")
	l.session.read(req)
	c.add(l)
	s.Reply(100)
	s.OnCancel(func(m *message.Message) { l.post(func() { l.cancelled(m) }) })
	return l
}

func refuseType(s *transaction.Server) {
	res := s.Response(415)
	res.Add("Accept", sdpType)
	res.Add("Accept-Encoding", "identity")
	s.Respond(res)
}

// takesSDP reports whether the sender of an INVITE understands our answers.
func takesSDP(req *message.Message) bool {
	for _, a := range req.List("Accept") {
		switch a {
		case sdpType, "application/*", "*/*":
			return true
		}
		if len(a) > len(sdpType) && a[:len(sdpType)] == sdpType {
			return true
		}
	}
	return false
}

// Start gives the leg its media and the one who is told what happens.
func (l *Leg) Start(media Media, on func(Event)) {
	l.post(func() {
		l.media, l.on = media, on
		if l.phase == ended { // it was cancelled before anybody looked
			l.tell(Ended{Cause: Cause{Status: 487}, ByPeer: true})
		}
	})
}

// Invite returns the request that began the leg, nil if we did.
func (l *Leg) Invite() *message.Message {
	if l.invite == nil {
		return nil
	}
	return l.invite.Request()
}

// Flow returns the way the leg came or went first.
func (l *Leg) Flow() *transport.Flow {
	if l.invite != nil {
		return l.invite.Flow()
	}
	return l.flow
}

// Ring tells the caller that it rings.
func (l *Leg) Ring() { l.post(func() { l.provisional(180, false) }) }

// Progress begins media before the answer (183 with a description), for
// announcements and ring-back tones of our own.
func (l *Leg) Progress() { l.post(func() { l.provisional(183, true) }) }

func (l *Leg) provisional(status int, media bool) {
	if l.phase > early || l.invite == nil || !l.server {
		return
	}
	l.phase = early
	res := l.response(status)
	if media && !l.describe(res, l.rel.wanted) {
		return
	}
	if l.rel.wanted {
		l.reliably(res)
		return
	}
	l.invite.Respond(res)
}

// response begins an answer to the INVITE.
func (l *Leg) response(status int) *message.Message {
	res := l.invite.Response(status)
	res.Add("Contact", l.contact())
	res.Add("Allow", allow)
	if status >= 200 {
		res.Add("Supported", supported)
	}
	if l.c.cfg.Product != "" {
		res.Add("Server", l.c.cfg.Product)
	}
	return res
}

// describe puts our answer, or with a late offer our offer, into a response.
// An offer may only be where its answer can come back: in a reliable response
// (RFC 3262 section 5). It reports false if the call was refused instead.
func (l *Leg) describe(res *message.Message, reliable bool) bool {
	x := &l.sdp
	switch {
	case x.answer != nil:
		res.SetBody(sdpType, x.answer)
	case x.theirs != nil && !x.agreed:
		answer, err := l.media.Answer(x.theirs)
		if err != nil {
			l.refuse(Cause{Status: 488, Text: err.Error()})
			return false
		}
		x.answer, x.agreed = answer, true
		res.SetBody(sdpType, answer)
		if res.Status < 200 {
			l.tell(Early{})
		}
	case !x.begun && !x.agreed && reliable:
		offer, err := l.media.Offer()
		if err != nil {
			l.refuse(Cause{Status: 500, Text: err.Error()})
			return false
		}
		x.begun = true
		res.SetBody(sdpType, offer)
	}
	return true
}

// Answer takes the call.
func (l *Leg) Answer() { l.post(l.answer) }

func (l *Leg) answer() {
	if l.phase > early || l.invite == nil || !l.server {
		return
	}
	if l.rel.pending() { // offer and answer must be through first (RFC 3262 section 3)
		l.rel.then = l.answer
		return
	}
	res := l.response(200)
	if !l.describe(res, true) {
		return
	}
	l.session.answer(l, res)
	l.phase = answering
	l.accept(l.invite, res, func() {
		l.phase = talking
		l.session.start(l)
		l.tell(Answered{})
	})
}

// Reject refuses the call.
func (l *Leg) Reject(cause Cause) { l.post(func() { l.refuse(cause) }) }

func (l *Leg) refuse(cause Cause) {
	if l.phase > early || l.invite == nil {
		return
	}
	if cause.Status < 300 || cause.Status > 699 {
		cause.Status = 480
	}
	res := l.invite.Response(cause.Status)
	if cause.Text != "" && cause.Status == 488 {
		res.Add("Warning", `304 okno `+message.Quote(cause.Text))
	}
	if h := cause.header(); h != "" {
		res.Add("Reason", h)
	}
	l.invite.Respond(res)
	l.end(cause, false)
}

// cancelled: the caller gave up. If our 2xx was first, it hangs up by BYE.
func (l *Leg) cancelled(m *message.Message) {
	if l.phase > early {
		return
	}
	l.invite.Reply(487)
	cause := readCause(m, 487)
	if m.Get("Reason") == "" || cause.Elsewhere {
		cause.Status = 487
	}
	l.end(cause, true)
}

// twoHundred is a 2xx of ours that is repeated until its ACK comes (RFC 3261
// section 13.3.1.4).
type twoHundred struct {
	s        *transaction.Server
	res      *message.Message
	seq      uint32
	interval time.Duration
	timer    *time.Timer
	limit    *time.Timer
	done     func()
	offered  bool // it carries our offer; the ACK has the answer
}

func (t *twoHundred) stop() {
	t.timer.Stop()
	t.limit.Stop()
}

func (l *Leg) accept(s *transaction.Server, res *message.Message, done func()) {
	timers := l.c.cfg.Transactions.Timers()
	n, _ := s.Request().CSeq()
	t := &twoHundred{s: s, res: res, seq: n, interval: timers.T1, done: done, offered: l.sdp.begun && !l.sdp.agreed}
	l.two = t
	s.Respond(res)
	var again func()
	again = func() {
		if l.two != t || l.phase == ended {
			return
		}
		s.Respond(res)
		t.interval = min(2*t.interval, timers.T2)
		t.timer = l.after(t.interval, again)
	}
	t.timer = l.after(t.interval, again)
	t.limit = l.after(64*timers.T1, func() {
		if l.two == t && l.phase != ended {
			l.bye(Cause{Status: 408, Text: "no ACK"})
		}
	})
}

// acked takes the ACK of a 2xx, with the answer if the 2xx had an offer.
func (l *Leg) acked(m *message.Message) {
	t := l.two
	if n, _ := m.CSeq(); t == nil || n != t.seq || m.From().Tag() != l.RemoteTag() || l.phase == ended {
		return
	}
	t.stop()
	l.two = nil
	if t.offered {
		answer, err := description(m)
		if err == nil && answer == nil {
			err = errMediaType
		}
		if err == nil {
			err = l.media.Accept(answer)
		}
		if err != nil {
			l.bye(Cause{Status: 488, Text: err.Error()})
			return
		}
		l.sdp.agreed = true
	}
	t.done()
}

// Hangup ends the leg, whatever it is at: a call that rings is cancelled or
// refused, one that was answered gets BYE.
func (l *Leg) Hangup(cause Cause) {
	l.post(func() {
		switch {
		case l.phase == ended || l.phase == cancelling:
		case l.server && l.phase <= early:
			if cause.Status < 300 {
				cause.Status = 480
			}
			l.refuse(cause)
		case !l.server && l.phase <= early:
			l.giveUp(cause)
		default:
			l.bye(cause)
		}
	})
}

// bye hangs up. With our 2xx not yet acknowledged it must wait for the ACK or
// its absence (RFC 3261 section 15); peers take it at once as well, but
// theirs is the right to be told in order.
func (l *Leg) bye(cause Cause) {
	if l.two != nil && l.phase == answering && cause.Status != 408 && cause.Status != 503 {
		t := l.two
		t.done = func() { l.phase = talking; l.bye(cause) }
		return
	}
	m := l.build(message.Bye)
	if h := cause.header(); h != "" {
		m.Add("Reason", h)
	}
	l.send(m, func(*message.Message, error) {})
	l.end(cause, false)
}
