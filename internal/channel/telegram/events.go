package telegram

import (
	"encoding/json"
	"strconv"

	"github.com/okno-hq/okno/internal/channel"
)

// Stand-ins for reactions that are no emoji.
const (
	paidReaction   = "⭐"
	customReaction = "✨"
)

// reaction decodes a person's reactions to a message. In groups with topics
// the platform does not say in which topic the message is.
func (a *adapter) reaction(in incoming) []channel.Update {
	var r struct {
		message
		User  *user `json:"user"`
		Actor *chat `json:"actor_chat"`
		New   []struct {
			Type  string `json:"type"`
			Emoji string `json:"emoji"`
		} `json:"new_reaction"`
	}
	if lenient(in.body, &r) != nil || r.Chat == nil || r.Chat.ID == 0 || r.ID <= 0 {
		return notice(channel.Update{}, noticeUnsupported, in.kind)
	}
	if a.ignored(r.Chat) {
		return nil
	}
	r.From, r.SenderChat = r.User, r.Actor
	u := r.update()
	u.Reaction = &channel.Reaction{ExternalID: r.external(in)}
	for _, n := range r.New {
		switch {
		case n.Type == "paid":
			u.Reaction.Emoji = append(u.Reaction.Emoji, paidReaction)
		case n.Emoji != "":
			u.Reaction.Emoji = append(u.Reaction.Emoji, n.Emoji)
		default:
			u.Reaction.Emoji = append(u.Reaction.Emoji, customReaction)
		}
	}
	return []channel.Update{u}
}

// press decodes a press of one of our buttons. The platform tells the whole
// message, and in it the button's text.
func (a *adapter) press(in incoming) []channel.Update {
	var q struct {
		ID      string   `json:"id"`
		From    *user    `json:"from"`
		Message *message `json:"message"`
		Data    string   `json:"data"`
	}
	if lenient(in.body, &q) != nil || q.ID == "" || q.Message == nil || q.Message.Chat == nil || q.Message.Chat.ID == 0 {
		return notice(channel.Update{}, noticeUnsupported, in.kind)
	}
	if a.ignored(q.Message.Chat) {
		return nil
	}
	u := q.Message.update()
	u.Sender, u.At = q.From.person(), seconds(0) // the date is the message's
	button := channel.Button{Kind: channel.ButtonCallback, Payload: q.Data}
	if kb := q.Message.Markup; kb != nil {
		for _, row := range kb.Rows {
			for _, b := range row {
				if b.Data == q.Data {
					button.Text = b.Text
				}
			}
		}
	}
	u.Press = &channel.Press{AnswerID: q.ID, ExternalID: q.Message.external(in), Button: button}
	return []channel.Update{u}
}

// deletion decodes what was deleted in a business chat.
func (a *adapter) deletion(in incoming) []channel.Update {
	var d struct {
		message
		IDs []int64 `json:"message_ids"`
	}
	if lenient(in.body, &d) != nil || d.Chat == nil || d.Chat.ID == 0 || len(d.IDs) == 0 {
		return notice(channel.Update{}, noticeUnsupported, in.kind)
	}
	u := d.update()
	u.Deletion = &channel.Deletion{}
	for _, id := range d.IDs {
		u.Deletion.ExternalIDs = append(u.Deletion.ExternalIDs, strconv.FormatInt(id, 10))
	}
	return []channel.Update{u}
}

// connection decodes the state of a business connection. It concerns all of
// its chats: the chat's key is the prefix "bc:<connection>".
func (a *adapter) connection(in incoming) []channel.Update {
	var c struct {
		ID       string `json:"id"`
		User     *user  `json:"user"`
		Date     int64  `json:"date"`
		Enabled  bool   `json:"is_enabled"`
		CanReply bool   `json:"can_reply"` // before Bot API 9.0
		Rights   *struct {
			CanReply bool `json:"can_reply"`
		} `json:"rights"`
	}
	if lenient(in.body, &c) != nil || c.ID == "" {
		return notice(channel.Update{}, noticeUnsupported, in.kind)
	}
	may := c.Enabled && (c.CanReply || c.Rights != nil && c.Rights.CanReply)
	u := channel.Update{Chat: channel.Chat{Key: businessPrefix + c.ID}, At: seconds(c.Date), Sender: c.User.person()}
	u.Access = &channel.Access{CanReply: may}
	if !may {
		u.Access.Reason = channel.ReasonNoPermission
	}
	return []channel.Update{u}
}

// membership decodes a change of our own place in a chat: blocked by a person,
// removed from a group.
func (a *adapter) membership(in incoming) []channel.Update {
	var c struct {
		message
		New *struct {
			Status  string          `json:"status"`
			Member  bool            `json:"is_member"`
			CanSend json.RawMessage `json:"can_send_messages"`
		} `json:"new_chat_member"`
	}
	if lenient(in.body, &c) != nil || c.Chat == nil || c.Chat.ID == 0 || c.New == nil {
		return notice(channel.Update{}, noticeUnsupported, in.kind)
	}
	u := c.update()
	if a.ignored(c.Chat) {
		if c.New.Status == "left" || c.New.Status == "kicked" {
			return nil
		}
		return notice(channel.Update{At: u.At}, noticeGroup, c.Chat.Title)
	}
	switch c.New.Status {
	case "kicked", "left":
		u.Reach = &channel.Reach{Blocked: true, Reason: channel.ReasonChatGone}
		if c.Chat.private() {
			u.Reach.Reason = channel.ReasonBlocked
		}
	case "restricted":
		can := string(c.New.CanSend) == "true" && c.New.Member
		u.Access = &channel.Access{CanReply: can}
		if !can {
			u.Access.Reason = channel.ReasonNoPermission
		}
	case "member", "administrator", "creator":
		u.Reach = &channel.Reach{}
	default:
		return notice(u, noticeUnsupported, in.kind+": "+label(c.New.Status))
	}
	return []channel.Update{u}
}
