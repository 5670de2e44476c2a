package telegram

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
)

// Codes of notices.
const (
	noticeUnsupported = "unsupported_update"
	noticeService     = "service_message"
	noticeGroup       = "group_ignored"
)

// incoming is one update on its way through Decode.
type incoming struct {
	kind string
	id   int64
	body json.RawMessage
}

// decoder finds what understands a kind of update, nil for unknown ones.
func (a *adapter) decoder(kind string) func(incoming) []channel.Update {
	switch kind {
	case "message", "business_message", "channel_post":
		return a.message
	case "edited_message", "edited_business_message", "edited_channel_post":
		return a.edit
	case "deleted_business_messages":
		return a.deletion
	case "business_connection":
		return a.connection
	case "message_reaction":
		return a.reaction
	case "callback_query":
		return a.press
	case "my_chat_member":
		return a.membership
	}
	return nil
}

// Decode implements channel.Adapter.
func (a *adapter) Decode(raw channel.Raw) ([]channel.Update, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw.Body, &fields); err != nil {
		return nil, fault.Wrap(fault.Invalid, "channel.telegram.bad_update", err)
	}
	names := keys(fields)
	if len(names) == 0 {
		return nil, fault.New(fault.Invalid, "channel.telegram.bad_update")
	}
	in := incoming{kind: names[0], body: fields[names[0]]}
	_ = json.Unmarshal(fields["update_id"], &in.id) // zero if it is no number
	for _, name := range names {                    // there should be one
		if decode := a.decoder(name); decode != nil {
			in.kind, in.body = name, fields[name]
			return decode(in), nil
		}
	}
	return a.unknown(in), nil
}

