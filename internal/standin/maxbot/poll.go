package maxbot

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// pollQueue keeps updates for long polling, numbered; the marker is the
// number of the next expected one.
type pollQueue struct {
	updates []*update
	next    int64
	changed chan struct{} // closed and replaced when an update comes
}

func newPollQueue() *pollQueue {
	return &pollQueue{next: 25493970, changed: make(chan struct{})}
}

func (q *pollQueue) push(u *update) {
	copied := *u
	copied.seq = q.next
	q.next++
	q.updates = append(q.updates, &copied)
	close(q.changed)
	q.changed = make(chan struct{})
}

// from lists what a marker asks for: without one only the last update.
func (q *pollQueue) from(marker int64, marked bool, types []string) []*update {
	var out []*update
	for _, u := range q.updates {
		if (!marked || u.seq >= marker) && (len(types) == 0 || slices.Contains(types, u.kind) || !slices.Contains(knownTypes(), u.kind)) {
			out = append(out, u)
		}
	}
	if !marked && len(out) > 1 {
		out = out[len(out)-1:]
	}
	return out
}

// getUpdates is the long poll. While a webhook is subscribed it has nothing.
func (s *Server) getUpdates(r *http.Request) (any, error) {
	limit, ok, err := number(r, "limit")
	if err != nil {
		return nil, err
	}
	if !ok {
		limit = 100
	}
	timeout, ok, err := number(r, "timeout")
	if err != nil {
		return nil, err
	}
	if !ok {
		timeout = 30
	}
	if limit < 1 || limit > 1000 || timeout < 0 || timeout > 90 {
		s.Violate("GET /updates: limit %d, timeout %d", limit, timeout)
		return nil, refuse(http.StatusBadRequest, "", "limit or timeout out of range")
	}
	marker, marked, err := number(r, "marker")
	if err != nil {
		return nil, err
	}
	var types []string
	if v := r.URL.Query().Get("types"); v != "" {
		types = strings.Split(v, ",")
	}
	deadline := time.NewTimer(time.Duration(timeout) * time.Second)
	defer deadline.Stop()
	for {
		s.mu.Lock()
		var ready []*update
		if len(s.hooks) == 0 {
			if marked {
				s.acknowledgeBefore(marker)
			}
			ready = s.polled.from(marker, marked, types)
		}
		changed, next := s.polled.changed, s.polled.next
		if len(ready) > 0 {
			answer := s.handPolled(ready, limit)
			s.mu.Unlock()
			return answer, nil
		}
		s.mu.Unlock()
		select {
		case <-changed:
			continue
		case <-deadline.C:
		case <-r.Context().Done():
		case <-s.Context().Done():
		}
		if marked {
			next = marker
		}
		return m{"updates": []any{}, "marker": next}, nil
	}
}

func (s *Server) handPolled(ready []*update, limit int64) m {
	if int64(len(ready)) > limit {
		ready = ready[:limit]
	}
	list := make([]json.RawMessage, 0, len(ready))
	for _, u := range ready {
		u.attempt()
		list = append(list, u.body)
	}
	return m{"updates": list, "marker": ready[len(ready)-1].seq + 1}
}

// acknowledgeBefore forgets what a marker says was received.
func (s *Server) acknowledgeBefore(marker int64) {
	s.polled.updates = slices.DeleteFunc(s.polled.updates, func(u *update) bool {
		if u.seq < marker {
			s.acknowledge(u)
			return true
		}
		return false
	})
}
