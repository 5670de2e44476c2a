package telegram

import (
	"cmp"
	"net/http"
	"time"

	"github.com/okno-hq/okno/internal/standin/platform"
)

// Fault makes the next calls of a method go wrong.
type Fault struct {
	// Method is a method's name, "file" for downloads; empty means any.
	Method string `json:"method,omitempty"`
	// Times is how many calls it hits: 0 means one, below zero all until
	// ClearFaults.
	Times int `json:"times,omitempty"`
	// Code and Description are the answer, with RetryAfter in seconds and
	// MigrateTo as its parameters. With 429 and RetryAfter the whole bot is
	// refused until then, as at the platform.
	Code        int    `json:"code,omitempty"`
	Description string `json:"description,omitempty"`
	RetryAfter  int    `json:"retry_after,omitempty"`
	MigrateTo   int64  `json:"migrate_to,omitempty"`
	// Body is sent as it is instead of the platform's error, as a proxy would.
	Body string `json:"body,omitempty"`
	// Delay is in milliseconds.
	Delay int `json:"delay,omitempty"`
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

// ClearFaults disarms every fault and lifts a ban.
func (s *Server) ClearFaults() {
	s.Faults.ClearFaults()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bannedUntil = time.Time{}
}

// begin counts a call and plays its fault. ok says whether the call goes on,
// dropped that its answer is not to arrive.
func (s *Server) begin(w http.ResponseWriter, r *http.Request, method string) (dropped, ok bool) {
	s.Count(method)
	f := s.TakeFault(method, nil)
	if f == nil {
		return false, true
	}
	if f.Code == http.StatusTooManyRequests && f.RetryAfter > 0 {
		s.mu.Lock()
		s.bannedUntil = s.Now().Add(time.Duration(f.RetryAfter) * time.Second)
		s.mu.Unlock()
	}
	if !s.Play(w, r, f.Mishap()) {
		return false, false
	}
	if f.Code != 0 {
		description := cmp.Or(f.Description, http.StatusText(f.Code))
		writeError(w, &apiError{Code: f.Code, Description: description, RetryAfter: f.RetryAfter, MigrateTo: f.MigrateTo, Body: f.Body})
		return false, false
	}
	return f.DropAfter, true
}
