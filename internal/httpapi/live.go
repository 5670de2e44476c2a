package httpapi

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/id"
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

// hydrate reads what events are about, as it is now.
func (s *Server) hydrate(ctx context.Context, ws int64, events []event.Event) ([]Event, error) {
	var (
		items []inbox.ItemID
		convs []inbox.ConversationID
		who   []contact.ID
	)
	for _, e := range events {
		if e.Item != 0 {
			items = append(items, inbox.ItemID(e.Item))
		}
		if e.Conversation != 0 {
			convs = append(convs, inbox.ConversationID(e.Conversation))
		}
		if e.Contact != 0 && e.Conversation == 0 {
			who = append(who, contact.ID(e.Contact))
		}
	}
	rows, err := s.d.Inbox.ItemsFor(ctx, ws, unique(items))
	if err != nil {
		return nil, err
	}
	itemDTOs, err := s.items(ctx, ws, rows)
	if err != nil {
		return nil, err
	}
	byItem := map[string]*Item{}
	for i := range itemDTOs {
		byItem[itemDTOs[i].ID] = &itemDTOs[i]
	}
	found, err := s.d.Inbox.ConversationsFor(ctx, ws, unique(convs))
	if err != nil {
		return nil, err
	}
	convDTOs, err := s.conversations(ctx, ws, found)
	if err != nil {
		return nil, err
	}
	byConv := map[string]*Conversation{}
	for i := range convDTOs {
		byConv[convDTOs[i].ID] = &convDTOs[i]
	}
	people, err := s.people(ctx, ws, who)
	if err != nil {
		return nil, err
	}
	out := make([]Event, len(events))
	for i, e := range events {
		out[i] = Event{ID: id.Format(e.ID), Type: string(e.Type), At: stamp(e.At), IDs: idsOf(e)}
		out[i].Item, out[i].Conversation = byItem[ref(e.Item)], byConv[ref(e.Conversation)]
		if c, ok := people[contact.ID(e.Contact)]; ok && e.Conversation == 0 {
			dto := contactOf(c)
			out[i].Contact = &dto
		}
		if err := s.hydrateRest(ctx, e, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// hydrateRest reads the rarer things that events are about.
func (s *Server) hydrateRest(ctx context.Context, e event.Event, out *Event) error {
	system := access.Actor{Workspace: access.WorkspaceID(e.Workspace)}
	var err error
	switch e.Type {
	case event.ChannelCreated, event.ChannelUpdated:
		acc, gerr := s.d.Accounts.Get(ctx, system, channel.ID(e.Channel))
		if gerr == nil {
			dto := s.channelOf(acc, s.d.Accounts.Capabilities(ctx, acc.ID), false)
			out.Channel = &dto
		} else if fault.KindOf(gerr) != fault.NotFound {
			err = gerr
		}
	case event.UserUpdated:
		if e.User == 0 {
			break
		}
		u, gerr := s.d.Access.User(ctx, system, access.UserID(e.User))
		if gerr == nil {
			dto := userOf(u)
			out.User = &dto
		} else if fault.KindOf(gerr) != fault.NotFound {
			err = gerr
		}
	case event.NotificationCreated:
		notes, gerr := s.d.Inbox.ListNotifications(ctx, access.Actor{Workspace: system.Workspace, User: access.UserID(e.User)}, inbox.NotificationID(e.Subject+1), 1)
		if gerr == nil && len(notes) == 1 && int64(notes[0].ID) == e.Subject {
			dto := notificationOf(notes[0])
			out.Notification = &dto
		}
		err = gerr
	default:
	}
	return err
}

func idsOf(e event.Event) map[string]string {
	out := map[string]string{}
	for name, v := range map[string]int64{
		"conversation_id": e.Conversation, "item_id": e.Item, "contact_id": e.Contact, "inbox_id": e.Inbox, "channel_id": e.Channel,
		"user_id": e.User, "subject_id": e.Subject, "actor_id": e.Actor,
	} {
		if v != 0 {
			out[name] = strconv.FormatInt(v, 10)
		}
	}
	return out
}

func unique[T comparable](in []T) []T {
	seen := make(map[T]bool, len(in))
	out := in[:0:0]
	for _, v := range in {
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

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
