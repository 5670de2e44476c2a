package maxbot

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// Incoming is a message of a customer.
type Incoming struct {
	From int64 `json:"from"`
	// Chat is a group; zero means the customer's dialog with the bot.
	Chat   int64    `json:"chat,omitempty"`
	Text   string   `json:"text,omitempty"`
	Markup []Markup `json:"markup,omitempty"`
	Files  []File   `json:"files,omitempty"`
	// ReplyTo and ForwardOf name messages.
	ReplyTo   string `json:"reply_to,omitempty"`
	ForwardOf string `json:"forward_of,omitempty"`
	// Attachments are sent as they are, for kinds that have no field here.
	Attachments []m `json:"attachments,omitempty"`
}

// Send makes a customer write and tells the bot; the answer is the mid.
func (s *Server) Send(in Incoming) (string, error) {
	s.mu.Lock()
	c := s.who(in.From)
	chatID := in.Chat
	if chatID == 0 {
		chatID = c.dialog
		c.started, c.stopped, c.removed = true, false, false
	}
	if s.chats[chatID] == nil {
		s.mu.Unlock()
		return "", fmt.Errorf("max stand-in: no chat %d", chatID)
	}
	msg := s.newMessage(chatID, c.ID)
	msg.Text, msg.Markup, msg.ReplyTo, msg.ForwardOf = in.Text, in.Markup, in.ReplyTo, in.ForwardOf
	for _, f := range in.Files {
		stored := s.newFile(f.Kind)
		stored.File, stored.used = f, true
		if stored.MIME == "" {
			stored.MIME = "application/octet-stream"
		}
		msg.Attachments = append(msg.Attachments, s.attached(stored))
	}
	msg.Attachments = append(msg.Attachments, in.Attachments...)
	e := &Entry{Direction: "in", ID: msg.ID, Chat: chatID, Customer: c.ID, Type: msg.plain(), Text: msg.Text, ReplyTo: msg.ReplyTo, At: msg.At}
	s.record(e)
	body := m{"update_type": "message_created", "timestamp": msg.At.UnixMilli(), "message": s.render(msg)}
	if s.chats[chatID].kind == "dialog" {
		body["user_locale"] = c.Locale
	}
	s.mu.Unlock()
	return msg.ID, s.emit(chatID, msg.ID, e, body)
}

// SendText makes a customer write a text.
func (s *Server) SendText(from int64, text string, marks ...Markup) (string, error) {
	return s.Send(Incoming{From: from, Text: text, Markup: marks})
}

// SendFiles makes a customer send files, perhaps with a text.
func (s *Server) SendFiles(from int64, text string, files ...File) (string, error) {
	return s.Send(Incoming{From: from, Text: text, Files: files})
}

// SendReply makes a customer answer a message.
func (s *Server) SendReply(from int64, to, text string) (string, error) {
	return s.Send(Incoming{From: from, Text: text, ReplyTo: to})
}

// SendForward makes a customer forward a message; its body has no text of its
// own.
func (s *Server) SendForward(from int64, of string) (string, error) {
	return s.Send(Incoming{From: from, ForwardOf: of})
}

// SendSticker makes a customer send a sticker.
func (s *Server) SendSticker(from int64, code string) (string, error) {
	s.mu.Lock()
	sticker := m{"type": "sticker", "payload": m{"code": code, "url": s.base() + "/_media/avatar-sticker"}, "width": 512, "height": 512}
	s.mu.Unlock()
	return s.Send(Incoming{From: from, Attachments: []m{sticker}})
}

// SendLocation makes a customer send a point on the map.
func (s *Server) SendLocation(from int64, latitude, longitude float64) (string, error) {
	return s.Send(Incoming{From: from, Attachments: []m{{"type": "location", "latitude": latitude, "longitude": longitude}}})
}

// SendShare makes a customer send a link with its preview.
func (s *Server) SendShare(from int64, url, title string) (string, error) {
	return s.Send(Incoming{From: from, Attachments: []m{{"type": "share", "payload": m{"url": url}, "title": title}}})
}

// SendContact makes a customer send somebody's card, which proves nothing.
func (s *Server) SendContact(from int64, name, phone string) (string, error) {
	return s.Send(Incoming{From: from, Attachments: []m{{"type": "contact", "payload": m{"vcf_info": vcard(name, phone)}}}})
}

// ShareOwnContact makes a customer press request_contact: his own card with
// the hash that proves it, or with a forged one.
func (s *Server) ShareOwnContact(from int64, forged bool) (string, error) {
	s.mu.Lock()
	c := s.who(from)
	vcf := vcard(strings.TrimSpace(c.FirstName+" "+c.LastName), c.Phone)
	key := s.cfg.Token
	if forged {
		key = "another bot's token"
	}
	payload := m{"vcf_info": vcf, "hash": ContactHash(key, vcf), "max_info": c.user(s)}
	s.mu.Unlock()
	return s.Send(Incoming{From: from, Attachments: []m{{"type": "contact", "payload": payload}}})
}

// ContactHash is the hash of an answer to request_contact: HMAC-SHA-256 over
// the card, keyed with the bot's token, in hexadecimal.
func ContactHash(token, vcf string) string {
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write([]byte(vcf))
	return hex.EncodeToString(mac.Sum(nil))
}

