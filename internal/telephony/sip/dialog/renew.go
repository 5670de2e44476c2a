package dialog

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/okno-hq/okno/internal/telephony/sip/message"
	"github.com/okno-hq/okno/internal/telephony/sip/transaction"
)

// ErrNotNow is told by Changed when a leg is in no state to renegotiate.
var ErrNotNow = errors.New("dialog: the leg is not in a call") //nolint:gochecknoglobals // a sentinel

// RefusedError is told by Changed when the peer does not want what we offered; the
// call goes on as it was.
type RefusedError struct{ Cause }

// Error implements error.
func (r RefusedError) Error() string { return "dialog: refused: " + r.Text }

// renewal is a re-INVITE or UPDATE of ours (RFC 3261 section 14.1, 3311).
type renewal struct {
	method string
	offer  bool
	tried  bool // a challenge was answered
	timers int
	tx     *transaction.Client
	req    *message.Message
	timer  *time.Timer // to try again after a glare
	more   bool        // what we want changed meanwhile
}

func (r *renewal) stop() {
	if r.timer != nil {
		r.timer.Stop()
	}
}

// Renegotiate asks for what Media wants now: hold and back, other codecs,
// another address. Several at once become one.
func (l *Leg) Renegotiate() { l.post(func() { l.renew(message.Invite, true) }) }

// keepAlive refreshes the session: by UPDATE without a description where the
// peer knows that, else by a re-INVITE with what is.
func (l *Leg) keepAlive() {
	if l.allows["UPDATE"] {
		l.renew(message.Update, false)
		return
	}
	l.renew(message.Invite, true)
}

func (l *Leg) renew(method string, offer bool) {
	switch {
	case l.again != nil:
		l.again.more = l.again.more || offer
		return
	case l.phase != talking && l.phase != answering:
		if offer {
			l.tell(Changed{Err: ErrNotNow})
		}
		return
	}
	r := &renewal{method: method, offer: offer}
	l.again = r
	if l.two != nil || l.waiting != nil { // our turn comes after the peer's
		l.later(r, l.c.cfg.Transactions.Timers().T1)
		return
	}
	l.attempt(r)
}

func (l *Leg) later(r *renewal, d time.Duration) {
	r.timer = l.after(d, func() {
		switch {
		case l.again != r || l.phase == ended:
		case l.two != nil || l.waiting != nil:
			l.later(r, d)
		default:
			l.attempt(r)
		}
	})
}

func (l *Leg) attempt(r *renewal) {
	m := l.build(r.method)
	if r.offer {
		offer, err := l.media.Offer()
		if err != nil {
			l.again = nil
			l.tell(Changed{Err: err})
			return
		}
		m.SetBody(sdpType, offer)
	}
	if l.session.expires > 0 {
		who := "uas"
		if l.session.ours {
			who = "uac"
		}
		m.Add("Session-Expires", seconds(max(l.session.expires, l.session.minSE))+";refresher="+who)
		m.Add("Min-SE", seconds(max(l.c.cfg.MinSE, l.session.minSE)))
	}
	l.sendRenewal(r, m)
}

func (l *Leg) sendRenewal(r *renewal, m *message.Message) {
	r.req = m
	f := l.hop()
	r.tx = l.c.cfg.Transactions.Request(f, m, l.c.cfg.SentBy(f), func(res *message.Message, err error) {
		l.post(func() { l.renewed(r, m, res, err) })
	})
}

// renewed takes the answer to a re-INVITE or UPDATE of ours.
func (l *Leg) renewed(r *renewal, m, res *message.Message, err error) {
	if err == nil && res.Status < 200 {
		return
	}
	if l.again != r || r.req != m || l.phase == ended {
		if err == nil && res.Status < 300 && r.method == message.Invite {
			l.repeated2xx(res)
		}
		return
	}
	if err != nil {
		l.again = nil
		l.media.Abandon()
		if errors.Is(err, transaction.ErrTimeout) { // RFC 3261 section 14.1
			l.bye(Cause{Status: 408, Text: "no answer within the call"})
			return
		}
		l.finish(r, err)
		return
	}
	switch {
	case res.Status < 300:
		l.renewedTo(r, res)
	case res.Status == 491 || res.Status == 500 && res.Has("Retry-After"):
		l.media.Abandon()
		l.later(r, l.glareWait())
	case (res.Status == 401 || res.Status == 407) && l.auth != nil:
		next := m.Clone()
		if l.auth.Answer(next, res, r.tried) != nil {
			l.denied(r, res)
			return
		}
		r.tried = true
		l.seq++
		next.SetCSeq(l.seq, r.method)
		l.sendRenewal(r, next)
	case res.Status == 422 && r.timers < 3:
		if n, ok := res.Number("Min-SE"); ok {
			l.session.minSE = time.Duration(n) * time.Second
		}
		r.timers++
		l.attempt(r)
	case res.Status == 481 || res.Status == 408:
		l.again = nil
		l.bye(Cause{Status: res.Status, Text: transaction.Words(res)})
	default:
		l.denied(r, res)
	}
}

