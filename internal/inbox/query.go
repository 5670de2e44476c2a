package inbox

import (
	"context"
	"errors"
	"slices"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/contact"
)

// Get returns a conversation as the actor sees it.
func (s *Service) Get(ctx context.Context, a access.Actor, id ConversationID) (Conversation, error) {
	var c Conversation
	err := s.d.Tx.Read(ctx, func(ctx context.Context) error {
		if _, err := s.see(ctx, a, id); err != nil {
			return err
		}
		list, err := s.d.Lists.ConversationsSeen(ctx, Seen{Workspace: int64(a.Workspace), User: a.User}, []ConversationID{id})
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return ErrNoConversation
		}
		c = list[0]
		c.FirstUnread, err = s.d.Lists.FirstUnread(ctx, Seen{Workspace: int64(a.Workspace), User: a.User}, id)
		return err
	})
	return c, err
}

// List returns a page of conversations.
func (s *Service) List(ctx context.Context, a access.Actor, f Filter, p Page) ([]Conversation, error) {
	f, err := f.Normalise()
	if err != nil {
		return nil, err
	}
	var out []Conversation
	err = s.d.Tx.Read(ctx, func(ctx context.Context) error {
		seen, err := s.seen(ctx, a)
		if err != nil {
			return err
		}
		out, err = s.d.Lists.ListConversations(ctx, seen, f, p)
		return err
	})
	return out, err
}

// ListOf returns a contact's conversations that the actor may see, the latest
// first.
func (s *Service) ListOf(ctx context.Context, a access.Actor, c contact.ID) ([]Conversation, error) {
	seen, err := s.seen(ctx, a)
	if err != nil {
		return nil, err
	}
	return s.d.Lists.ConversationsOf(ctx, seen, c)
}

// CountOf counts the conversations of contacts that the actor may see.
func (s *Service) CountOf(ctx context.Context, a access.Actor, who []contact.ID) (map[contact.ID]int, error) {
	if len(who) == 0 {
		return nil, nil
	}
	seen, err := s.seen(ctx, a)
	if err != nil {
		return nil, err
	}
	return s.d.Lists.CountOf(ctx, seen, who)
}

// mostCounted bounds the numbers beside the tabs: beyond it nobody counts.
const mostCounted = 1000

