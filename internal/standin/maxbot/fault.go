package maxbot

import (
	"net/http"
	"time"

	"github.com/okno-hq/okno/internal/standin/platform"
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

// Mishap is what every platform's faults have.
func (f Fault) Mishap() platform.Mishap {
	return platform.Mishap{
		Method: f.Method, Times: f.Times, Delay: time.Duration(f.Delay) * time.Millisecond,
		Hang: f.Hang, DropBefore: f.DropBefore,
	}
}

// begin counts a call and plays its fault. ok says whether the call goes on,
// dropped that its answer is not to arrive.
func (s *Server) begin(w http.ResponseWriter, r *http.Request, method string) (dropped, ok bool) {
	s.Count(method)
	f := s.TakeFault(method, nil)
	if f == nil {
		return false, true
	}
	if !s.Play(w, r, f.Mishap()) {
		return false, false
	}
	if f.Status != 0 || f.Code != "" {
		e := refuse(f.Status, f.Code, "%s", f.Message)
		e.Body = f.Body
		e.RetryAfter = time.Duration(f.RetryAfter) * time.Second
		s.writeError(w, e)
		return false, false
	}
	return f.DropAfter, true
}