func vcard(name, phone string) string {
	return "BEGIN:VCARD\r\nVERSION:3.0\r\nTEL;TYPE=cell:" + strings.TrimPrefix(phone, "+") + "\r\nFN:" + name + "\r\nEND:VCARD\r\n"
}

// SendVoice makes a customer record a native voice note. The platform tells
// bots that something came, and nothing else: no message, no chat, no id;
// the history omits it too.
func (s *Server) SendVoice(from int64) error {
	s.mu.Lock()
	c := s.who(from)
	c.started, c.stopped, c.removed = true, false, false
	now := s.Now()
	e := &Entry{Direction: "in", Chat: c.dialog, Customer: c.ID, Type: "voice", At: now}
	s.record(e)
	locale, dialog := c.Locale, c.dialog
	s.mu.Unlock()
	raw := fmt.Sprintf(`{"timestamp":%d,"user_locale":%q,"update_type":"message_created"}`, now.UnixMilli(), locale)
	return s.hand(&update{kind: "message_created", chat: dialog, body: []byte(raw), entry: e})
}

// EditMessage makes a customer change his message.
func (s *Server) EditMessage(id, text string) error {
	s.mu.Lock()
	msg := s.messages[id]
	if msg == nil || msg.Removed {
		s.mu.Unlock()
		return fmt.Errorf("max stand-in: no message %s", id)
	}
	msg.Text, msg.Markup = text, nil
	msg.Edits++
	s.note(id, func(e *Entry) { e.Text, e.Edited = text, true })
	body := m{"update_type": "message_edited", "timestamp": s.Now().UnixMilli(), "message": s.render(msg)}
	chatID := msg.Chat
	s.mu.Unlock()
	return s.emit(chatID, "edit:"+id, nil, body)
}

// RemoveMessage makes a customer delete his message.
func (s *Server) RemoveMessage(id string) error {
	s.mu.Lock()
	msg := s.messages[id]
	if msg == nil || msg.Removed {
		s.mu.Unlock()
		return fmt.Errorf("max stand-in: no message %s", id)
	}
	msg.Removed = true
	s.note(id, func(e *Entry) { e.Removed = true })
	body := m{"update_type": "message_removed", "timestamp": s.Now().UnixMilli(), "message_id": id, "chat_id": msg.Chat, "user_id": msg.From}
	chatID := msg.Chat
	s.mu.Unlock()
	return s.emit(chatID, "remove:"+id, nil, body)
}

// StartBot makes a customer press Start, perhaps with a link's payload.
func (s *Server) StartBot(user int64, payload string) error {
	return s.dialogEvent(user, "bot_started", func(c *customer, body m) {
		c.started, c.stopped, c.removed = true, false, false
		if payload != "" {
			body["payload"] = payload
		}
	})
}

// StopBot makes a customer stop the bot: it may not write to him any more.
func (s *Server) StopBot(user int64) error {
	return s.dialogEvent(user, "bot_stopped", func(c *customer, _ m) { c.stopped = true })
}

// RemoveDialog makes a customer delete the chat with the bot.
func (s *Server) RemoveDialog(user int64) error {
	return s.dialogEvent(user, "dialog_removed", func(c *customer, _ m) { c.removed = true })
}

// ClearDialog makes a customer wipe his history.
func (s *Server) ClearDialog(user int64) error {
	return s.dialogEvent(user, "dialog_cleared", func(*customer, m) {})
}

// Mute makes a customer switch notifications off until a time.
func (s *Server) Mute(user int64, until time.Time) error {
	return s.dialogEvent(user, "dialog_muted", func(_ *customer, body m) { body["muted_until"] = until.UnixMilli() })
}

// Unmute makes a customer switch them on again.
func (s *Server) Unmute(user int64) error {
	return s.dialogEvent(user, "dialog_unmuted", func(*customer, m) {})
}

func (s *Server) dialogEvent(user int64, kind string, change func(*customer, m)) error {
	s.mu.Lock()
	c := s.who(user)
	body := m{"update_type": kind, "timestamp": s.Now().UnixMilli(), "chat_id": c.dialog, "user": c.withPhoto(s), "user_locale": c.Locale}
	change(c, body)
	s.mu.Unlock()
	return s.emit(c.dialog, "", nil, body)
}

// GroupEvent tells of what somebody did in a group: bot_added, bot_removed,
// user_added, user_removed or chat_title_changed with a title.
func (s *Server) GroupEvent(kind string, chatID, user int64, title string) error {
	s.mu.Lock()
	c := s.who(user)
	g := s.chats[chatID]
	if g == nil {
		s.mu.Unlock()
		return fmt.Errorf("max stand-in: no chat %d", chatID)
	}
	body := m{"update_type": kind, "timestamp": s.Now().UnixMilli(), "chat_id": chatID, "user": c.withPhoto(s)}
	switch kind {
	case "bot_added":
		g.gone = false
	case "bot_removed":
		g.gone = true
	case "chat_title_changed":
		g.title, body["title"] = title, title
	case "user_added", "user_removed":
	default:
		s.mu.Unlock()
		return fmt.Errorf("max stand-in: no group event %s", kind)
	}
	if kind != "chat_title_changed" {
		body["is_channel"] = g.kind == "channel"
	}
	s.mu.Unlock()
	return s.emit(chatID, "", nil, body)
}
