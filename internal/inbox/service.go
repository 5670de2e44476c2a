package inbox

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/event"
)

// Deps is what the package's services share.
type Deps struct {
	Tx            Transactor
	Inboxes       Inboxes
	Conversations Conversations
	Lists         Lists
	Chats         Chats
	Items         Items
	Receipts      Receipts
	Editions      Editions
	Attempts      Attempts
	Files         Files
	Uploads       Uploads
	Marks         Marks
	Notifications Notifications
	Shelf         Shelf
	Mover         Mover
	Intake        Intake
	Accounts      Accounts
	Contacts      Contacts
	Jobs          Jobs
	Library       Library
	Live          Live
	Audit         Auditor
	Events        event.Log
	NewID         func() int64
	Now           func() time.Time
	Log           *slog.Logger
}

// core is what the services of this package have in common.
type core struct{ d Deps }

func newCore(d Deps) core {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return core{d}
}

// Service is everything people do in conversations.
type Service struct{ core }

// NewService returns the service.
func NewService(d Deps) *Service { return &Service{newCore(d)} }

func (s *core) now() time.Time { return s.d.Now().UTC() }

// visible are the inboxes an actor may see; nil means all of them.
func (s *core) visible(ctx context.Context, a access.Actor) ([]ID, error) {
	if a.Can(access.ViewAll) {
		return nil, nil
	}
	list, err := s.d.Inboxes.ListInboxes(ctx, int64(a.Workspace))
	if err != nil {
		return nil, err
	}
	out := []ID{} // not nil: nobody's inboxes are not everybody's
	for _, i := range list {
		if i.open(a) {
			out = append(out, i.ID)
		}
	}
	return out, nil
}

// open reports whether the actor works in the inbox.
func (i Inbox) open(a access.Actor) bool {
	if a.Can(access.ViewAll) || len(i.Teams) == 0 {
		return true
	}
	return slices.ContainsFunc(a.Teams(), func(t access.TeamID) bool { return slices.Contains(i.Teams, t) })
}

// seen is the actor as a viewer of lists.
func (s *core) seen(ctx context.Context, a access.Actor) (Seen, error) {
	inboxes, err := s.visible(ctx, a)
	return Seen{Workspace: int64(a.Workspace), User: a.User, Inboxes: inboxes}, err
}

// see reads a conversation that the actor may see; others do not exist for
// him. Inside a write transaction the conversation is locked.
func (s *core) see(ctx context.Context, a access.Actor, id ConversationID) (Conversation, error) {
	c, err := s.d.Conversations.Conversation(ctx, int64(a.Workspace), id)
	if err != nil {
		return c, err
	}
	return c, s.maySee(ctx, a, c)
}

func (s *core) maySee(ctx context.Context, a access.Actor, c Conversation) error {
	if a.Can(access.ViewAll) || c.Assignee == a.User {
		return nil
	}
	inboxes, err := s.visible(ctx, a)
	if err != nil {
		return err
	}
	if inboxes != nil && !slices.Contains(inboxes, c.Inbox) {
		return ErrNoConversation
	}
	return nil
}

// seeItem reads an item of a conversation that the actor may see.
func (s *core) seeItem(ctx context.Context, a access.Actor, id ItemID) (Item, Conversation, error) {
	i, err := s.d.Items.Item(ctx, int64(a.Workspace), id)
	if err != nil {
		return i, Conversation{}, err
	}
	c, err := s.d.Conversations.Conversation(ctx, int64(a.Workspace), i.Conversation)
	if err != nil {
		return i, c, err
	}
	if s.maySee(ctx, a, c) != nil {
		return Item{}, Conversation{}, ErrNoItem
	}
	return i, c, nil
}

// tellItem appends an event about an item.
func (s *core) tellItem(ctx context.Context, t event.Type, c Conversation, i Item, actor access.UserID) error {
	return s.d.Events.Append(ctx, event.Event{
		Workspace: c.Workspace, Type: t, At: s.now(), Conversation: int64(c.ID), Item: int64(i.ID),
		Contact: int64(c.Contact), Inbox: int64(c.Inbox), Channel: int64(i.Channel), Actor: int64(actor),
	})
}

// tellConversation appends an event about a conversation.
func (s *core) tellConversation(ctx context.Context, t event.Type, c Conversation, actor access.UserID) error {
	return s.d.Events.Append(ctx, event.Event{
		Workspace: c.Workspace, Type: t, At: s.now(), Conversation: int64(c.ID),
		Contact: int64(c.Contact), Inbox: int64(c.Inbox), User: int64(c.Assignee), Actor: int64(actor),
	})
}

