package maxbot

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Message is a message as the platform keeps it, from either side.
type Message struct {
	ID   string    `json:"id"`
	Chat int64     `json:"chat"`
	Seq  int64     `json:"seq"`
	At   time.Time `json:"at"`
	// From is the sender's user id, the bot's for our own.
	From   int64    `json:"from"`
	Text   string   `json:"text,omitempty"`
	Markup []Markup `json:"markup,omitempty"`
	// Attachments are in the platform's form.
	Attachments []m    `json:"attachments,omitempty"`
	Format      string `json:"format,omitempty"`
	ReplyTo     string `json:"reply_to,omitempty"`
	ForwardOf   string `json:"forward_of,omitempty"`
	Removed     bool   `json:"removed,omitempty"`
	Edits       int    `json:"edits,omitempty"`
}

// Message returns one message; ok says whether it exists.
func (s *Server) Message(id string) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	msg := s.messages[id]
	if msg == nil {
		return Message{}, false
	}
	return *msg, true
}

// Messages lists a chat's messages that were not removed, oldest first.
func (s *Server) Messages(chat int64) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	for _, msg := range s.inChat(chat) {
		out = append(out, *msg)
	}
	return out
}

func (s *Server) inChat(chat int64) []*Message {
	var out []*Message
	for _, msg := range s.messages {
		if msg.Chat == chat && !msg.Removed {
			out = append(out, msg)
		}
	}
	slices.SortFunc(out, func(a, b *Message) int { return int(a.Seq - b.Seq) })
	return out
}

// newMessage stores a message; the caller holds the lock.
func (s *Server) newMessage(chatID, from int64) *Message {
	seq := s.nextSeq()
	msg := &Message{ID: mid(chatID, seq), Chat: chatID, Seq: seq, At: s.Now(), From: from}
	s.messages[msg.ID] = msg
	return msg
}

// sender is a message's author as the API names him.
func (s *Server) sender(id int64) m {
	if id == s.cfg.BotID {
		return s.botUser()
	}
	return s.who(id).user(s)
}

// body is a message's content as the API shows it. As recorded from the
// platform, what is absent is left out, not null.
func (msg *Message) body() m {
	out := m{"mid": msg.ID, "seq": msg.Seq, "text": msg.Text}
	if len(msg.Attachments) > 0 {
		out["attachments"] = msg.Attachments
	}
	if len(msg.Markup) > 0 {
		out["markup"] = msg.Markup
	}
	return out
}

// render is a message as the API shows it.
func (s *Server) render(msg *Message) m {
	c := s.chats[msg.Chat]
	recipient := m{"chat_id": msg.Chat, "chat_type": c.kind}
	if c.kind == "dialog" {
		recipient["user_id"] = s.cfg.BotID
		if msg.From == s.cfg.BotID {
			recipient["user_id"] = c.user
		}
	}
	out := m{"sender": s.sender(msg.From), "recipient": recipient, "timestamp": msg.At.UnixMilli(), "body": msg.body()}
	for kind, id := range map[string]string{"reply": msg.ReplyTo, "forward": msg.ForwardOf} {
		if other := s.messages[id]; other != nil {
			out["link"] = m{"type": kind, "sender": s.sender(other.From), "chat_id": other.Chat, "message": other.body()}
		}
	}
	return out
}

// attached is a file as an attachment of a message.
func (s *Server) attached(f *file) m {
	payload := m{"url": s.mediaURL(f), "token": f.token}
	out := m{"type": f.Kind, "payload": payload}
	switch f.Kind {
	case "image":
		payload["photo_id"] = f.id
	case "video":
		out["thumbnail"] = m{"url": s.base() + "/_media/avatar-thumbnail"}
		out["width"], out["height"], out["duration"] = f.Width, f.Height, f.Seconds
	case "audio":
		if f.Transcription != "" {
			out["transcription"] = f.Transcription
		}
	case "sticker":
		out["payload"], out["width"], out["height"] = m{"url": s.mediaURL(f), "code": "code" + f.token}, 512, 512
	case "file":
		out["filename"], out["size"] = f.Name, len(f.Data)
	}
	return out
}

func (s *Server) getMessages(r *http.Request) (any, error) {
	if ids := r.URL.Query().Get("message_ids"); ids != "" {
		return s.byIDs(strings.Split(ids, ","))
	}
	chatID, ok, err := number(r, "chat_id")
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, refuse(http.StatusBadRequest, "", "chat_id or message_ids is required")
	}
	count, ok, err := number(r, "count")
	if err != nil {
		return nil, err
	}
	if !ok {
		count = 50
	}
	if count < 1 || count > 100 {
		s.Violate("GET /messages: count %d", count)
		return nil, refuse(http.StatusBadRequest, "", "count out of range")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.reachable(chatID, 0); err != nil {
		return nil, err
	}
	list := []any{}
	for _, msg := range slices.Backward(s.inChat(chatID)) {
		if int64(len(list)) == count {
			break
		}
		list = append(list, s.render(msg))
	}
	return m{"messages": list}, nil
}

func (s *Server) byIDs(ids []string) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []any{}
	for _, id := range ids {
		if msg := s.messages[id]; msg != nil && !msg.Removed {
			list = append(list, s.render(msg))
		}
	}
	return m{"messages": list}, nil
}

func (s *Server) getMessage(r *http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	msg := s.messages[r.PathValue("message")]
	if msg == nil || msg.Removed {
		return nil, refuse(http.StatusNotFound, "message.not.found", "Message %s not found", r.PathValue("message"))
	}
	return s.render(msg), nil
}

// Action is something the bot was seen doing.
type Action struct {
	Chat   int64  `json:"chat"`
	Action string `json:"action"`
}

// Actions lists what the bot was seen doing.
func (s *Server) Actions() []Action {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.actions)
}

func (s *Server) postAction(r *http.Request) (any, error) {
	id, err := strconv.ParseInt(r.PathValue("chat"), 10, 64)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "", "chat: not a number")
	}
	var in struct {
		Action string `json:"action"`
	}
	if err := s.readJSON(r, "ActionRequestBody", &in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.reachable(id, 0); err != nil {
		return nil, err
	}
	s.actions = append(s.actions, Action{Chat: id, Action: in.Action})
	return success(), nil
}

// plain names what a message holds, for the ledger.
func (msg *Message) plain() string {
	var kinds []string
	for _, a := range msg.Attachments {
		if t, _ := a["type"].(string); t != "inline_keyboard" {
			kinds = append(kinds, t)
		}
	}
	if len(kinds) == 0 {
		return "text"
	}
	return strings.Join(kinds, "+")
}
