package inbox

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/fault"
)

// Target is one way to reach a contact now.
type Target struct {
	Account Account
	Chat    Chat // zero when there is no chat yet and one may be begun
	// To names the person there: "@irina", "+7 900 …".
	To string
	// Reason says why it is not available; empty when it is.
	Reason channel.Reason
	// WindowUntil is when free text stops being allowed, zero without a
	// window. TemplateOnly says that it has closed.
	WindowUntil  time.Time
	TemplateOnly bool
	Default      bool
	Capabilities channel.Capabilities
}

// ReasonChannelOff is a Target's reason when an admin disabled the channel.
const ReasonChannelOff channel.Reason = "channel_off"

// Targets lists the ways to reach a conversation's contact, the channel he
// used last first.
func (s *Service) Targets(ctx context.Context, a access.Actor, id ConversationID) ([]Target, error) {
	c, err := s.see(ctx, a, id)
	if err != nil {
		return nil, err
	}
	return s.targets(ctx, c)
}

func (s *core) targets(ctx context.Context, c Conversation) ([]Target, error) {
	chats, err := s.d.Chats.ChatsOf(ctx, c.Workspace, c.Contact)
	if err != nil {
		return nil, err
	}
	who, err := s.d.Contacts.Current(ctx, c.Workspace, c.Contact)
	if err != nil {
		return nil, err
	}
	accounts, err := s.d.Accounts.ListAccounts(ctx, c.Workspace)
	if err != nil {
		return nil, err
	}
	var out []Target
	for _, acc := range accounts {
		adapter, err := s.d.Accounts.Adapter(ctx, acc.ID)
		off := err != nil
		if off && fault.KindOf(err) != fault.Unavailable {
			return nil, err
		}
		used := false
		for _, chat := range chats {
			if chat.Channel != acc.ID {
				continue
			}
			used = true
			t := Target{Account: acc, Chat: chat, To: addressOn(who, acc, chat)}
			s.judge(&t, adapter, off)
			out = append(out, t)
		}
		if used || off || c.Group || !adapter.Capabilities().StartFirst {
			continue
		}
		if to, ok := phoneOf(who); ok && acc.Kind == channel.WhatsApp {
			t := Target{Account: acc, To: to}
			s.judge(&t, adapter, false)
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b Target) int { return b.Chat.LastInboundAt.Compare(a.Chat.LastInboundAt) })
	slices.SortStableFunc(out, func(a, b Target) int { return cmp.Compare(rank(a, c), rank(b, c)) })
	if len(out) > 0 && out[0].Reason == "" {
		out[0].Default = true
	}
	return out, nil
}

// rank puts what works before what does not, and the customer's own choice
// first.
func rank(t Target, c Conversation) int {
	switch {
	case t.Reason != "":
		return 3
	case t.Account.ID == c.Channel && t.Chat.ID != 0:
		return 0
	case t.Chat.ID != 0:
		return 1
	}
	return 2
}

func (s *core) judge(t *Target, adapter channel.Adapter, off bool) {
	switch {
	case off:
		t.Reason = ReasonChannelOff
		return
	case t.Chat.Blocked != "":
		t.Reason = t.Chat.Blocked
	}
	t.Capabilities = adapter.Capabilities()
	if w := t.Capabilities.Window; w > 0 {
		if !t.Chat.LastInboundAt.IsZero() {
			t.WindowUntil = t.Chat.LastInboundAt.Add(w)
		}
		if t.WindowUntil.Before(s.now()) {
			t.TemplateOnly = t.Capabilities.Template
			if !t.TemplateOnly && t.Reason == "" {
				t.Reason = channel.ReasonWindowClosed
			}
		}
	}
}

func addressOn(who contact.Contact, acc Account, chat Chat) string {
	if chat.Group {
		return chat.Title
	}
	for _, i := range who.Identities {
		if i.Kind == contact.IdentityKind(acc.Kind) && i.Value == chat.Recipient && i.Display != "" && !strings.HasPrefix(i.Scope, "chat:") {
			return i.Display
		}
	}
	return who.Name
}

func phoneOf(who contact.Contact) (string, bool) {
	for _, i := range who.Identities {
		if i.Kind == contact.Phone {
			return i.Value, true
		}
	}
	return "", false
}

// pick finds the target that a message is meant for.
func pick(list []Target, ch channel.ID, chat ChatID) (Target, error) {
	for _, t := range list {
		if (ch == 0 && t.Default) || (t.Account.ID == ch && (chat == 0 || t.Chat.ID == chat)) {
			if t.Reason != "" {
				return t, ErrNotSendable.With("reason", string(t.Reason)).WithField("channel_id")
			}
			return t, nil
		}
	}
	return Target{}, ErrNotSendable.With("reason", string(channel.ReasonRecipient)).WithField("channel_id")
}
