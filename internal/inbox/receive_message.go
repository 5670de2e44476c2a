package inbox

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/event"
)

// message puts a new message on the timeline.
func (r *Receiver) message(ctx context.Context, acc Account, u channel.Update) error {
	m := u.Message
	in := !m.Own && !m.Echo
	chat, who, err := r.chat(ctx, acc, u, in)
	if err != nil {
		return err
	}
	if m.Echo {
		if done, err := r.echo(ctx, acc, chat, m); done || err != nil {
			return err
		}
	}
	before, id := ItemID(r.d.NewID()), ItemID(r.d.NewID())
	err = r.d.Receipts.AddExternals(ctx, acc.Workspace, acc.ID, chat.ID, id, []string{m.ExternalID})
	if errors.Is(err, ErrDuplicate) {
		return nil // handed over before
	}
	if err != nil {
		return err
	}
	was := chat
	conv, fresh, err := r.conversation(ctx, acc, chat, in && !who.Blocked, before)
	if err != nil {
		return err
	}
	item, err := r.itemOf(ctx, id, acc, chat, conv, u, who)
	if err != nil {
		return err
	}
	chat.Conversation = conv.ID
	if chat.Group && chat.Title != "" {
		conv.Title = chat.Title
	}
	if who.Blocked && in {
		// Kept, but nobody is bothered with it.
		if err := r.addItem(ctx, &conv, item, nil, 0); err != nil {
			return err
		}
		return errors.Join(r.files(ctx, acc, item), r.d.Chats.UpdateChat(ctx, chat))
	}
	waits := conv.WaitingSince.IsZero()
	r.advance(&conv, acc, item, in)
	if err := r.addItem(ctx, &conv, item, nil, 0); err != nil {
		return err
	}
	if err := r.files(ctx, acc, item); err != nil {
		return err
	}
	if in {
		chat.LastInboundAt, chat.Blocked = item.At, ""
	}
	if err := r.saveChat(ctx, was, chat); err != nil {
		return err
	}
	if met, err := r.ownCard(ctx, acc, chat, m); err != nil {
		return err
	} else if met {
		// The card may have joined two contacts, and their conversations.
		if chat, err = r.d.Chats.Chat(ctx, acc.Workspace, chat.ID); err != nil {
			return err
		}
		if conv, err = r.d.Conversations.Conversation(ctx, acc.Workspace, chat.Conversation); err != nil {
			return err
		}
	}
	if !in {
		t := event.ConversationUpdated
		if fresh {
			t = event.ConversationCreated
		}
		return r.tellConversation(ctx, t, conv, 0)
	}
	return r.received(ctx, acc, chat, conv, fresh, waits)
}

// saveChat stores a chat as it has become; mostly nothing is new but the time.
func (r *Receiver) saveChat(ctx context.Context, was, now Chat) error {
	was.LastInboundAt = now.LastInboundAt
	if was == now {
		return r.d.Chats.HeardFrom(ctx, now.ID, now.LastInboundAt)
	}
	return r.d.Chats.UpdateChat(ctx, now)
}

// received does what follows from a customer's message: hand-out, automatic
// answers, events.
func (r *Receiver) received(ctx context.Context, acc Account, chat Chat, conv Conversation, fresh, first bool) error {
	box, err := r.box(ctx, acc.Workspace, conv.Inbox)
	if err != nil {
		return err
	}
	if conv.Assignee == 0 {
		if err := r.route(ctx, box, &conv); err != nil {
			return err
		}
	}
	t := event.ConversationUpdated
	if fresh {
		t = event.ConversationCreated
	}
	if err := r.tellConversation(ctx, t, conv, 0); err != nil {
		return err
	}
	switch {
	case conv.Group:
	case fresh && box.Greeting != "" && (box.Away == "" || box.Hours.OpenAt(r.now())):
		return r.say(ctx, acc, chat, &conv, box.Greeting)
	case first && box.Away != "" && !box.Hours.OpenAt(r.now()):
		return r.say(ctx, acc, chat, &conv, box.Away)
	}
	return nil
}

