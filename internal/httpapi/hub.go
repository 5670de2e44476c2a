package httpapi

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/centrifugal/centrifuge"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/id"
	"github.com/okno-hq/okno/internal/inbox"
)

// Hub tells open workspaces what happens. The database is the truth: whoever
// misses something here reads it from the events. It implements inbox.Live.
type Hub struct {
	node *centrifuge.Node
	log  *slog.Logger
	now  func() time.Time

	mu      sync.Mutex
	viewing map[place]map[access.UserID]view
}

// place is a conversation of a workspace.
type place struct {
	ws   int64
	conv inbox.ConversationID
}

type view struct {
	activity string
	until    time.Time
}

// Viewer is a colleague who looks at a conversation.
type Viewer struct {
	UserID   string `json:"user_id"`
	Activity string `json:"activity" enum:"viewing,typing"`
}

// viewFor is how long a sign of life counts: clients repeat it every 20 s.
const viewFor = 45 * time.Second

// NewHub returns a hub that serves sockets once Run runs.
func NewHub(log *slog.Logger) (*Hub, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	node, err := centrifuge.New(centrifuge.Config{
		LogLevel: centrifuge.LogLevelWarn,
		LogHandler: func(e centrifuge.LogEntry) {
			log.Warn("live", slog.String("what", e.Message))
		},
		ClientQueueMaxSize: 1 << 20,
	})
	if err != nil {
		return nil, err
	}
	h := &Hub{node: node, log: log, now: time.Now, viewing: map[place]map[access.UserID]view{}}
	node.OnConnecting(func(ctx context.Context, _ centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
		seat, ok := ctx.Value(seatKey{}).(seat)
		if !ok {
			return centrifuge.ConnectReply{}, centrifuge.DisconnectInvalidToken
		}
		subs := make(map[string]centrifuge.SubscribeOptions, len(seat.channels))
		for _, c := range seat.channels {
			subs[c] = centrifuge.SubscribeOptions{}
		}
		return centrifuge.ConnectReply{
			Credentials: &centrifuge.Credentials{UserID: strconv.FormatInt(int64(seat.user), 10)}, Subscriptions: subs,
		}, nil
	})
	node.OnConnect(func(c *centrifuge.Client) {
		// Everything is subscribed by the server; a page may only listen.
		c.OnSubscribe(func(_ centrifuge.SubscribeEvent, cb centrifuge.SubscribeCallback) {
			cb(centrifuge.SubscribeReply{}, centrifuge.ErrorPermissionDenied)
		})
		c.OnPublish(func(_ centrifuge.PublishEvent, cb centrifuge.PublishCallback) {
			cb(centrifuge.PublishReply{}, centrifuge.ErrorPermissionDenied)
		})
	})
	return h, nil
}

// Run serves sockets until ctx ends, then closes them.
func (h *Hub) Run(ctx context.Context) error {
	if err := h.node.Run(); err != nil {
		return err
	}
	<-ctx.Done()
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return h.node.Shutdown(stop)
}

// Clients counts the open sockets.
func (h *Hub) Clients() int { return h.node.Hub().NumClients() }

// Disconnect closes a user's sockets, so that they come back as whoever they
// are now.
func (h *Hub) Disconnect(u access.UserID) {
	if err := h.node.Disconnect(strconv.FormatInt(int64(u), 10), centrifuge.WithCustomDisconnect(centrifuge.DisconnectForceReconnect)); err != nil {
		h.log.Warn("socket not closed", slog.Any("error", err))
	}
}

// Names of the channels that sockets listen on.
func workspaceChannel(ws int64) string   { return "ws:" + strconv.FormatInt(ws, 10) }
func inboxChannel(i inbox.ID) string     { return "inbox:" + strconv.FormatInt(int64(i), 10) }
func allInboxesChannel(ws int64) string  { return "inboxes:" + strconv.FormatInt(ws, 10) }
func userChannel(u access.UserID) string { return "user:" + strconv.FormatInt(int64(u), 10) }

