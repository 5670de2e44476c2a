package inbox

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/fault"
)

// Letter is a message that a person wants to send.
type Letter struct {
	// ClientID is the page's own id of it: the same one again is the same
	// message, however often it is asked for.
	ClientID string
	// Channel and Chat say where to; zero means where the customer wrote last.
	Channel channel.ID
	Chat    ChatID
	Content channel.Content
	Files   []FileID
	ReplyTo ItemID
	// SendAt keeps it until then; zero sends it at once.
	SendAt time.Time
}

// Limits of what people write.
const (
	maxNote     = 20000
	maxClientID = 100
	maxFiles    = 30
	maxAhead    = 366 * 24 * time.Hour
)

// Send accepts a message to a customer: when it returns, the message and the
// job that delivers it are on disk. Files that a platform does not take in
// one message become several; the first is returned.
func (s *Service) Send(ctx context.Context, a access.Actor, id ConversationID, l Letter) (Item, error) {
	if err := a.Require(access.Reply); err != nil {
		return Item{}, err
	}
	if err := l.tidy(s.now()); err != nil {
		return Item{}, err
	}
	var first Item
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		c, err := s.see(ctx, a, id)
		if err != nil {
			return err
		}
		if l.ClientID != "" {
			known, err := s.d.Items.ItemByClient(ctx, c.Workspace, a.User, l.ClientID)
			if err == nil {
				first = known
				return s.withFiles(ctx, &first)
			}
			if !errors.Is(err, ErrNoItem) {
				return err
			}
		}
		target, files, err := s.fit(ctx, a, c, l)
		if err != nil {
			return err
		}
		first, err = s.keep(ctx, a, &c, target, l, files)
		return err
	})
	return first, err
}

// tidy cleans what a person typed and refuses what cannot be a message.
func (l *Letter) tidy(now time.Time) error {
	if len(l.ClientID) > maxClientID {
		return fault.New(fault.Invalid, "message.bad_client_id").WithField("client_id")
	}
	if !utf8.ValidString(l.Content.Text) {
		return fault.New(fault.Invalid, "text.not_utf8").WithField("content.text")
	}
	if strings.TrimSpace(visible(l.Content.Text)) == "" {
		l.Content.Text, l.Content.Marks = "", nil
	}
	l.Content.Attachments, l.Content.Pressed, l.Content.Unsupported, l.Content.Forwarded = nil, nil, "", ""
	if l.Content.Empty() && len(l.Files) == 0 {
		return ErrEmpty
	}
	if len(l.Files) > maxFiles {
		return fault.New(fault.Invalid, "message.too_many_files").WithField("file_ids").With("limit", maxFiles)
	}
	if !l.SendAt.IsZero() && (l.SendAt.Before(now.Add(-time.Minute)) || l.SendAt.After(now.Add(maxAhead))) {
		return fault.New(fault.Invalid, "message.bad_time").WithField("send_at")
	}
	units := len(utf16.Encode([]rune(l.Content.Text)))
	for _, m := range l.Content.Marks {
		if m.Offset < 0 || m.Length <= 0 || m.Offset > units || m.Length > units-m.Offset {
			return fault.New(fault.Invalid, "message.bad_marks").WithField("content.marks")
		}
	}
	return nil
}

// visible drops what takes no room on the screen.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x2069, r == 0xfeff, r == 0x00ad:
			return -1
		}
		return r
	}, s)
}

// keep stores a letter as one item or several, with their jobs, and moves the
// conversation on.
func (s *Service) keep(ctx context.Context, a access.Actor, c *Conversation, t Target, l Letter, files []File) (Item, error) {
	chat := t.Chat
	if chat.ID == 0 {
		var err error
		if chat, err = s.begin(ctx, c, t); err != nil {
			return Item{}, err
		}
	}
	if chat.Conversation != c.ID {
		chat.Conversation = c.ID
		if err := s.d.Chats.UpdateChat(ctx, chat); err != nil {
			return Item{}, err
		}
	}
	var first Item
	for n, part := range parts(t.Capabilities, files) {
		i := Item{
			ID: ItemID(s.d.NewID()), Workspace: c.Workspace, Conversation: c.ID, Contact: c.Contact, Channel: t.Account.ID,
			Chat: chat.ID, Kind: KindMessage, Direction: Out, Author: Author{Type: ByUser, ID: int64(a.User)},
			State: StateQueued, At: s.now(), CreatedAt: s.now(), Files: part, HasFiles: len(part) > 0, ScheduledAt: l.SendAt,
		}
		if n == 0 {
			i.Content, i.ClientID, i.ReplyTo = l.Content, l.ClientID, l.ReplyTo
		}
		if !l.SendAt.IsZero() {
			i.State = StateScheduled
		}
		if err := s.checkReply(ctx, chat, &i); err != nil {
			return first, err
		}
		if err := s.store(ctx, a, c, i); err != nil {
			return first, err
		}
		if n == 0 {
			first = i
		}
	}
	if !slices.Contains(c.Kinds, t.Account.Kind) {
		c.Kinds = append(c.Kinds, t.Account.Kind)
	}
	if l.SendAt.IsZero() {
		if err := s.replied(ctx, a, c, first); err != nil {
			return first, err
		}
	}
	if err := s.d.Conversations.UpdateConversation(ctx, *c); err != nil {
		return first, err
	}
	return first, s.tellConversation(ctx, event.ConversationUpdated, *c, a.User)
}