// chat finds the chat an update belongs to, or makes it with its contact. who
// is the person who wrote.
func (r *Receiver) chat(ctx context.Context, acc Account, u channel.Update, in bool) (Chat, contact.Contact, error) {
	chat, err := r.d.Chats.ChatByKey(ctx, acc.ID, u.Chat.Key)
	known := err == nil
	if err != nil && !errors.Is(err, ErrNoChat) {
		return chat, contact.Contact{}, err
	}
	person := r.person(acc, u)
	var who contact.Contact
	switch {
	case u.Chat.Group:
		if in {
			if who, err = r.resolve(ctx, acc, person); err != nil {
				return chat, who, err
			}
		}
	case in:
		person.Known = chat.Contact
		if who, err = r.resolve(ctx, acc, person); err != nil {
			return chat, who, err
		}
	}
	if known {
		was := chat
		if !u.Chat.Group && in {
			chat.Contact = who.ID
		}
		if u.Chat.Title != "" && u.Chat.Group && chat.Title != u.Chat.Title {
			// Groups are found by their names of today.
			chat.Title = u.Chat.Title
			group := chatPerson(acc, u)
			group.Known = chat.Contact
			if _, err := r.resolve(ctx, acc, group); err != nil {
				return chat, who, err
			}
		}
		if in && !u.Chat.Group && u.Sender.ID != "" {
			chat.Recipient = u.Sender.ID
		}
		if chat == was {
			return chat, who, nil
		}
		return chat, who, r.d.Chats.UpdateChat(ctx, chat)
	}
	owner := who
	if u.Chat.Group || !in {
		// The chat itself stands for its people: a group, or somebody the
		// owner wrote to first.
		if owner, err = r.resolve(ctx, acc, chatPerson(acc, u)); err != nil {
			return chat, who, err
		}
	}
	chat = Chat{
		ID: ChatID(r.d.NewID()), Workspace: acc.Workspace, Channel: acc.ID, Key: u.Chat.Key, Contact: owner.ID,
		Group: u.Chat.Group, Title: u.Chat.Title, CreatedAt: r.now(),
	}
	if in {
		chat.Recipient = u.Sender.ID
	}
	return chat, who, r.d.Chats.CreateChat(ctx, chat)
}

// chatPerson is a chat as contacts know people.
func chatPerson(acc Account, u channel.Update) contact.Person {
	return contact.Person{
		Kind: contact.IdentityKind(acc.Kind), Scope: "chat:" + strconv.FormatInt(int64(acc.ID), 10), Value: u.Chat.Key,
		Name: u.Chat.Title, Display: u.Chat.Title,
	}
}

// person is the sender of an update as contacts know people.
func (r *Receiver) person(acc Account, u channel.Update) contact.Person {
	s := u.Sender
	p := contact.Person{
		Kind: contact.IdentityKind(acc.Kind), Scope: s.Scope, Value: s.ID, Name: s.Name,
		Phone: s.Phone, Email: s.Email, SaysPhone: s.SaysPhone, SaysEmail: s.SaysEmail, Locale: s.Language, AvatarRef: s.AvatarRef,
	}
	if c := s.Consent; c != nil {
		p.Consent = &contact.Consent{
			Purpose: contact.ToPersonalData, Source: string(acc.Kind), Channel: int64(acc.ID), Page: c.Page, Text: c.Text, GivenAt: c.At,
		}
	}
	if s.Username != "" {
		p.Display = "@" + strings.TrimPrefix(s.Username, "@")
	}
	if p.Value == "" {
		p.Scope, p.Value = "chat:"+strconv.FormatInt(int64(acc.ID), 10), u.Chat.Key
	}
	if p.Display == "" {
		p.Display = s.Phone
	}
	if u.Message != nil {
		p.Source = u.Message.Source
	}
	if u.Start != nil {
		p.Source = u.Start.Payload
	}
	return p
}

func (r *Receiver) resolve(ctx context.Context, acc Account, p contact.Person) (contact.Contact, error) {
	res, err := r.d.Contacts.Resolve(ctx, acc.Workspace, p)
	if err == nil && p.Consent != nil {
		err = r.d.Contacts.AddConsent(ctx, acc.Workspace, res.Contact.ID, *p.Consent)
	}
	if err != nil || !res.NewPicture {
		return res.Contact, err
	}
	return res.Contact, r.d.Jobs.Enqueue(ctx, Job{
		Kind: JobPicture, Workspace: acc.Workspace, Subject: int64(res.Contact.ID),
		OrderKey: "picture:" + strconv.FormatInt(int64(res.Contact.ID), 10),
		Text:     strconv.FormatInt(int64(acc.ID), 10) + " " + p.AvatarRef,
	})
}

// conversation finds the one that a message belongs to: the unresolved one, a
// lately resolved one reopened, or a new one. What happens to it is said on
// the timeline at the place at.
func (r *Receiver) conversation(ctx context.Context, acc Account, chat Chat, wakes bool, at ItemID) (c Conversation, fresh bool, err error) {
	c, err = r.d.Conversations.Unresolved(ctx, acc.Workspace, acc.Inbox, chat.Contact)
	switch {
	case err == nil:
		if wakes && c.Status != Open {
			was := c.Status
			c.Status, c.SnoozedUntil = Open, time.Time{}
			if was == Snoozed {
				err = r.happenAs(ctx, at, &c, 0, Happening{Type: "conversation.woken"})
			}
		}
		return c, false, err
	case !errors.Is(err, ErrNoConversation):
		return c, false, err
	}
	box, err := r.box(ctx, acc.Workspace, acc.Inbox)
	if err != nil {
		return c, false, err
	}
	c, err = r.d.Conversations.LastResolved(ctx, acc.Workspace, acc.Inbox, chat.Contact)
	if err != nil && !errors.Is(err, ErrNoConversation) {
		return c, false, err
	}
	if err == nil && (!wakes || r.now().Sub(c.ResolvedAt) <= box.ReopenWithin) {
		if !wakes {
			return c, false, nil
		}
		c.Status, c.ResolvedAt = Open, time.Time{}
		return c, false, r.happenAs(ctx, at, &c, 0, Happening{Type: "conversation.reopened"})
	}
	c = Conversation{
		ID: ConversationID(r.d.NewID()), Workspace: acc.Workspace, Inbox: acc.Inbox, Contact: chat.Contact, Status: Open,
		Channel: acc.ID, Kinds: []channel.Kind{acc.Kind}, Group: chat.Group, Title: chat.Title,
		CreatedAt: r.now(), LastAt: r.now(),
	}
	if !wakes {
		c.Status, c.ResolvedAt = Resolved, r.now()
	}
	return c, true, r.d.Conversations.CreateConversation(ctx, c)
}

