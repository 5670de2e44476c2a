package httpapi

import (
	"context"
	"net/http"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/id"
	"github.com/okno-hq/okno/internal/inbox"
)

type readRequest struct {
	Ident
	Body struct {
		ItemID string `json:"item_id"`
	}
}

type activityRequest struct {
	Ident
	Body struct {
		ChannelID string `json:"channel_id,omitempty"`
		Activity  string `json:"activity" enum:"viewing,left,typing,recording,note"`
	}
}

type draftRequest struct {
	Ident
	Body Draft
}

// conv is a handler for one conversation that answers with nothing.
func (s *Server) conv(r route, fn func(context.Context, access.Actor, inbox.ConversationID) error) {
	r.tag, r.status = "Conversations", http.StatusNoContent
	handle(s, r, func(ctx context.Context, a access.Actor, in *Ident) (*none, error) {
		conv, err := id.Parse[inbox.ConversationID]("id", in.ID)
		if err != nil {
			return nil, err
		}
		return nil, fn(ctx, a, conv)
	})
}

func (s *Server) markRoutes() {
	handle(s, route{method: "POST", path: "/conversations/{id}/read", name: "readConversation", tag: "Conversations", summary: "Say how far one has read", status: http.StatusNoContent},
		func(ctx context.Context, a access.Actor, in *readRequest) (*none, error) {
			conv, err := id.Parse[inbox.ConversationID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			item, err := id.Parse[inbox.ItemID]("item_id", in.Body.ItemID)
			if err != nil {
				return nil, err
			}
			return nil, s.d.Inbox.Read(ctx, a, conv, item)
		})
	s.conv(route{method: "POST", path: "/conversations/{id}/unread", name: "unreadConversation", summary: "Put a conversation back among the unread ones"}, s.d.Inbox.Unread)
	handle(s, route{method: "POST", path: "/conversations/{id}/typing", name: "setActivity", tag: "Conversations", summary: "Say what one is doing: colleagues and the customer see it", status: http.StatusNoContent},
		func(ctx context.Context, a access.Actor, in *activityRequest) (*none, error) {
			conv, err := id.Parse[inbox.ConversationID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			ch, err := optional[channel.ID]("channel_id", in.Body.ChannelID)
			if err != nil {
				return nil, err
			}
			return nil, s.d.Inbox.Activity(ctx, a, conv, ch, in.Body.Activity)
		})
	handle(s, route{method: "GET", path: "/conversations/{id}/targets", name: "listTargets", tag: "Conversations", summary: "How the customer may be reached now"},
		func(ctx context.Context, a access.Actor, in *Ident) (*body[list[Target]], error) {
			conv, err := id.Parse[inbox.ConversationID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			targets, err := s.d.Inbox.Targets(ctx, a, conv)
			return listOf(all(targets, targetOf), ""), err
		})
	handle(s, route{method: "GET", path: "/conversations/{id}/seen", name: "listViewers", tag: "Conversations", summary: "Who else looks at the conversation"},
		func(ctx context.Context, a access.Actor, in *Ident) (*body[viewers], error) {
			conv, err := id.Parse[inbox.ConversationID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			if _, err := s.d.Inbox.Get(ctx, a, conv); err != nil {
				return nil, err
			}
			return &body[viewers]{viewers{s.d.Hub.Viewers(int64(a.Workspace), conv, a.User)}}, nil
		})
	handle(s, route{method: "GET", path: "/conversations/{id}/draft", name: "getDraft", tag: "Conversations", summary: "What one has begun to write"},
		func(ctx context.Context, a access.Actor, in *Ident) (*body[Draft], error) {
			conv, err := id.Parse[inbox.ConversationID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			d, err := s.d.Inbox.GetDraft(ctx, a, conv)
			return &body[Draft]{Draft{
				Text: d.Text, ChannelID: ref(d.Channel), Note: d.Note, ReplyTo: ref(d.ReplyTo), FileIDs: formatIDs(d.Files), UpdatedAt: when(d.UpdatedAt),
			}}, err
		})
	handle(s, route{method: "PUT", path: "/conversations/{id}/draft", name: "setDraft", tag: "Conversations", summary: "Keep what one has begun to write; an empty one is forgotten", status: http.StatusNoContent}, s.setDraft)
	s.conv(route{method: "DELETE", path: "/conversations/{id}/draft", name: "deleteDraft", summary: "Forget what one has begun to write"},
		func(ctx context.Context, a access.Actor, conv inbox.ConversationID) error {
			return s.d.Inbox.SetDraft(ctx, a, conv, inbox.Draft{})
		})
}

// viewers are the colleagues who look at a conversation.
type viewers struct {
	Viewers []Viewer `json:"viewers" nullable:"false"`
}

func (s *Server) setDraft(ctx context.Context, a access.Actor, in *draftRequest) (*none, error) {
	conv, err := id.Parse[inbox.ConversationID]("id", in.ID)
	if err != nil {
		return nil, err
	}
	d := inbox.Draft{Text: in.Body.Text, Note: in.Body.Note}
	if d.Channel, err = optional[channel.ID]("channel_id", in.Body.ChannelID); err != nil {
		return nil, err
	}
	if d.ReplyTo, err = optional[inbox.ItemID]("reply_to", in.Body.ReplyTo); err != nil {
		return nil, err
	}
	if d.Files, err = parseIDs[inbox.FileID]("file_ids", in.Body.FileIDs); err != nil {
		return nil, err
	}
	return nil, s.d.Inbox.SetDraft(ctx, a, conv, d)
}
