package transaction

import (
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/telephony/sip/message"
	"github.com/okno-hq/okno/internal/telephony/sip/transport"
)

type state int

const (
	trying state = iota
	proceeding
	accepted  // 2xx to an INVITE was sent: repeated INVITEs are absorbed (RFC 6026)
	completed // a final answer was sent and may be asked for again
	confirmed // … and the ACK came
	over
)

// Server is a request from outside and its answers.
type Server struct {
	l     *Layer
	flow  *transport.Flow
	req   *message.Message
	key   string
	merge string
	to    string // tag of the answers that have none yet

	mu        sync.Mutex
	state     state
	last      []byte
	interval  time.Duration
	again     *time.Timer // G: the answer once more
	stopAt    *time.Timer // H, I, J, L
	onCancel  func(*message.Message)
	cancelMsg *message.Message
	onTimeout func()
}

func newServer(l *Layer, f *transport.Flow, m *message.Message, key string) *Server {
	return &Server{l: l, flow: f, req: m, key: key, to: l.tag()}
}

// Request returns the request.
func (s *Server) Request() *message.Message { return s.req }

// Flow returns the way it came.
func (s *Server) Flow() *transport.Flow { return s.flow }

// Tag returns the tag our answers carry in To.
func (s *Server) Tag() string { return s.to }

func (s *Server) target() *transport.Flow { return replyFlow(s.flow, s.req) }

// Response begins an answer.
func (s *Server) Response(status int) *message.Message {
	return message.NewResponse(s.req, status, "", s.to)
}

// Reply answers with nothing but a status.
func (s *Server) Reply(status int) { s.Respond(s.Response(status)) }

// OnCancel sets what is called once when the request is cancelled before a
// final answer. The caller answers the request itself (487).
func (s *Server) OnCancel(f func(*message.Message)) {
	s.mu.Lock()
	early := s.cancelMsg
	s.onCancel = f
	s.mu.Unlock()
	if early != nil {
		f(early)
	}
}

// OnTimeout sets what is called when an INVITE's final answer is never
// acknowledged.
func (s *Server) OnTimeout(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onTimeout = f
}

func (s *Server) cancelled(m *message.Message) {
	s.mu.Lock()
	f := s.onCancel
	if s.state > proceeding {
		f = nil
	} else {
		s.cancelMsg = m
	}
	s.mu.Unlock()
	if f != nil {
		f(m)
	}
}

// Respond sends an answer and reports whether it was one that could still be
// given: after a final answer there is no other (but the same 2xx again).
func (s *Server) Respond(res *message.Message) bool {
	data := res.Bytes()
	invite := s.req.Method == message.Invite
	t := s.l.cfg.Timers
	s.mu.Lock()
	switch {
	case s.state == accepted && res.Status >= 200 && res.Status < 300:
		s.last = data
	case s.state > proceeding:
		s.mu.Unlock()
		return false
	case res.Status < 200:
		s.state, s.last = proceeding, data
	case invite && res.Status < 300:
		s.state, s.last = accepted, nil // the dialog repeats its 2xx
		s.stopAt = time.AfterFunc(64*t.T1, s.end)
	case invite:
		s.state, s.last = completed, data
		s.stopAt = time.AfterFunc(64*t.T1, s.noAck)
		if !s.flow.Reliable() {
			s.interval = t.T1
			s.again = time.AfterFunc(s.interval, s.resend)
		}
	default:
		s.state, s.last = completed, data
		if s.flow.Reliable() {
			s.stopAt = time.AfterFunc(0, s.end)
		} else {
			s.stopAt = time.AfterFunc(64*t.T1, s.end)
		}
	}
	s.mu.Unlock()
	if res.Status >= 200 {
		s.unmerge()
	}
	_ = s.target().Send(data) // a lost flow is seen by the timers
	return true
}

func (s *Server) unmerge() {
	if s.merge == "" {
		return
	}
	s.l.mu.Lock()
	defer s.l.mu.Unlock()
	if s.l.pending[s.merge] == s.key {
		delete(s.l.pending, s.merge)
	}
}

// repeat answers a request that came again.
func (s *Server) repeat() {
	s.mu.Lock()
	data := s.last
	s.mu.Unlock()
	if data != nil {
		_ = s.target().Send(data)
	}
}

func (s *Server) resend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != completed {
		return
	}
	_ = s.target().Send(s.last)
	s.interval = min(2*s.interval, s.l.cfg.Timers.T2)
	s.again.Reset(s.interval)
}

// ack takes the ACK of a final answer that is not 2xx and reports whether it
// was for that; the ACK of a 2xx is the dialog's.
func (s *Server) ack() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch s.state {
	case completed:
		s.state = confirmed
		s.stopTimers()
		wait := s.l.cfg.Timers.T4
		if s.flow.Reliable() {
			wait = 0
		}
		s.stopAt = time.AfterFunc(wait, s.end)
		return true
	case accepted:
		return false
	default:
		return true
	}
}

func (s *Server) noAck() {
	s.mu.Lock()
	f := s.onTimeout
	s.mu.Unlock()
	s.end()
	if f != nil {
		f()
	}
}

func (s *Server) stopTimers() {
	if s.again != nil {
		s.again.Stop()
	}
	if s.stopAt != nil {
		s.stopAt.Stop()
	}
}

func (s *Server) end() {
	s.mu.Lock()
	s.state = over
	s.stopTimers()
	s.mu.Unlock()
	s.unmerge()
	s.l.mu.Lock()
	if s.l.servers[s.key] == s {
		delete(s.l.servers, s.key)
	}
	s.l.mu.Unlock()
}
