package dialog

import (
	"crypto/rand"
	"encoding/binary"
	"strconv"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/telephony/sip/message"
	"github.com/okno-hq/okno/internal/telephony/sip/transaction"
)

// reliable are our provisional responses that are repeated until the peer
// acknowledges them (RFC 3262).
type reliable struct {
	wanted bool
	seq    uint32
	out    *message.Message // not yet acknowledged
	queue  []*message.Message
	offer  bool // out carries our offer
	timer  *time.Timer
	limit  *time.Timer
	then   func() // what waits for the PRACK
}

func (r *reliable) pending() bool { return r.out != nil }

func (r *reliable) stop() {
	if r.timer != nil {
		r.timer.Stop()
		r.limit.Stop()
	}
	r.out, r.queue, r.then = nil, nil, nil
}

// reliably sends a provisional response, after the one before it was
// acknowledged.
func (l *Leg) reliably(res *message.Message) {
	r := &l.rel
	if r.out != nil {
		r.queue = append(r.queue, res)
		return
	}
	if r.seq == 0 {
		var b [4]byte
		_, _ = rand.Read(b[:])
		r.seq = binary.BigEndian.Uint32(b[:])&0x7fffffff>>1 + 1
	} else {
		r.seq++
	}
	res.Add("Require", "100rel")
	res.Add("RSeq", strconv.FormatUint(uint64(r.seq), 10))
	r.out = res
	r.offer = len(res.Body) > 0 && l.sdp.begun && !l.sdp.agreed
	l.invite.Respond(res)
	timers := l.c.cfg.Transactions.Timers()
	interval := timers.T1
	var again func()
	again = func() {
		if r.out != res || l.phase > early {
			return
		}
		l.invite.Respond(res)
		interval *= 2
		r.timer = l.after(interval, again)
	}
	r.timer = l.after(interval, again)
	r.limit = l.after(64*timers.T1, func() {
		if r.out == res && l.phase <= early {
			l.refuse(Cause{Status: 504, Text: "no PRACK"})
		}
	})
}

// pracked takes the acknowledgement.
func (l *Leg) pracked(s *transaction.Server) {
	r := &l.rel
	f := strings.Fields(s.Request().Get("RAck"))
	n, _ := l.invite.Request().CSeq()
	if r.out == nil || len(f) != 3 || f[0] != strconv.FormatUint(uint64(r.seq), 10) || f[1] != strconv.FormatUint(uint64(n), 10) || f[2] != message.Invite {
		s.Reply(481)
		return
	}
	res := s.Response(200)
	d, err := description(s.Request())
	if err != nil {
		refuseType(s)
		return
	}
	if r.offer {
		if d == nil {
			err = errMediaType
		} else {
			err = l.media.Accept(d)
		}
		if err != nil {
			s.Reply(488)
			l.refuse(Cause{Status: 488, Text: err.Error()})
			return
		}
		l.sdp.agreed = true
		l.tell(Early{})
	} else if d != nil { // a new offer
		answer, err := l.media.Answer(d)
		if err != nil {
			s.Reply(488)
			return
		}
		res.SetBody(sdpType, answer)
	}
	s.Respond(res)
	queue, then := r.queue, r.then
	r.stop()
	if len(queue) > 0 {
		l.reliably(queue[0])
		r.queue = queue[1:]
		r.then = then
		return
	}
	if then != nil {
		then()
	}
}

// acknowledge sends the PRACK of a peer's reliable response and takes what it
// describes.
func (l *Leg) acknowledge(res *message.Message, f *fork) {
	prack := l.build(message.Prack)
	tag := res.To()
	prack.Set("To", tag.String())
	prack.URI = f.target
	n, method := res.CSeq()
	prack.Add("RAck", strconv.FormatUint(uint64(f.rseq), 10)+" "+strconv.FormatUint(uint64(n), 10)+" "+method)
	d, err := description(res)
	if err == nil && d != nil && !f.agreed {
		if l.call.call.LateOffer {
			if answer, err := l.media.Answer(d); err == nil {
				prack.SetBody(sdpType, answer)
				f.agreed, l.sdp.agreed = true, true
				l.tell(Early{})
			}
		} else {
			l.earlyMedia(f, d)
		}
	}
	l.send(prack, func(*message.Message, error) {})
}
