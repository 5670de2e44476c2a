package dialog

import (
	"strconv"
	"strings"

	"github.com/okno-hq/okno/internal/telephony/sip/message"
	"github.com/okno-hq/okno/internal/telephony/sip/transaction"
)

// Transfer is a peer's wish that we call somebody else in its place (RFC 3515).
type Transfer struct {
	// Target is whom to call.
	Target message.URI
	// Replaces names the call to take over, for an attended transfer (RFC 3891).
	Replaces *message.Replaces
	// ReferredBy is who wishes it (RFC 3892), as written.
	ReferredBy string

	l      *Leg
	seq    uint32
	silent bool // the peer wants no news (RFC 4488)
	done   bool
	s      *transaction.Server
}

// refer takes a REFER.
func (l *Leg) refer(s *transaction.Server) {
	req := s.Request()
	to, err := message.ParseAddress(req.Get("Refer-To"))
	if err != nil || l.phase != talking {
		s.Reply(400)
		return
	}
	if m, ok := to.URI.Params.Get("method"); ok && !strings.EqualFold(m, message.Invite) {
		s.Reply(501)
		return
	}
	n, _ := req.CSeq()
	t := &Transfer{Target: to.URI, ReferredBy: req.Get("Referred-By"), l: l, seq: n, s: s}
	t.silent = strings.EqualFold(req.Get("Refer-Sub"), "false")
	if v := to.URI.Header("Replaces"); v != "" {
		r, ok := message.ParseReplaces(v)
		if !ok {
			s.Reply(400)
			return
		}
		t.Replaces = &r
	}
	t.Target.Headers = ""
	l.tell(TransferAsked{t})
}

// Accept says that it is being done; Notify follows.
func (t *Transfer) Accept() {
	t.l.post(func() {
		if t.s == nil {
			return
		}
		res := t.s.Response(202)
		res.Add("Contact", t.l.contact())
		if t.silent {
			res.Add("Refer-Sub", "false")
		}
		t.s.Respond(res)
		t.s = nil
		t.news(100, false)
	})
}

// Reject says that it is not: 403, 404 …
func (t *Transfer) Reject(status int) {
	t.l.post(func() {
		if t.s != nil {
			t.s.Reply(status)
			t.s, t.done = nil, true
		}
	})
}

// Notify tells the peer how the call to the target goes: 180, 200, 486 …
func (t *Transfer) Notify(status int) {
	t.l.post(func() { t.news(status, status >= 200) })
}

func (t *Transfer) news(status int, final bool) {
	if t.silent || t.done || t.s != nil {
		return
	}
	t.done = final
	m := t.l.build(message.Notify)
	m.Add("Event", "refer;id="+strconv.FormatUint(uint64(t.seq), 10))
	state := "active;expires=180"
	if final {
		state = "terminated;reason=noresource"
	}
	m.Add("Subscription-State", state)
	m.SetBody("message/sipfrag;version=2.0", []byte(message.Version+" "+strconv.Itoa(status)+" "+message.ReasonPhrase(status)+"\r\n"))
	t.l.send(m, func(*message.Message, error) {})
}

// Transfer asks the peer to call the target in our place; with replaces, to
// take over that call of ours. Progress tells how it goes.
func (l *Leg) Transfer(target message.URI, replaces *Leg, referredBy message.URI) {
	l.post(func() {
		if l.phase != talking {
			l.tell(Progress{Status: 481, Final: true})
			return
		}
		to := target
		if replaces != nil {
			r := message.Replaces{CallID: replaces.callID, ToTag: replaces.RemoteTag(), FromTag: replaces.localTag}
			to.Headers = "Replaces=" + message.Escape(r.String())
		}
		m := l.build(message.Refer)
		m.Add("Refer-To", message.Address{URI: to}.String())
		if referredBy.Host != "" {
			m.Add("Referred-By", message.Address{URI: referredBy}.String())
		}
		l.send(m, func(res *message.Message, err error) {
			switch {
			case err != nil:
				l.tell(Progress{Status: 408, Final: true})
			case res.Status >= 300:
				l.tell(Progress{Status: res.Status, Final: true})
			case res.Status >= 200 && strings.EqualFold(res.Get("Refer-Sub"), "false"):
				l.tell(Progress{Status: res.Status, Final: true})
			}
		})
	})
}

// notified takes news of a transfer we asked for.
func (l *Leg) notified(s *transaction.Server) {
	req := s.Request()
	event, _, _ := strings.Cut(req.Get("Event"), ";")
	if !strings.EqualFold(strings.TrimSpace(event), "refer") {
		s.Reply(489)
		return
	}
	s.Reply(200)
	fields := strings.Fields(string(req.Body))
	if len(fields) < 2 || fields[0] != message.Version {
		return
	}
	status, err := strconv.Atoi(fields[1])
	if err != nil || status < 100 || status > 699 {
		return
	}
	state, _, _ := strings.Cut(req.Get("Subscription-State"), ";")
	if l.phase == ended {
		return
	}
	l.tell(Progress{Status: status, Final: status >= 200 || strings.EqualFold(strings.TrimSpace(state), "terminated")})
}

// Target tells where the peer is: whom a third party must call to take over
// this leg in an attended transfer.
func (l *Leg) Target(tell func(message.URI)) {
	l.post(func() { tell(l.target) })
}
