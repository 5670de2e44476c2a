package dialog

import (
	"strconv"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/telephony/sip/message"
)

// session is the session timer (RFC 4028): one side shows again and again that
// it is there, the other hangs up when it does not.
type session struct {
	expires time.Duration // agreed; zero: none
	ours    bool          // we refresh
	minSE   time.Duration // the peer's
	peer    bool          // the peer knows timers
	asked   time.Duration
	who     string
	timer   *time.Timer
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }

func refresherOf(m *message.Message) string {
	_, rest, _ := strings.Cut(m.Get("Session-Expires"), ";")
	for p := range strings.SplitSeq(rest, ";") {
		if k, v, _ := strings.Cut(strings.TrimSpace(p), "="); strings.EqualFold(k, "refresher") {
			return strings.ToLower(v)
		}
	}
	return ""
}

// read takes what a request says.
func (s *session) read(req *message.Message) {
	s.peer = req.Lists("Supported", "timer")
	s.who = refresherOf(req)
	s.asked = 0
	if n, ok := req.Number("Session-Expires"); ok {
		s.asked = time.Duration(n) * time.Second
	}
	if n, ok := req.Number("Min-SE"); ok {
		s.minSE = time.Duration(n) * time.Second
	}
}

// answer writes what we agree to into a 2xx (section 9).
func (s *session) answer(l *Leg, res *message.Message) {
	s.expires = l.c.cfg.SessionExpires
	if s.asked > 0 {
		s.expires = min(s.asked, s.expires)
	}
	s.expires = max(s.expires, s.minSE, l.c.cfg.MinSE)
	if !s.peer && s.asked == 0 {
		s.ours = true // the peer will answer our refreshes like any re-INVITE
		return
	}
	s.ours = s.who != "uac"
	who := "uas"
	if !s.ours {
		who = "uac"
		res.Add("Require", "timer")
	}
	res.Add("Session-Expires", seconds(s.expires)+";refresher="+who)
}

// agreed takes what a 2xx to our INVITE or UPDATE says.
func (s *session) agreed(l *Leg, res *message.Message) {
	s.expires, s.ours = l.c.cfg.SessionExpires, true
	if n, ok := res.Number("Session-Expires"); ok && n > 0 {
		s.expires = time.Duration(n) * time.Second
		s.ours = refresherOf(res) != "uas"
	}
	s.start(l)
}

// start begins the interval anew.
func (s *session) start(l *Leg) {
	s.stop()
	if s.expires <= 0 {
		return
	}
	if s.ours {
		s.timer = l.after(s.expires/2, func() {
			if l.phase == talking {
				l.keepAlive()
			}
		})
		return
	}
	s.timer = l.after(s.expires-min(32*time.Second, s.expires/3), func() {
		if l.phase == talking {
			l.bye(Cause{Status: 408, Text: "session expired"})
		}
	})
}

func (s *session) stop() {
	if s.timer != nil {
		s.timer.Stop()
	}
}
