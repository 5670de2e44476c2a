package whatsapp

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"time"
)

// Message is one message of either side as the platform keeps it.
type Message struct {
	ID       string `json:"id"`
	Customer string `json:"customer"`
	// Business is true for messages that we sent.
	Business bool      `json:"business,omitempty"`
	Type     string    `json:"type"`
	Text     string    `json:"text,omitempty"`
	ReplyTo  string    `json:"reply_to,omitempty"`
	Opaque   string    `json:"opaque,omitempty"`
	Order    int       `json:"order"`
	At       time.Time `json:"at"`
	// Status is accepted, sent, delivered, read or failed; Code says why.
	Status string `json:"status,omitempty"`
	Code   int    `json:"code,omitempty"`
	// Read is true once the business marked a customer's message as read,
	// Typing once it showed typing along with that.
	Read   bool            `json:"read,omitempty"`
	Typing bool            `json:"typing,omitempty"`
	Body   json.RawMessage `json:"body,omitempty"`

	toUserID bool // sent to the scoped id rather than the phone
}

// Messages lists a customer's chat in order.
func (s *Server) Messages(customer string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.find(customer)
	if c == nil {
		return nil
	}
	var out []Message
	for _, e := range s.ledger.Entries() {
		if msg, ok := s.messages[e.ID]; ok && e.Customer == c.key {
			out = append(out, *msg)
		}
	}
	return out
}

// Message returns one message by its id.
func (s *Server) Message(id string) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	msg, ok := s.messages[id]
	if !ok {
		return Message{}, false
	}
	return *msg, true
}

// outgoing is a request to POST /{Phone-Number-ID}/messages.
type outgoing struct {
	Status        string `json:"status"`
	MessageID     string `json:"message_id"`
	Typing        any    `json:"typing_indicator"`
	To            string `json:"to"`
	Recipient     string `json:"recipient"`
	RecipientType string `json:"recipient_type"`
	Type          string `json:"type"`
	Opaque        string `json:"biz_opaque_callback_data"`
	Context       struct {
		MessageID string `json:"message_id"`
	} `json:"context"`
	Text struct {
		Body string `json:"body"`
	} `json:"text"`
	Image, Video, Audio, Document, Sticker *struct {
		ID, Link, Caption, Filename string
		Voice                       bool
	}
	Reaction struct {
		MessageID string `json:"message_id"`
		Emoji     string `json:"emoji"`
	} `json:"reaction"`
	Interactive interactive  `json:"interactive"`
	Template    sentTemplate `json:"template"`
	Location    struct {
		Name string `json:"name"`
	} `json:"location"`
	body []byte
}

// schemaOf names the schema of each type that can be sent.
func schemaOf(kind string) string {
	return map[string]string{
		"text": "TextMessage", "image": "ImageMessage", "video": "VideoMessage", "audio": "AudioMessage",
		"document": "DocumentMessage", "sticker": "StickerMessage", "location": "LocationMessage", "contacts": "ContactsMessage",
		"reaction": "ReactionMessage", "interactive": "InteractiveMessage", "template": "TemplateMessage",
	}[kind]
}

// postMessage takes a message, a reaction or a read receipt.
func (s *Server) postMessage(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		return refuse(100, "body: %v", err)
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		s.Violate("messages: Content-Type %q", r.Header.Get("Content-Type"))
		return refuse(100, "Unsupported content type")
	}
	var value any
	var out outgoing
	if err := json.Unmarshal(body, &value); err != nil {
		s.Violate("messages: not JSON: %v", err)
		return refuse(100, "body is not JSON")
	}
	if err := json.Unmarshal(body, &out); err != nil {
		s.Violate("messages: %v", err)
		return refuse(100, "Param type mismatch: %v", err)
	}
	out.body = body
	if out.Status != "" {
		return s.markRead(w, value, out)
	}
	if out.Type == "" {
		out.Type = "text"
	}
	if err := s.inspect(out, value); err != nil {
		s.Violate("messages: %s: %v", out.Type, err)
		return err
	}
	msg, to, e := s.accept(out)
	if e != nil {
		return e
	}
	contact := m{"input": out.To, "wa_id": to.Phone}
	if out.To == "" {
		contact = m{"input": out.Recipient, "user_id": to.UserID}
	} else if out.Recipient != "" {
		contact["user_id"] = to.UserID
	}
	s.writeJSON(w, http.StatusOK, "MessageResponsePayload", m{
		"messaging_product": "whatsapp", "contacts": []any{contact},
		"messages": []any{m{"id": msg.ID, "message_status": "accepted"}},
	})
	s.follow(msg)
	return nil
}

