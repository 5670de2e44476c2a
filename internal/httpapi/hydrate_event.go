package httpapi

import (
	"context"
	"strconv"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/id"
	"github.com/okno-hq/okno/internal/inbox"
)

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
