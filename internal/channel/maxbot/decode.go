package maxbot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
)

// NoticeVoice tells that a customer recorded a native voice note: the platform
// says that something came and does not hand it over, not even from whom.
const NoticeVoice = "voice_not_handed_over"

// Notices about a chat or the channel.
const (
	noticeMuted   = "dialog_muted"
	noticeUnmuted = "dialog_unmuted"
	noticeCleared = "dialog_cleared"
	noticeTitle   = "chat_title_changed"
	noticeJoined  = "member_joined"
	noticeLeft    = "member_left"
	noticeUnknown = "unknown_update"
)

// Decode implements channel.Adapter.
func (a *adapter) Decode(raw channel.Raw) ([]channel.Update, error) {
	trimmed := bytes.TrimSpace(raw.Body)
	if len(trimmed) == 0 || trimmed[0] != '{' {
		return nil, fault.New(fault.Invalid, "channel.bad_update")
	}
	var list struct {
		Updates []json.RawMessage `json:"updates"`
	}
	if json.Unmarshal(trimmed, &list) == nil && len(list.Updates) > 0 {
		var out []channel.Update
		for i, one := range list.Updates {
			updates, err := a.decode(one, fmt.Sprintf("%s:%d", raw.Key, i))
			if err != nil {
				return nil, err
			}
			out = append(out, updates...)
		}
		return out, nil
	}
	return a.decode(trimmed, raw.Key)
}

// decode turns one update into what happened.
func (a *adapter) decode(body []byte, key string) ([]channel.Update, error) {
	u, err := decodeUpdate(body)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "channel.bad_update", err)
	}
	if u.Type == "" && u.Timestamp == 0 && !u.hasMessage() {
		return nil, fault.New(fault.Invalid, "channel.bad_update")
	}
	if u.group() && !a.settings.groups {
		return nil, nil
	}
	base := a.base(u)
	switch u.Type {
	case "message_created":
		return a.created(u, base, key), nil
	case "message_edited":
		return a.edited(u, base, key), nil
	case "message_removed":
		base.Deletion = &channel.Deletion{ExternalIDs: []string{string(u.MessageID)}}
		if u.MessageID == "" {
			base.Deletion = nil
			return unknown(u, base, key), nil
		}
	case "message_callback":
		return a.pressed(u, base, key), nil
	case "bot_started":
		// Whoever starts the bot, even anew, can be written to again.
		start := base
		base.Reach = &channel.Reach{}
		start.Start = &channel.Start{Payload: string(u.Payload)}
		return []channel.Update{base, start}, nil
	case "bot_stopped":
		base.Reach = &channel.Reach{Blocked: true, Reason: channel.ReasonBlocked}
	case "dialog_removed", "bot_removed":
		base.Reach = &channel.Reach{Blocked: true, Reason: channel.ReasonChatGone}
	case "bot_added":
		base.Access = &channel.Access{CanReply: true}
	case "dialog_muted":
		base.Notice = &channel.Notice{Code: noticeMuted}
		if until := u.Until.moment(); !until.IsZero() {
			base.Notice.Detail = until.Format(time.RFC3339)
		}
	case "dialog_unmuted":
		base.Notice = &channel.Notice{Code: noticeUnmuted}
	case "dialog_cleared":
		base.Notice = &channel.Notice{Code: noticeCleared}
	case "chat_title_changed":
		base.Chat.Title = string(u.Title)
		base.Notice = &channel.Notice{Code: noticeTitle, Detail: string(u.Title)}
	case "user_added":
		base.Notice = &channel.Notice{Code: noticeJoined, Detail: base.Sender.Name}
	case "user_removed":
		base.Notice = &channel.Notice{Code: noticeLeft, Detail: base.Sender.Name}
	default:
		return unknown(u, base, key), nil
	}
	return []channel.Update{base}, nil
}