func (s *core) checkReply(ctx context.Context, chat Chat, i *Item) error {
	if i.ReplyTo == 0 {
		return nil
	}
	to, err := s.d.Items.Item(ctx, i.Workspace, i.ReplyTo)
	if err != nil {
		return err
	}
	if to.Conversation != i.Conversation {
		return ErrNoItem.WithField("reply_to")
	}
	if to.Chat != chat.ID {
		i.ReplyTo = 0 // said on another channel: the platform cannot quote it
	}
	return nil
}

// store keeps one outgoing item with its files and, unless it is for later,
// its job.
func (s *core) store(ctx context.Context, a access.Actor, c *Conversation, i Item) error {
	if err := s.addItem(ctx, c, i, nil, a.User); err != nil {
		return err
	}
	for n, f := range i.Files {
		f.Item, f.Position = i.ID, n
		if err := s.d.Files.UpdateFile(ctx, f); err != nil {
			return err
		}
	}
	if i.State == StateScheduled {
		return nil
	}
	return s.enqueueSend(ctx, i)
}

// replied is what follows from an agent's message: nobody waits, the
// conversation is open and somebody's, the draft is gone.
func (s *core) replied(ctx context.Context, a access.Actor, c *Conversation, i Item) error {
	c.answered(i)
	if c.Status != Open {
		if c.Status == Resolved {
			if err := s.alone(ctx, *c); err != nil {
				return err
			}
		}
		was := c.Status
		c.Status, c.SnoozedUntil, c.ResolvedAt = Open, time.Time{}, time.Time{}
		if was == Resolved {
			if err := s.happen(ctx, c, a.User, Happening{Type: "conversation.reopened"}); err != nil {
				return err
			}
		}
	}
	if c.Assignee == 0 {
		c.Assignee = a.User
		if err := s.happen(ctx, c, a.User, Happening{Type: "conversation.assigned", User: a.User}); err != nil {
			return err
		}
	}
	if err := s.d.Marks.DeleteDraft(ctx, a.User, c.ID); err != nil {
		return err
	}
	return s.d.Marks.SetRead(ctx, c.Workspace, a.User, c.ID, c.LastItem)
}

// begin makes the chat with somebody who has not written on a channel yet.
func (s *core) begin(ctx context.Context, c *Conversation, t Target) (Chat, error) {
	to := strings.TrimPrefix(t.To, "+")
	if chat, err := s.d.Chats.ChatByKey(ctx, t.Account.ID, to); err == nil {
		return chat, nil
	} else if !errors.Is(err, ErrNoChat) {
		return chat, err
	}
	chat := Chat{
		ID: ChatID(s.d.NewID()), Workspace: c.Workspace, Channel: t.Account.ID, Key: to, Recipient: to,
		Contact: c.Contact, Conversation: c.ID, CreatedAt: s.now(),
	}
	return chat, s.d.Chats.CreateChat(ctx, chat)
}

// parts splits files into what fits into one message each: an album where the
// platform has albums, one file otherwise. Without files there is one part.
func parts(can channel.Capabilities, files []File) [][]File {
	if len(files) == 0 {
		return [][]File{nil}
	}
	var out [][]File
	for _, f := range files {
		last := len(out) - 1
		if last >= 0 && len(out[last]) < can.Album && inAlbum(can, f) && inAlbum(can, out[last][0]) && sameAlbum(out[last][0], f) {
			out[last] = append(out[last], f)
			continue
		}
		out = append(out, []File{f})
	}
	return out
}

func inAlbum(can channel.Capabilities, f File) bool {
	return can.Album > 1 && slices.Contains(can.AlbumKinds, f.Kind)
}

// sameAlbum keeps documents and music from mixing with pictures, which no
// platform takes.
func sameAlbum(a, b File) bool {
	visual := func(k channel.AttachmentKind) bool { return k == channel.Image || k == channel.Video }
	return a.Kind == b.Kind || (visual(a.Kind) && visual(b.Kind))
}

func (s *core) withFiles(ctx context.Context, i *Item) error {
	if !i.HasFiles {
		return nil
	}
	files, err := s.d.Files.FilesOf(ctx, []ItemID{i.ID})
	i.Files = files
	return err
}

// Begin returns the unresolved conversation with a contact in an inbox, or
// makes one.
func (s *Service) Begin(ctx context.Context, a access.Actor, who contact.ID, box ID) (Conversation, error) {
	var c Conversation
	if err := a.Require(access.Reply); err != nil {
		return c, err
	}
	ws := int64(a.Workspace)
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		inbox, err := s.d.Inboxes.Inbox(ctx, ws, box)
		if err != nil {
			return err
		}
		if !inbox.open(a) {
			return ErrNoInbox
		}
		if !inbox.ArchivedAt.IsZero() {
			return ErrInboxArchived.WithField("inbox_id")
		}
		person, err := s.d.Contacts.Current(ctx, ws, who)
		if err != nil {
			return err
		}
		c, err = s.d.Conversations.Unresolved(ctx, ws, box, person.ID)
		if err == nil || !errors.Is(err, ErrNoConversation) {
			return err
		}
		c = Conversation{
			ID: ConversationID(s.d.NewID()), Workspace: ws, Inbox: box, Contact: person.ID, Status: Open, Assignee: a.User,
			Preview: Preview{Kind: "none", At: s.now()}, CreatedAt: s.now(), LastAt: s.now(),
		}
		if err := s.d.Conversations.CreateConversation(ctx, c); err != nil {
			return err
		}
		if err := s.happen(ctx, &c, a.User, Happening{Type: "conversation.created"}); err != nil {
			return err
		}
		return s.tellConversation(ctx, event.ConversationCreated, c, a.User)
	})
	return c, err
}