func (l *Leg) denied(r *renewal, res *message.Message) {
	l.media.Abandon()
	l.session.start(l)
	l.finish(r, RefusedError{Cause{Status: res.Status, Text: transaction.Words(res)}})
}

func (l *Leg) renewedTo(r *renewal, res *message.Message) {
	l.refresh(res, nil)
	n, _ := res.CSeq()
	if r.method == message.Invite {
		ack := l.build(message.Ack)
		ack.SetCSeq(n, message.Ack)
		l.sendAck(n, ack)
	}
	var err error
	if r.offer {
		d, derr := description(res)
		switch {
		case derr != nil:
			err = derr
		case d == nil:
			err = errMediaType
		default:
			err = l.media.Accept(d)
		}
	}
	if err != nil {
		l.again = nil
		l.bye(Cause{Status: 488, Text: err.Error()})
		return
	}
	l.session.agreed(l, res)
	l.finish(r, nil)
}

func (l *Leg) finish(r *renewal, err error) {
	l.again = nil
	if r.offer {
		l.tell(Changed{Err: err})
	}
	if r.more {
		l.renew(message.Invite, true)
	}
}

// glareWait is how long to wait after both sides asked at once (RFC 3261
// section 14.1): the one who made the Call-ID waits longer.
func (l *Leg) glareWait() time.Duration {
	unit := l.c.cfg.Transactions.Timers().T1 / 50 // 10 ms at the usual T1
	if l.server {
		return time.Duration(rand.IntN(200)) * unit //nolint:gosec // chance, no secret
	}
	return time.Duration(210+rand.IntN(190)) * unit //nolint:gosec // chance, no secret
}

// reinvited answers a re-INVITE of the peer.
func (l *Leg) reinvited(s *transaction.Server) {
	req := s.Request()
	switch {
	case l.again != nil && l.again.timer == nil && l.again.method == message.Invite: // glare
		s.Reply(491)
		return
	case l.two != nil || l.phase <= early: // the one before is not through (section 14.2)
		res := s.Response(500)
		res.Add("Retry-After", "1")
		s.Respond(res)
		return
	}
	l.renegotiated(s, func(res *message.Message, offered bool) {
		l.sdp = exchange{begun: offered, agreed: !offered}
		l.refresh(req, s.Flow())
		l.accept(s, res, func() {
			l.session.start(l)
			l.tell(Changed{})
		})
	})
}

// updated answers an UPDATE of the peer (RFC 3311).
func (l *Leg) updated(s *transaction.Server) {
	if l.again != nil && l.again.timer == nil && l.again.offer && len(s.Request().Body) > 0 {
		s.Reply(491)
		return
	}
	if len(s.Request().Body) > 0 && (l.sdp.theirs != nil && !l.sdp.agreed || l.sdp.begun && !l.sdp.agreed) {
		res := s.Response(500) // an offer is still unanswered (section 5.2)
		res.Add("Retry-After", "1")
		s.Respond(res)
		return
	}
	described := len(s.Request().Body) > 0
	if !described {
		l.refresh(s.Request(), s.Flow())
		res := l.okTo(s)
		if !l.timed(s, res) {
			return
		}
		s.Respond(res)
		l.session.start(l)
		return
	}
	l.renegotiated(s, func(res *message.Message, _ bool) {
		l.refresh(s.Request(), s.Flow())
		s.Respond(res)
		if l.phase == talking {
			l.session.start(l)
		}
		l.tell(Changed{})
	})
}

func (l *Leg) okTo(s *transaction.Server) *message.Message {
	res := s.Response(200)
	res.Add("Contact", l.contact())
	res.Add("Allow", allow)
	res.Add("Supported", supported)
	return res
}

// timed works out the session timer of a request within the call; false means
// that it was answered 422.
func (l *Leg) timed(s *transaction.Server, res *message.Message) bool {
	req := s.Request()
	if n, ok := req.Number("Session-Expires"); ok && req.Lists("Supported", "timer") && time.Duration(n)*time.Second < l.c.cfg.MinSE {
		tooShort := s.Response(422)
		tooShort.Add("Min-SE", seconds(l.c.cfg.MinSE))
		s.Respond(tooShort)
		return false
	}
	l.session.read(req)
	l.session.answer(l, res)
	return true
}

// renegotiated works out the answer to an offer within the call, or our offer
// where the peer asks for one.
func (l *Leg) renegotiated(s *transaction.Server, done func(res *message.Message, offered bool)) {
	d, err := description(s.Request())
	if err != nil {
		refuseType(s)
		return
	}
	res := l.okTo(s)
	var body []byte
	if d != nil {
		body, err = l.media.Answer(d)
	} else {
		body, err = l.media.Offer()
	}
	if err != nil {
		no := s.Response(488)
		no.Add("Warning", `304 okno `+message.Quote(err.Error()))
		s.Respond(no)
		return
	}
	if !l.timed(s, res) {
		return
	}
	res.SetBody(sdpType, body)
	done(res, d == nil)
}