// base is what all updates have: where, when and who.
func (a *adapter) base(u update) channel.Update {
	out := channel.Update{Chat: channel.Chat{Key: u.key(), Group: u.group()}, At: u.Timestamp.moment()}
	switch {
	case u.Callback.v != nil && u.Callback.v.User.v != nil:
		out.Sender = u.Callback.v.User.v.person(u.Locale)
	case u.User.v != nil:
		out.Sender = u.User.v.person(u.Locale)
	case u.Message.v != nil:
		out.Sender = u.Message.v.Sender.v.person(u.Locale)
	}
	if out.Sender.ID == "" && u.UserID != 0 {
		out.Sender = channel.Person{ID: u.UserID.String(), Language: string(u.Locale)}
	}
	return out
}

// created is a new message, or the sign of a voice note that is kept from us.
func (a *adapter) created(u update, base channel.Update, key string) []channel.Update {
	if !u.hasMessage() {
		base.Notice = &channel.Notice{Code: NoticeVoice}
		return []channel.Update{base}
	}
	if u.Message.v == nil {
		return unknown(u, base, key)
	}
	m := *u.Message.v
	if at := m.Timestamp.moment(); !at.IsZero() {
		base.At = at
	}
	msg := &channel.Message{ExternalID: string(m.Content.or().MID), Content: a.content(m)}
	if msg.ExternalID == "" {
		msg.ExternalID = key
	}
	if l := m.Link.v; l != nil && l.Type == "reply" {
		quoted := l.Content.or()
		msg.ReplyTo, msg.ReplyText = string(quoted.MID), string(quoted.Text)
	}
	if msg.Content.Empty() && len(msg.Content.Buttons) == 0 && msg.Content.Unsupported == "" {
		msg.Content.Unsupported = "empty message"
	}
	if me := a.me.Load(); base.Sender.Bot && (!base.Chat.Group || (me != nil && me.ID.String() == base.Sender.ID)) {
		msg.Own, msg.Echo = true, true // in a dialog the only bot is ours
	}
	if base.Chat.Key == "" || (base.Sender.ID == "" && !msg.Own) {
		return unknown(u, base, key)
	}
	base.Message = msg
	return []channel.Update{base}
}

func (a *adapter) edited(u update, base channel.Update, key string) []channel.Update {
	m := u.Message.or()
	mid := string(m.Content.or().MID)
	if mid == "" {
		return unknown(u, base, key)
	}
	base.Edit = &channel.Edit{ExternalID: mid, Content: a.content(m)}
	return []channel.Update{base}
}

// pressed is a press of a button of ours, whose message may be gone.
func (a *adapter) pressed(u update, base channel.Update, key string) []channel.Update {
	c := u.Callback.v
	if c == nil || c.ID == "" {
		return unknown(u, base, key)
	}
	if at := c.Timestamp.moment(); !at.IsZero() {
		base.At = at
	}
	press := &channel.Press{AnswerID: string(c.ID), Button: channel.Button{Kind: channel.ButtonCallback, Payload: string(c.Payload)}}
	if m := u.Message.v; m != nil {
		press.ExternalID = string(m.Content.or().MID)
		for _, row := range a.content(*m).Buttons {
			for _, b := range row {
				if b.Kind == channel.ButtonCallback && b.Payload == press.Button.Payload && press.Button.Text == "" {
					press.Button.Text = b.Text
				}
			}
		}
	}
	base.Press = press
	return []channel.Update{base}
}

// unknown keeps what cannot be understood visible: as a message where it is
// known whose, else as a notice about the channel.
func unknown(u update, base channel.Update, key string) []channel.Update {
	kind := string(u.Type)
	if kind == "" {
		kind = "message"
	}
	if base.Chat.Key == "" || base.Sender.ID == "" {
		base.Notice = &channel.Notice{Code: noticeUnknown, Detail: clip(kind)}
		return []channel.Update{base}
	}
	base.Message = &channel.Message{ExternalID: key, Content: channel.Content{Unsupported: clip(kind)}}
	return []channel.Update{base}
}

// clip bounds a stranger's name for something.
func clip(s string) string {
	if r := []rune(s); len(r) > 64 {
		return string(r[:64])
	}
	return s
}
