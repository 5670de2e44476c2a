package inbox

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/event"
)

// known finds the item that an update is about; ok is false for messages
// older than Okno.
func (r *Receiver) known(ctx context.Context, acc Account, u channel.Update, external string) (Item, Chat, bool, error) {
	chat, err := r.d.Chats.ChatByKey(ctx, acc.ID, u.Chat.Key)
	if errors.Is(err, ErrNoChat) {
		return Item{}, chat, false, nil
	}
	if err != nil {
		return Item{}, chat, false, err
	}
	i, err := r.d.Items.ItemByExternal(ctx, acc.Workspace, chat.ID, external)
	if errors.Is(err, ErrNoItem) {
		return i, chat, false, nil
	}
	return i, chat, err == nil, err
}

// edit replaces what a message says and keeps what it said.
func (r *Receiver) edit(ctx context.Context, acc Account, u channel.Update) error {
	i, _, ok, err := r.known(ctx, acc, u, u.Edit.ExternalID)
	if err != nil {
		return err
	}
	if !ok {
		// Older than Okno: what it says now is still worth reading.
		u.Message = &channel.Message{ExternalID: u.Edit.ExternalID, Content: u.Edit.Content}
		u.Edit = nil
		return r.message(ctx, acc, u)
	}
	next := u.Edit.Content
	next.Attachments = nil
	if sameContent(i.Content, next) {
		return nil // delivered twice, or only a picture of a link came
	}
	if err := r.keepEdition(ctx, i); err != nil {
		return err
	}
	i.Content, i.EditedAt = next, r.now()
	return r.saveItem(ctx, i, 0)
}

