package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/id"
	"github.com/okno-hq/okno/internal/inbox"
)

type inboxRequest struct {
	Name        *string   `json:"name,omitempty"`
	Color       *string   `json:"color,omitempty"`
	TeamIDs     *[]string `json:"team_ids,omitempty"`
	Hours       *Hours    `json:"hours,omitempty"`
	Routing     *Routing  `json:"routing,omitempty"`
	ReopenHours *int      `json:"reopen_hours,omitempty"`
	Greeting    *string   `json:"greeting,omitempty"`
	AwayMessage *string   `json:"away_message,omitempty"`
}

func (r inboxRequest) apply(i inbox.Inbox) (inbox.Inbox, error) {
	for _, f := range []struct{ from, into *string }{
		{r.Name, &i.Name}, {r.Color, &i.Color}, {r.Greeting, &i.Greeting}, {r.AwayMessage, &i.Away},
	} {
		if f.from != nil {
			*f.into = *f.from
		}
	}
	if r.TeamIDs != nil {
		teams, err := parseIDs[access.TeamID]("team_ids", *r.TeamIDs)
		if err != nil {
			return i, err
		}
		i.Teams = teams
	}
	if r.Hours != nil {
		i.Hours = inbox.Hours(*r.Hours)
	}
	if r.Routing != nil {
		i.Routing = inbox.Routing{Mode: inbox.RoutingMode(r.Routing.Mode), Capacity: r.Routing.Capacity, OnlyOnline: r.Routing.OnlyOnline}
	}
	if r.ReopenHours != nil {
		i.ReopenWithin = time.Duration(min(max(*r.ReopenHours, -1), 1<<20)) * time.Hour
	}
	return i, nil
}

type inboxesQuery struct {
	Archived bool `query:"archived" doc:"The archived ones too."`
}

type inboxPatch struct {
	Ident
	Body inboxRequest
}

