package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/id"
	"github.com/okno-hq/okno/internal/inbox"
)

type conversationsQuery struct {
	Filter
	Paging
}

type beginRequest struct {
	ContactID string `json:"contact_id"`
	InboxID   string `json:"inbox_id"`
}

type conversationPatch struct {
	Status       *string    `json:"status,omitempty"`
	SnoozedUntil *time.Time `json:"snoozed_until,omitempty"`
	AssigneeID   nullable   `json:"assignee_id,omitempty" doc:"Null takes it from whoever has it."` //nolint:modernize // what the API's description takes for optional
	TeamID       nullable   `json:"team_id,omitempty"`                                              //nolint:modernize // likewise
	InboxID      *string    `json:"inbox_id,omitempty"`
	Note         string     `json:"note,omitempty" doc:"Handed over with the conversation."`
	Mentions     []string   `json:"mentions,omitempty"`
}

func (r conversationPatch) parse() (inbox.Patch, error) {
	p := inbox.Patch{Note: r.Note, SnoozedUntil: r.SnoozedUntil}
	if r.Status != nil {
		st := inbox.Status(*r.Status)
		p.Status = &st
	}
	var err error
	if p.Mentions, err = parseIDs[access.UserID]("mentions", r.Mentions); err != nil {
		return p, err
	}
	if r.AssigneeID.Sent {
		u, err := optional[access.UserID]("assignee_id", r.AssigneeID.Value)
		if err != nil {
			return p, err
		}
		p.Assignee = &u
	}
	if r.TeamID.Sent {
		t, err := optional[access.TeamID]("team_id", r.TeamID.Value)
		if err != nil {
			return p, err
		}
		p.Team = &t
	}
	if r.InboxID != nil {
		b, err := id.Parse[inbox.ID]("inbox_id", *r.InboxID)
		if err != nil {
			return p, err
		}
		p.Inbox = &b
	}
	return p, nil
}

type conversationPatchRequest struct {
	Ident
	Body conversationPatch
}

type bulkRequest struct {
	IDs   []string          `json:"ids" maxItems:"200"`
	Patch conversationPatch `json:"patch"`
}

type bulkAnswer struct {
	Done   []string    `json:"done" nullable:"false"`
	Failed []bulkError `json:"failed" nullable:"false"`
}

type bulkError struct {
	ID   string `json:"id"`
	Code string `json:"code"`
}