func sameContent(a, b channel.Content) bool {
	x, errX := MarshalContent(a)
	y, errY := MarshalContent(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

func (s *core) keepEdition(ctx context.Context, i Item) error {
	return s.d.Editions.AddEdition(ctx, i.Workspace, i.ID, s.d.NewID(), Edition{At: s.now(), Content: i.Content})
}

// deletion hides messages; those allowed to may still see what they said.
func (r *Receiver) deletion(ctx context.Context, acc Account, u channel.Update) error {
	for _, external := range u.Deletion.ExternalIDs {
		i, _, ok, err := r.known(ctx, acc, u, external)
		if err != nil {
			return err
		}
		if !ok || !i.DeletedAt.IsZero() {
			continue
		}
		if err := r.keepEdition(ctx, i); err != nil {
			return err
		}
		i.DeletedAt, i.DeletedBy, i.Content = r.now(), ByContact, channel.Content{}
		if err := r.saveItem(ctx, i, 0); err != nil {
			return err
		}
	}
	return nil
}

// reaction takes the customer's whole set of reactions to a message.
func (r *Receiver) reaction(ctx context.Context, acc Account, u channel.Update) error {
	i, _, ok, err := r.known(ctx, acc, u, u.Reaction.ExternalID)
	if err != nil || !ok {
		return err
	}
	i.Reactions = slices.DeleteFunc(slices.Clone(i.Reactions), func(x Reaction) bool { return x.By == ByContact })
	for _, e := range u.Reaction.Emoji {
		i.Reactions = append(i.Reactions, Reaction{Emoji: e, By: ByContact})
	}
	return r.saveItem(ctx, i, 0)
}

// status takes a report on an outgoing message. Reports come out of order,
// twice, and even before the platform's receipt of the message itself.
func (r *Receiver) status(ctx context.Context, acc Account, u channel.Update) error {
	st := *u.Status
	i, chat, ok, err := r.known(ctx, acc, u, st.ExternalID)
	if err != nil {
		return err
	}
	if !ok && st.ItemID != "" {
		if i, ok, err = r.byItemID(ctx, acc, st); err != nil {
			return err
		}
	}
	if !ok {
		return r.d.Receipts.KeepStatus(ctx, acc.Workspace, acc.ID, st, r.now())
	}
	if !st.UpTo {
		return r.setStatus(ctx, i, st)
	}
	list, err := r.d.Receipts.OutgoingUpTo(ctx, acc.Workspace, chat.ID, i.ID)
	if err != nil {
		return err
	}
	for _, i := range list {
		if err := r.setStatus(ctx, i, st); err != nil {
			return err
		}
	}
	return nil
}

// byItemID finds the item of a report that gives back what was sent along.
// The report is the receipt that never arrived.
func (r *Receiver) byItemID(ctx context.Context, acc Account, st channel.Status) (Item, bool, error) {
	id, err := strconv.ParseInt(st.ItemID, 10, 64)
	if err != nil {
		return Item{}, false, nil //nolint:nilerr // not an id of ours
	}
	i, err := r.d.Items.Item(ctx, acc.Workspace, ItemID(id))
	if errors.Is(err, ErrNoItem) || (err == nil && (i.Channel != acc.ID || i.Direction != Out)) {
		return Item{}, false, nil
	}
	if err != nil {
		return Item{}, false, err
	}
	if i.State != StateUncertain {
		return Item{}, false, nil // its receipt is on the way
	}
	if i.External == "" {
		i.External = st.ExternalID
	}
	err = r.d.Receipts.AddExternals(ctx, i.Workspace, i.Channel, i.Chat, i.ID, []string{st.ExternalID})
	return i, err == nil, err
}

// earlierTry reports whether a report is about a try before the present one:
// the item has been sent again since.
func earlierTry(i Item, st channel.Status) bool {
	switch {
	case i.State == StateQueued || i.State == StateSending || i.State == StateScheduled:
		return i.External == ""
	case st.State == channel.StateFailed && !i.HasFiles:
		return st.ExternalID != "" && i.External != "" && i.External != st.ExternalID
	}
	return false
}

// setStatus moves an item's state forward, never back: failed counts only for
// what was not delivered.
func (s *core) setStatus(ctx context.Context, i Item, st channel.Status) error {
	if i.Direction != Out || !i.DeletedAt.IsZero() || earlierTry(i, st) {
		return nil
	}
	next := map[channel.DeliveryState]ItemState{
		channel.StateSent: StateSent, channel.StateDelivered: StateDelivered, channel.StateRead: StateRead, channel.StateFailed: StateFailed,
	}[st.State]
	switch {
	case next == "":
		return nil
	case next == StateFailed:
		if i.State.rank() >= StateDelivered.rank() || i.State == StateFailed {
			return nil
		}
		i.Reason, i.Detail = st.Reason, clipText(st.Detail, 300)
	case next.rank() <= i.State.rank():
		return nil
	default:
		i.Reason, i.Detail = "", ""
	}
	i.State = next
	return s.saveItem(ctx, i, 0)
}

// press puts the press of one of our buttons on the timeline and answers it.
func (r *Receiver) press(ctx context.Context, acc Account, u channel.Update) error {
	p := u.Press
	button := p.Button
	id := "press:" + p.AnswerID
	if p.AnswerID == "" {
		id = "press:" + p.ExternalID + ":" + button.Payload + ":" + strconv.FormatInt(u.At.UnixMilli(), 10)
	}
	m := channel.Update{Chat: u.Chat, At: u.At, Sender: u.Sender, Message: &channel.Message{
		ExternalID: id, ReplyTo: p.ExternalID, Content: channel.Content{Text: button.Text, Pressed: &button},
	}}
	if err := r.message(ctx, acc, m); err != nil {
		return err
	}
	if p.AnswerID == "" {
		return nil
	}
	return r.d.Jobs.Enqueue(ctx, Job{Kind: JobPress, Workspace: acc.Workspace, Subject: int64(acc.ID), Text: p.AnswerID})
}

// start notes that a customer opened the chat. He has said nothing yet, so
// the conversation waits for him.
func (r *Receiver) start(ctx context.Context, acc Account, u channel.Update) error {
	chat, who, err := r.chat(ctx, acc, u, true)
	if err != nil {
		return err
	}
	chat.Blocked = ""
	if who.Blocked {
		return r.d.Chats.UpdateChat(ctx, chat)
	}
	conv, err := r.d.Conversations.Unresolved(ctx, acc.Workspace, acc.Inbox, chat.Contact)
	fresh := errors.Is(err, ErrNoConversation)
	if fresh {
		conv, _, err = r.conversation(ctx, acc, chat, true, ItemID(r.d.NewID()))
		conv.Status = Pending
	}
	if err != nil {
		return err
	}
	data := map[string]string{"channel": acc.Name}
	if u.Start.Payload != "" {
		data["payload"] = clipText(u.Start.Payload, 200)
	}
	if err := r.happen(ctx, &conv, 0, Happening{Type: "contact.started", Data: data}); err != nil {
		return err
	}
	chat.Conversation = conv.ID
	if err := r.d.Chats.UpdateChat(ctx, chat); err != nil {
		return err
	}
	t := event.ConversationUpdated
	if fresh {
		t = event.ConversationCreated
	}
	if err := r.tellConversation(ctx, t, conv, 0); err != nil {
		return err
	}
	box, err := r.box(ctx, acc.Workspace, conv.Inbox)
	if err != nil || !fresh || box.Greeting == "" {
		return err
	}
	return r.say(ctx, acc, chat, &conv, box.Greeting)
}

// reach notes whether the customer can still be written to.
func (r *Receiver) reach(ctx context.Context, acc Account, u channel.Update) error {
	reason, happened := channel.Reason(""), "contact.unblocked"
	if u.Reach.Blocked {
		reason, happened = u.Reach.Reason, "contact.blocked"
		if reason == "" {
			reason = channel.ReasonBlocked
		}
	}
	return r.barrier(ctx, acc, u, reason, happened)
}

// accessChanged notes whether the platform lets us write in a chat.
func (r *Receiver) accessChanged(ctx context.Context, acc Account, u channel.Update) error {
	if u.Access.CanReply {
		return r.barrier(ctx, acc, u, "", "chat.writable")
	}
	reason := u.Access.Reason
	if reason == "" {
		reason = channel.ReasonNoPermission
	}
	return r.barrier(ctx, acc, u, reason, "chat.read_only")
}

func (r *Receiver) barrier(ctx context.Context, acc Account, u channel.Update, reason channel.Reason, happened string) error {
	chat, err := r.d.Chats.ChatByKey(ctx, acc.ID, u.Chat.Key)
	if errors.Is(err, ErrNoChat) {
		return nil // somebody who never said anything
	}
	if err != nil {
		return err
	}
	if chat.Blocked == reason {
		return nil
	}
	chat.Blocked = reason
	if err := r.d.Chats.UpdateChat(ctx, chat); err != nil {
		return err
	}
	if chat.Conversation == 0 {
		return nil
	}
	conv, err := r.d.Conversations.Conversation(ctx, acc.Workspace, chat.Conversation)
	if err != nil {
		return err
	}
	return r.happen(ctx, &conv, 0, Happening{Type: happened, Data: map[string]string{"channel": acc.Name, "reason": string(reason)}})
}

// typing shows that the customer writes; nothing is stored.
func (r *Receiver) typing(ctx context.Context, acc Account, u channel.Update) error {
	chat, err := r.d.Chats.ChatByKey(ctx, acc.ID, u.Chat.Key)
	if errors.Is(err, ErrNoChat) || (err == nil && chat.Conversation == 0) {
		return nil
	}
	if err != nil {
		return err
	}
	r.d.Live.CustomerTyping(acc.Workspace, acc.Inbox, chat.Conversation, u.Typing.Text)
	return nil
}

// migration renames a chat; if the new name exists already, its items stay
// where they are and new ones go there too.
func (r *Receiver) migration(ctx context.Context, acc Account, u channel.Update) error {
	chat, err := r.d.Chats.ChatByKey(ctx, acc.ID, u.Chat.Key)
	if errors.Is(err, ErrNoChat) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = r.d.Chats.ChatByKey(ctx, acc.ID, u.Migration.To)
	if err == nil {
		return nil
	}
	if !errors.Is(err, ErrNoChat) {
		return err
	}
	chat.Key = u.Migration.To
	return r.d.Chats.UpdateChat(ctx, chat)
}

// personChanged gives the contact behind a chat his new identity.
func (r *Receiver) personChanged(ctx context.Context, acc Account, u channel.Update) error {
	chat, err := r.d.Chats.ChatByKey(ctx, acc.ID, u.Chat.Key)
	person := r.person(acc, u)
	if errors.Is(err, ErrNoChat) {
		old := u.PersonChanged.Old
		res, err := r.d.Contacts.Resolve(ctx, acc.Workspace, contact.Person{
			Kind: contact.IdentityKind(acc.Kind), Scope: old.Scope, Value: old.ID, Name: old.Name, Phone: old.Phone,
		})
		if err != nil {
			return err
		}
		_, err = r.d.Contacts.Vouch(ctx, acc.Workspace, res.Contact.ID, person)
		return err
	}
	if err != nil {
		return err
	}
	if _, err = r.d.Contacts.Vouch(ctx, acc.Workspace, chat.Contact, person); err != nil {
		return err
	}
	if u.Sender.ID == "" || chat.Group {
		return nil
	}
	// Vouching may have moved the chat to another contact.
	if chat, err = r.d.Chats.Chat(ctx, acc.Workspace, chat.ID); err != nil {
		return err
	}
	chat.Recipient = u.Sender.ID
	return r.d.Chats.UpdateChat(ctx, chat)
}