// markRead takes a read receipt, perhaps with a typing indicator.
func (s *Server) markRead(w http.ResponseWriter, value any, out outgoing) error {
	if err := s.contract.Check("MarkMessageRequestPayload", value); err != nil {
		s.Violate("read: %v", err)
		return refuse(100, "%v", err)
	}
	s.mu.Lock()
	s.Count("read")
	msg, ok := s.messages[out.MessageID]
	if ok && !msg.Business {
		msg.Read = true
		msg.Typing = msg.Typing || out.Typing != nil
	}
	s.mu.Unlock()
	if !ok || msg.Business {
		return refuse(131009, "message_id is not a message received by this number")
	}
	s.writeJSON(w, http.StatusOK, "MarkMessageResponsePayload", m{"success": true})
	return nil
}

// accept decides whether a well-formed message is taken, and takes it.
func (s *Server) accept(out outgoing) (*Message, *customer, *graphError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	if s.cfg.PerSecond > 0 && !s.rate.take(now, float64(s.cfg.PerSecond), float64(s.cfg.PerSecond)) {
		return nil, nil, refuse(130429, "Message failed to send because there were too many messages sent from this phone number in a short period of time")
	}
	key := out.To
	if key == "" {
		key = out.Recipient
	}
	to := s.who(key)
	if s.cfg.PairBurst > 0 && !to.pair.take(now, 1.0/6, float64(s.cfg.PairBurst)) {
		return nil, nil, refuse(131056, "Too many messages sent from the sender phone number to the same recipient phone number in a short period of time")
	}
	msg := &Message{
		Customer: to.key, Business: true, Type: out.Type, Text: out.shown(), ReplyTo: out.Context.MessageID, Opaque: out.Opaque,
		At: now, Status: "accepted", Body: out.body, toUserID: out.To == "",
	}
	if out.Type == "template" {
		if e := s.checkTemplate(out.Template); e != nil {
			return nil, nil, e
		}
		msg.Text = s.rendered(out.Template)
	} else if now.Sub(to.lastInbound) > 24*time.Hour {
		if !s.cfg.AsyncWindow {
			return nil, nil, refuse(131047, "Message failed to send because more than 24 hours have passed since the customer last replied to this number")
		}
		msg.Code = 131047
	}
	if out.Type == "reaction" {
		if _, ok := s.messages[out.Reaction.MessageID]; !ok {
			return nil, nil, refuse(131009, "reaction.message_id is not a message of this chat")
		}
		to.reactions[out.Reaction.MessageID] = out.Reaction.Emoji
	}
	if msg.Code == 0 {
		msg.Code = s.mediaFault(out)
	}
	if to.blocked || to.absent {
		msg.Code = 131026
	}
	if code := s.takeFailLater(); code != 0 {
		msg.Code = code
	}
	msg.ID = s.newID(to.key)
	to.order++
	msg.Order = to.order
	s.messages[msg.ID] = msg
	s.record(&Entry{
		Direction: "out", ID: msg.ID, Customer: to.key, UserID: to.UserID, Type: msg.Type, Text: msg.Text, ReplyTo: msg.ReplyTo,
		Opaque: msg.Opaque, Order: msg.Order, At: now, Delivered: msg.Code == 0,
	})
	return msg, to, nil
}

// follow sends the statuses that come after an accepted message.
func (s *Server) follow(msg *Message) {
	if msg.Code != 0 {
		_ = s.Status(msg.ID, "failed", msg.Code)
		return
	}
	if s.cfg.ManualStatuses || msg.Type == "reaction" {
		return
	}
	_ = s.Status(msg.ID, "sent", 0)
	_ = s.Status(msg.ID, "delivered", 0)
}

// Reaction is the business's reaction to a message, "" for none.
func (s *Server) Reaction(customer, messageID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.find(customer); c != nil {
		return c.reactions[messageID]
	}
	return ""
}

// bucket is a token bucket.
type bucket struct {
	tokens float64
	at     time.Time
}

func (b *bucket) take(now time.Time, perSecond, size float64) bool {
	if b.at.IsZero() {
		b.tokens = size
	} else {
		b.tokens = min(size, b.tokens+now.Sub(b.at).Seconds()*perSecond)
	}
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
