package inbox

import (
	"context"
	"strconv"

	"github.com/okno-hq/okno/internal/channel"
)

// route hands a conversation to somebody, if the inbox does so.
func (s *core) route(ctx context.Context, box Inbox, c *Conversation) error {
	if box.Routing.Mode == Manual || box.Routing.Mode == "" {
		return nil
	}
	people, err := s.d.Inboxes.Candidates(ctx, c.Workspace, box.ID, c.Contact)
	if err != nil {
		return err
	}
	user := box.Routing.Pick(people)
	if user == 0 {
		return nil
	}
	c.Assignee = user
	if err := s.d.Inboxes.MarkAssigned(ctx, user, s.now()); err != nil {
		return err
	}
	if err := s.happen(ctx, c, 0, Happening{Type: "conversation.assigned", User: user, Data: map[string]string{"by": "routing"}}); err != nil {
		return err
	}
	return s.notify(ctx, Notification{Workspace: c.Workspace, User: user, Kind: NotifyAssigned, Conversation: c.ID, Text: c.Preview.Text})
}

// say sends an automatic message. It does not count as an answer.
func (s *core) say(ctx context.Context, acc Account, chat Chat, c *Conversation, text string) error {
	i := Item{
		ID: ItemID(s.d.NewID()), Workspace: c.Workspace, Conversation: c.ID, Contact: c.Contact, Channel: acc.ID, Chat: chat.ID,
		Kind: KindMessage, Direction: Out, Author: Author{Type: BySystem}, Content: channel.Content{Text: text},
		State: StateQueued, At: s.now(), CreatedAt: s.now(),
	}
	if err := s.addItem(ctx, c, i, nil, 0); err != nil {
		return err
	}
	return s.enqueueSend(ctx, i)
}

// enqueueSend asks for an item's delivery, in order with the chat's others.
func (s *core) enqueueSend(ctx context.Context, i Item) error {
	return s.d.Jobs.Enqueue(ctx, Job{
		Kind: JobSend, Workspace: i.Workspace, OrderKey: "chat:" + strconv.FormatInt(int64(i.Chat), 10), Subject: int64(i.ID),
	})
}