// seat is what a socket listens to.
type seat struct {
	user     access.UserID
	channels []string
}

type seatKey struct{}

// serveSocket opens the live connection of a page that is logged in.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	a, ok := actorFrom(r.Context())
	if !ok {
		s.write(w, r, access.ErrUnauthenticated)
		return
	}
	// A browser sends its cookies with sockets of any site: only our own
	// pages may open one.
	if origin := r.Header.Get("Origin"); origin != "" && bearer(r) == "" && !sameHost(origin, r.Host) {
		s.write(w, r, fault.New(fault.Denied, "request.cross_origin"))
		return
	}
	st := seat{user: a.User, channels: []string{workspaceChannel(int64(a.Workspace)), userChannel(a.User)}}
	visible, err := s.d.Inbox.Visible(r.Context(), a)
	if err != nil {
		s.write(w, r, err)
		return
	}
	if visible == nil {
		st.channels = append(st.channels, allInboxesChannel(int64(a.Workspace)))
	}
	for _, i := range visible {
		st.channels = append(st.channels, inboxChannel(i))
	}
	handler := centrifuge.NewWebsocketHandler(s.d.Hub.node, centrifuge.WebsocketConfig{
		CheckOrigin: func(*http.Request) bool { return true }, // checked above
	})
	handler.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), seatKey{}, st)))
}

// publish sends a value to channels. What nobody listens to costs nothing.
func (h *Hub) publish(v any, channels ...string) {
	var data []byte
	for _, c := range channels {
		if h.node.Hub().NumSubscribers(c) == 0 {
			continue
		}
		if data == nil {
			var err error
			if data, err = json.Marshal(v); err != nil {
				h.log.Error("live message not encoded", slog.Any("error", err))
				return
			}
		}
		if _, err := h.node.Publish(c, data); err != nil {
			h.log.Warn("live message not sent", slog.Any("error", err))
		}
	}
}

// CustomerTyping implements inbox.Live.
func (h *Hub) CustomerTyping(ws int64, i inbox.ID, c inbox.ConversationID, text string) {
	h.publish(map[string]any{"typing": map[string]any{
		"conversation_id": id.Format(c), "contact": true, "activity": "typing", "text": text,
	}}, inboxChannel(i), allInboxesChannel(ws))
}

// AgentActivity implements inbox.Live.
func (h *Hub) AgentActivity(ws int64, i inbox.ID, c inbox.ConversationID, u access.UserID, activity string) {
	h.mu.Lock()
	p := place{ws, c}
	if activity == "left" {
		delete(h.viewing[p], u)
	} else {
		if h.viewing[p] == nil {
			h.viewing[p] = map[access.UserID]view{}
		}
		h.viewing[p][u] = view{activity, h.now().Add(viewFor)}
	}
	if len(h.viewing[p]) == 0 {
		delete(h.viewing, p)
	}
	h.mu.Unlock()
	h.publish(map[string]any{"viewing": map[string]any{
		"conversation_id": id.Format(c), "user_id": id.Format(u), "activity": activity,
	}}, inboxChannel(i), allInboxesChannel(ws))
}

// Viewers lists who else looks at a conversation.
func (h *Hub) Viewers(ws int64, c inbox.ConversationID, but access.UserID) []Viewer {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := []Viewer{}
	now := h.now()
	for u, v := range h.viewing[place{ws, c}] {
		if v.until.Before(now) {
			delete(h.viewing[place{ws, c}], u)
			continue
		}
		if u != but {
			out = append(out, Viewer{id.Format(u), v.activity})
		}
	}
	slices.SortFunc(out, func(a, b Viewer) int { return compare(a.UserID, b.UserID) })
	return out
}

// ReadElsewhere implements inbox.Live.
func (h *Hub) ReadElsewhere(_ int64, u access.UserID, c inbox.ConversationID, item inbox.ItemID) {
	h.publish(map[string]any{"read": map[string]any{"conversation_id": id.Format(c), "item_id": id.Format(item)}}, userChannel(u))
}
