package platform

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Mishap is the part of a fault that is the same on every platform.
type Mishap struct {
	// Method is whose calls it hits; empty means any.
	Method string
	// Times is how many: 0 means one, below zero all until ClearFaults.
	Times int
	// Delay passes before anything else happens.
	Delay time.Duration
	// Hang keeps the request open until the caller gives up, DropBefore closes
	// the connection without an answer.
	Hang, DropBefore bool
}

// Fault is a platform's own kind of fault.
type Fault interface{ Mishap() Mishap }

// Faults are armed faults, to be embedded: the zero value has none.
type Faults[F Fault] struct {
	mu    sync.Mutex
	armed []*armed[F]
}

type armed[F Fault] struct {
	fault F
	left  int // below zero: without end
}

// Fail arms a fault; several for the same method are used up in order.
func (q *Faults[F]) Fail(f F) {
	times := f.Mishap().Times
	if times == 0 {
		times = 1
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.armed = append(q.armed, &armed[F]{fault: f, left: times})
}

// ClearFaults disarms every fault.
func (q *Faults[F]) ClearFaults() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.armed = nil
}

// TakeFault finds the first armed fault for a method that suits, and uses it
// up; nil means that the call goes well.
func (q *Faults[F]) TakeFault(method string, suits func(F) bool) *F {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, a := range q.armed {
		if m := a.fault.Mishap().Method; m != "" && !strings.EqualFold(m, method) || suits != nil && !suits(a.fault) {
			continue
		}
		if a.left > 0 {
			a.left--
		}
		if a.left == 0 {
			q.armed = append(q.armed[:i:i], q.armed[i+1:]...)
		}
		return &a.fault
	}
	return nil
}

// Play lets a mishap happen ahead of a call; false means that the call is
// over.
func (h *Host) Play(w http.ResponseWriter, r *http.Request, m Mishap) bool {
	if m.Delay > 0 {
		select {
		case <-time.After(m.Delay):
		case <-r.Context().Done():
			return false
		case <-h.ctx.Done():
			HangUp(w)
			return false
		}
	}
	switch {
	case m.Hang:
		// A connection's end is noticed only once its request is read.
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-r.Context().Done():
		case <-h.ctx.Done():
			HangUp(w)
		}
		return false
	case m.DropBefore:
		HangUp(w)
		return false
	}
	return true
}

// HangUp closes the connection without an answer.
func HangUp(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = conn.Close()
	}
}
