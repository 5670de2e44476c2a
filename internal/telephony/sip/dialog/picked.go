package dialog

import (
	"github.com/okno-hq/okno/internal/telephony/sip/message"
	"github.com/okno-hq/okno/internal/telephony/sip/transaction"
	"github.com/okno-hq/okno/internal/telephony/sip/transport"
)

// picked takes a 2xx: the first is our call, others and late ones are
// acknowledged and hung up on (RFC 3261 section 13.2.2.4).
func (l *Leg) picked(res *message.Message) {
	n, _ := res.CSeq()
	if l.phase == talking || l.phase == ended || l.phase == cancelling {
		if res.To().Tag() == l.RemoteTag() && l.repeated2xx(res) {
			return
		}
		if l.phase == talking && res.To().Tag() == l.RemoteTag() {
			return
		}
		l.dismiss(res)
		if l.phase == cancelling {
			l.call.stop()
			l.end(*l.gaveUp, false)
		}
		return
	}
	l.call.stop()
	f := l.fork(res)
	l.adopt(res.To(), f)
	l.allowsOf(res)
	l.phase = talking
	ack := l.build(message.Ack)
	ack.SetCSeq(n, message.Ack)
	err := l.settle(res, f, ack)
	l.sendAck(n, ack)
	if err != nil {
		l.bye(Cause{Status: 488, Text: err.Error()})
		return
	}
	l.session.agreed(l, res)
	l.tell(Answered{})
}

// settle brings offer and answer of our INVITE to their end.
func (l *Leg) settle(res *message.Message, f *fork, ack *message.Message) error {
	d, err := description(res)
	switch {
	case err != nil:
		return err
	case l.call.call.LateOffer && !f.agreed:
		if d == nil {
			return errMediaType
		}
		answer, err := l.media.Answer(d)
		if err != nil {
			return err
		}
		ack.SetBody(sdpType, answer)
	case !f.agreed:
		if d == nil {
			return errMediaType
		}
		if err := l.media.Accept(d); err != nil {
			return err
		}
	}
	f.agreed, l.sdp.agreed = true, true
	return nil
}

// sendAck sends an ACK and keeps it for when the 2xx comes again.
func (l *Leg) sendAck(seq uint32, ack *message.Message) {
	f := l.hop()
	via := message.Via{Transport: f.Transport(), Host: viaHost(l.c, f), Params: message.Params{{Name: "branch", Value: transaction.NewBranch()}}}
	if !f.Reliable() {
		via.Params = append(via.Params, message.Param{Name: "rport"})
	}
	ack.Prepend("Via", via.String())
	ack.Add("Max-Forwards", "70")
	data := ack.Bytes()
	l.acks[seq] = data
	for old := range l.acks {
		if old+2 < seq {
			delete(l.acks, old)
		}
	}
	_ = f.Send(data) // if it is lost, the 2xx comes again
}

func viaHost(c *Core, f *transport.Flow) string {
	if h := c.cfg.SentBy(f); h != "" {
		return h
	}
	if f.Local().IsValid() && !f.Local().Addr().IsUnspecified() {
		return f.Local().String()
	}
	return "okno.invalid"
}

// repeated2xx sends the ACK of a 2xx again.
func (l *Leg) repeated2xx(res *message.Message) bool {
	n, method := res.CSeq()
	data := l.acks[n]
	if method != message.Invite || data == nil || res.To().Tag() != l.RemoteTag() {
		return false
	}
	_ = l.hop().Send(data)
	return true
}

// dismiss acknowledges and hangs up on a phone that answered too late.
func (l *Leg) dismiss(res *message.Message) {
	n, _ := res.CSeq()
	f := &fork{target: l.target, routes: reversed(res.All("Record-Route"))}
	if a, ok := res.Contact(); ok && a.URI.IsSIP() {
		f.target = a.URI
	}
	other := &Leg{
		c: l.c, callID: l.callID, localTag: l.localTag, remoteTag: res.To().Tag(), local: l.local, remote: res.To(), target: f.target,
		routes: f.routes, seq: l.seq, flow: l.flow, follow: l.follow, acks: map[uint32][]byte{}, phase: talking,
	}
	ack := other.build(message.Ack)
	ack.SetCSeq(n, message.Ack)
	other.sendAck(n, ack)
	other.send(other.build(message.Bye), func(*message.Message, error) {})
}
