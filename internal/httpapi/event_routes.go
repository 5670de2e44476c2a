package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/inbox"
)

// missed is what a page reads after it was away.
type missed struct {
	Items []Event `json:"items"`
	Last  string  `json:"last"`
	// Reset says that too much was missed: read everything anew.
	Reset bool `json:"reset"`
}

// mostMissed is how many events are worth telling one by one.
const mostMissed = 1000

// serveEvents gives the events after an id: as a stream to those who ask for
// one, as a list to others.
func (s *Server) serveEvents(w http.ResponseWriter, r *http.Request) {
	a, _ := actorFrom(r.Context())
	after, err := eventID(r)
	if err != nil {
		s.write(w, r, err)
		return
	}
	if strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
		s.streamEvents(w, r, a, after)
		return
	}
	ws := int64(a.Workspace)
	last, err := s.d.Events.Last(r.Context(), ws)
	if err != nil {
		s.write(w, r, err)
		return
	}
	first, err := s.d.Events.First(r.Context(), ws)
	if err != nil {
		s.write(w, r, err)
		return
	}
	out := missed{Items: []Event{}, Last: strconv.FormatInt(last, 10)}
	if after > last || last-after > mostMissed || (first > 0 && after+1 < first) {
		out.Reset = after != last
	} else {
		events, err := s.d.Events.After(r.Context(), ws, after, mostMissed)
		if err != nil {
			s.write(w, r, err)
			return
		}
		if out.Items, err = s.eventsFor(r.Context(), a, events); err != nil {
			s.write(w, r, err)
			return
		}
		if len(events) > 0 {
			out.Last = strconv.FormatInt(events[len(events)-1].ID, 10)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out) // the client may be gone
}

// eventID is where to go on: the query's after, or what a stream's client
// says it saw last.
func eventID(r *http.Request) (int64, error) {
	v := r.Header.Get("Last-Event-ID")
	if v == "" {
		v = r.URL.Query().Get("after")
	}
	if v == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 0 {
		return 0, fault.New(fault.Invalid, "id.malformed").WithField("after")
	}
	return n, nil
}

// eventsFor hydrates the events that an actor may know of.
func (s *Server) eventsFor(ctx context.Context, a access.Actor, events []event.Event) ([]Event, error) {
	visible, err := s.d.Inbox.Visible(ctx, a)
	if err != nil {
		return nil, err
	}
	mine := events[:0:0]
	for _, e := range events {
		if s.mayKnow(a, visible, e) {
			mine = append(mine, e)
		}
	}
	return s.hydrate(ctx, int64(a.Workspace), mine)
}

func (s *Server) mayKnow(a access.Actor, visible []inbox.ID, e event.Event) bool {
	if e.Type == event.NotificationCreated {
		return e.User == int64(a.User)
	}
	if e.Conversation == 0 || e.Inbox == 0 || visible == nil {
		return true
	}
	for _, i := range visible {
		if int64(i) == e.Inbox {
			return true
		}
	}
	return e.User == int64(a.User) && e.User != 0
}

// Pace of event streams.
const (
	streamPoll = 500 * time.Millisecond
	streamPing = 15 * time.Second
)

// streamEvents sends events as they happen (server-sent events, WHATWG HTML
// section 9.2), from an id on, until the client goes.
func (s *Server) streamEvents(w http.ResponseWriter, r *http.Request, a access.Actor, after int64) {
	c := http.NewResponseController(w)
	if err := c.SetWriteDeadline(time.Time{}); err != nil {
		s.write(w, r, fault.Wrap(fault.Internal, "internal", err))
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	poll, ping := time.NewTicker(streamPoll), time.NewTicker(streamPing)
	defer poll.Stop()
	defer ping.Stop()
	secret, _ := r.Context().Value(secretKey).(string)
	for {
		n, err := s.streamBatch(r.Context(), w, a, &after)
		if err != nil || c.Flush() != nil {
			return
		}
		if n == tailBatch {
			continue
		}
		select {
		case <-r.Context().Done():
			return
		case <-poll.C:
		case <-ping.C:
			// Who lost the right to listen meanwhile stops here.
			if a, err = s.d.Access.Authenticate(r.Context(), secret, clientFrom(r.Context()).IP); err != nil {
				return
			}
			if _, err := w.Write([]byte(": \n\n")); err != nil {
				return
			}
		}
	}
}

func (s *Server) streamBatch(ctx context.Context, w http.ResponseWriter, a access.Actor, after *int64) (int, error) {
	events, err := s.d.Events.After(ctx, int64(a.Workspace), *after, tailBatch)
	if err != nil || len(events) == 0 {
		return 0, err
	}
	dtos, err := s.eventsFor(ctx, a, events)
	if err != nil {
		return 0, err
	}
	for _, e := range dtos {
		data, err := json.Marshal(e)
		if err != nil {
			return 0, err
		}
		if _, err := w.Write([]byte("id: " + e.ID + "\nevent: " + e.Type + "\ndata: " + string(data) + "\n\n")); err != nil {
			return 0, err
		}
	}
	*after = events[len(events)-1].ID
	return len(events), nil
}
