package whatsapp

import (
	"net/http"
	"time"

	"github.com/okno-hq/okno/internal/standin/platform"
)

// Fault makes the next calls of a method go wrong.
type Fault struct {
	// Method is one of messages, media_upload, media_info, media_download,
	// media_delete, templates, number, number_update, subscribed_apps,
	// subscribe, unsubscribe, debug_token; empty means any.
	Method string `json:"method,omitempty"`
	// Times is how many calls it hits: 0 means one, below zero all until
	// ClearFaults.
	Times int `json:"times,omitempty"`
	// Status and Code are the answer: an HTTP status and the platform's code.
	Status  int    `json:"status,omitempty"`
	Code    int    `json:"code,omitempty"`
	Details string `json:"details,omitempty"`
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
	// FailLater accepts the message and then reports it failed with this code.
	FailLater int `json:"fail_later,omitempty"`
}

// Mishap is what every platform's faults have.
func (f Fault) Mishap() platform.Mishap {
	return platform.Mishap{
		Method: f.Method, Times: f.Times, Delay: time.Duration(f.Delay) * time.Millisecond,
		Hang: f.Hang, DropBefore: f.DropBefore,
	}
}

// takeFailLater is the code that a message accepted now fails with, 0 if none.
func (s *Server) takeFailLater() int {
	if f := s.TakeFault("messages", func(f Fault) bool { return f.FailLater != 0 }); f != nil {
		return f.FailLater
	}
	return 0
}

// begin counts a call and plays its fault. ok says whether the call goes on,
// dropped that its answer is not to arrive.
func (s *Server) begin(w http.ResponseWriter, r *http.Request, method string) (dropped, ok bool) {
	s.Count(method)
	f := s.TakeFault(method, func(f Fault) bool { return f.FailLater == 0 })
	if f == nil {
		return false, true
	}
	if !s.Play(w, r, f.Mishap()) {
		return false, false
	}
	if f.Status != 0 || f.Code != 0 {
		e := refuse(f.Code, "%s", f.Details)
		if f.Status != 0 {
			e.Status = f.Status
		}
		e.Body = f.Body
		e.RetryAfter = time.Duration(f.RetryAfter) * time.Second
		s.writeError(w, e)
		return false, false
	}
	return f.DropAfter, true
}
