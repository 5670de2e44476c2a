package dialog

import (
	"errors"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/telephony/sip/message"
	"github.com/okno-hq/okno/internal/telephony/sip/transaction"
	"github.com/okno-hq/okno/internal/telephony/sip/transport"
)

// Call is a leg that we begin.
type Call struct {
	Flow     *transport.Flow
	URI      message.URI
	From, To message.Address
	Routes   []string        // as for Route
	Fields   []message.Field // further fields: P-Asserted-Identity, Replaces, Alert-Info …
	Peer     Peer
	Media    Media
	On       func(Event)
	// LateOffer sends no description: the peer offers.
	LateOffer bool
	// Patience is how long the peer may stay without any answer, even
	// "trying"; zero means 64×T1.
	Patience time.Duration
	// NoAnswer is how long it may ring; zero: as long as the caller likes.
	NoAnswer time.Duration
}

// outgoing is our INVITE.
type outgoing struct {
	call     Call
	tx       *transaction.Client
	req      *message.Message
	forks    map[string]*fork // by the peer's tag
	heard    bool
	ringing  bool
	tried    bool // a challenge was answered
	timers   int  // a 422 was heeded
	patience *time.Timer
	noAnswer *time.Timer
	cancel   *Cause
}

func (o *outgoing) stop() {
	if o.patience != nil {
		o.patience.Stop()
	}
	if o.noAnswer != nil {
		o.noAnswer.Stop()
	}
}

// fork is an early dialog with one of the phones a proxy rings for us.
type fork struct {
	target message.URI
	routes []string
	rseq   uint32
	agreed bool // its description was taken
}

// Dial begins a call.
func (c *Core) Dial(call Call) *Leg {
	l := &Leg{
		c: c, callID: transaction.NewTag() + transaction.NewTag(), localTag: transaction.NewTag(),
		local: call.From, remote: call.To, target: call.URI, routes: call.Routes, flow: call.Flow, follow: call.Peer.Follow,
		refind: call.Peer.Refind, auth: call.Peer.Auth, media: call.Media, on: call.On, fields: call.Fields,
		acks: map[uint32][]byte{}, transfers: map[uint32]*Transfer{},
	}
	l.local.Params = l.local.Params.With("tag", l.localTag)
	l.remote.Params = l.remote.Params.Without("tag")
	l.call = &outgoing{call: call, forks: map[string]*fork{}}
	c.add(l)
	l.post(l.begin)
	return l
}

func (l *Leg) begin() {
	o := l.call
	m := l.build(message.Invite)
	for _, f := range l.fields {
		m.Add(f.Name, f.Value)
	}
	m.Add("Session-Expires", seconds(max(l.c.cfg.SessionExpires, l.session.minSE)))
	m.Add("Min-SE", seconds(max(l.c.cfg.MinSE, l.session.minSE)))
	if !o.call.LateOffer {
		offer, err := l.media.Offer()
		if err != nil {
			l.end(Cause{Status: 500, Text: err.Error()}, false)
			return
		}
		l.sdp.begun = true
		m.SetBody(sdpType, offer)
	}
	if o.call.Patience > 0 {
		o.patience = l.after(o.call.Patience, func() {
			if !o.heard && l.phase < talking {
				l.lost(Cause{Status: 408, Text: "no answer to the request"})
			}
		})
	}
	if o.call.NoAnswer > 0 {
		o.noAnswer = l.after(o.call.NoAnswer, func() {
			if l.phase <= early {
				l.giveUp(Cause{Status: 408, Text: "not answered"})
			}
		})
	}
	l.ask(m)
}

// ask sends the INVITE, again if it was challenged.
func (l *Leg) ask(m *message.Message) {
	o := l.call
	o.req = m
	l.revive()
	f := l.flow // whom to call was decided by who began the call
	o.tx = l.c.cfg.Transactions.Request(f, m, l.c.cfg.SentBy(f), func(res *message.Message, err error) {
		l.post(func() { l.invited(m, res, err) })
	})
}

// lost ends a call that nobody reacted to; if somebody does after all, he is
// hung up on.
func (l *Leg) lost(cause Cause) {
	l.call.cancel = &cause
	l.call.stop()
	l.end(cause, false)
}

// invited takes what comes back for our INVITE.
func (l *Leg) invited(m *message.Message, res *message.Message, err error) {
	o := l.call
	if m != o.req && (res == nil || res.Status >= 300) {
		return // of the challenged request
	}
	if err != nil {
		text := "no answer to the request"
		if !errors.Is(err, transaction.ErrTimeout) {
			text = err.Error()
		}
		o.stop()
		if l.gaveUp != nil {
			l.end(*l.gaveUp, false)
		} else {
			l.end(Cause{Status: 408, Text: text}, true)
		}
		return
	}
	o.heard = true
	switch {
	case res.Status < 200:
		l.ringing(res)
	case res.Status < 300:
		l.picked(res)
	default:
		l.refused(res)
	}
}