func (s *Server) inboxRoutes() {
	handle(s, route{method: "GET", path: "/inboxes", name: "listInboxes", tag: "Inboxes", summary: "Inboxes"},
		func(ctx context.Context, a access.Actor, in *inboxesQuery) (*body[list[Inbox]], error) {
			boxes, err := s.d.Inbox.ListInboxes(ctx, a, in.Archived)
			if err != nil {
				return nil, err
			}
			load, err := s.d.Workload.Workload(ctx, int64(a.Workspace))
			return listOf(all(boxes, func(i inbox.Inbox) Inbox { return inboxOf(i, s.d.Now(), load[i.ID]) }), ""), err
		})
	handle(s, route{method: "POST", path: "/inboxes", name: "createInbox", tag: "Inboxes", summary: "Add an inbox", status: http.StatusCreated},
		func(ctx context.Context, a access.Actor, in *body[inboxRequest]) (*body[Inbox], error) {
			w, err := s.d.Access.Workspace(ctx, a)
			if err != nil {
				return nil, err
			}
			i, err := in.Body.apply(inbox.DefaultInbox(w.Timezone))
			if err != nil {
				return nil, err
			}
			i, err = s.d.Inbox.SaveInbox(ctx, a, i)
			return &body[Inbox]{inboxOf(i, s.d.Now(), [2]int{})}, err
		})
	handle(s, route{method: "PATCH", path: "/inboxes/{id}", name: "updateInbox", tag: "Inboxes", summary: "Change an inbox"},
		func(ctx context.Context, a access.Actor, in *inboxPatch) (*body[Inbox], error) {
			box, err := id.Parse[inbox.ID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			i, err := s.d.Inbox.GetInbox(ctx, a, box)
			if err != nil {
				return nil, err
			}
			if i, err = in.Body.apply(i); err != nil {
				return nil, err
			}
			if i, err = s.d.Inbox.SaveInbox(ctx, a, i); err != nil {
				return nil, err
			}
			load, err := s.d.Workload.Workload(ctx, int64(a.Workspace))
			return &body[Inbox]{inboxOf(i, s.d.Now(), load[i.ID])}, err
		})
	handle(s, route{method: "DELETE", path: "/inboxes/{id}", name: "deleteInbox", tag: "Inboxes", summary: "Remove an inbox that no channel uses; one that something was said in is archived", status: http.StatusNoContent},
		func(ctx context.Context, a access.Actor, in *Ident) (*none, error) {
			box, err := id.Parse[inbox.ID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			return nil, s.d.Inbox.DeleteInbox(ctx, a, box)
		})
	handle(s, route{method: "POST", path: "/inboxes/{id}/restore", name: "restoreInbox", tag: "Inboxes", summary: "Take an archived inbox into use again"},
		func(ctx context.Context, a access.Actor, in *Ident) (*body[Inbox], error) {
			box, err := id.Parse[inbox.ID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			i, err := s.d.Inbox.RestoreInbox(ctx, a, box)
			if err != nil {
				return nil, err
			}
			load, err := s.d.Workload.Workload(ctx, int64(a.Workspace))
			return &body[Inbox]{inboxOf(i, s.d.Now(), load[i.ID])}, err
		})
	s.cannedRoutes()
	s.viewRoutes()
	s.notificationRoutes()
}

type cannedRequest struct {
	Shortcut string   `json:"shortcut"`
	Title    string   `json:"title"`
	Text     string   `json:"text"`
	InboxID  string   `json:"inbox_id,omitempty"`
	FileIDs  []string `json:"file_ids,omitempty"`
}

func (r cannedRequest) parse() (inbox.Canned, error) {
	c := inbox.Canned{Shortcut: r.Shortcut, Title: r.Title, Text: r.Text}
	var err error
	if c.Inbox, err = optional[inbox.ID]("inbox_id", r.InboxID); err != nil {
		return c, err
	}
	c.Files, err = parseIDs[inbox.FileID]("file_ids", r.FileIDs)
	return c, err
}

type cannedPatch struct {
	Ident
	Body cannedRequest
}

func (s *Server) cannedRoutes() {
	handle(s, route{method: "GET", path: "/canned-replies", name: "listCannedReplies", tag: "Inboxes", summary: "Replies kept ready"},
		func(ctx context.Context, a access.Actor, _ *none) (*body[list[CannedReply]], error) {
			replies, err := s.d.Inbox.ListCanned(ctx, a)
			return listOf(all(replies, cannedOf), ""), err
		})
	handle(s, route{method: "POST", path: "/canned-replies", name: "createCannedReply", tag: "Inboxes", summary: "Add a reply", status: http.StatusCreated},
		func(ctx context.Context, a access.Actor, in *body[cannedRequest]) (*body[CannedReply], error) {
			c, err := in.Body.parse()
			if err != nil {
				return nil, err
			}
			c, err = s.d.Inbox.SaveCanned(ctx, a, c)
			return &body[CannedReply]{cannedOf(c)}, err
		})
	handle(s, route{method: "PATCH", path: "/canned-replies/{id}", name: "updateCannedReply", tag: "Inboxes", summary: "Change a reply"},
		func(ctx context.Context, a access.Actor, in *cannedPatch) (*body[CannedReply], error) {
			c, err := in.Body.parse()
			if err != nil {
				return nil, err
			}
			if c.ID, err = id.Parse[inbox.CannedID]("id", in.ID); err != nil {
				return nil, err
			}
			c, err = s.d.Inbox.SaveCanned(ctx, a, c)
			return &body[CannedReply]{cannedOf(c)}, err
		})
	handle(s, route{method: "DELETE", path: "/canned-replies/{id}", name: "deleteCannedReply", tag: "Inboxes", summary: "Remove a reply", status: http.StatusNoContent},
		func(ctx context.Context, a access.Actor, in *Ident) (*none, error) {
			c, err := id.Parse[inbox.CannedID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			return nil, s.d.Inbox.DeleteCanned(ctx, a, c)
		})
}

type viewRequest struct {
	Name     string `json:"name"`
	Shared   bool   `json:"shared,omitempty"`
	Filter   Filter `json:"filter"`
	Position int    `json:"position,omitempty"`
}

func (r viewRequest) parse() (inbox.View, error) {
	f, err := r.Filter.parse()
	return inbox.View{Name: r.Name, Shared: r.Shared, Filter: f, Position: r.Position}, err
}

type viewPatch struct {
	Ident
	Body viewRequest
}

func (s *Server) viewRoutes() {
	handle(s, route{method: "GET", path: "/views", name: "listViews", tag: "Conversations", summary: "Saved filters"},
		func(ctx context.Context, a access.Actor, _ *none) (*body[list[View]], error) {
			views, err := s.d.Inbox.ListViews(ctx, a)
			return listOf(all(views, viewOf), ""), err
		})
	handle(s, route{method: "POST", path: "/views", name: "createView", tag: "Conversations", summary: "Save a filter", status: http.StatusCreated},
		func(ctx context.Context, a access.Actor, in *body[viewRequest]) (*body[View], error) {
			v, err := in.Body.parse()
			if err != nil {
				return nil, err
			}
			v, err = s.d.Inbox.SaveView(ctx, a, v)
			return &body[View]{viewOf(v)}, err
		})
	handle(s, route{method: "PATCH", path: "/views/{id}", name: "updateView", tag: "Conversations", summary: "Change a saved filter"},
		func(ctx context.Context, a access.Actor, in *viewPatch) (*body[View], error) {
			v, err := in.Body.parse()
			if err != nil {
				return nil, err
			}
			if v.ID, err = id.Parse[inbox.ViewID]("id", in.ID); err != nil {
				return nil, err
			}
			v, err = s.d.Inbox.SaveView(ctx, a, v)
			return &body[View]{viewOf(v)}, err
		})
	handle(s, route{method: "DELETE", path: "/views/{id}", name: "deleteView", tag: "Conversations", summary: "Remove a saved filter", status: http.StatusNoContent},
		func(ctx context.Context, a access.Actor, in *Ident) (*none, error) {
			v, err := id.Parse[inbox.ViewID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			return nil, s.d.Inbox.DeleteView(ctx, a, v)
		})
}

// Notification tells a person of something.
type Notification struct {
	ID             string     `json:"id"`
	Kind           string     `json:"kind" enum:"mention,assigned,channel_failing,webhook_paused"`
	ConversationID string     `json:"conversation_id,omitempty"`
	ItemID         string     `json:"item_id,omitempty"`
	Text           string     `json:"text"`
	ByUserID       string     `json:"by_user_id,omitempty"`
	At             time.Time  `json:"at"`
	ReadAt         *time.Time `json:"read_at,omitempty"`
}

func notificationOf(n inbox.Notification) Notification {
	return Notification{
		ID: id.Format(n.ID), Kind: string(n.Kind), ConversationID: ref(n.Conversation), ItemID: ref(n.Item), Text: n.Text,
		ByUserID: ref(n.By), At: stamp(n.At), ReadAt: when(n.ReadAt),
	}
}

type readNotifications struct {
	IDs *[]string `json:"ids,omitempty" doc:"Absent: all."`
}

func (s *Server) notificationRoutes() {
	handle(s, route{method: "GET", path: "/notifications", name: "listNotifications", tag: "Session", summary: "One's own notifications, the newest first"},
		func(ctx context.Context, a access.Actor, in *Paging) (*body[list[Notification]], error) {
			from, err := before[inbox.NotificationID](*in)
			if err != nil {
				return nil, err
			}
			notes, err := s.d.Inbox.ListNotifications(ctx, a, from, in.Limit)
			return listOf(all(notes, notificationOf), next(notes, in.Limit, func(n inbox.Notification) inbox.NotificationID { return n.ID })), err
		})
	handle(s, route{method: "POST", path: "/notifications/read", name: "readNotifications", tag: "Session", summary: "Mark notifications as read", status: http.StatusNoContent},
		func(ctx context.Context, a access.Actor, in *body[readNotifications]) (*none, error) {
			var ids []inbox.NotificationID
			if in.Body.IDs != nil {
				var err error
				if ids, err = parseIDs[inbox.NotificationID]("ids", *in.Body.IDs); err != nil {
					return nil, err
				}
			}
			return nil, s.d.Inbox.ReadNotifications(ctx, a, ids)
		})
}
