package maxbot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/channel"
)

// text is a string that may come as a number; anything else counts as absent,
// so that one odd field does not cost the message.
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	switch {
	case len(b) > 0 && b[0] == '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err //nolint:wrapcheck // a decoder's own error
		}
		*t = text(s)
	case len(b) > 0 && (b[0] == '-' || (b[0] >= '0' && b[0] <= '9')):
		*t = text(b)
	default:
		*t = ""
	}
	return nil
}

// number is an integer that may come as a string or be malformed, which
// counts as absent.
type number int64

// UnmarshalJSON implements json.Unmarshaler.
func (n *number) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(bytes.TrimSpace(b)), `"`)
	if v, err := strconv.ParseInt(s, 10, 64); err == nil {
		*n = number(v)
		return nil
	}
	if v, err := strconv.ParseFloat(s, 64); err == nil && v > -1e18 && v < 1e18 {
		*n = number(v)
		return nil
	}
	*n = 0
	return nil
}

func (n number) String() string { return strconv.FormatInt(int64(n), 10) }

// moment reads the platform's milliseconds.
func (n number) moment() time.Time {
	if n <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(n)).UTC()
}

// optional decodes a part that may be malformed; then it counts as absent.
type optional[T any] struct{ v *T }

// UnmarshalJSON implements json.Unmarshaler.
func (o *optional[T]) UnmarshalJSON(b []byte) error {
	var v *T
	if json.Unmarshal(b, &v) == nil {
		o.v = v
	}
	return nil
}

// The objects of https://dev.max.ru/docs-api/objects. The platform leaves out
// fields that its schema requires, so each may be absent.
type (
	update struct {
		Type      text               `json:"update_type"`
		Timestamp number             `json:"timestamp"`
		Locale    text               `json:"user_locale"`
		Raw       json.RawMessage    `json:"message"` // present or not is what tells a voice note
		Message   optional[message]  `json:"-"`
		Callback  optional[callback] `json:"callback"`
		ChatID    number             `json:"chat_id"`
		User      optional[user]     `json:"user"`
		UserID    number             `json:"user_id"`
		MessageID text               `json:"message_id"`
		Payload   text               `json:"payload"`
		Title     text               `json:"title"`
		Until     number             `json:"muted_until"`
	}
	user struct {
		ID        number `json:"user_id"`
		FirstName text   `json:"first_name"`
		LastName  text   `json:"last_name"`
		Name      text   `json:"name"`
		Username  text   `json:"username"`
		Bot       bool   `json:"is_bot"`
		Avatar    text   `json:"avatar_url"`
		FullSize  text   `json:"full_avatar_url"`
	}
	message struct {
		Sender    optional[user]      `json:"sender"`
		To        optional[recipient] `json:"recipient"`
		Timestamp number              `json:"timestamp"`
		Link      optional[link]      `json:"link"`
		Content   optional[body]      `json:"body"`
	}
	recipient struct {
		ChatID number `json:"chat_id"`
		Type   text   `json:"chat_type"`
		UserID number `json:"user_id"`
	}
	link struct {
		Type    text           `json:"type"`
		Sender  optional[user] `json:"sender"`
		ChatID  number         `json:"chat_id"`
		Content optional[body] `json:"message"`
	}
	body struct {
		MID         text                         `json:"mid"`
		Seq         number                       `json:"seq"`
		Text        text                         `json:"text"`
		Attachments optional[[]json.RawMessage]  `json:"attachments"`
		Markup      optional[[]optional[markup]] `json:"markup"`
	}
	markup struct {
		Type   text   `json:"type"`
		From   number `json:"from"`
		Length number `json:"length"`
		URL    text   `json:"url"`
		Link   text   `json:"user_link"`
		UserID number `json:"user_id"`
	}
	callback struct {
		ID        text           `json:"callback_id"`
		Timestamp number         `json:"timestamp"`
		Payload   text           `json:"payload"`
		User      optional[user] `json:"user"`
	}
	chatInfo struct {
		ID     number         `json:"chat_id"`
		Type   text           `json:"type"`
		Title  text           `json:"title"`
		Dialog optional[user] `json:"dialog_with_user"`
	}
)

// decodeUpdate reads one update; its message may be malformed, which is not
// the same as absent.
func decodeUpdate(raw []byte) (update, error) {
	var u update
	if err := json.Unmarshal(raw, &u); err != nil {
		return u, fmt.Errorf("decode update: %w", err)
	}
	if u.hasMessage() {
		_ = json.Unmarshal(u.Raw, &u.Message) // optional: never fails
	}
	return u, nil
}

// hasMessage says whether the update carries a message, readable or not.
func (u update) hasMessage() bool {
	raw := bytes.TrimSpace(u.Raw)
	return len(raw) > 0 && !bytes.Equal(raw, []byte("null"))
}

// or returns the value or an empty one.
func (o optional[T]) or() T {
	if o.v == nil {
		var zero T
		return zero
	}
	return *o.v
}

// person is a user in the words of the contract.
func (u *user) person(locale text) channel.Person {
	if u == nil || u.ID == 0 {
		return channel.Person{}
	}
	p := channel.Person{
		ID: u.ID.String(), Name: strings.TrimSpace(string(u.FirstName) + " " + string(u.LastName)),
		Username: string(u.Username), Language: string(locale), Bot: u.Bot,
	}
	if p.Name == "" {
		p.Name = string(u.Name)
	}
	for _, picture := range []text{u.FullSize, u.Avatar} {
		if strings.HasPrefix(string(picture), "http") {
			p.AvatarRef = urlRef(string(picture))
			break
		}
	}
	return p
}

// chatOfMID reads a chat's id from a message's: "mid." and sixteen hexadecimal
// digits each of chat and seq, as the recorded payloads show. Callbacks of
// dialogs come without their chat at times.
func chatOfMID(mid string) number {
	digits, ok := strings.CutPrefix(mid, "mid.")
	if !ok || len(digits) != 32 {
		return 0
	}
	chat, err := strconv.ParseUint(digits[:16], 16, 64)
	if err != nil {
		return 0
	}
	return number(chat) //nolint:gosec // the bits of an int64
}

// personPrefix marks the keys of chats that are known only by their person.
const personPrefix = "user:"

// key names the chat of an update.
func (u update) key() string {
	chat, person := u.ChatID, u.UserID
	if m := u.Message.v; m != nil {
		if chat == 0 {
			chat = m.To.or().ChatID
		}
		if chat == 0 {
			chat = chatOfMID(string(m.Content.or().MID))
		}
		if s := m.Sender.v; person == 0 && s != nil && !s.Bot {
			person = s.ID
		}
	}
	if c := u.Callback.v; c != nil && c.User.v != nil {
		person = c.User.v.ID
	}
	if u.User.v != nil && u.User.v.ID != 0 {
		person = u.User.v.ID
	}
	switch {
	case chat != 0:
		return chat.String()
	case person != 0:
		return personPrefix + person.String()
	}
	return ""
}

// group says whether an update is about a group or channel. Their ids are
// negative, those of dialogs positive.
func (u update) group() bool {
	if m := u.Message.v; m != nil && m.To.or().Type != "" {
		return m.To.or().Type != "dialog"
	}
	return strings.HasPrefix(u.key(), "-")
}
