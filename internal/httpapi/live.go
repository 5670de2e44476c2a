package httpapi

import (
	"cmp"
	"context"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/inbox"
)

func compare(a, b string) int { return cmp.Compare(a, b) }

func sameHost(origin, host string) bool {
	u, err := url.Parse(origin)
	return err == nil && strings.EqualFold(u.Host, host)
}

// Event is one fact, with the thing it is about as it is now.
type Event struct {
	ID           string            `json:"id"`
	Type         string            `json:"type"`
	At           time.Time         `json:"at"`
	Conversation *Conversation     `json:"conversation,omitempty"`
	Item         *Item             `json:"item,omitempty"`
	Contact      *Contact          `json:"contact,omitempty"`
	Channel      *Channel          `json:"channel,omitempty"`
	User         *User             `json:"user,omitempty"`
	Notification *Notification     `json:"notification,omitempty"`
	IDs          map[string]string `json:"ids,omitempty"`
}

// Tail follows the event logs of all workspaces and tells open pages.
type Tail struct {
	s     *Server
	mu    sync.Mutex
	last  map[int64]int64 // per workspace
	dirty map[int64]bool
	wake  chan struct{}
}

// NewTail returns a tail. Run it once.
func (s *Server) NewTail() *Tail {
	return &Tail{s: s, last: map[int64]int64{}, dirty: map[int64]bool{}, wake: make(chan struct{}, 1)}
}

// Begin notes where the event logs end now: what follows is told. It is called
// before the first request can be made.
func (t *Tail) Begin(ctx context.Context) error {
	workspaces, err := t.s.d.Access.Workspaces(ctx)
	if err != nil {
		return err
	}
	for _, w := range workspaces {
		if t.last[int64(w.ID)], err = t.s.d.Events.Last(ctx, int64(w.ID)); err != nil {
			return err
		}
	}
	return nil
}

// Wake says that a workspace has new events. It never blocks.
func (t *Tail) Wake(ws int64) {
	t.mu.Lock()
	t.dirty[ws] = true
	t.mu.Unlock()
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// tailBatch bounds how many events are hydrated at once.
const tailBatch = 200

// Run tells of events until ctx ends.
func (t *Tail) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.wake:
		}
		t.mu.Lock()
		dirty := t.dirty
		t.dirty = map[int64]bool{}
		t.mu.Unlock()
		for ws := range dirty {
			if err := t.follow(ctx, ws); err != nil && ctx.Err() == nil {
				t.s.d.Log.ErrorContext(ctx, "events not told", slog.Any("error", err))
				t.Wake(ws)
				select {
				case <-ctx.Done():
				case <-time.After(time.Second): // a database that is away
				}
			}
		}
	}
}

// follow tells one workspace's new events; all of them, where the workspace
// itself is new.
func (t *Tail) follow(ctx context.Context, ws int64) error {
	last := t.last[ws]
	for {
		events, err := t.s.d.Events.After(ctx, ws, last, tailBatch)
		if err != nil {
			return err
		}
		if len(events) > 0 && t.s.d.Hub.Clients() > 0 {
			if err := t.tell(ctx, ws, events); err != nil {
				return err
			}
		}
		if len(events) > 0 {
			last = events[len(events)-1].ID
		}
		t.last[ws] = last
		if len(events) < tailBatch {
			return nil
		}
	}
}

func (t *Tail) tell(ctx context.Context, ws int64, events []event.Event) error {
	dtos, err := t.s.hydrate(ctx, ws, events)
	if err != nil {
		return err
	}
	for i, e := range events {
		t.s.d.Hub.publish(map[string]any{"event": dtos[i]}, audience(e)...)
		if err := t.reseat(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// reseat lets sockets find out anew what they may listen to, after a change
// of rights, teams or inboxes.
func (t *Tail) reseat(ctx context.Context, e event.Event) error {
	switch {
	case e.Type == event.UserUpdated && e.User != 0:
		if e.Actor != e.User { // presence and profile change no rights
			t.s.d.Hub.Disconnect(access.UserID(e.User))
		}
		return nil
	case e.Type != event.UserUpdated && e.Type != event.TeamUpdated && e.Type != event.InboxUpdated:
		return nil
	}
	users, err := t.s.d.Access.ListUsers(ctx, access.Actor{Workspace: access.WorkspaceID(e.Workspace)})
	for _, u := range users {
		t.s.d.Hub.Disconnect(u.ID)
	}
	return err
}

// audience are the channels on which an event is told.
func audience(e event.Event) []string {
	switch {
	case e.Type == event.NotificationCreated:
		return []string{userChannel(access.UserID(e.User))}
	case e.Conversation != 0 && e.Inbox != 0:
		out := []string{inboxChannel(inbox.ID(e.Inbox)), allInboxesChannel(e.Workspace)}
		return out
	}
	return []string{workspaceChannel(e.Workspace)}
}
