package dialog

import (
	"strconv"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/telephony/sip/message"
	"github.com/okno-hq/okno/internal/telephony/sip/transaction"
)

// request takes a request within the dialog.
func (l *Leg) request(s *transaction.Server) {
	req := s.Request()
	tag := req.From().Tag()
	if tag != l.RemoteTag() {
		if l.call == nil || l.call.forks[tag] == nil || l.phase > early {
			s.Reply(481)
			return
		}
	}
	n, _ := req.CSeq()
	if n < l.peerSeq && l.peerSeq != 0 { // out of order (RFC 3261 section 12.2.2)
		s.Reply(500)
		return
	}
	l.peerSeq = n
	if l.phase == ended && req.Method != message.Notify {
		s.Reply(481)
		return
	}
	if missing := Unsupported(req); len(missing) > 0 {
		res := s.Response(420)
		for _, m := range missing {
			res.Add("Unsupported", m)
		}
		s.Respond(res)
		return
	}
	switch req.Method {
	case message.Bye:
		l.byeFrom(s)
	case message.Invite:
		l.reinvited(s)
	case message.Update:
		l.updated(s)
	case message.Prack:
		if l.invite == nil {
			s.Reply(481)
			return
		}
		l.pracked(s)
	case message.Info:
		l.info(s)
	case message.Refer:
		l.refer(s)
	case message.Notify:
		l.notified(s)
	case message.Options:
		s.Respond(l.okTo(s))
	default:
		res := s.Response(405)
		res.Add("Allow", allow)
		s.Respond(res)
	}
}

func (l *Leg) byeFrom(s *transaction.Server) {
	s.Reply(200)
	cause := readCause(s.Request(), 200)
	if l.server && l.phase <= early { // the caller may end it so, too (section 15)
		l.invite.Reply(487)
		cause.Status = 487
	}
	l.end(cause, true)
}

// info takes a digit (the drafts application/dtmf-relay and application/dtmf,
// which phones send where RFC 4733 events do not get through).
func (l *Leg) info(s *transaction.Server) {
	req := s.Request()
	if len(req.Body) == 0 {
		s.Reply(200)
		return
	}
	kind, _, _ := strings.Cut(strings.ToLower(req.Get("Content-Type")), ";")
	d := Digit{Duration: 160 * time.Millisecond}
	switch strings.TrimSpace(kind) {
	case "application/dtmf-relay":
		for line := range strings.SplitSeq(string(req.Body), "\n") {
			k, v, _ := strings.Cut(line, "=")
			v = strings.TrimSpace(v)
			switch strings.ToLower(strings.TrimSpace(k)) {
			case "signal":
				d.Key = digit(v)
			case "duration":
				if ms, err := strconv.Atoi(v); err == nil && ms > 0 && ms <= 10000 {
					d.Duration = time.Duration(ms) * time.Millisecond
				}
			}
		}
	case "application/dtmf":
		d.Key = digit(strings.TrimSpace(string(req.Body)))
	case "application/media_control+xml": // asks for a key frame of video
		s.Reply(200)
		return
	default:
		res := s.Response(415)
		res.Add("Accept", "application/dtmf-relay, application/dtmf")
		s.Respond(res)
		return
	}
	if d.Key == 0 {
		s.Reply(400)
		return
	}
	s.Reply(200)
	l.tell(d)
}

// digit reads a key, by name or by the number of its event.
func digit(v string) byte {
	switch v {
	case "10":
		return '*'
	case "11":
		return '#'
	case "12", "13", "14", "15":
		return 'A' + v[1] - '2'
	}
	if len(v) == 1 && strings.Contains("0123456789*#ABCDabcd", v) {
		return strings.ToUpper(v)[0]
	}
	return 0
}

// SendDigit sends a digit by INFO, for peers with whom telephone-event was not
// agreed.
func (l *Leg) SendDigit(key byte, duration time.Duration) {
	l.post(func() {
		if l.phase != talking {
			return
		}
		m := l.build(message.Info)
		m.SetBody("application/dtmf-relay", []byte("Signal="+string(rune(key))+"\r\nDuration="+strconv.Itoa(int(duration/time.Millisecond))+"\r\n"))
		l.send(m, func(*message.Message, error) {})
	})
}