// keys are an update's fields but the id, in a fixed order.
func keys(fields map[string]json.RawMessage) []string {
	names := make([]string, 0, len(fields))
	for name := range fields {
		if name != "update_id" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// unknown keeps an update of a kind that we do not know: as a message in its
// chat if it has one, otherwise as a notice.
func (a *adapter) unknown(in incoming) []channel.Update {
	var m message
	if lenient(in.body, &m) == nil && m.Chat != nil && m.Chat.ID != 0 {
		if a.ignored(m.Chat) {
			return nil
		}
		u := m.update()
		if u.Sender.ID != "" {
			u.Message = &channel.Message{ExternalID: m.external(in), Content: channel.Content{Unsupported: label(in.kind)}}
			return []channel.Update{u}
		}
	}
	return notice(channel.Update{}, noticeUnsupported, in.kind)
}

func notice(u channel.Update, code, detail string) []channel.Update {
	u.Notice = &channel.Notice{Code: code, Detail: label(detail)}
	return []channel.Update{u}
}

// label bounds a name that a stranger may have made up.
func label(name string) string {
	name = strings.ToValidUTF8(name, "")
	if r := []rune(name); len(r) > 64 {
		name = string(r[:64])
	}
	return name
}

// ignored says that the chat is a group and the admin wants none.
func (a *adapter) ignored(c *chat) bool {
	return !c.private() && !c.Direct && !a.settings.groups
}

// update begins an update with where and by whom.
func (m *message) update() channel.Update {
	u := channel.Update{At: seconds(m.Date), Sender: m.sender()}
	if m.EditDate > m.Date {
		u.At = seconds(m.EditDate)
	}
	u.Chat.Key = m.ref().key()
	if !m.Chat.private() && !m.Chat.Direct {
		u.Chat.Group, u.Chat.Title = true, m.Chat.Title
	}
	return u
}

func (m *message) ref() chatRef {
	c := chatRef{conn: m.Connection, id: m.Chat.ID}
	switch {
	case m.DirectTopic != nil && m.DirectTopic.ID != 0:
		c.topic, c.direct = m.DirectTopic.ID, true
	case m.InTopic && m.ThreadID != 0:
		c.topic = m.ThreadID
	}
	return c
}

// sender is who wrote; of a business account's own message, the customer whom
// it is addressed to, because nobody else in it is of interest.
func (m *message) sender() channel.Person {
	switch {
	case m.own():
		return m.Chat.person()
	case m.SenderChat != nil && m.SenderChat.ID != 0:
		return m.SenderChat.person()
	case m.From != nil && m.From.ID != 0:
		return m.From.person()
	case m.DirectTopic != nil && m.DirectTopic.User != nil:
		return m.DirectTopic.User.person()
	case m.Chat.private():
		return m.Chat.person()
	}
	return m.Chat.person()
}

// own says that the owner of a business account wrote it, or a bot in his
// name: a private chat has the customer's id, and whoever else writes there
// is the other side.
func (m *message) own() bool {
	if m.Connection == "" || m.Chat == nil {
		return false
	}
	return m.BusinessBot != nil || m.From != nil && m.From.ID != 0 && m.From.ID != m.Chat.ID
}

func (m *message) external(in incoming) string {
	if m.ID > 0 {
		return strconv.FormatInt(m.ID, 10)
	}
	return "update:" + strconv.FormatInt(in.id, 10)
}

// message decodes a new message of any kind.
func (a *adapter) message(in incoming) []channel.Update {
	var m message
	if lenient(in.body, &m) != nil || m.Chat == nil || m.Chat.ID == 0 {
		return notice(channel.Update{}, noticeUnsupported, in.kind)
	}
	if a.ignored(m.Chat) {
		return nil
	}
	u := m.update()
	switch {
	case m.MigrateTo != 0:
		u.Migration = &channel.Migration{To: strconv.FormatInt(m.MigrateTo, 10)}
		return []channel.Update{u}
	case m.MigrateFrom != 0:
		u.Chat.Key = strconv.FormatInt(m.MigrateFrom, 10)
		u.Migration = &channel.Migration{To: strconv.FormatInt(m.Chat.ID, 10)}
		return []channel.Update{u}
	case m.Left != nil && m.Left.ID == a.settings.botID:
		u.Reach = &channel.Reach{Blocked: true, Reason: channel.ReasonChatGone}
		return []channel.Update{u}
	}
	if payload, ok := m.start(); ok {
		u.Start = &channel.Start{Payload: payload}
		return []channel.Update{u}
	}
	content, service := m.content(in)
	if service != "" {
		return notice(u, noticeService, service)
	}
	u.Sender.Phone = content.ownPhone
	a.judge(content.Attachments)
	u.Message = &channel.Message{ExternalID: m.external(in), Content: content.Content, Album: m.Album}
	u.Message.ReplyTo, u.Message.ReplyText = m.reply()
	if m.own() {
		u.Message.Echo = m.BusinessBot != nil && m.BusinessBot.ID == a.settings.botID
		u.Message.Own = !u.Message.Echo
	}
	return []channel.Update{u}
}

// judge says in advance which files the platform will not hand over.
func (a *adapter) judge(list []channel.Attachment) {
	for i := range list {
		if list[i].Size > a.maxDownload() {
			list[i].Unfetchable = channel.ReasonTooBig
		}
	}
}

// start recognises the opening of a chat with the bot.
func (m *message) start() (string, bool) {
	rest, ok := strings.CutPrefix(m.Text, "/start")
	if !ok || !m.Chat.private() || m.Connection != "" || m.Origin != nil || (rest != "" && rest[0] != ' ') {
		return "", false
	}
	return startPayload(strings.TrimSpace(rest)), true
}

// reply is the message replied to and what it said. The message that opens a
// topic is not an answer to anything.
func (m *message) reply() (id, text string) {
	if m.Quote != nil {
		text = m.Quote.Text
	}
	r := m.ReplyTo
	if r == nil || r.ID <= 0 || r.TopicCreated != nil {
		return "", text
	}
	for _, t := range []string{r.Text, r.Caption} {
		if text == "" {
			text = t
		}
	}
	return strconv.FormatInt(r.ID, 10), text
}

// edit decodes a message's new content.
func (a *adapter) edit(in incoming) []channel.Update {
	var m message
	if lenient(in.body, &m) != nil || m.Chat == nil || m.Chat.ID == 0 || m.ID <= 0 {
		return notice(channel.Update{}, noticeUnsupported, in.kind)
	}
	if a.ignored(m.Chat) {
		return nil
	}
	content, _ := m.content(in)
	a.judge(content.Attachments)
	u := m.update()
	u.Edit = &channel.Edit{ExternalID: m.external(in), Content: content.Content}
	return []channel.Update{u}
}
