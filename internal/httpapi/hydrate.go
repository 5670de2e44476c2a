package httpapi

import (
	"context"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/inbox"
)

// conversations adds the contacts to conversations.
func (s *Server) conversations(ctx context.Context, ws int64, list []inbox.Conversation) ([]Conversation, error) {
	ids := make([]contact.ID, 0, len(list))
	for _, c := range list {
		ids = append(ids, c.Contact)
	}
	people, err := s.people(ctx, ws, ids)
	if err != nil {
		return nil, err
	}
	return all(list, func(c inbox.Conversation) Conversation { return conversationOf(c, people[c.Contact]) }), nil
}

func (s *Server) people(ctx context.Context, ws int64, ids []contact.ID) (map[contact.ID]contact.Contact, error) {
	known := map[contact.ID]bool{}
	unique := ids[:0:0]
	for _, i := range ids {
		if i != 0 && !known[i] {
			known[i] = true
			unique = append(unique, i)
		}
	}
	list, err := s.d.Contacts.Several(ctx, ws, unique)
	out := make(map[contact.ID]contact.Contact, len(list))
	for _, c := range list {
		out[c.ID] = c
	}
	return out, err
}

func (s *Server) conversation(ctx context.Context, a access.Actor, c inbox.Conversation) (*body[Conversation], error) {
	list, err := s.conversations(ctx, int64(a.Workspace), []inbox.Conversation{c})
	if err != nil {
		return nil, err
	}
	return &body[Conversation]{list[0]}, nil
}

// items adds names and quotes to items.
func (s *Server) items(ctx context.Context, ws int64, list []inbox.Item) ([]Item, error) {
	var quoted []inbox.ItemID
	here := map[inbox.ItemID]inbox.Item{}
	for _, i := range list {
		here[i.ID] = i
	}
	replies := map[inbox.ItemID]inbox.Item{}
	for _, i := range list {
		if i.ReplyTo == 0 {
			continue
		}
		if to, ok := here[i.ReplyTo]; ok {
			replies[i.ReplyTo] = to
		} else {
			quoted = append(quoted, i.ReplyTo)
		}
	}
	if len(quoted) > 0 {
		found, err := s.d.Inbox.ItemsFor(ctx, ws, quoted)
		if err != nil {
			return nil, err
		}
		for _, i := range found {
			replies[i.ID] = i
		}
	}
	n, err := s.names(ctx, ws, list, replies)
	if err != nil {
		return nil, err
	}
	return all(list, func(i inbox.Item) Item { return n.item(i, replies) }), nil
}

func (s *Server) names(ctx context.Context, ws int64, list []inbox.Item, replies map[inbox.ItemID]inbox.Item) (names, error) {
	out := names{users: map[access.UserID]string{}, contacts: map[contact.ID]string{}}
	var who []contact.ID
	users := false
	see := func(a inbox.Author) {
		switch a.Type {
		case inbox.ByContact:
			who = append(who, contact.ID(a.ID))
		case inbox.ByUser:
			users = true
		case inbox.BySystem, inbox.ByDevice:
		}
	}
	for _, i := range list {
		see(i.Author)
	}
	for _, i := range replies {
		see(i.Author)
	}
	people, err := s.people(ctx, ws, who)
	if err != nil {
		return out, err
	}
	for id, c := range people {
		out.contacts[id] = c.Name
	}
	if !users {
		return out, nil
	}
	colleagues, err := s.d.Access.ListUsers(ctx, access.Actor{Workspace: access.WorkspaceID(ws)})
	for _, u := range colleagues {
		out.users[u.ID] = u.Name
	}
	return out, err
}

func (s *Server) item(ctx context.Context, a access.Actor, i inbox.Item) (*body[Item], error) {
	list, err := s.items(ctx, int64(a.Workspace), []inbox.Item{i})
	if err != nil {
		return nil, err
	}
	return &body[Item]{list[0]}, nil
}

func (s *Server) slice(ctx context.Context, ws int64, sl inbox.Slice) (*body[Slice], error) {
	items, err := s.items(ctx, ws, sl.Items)
	if err != nil {
		return nil, err
	}
	return &body[Slice]{Slice{Items: items, HasBefore: sl.HasBefore, HasAfter: sl.HasAfter}}, nil
}
