package telegram

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"
)

// Message is one message of either side as the platform keeps it.
type Message struct {
	ID int `json:"id"`
	// Chat is the chat as the ledger names it.
	Chat string `json:"chat"`
	// Bot is true for messages of the bot, Owner for those that the owner of
	// a business account wrote himself.
	Bot     bool      `json:"bot,omitempty"`
	Owner   bool      `json:"owner,omitempty"`
	From    int64     `json:"from,omitempty"`
	Type    string    `json:"type"`
	Text    string    `json:"text,omitempty"`
	ReplyTo int       `json:"reply_to,omitempty"`
	Quote   string    `json:"quote,omitempty"`
	Order   int       `json:"order"`
	At      time.Time `json:"at"`
	Edited  bool      `json:"edited,omitempty"`
	Deleted bool      `json:"deleted,omitempty"`
	Read    bool      `json:"read,omitempty"` // by readBusinessMessage
	// Reaction is the bot's own.
	Reaction string `json:"reaction,omitempty"`
	// Keyboard is the reply keyboard that came with it.
	Keyboard json.RawMessage `json:"keyboard,omitempty"`
	// Body is the message as updates carry it.
	Body json.RawMessage `json:"body,omitempty"`

	body      m
	place     place
	reactions map[int64]string
}

// box numbers the messages of an account: the bot's own private chats share
// one, each supergroup and each business account has its own.
type box struct {
	last     int
	messages map[int]*Message
}

func (b *box) take() int {
	b.last++
	return b.last
}

func (s *Server) box(key string) *box {
	b, ok := s.boxes[key]
	if !ok {
		b = &box{messages: map[int]*Message{}}
		s.boxes[key] = b
	}
	return b
}

func boxKey(conn string, chat int64) string {
	switch {
	case conn != "":
		return "bc:" + conn
	case chat > 0:
		return "private"
	}
	return strconv.FormatInt(chat, 10)
}

// laneOf groups the updates that arrive in order.
func laneOf(conn string, chat int64) string {
	id := strconv.FormatInt(chat, 10)
	if conn != "" {
		return "bc:" + conn + ":" + id
	}
	return id
}

// place is where a message stands.
type place struct {
	conn   string
	chat   int64
	topic  int
	direct bool // topic is one of a channel's direct messages
}

func (p place) key() string {
	key := laneOf(p.conn, p.chat)
	switch {
	case p.direct:
		key += ":dm:" + strconv.Itoa(p.topic)
	case p.topic != 0:
		key += ":" + strconv.Itoa(p.topic)
	}
	return key
}

func (p place) lane() string { return laneOf(p.conn, p.chat) }

// chat renders the chat of a place.
func (s *Server) chat(p place) m {
	if p.chat > 0 {
		return s.who(p.chat).chat()
	}
	return s.groups[p.chat].chat()
}

// store makes a message of a body with what its place demands, and keeps it.
func (s *Server) store(p place, from m, kind string, parts m) *Message {
	b := s.box(boxKey(p.conn, p.chat))
	id := b.take()
	now := s.Now()
	body := m{"message_id": id, "date": now.Unix(), "chat": s.chat(p), "from": from}
	if p.conn != "" {
		body["business_connection_id"] = p.conn
	}
	switch {
	case p.direct:
		topic := m{"topic_id": p.topic}
		if c, ok := s.customers[int64(p.topic)]; ok {
			topic["user"] = c.user()
		}
		body["direct_messages_topic"] = topic
	case p.topic != 0:
		body["message_thread_id"] = p.topic
		body["is_topic_message"] = true
	}
	maps.Copy(body, parts)
	key := p.key()
	s.orders[key]++
	msg := &Message{ID: id, Chat: key, Type: kind, Order: s.orders[key], At: now, body: body, place: p, reactions: map[int64]string{}}
	msg.Text = textOf(body)
	b.messages[id] = msg
	return msg
}

func textOf(body m) string {
	for _, name := range []string{"text", "caption"} {
		if text, ok := body[name].(string); ok {
			return text
		}
	}
	return ""
}

// find returns a message that is in the chat and not deleted.
func (s *Server) find(conn string, chat int64, id int) *Message {
	msg, ok := s.box(boxKey(conn, chat)).messages[id]
	if !ok || msg.place.chat != chat || msg.Deleted {
		return nil
	}
	return msg
}

// quoted renders a message as another one's reply_to_message.
func (msg *Message) quoted() m {
	out := maps.Clone(msg.body)
	delete(out, "reply_to_message")
	return out
}

func (msg *Message) export() Message {
	out := *msg
	out.Body, _ = json.Marshal(msg.body) //nolint:errchkjson // made of plain values
	return out
}

// Messages lists a chat in order, deleted ones included. The chat is named as
// in the ledger.
func (s *Server) Messages(chat string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	for _, b := range s.boxes {
		for _, msg := range b.messages {
			if msg.Chat == chat {
				out = append(out, msg.export())
			}
		}
	}
	slices.SortFunc(out, func(a, b Message) int { return a.Order - b.Order })
	return out
}

// Message returns one message of a chat by its id.
func (s *Server) Message(chat string, id int) (Message, bool) {
	for _, msg := range s.Messages(chat) {
		if msg.ID == id {
			return msg, true
		}
	}
	return Message{}, false
}
