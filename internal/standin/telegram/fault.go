package telegram

import (
	"io"
	"net/http"
	"strings"
	"time"
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

// Fail arms a fault; several for the same method are used up in order.
func (s *Server) Fail(f Fault) {
	if f.Times == 0 {
		f.Times = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// ClearFaults disarms every fault and lifts a ban.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
	s.bannedUntil = time.Time{}
}

// takeFault finds the armed fault for a call and uses it up.
func (s *Server) takeFault(method string) *Fault {
	for i, f := range s.faults {
		if f.Method != "" && !strings.EqualFold(f.Method, method) {
			continue
		}
		if f.Times > 0 {
			f.Times--
			if f.Times == 0 {
				s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
			}
		}
		if f.Code == http.StatusTooManyRequests && f.RetryAfter > 0 {
			s.bannedUntil = s.now().Add(time.Duration(f.RetryAfter) * time.Second)
		}
		return f
	}
	return nil
}

// before plays a fault ahead of the call, without the lock; false means the
// call is over.
func (s *Server) before(w http.ResponseWriter, r *http.Request, f *Fault) bool {
	if f == nil {
		return true
	}
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
		_, _ = io.Copy(io.Discard, r.Body) // only then the caller's end is noticed
		select {
		case <-r.Context().Done():
		case <-s.ctx.Done():
		}
		return false
	case f.DropBefore:
		hangUp(w)
		return false
	case f.Code != 0:
		description := f.Description
		if description == "" {
			description = http.StatusText(f.Code)
		}
		writeError(w, &apiError{Code: f.Code, Description: description, RetryAfter: f.RetryAfter, MigrateTo: f.MigrateTo, Body: f.Body})
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