// Counts returns the numbers beside the tabs and views.
func (s *Service) Counts(ctx context.Context, a access.Actor) (Counts, error) {
	out := Counts{ByView: map[ViewID]int{}}
	err := s.d.Tx.Read(ctx, func(ctx context.Context) error {
		seen, err := s.seen(ctx, a)
		if err != nil {
			return err
		}
		for _, n := range []struct {
			into *int
			f    Filter
		}{
			{&out.Mine, Filter{Scope: Mine}},
			{&out.Unassigned, Filter{Scope: Unassigned}},
			{&out.All, Filter{Scope: Everybody}},
			{&out.Mentions, Filter{Scope: Mentions, Status: AnyStatus}},
			{&out.Unread, Filter{Scope: Mine, Unread: true}},
		} {
			f, err := n.f.Normalise()
			if err != nil {
				return err
			}
			if *n.into, err = s.d.Lists.CountConversations(ctx, seen, f, mostCounted); err != nil {
				return err
			}
		}
		views, err := s.d.Shelf.ListViews(ctx, int64(a.Workspace), a.User)
		if err != nil {
			return err
		}
		for _, v := range views {
			f, err := v.Filter.Normalise()
			if err != nil {
				continue // a view of an earlier version
			}
			if out.ByView[v.ID], err = s.d.Lists.CountConversations(ctx, seen, f, mostCounted); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// Around says which items of a timeline are wanted; at most one field is set,
// none means the newest.
type Around struct {
	Before, After, At ItemID
	Limit             int
}

// Slice is a part of a timeline, the oldest item first.
type Slice struct {
	Items               []Item
	HasBefore, HasAfter bool
}

// Timeline returns items of a conversation.
func (s *Service) Timeline(ctx context.Context, a access.Actor, id ConversationID, r Around) (Slice, error) {
	var out Slice
	err := s.d.Tx.Read(ctx, func(ctx context.Context) error {
		c, err := s.see(ctx, a, id)
		if err != nil {
			return err
		}
		out, err = s.slice(ctx, ItemQuery{Workspace: c.Workspace, Conversation: id}, r)
		return err
	})
	return out, err
}

// ContactTimeline returns items of all of a contact's conversations that the
// actor may see, in one order.
func (s *Service) ContactTimeline(ctx context.Context, a access.Actor, c contact.ID, r Around) (Slice, error) {
	var out Slice
	err := s.d.Tx.Read(ctx, func(ctx context.Context) error {
		seen, err := s.seen(ctx, a)
		if err != nil {
			return err
		}
		out, err = s.slice(ctx, ItemQuery{Workspace: seen.Workspace, Contact: c, Inboxes: seen.Inboxes, User: seen.User}, r)
		return err
	})
	return out, err
}

func (s *Service) slice(ctx context.Context, q ItemQuery, r Around) (Slice, error) {
	var out Slice
	for _, id := range []*ItemID{&r.Before, &r.After, &r.At} {
		var err error
		if *id, err = s.place(ctx, q.Workspace, *id); err != nil {
			return out, err
		}
	}
	if r.At != 0 {
		// Half before the item, half from it on.
		older, err := s.part(ctx, q, Around{Before: r.At, Limit: r.Limit / 2})
		if err != nil {
			return out, err
		}
		newer, err := s.part(ctx, q, Around{After: r.At - 1, Limit: r.Limit - r.Limit/2})
		if err != nil {
			return out, err
		}
		out = Slice{Items: append(older.Items, newer.Items...), HasBefore: older.HasBefore, HasAfter: newer.HasAfter}
	} else {
		var err error
		if out, err = s.part(ctx, q, r); err != nil {
			return out, err
		}
	}
	return out, s.attach(ctx, out.Items)
}

// place is where an item stands; one that is not known would stand at its id.
func (s *Service) place(ctx context.Context, ws int64, id ItemID) (ItemID, error) {
	if id == 0 {
		return 0, nil
	}
	i, err := s.d.Items.Item(ctx, ws, id)
	if errors.Is(err, ErrNoItem) {
		return id, nil
	}
	return i.Place, err
}

// part reads one row more than asked, to know whether there are more.
func (s *Service) part(ctx context.Context, q ItemQuery, r Around) (Slice, error) {
	q.Before, q.After, q.Limit = r.Before, r.After, r.Limit+1
	list, err := s.d.Items.ListItems(ctx, q)
	if err != nil {
		return Slice{}, err
	}
	more := len(list) > r.Limit
	if q.After != 0 {
		if more {
			list = list[:r.Limit]
		}
		return Slice{Items: list, HasBefore: true, HasAfter: more}, nil
	}
	// The newest come first: turn them round.
	if more {
		list = list[:r.Limit]
	}
	slices.Reverse(list)
	return Slice{Items: list, HasBefore: more, HasAfter: r.Before != 0}, nil
}

// attach reads the files of items that have some.
func (s *core) attach(ctx context.Context, items []Item) error {
	var ids []ItemID
	for _, i := range items {
		if i.HasFiles {
			ids = append(ids, i.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	files, err := s.d.Files.FilesOf(ctx, ids)
	if err != nil {
		return err
	}
	for n := range items {
		for _, f := range files {
			if f.Item == items[n].ID {
				items[n].Files = append(items[n].Files, f)
			}
		}
	}
	return nil
}

// Item returns one item that the actor may see, with its files.
func (s *Service) Item(ctx context.Context, a access.Actor, id ItemID) (Item, error) {
	i, _, err := s.seeItem(ctx, a, id)
	if err != nil {
		return i, err
	}
	return i, s.withFiles(ctx, &i)
}

// ItemsFor returns items by id with their files, for those who tell of
// events; unknown ids are left out.
func (s *Service) ItemsFor(ctx context.Context, ws int64, ids []ItemID) ([]Item, error) {
	items, err := s.d.Items.Items(ctx, ws, ids)
	if err != nil {
		return nil, err
	}
	return items, s.attach(ctx, items)
}

// ConversationsFor returns conversations by id without anybody's own marks.
func (s *Service) ConversationsFor(ctx context.Context, ws int64, ids []ConversationID) ([]Conversation, error) {
	return s.d.Lists.ConversationsSeen(ctx, Seen{Workspace: ws}, ids)
}

// SeesInbox reports whether the actor may see an inbox's conversations.
func (s *Service) SeesInbox(ctx context.Context, a access.Actor, id ID) (bool, error) {
	inboxes, err := s.visible(ctx, a)
	return inboxes == nil || slices.Contains(inboxes, id), err
}

// Elsewhere returns contacts of whom the actor may see more than Visible says:
// he takes care of a conversation with them in an inbox that is not his.
func (s *Service) Elsewhere(ctx context.Context, a access.Actor) ([]contact.ID, error) {
	seen, err := s.seen(ctx, a)
	if err != nil {
		return nil, err
	}
	return s.d.Lists.Elsewhere(ctx, seen)
}

// Visible returns the inboxes the actor may see; nil means all of them.
func (s *Service) Visible(ctx context.Context, a access.Actor) ([]ID, error) {
	return s.visible(ctx, a)
}