func (l *Leg) fork(res *message.Message) *fork {
	tag := res.To().Tag()
	f := l.call.forks[tag]
	if f == nil {
		f = &fork{target: l.target}
		l.call.forks[tag] = f
	}
	if a, ok := res.Contact(); ok && a.URI.IsSIP() {
		f.target = a.URI
	}
	f.routes = reversed(res.All("Record-Route"))
	return f
}

func reversed(all []string) []string {
	out := make([]string, len(all))
	for i, v := range all {
		out[len(all)-1-i] = v
	}
	return out
}

func (l *Leg) ringing(res *message.Message) {
	o := l.call
	if l.phase == fresh {
		l.phase = early
	}
	if l.gaveUp != nil || l.phase == ended { // we gave up before it answered at all
		o.tx.Cancel(l.cancelReason())
		return
	}
	if res.Status == 100 || l.phase > early {
		return
	}
	if res.To().Tag() != "" {
		f := l.fork(res)
		if l.RemoteTag() == "" {
			l.adopt(res.To(), f)
		}
		l.allowsOf(res)
		if n, ok := res.Number("RSeq"); ok && res.Lists("Require", "100rel") {
			if f.rseq != 0 && n != f.rseq+1 {
				return // repeated, or one is missing and comes again
			}
			f.rseq = n
			l.acknowledge(res, f)
		} else if d, err := description(res); err == nil && d != nil && !o.call.LateOffer {
			l.earlyMedia(f, d)
		}
	}
	if !o.ringing || res.Status == 180 {
		o.ringing = true
		l.tell(Ringing{Status: res.Status})
	}
}

func (l *Leg) allowsOf(res *message.Message) {
	if res.Has("Allow") {
		l.allows = map[string]bool{}
		for _, name := range res.List("Allow") {
			l.allows[strings.ToUpper(name)] = true
		}
	}
}

func (l *Leg) earlyMedia(f *fork, d []byte) {
	if f.agreed || l.media.Accept(d) != nil {
		return
	}
	f.agreed = true
	l.sdp.agreed = true
	l.tell(Early{})
}

// adopt makes a fork the one the leg talks with.
func (l *Leg) adopt(to message.Address, f *fork) {
	l.setRemoteTag(to.Tag())
	l.remote = to
	l.target, l.routes = f.target, f.routes
}

// refused takes a final answer that is no 2xx.
func (l *Leg) refused(res *message.Message) {
	o := l.call
	if l.phase == ended || l.phase == talking {
		return
	}
	if l.gaveUp == nil && l.phase <= early && l.retry(res) {
		return
	}
	o.stop()
	if l.gaveUp != nil {
		l.end(*l.gaveUp, false)
		return
	}
	cause := readCause(res, res.Status)
	cause.Status = res.Status
	if cause.Text == "" {
		cause.Text = transaction.Words(res)
	}
	l.media.Abandon()
	l.end(cause, true)
}

// retry asks again where the answer says how: with credentials, with a longer
// session.
func (l *Leg) retry(res *message.Message) bool {
	o := l.call
	next := o.req.Clone()
	switch {
	case (res.Status == 401 || res.Status == 407) && l.auth != nil:
		if l.auth.Answer(next, res, o.tried) != nil {
			return false
		}
		o.tried = true
	case res.Status == 422 && o.timers < 3:
		n, ok := res.Number("Min-SE")
		if !ok {
			return false
		}
		o.timers++
		l.session.minSE = time.Duration(n) * time.Second
		next.Set("Min-SE", seconds(l.session.minSE))
		next.Set("Session-Expires", seconds(max(l.c.cfg.SessionExpires, l.session.minSE)))
	default:
		return false
	}
	l.seq++
	next.SetCSeq(l.seq, message.Invite)
	l.ask(next)
	return true
}

// giveUp cancels an INVITE of ours: at once if the peer has shown signs of
// life, else when it does (RFC 3261 section 9.1).
func (l *Leg) giveUp(cause Cause) {
	o := l.call
	l.gaveUp = &cause
	l.phase = cancelling
	o.stop()
	if o.heard {
		o.tx.Cancel(l.cancelReason())
		return
	}
	// Nothing was heard: nobody knows of the call. Whoever answers after all
	// is cancelled by ringing or dismissed by picked.
	l.end(cause, false)
}

func (l *Leg) cancelReason() string {
	if l.gaveUp == nil {
		return ""
	}
	return l.gaveUp.header()
}
