package telegram

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/channel"
)

// decoded is a message's content; ownPhone is set if the sender proved his
// number with it.
type decoded struct {
	channel.Content
	ownPhone string
}

// content turns a message into what it says. service names a message that
// only tells of the chat itself.
func (m *message) content(in incoming) (c decoded, service string) {
	text, entities := m.Text, m.Entities
	if text == "" {
		text, entities = m.Caption, m.CaptionEntities
	}
	c.Text, c.Marks = text, marks(text, entities)
	c.Attachments = m.attachments()
	c.Forwarded = m.Origin.name()
	switch {
	case m.Venue != nil:
		c.Location = m.Venue.Location.point()
		c.Location.Title, c.Location.Address = m.Venue.Title, m.Venue.Address
	case m.Location != nil:
		c.Location = m.Location.point()
	case m.Contact != nil:
		c.card(m)
	case m.Dice != nil && c.Text == "":
		c.Text = strings.TrimSpace(fmt.Sprintf("%s %d", m.Dice.Emoji, m.Dice.Value))
	}
	if m.Text == "" && len(c.Attachments) == 0 && c.Location == nil && len(c.Contacts) == 0 && m.Dice == nil {
		name, isService := m.rest(in)
		if isService {
			return c, name
		}
		c.Unsupported = name
	}
	return c, ""
}

// card takes a shared contact. Only when its user is the sender is the number
// his: anybody can send anybody's card.
func (c *decoded) card(m *message) {
	card := channel.Card{
		Name:  strings.TrimSpace(m.Contact.FirstName + " " + m.Contact.LastName),
		VCard: m.Contact.VCard,
	}
	if m.Contact.Phone != "" {
		card.Phones = []string{m.Contact.Phone}
	}
	own := m.From != nil && m.From.ID != 0 && m.Contact.UserID == m.From.ID
	if own && m.Origin == nil && !m.own() && m.Contact.Phone != "" {
		card.Own = true
		c.ownPhone = m.Contact.Phone
		if !strings.HasPrefix(c.ownPhone, "+") { // some clients leave it out
			c.ownPhone = "+" + c.ownPhone
		}
	}
	c.Contacts = []channel.Card{card}
}

func (l *location) point() *channel.Location {
	return &channel.Location{Latitude: l.Latitude, Longitude: l.Longitude, Live: l.LivePeriod > 0}
}

func (o *origin) name() string {
	switch {
	case o == nil:
		return ""
	case o.SenderUser != nil && o.SenderUser.name() != "":
		return o.SenderUser.name()
	case o.SenderUserName != "":
		return o.SenderUserName
	case o.SenderChat != nil && o.SenderChat.name() != "":
		return o.SenderChat.name()
	case o.Chat != nil && o.Chat.name() != "":
		return o.Chat.name()
	}
	return "?"
}

// attachments are the message's files; the platform allows one per message.
func (m *message) attachments() []channel.Attachment {
	switch {
	case m.Animation != nil: // before document, which repeats it for old clients
		return m.Animation.as(channel.Animation)
	case m.LivePhoto != nil:
		return m.LivePhoto.as(channel.Video)
	case len(m.Photo) > 0:
		largest := slices.MaxFunc(m.Photo, func(a, b media) int { return a.Width*a.Height - b.Width*b.Height })
		largest.MIME = "image/jpeg"
		return largest.as(channel.Image)
	case m.Sticker != nil:
		m.Sticker.MIME = "image/webp"
		switch {
		case m.Sticker.Animated:
			m.Sticker.MIME = "application/x-tgsticker"
		case m.Sticker.Video:
			m.Sticker.MIME = "video/webm"
		}
		return m.Sticker.as(channel.Sticker)
	case m.Video != nil:
		return m.Video.as(channel.Video)
	case m.VideoNote != nil:
		m.VideoNote.Width, m.VideoNote.Height, m.VideoNote.MIME = m.VideoNote.Length, m.VideoNote.Length, "video/mp4"
		return m.VideoNote.as(channel.Video)
	case m.Voice != nil:
		if m.Voice.MIME == "" {
			m.Voice.MIME = "audio/ogg"
		}
		return m.Voice.as(channel.Voice)
	case m.Audio != nil:
		return m.Audio.as(channel.Audio)
	case m.Document != nil:
		return m.Document.as(channel.Document)
	}
	return nil
}

func (f *media) as(kind channel.AttachmentKind) []channel.Attachment {
	if f.FileID == "" {
		return nil
	}
	at := channel.Attachment{
		Kind: kind, Name: f.Name, MIME: f.MIME, Size: max(f.Size, 0), Width: max(f.Width, 0), Height: max(f.Height, 0),
		Emoji: f.Emoji, Ref: f.FileID,
	}
	if at.Name == "" {
		at.Name = f.Title
	}
	if f.Duration > 0 && f.Duration < 1e6 {
		at.Duration = time.Duration(f.Duration * float64(time.Second))
	}
	return []channel.Attachment{at}
}

// envelope are the fields that surround a message's content.
func envelope() []string {
	return []string{
		"message_id", "message_thread_id", "direct_messages_topic", "from", "sender_chat", "sender_boost_count", "sender_business_bot",
		"sender_tag", "date", "guest_query_id", "business_connection_id", "chat", "forward_origin", "is_topic_message",
		"is_automatic_forward", "reply_to_message", "external_reply", "quote", "reply_to_story", "reply_to_checklist_task_id",
		"reply_to_poll_option_id", "via_bot", "guest_bot_caller_user", "guest_bot_caller_chat", "edit_date", "has_protected_content",
		"is_from_offline", "is_paid_post", "media_group_id", "author_signature", "paid_star_count", "link_preview_options",
		"suggested_post_info", "effect_id", "show_caption_above_media", "has_media_spoiler", "reply_markup", "entities",
		"caption", "caption_entities",
	}
}

// services are messages that tell of the chat itself: who came, what it is
// called. They are shown small, if at all.
func services() []string {
	return []string{
		"new_chat_members", "left_chat_member", "chat_owner_left", "chat_owner_changed", "new_chat_title", "new_chat_photo",
		"delete_chat_photo", "group_chat_created", "supergroup_chat_created", "channel_chat_created",
		"message_auto_delete_timer_changed", "pinned_message", "write_access_allowed", "proximity_alert_triggered", "boost_added",
		"chat_background_set", "forum_topic_created", "forum_topic_edited", "forum_topic_closed", "forum_topic_reopened",
		"general_forum_topic_hidden", "general_forum_topic_unhidden", "video_chat_scheduled", "video_chat_started",
		"video_chat_ended", "video_chat_participants_invited", "direct_message_price_changed", "paid_message_price_changed",
	}
}

// rest names what a message without content that we know is about.
func (m *message) rest(in incoming) (name string, service bool) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(in.body, &fields) != nil {
		return in.kind, false
	}
	around := envelope()
	for _, name := range keys(fields) {
		if slices.Contains(services(), name) {
			return name, true
		}
		if !slices.Contains(around, name) {
			return label(name), false
		}
	}
	return in.kind, false
}
