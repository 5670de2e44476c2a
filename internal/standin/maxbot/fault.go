package maxbot

import (
	"io"
	"net/http"
	"time"
)

// Fault makes the next calls of a method go wrong.
type Fault struct {
	// Method is one of me, subscriptions, subscribe, unsubscribe, updates,
	// send, edit, delete, messages, message, uploads, upload, answers, actions,
	// video, chat, membership, download; empty means any.
	Method string `json:"method,omitempty"`
	// Times is how many calls it hits: 0 means one, below zero all until
	// ClearFaults.
	Times int `json:"times,omitempty"`
	// Status, Code and Message are the answer.
	Status  int    `json:"status,omitempty"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
	// Body is sent as it is instead of the platform's error, as a proxy would.
	Body string `json:"body,omitempty"`
	// RetryAfter is in seconds, Delay in milliseconds.
	RetryAfter int `json:"retry_after,omitempty"`
	Delay      int `json:"delay,omitempty"`
	// Hang keeps the request open until the caller gives up.
	Hang bool `json:"hang,omitempty"`
	// DropBefore closes the connection before anything happened, DropAfter
	// after the call took effect: its outcome is unknown to the caller.
	DropBefore bool `json:"drop_before,omitempty"`
	DropAfter  bool `json:"drop_after,omitempty"`
}

// Fail arms a fault; several for the same method are used up in order.
func (s *Server) Fail(f Fault) {
	if f.Times == 0 {
		f.Times = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// ClearFaults disarms every fault.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// takeFault finds the armed fault for a call and uses it up.
func (s *Server) takeFault(method string) *Fault {
	for i, f := range s.faults {
		if f.Method != "" && f.Method != method {
			continue
		}
		if f.Times > 0 {
			f.Times--
			if f.Times == 0 {
				s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
			}
		}
		return f
	}
	return nil
}

// before plays a fault ahead of the call; false means the call is over.
func (s *Server) before(w http.ResponseWriter, r *http.Request, f *Fault) bool {
	if f.Delay > 0 {
		select {
		case <-time.After(time.Duration(f.Delay) * time.Millisecond):
		case <-r.Context().Done():
			return false
		case <-s.ctx.Done():
			return false
		}
	}
	switch {
	case f.Hang:
		// A connection's end is noticed only once its request is read.
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-r.Context().Done():
		case <-s.ctx.Done():
		}
		return false
	case f.DropBefore:
		hangUp(w)
		return false
	case f.Status != 0 || f.Code != "":
		e := refuse(f.Status, f.Code, "%s", f.Message)
		e.Body = f.Body
		e.RetryAfter = time.Duration(f.RetryAfter) * time.Second
		s.writeError(w, e)
		return false
	}
	return true
}

// hangUp closes the connection without an answer.
func hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}