func (s *Server) conversationRoutes() {
	handle(s, route{method: "GET", path: "/conversations", name: "listConversations", tag: "Conversations", summary: "Conversations, the latest first"}, s.listConversations)
	handle(s, route{method: "GET", path: "/conversations/counts", name: "countConversations", tag: "Conversations", summary: "The numbers beside the tabs"},
		func(ctx context.Context, a access.Actor, _ *none) (*body[Counts], error) {
			c, err := s.d.Inbox.Counts(ctx, a)
			out := Counts{Mine: c.Mine, Unassigned: c.Unassigned, All: c.All, Mentions: c.Mentions, Unread: c.Unread, ByView: map[string]int{}}
			for v, n := range c.ByView {
				out.ByView[id.Format(v)] = n
			}
			return &body[Counts]{out}, err
		})
	handle(s, route{method: "POST", path: "/conversations", name: "beginConversation", tag: "Conversations", summary: "The unresolved conversation with a contact in an inbox, or a new one", status: http.StatusCreated},
		func(ctx context.Context, a access.Actor, in *body[beginRequest]) (*body[Conversation], error) {
			who, err := id.Parse[contact.ID]("contact_id", in.Body.ContactID)
			if err != nil {
				return nil, err
			}
			box, err := id.Parse[inbox.ID]("inbox_id", in.Body.InboxID)
			if err != nil {
				return nil, err
			}
			c, err := s.d.Inbox.Begin(ctx, a, who, box)
			if err != nil {
				return nil, err
			}
			return s.conversation(ctx, a, c)
		})
	handle(s, route{method: "GET", path: "/conversations/{id}", name: "getConversation", tag: "Conversations", summary: "One conversation"},
		func(ctx context.Context, a access.Actor, in *Ident) (*body[Conversation], error) {
			conv, err := id.Parse[inbox.ConversationID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			return s.getConversation(ctx, a, conv)
		})
	handle(s, route{method: "PATCH", path: "/conversations/{id}", name: "updateConversation", tag: "Conversations", summary: "Assign, snooze, resolve, move, hand over"},
		func(ctx context.Context, a access.Actor, in *conversationPatchRequest) (*body[Conversation], error) {
			conv, err := id.Parse[inbox.ConversationID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			p, err := in.Body.parse()
			if err != nil {
				return nil, err
			}
			if _, err := s.d.Inbox.Update(ctx, a, conv, p); err != nil {
				return nil, err
			}
			return s.getConversation(ctx, a, conv)
		})
	handle(s, route{method: "POST", path: "/conversations/bulk", name: "updateConversations", tag: "Conversations", summary: "Change several conversations alike"}, s.bulk)
	s.markRoutes()
	s.writeRoutes()
}

func (s *Server) getConversation(ctx context.Context, a access.Actor, conv inbox.ConversationID) (*body[Conversation], error) {
	c, err := s.d.Inbox.Get(ctx, a, conv)
	if err != nil {
		return nil, err
	}
	return s.conversation(ctx, a, c)
}

func (s *Server) listConversations(ctx context.Context, a access.Actor, in *conversationsQuery) (*body[list[Conversation]], error) {
	f, err := in.Filter.parse()
	if err != nil {
		return nil, err
	}
	p := inbox.Page{Limit: in.Limit}
	if in.Cursor != "" {
		t, last, err := cursorTo(in.Cursor)
		if err != nil {
			return nil, err
		}
		p.AfterTime, p.AfterID = t, inbox.ConversationID(last)
	}
	rows, err := s.d.Inbox.List(ctx, a, f, p)
	if err != nil {
		return nil, err
	}
	out, err := s.conversations(ctx, int64(a.Workspace), rows)
	if err != nil {
		return nil, err
	}
	cursor := ""
	if len(rows) == in.Limit {
		last := rows[len(rows)-1]
		t := last.LastAt
		if f.Sort == inbox.ByWaiting {
			t = last.WaitingSince
		}
		cursor = cursorOf(t, int64(last.ID))
	}
	return listOf(out, cursor), nil
}

func (s *Server) bulk(ctx context.Context, a access.Actor, in *body[bulkRequest]) (*body[bulkAnswer], error) {
	ids, err := parseIDs[inbox.ConversationID]("ids", in.Body.IDs)
	if err != nil {
		return nil, err
	}
	p, err := in.Body.Patch.parse()
	if err != nil {
		return nil, err
	}
	out := bulkAnswer{Done: []string{}, Failed: []bulkError{}}
	for _, conv := range ids {
		_, err := s.d.Inbox.Update(ctx, a, conv, p)
		if k := fault.KindOf(err); err != nil && (k == fault.Internal || k == fault.Unavailable) {
			return nil, err
		}
		if err != nil {
			out.Failed = append(out.Failed, bulkError{id.Format(conv), fault.CodeOf(err)})
			continue
		}
		out.Done = append(out.Done, id.Format(conv))
	}
	return &body[bulkAnswer]{out}, nil
}

type timelineQuery struct {
	Ident
	Before string `query:"before"`
	After  string `query:"after"`
	Around string `query:"around"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (q timelineQuery) parse() (inbox.Around, error) {
	r := inbox.Around{Limit: q.Limit}
	var err error
	if r.Before, err = optional[inbox.ItemID]("before", q.Before); err != nil {
		return r, err
	}
	if r.After, err = optional[inbox.ItemID]("after", q.After); err != nil {
		return r, err
	}
	r.At, err = optional[inbox.ItemID]("around", q.Around)
	return r, err
}

type messageRequest struct {
	Ident
	Body struct {
		ClientID  string     `json:"client_id,omitempty" doc:"Your own id of the message: the same one again is the same message."`
		ChannelID string     `json:"channel_id,omitempty" doc:"Absent: where the customer wrote last."`
		ChatID    string     `json:"chat_id,omitempty"`
		Content   Content    `json:"content"`
		FileIDs   []string   `json:"file_ids,omitempty"`
		ReplyTo   string     `json:"reply_to,omitempty"`
		SendAt    *time.Time `json:"send_at,omitempty"`
	}
}

func (r messageRequest) parse() (inbox.Letter, error) {
	b := r.Body
	l := inbox.Letter{ClientID: b.ClientID, Content: b.Content.parse(), SendAt: expiry(b.SendAt)}
	var err error
	if l.Channel, err = optional[channel.ID]("channel_id", b.ChannelID); err != nil {
		return l, err
	}
	if l.Chat, err = optional[inbox.ChatID]("chat_id", b.ChatID); err != nil {
		return l, err
	}
	if l.ReplyTo, err = optional[inbox.ItemID]("reply_to", b.ReplyTo); err != nil {
		return l, err
	}
	l.Files, err = parseIDs[inbox.FileID]("file_ids", b.FileIDs)
	return l, err
}

type noteRequest struct {
	Ident
	Body struct {
		ClientID string   `json:"client_id,omitempty"`
		Text     string   `json:"text"`
		Mentions []string `json:"mentions,omitempty"`
		FileIDs  []string `json:"file_ids,omitempty"`
	}
}

func (s *Server) writeRoutes() {
	handle(s, route{method: "GET", path: "/conversations/{id}/items", name: "listItems", tag: "Conversations", summary: "A part of the timeline, the oldest item first"},
		func(ctx context.Context, a access.Actor, in *timelineQuery) (*body[Slice], error) {
			conv, err := id.Parse[inbox.ConversationID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			r, err := in.parse()
			if err != nil {
				return nil, err
			}
			sl, err := s.d.Inbox.Timeline(ctx, a, conv, r)
			if err != nil {
				return nil, err
			}
			return s.slice(ctx, int64(a.Workspace), sl)
		})
	handle(s, route{method: "POST", path: "/conversations/{id}/messages", name: "sendMessage", tag: "Conversations", summary: "Write to the customer. With 201 the message is on disk and will be delivered", status: http.StatusCreated},
		func(ctx context.Context, a access.Actor, in *messageRequest) (*body[Item], error) {
			conv, err := id.Parse[inbox.ConversationID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			l, err := in.parse()
			if err != nil {
				return nil, err
			}
			i, err := s.d.Inbox.Send(ctx, a, conv, l)
			if err != nil {
				return nil, err
			}
			return s.item(ctx, a, i)
		})
	handle(s, route{method: "POST", path: "/conversations/{id}/notes", name: "addNote", tag: "Conversations", summary: "Write a note that only colleagues see", status: http.StatusCreated},
		func(ctx context.Context, a access.Actor, in *noteRequest) (*body[Item], error) {
			conv, err := id.Parse[inbox.ConversationID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			n := inbox.NewNote{ClientID: in.Body.ClientID, Text: in.Body.Text}
			if n.Mentions, err = parseIDs[access.UserID]("mentions", in.Body.Mentions); err != nil {
				return nil, err
			}
			if n.Files, err = parseIDs[inbox.FileID]("file_ids", in.Body.FileIDs); err != nil {
				return nil, err
			}
			i, err := s.d.Inbox.AddNote(ctx, a, conv, n)
			if err != nil {
				return nil, err
			}
			return s.item(ctx, a, i)
		})
}