// advance moves a conversation on by a message.
func (r *Receiver) advance(c *Conversation, acc Account, i Item, in bool) {
	if !slices.Contains(c.Kinds, acc.Kind) {
		c.Kinds = append(c.Kinds, acc.Kind)
	}
	if in {
		c.Channel, c.LastInbound = acc.ID, i.ID
		if c.WaitingSince.IsZero() {
			c.WaitingSince = i.CreatedAt
		}
		return
	}
	c.answered(i)
}

// answered notes that we wrote: nobody waits any more.
func (c *Conversation) answered(i Item) {
	c.LastReply, c.WaitingSince = max(c.LastReply, c.LastInbound, i.ID), time.Time{}
	if c.FirstReplyAt.IsZero() && c.LastInbound != 0 {
		c.FirstReplyAt = i.CreatedAt
	}
}

// itemOf is a message as an item of the timeline.
func (r *Receiver) itemOf(ctx context.Context, id ItemID, acc Account, chat Chat, conv Conversation, u channel.Update, who contact.Contact) (Item, error) {
	m := u.Message
	i := Item{
		ID: id, Workspace: acc.Workspace, Conversation: conv.ID, Contact: conv.Contact,
		Channel: acc.ID, Chat: chat.ID, Kind: KindMessage, Direction: In,
		Author: Author{Type: ByContact, ID: int64(who.ID)}, Content: m.Content, External: m.ExternalID,
		ReplyExternal: m.ReplyTo, ReplyText: clipText(m.ReplyText, previewRunes), Album: m.Album,
		At: u.At, CreatedAt: r.now(),
	}
	if m.Own || m.Echo {
		i.Direction, i.Author, i.State = Out, Author{Type: ByDevice}, StateSent
	}
	if i.At.IsZero() || i.At.After(r.now().Add(time.Minute)) {
		i.At = i.CreatedAt // a clock gone wrong must not tear the timeline
	}
	if m.ReplyTo != "" {
		switch to, err := r.d.Items.ItemByExternal(ctx, acc.Workspace, chat.ID, m.ReplyTo); {
		case err == nil:
			i.ReplyTo = to.ID
		case !errors.Is(err, ErrNoItem):
			return i, err
		}
	}
	for n, a := range m.Content.Attachments {
		f := File{
			ID: FileID(r.d.NewID()), Workspace: acc.Workspace, Item: i.ID, Position: n, Kind: a.Kind, Name: a.Name, MIME: a.MIME,
			Size: a.Size, Duration: a.Duration, Width: a.Width, Height: a.Height, Emoji: a.Emoji, Transcript: a.Transcript,
			Channel: acc.ID, Ref: a.Ref, State: FilePending, CreatedAt: r.now(),
		}
		if a.Unfetchable != "" {
			f.State, f.Reason = FileFailed, a.Unfetchable
		}
		i.Files = append(i.Files, f)
	}
	i.HasFiles = len(i.Files) > 0
	i.Content.Attachments = nil
	return i, nil
}

// files stores an item's files and asks for their bytes at once, because
// platforms' links expire.
func (r *Receiver) files(ctx context.Context, acc Account, i Item) error {
	for _, f := range i.Files {
		if err := r.d.Files.CreateFile(ctx, f); err != nil {
			return err
		}
		if f.State != FilePending {
			continue
		}
		if err := r.d.Jobs.Enqueue(ctx, Job{Kind: JobMedia, Workspace: acc.Workspace, Subject: int64(f.ID)}); err != nil {
			return err
		}
	}
	return nil
}

// saveItem stores a changed item, keeps the list's preview true, and tells.
func (s *core) saveItem(ctx context.Context, i Item, actor access.UserID) error {
	if err := s.d.Items.UpdateItem(ctx, i); err != nil {
		return err
	}
	c, err := s.d.Conversations.Conversation(ctx, i.Workspace, i.Conversation)
	if err != nil {
		return err
	}
	if c.Preview.Item == i.ID {
		if i.HasFiles && len(i.Files) == 0 {
			if i.Files, err = s.d.Files.FilesOf(ctx, []ItemID{i.ID}); err != nil {
				return err
			}
		}
		c.Preview = PreviewOf(i)
		if err := s.d.Conversations.UpdateConversation(ctx, c); err != nil {
			return err
		}
		if err := s.tellConversation(ctx, event.ConversationUpdated, c, actor); err != nil {
			return err
		}
	}
	return s.tellItem(ctx, event.ItemUpdated, c, i, actor)
}