// addItem stores an item and moves its conversation on: the one place where
// both change together.
func (s *core) addItem(ctx context.Context, c *Conversation, i Item, externals []string, actor access.UserID) error {
	if err := s.d.Items.CreateItem(ctx, i, externals); err != nil {
		return err
	}
	if i.ID > c.LastItem && i.State != StateScheduled {
		c.LastItem = i.ID
		if i.Kind != KindEvent {
			c.Preview, c.LastAt = PreviewOf(i), i.CreatedAt
		}
	}
	if err := s.d.Conversations.UpdateConversation(ctx, *c); err != nil {
		return err
	}
	return s.tellItem(ctx, event.ItemCreated, *c, i, actor)
}

// happen puts an event on the timeline.
func (s *core) happen(ctx context.Context, c *Conversation, actor access.UserID, h Happening) error {
	return s.happenAs(ctx, ItemID(s.d.NewID()), c, actor, h)
}

func (s *core) happenAs(ctx context.Context, id ItemID, c *Conversation, actor access.UserID, h Happening) error {
	i := Item{
		ID: id, Workspace: c.Workspace, Conversation: c.ID, Contact: c.Contact, Kind: KindEvent,
		Author: Author{Type: BySystem}, Event: &h, At: s.now(), CreatedAt: s.now(),
	}
	if actor != 0 {
		i.Author = Author{Type: ByUser, ID: int64(actor)}
	}
	return s.addItem(ctx, c, i, nil, actor)
}

// notify tells a person of something, unless he did it himself.
func (s *core) notify(ctx context.Context, n Notification) error {
	if n.User == 0 || n.User == n.By {
		return nil
	}
	n.ID, n.At = NotificationID(s.d.NewID()), s.now()
	if err := s.d.Notifications.CreateNotification(ctx, n); err != nil {
		return err
	}
	if err := s.d.Jobs.Enqueue(ctx, Job{Kind: JobPush, Workspace: n.Workspace, Subject: int64(n.ID), Text: strconv.FormatInt(int64(n.User), 10)}); err != nil {
		return err
	}
	return s.d.Events.Append(ctx, event.Event{
		Workspace: n.Workspace, Type: event.NotificationCreated, At: n.At, Conversation: int64(n.Conversation),
		Item: int64(n.Item), User: int64(n.User), Subject: int64(n.ID), Actor: int64(n.By),
	})
}

// ReadNotifications marks some of the actor's notifications as read, all of
// them when ids is nil.
func (s *Service) ReadNotifications(ctx context.Context, a access.Actor, ids []NotificationID) error {
	_, err := s.d.Notifications.ReadNotifications(ctx, a.User, ids, 0, s.now())
	return err
}

// ListNotifications returns the actor's notifications, the newest first.
func (s *Service) ListNotifications(ctx context.Context, a access.Actor, before NotificationID, limit int) ([]Notification, error) {
	return s.d.Notifications.ListNotifications(ctx, a.User, before, limit)
}

// MoveWork implements contact.Work.
func (s *Service) MoveWork(ctx context.Context, ws int64, from, to contact.ID) (json.RawMessage, error) {
	return s.d.Mover.Move(ctx, ws, from, to)
}

// MoveWorkBack implements contact.Work.
func (s *Service) MoveWorkBack(ctx context.Context, ws int64, from, to contact.ID, moved json.RawMessage) error {
	return s.d.Mover.MoveBack(ctx, ws, from, to, moved)
}

// Notify tells one person of something, inside the caller's transaction.
func (s *core) Notify(ctx context.Context, n Notification) error {
	return s.d.Tx.Write(ctx, func(ctx context.Context) error { return s.notify(ctx, n) })
}

// NotifyAll tells everybody who works in an inbox of something, once until he
// has read it.
func (s *core) NotifyAll(ctx context.Context, ws int64, box ID, k NotificationKind, text string) error {
	return s.d.Tx.Write(ctx, func(ctx context.Context) error {
		people, err := s.d.Inboxes.Candidates(ctx, ws, box, 0)
		if err != nil {
			return err
		}
		for _, p := range people {
			there, err := s.d.Notifications.UnreadNotification(ctx, p.User, k, text)
			if err != nil {
				return err
			}
			if there {
				continue
			}
			if err := s.notify(ctx, Notification{Workspace: ws, User: p.User, Kind: k, Text: text}); err != nil {
				return err
			}
		}
		return nil
	})
}
